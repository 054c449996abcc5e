package steps

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// The result for programs has the checks of the last review, with what was accepted, and none of
// which the answer was still awaited.
func TestResultHasTheChecks(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	s := Begin(Config{Now: func() time.Time { return now }, Accept: []string{"base"}})
	if s.Summary().Checks != nil {
		t.Error("checks, and no review was reached")
	}
	s.judged = []state.Check{
		{Name: "target", Why: "orders-stg is idle"},
		{Name: "running", Verdict: state.Unknown, Why: "It could not be seen."},
		{Name: "base", Verdict: state.Unknown, Why: "It could not be seen."},
		{Name: "role", Verdict: state.Unknown, Harmless: true, Why: "whether yours may do this."},
		{Name: "environment", Verdict: state.Warn, Why: "It is production.", Ask: true},
		{Name: "disk", Verdict: state.Block, Why: "It is full.", Lift: "Make room."},
		{Name: "speed", Verdict: state.Looking},
	}
	s.judgedAs = []string{"environment"}
	raw, err := s.Summary().Result().JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Checks []map[string]any `json:"checks"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range got.Checks {
		line, _ := json.Marshal(c)
		lines = append(lines, string(line))
	}
	want := `{"name":"target","reason":"orders-stg is idle","verdict":"ok"}
{"asks":true,"name":"running","reason":"It could not be seen.","verdict":"unknown"}
{"accepted":true,"asks":true,"name":"base","reason":"It could not be seen.","verdict":"unknown"}
{"name":"role","reason":"whether yours may do this.","verdict":"unknown"}
{"accepted":true,"asks":true,"name":"environment","reason":"It is production.","verdict":"warn"}
{"name":"disk","reason":"It is full. Make room.","verdict":"block"}`
	if strings.Join(lines, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(lines, "\n"), want)
	}
}

// A check that is OK is told by its name, as are the others, with a reason or without, and whether
// a restore runs is never told without how far that was seen: on the full screen and in a sentence,
// where none that is OK stands behind the word UNKNOWN.
func TestChecksThatAreOKAreToldByTheirNames(t *testing.T) {
	all := []state.Check{
		{Name: "target", Why: "orders-stg is idle"},
		{Name: "room", Verdict: state.Unknown, Harmless: true, Why: "whether orders-stg has disk for it."},
		{Name: "running", Why: "no other restore onto the target is running (jobs of orders)", Say: true, Short: state.NoRestoreSeen},
		{Name: "role", Why: "the key's roles allow it"},
		{Name: "pace", Verdict: state.Warn, Why: "It may take longer."},
	}
	s := Begin(Config{Now: time.Now})
	s.checks = all
	told, fine, _ := s.Found(false)
	if got := strings.Join(fine, "; "); got != "target, role; running: no other restore onto the target is running (jobs of orders)" || len(told) != 2 {
		t.Errorf("%q, %+v", got, told)
	}
	if _, fine, _ := s.Found(true); strings.Join(fine, "; ") != "target, no restore seen, role" {
		t.Errorf("in short: %q", fine)
	}
	if _, got := checkClauses(Config{}, all); got != "target, role: OK; running: OK, no other restore onto the target is running (jobs of orders); UNKNOWN room: whether orders-stg has disk for it" {
		t.Errorf("%q", got)
	}
}
