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

// verify proves what was downloaded. It asks nobody, and keeps nothing.
func (r runner) verify(ctx context.Context, s command.Settings, paths []string, extract bool) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var unpack func(string) (steps.Unpacking, error)
	if extract {
		unpack = r.Atlas.Unpack
	}
	proofs, err := steps.VerifyAndUnpack(ctx, paths, r.proving(), unpack)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	*r.exit = proofs.ExitCode()
	if !s.JSON {
		_, _ = io.WriteString(r.text, proofs.Text()) // checked at the end
		return nil
	}
	raw, err := proofs.JSON()
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// proving says on standard error how far a proof is, where somebody looks: at each tenth, and
// not more often than a person reads.
func (r runner) proving() func(steps.Proving) {
	if !isTerminal(r.std.Errs) {
		return nil
	}
	var said time.Time
	var name string
	tenth := int64(0)
	return func(p steps.Proving) {
		if p.Name != name {
			name, tenth, said = p.Name, 0, p.Since
		}
		now := time.Now()
		if now.Sub(said) < 2*time.Second {
			return
		}
		if p.Total > 0 {
			if p.Read*10/p.Total == tenth && tenth > 0 && now.Sub(said) < time.Minute {
				return
			}
			tenth = p.Read * 10 / p.Total
		}
		said = now
		fmt.Fprintln(r.said, p.Says(now))
	}
}
