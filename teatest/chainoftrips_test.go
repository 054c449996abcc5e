//go:build unix

package teatest_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// The chain of requests from the start to the restore is the one that the README draws: those of
// a line of it are asked beside each other, as none of them is answered before all have come, and
// none of a later line comes before. Each is asked once, in both faces.
func TestTripsAreAsDrawn(t *testing.T) {
	t.Parallel()
	readme := teatest.Documents(t)
	for i, walk := range walks {
		for j, face := range []string{"full screen", "line face"} {
			if !few(i+j, 2) {
				continue
			}
			t.Run(walk.name+"/"+face, func(t *testing.T) {
				t.Parallel()
				drawn := drawnTrips(readme, walk)
				if len(drawn) < 3 {
					t.Fatalf("the README does not draw it: %q", drawn)
				}
				sim, err := simulator.Start(simulator.Options{Seed: 1, Speed: 1})
				if err != nil {
					t.Fatal(err)
				}
				teatest.AtEnd(t, func() { _ = sim.Close() })
				gate := &turnstile{t: t, drawn: drawn, begun: time.Now(), passed: make(chan struct{}), over: make(chan struct{})}
				atlas := httptest.NewServer(gate.before(sim.BaseURL()))
				teatest.AtEnd(t, atlas.Close)
				g := walk.g
				if walk.ids {
					g.Snapshot = sim.NewestSnapshot(g.Project, g.Cluster).ID
					g.Project, g.TargetProject = sim.ProjectID(g.Project), sim.ProjectID(g.TargetProject)
				}
				args := append([]string{"--base-url", atlas.URL, "--state-dir", t.TempDir(), "--accept", "all"}, flagsOf(g)...)
				if face == "line face" {
					args = append(args, "--line")
				}
				p := teatest.StartBinary(t, teatest.Binary(t), args, walk.env(sim.Keys()), normal)
				p.WaitFor("the restore", func(string) bool {
					select {
					case <-gate.over:
						return true
					default:
						return false
					}
				})
			})
		}
	}
}

// drawnTrips are the lines of the README's drawing of a walk, each with what is asked in it.
func drawnTrips(readme string, walk benchWalk) (lines [][]string) {
	head := "by name, service account"
	switch {
	case walk.ids && strings.HasSuffix(walk.name, "key"):
		head = "by id, API key"
	case walk.ids:
		head = "by id, service account"
	case strings.HasSuffix(walk.name, "key"):
		head = "by name, API key"
	}
	_, drawing, _ := strings.Cut(readme, "\n"+head+"\n")
	drawing, _, _ = strings.Cut(drawing, "\n\n")
	for line := range strings.Lines(drawing) {
		_, asked, trip := strings.Cut(strings.TrimSpace(line), " ")
		if !trip {
			break // the drawing ends
		}
		lines = append(lines, strings.Split(strings.TrimSpace(asked), ", "))
	}
	return lines
}

// turnstile lets the requests of a line through once all of them have come.
type turnstile struct {
	t     *testing.T
	drawn [][]string

	mu     sync.Mutex
	came   []string
	begun  time.Time     // before the program was
	signs  bool          // the restore's own challenge has been asked for, on the restore's own connection
	passed chan struct{} // closed once the line is through
	over   chan struct{} // closed with the last one
}

func (g *turnstile) before(base string) http.Handler {
	to, err := url.Parse(base)
	if err != nil {
		g.t.Fatal(err)
	}
	atlas := httputil.NewSingleHostReverseProxy(to)
	atlas.ErrorLog = log.New(io.Discard, "", 0) // whoever ends leaves requests behind
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := tripName(r); asked != "" {
			select {
			case <-g.comes(asked):
			case <-r.Context().Done():
			}
		}
		atlas.ServeHTTP(w, r)
	})
}

// growsOld is when what was got ready for the restore is asked for anew, as it would not serve for long
// any more: on a busy machine the program takes that long.
const growsOld = 2 * time.Second

// comes notes a request, and says what it waits for.
func (g *turnstile) comes(asked string) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	passed := g.passed
	if len(g.drawn) == 0 {
		return passed // it follows the restore
	}
	if in := slices.Contains(g.drawn[0], asked); asked == "challenge" && (!in || slices.Contains(g.came, asked)) && (!g.signs || time.Since(g.begun) > growsOld) {
		g.signs = true
		return closed()
	}
	if !slices.Contains(g.drawn[0], asked) || slices.Contains(g.came, asked) {
		g.t.Errorf("%s is asked beside %v, of which the drawing has %v", asked, g.came, g.drawn[0])
		return closed()
	}
	if g.came = append(g.came, asked); len(g.came) == len(g.drawn[0]) {
		close(passed)
		g.drawn, g.came, g.passed = g.drawn[1:], nil, make(chan struct{})
		if len(g.drawn) == 0 {
			close(g.over)
			close(g.passed)
		}
	}
	return passed
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// tripName is a request as the drawing names it; empty for the question whether this is a
// simulator, which the real Atlas is never asked.
func tripName(r *http.Request) string {
	path, _ := strings.CutPrefix(r.URL.Path, "/api/atlas/v2")
	names := strings.Split(strings.Trim(path, "/"), "/")
	of := ""
	if len(names) > 3 {
		of = " of the source"
		if names[3] == "orders-prod-restore" {
			of = " of the target"
		}
	}
	last := names[len(names)-1]
	switch {
	case r.URL.Path == "/control":
		return ""
	case path == "" && r.Header.Get("Authorization") == "":
		return "challenge"
	case path == "":
		return "roles"
	case strings.HasPrefix(r.URL.Path, "/api/oauth/"):
		return "token"
	case r.Method == http.MethodPost:
		return "the restore"
	case last == "groups":
		return "projects"
	case last == "flexClusters":
		return "flex clusters"
	case last == "restoreJobs":
		return "jobs" + of
	case last == "collectionRestoreJobs":
		return "collection jobs" + of
	case last == "clusters", last == "snapshots":
		return last
	}
	return fmt.Sprintf("%s %s", r.Method, r.URL.Path)
}
