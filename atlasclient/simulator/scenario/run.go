package scenario

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// Run is a scenario that is being played on a simulator. Nothing of it runs by itself:
// what is due, and what has come true, is found whenever somebody looks, and before each
// request that the simulator gets. The same requests at the same simulated times make
// the same run. Its methods may be called from any goroutine.
type Run struct {
	scenario Scenario
	sim      *simulator.Server
	start    time.Time
	projects map[string]string

	mu       sync.Mutex
	happened int    // injects that are older than the run
	made     []bool // which steps of the timeline have happened
	refused  []refusal
	verdict  verdict
	requests []simulator.Request // since the start
	events   []Event
	hints    int
	version  int
	shown    int // what version was last counted for
}

// verdict is since when goals, and what is forbidden, have come true, and when the run
// was over; zero: not yet.
type verdict struct {
	goals, broken []time.Time
	over          time.Time
}

// refusal is an inject that the world did not let happen.
type refusal struct {
	at     time.Time
	inject simulator.Inject
	why    error
}

// Event is something that the trainee did in the wizard. Zero At: now.
type Event struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Name string    `json:"name,omitempty"` // of a warning, block or acceptance: that of the check
}

// The kinds of events.
const (
	Warning   = "warning"   // a check of the review says WARN
	Blocked   = "blocked"   // … or BLOCK
	Accepted  = "accepted"  // something unknown was accepted by its name
	Review    = "review"    // the review was opened
	Confirmed = "confirmed" // … and confirmed
	Saved     = "saved"     // the plan of the review was saved
	Approved  = "approved"  // the plan that is run has a second person's approval
	Drilled   = "drilled"   // the checks of a drill were made; its name is what they came to
	Left      = "left"      // the trainee is done, or has given up
	HintTaken = "hint"      // noted by Hint itself
)

var kinds = []string{Warning, Blocked, Accepted, Review, Confirmed, Saved, Approved, Drilled, Left, HintTaken}

// Start begins a scenario on a simulator that was started with its Options: the world is
// changed, and the briefing can be read. The error says what in the scenario does not
// fit the world.
func Start(sim *simulator.Server, s Scenario) (*Run, error) {
	now := sim.Now()
	if late := now.Sub(s.Start); late < 0 || late > time.Hour {
		return nil, fmt.Errorf("starting scenario %s: the simulator's clock says %s, and it begins at %s", s.Name, stamp(now), stamp(s.Start))
	}
	r := &Run{
		scenario: s, sim: sim, start: s.Start, projects: map[string]string{},
		made:    make([]bool, len(s.Timeline)),
		verdict: verdict{goals: make([]time.Time, len(s.Goals)), broken: make([]time.Time, len(s.Forbidden))},
	}
	for i, inject := range s.World {
		if err := sim.InjectAt(inject, s.Start); err != nil {
			return nil, fmt.Errorf("starting scenario %s: world[%d]: %w", s.Name, i, err)
		}
	}
	if err := r.know(); err != nil {
		return nil, fmt.Errorf("starting scenario %s: %w", s.Name, err)
	}
	r.happened = sim.HappenedSoFar()
	r.Look()
	sim.BeforeRequests(r.Look)
	return r, nil
}

// know finds the projects and clusters that the scenario names.
func (r *Run) know() error {
	there := map[string]bool{"": true}
	for _, p := range r.sim.World().Projects {
		r.projects[p.Name] = p.ID
		there[p.Name+"/"] = true
		for _, c := range p.Clusters {
			there[p.Name+"/"+c.Name] = true
		}
	}
	clusters, projects := r.scenario.places()
	for _, c := range clusters {
		if !there[c] {
			return fmt.Errorf("there is no cluster %q", c)
		}
	}
	for _, p := range projects {
		if p != "" && !there[p+"/"] {
			return fmt.Errorf("there is no project %q", p)
		}
	}
	return nil
}

// Scenario is what is being played.
func (r *Run) Scenario() Scenario { return r.scenario }

// Look has happen what is due by the simulated clock, each thing once, and finds out
// which goals are met.
func (r *Run) Look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look()
}

// look goes through what is due in its order, and judges only then: who looked in between
// would have found the same.
//
// After the end nothing happens any more, but what is forbidden stays so.
func (r *Run) look() {
	for {
		f := r.facts()
		v := r.judge(f)
		next, at := r.due(f)
		if next < 0 || !v.over.IsZero() && at.After(v.over) {
			r.verdict = v
			break
		}
		r.made[next] = true
		for _, inject := range r.scenario.Timeline[next].Do {
			if err := r.sim.InjectAt(inject, at); err != nil {
				r.refused = append(r.refused, refusal{at, inject, err})
			}
		}
	}
	r.count()
}

// facts are those of now. Of what the simulator holds only what came after the start
// belongs to the run, and of the jobs those of the trainee.
func (r *Run) facts() facts {
	f := facts{now: r.sim.Now(), start: r.start, events: r.events, projects: r.projects}
	for _, j := range r.sim.Jobs() {
		if !j.Colleague && !j.CreatedAt.Before(r.start) {
			f.jobs = append(f.jobs, j)
		}
	}
	number := 0
	if n := len(r.requests); n > 0 {
		number = r.requests[n-1].Number
	}
	later, _ := r.sim.RequestsAfter(number)
	r.requests = append(r.requests, later...)
	f.requests = r.requests
	return f
}

// due is the step that is due first, and since when; -1: none is.
func (r *Run) due(f facts) (step int, at time.Time) {
	step = -1
	for i, s := range r.scenario.Timeline {
		if r.made[i] {
			continue
		}
		t, ok := r.start.Add(time.Duration(s.At)), true
		if s.When != nil {
			t, ok = f.met(*s.When)
			t = t.Add(time.Duration(s.After))
		}
		if ok && !t.After(f.now) && (step < 0 || t.Before(at)) {
			step, at = i, t
		}
	}
	return step, at
}

// judge adds to the verdict what has come true since.
func (r *Run) judge(f facts) verdict {
	v := verdict{goals: slices.Clone(r.verdict.goals), broken: slices.Clone(r.verdict.broken), over: r.verdict.over}
	var ends []time.Time
	for i, g := range r.scenario.Forbidden {
		if at, ok := f.met(g.When); ok && v.broken[i].IsZero() {
			v.broken[i] = at
			if g.Ends {
				ends = append(ends, at)
			}
		}
	}
	if !v.over.IsZero() {
		return v
	}
	last, all := r.start, true
	for i, g := range r.scenario.Goals {
		at, ok := f.met(g.When)
		late := g.Within > 0 && at.After(r.start.Add(time.Duration(g.Within)))
		if ok && !late && v.goals[i].IsZero() {
			v.goals[i] = at
		}
		all = all && !v.goals[i].IsZero()
		if v.goals[i].After(last) {
			last = v.goals[i]
		}
	}
	if all {
		ends = append(ends, last)
	}
	for _, e := range r.events {
		if e.Kind == Left {
			ends = append(ends, e.At)
		}
	}
	if len(ends) > 0 {
		v.over = slices.MinFunc(ends, time.Time.Compare)
	}
	return v
}

// Hint gives the next hint: level 1 is a nudge, 2 says where to look, and 3 is the
// answer, which is given again from then on.
func (r *Run) Hint() (level int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.scenario.hints()
	if r.hints < len(all) {
		r.hints++
		r.events = append(r.events, Event{At: r.sim.Now(), Kind: HintTaken, Name: fmt.Sprint(r.hints)})
	}
	r.look()
	return r.hints, all[r.hints-1]
}

// Note takes down what the trainee did in the wizard.
func (r *Run) Note(e Event) error {
	if !slices.Contains(kinds, e.Kind) || e.Kind == HintTaken {
		return fmt.Errorf("noting what the trainee did: %q is none of %v", e.Kind, kinds[:len(kinds)-1])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.At.IsZero() || e.At.After(r.sim.Now()) {
		e.At = r.sim.Now()
	}
	r.events = append(r.events, e)
	r.look()
	return nil
}

// stamp is a time as it is told: to the second, in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
