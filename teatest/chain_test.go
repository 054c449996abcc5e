package teatest_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// trips is a way to the embedded Atlas that lets requests through in rounds: none is answered
// before all of its round have come. So a round is a trip there and back, and what has to wait
// for another answer cannot be in the same round.
type trips struct {
	t      *testing.T
	rounds [][]string

	mu   sync.Mutex
	now  int
	came []string // of this round
	open chan struct{}
	over bool // the chain has come to its end: everything goes through
}

// oneTrip is how long a round is waited for that does not come.
const oneTrip = time.Minute

// byTrips leads a world's client through trips.
func byTrips(w *world, cred credentials.Credential, tokens string, rounds ...[]string) *trips {
	w.t.Helper()
	to, err := url.Parse(w.sim.BaseURL())
	if err != nil {
		w.t.Fatal(err)
	}
	g := &trips{t: w.t, rounds: rounds, open: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(to)
	way := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		g.pass(inShort(r))
		proxy.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(way.Close)
	c, err := atlasclient.New(atlasclient.Options{BaseURL: way.URL, Credential: cred, Now: w.sim.Now, Pace: 1000, TokenDir: tokens})
	if err != nil {
		w.t.Fatal(err)
	}
	w.cfg.Atlas = c
	return g
}

// inShort is what a request is about, in short: "GET restoreJobs of orders-prod".
func inShort(r *http.Request) string {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	out := r.Method + " " + parts[len(parts)-1]
	if r.URL.Query().Has("pointInTimeUtcSeconds") {
		out = r.Method + " base"
	}
	if i := slices.Index(parts, "backup"); i > 0 && parts[len(parts)-1] == "restoreJobs" {
		out += " of " + parts[i-1]
	}
	if n := len(parts) - 1; parts[n] == "collectionRestoreJobs" {
		out += " of " + parts[n-1]
	}
	return out
}

func (g *trips) pass(what string) {
	g.mu.Lock()
	if g.over {
		g.mu.Unlock()
		return
	}
	g.came = append(g.came, what)
	want := g.rounds[g.now]
	if !slices.Contains(want, what) || count(g.came, what) > count(want, what) {
		g.t.Errorf("round %d: %q was asked, want of %q; came %q", g.now, what, want, g.came)
		g.end()
		g.mu.Unlock()
		return
	}
	open := g.open
	if len(g.came) == len(want) {
		close(open)
		g.came, g.open = nil, make(chan struct{})
		if g.now++; g.now == len(g.rounds) {
			g.over = true
		}
	}
	g.mu.Unlock()
	select {
	case <-open:
	case <-time.After(oneTrip):
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.over {
			g.t.Errorf("round %d: only %q came of %q", g.now, g.came, want)
			g.end()
		}
	}
}

// end lets everything through, after what was wrong.
func (g *trips) end() {
	if !g.over {
		g.over = true
		close(g.open)
	}
}

// whole asserts that all rounds have come.
func (g *trips) whole() {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now != len(g.rounds) {
		g.t.Errorf("%d of %d rounds have come", g.now, len(g.rounds))
	}
}

func count(all []string, what string) (n int) {
	for _, a := range all {
		if a == what {
			n++
		}
	}
	return n
}

// What a run without questions asks of Atlas, round by round: each round is one trip. Nothing
// waits that could be asked before, nothing is asked twice, and of nothing the answer is not
// used. The token and the names of projects come first; what does not depend on each other
// comes together.
func TestTripsToThePost(t *testing.T) {
	t.Parallel()
	token, post := []string{"POST token"}, []string{"POST restoreJobs of orders-prod"}
	source := []string{"GET clusters", "GET flexClusters", "GET snapshots", "GET restoreJobs of orders-prod"}
	// What erases a cluster waits for single collections that are being restored into it.
	erases := append(slices.Clone(source), "GET collectionRestoreJobs of orders-prod")
	onto := append(slices.Clone(erases), "GET restoreJobs of orders-prod-restore", "GET collectionRestoreJobs of orders-prod-restore")
	// Whether Atlas is behind with the oplog is one request more, in the same round. Whether the
	// target is written to needs three rounds, and no run without questions waits for it.
	moment := append(slices.Clone(onto), "GET schedule", "GET base", "GET events")
	for name, tc := range map[string]struct {
		flow      int // in flows
		ids, kept bool
		rounds    [][]string
	}{
		"by names":             {flow: 2, rounds: [][]string{token, {"GET groups", "GET v2"}, onto, post}},
		"by ids":               {flow: 2, ids: true, rounds: [][]string{token, append([]string{"GET groups", "GET v2"}, onto...), post}},
		"a token kept":         {flow: 2, ids: true, kept: true, rounds: [][]string{append([]string{"GET groups", "GET v2"}, onto...), post}},
		"a moment, by names":   {flow: 9, rounds: [][]string{token, {"GET groups", "GET v2"}, moment, post}},
		"a moment, by ids":     {flow: 9, ids: true, rounds: [][]string{token, append([]string{"GET groups", "GET v2"}, moment...), post}},
		"a download, by names": {flow: 0, rounds: [][]string{token, {"GET groups"}, source, {"GET accessList", "GET endpointService"}, post}},
		"a download, by ids":   {flow: 0, ids: true, rounds: [][]string{token, append([]string{"GET groups"}, source...), {"GET accessList", "GET endpointService"}, post}},
		"onto another project": {flow: 5, rounds: [][]string{token, {"GET groups", "GET v2"}, append(slices.Clone(erases), "GET clusters", "GET flexClusters", "GET restoreJobs of orders-stg", "GET collectionRestoreJobs of orders-stg"), post}},
		"onto itself":          {flow: 4, rounds: [][]string{token, {"GET groups", "GET v2"}, erases, post}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepareTalk(t)
			d.cfg.Given, d.unasked, d.cfg.Accept = flows[tc.flow].practised(), true, []string{"all"}
			if tc.ids {
				g := &d.cfg.Given
				if g.Snapshot != "" {
					g.Snapshot = d.sim.NewestSnapshot(g.Project, g.Cluster).ID
				}
				g.Project = d.sim.ProjectID(g.Project)
				if g.TargetProject != "" {
					g.TargetProject = d.sim.ProjectID(g.TargetProject)
				}
			}
			k := d.sim.Keys()
			cred := credentials.Credential{Kind: credentials.ServiceAccount, Public: k.ClientID, Private: state.NewSecret(k.ClientSecret)}
			g := byTrips(d.world, cred, t.TempDir(), tc.rounds...)
			if tc.kept {
				g.over = true
				if _, err := d.cfg.Atlas.Projects(t.Context()); err != nil {
					t.Fatal(err)
				}
				g.over = false
			}
			d.start()
			d.Wait("restore job ")
			d.HangUp()
			g.whole()
			if n := len(d.posts()); n != 1 {
				t.Errorf("%d jobs were asked for", n)
			}
		})
	}
}
