// Package scenario is what is practised on the embedded Atlas: scenarios as data, and
// the engine that plays one. A scenario tells of an incident, changes the world, lets
// things happen while it is played, and knows what is to be reached and what must not be.
//
// Everything is judged by what the simulator shows, its restore jobs and its log of
// requests, so that it does not matter with which client a scenario is solved.
package scenario

import (
	"time"

	"atlas-restore/atlasclient/simulator"
)

// Scenario is an incident to practise on, as it is written in a file of YAML. Example is
// such a file, with comments. All parts are needed but those that are said to be optional.
// A cluster is named by project and cluster: Payments/orders-prod.
type Scenario struct {
	Name       string             `yaml:"name"`       // as it is asked for: lower case, digits and dashes
	Title      string             `yaml:"title"`      // a line
	Difficulty string             `yaml:"difficulty"` // easy, medium or hard
	Briefing   Briefing           `yaml:"briefing"`
	Start      time.Time          `yaml:"start"`    // of the simulated clock: 2026-11-23T14:31:00Z
	Seed       uint64             `yaml:"seed"`     // optional: of the world
	World      []simulator.Inject `yaml:"world"`    // optional: what is different from the embedded world, in this order
	Timeline   []Step             `yaml:"timeline"` // optional: what happens while it is played
	Goals      []Goal             `yaml:"goals"`
	Forbidden  []Goal             `yaml:"forbidden"` // what must not come true
	Loss       Loss               `yaml:"loss"`      // optional: when the data that is wanted back was lost
	Drills     []string           `yaml:"drills"`    // optional: patterns of names of clusters that drills may erase; each restore is a drill then
	Approval   []string           `yaml:"approval"`  // optional: patterns of names of targets that need a second person's approval
	Targets    []string           `yaml:"targets"`   // optional: the clusters that may be overwritten
	Par        simulator.Duration `yaml:"par"`       // simulated time that is enough for it
	// ParCollections is the same for whoever restores by single collections, where a goal lets one choose; optional.
	ParCollections simulator.Duration `yaml:"parCollections"`

	Hints    Hints  `yaml:"hints"`
	Debrief  Lesson `yaml:"debrief"`
	Solution string `yaml:"solution"` // the steps in the wizard
}

// Briefing is the page that woke the trainee, and what is known.
type Briefing struct {
	From  string    `yaml:"from" json:"from"`
	At    time.Time `yaml:"at" json:"at"`
	Text  string    `yaml:"text" json:"text"`
	Known string    `yaml:"known" json:"known,omitempty"` // optional
}

// Step is something that happens once: at a time after the start, or when something has
// come true, and so long after that.
type Step struct {
	At    simulator.Duration `yaml:"at"`    // zero, and no when: at the start
	When  *Condition         `yaml:"when"`  // instead of at
	After simulator.Duration `yaml:"after"` // with when
	Do    []simulator.Inject `yaml:"do"`
}

// Goal is something that should come true, or in the list of what is forbidden, must not.
type Goal struct {
	ID       string             `yaml:"id"`
	Text     string             `yaml:"text"` // a sentence, for the trainee
	When     Condition          `yaml:"when"`
	Points   int                `yaml:"points"`   // optional: what it brings, or costs; 10 if left out
	Within   simulator.Duration `yaml:"within"`   // optional: later than so long after the start is too late
	Optional bool               `yaml:"optional"` // it brings points, and is not needed
	Ends     bool               `yaml:"ends"`     // of what is forbidden: nothing can be made good any more
}

// Loss says when the data that is wanted back was lost.
type Loss struct {
	At time.Time `yaml:"at"` // the first second without it; left out: nothing was lost, and what was brought back is held against when it was asked for
	Of string    `yaml:"of"` // whose: Payments/orders-prod
}

// Hints are three, from a nudge to the answer itself.
type Hints struct {
	Nudge  string `yaml:"nudge"`
	Where  string `yaml:"where"`
	Answer string `yaml:"answer"` // optional: the solution
}

// Lesson is what remains of it.
type Lesson struct {
	Better string `yaml:"better"` // what a better run does
	Why    string `yaml:"why"`
	Source string `yaml:"source"` // the post-mortem or the documentation that it comes from
	URL    string `yaml:"url"`    // optional
}

const usualPoints = 10

func (g Goal) points() int {
	if g.Points == 0 {
		return usualPoints
	}
	return g.Points
}

// hints are the three in the order in which they are given.
func (s Scenario) hints() []string {
	answer := s.Hints.Answer
	if answer == "" {
		answer = s.Solution
	}
	return []string{s.Hints.Nudge, s.Hints.Where, answer}
}

// Options are those of a simulator that a scenario can be played on, but for its speed
// and its address.
func (s Scenario) Options() simulator.Options {
	return simulator.Options{Seed: s.Seed, Start: s.Start}
}
