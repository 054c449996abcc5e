package run

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"golang.org/x/term"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/progress"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// train runs the same wizard against an embedded Atlas: one that lives and dies with it, or
// one that is served in another terminal. It reads no credential and no environment, and its
// client can reach nothing else.
func (r runner) train(ctx context.Context, s command.Settings) error {
	how, err := r.face(s)
	if err != nil {
		return err
	}
	start, err := r.Embedded.World(s)
	if err != nil {
		return err
	}
	before := &steps.Config{Mode: steps.Training, Now: time.Now, Pace: 1, Given: s.Given}
	return r.show(ctx, how, &s, before, awaited(s.Given, "Starting the embedded Atlas"), func(ctx context.Context) (steps.Config, error) {
		address, err := start(ctx)
		if err != nil {
			return steps.Config{}, err
		}
		cfg, err := r.practice(ctx, s, address)
		if err == nil {
			cfg.Fetcher, err = r.Atlas.Fetcher(s, cfg)
		}
		if err == nil {
			cfg.Proven = steps.NewProven(command.Book(StateDir(s), true), true, cfg.About.Objectives, s.Among(true))
			cfg.Given, err = steps.BeforeDrop(ctx, cfg, s.Given, r.aside(how, cfg))
		}
		return cfg, err
	})
}

// practice is what the wizard is about that trains at an address.
func (r runner) practice(ctx context.Context, s command.Settings, address string) (cfg steps.Config, err error) {
	trainer, atlas, err := r.Embedded.Train(ctx, address)
	if err != nil {
		return cfg, err //nolint:wrapcheck // it is told as it is
	}
	go trainer.Follow(ctx)
	cfg = steps.Config{
		Atlas: atlas, Journal: &journal.InMemory{}, Mode: steps.Training, Who: "trainee", Source: "embedded Atlas",
		Endpoint: "http://" + address, Now: neverBefore(atlas, trainer.Now), Pace: trainer.Pace(),
		Notice: trainingNotice(trainer.Pace()), Flags: command.Settings{StateDir: s.StateDir}.Again(),
	}
	if cfg.Served = s.Join != ""; cfg.Served {
		cfg.Flags = command.Settings{BaseURL: cfg.Endpoint, StateDir: s.StateDir}.Again() // what is said of its job leads nowhere else
	}
	if c, err := trainer.Coaching(ctx, -1); err == nil { // else no scenario is played
		cfg.Coach, cfg.Coaching, cfg.Notice = trainer, c, ""
		if cfg.Names.Drills = c.Drills; len(c.Drills) > 0 {
			cfg.Drill, cfg.Dice = true, rand.Uint64() //nolint:gosec // nobody gains by guessing it
		}
		if cfg.Names.Approval = c.Approval; len(c.Approval) > 0 { // the scenario has a rule, and no list of keys
			cfg.Maker, cfg.Approved = maker, practised
		}
	}
	return cfg, nil
}

func trainingNotice(speed float64) string {
	notice := "Nothing here is real: restore what you like."
	if speed > 1 {
		notice += fmt.Sprintf(" Time runs %g times as fast, so that you need not wait.", speed)
	}
	return notice
}

// lessons lists the scenarios with what came of them, or forgets that.
func (r runner) lessons(s command.Settings, reset bool) error {
	kept := progress.At(StateDir(s))
	if reset {
		return r.forget(kept, s.Scenario)
	}
	all, err := r.Embedded.Lessons()
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	records, err := kept.Read()
	if err != nil {
		return &steps.RunError{Err: err, Advice: "To forget it: " + state.Command(command.Settings{StateDir: s.StateDir}.Again(), "train", "--reset")}
	}
	for i := range all {
		all[i].Record = records[all[i].Name]
	}
	if !s.JSON {
		_, _ = io.WriteString(r.text, steps.LessonsText(all, command.Settings{StateDir: s.StateDir}.Again())) // checked at the end
		return nil
	}
	raw, err := steps.LessonsJSON(all)
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// forget forgets what came of one scenario, or of all.
func (r runner) forget(kept progress.Progress, name string) error {
	what, err := "the scenarios", error(nil)
	if name != "" {
		if err := r.Embedded.Known(name); err != nil {
			return fmt.Errorf("--reset: %w", err)
		}
		what, err = name, kept.Forget(name)
	} else {
		err = kept.Reset()
	}
	if err != nil {
		return fail("%w", err)
	}
	fmt.Fprintf(r.text, "What came of %s is forgotten.\n", what)
	return nil
}

// example prints a scenario with comments.
func (r runner) example() error {
	_, _ = io.WriteString(r.out, r.Embedded.Example()) // checked at the end
	return nil
}

// debrief ends a scenario: what came of it is part of the summary, is kept, and decides the
// exit code. A run that has saved a plan and submitted nothing ends none that is served: the plan
// is run in another one.
func (r runner) debrief(s command.Settings, cfg steps.Config, summary *steps.Summary) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	goesOn := cfg.Served && summary.Saved != nil && !summary.Submitted()
	if !goesOn {
		cfg.Coach.Note(state.NoteLeft, "")
	}
	width, _, err := term.GetSize(int(r.std.Out.Fd()))
	if err != nil {
		width = 80 // no terminal folds it
	}
	d, err := cfg.Coach.Debrief(ctx, width)
	if err != nil {
		fmt.Fprintf(r.said, "NOTE: there is no debrief: %v\n", err)
		return
	}
	if goesOn { // all that was noted has arrived
		return
	}
	summary.Debriefed(d)
	if err := progress.At(StateDir(s)).Add(d.Result); err != nil {
		fmt.Fprintf(r.said, "NOTE: %v\n", err)
	}
}
