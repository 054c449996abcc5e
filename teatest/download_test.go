package teatest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/record"
	"atlas-restore/teatest"
)

// asksForADownload has the program make a download job of the newest snapshot of a cluster, whose
// links are there afterwards, and returns its id.
func (a *alone) asksForADownload(cluster string) string {
	a.t.Helper()
	p := a.open("--line", "--clusterName", cluster, "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "--accept", "all")
	p.Wait("RUNNING")
	a.sim.Advance(6 * time.Minute)
	if code := p.ExitCode(); code != 0 {
		a.t.Fatalf("asking for a download ends with %d", code)
	}
	jobs := a.sim.Jobs()
	return jobs[len(jobs)-1].ID
}

// downloaded is what the command prints for programs, as its help says it.
type downloaded struct {
	Outcome string
	Job     struct{ ID string }
	Files   []struct {
		ReplicaSetName, State, Path, SHA256, Proof, Error, Advice string
		Bytes, TotalBytes                                         int64
	}
	Error struct {
		Detail, Advice string
		Jobs           []string
	}
}

func (a *alone) download(args ...string) (code int, d downloaded, out, errs string) {
	a.t.Helper()
	code, out, errs = a.run(append([]string{"download", "--tight", "-o", "json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		a.t.Fatalf("exit code %d: %v\n%s\n%s", code, err, out, errs)
	}
	if strings.Contains(out+errs, "/delivery/") {
		a.t.Errorf("a link is told:\n%s%s", out, errs)
	}
	return code, d, out, errs
}

// The command fetches what a download job delivers and proves it, for people and for programs,
// and verify says the same of what is there.
func TestBinaryDownload(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	if code, _, errs := a.run("download"); code != 1 || !strings.Contains(errs, "this machine knows of none") {
		t.Errorf("without any job: exit code %d\n%s", code, errs)
	}
	id := a.asksForADownload("orders-prod")
	dir := filepath.Join(t.TempDir(), "out")
	code, d, out, errs := a.download("--out", dir)
	if code != 0 || d.Outcome != "downloaded" || d.Job.ID != id || len(d.Files) != 1 || d.Files[0].State != "proven" || len(d.Files[0].SHA256) != 64 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	file := d.Files[0]
	if is, err := os.Stat(file.Path); err != nil || is.Size() != file.Bytes || file.Bytes != file.TotalBytes || filepath.Dir(file.Path) != dir {
		t.Errorf("%+v, %v", file, err)
	}
	if !strings.Contains(file.Proof, "every block that the snapshot reaches is as WiredTiger wrote it") || !strings.Contains(errs, "Fetching 1 file of orders-prod into "+dir) {
		t.Errorf("%s\n%s", file.Proof, errs)
	}
	fetched := func() bool { j := a.sim.Jobs(); return j[len(j)-1].Fetched }
	for until := time.Now().Add(time.Minute); !fetched() && time.Now().Before(until); { // the server hears of it later than the client
		runtime.Gosched()
	}
	if !fetched() {
		t.Error("not fetched")
	}
	if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"verify", file.Path}, nil, ""); code != 0 || !strings.Contains(out, file.SHA256) {
		t.Errorf("verify: exit code %d\n%s%s", code, out, errs)
	}
	if code, text, errs := a.run("watch", id); code != 0 || strings.Contains(text, "works once") || strings.Contains(text, "/delivery/") {
		t.Errorf("the files are here, and its links are of use: exit code %d\n%s%s", code, text, errs)
	}
	// A file in the place of the directory is refused before anything is submitted.
	jobs := len(a.sim.Jobs())
	if code, text, errs := a.run("--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "--accept", "all", "--out", file.Path); code != 1 || len(a.sim.Jobs()) != jobs || !strings.Contains(errs, file.Path+" is a file, and no directory") || !strings.Contains(errs, "Nothing was submitted.") {
		t.Errorf("exit code %d, %d jobs\n%s%s", code, len(a.sim.Jobs())-jobs, text, errs)
	}
	// Where there is a job it is told, with the command that fetches into another directory.
	if code, text, errs := a.run("download", id, "--out", file.Path, "--tight"); code != 1 || !strings.Contains(text, file.Path+" is a file, and no directory") || !strings.Contains(text, "Name another directory with --out DIR") || strings.Contains(text, "--out "+file.Path) || !strings.Contains(text, "To go on: atlas-restore download "+id) {
		t.Errorf("exit code %d\n%s%s", code, text, errs)
	}
	// Nor is another download asked for on its account, once the links are over: its job would be for nothing.
	beside := newAlone(t)
	over := beside.asksForADownload("orders-prod")
	beside.sim.Advance(2 * time.Hour)
	if code, text, errs := beside.run("download", over, "--out", filepath.Join(file.Path, "below"), "--renew"); code != 1 || len(beside.sim.Jobs()) != jobs || !strings.Contains(text, file.Path+" is a file, and no directory") || !strings.Contains(text, "To go on: atlas-restore download "+over) {
		t.Errorf("exit code %d, %d jobs\n%s%s", code, len(beside.sim.Jobs())-jobs, text, errs)
	}
	// The link is used up now. What is there needs none; what is not there is told with what to do.
	code, text, errs := a.run("download", id, "--out", dir, "--tight", "--extract")
	unpacked := strings.TrimSuffix(file.Path, ".tar.gz")
	for _, says := range []string{"Unpacked: " + unpacked, "To open it here, take mongod ", "mongod --dbpath " + filepath.Base(unpacked) + "/", " --bind_ip 127.0.0.1 --port 27117", filepath.Join(dir, "OPEN-LOCALLY.md")} {
		if !strings.Contains(text, says) {
			t.Errorf("it lacks %q:\n%s", says, text)
		}
	}
	if err := os.RemoveAll(unpacked); err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{0, 1} { // the second time it is there
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"verify", "--extract", file.Path}, nil, "")
		if code != want || !strings.Contains(out, []string{"unpacked into " + unpacked + ".", "is there already"}[n]) || !strings.Contains(out, ": SOUND") {
			t.Errorf("verify --extract: exit code %d\n%s%s", code, out, errs)
		}
	}
	if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"verify", dir}, nil, ""); code != 0 || !strings.Contains(out, "2 of 2 files and directories are sound") || !strings.Contains(out, "its SHA-256 is the one in sha256sums.txt") {
		t.Errorf("verify: exit code %d\n%s%s", code, out, errs)
	}
	if code != 0 || !strings.Contains(text, "Downloaded: 1 file of orders-prod, whole and proven.") || !strings.Contains(errs, "is proven again from the disk") {
		t.Errorf("exit code %d\n%s%s", code, text, errs)
	}
	code, d, _, errs = a.download(id, "--out", t.TempDir())
	if code != 5 || d.Outcome != "expired" || d.Files[0].State != "untouched" || !strings.Contains(d.Files[0].Advice, "another download job") || !strings.Contains(errs, "The files of job "+id+" are there already. Downloaded to "+dir) {
		t.Errorf("exit code %d, %+v\n%s", code, d, errs)
	}
	// The record of each run has what was restored, and keeps what was proven before its link was over.
	all, err := record.At(a.dir).Read()
	if err != nil || len(all) < 3 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	for _, r := range all {
		if r.Backup.SnapshotID == "" || r.Backup.SnapshotAt == nil || r.Delivery != "download" {
			t.Errorf("record %d does not say what was restored: %+v", r.Number, r)
		}
	}
	if last := all[len(all)-1]; last.Result != record.Pass || last.Times.Verified == nil {
		t.Errorf("the last record is %s: %s", last.Result, last.Why)
	}
}

// A transfer that is cut is made again, and told; one whose link has gone keeps what there is,
// says how to go on, and goes on with the links of another job.
func TestBinaryDownloadGoesOn(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.asksForADownload("orders-prod")
	a.sim.Fail(simulator.Fault{PathContains: "/delivery/", Drop: simulator.AfterCommit})
	a.sim.Fail(simulator.Fault{File: simulator.LinkUsed})
	dir := t.TempDir()
	code, d, out, errs := a.download("--out", dir)
	if code != 5 || d.Outcome != "expired" || d.Files[0].State != "kept" || d.Files[0].Bytes == 0 || !strings.Contains(errs, "Try 2 of 8 follows in") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if !strings.HasSuffix(d.Files[0].Path, ".tar.gz.part") || !strings.Contains(errs, "To go on: atlas-restore download "+d.Job.ID) || !strings.Contains(errs, " --renew\n") {
		t.Errorf("%s\n%s", d.Files[0].Path, errs)
	}
	jobs := len(a.sim.Jobs())
	for _, answer := range []string{"", "y"} { // enter alone is no yes
		p := a.open("download", d.Job.ID, "--out", dir, "--tight")
		p.Wait("It erases nothing, and takes some minutes. [y/N]")
		p.Type(answer)
		p.Press("enter")
		if answer != "" {
			p.Wait("Atlas makes another download of the same snapshot: job ")
			a.sim.Advance(6 * time.Minute)
		}
		code, made := p.ExitCode(), len(a.sim.Jobs())-jobs
		if answer == "" && (code != 5 || made != 0) || answer != "" && (code != 0 || made != 1 || !strings.Contains(p.Transcript(), "from the first byte on, since ")) {
			t.Errorf("answer %q: exit code %d, %d jobs\n%s", answer, code, made, p.Transcript())
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 4 {
		t.Errorf("beside it: %v, %v", all, err)
	}
}

// Every shard is fetched, and one whose link is missing is waited for.
func TestBinaryDownloadsShards(t *testing.T) {
	rare(t)
	t.Parallel()
	a := newAlone(t)
	id := a.asksForADownload("audit-log")
	jobs := a.sim.Jobs()
	if err := a.sim.Inject(simulator.Inject{Links: &simulator.InjectLinks{Cluster: "Platform Shared/audit-log", Hide: 2, For: simulator.Duration(4 * time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := a.open("download", id, "--out", dir, "--tight")
	p.Wait("links; it still prepares that of")
	a.sim.Advance(5 * time.Minute)
	if code := p.ExitCode(); code != 0 || !strings.Contains(p.Transcript(), "Downloaded: 4 files of audit-log, whole and proven.") || jobs[len(jobs)-1].Archives != 4 {
		t.Errorf("exit code %d, %+v", code, jobs[len(jobs)-1])
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 7 {
		t.Errorf("%v, %v", all, err)
	}
}

// Whoever leaves is told what is kept; another delivery than a download delivers no files.
func TestBinaryDownloadIsLeft(t *testing.T) {
	rare(t)
	t.Parallel()
	a := newAlone(t)
	a.asksForADownload("orders-prod")
	stall := make(chan struct{})
	defer close(stall)
	a.sim.Fail(simulator.Fault{PathContains: "/delivery/", Stall: stall})
	p := a.open("download", "--out", t.TempDir(), "--tight")
	p.Wait("from 127.0.0.1")
	p.Press("ctrl+c")
	p.Wait("left before its first byte")
	if code := p.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	q := a.restoring()
	letGo(q)
	_ = q.ExitCode()
	id := a.sim.Jobs()[len(a.sim.Jobs())-1].ID
	if code, _, errs := a.run("download", id); code != 2 || !strings.Contains(errs, "only a download delivers files") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	if err := a.sim.Inject(simulator.Inject{Restore: &simulator.InjectColleague{Source: "Payments/orders-prod", Target: "Payments/orders-prod", Namespaces: []string{"shop.orders"}}}); err != nil {
		t.Fatal(err)
	}
	id = a.sim.Jobs()[len(a.sim.Jobs())-1].ID
	if code, _, errs := a.run("download", id, "--clusterName", "orders-prod"); code != 2 || !strings.Contains(errs, "is of the delivery type collections: only a download delivers files") {
		t.Errorf("a job of collections: exit code %d\n%s", code, errs)
	}
	if code, _, errs := a.run("download", "--limit-rate", "fast"); code != 2 || !strings.Contains(errs, "like 50M") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}
