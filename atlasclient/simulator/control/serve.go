package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"atlas-restore/atlasclient/simulator"
)

// Options say what Serve serves, and to whom it talks.
type Options struct {
	World simulator.Options
	Out   io.Writer // gets the Hello as one line of JSON
}

// Serve starts a simulator with its control endpoint, says where it is, and serves until
// the context ends.
func Serve(ctx context.Context, o Options) error {
	sim, err := simulator.Start(o.World)
	if err != nil {
		return err //nolint:wrapcheck // it says what was started where
	}
	defer func() { _ = sim.Close() }() // it ends with the process in any case
	Mount(sim)
	if err := json.NewEncoder(o.Out).Encode(HelloOf(sim)); err != nil { //nolint:gosec // its keys are there to be told
		return fmt.Errorf("saying where the simulator is: %w", err)
	}
	<-ctx.Done()
	return nil
}
