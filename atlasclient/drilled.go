package atlasclient

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"atlas-restore/state"
)

// roleSearch is the role that reads search indexes.
const roleSearch = "Project Data Access Read Write"

// SearchIndexes lists the indexes of Atlas Search on a dedicated cluster, by name (Admin API, "Return All
// Atlas Search Indexes for One Cluster").
func (c *Client) SearchIndexes(ctx context.Context, cluster state.Cluster) ([]state.SearchIndex, error) {
	var all []struct {
		Database   string `json:"database"`
		Collection string `json:"collectionName"`
		Name       string `json:"name"`
		Status     string `json:"status"`
	}
	path := append(clusterPath(cluster.ProjectID, cluster.Name), "search", "indexes")
	if err := c.do(ctx, call{method: http.MethodGet, path: path, out: &all, most: mostOfList, needs: roleSearch}); err != nil {
		return nil, about("listing the search indexes of cluster "+cluster.Name, err)
	}
	out := make([]state.SearchIndex, 0, len(all))
	for _, w := range all {
		out = append(out, state.SearchIndex{Database: clean(w.Database), Collection: clean(w.Collection), Name: clean(w.Name), Status: clean(w.Status)})
	}
	slices.SortFunc(out, func(a, b state.SearchIndex) int { return cmp.Compare(a.String(), b.String()) })
	return out, nil
}

// ConnectionString is how a client reaches a dedicated cluster: the one for DNS, else the standard one.
// It holds no credential.
func (c *Client) ConnectionString(ctx context.Context, cluster state.Cluster) (string, error) {
	var w struct {
		ConnectionStrings struct {
			Standard string `json:"standard"`
			SRV      string `json:"standardSrv"`
		} `json:"connectionStrings"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: clusterPath(cluster.ProjectID, cluster.Name), out: &w, needs: state.RoleReadOnly})
	told := clean(cmp.Or(w.ConnectionStrings.SRV, w.ConnectionStrings.Standard))
	if len(w.ConnectionStrings.SRV) == 0 { // one of many hosts may be long
		told = cleanLong(w.ConnectionStrings.Standard)
	}
	if err == nil && !connects(told) {
		err = &state.UnreadableError{Why: "the cluster has no connection string"}
	}
	if err != nil {
		return "", about("reading the connection string of cluster "+cluster.Name, err)
	}
	return withoutUser(told), nil
}

// connects says whether a text is a connection string of MongoDB.
func connects(s string) bool {
	return strings.HasPrefix(s, "mongodb://") || strings.HasPrefix(s, "mongodb+srv://")
}

// withoutUser takes out what stands before the hosts, which may be a name with a password.
func withoutUser(s string) string {
	scheme, rest, _ := strings.Cut(s, "://")
	hosts, behind, more := strings.Cut(rest, "/")
	hosts = hosts[strings.LastIndex(hosts, "@")+1:]
	if more {
		hosts += "/" + behind
	}
	return scheme + "://" + hosts
}
