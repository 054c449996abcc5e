package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// takePage takes an on-demand snapshot and waits for its end. Where another one is not
// finished it waits for that first, as Atlas demands.
type takePage struct {
	cfg         steps.Config
	cluster     state.Cluster
	safety      bool              // it is the target, before it is overwritten
	asked       steps.TakeRequest // the last request; none yet where it is empty
	set         fieldset
	description *setField
	days        *setField

	ctx     context.Context //nolint:containedctx // the page's life is this context
	take    load[state.Snapshot]
	list    load[[]state.Snapshot]
	look    load[state.Snapshot]
	waiting *state.Snapshot // that is followed; nil for none
	ours    bool            // it is the one that was asked for here
	looks   int
	nextAt  time.Time
	told    string
	next    due
}

// What the page has to say to the root: the snapshot that was taken, and how it stands with one
// that was asked for.
type (
	took   struct{ snapshot state.Snapshot }
	taking struct{ note func(*steps.Session) }
)

func untaken(err error) taking { return taking{func(s *steps.Session) { s.Untaken(err) }} }

func fails(err error) taking { return taking{func(s *steps.Session) { s.Fails(err) }} }

// newTakePage makes the page. asked is what was asked for here before.
func newTakePage(cfg steps.Config, cluster state.Cluster, safety bool, asked steps.TakeRequest) *takePage {
	p := &takePage{
		cfg: cfg, cluster: cluster, safety: safety, asked: asked,
		description: &setField{label: "Description", hint: "like: before deploy"}, days: &setField{label: "Kept for days", hint: "like 2"},
	}
	p.set = newFieldset(p.description, p.days)
	p.description.input.SetValue(steps.TakeDescription)
	if safety {
		p.description.input.SetValue(steps.SafetyDescription)
	}
	p.days.input.SetValue(steps.TakeDays)
	p.description.input.CursorEnd()
	p.days.input.CursorEnd()
	return p
}

// Init implements page.
func (p *takePage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	return p.relist() // what was loaded before may be old
}

func (p *takePage) relist() tea.Cmd {
	atlas, cluster := p.cfg.Atlas, p.cluster
	return p.list.start(p.ctx, "Loading the snapshots of "+cluster.Name, func(ctx context.Context) ([]state.Snapshot, error) {
		return atlas.Snapshots(ctx, cluster)
	})
}

// Update implements page.
func (p *takePage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.list.take(msg); done {
		return p.listed()
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.take.take(msg); done {
		return p.answered()
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.look.take(msg); done {
		return p.looked()
	} else if cmd != nil {
		return nil, cmd
	}
	switch msg := msg.(type) {
	case dueMsg, nudgeMsg:
		switch {
		case !p.next.is(msg) || p.waiting == nil || p.look.busy: // its answer sets the timer
			return nil, nil
		case !p.cfg.Now().Before(p.nextAt):
			return nil, p.ask()
		}
		return nil, p.wait()
	case tea.KeyPressMsg:
		return p.key(msg)
	case tea.PasteMsg:
		if p.open() {
			_, cmd := p.set.update(msg)
			return nil, cmd
		}
	}
	return nil, nil
}

// open says whether the fields can be filled in.
func (p *takePage) open() bool {
	return p.waiting == nil && !p.take.busy && !p.list.busy && p.list.problem == nil
}

func (p *takePage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	p.told = ""
	switch {
	case keyBack().has(k):
		return back{}, nil
	case keyReload().has(k) && p.waiting == nil && !p.take.busy:
		p.list.stop() // it may hang
		return nil, p.relist()
	case !p.open():
		return nil, nil
	}
	done, cmd := p.set.update(k)
	if !done {
		return nil, cmd
	}
	if cmd = p.submit(); cmd == nil {
		return nil, nil
	}
	asked := p.asked
	return taking{func(s *steps.Session) { s.Asks(asked) }}, cmd
}

func (p *takePage) submit() tea.Cmd {
	description := p.description.value()
	days, err := steps.ParseDays(p.days.value())
	if bad := steps.CheckDescription(description); bad != nil {
		err = bad
	}
	if err != nil {
		p.told = err.Error()
		return nil
	}
	p.asked = steps.TakeRequest{Description: description, Before: p.list.value}
	p.take.says = func() string { return "Asking Atlas for a snapshot, once" }
	atlas, cluster := p.cfg.Atlas, p.cluster
	return p.take.start(p.ctx, "Asking Atlas for a snapshot", func(ctx context.Context) (state.Snapshot, error) {
		return atlas.TakeSnapshot(ctx, cluster, description, days)
	})
}

// listed looks for the one that was asked for, be its answer lost or the page left meanwhile, or
// for one that is in the way.
func (p *takePage) listed() (result, tea.Cmd) {
	if p.list.problem != nil {
		return nil, nil
	}
	now := p.cfg.Now()
	s, ok := p.asked.Again(p.list.value, now)
	switch {
	case ok && s.Usable(now) == nil:
		return took{s}, nil
	case ok:
		return p.mine(s)
	}
	s, ok = steps.Unfinished(p.list.value)
	switch {
	case !ok:
		return nil, nil
	case p.safety && s.IsSafety():
		return p.mine(s) // one that was asked for here before, and left, is as good as another
	}
	return nil, p.follow(s, false)
}

// mine follows the snapshot that was asked for here.
func (p *takePage) mine(s state.Snapshot) (result, tea.Cmd) {
	p.asked = steps.TakeRequest{ID: s.ID}
	p.take.problem, p.take.err = nil, nil
	return taking{func(run *steps.Session) { run.Takes(s) }}, p.follow(s, true)
}

// answered takes what became of the request. After a doubt, and where another snapshot is
// in the way, the list tells more.
func (p *takePage) answered() (result, tea.Cmd) {
	if p.take.problem == nil {
		return p.mine(p.take.value)
	}
	if !steps.NotTaken(p.take.err) {
		p.asked.Lost = p.take.err
		return untaken(p.take.err), p.relist()
	}
	p.asked = steps.TakeRequest{}
	var atlas *state.AtlasError
	if errors.As(p.take.err, &atlas) && atlas.Code == "UNFINISHED_ON_DEMAND_SNAPSHOT" {
		return untaken(p.take.err), p.relist()
	}
	return untaken(p.take.err), nil
}

// trouble is what has to be said of the request.
func (p *takePage) trouble() *state.Problem {
	if !p.asked.Open() || p.take.busy {
		return p.take.problem
	}
	seen := p.asked.Seen(p.list.value)
	switch {
	case p.list.busy:
		seen = steps.TakeSeeks
	case p.list.problem != nil:
		seen = "Looking for it failed."
	}
	pr := steps.TakeUnknown(p.asked.Lost, seen, "ctrl+r looks again.")
	return &pr
}

func (p *takePage) follow(s state.Snapshot, ours bool) tea.Cmd {
	p.waiting, p.ours, p.looks = &s, ours, 0
	p.nextAt = p.cfg.Now().Add(watch.Delay(0))
	return p.wait()
}

// wait sets the page's one timer: for the next look.
func (p *takePage) wait() tea.Cmd { return p.next.at(p.cfg, p.nextAt) }

func (p *takePage) ask() tea.Cmd {
	atlas, cluster, id := p.cfg.Atlas, p.cluster, p.waiting.ID
	return p.look.start(p.ctx, "Looking at the snapshot", func(ctx context.Context) (state.Snapshot, error) {
		return atlas.Snapshot(ctx, cluster, id)
	})
}

// looked takes an answer about the snapshot that is followed.
func (p *takePage) looked() (result, tea.Cmd) {
	now := p.cfg.Now()
	if p.look.problem != nil {
		p.nextAt = now.Add(watch.AfterError(p.look.err))
		if watch.Final(p.look.err) {
			p.waiting, p.asked = nil, steps.TakeRequest{}
			return fails(p.look.err), nil
		}
		return nil, p.wait()
	}
	p.looks++
	p.nextAt = now.Add(watch.Delay(p.looks))
	s := p.look.value
	switch {
	case !s.Ended():
		p.waiting = &s
		return nil, p.wait()
	case p.ours && s.Usable(now) == nil:
		p.waiting = nil
		return took{s}, nil
	case p.ours:
		p.waiting, p.asked = nil, steps.TakeRequest{}
		p.told = steps.TakeWords(s, now) + " It cannot be used; take another one."
		return fails(s.Usable(now)), nil
	}
	p.waiting = nil // the way is free
	p.take.problem = nil
	p.told = steps.TakeWords(s, now) + " Now another one can be taken."
	return nil, nil
}

// View implements page.
func (p *takePage) View(s styles, w, _ int) string {
	now := p.cfg.Instant()
	lines := []string{s.title.Render(ansi.Truncate("New snapshot of "+p.cluster.Name, w, s.marks.more)), ""}
	for _, pr := range []*state.Problem{p.list.problem, p.trouble(), p.look.problem} {
		if pr != nil {
			lines = append(lines, problemLines(s, *pr, w)...)
		}
	}
	if p.waiting != nil {
		lines = append(lines, wrap(s.marks.now+" "+steps.TakeWords(*p.waiting, now), w)...)
		if !p.ours {
			lines = append(lines, wrap(steps.TakeWaits, w)...)
		}
		lines = append(lines, wrap(steps.TakeNormal, w)...)
		p.set.cursor = nil
		return strings.Join(lines, "\n")
	}
	lines = append(lines, p.set.view(s, w, len(lines), p.open())...)
	switch {
	case p.take.busy:
		lines = append(lines, append([]string{""}, p.take.waiting(s, w)...)...)
	case p.list.busy:
		lines = append(lines, append([]string{""}, p.list.waiting(s, w)...)...)
	}
	return strings.Join(lines, "\n")
}

// Cursor implements page.
func (p *takePage) Cursor() *tea.Cursor { return p.set.cursor }

// Meaning implements page.
func (p *takePage) Meaning() said {
	switch {
	case p.told != "":
		return said{p.told, true}
	case p.waiting != nil && p.ours && p.safety:
		return said{text: "When it is completed the review follows. esc goes back there; the snapshot goes on."}
	case p.waiting != nil && p.ours:
		return said{text: "When it is completed it is the chosen snapshot. esc goes back; the snapshot goes on."}
	case p.waiting != nil:
		return said{text: "esc goes back; the snapshot goes on."}
	case p.asked.Open() && p.open():
		return said{"Enter on the last field asks once more: that may make a second snapshot. ctrl+r looks for the first.", true}
	}
	return said{text: "Enter on the last field takes a snapshot of " + p.cluster.Name + " as it is now. It overwrites nothing; Atlas deletes it after those days."}
}

// Keys implements page.
func (p *takePage) Keys() []action {
	switch {
	case p.take.busy:
		return []action{act("", "").any().not("Atlas's answer is awaited.").aside()}
	case p.open():
		return append(p.set.keys(), keyBack(), keyReload().aside())
	case !p.list.busy && p.waiting == nil:
		return []action{keyBack(), keyReload()}
	}
	return []action{keyBack()}
}

// Writes implements page.
func (p *takePage) Writes() bool { return p.open() }
