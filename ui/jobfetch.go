package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// jobFetch is what a job's page does with the files of a download: it asks once where to, and then
// fetches them.
type jobFetch struct {
	asks  bool            // where to
	dir   textinput.Model // what is typed
	place load[steps.FetchPlace]
	sure  bool   // what stopping costs was said: the next esc stops
	warns string // the directory of which was said that the files may not fit

	other load[steps.Another]
	renew bool               // whether to ask for another download of the same snapshot
	leave context.CancelFunc // leaves asking for it; nil: nobody does
	come  chan steps.Another // what came of it, where nobody takes messages any more

	run  load[steps.Fetching]
	stop context.CancelFunc  // tells it to keep what is there; nil: none runs
	end  chan steps.Fetching // what became of the one that runs, where nobody takes messages any more
}

// askDir asks where the files are to go.
func (p *jobPage) askDir() tea.Cmd {
	in := newInput()
	in.CharLimit = 1000
	in.SetValue(steps.FetchDir(p.cfg, p.job))
	in.Focus()
	p.fetch.asks, p.fetch.dir, p.fetch.warns, p.link = true, in, "", 0
	return p.lookAtPlace()
}

// asksDir says whether it is asked where to: as long as there are links.
func (p *jobPage) asksDir() bool { return p.fetch.asks && p.state() == state.Ready }

// lookAtPlace looks at the directory that is typed.
func (p *jobPage) lookAtPlace() tea.Cmd {
	cfg, job, dir := p.cfg, p.apart(), p.fetch.dir.Value()
	if known := p.fetch.place.value.Guess; known > 0 {
		job.Plan.Snapshot.StorageSizeBytes = known
	}
	return p.fetch.place.start(p.ctx, "Looking at the directory", func(ctx context.Context) (steps.FetchPlace, error) {
		return steps.LookAtPlace(ctx, cfg, job, dir), context.Cause(ctx)
	})
}

// apart is the job as it is now, for what runs beside the page.
func (p *jobPage) apart() steps.Job {
	job, follow := p.job, *p.job.Follow
	job.Follow = &follow
	return job
}

// dirKey are the keys while it is asked where to.
func (p *jobPage) dirKey(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case keyBack().has(k):
			p.closeDir()
			return nil
		case k.String() == "enter":
			return p.begin()
		}
	}
	before := p.fetch.dir.Value()
	var cmd tea.Cmd
	p.fetch.dir, cmd = p.fetch.dir.Update(msg)
	if p.fetch.dir.Value() == before {
		return cmd
	}
	p.told = ""
	return tea.Batch(cmd, p.lookAtPlace())
}

func (p *jobPage) closeDir() {
	p.fetch.asks = false
	p.fetch.place.stop()
}

// begin fetches into the directory that is typed, unless something is wrong with it.
func (p *jobPage) begin() tea.Cmd {
	dir := strings.TrimSpace(p.fetch.dir.Value())
	place := p.fetch.place.value
	seen := !p.fetch.place.busy && place.Typed == p.fetch.dir.Value()
	switch {
	case dir == "":
		p.told = "Type the directory that the files are to go into."
		return nil
	case !p.cfg.CanFetch(p.job, p.cfg.Now()):
		p.closeDir()
		p.told = "The links are no longer good: nothing was fetched. a asks for another download of the same snapshot."
		return nil
	case seen && place.Err != nil:
		p.told = "Nothing can be fetched into it: " + strings.TrimRight(place.Err.Error(), ".") + "."
		return nil
	case seen && !place.Fits(place.Guess) && p.fetch.warns != dir:
		p.fetch.warns = dir
		p.told = "The files may not fit there. Enter again begins all the same; what does not fit for sure is refused."
		return nil
	}
	tight := p.fetch.warns == dir
	p.closeDir()
	return p.fetchInto(dir, tight)
}

// fetchInto has the files fetched. Leaving the page ends nothing.
func (p *jobPage) fetchInto(dir string, tight bool) tea.Cmd {
	ctx, stop := context.WithCancel(p.ctx)
	end := make(chan steps.Fetching, 1)
	p.fetch.stop, p.fetch.end, p.fetch.run.still = stop, end, true
	p.at, p.scroll = 0, 0
	do := steps.FetchHere(p.cfg, p.apart(), dir, tight, nil)
	p.job.Fetch.Dir, p.job.Fetch.Busy, p.job.Fetch.Done, p.job.Fetch.Rows, p.job.Fetch.Notes = dir, true, nil, nil, nil
	return p.fetch.run.start(ctx, "Fetching the files", func(ctx context.Context) (steps.Fetching, error) {
		f := do(ctx, func(f steps.Fetching) { state.ReportPart(ctx, f) })
		end <- f
		return f, nil
	})
}

// fetched takes how it stands with the files.
func (p *jobPage) fetched() {
	p.tookFiles(p.fetch.run.value)
	if !p.fetch.run.busy {
		p.fetch.stop()
		p.fetch.stop = nil
		if bad := slices.IndexFunc(p.job.Fetch.Rows, func(r steps.FetchRow) bool { return r.Ended() && r.Now.Err != nil }); bad >= 0 {
			p.at = bad // what is wrong is said of the highlighted one
		}
	}
}

func (p *jobPage) tookFiles(f steps.Fetching) {
	stops := p.job.Fetch.Stops && f.Busy
	*p.job.Fetch = f
	p.job.Fetch.Stops = stops
	for i, row := range f.Rows {
		switch {
		case row.Ended() && row.Now.Err == nil:
			p.use[i] = steps.Fetched
		case row.Used:
			p.use[i] = max(p.use[i], steps.Used)
		}
	}
}

// askAnother asks Atlas for another download of the same snapshot: somebody has said yes to one.
func (p *jobPage) askAnother() tea.Cmd {
	ctx, leave := context.WithCancel(p.ctx)
	come := make(chan steps.Another, 1)
	p.fetch.leave, p.fetch.come = leave, come
	do := steps.AskAnother(p.cfg, p.apart())
	p.job.Fetch.Asks, p.job.Fetch.Doubt = true, nil
	return p.fetch.other.start(ctx, "Asking for another download", func(ctx context.Context) (steps.Another, error) {
		a := do(ctx, func(said []string) { state.ReportPart(ctx, steps.Another{Said: said}) })
		come <- a
		return a, nil
	})
}

// askedAnother takes what came of asking for another download: it is the one that is followed from then on.
func (p *jobPage) askedAnother() tea.Cmd {
	a := p.fetch.other.value
	p.told = strings.Join(a.Said, " ")
	if p.fetch.other.busy {
		return nil
	}
	p.tookAnother(a)
	switch {
	case a.Doubt != nil: // that is told as it is
		p.told = ""
		return nil
	case a.Err != nil:
		failed := state.Explain("Asking for another download", a.Err)
		p.fetch.other.problem = &failed
		return nil
	}
	return tea.Batch(p.goOn(), p.wait())
}

func (p *jobPage) tookAnother(a steps.Another) {
	p.fetch.leave()
	p.fetch.leave = nil
	if p.job.TookAnother(p.cfg, a); a.Job.ID != "" {
		p.look.stop() // it is about the job before
		p.at, p.link, p.scroll, p.use = 0, 0, 0, map[int]steps.Use{}
	}
}

// goOn fetches the files if that was wanted for as soon as their links are there.
func (p *jobPage) goOn() tea.Cmd {
	if !p.cfg.CanFetch(p.job, p.cfg.Now()) {
		return nil
	}
	if dir := p.job.Fetch.TakeThen(); dir != "" {
		return p.fetchInto(dir, p.job.Fetch.Tight)
	}
	return nil
}

// stopFetch tells a fetch to keep what is there; false where none runs.
func (p *jobPage) stopFetch() bool {
	if p.fetch.stop == nil {
		return false
	}
	p.fetch.stop()
	p.job.Fetch.Stops = true
	return true
}

// stopKey is esc while the files come. What that costs is said before, where it costs something.
func (p *jobPage) stopKey(sure bool) bool {
	if loses := p.job.Fetch.StopLoses(); p.fetch.stop != nil && loses != "" && !p.job.Fetch.Stops && !sure {
		p.fetch.sure, p.told = true, loses+" esc once more stops it."
		return true
	}
	return p.stopFetch()
}

// settles is for how long a run that is left waits for what is fetched to be kept.
const settles = 10 * time.Second

// settle stops what is fetched and waits until what is there is kept, once nobody takes messages any
// more.
func (p *jobPage) settle() {
	p.settleDrill()
	late := time.NewTimer(settles)
	defer late.Stop()
	if p.fetch.leave != nil {
		p.fetch.leave()
		select {
		case a := <-p.fetch.come:
			p.tookAnother(a)
		case <-late.C: // that it is not known is said
		}
	}
	if !p.stopFetch() {
		return
	}
	select {
	case f := <-p.fetch.end:
		p.tookFiles(f)
	case <-late.C:
	}
}

// keysOfDir are those while it is asked where to.
func (p *jobPage) keysOfDir() []action {
	return []action{act("enter", "fetch and prove", "enter"), act("esc", "not now", "esc")}
}

// paceKeys bound the speed of a fetch that runs.
func (p *jobPage) paceKeys() []action {
	f := p.job.Fetch
	if f == nil || !f.Busy || f.Stops {
		return nil
	}
	faster := act("+", "faster", "+", "=")
	if f.Limit.Rate() == 0 {
		faster = faster.aside() // it comes as fast as it can
	}
	return []action{act("-", "slower", "-"), faster}
}

// keyOn is the key that goes on with what is there. Where the server gives no part of a file it begins anew, and
// is called that.
func (p *jobPage) keyOn() action {
	if p.job.Fetch.NoRanges() {
		return act("d", "fetch from the first byte", "d").or("fetch")
	}
	return act("d", "go on fetching", "d").or("go on")
}

// fetchKeys are what can be done with the files beside their links.
func (p *jobPage) fetchKeys() []action {
	switch f := p.job.Fetch; {
	case f == nil:
		return nil
	case f.Busy && !f.Stops:
		stop := act("esc", "stop, keep what is there", "esc").or("stop and keep")
		if f.StopLoses() != "" {
			stop = act("esc", "stop", "esc")
		}
		return []action{stop}
	case p.cfg.AsksAnother(p.job, p.cfg.Now()):
		a := []action{act("a", "download again", "a")}
		if p.cfg.CanFetch(p.job, p.cfg.Now()) {
			a = append(a, p.keyOn())
		}
		return a
	case !p.cfg.CanFetch(p.job, p.cfg.Now()):
		return nil
	case f.Stopped(), f.Where() != "":
		return []action{p.keyOn()}
	}
	return []action{act("d", "fetch and prove", "d").or("fetch")}
}
