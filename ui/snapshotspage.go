package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// snapshotsPage is the list of snapshots below a timeline, whose cursor moves with the
// list.
type snapshotsPage struct {
	*listPage[state.Snapshot]
	cfg     steps.Config
	cluster state.Cluster
	seen    *steps.Seen
	past    load[steps.Past]
	asked   bool // for the past, since the snapshots were asked for
	drawn   picture
}

func newSnapshotsPage(cfg steps.Config, plan state.Plan, seen *steps.Seen) *snapshotsPage {
	list := steps.Snapshots(cfg, plan, seen)
	list.Others = slices.Insert(list.Others, min(1, len(list.Others)), steps.WhenOther())
	return &snapshotsPage{listPage: newListPage(list), cfg: cfg, cluster: plan.Cluster, seen: seen}
}

// Init implements page. What the timeline shows besides the snapshots is asked for beside them;
// what a flag answers needs no picture.
func (p *snapshotsPage) Init(ctx context.Context) tea.Cmd {
	cmd := p.listPage.Init(ctx)
	p.past.stop()
	p.asked = p.past.have // what was on its way when the page was left has not come
	if p.listPage.list.Given == "" {
		cmd = tea.Batch(cmd, p.askPast())
	}
	return cmd
}

// Update implements page.
func (p *snapshotsPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if by := jump(k); by != 0 {
			p.jump(by)
			return nil, nil
		}
		if keyReload().has(k) {
			p.asked = false
			p.past.stop() // it may hang
		}
	}
	if done, cmd := p.past.take(msg); done {
		p.seen.Learn(p.past.value)
		return nil, nil
	} else if cmd != nil {
		return nil, cmd
	}
	res, cmd := p.listPage.Update(msg)
	if !p.load.whole || p.load.busy {
		return res, cmd
	}
	if res == nil { // it was reloaded, or a flag has not answered it
		return nil, tea.Batch(cmd, p.askPast())
	}
	return res, cmd
}

// askPast loads, once, what the timeline shows besides the snapshots. What could not be seen
// stands in the answer.
func (p *snapshotsPage) askPast() tea.Cmd {
	if p.asked || !p.cluster.PITEnabled {
		return nil
	}
	p.asked = true
	atlas, cluster := p.cfg.Walk(), p.cluster
	return p.past.start(p.ctx, steps.LoadingPast(cluster), func(ctx context.Context) (steps.Past, error) {
		past, _ := steps.LoadPast(ctx, atlas, cluster, []state.Snapshot{}) // each part has its own error
		return past, ctx.Err()
	})
}

// jump moves the highlight to the usable snapshot nearest to a time so far from it, but at
// least by one.
func (p *snapshotsPage) jump(by time.Duration) {
	i, ok := p.pick.current()
	if !ok {
		return
	}
	to := p.load.value[i].When().Add(by)
	best, at := time.Duration(-1), p.pick.at
	now, here := p.cfg.Now(), p.load.value[i].When()
	for n, row := range p.pick.shown {
		when := p.load.value[row].When()
		away := when.Sub(to).Abs()
		if n == p.pick.at || when.After(here) != (by > 0) || best >= 0 && away >= best || p.load.value[row].Usable(now) != nil {
			continue
		}
		best, at = away, n
	}
	p.pick.at = at
}

// lacks is what the timeline does not know yet.
func (p *snapshotsPage) lacks() steps.Lacks {
	l := p.seen.LacksOf(p.cluster, p.load.value, p.past.busy || !p.past.have)
	switch of := p.load.part(); {
	case of.comes:
		l.Snapshots, l.Some = steps.Awaited, true
	case of.lost:
		l.Snapshots, l.Some = steps.Unread, true
	}
	return l
}

// timeline is that of the rows that were loaded.
func (p *snapshotsPage) timeline() steps.Timeline {
	t := p.drawn.timeline(p.seen, p.cluster, p.load.value, p.lacks(), p.cfg.Instant())
	if i, ok := p.pick.current(); ok {
		t.At = p.load.value[i].When()
	}
	return t
}

// View implements page.
func (p *snapshotsPage) View(s styles, w, h int) string {
	if !p.load.have || len(p.load.value) == 0 || p.load.problem != nil {
		return p.listPage.View(s, w, h)
	}
	n := 2
	switch {
	case h >= 13: // letters say nothing without their legend
		n = 4
	case h >= 11:
		n = 3
	}
	t := p.timeline()
	lines := timelineLines(s, t, p.drawn.trackOf(t, w), n)
	if n == 4 && h >= 16 {
		lines = append(lines, "")
	}
	list := p.listPage.View(s, w, h-len(lines))
	p.top += len(lines)
	return strings.Join(append(lines, list), "\n")
}

// Keys implements page.
func (p *snapshotsPage) Keys() []action {
	keys := p.listPage.Keys()
	if _, ok := p.pick.current(); !ok {
		return keys
	}
	return append(keys, act("shift+←→", "by an hour, or to the next", "shift+left", "shift+right").moving(), act("ctrl+←→", "by a day", "ctrl+left", "ctrl+right").moving())
}

// words are the timeline as a help page has it.
func (p *snapshotsPage) words() string {
	if !p.load.have {
		return ""
	}
	return p.timeline().Words()
}
