package lines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// following is a job while it is followed, at the question or beside it.
type following struct {
	*face
	job      steps.Job
	state    state.JobState   // as it was said last
	wrong    string           // the failed look that was said last
	beside   string           // the jobs that were seen beside it, as they were said last
	search   string           // whether Search came back, as it was said last
	some     string           // which links have come and which not, as it was said last
	said     time.Time        // when anything was said last
	heard    time.Time        // when the coach was listened to last
	look     chan watch.Sight // nil while no look is under way
	offered  bool             // it was asked whether to fetch its files, or they were fetched
	declined bool             // another download of the same snapshot was not wanted, or there is none
	brought  state.Outcome    // as it was said last from beside
	alone    bool             // nobody speaks any more
	drill    drilling
}

// How the following of a job can end, beside with its end.
var (
	errAgain = errors.New("another restore")
	errNext  = errors.New("another job")
)

// followed is the job of the present restore as it is followed.
func (f *face) followed() *following {
	job, _ := f.run.Job()
	p := f.jobs[job.Follow]
	if p == nil {
		p = &following{face: f, job: job, state: -1, alone: !f.attended}
		f.jobs[job.Follow] = p
	}
	return p
}

// tend looks at the jobs beside the one that is followed, or beside a question, and gives what
// is new of them, a line each.
func (f *face) tend() (news []string) {
	f.run.Share()
	now := f.run.Cfg.Now()
	for _, j := range f.run.Jobs() {
		p := f.jobs[j.Follow]
		if p == nil || f.run.Step() == steps.StepJob && j.Here {
			continue
		}
		select {
		case r := <-p.look:
			p.look = nil
			p.job.Took(r, now)
		default:
			if p.look == nil && p.job.Due(now) {
				p.ask(f.ctx)
			}
		}
		p.checks()
		select {
		case d := <-p.drill.news:
			p.took(d)
		default:
		}
		if out := p.job.Outcome(now); out != p.brought {
			if p.brought = out; p.job.Over(now) {
				news = append(news, "BESIDE: "+p.brief()+". job goes there.")
			}
		}
	}
	return news
}

// brief is how the job stands, in one line.
func (p *following) brief() string {
	words, _ := steps.Brief(p.run.Cfg, p.job, p.run.Cfg.Now())
	return words
}

// sayJobs says how all jobs of the run stand.
func (f *face) sayJobs() {
	for _, j := range f.run.Jobs() {
		words, _ := steps.Brief(f.run.Cfg, j, f.run.Cfg.Now())
		f.say(words + ". Restore job " + j.ID() + ".")
	}
}

// stays says once what becomes of what lives, to a person who wants to leave; false where
// nothing lives, nobody is there, or it was said already.
func (f *face) stays() bool {
	left := f.run.Left()
	if len(left) == 0 || f.parting || f.echo || !f.attended || f.ctx.Err() != nil {
		return false
	}
	f.parting = true
	for _, text := range left {
		f.say(text)
	}
	f.say("q again leaves; anything else stays.")
	return true
}

// follow looks at the job until its end was seen or cannot be seen any more. It says a
// line at each change, and a sign of life while there is none.
func (f *face) follow() error {
	p := f.followed()
	ctx := f.ctx
	f.say(fmt.Sprintf("%s: restore job %s.", steps.JobTitle(p.job.Plan), p.job.Job.ID))
	if f.attended {
		f.say("s says how it stands, again begins another restore, " + p.xHelp() + "q leaves" + f.run.Leaving() + ".")
		if words := p.job.Recorded(wordTicket); words != "" {
			f.say(steps.LeadRecord + ": " + words)
		}
		if f.run.Cfg.Coach != nil {
			f.say("forward lets a minute pass.")
		}
	}
	tick := time.NewTicker(f.run.Cfg.Every(time.Second))
	defer tick.Stop()
	input := f.in
	for {
		p.changed()
		p.checks()
		if p.wantsFiles() {
			if err := p.files(); err != nil {
				return err
			}
		}
		if p.wantsAnother() {
			if err := p.another(); err != nil {
				return err
			}
			continue
		}
		if p.over() {
			return p.ended()
		}
		select {
		case <-tick.C:
			for _, line := range f.tend() {
				f.say(line)
			}
			p.tick(ctx)
		case r := <-p.look:
			p.look = nil
			p.answered(r)
		case d := <-p.drill.news:
			p.checked(d)
		case line, ok := <-input.next():
			input.took()
			if !ok {
				input, p.alone = nil, true
				p.say("The input has ended. The job is followed all the same; ctrl+c leaves.")
				continue
			}
			if p.weary() {
				input, p.alone = nil, true
				p.say("Too many lines were read while nothing has changed: no more are read. The job is followed all the same; ctrl+c leaves.")
				continue
			}
			if err := p.command(ctx, strings.TrimSpace(line)); err != nil {
				return err
			}
		case <-f.interrupt:
			if !f.stays() {
				return ErrLeft
			}
		case <-f.ctx.Done():
			return ErrLeft
		}
	}
}

// ended goes on with what else there is once a job is over: the restore that was begun, or
// another job that lives.
func (p *following) ended() error {
	p.run.Read()
	if p.run.Begun() && !p.alone {
		return errAgain
	}
	for _, j := range p.run.Jobs() {
		if !j.Here && !j.Over(p.run.Cfg.Now()) {
			return errNext
		}
	}
	return errOver
}

// over says whether there is nothing more to follow. The links of a training end with
// it: as long as somebody is there, it waits until they have been used.
func (p *following) over() bool {
	if p.run.Cfg.Coach != nil && !p.alone {
		return false // there may be more to do
	}
	if p.run.Cfg.EndsWithUs() && !p.alone && p.state == state.Ready && !p.job.Fetch.Downloaded() {
		return false
	}
	now := p.run.Cfg.Now()
	if d := p.job.Drill; d != nil && (d.Busy || p.job.Drills(now)) {
		return false // its checks are being made
	}
	return p.job.Over(now) && !p.job.AwaitsSearch(now) // one answer tells whether Search came back
}

func (p *following) tick(ctx context.Context) {
	now := p.run.Cfg.Now()
	if p.look == nil && p.job.Due(now) {
		p.ask(ctx)
	}
	if time.Since(p.heard) >= coachWaits {
		p.heard = time.Now()
		p.hear()
	}
	if d := p.job.Drill; time.Since(p.said) >= p.heartbeat && d != nil && d.Busy {
		p.news(steps.DrillWords(p.run.Cfg, p.job, now))
	}
	if time.Since(p.said) >= p.heartbeat && (p.state == state.Ready || !p.job.Over(now)) {
		p.sayStand()
	}
}

func (p *following) ask(ctx context.Context) {
	cfg, cluster, job := p.run.Cfg, p.job.Plan.Cluster, *p.job.Follow
	look := make(chan watch.Sight, 1)
	p.look = look
	go func() { look <- steps.LookAt(ctx, cfg, cluster, job, false) }()
}

func (p *following) answered(r watch.Sight) {
	now := p.run.Cfg.Now()
	p.job.Took(r, now)
	p.others()
	if r.Err == nil {
		p.wrong = ""
		return
	}
	if text := steps.LookFailed(p.run.Cfg, p.job, r.Err).Text(); text != p.wrong {
		p.wrong = text
		p.news(text)
	}
}

// others says which jobs were seen beside it, as soon as any is and when that changes.
func (p *following) others() {
	words := steps.OthersWords(p.job.Plan, p.job.Job, p.job.Others, p.job.Unlisted, p.run.Cfg.Now())
	if text := strings.Join(words, "\n"); text != p.beside {
		p.beside = text
		for _, line := range words {
			p.news(line)
		}
	}
}

// back says where what the target held before is, once the job has ended.
func (p *following) back() {
	if c := steps.WayBack(p.job, p.run.Cfg.Now()); c.Text != "" {
		p.say(c.Line())
	}
}

// changed says the state if it is another one than was said last, and which links have come
// while others have not.
func (p *following) changed() {
	now := p.run.Cfg.Now()
	st := p.job.State(now)
	if some := steps.Coming(p.job.Job); st == state.InProgress && some != "" && some != p.some {
		p.some = some
		p.news(some)
	}
	if p.job.Unseen { // nothing is known of it yet
		return
	}
	if st == p.state {
		if words := p.job.SearchWords(now); words != p.search && p.job.Drill == nil {
			p.search = words
			p.news(words)
		}
		return
	}
	if p.state == state.InProgress {
		_, _ = io.WriteString(p.bell, "\a") // whoever waits for it looks elsewhere
	}
	p.state = st
	p.further()
	line := strings.ToUpper(st.String())
	if st != state.Expired {
		line += p.job.After()
	}
	switch st {
	case state.Ready:
		p.news(line + ". " + steps.Terms(p.job.Job, now) + " " + steps.JobMeaning(p.run.Cfg, p.job.Plan, st))
		if fetches := p.run.Cfg.Fetches(p.job); fetches != "" && !p.wantsFiles() && !p.job.Fetch.Downloaded() {
			p.say(fetches + " fetches the files in another terminal and proves them.")
		}
	case state.Completed:
		if p.job.Drill != nil {
			p.news(line + ".")
			p.back()
			return
		}
		p.news(line + ". " + steps.JobMeaning(p.run.Cfg, p.job.Plan, st))
		for _, todo := range steps.Remaining(p.run.Cfg, p.job, now) {
			p.say(todo)
		}
		p.back()
		p.search = p.job.SearchWords(now)
		return
	case state.InProgress:
		p.news(line + ". " + steps.JobMeaning(p.run.Cfg, p.job.Plan, st))
		if back := p.run.Cfg.Comeback(p.job); back != "" {
			p.say("You may leave: " + back + " comes back to it.")
		}
		return
	default:
		p.news(line + ".")
		for _, todo := range steps.WhatNow(p.job.Plan, st) {
			p.say(todo)
		}
		p.back()
		return
	}
	if earlier := p.job.Fetch.Earlier(now); earlier != "" {
		p.say(earlier)
	}
	if p.over() || p.wantsFiles() {
		return // the summary has the links
	}
	p.sayLinks()
	p.say("The links end with the training: fetch them before you leave with q.")
}

func (p *following) sayLinks() {
	if p.run.Cfg.OnlyFiles() {
		return
	}
	now := p.run.Cfg.Now()
	for _, f := range steps.FilesOf(p.job.Plan, p.job.Job) {
		text := "File " + f.Name + ": " + f.Line(p.job.Job, steps.Unused, now)
		if f.Private() {
			text += ", private endpoint too: one file, by whichever link"
		}
		p.say(text + ".")
		for _, l := range f.Links {
			p.say("Its link " + l.Where() + ":")
			p.say(l.URL.Reveal())
		}
	}
}

func (p *following) news(text string) {
	p.said = time.Now()
	p.say(text)
}

// sayStand says how the job stands: what the full screen always shows.
func (p *following) sayStand() {
	now := p.run.Cfg.Now()
	if p.job.Unseen {
		p.news("No answer about it has come yet; its state is not known.")
		return
	}
	line := strings.ToUpper(p.state.String())
	if seen := steps.LastSeen(p.run.Cfg, p.job, now); seen != "" {
		word, _ := steps.Standing(p.run.Cfg, p.job, now)
		line = word + seen
	} else {
		if e, ok := steps.ElapsedOf(p.run.Cfg, p.job, now); ok && p.state == state.InProgress {
			line += " for " + strings.TrimSuffix(e.Words(), ".")
		}
		line += ", last answer " + state.Exactly(now.Sub(p.job.LookedAt)) + " ago"
	}
	if d := p.job.NextAt.Sub(now); d > 0 && !p.job.Over(now) {
		line += ", next look in " + state.Exactly(d)
	}
	if !p.job.Job.ExpiresAt.IsZero() && p.state == state.Ready {
		line += ", the links expire " + state.FromNow(p.job.Job.ExpiresAt, now)
	}
	p.news(line + ".")
}

func (p *following) xHelp() string {
	if p.job.Job.Cancellable(p.run.Cfg.Now()) {
		return "x cancels the download, "
	}
	return ""
}

// command obeys what was said while the job is followed.
func (p *following) command(ctx context.Context, word string) error {
	if command(word) != "q" {
		p.parting = false
	}
	if p.coached(word) {
		return nil
	}
	switch command(word) {
	case "":
	case "q":
		if !p.stays() {
			return ErrLeft
		}
		return nil
	case "again":
		p.say(p.run.Aside(p.job, "job"))
		return errAgain
	case "job":
		if len(p.run.Jobs()) > 1 || p.run.Begun() {
			return errNext
		}
		p.say("This is the only job of this run.")
	case "jobs":
		p.sayJobs()
	case "s":
		p.sayStand()
		p.sayChecks()
		if p.state == state.Ready {
			p.sayLinks()
		}
	case wordTicket:
		return p.askSaid()
	case "update":
		p.say(steps.Update(p.run.Cfg, p.job, p.run.Cfg.Now()))
	case "b":
		p.say("There is no way back from a job that was submitted. q leaves" + p.run.Leaving() + ".")
	case "?":
		p.help(steps.StepJob)
		p.say("Answers: s says how it stands, again begins another restore while this one is followed beside it, job goes to the next one, jobs says how all stand, update says it in one line for the channel of an incident, " + wordTicket + " writes down what the restore is for, " + p.xHelp() + "q leaves; ?? says what the words mean.")
	case "??":
		p.glossary()
	case "x":
		return p.cancel(ctx)
	default:
		p.say(quoted(word) + " means nothing here. s says how it stands, " + p.xHelp() + "? explains, q leaves.")
	}
	return nil
}

// wordTicket is the word that asks what the restore is for.
const wordTicket = "ticket"

// askSaid asks what the restore is for. Enter alone leaves a line as it is.
func (p *following) askSaid() error {
	said := p.job.Said
	if said == nil || p.job.Foreign {
		p.say("This job is somebody else's: it has no record here.")
		return nil
	}
	answers := [2]string{said.Ticket, said.Purpose}
	for i, name := range []string{steps.AsksTicket, steps.AsksPurpose} {
		or := "none"
		if answers[i] != "" {
			or = answers[i]
		}
		typed, err := p.answer(name + ", enter alone for " + or + ":")
		if err != nil {
			return err
		}
		if typed != "" {
			answers[i] = typed
		}
	}
	if err := said.Answer(answers[0], answers[1]); err != nil {
		p.say("Not written down: " + err.Error() + ".")
		return nil
	}
	if words := p.job.Recorded(wordTicket); words != "" {
		p.say(steps.LeadRecord + ": " + words)
	} else {
		p.say("The record has no ticket and no purpose. " + wordTicket + " writes them down later.")
	}
	return nil
}

// cancel asks once, and cancels what Atlas can cancel.
func (p *following) cancel(ctx context.Context) error {
	if !p.job.Job.Cancellable(p.run.Cfg.Now()) {
		p.say("Atlas cannot cancel this. It goes on.")
		return nil
	}
	word, err := p.answer("Cancel this download? Its links stop working. Type cancel to do it, enter alone does not:")
	if err != nil {
		p.say("The download was not cancelled.")
		return err
	}
	if word != "cancel" {
		p.say("The download was not cancelled: that takes the word cancel.")
		return nil
	}
	atlas, cluster, id := p.run.Cfg.Atlas, p.job.Plan.Cluster, p.job.Job.ID
	_, err = await(p.face, "Cancelling the download", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, atlas.CancelJob(ctx, cluster, id)
	})
	if err != nil {
		p.say(state.Explain("Cancelling the download", err).Text())
		return nil
	}
	if p.look == nil {
		p.ask(ctx) // the job itself says whether it is cancelled
	}
	return nil
}
