package run

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// when finds out when something was lost. It submits nothing, and keeps nothing.
func (r runner) when(ctx context.Context, s command.Settings, lost steps.WhenAsk) error {
	found, err := r.Atlas.SignIn(s, TakesToken)
	if err != nil {
		return err
	}
	c := found.Connection
	cfg := steps.Config{Atlas: c.Atlas, Mode: steps.Live, Endpoint: c.Endpoint, Now: c.Now, Zone: time.Local, Flags: s.Again()}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	r.rehearse(ctx, &cfg, s)
	hunt, err := steps.WhenLost(ctx, cfg, s.Given, lost, r.looking(cfg))
	if err != nil {
		return err
	}
	*r.exit = hunt.ExitCode()
	if !s.JSON {
		_, _ = io.WriteString(r.text, hunt.Text()) // checked at the end
		return nil
	}
	raw, err := hunt.JSON()
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// looking says on standard error what a search reads and how much was found, as often as somebody
// reads it.
func (r runner) looking(cfg steps.Config) func(steps.Hunt) {
	var said string
	var at time.Time
	return func(h steps.Hunt) {
		text := h.Looking(cfg.Now())
		if text == "" || text == said || time.Since(at) < time.Second {
			return
		}
		said, at = text, time.Now()
		fmt.Fprintln(r.said, text)
	}
}

// aside is looking where no full screen is in its way.
func (r runner) aside(how face, cfg steps.Config) func(steps.Hunt) {
	if how == fullScreen {
		return nil
	}
	return r.looking(cfg)
}
