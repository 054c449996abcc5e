package lines

import (
	"context"
	"time"

	"atlas-restore/ui/steps"
)

// drilling is how the checks of a drill are made beside what is said.
type drilling struct {
	news chan steps.Drilling // the newest standing; nil while none are made
	end  chan steps.Drilling // what has come of them
	stop context.CancelFunc
	said map[string]bool // checks of which the finding was said
	next time.Time       // for when the next count was promised
}

// checks makes the checks of a drill if they are due.
func (p *following) checks() {
	if !p.job.Drills(p.run.Cfg.Now()) {
		return
	}
	ctx, stop := context.WithCancel(p.ctx)
	news, end := make(chan steps.Drilling, 1), make(chan steps.Drilling, 1)
	p.drill = drilling{news: news, end: end, stop: stop, said: map[string]bool{}}
	p.job.Drill.Busy = true
	job, follow := p.job, *p.job.Follow
	job.Follow = &follow
	do := steps.Drill(p.run.Cfg, job)
	newest := func(d steps.Drilling) {
		select {
		case <-news: // nobody has taken the one before: this one says more
		default:
		}
		news <- d
	}
	go func() {
		d := do(ctx, newest)
		end <- d
		newest(d)
	}()
}

// took takes how the checks stand.
func (p *following) took(d steps.Drilling) {
	*p.job.Drill = d
	if d.Over && p.drill.stop != nil {
		p.drill.stop()
		p.drill.stop = nil
	}
}

// checked says what is new of the checks.
func (p *following) checked(d steps.Drilling) {
	begins := len(p.job.Drill.Looks) == 0
	p.took(d)
	now := p.run.Cfg.Now()
	if begins || !d.Next.Equal(p.drill.next) && !d.Over {
		p.drill.next = d.Next
		p.news(steps.DrillWords(p.run.Cfg, p.job, now))
	}
	rows := steps.DrillRows(p.job, now)
	for i, l := range d.Looks {
		if l.Finding != "" && !p.drill.said[l.Name] && i < len(rows) {
			p.drill.said[l.Name] = true
			p.news("Check " + rows[i].Line())
		}
	}
	if d.Over {
		word, _ := steps.Standing(p.run.Cfg, p.job, now)
		p.news("DRILL: " + word + ". " + steps.DrillWords(p.run.Cfg, p.job, now))
	}
}

// sayChecks says how each check of a drill stands.
func (p *following) sayChecks() {
	for _, r := range steps.DrillRows(p.job, p.run.Cfg.Now()) {
		p.say(r.Line())
	}
}

// settle leaves the checks that are being made.
func (p *following) settle() {
	if p.drill.stop == nil {
		return
	}
	p.drill.stop()
	late := time.NewTimer(settles)
	defer late.Stop()
	select {
	case d := <-p.drill.end:
		*p.job.Drill = d
	case <-late.C:
	}
}
