package simulator

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// set is a set of endpoints that share a token bucket.
type set struct {
	name     string
	capacity int
	refill   int // tokens that a period brings
	perUser  bool
}

const refillPeriod = 60 * time.Second

// The sets and limits are Atlas's published defaults.
var (
	setBackups       = set{name: "Cloud Backups", capacity: 1200, refill: 500}
	setClusters      = set{name: "Clusters", capacity: 10000, refill: 5000}
	setFlex          = set{name: "Flex Clusters", capacity: 1200, refill: 500}
	setFlexSnapshots = set{name: "Flex Snapshots", capacity: 1200, refill: 500}
	setFlexJobs      = set{name: "Flex Restore Jobs", capacity: 1200, refill: 500}
	setGroups        = set{name: "Projects", capacity: 1200, refill: 500, perUser: true}
	setAllClusters   = set{name: "All Clusters", capacity: 300, refill: 100, perUser: true}
	setMonitoring    = set{name: "Monitoring and Logs", capacity: 300, refill: 100}
	setEvents        = set{name: "Events", capacity: 300, refill: 100}
	setLogs          = set{name: "Cluster Logs", capacity: 10000, refill: 5000}
	// Of these no limit is known; that of most sets is taken.
	setLimits = set{name: "Rate Limits", capacity: 1200, refill: 500, perUser: true}
	setOthers = set{name: "Project Resources", capacity: 1200, refill: 500}
	setOrgs   = set{name: "Organizations", capacity: 1200, refill: 500, perUser: true}
	setAccess = set{name: "Access List", capacity: 1200, refill: 500}
)

// Unlimited is a rate limit that is none.
const Unlimited = -1

type limiter struct {
	each    int // requests a minute of every set; 0: Atlas's own limits, Unlimited: none
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	left  int
	since time.Time // start of the present period
}

// reset fills every bucket.
func (l *limiter) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets = nil
}

// of is a set with the limits that are in force.
func (l *limiter) of(s set) set {
	switch {
	case l.each > 0:
		s.capacity, s.refill = l.each, l.each
	case l.each < 0:
		s.capacity, s.refill = math.MaxInt32, math.MaxInt32
	}
	return s
}

// take takes a token, or says how long to wait for one. A period's tokens arrive
// together at its end.
func (l *limiter) take(s set, scope, path string, now time.Time) (left int, err *refusal) {
	s = l.of(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil {
		l.buckets = map[string]*bucket{}
	}
	key := s.name
	if !s.perUser {
		key += " " + scope
	}
	b := l.buckets[key]
	if b == nil {
		b = &bucket{left: s.capacity, since: now}
		l.buckets[key] = b
	}
	if periods := int(now.Sub(b.since) / refillPeriod); periods > 0 {
		b.left = min(s.capacity, b.left+min(periods, s.capacity/s.refill+1)*s.refill)
		b.since = b.since.Add(time.Duration(periods) * refillPeriod)
	}
	if b.left == 0 && l.each >= 0 {
		wait := max(1, int((refillPeriod-now.Sub(b.since)+time.Second-1)/time.Second))
		err = refuse(429, "RATE_LIMITED_TOKEN_BUCKET",
			fmt.Sprintf("Rate limit exceeded for %s: try again in %d seconds.", path, wait),
			path, wait, s.capacity, s.refill, int(refillPeriod/time.Second))
		err.retryAfter = wait
		return 0, err
	}
	b.left = max(0, b.left-1)
	return b.left, nil
}
