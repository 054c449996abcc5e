package simulator

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// AccessEntry is an entry of a project's IP access list.
type AccessEntry struct {
	CIDR          string    // "203.0.113.0/24"; empty: it is a security group
	SecurityGroup string    // of AWS: "sg-0123"
	Comment       string    // may be empty
	ExpiresAt     time.Time // zero: it stays
}

// listAccess answers GET …/accessList. Entries whose time is over are gone.
func listAccess(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	entries := c.accessList(p)
	return c.list(len(entries), func(i int) object { return c.accessEntry(p, entries[i]) })
}

// accessList are the entries of a project that are in force.
func (c *call) accessList(p *project) []AccessEntry {
	var entries []AccessEntry
	if !p.Unlisted {
		entries = append(entries, AccessEntry{CIDR: "127.0.0.1/32", Comment: "here"}) // where the simulator and its clients are
	}
	for _, e := range p.AccessList {
		if e.ExpiresAt.IsZero() || c.now.Before(e.ExpiresAt) {
			entries = append(entries, e)
		}
	}
	return entries
}

// getAccess finds the entry that the path names: by its block, its address, or its
// security group.
func getAccess(c *call) (any, error) {
	p, e, err := c.pathAccess()
	if err != nil {
		return nil, err
	}
	return c.accessEntry(p, e), nil
}

func getAccessStatus(c *call) (any, error) {
	if _, _, err := c.pathAccess(); err != nil {
		return nil, err
	}
	return object{"STATUS": "ACTIVE"}, nil
}

func (c *call) pathAccess() (*project, AccessEntry, error) {
	p, err := c.project()
	if err != nil {
		return nil, AccessEntry{}, err
	}
	value := c.r.PathValue("entryValue")
	for _, e := range c.accessList(p) {
		if value == e.SecurityGroup && value != "" || value == e.CIDR || value+"/32" == e.CIDR {
			return p, e, nil
		}
	}
	return nil, AccessEntry{}, refuse(404, "ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND",
		fmt.Sprintf("IP Address %s not on Atlas access list for group %s.", value, p.ID), value, p.ID)
}

func (c *call) accessEntry(p *project, e AccessEntry) object {
	value := cmp.Or(e.SecurityGroup, e.CIDR)
	out := object{
		"comment": e.Comment, "groupId": p.ID,
		"links": []object{link(c.groupURL(p)+"/accessList/"+strings.ReplaceAll(value, "/", "%2F"), "self")},
	}
	if e.SecurityGroup != "" {
		out["awsSecurityGroup"] = e.SecurityGroup
	} else {
		out["cidrBlock"] = e.CIDR
	}
	if ip, single := strings.CutSuffix(e.CIDR, "/32"); single {
		out["ipAddress"] = ip
	}
	if !e.ExpiresAt.IsZero() {
		out["deleteAfterDate"] = stamp(e.ExpiresAt)
	}
	return out
}

// listEndpointServices answers GET …/privateEndpoint/{cloudProvider}/endpointService: a bare
// array.
func listEndpointServices(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	out := []object{}
	switch provider := c.r.PathValue("cloudProvider"); {
	case provider != "AWS" && provider != "AZURE" && provider != "GCP":
		return nil, refuse(400, "INVALID_ENUM_VALUE", "The path parameter cloudProvider is none of AWS, AZURE and GCP.", "cloudProvider", provider)
	case provider == "AWS" && p.Endpoint != "":
		out = append(out, object{
			"cloudProvider": "AWS", "endpointServiceName": "com.amazonaws.vpce." + strings.ToLower(strings.ReplaceAll(p.EndpointRegion, "_", "-")) + ".vpce-svc-" + c.w.dice.text(hexes, 17, "endpoint service", p.ID),
			"id": c.w.dice.id(p.Created, "endpoint service", p.ID), "interfaceEndpoints": []string{p.Endpoint},
			"regionName": p.EndpointRegion, "status": "AVAILABLE",
		})
	}
	return out, nil
}
