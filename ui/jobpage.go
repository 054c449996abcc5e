package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// jobPage follows one restore job to its end and shows what it delivers.
type jobPage struct {
	cfg    steps.Config
	plan   state.Plan
	target state.Cluster // as it was listed; zero where it was not
	job    *watch.Follow

	ctx    context.Context //nolint:containedctx // the page's life is this context
	look   load[watch.Sight]
	cancel load[struct{}]
	asking bool // whether to cancel
	at     int  // the link that is highlighted
	scroll int  // lines above the first one that is shown, where there are no links
	below  bool // there are lines below the last View
	told   string
	copied map[int]bool // files whose link was handed out here
	tick   int
}

// clockMsg moves what depends on the time: elapsed, countdown, the next look.
type clockMsg struct {
	owner *jobPage
	gen   int
}

func newJobPage(cfg steps.Config, plan state.Plan, target state.Cluster, job *watch.Follow) *jobPage {
	return &jobPage{cfg: cfg, plan: plan, target: target, job: job, copied: map[int]bool{}}
}

// Init implements page.
func (p *jobPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	return p.clock()
}

// clock sets the page's one timer, as long as anything on it depends on the time.
func (p *jobPage) clock() tea.Cmd {
	if p.job.Over(p.cfg.Now()) && (p.job.Gone || p.state() != state.Ready) {
		return nil
	}
	p.tick++
	gen := p.tick
	return tea.Tick(p.cfg.Every(time.Second), func(time.Time) tea.Msg { return clockMsg{p, gen} })
}

func (p *jobPage) state() state.JobState { return p.job.State(p.cfg.Now()) }

// Update implements page.
func (p *jobPage) Update(msg tea.Msg) (result, tea.Cmd) {
	switch msg := msg.(type) {
	case clockMsg:
		if msg.owner != p || msg.gen != p.tick {
			return nil, nil
		}
		if p.state() == state.Expired {
			p.told = "" // it may speak of links
		}
		if !p.look.busy && p.job.Due(p.cfg.Now()) {
			return nil, tea.Batch(p.ask(), p.clock())
		}
		return nil, p.clock()
	case tea.KeyPressMsg:
		return p.key(msg)
	}
	if done, cmd := p.look.take(msg); done {
		return nil, p.answered()
	} else if cmd != nil {
		return nil, cmd
	}
	done, cmd := p.cancel.take(msg)
	if done && p.cancel.problem == nil {
		return nil, p.ask() // the job itself says whether it is cancelled
	}
	return nil, cmd
}

// ask looks at the job once.
func (p *jobPage) ask() tea.Cmd {
	cfg, cluster, job := p.cfg, p.plan.Cluster, *p.job
	return p.look.start(p.ctx, "Looking at restore job "+job.Job.ID, func(ctx context.Context) (watch.Sight, error) {
		s := steps.LookAt(ctx, cfg, cluster, job)
		return s, context.Cause(ctx) // a look that failed has brought something too
	})
}

func (p *jobPage) answered() tea.Cmd {
	now := p.cfg.Now()
	s := p.look.value
	if p.look.err != nil {
		s.Err = p.look.err
	}
	if p.job.Took(s, now); s.Err != nil {
		failed := steps.LookFailed(p.cfg, p.plan, p.job, s.Err)
		p.look.problem = &failed
	}
	return p.clock()
}

func (p *jobPage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	if p.asking {
		p.asking = false
		if k.String() != "y" {
			return nil, nil
		}
		atlas, cluster, id := p.cfg.Atlas, p.plan.Cluster, p.job.Job.ID
		return nil, p.cancel.start(p.ctx, "Cancelling the download", func(ctx context.Context) (struct{}, error) {
			return struct{}{}, atlas.CancelJob(ctx, cluster, id)
		})
	}
	p.told = ""
	links := p.links()
	switch {
	case k.String() == "q":
		return leave{}, nil
	case k.String() == "n" && p.cfg.Coach != nil:
		return again{}, nil
	case keyReload().has(k):
		if !p.look.busy {
			return nil, p.ask()
		}
	case keyUp().has(k):
		p.at, p.scroll = max(0, p.at-1), max(0, p.scroll-1)
	case keyDown().has(k):
		p.at = min(max(0, len(links)-1), p.at+1)
		if len(links) == 0 && p.below {
			p.scroll++
		}
	case k.String() == "c" && len(links) > 0:
		l := links[min(p.at, len(links)-1)]
		p.copied[l.File] = true
		p.told = "The link was sent to the clipboard. If nothing can be pasted, q leaves and prints each link in one line."
		if p.cfg.EndsWithUs() {
			p.told = "The link was sent to the clipboard. Fetch it before you leave: it ends with the training."
		}
		return nil, tea.SetClipboard(l.URL.Reveal())
	case k.String() == "x" && p.job.Job.Cancellable(p.cfg.Now()) && !p.cancel.busy:
		p.asking = true
	}
	return nil, nil
}

// Meaning implements page.
func (p *jobPage) Meaning() said {
	switch {
	case p.asking:
		return said{"Cancel this download? Its links stop working. y cancels, any other key does not.", true}
	case p.told != "":
		return said{text: p.told}
	case p.state() == state.Ready:
		if p.cfg.EndsWithUs() {
			return said{text: "410 Gone means used up; Atlas does not tell. Fetch it before you leave: the links end with the training."}
		}
		return said{text: steps.JobMeaning(p.cfg, p.plan, state.Ready) + " q leaves and prints each link in one line."}
	}
	return said{}
}

// Cursor implements page.
func (p *jobPage) Cursor() *tea.Cursor { return nil }

// Keys implements page.
func (p *jobPage) Keys() []action {
	if p.asking {
		return []action{act("y", "cancel the download", "y"), act("any other key", "keep it").any()}
	}
	var keys []action
	if n := len(p.links()); n > 0 {
		keys = append(keys, act("c", "copy the link", "c"))
		if n > 1 {
			keys = append(keys, act("↑↓", "link", "up", "down").moving())
		}
	}
	if p.job.Job.Cancellable(p.cfg.Now()) && !p.cancel.busy {
		keys = append(keys, act("x", "cancel the download", "x"))
	}
	if len(p.links()) == 0 && (p.below || p.scroll > 0) {
		keys = append(keys, act("↑↓", "read on", "up", "down").moving())
	}
	if p.cfg.Coach != nil {
		keys = append(keys, act("n", "another restore", "n"))
	}
	keys = append(keys, keyBack().not(p.leaves()).aside())
	if !p.state().Ended() {
		return append(keys, act("q", "leave, "+steps.GoesOn(p.cfg), "q"), act("ctrl+r", "look now", "ctrl+r"))
	}
	return append(keys, act("q", "leave", "q"), act("ctrl+r", "look now", "ctrl+r").aside())
}

// leaves says how one leaves, to whoever wants back.
func (p *jobPage) leaves() string {
	if p.cfg.EndsWithUs() && len(p.links()) > 0 {
		return "q leaves, and the links end with the training."
	}
	return "q leaves; a summary stays in the terminal."
}

// Writes implements page.
func (p *jobPage) Writes() bool { return false }
