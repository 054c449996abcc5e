package teatest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// The end of the input, a hang-up and ctrl+c, at every question in turn, restore nothing
// and say so.
func TestLinesLeavingSubmitsNothing(t *testing.T) {
	t.Parallel()
	for _, p := range spots {
		for name, leave := range map[string]func(*speaker){
			"end of input": func(d *speaker) { d.CloseInput() },
			"hang-up":      func(d *speaker) { d.HangUp() },
			"ctrl+c":       func(d *speaker) { d.interrupt <- struct{}{} },
			"q":            func(d *speaker) { d.Say("q") },
		} {
			if !fewOf(p.name+name, 3) {
				continue
			}
			t.Run(p.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := talk(t)
				p.walk(d)
				leave(d)
				outcome, code := state.OutcomeAborted, 130
				if name == "end of input" && p.name == "a list that failed" { // that is what has ended the run
					outcome, code = state.OutcomeError, 1
				}
				sum := d.leave(outcome)
				d.noPosts()
				if sum.ExitCode() != code || !strings.Contains(sum.Text(), "Nothing was submitted") {
					t.Errorf("exit code %d:\n%s", sum.Outcome.ExitCode(), sum.Text())
				}
			})
		}
	}
}

// 200 empty lines, from any question on, restore nothing.
func TestLinesEnterAloneRestoresNothing(t *testing.T) {
	t.Parallel()
	for _, p := range spots {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := talk(t)
			p.walk(d)
			for range 200 {
				d.Say("")
			}
			d.CloseInput()
			outcome := state.OutcomeAborted
			if p.name == "a list that failed" {
				outcome = state.OutcomeError
			}
			d.leave(outcome)
			d.noPosts()
		})
	}
}

// A last line counts without a newline: whoever pipes answers may leave it out. Half a name
// confirms nothing.
func TestLinesLastLineNeedsNoNewline(t *testing.T) {
	rare(t)
	t.Parallel()
	binary := teatest.Binary(t)
	answers := "Payments\norders-prod\n\nautomated\n\norders-prod-restore\ntrain/orders-prod"
	code, out, errs := teatest.RunBinary(t, binary, []string{"train", "--line", "--speed", "600"}, nil, answers)
	if code != 130 || !strings.Contains(out, "Nothing was submitted") || !strings.Contains(errs, askErase) {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	code, out, errs = teatest.RunBinary(t, binary, []string{"train", "--line", "--speed", "600"}, nil, answers+"-restore")
	if code != 0 || !strings.Contains(out, "completed") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// At a terminal the end of the input is no enter: what stands before it confirms nothing.
func TestLinesEndOfInputIsNoEnter(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.EndWith("download")
	d.leave(state.OutcomeAborted)
	d.noPosts()
}

// Whoever pipes answers is gone when an answer is lost: after its job was looked for the run
// ends, and waits for nobody.
func TestLinesEndOfInputInDoubt(t *testing.T) {
	t.Parallel()
	d := piped(t)
	d.start()
	d.sim.Fail(onePost(simulator.Fault{Drop: simulator.BeforeCommit}))
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.EndWith("download")
	d.Wait("OUTCOME UNKNOWN")
	d.sim.Advance(3 * time.Minute)
	d.leave(state.OutcomeUnknown)
}

// Only the exact name confirms.
func TestLinesOnlyTheExactNameConfirms(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.AssertTarget("orders-prod-restore")
	for _, wrong := range []string{
		"orders-prod", "Orders-prod-restore", "orders-prod-restore ", " orders-prod-restore", "orders-prod-restore2",
		"yes", "y", "1", "download", "automated", "\x1b[A",
	} {
		d.Say(wrong)
		d.Wait("Nothing was submitted.")
		d.Wait(askErase)
		d.noPosts()
	}
	d.Confirm("orders-prod-restore")
	d.Wait("RUNNING.")
	d.onePost(map[string]any{
		"deliveryType": "automated", "snapshotId": d.sim.NewestSnapshot("Payments", "orders-prod").ID,
		"targetClusterName": "orders-prod-restore", "targetGroupId": d.sim.ProjectID("Payments"),
	})
}

// A confirmation is for one request, whatever becomes of the answer and whatever is said
// behind it.
func TestLinesOnePostForOneConfirmation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   *simulator.Fault
		says    string
		outcome state.Outcome
	}{
		"accepted":     {nil, "RUNNING.", state.OutcomeRunning},
		"lost after":   {&simulator.Fault{Drop: simulator.AfterCommit}, "OUTCOME UNKNOWN", state.OutcomeUnknown},
		"lost before":  {&simulator.Fault{Drop: simulator.BeforeCommit}, "OUTCOME UNKNOWN", state.OutcomeUnknown},
		"502":          {&simulator.Fault{Status: 502, HTML: true}, "OUTCOME UNKNOWN", state.OutcomeUnknown},
		"HTML":         {&simulator.Fault{Status: 200, HTML: true}, "OUTCOME UNKNOWN", state.OutcomeUnknown},
		"rate limit":   {&simulator.Fault{Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 7}, "Nothing was submitted", state.OutcomeAborted},
		"refused, 409": {&simulator.Fault{Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"}, "Nothing was submitted", state.OutcomeAborted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := talk(t)
			d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			if tc.fault != nil {
				d.sim.Fail(onePost(*tc.fault))
			}
			d.AssertTarget("orders-prod-restore")
			d.Confirm("orders-prod-restore")
			for range 5 {
				d.Say("")
			}
			d.WaitFor("what became of it", func(string) bool { return strings.Contains(d.Output(), tc.says) })
			if n := len(d.posts()); n != 1 {
				t.Errorf("%d requests for one confirmation", n)
			}
			if d.Say("q"); tc.outcome == state.OutcomeRunning {
				d.Wait("q again leaves")
				d.Say("q")
			}
			sum := d.leave(tc.outcome)
			if tc.outcome == state.OutcomeUnknown && !strings.Contains(sum.Text(), "OUTCOME UNKNOWN") {
				t.Errorf("the summary hides the doubt:\n%s", sum.Text())
			}
		})
	}
}

// A job whose making was not answered is found, and followed.
func TestLinesLostJobIsFound(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.sim.Fail(onePost(simulator.Fault{Drop: simulator.AfterCommit}))
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("WARNING: OUTCOME UNKNOWN")
	d.sim.Advance(3 * time.Second)
	d.Wait("A restore job that fits the request was found:")
	d.sim.Advance(5 * time.Minute)
	d.Wait("COMPLETED")
	if sum := d.leave(state.OutcomeCompleted); strings.Contains(sum.Text(), "UNKNOWN") {
		t.Errorf("a doubt that was settled is told:\n%s", sum.Text())
	}
	if n := len(d.posts()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// After a doubt a new confirmation is a new request, and the doubt is not forgotten.
func TestLinesDoubtStays(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.sim.Fail(onePost(simulator.Fault{Drop: simulator.BeforeCommit}))
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("WARNING: OUTCOME UNKNOWN")
	d.Wait("Looking for its job among the restore jobs of orders-prod, next look in")
	d.Say("b")
	d.Wait("Nothing else can be done while it is looked for.")
	d.sim.Advance(3 * time.Minute)
	d.Wait("and its job was not found")
	d.answer("b goes back, to confirm again; q leaves:", "b")
	d.Wait(askErase)
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("RUNNING.")
	if n := len(d.posts()); n != 2 {
		t.Errorf("%d requests for two confirmations", n)
	}
	d.letGo()
	if sum := d.leave(state.OutcomeRunning); !strings.Contains(sum.Text(), "OUTCOME UNKNOWN") {
		t.Errorf("the summary hides the doubt:\n%s", sum.Text())
	}
}

// While the answer is awaited ctrl+c is asked for twice, and leaving then is called what
// it is.
func TestLinesWaitingForTheAnswer(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	gate := make(chan struct{})
	d.sim.Fail(onePost(simulator.Fault{Stall: gate}))
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("then sending the request to Atlas, once.")
	d.await("the request on its way", func() bool { return d.sim.Armed() == 0 })
	d.interrupt <- struct{}{}
	d.Wait("ctrl+c again leaves now")
	d.interrupt <- struct{}{}
	d.leave(state.OutcomeUnknown)
	if got := d.events(); len(got) == 0 || got[0] != "intent" {
		t.Errorf("the journal has %v", got)
	}
	close(gate)
	d.await("the end of the request", func() bool { return len(d.events()) == 2 })
}

// A hang-up while the answer is awaited leaves at once, in doubt.
func TestLinesHangUpWhileSending(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	gate := make(chan struct{})
	defer close(gate)
	d.sim.Fail(onePost(simulator.Fault{Stall: gate}))
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.await("the request on its way", func() bool { return d.sim.Armed() == 0 })
	d.HangUp()
	d.leave(state.OutcomeUnknown)
	if got := d.events(); !slices.Equal(got, []string{"intent", "unknown"}) {
		t.Errorf("the journal has %v", got)
	}
}

// What cannot be written down is not submitted.
func TestLinesNoJournalNoSubmission(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.cfg.Journal = fullDisk{}
	d.start()
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("Nothing was submitted: no request was sent.")
	d.Wait(askErase) // a new confirmation is needed
	d.noPosts()
}

// What will be overwritten is said before it is asked, and in the question.
func TestLinesWarnBeforeTheyAsk(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	all := d.Output()
	for _, order := range [][]string{
		{"WARNING: All that is on the target cluster now is erased", "2 of 6: orders-prod-restore, PRODUCTION", askTarget},
		{"WARNING: Onto orders-prod-restore (Payments), PRODUCTION, which is erased first.", "WARNING: Lost: all that orders-prod-restore holds now", "cannot be cancelled", askErase},
	} {
		at := 0
		for _, part := range order {
			i := strings.Index(all[at:], part)
			if i < 0 {
				t.Fatalf("%q is not said in its place:\n%s", part, all)
			}
			at += i
		}
	}
}

func TestLinesFollow(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T, delivery state.DeliveryType) *speaker {
		t.Helper()
		d := talk(t)
		d.toReview(delivery, "Payments", "orders-prod", "orders-prod-restore")
		if delivery == state.Download {
			d.Say("download")
		} else {
			d.AssertTarget("orders-prod-restore")
			d.Confirm("orders-prod-restore")
		}
		d.Wait("RUNNING.")
		return d
	}
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.start()
		d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
		d.sim.FailNextJob()
		d.AssertTarget("orders-prod-restore")
		d.Confirm("orders-prod-restore")
		d.Wait("RUNNING.")
		d.sim.Advance(10 * time.Minute)
		d.Wait("FAILED after")
		d.Wait("may be empty or incomplete")
		d.leave(state.OutcomeFailed)
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Download)
		d.Say("x")
		d.answer("Type cancel to do it", "")
		d.Say("x")
		d.answer("Type cancel to do it", "cancel")
		d.Wait("CANCELLED")
		d.leave(state.OutcomeCancelled)
	})
	t.Run("not cancellable", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Automated)
		d.Say("x")
		d.Wait("Atlas cannot cancel this.")
	})
	t.Run("ready, and kept while somebody is there", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Download)
		d.sim.Advance(10 * time.Minute)
		d.Wait("READY, seen after")
		d.Wait("The link works once")
		d.Wait("fetch them before you leave with q.")
		link := linkOnScreen(d.Heard())
		fetch(t, link, http.StatusOK)
		d.letGo()
		if sum := d.leave(state.OutcomeReady); !strings.Contains(sum.Text(), "\n"+link+"\n") {
			t.Errorf("the summary does not have the link on a line of its own:\n%s", sum.Text())
		}
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Download)
		d.sim.Advance(10 * time.Minute)
		d.Wait("READY, seen after")
		d.sim.Advance(time.Hour)
		d.Wait("EXPIRED.")
		d.leave(state.OutcomeExpired)
	})
	t.Run("left", func(t *testing.T) {
		t.Parallel()
		for name, leave := range map[string]func(*speaker){
			"q": (*speaker).letGo,
			"ctrl+c": func(d *speaker) {
				d.interrupt <- struct{}{}
				d.Wait("q again leaves")
				d.interrupt <- struct{}{}
			},
			"hang-up": func(d *speaker) { d.HangUp() },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := start(t, state.Automated)
				leave(d)
				sum := d.leave(state.OutcomeRunning)
				if sum.Job.ID == "" || !strings.Contains(sum.Text(), sum.Job.ID) || sum.Outcome.ExitCode() != 7 {
					t.Errorf("exit code %d, the summary does not name the job:\n%s", sum.Outcome.ExitCode(), sum.Text())
				}
			})
		}
	})
	t.Run("a look that fails", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Automated)
		d.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs/", Times: 2, Status: 503, ErrorCode: "SERVICE_UNAVAILABLE"})
		d.sim.Advance(30 * time.Second)
		d.Wait("503 SERVICE_UNAVAILABLE")
		d.sim.Advance(30 * time.Second)
		d.await("the second look", func() bool { return d.looks() == 2 })
		// The second answer may be read before or after the clock goes on: a look is due in
		// the end.
		d.await("the end", func() bool {
			d.sim.Advance(time.Minute)
			return strings.Contains(d.Output(), "COMPLETED after")
		})
		if n := len(linesOf(d.Output(), "503 SERVICE_UNAVAILABLE")); n != 1 {
			t.Errorf("one trouble was told %d times", n)
		}
		d.leave(state.OutcomeCompleted)
	})
	t.Run("a job that may not be read", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Automated)
		d.sim.Fail(everyGet("/restoreJobs/", 403))
		d.refusedForLong(func() bool { return strings.Contains(d.Output(), "What has become of it is not known.") })
		d.leave(state.OutcomeUnknown)
	})
	t.Run("a sign of life, and how it stands", func(t *testing.T) {
		t.Parallel()
		d := start(t, state.Automated)
		d.Wait("RUNNING for ") // the heartbeat
		d.Say("s")
		d.Wait("last answer ")
		d.Say("hello")
		d.Wait(`"hello" means nothing here.`)
		for _, line := range linesOf(d.Output(), "RUNNING") {
			if strings.Contains(line, "%") {
				t.Errorf("a made-up progress: %s", line)
			}
		}
	})
}

// In the line face nothing moves the cursor, draws or colours: it is text and newlines.
func TestLinesArePlain(t *testing.T) {
	t.Parallel()
	for _, f := range flows {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			d := talk(t)
			f.inLines(d)
			d.Wait("restore job ")
			d.CloseInput()
			d.sim.Advance(15 * time.Minute)
			d.Exit()
			for _, r := range d.Output() + d.summary.Text() {
				switch {
				case r == '\n', r >= ' ' && r <= '~', r == '…': // the mask in a key's name
				default:
					t.Fatalf("%q in\n%s", r, d.Output())
				}
			}
		})
	}
}

// What speaks against a restore is said again on the review: a fallback snapshot, a disk
// that is too small for it, a target in another project.
func TestReviewRepeatsTheWarnings(t *testing.T) {
	t.Parallel()
	const fallback, larger = "a last resort: its data may be inconsistent", "larger than the disk of orders-prod-restore"
	d := talk(t)
	d.toSnapshots("Payments", "ledger-prod")
	all := d.sim.Snapshots("Payments", "ledger-prod")
	id := all[slices.IndexFunc(all, func(s simulator.Snapshot) bool { return s.Kind == "fallback" })].ID
	d.Say(id)
	d.Wait(fallback)
	d.answer(askDelivery, string(state.Automated))
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait(askErase)
	for _, want := range []string{"WARNING: The snapshot is a fallback, " + fallback, "WARNING: The snapshot is " + larger, "Missing: what was written to ledger-prod since"} {
		d.Wait(want)
	}
	d.Say("q")

	s := prepare(t)
	s.cfg.Given = state.Given{
		Project: "Payments", Cluster: "ledger-prod", Snapshot: id, Delivery: string(state.Automated),
		TargetProject: "Storefront", TargetCluster: "catalog",
	}
	s.start(normal)
	s.Wait("The snapshot is a fallback")
	s.Wait("submitted yet") // until then no key counts
	s.Press("pgdown", "pgdown", "pgdown", "pgdown", "pgdown", "pgdown")
	s.Wait("This copies production data to catalog")
}
