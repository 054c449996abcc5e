package lines

import (
	"context"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/ui/steps"
)

// seek looks for the job of a request whose answer was lost, until it is found or was
// looked for in full. Whoever is there can then go back to the review, and confirm anew.
func (f *face) seek() error {
	if d := f.run.Doubt(); d != nil {
		f.say("WARNING: " + d.Text())
	}
	f.say(steps.SearchWords(*f.run.Search(), f.run.Cfg))
	tick := time.NewTicker(f.run.Cfg.Every(time.Second))
	defer tick.Stop()
	input := f.in
	if !f.attended {
		input = nil
	}
	for f.run.Searching() {
		select {
		case <-tick.C:
			look := f.run.Look()
			if look == nil {
				continue
			}
			r, err := await(f, "Looking for the job", func(ctx context.Context) (submit.Search, error) { return look(ctx), nil })
			if err != nil {
				return err
			}
			if say := f.run.Sought(r); say != "" {
				f.say(say)
				return nil // it is followed
			}
			if r.Err != nil {
				f.say(state.Explain("Looking for the job", r.Err).Text())
			}
			if !r.Over() {
				f.say(steps.SearchWords(r, f.run.Cfg))
			}
		case line, ok := <-input.next():
			input.took()
			if !ok {
				input = nil // it is looked for all the same
				continue
			}
			if f.weary() {
				f.say("What is read on standard input means nothing here, and is not read any more. The job is looked for all the same.")
				input = nil
				continue
			}
			if command(line) == "q" {
				return ErrLeft
			}
			f.say("Nothing else can be done while it is looked for. q leaves; the next start looks again.")
		case <-f.interrupt:
			return ErrLeft
		case <-f.ctx.Done():
			return ErrLeft
		}
	}
	f.say("WARNING: " + f.run.Doubt().Text())
	if !f.attended {
		return errOver // the summary tells of the doubt
	}
	for {
		word, err := f.answer("b goes back, to confirm again; q leaves:")
		switch {
		case err != nil:
			return err
		case command(word) == "b":
			return errBack
		case command(word) == "q":
			return ErrLeft
		}
	}
}
