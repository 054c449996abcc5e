package simulator

import (
	"fmt"
	"time"
)

// Flex clusters are a family of their own: the two lists of clusters are disjoint,
// and whatever belongs to a cluster of the other family is refused. They stand in
// the world among the others all the same, since names are unique in a project and
// a flex snapshot can go onto a dedicated replica set.

func (c Cluster) flex() bool { return c.Provider == "FLEX" }

// family are the project's clusters that are flex, or those that are not.
func (p *project) family(flex bool) []*cluster {
	out := make([]*cluster, 0, len(p.clusters))
	for _, c := range p.clusters {
		if c.flex() == flex {
			out = append(out, c)
		}
	}
	return out
}

// flexCluster is the cluster that the path names, if it is flex.
func (c *call) flexCluster() (*cluster, error) {
	found, err := c.named()
	if err == nil && !found.flex() {
		return nil, refuse(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
			fmt.Sprintf("Cannot use non-flex cluster %s in the flex API.", found.Name), found.Name)
	}
	return found, err
}

func notInClusterAPI(x *cluster) *refusal {
	return refuse(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
		fmt.Sprintf("Flex cluster %s cannot be used in the Cluster API.", x.Name), x.Name)
}

func listFlex(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	flex := p.family(true)
	return c.list(len(flex), func(i int) object { return c.describeFlex(flex[i]) })
}

func getFlex(c *call) (any, error) {
	x, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	return c.describeFlex(x), nil
}

// describeFlex has no links: the schema knows them, real answers have none.
func (c *call) describeFlex(x *cluster) object {
	return object{
		"backupSettings":    object{"enabled": x.BackupEnabled},
		"clusterType":       x.Type,
		"connectionStrings": flexConnectionStrings(x, c.now),
		"createDate":        stamp(x.Created),
		"groupId":           x.project.ID,
		"id":                x.ID,
		"mongoDBVersion":    x.MongoDBVersion,
		"name":              x.Name,
		"providerSettings": object{
			"backingProviderName": "AWS",
			"diskSizeGB":          gigabytes(x.DiskSizeGB),
			"providerName":        x.Provider,
			"regionName":          x.Region,
		},
		"stateName":                    x.state(c.now),
		"tags":                         []object{},
		"terminationProtectionEnabled": false,
		"versionReleaseSystem":         "LTS",
	}
}

// flexConnectionStrings are fewer than those of a dedicated cluster, but one of them
// is there from the beginning.
func flexConnectionStrings(x *cluster, now time.Time) object {
	out := object{"standardSrv": srv(x)}
	if x.state(now) != "CREATING" {
		out["standard"] = standard(x)
	}
	return out
}
