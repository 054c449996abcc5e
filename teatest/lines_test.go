package teatest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

func everyGet(path string, status int) simulator.Fault {
	return simulator.Fault{Method: http.MethodGet, PathContains: path, Times: -1, Status: status}
}

func onePost(f simulator.Fault) simulator.Fault {
	f.Method, f.PathContains = http.MethodPost, "/restoreJobs"
	return f
}

// flow is a restore as somebody has it in mind.
type flow struct {
	name, project, cluster string
	delivery               state.DeliveryType
	moment                 string // empty: the newest snapshot
	oplogTs, oplogInc      string
	targetProject, target  string
	apiKeys                bool
}

var flows = []flow{
	{name: "download", project: "Payments", cluster: "orders-prod", delivery: state.Download},
	{name: "download of shards", project: "Analytics", cluster: "events", delivery: state.Download},
	{name: "automated", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod-restore"},
	{name: "automated with API keys", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod-restore", apiKeys: true},
	{name: "onto itself", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod"},
	{name: "onto another project", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments Staging", target: "orders-stg"},
	{name: "shards", project: "Analytics", cluster: "events", delivery: state.Automated, targetProject: "Analytics", target: "events-restore"},
	{name: "download of flex", project: "Sandbox", cluster: "blog", delivery: state.Download},
	{name: "flex", project: "Sandbox", cluster: "blog", delivery: state.Automated, targetProject: "Sandbox", target: "blog-restore"},
	{name: "date and time", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, moment: "2026-11-23 14:02:59", targetProject: "Payments", target: "orders-prod-restore"},
	{name: "epoch", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, moment: "1795442579", targetProject: "Payments", target: "orders-prod-restore"},
	{name: "oplog", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, oplogTs: "1795442579", oplogInc: "7", targetProject: "Payments", target: "orders-prod-restore"},
}

// inSuite says whether the built program plays the flow in the suite: each delivery, and each
// family of clusters, once. The faces play all of them.
func (f flow) inSuite() bool {
	return thorough() || slices.Contains([]string{"download of shards", "automated", "flex", "oplog"}, f.name)
}

// onScreen walks the flow on the full screen, up to its confirmation.
func (f flow) onScreen(s *stage) {
	s.toSnapshots(f.project, f.cluster)
	switch {
	case f.delivery != state.PointInTime:
		s.Press("enter")
		s.toDelivery(f.delivery)
	case f.moment != "":
		s.Press("tab")
		s.Wait("› Moment")
		s.Type(f.moment)
		s.Press("enter")
	default:
		s.Press("tab")
		s.Wait("› Moment")
		s.Press("shift+tab", "right", "tab")
		s.Type(f.oplogTs + "\r" + f.oplogInc)
		s.Press("enter")
	}
	if f.delivery == state.Download {
		s.Press("tab", "enter")
		return
	}
	s.toTarget(f.targetProject, f.target)
	s.AssertTarget(f.target)
	if f.target == f.cluster {
		s.unsafe()
	}
	s.Confirm(f.target)
}

// inLines walks it line by line, up to its confirmation.
func (f flow) inLines(d *speaker) {
	d.toSnapshots(f.project, f.cluster)
	switch {
	case f.delivery != state.PointInTime:
		d.Say("")
		d.answer(askDelivery, string(f.delivery))
	case f.moment != "":
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "")
		d.answer(askMoment, f.moment)
	default:
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "oplog")
		d.answer("Oplog timestamp:", f.oplogTs)
		d.answer("Oplog increment:", f.oplogInc)
	}
	if f.delivery == state.Download {
		d.answer(askDownload, "download")
		return
	}
	d.toTarget(f.targetProject, f.target)
	d.AssertTarget(f.target)
	if f.target == f.cluster {
		d.answer(askSafety, "without")
		d.Wait(askErase)
	}
	d.Confirm(f.target)
}

// given is the flow as flags.
func (f flow) given() state.Given {
	g := state.Given{
		Project: f.project, Cluster: f.cluster, Delivery: string(f.delivery), At: f.moment, OplogTs: f.oplogTs, OplogInc: f.oplogInc,
		TargetProject: f.targetProject, TargetCluster: f.target, Confirm: f.target,
	}
	if f.delivery == state.Download {
		g.Confirm = "download"
	}
	if f.target == f.cluster {
		g.Confirm = state.Overwrite(f.target)
	}
	if f.delivery != state.PointInTime {
		g.Snapshot = state.Latest
	}
	return g
}

// practised is given in a training.
func (f flow) practised() state.Given {
	g, train := f.given(), f
	if f.delivery.Overwrites() {
		train.target = state.PracticePrefix + f.target
		g.Confirm = train.target
	}
	if f.target == f.cluster {
		g.Confirm = state.Overwrite(train.target)
	}
	return g
}

// Every flow ends in the same request, whichever face it is walked in, and is followed to
// the same end.
func TestSameRequestInEveryFace(t *testing.T) {
	t.Parallel()
	for _, f := range flows {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			end := state.OutcomeCompleted
			if f.delivery == state.Download {
				end = state.OutcomeReady
			}
			s := prepare(t)
			if f.apiKeys {
				s.withAPIKeys()
			}
			s.start(normal)
			f.onScreen(s)
			s.Wait("job " + created(s)) // that of a flex download is ready at once

			d := prepareTalk(t)
			if f.apiKeys {
				d.withAPIKeys()
			}
			d.start()
			f.inLines(d)
			d.Wait("restore job ")
			d.CloseInput()
			d.sim.Advance(15 * time.Minute)
			spoken := d.leave(end)

			u := prepareTalk(t)
			if f.apiKeys {
				u.withAPIKeys()
			}
			u.cfg.Given, u.unasked = f.practised(), true
			if err := u.cfg.Given.Check(); err != nil {
				t.Fatal(err)
			}
			u.start()
			u.Wait("restore job ")
			u.sim.Advance(15 * time.Minute)
			u.leave(end)

			screen, line, flags := s.posts(), d.posts(), u.posts()
			if len(screen) != 1 || !slices.Equal(screen, line) || !slices.Equal(screen, flags) {
				t.Errorf("the full screen sent %s\nthe line face %s\nflags %s", screen, line, flags)
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(line[0]), &body); err != nil || f.cluster != "blog" && body["deliveryType"] != string(f.delivery) {
				t.Errorf("asked for %s", line[0])
			}
			if f.delivery == state.Download && (body["targetClusterName"] != nil || body["targetDeploymentItemName"] != nil) {
				t.Errorf("a download has a target: %s", line[0])
			}
			if f.delivery != state.Download {
				return
			}
			want := 1
			if f.cluster == "events" { // a shard has a link, and one over a private endpoint
				want = 3
			}
			if n := strings.Count(spoken.Text(), "http://127.0.0.1:"); n < want {
				t.Errorf("the summary has %d links, want at least %d:\n%s", n, want, spoken.Text())
			}
		})
	}
}

// created is the id of the job that was created last.
func created(s *stage) string {
	s.t.Helper()
	before := len(newWorld(s.t).sim.Jobs())
	s.await("a job", func() bool { return len(s.sim.Jobs()) > before })
	jobs := s.sim.Jobs()
	return jobs[len(jobs)-1].ID
}

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
	d.Wait("Atlas had taken the request: restore job")
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
		{"WARNING: onto orders-prod-restore (Payments), PRODUCTION, which is erased first.", "WARNING: Lost: all that orders-prod-restore holds now", "cannot be cancelled", askErase},
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

// A number, an exact name and an id answer; a part of a name narrows the list; a number
// stays with its row.
func TestLinesAnswers(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.answer(askProject, "pay")
	d.Wait(`"pay" matches these 2:`)
	d.Wait("3 of 7: Payments Staging")
	if strings.Contains(d.Heard(), "Analytics") {
		t.Errorf("the list was not narrowed:\n%s", d.Heard())
	}
	d.Say("9")
	d.Wait("there is no number 9")
	d.Say("xyz")
	d.Wait(`No project matches "xyz", and no cluster in the list of all clusters`)
	d.Say("5") // a number of the whole list, which was said before
	d.Wait(`number 5 does not match "pay": it is Research Archive.`)
	d.answer(askProject, "ALL")
	d.Wait("7 of 7: Storefront")
	d.Say("5")
	d.Wait("Research Archive cannot be chosen: no clusters.")
	d.Say("3")
	d.Wait("Project: Payments Staging.")
	d.answer(askCluster, "b")
	d.Wait("Project, enter takes Payments Staging:") // what answered before
	d.Say(d.sim.ProjectID("Payments"))
	d.Wait("Project: Payments.")
	d.answer(askCluster, "orders-prod")
	d.Wait("52 more: say more, or a part of the name.")
	d.Say("6")
	d.Wait("number 6 was not read out yet: say more, or the name.")
	d.Say("more")
	d.Wait("6 of 57:")
	d.Wait("37 more")
	d.Say("all")
	d.Wait("57 of 57:")
	d.Say("??")
	d.Wait("oplog: the list of all writes")
	d.Say("?")
	d.Wait("The snapshot is the state of the data that you want back.")
	d.Say("failed")
	d.Wait("cannot be chosen: failed: not usable")
	d.Say("before deploy")
	d.Wait(`"before deploy" matches this one:`)
	d.Wait("Snapshot, enter takes 22 Nov 23:52 UTC:") // the only one that is left
	d.noPosts()
}

// Back leads through every question, and nothing that was answered is lost on the way.
func TestLinesBackLosesNothing(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "")
	d.answer(askMoment, "2026-11-23 14:02:59")
	d.Wait("15:02:59 CET, 28 min ago")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait(askErase)
	d.Say("b")
	d.Wait("One step back.")
	d.answer(askTarget, "") // what is erased is never taken by enter alone
	d.Wait("Enter alone takes nothing here.")
	d.Say("b")
	d.answer("Target project, enter takes Payments:", "b")
	d.answer("Moment, enter keeps 2026-11-23 14:02:59:", "b")
	d.answer("Restore to, enter takes moment:", "b")
	d.answer(askSnapshot, "b")
	d.answer("Cluster, enter takes orders-prod:", "b")
	d.answer("Project, enter takes Payments:", "b")
	d.Wait("This is the first step.")
	d.noPosts()
}

// What is wrong with an answer is said, and only the prompt comes again.
func TestLinesWrongFields(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "")
	for wrong, says := range map[string]string{
		"tomorrow":             "tomorrow is in the future",
		"2026-11-23 15:31":     "that is in the future",
		"2026-01-01 00:00":     "before the restore window",
		"1795442579000":        "that is in milliseconds",
		"2026-11-23 14:02 PST": "a zone's name can mean several zones",
	} {
		d.answer(askMoment, wrong)
		d.Wait(says)
		d.Wait(askMoment)
	}
	d.Say("2026-11-23 14:02:59")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "fraud-scores")
	d.Wait("fraud-scores cannot be chosen: 7.0.28 is older than the data, 8.0.29.")
	d.answer(askTarget, "bad name!")
	d.Wait("a cluster name has")
	d.answer(askTarget, "orders-prod-nope")
	d.Wait("is not among what Atlas listed. To use it as typed, say it once more.")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait("Target cluster: orders-prod-restore, PRODUCTION, exists")
	d.Wait(askErase)
	d.noPosts()
}

// What Atlas does not list can be used after it was said twice, is warned of, and what
// Atlas says to it is told.
func TestLinesUnlistedTarget(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-nope")
	d.Wait("BLOCK: There is no cluster orders-prod-nope in Payments. Check the name.")
	d.AssertTarget("orders-prod-nope")
	d.Confirm("orders-prod-nope")
	d.Wait("Nothing was submitted: target is a BLOCK.")
	d.Wait("This cannot be submitted: target is a BLOCK. target changes the target, r makes the checks again, b goes back:")
	d.noPosts()
	// Where its project cannot be listed it is not known, and has to be accepted by name.
	d.sim.Fail(everyGet("/flexClusters", 403))
	d.Say("b")
	d.answer(askTarget, "orders-prod-nope")
	d.answer(askTarget, "orders-prod-nope")
	d.Wait("UNKNOWN: The state of orders-prod-nope could not be seen: Atlas answered 403")
	d.AssertTarget("orders-prod-nope")
	d.Confirm("orders-prod-nope")
	d.Wait("Nothing was submitted: target is UNKNOWN.")
	const needed = "target is UNKNOWN. To go on all the same, type accept target:"
	d.answer(needed, "accept everything")
	d.Wait("No check of that name has to be accepted.")
	d.noPosts()
	if strings.Contains(d.Heard(), askErase) {
		t.Errorf("the name is asked for where it confirms nothing:\n%s", d.Heard())
	}
	d.answer(needed, "accept target")
	d.Wait("Accepted: target stays unknown.")
	d.answer("running is UNKNOWN. To go on all the same, type accept running:", "accept running") // it has no list of jobs
	d.Wait(askErase)
	d.sim.Heal()
	d.Confirm("orders-prod-nope")
	d.Wait("CLUSTER_NOT_FOUND")
	d.WaitFor("the review", reviewed)
}

// "Once more" means at once: a name that was said before something else is asked about
// again.
func TestLinesUnlistedTargetIsForgotten(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, string(state.Automated))
	d.answer(askTargetProject, "Payments")
	const doubt = `"orders-prod-nope" is not among what Atlas listed. To use it as typed, say it once more.`
	d.answer(askTarget, "orders-prod-nope")
	d.Wait(doubt)
	d.Say("b")
	d.answer(askTargetProject, "Payments")
	d.answer(askTarget, "orders-prod-nope")
	d.Wait(doubt)
}

// Where a list cannot be loaded somebody can try again, and nothing is lost.
func TestLinesErrors(t *testing.T) {
	t.Parallel()
	for path, walk := range map[string]func(*speaker){
		"/groups":    func(*speaker) {},
		"/clusters":  func(d *speaker) { d.answer(askProject, "Payments") },
		"/snapshots": func(d *speaker) { d.answer(askProject, "Payments"); d.answer(askCluster, "orders-prod") },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			d := prepareTalk(t)
			d.sim.Fail(everyGet(path, 403))
			d.start()
			walk(d)
			d.Wait("failed. Atlas answered 403 ACCESS_FORBIDDEN")
			d.Wait("lacks a role")
			d.Say("")
			d.Wait("403")
			d.Wait("Enter tries again")
			d.sim.Heal()
			d.Say("")
			d.Wait("1 of ")
		})
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
		d.Wait("READY after")
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
		d.Wait("READY after")
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

// A number is a number where one is asked for, whatever was answered before.
func TestLinesNumbersAreNotRows(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.Wait("Delivery: moment onto a cluster (pointInTime). A cluster that you choose next gets the data of one second, and loses all that it holds.")
	d.answer("Restore to, enter takes moment:", "oplog")
	d.answer("Oplog timestamp:", "1795442579")
	d.answer("Oplog increment:", "5")
	d.answer(askTargetProject, "b")
	d.answer("Oplog increment, enter keeps 5:", "1")
	d.Wait("Oplog increment: 1.")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait("oplog entry 1 of that second")
	d.Wait(askErase)
	d.noPosts()
}

// Who asks for help, or wants to leave, names no cluster.
func TestLinesWordsAreNoNames(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, string(state.Automated))
	d.answer(askTargetProject, "")
	for _, word := range []string{"help", "HELP"} {
		d.answer(askTarget, word)
		d.Wait("Answers: a number, an exact name or an id;")
	}
	for range 3 {
		d.answer(askTarget, "yes")
		d.Wait(`"yes" answers nothing here.`)
	}
	d.answer(askTarget, "Back")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.answer(askErase, "help")
	d.Wait("The request, to Atlas's restore jobs of orders-prod: {")
	d.answer(askErase, "elsewhere")
	d.Wait("atlas backups restores start automated --projectId")
	d.answer(askErase, "back")
	d.Wait("One step back.")
	d.answer(askTarget, "EXIT")
	d.Exit()
	if d.summary.Outcome != state.OutcomeAborted {
		t.Errorf("the outcome is %s", d.summary.Outcome)
	}
	d.noPosts()
}

// A span back from now is fixed once it is said: going back and forth does not move it.
func TestLinesMomentStaysWhatItWas(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "")
	d.answer(askMoment, "40 min ago")
	d.answer(askTargetProject, "order")
	d.Wait("No project matches")
	d.Wait("orders-stg in Payments Staging")
	d.answer(askTargetProject, "b") // and the default still stands
	d.Wait("Moment, enter keeps 2026-11-23 13:51:")
	d.Say("")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait("as it was at 23 Nov 13:51:")
	d.noPosts()
}

// An oplog increment is a number within its second: another second asks for it anew.
func TestLinesIncrementBelongsToItsSecond(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "oplog")
	d.answer("Oplog timestamp:", "1795442579")
	d.answer("Oplog increment:", "5")
	d.answer(askTargetProject, "b")
	d.answer("Oplog increment, enter keeps 5:", "b")
	d.answer("Oplog timestamp, enter keeps 1795442579:", "1795442000")
	d.Wait("Oplog increment:")
	d.Say("")
	d.Wait("Enter alone takes nothing here.")
	d.noPosts()
}

// A snapshot that was asked for goes on: whoever leaves hears of it.
func TestLinesAskedSnapshotIsTold(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("new")
	d.answer("Description, enter takes", "by hand")
	d.answer("Kept for days, enter takes 2:", "0")
	d.Wait("whole days are needed")
	d.answer("Kept for days, enter takes 2:", "3")
	d.Wait(`The snapshot "by hand" is`)
	d.Say("what?")
	d.Wait("means nothing here")
	d.Say("q")
	d.Exit()
	wantText(t, d.summary.Text(), `No restore was submitted. The snapshot "by hand" of orders-prod was asked for, and stays with Atlas.`)
	d.noPosts()
}
