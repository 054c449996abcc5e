//go:build unix

package teatest_test

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// Onto a cluster on which a restore runs, a run by flags or line by line names the job, and the command that
// follows it, which runs as it is printed: where the target is being changed, and
// where Atlas alone refuses. Where the jobs cannot be read that is said.
func TestATargetThatIsRestoredAlreadyNamesTheJob(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	source := state.Cluster{ProjectID: a.sim.ProjectID("Payments"), Name: "orders-prod"}
	job, err := a.cfg.Atlas.CreateJob(t.Context(), source, state.Request{
		DeliveryType: state.Automated, SnapshotID: a.sim.NewestSnapshot("Payments", "orders-prod").ID, TargetProjectID: source.ProjectID, TargetClusterName: "orders-prod-restore",
	})
	if err != nil {
		t.Fatal(err)
	}
	confirmed := append(slices.Clone(overwriting), "--confirm", "orders-prod-restore", "--accept", "all", "-o", "json")
	const onto, wait = " already runs onto orders-prod-restore", "Wait for its end, or choose another target."
	follows := func(id string) string {
		return "atlas-restore watch " + id + " --projectId " + source.ProjectID + " --clusterName orders-prod"
	}
	refuses := func(why string, id func() string) (command string) {
		t.Helper()
		code, out, errs := a.run(confirmed...)
		r := result(t, out)
		text, command, _ := strings.Cut(r.Error.Advice, "To follow it: ")
		if is := id(); code != 1 || !slices.Equal(r.Error.Jobs, []string{is}) || !strings.Contains(r.Error.Detail, why) || !strings.Contains(errs, is+onto) || !strings.Contains(text, wait) || !strings.HasPrefix(command, follows(is)) || !strings.Contains(errs, command+"\n") {
			t.Fatalf("%s: %s, exit code %d, %+v\n%s", why, is, code, r.Error, errs)
		}
		return command
	}
	unread := func(why string) {
		t.Helper()
		code, out, errs := a.run(confirmed...)
		a.sim.Heal()
		const says = "Which restore job runs onto orders-prod-restore, if one does, could not be read: Atlas answered 403 USER_UNAUTHORIZED"
		if r := result(t, out); code != 1 || len(r.Error.Jobs) != 0 || !strings.Contains(r.Error.Detail, why) || !strings.Contains(r.Error.Advice, says) || !strings.Contains(errs, says) {
			t.Errorf("%s, unread: exit code %d, %+v\n%s", why, code, r.Error, errs)
		}
	}
	hidden := simulator.Fault{Method: http.MethodGet, PathContains: "/backup/restoreJobs", Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1}

	command := refuses("updating: wait until it is idle", func() string { return job.ID })
	a.sim.Fail(hidden)
	unread("updating: wait until it is idle")
	wide := teatest.Size{W: 900, H: 40}
	p := teatest.StartBinary(t, teatest.Binary(t), slices.Concat([]string{"--line"}, overwriting, a.args), a.env, wide)
	p.Wait("wait until it is idle. Restore job " + job.ID + onto + ". " + wait + " To follow it: " + follows(job.ID))
	p.Signal(syscall.SIGTERM)
	p.ExitCode()

	a.sim.Advance(2 * time.Hour)
	if code, out, errs := pasted(t, command, a.env); code != 0 || !strings.Contains(out+errs, "completed") {
		t.Errorf("%s\nexit code %d\n%s%s", command, code, out, errs)
	}
	refusal := simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", Detail: "A restore is in progress."}
	a.sim.Fail(hidden)
	a.sim.Fail(refusal)
	unread("A restore is in progress.")
	a.sim.Fail(refusal)
	code, out, errs := a.run(confirmed...)
	const none = "No restore job of orders-prod or orders-prod-restore is seen to run onto orders-prod-restore. One of another cluster may."
	if r := result(t, out); code != 1 || len(r.Error.Jobs) != 0 || !strings.Contains(r.Error.Advice, none) || !strings.Contains(errs, none) {
		t.Errorf("none is listed: exit code %d, %+v\n%s", code, r.Error, errs)
	}
	refusal.Acts = 1 // one has come since the last look, that does just what was asked for: it may be ours
	a.sim.Fail(refusal)
	sent := len(a.sim.Jobs())
	p = teatest.StartBinary(t, teatest.Binary(t), slices.Concat([]string{"--line"}, confirmed, a.args), a.env, wide)
	p.Wait("OUTCOME UNKNOWN: a request was sent, and no answer tells its outcome. Atlas answered 409 ATLAS_CLUSTER_RESTORE_IN_PROGRESS")
	all := a.sim.Jobs()
	p.Wait("A restore job that fits the request was found: " + all[len(all)-1].ID)
	p.Wait("RUNNING")
	p.Signal(syscall.SIGTERM)
	p.ExitCode()
	if len(a.sim.Jobs()) != sent+1 {
		t.Errorf("%d jobs of one confirmation", len(a.sim.Jobs())-sent)
	}
}
