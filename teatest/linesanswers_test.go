package teatest_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

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
	d.Say("Paymnts")
	d.Wait(`their projects have them. Did you mean Payments?`)
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
	d.answer(askCluster, "orders-prd")
	d.Wait(`No cluster matches "orders-prd". Did you mean orders-prod?`)
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
