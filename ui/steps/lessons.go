package steps

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/columns"
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

// LessonsText lists them for a person. flags are those that find what came of them again.
func LessonsText(all []Lesson, flags string) string {
	var b strings.Builder
	passed := 0
	grid := columns.New(columns.Column{}, columns.Column{}, columns.Column{})
	grid.Least(0, 1) // the mark of what was passed
	var rows [][]string
	for _, l := range all {
		mark := ""
		if l.Record.Passed > 0 {
			mark = "+"
			passed++
		}
		rows = append(rows, []string{mark, l.Name, l.Title}, []string{"", "", fmt.Sprintf("%s, about %s; %s", l.Difficulty, state.Age(l.Par), l.Standing())})
	}
	b.WriteString(grid.Text(rows))
	fmt.Fprintf(&b, "\n%d of %d passed.", passed, len(all))
	if next := slices.IndexFunc(all, func(l Lesson) bool { return l.Record.Passed == 0 }); next >= 0 {
		fmt.Fprintf(&b, " To play the next one: %s", state.Command(flags, "train", all[next].Name))
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
