package teatest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// The jobs beside one that somebody else has submitted are listed once its source is named, as watch
// follows it then: each command says what the other takes. Of a cluster that does not have it none is listed.
func TestBinaryListsTheJobsBesideAnyJob(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	if err := a.sim.Inject(simulator.Inject{Restore: &simulator.InjectColleague{Source: "Payments/orders-prod", Target: "Payments/orders-prod-restore"}}); err != nil {
		t.Fatal(err)
	}
	job := a.newest()
	a.sim.Advance(time.Hour)
	for _, c := range []struct {
		flags []string
		code  int
		says  string
	}{
		{nil, 1, "--clusterName says of which cluster"},
		{[]string{"--clusterName", "orders-prod"}, 0, job},
		{[]string{"--clusterName", "orders-prod", "--projectId", "Payments"}, 0, job},
		{[]string{"--clusterName", "ledger-prod"}, 1, "looking at restore job " + job},
	} {
		for _, command := range []string{"jobs", "watch"} {
			code, out, errs := a.run(slices.Concat([]string{command, job}, c.flags)...)
			if code != c.code || !strings.Contains(out+errs, c.says) {
				t.Errorf("%s %v: exit code %d\n%s%s", command, c.flags, code, out, errs)
			}
		}
	}
	if code, out, errs := a.run("jobs", "--mine", "--clusterName", "nowhere"); code != 0 || !strings.HasPrefix(out, "No restore job that was submitted from this machine is of cluster nowhere, or onto it.") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
