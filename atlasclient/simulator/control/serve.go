package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/scenario"
)

// Options say what Serve serves, and to whom it talks.
type Options struct {
	World    simulator.Options
	Scenario *scenario.Scenario // is played, in a world of its own; nil for none
	Out      io.Writer          // gets the Hello as one line of JSON
	Screen   io.Writer          // shows an instructor the requests as they come; nil: nobody looks
	Commands io.Reader          // gives the instructor's commands, one a line; nil: there are none
}

// Open starts a simulator with its control endpoint, and the scenario that is played on it,
// in a world of its own; nil for none.
func Open(world simulator.Options, played *scenario.Scenario) (*simulator.Server, *scenario.Run, error) {
	sim, c, err := open(world, played)
	if err != nil {
		return nil, nil, err
	}
	return sim, c.run, nil
}

func open(world simulator.Options, played *scenario.Scenario) (*simulator.Server, *control, error) {
	if played != nil {
		own := played.Options()
		world.Seed, world.Start = own.Seed, own.Start
	}
	sim, err := simulator.Start(world)
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // it says what was started where
	}
	var run *scenario.Run
	if played != nil {
		if run, err = scenario.Start(sim, *played); err != nil {
			_ = sim.Close()      // the first error says it all
			return nil, nil, err //nolint:wrapcheck // it says what was started
		}
	}
	return sim, mount(sim, run), nil
}

// Serve starts a simulator with its control endpoint, says where it is, and serves until
// the context ends or the instructor quits.
func Serve(ctx context.Context, o Options) error {
	sim, coach, err := open(o.World, o.Scenario)
	if err != nil {
		return err
	}
	defer func() { _ = sim.Close() }()                                  // it ends with the process in any case
	if err := json.NewEncoder(o.Out).Encode(HelloOf(sim)); err != nil { //nolint:gosec // its keys are there to be told
		return fmt.Errorf("saying where the simulator is: %w", err)
	}
	if o.Screen == nil {
		<-ctx.Done()
		return nil
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	i := &instructor{sim: sim, coach: coach, screen: o.Screen, names: map[string]string{}}
	if o.Commands != nil {
		stayInBackground()
		i.say("Requests are shown as they come; help lists what can be made to happen.")
		go func() {
			if i.obey(o.Commands) {
				quit()
			}
		}()
	}
	go i.follow(ctx)
	i.watch(ctx)
	return nil
}
