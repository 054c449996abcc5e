package run

import (
	"context"
	"io"
	"os"
	"os/signal"

	"atlas-restore/ui/command"
)

// sim serves the embedded Atlas to other clients until it is interrupted.
func (r runner) sim(ctx context.Context, s command.Simulator) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var screen io.Writer
	var commands io.Reader
	if s.Instructor || isTerminal(r.std.Errs) {
		screen = r.errs
		if s.Instructor || isTerminal(r.std.In) {
			commands = r.std.In
		}
	}
	return r.Embedded.Serve(ctx, s, r.out, screen, commands) //nolint:wrapcheck // it is told as it is
}
