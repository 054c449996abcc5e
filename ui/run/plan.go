package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/approval"
	"atlas-restore/state/config"
	"atlas-restore/state/journal"
	"atlas-restore/state/planfile"
	"atlas-restore/ui"
	"atlas-restore/ui/command"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// replay reads the plan file that a run is made from.
func replay(file string) (*steps.Replay, error) {
	of, err := steps.NewReplay(file)
	if err != nil {
		return nil, &steps.RunError{Err: err, Advice: "Nothing was submitted. Have a new plan made, with --save-plan."}
	}
	return of, nil
}

// planShow says what a plan file does. It asks Atlas nothing but, in a training, what time it is, and keeps nothing.
func (r runner) planShow(ctx context.Context, s command.Settings, file string) error {
	p, raw, err := planfile.Read(file)
	if err != nil {
		return fail("%w", err)
	}
	shown, err := r.shown(file, p, raw, r.clockOf(ctx, s, p))
	if err != nil {
		return err
	}
	out, err := shown.JSON()
	if !s.JSON {
		var text string
		text, err = shown.TextIn(width(r.std.Out))
		out = []byte(text)
	}
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(out) // checked at the end
	return nil
}

// planClock is the clock by which a plan is judged.
type planClock struct {
	now func() time.Time
	own bool // it is that of the plan's Atlas
}

// clockOf is the clock of a plan's Atlas: this machine's, but that of the embedded Atlas for a training,
// whose time is another one. Where that is not there any more, nobody can say whether the plan is still good.
func (r runner) clockOf(ctx context.Context, s command.Settings, p planfile.Plan) planClock {
	if !p.Training {
		return planClock{r.Now, true}
	}
	if trainer, ok := r.Embedded.Served(ctx, p.Atlas, s.CAFile); ok {
		return planClock{trainer.Now, true}
	}
	return planClock{now: r.Now}
}

// shown is a plan as it is read here, with what the signature beside it says here.
func (r runner) shown(file string, p planfile.Plan, raw []byte, clock planClock) (steps.ShownPlan, error) {
	own, err := config.Read(ConfigFile())
	if err != nil {
		return steps.ShownPlan{}, fail("%w", err)
	}
	var signers approval.Signers
	if own.AllowedSigners != "" {
		if signers, err = approval.ReadSigners(signersFile(own)); err != nil {
			return steps.ShownPlan{}, fail("%w", err)
		}
	}
	a, err := approval.Read(file, raw, p, signers, r.Now())
	if p.Training {
		a, err = approval.ReadPractice(file, raw, p, r.Now())
	}
	signed := steps.PlanSignature{Key: a.Key, By: a.By, At: a.At}
	switch {
	case errors.Is(err, approval.ErrNone):
	case own.AllowedSigners == "" && errors.Is(err, approval.ErrUnknown):
		signed.Refused = "allowed_signers in config.toml names no file, so nobody here can say whose key that is"
	case err != nil:
		signed.Refused = err.Error()
	}
	if !errors.Is(err, approval.ErrNone) {
		signed.File = approval.SignatureOf(file)
	}
	return steps.ShownPlan{File: file, Plan: p, Signed: signed, Now: clock.now(), OwnClock: clock.own, Names: own.Patterns(), Zone: time.Local, ASCII: !ui.UTF8(os.Getenv)}, nil
}

// maker is who makes a plan on this machine, with the keys by which they cannot approve it.
func maker() planfile.Maker {
	m := planfile.Maker{Keys: approval.Own(context.Background(), os.Getenv("SSH_AUTH_SOCK"), filepath.Join(home(), ".ssh"))}
	m.User, m.Host = journal.Whose()
	return m
}

// approved looks whether a second person has approved a plan, each time anew.
func approved(own config.Config) func(*steps.Replay, time.Time) state.Approval {
	return func(of *steps.Replay, now time.Time) state.Approval {
		if own.AllowedSigners == "" {
			return state.Approval{} // nobody here can say whose a signature is, and nobody has to
		}
		signers, err := approval.ReadSigners(signersFile(own))
		if err != nil {
			return state.Approval{Refused: err.Error()}
		}
		return counted(approval.Read(of.File, of.Raw, of.Plan, signers, now))
	}
}

// practised is approved for a training, which knows no allowed signers.
func practised(of *steps.Replay, now time.Time) state.Approval {
	return counted(approval.ReadPractice(of.File, of.Raw, of.Plan, now))
}

// counted is an approval as the review takes it, or why it does not count.
func counted(a approval.Approval, err error) state.Approval {
	switch {
	case errors.Is(err, approval.ErrNone):
		return state.Approval{}
	case err != nil:
		return state.Approval{Refused: err.Error()}
	}
	return state.Approval{By: a.By, Key: a.Key, At: a.At}
}

// signersFile is where the keys stand that may approve; empty for none.
func signersFile(own config.Config) string { return own.Signers(filepath.Dir(ConfigFile()), home()) }

// planApprove has a person approve a plan. It asks Atlas nothing but, in a training, what time it is.
func (r runner) planApprove(ctx context.Context, s command.Settings, file, keyFile string) error {
	p, raw, err := planfile.Read(file)
	if err != nil {
		return fail("%w", err)
	}
	clock := r.clockOf(ctx, s, p)
	if err := p.Good(clock.now()); err != nil && clock.own {
		return &steps.RunError{Err: err, Advice: "Nothing was approved. Have a new plan made, with --save-plan."}
	}
	own, err := config.Read(ConfigFile())
	if err != nil {
		return fail("%w", err)
	}
	done := steps.Approved{File: file, Plan: p, Signers: signersFile(own)}
	var signers approval.Signers
	if done.Signers != "" {
		if signers, err = approval.ReadSigners(done.Signers); err != nil {
			return fail("%w", err)
		}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	d := lines.IO{In: r.std.In, Out: r.errs, Terminal: isTerminal(r.std.In)}
	if d.Terminal {
		d.NoEcho = func() (func(), error) { return lines.NoEcho(r.std.In) }
		d.Forget = func() { lines.Forget(r.std.In) }
	}
	by := lines.NewApprover(ctx, !ui.UTF8(os.Getenv), d)
	key, err := r.approvingKey(ctx, keyFile, signers, by)
	if err != nil {
		return r.unapproved(err)
	}
	done.Key = key.Fingerprint()
	count := signers
	if p.Training { // there each key counts but the maker's own: see practised
		done.Signers, count = "", nil
	}
	switch done.By, err = count.Known(key, p, r.Now()); {
	case errors.Is(err, approval.ErrSame):
		return r.unapproved(err)
	case err != nil && done.Signers != "":
		done.Refused = err.Error()
	}
	if err := approval.Free(file, raw, p, count, r.Now()); err != nil {
		return &steps.RunError{Err: err, Advice: "Nothing was signed. To have it signed by somebody else, take " + approval.SignatureOf(file) + " away first."}
	}
	shown, err := r.shown(file, p, raw, clock)
	if err != nil {
		return err
	}
	says, err := shown.TextIn(width(r.std.Errs))
	if err != nil {
		return fail("%w", err)
	}
	by.Say(says + "\nYou approve it with the key " + key.Name() + ", of " + key.Where + ".")
	if !clock.own {
		by.Say("NOTE: whether it is still good is not known: its embedded Atlas, " + p.Atlas + ", is not there. It can be run there only.")
	}
	if note := done.Note(); note != "" { // before it is signed, and not only after
		by.Say("NOTE: " + note)
	}
	if err := by.Agrees(steps.Approves(p)); err != nil {
		return r.unapproved(err)
	}
	if done.Signature, err = approval.Sign(file, raw, key); err != nil {
		return r.unapproved(err)
	}
	out, err := done.JSON()
	if !s.JSON {
		out = []byte(done.TextIn(width(r.std.Out)))
	}
	if err != nil {
		return fail("%w", err)
	}
	if done.Refused != "" { // it is signed, and by all that is known here not approved
		*r.exit = state.OutcomeError.ExitCode()
		if s.JSON {
			fmt.Fprint(r.errs, done.TextIn(width(r.std.Errs)))
		}
	}
	_, _ = r.out.Write(out) // checked at the end
	return nil
}

// approvingKey is the key to approve with: that of a file, or the one of the ssh-agent.
func (r runner) approvingKey(ctx context.Context, file string, signers approval.Signers, by lines.Approver) (approval.Key, error) {
	inAgent, err := approval.Agent(ctx, os.Getenv("SSH_AUTH_SOCK"))
	if file != "" {
		return approval.KeyFile(file, inAgent, func() (state.Secret, error) { return by.Passphrase(file) }) //nolint:wrapcheck // it names the file
	}
	if err != nil {
		return approval.Key{}, err //nolint:wrapcheck // it is told as it is
	}
	return approval.Choose(inAgent, signers, r.Now()) //nolint:wrapcheck // it is told as it is
}

// unapproved says why a plan was not approved.
func (r runner) unapproved(err error) error {
	if errors.Is(err, lines.ErrLeft) {
		*r.exit = state.OutcomeAborted.ExitCode()
		fmt.Fprintln(r.errs, "Nothing was approved.")
		return nil
	}
	advice := ""
	switch {
	case errors.Is(err, approval.ErrNoAgent), errors.Is(err, approval.ErrNoKey), errors.Is(err, approval.ErrManyKeys):
		advice = " Say which key, with --key FILE."
	case errors.Is(err, approval.ErrPassphrase):
		advice = " Try again, or put it into the ssh-agent with ssh-add."
	}
	return &steps.RunError{Err: err, Advice: "Nothing was approved." + advice}
}
