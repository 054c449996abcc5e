package teatest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// weather changes the world: its clock, the way to it, its jobs, clusters and names.
func (s *storm) weather() {
	switch n := s.dice.IntN(40); {
	case n < 14:
		d := time.Duration(s.dice.IntN(oneOf(s, 20, 20, 300, 300, 4_000, 100_000))) * time.Second
		s.note("Atlas's clock moves by %v", d)
		s.sim.Advance(d)
	case n < 22:
		s.note("all faults heal")
		s.sim.Heal()
	case n < 31:
		f := s.fault()
		s.note("a fault: %+v", f)
		s.sim.Fail(f)
	case n < 32:
		s.note("the disk is full")
		s.book.spoil(1 + s.dice.IntN(3))
	case n < 33 && s.chance(40):
		s.note("the next job fails")
		s.sim.FailNextJob()
	case n < 34:
		for _, j := range slices.Backward(s.sim.Jobs()) {
			if delivery(j) == state.Download {
				s.note("the links of %s end", j.ID)
				s.sim.ExpireJob(j.ID)
				return
			}
		}
	default:
		s.change()
	}
}

func (s *storm) fault() simulator.Fault {
	f := oneOf(s,
		simulator.Fault{Status: oneOf(s, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503), ErrorCode: oneOf(s, "", "ATLAS_CLUSTER_RESTORE_IN_PROGRESS")},
		simulator.Fault{Status: oneOf(s, 429, 503), RetryAfter: s.dice.IntN(100)},
		simulator.Fault{Status: 400, ErrorCode: "X", Detail: oneOf(s, garbage...)},
		simulator.Fault{Status: oneOf(s, 0, 200, 502), HTML: true},
		simulator.Fault{Drop: simulator.BeforeCommit},
		simulator.Fault{Drop: simulator.AfterCommit},
	)
	f.Method = oneOf(s, "", http.MethodGet, http.MethodGet, http.MethodPost, http.MethodDelete)
	f.PathContains = oneOf(s, "", "/restoreJobs", "/restoreJobs", "/clusters", "/snapshots", "/schedule", "/groups", "/oauth/token")
	f.Times = 1 + s.dice.IntN(oneOf(s, 3, 8)) // of five, none is left of a read's tries
	return f
}

// change changes what Atlas holds, names too: they may be whatever people write.
func (s *storm) change() {
	p := oneOf(s, s.sim.World().Projects...)
	if s.chance(15) {
		s.tally["renamed"]++ // no two bear one name: the world is changed by names
		name := fmt.Sprintf("%s%d", oneOf(s, garbage...), s.tally["renamed"])
		s.note("project %q is called %.60q", p.Name, name)
		s.sim.SetProject(p.Name, func(p *simulator.Project) { p.Name = name })
		return
	}
	if len(p.Clusters) == 0 {
		return
	}
	c := oneOf(s, p.Clusters...)
	switch s.dice.IntN(9) {
	case 0:
		n := 1 + s.dice.IntN(oneOf(s, 40, 40, 40, 700)) // at times more than a page of Atlas's list
		s.note("%s has %d snapshots more", c.Name, n)
		s.sim.AddSnapshots(p.Name, c.Name, n)
	case 1:
		if all := s.sim.Snapshots(p.Name, c.Name); len(all) > 0 {
			words := oneOf(s, garbage...)
			s.note("a snapshot of %s is called %.60q", c.Name, words)
			s.sim.SetSnapshot(p.Name, c.Name, oneOf(s, all...).ID, func(x *simulator.Snapshot) { x.Kind, x.Description = "onDemand", words })
		}
	case 2: // a name that is also a word of the line face
		name := oneOf(s, "q", "b", "r", "1", "more", "moment", "download", "latest", "x")
		if !slices.ContainsFunc(p.Clusters, func(c simulator.Cluster) bool { return c.Name == name }) {
			s.note("cluster %s is called %s", c.Name, name)
			s.former[c.Name] = true
			s.sim.SetCluster(p.Name, c.Name, func(c *simulator.Cluster) { c.Name = name })
		}
	case 3, 4:
		s.lose(p.Name + "/" + c.Name)
	default:
		s.note("cluster %s changes", c.Name)
		s.sim.SetCluster(p.Name, c.Name, func(c *simulator.Cluster) {
			c.Paused, c.PITEnabled, c.BackupEnabled = s.chance(20), s.chance(70), s.chance(90)
			c.State = oneOf(s, "IDLE", "IDLE", "IDLE", "UPDATING")
		})
	}
}

var garbage = []string{
	"支払い", "e\u0301\u0301", "\x1b[31mred\x1b]0;owned\x07", "\u202eevil", " blank ", "tab\tnew\nline", "3", "q", "👩‍👩‍👧‍👦 family", "�", "\x00\x7f\u009b2J",
	strings.Repeat("long ", 100), "a, b; --confirm", "%s%d%n", "use \"x\" as typed",
}

// words are what a person might type anywhere.
var words = []string{
	"orders-prod-restore", "orders-prod", "events-restore", "Payments", "prod", "2026-11-23 14:02:59", "1795442579", "1", "-", "7", "xyz", "latest",
	"automated", "download", "pointInTime", "支払い", "e\u0301", "a b", "yes", "y", "65f0c1d2e3a4b5c6d7e8f901", "shop.orders", "orders",
}

// credential is what is asked for after the mark of a focused field or at the start of a
// prompt: mostly the right one.
func (s *storm) credential(asked string) string {
	k := s.sim.Keys()
	for _, half := range [][2]string{{"Client ID", k.ClientID}, {"Client secret", k.ClientSecret}, {"Public key", k.PublicKey}, {"Private key", k.PrivateKey}} {
		if strings.Contains(asked, "› "+half[0]) || strings.HasPrefix(asked, half[0]) {
			return oneOf(s, half[1], half[1], half[1], half[1], "wrong")
		}
	}
	return ""
}

// word is one of these, or a name of the world, or a part of one.
func (s *storm) word() string {
	w := oneOf(s, words...)
	if s.chance(50) {
		p := oneOf(s, s.sim.World().Projects...)
		if w = oneOf(s, p.Name, p.ID); len(p.Clusters) > 0 && s.chance(60) {
			w = oneOf(s, p.Clusters...).Name
		}
	}
	if r := []rune(w); s.chance(25) {
		w = string(r[:s.dice.IntN(len(r)+1)])
	}
	return w
}
