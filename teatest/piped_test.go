package teatest_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/teatest"
)

// piped is a speaker whose answers come from no person at a terminal.
func piped(t *testing.T) *speaker {
	t.Helper()
	d := prepareTalk(t)
	d.piped = true
	return d
}

// Answers that never fit end the run after a bounded number of them, from any question on,
// with the code of a wrong command line and no request.
func TestLinesAnswersThatNeverFit(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"yes": {"y"}, "nothing": {""}, "back": {"b"}, "help": {"?"}, "words": {"??"}, "reload": {"r"}, "more": {"more"}, "all": {"all"}, "number": {"1"}, "no name": {"xyz"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := piped(t)
			d.start()
			for range 150 {
				for _, line := range lines {
					d.Say(line)
				}
			}
			d.Exit()
			if sum := d.summary; sum.ExitCode() != state.ExitUsage || !strings.Contains(sum.Text(), "Nothing was submitted.") {
				t.Errorf("exit code %d\n%s", sum.ExitCode(), sum.Text())
			}
			d.noPosts()
		})
	}
}

// A program that says the same for ever is not asked for ever.
func TestBinaryYes(t *testing.T) {
	t.Parallel()
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"train", "--line"}, nil, strings.Repeat("y\n", 100_000))
	if code != state.ExitUsage || !strings.Contains(errs, "too many lines in a row answered nothing") || strings.Count(errs, "\n") > 3000 {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs[:min(len(errs), 2000)])
	}
}

// While a job is followed what means nothing ends the reading, and not the following.
func TestLinesNoiseWhileAJobRuns(t *testing.T) {
	t.Parallel()
	d := piped(t)
	d.start()
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.Say("download")
	d.Wait("RUNNING.")
	for range 150 {
		d.Say("y")
	}
	d.WaitFor("the end of the reading", func(string) bool { return strings.Contains(d.Output(), "no more are read") })
	d.sim.Advance(15 * time.Minute)
	d.leave(state.OutcomeReady)
}

// waitLine says how long an answer has been waited for: where one comes is a matter of the machine.
var waitLine = regexp.MustCompile(`(Loading|Looking|Checking)\b[^.\n]*, \d+ s\.\n`)

// From the start to the confirmation of a download no more is heard than can be kept in mind.
func TestLinesHeardToADownload(t *testing.T) {
	t.Parallel()
	d := piped(t)
	d.heartbeat = time.Hour // how long a wait lasts is a matter of the machine
	d.start()
	d.toReview(state.Download, "Payments", "orders-prod", "")
	heard, _, _ := strings.Cut(d.Output(), askDownload)
	heard = waitLine.ReplaceAllString(heard, "")
	if n := strings.Count(heard, "\n") + 1; n > 31 {
		t.Errorf("%d lines are heard to the confirmation, at most 31 are wanted:\n%s", n, heard)
	}
	if strings.Contains(heard, "\n\n") {
		t.Errorf("an empty line is heard:\n%s", heard)
	}
}

// A list begins with five rows; all of them are said on demand.
func TestLinesSayFiveRowsFirst(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	if rows := linesOf(d.Heard(), " of 57: "); len(rows) != 5 {
		t.Errorf("%d rows are said first:\n%s", len(rows), d.Heard())
	}
	d.Say("all")
	d.Wait("57 of 57: ")
	d.Wait(askSnapshot)
	if rows := linesOf(d.Heard(), " of 57: "); len(rows) != 57 {
		t.Errorf("all are %d rows", len(rows))
	}
}

// A day is looked for among the days: not among ages, expiry dates and times of the clock.
func TestLinesFilterFindsTheDay(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.answer(askSnapshot, "22 Nov")
	d.Wait(`"22 Nov" matches these `)
	d.Wait("Snapshot:")
	rows := linesOf(d.Heard(), " of 57: ")
	if len(rows) == 0 {
		t.Fatalf("nothing is found:\n%s", d.Heard())
	}
	for _, r := range rows {
		if !strings.Contains(r, ": 22 Nov ") && !strings.Contains(r, " 22 Nov ") {
			t.Errorf("it is of another day: %s", r)
		}
	}
	d.answer("Snapshot:", "expires in")
	d.Wait(`No snapshot matches "expires in".`)
}

// A lone target project is taken: its clusters are asked for next.
func TestLinesLoneTargetProject(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.cfg.Given = state.Given{
		Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: string(state.Automated), TargetProject: d.sim.ProjectID("Payments Staging"),
	}
	d.start()
	d.Wait("Target project: Payments Staging")
	d.answer(askTarget, "orders-stg")
	d.WaitFor("the review", reviewed)
	if strings.Contains(d.Output(), askTargetProject) {
		t.Errorf("what a flag has answered is asked:\n%s", d.Output())
	}
	d.AssertTarget("orders-stg")
}

// The question for an oplog timestamp takes what a moment takes: the whole of it, or a moment
// whose second it is.
func TestLinesOplogTakesAMoment(t *testing.T) {
	t.Parallel()
	for said, tc := range map[string]struct{ understood, then string }{
		"Timestamp(1795442579, 7)": {"Oplog timestamp: Timestamp(1795442579, 7)", ""},
		"1795442579:7":             {"Oplog timestamp: 1795442579:7", ""},
		`{"t":1795442579,"i":7}`:   {`Oplog timestamp: {"t":1795442579,"i":7}`, ""},
		"2026-11-23 14:02:59":      {"23 Nov 14:02:59 UTC", "7"},
		"23 Nov 15:02:59 +01:00":   {"23 Nov 14:02:59 UTC", "7"},
		"1795442579":               {"23 Nov 14:02:59 UTC", "7"},
	} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			d := talk(t)
			d.toSnapshots("Payments", "orders-prod")
			d.Say("moment")
			d.answer("Restore to, enter takes moment:", "oplog")
			d.answer("Oplog timestamp:", said)
			d.Wait(tc.understood)
			if tc.then != "" {
				d.answer("Oplog increment:", tc.then)
			}
			d.toTarget("Payments", "orders-prod-restore")
			d.AssertTarget("orders-prod-restore")
			d.Confirm("orders-prod-restore")
			d.Wait("RUNNING.")
			d.onePost(map[string]any{
				"deliveryType": "pointInTime", "oplogTs": 1795442579.0, "oplogInc": 7.0,
				"targetClusterName": "orders-prod-restore", "targetGroupId": d.sim.ProjectID("Payments"),
			})
		})
	}
}

// The end of the input is no way out of an error: the run ends with its code. What flags say
// and nobody can obey is a wrong command line.
func TestLinesEndOfInputKeepsTheError(t *testing.T) {
	t.Parallel()
	t.Run("an error", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.sim.Fail(everyGet("/groups", http.StatusForbidden))
		d.start()
		d.Wait("Enter tries again")
		d.CloseInput()
		sum := d.leave(state.OutcomeError)
		if e := sum.Result().Error; sum.ExitCode() != 1 || e == nil || e.Status != http.StatusForbidden {
			t.Errorf("exit code %d, error %+v", sum.ExitCode(), e)
		}
	})
	t.Run("an error that was got over", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/groups", Times: 1, Status: http.StatusForbidden})
		d.start()
		d.answer("Enter tries again", "")
		d.Wait(askProject)
		d.CloseInput()
		if sum := d.leave(state.OutcomeAborted); sum.ExitCode() != 130 {
			t.Errorf("exit code %d", sum.ExitCode())
		}
	})
	t.Run("flags", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.cfg.Given = state.Given{Project: "Paymnts"}
		d.start()
		d.Wait(`--projectId "Paymnts": there is no such project that this credential may read; did you mean Payments?`)
		d.CloseInput()
		if sum := d.leave(state.OutcomeError); sum.ExitCode() != state.ExitUsage || !strings.Contains(sum.Text(), "Paymnts") {
			t.Errorf("exit code %d\n%s", sum.ExitCode(), sum.Text())
		}
	})
	t.Run("left", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.sim.Fail(everyGet("/groups", http.StatusForbidden))
		d.start()
		d.answer("Enter tries again", "q")
		if sum := d.leave(state.OutcomeAborted); sum.ExitCode() != 130 {
			t.Errorf("exit code %d", sum.ExitCode())
		}
	})
}

// What an earlier run has left is asked about at a terminal only. Answers that were written
// before fit the questions that always come; what was left is told.
func TestLinesPipedAnswersDoNotSlide(t *testing.T) {
	t.Parallel()
	left := func(d *speaker) {
		d.cfg.Plan = &journal.Plan{Time: d.sim.Now(), Endpoint: d.cfg.Endpoint, Given: state.Given{Project: d.sim.ProjectID("Payments"), Cluster: "ledger-prod"}}
	}
	d := piped(t)
	left(d)
	d.start()
	for _, line := range []string{"Payments", "orders-prod", "", "download", "download"} {
		d.Say(line)
	}
	d.WaitFor("the job", func(string) bool { return strings.Contains(d.Output(), "Download of orders-prod: restore job ") })
	if !strings.Contains(d.Output(), "the plan: ledger-prod, not submitted") {
		t.Errorf("what was left is not told:\n%s", d.Output())
	}
	at := prepareTalk(t)
	left(at)
	at.start()
	at.Wait("Unfinished, enter takes the plan: ledger-prod:")
}

// The credential is not said to be signed in before Atlas has answered.
func TestLinesNobodyIsSignedInYet(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.sim.Fail(everyGet("/groups", http.StatusUnauthorized))
	d.start()
	d.Wait("Enter tries again")
	if strings.Contains(strings.ToLower(d.Output()), "signed in") {
		t.Errorf("it is said to be signed in:\n%s", d.Output())
	}
}

// After a request whose outcome is unknown nothing says that nothing was submitted, in either
// face.
func TestDoubtIsNotNothing(t *testing.T) {
	t.Parallel()
	untrue := []string{"Nothing has been submitted yet", "Nothing was submitted"}
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.sim.Fail(onePost(simulator.Fault{Drop: simulator.BeforeCommit}))
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("WARNING: OUTCOME UNKNOWN")
	d.sim.Advance(3 * time.Minute)
	d.answer("b goes back, to confirm again; q leaves:", "b")
	d.Wait(askErase)
	if bad := slices.IndexFunc(untrue, func(s string) bool { return strings.Contains(d.Heard(), s) }); bad >= 0 {
		t.Errorf("it says %q:\n%s", untrue[bad], d.Heard())
	}
	d.Wait("A request was sent before, and its outcome is unknown.")
	d.Say("something else")
	d.Wait("Nothing else was submitted.")
}

// Once a job has ended its help does not say that it runs.
func TestHelpAfterTheEnd(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.Say("download")
	d.Wait("RUNNING.")
	d.Say("?")
	d.Wait("In this training the job ends when you leave.")
	d.sim.Advance(15 * time.Minute)
	d.WaitFor("the links", func(string) bool { return strings.Contains(d.Output(), "READY, seen after") })
	d.Say("?")
	d.Wait("The job has ended in Atlas, and the files can be fetched until the links expire.")
	d.Wait("?? says what the words mean.")
	if strings.Contains(d.Heard(), "In this training the job ends") {
		t.Errorf("it says that the job runs:\n%s", d.Heard())
	}
}
