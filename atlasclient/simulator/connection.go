package simulator

import (
	"fmt"
	"strings"
	"time"
)

// connectionStrings lead nowhere: their domain is one that is reserved for examples.
func connectionStrings(x *cluster, now time.Time) object {
	out := object{"awsPrivateLinkSrv": object{}, "privateEndpoint": []object{}}
	if x.state(now) == "CREATING" {
		return out
	}
	out["standard"], out["standardSrv"] = standard(x), srv(x)
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
