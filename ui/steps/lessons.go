package steps

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/progress"
)

// Lesson is a scenario of the training, with what came of it so far.
type Lesson struct {
	Name       string
	Title      string
	Difficulty string
	Par        time.Duration // simulated
	Record     progress.Record
}

// Standing says what came of it, in a few words.
func (l Lesson) Standing() string {
	r := l.Record
	switch {
	case r.Tries == 0:
		return "not played yet"
	case r.Passed == 0:
		return fmt.Sprintf("tried %s, best %d of %d points", times(r.Tries), r.Best.Score, r.Best.Of)
	}
	return fmt.Sprintf("passed, %d of %d points, %s", r.Best.Score, r.Best.Of, state.Count(r.Best.Hints, "hint"))
}

// LessonsText lists them for a person.
func LessonsText(all []Lesson) string {
	var b strings.Builder
	passed, width := 0, 0
	for _, l := range all {
		width = max(width, len(l.Name))
		if l.Record.Passed > 0 {
			passed++
		}
	}
	for _, l := range all {
		mark := " "
		if l.Record.Passed > 0 {
			mark = "+"
		}
		fmt.Fprintf(&b, "%s %-*s  %s\n  %*s  %s, about %s; %s\n", mark, width, l.Name, l.Title, width, "", l.Difficulty, state.Age(l.Par), l.Standing())
	}
	fmt.Fprintf(&b, "\n%d of %d passed.", passed, len(all))
	if next := slices.IndexFunc(all, func(l Lesson) bool { return l.Record.Passed == 0 }); next >= 0 {
		fmt.Fprintf(&b, " To play the next one: %s", state.Command("", "train", all[next].Name))
	}
	b.WriteString("\n")
	return b.String()
}

// LessonsJSON lists them for a program.
func LessonsJSON(all []Lesson) ([]byte, error) {
	type lesson struct {
		Name       string          `json:"name"`
		Title      string          `json:"title"`
		Difficulty string          `json:"difficulty"`
		ParSeconds int             `json:"parSeconds"`
		Record     progress.Record `json:"record"`
	}
	out := struct {
		Scenarios []lesson `json:"scenarios"`
	}{[]lesson{}}
	for _, l := range all {
		out.Scenarios = append(out.Scenarios, lesson{l.Name, l.Title, l.Difficulty, int(l.Par.Seconds()), l.Record})
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the scenarios: %w", err)
	}
	return append(raw, '\n'), nil
}
