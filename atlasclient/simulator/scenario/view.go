package scenario

import (
	"slices"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// View is how a run stands, for the trainee.
type View struct {
	Version    int                `json:"version"` // grows whenever something else than the clock has changed
	Name       string             `json:"name"`
	Title      string             `json:"title"`
	Difficulty string             `json:"difficulty"`
	Briefing   Briefing           `json:"briefing"`
	Start      time.Time          `json:"start"`
	Clock      time.Time          `json:"clock"`
	Par        simulator.Duration `json:"par"`
	Drills     []string           `json:"drills,omitempty"`   // patterns of the clusters that drills may erase: each restore is a drill
	Approval   []string           `json:"approval,omitempty"` // patterns of the targets that need a second person's approval
	Messages   []Message          `json:"messages"`
	Hints      []string           `json:"hints"` // that were taken
	HintsLeft  int                `json:"hintsLeft"`
	Goals      []Standing         `json:"goals"`
	Forbidden  []Standing         `json:"forbidden"` // to be shown when it was broken: what is not to be done is found out by the trainee
	Over       bool               `json:"over"`
	Passed     bool               `json:"passed"`
}

// Message is what somebody said to the trainee.
type Message struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	Text string    `json:"text"`
}

// Standing is a goal, or what is forbidden, and whether it has come true.
type Standing struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	Optional bool       `json:"optional,omitempty"`
	Met      bool       `json:"met"` // of what is forbidden: it was done
	At       *time.Time `json:"at,omitempty"`
}

// View looks, and says how the run stands.
func (r *Run) View() View {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look()
	s := r.scenario
	hints := s.hints()
	return View{
		Version: r.version,
		Name:    s.Name, Title: s.Title, Difficulty: s.Difficulty, Briefing: s.Briefing,
		Start: r.start, Clock: r.sim.Now(), Par: s.Par, Approval: s.Approval, Drills: s.Drills,
		Messages: r.messages(), Hints: slices.Clone(hints[:r.hints]), HintsLeft: len(hints) - r.hints,
		Goals: standings(s.Goals, r.verdict.goals), Forbidden: standings(s.Forbidden, r.verdict.broken),
		Over: !r.verdict.over.IsZero(), Passed: r.passed(),
	}
}

// passed says whether every goal that is needed is met, and nothing forbidden was done.
func (r *Run) passed() bool {
	for i, g := range r.scenario.Goals {
		if !g.Optional && r.verdict.goals[i].IsZero() {
			return false
		}
	}
	return !slices.ContainsFunc(r.verdict.broken, func(at time.Time) bool { return !at.IsZero() })
}

func standings(goals []Goal, since []time.Time) []Standing {
	out := []Standing{}
	for i, g := range goals {
		one := Standing{ID: g.ID, Text: g.Text, Optional: g.Optional}
		if at := since[i]; !at.IsZero() {
			one.Met, one.At = true, &at
		}
		out = append(out, one)
	}
	return out
}

// since are the injects since the start, by when they were due.
func (r *Run) since() []simulator.Happening {
	out := r.sim.HappenedAfter(r.happened)
	slices.SortStableFunc(out, func(a, b simulator.Happening) int { return a.At.Compare(b.At) })
	return out
}

func (r *Run) messages() []Message {
	out := []Message{}
	for _, h := range r.since() {
		if h.Inject.Say != nil {
			out = append(out, Message{h.At, h.Inject.Say.Who, h.Inject.Say.Text})
		}
	}
	return out
}

// count makes a new version if something was added since the last one. Nothing that is
// shown ever goes away again, so that its number is enough.
func (r *Run) count() {
	n := len(r.messages()) + r.hints
	for _, at := range slices.Concat(r.verdict.goals, r.verdict.broken, []time.Time{r.verdict.over}) {
		if !at.IsZero() {
			n++
		}
	}
	if n != r.shown || r.version == 0 {
		r.shown = n
		r.version++
	}
}
