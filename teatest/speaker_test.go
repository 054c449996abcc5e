package teatest_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/teatest"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// speaker is the line face, over the real client, against the embedded Atlas.
type speaker struct {
	*world
	*teatest.Dialogue
	interrupt chan struct{}
	noEcho    func() (func(), error)
	forget    func()
	unasked   bool // flags answer all: it gets no input
	piped     bool // answers come from no person at a terminal
	heartbeat time.Duration
	summary   steps.Summary
}

func talk(t *testing.T) *speaker {
	t.Helper()
	d := prepareTalk(t)
	d.start()
	return d
}

// prepareTalk makes a speaker whose world and configuration can be changed before it
// starts.
func prepareTalk(t *testing.T) *speaker {
	t.Helper()
	return &speaker{world: newWorld(t), interrupt: make(chan struct{}), heartbeat: 50 * time.Millisecond}
}

func (d *speaker) start() {
	d.t.Helper()
	d.Dialogue = teatest.Converse(d.t, func(ctx context.Context, in io.Reader, out io.Writer) {
		talk := lines.IO{In: in, Out: out, Interrupt: d.interrupt, NoEcho: d.noEcho, Forget: d.forget, Terminal: !d.piped, Heartbeat: d.heartbeat}
		if d.unasked {
			talk.In = nil
		}
		d.summary = lines.Run(ctx, d.cfg, talk)
	})
}

// The prompts of the questions.
const (
	askProject       = "Project:"
	askCluster       = "Cluster:"
	askSnapshot      = "Snapshot, enter takes"
	askDelivery      = "Delivery:"
	askMoment        = "Moment:"
	askTargetProject = "Target project, enter takes"
	askTarget        = "Target cluster:"
	askDownload      = "type download:"
	askErase         = "and restore onto it, type"
	askSafety        = "Enter takes it, without goes on without it:"
)

// answer waits for a prompt and answers it.
func (d *speaker) answer(prompt, text string) {
	d.t.Helper()
	d.Wait(prompt)
	d.Say(text)
}

// toSnapshots answers up to the snapshots of a cluster.
func (d *speaker) toSnapshots(project, cluster string) {
	d.t.Helper()
	d.answer(askProject, project)
	d.answer(askCluster, cluster)
	d.Wait(askSnapshot)
}

// toReview answers up to the review of the newest snapshot of a cluster.
func (d *speaker) toReview(delivery state.DeliveryType, project, cluster, target string) {
	d.t.Helper()
	d.toSnapshots(project, cluster)
	d.Say("")
	d.answer(askDelivery, string(delivery))
	if delivery == state.Download {
		d.Wait(askDownload)
		return
	}
	d.toTarget(project, target)
}

// toTarget answers the target fields.
func (d *speaker) toTarget(project, target string) {
	d.t.Helper()
	d.answer(askTargetProject, project)
	d.answer(askTarget, target)
	d.WaitFor("the review, or a doubt about the name", func(heard string) bool {
		return reviewed(heard) || strings.Contains(heard, "say it once more")
	})
	if strings.Contains(d.Heard(), "say it once more") {
		d.Say(target)
		d.WaitFor("the review", reviewed)
	}
}

// reviewed says whether the review of an overwrite asks for what it needs.
func reviewed(heard string) bool {
	return strings.Contains(heard, askErase) || strings.Contains(heard, askSafety) || strings.Contains(heard, "This cannot be submitted: ") || strings.Contains(heard, "To go on all the same, type ")
}

// letGo leaves while something lives: it is asked once.
func (d *speaker) letGo() {
	d.t.Helper()
	d.Say("q")
	d.Wait("q again leaves")
	d.Say("q")
}

// leave waits for the end and asserts the outcome.
func (d *speaker) leave(want state.Outcome) steps.Summary {
	d.t.Helper()
	d.Exit()
	if d.summary.Outcome != want {
		d.t.Fatalf("the outcome is %s, want %s\n%s", d.summary.Outcome, want, d.Output())
	}
	return d.summary
}

// spots are the questions of the line face, with the way to each.
var spots = []struct {
	name string
	walk func(*speaker)
}{
	{"projects", func(d *speaker) { d.Wait(askProject) }},
	{"clusters", func(d *speaker) { d.answer(askProject, "Payments"); d.Wait(askCluster) }},
	{"snapshots", func(d *speaker) { d.toSnapshots("Payments", "orders-prod") }},
	{"delivery", func(d *speaker) { d.toSnapshots("Payments", "orders-prod"); d.Say(""); d.Wait(askDelivery) }},
	{"restore to", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("moment")
		d.Wait("Restore to, enter takes moment:")
	}},
	{"moment", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "")
		d.Wait(askMoment)
	}},
	{"oplog timestamp", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "oplog")
		d.Wait("Oplog timestamp:")
	}},
	{"oplog increment", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "oplog")
		d.answer("Oplog timestamp:", "1795442579")
		d.Wait("Oplog increment:")
	}},
	{"target project", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("")
		d.answer(askDelivery, "automated")
		d.Wait(askTargetProject)
	}},
	{"target cluster", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("")
		d.answer(askDelivery, "automated")
		d.answer(askTargetProject, "")
		d.Wait(askTarget)
	}},
	{"unlisted target", func(d *speaker) {
		d.toSnapshots("Payments", "orders-prod")
		d.Say("")
		d.answer(askDelivery, "automated")
		d.answer(askTargetProject, "")
		d.answer(askTarget, "orders-prod-nope")
		d.Wait("say it once more.\n" + askTarget)
	}},
	{"review of a download", func(d *speaker) { d.toReview(state.Download, "Payments", "orders-prod", "") }},
	{"review of a restore", func(d *speaker) { d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore") }},
	{"a list that failed", func(d *speaker) {
		d.answer(askProject, "Payments")
		d.Wait(askCluster)
		d.sim.Fail(everyGet("/snapshots", 404))
		d.Say("orders-prod")
		d.Wait("Enter tries again")
	}},
}

// linesOf are the lines of text that hold part.
func linesOf(text, part string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			out = append(out, strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}
