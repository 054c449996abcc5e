package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// nodes is how many members a replica set has.
const nodes = 3

// server is a process of a dedicated cluster: a member of one of its replica sets, or a router.
type server struct {
	c    *cluster
	role string
	set  int // the number of its replica set: that of its shard; 0 of the config servers
	node int
}

// The roles of a server.
const (
	ofShard  = "shard"
	ofConfig = "config"
	router   = "mongos"
)

// election makes the next member of a replica set its primary.
type election struct {
	set int
	at  time.Time
}

// servers are all of a cluster: the members of each shard, those of dedicated config servers, and
// a router on each host of a shard.
func (c *cluster) servers() []server {
	var out []server
	add := func(role string, sets int) {
		for set := range sets {
			for node := range nodes {
				out = append(out, server{c, role, set, node})
			}
		}
	}
	add(ofShard, c.Shards)
	if c.sharded() {
		if c.ConfigServerType == "DEDICATED" {
			add(ofConfig, 1)
		}
		add(router, c.Shards)
	}
	return out
}

// observed says whether Atlas watches the servers of a cluster: not those of shared ones.
func (c *cluster) observed(now time.Time) bool {
	return !c.flex() && !c.tenant() && !c.Paused && c.state(now) != "CREATING"
}

// place is what the server is called behind the name of its cluster or deployment.
func (s server) place() string {
	part := ofShard
	if s.role == ofConfig {
		part = ofConfig
	}
	return fmt.Sprintf("%s-%02d-%02d.%s", part, s.set, s.node, domain(s.c))
}

// host is what the server's own name is, by which its log is asked for.
func (s server) host() string { return s.c.Deployment + "-" + s.place() }

// alias is its name in the cluster's connection string.
func (s server) alias() string { return strings.ToLower(s.c.Name) + "-" + s.place() }

func (s server) port() int {
	if s.role == router {
		return 27016
	}
	return 27017
}

func (s server) id() string { return fmt.Sprintf("%s:%d", s.host(), s.port()) }

func (s server) replicaSet() string {
	switch s.role {
	case ofShard:
		return fmt.Sprintf("%s-shard-%d", s.c.Deployment, s.set)
	case ofConfig:
		return s.c.Deployment + "-config-0"
	}
	return ""
}

// primary is the member that is the primary of a shard at a time.
func (w *world) primary(c *cluster, set int, at time.Time) int {
	first := int(w.dice.below(nodes, "primary", c.ID, set))
	for _, e := range c.elections {
		if e.set == set && !e.at.After(at) {
			first++
		}
	}
	return first % nodes
}

func (w *world) isPrimary(s server, at time.Time) bool {
	return s.role == ofShard && s.node == w.primary(s.c, s.set, at)
}

// kind is the server's type as Atlas names it.
func (w *world) kind(s server, now time.Time) string {
	switch s.role {
	case router:
		return "SHARD_MONGOS"
	case ofConfig:
		return "SHARD_CONFIG"
	}
	family, rank := "REPLICA_", "SECONDARY"
	if s.c.sharded() {
		family = "SHARD_"
	}
	if w.isPrimary(s, now) {
		rank = "PRIMARY"
	}
	return family + rank
}

// servers are those of a project that Atlas watches.
func (c *call) servers(p *project) []server {
	var out []server
	for _, x := range p.family(false) {
		if x.observed(c.now) {
			out = append(out, x.servers()...)
		}
	}
	return out
}

func listProcesses(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	all := c.servers(p)
	return c.list(len(all), func(i int) object { return c.process(all[i], link(c.processURL(all[i]), "self")) })
}

func getProcess(c *call) (any, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	url := c.processURL(s)
	return c.process(s, link(url, "self"), link(c.groupURL(s.c.project), cloudRel("group")),
		link(url+"/measurements?granularity=PT5M&period=PT24H", cloudRel("measurements"))), nil
}

// server is the one that the path names by host and port.
func (c *call) server() (server, error) {
	p, err := c.project()
	if err != nil {
		return server{}, err
	}
	all, id := c.servers(p), c.r.PathValue("processId")
	i := slices.IndexFunc(all, func(s server) bool { return s.id() == id })
	if i < 0 {
		return server{}, noHost(id, p)
	}
	return all[i], nil
}

func noHost(id string, p *project) *refusal {
	return refuse(404, "HOST_NOT_FOUND", fmt.Sprintf("No host named %s exists in group %s.", id, p.ID), id, p.ID)
}

func (c *call) processURL(s server) string { return c.groupURL(s.c.project) + "/processes/" + s.id() }

func (c *call) process(s server, links ...object) object {
	o := object{
		"created":  stamp(s.c.Created),
		"groupId":  s.c.project.ID,
		"hostname": s.host(),
		"id":       s.id(),
		"lastPing": stamp(c.now),
		"links":    links,
		"port":     s.port(),
		"typeName": c.w.kind(s, c.now),
		// The cluster's own name is told nowhere else.
		"userAlias": s.alias(),
		"version":   s.c.MongoDBVersion,
	}
	if set := s.replicaSet(); set != "" {
		o["replicaSetName"] = set
		if s.c.sharded() && s.role == ofShard {
			o["shardName"] = set
		}
	}
	return o
}
