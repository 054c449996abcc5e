package teatest_test

import (
	"net/http"
	"strings"
	"testing"
)

// Where the clusters of a project may not be read, no command that looks for one by its name says that
// there is none: it names the project, and why that is not known.
func TestBinaryTellsARefusedProjectOfALookup(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.env = append(a.env, configured(t, "drill_targets = [\"drill-*\"]\n"))
	f := everyGet("/clusters", http.StatusForbidden)
	f.ErrorCode = "USER_UNAUTHORIZED"
	a.sim.Fail(f)
	for _, typed := range [][]string{
		{"jobs"},
		{"when"},
		{"runbook"},
		{"download"},
		{"drill", "--after", "1d", "--line"},
		{"watch", "65f0c1d2e3a4b5c6d7e8f901"},
		{"--line"},
		{"--snapshotId", "latest", "--deliveryType", "download", "--dry-run"},
	} {
		if !plain(typed[0], "jobs", "--line") {
			continue
		}
		code, out, errs := a.run(append(typed, "--clusterName", "orders-prod")...)
		said := strings.Join(strings.Fields(out+errs), " ")
		for _, want := range []string{`--clusterName "orders-prod": whether there is such a cluster is not known`, "Payments (Atlas answered 403 USER_UNAUTHORIZED"} {
			if code == 0 || !strings.Contains(said, want) || strings.Contains(said, "no such cluster") {
				t.Errorf("%v: exit code %d, nothing says %q\n%s%s", typed, code, want, out, errs)
			}
		}
	}
}
