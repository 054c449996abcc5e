package state

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Roles are those of an API key. Atlas tells none of a service account.
type Roles struct {
	Told bool
	All  []Role
}

// Role is one role, on a project or an organisation.
type Role struct{ Name, ProjectID, OrgID string }

// mayRestore says whether a role that is told allows restores in a project (Atlas: "Atlas
// user roles").
func (r Roles) mayRestore(p Project) bool {
	return slices.ContainsFunc(r.All, func(r Role) bool {
		switch r.Name {
		case "ORG_OWNER":
			return p.OrgID == "" || r.OrgID == p.OrgID
		case "GROUP_OWNER", "GROUP_BACKUP_MANAGER":
			return r.ProjectID == p.ID
		}
		return false
	})
}

// checkRoles warns only: Atlas refuses what the credential may not do, and nothing is lost
// by that but time.
func checkRoles(f Facts) Check {
	switch {
	case f.RolesErr != nil:
		return harmless("whether yours may do this. It could not be read.")
	case !f.Roles.Told:
		return harmless("whether yours may do this. Atlas does not tell it.")
	}
	for _, p := range []Project{f.Plan.Project, f.Plan.Target.Project} {
		if !f.Roles.mayRestore(p) {
			return warn("No role of this key is known to allow a restore in %s: Atlas may refuse. It needs Project Backup Manager or Owner there.", p.Name)
		}
	}
	return fine("the key's roles allow it in both projects")
}

// Access says from where the links of a download can be reached.
type Access struct {
	Entries   []AccessEntry // of the project's IP access list
	Endpoints []string      // private endpoints, of the snapshot's provider
	Unasked   bool          // for private endpoints, as the provider is not known
}

// AccessEntry is one entry of a project's IP access list: an address, a block of addresses,
// or an AWS security group.
type AccessEntry struct {
	Value     string
	ExpiresAt time.Time // zero: it stays
}

// everywhere says whether the entry lets every address in.
func (e AccessEntry) everywhere() bool {
	p, err := netip.ParsePrefix(e.Value)
	return err == nil && p.Bits() == 0 && p.Addr().Is4() // the links are reached by IPv4
}

// linkLasts is how long the links of a download may be needed (Atlas: an hour, after some
// minutes of preparation).
const linkLasts = 90 * time.Minute

func checkAccess(f Facts) Check {
	if f.Plan.Cluster.Family == Flex {
		return fine("a flex link is reached from every address") // nothing was read for it
	}
	if f.AccessErr != nil {
		return harmless("whether your address is allowed. The IP access list could not be read.")
	}
	var lasting []string
	for _, e := range f.Access.Entries {
		if e.ExpiresAt.IsZero() || e.ExpiresAt.Sub(f.Now) > linkLasts {
			if e.everywhere() {
				return fine("the project's IP access list lets every address in")
			}
			lasting = append(lasting, e.Value)
		}
	}
	switch n := len(lasting); {
	case n == 0 && len(f.Access.Endpoints) == 0 && f.Access.Unasked:
		return harmless("whether your address is allowed. The IP access list has no lasting entry, and private endpoints could not be read.")
	case len(f.Access.Entries) == 0 && len(f.Access.Endpoints) == 0:
		return warn("The IP access list of %s is empty: no address can fetch the links. Add yours in Atlas.", f.Plan.Project.Name)
	case n == 0 && len(f.Access.Endpoints) == 0:
		return warn("All entries of the IP access list of %s end within %s: the links may outlive them.", f.Plan.Project.Name, Age(linkLasts))
	case n > 3:
		lasting = append(lasting[:3], fmt.Sprintf("%d more", n-3))
	}
	if len(f.Access.Endpoints) > 0 {
		lasting = append(lasting, "private endpoint "+strings.Join(f.Access.Endpoints, ", "))
	}
	return harmless("whether your address is allowed. Allowed: %s.", strings.Join(lasting, ", "))
}
