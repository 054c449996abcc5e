package teatest_test

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// Each command of a runbook runs as it is printed: with the flags of whoever printed it, and the names
// of the cluster. Those that restore come to their review, where a dry run ends.
func TestBinaryRunbook(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.env = append(a.env, configured(t, "drill_targets = [\"drill-*\"]\n"))
	code, page, errs := a.run("runbook", "--clusterName", "orders-prod")
	if code != 0 || errs != "" || !strings.HasPrefix(page, "# Restore runbook: Payments / orders-prod (PRODUCTION)\n") {
		t.Fatalf("exit code %d\n%s\n%s", code, page, errs)
	}
	says := map[string]string{ // that something is not there yet is no fault of the command
		"verify": "no such file", "watch": "this machine knows of none", "records": "there are no records yet",
	}
	ran, came, drilled := 0, 0, 0
	for _, line := range shellLines(page) {
		words := wordsOf(line)
		if words[0] != "atlas-restore" {
			t.Errorf("a word of another program: %s", line)
			continue
		}
		restores := slices.Contains(words, "--deliveryType")
		if words[1] == "drill" {
			drilled++
			restores = true
		}
		args := words[1:]
		if restores {
			args = append(args, "--dry-run")
		}
		if words[1] == "when" && !thorough() {
			args = append(args, "--from", "2h") // not all that Atlas keeps
		}
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, append(slices.Clone(a.env), "TERM=dumb"), "")
		switch {
		case restores && strings.Contains(out+errs, "DRY RUN"), code == 0, code == 6 && words[1] == "when":
		case restores && code == 130 && strings.Contains(out, "Nothing was submitted"): // it asks for the rest
		case says[words[1]] != "" && strings.Contains(errs, says[words[1]]):
		default:
			t.Errorf("%s: exit code %d\n%s%s", line, code, out, errs)
		}
		ran++
		if restores && code != 2 {
			came++
		}
	}
	if ran < 10 || came != 5 || drilled != 1 {
		t.Errorf("%d commands were run, %d of them restore, %d drill", ran, came, drilled)
	}
}
