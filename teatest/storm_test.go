package teatest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
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
		{"lines", oneWorld / 2, inLines},
		{"collections", oneWorld / 2, onCollections},
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
