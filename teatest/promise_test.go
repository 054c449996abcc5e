package teatest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

// place is a page of the wizard with the way to it.
type place struct {
	name string
	walk func(*stage)
}

// places are the pages on which something is asked.
var places = []place{
	{"find", func(s *stage) { find(s) }},
	{"projects", func(s *stage) { toProjects(s) }},
	{"clusters", func(s *stage) {
		toProjects(s)
		s.pick("Payments")
		s.Wait("whose data")
		s.WaitFor("a highlighted row", highlighted)
	}},
	{"snapshots", func(s *stage) { s.toSnapshots("Payments", "orders-prod") }},
	{"delivery", func(s *stage) {
		s.toSnapshots("Payments", "orders-prod")
		s.Press("enter")
		s.Wait(moveFirst)
	}},
	{"automated", func(s *stage) {
		s.toSnapshots("Payments", "orders-prod")
		s.Press("enter")
		s.toDelivery(state.Automated)
		s.Wait("› Target cluster")
		s.WaitFor("the targets", listed.MatchString)
	}},
	{"pointintime", func(s *stage) {
		s.toSnapshots("Payments", "orders-prod")
		s.Press("tab")
		s.Wait("› Moment")
	}},
	{"review-download", func(s *stage) { s.toReview(state.Download, "Payments", "orders-prod", "") }},
	{"review-automated", func(s *stage) {
		s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	}},
}

// 200 times Enter, from any page on, restore nothing.
func TestEnterAloneRestoresNothing(t *testing.T) {
	t.Parallel()
	for i, p := range places {
		if !few(i, 3) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			p.walk(s)
			for range 200 {
				s.Press("enter")
			}
			s.Settled()
			s.Type(strings.Repeat("\r", 200))
			s.Settled()
			s.noPosts()
		})
	}
}

// A paste of whatever lies in the clipboard, with newlines, restores nothing.
func TestPasteRestoresNothing(t *testing.T) {
	t.Parallel()
	for i, p := range places {
		if !few(i+1, 2) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			p.walk(s)
			s.Paste("orders-prod-restore\n")
			s.Paste("orders-prod-restore\r\norders-prod-restore\r\n\r\n")
			s.Paste("\r\r\r\r")
			s.Settled()
			s.noPosts()
		})
	}
}

// Leaving in any way, from any page, submits nothing and says so.
func TestLeavingSubmitsNothing(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		for name, leave := range map[string]func(*stage){
			"ctrl+c":  func(s *stage) { s.Press("ctrl+c") },
			"hang-up": func(s *stage) { s.HangUp() },
		} {
			if !fewOf(p.name+name, 3) {
				continue
			}
			t.Run(p.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := play(t, normal)
				p.walk(s)
				leave(s)
				_, _ = s.Exit()
				s.noPosts()
				sum := s.root.Summary()
				if sum.Outcome != state.OutcomeAborted || !strings.Contains(sum.Text(), "Nothing was submitted") {
					t.Errorf("outcome %s:\n%s", sum.Outcome, sum.Text())
				}
			})
		}
	}
}

// The exact name confirms.
func TestOnlyTheExactNameConfirms(t *testing.T) {
	t.Parallel()
	const name = "orders-prod-restore"
	for mode, right := range map[steps.Mode]string{steps.Live: name, steps.Training: state.PracticePrefix + name} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			s.cfg.Mode = mode
			s.start(normal)
			s.toReview(state.Automated, "Payments", "orders-prod", name)
			s.AssertTarget(name)
			for _, wrong := range []string{"", "orders-prod", "Orders-prod-restore", "yes", "y", "download", name, state.PracticePrefix + name, right + " ", " " + right, right + "2", "overwrite " + right} {
				if wrong == right {
					continue
				}
				s.Type(wrong)
				s.Press("enter")
				s.Settled()
				s.noPosts()
				s.Press("ctrl+u")
			}
			// The name can be pasted; the newline behind it neither submits nor spoils it.
			s.Paste(right + "\n")
			s.Wait("Enter now erases " + name)
			s.Settled()
			s.noPosts()
			s.Press("enter")
			s.Wait("RUNNING")
			if n := len(s.posts()); n != 1 {
				t.Errorf("%d requests for one confirmation", n)
			}
		})
	}
}

// A confirmation is for one request, however often Enter follows it in the same burst
// and whatever becomes of the answer.
func TestOnePostForOneConfirmation(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*simulator.Fault{
		"accepted":         nil,
		"lost after":       {Drop: simulator.AfterCommit},
		"lost before":      {Drop: simulator.BeforeCommit},
		"502":              {Status: 502, HTML: true},
		"500":              {Status: 500, ErrorCode: "UNEXPECTED_ERROR"},
		"HTML with 200":    {Status: 200, HTML: true},
		"rate limit":       {Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 7},
		"refused with 409": {Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"},
	} {
		if !plain(name, "accepted", "lost after", "502", "refused with 409") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			if fault != nil {
				f := *fault
				f.Method, f.PathContains = http.MethodPost, "/restoreJobs"
				s.sim.Fail(f)
			}
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Type("\r\r\r\r\r\r")
			want, outcome := "OUTCOME UNKNOWN", state.OutcomeUnknown
			switch {
			case fault == nil:
				want, outcome = "RUNNING", state.OutcomeRunning
			case fault.Status == 409 || fault.Status == 429:
				want, outcome = "Nothing was submitted", state.OutcomeAborted
			}
			s.Wait(want)
			s.Type("\r\r\r")
			s.Settled()
			if n := len(s.posts()); n != 1 {
				t.Errorf("%d requests for one confirmation", n)
			}
			if sum := s.leave(outcome, "ctrl+c"); outcome == state.OutcomeUnknown && !strings.Contains(sum.Text(), "OUTCOME UNKNOWN") {
				t.Errorf("the summary hides the doubt:\n%s", sum.Text())
			}
		})
	}
}

// After a refusal nothing typed before counts: the next request needs its own
// confirmation.
func TestRefusalNeedsANewConfirmation(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"})
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("ATLAS_CLUSTER_RESTORE_IN_PROGRESS")
	s.Wait("A restore already runs on that cluster")
	s.Press("enter", "enter")
	s.Settled()
	if n := len(s.posts()); n != 1 {
		t.Fatalf("%d requests after one confirmation", n)
	}
	s.Wait("running is a BLOCK") // for as long as no later look says otherwise
	s.Press("ctrl+r")
	s.Wait("To erase PRODUCTION")
	for range 10 {
		s.Press("pgdown")
	}
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	if got := s.events(); !slices.Equal(got, []string{"intent", "refused", "intent", "created"}) {
		t.Errorf("the journal has %v", got)
	}
}

// While the answer is awaited nothing leads away by accident, and leaving on purpose
// is called what it is.
func TestWaitingForTheAnswer(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	gate := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Stall: gate})
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("Sending the request, once")
	s.Press("esc", "enter")
	s.Wait("answer is awaited")
	if !s.Shows("Sending the request") {
		t.Fatalf("esc left the page while the request was under way:\n%s", s.Screen())
	}
	s.await("the intent: from there on it cannot be stopped", func() bool { return len(s.events()) == 1 })
	s.Press("ctrl+c")
	s.Wait("ctrl+c again leaves")
	s.leave(state.OutcomeUnknown, "ctrl+c")
	// The doubt is on disk before the process could end.
	if got := s.events(); len(got) == 0 || got[0] != "intent" {
		t.Errorf("the journal has %v", got)
	}
	close(gate)
	s.await("the end of the request", func() bool { return len(s.events()) == 2 })
}

// What cannot be written down is not submitted.
func TestNoJournalNoSubmission(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Journal = fullDisk{}
	s.start(normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("Nothing was submitted")
	s.Wait("Writing the intent to the journal")
	s.Wait("Mend that first")
	s.noPosts()
}

type fullDisk struct{}

func (fullDisk) Append(journal.Entry) error { return fmt.Errorf("writing: no space left on device") }

func (fullDisk) Read() ([]journal.Entry, error) { return nil, nil }

func (fullDisk) Lock(string) (func(), error) { return func() {}, nil }

// No key, token or link reaches the journal, the title or the screen before the job
// page shows the links.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.sim.Advance(600e9)
	s.Wait("READY")
	s.Press("enter")
	s.Wait("curl -fLO")
	link := linkOnScreen(s.Screen())
	title := s.Title()
	s.leave(state.OutcomeReady, "q")
	k := s.sim.Keys()
	for _, secret := range []string{k.ClientSecret, k.PrivateKey, link} {
		if secret == "" {
			t.Fatal("no secret to look for")
		}
		if strings.Contains(readAll(t, s.dir), secret) || strings.Contains(title, secret) {
			t.Errorf("a secret is in the journal or the title")
		}
	}
	if strings.Contains(s.Output(), k.ClientSecret) || strings.Contains(s.Output(), k.PrivateKey) {
		t.Error("a key reached the terminal")
	}
	if fmt.Sprintf("%+v %#v", s.root.Summary(), s.root.Summary()) == "" || strings.Contains(fmt.Sprintf("%+v", s.root.Summary()), link) {
		t.Error("printing the summary's data prints the link")
	}
}

// A job whose making was not answered is found, and followed: the doubt is settled.
func TestLostJobIsFound(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.sim.Fail(onePost(simulator.Fault{Drop: simulator.AfterCommit}))
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("OUTCOME UNKNOWN")
	s.Type("\r\rorders-prod-restore\r")
	s.sim.Advance(3 * time.Second)
	s.Wait("A restore job that fits the request was found")
	s.Settled()
	s.sim.Advance(2 * time.Second) // a first look, so that none is on its way when the job ends
	s.Wait("✓ seen running")
	s.Settled()
	s.sim.Advance(5 * time.Minute)
	s.Wait("COMPLETED")
	if sum := s.leave(state.OutcomeCompleted, "q"); strings.Contains(sum.Text(), "UNKNOWN") {
		t.Errorf("a doubt that was settled is told:\n%s", sum.Text())
	}
	if n := len(s.posts()); n != 1 {
		t.Errorf("%d requests", n)
	}
	if got := s.events(); !slices.Equal(got, []string{"intent", "unknown", "found", "ended"}) {
		t.Errorf("the journal has %v", got)
	}
}

// A doubt is never forgotten: neither a new review, nor a refusal, nor another job that
// was created settles what became of the first request.
func TestDoubtStays(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		second  *simulator.Fault
		says    string
		outcome state.Outcome
	}{
		"then refused":  {&simulator.Fault{Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"}, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", state.OutcomeUnknown},
		"then accepted": {nil, "RUNNING", state.OutcomeRunning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			post := func(f simulator.Fault) {
				f.Method, f.PathContains = http.MethodPost, "/restoreJobs"
				s.sim.Fail(f)
			}
			post(simulator.Fault{Drop: simulator.BeforeCommit})
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("OUTCOME UNKNOWN")
			s.Wait("Looking for its job")
			s.Press("esc")
			s.Wait("Nothing else can be submitted while it is looked for")
			s.sim.Advance(3 * time.Minute)
			s.Wait("Looked once at the restore jobs of orders-prod")
			s.Press("esc")
			s.Wait("may have been taken")
			if s.Shows("Nothing has been submitted") {
				t.Errorf("the screen denies what it does not know:\n%s", s.Screen())
			}
			s.Press("esc")
			s.Wait("› Target cluster")
			s.WaitFor("the target", func(screen string) bool { return strings.Contains(row(screen), "orders-prod-restore") })
			s.Press("enter")
			s.Wait("OUTCOME UNKNOWN") // on the new review too
			s.Wait("may have been taken")
			if tc.second != nil {
				post(*tc.second)
			}
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait(tc.says)
			if sum := s.leave(tc.outcome, "ctrl+c"); !strings.Contains(sum.Text(), "OUTCOME UNKNOWN") || strings.Contains(sum.Text(), "Nothing was submitted") {
				t.Errorf("the summary hides the doubt:\n%s", sum.Text())
			}
		})
	}
}

// What is typed ahead of the review, in one burst with the key that leads there, confirms
// nothing: nobody can have read it.
func TestBurstConfirmsNothing(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	pointAt(s, "orders-prod-restore")
	s.Type("\rtrain/orders-prod-restore") // what of it is read before the page stands nowhere
	s.Wait("type: train/")
	s.Settled()
	s.Press("enter")
	s.WaitFor("a refusal", func(screen string) bool { // a busy machine may read the last letters later
		return strings.Contains(screen, "Nothing is submitted before train/orders-prod-restore is typed.") || strings.Contains(screen, "is not train/orders-prod-restore.")
	})
	s.noPosts()
	s.Press("esc")
	s.WaitFor("the target", func(screen string) bool { return strings.Contains(row(screen), "orders-prod-restore") })
	s.Type("\rtrain/orders-prod-restore\r")
	s.Wait("type: train/")
	s.Settled()
	s.noPosts()
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	if p := s.posts(); len(p) != 1 {
		t.Errorf("%d jobs were asked for", len(p))
	}
}

// Before the one POST, while it is looked once more at what runs, ctrl+c stops it: nothing
// is sent any more, and that is what is said.
func TestStopBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	hold := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs", Stall: hold, Times: -1})
	s.Confirm("orders-prod-restore")
	s.Wait("Looking once more")
	s.Press("ctrl+c")
	close(hold)
	_, _ = s.Exit()
	if sum := s.root.Summary(); sum.Outcome != state.OutcomeAborted || !strings.Contains(sum.Text(), "Nothing was submitted") {
		t.Errorf("the outcome is %s:\n%s", sum.Outcome, sum.Text())
	}
	s.noPosts()
}

// What is under way for a confirmed request is said as it is: first the last look, before which nothing
// is sent; then that it is sent, and no more that it is looked. What came of it is no readable answer
// only where none came.
func TestWhatIsUnderWayIsSaid(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	look, post := make(chan struct{}), make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs", Stall: look, Times: -1})
	s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Stall: post, Status: 500, ErrorCode: "UNEXPECTED_ERROR"})
	s.Confirm("orders-prod-restore")
	s.Wait("Looking once more before the request is sent")
	if s.Shows("Sending") {
		t.Errorf("it is said to be sent:\n%s", s.Screen())
	}
	s.noPosts()
	close(look)
	s.Wait("Sending the request, once")
	s.WaitGone("before the request is sent")
	close(post)
	s.Wait("Atlas answered 500 UNEXPECTED_ERROR")
	s.Wait("no answer tells its outcome")
	if s.Shows("no readable answer") {
		t.Errorf("an answer came, and was read:\n%s", s.Screen())
	}
}
