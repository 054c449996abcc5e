//go:build unix

package teatest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// theirs is a job onto the target of ours that somebody else asks for at this moment, from the
// same source.
func (w *world) theirs(t *testing.T) string {
	t.Helper()
	id := w.sim.ProjectID("Payments")
	job, err := w.cfg.Atlas.CreateJob(t.Context(), state.Cluster{ProjectID: id, Name: "orders-prod"}, state.Request{
		DeliveryType: state.Automated, SnapshotID: w.sim.NewestSnapshot("Payments", "orders-prod").ID, TargetProjectID: id, TargetClusterName: "orders-prod-restore",
	})
	if err != nil {
		t.Fatal(err)
	}
	return job.ID
}

// A second job onto the target stands on the job page, in the summary, in the journal, in the
// JSON and in the exit code, whoever has made it: Atlas has taken one request twice here.
func TestSecondJobIsTold(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.start(roomy)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.sim.Fail(onePost(simulator.Fault{Drop: simulator.AfterCommit, Acts: 2}))
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("Looking for its job")
	s.sim.Advance(3 * time.Second)
	s.Wait("AMBIGUOUS")
	s.sim.Advance(10 * time.Minute)
	s.Press("ctrl+r")
	s.Wait("COMPLETED, AND ANOTHER JOB")
	jobs := s.sim.Jobs()
	first, second := jobs[len(jobs)-2].ID, jobs[len(jobs)-1].ID
	if first > second {
		first, second = second, first
	}
	s.Wait("ANOTHER JOB: restore job " + second)
	s.Wait("Both were asked in the same second")
	sum := s.leave(state.OutcomeUnknown, "q")
	r := sum.Result()
	if sum.ExitCode() != 6 || r.Job.ID != first || r.Job.Status != "completed" || len(r.Others) != 1 || r.Others[0].ID != second || r.Others[0].Status != "completed" || r.Others[0].CameLast != nil || r.Error == nil {
		t.Errorf("exit code %d, %+v", sum.ExitCode(), r)
	}
	wantText(t, sum.Text(), "OUTCOME UNKNOWN: another restore job was seen", "restore job "+second, ": completed.", "look into orders-prod-restore")
	entries, err := s.cfg.Journal.Read()
	if err != nil {
		t.Fatal(err)
	}
	all := journal.Submissions(entries)
	if l := all[len(all)-1]; l.JobID != first || l.Status != "completed" || !slices.Equal(l.Others, []string{second}) {
		t.Errorf("the journal has %+v", l)
	}
}

// A job that comes while ours is followed is told at once, and that it came last; ctrl+r looks.
func TestLaterJobCameLast(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	p := a.restoring()
	letGo(p)
	_ = p.ExitCode()
	ours := a.newest()
	a.sim.Advance(10 * time.Minute)
	theirs := a.theirs(t)
	code, out, errs := a.run("watch", ours, "-o", "json")
	r := result(t, out)
	if code != 6 || r.Outcome != state.OutcomeUnknown || r.Job.Status != "completed" || len(r.Others) != 1 || r.Others[0].ID != theirs || r.Others[0].CameLast == nil || !*r.Others[0].CameLast {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	wantText(t, strings.Join(strings.Fields(errs), " "), "ANOTHER JOB: restore job "+theirs, "It came last")
	// The one that came last holds the target alone, once it has ended.
	a.sim.Advance(10 * time.Minute)
	code, out, errs = a.run("watch", theirs, "--projectId", "Payments", "--clusterName", "orders-prod", "-o", "json")
	if r := result(t, out); code != 0 || r.Outcome != state.OutcomeCompleted || len(r.Others) != 0 {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// Whatever one look brings instead of the job, it is looked at again, and its id is not lost.
func TestOneBadLook(t *testing.T) {
	t.Parallel()
	const other = `{"id":"65f0c1d2e3a4b5c6d7e8f903","deliveryType":"automated","finishedAt":"2024-03-12T21:20:00Z"}`
	for name, f := range map[string]simulator.Fault{
		"401":         {Status: 401, ErrorCode: "USER_UNAUTHORIZED"},
		"403":         {Status: 403, ErrorCode: "USER_UNAUTHORIZED"},
		"an address":  {Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
		"404":         {Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND"},
		"{}":          {Body: `{}`},
		"null":        {Body: `null`},
		"another job": {Body: other},
		"a page":      {HTML: true, Status: 200},
	} {
		if !plain(name, "401", "another job", "a page") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			s.start(roomy)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("RUNNING")
			f.Method, f.PathContains = http.MethodGet, "/restoreJobs/"
			s.sim.Fail(f)
			s.Press("ctrl+r") // the first look: none is due before the clock moves
			id := s.newest()
			s.Wait("Looking at restore job " + id + " failed")
			s.Wait("NO ANSWER YET")
			s.Wait("ctrl+r look now")
			s.Wait("job " + id)
			s.sim.Advance(10 * time.Minute)
			s.Press("ctrl+r")
			s.Wait("COMPLETED")
			if sum := s.leave(state.OutcomeCompleted, "q"); sum.Job.ID != id || len(sum.Others) != 0 {
				t.Errorf("job %s, %v", sum.Job.ID, sum.Others)
			}
		})
	}
}

// A refusal that stays ends the following, and says what is known and what to do; that the
// job goes on is not claimed.
func TestGoneIsTold(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Served = true // its job outlives the wizard
	s.start(roomy)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs/", Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND", Times: -1})
	s.sim.Advance(6 * time.Second)
	s.Press("ctrl+r")
	s.Wait("It is asked again until")
	s.sim.Advance(2 * time.Minute)
	s.Press("ctrl+r")
	s.Wait("UNKNOWN")
	s.Wait("ctrl+r look now")
	id := s.newest()
	sum := s.leave(state.OutcomeUnknown, "q")
	text := strings.Join(strings.Fields(sum.Text()), " ")
	wantText(t, text, "OUTCOME UNKNOWN: restore job "+id, "last seen running", "and into orders-prod-restore", "atlas-restore watch "+id)
	if strings.Contains(text, "goes on in Atlas") {
		t.Errorf("it says %s", text)
	}
	if r := sum.Result(); r.Error == nil || !strings.Contains(r.Error.Advice, "atlas-restore watch "+id) {
		t.Errorf("%+v", r.Error)
	}
}
