package lines

import (
	"context"
	"errors"
	"strings"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// Approver asks a person who approves a plan.
type Approver struct{ *talk }

// NewApprover begins that dialogue.
func NewApprover(ctx context.Context, ascii bool, d IO) Approver {
	return Approver{newTalk(ctx, steps.Config{ASCII: ascii}, d)}
}

// Say says a text of several lines.
func (a Approver) Say(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		a.write(shown(strings.TrimRight(line, "\n")) + "\n")
	}
}

// Agrees asks for the phrase that approves, until it is typed. The error is ErrLeft where it is not.
// What was typed before the plan was to be read is no answer.
func (a Approver) Agrees(target, phrase string) error {
	if a.in == nil {
		return ErrLeft
	}
	for {
		a.forgetTyped()
		typed, err := a.ask("To approve the plan for " + target + ", type " + phrase + " (q leaves):")
		switch {
		case err != nil:
			return err
		case typed == phrase:
			return nil
		case command(typed) == "q":
			return ErrLeft
		}
		a.say(quoted(typed) + " is not " + phrase + ". Nothing was approved.")
	}
}

// Passphrase asks for that of a key. It is kept from the screen, or not asked for.
func (a Approver) Passphrase(of string) (state.Secret, error) {
	if a.noEcho == nil {
		return state.Secret{}, errUnhidden
	}
	restore, err := a.noEcho()
	if err != nil {
		return state.Secret{}, errUnhidden
	}
	defer restore()
	line, err := a.ask("Passphrase of " + of + " (it is not shown):")
	a.say("") // the newline that was typed was not shown either
	return state.NewSecret(line), err
}

var errUnhidden = errors.New("a passphrase is read from a terminal only, which can keep it from the screen; put the key into the ssh-agent instead, with ssh-add")
