package lines

import (
	"context"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/ui/steps"
)

// wantsFiles says whether the files of a ready download are to be fetched now, or asked about: where
// flags name their directory, or a person sits there. Answers that were written before are none to a
// question that is not always asked.
func (p *following) wantsFiles() bool {
	cfg := p.run.Cfg
	return !p.offered && p.state == state.Ready && cfg.CanFetch(p.job, cfg.Now()) && (cfg.Out != "" || p.asksForFiles())
}

func (p *following) asksForFiles() bool { return p.attended && !p.alone && !p.run.Cfg.Piped }

// files fetches the files of a ready download, or asks whether to: as long as something is left that can
// be gone on with.
func (p *following) files() error {
	p.offered = true
	dir, tight, err := p.job.Fetch.TakeThen(), p.job.Fetch.Tight, error(nil)
	if dir == "" {
		dir = p.run.Cfg.Out
	}
	if dir == "" {
		if dir, tight, err = p.askFiles("Fetch the files and prove them now?"); err != nil || dir == "" {
			return err
		}
	}
	for {
		if err := p.fetch(dir, tight); err != nil {
			return err
		}
		if p.job.Fetch.Downloaded() || !p.asksForFiles() || p.ctx.Err() != nil || !p.run.Cfg.CanFetch(p.job, p.run.Cfg.Now()) || p.job.Fetch.Done.Again == "" {
			return nil
		}
		if dir, tight, err = p.askFiles("Go on with them now?"); err != nil || dir == "" {
			return err
		}
	}
}

// askFiles asks where the files are to go; empty for not now. Another directory that is named is the
// answer, unless something is wrong with it: then it is asked again.
func (p *following) askFiles(question string) (dir string, tight bool, err error) {
	typed, named := steps.FetchDir(p.run.Cfg, p.job), false
	for {
		cfg, job := p.run.Cfg, p.apart()
		place, err := await(p.face, "Looking at the directory", func(ctx context.Context) (steps.FetchPlace, error) {
			return steps.LookAtPlace(ctx, cfg, job, typed), nil
		})
		if err != nil {
			return "", false, err
		}
		if named && place.Err == nil && place.Fits(place.Guess) {
			return typed, false, nil
		}
		for _, c := range place.Clauses(cfg, job, cfg.Now()) {
			p.say(strings.TrimPrefix(c.Lead+": ", ": ") + c.Text)
		}
		word, err := p.answer(question + " y does, another directory does it there, enter alone does not:")
		if err != nil {
			return "", false, err
		}
		switch command(word) {
		case "", "n", "no":
			p.say("Nothing was fetched." + does(p.run.Cfg.FetchesInto(p.job, typed)))
			return "", false, nil
		case "y", "yes":
			if place.Err == nil {
				return typed, !place.Fits(place.Guess), nil // that it may not fit was said
			}
			p.say("Nothing can be fetched into it. Name another directory.")
		case "q":
			return "", false, ErrLeft
		case "?":
			p.help(steps.StepJob)
		default:
			if strings.ContainsAny(word, `/\~.`) {
				typed, named = word, true
				continue
			}
			p.say(quoted(word) + " is neither y nor a directory: name one like ./" + word + ".")
		}
	}
}

// wantsAnother says whether it is asked whether Atlas is to make another download of the same snapshot.
func (p *following) wantsAnother() bool {
	return !p.declined && p.asksForFiles() && p.run.Cfg.AsksAnother(p.job, p.run.Cfg.Now())
}

// another asks for one, after a yes to it.
func (p *following) another() error {
	p.declined = true // unless there is one
	cfg := p.run.Cfg
	word, err := p.answer(steps.AnotherQuestion(cfg, p.job) + " y asks for one, enter alone does not:")
	if err != nil {
		return err
	}
	if word = command(word); word == "q" {
		return ErrLeft
	}
	if word != "y" && word != "yes" || !cfg.AsksAnother(p.job, cfg.Now()) {
		p.say("No other download was asked for." + does(p.job.Renews(cfg)))
		return nil
	}
	do := steps.AskAnother(cfg, p.apart())
	p.job.Fetch.Asks, p.job.Fetch.Doubt = true, nil
	a, err := await(p.face, "Asking for another download", func(ctx context.Context) (steps.Another, error) {
		return do(ctx, func([]string) {}), nil
	})
	if err != nil {
		return err // what is not known is said
	}
	p.job.TookAnother(cfg, a)
	for _, text := range a.Said {
		p.say(text)
	}
	if a.Doubt != nil {
		p.news("UNKNOWN: " + sentence(a.Doubt))
		return nil
	}
	if a.Err != nil {
		p.news(state.Explain("Asking for another download", a.Err).Text())
		return nil
	}
	p.look, p.state, p.wrong, p.some = nil, -1, "", ""
	p.declined, p.offered = false, false
	if then := p.job.AnotherMeaning(cfg.Now()); then != "" {
		p.say(then)
	}
	return nil
}

// does says which command fetches later, with a blank before it.
func does(command string) string {
	if command == "" {
		return ""
	}
	return " " + command + " does it later."
}

// apart is the job as it is now, for what runs beside the face.
func (p *following) apart() steps.Job {
	job, follow := p.job, *p.job.Follow
	job.Follow = &follow
	return job
}

// lineWriter hands each line on.
type lineWriter func(string)

// Write implements io.Writer.
func (w lineWriter) Write(b []byte) (int, error) {
	w(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// settles is for how long a run that is left waits for what is fetched to be kept.
const settles = 10 * time.Second

// fetch fetches the files into a directory: a line at the start of each, at each quarter, where
// something goes wrong, and at its end. ctrl+c and q keep what is there.
func (p *following) fetch(dir string, tight bool) error {
	if whole, err := steps.Absolute(dir); err == nil { // else fetching says why
		dir = whole
	}
	said, done := make(chan string, 64), make(chan steps.Fetching, 1)
	over := make(chan struct{})
	defer close(over)
	teller := steps.NewFetchTeller(lineWriter(func(line string) {
		select {
		case said <- line:
		case <-over:
		}
	}), len(steps.FilesOf(p.job.Plan, p.job.Job)))
	do := steps.FetchHere(p.run.Cfg, p.apart(), dir, tight, func(e fetch.Event) { teller.Tell(e) })
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	now := make(chan steps.Fetching, 1)
	go func() {
		done <- do(ctx, func(f steps.Fetching) {
			select {
			case <-now: // nobody has taken the one before: this one says more
			default:
			}
			now <- f
		})
	}()
	p.job.Fetch.Dir, p.job.Fetch.Busy, p.job.Fetch.Done = dir, true, nil
	p.news("Fetching " + state.Count(steps.Files(p.job.Job), "file") + " of " + p.job.Plan.Cluster.Name + " into " + dir + ". " + p.stopsBy())
	var late <-chan time.Time
	halt := func() {
		stop()
		if late == nil {
			text := "Stopping: what is there is being kept."
			if loses := p.job.Fetch.StopLoses(); loses != "" {
				text = "Stopping. " + loses
			}
			p.job.Fetch.Stops = true
			p.say(text)
			late = time.After(settles)
		}
	}
	left := p.ctx.Done()
	input := p.in
	if !p.attended || p.alone || p.run.Cfg.Piped {
		input = nil
	}
	for {
		select {
		case line := <-said:
			p.news(line)
		case f := <-now:
			stops := p.job.Fetch.Stops
			*p.job.Fetch = f
			p.job.Fetch.Stops = stops
		case f := <-done:
			for len(said) > 0 {
				p.news(<-said)
			}
			*p.job.Fetch = f
			p.fetched()
			if p.ctx.Err() != nil {
				return ErrLeft
			}
			return nil
		case line, ok := <-input.next():
			input.took()
			if !ok {
				input = nil
				continue
			}
			switch word := command(strings.TrimSpace(line)); word {
			case "":
			case "q":
				halt()
			case "s":
				p.say(p.job.Fetch.Sum().Words() + ".")
			case "slower":
				p.say(p.job.Fetch.Slower())
			case "faster":
				p.say(p.job.Fetch.Faster())
			default:
				p.say(quoted(word) + " means nothing while the files are fetched. s says how it stands, slower and faster set how fast they may come. " + p.stopsBy())
			}
		case <-p.talk.tick:
			for _, line := range p.tend() {
				p.say(line)
			}
		case <-p.interrupt:
			if late != nil {
				return ErrLeft
			}
			halt()
		case <-left:
			left = nil
			halt()
		case <-late:
			return ErrLeft
		}
	}
}

func (p *following) stopsBy() string {
	if p.attended && !p.run.Cfg.Piped {
		return "q or ctrl+c stops it and keeps what is there."
	}
	return "ctrl+c stops it and keeps what is there."
}

// fetched says what became of the files. The summary has them one by one.
func (p *following) fetched() {
	f := p.job.Fetch
	if !p.run.Cfg.Quiet {
		_, _ = p.bell.Write([]byte("\a")) // whoever waits for it looks elsewhere
	}
	words, _ := steps.Standing(p.run.Cfg, p.job, p.run.Cfg.Now())
	sum := f.Sum()
	text := words + ": " + state.Count(sum.Of, "file") + ", each whole and proven."
	if !f.Downloaded() {
		text = words + ": " + state.Count(sum.Proven, "file") + " of " + state.Count(sum.Of, "file") + " proven."
		if f.Done.Err != nil && len(f.Done.Files) == 0 {
			text += " " + sentence(f.Done.Err) + " " + f.Done.Advice
		}
	}
	p.news(strings.TrimSpace(text))
	if again := f.Done.Again; again != "" {
		p.say("To go on: " + again)
	}
}
