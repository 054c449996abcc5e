package simulator

import (
	"fmt"
	"slices"
	"time"
)

// What a project has beside its clusters. A restore needs none of it: it is there because
// a project's links lead to it, and because tools that manage a project read it first. It
// is small, and nothing changes it.

// found is the one of a project's things to which a path leads, or a list of them.
type found struct {
	of   func(c *call, p *project) []object
	code string // of the refusal of what is not there
	what string
}

func (f found) list(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	all := f.of(c, p)
	return c.list(len(all), func(i int) object { return all[i] })
}

// get finds the one whose members are those parts of the path.
func (f found) get(c *call, parts map[string]string) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	all := f.of(c, p)
	i := slices.IndexFunc(all, func(o object) bool {
		for member, part := range parts {
			if o[member] != c.r.PathValue(part) {
				return false
			}
		}
		return true
	})
	if i < 0 {
		return nil, refuse(404, f.code, fmt.Sprintf("No %s of that name or ID exists in group %s.", f.what, p.ID), p.ID)
	}
	return all[i], nil
}

var (
	containers    = found{(*call).containers, "CONTAINER_NOT_FOUND", "network peering container"}
	databaseUsers = found{(*call).databaseUsers, "USER_NOT_FOUND", "database user"}
	alerts        = found{(*call).alerts, "ALERT_NOT_FOUND", "alert"}
)

func listAllContainers(c *call) (any, error) { return containers.list(c) }
func listDatabaseUsers(c *call) (any, error) { return databaseUsers.list(c) }
func listPeers(c *call) (any, error) {
	return found{of: func(*call, *project) []object { return nil }}.list(c)
}

func getContainer(c *call) (any, error) {
	return containers.get(c, map[string]string{"id": "containerId"})
}

func getDatabaseUser(c *call) (any, error) {
	return databaseUsers.get(c, map[string]string{"databaseName": "databaseName", "username": "username"})
}

func getAlert(c *call) (any, error) { return alerts.get(c, map[string]string{"id": "alertId"}) }

// listContainers lists those of one provider; AWS if none is named.
func listContainers(c *call) (any, error) {
	provider := "AWS"
	if c.r.URL.Query().Has("providerName") {
		provider = c.r.URL.Query().Get("providerName")
	}
	one := containers
	one.of = func(c *call, p *project) []object {
		return slices.DeleteFunc(c.containers(p), func(o object) bool { return o["providerName"] != provider })
	}
	return one.list(c)
}

// containers are the networks in which a project's dedicated clusters stand: one for each
// region of AWS and Azure, one for all of GCP.
func (c *call) containers(p *project) []object {
	var out []object
	seen := map[string]bool{}
	for _, x := range p.family(false) {
		where := x.Provider + " " + x.Region
		if x.Provider == "GCP" {
			where = x.Provider
		}
		if x.tenant() || seen[where] {
			continue
		}
		seen[where] = true
		o := object{
			"atlasCidrBlock": fmt.Sprintf("192.168.%d.0/21", 248-8*len(out)),
			"id":             c.w.dice.id(x.Created, "container", p.ID, where),
			"providerName":   x.Provider,
			"provisioned":    true,
		}
		switch name := c.w.dice.text(hexes, 17, "network", p.ID, where); x.Provider {
		case "AWS":
			o["regionName"], o["vpcId"] = x.Region, "vpc-"+name
		case "AZURE":
			o["region"], o["azureSubscriptionId"], o["vnetName"] = x.Region, c.w.dice.uuid("subscription"), "vnet_"+name
		default:
			o["gcpProjectId"], o["networkName"], o["regions"] = "p-"+name, "nt-"+name, []string{}
		}
		out = append(out, o)
	}
	return out
}

// databaseUsers are one that writes, and one that reads the first cluster.
func (c *call) databaseUsers(p *project) []object {
	user := func(name, role string, scopes ...object) object {
		return object{
			"awsIAMType":   "NONE",
			"databaseName": "admin",
			"groupId":      p.ID,
			"labels":       []object{},
			"ldapAuthType": "NONE",
			"links":        []object{link(c.groupURL(p)+"/databaseUsers/admin/"+name, "self")},
			"oidcAuthType": "NONE",
			"roles":        []object{{"databaseName": "admin", "roleName": role}},
			"scopes":       append([]object{}, scopes...),
			"username":     name,
			"x509Type":     "NONE",
		}
	}
	out := []object{user("application", "readWriteAnyDatabase")}
	if len(p.clusters) > 0 {
		out = append(out, user("reports", "readAnyDatabase", object{"name": p.clusters[0].Name, "type": "CLUSTER"}))
	}
	return out
}

// listAlerts lists the alerts, of one status if that is asked for.
func listAlerts(c *call) (any, error) {
	status := c.r.URL.Query().Get("status")
	if status != "" && !slices.Contains([]string{"OPEN", "TRACKING", "CLOSED"}, status) {
		return nil, invalidQuery("status", status)
	}
	of := alerts
	of.of = func(c *call, p *project) []object {
		return slices.DeleteFunc(c.alerts(p), func(o object) bool { return status != "" && o["status"] != status })
	}
	return of.list(c)
}

// alerts are one of the past for each healthy dedicated cluster: a server was away for
// some minutes.
func (c *call) alerts(p *project) []object {
	var out []object
	for _, x := range p.family(false) {
		if x.tenant() || x.state(c.now) == "CREATING" {
			continue
		}
		from := c.w.start.Add(-time.Duration(c.w.dice.below(20*86400, "alert", x.ID)) * time.Second)
		id := c.w.dice.id(from, "alert", x.ID)
		out = append(out, object{
			"alertConfigId":   c.w.dice.id(p.Created, "alert config", p.ID),
			"clusterName":     x.Name,
			"created":         stamp(from),
			"eventTypeName":   "HOST_DOWN",
			"groupId":         p.ID,
			"hostnameAndPort": hosts(x)[0],
			"id":              id,
			"lastNotified":    stamp(from.Add(time.Minute)),
			"links":           []object{link(c.groupURL(p)+"/alerts/"+id, "self")},
			"orgId":           c.w.org,
			"replicaSetName":  x.Deployment + "-shard-0",
			"resolved":        stamp(from.Add(4 * time.Minute)),
			"status":          "CLOSED",
			"updated":         stamp(from.Add(4 * time.Minute)),
		})
	}
	return out
}
