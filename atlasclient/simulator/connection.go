package simulator

import (
	"fmt"
	"strings"
)

// connectionStrings lead nowhere: their domain is one that is reserved for examples. A
// cluster whose project has a private endpoint there has private ones too.
func (c *call) connectionStrings(x *cluster) object {
	out := object{"awsPrivateLinkSrv": object{}, "privateEndpoint": []object{}}
	if x.state(c.now) == "CREATING" {
		return out
	}
	out["standard"], out["standardSrv"] = standard(x), srv(x)
	p := x.project
	if p.Endpoint == "" || p.EndpointRegion != x.Region || x.Provider != "AWS" {
		return out
	}
	private := func(s, infix string) string { return strings.ReplaceAll(s, "."+domain(x), infix+"."+domain(x)) }
	out["private"], out["privateSrv"] = private(standard(x), "-pri"), private(srv(x), "-pri")
	endpoint := object{
		"connectionString":    private(standard(x), "-pl-0"),
		"endpoints":           []object{{"endpointId": p.Endpoint, "providerName": "AWS", "region": p.EndpointRegion}},
		"srvConnectionString": private(srv(x), "-pl-0"),
		"type":                "MONGOD",
	}
	if x.sharded() {
		endpoint["type"], endpoint["srvShardOptimizedConnectionString"] = "MONGOS", private(srv(x), "-pl-0-lb")
	}
	out["privateEndpoint"] = []object{endpoint}
	return out
}

func domain(x *cluster) string { return strings.TrimPrefix(x.Deployment, "atlas-") + ".example.net" }

func srv(x *cluster) string { return "mongodb+srv://" + strings.ToLower(x.Name) + "." + domain(x) }

// hosts are the addresses to which a client connects, three of each shard.
func hosts(x *cluster) []string {
	port := 27017
	if x.sharded() {
		port = 27016 // of the routers
	}
	var out []string
	for shard := range x.Shards {
		for node := range 3 {
			out = append(out, fmt.Sprintf("%s-shard-%02d-%02d.%s:%d", strings.ToLower(x.Name), shard, node, domain(x), port))
		}
	}
	return out
}

func standard(x *cluster) string {
	out := "mongodb://" + strings.Join(hosts(x), ",") + "/?ssl=true&authSource=admin"
	if !x.sharded() {
		out += "&replicaSet=" + x.Deployment + "-shard-0"
	}
	return out
}
