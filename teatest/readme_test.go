package teatest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/record"
	"atlas-restore/teatest"
)

// Every command line of the README is run, and ends as its reader expects. The moment is one
// of the world's own, and the file one that was made for it: nothing else of a line is changed.
func TestREADMEsCommandsRun(t *testing.T) {
	t.Parallel()
	readme := teatest.Documents(t)
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: time.Now(), Speed: 600})
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = sim.Close() })
	moment := sim.Now().Add(-20 * time.Minute).UTC().Format(time.RFC3339)
	a := aloneIn(t, newWorldOn(t, sim))
	file := fetched(t, nil)
	kept := t.TempDir()
	if _, _, err := record.At(kept).Append(record.Record{Brief: record.Brief{Kind: record.Restore}}.Judged()); err != nil {
		t.Fatal(err)
	}
	planned := filepath.Join(t.TempDir(), "orders-prod.plan.json")
	elsewhere := map[string]string{
		"go test ./...":             "the suite itself",
		"go build -o atlas-restore": "Binary builds it",
		"go run . train --speed":    "TestReadmeRunsWithoutAQuestion",
		"go run . sim":              "TestReadmeControlsWhatIsServed",
		"curl -sf":                  "TestReadmeControlsWhatIsServed",
	}
	byLine := []string{"TERM=dumb"} // it begins, and leaves at the end of its input
	ran := 0
	for _, line := range shellLines(readme) {
		words := wordsOf(strings.NewReplacer("2026-11-23T14:02:58Z", moment, "restore-6561a0b1c2d3e4f5a6b7c8d9.tar.gz", file, "orders-prod.plan.json", planned, "records-of-november", filepath.Join(kept, "export")).Replace(line))
		switch begin := strings.Join(words[:min(3, len(words))], " "); {
		case hasBeginning(line, elsewhere):
			continue
		case strings.HasPrefix(line, "go run . train --list"):
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), words[3:], nil, "")
			if code != 0 || !strings.Contains(out, "first-download") {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case begin == "go run .":
			if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), words[3:], byLine, ""); code != 130 && code != 1 || !strings.Contains(errs, "TRAINING") {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case line == "./atlas-restore":
			if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), a.args, slices.Concat(byLine, a.env), ""); code != 130 || !strings.Contains(errs, "LIVE") {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case words[0] == "./atlas-restore" && (words[1] == "verify" || words[1] == "plan"):
			if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), words[1:], nil, ""); code != 0 {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case words[0] == "./atlas-restore" && words[1] == "records":
			if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append(words[1:], "--state-dir", kept), nil, ""); code != 0 || out == "" {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case words[0] == "./atlas-restore" && words[1] == "drill":
			drilled := aloneIn(t, newWorldOn(t, forDrills(t))) // what the other lines restore changes their world
			drilled.env = append(drilled.env, configured(t, "drill_targets = [\"drill-*\"]\nverify = [\"/bin/sh\", \"-c\", \"echo looked at $ATLAS_RESTORE_TARGET\"]\n"))
			if code, out, errs := drilled.run(words[1:]...); code != 0 || !strings.Contains(out, "DRILL: PASS") || !strings.Contains(out, "looked at drill-orders") {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		case words[0] == "./atlas-restore":
			if code, out, errs := a.run(words[1:]...); code != 0 && (code != 6 || words[1] != "when") {
				t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
			}
		default:
			t.Errorf("nothing runs this line of the README: %s", line)
		}
		ran++
	}
	if ran != 17 {
		t.Errorf("%d lines were run here", ran)
	}
}

// shellLines are the lines of the README's shell blocks, without what follows a #. A line that
// goes on after a backslash is one.
func shellLines(readme string) []string {
	var out []string
	inside := false
	for line := range strings.Lines(strings.ReplaceAll(readme, "\\\n", "")) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```sh"
		case inside:
			line, _, _ = strings.Cut(line, " #")
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// wordsOf splits a line as a shell does: words in single quotes are one.
func wordsOf(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

func hasBeginning(line string, of map[string]string) bool {
	for begin := range of {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}
