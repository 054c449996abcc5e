package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

func listClusters(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	all, no := flag(c.r.URL.Query(), "includeDeletedWithRetainedBackups", false)
	if no != nil {
		return nil, no
	}
	dedicated := p.family(false)
	if all {
		dedicated = append(dedicated, p.terminated...)
	}
	return c.list(len(dedicated), func(i int) object { return c.describe(dedicated[i]) })
}

func getCluster(c *call) (any, error) {
	found, err := c.cluster()
	if err != nil {
		return nil, err
	}
	return c.describe(found), nil
}

func getClusterStatus(c *call) (any, error) {
	found, err := c.cluster()
	if err != nil {
		return nil, err
	}
	status := "APPLIED"
	if found.state(c.now) != "IDLE" {
		status = "PENDING"
	}
	return object{"changeStatus": status, "links": []object{link(c.self(), "self")}}, nil
}

func (c *call) clusterURL(x *cluster) string {
	return c.groupURL(x.project) + "/clusters/" + x.Name
}

// describe is the cluster in the shape of the resolved version.
func (c *call) describe(x *cluster) object {
	url := c.clusterURL(x)
	out := object{
		"backupEnabled":                    x.BackupEnabled,
		"biConnector":                      object{"enabled": false, "readPreference": "secondary"},
		"clusterType":                      x.Type,
		"connectionStrings":                c.connectionStrings(x),
		"createDate":                       stamp(x.Created),
		"diskWarmingMode":                  "FULLY_WARMED",
		"encryptionAtRestProvider":         x.Encryption,
		"globalClusterSelfManagedSharding": false,
		"groupId":                          x.project.ID,
		"id":                               x.ID,
		"labels":                           []object{},
		"links": []object{
			link(url, "self"),
			link(url+"/backup/restoreJobs", cloudRel("restoreJobs")),
			link(url+"/backup/snapshots", cloudRel("snapshots")),
		},
		"mongoDBMajorVersion":          majorText(x.MongoDBVersion),
		"mongoDBVersion":               x.MongoDBVersion,
		"name":                         x.Name,
		"paused":                       x.Paused,
		"pitEnabled":                   x.PITEnabled,
		"rootCertType":                 "ISRGROOTX1",
		"stateName":                    x.state(c.now),
		"tags":                         []object{},
		"terminationProtectionEnabled": strings.HasSuffix(x.Name, "-prod"),
		"versionReleaseSystem":         "LTS",
	}
	if !x.tenant() {
		out["advancedConfiguration"] = object{
			"customOpensslCipherConfigTls12": []string{}, "customOpensslCipherConfigTls13": []string{},
			"minimumEnabledTlsProtocol": "TLS1_2", "tlsCipherConfigMode": "DEFAULT",
		}
	}
	if x.sharded() {
		out["configServerType"] = x.ConfigServerType
		out["configServerManagementMode"] = "ATLAS_MANAGED"
		if x.ConfigServerType == "DEDICATED" {
			out["configServerManagementMode"] = "FIXED_TO_DEDICATED"
		}
	}
	switch c.version {
	case "2023-01-01":
		c.describe2023January(x, out)
	case "2023-02-01":
		out["diskSizeGB"] = gigabytes(x.DiskSizeGB)
		out["replicationSpecs"] = c.zones(x)
	default:
		out["adaptiveCapacity"] = nil
		out["effectiveDatabaseEdition"] = "CORE"
		out["featureCompatibilityVersion"] = majorText(x.MongoDBVersion)
		if until := c.w.start.Add(daysOf(28)); x.PinnedFCV != "" && c.now.Before(until) {
			out["featureCompatibilityVersion"] = x.PinnedFCV
			out["featureCompatibilityVersionExpirationDate"] = stamp(until)
		}
		out["internalClusterRole"] = "NONE"
		out["redactClientLogData"] = false
		out["replicationSpecs"] = c.shards(x, true)
		out["effectiveReplicationSpecs"] = c.shards(x, false)
		out["retainBackups"] = false
	}
	return out
}

// describe2023January adds what the oldest shape has of its own.
func (c *call) describe2023January(x *cluster, out object) {
	provider := object{"providerName": x.Provider, "instanceSizeName": x.InstanceSize, "regionName": x.Region}
	if x.tenant() {
		provider["backingProviderName"] = "AWS"
	}
	out["diskSizeGB"] = gigabytes(max(10, x.DiskSizeGB))
	out["numShards"] = x.Shards
	out["providerBackupEnabled"] = x.BackupEnabled
	out["providerSettings"] = provider
}

// shards is the replication of the 2024-08-05 shape: one element for each shard.
func (c *call) shards(x *cluster, withEffective bool) []object {
	out := []object{}
	for i := range x.Shards {
		region := regionConfig(x)
		if !x.tenant() {
			for name, nodes := range map[string]int{"electable": 3, "readOnly": 0, "analytics": 0} {
				region[name+"Specs"] = hardware(x, nodes, true)
				if withEffective {
					region["effective"+strings.ToUpper(name[:1])+name[1:]+"Specs"] = hardware(x, nodes, true)
				}
			}
		} else {
			region["electableSpecs"] = object{"instanceSize": x.InstanceSize, "effectiveInstanceSize": x.InstanceSize, "diskSizeGB": gigabytes(x.DiskSizeGB)}
		}
		zone := zoneOf(x, i)
		out = append(out, object{
			"id":            c.w.dice.id(x.Created, "shard", x.ID, i),
			"regionConfigs": regions(x, region),
			"zoneId":        c.w.dice.id(x.Created, "zone", x.ID, zone),
			"zoneName":      fmt.Sprintf("Zone %d", zone),
		})
	}
	return out
}

// zones is the replication of the 2023-02-01 shape: one element for each zone, with
// the number of its shards and no disk.
func (c *call) zones(x *cluster) []object {
	zones := 1
	if x.Type == "GEOSHARDED" {
		zones = x.Shards
	}
	out := []object{}
	for i := range zones {
		region := regionConfig(x)
		if x.tenant() {
			region["electableSpecs"] = object{"instanceSize": x.InstanceSize, "effectiveInstanceSize": x.InstanceSize}
		} else {
			for name, nodes := range map[string]int{"electableSpecs": 3, "readOnlySpecs": 0, "analyticsSpecs": 0} {
				region[name] = hardware(x, nodes, false)
			}
		}
		zone := zoneOf(x, i)
		out = append(out, object{
			"id":            c.w.dice.id(x.Created, "replication", x.ID, i),
			"numShards":     x.Shards / zones,
			"regionConfigs": regions(x, region),
			"zoneId":        c.w.dice.id(x.Created, "zone", x.ID, zone),
			"zoneName":      fmt.Sprintf("Zone %d", zone),
		})
	}
	return out
}

// zoneOf is the zone of a shard: a global cluster has one for each.
func zoneOf(x *cluster, shard int) int {
	if x.Type == "GEOSHARDED" {
		return shard + 1
	}
	return 1
}

// regions are the regions of a shard: its home, and of a multi-cloud cluster one of the other
// provider, which comes after it.
func regions(x *cluster, home object) []object {
	if x.AlsoOn == "" {
		return []object{home}
	}
	second := maps.Clone(home)
	second["providerName"], second["priority"] = x.AlsoOn, 6
	second["regionName"] = map[string]string{"GCP": "WESTERN_EUROPE", "AZURE": "EUROPE_WEST", "AWS": "EU_WEST_1"}[x.AlsoOn]
	return []object{home, second}
}

func regionConfig(x *cluster) object {
	out := object{"priority": 7, "providerName": x.Provider, "regionName": x.Region}
	if x.tenant() {
		out["backingProviderName"] = "AWS"
		return out
	}
	out["autoScaling"] = autoScaling(x)
	if scales(x) { // analytics nodes are scaled apart
		out["analyticsAutoScaling"] = autoScaling(x)
	}
	return out
}

// scales says whether the servers of a cluster grow and shrink by themselves: large ones.
func scales(x *cluster) bool { return x.InstanceSize == "M50" }

// autoScaling is that of the disk, and on the larger clusters of the servers too, between
// bounds that are told only then.
func autoScaling(x *cluster) object {
	compute := object{"enabled": false, "scaleDownEnabled": false}
	if scales(x) {
		compute = object{"enabled": true, "scaleDownEnabled": true, "minInstanceSize": "M40", "maxInstanceSize": "M80"}
	}
	return object{"compute": compute, "diskGB": object{"enabled": !strings.HasPrefix(x.InstanceSize, "M10")}}
}

// gigabytes are written with their fraction even if it is zero, as Atlas does.
func gigabytes(n float64) json.RawMessage {
	return json.RawMessage(strconv.FormatFloat(n, 'f', 1, 64))
}

func hardware(x *cluster, nodes int, disk bool) object {
	out := object{"instanceSize": x.InstanceSize, "nodeCount": nodes}
	if disk {
		out["diskSizeGB"] = gigabytes(x.DiskSizeGB)
	}
	if x.Provider == "AWS" {
		out["diskIOPS"], out["ebsVolumeType"] = 3000, "STANDARD"
	}
	return out
}
