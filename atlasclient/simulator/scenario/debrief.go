package scenario

import (
	"fmt"
	"slices"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// Debrief is what came of a run, told without blame. Spans of time are simulated, from
// the start of the scenario; nil where it did not come to that.
type Debrief struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title"`
	Passed   bool   `json:"passed"`
	Over     bool   `json:"over"`
	Score    int    `json:"score"`
	Of       int    `json:"of"`
	// Lost are the points that were not got, each with why.
	Lost []string `json:"lost,omitempty"`

	MinutesLost  *int   `json:"minutesLost,omitempty"` // of data, by the last restore or download that did not fail: up to the loss, or without one, to when it was asked for; never negative
	AfterLoss    bool   `json:"afterLoss,omitempty"`   // what that brought back is from after the loss: there are no minutes to count
	LossText     string `json:"lossText,omitempty"`
	WrongTargets int    `json:"wrongTargets"` // restores onto a cluster that is not to be overwritten
	Duplicates   int    `json:"duplicates"`   // jobs that do what another one did that had not failed; drills are made again on purpose

	Warnings []string `json:"warnings"` // that the review had when it was confirmed
	Accepted []string `json:"accepted"` // what was unknown, and accepted
	Blocked  []string `json:"blocked"`  // what the review stopped

	ToDecide *simulator.Duration `json:"toDecide,omitempty"` // the first review was opened, or if none was noted, the first job asked for
	ToSubmit *simulator.Duration `json:"toSubmit,omitempty"` // the first job was asked for
	ToDone   *simulator.Duration `json:"toDone,omitempty"`   // every needed goal was met
	Par      simulator.Duration  `json:"par"`                // for the way that was taken
	Hints    int                 `json:"hints"`

	Jobs      []JobState `json:"jobs"` // the trainee's, by when they were made
	Goals     []Standing `json:"goals"`
	Forbidden []Standing `json:"forbidden"`
	Timeline  []Line     `json:"timeline"`

	Better string `json:"better"`
	Why    string `json:"why"`
	Source string `json:"source"`
	URL    string `json:"url,omitempty"`
}

// JobState is how a job stood when the debrief was made.
type JobState struct {
	ID    string `json:"id"`
	State string `json:"state"` // inProgress, completed, partial, ready, failed, cancelled or expired
}

// Line is something that happened in a run.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Result is what is kept of a run, for the list of scenarios.
type Result struct {
	Scenario    string    `json:"scenario"`
	Passed      bool      `json:"passed"`
	When        time.Time `json:"when"` // in real time
	MinutesLost *int      `json:"minutesLost,omitempty"`
	Hints       int       `json:"hints"`
	Score       int       `json:"score"`
	Of          int       `json:"of"`
}

// Result is what is kept, of a run that ended at a real time.
func (d Debrief) Result(when time.Time) Result {
	return Result{d.Scenario, d.Passed, when, d.MinutesLost, d.Hints, d.Score, d.Of}
}

// hintCosts are the points that a hint costs.
const hintCosts = 2

// Debrief looks, and says what came of the run so far.
func (r *Run) Debrief() Debrief {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look()
	s, f := r.scenario, r.facts()
	d := Debrief{
		Scenario: s.Name, Title: s.Title, Passed: r.passed(), Over: !r.verdict.over.IsZero(),
		Par: s.Par, Hints: r.hints,
		Goals: standings(s.Goals, r.verdict.goals), Forbidden: standings(s.Forbidden, r.verdict.broken),
		Better: s.Debrief.Better, Why: s.Debrief.Why, Source: s.Debrief.Source, URL: s.Debrief.URL,
	}
	d.score(s)
	d.jobs(s, f)
	if n := len(f.jobs); s.ParCollections > 0 && n > 0 && len(f.jobs[n-1].Namespaces) > 0 {
		d.Par = s.ParCollections
	}
	d.events(f.events)
	d.times(r, f)
	d.Timeline = r.timeline(f)
	return d
}

func (d *Debrief) score(s Scenario) {
	for i, g := range s.Goals {
		d.Of += g.points()
		if d.Goals[i].Met {
			d.Score += g.points()
		} else {
			d.lost(g.points(), "for a goal that is open")
		}
	}
	for i, g := range s.Forbidden {
		if d.Forbidden[i].Met {
			d.Score -= g.points()
			d.lost(g.points(), "for what was not to be done")
		}
	}
	if d.Hints > 0 {
		d.lost(hintCosts*d.Hints, "for "+count(d.Hints, "hint"))
	}
	d.Score = max(0, d.Score-hintCosts*d.Hints)
}

// lost notes points that a run did not get, and why.
func (d *Debrief) lost(points int, why string) {
	if points > 0 {
		d.Lost = append(d.Lost, fmt.Sprintf("%d %s", points, why))
	}
}

// jobs says what the trainee's jobs have done, and what was lost.
func (d *Debrief) jobs(s Scenario, f facts) {
	var last *simulator.Job
	d.Jobs = []JobState{}
	for i, j := range f.jobs {
		d.Jobs = append(d.Jobs, JobState{j.ID, j.State})
		if onto := overwritten(j); onto != "" && !slices.Contains(s.Targets, onto) {
			d.WrongTargets++
		}
		if len(s.Drills) == 0 && slices.ContainsFunc(f.jobs[:i], func(before simulator.Job) bool { return same(before, j) }) {
			d.Duplicates++
		}
		if j.State != failed && j.State != cancelled && (s.Loss.Of == "" || source(j) == s.Loss.Of) {
			last = &f.jobs[i]
		}
	}
	if last == nil {
		return
	}
	what := "What was brought back is of " + stamp(last.DataOf)
	if s.Loss.Of == "" {
		d.LossText = what + "."
		return
	}
	end, before := s.Loss.At, "before the loss"
	if s.Loss.At.IsZero() {
		end, before = last.CreatedAt, "before it was asked for"
	}
	lost := end.Sub(last.DataOf)
	switch {
	case lost <= 0 && !s.Loss.At.IsZero(): // what is of the second of the loss does not hold it any more
		d.AfterLoss = true
		d.LossText = what + ", after the loss: what was lost is not in it."
		return
	case lost == time.Second && !s.Loss.At.IsZero():
		d.LossText = what + ", the last second before the loss."
	default:
		d.LossText = fmt.Sprintf("%s, %s %s.", what, span(lost), before)
	}
	minutes := max(0, int(lost/time.Minute))
	d.MinutesLost = &minutes
}

// same says whether a job does what an earlier one did, though that had neither failed nor
// been cancelled, nor had its links expired or gone without their files.
func same(before, j simulator.Job) bool {
	spent := before.State == failed || before.State == cancelled || !before.ExpiresAt.IsZero() && before.TargetCluster == "" && !before.ExpiresAt.After(j.CreatedAt) ||
		!before.LostAt.IsZero() && !before.LostAt.After(j.CreatedAt)
	return !spent && source(before) == source(j) && target(before) == target(j) && slices.Equal(before.Namespaces, j.Namespaces) && before.DataOf.Equal(j.DataOf)
}

// events says what the review said, and what was done about it. A warning is booked where the
// very review that had it was confirmed: each sight of a review begins with its opening.
func (d *Debrief) events(all []Event) {
	d.Warnings, d.Accepted, d.Blocked = []string{}, []string{}, []string{}
	add := func(list *[]string, names ...string) {
		for _, name := range names {
			if !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		}
	}
	var warned []string // by the review that is open
	for _, e := range all {
		switch e.Kind {
		case Review:
			warned = nil
		case Warning:
			warned = append(warned, e.Name)
		case Confirmed:
			add(&d.Warnings, warned...)
			warned = nil
		case Accepted:
			add(&d.Accepted, e.Name)
		case Blocked:
			add(&d.Blocked, e.Name)
		}
	}
}

func (d *Debrief) times(r *Run, f facts) {
	since := func(at time.Time) *simulator.Duration {
		span := simulator.Duration(at.Sub(r.start).Round(time.Second))
		return &span
	}
	for _, q := range f.requests {
		if creates(q) {
			d.ToSubmit = since(q.At)
			break
		}
	}
	d.ToDecide = d.ToSubmit
	if i := slices.IndexFunc(f.events, func(e Event) bool { return e.Kind == Review }); i >= 0 {
		d.ToDecide = since(f.events[i].At)
	}
	if d.Passed {
		last := r.start
		for i, g := range r.scenario.Goals {
			if at := r.verdict.goals[i]; !g.Optional && at.After(last) {
				last = at
			}
		}
		d.ToDone = since(last)
	}
}
