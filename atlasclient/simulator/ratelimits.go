package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// limitedSets are the sets of endpoints, in the order in which their first one is served.
func limitedSets() []set {
	var out []set
	for _, e := range endpoints() {
		if !slices.Contains(out, e.set) {
			out = append(out, e.set)
		}
	}
	return out
}

// id is the set's name in a path.
func (s set) id() string { return strings.ReplaceAll(strings.ToLower(s.name), " ", "-") }

// listRateLimits answers GET …/rateLimits, by the name of a set or the path of one of its
// endpoints where that is asked for.
func listRateLimits(c *call) (any, error) {
	name, path := c.r.URL.Query().Get("name"), c.r.URL.Query().Get("endpointPath")
	var found []object
	for _, s := range limitedSets() {
		o := c.rateLimit(s)
		on := path == "" || slices.ContainsFunc(endpointsOf(o), func(e object) bool { return e["path"] == path })
		if on && (name == "" || name == s.name) {
			found = append(found, o)
		}
	}
	return c.list(len(found), func(i int) object { return found[i] })
}

func getRateLimit(c *call) (any, error) {
	id := c.r.PathValue("endpointSetId")
	for _, s := range limitedSets() {
		if s.id() == id {
			return c.rateLimit(s), nil
		}
	}
	return nil, refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf("No endpoint set with ID %s exists.", id), id)
}

// rateLimit is a set with its limits: those in force, and Atlas's own.
func (c *call) rateLimit(s set) object {
	limit := func(value, otherwise int) object { return object{"value": value, "defaultValue": otherwise} }
	period, force := int(refillPeriod/time.Second), c.s.limits.of(s)
	scope, paths := "GROUP", []object{}
	if s.perUser {
		scope = "USER"
	}
	for _, e := range endpoints() {
		if e.set == s {
			method, path, _ := strings.Cut(e.pattern, " ")
			paths = append(paths, object{"method": method, "path": path})
		}
	}
	return object{
		"capacity":              limit(force.capacity, s.capacity),
		"endpointSetId":         s.id(),
		"endpointSetName":       s.name,
		"endpoints":             paths,
		"refillDurationSeconds": limit(period, period),
		"refillRate":            limit(force.refill, s.refill),
		"scope":                 scope,
	}
}

// endpointsOf are those of a rate limit as it is answered.
func endpointsOf(limit object) []object {
	all, _ := limit["endpoints"].([]object)
	return all
}
