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

func standard(x *cluster) string {
	port := 27017
	if x.sharded() {
		port = 27016 // of the routers
	}
	hosts := []string{}
	for shard := range x.Shards {
		for node := range 3 {
			hosts = append(hosts, fmt.Sprintf("%s-shard-%02d-%02d.%s:%d", strings.ToLower(x.Name), shard, node, domain(x), port))
		}
	}
	out := "mongodb://" + strings.Join(hosts, ",") + "/?ssl=true&authSource=admin"
	if !x.sharded() {
		out += "&replicaSet=" + x.Deployment + "-shard-0"
	}
	return out
}
