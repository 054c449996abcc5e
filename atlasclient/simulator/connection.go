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
	domain := strings.TrimPrefix(x.Deployment, "atlas-") + ".example.net"
	port := 27017
	if x.sharded() {
		port = 27016 // of the routers
	}
	hosts := []string{}
	for shard := range x.Shards {
		for node := range 3 {
			hosts = append(hosts, fmt.Sprintf("%s-shard-%02d-%02d.%s:%d", strings.ToLower(x.Name), shard, node, domain, port))
		}
	}
	standard := "mongodb://" + strings.Join(hosts, ",") + "/?ssl=true&authSource=admin"
	if !x.sharded() {
		standard += "&replicaSet=" + x.Deployment + "-shard-0"
	}
	out["standard"] = standard
	out["standardSrv"] = "mongodb+srv://" + strings.ToLower(x.Name) + "." + domain
	return out
}
