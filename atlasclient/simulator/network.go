package simulator

import (
	"strings"
	"time"
)

// AccessEntry is an entry of a project's IP access list.
type AccessEntry struct {
	CIDR      string    // "203.0.113.0/24"
	Comment   string    // may be empty
	ExpiresAt time.Time // zero: it stays
}

// listAccess answers GET …/accessList. Entries whose time is over are gone.
func listAccess(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	var entries []AccessEntry
	if !p.Unlisted {
		entries = append(entries, AccessEntry{CIDR: "127.0.0.1/32", Comment: "here"}) // where the simulator and its clients are
	}
	for _, e := range p.AccessList {
		if e.ExpiresAt.IsZero() || c.now.Before(e.ExpiresAt) {
			entries = append(entries, e)
		}
	}
	return c.list(len(entries), func(i int) object {
		e := entries[i]
		out := object{
			"cidrBlock": e.CIDR, "comment": e.Comment, "groupId": p.ID,
			"links": []object{link(c.groupURL(p)+"/accessList/"+strings.ReplaceAll(e.CIDR, "/", "%2F"), "self")},
		}
		if ip, single := strings.CutSuffix(e.CIDR, "/32"); single {
			out["ipAddress"] = ip
		}
		if !e.ExpiresAt.IsZero() {
			out["deleteAfterDate"] = stamp(e.ExpiresAt)
		}
		return out
	})
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
