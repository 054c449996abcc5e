package run

import (
	"context"
	"io"
	"os"
	"os/signal"
	"time"

	"atlas-restore/state/config"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// runbook prints the page of a cluster. It submits nothing, and keeps nothing.
func (r runner) runbook(ctx context.Context, s command.Settings) error {
	found, err := r.Atlas.SignIn(s, TakesToken)
	if err != nil {
		return err
	}
	own, err := config.Read(ConfigFile())
	if err != nil {
		return fail("%w", err)
	}
	c := found.Connection
	cfg := steps.Config{Atlas: c.Atlas, Endpoint: c.Endpoint, Who: c.Who, Flags: s.Again(), Names: own.Patterns(), About: s.Evidence.About(own, r.Now(), time.Local)}
	if err := r.remember(&cfg, s); err != nil {
		return err
	}
	cfg.Now = c.Now
	r.note(cfg.Notice)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	r.rehearse(ctx, &cfg, s)
	training := cfg.Mode == steps.Training
	cfg.About.Among = s.Among(training)
	cfg.Proven = steps.NewProven(command.Book(StateDir(s), training), training, cfg.About.Objectives, cfg.About.Among)
	page, err := steps.RunbookOf(ctx, cfg, s.Given)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	for _, u := range page.Unread() {
		r.note(u)
	}
	*r.exit = page.ExitCode()
	if !s.JSON {
		_, _ = io.WriteString(r.out, page.Markdown()) // checked at the end
		return nil
	}
	raw, err := page.JSON()
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}
