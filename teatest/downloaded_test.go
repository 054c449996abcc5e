//go:build unix

package teatest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// theirDownload is a download of the newest snapshot of orders-prod that somebody else asks for.
func (w *world) theirDownload(t *testing.T) string {
	t.Helper()
	job, err := w.cfg.Atlas.CreateJob(t.Context(), state.Cluster{ProjectID: w.sim.ProjectID("Payments"), Name: "orders-prod"}, state.Request{
		DeliveryType: state.Download, SnapshotID: w.sim.NewestSnapshot("Payments", "orders-prod").ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return job.ID
}

var downloadsLatest = []string{"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download"}

// Where Atlas refuses a download since the snapshot is being downloaded already, whichever the face, the
// job that does so is named, and the command that fetches its files, which runs as it is printed. Where the
// jobs cannot be read that is said.
func TestADownloadThatIsRefusedNamesTheOther(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	expired := a.asksForADownload("orders-prod")
	a.sim.Advance(2 * time.Hour)
	id := a.theirDownload(t)
	confirmed := append(slices.Clone(downloadsLatest), "--confirm", "download", "--accept", "all")
	into := filepath.Join(t.TempDir(), "out")
	const says = "This snapshot is already being downloaded: restore job "

	code, out, errs := a.run(append(slices.Clone(confirmed), "--out", into, "-o", "json")...)
	r := result(t, out)
	text, command, ok := strings.Cut(r.Error.Advice, "To fetch its files: ")
	if code != 1 || r.Error.ErrorCode != state.DownloadedAlready || !slices.Equal(r.Error.Jobs, []string{id}) || !ok || !strings.HasPrefix(text, says+id+" (Atlas still prepares its links).") || !strings.Contains(errs, command) {
		t.Fatalf("by flags: exit code %d, %+v\n%s", code, r.Error, errs)
	}

	wide := teatest.Size{W: 900, H: 40}
	p := teatest.StartBinary(t, teatest.Binary(t), slices.Concat([]string{"--line"}, downloadsLatest, a.args), a.env, wide)
	p.Wait("type download:") // what is typed before the question is no answer to it
	p.Type("download")
	p.Press("enter")
	p.Wait(says + id)
	p.Wait("atlas-restore download " + id + " --projectId " + a.sim.ProjectID("Payments") + " --clusterName orders-prod")
	p.Signal(syscall.SIGTERM)
	p.ExitCode()

	p = a.open(downloadsLatest...)
	p.Wait("Request the download")
	p.Press("tab", "enter")
	p.Wait(says + id)
	p.Wait("atlas-restore download " + id)
	p.Signal(syscall.SIGTERM)
	p.ExitCode()

	code, old, out, errs := a.download(expired, "--renew", "--out", into)
	if code != 5 || !slices.Equal(old.Error.Jobs, []string{id}) || !strings.Contains(old.Error.Advice, says+id) || !strings.Contains(errs, "To go on: atlas-restore download "+id+" ") || strings.Contains(errs, "Ask for another download") {
		t.Errorf("in the place of links that are over: exit code %d\n%s%s", code, out, errs)
	}

	// The role that reads restore jobs is missing, and that which makes them is not.
	a.sim.Fail(simulator.Fault{Method: "GET", PathContains: "/backup/restoreJobs", Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	code, out, errs = a.run(append(slices.Clone(confirmed), "-o", "json")...)
	a.sim.Heal()
	if r := result(t, out); code != 1 || len(r.Error.Jobs) != 0 || !strings.Contains(r.Error.Advice, "This snapshot is already being downloaded. Use that link, or wait until it has expired. Which restore job of orders-prod that is could not be read: Atlas answered 403 USER_UNAUTHORIZED") {
		t.Errorf("unread: exit code %d, %+v\n%s", code, r.Error, errs)
	}

	a.sim.Advance(6 * time.Minute)
	if code, out, errs = pasted(t, command+" --tight", a.env); code != 0 || !strings.Contains(out, "Downloaded: 1 file of orders-prod") || !strings.Contains(errs, " into "+into) {
		t.Errorf("%s\nexit code %d\n%s%s", command, code, out, errs)
	}
}
