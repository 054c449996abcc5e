package teatest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
	"atlas-restore/teatest"
	"atlas-restore/ui"
	"atlas-restore/ui/steps"
)

// The world of the flows: always the same, and its clock stands until a test moves it.
var monday = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

var (
	narrow = teatest.Size{W: 60, H: 15}
	normal = teatest.Size{W: 80, H: 24}
	roomy  = teatest.Size{W: 120, H: 36}
	wide   = teatest.Size{W: 200, H: 60}
)

// world is the embedded Atlas with the real client, and what a face of the wizard is
// started with.
type world struct {
	t   *testing.T
	sim *simulator.Server
	cfg steps.Config
	dir string // of the journal
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, monday)
}

// newWorldAt is a world whose clock stands at start: what the built program remembers is
// held against its own clock, which is today's.
func newWorldAt(t *testing.T, start time.Time) *world {
	t.Helper()
	return newWorldOn(t, atlas(t, start))
}

func newWorldOn(t *testing.T, sim *simulator.Server) *world {
	t.Helper()
	w := &world{t: t, sim: sim, dir: t.TempDir()}
	keys := w.sim.Keys()
	cred := credentials.Credential{Kind: credentials.ServiceAccount, Public: keys.ClientID, Private: state.NewSecret(keys.ClientSecret)}
	w.cfg = steps.Config{
		Atlas: client(t, w.sim.BaseURL(), cred, w.sim.Now), Journal: journal.At(w.dir), Mode: steps.Training, Who: "trainee", Source: "embedded Atlas",
		Endpoint: "https://atlas.test", Now: w.sim.Now, Zone: time.FixedZone("CET", 3600), Pace: 100, Rest: -1,
	}
	return w
}

// withAPIKeys signs in with digest instead of a token.
func (w *world) withAPIKeys() {
	k := w.sim.Keys()
	w.cfg.Atlas = client(w.t, w.sim.BaseURL(), credentials.Credential{Kind: credentials.APIKey, Public: k.PublicKey, Private: state.NewSecret(k.PrivateKey)}, w.sim.Now)
}

// stage is the wizard on a terminal, over the real client, against the embedded Atlas.
type stage struct {
	*world
	*teatest.Terminal
	root      *ui.Root
	byProject bool // this Atlas lists no clusters of all projects
}

func play(t *testing.T, size teatest.Size, opts ...teatest.Option) *stage {
	t.Helper()
	s := prepare(t)
	s.start(size, opts...)
	return s
}

// prepare makes a stage whose world and configuration can be changed before it starts.
func prepare(t *testing.T) *stage {
	t.Helper()
	return &stage{world: newWorld(t)}
}

// start shows the wizard.
func (s *stage) start(size teatest.Size, opts ...teatest.Option) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	s.root = ui.New(ctx, s.cfg)
	s.Terminal = teatest.Start(s.t, s.root, size, append(opts, teatest.Under(ctx, cancel))...)
}

func atlas(t *testing.T, start time.Time) *simulator.Server {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = sim.Close() })
	return sim
}

func client(t *testing.T, base string, cred credentials.Credential, now func() time.Time) *atlasclient.Client {
	t.Helper()
	c, err := atlasclient.New(atlasclient.Options{BaseURL: base, Credential: cred, Now: now, Pace: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inUTF8 gives a screen in ASCII its usual marks back, so that one walk is for both.
var inUTF8 = strings.NewReplacer("| ", "▌ ", "> ", "› ")

// Screen is the text on the screen, with the usual marks.
func (s *stage) Screen() string {
	if s.cfg.ASCII {
		return inUTF8.Replace(s.Terminal.Screen())
	}
	return s.Terminal.Screen()
}

// Wait waits until text is on the screen.
func (s *stage) Wait(text string) {
	s.t.Helper()
	s.Terminal.WaitFor(fmt.Sprintf("%q", text), func(string) bool { return teatest.Reads(s.Screen(), text) })
}

// WaitFor waits until cond holds of the screen; what says what is wanted.
func (s *stage) WaitFor(what string, cond func(screen string) bool) {
	s.t.Helper()
	s.Terminal.WaitFor(what, func(string) bool { return cond(s.Screen()) })
}

// hands are what a wizard is driven with, on a virtual terminal or a real one.
type hands interface {
	Type(text string)
	Press(keys ...string)
	Wait(text string)
	WaitFor(what string, cond func(screen string) bool)
}

// takeNewest walks to the delivery types of a cluster's newest snapshot with the fewest
// keys: names typed to filter, and two times enter.
func takeNewest(h hands, project, cluster string) {
	find(h)
	h.Type(project + " " + cluster)
	h.WaitFor("the row of "+cluster, func(screen string) bool { return strings.Contains(row(screen), " "+cluster+" ") })
	h.Press("enter")
	h.Wait("which state of the data")
	h.WaitFor("the snapshots", highlighted)
	h.Press("enter")
	h.Wait("how is it delivered")
	h.Wait(moveFirst) // none of the delivery types is highlighted
}

// moveFirst stands at the foot of a list in which nothing is highlighted before somebody moves.
const moveFirst = "move to a row"

// find waits until the first page has the clusters of all projects.
func find(h hands) {
	h.Wait("which cluster's data")
	h.WaitFor("a highlighted row", highlighted)
}

// toProjects goes to the list of projects, once the clusters of all projects are there.
func toProjects(h hands) {
	find(h)
	h.Press("tab")
	h.Wait("in which project")
	h.WaitFor("the projects", highlighted)
}

// pick filters for name in the list that is on screen and takes it.
func (s *stage) pick(name string) {
	s.t.Helper()
	s.WaitFor("a highlighted row", highlighted)
	s.Type(name)
	s.WaitFor("the row of "+name+" highlighted", func(screen string) bool {
		return strings.Contains(row(screen), name)
	})
	s.Press("enter")
}

func highlighted(screen string) bool { return row(screen) != "" }

// row is the highlighted line of the screen.
func row(screen string) string {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, "▌") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// toSnapshots walks to the snapshots of a cluster.
func (s *stage) toSnapshots(project, cluster string) {
	s.t.Helper()
	if s.byProject {
		s.Wait("in which project")
	} else {
		toProjects(s)
	}
	s.pick(project)
	s.Wait("whose data")
	s.pick(cluster)
	s.Wait("which state of the data")
	s.WaitFor("a highlighted row", highlighted)
}

// toReview walks to the review of the newest snapshot of a cluster.
func (s *stage) toReview(d state.DeliveryType, project, cluster, target string) {
	s.t.Helper()
	s.toSnapshots(project, cluster)
	s.Press("enter")
	s.toDelivery(d)
	if d == state.Automated {
		s.toTarget(project, target)
	}
}

func (s *stage) toDelivery(d state.DeliveryType) {
	s.t.Helper()
	s.Wait("how is it delivered")
	s.WaitFor("the delivery types", func(screen string) bool { return highlighted(screen) || strings.Contains(screen, moveFirst) })
	meant := func(screen string) bool { return strings.Contains(row(screen), steps.DeliveryName(d)) }
	s.Settled() // what is still to come would make of a key another one
	for range len(state.DeliveryTypes()) {
		if !meant(s.Screen()) {
			s.Press("down")
			s.Settled()
		}
	}
	s.WaitFor("the row of "+steps.DeliveryName(d), meant)
	s.Press("enter")
	if d == state.Download {
		s.Wait("submitted yet") // nothing, or nothing else
	}
}

// listed is a row of a list of targets: a name with its badge, or with what stands in its place.
var listed = regexp.MustCompile(`(?m)^ {4,}([▌|] )?\S+ +(unknown|PROD|STG)\b`)

// toTarget takes a target of a project among the clusters of all.
func (s *stage) toTarget(project, target string) {
	s.t.Helper()
	s.WaitFor("the focus on the target cluster", func(screen string) bool { return strings.Contains(screen, "› Target cluster") })
	s.WaitFor("the targets", listed.MatchString) // one that came between a look and a key would make it another key
	pointAt(s, target)
	s.Settled()
	meant := func(at string) bool {
		return strings.Contains(at+" ", " "+target+" ") && (strings.Contains(at, project) || strings.Contains(at, "the source itself"))
	}
	for range 3 { // the source itself is never the first to be offered
		if !meant(row(s.Screen())) && !strings.Contains(row(s.Screen()), "as typed") {
			s.Press("down")
			s.Settled()
		}
	}
	s.Press("enter")
	s.Wait("submitted yet") // nothing, or nothing else
}

// pointAt has the row of a target highlighted in the list that is on screen: none is before
// somebody types or moves.
func pointAt(h hands, target string) {
	h.WaitFor("the targets", listed.MatchString)
	typeTarget(h, target)
}

// typeTarget types a target, and moves to its row where that is production.
func typeTarget(h hands, target string) {
	h.Type(target)
	guarded := false
	h.WaitFor("the row of "+target, func(screen string) bool {
		guarded = strings.Contains(flat(screen), "production: nothing is chosen yet")
		return guarded || strings.Contains(row(screen), target)
	})
	if guarded { // production is never under an enter that comes at once
		h.Press("down")
		h.WaitFor("the row of "+target, func(screen string) bool { return strings.Contains(row(screen), target) })
	}
}

// takeTarget chooses a target in that list.
func takeTarget(h hands, target string) {
	pointAt(h, target)
	h.Press("enter")
}

// unsafe declines the snapshot of the target that is chosen onto itself.
func (s *stage) unsafe() {
	s.t.Helper()
	s.Wait("ctrl+x goes on without")
	s.Press("ctrl+x")
	s.WaitGone("ctrl+x goes on without")
}

// posts are the bodies of the restore jobs that were asked for.
func (w *world) posts() []string {
	var out []string
	for _, r := range w.sim.Requests() {
		if r.Method == http.MethodPost && asksForJob(r.Path) {
			out = append(out, r.Body)
		}
	}
	return out
}

// asksForJob says whether a POST to a path asks for a restore job, of whatever kind.
func asksForJob(path string) bool {
	return strings.HasSuffix(path, "/restoreJobs") || strings.HasSuffix(path, "/collectionRestoreJobs") || strings.HasSuffix(path, "/backup/download")
}

// noPosts asserts that nothing was asked for.
func (w *world) noPosts() {
	w.t.Helper()
	if p := w.posts(); len(p) != 0 {
		w.t.Fatalf("restore jobs were asked for that nobody confirmed: %v", p)
	}
}

// onePost asserts that exactly one job was asked for, with this body.
func (w *world) onePost(want map[string]any) {
	w.t.Helper()
	p := w.posts()
	if len(p) != 1 {
		w.t.Fatalf("%d restore jobs were asked for, want 1: %v", len(p), p)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(p[0]), &got); err != nil {
		w.t.Fatal(err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		w.t.Fatalf("asked for\n%s, want\n%s", a, b)
	}
}

// requests are the calls so far, without the token's, as METHOD last-part-of-path.
func (w *world) requests() []string {
	var out []string
	for _, r := range w.sim.Requests() {
		if strings.HasPrefix(r.Path, "/api/atlas/v2/") {
			parts := strings.Split(r.Path, "/")
			out = append(out, r.Method+" "+parts[len(parts)-1])
		}
	}
	for _, atOnce := range [][2]string{{"GET clusters", "GET flexClusters"}, {"GET restoreJobs", "GET schedule"}, {"GET accessList", "GET endpointService"}} {
		for i := range len(out) - 1 {
			if out[i] == atOnce[1] && out[i+1] == atOnce[0] {
				out[i], out[i+1] = out[i+1], out[i]
			}
		}
	}
	return out
}

// leave presses keys and asserts the outcome.
func (s *stage) leave(want state.Outcome, keys ...string) steps.Summary {
	s.t.Helper()
	s.Press(keys...)
	if len(keys) > 0 && (want == state.OutcomeRunning || want == state.OutcomeReady) {
		s.Wait("This is what becomes of it") // it asks once
		s.Press("ctrl+c")
	}
	_, _ = s.Exit()
	sum := s.root.Summary()
	if sum.Outcome != want {
		s.t.Fatalf("the outcome is %s, want %s", sum.Outcome, want)
	}
	return sum
}

// letGo leaves a program that follows a job: it asks once.
func letGo(h hands) {
	h.Press("q")
	h.Wait("This is what becomes of it")
	h.Press("q")
}

// leap lets time pass; in a scenario, after what the coach is still being told: it gets the time
// that it has then.
func (w *world) leap(d time.Duration) {
	w.t.Helper()
	if w.cfg.Coach == nil {
		w.sim.Advance(d)
	} else if err := w.cfg.Coach.Forward(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
}

// await waits for something that no screen shows.
func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	late := time.After(time.Minute)
	for !done() {
		select {
		case <-late:
			w.t.Fatalf("waiting for %s: not within a minute", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// refusedForLong lets time pass until it is believed that looks at a job are refused: one
// refusal may pass. No single leap would do: what is answered after it counts from there.
func (w *world) refusedForLong(believed func() bool) {
	w.t.Helper()
	w.await("the refusals to be believed", func() bool {
		w.sim.Advance(watch.Patience / 10)
		return believed()
	})
}

// looks is how often the job was looked at.
func (w *world) looks() int {
	n := 0
	for _, r := range w.sim.Requests() {
		if r.Method == http.MethodGet && strings.Contains(r.Path, "/restoreJobs/") {
			n++
		}
	}
	return n
}

// events are the journal's entries so far.
func (w *world) events() []string {
	w.t.Helper()
	raw := readAll(w.t, w.dir)
	var out []string
	for line := range strings.Lines(raw) {
		var e journal.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, string(e.Event))
	}
	return slices.Clip(out)
}
