package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
	"atlas-restore/state/record"
	"atlas-restore/state/submit"
	"atlas-restore/ui/steps"
)

// onReview is a root on the review of a restore onto orders-stg, which can have a snapshot
// first; its checks are not made.
func onReview(t *testing.T, d state.DeliveryType) (*Root, *reviewPage) {
	t.Helper()
	r := New(t.Context(), steps.Config{Atlas: fixedAtlas{}, Now: func() time.Time { return benchNow }, Zone: time.UTC})
	r.enter()
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	target := state.Project{ID: "65f0c1d2e3a4b5c6d7e8f902"}
	r.run.Seen.Clusters[target.ID] = []state.Cluster{{ProjectID: target.ID, Name: "orders-stg", State: "IDLE", BackupEnabled: true}}
	for _, plan := range []state.Plan{
		{Project: state.Project{ID: "65f0c1d2e3a4b5c6d7e8f901"}},
		{Cluster: state.Cluster{Name: "orders-prod", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}},
		{Snapshot: state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903"}},
		{Delivery: d},
		{Target: state.Target{Project: target, ClusterName: "orders-stg"}},
	} {
		if r.step() != state.StepReview {
			r.take(answered{func(p state.Plan) state.Plan { return merged(p, plan) }})
		}
	}
	p, ok := r.page().(*reviewPage)
	if !ok {
		t.Fatalf("on step %d", r.step())
	}
	return r, p
}

// seen are facts of which nothing is to be said.
func (r *Root) seen(change func(*state.Facts)) gathered {
	f := state.Facts{Plan: r.run.Plan, Now: benchNow, Snapshot: state.Snapshot{ID: r.run.Plan.Snapshot.ID, Status: "completed"}, Target: state.Cluster{Name: "orders-stg", State: "IDLE", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}}
	if change != nil {
		change(&f)
	}
	return gathered{f}
}

// refuse has the request of the review refused.
func (r *Root) refuse(p *reviewPage) {
	r.Update(loaded[steps.Submitted]{owner: &p.sent, gen: p.sent.gen, value: steps.Submitted{Verdict: submit.Refused, Err: errors.New("no")}})
}

func (r *Root) typed(text string) {
	for _, c := range text {
		r.Update(tea.KeyPressMsg{Code: c, Text: string(c)})
	}
}

var (
	enterKey = tea.KeyPressMsg{Code: tea.KeyEnter}
	f3       = tea.KeyPressMsg{Code: tea.KeyF3}
	f6       = tea.KeyPressMsg{Code: tea.KeyF6}
	anew     = tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl}
)

// What is typed before all the checks were to be read counts for nothing, be it typed or
// pasted, and a part of them is not all.
func TestNothingIsTypedAheadOfTheChecks(t *testing.T) {
	r, p := onReview(t, state.Automated)
	ahead := func(when string) {
		t.Helper()
		r.typed("orders-stg")
		typed := p.typed.Value()
		p.typed.SetValue("")
		r.Update(tea.PasteMsg{Content: "orders-stg"})
		typed += p.typed.Value()
		if r.Update(enterKey); typed != "" || r.run.Sending() {
			t.Errorf("%s: %q is typed, sending %v", when, typed, r.run.Sending())
		}
	}
	ahead("before the checks")
	if cmd := r.take(r.seen(func(f *state.Facts) { f.Awaited = state.LookJobs })); cmd != nil {
		t.Error("a part of the checks is taken for all")
	}
	ahead("with a part of them")
	left := p
	r.Update(anew)
	p, _ = r.page().(*reviewPage)
	if p == nil || p == left || left.look.busy && !p.look.busy {
		t.Fatal("checks that may hang are not made anew")
	}
	ahead("once they are made anew")
	r.Update(loaded[state.Facts]{owner: &left.look, gen: left.look.gen, value: r.seen(nil).facts})
	r.Update(reviewShownMsg{left})
	ahead("with those that were left")
	if cmd := r.take(r.seen(nil)); cmd == nil {
		t.Fatal("the checks are not shown")
	}
	ahead("before they were to be read")
	r.Update(reviewShownMsg{&reviewPage{}})
	ahead("when another page was to be read")
	r.Update(reviewShownMsg{p})
	r.typed("orders-stg")
	if r.Update(enterKey); !r.run.Sending() {
		t.Errorf("it is not confirmed: %q typed, %v", p.typed.Value(), p.told)
	}
}

// While a request is under way no key leads away from its answer; a refusal is read before
// anything is confirmed again.
func TestKeysWhileSending(t *testing.T) {
	r, p := onReview(t, state.Automated)
	r.take(r.seen(nil))
	r.Update(reviewShownMsg{p})
	r.typed("orders-stg")
	r.Update(enterKey)
	for _, k := range []tea.KeyPressMsg{f3, f6, anew, {Code: tea.KeyF5}, {Code: tea.KeyF9}, {Code: tea.KeyEscape}, enterKey} {
		if r.Update(k); r.page() != page(p) || !r.run.Sending() {
			t.Errorf("%s leads away", k)
		}
	}
	if r.refuse(p); !p.look.busy || r.run.Checks() != nil {
		t.Error("what has refused it is not looked for")
	}
	r.typed("orders-stg")
	r.take(r.seen(nil))
	if r.Update(enterKey); p.typed.Value() != "" || r.run.Sending() {
		t.Errorf("what is typed before the refusal was to be read counts: %q, sending %v", p.typed.Value(), r.run.Sending())
	}
}

// A check that stands in the way has what was typed forgotten: the next confirmation is one
// of its own.
func TestHindranceForgetsWhatWasTyped(t *testing.T) {
	for name, change := range map[string]func(*state.Facts){
		"BLOCK":   func(f *state.Facts) { f.Target.Paused = true },
		"UNKNOWN": func(f *state.Facts) { f.JobsErr = errors.New("reset") },
		"WARN": func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: state.Production, Patterns: []string{"stg"}}}
		},
	} {
		r, p := onReview(t, state.Automated)
		r.take(r.seen(change))
		r.Update(reviewShownMsg{p})
		r.typed("orders-stg")
		if r.Update(enterKey); r.run.Sending() || p.typed.Value() != "" || p.told.text == "" {
			t.Errorf("%s: sending %v, %q is typed, told %q", name, r.run.Sending(), p.typed.Value(), p.told.text)
		}
	}
}

// A download that a check stops, or that was refused, is confirmed by a new choice.
func TestRefusedDownloadIsChosenAnew(t *testing.T) {
	r, p := onReview(t, state.Download)
	r.take(r.seen(nil))
	r.Update(reviewShownMsg{p})
	r.Update(tea.KeyPressMsg{Code: tea.KeyTab})
	if r.Update(enterKey); !r.run.Sending() {
		t.Fatal("it is not confirmed")
	}
	r.refuse(p)
	r.take(r.seen(nil))
	r.Update(reviewShownMsg{p})
	if r.Update(enterKey); r.run.Sending() {
		t.Error("enter alone has asked again")
	}
}

// A snapshot of the target is offered where one can be had, once.
func TestSafetyIsOffered(t *testing.T) {
	offers := func(r *Root) bool {
		return slices.Contains(keyNames(r.page()), "f3")
	}
	r, _ := onReview(t, state.Automated)
	if !offers(r) {
		t.Error("it is not offered")
	}
	if r.Update(f3); r.step() != steps.StepSafety {
		t.Fatalf("on step %d", r.step())
	}
	if p, ok := r.page().(*takePage); !ok || p.cluster.Name != "orders-stg" || !p.safety {
		t.Errorf("the page is %+v", r.page())
	}
	r.take(took{state.Snapshot{ID: "x", Status: "completed"}})
	if r.step() != state.StepReview || offers(r) {
		t.Error("it is offered again")
	}
	if r.Update(f3); r.step() != state.StepReview {
		t.Error("another one can be taken")
	}
}

func keyNames(p page) (out []string) {
	for _, k := range p.Keys() {
		out = append(out, k.shown)
	}
	return out
}

// What was accepted asks another question: until that has been on the screen no key counts,
// whatever was typed in one burst with the key that accepted.
func TestAcceptedAsksAnew(t *testing.T) {
	p := &reviewPage{shown: true, body: state.Request{DeliveryType: state.Automated}}
	if cmd := p.anew(); p.shown || cmd == nil {
		t.Fatal("what is asked now counts as read")
	}
	if res, _ := p.key(keyPress("enter")); res != nil || p.told != typedAhead() {
		t.Errorf("enter brings %v, and it says %q", res, p.told.text)
	}
}

// TestReviewIsReadByPages goes through a long review: each key shows what comes next, and leaves
// out nothing.
func TestReviewIsReadByPages(t *testing.T) {
	var blocks [][]string
	for i := range 20 {
		blocks = append(blocks, make([]string, 1+i%3))
		for j := range blocks[i] {
			blocks[i][j] = fmt.Sprint("block ", i)
		}
	}
	const room = 7
	p, seen, keys := &reviewPage{shown: true}, map[string]bool{}, 0
	look := func() {
		for _, l := range p.fit(styles{}, blocks, room, 80) {
			seen[l] = true
		}
	}
	for look(); p.more; look() {
		p.key(tea.KeyPressMsg{Code: tea.KeyPgDown})
		if keys++; keys > 20 {
			t.Fatal("the end never comes")
		}
	}
	for i := range blocks {
		if !seen[fmt.Sprint("block ", i)] {
			t.Errorf("block %d was never shown", i)
		}
	}
	if keys > 7 {
		t.Errorf("%d keys for 39 lines in a window of %d", keys, room)
	}
}

// While a check is a BLOCK there is nothing to type, and nothing that is typed stays.
func TestABlockAsksForNothing(t *testing.T) {
	r, p := onReview(t, state.Automated)
	r.take(r.seen(func(f *state.Facts) { f.Snapshot.Status = "failed" }))
	r.Update(reviewShownMsg{p})
	if !p.blocked() {
		t.Fatal("it is no BLOCK")
	}
	r.typed("orders-stg")
	r.Update(tea.PasteMsg{Content: "orders-stg"})
	foot := strings.Join(p.foot(r.s, 76), "\n")
	if p.typed.Value() != "" || strings.Contains(foot, r.s.marks.prompt) || !strings.Contains(foot, "is a BLOCK") || p.Writes() {
		t.Errorf("%q is typed below\n%s", p.typed.Value(), foot)
	}
	if r.Update(enterKey); r.run.Sending() {
		t.Error("it is sent")
	}
}

// A download that a BLOCK stops has no button to request it either.
func TestABlockedDownloadHasNoButton(t *testing.T) {
	r, p := onReview(t, state.Download)
	r.take(r.seen(func(f *state.Facts) { f.Snapshot.Status = "failed" }))
	r.Update(reviewShownMsg{p})
	if !p.blocked() {
		t.Fatal("it is no BLOCK")
	}
	foot := p.foot(r.s, 76)
	if text := strings.Join(foot, "\n"); strings.Contains(text, requestButton) || !strings.Contains(text, "is a BLOCK") || len(foot) != p.footHeight() {
		t.Errorf("the foot is\n%s", text)
	}
	r.Update(tea.KeyPressMsg{Code: tea.KeyTab})
	if r.Update(enterKey); r.run.Sending() {
		t.Error("it is sent")
	}
}

// A review that needs an approval names the key that saves its plan, and what is run then, in the
// smallest window too.
func TestWhatNeedsAnApprovalIsSaved(t *testing.T) {
	r, p := onReview(t, state.Automated)
	r.Update(tea.WindowSizeMsg{Width: 60, Height: 15})
	r.take(r.seen(func(f *state.Facts) { f.Names.Approval, f.Awaited = []string{"stg"}, -1 }))
	r.Update(reviewShownMsg{p})
	if foot := strings.Join(p.foot(r.s, 56), "\n"); !strings.Contains(foot, "approval is a BLOCK. ctrl+s saves the plan.") {
		t.Errorf("the foot names no key:\n%s", foot)
	}
	const file = "orders-stg-20261123-120000.plan.json"
	r.Update(savedMsg{File: file, Plan: planfile.Plan{SHA256: strings.Repeat("3f9a1c02", 8), Made: planfile.Made{Until: benchNow.Add(planfile.Life)}}})
	seen := strings.Join(strings.Fields(ansi.Strip(r.View().Content)), " ")
	for _, want := range []string{"Saved as " + file, "A second person runs: atlas-restore plan approve " + file, "you then run: atlas-restore --plan " + file} {
		if !strings.Contains(seen, want) {
			t.Errorf("lacks %q:\n%s", want, r.View().Content)
		}
	}
}

// A question that is asked once is not closed by the key of the help: it says that the question
// comes first.
func TestHelpDoesNotCloseAQuestion(t *testing.T) {
	r, _ := onReview(t, state.Automated)
	r.parting = parting{what: []string{"The job goes on."}, other: true}
	for _, k := range []tea.KeyPressMsg{{Code: '?', Text: "?"}, {Code: 'p', Mod: tea.ModCtrl}} {
		r.Update(k)
		if screen := r.View().Content; !r.parting.asks() || r.help.open || !strings.Contains(screen, k.String()+" means nothing here: the question comes first.") {
			t.Errorf("%s closes the question:\n%s", k, screen)
		}
	}
	if r.Update(tea.KeyPressMsg{Code: tea.KeyEscape}); r.parting.asks() {
		t.Error("it cannot be left")
	}
}

// What lies over a page says that it goes on, until its end.
func TestHelpSaysThatItGoesOn(t *testing.T) {
	r, _ := onReview(t, state.Automated)
	h := helpPage{open: true}
	all := []string{"a", "b", "c", "d", "e", "f"}
	if got := h.view(r.s, all, 4); !strings.Contains(got, "more: ↓") || !strings.HasPrefix(got, "a\nb\nc\n") {
		t.Errorf("%q", got)
	}
	h.key(tea.KeyPressMsg{Code: tea.KeyEnd})
	if got := h.view(r.s, all, 4); got != "c\nd\ne\nf" {
		t.Errorf("at its end %q", got)
	}
	h.at = 0
	h.key(tea.KeyPressMsg{Code: tea.KeyPgDown})
	if got := h.view(r.s, all, 4); !strings.HasPrefix(got, "c\n") {
		t.Errorf("a page on %q", got)
	}
}

// The review says when a restore of the source was last proven: behind its project where that has room,
// else below all else, and never in the place of something else.
func TestReviewSaysWhenItWasLastProven(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 60, Height: 15}, {Width: 120, Height: 36}} {
		shown := func(proven bool) (out []string) {
			r, p := onReview(t, state.Automated)
			if proven {
				p.run.Cfg.Proven = steps.NewProven(record.At(t.TempDir()), false, record.Objectives{}, "")
			}
			r.Update(size)
			r.take(r.seen(nil))
			for range 8 {
				out = append(out, strings.Split(ansi.Strip(p.View(r.s, size.Width-2, size.Height-6)), "\n")...)
				if !p.more {
					return out
				}
				p.scroll += max(1, p.page)
			}
			return out
		}
		without, with := shown(false), shown(true)
		if text := strings.Join(with, "\n"); !strings.Contains(text, "never proven here") {
			t.Errorf("%v: nothing says it:\n%s", size, text)
		}
		for _, line := range without {
			if strings.Contains(line, "━━━━▶") || strings.TrimSpace(line) == "" {
				continue
			}
			if !slices.ContainsFunc(with, func(l string) bool { return strings.HasPrefix(l, line[:min(len(line), 20)]) }) {
				t.Errorf("%v: %q has gone for it", size, line)
			}
		}
	}
}
