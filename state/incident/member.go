package incident

import (
	"cmp"
	"net"
	"slices"
	"strings"
	"time"
)

// Process is a server of a project (Admin API, "processes"): a member of a cluster, or a mongos.
type Process struct {
	ID         string // host and port, as measurements are asked for
	Host       string // as logs are asked for
	Alias      string // as the cluster's connection string names it
	ReplicaSet string
	Type       string // REPLICA_PRIMARY, SHARD_SECONDARY, SHARD_MONGOS, NO_DATA …, as of now
	Version    string
}

// Primary says whether it is one now. Who was when something happened is not told.
func (p Process) Primary() bool { return strings.HasSuffix(p.Type, "_PRIMARY") }

// Mongos says whether it holds no data: its log tells of no drop.
func (p Process) Mongos() bool { return p.Type == "SHARD_MONGOS" }

// Members are the processes of a cluster: those whose alias is one of the hosts of its standard
// connection string. A process does not say whose it is, and the names of clusters can begin
// with each other. They are in the order in which logs are best read: each replica set together,
// its primary first.
func Members(all []Process, connectionString string) []Process {
	hosts := map[string]bool{}
	_, rest, _ := strings.Cut(connectionString, "://")
	rest, _, _ = strings.Cut(rest, "/")
	for h := range strings.SplitSeq(rest[strings.LastIndex(rest, "@")+1:], ",") {
		if host, _, err := net.SplitHostPort(h); err == nil {
			h = host
		}
		if h != "" {
			hosts[strings.ToLower(h)] = true
		}
	}
	var out []Process
	for _, p := range all {
		if hosts[strings.ToLower(p.Alias)] {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Process) int {
		second := func(p Process) int {
			if p.Primary() {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.ReplicaSet, b.ReplicaSet), cmp.Compare(second(a), second(b)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Noted is an event of a project (Admin API, "events"), as far as it tells of restores.
type Noted struct {
	ID, Type, Cluster string
	At                time.Time // to the second
	By                string    // who caused it: a name, or the public key; empty for Atlas itself
	Remote            string    // from which address
}
