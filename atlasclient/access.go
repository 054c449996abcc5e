package atlasclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"atlas-restore/state"
)

// BaseSnapshot is the snapshot from which Atlas would restore an instant: the newest one
// before it; the zero snapshot where there is none (Admin API, "Return All Replica Set
// Cloud Backups", pointInTimeUtcSeconds). Atlas takes no instant
// for the list of a sharded cluster: there it is found in all of them.
func (c *Client) BaseSnapshot(ctx context.Context, cluster state.Cluster, i state.Instant) (state.Snapshot, error) {
	if cluster.Family == state.Flex || cluster.Type.IsSharded() {
		all, err := c.Snapshots(ctx, cluster)
		return state.BaseOf(all, i, c.Now()), err
	}
	// An oplog entry is asked for by its second: one path for both, and what comes back is
	// held against the instant (state.Checks).
	query := url.Values{"itemsPerPage": {"1"}, "includeCount": {"false"}, "pointInTimeUtcSeconds": {strconv.FormatInt(i.Time().Unix(), 10)}} // not as the restore job spells it
	p, err := one[wireSnapshot](ctx, c, call{method: http.MethodGet, path: backupPath(cluster, "snapshots"), query: query, needs: state.RoleReadOnly})
	if err == nil && len(p.Results) > 0 {
		err = p.unread[0].err
	}
	if err != nil {
		return state.Snapshot{}, fmt.Errorf("looking for the snapshot of cluster %s before an instant: %w", cluster.Name, err)
	}
	if len(p.Results) == 0 {
		return state.Snapshot{}, nil
	}
	return p.Results[0].snapshot(false), nil
}

// Roles are those of the API key that is signed in with. Of a service account Atlas tells
// none.
func (c *Client) Roles(ctx context.Context) (state.Roles, error) {
	var w struct {
		APIKey *struct {
			Roles []struct {
				RoleName string `json:"roleName"`
				GroupID  string `json:"groupId"`
				OrgID    string `json:"orgId"`
			} `json:"roles"`
		} `json:"apiKey"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, out: &w}); err != nil {
		return state.Roles{}, fmt.Errorf("reading the credential's roles: %w", err)
	}
	var out state.Roles
	if w.APIKey == nil || w.APIKey.Roles == nil {
		return out, nil
	}
	out.Told = true
	for _, r := range w.APIKey.Roles {
		out.All = append(out.All, state.Role{Name: clean(r.RoleName), ProjectID: clean(r.GroupID), OrgID: clean(r.OrgID)})
	}
	return out, nil
}

// wireEntry is an entry of a project's IP access list: one of three kinds.
type wireEntry struct {
	CIDRBlock   string  `json:"cidrBlock"`
	IPAddress   string  `json:"ipAddress"`
	AWSGroup    string  `json:"awsSecurityGroup"`
	DeleteAfter instant `json:"deleteAfterDate"`
}

func (w wireEntry) value() string {
	for _, v := range []string{w.CIDRBlock, w.IPAddress, w.AWSGroup} {
		if v != "" {
			return clean(v)
		}
	}
	return ""
}

// Access says from where a project's downloads can be fetched: by its IP access list, and
// over the private endpoints of a cloud provider (AWS, AZURE or GCP). Both are asked for at
// once.
func (c *Client) Access(ctx context.Context, projectID, provider string) (state.Access, error) {
	var out state.Access
	var err, endpointErr error
	var both sync.WaitGroup
	both.Go(func() {
		out.Entries, err = list(ctx, c, listing[wireEntry, state.AccessEntry]{
			path: []string{"groups", projectID, "accessList"}, needs: state.RoleReadOnly, id: wireEntry.value,
			own: func(w wireEntry) state.AccessEntry {
				return state.AccessEntry{Value: w.value(), ExpiresAt: w.DeleteAfter.Time}
			},
		})
	})
	if slices.Contains([]string{"AWS", "AZURE", "GCP"}, strings.ToUpper(provider)) {
		both.Go(func() { out.Endpoints, endpointErr = c.privateEndpoints(ctx, projectID, strings.ToUpper(provider)) })
	} else {
		out.Unasked = true
	}
	both.Wait()
	if err == nil {
		err = endpointErr
	}
	if err != nil {
		return state.Access{}, fmt.Errorf("reading the network access of project %s: %w", projectID, err)
	}
	return out, nil
}

// privateEndpoints are the ids of those that are in use. Each provider has a list of its
// own name, and the answer is a bare array.
func (c *Client) privateEndpoints(ctx context.Context, projectID, provider string) ([]string, error) {
	var services []struct {
		Status     string   `json:"status"`
		Interfaces []string `json:"interfaceEndpoints"` // AWS
		Azure      []string `json:"privateEndpoints"`
		Groups     []string `json:"endpointGroupNames"` // GCP
	}
	err := c.do(ctx, call{method: http.MethodGet, path: []string{"groups", projectID, "privateEndpoint", provider, "endpointService"}, out: &services, most: mostOfList, needs: state.RoleReadOnly})
	if err == nil && services == nil {
		err = &state.UnreadableError{Why: "the answer is no list"}
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range services {
		if s.Status != "AVAILABLE" {
			continue
		}
		for _, id := range slices.Concat(s.Interfaces, s.Azure, s.Groups) {
			out = append(out, clean(id))
		}
	}
	return out, nil
}
