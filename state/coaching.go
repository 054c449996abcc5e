package state

import "time"

// Coaching is how a training scenario stands, as its coach tells the trainee.
type Coaching struct {
	Version    int // grows whenever something else than the clock has changed
	Name       string
	Title      string
	Difficulty string // easy, medium or hard
	Briefing   Briefing
	Start      time.Time     // of the scenario, on the simulated clock
	Clock      time.Time     // the simulated time
	Par        time.Duration // simulated time that is enough for it
	Drills     []string      // patterns of the clusters that drills may erase: each restore in it is a drill
	Approval   []string      // patterns of the targets that need a second person's approval in it
	Messages   []Message
	Hints      []string // that were taken
	HintsLeft  int
	Goals      []Goal
	Broken     []Goal // what must not be done, and was
	Over       bool
	Passed     bool
}

// Briefing is the page that wakes the trainee.
type Briefing struct {
	From, Text, Known string
	At                time.Time
}

// Message is what somebody has said to the trainee meanwhile.
type Message struct {
	At        time.Time
	Who, Text string
}

// Goal is something that is to be reached.
type Goal struct {
	Text     string
	Optional bool
	Met      bool
}

// Needed counts the goals that have to be met, and those of them that are.
func (c Coaching) Needed() (met, all int) {
	for _, g := range c.Goals {
		if g.Optional {
			continue
		}
		all++
		if g.Met {
			met++
		}
	}
	return met, all
}

// Debriefing is what came of a scenario.
type Debriefing struct {
	Text   string // for a person, 80 columns wide
	JSON   []byte // for a program
	Result TrainingResult
	Jobs   map[string]JobState // how the trainee's jobs stood at that moment, by their ids
}

// TrainingResult is what is kept of a scenario that was played.
type TrainingResult struct {
	Scenario    string    `json:"scenario"`
	Passed      bool      `json:"passed"`
	When        time.Time `json:"when"`
	Score       int       `json:"score"`
	Of          int       `json:"of"`
	Hints       int       `json:"hints"`
	MinutesLost *int      `json:"minutesLost,omitempty"`
}

// What a trainee does in the wizard, as the coach notes it.
const (
	NoteWarning   = "warning"   // a check of the review says WARN; with its name
	NoteBlocked   = "blocked"   // … or BLOCK
	NoteAccepted  = "accepted"  // a check was accepted by its name
	NoteReview    = "review"    // the review was opened
	NoteConfirmed = "confirmed" // … and confirmed
	NoteSaved     = "saved"     // the plan of the review was saved
	NoteApproved  = "approved"  // the plan that is run has a second person's approval
	NoteDrilled   = "drilled"   // the checks of a drill were made; with what they came to: PASS, FAIL or INCOMPLETE
	NoteLeft      = "left"      // the trainee has left
)
