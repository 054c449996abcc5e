package lines

import (
	"context"
	"errors"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

var errNotConfirmed = errors.New("the restore is not confirmed")

// load asks Atlas for what a step needs. Where that fails somebody can try again.
func load[T any](f *face, what string, ask func(context.Context) (T, error)) (T, error) {
	for {
		v, err := await(f, what, ask)
		if err == nil {
			f.trouble = nil
		}
		if err == nil || errors.Is(err, ErrLeft) {
			return v, err
		}
		p := state.Explain(what, err)
		f.trouble = &stopped{p, err}
		if !f.attended {
			return v, f.trouble
		}
		f.say(p.Text())
		word, err := f.answer("Enter tries again, b goes back, q leaves:")
		if err != nil {
			return v, err
		}
		switch command(word) {
		case "b":
			return v, errBack
		case "q":
			return v, ErrLeft
		}
	}
}

// help says what a step means and what Atlas does.
func (f *face) help(step state.Step) {
	h := f.run.Help(step)
	for _, text := range append(append([]string{}, h.Means...), h.Atlas...) {
		f.say(text)
	}
	f.say("Atlas's documentation: " + h.Docs)
}

// glossary says what the words mean.
func (f *face) glossary() {
	for _, t := range steps.Glossary() {
		f.say(t.Word + ": " + t.Means)
	}
}
