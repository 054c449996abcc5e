// Tests of state/journal. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/text"
)

// journalLine is an entry as it stands in the file.
func journalLine(t *testing.T, e journal.Entry) string {
	t.Helper()
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// No intent is passed over: it is read, or it is told that something cannot be.
func TestWhatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	intent, refused := journalLine(t, entry(journal.Intent)), journalLine(t, entry(journal.Refused))
	other := entry(journal.Intent)
	other.ID = "other"
	change := func(old, with string) string {
		t.Helper()
		out := strings.Replace(intent, old, with, 1)
		if out == intent {
			t.Fatalf("%s has no %s", intent, old)
		}
		return out
	}
	for name, tc := range map[string]struct {
		content string
		doubts  int   // that are read
		broken  []int // lines
	}{
		"whole":                       {intent + "\n", 1, nil},
		"without its line break":      {intent, 1, nil},
		"an editor's line breaks":     {intent + "\r\n" + refused + "\r\n", 0, nil},
		"empty lines":                 {"\n\n" + intent + "\n\n", 1, nil},
		"behind a byte order mark":    {"\uFEFF" + intent + "\n", 1, nil},
		"glued to another":            {refused + journalLine(t, other) + "\n", 1, nil},
		"cut off by a crash":          {intent + "\n" + intent[:40], 1, nil},
		"cut off early":               {intent + "\n" + intent[:3] + "\n" + refused + "\n", 0, nil},
		"cut off, and gone on":        {intent[:40] + "\n" + journalLine(t, other) + "\n", 1, nil},
		"behind NUL bytes":            {"\x00\x00\x00" + intent + "\n", 1, []int{1}},
		"before NUL bytes":            {intent + "\x00\x00\n", 0, []int{1}},
		"NUL bytes alone":             {intent + "\n\x00\x00\x00", 1, []int{2}},
		"NUL bytes in the middle":     {strings.Replace(intent, "orders-stg", "or\x00\x00\x00-stg", 1) + "\n", 0, []int{1}},
		"glued to one that is cut":    {intent[:60] + journalLine(t, other) + "\n", 1, []int{1}},
		"a bad time":                  {change("2026-11-23T", "2026-13-23T") + "\n", 0, []int{1}},
		"no time":                     {change("time", "tide") + "\n", 1, []int{1}},
		"no event":                    {change(`"event":"intent",`, "") + "\n", 0, []int{1}},
		"an event of another version": {intent + "\n" + strings.Replace(refused, "refused", "withdrawn", 1) + "\n", 1, []int{2}},
		"no endpoint":                 {change("https://a", "") + "\n", 0, []int{1}},
		"no request":                  {change("request", "requests") + "\n", 0, []int{1}},
		"no target":                   {change("orders-stg", "") + "\n", 0, []int{1}},
		"a text for a request":        {change(`"request":{`, `"request":"x","r":{`) + "\n", 0, []int{1}},
		"no UTF-8":                    {change("orders-stg", "orders-\xff") + "\n", 0, []int{1}},
		"another alphabet":            {"\xff\xfe" + strings.Join(strings.Split(intent, ""), "\x00") + "\n", 0, []int{1}},
		"no object":                   {"null\n[]\n7\n{}\n" + intent + "\n", 1, []int{1, 2, 3, 4}},
		"with a note behind it":       {intent + " # mine\n", 0, []int{1}},
		"its outcome alone":           {journalLine(t, entry(journal.Unknown)) + "\n", 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "journal.jsonl")
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			entries, err := journal.At(dir).Read()
			var broken []int
			var damaged *journal.Damaged
			if errors.As(err, &damaged) {
				for _, l := range damaged.Lines {
					if l.Path != path || !strings.Contains(err.Error(), path) {
						t.Errorf("the file is %s, told: %v", l.Path, err)
					}
					broken = append(broken, l.Number)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, s := range journal.Submissions(entries) {
				if s.Doubtful() && s.Onto("https://a", "p", "orders-stg") {
					n++
				}
			}
			if n != tc.doubts || len(broken) != len(tc.broken) {
				t.Fatalf("%d doubts, cannot be read: %v; want %d, %v", n, broken, tc.doubts, tc.broken)
			}
			for i := range broken {
				if broken[i] != tc.broken[i] {
					t.Errorf("cannot be read: %v, want %v", broken, tc.broken)
				}
			}
		})
	}
}

// An event that this version does not know settles nothing.
func TestAnUnknownEventSettlesNothing(t *testing.T) {
	t.Parallel()
	odd := entry("withdrawn")
	all := journal.Submissions([]journal.Entry{entry(journal.Intent), odd})
	if len(all) != 1 || !all[0].Doubtful() {
		t.Errorf("%+v", all)
	}
}

// A request is in doubt however the same Atlas was spelled when it was sent.
func TestEndpointsAreComparedInOneForm(t *testing.T) {
	t.Parallel()
	for spelled, asked := range map[string]string{
		"HTTPS://Cloud.MongoDB.com:443/": "https://cloud.mongodb.com",
		"http://[::ffff:127.0.0.1]:8080": "http://127.0.0.1:8080",
	} {
		dir := t.TempDir()
		j := journal.At(dir)
		e := entry(journal.Intent)
		e.Endpoint = spelled
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
		entries, err := j.Read()
		if err != nil || len(entries) != 1 || entries[0].Endpoint != asked {
			t.Fatalf("%+v, %v", entries, err)
		}
		if s := journal.Submissions(entries)[0]; !s.Onto(asked, "p", "orders-stg") || !s.Onto(spelled, "p", "orders-stg") {
			t.Errorf("the request to %s is not one to %s", spelled, asked)
		}
	}
}

// What nobody could read is not written.
func TestAppendRefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	e := entry(journal.Intent)
	e.Endpoint = ""
	dir := t.TempDir()
	if err := journal.At(dir).Append(e); err == nil {
		t.Error("an intent of no endpoint was written")
	}
}

// odd is what somebody may write into a file: it commands a terminal, turns the rest of a line around, and
// hides in a name.
const odd = "\x1b]0;x\x07\u202e\u200b"

// What stands in the journal commands no terminal, and a name that only looks like another is that one.
func TestJournalIsCleanWhenItIsRead(t *testing.T) {
	t.Parallel()
	e := entry(journal.Intent)
	e.ProjectName, e.Error, e.Body.TargetClusterName = "Pay"+odd+"ments", odd, "orders"+odd+"-stg"
	e.Others, e.Fetch = []string{odd}, &journal.Fetch{Dir: odd, Files: []journal.FetchedFile{{Path: odd, Proof: odd}}}
	e.Plan = &journal.Planned{MadeBy: odd}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(journalLine(t, e)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := journal.At(dir).Read()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if s := journalLine(t, all[0]); strings.Contains(s, `\u001b`) || text.CleanLong(s) != s {
		t.Errorf("%q", s)
	}
	if s := journal.Submissions(all)[0]; s.ProjectName != "Payments" || !s.Onto("https://a", "p", "orders-stg") {
		t.Errorf("%+v", s)
	}
}

// A plan that was kept confirms nothing, whatever its file says, and says what flags could say.
func TestKeptPlanIsHeldAgainstTheRules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := journal.At(dir)
	kept := func(g state.Given) (*journal.Plan, error) {
		t.Helper()
		raw, err := json.Marshal(journal.Plan{Time: time.Now(), Endpoint: "https://a", Given: g})
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "plan.json"), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return j.Kept()
	}
	whole := state.Given{
		Project: "65f0c1d2e3a4b5c6d7e8f901", Cluster: "orders-prod", Snapshot: "65f0c1d2e3a4b5c6d7e8f902", Delivery: "automated",
		TargetProject: "65f0c1d2e3a4b5c6d7e8f901", TargetCluster: "orders-stg", Confirm: "orders-stg",
	}
	if p, err := kept(whole); err != nil || p.Given.Confirm != "" || p.Given.TargetCluster != "orders-stg" {
		t.Errorf("%+v, %v", p, err)
	}
	for name, change := range map[string]func(g *state.Given){
		"a name":      func(g *state.Given) { g.TargetCluster = "orders stg!" },
		"an id":       func(g *state.Given) { g.Snapshot = "65" },
		"a type":      func(g *state.Given) { g.Delivery = "mine" },
		"a moment":    func(g *state.Given) { g.UTCSeconds = "-1" },
		"two of them": func(g *state.Given) { g.At, g.UTCSeconds = "2026-11-23T14:31:00Z", "1795442579" },
		"collections": func(g *state.Given) { g.Only = &state.GivenOnly{Names: []string{"admin.x"}, Overwrite: true} },
		"their words": func(g *state.Given) { g.Delivery, g.Only = "collections", &state.GivenOnly{Indexes: "some"} },
		"a new name":  func(g *state.Given) { g.Delivery, g.Only = "collections", &state.GivenOnly{Renames: []string{"x"}} },
	} {
		g := whole
		change(&g)
		if p, err := kept(g); err == nil || !strings.Contains(err.Error(), "plan.json: it says what no plan says") {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	whole.Project, whole.Evidence.Why = "Pay"+odd+"ments", odd
	if p, err := kept(whole); err != nil || p.Given.Project != "Payments" || p.Given.Evidence.Why != text.CleanLong(odd) {
		t.Errorf("%+v, %v", p, err)
	}
}

// FuzzJournal has anything stand around an intent, and in the kept plan. The intent is read where it has a
// line of its own. Where something else stands in its line, it is read, or the line is told. What is
// written behind it is read.
func FuzzJournal(f *testing.F) {
	line := func(e journal.Entry) []byte {
		raw, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		return append(raw, '\n')
	}
	stays := entry(journal.Intent)
	stays.ID = "stays"
	for _, e := range []journal.Event{journal.Intent, journal.Refused, journal.Unknown, journal.Beside, journal.Ended, journal.Fetching, journal.Fetched} {
		whole := line(entry(e))
		f.Add(whole, whole[:len(whole)/2], false)
		f.Add(whole[len(whole)/2:], whole, true)
		f.Add(whole[:len(whole)/2], whole, true)
	}
	f.Add([]byte("\uFEFF\x00{\"time\":"), []byte("null\n7\n[]"), false)
	f.Add([]byte{}, []byte(" # mine"), true)
	f.Add([]byte("\x00"), []byte("\x00"), true)
	f.Add([]byte{}, []byte(`{"answers":{"Project":"Pay\u202ements","Cluster":"a","Delivery":"automated","TargetProject":"p","TargetCluster":"b","Confirm":"b"}}`), false)
	dir := f.TempDir()
	path := filepath.Join(dir, "journal.jsonl")
	f.Fuzz(func(t *testing.T, before, after []byte, glued bool) {
		ends := []byte("\n")
		if glued {
			ends = nil
		}
		for name, content := range map[string][]byte{path: slices.Concat(before, ends, bytes.TrimSpace(line(stays)), ends, after), filepath.Join(dir, "plan.json"): after} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		j := journal.At(dir)
		read := func() (doubts int, told bool) {
			all, err := j.Read()
			var damaged *journal.Damaged
			if err != nil && !errors.As(err, &damaged) {
				t.Fatal(err)
			}
			for _, s := range journal.Submissions(all) {
				if s.Doubtful() && s.Onto("https://a", "p", "orders-stg") && s.ID == "stays" {
					doubts++
				}
			}
			return doubts, err != nil
		}
		if n, told := read(); n != 1 && (!glued || !told) {
			t.Fatalf("%d doubts of one, and nothing is told", n)
		}
		p, err := j.Kept()
		if err != nil && !strings.Contains(err.Error(), "reading the plan") {
			t.Fatal(err)
		}
		if p != nil && (p.Given.Confirm != "" || p.Given.Check() != nil || text.CleanLong(p.Given.Flags()) != p.Given.Flags()) {
			t.Fatalf("the plan %+v", p.Given)
		}
		end := stays
		end.Event, end.JobID = journal.Created, "65f0c1d2e3a4b5c6d7e8f901"
		if err := j.Append(end); err != nil {
			t.Fatal(err)
		}
		if n, _ := read(); n != 0 {
			t.Fatal("what was written behind it is not read")
		}
	})
}
