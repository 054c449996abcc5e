package run

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/text"
	"atlas-restore/ui"
	"atlas-restore/ui/command"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// opens makes what a wizard is about. With an error it says what has to be known beside it.
type opens func(context.Context) (steps.Config, error)

// show runs the wizard and tells its result. What it is about is made once it is on the
// screen: before says what is known until then, and what is being done.
func (r runner) show(ctx context.Context, how face, s *command.Settings, before *steps.Config, what string, open opens) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // whatever is still asked of Atlas ends with the wizard
	whole := func(ctx context.Context) (steps.Config, error) {
		cfg, err := open(ctx)
		r.as(&cfg, s)
		if err == nil {
			err = steps.CheckOut(cfg)
		}
		return cfg, err //nolint:wrapcheck // it is told as it is
	}
	r.as(before, s)
	var end *ui.Ended
	var err error
	if how == fullScreen {
		end, err = r.screen(ctx, s, ui.Opening{What: what, Before: before, Open: whole})
	} else {
		end, err = r.unseen(ctx, how, whole)
	}
	var shut ui.OpenError
	if errors.As(err, &shut) {
		r.note(end.Config.Notice) // no face will
		return shut.Unwrap()      //nolint:wrapcheck // it is the run's own
	}
	if end == nil {
		return err
	}
	r.end(s, end)
	return err
}

// as gives what a wizard is about what flags say of it.
func (r runner) as(cfg *steps.Config, s *command.Settings) {
	cfg.DryRun, cfg.Accept, cfg.Out, cfg.Zone, cfg.ASCII = s.DryRun, s.Accept, s.Out, time.Local, !ui.UTF8(os.Getenv)
	cfg.Quiet = cfg.Quiet || s.Quiet
	cfg.SavePlan, cfg.Replay, cfg.Tool, cfg.BreakGlass = s.SavePlan, s.Replay, r.Build().Version, text.Clean(s.BreakGlass)
}

// unseen runs the wizard without a screen. It ends as nothing where it does not begin.
func (r runner) unseen(ctx context.Context, how face, open opens) (*ui.Ended, error) {
	cfg, err := open(ctx)
	switch {
	case err != nil:
		r.note(cfg.Notice) // no face will
		return nil, err
	case how == noFace:
		return nil, errors.New(noTerminal)
	}
	return &ui.Ended{Summary: r.lines(ctx, how, cfg), Config: cfg}, nil
}

// end keeps and tells what came of a wizard.
func (r runner) end(s *command.Settings, end *ui.Ended) {
	cfg, summary := end.Config, end.Summary
	keepPlan(cfg, summary)
	summary.Recorded = r.recorded(*s, cfg, summary)
	if cfg.Coach != nil {
		r.debrief(*s, cfg, &summary)
	}
	r.tell(*s, summary)
	*r.exit = summary.ExitCode()
}

// screen runs the full screen. Where standard output is a pipe it is drawn on standard
// error, so that the pipe gets the result and nothing else.
func (r runner) screen(ctx context.Context, s *command.Settings, o ui.Opening) (*ui.Ended, error) {
	out := r.std.Out
	if !isTerminal(out) {
		out = r.std.Errs
	}
	// Long lists are read once and then held: collecting each time that 5 to 9 MiB have come keeps
	// the peak low, with 10,000 snapshots and with 100,000. A share of what is held would do that for
	// one of them: for the beginning of a list it would collect with each page, and no key find a
	// processor. What is never written to is no memory, and counts as held. Not before the first
	// frame, which a collection would delay by some milliseconds.
	held := make(chan []byte, 1)
	defer runtime.KeepAlive(held)
	time.AfterFunc(100*time.Millisecond, func() {
		held <- make([]byte, 42<<20)
		debug.SetGCPercent(10)
	})
	// Bubble Tea takes one interrupt. A second one must not end the program before the
	// terminal is as it was.
	again, listening := make(chan os.Signal, 1), make(chan struct{})
	go func() { // Bubble Tea begins to listen beside its first frame too
		signal.Notify(again, os.Interrupt)
		close(listening)
	}()
	defer func() {
		<-listening
		signal.Stop(again)
	}()
	open := o.Open
	o.Open = func(ctx context.Context) (steps.Config, error) {
		cfg, err := open(ctx)
		if err == nil && cfg.Coach == nil { // whose briefing comes first
			cfg.Notice = strings.TrimSpace(cfg.Notice + " With a screen reader: start with --line.")
		}
		return cfg, err
	}
	end, err := ui.Open(ctx, o, ui.Screen{In: r.std.In, Out: out, NoColor: s.NoColor || ui.Colourless(os.Getenv)})
	// Left by a signal or from outside: the summary says all there is to say.
	if err == nil || errors.Is(err, tea.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return end, nil
	}
	return end, fail("showing the wizard: %w", err)
}

// lines runs the line face. It talks on standard error: the result alone goes to
// standard output.
func (r runner) lines(ctx context.Context, how face, cfg steps.Config) steps.Summary {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	interrupt := make(chan struct{})
	go func() {
		for range signals {
			interrupt <- struct{}{}
		}
	}()
	d := lines.IO{Out: r.errs, Interrupt: interrupt, Terminal: isTerminal(r.std.In)}
	if isTerminal(r.std.Errs) {
		d.Bell = r.std.Errs // errs lets nothing through but text
	}
	if how == lineByLine {
		d.In = r.std.In
	}
	if isTerminal(r.std.In) {
		d.NoEcho = func() (func(), error) { return lines.NoEcho(r.std.In) }
		d.Forget = func() { lines.Forget(r.std.In) }
	}
	return lines.Run(ctx, cfg, d)
}

// tell prints the result on standard output. What a person looks for in the scrollback
// is there even where a pipe takes the result.
func (r runner) tell(s command.Settings, summary steps.Summary) {
	text := summary.TextIn(width(r.std.Errs))
	if s.JSON {
		r.printJSON(summary.Result())
		if !isTerminal(r.std.Errs) {
			text = summary.TextWithoutLinks()
		}
	}
	if s.JSON || summary.Outcome == state.OutcomeError || !isTerminal(r.std.Out) && isTerminal(r.std.Errs) {
		_, _ = io.WriteString(r.errs, text) // there is no other place to tell it
	}
	if !s.JSON && summary.Outcome != state.OutcomeError {
		_, _ = io.WriteString(r.out, summary.TextIn(width(r.std.Out))) // checked at the end
	}
}
