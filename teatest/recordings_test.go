package teatest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// The story that the recordings tell: where the data came from.
const (
	recordedProject     = "6a793f6b2c88faeba59bae37"
	recordedProjectName = "backupRestores-e2e-665"
	recordedCluster     = "backupRestores-305"
	recordedAt          = "/api/atlas/v2/groups/" + recordedProject + "/clusters/" + recordedCluster
)

// recordedJob is what Atlas says of a restore job, read anew here: the client's own
// reading is what is put to the test.
type recordedJob struct {
	ID                string
	DeliveryType      string
	SnapshotID        string
	TargetGroupID     string `json:"targetGroupId"`
	TargetClusterName string
	DeliveryURL       []string `json:"deliveryUrl"`
	FinishedAt        *time.Time
	ExpiresAt         *time.Time
}

// body is the request that this job answers.
func (j recordedJob) body() map[string]any {
	body := map[string]any{"deliveryType": j.DeliveryType, "snapshotId": j.SnapshotID}
	if j.TargetClusterName != "" {
		body["targetGroupId"], body["targetClusterName"] = j.TargetGroupID, j.TargetClusterName
	}
	return body
}

// recordedStory is one restore from the choice of its source to its end.
type recordedStory struct {
	projects  exchange
	cluster   exchange
	snapshots []exchange // the same one, from in progress to completed
	jobs      []exchange // the one that asked for the job, and all looks at it
	asked     recordedJob
	ended     recordedJob
}

func loadStory(t *testing.T, d state.DeliveryType) recordedStory {
	t.Helper()
	all := loadRecordings(t)
	s := recordedStory{}
	for _, e := range all {
		if e.Kind != "restoreJobs-create" || !strings.HasPrefix(e.Path, recordedAt+"/") {
			continue
		}
		var j recordedJob
		if e.into(t, &j); j.DeliveryType == string(d) {
			s.asked, s.jobs = j, append(s.jobs, e)
		}
	}
	if len(s.jobs) != 1 {
		t.Fatalf("%d recordings ask for a job that is %s", len(s.jobs), d)
	}
	for _, e := range all {
		switch e.Path {
		case "/api/atlas/v2/groups":
			if e.Kind == "groups-list" {
				s.projects = e
			}
		case recordedAt:
			var c struct{ StateName string }
			// The first look at it after it was built: the later ones saw the restores.
			if e.into(t, &c); c.StateName == "IDLE" && s.cluster.Path == "" {
				s.cluster = e
			}
		case recordedAt + "/backup/snapshots/" + s.asked.SnapshotID:
			s.snapshots = append(s.snapshots, e)
		case recordedAt + "/backup/restoreJobs/" + s.asked.ID:
			s.jobs = append(s.jobs, e)
		}
	}
	// What the tests below walk through; a recording more or less is another walk.
	if s.projects.Path == "" || s.cluster.Path == "" || len(s.snapshots) != 3 || len(s.jobs) < 3 {
		t.Fatalf("the recordings do not tell the whole story: %d of the snapshot, %d of the job", len(s.snapshots), len(s.jobs))
	}
	s.jobs[len(s.jobs)-1].into(t, &s.ended)
	return s
}

// playRecorded starts the wizard, as it is for real work, on a tape.
func playRecorded(t *testing.T, tape []exchange) (*stage, *playback) {
	t.Helper()
	p := playBack(t, tape)
	s := &stage{world: &world{t: t, dir: t.TempDir()}, byProject: true}
	c := client(t, p.URL, p.credential(), p.laptop)
	s.cfg = steps.Config{
		Atlas: c, Journal: journal.At(s.dir), Mode: steps.Live, Who: playbackID, Source: "environment",
		// The pace lets the wizard look at its clock ten times a second, not once.
		Endpoint: c.BaseURL(), Now: c.Now, Zone: time.UTC, Pace: 100,
	}
	s.start(normal)
	return s, p
}

// reload lets the time pass until Atlas's next answer, asks for it with ctrl+r, and
// waits until it has been taken in.
func (p *playback) reload(s *stage) {
	s.t.Helper()
	p.forward()
	at := p.played()
	s.Press("ctrl+r")
	s.WaitFor("the next answer", func(string) bool { return p.played() > at })
	s.Settled() // no older frame: if the wizard still waits, the screen says so now
	s.WaitGone("Loading the")
	s.Settled()
}

// A snapshot that is only being taken, until it is there; then its automated restore
// onto a cluster of a project that is not in the list, until Atlas says that it is
// finished: as a real Atlas answered it.
func TestRecordedAutomated(t *testing.T) {
	t.Parallel()
	story := loadStory(t, state.Automated)
	tape := []exchange{story.projects, story.cluster.listed(t)}
	for _, e := range story.snapshots {
		tape = append(tape, e.listed(t))
	}
	tape = append(tape, unknownProject(t, story.asked.TargetGroupID, tape[len(tape)-1]))
	s, p := playRecorded(t, append(tape, story.jobs...))

	s.toSnapshots(recordedProjectName, recordedCluster)
	s.Wait("in progress: not complete yet")
	s.Press("enter")
	s.Settled()
	if !s.Shows("which state of the data") || s.Shows("how is it delivered") {
		t.Fatalf("a snapshot that is not complete was chosen:\n%s", s.Screen())
	}
	p.reload(s)
	s.WaitFor("the snapshot, still in progress", func(screen string) bool { return strings.Contains(row(screen), "in progress: not complete yet") })
	p.reload(s)
	s.WaitFor("the snapshot, complete", func(screen string) bool { return strings.Contains(row(screen), "4.2 GB") })
	s.Wait("1 min ago") // by the clock of now, not of when the page was opened
	if s.Shows("in progress") {
		t.Errorf("Atlas has completed the snapshot:\n%s", s.Screen())
	}
	s.Press("enter")
	s.toDelivery(state.Automated)

	target := story.asked.TargetClusterName
	s.Wait("› Target cluster")
	s.Press("tab")
	s.Wait("› Target project")
	s.Type(story.asked.TargetGroupID)
	s.WaitFor("the id of the project, as typed", func(screen string) bool { return strings.Contains(row(screen), story.asked.TargetGroupID) })
	s.Press("enter")
	s.Wait("› Target cluster")
	s.Wait("404 GROUP_NOT_FOUND")
	s.Type(target)
	s.WaitFor("the name of the cluster, as typed", func(screen string) bool { return strings.Contains(row(screen), target) })
	s.Press("enter")
	s.Wait("Nothing has been submitted yet")
	s.AssertTarget(target)
	s.Type("accept target\r") // of that project nothing can be seen
	s.Wait("Accepted: target stays unknown.")
	s.Confirm(target)

	s.Wait("RUNNING")
	s.Wait(story.asked.ID)
	p.wantPosted(story.asked.body())
	p.forward()
	s.Wait("next look in " + state.Exactly(watch.Delay(1)-time.Second)) // a little less; the first has been answered
	s.Wait("RUNNING")
	p.forward()
	s.Wait("COMPLETED")
	took := "COMPLETED after " + state.Age(story.ended.FinishedAt.Sub(state.CreatedAt(story.asked.ID)))
	s.WaitFor(took, func(screen string) bool { // wherever the line is folded
		return strings.Contains(strings.Join(strings.Fields(screen), " "), took)
	})
	for !p.ended() { // looks after the end, which say the same
		p.reload(s)
		s.Wait("COMPLETED")
	}
	p.wantEnded()
	sum := s.leave(state.OutcomeCompleted, "q")
	if sum.Job.ID != story.ended.ID || !sum.Job.FinishedAt.Equal(*story.ended.FinishedAt) {
		t.Errorf("the summary tells of the job %+v, Atlas of %+v", sum.Job, story.ended)
	}
}

// unknownProject is what Atlas answers when it is asked for the clusters of a project
// that it does not let one see, right after another answer. What it answered about the
// target's project was not recorded, so that the wizard has to do without.
func unknownProject(t *testing.T, id string, after exchange) exchange {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"detail": fmt.Sprintf("No group with ID %s exists.", id), "error": http.StatusNotFound,
		"errorCode": "GROUP_NOT_FOUND", "parameters": []string{id}, "reason": "Not Found",
	})
	if err != nil {
		t.Fatal(err)
	}
	return exchange{
		Method: http.MethodGet, Path: "/api/atlas/v2/groups/" + id + "/clusters", Status: http.StatusNotFound, Body: body,
		Headers: map[string]string{"Content-Type": "application/json", "Date": after.Headers["Date"], "X-Error-Code": "GROUP_NOT_FOUND"},
	}
}

// A download of the same snapshot, until its link is there: the very link that a real
// Atlas gave, whole on every screen and unfolded in the summary.
func TestRecordedDownload(t *testing.T) {
	t.Parallel()
	story := loadStory(t, state.Download)
	if len(story.ended.DeliveryURL) != 1 {
		t.Fatalf("the recorded job has the links %v", story.ended.DeliveryURL)
	}
	url := story.ended.DeliveryURL[0]
	tape := []exchange{story.projects, story.cluster.listed(t), story.snapshots[len(story.snapshots)-1].listed(t)}
	s, p := playRecorded(t, append(tape, story.jobs...))

	s.toReview(state.Download, recordedProjectName, recordedCluster, "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.Wait(story.asked.ID)
	p.wantPosted(story.asked.body())
	p.forward()
	s.Wait("next look in " + state.Exactly(watch.Delay(1)-time.Second))
	s.Wait("RUNNING")
	if s.Shows("http") {
		t.Errorf("a link before there is one:\n%s", s.Screen())
	}
	p.forward()
	s.Wait("READY")
	p.wantEnded()
	last := story.jobs[len(story.jobs)-1].date()
	s.Wait("for " + state.Age(story.ended.ExpiresAt.Sub(last)) + " more")
	s.Press("enter")
	for _, size := range []teatest.Size{normal, narrow, wide} {
		s.Resize(size.W, size.H)
		s.WaitFor(fmt.Sprintf("the whole link on %d×%d", size.W, size.H), func(screen string) bool { return linkOnScreen(screen) == url })
	}
	s.Press("c")
	// The screen may say so a frame before the sequence has gone out.
	s.WaitFor("the link on the clipboard", func(string) bool { return s.Clipboard() == url })
	sum := s.leave(state.OutcomeReady, "q")
	if !strings.Contains(sum.Text(), "\n"+url+"\n") {
		t.Errorf("the summary does not have the link on a line of its own:\n%s", sum.Text())
	}
}
