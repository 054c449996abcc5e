package teatest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
	"atlas-restore/ui"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// A storm is random events over the real client and the embedded Atlas, with the
// promises held after each of them: nothing panics, all that is shown fits and can
// command no terminal, no key is told, nothing is asked for that the storm itself has
// not confirmed, once for each time, and the end is told as Atlas knows it.
//
// It runs in a bubble, where time passes only when the storm lets it. Each call of the
// client stops at a gate, on its way to Atlas and back, until the storm opens it: so
// answers come late, in another order, or to a page that was left. One seed is one
// storm, in one world. In the suite it is short, and long where the gate runs it. Two
// variables make it longer, or play a single one again:
//
//	STORM_EVENTS=2000000 go test ./teatest -run TestStorm -timeout 0 -v
//	STORM_SEED=17 go test ./teatest -run TestStorm/screen
func TestStorm(t *testing.T) {
	t.Parallel()
	for _, face := range []struct {
		name   string
		events int // in the suite
		begin  func(*storm) tempest
	}{
		{"screen", oneWorld, onScreen},
		{"lines", oneWorld, inLines},
		{"collections", oneWorld, onCollections},
	} {
		t.Run(face.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			seed, events := variable(t, "STORM_SEED"), int(variable(t, "STORM_EVENTS"))
			if events == 0 {
				events = face.events
			}
			last := seed
			if seed == 0 {
				seed, last = 1, uint64(events+oneWorld-1)/oneWorld
			}
			total := tally{}
			for ; seed <= last; seed++ {
				for what, n := range rage(t, seed, min(events, oneWorld), face.begin) {
					total[what] += n
				}
			}
			t.Logf("%.0f events a second: %v", float64(total["events"])/time.Since(start).Seconds(), total)
			wanted := []string{"confirmed", "asked for", "made", "left: aborted"}
			if face.name == "collections" && total["events"] < 20_000 {
				wanted = []string{"left: aborted"} // a job is far from there: the long storm has to make some
			}
			if total["events"] >= 200_000 { // rarer, as time must pass unharmed
				wanted = append(wanted, "left: running", "left: unknown", "left: completed", "left: ready", "left: expired", "left: failed")
				if face.name == "screen" {
					wanted = append(wanted, "a loss taken")
				}
			}
			for _, what := range wanted {
				if total["events"] >= face.events && total[what] == 0 {
					t.Errorf("%s: never. Such a storm proves nothing", what)
				}
			}
		})
	}
}

// oneWorld is how many events a world sees: it grows with all that is restored in it.
const oneWorld = 2_000

func variable(t *testing.T, name string) uint64 {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// tempest is the storm over one face of the wizard.
type tempest interface {
	open()           // starts a run of the wizard
	event(kind byte) // one turn of the weather, and whatever comes of it
	leave()          // ends the run, if it has not ended, and holds its end against the world
	abandon() bool   // lets go of whatever is under way; false if it does not end
}

// rage plays one seed.
func rage(t *testing.T, seed uint64, events int, begin func(*storm) tempest) tally {
	t.Helper()
	s := newStorm(t, seed)
	defer s.close()
	synctest.Test(t, func(t *testing.T) {
		over := begin(s)
		defer func() {
			r := recover()
			if r != nil {
				t.Error(s.report(r, debug.Stack()))
			}
			if !over.abandon() {
				panic(s.report("it does not end", nil))
			}
		}()
		over.open()
		for s.tally["events"] < events {
			over.event(byte(s.dice.Uint32()))
		}
		over.leave()
	})
	return s.tally
}

// tally counts what happened, to show that it did.
type tally map[string]int

// String implements fmt.Stringer.
func (t tally) String() string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(t)) {
		out = append(out, fmt.Sprintf("%s %d", what, t[what]))
	}
	return strings.Join(out, ", ")
}

// storm is what both faces share: a world, and what was done in it.
type storm struct {
	singles bool // each run begins at the names of a snapshot
	seed    uint64
	dice    *rand.Rand
	sim     *simulator.Server
	cfg     steps.Config // of the present run
	gate    *gate
	book    *ledger
	secret  []string
	former  map[string]bool // names of clusters that are called otherwise now
	log     []string
	tally   tally

	// Of the present run.
	agreed []string                 // what was confirmed, one after the other: a cluster's name, or download
	before int                      // POSTs before it
	taken  int                      // POSTs that Atlas has not clearly refused
	made   map[string]simulator.Job // what Atlas has made of them, as it was made
	hold   int                      // of a hundred calls, how many are held back
	slow   int                      // of a hundred answers, how many wait for a later event
}

// broken is a promise that was.
type broken string

func newStorm(t *testing.T, seed uint64) *storm {
	t.Helper()
	s := &storm{seed: seed, dice: rand.New(rand.NewPCG(seed, 26)), tally: tally{}, former: map[string]bool{}}
	sim, err := simulator.Start(simulator.Options{Seed: seed, Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	k := sim.Keys()
	cred := credentials.Credential{Kind: credentials.ServiceAccount, Public: k.ClientID, Private: state.NewSecret(k.ClientSecret)}
	if seed%4 == 0 {
		cred = credentials.Credential{Kind: credentials.APIKey, Public: k.PublicKey, Private: state.NewSecret(k.PrivateKey)}
	}
	s.sim, s.secret = sim, []string{k.ClientSecret, k.PrivateKey}
	atlas, err := s.client(cred)
	if err != nil {
		t.Fatal(err)
	}
	s.gate = &gate{own: atlas, errands: make(chan func()), done: make(chan struct{}), known: map[string]bool{}}
	go s.gate.carry()
	return s
}

// client is the real one, which does not wait before it makes a read again.
func (s *storm) client(c credentials.Credential) (*atlasclient.Client, error) {
	return atlasclient.New(atlasclient.Options{BaseURL: s.sim.BaseURL(), OnlyAddress: s.sim.Address(), Credential: c, Now: s.sim.Now, Pace: 1e9})
}

// signIn makes a client of what was typed, which may be anything.
func (s *storm) signIn(kind int, public string, private state.Secret) (c steps.Connection, err error) {
	cred := credentials.Credential{Kind: []credentials.Kind{credentials.ServiceAccount, credentials.APIKey}[kind], Public: public, Private: private}
	s.gate.outside(func() { s.gate.atlas, err = s.client(cred) })
	return steps.Connection{Atlas: s.gate, Who: public, Source: "typed", Endpoint: "https://atlas.test", Now: s.sim.Now}, err
}

func (s *storm) close() {
	close(s.gate.errands)
	_ = s.sim.Close()
}

func (s *storm) note(format string, a ...any) {
	if len(s.log) >= 60 {
		s.log = s.log[1:]
	}
	s.log = append(s.log, fmt.Sprintf("%6d  ", s.tally["events"])+fmt.Sprintf(format, a...))
}

func (s *storm) fail(format string, a ...any) { panic(broken(fmt.Sprintf(format, a...))) }

func (s *storm) report(what any, stack []byte) string {
	if _, ours := what.(broken); ours {
		stack = nil
	}
	return fmt.Sprintf("%v\n%sseed %d, %+v\nthe last events:\n%s", what, stack, s.seed, s.cfg.Given, strings.Join(s.log, "\n"))
}

// chance says yes n times in a hundred.
func (s *storm) chance(n int) bool { return s.dice.IntN(100) < n }

func oneOf[T any](s *storm, of ...T) T { return of[s.dice.IntN(len(of))] }

// renew begins the account of a run, and chooses how that run is configured.
func (s *storm) renew() {
	s.book = &ledger{}
	s.gate.atlas, s.gate.orders, s.before, s.taken = s.gate.own, nil, len(s.posts()), 0
	s.agreed, s.made, s.hold = nil, map[string]simulator.Job{}, oneOf(s, 0, 10, 40)
	s.slow = oneOf(s, 5, 30, 90)
	s.cfg = steps.Config{
		Atlas: s.gate, Journal: s.book, Now: s.sim.Now, Zone: oneOf(s, time.UTC, time.FixedZone("CET", 3600), time.FixedZone("", -9*3600-1800)),
		Mode: oneOf(s, steps.Training, steps.Live), Who: oneOf(s, "trainee", "mdb_sa_id_65f0c1d2e3a4b5c6d7e8f901", ""), Source: "environment",
		Host: oneOf(s, "", "", "cloud.mongodb.example"), Endpoint: "https://atlas.test", Pace: oneOf(s, 0, 1, 20.0, 600),
		Notice: oneOf(s, "", "Nothing here is real: restore what you like. Time runs 20 times as fast, so that you need not wait."), ASCII: s.chance(15),
	}
	if s.singles {
		s.cfg.Given = s.givenSingles()
	} else if s.chance(20) {
		s.cfg.Given = s.given()
	} else if s.chance(10) {
		s.cfg.Atlas, s.cfg.Who, s.cfg.Source, s.cfg.SignIn = nil, "", "", s.signIn
	}
	s.tally["runs"]++
	s.note("a run, %+v", s.cfg.Given)
}

// given are answers as flags give them; those that main would refuse are not.
func (s *storm) given() state.Given {
	p := oneOf(s, s.sim.World().Projects...)
	name := func(or string) string {
		if len(p.Clusters) == 0 || s.chance(10) {
			return or
		}
		return oneOf(s, p.Clusters...).Name
	}
	some := func(v string) string {
		if s.chance(70) {
			return v
		}
		return ""
	}
	at := s.sim.Now().Add(-time.Duration(s.dice.IntN(200)) * time.Hour)
	g := state.Given{
		Project: oneOf(s, p.Name, p.ID, "nobody", ""), Cluster: some(name("nothing")), Snapshot: some(oneOf(s, state.Latest, "65f0c1d2e3a4b5c6d7e8f901")),
		Delivery: some(oneOf(s, "download", "automated", "pointInTime")), TargetProject: some(p.Name), TargetCluster: some(name("orders-prod-restore")),
	}
	if s.chance(25) {
		g.Snapshot, g.Delivery, g.At = "", "", at.Format(time.RFC3339)
	}
	if g.Snapshot == "" && g.At == "" && s.chance(50) {
		g.Namespace, g.Delivery = s.missing(), ""
	}
	if g.Check() != nil {
		g.TargetProject, g.TargetCluster = "", ""
	}
	if g.Check() != nil {
		return state.Given{}
	}
	return g
}

// settle lets run what can, until all that is under way waits for the storm.
func (s *storm) settle() {
	for {
		synctest.Wait()
		v := s.gate.next()
		if v == nil {
			break
		}
		if v.held = s.chance(s.hold); !v.held {
			s.gate.open(v)
		}
	}
}

// release opens the gate for one that was held.
func (s *storm) release() {
	if v := s.gate.held(s.dice); v != nil {
		s.note("%s goes on", v.what)
		s.gate.open(v)
		s.settle()
	}
}

// pass lets time pass for whoever waits for it: the bubble's, none of the world's.
func (s *storm) pass(d time.Duration) {
	time.Sleep(d)
	s.settle()
}

// kept holds the promises about what is asked of Atlas: what was confirmed was written
// down, then asked for, once.
func (s *storm) kept() {
	asked, spoiled := s.book.read()
	// What was confirmed may have been refused before it was written down.
	agreed := s.agreed
	for _, body := range asked {
		i := slices.Index(agreed, cmp.Or(body.TargetClusterName, string(body.DeliveryType)))
		if i < 0 {
			s.fail("confirmed: %q; written down to be asked for: %+v", s.agreed, asked)
		}
		agreed = agreed[i+1:]
	}
	if n := len(s.gate.orders); n != len(asked)-spoiled {
		s.fail("%d requests, %d written down", n, len(asked)-spoiled)
	}
	if !s.gate.news() {
		return
	}
	posts := s.posts()[s.before:]
	if len(posts) > len(s.gate.orders) {
		s.fail("%d POSTs have reached Atlas for %d requests", len(posts), len(s.gate.orders))
	}
	s.taken = 0
	for _, r := range posts {
		if no := !r.Dropped && r.Status >= 400 && r.Status < 500 && r.Status != http.StatusRequestTimeout && r.ErrorCode != ""; !no {
			s.taken++
		}
	}
	for _, j := range s.sim.Jobs() {
		if j.CreatedAt.Before(monday) || s.gate.known[j.ID] {
			continue
		}
		s.gate.known[j.ID], s.made[j.ID] = true, j
		s.tally["made"]++
		if len(s.made) > len(s.agreed) {
			s.fail("%d jobs for %d confirmations", len(s.made), len(s.agreed))
		}
	}
}

// posts are the requests for restore jobs that Atlas has had from somebody whom it knows:
// the first half of a Digest handshake asks for nothing yet.
func (s *storm) posts() []simulator.Request {
	return slices.DeleteFunc(s.sim.Requests(), func(r simulator.Request) bool {
		return r.Method != http.MethodPost || !asksForJob(r.Path) || r.Status == http.StatusUnauthorized
	})
}

// agrees holds the end of a run against what Atlas knows.
func (s *storm) agrees(sum steps.Summary) {
	jobs := map[string]simulator.Job{}
	for _, j := range s.sim.Jobs() {
		jobs[j.ID] = j
	}
	doubts, told := slices.Clone(sum.Doubts), map[string]bool{}
	for _, one := range append([]steps.Summary{sum}, sum.Earlier...) {
		if one.Job.ID == "" {
			continue
		}
		if _, made := s.made[one.Job.ID]; !made || told[one.Job.ID] {
			s.fail("job %s was never made, or is told twice: %v", one.Job.ID, told[one.Job.ID])
		}
		told[one.Job.ID] = true
	}
	for id, made := range s.made {
		i := slices.IndexFunc(doubts, func(p state.Plan) bool { return about(p, made) })
		switch {
		case told[id]:
		case i < 0:
			s.fail("job %+v is neither told nor a doubt of the summary, %s:\n%s", made, sum.Outcome, sum.Text())
		default:
			doubts = slices.Delete(doubts, i, i+1)
		}
	}
	if known := len(sum.Doubts) + len(told); known < s.taken {
		s.fail("%d requests were not refused; of them the summary tells %d jobs, and has %d doubts", s.taken, len(told), len(sum.Doubts))
	}
	for _, one := range sum.Earlier {
		one.Snapshots, one.Doubts = nil, nil
		s.right(one, jobs, one.Job.ID == "")
	}
	s.right(sum, jobs, len(sum.Earlier) == 0)
}

// right holds what one restore has come to against what Atlas knows; alone says that the run has
// no other job.
func (s *storm) right(sum steps.Summary, jobs map[string]simulator.Job, alone bool) {
	nothing := "Nothing else was submitted"
	if alone {
		nothing = "Nothing was submitted"
	}
	job, now := jobs[sum.Job.ID], sum.Now // in the line face the clock may have gone on since
	if now.After(s.sim.Now()) {
		s.fail("the summary is of %v, it is %v", now, s.sim.Now())
	}
	ended, right := !now.Before(job.EndsAt), true
	switch sum.Outcome {
	case state.OutcomeAborted, state.OutcomeError:
		right = sum.Job.ID == "" && (strings.Contains(sum.Text(), nothing) || strings.Contains(sum.Text(), "No restore was submitted. The snapshot"))
	case state.OutcomeUnknown:
		right = (sum.Job.ID == "" || watch.Final(sum.Err) || len(sum.Doubts)+len(sum.Others) > 0) && len(s.agreed) > 0 && strings.Contains(sum.Text(), "OUTCOME UNKNOWN")
	case state.OutcomeCompleted:
		right = job.State == "completed"
	case state.OutcomeReady: // or it was, when it was seen
		right = ended && job.State != "failed" && delivery(job) == state.Download && now.Before(sum.Job.ExpiresAt)
	case state.OutcomeExpired:
		right = job.State == "expired" || !now.Before(sum.Job.ExpiresAt)
	case state.OutcomeFailed:
		right = job.State == "failed"
	case state.OutcomeCancelled:
		right = job.State == "cancelled"
	case state.OutcomeRunning:
		right = sum.Job.ID != ""
	case state.OutcomeDryRun, state.OutcomeDownloaded:
		right = false // no storm asks for one, or fetches a file
	}
	if !right {
		s.fail("the outcome is %s; confirmed: %q; the job: %+v\n%s", sum.Outcome, s.agreed, job, sum.Text())
	}
}

// about says whether a plan could have become this job.
func about(p state.Plan, j simulator.Job) bool {
	return p.Cluster.Name == j.Cluster && p.Delivery == delivery(j) && (!p.Delivery.Overwrites() || p.Target.ClusterName == j.TargetCluster)
}

// delivery is a job's delivery type, in the words of the dedicated ones.
func delivery(j simulator.Job) state.DeliveryType {
	switch j.DeliveryType {
	case "DOWNLOAD":
		return state.Download
	case "RESTORE":
		return state.Automated
	}
	return state.DeliveryType(j.DeliveryType)
}

// clean holds text against what a terminal, and anybody, may see.
func (s *storm) clean(what, text string) {
	i := strings.IndexFunc(text, func(r rune) bool {
		return r != '\n' && r < ' ' || r >= 0x7f && r < 0xa0 || s.cfg.ASCII && r > '~'
	})
	if i >= 0 {
		s.fail("%s holds %q", what, text[i:min(len(text), i+20)])
	}
	s.mum(what, text)
}

// mum holds that text tells no key.
func (s *storm) mum(what, text string) {
	for _, secret := range s.secret {
		if strings.Contains(text, secret) {
			s.fail("%s tells a key:\n%s", what, text)
		}
	}
}

// belongs holds that the answers fit together: a cluster is one of its project, a
// snapshot one of its cluster, and a target that was listed one of the project that
// Atlas listed it in.
func (s *storm) belongs(p state.Plan, listed bool) {
	if p.Cluster.Name != "" && p.Cluster.ProjectID != p.Project.ID {
		s.fail("cluster %+v is not one of project %+v", p.Cluster, p.Project)
	}
	for _, project := range s.sim.World().Projects {
		for _, c := range project.Clusters {
			if c.ID != p.Cluster.ID && slices.ContainsFunc(s.sim.Snapshots(project.Name, c.Name), func(x simulator.Snapshot) bool { return x.ID == p.Snapshot.ID }) {
				s.fail("snapshot %+v is one of %s, not of cluster %+v", p.Snapshot, c.Name, p.Cluster)
			}
		}
		if listed && project.ID == p.Target.Project.ID && !s.former[p.Target.ClusterName] &&
			!slices.ContainsFunc(project.Clusters, func(c simulator.Cluster) bool { return c.Name == p.Target.ClusterName }) {
			s.fail("target %+v is not one of project %+v", p.Target, project.Project)
		}
	}
}

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

// gate stands before the real client. Whoever comes waits until the storm opens, once
// on the way to Atlas and once on the way back, and leaves when its context ends. The
// calls themselves are made outside of the bubble, where the network is.
type gate struct {
	own     steps.Atlas // the client that is signed in
	atlas   steps.Atlas // the one of the present run
	errands chan func() // both were made outside of the bubble
	done    chan struct{}
	road    sync.Mutex

	mu      sync.Mutex // guards what follows
	waiting []*visit
	orders  []state.Request // jobs that were asked for, in the present run
	fresh   bool            // one was carried out since news was asked for
	known   map[string]bool // the ids of jobs that were counted
}

// visit is a call at the gate.
type visit struct {
	what string
	gate chan struct{}
	seen bool
	held bool
}

func (g *gate) carry() {
	for f := range g.errands {
		f()
		g.done <- struct{}{}
	}
}

// outside has f run where the network is.
func (g *gate) outside(f func()) {
	g.road.Lock()
	defer g.road.Unlock()
	g.errands <- f
	<-g.done
}

func (g *gate) wait(ctx context.Context, what string) (open bool) {
	v := &visit{what: what, gate: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, v)
	g.mu.Unlock()
	select {
	case <-v.gate:
		return true
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(w *visit) bool { return w == v })
	return false
}

// next is a visit that the storm has not seen; the same one in every play.
func (g *gate) next() *visit {
	g.mu.Lock()
	defer g.mu.Unlock()
	var first *visit
	for _, v := range g.waiting {
		if !v.seen && (first == nil || v.what < first.what) {
			first = v
		}
	}
	if first != nil {
		first.seen = true
	}
	return first
}

func (g *gate) held(dice *rand.Rand) *visit {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	all := slices.SortedStableFunc(slices.Values(g.waiting), func(a, b *visit) int { return cmp.Compare(a.what, b.what) })
	return all[dice.IntN(len(all))]
}

func (g *gate) has(what string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.waiting, func(v *visit) bool { return strings.Contains(v.what, what) })
}

func (g *gate) open(v *visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, v); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
		close(v.gate)
	}
}

func (g *gate) news() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	fresh := g.fresh
	g.fresh = false
	return fresh
}

func through[T any](ctx context.Context, g *gate, what string, call func(context.Context) (T, error)) (out T, err error) {
	far, cancel := context.WithCancel(context.Background())
	defer cancel()
	open := g.wait(ctx, what)
	if !open {
		cancel() // what the client makes of that is its own
	}
	far, news := overheard[T](far)
	g.outside(func() { out, err = call(far) })
	for _, n := range *news {
		if g.wait(ctx, "a part of "+what) {
			n(ctx)
		}
	}
	if open && !g.wait(ctx, "the answer to "+what) {
		var none T
		return none, fmt.Errorf("speaking to Atlas: %w", ctx.Err())
	}
	return out, err
}

// overheard keeps what a client reports on its way, the first page of a list and tries that
// have failed, to be reported when whoever asked may hear of it.
func overheard[T any](ctx context.Context) (context.Context, *[]func(context.Context)) {
	var mu sync.Mutex
	var news []func(context.Context)
	keep := func(n func(context.Context)) {
		mu.Lock()
		defer mu.Unlock()
		news = append(news, n)
	}
	ctx = state.WithPart(ctx, func(part T) { keep(func(to context.Context) { state.ReportPart(to, part) }) })
	ctx = state.WithAttempts(ctx, func(a state.Attempt) {
		keep(func(to context.Context) {
			a.At = time.Now().Add(a.In)
			state.ReportAttempt(to, a)
		})
	})
	return ctx, &news
}

// Projects implements steps.Atlas, as do the others.
func (g *gate) Projects(ctx context.Context) ([]state.Project, error) {
	return through(ctx, g, "projects", g.atlas.Projects)
}

// Everywhere implements steps.Atlas.
func (g *gate) Everywhere(ctx context.Context) ([]state.Found, error) {
	return through(ctx, g, "clusters of all projects", g.atlas.Everywhere)
}

// ClusterNamed implements steps.Atlas.
func (g *gate) ClusterNamed(ctx context.Context, id, name string) (state.Cluster, bool, error) {
	type answer struct {
		c  state.Cluster
		ok bool
	}
	a, err := through(ctx, g, "whether "+id+" has "+name, func(ctx context.Context) (answer, error) {
		c, ok, err := g.atlas.ClusterNamed(ctx, id, name)
		return answer{c, ok}, err
	})
	return a.c, a.ok, err
}

// Dedicated implements steps.Atlas.
func (g *gate) Dedicated(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "dedicated clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.Dedicated(ctx, id) })
}

// Clusters implements steps.Atlas.
func (g *gate) Clusters(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.Clusters(ctx, id) })
}

// AllClusters implements steps.Atlas.
func (g *gate) AllClusters(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "all clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.AllClusters(ctx, id) })
}

// Schedule implements steps.Atlas.
func (g *gate) Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error) {
	return through(ctx, g, "schedule of "+c.Name, func(ctx context.Context) (state.Schedule, error) { return g.atlas.Schedule(ctx, c) })
}

// Snapshots implements steps.Atlas.
func (g *gate) Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error) {
	return through(ctx, g, "snapshots of "+c.Name, func(ctx context.Context) ([]state.Snapshot, error) { return g.atlas.Snapshots(ctx, c) })
}

// Snapshot implements steps.Atlas.
func (g *gate) Snapshot(ctx context.Context, c state.Cluster, id string) (state.Snapshot, error) {
	return through(ctx, g, "snapshot "+id, func(ctx context.Context) (state.Snapshot, error) { return g.atlas.Snapshot(ctx, c, id) })
}

// TakeSnapshot implements steps.Atlas.
func (g *gate) TakeSnapshot(ctx context.Context, c state.Cluster, description string, days int) (state.Snapshot, error) {
	return through(ctx, g, "new snapshot", func(ctx context.Context) (state.Snapshot, error) {
		return g.atlas.TakeSnapshot(ctx, c, description, days)
	})
}

// BaseSnapshot implements steps.Atlas.
func (g *gate) BaseSnapshot(ctx context.Context, c state.Cluster, i state.Instant) (state.Snapshot, error) {
	return through(ctx, g, "base of "+c.Name, func(ctx context.Context) (state.Snapshot, error) { return g.atlas.BaseSnapshot(ctx, c, i) })
}

// Roles implements steps.Atlas.
func (g *gate) Roles(ctx context.Context) (state.Roles, error) {
	return through(ctx, g, "roles", g.atlas.Roles)
}

// Access implements steps.Atlas.
func (g *gate) Access(ctx context.Context, project, provider string) (state.Access, error) {
	return through(ctx, g, "access of "+project, func(ctx context.Context) (state.Access, error) { return g.atlas.Access(ctx, project, provider) })
}

// Jobs implements steps.Atlas.
func (g *gate) Jobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return through(ctx, g, "jobs of "+c.Name, func(ctx context.Context) ([]state.Job, error) { return g.atlas.Jobs(ctx, c) })
}

// Job implements steps.Atlas.
func (g *gate) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	return through(ctx, g, "job "+id, func(ctx context.Context) (state.Job, error) { return g.atlas.Job(ctx, c, id) })
}

// CollectionJobs implements steps.Atlas.
func (g *gate) CollectionJobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return through(ctx, g, "collection jobs of "+c.Name, func(ctx context.Context) ([]state.Job, error) { return g.atlas.CollectionJobs(ctx, c) })
}

// CollectionJob implements steps.Atlas.
func (g *gate) CollectionJob(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	return through(ctx, g, "collection job "+id, func(ctx context.Context) (state.Job, error) { return g.atlas.CollectionJob(ctx, c, id) })
}

// CancelJob implements steps.Atlas.
func (g *gate) CancelJob(ctx context.Context, c state.Cluster, id string) error {
	_, err := through(ctx, g, "end of job "+id, func(ctx context.Context) (struct{}, error) { return struct{}{}, g.atlas.CancelJob(ctx, c, id) })
	return err
}

// CreateJob implements steps.Atlas.
func (g *gate) CreateJob(ctx context.Context, c state.Cluster, body state.Request) (state.Job, error) {
	g.mu.Lock()
	g.orders = append(g.orders, body)
	g.mu.Unlock()
	return through(ctx, g, "request", func(ctx context.Context) (state.Job, error) {
		g.mu.Lock()
		g.fresh = true
		g.mu.Unlock()
		return g.atlas.CreateJob(ctx, c, body)
	})
}

// ledger is a journal on a disk that may be full.
type ledger struct {
	mu      sync.Mutex
	asked   []state.Request // intents, those that could not be written too
	spoiled int             // of them, those
	full    int             // so many entries cannot be written
	text    strings.Builder
	all     []journal.Entry
}

var errFull = errors.New("no space left on device")

// Append implements submit.Journal.
func (l *ledger) Append(e journal.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Event == journal.Intent {
		l.asked = append(l.asked, e.Body)
	}
	if l.full > 0 {
		l.full--
		if e.Event == journal.Intent {
			l.spoiled++
		}
		return errFull
	}
	raw, err := json.Marshal(e)
	l.text.Write(raw)
	l.all = append(l.all, e)
	return err
}

// Read implements submit.Journal.
func (l *ledger) Read() ([]journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all), nil
}

// Lock implements submit.Journal.
func (l *ledger) Lock(string) (func(), error) { return func() {}, nil }

func (l *ledger) read() (asked []state.Request, spoiled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked, l.spoiled
}

func (l *ledger) spoil(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full = n
}

// screenStorm drives the root of the full screen as Bubble Tea does, without a terminal.
type screenStorm struct {
	entered string // the row of the first page on which Enter was pressed last
	aimed   string // the row that Enter took last
	*storm
	root   *ui.Root
	cancel context.CancelFunc
	ways   []*way    // commands that have not returned
	mail   []tea.Msg // what has come of commands, and is not delivered yet
	w, h   int
	seen   string // the text on the screen
	sum    steps.Summary
	over   bool    // the program was asked to end
	told   account // when the summary was held against the world
}

// account is what the summary of a run depends on.
type account struct {
	agreed, made int
	outcome      state.Outcome
}

// way is a command under way.
type way struct {
	msg  tea.Msg
	dead string      // it has panicked
	done atomic.Bool // and the rest can be read
}

func onScreen(s *storm) tempest { return &screenStorm{storm: s} }

func (s *screenStorm) open() {
	s.renew()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.w, s.h, s.over, s.mail, s.told = cancel, 0, 0, false, nil, account{}
	s.root = ui.New(ctx, s.cfg)
	s.follow(s.root.Init())
	s.rest()
	s.look()
	s.give(tea.WindowSizeMsg{Width: 80, Height: 24})
}

// follow runs a command beside the others.
func (s *screenStorm) follow(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	w := &way{}
	s.ways = append(s.ways, w)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				w.dead = fmt.Sprintf("a command panics: %v\n%s", r, debug.Stack())
			}
			w.done.Store(true)
		}()
		w.msg = cmd()
	}()
}

// rest waits until all that is under way waits for the storm, and takes what has come.
func (s *screenStorm) rest() {
	for again := true; again; {
		s.settle()
		again = false
		under := s.ways
		s.ways = nil
		for _, w := range under {
			switch {
			case !w.done.Load():
				s.ways = append(s.ways, w)
			case w.dead != "":
				s.fail("%s", w.dead)
			case w.msg == nil:
			default:
				again = s.unpack(w.msg) || again
			}
		}
	}
}

// unpack follows the commands of a batch; whatever else has come is mail.
func (s *screenStorm) unpack(msg tea.Msg) (batch bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		s.mail = append(s.mail, msg)
		return false
	}
	for i := range v.Len() {
		if cmd, ok := v.Index(i).Interface().(tea.Cmd); ok {
			s.follow(cmd)
		}
	}
	return true
}

// give hands the model a message, draws it, and holds everything against the promises.
func (s *screenStorm) give(msg tea.Msg) {
	s.tally["events"]++
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		s.w, s.h = size.Width, size.Height
	}
	before, was := s.sum, s.seen
	_, cmd := s.root.Update(msg)
	s.follow(cmd)
	s.rest()
	s.look()
	s.kept()
	s.chosen(msg, was, before.Plan, s.sum.Plan)
	if now := (account{len(s.agreed), len(s.made), s.sum.Outcome}); now != s.told {
		s.told = now
		s.agrees(s.sum)
	}
}

var allowed = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)`)

// look draws the screen, which has to fit, and asks what would be said at the end.
func (s *screenStorm) look() {
	v := s.root.View()
	text := allowed.ReplaceAllString(v.Content, "")
	s.clean("the screen", text)
	s.clean("the title", v.WindowTitle)
	if strings.ContainsAny(v.WindowTitle, "\n/") {
		s.fail("the title is %q", v.WindowTitle)
	}
	rows := strings.Split(text, "\n")
	if s.w > 0 && s.h > 0 && len(rows) > s.h {
		s.fail("%d lines on a screen of %d×%d:\n%s", len(rows), s.w, s.h, text)
	}
	for _, row := range rows {
		if n := ansi.StringWidth(row); n > s.w {
			s.fail("%d cells on a screen of %d×%d: %q", n, s.w, s.h, row)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= s.w || c.Y < 0 || c.Y >= s.h) {
		s.fail("the cursor is at %d, %d of a screen of %d×%d:\n%s", c.X, c.Y, s.w, s.h, text)
	}
	if s.seen = text; s.cfg.ASCII {
		s.seen = inUTF8.Replace(text)
	}
	s.sum = s.root.Summary()
}

// chosen holds that answers change only by Enter, to what was highlighted on the screen
// that was seen before it, or by the key of the moment. A cluster that Enter took with its
// project is answered when that project's list has come.
func (s *screenStorm) chosen(msg tea.Msg, was string, before, after state.Plan) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "enter" && row(was) != "" {
		s.aimed = row(was)
		if strings.Contains(was, "which cluster's data") {
			s.entered = row(was)
		}
	}
	before.Draft, after.Draft = state.Draft{}, state.Draft{}
	if reflect.DeepEqual(before, after) || !s.cfg.Given.IsZero() {
		return
	}
	k, key := msg.(tea.KeyPressMsg)
	if taken := fmt.Sprintf("%T", msg); !key && strings.HasSuffix(taken, "state.Snapshot]") && after.Snapshot.Kind == "onDemand" {
		return // the snapshot that was asked for, and waited for, has come
	}
	if k.String() == "tab" && after.Delivery == state.PointInTime {
		return
	}
	if single := after.Delivery == state.Collections && after.ByMoment(); single && (k.String() == "o" || k.String() == "f10") {
		return // what was lost alone, or single collections in the place of the whole
	}
	if own := before.WithCluster(after.Cluster); !key && (before.Cluster.Name == "" || before.Cluster.ID == after.Cluster.ID) && reflect.DeepEqual(own, after) && s.names(s.entered, after.Cluster.Name) {
		return
	}
	if own := before.WithFields(after.Instant, after.Target, after.Draft); !key && reflect.DeepEqual(own, after) && s.names(s.aimed, after.Target.ClusterName) {
		return // the own list of the target that Enter has taken has come
	}
	if k.String() == "enter" && after.Delivery == state.PointInTime && strings.Contains(was, "enter do it") && strings.HasSuffix(row(was), " tab") {
		return // that key's action, by its name in the palette
	}
	if job := strings.Contains(s.seen+was, "estore job ") || len(s.sum.Earlier) > 0; job {
		switch k.String() {
		case "n", "ctrl+o", "esc":
			return // another restore is begun, or gone on with, or its job is shown
		case "enter":
			if tail := row(was); strings.Contains(was, "enter do it") && (strings.HasSuffix(tail, " n") || strings.HasSuffix(tail, " ctrl+o") || strings.HasSuffix(tail, " esc")) {
				return
			}
		}
	}
	if k.String() != "enter" {
		s.fail("%T %v has changed the answers\nfrom %+v\nto   %+v", msg, msg, before, after)
	}
	if s.proposed(was, before, after) {
		s.tally["a loss taken"]++
		return
	}
	line := row(was)
	for _, change := range []struct{ from, to, name string }{
		{before.Project.ID, after.Project.ID, after.Project.Name},
		{before.Cluster.ID, after.Cluster.ID, after.Cluster.Name},
		{before.Snapshot.ID, after.Snapshot.ID, state.UTC(after.Snapshot.When(), s.cfg.Now())},
		{string(before.Delivery), string(after.Delivery), steps.DeliveryName(after.Delivery)},
		{before.Target.ClusterName, after.Target.ClusterName, after.Target.ClusterName},
	} {
		if change.to != "" && change.to != change.from && !s.names(line, change.name) {
			s.fail("Enter has taken %q, highlighted was %q:\n%s", change.name, line, was)
		}
	}
	s.belongs(after, after.Target != before.Target && !strings.Contains(line, `use "`))
}

// names says whether a line of the screen has a name, as far as a column shows one.
func (s *screenStorm) names(line, name string) bool {
	plain := func(text string) string {
		if s.cfg.ASCII {
			return steps.ASCII(text)
		}
		return text
	}
	if strings.Contains(line, plain(ansi.Truncate(name, 20, ""))) {
		return true
	}
	for n := 8; n < 20; n++ { // a narrow row may have the name's beginning, and say that it is cut
		if cut := ansi.Truncate(name, n, "…"); cut != name && strings.Contains(line, plain(cut)) {
			return true
		}
	}
	return false
}

const askErased = "To erase "

// typed is what stands in the input of the confirmation, as far as the screen shows it.
func (s *screenStorm) typed() string {
	ask := askErased
	for _, other := range askSingles {
		if !strings.Contains(s.seen, ask) {
			ask = other
		}
	}
	_, below, _ := strings.Cut(s.seen, ask)
	_, below, _ = strings.Cut(below, "\n")
	line, _, _ := strings.Cut(below, "\n")
	_, typed, _ := strings.Cut(line, "› ")
	return typed
}

// confirms is what Enter confirms on the screen as it was last seen; empty for nothing.
func (s *screenStorm) confirms() string {
	if strings.Contains(s.seen, "▌ [ Request the download ]") {
		return string(state.Download)
	}
	if phrase := s.sum.Plan.Phrase(); phrase != "" && s.typed() == phrase {
		return s.sum.Plan.Target.ClusterName
	}
	return ""
}

// press presses a key, and knows whether that confirms.
func (s *screenStorm) press(k tea.KeyPressMsg) {
	if k.String() == "enter" {
		if strings.HasPrefix(s.typed(), "…") || strings.HasPrefix(s.typed(), "~") { // it cannot be seen what that would confirm
			s.give(clearKey)
		}
		if what := s.confirms(); what != "" {
			s.agreed = append(s.agreed, what)
			s.tally["confirmed"]++
			s.note("that confirms %s", what)
		}
	}
	s.give(k)
}

func (s *screenStorm) typeText(text string) {
	for _, r := range text {
		s.press(letters(string(r))[0])
	}
}

var (
	enterKey = tea.KeyPressMsg{Code: tea.KeyEnter}
	leaveKey = tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	clearKey = tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
	// ctrl+v is not among them: it may run programs of the machine.
	anyKey = slices.Concat(
		keys(0, tea.KeyEscape, tea.KeyTab, tea.KeyTab, tea.KeyUp, tea.KeyDown, tea.KeyDown, tea.KeyPgUp, tea.KeyPgDown, tea.KeyHome, tea.KeyEnd,
			tea.KeyBackspace, tea.KeyBackspace, tea.KeyDelete, tea.KeyLeft, tea.KeyRight, tea.KeyF1, tea.KeyF2, tea.KeyF3, tea.KeyF4, tea.KeyF5, tea.KeyF6, tea.KeyF7, tea.KeyF8, tea.KeyF9, tea.KeyF12),
		keys(tea.ModShift, tea.KeyTab, tea.KeyEnter, tea.KeyLeft, tea.KeyRight),
		keys(tea.ModCtrl, tea.KeyLeft, tea.KeyRight, tea.KeyUp, tea.KeyDown),
		keys(tea.ModCtrl, 'u', 'w', 'r', 'n', 'p', 'k', 'a', 'e', 'd', 'm', 'z', 'g'),
		keys(tea.ModAlt, 'd', 'b', 'f', tea.KeyBackspace, tea.KeyEnter),
		letters(" ", "?", "x", "y", "c", "q", "-", "1", "o", "s", "w", "支", "e\u0301", "\u0301", "👩‍👩‍👧‍👦"),
	)
	anyMessage = []any{
		tea.FocusMsg{},
		tea.BlurMsg{},
		tea.ResumeMsg{},
		tea.BackgroundColorMsg{},
		tea.ColorProfileMsg{Profile: colorprofile.ANSI},
		tea.ColorProfileMsg{Profile: colorprofile.TrueColor},
		tea.EnvMsg{"COLORFGBG=0;15"},
		tea.EnvMsg{"TERM=linux"},
		tea.KeyReleaseMsg{Code: tea.KeyEnter},
		tea.MouseClickMsg{X: 3, Y: 3},
		tea.MouseWheelMsg{},
		struct{}{},
	}
)

func keys(mod tea.KeyMod, codes ...rune) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, c := range codes {
		out = append(out, tea.KeyPressMsg{Code: c, Mod: mod})
	}
	return out
}

// letters are keys that write something; one may be more than one rune.
func letters(texts ...string) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, text := range texts {
		r := []rune(text)
		if len(r) > 1 {
			r[0] = tea.KeyExtended
		}
		out = append(out, tea.KeyPressMsg{Code: r[0], Text: text})
	}
	return out
}

// event implements tempest.
func (s *screenStorm) event(kind byte) {
	if s.singles && kind < 112 && s.chance(60) {
		kind = 154 // it goes on more: from these pages a job is far
	}
	switch {
	case kind < 60:
		k := oneOf(s.storm, anyKey...)
		if s.cfg.ASCII && k.Text == "\u0301" { // such a screen cannot show what it makes of a letter
			k = letters("'")[0]
		}
		s.note("%s", k)
		s.press(k)
	case kind < 100:
		s.note("enter")
		s.press(enterKey)
	case kind < 112:
		word := s.word()
		s.note("types %.60q", word)
		s.typeText(word)
	case kind < 122:
		paste := oneOf(s.storm, s.word(), s.word(), oneOf(s.storm, garbage...), strings.Repeat("x", 5_000)) + oneOf(s.storm, "", "\n", "\r", "\r\n\r\n")
		s.note("pastes %.60q", paste)
		s.give(tea.PasteMsg{Content: paste})
	case kind < 132:
		s.resize()
	case kind < 138:
		msg := oneOf(s.storm, anyMessage...)
		s.note("%T", msg)
		s.give(msg)
	case kind < 154:
		s.weather()
	case kind < 184:
		s.goOn()
	case kind < 196:
		s.goElsewhere()
	case kind < 210:
		s.release()
	case kind < 214:
		s.deliver(100)
	case kind < 215:
		s.note("ctrl+c")
		s.press(leaveKey)
		if quits := slices.ContainsFunc(s.mail, isQuit); !quits && !s.sending() && !strings.Contains(s.seen, "what becomes of it") {
			s.fail("ctrl+c does not leave:\n%s", s.seen)
		}
	default:
		d := oneOf(s.storm, 16*time.Millisecond, 50*time.Millisecond, 200*time.Millisecond, 2*time.Second)
		s.note("%v pass", d)
		s.pass(d)
	}
	s.pass(time.Duration(s.dice.IntN(20)) * time.Millisecond)
	s.rest()
	s.deliver(100 - s.slow)
	if s.over {
		s.leave()
		s.open()
	}
}

func isQuit(msg tea.Msg) bool {
	_, ok := msg.(tea.QuitMsg)
	return ok
}

// sending says whether the answer to a request has not reached the wizard yet.
func (s *screenStorm) sending() bool {
	return s.sum.Outcome == state.OutcomeUnknown || slices.ContainsFunc(s.mail, func(msg tea.Msg) bool { return strings.Contains(fmt.Sprintf("%T", msg), "Submitted") })
}

func (s *screenStorm) resize() {
	size := tea.WindowSizeMsg{Width: 60 + s.dice.IntN(80), Height: 15 + s.dice.IntN(30)}
	switch s.dice.IntN(8) {
	case 0:
		size = tea.WindowSizeMsg{Width: 1 + s.dice.IntN(70), Height: 1 + s.dice.IntN(20)}
	case 1:
		size = tea.WindowSizeMsg{Width: 60 + s.dice.IntN(241), Height: 15 + s.dice.IntN(66)}
	}
	s.note("the window is %d×%d", size.Width, size.Height)
	s.give(size)
}

// deliver hands out the mail, each piece with a chance of so many in a hundred; what is
// not handed out comes later, and maybe in another order.
func (s *screenStorm) deliver(chance int) {
	mail := s.mail
	s.mail = nil
	for _, msg := range mail {
		switch {
		case !s.chance(chance):
			s.mail = append(s.mail, msg)
		case isQuit(msg):
			s.over = true
		default:
			s.note("%T comes", msg)
			s.give(msg)
		}
	}
}

// goOn does on the page what leads on, where chance alone would take long.
func (s *screenStorm) goOn() {
	if s.sum.Job.ID != "" {
		s.seeJob()
		return
	}
	target := s.sum.Plan.Phrase()
	at := s.cfg.Now().Add(-time.Duration(s.dice.IntN(oneOf(s.storm, 60, 3600, 400_000))) * time.Second)
	text := s.credential(s.seen)
	switch {
	case target != "" && (strings.Contains(s.seen, askErased) || slices.ContainsFunc(askSingles, func(ask string) bool { return strings.Contains(s.seen, ask) })):
		if s.chance(15) {
			s.note("pastes %q with a newline", target)
			s.give(tea.PasteMsg{Content: target + "\n"})
			return
		}
		text = oneOf(s.storm, almost(target)...)
	case strings.Contains(s.seen, "into which cluster"):
		s.press(tea.KeyPressMsg{Code: tea.KeyDown})
	case strings.Contains(s.seen, askNames):
		s.chooseNames()
		return
	case strings.Contains(s.seen, "[ Request the download ]"):
		s.press(tea.KeyPressMsg{Code: tea.KeyTab})
	case strings.Contains(s.seen, "› What is missing"):
		text = s.missing()
	case strings.Contains(s.seen, "s stop") && s.chance(80): // the search for a loss goes on
		s.note("lets it read")
		for range 6 {
			s.release()
			s.pass(200 * time.Millisecond)
			s.rest()
			s.deliver(100)
		}
		return
	case strings.Contains(s.seen, "which state of the data") && s.chance(25):
		s.note("asks when it was lost")
		s.tally["asked when"]++
		s.lose(s.sum.Plan.Project.Name + "/" + s.sum.Plan.Cluster.Name)
		s.press(keys(tea.ModCtrl, 'g')[0])
		return
	case strings.Contains(s.seen, "how is it delivered"):
		for range s.dice.IntN(3) {
			s.press(tea.KeyPressMsg{Code: tea.KeyDown})
		}
	case strings.Contains(s.seen, "› Moment"):
		text = at.Format("2006-01-02 15:04:05")
	case strings.Contains(s.seen, "› Oplog timestamp"):
		text = strconv.FormatInt(at.Unix(), 10)
	case strings.Contains(s.seen, "› Oplog increment"):
		text = "1"
	}
	if text != "" {
		s.note("types %q and enter", text)
		s.press(clearKey)
		s.typeText(text)
	} else {
		s.note("goes on")
	}
	s.press(enterKey)
}

// goElsewhere goes back, and on with something else.
func (s *screenStorm) goElsewhere() {
	s.note("goes back, and elsewhere")
	for range 1 + s.dice.IntN(2) {
		s.press(tea.KeyPressMsg{Code: tea.KeyEscape})
	}
	move := oneOf(s.storm, tea.KeyUp, tea.KeyDown)
	for range s.dice.IntN(4) {
		s.press(tea.KeyPressMsg{Code: move})
	}
	s.press(enterKey)
}

// almost are a name, mostly, and what is not quite that name.
func almost(name string) []string {
	return []string{name, name, name, name, name, name + "x", name[1:], name[:len(name)-1], strings.ToUpper(name), name + " ", " " + name}
}

// seeJob has the time pass that a job takes, and leaves it in the end.
func (s *screenStorm) seeJob() {
	if s.sum.Outcome != state.OutcomeRunning && s.chance(10) {
		s.note("q")
		s.press(letters("q")[0])
		return
	}
	d := time.Duration(s.dice.IntN(200)) * time.Second
	s.note("Atlas's clock moves by %v, and some seconds pass", d)
	s.sim.Advance(d)
	for range 4 {
		s.pass(time.Second)
		s.rest()
		s.deliver(100)
	}
}

// leave implements tempest.
func (s *screenStorm) leave() {
	sum := s.root.Summary()
	s.note("left: %s", sum.Outcome)
	s.tally["left: "+string(sum.Outcome)]++
	s.agrees(sum)
	s.clean("the summary", sum.Text())
	s.mum("the journal", s.book.text.String())
	if s.chance(50) { // the process ends later than what is under way
		s.hold = 0
		for v := s.gate.held(s.dice); v != nil; v = s.gate.held(s.dice) {
			s.gate.open(v)
			s.settle()
		}
	}
	s.kept()
	s.agrees(sum) // of what was made only now it had to know too
	s.tally["asked for"] += len(s.gate.orders)
	if !s.abandon() {
		s.fail("a command does not end")
	}
}

// abandon implements tempest.
func (s *screenStorm) abandon() bool {
	s.cancel()
	time.Sleep(time.Hour) // of the bubble's time: every timer in it goes off
	synctest.Wait()
	for _, w := range s.ways {
		if !w.done.Load() {
			return false
		}
	}
	s.ways, s.mail = nil, nil
	return true
}

// lineStorm drives the line face through its reader and writer.
type lineStorm struct {
	*storm
	io        *mouthAndEar
	echo      bool // it repeats what it reads
	forgets   bool // it is at a terminal: what is typed ahead does not confirm
	interrupt chan struct{}
	cancel    context.CancelFunc
	ended     *atomic.Bool // and both that follow can be read
	sum       steps.Summary
	dead      string // it has panicked
	read      int    // so much of what was said was looked at
	answered  int    // so much had been said when the storm said something
}

// mouthAndEar are the input, which never makes the storm wait, and the output.
type mouthAndEar struct {
	mu      sync.Mutex
	wake    chan struct{}
	in      []byte
	end     bool
	listens bool // the face waits for a line: it reads none before it wants it
	out     strings.Builder
}

// Read implements io.Reader.
func (m *mouthAndEar) Read(p []byte) (int, error) {
	for {
		m.mu.Lock()
		n, end := copy(p, m.in), m.end
		m.in, m.listens = m.in[n:], n == 0 && !end
		m.mu.Unlock()
		switch {
		case n > 0:
			return n, nil
		case end:
			return 0, io.EOF
		}
		<-m.wake
	}
}

func (m *mouthAndEar) say(text string, end bool) {
	m.mu.Lock()
	m.in, m.end = append(m.in, text...), m.end || end
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// forget drops what was not read yet.
func (m *mouthAndEar) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in = nil
}

func (m *mouthAndEar) listening() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.listens
}

// Write implements io.Writer.
func (m *mouthAndEar) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.Write(p)
}

func (m *mouthAndEar) heard() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.String()
}

func inLines(s *storm) tempest { return &lineStorm{storm: s} }

func (s *lineStorm) open() {
	s.renew()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.interrupt, s.ended, s.read, s.answered = cancel, make(chan struct{}), new(atomic.Bool), 0, 0
	s.io, s.echo, s.forgets = &mouthAndEar{wake: make(chan struct{}, 1)}, s.chance(40), false
	d := lines.IO{In: s.io, Out: s.io, Interrupt: s.interrupt, Terminal: !s.echo, Heartbeat: oneOf(s.storm, 0, time.Second, time.Hour)}
	switch {
	case s.unasked():
		d.In = nil
	case !s.echo && s.chance(70):
		s.forgets, d.Forget = true, s.io.forget
		d.NoEcho = func() (func(), error) { return func() {}, nil }
	}
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.dead = fmt.Sprintf("the face panics: %v\n%s", r, debug.Stack())
			}
			s.ended.Store(true)
		}()
		s.sum = lines.Run(ctx, s.cfg, d)
	}()
	s.listen()
}

// unasked says whether flags have answered everything, the confirmation too.
func (s *lineStorm) unasked() bool {
	g := s.cfg.Given.WithType()
	g.Confirm = cmp.Or(g.TargetCluster, string(state.Download))
	if !g.Complete() || g.Check() != nil {
		return false
	}
	s.cfg.Given = g
	return true
}

var (
	confirmPrompt = regexp.MustCompile(`(?:restore onto it, type (?:its name, )?((?:overwrite )?\S+)|type (download)): $`)
	confirmedLine = regexp.MustCompile(`(?m)(?:restore onto it, type (?:its name, )?((?:overwrite )?\S+)|type (download)): (.*)\n`)
)

// listen waits until the face waits for the storm, and holds what it has said.
func (s *lineStorm) listen() {
	s.settle()
	if s.ended.Load() && s.dead != "" {
		s.fail("%s", s.dead)
	}
	text := s.io.heard()[s.read:]
	end := strings.LastIndex(text, "\n") + 1
	s.clean("the dialogue", text)
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		s.fail("%q is said: %q", text[i:min(len(text), i+4)], text)
	}
	s.read += end
	if s.echo {
		for _, m := range confirmedLine.FindAllStringSubmatch(text[:end], -1) {
			if name := m[1] + m[2]; m[3] == name {
				s.confirm(name)
			}
		}
	}
	if strings.Contains(text[:end], "Confirmed by --confirm "+s.cfg.Given.Confirm+".\n") && s.cfg.Given.Confirm != "" {
		s.confirm(s.cfg.Given.Confirm)
	}
	s.kept()
}

func (s *lineStorm) confirm(phrase string) {
	name := strings.TrimPrefix(strings.TrimPrefix(phrase, "overwrite "), state.PracticePrefix)
	s.agreed = append(s.agreed, name)
	s.tally["confirmed"]++
	s.note("that confirms %s", name)
}

// prompt is what is asked now; empty while nothing is.
func (s *lineStorm) prompt() string {
	text := s.io.heard()
	if len(text) == s.answered { // nobody but a terminal shows what was typed
		return ""
	}
	return text[strings.LastIndex(text, "\n")+1:]
}

// say says lines. Where nothing shows afterwards what they were an answer to, and they are
// not forgotten either, one is said only to what is asked now.
func (s *lineStorm) say(line string) {
	prompt := s.prompt()
	if !s.io.listening() {
		if prompt = ""; !s.echo && !s.forgets || s.chance(70) {
			s.release() // it waits for Atlas
			return
		}
	}
	s.tally["events"]++
	s.note("%.60q to %q", line, prompt)
	if m := confirmPrompt.FindStringSubmatch(prompt); m != nil && !s.echo && strings.TrimRight(line, "\r") == m[1]+m[2] {
		s.confirm(m[1] + m[2])
	}
	if (s.echo || s.forgets) && s.chance(10) {
		ahead := oneOf(s.storm, s.word(), line)
		s.note("%.60q at once", ahead)
		line += "\n" + ahead
	}
	s.answered = len(s.io.heard())
	s.io.say(line+"\n", false)
	s.listen()
}

// event implements tempest.
func (s *lineStorm) event(kind byte) {
	switch {
	case kind < 40:
		s.say("")
	case kind < 75:
		s.say(strconv.Itoa(s.dice.IntN(12) - 1))
	case kind < 105:
		s.say(s.word())
	case kind < 112:
		s.say(oneOf(s.storm, oneOf(s.storm, garbage...), strings.Repeat("x", 5_000), s.word()+"\r", " "+s.word()+" ", "\x1b[31m"+s.word()+"\x1b[0m"))
	case kind < 126:
		s.say(oneOf(s.storm, "?", "??", "b", "b", "r", "more", "moment", "new", "s", "x", "cancel", "oplog", "?!", "help", "BACK", "exit", "yes", "safety", "target", "snapshot", "cluster", "project", "delivery", "elsewhere", "accept running", "accept", "again", "hint", "when", "further"))
	case kind < 170:
		s.goOn()
	case kind < 186:
		s.tally["events"]++
		s.weather()
	case kind < 204:
		s.tally["events"]++
		s.release()
	case kind < 207:
		s.say("q")
	case kind < 210:
		s.stop()
	case kind < 212:
		s.hangUp()
	default:
		s.tally["events"]++
		d := oneOf(s.storm, 20*time.Millisecond, 200*time.Millisecond, 3*time.Second)
		s.note("%v pass", d)
		s.pass(d)
	}
	s.listen()
	s.pass(time.Duration(s.dice.IntN(20)) * time.Millisecond)
	s.listen()
	if s.ended.Load() {
		s.leave()
		s.open()
	}
}

// stop is ctrl+c. Only while an answer to the request is awaited it takes two.
func (s *lineStorm) stop() {
	s.tally["events"]++
	sending := s.gate.has("request") || s.gate.has("jobs of")
	select {
	case s.interrupt <- struct{}{}:
		s.note("ctrl+c")
		s.listen()
		asked := strings.Contains(s.io.heard()[max(0, len(s.io.heard())-4000):], "q again leaves")
		if !s.ended.Load() && !sending && !asked {
			s.fail("ctrl+c does not leave:\n%s", s.io.heard())
		}
	default: // it is about to end
	}
}

// goOn says what leads on, where chance alone would take long.
func (s *lineStorm) goOn() {
	prompt := s.prompt()
	if s.gate.has("request") && s.chance(30) {
		s.stop()
		return
	}
	at := s.cfg.Now().Add(-time.Duration(s.dice.IntN(oneOf(s.storm, 60, 3600, 400_000))) * time.Second)
	switch m := confirmPrompt.FindStringSubmatch(prompt); {
	case m != nil:
		name := m[1] + m[2]
		if s.chance(5) {
			s.hangUp()
			return
		}
		s.say(oneOf(s.storm, almost(name)...))
	case prompt == "" && strings.Contains(s.io.heard(), ": restore job "):
		d := time.Duration(s.dice.IntN(200)) * time.Second
		s.note("Atlas's clock moves by %v, and some seconds pass", d)
		s.sim.Advance(d)
		s.pass(4 * time.Second)
	case s.credential(prompt) != "":
		s.say(s.credential(prompt))
	case strings.HasPrefix(prompt, "Moment"):
		s.say(at.Format("2006-01-02 15:04:05"))
	case strings.HasPrefix(prompt, "Oplog timestamp"):
		s.say(strconv.FormatInt(at.Unix(), 10))
	case strings.HasPrefix(prompt, "Snapshot"):
		s.say(oneOf(s.storm, "", "", "moment", "new"))
	case strings.HasPrefix(prompt, "Delivery"):
		s.say(oneOf(s.storm, "1", "2", "2", "3"))
	case strings.Contains(prompt, "enter takes"):
		s.say("")
	default:
		s.say(strconv.Itoa(1 + s.dice.IntN(4)))
	}
}

// hangUp ends the input, or the terminal: neither is an answer, not even to a name that
// was typed without its newline, or with the hang-up.
func (s *lineStorm) hangUp() {
	s.tally["events"]++
	name := s.word()
	if m := confirmPrompt.FindStringSubmatch(s.prompt()); m != nil {
		name = m[1] + m[2]
	}
	if s.chance(50) {
		s.note("the input ends after %.60q", name)
		s.io.say(oneOf(s.storm, "", name), true)
	} else {
		s.note("hangs up, with %.60q", name)
		s.cancel()
		s.io.say(name+"\n", false)
	}
	s.listen()
	for i := 0; !s.ended.Load(); i++ {
		if i == 500 {
			s.fail("it does not end:\n%s", s.io.heard())
		}
		s.release()
		s.sim.Heal()
		s.sim.Advance(time.Minute)
		s.pass(time.Second)
		s.listen()
	}
}

// leave implements tempest.
func (s *lineStorm) leave() {
	if !s.ended.Load() {
		s.hangUp()
	}
	s.note("left: %s", s.sum.Outcome)
	s.tally["left: "+string(s.sum.Outcome)]++
	s.agrees(s.sum)
	s.clean("the summary", s.sum.Text())
	s.mum("the journal", s.book.text.String())
	s.tally["asked for"] += len(s.gate.orders)
	if !s.abandon() {
		s.fail("it does not end")
	}
	s.kept()
	s.agrees(s.sum)
}

// abandon implements tempest.
func (s *lineStorm) abandon() bool {
	s.cancel()
	s.io.say("", true)
	time.Sleep(time.Hour) // of the bubble's time
	synctest.Wait()
	return s.ended.Load()
}
