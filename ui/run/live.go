package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/state/journal"
	"atlas-restore/state/onevent"
	"atlas-restore/state/program"
	"atlas-restore/state/record"
	"atlas-restore/state/submit"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// live runs the wizard against Atlas.
func (r runner) live(ctx context.Context, s command.Settings) error {
	how, err := r.face(s)
	if err != nil {
		return err
	}
	return r.showLive(ctx, how, s, awaited(s.Given, "Looking for credentials and for what was left"), func(context.Context) (steps.Config, error) {
		cfg, project, err := r.connect(how, s)
		if err != nil {
			return cfg, err
		}
		if err := r.remember(&cfg, s); err != nil {
			return steps.Config{}, err
		}
		offer(&cfg, s)
		cfg.Given, cfg.Wanted = s.Given, !s.Given.IsZero()
		if cfg.Given.Project == "" {
			cfg.Given.Project = project
		}
		return cfg, nil
	})
}

// showLive is show for the real Atlas, with what the configuration says, and the command
// that it wants run at the end of a job.
func (r runner) showLive(ctx context.Context, how face, s command.Settings, what string, open opens) error {
	var commands onevent.Commands // the wizard may be left while it opens
	before := &steps.Config{Mode: steps.Live, Now: r.Now, Pace: r.Pace, Given: s.Given}
	err := r.show(ctx, how, &s, before, what, func(ctx context.Context) (steps.Config, error) {
		cfg, err := open(ctx)
		if err != nil {
			return cfg, err
		}
		file := ConfigFile()
		own, err := config.Read(file)
		if err != nil {
			return steps.Config{}, fail("%w", err)
		}
		cfg.Flags, cfg.Names, cfg.Quiet = s.Again(), own.Patterns(), own.QuietTerminal
		cfg.About = s.Evidence.About(own, r.Now(), time.Local)
		if cfg.Names.Environments == nil {
			cfg.NamesFile = file
		}
		cfg.Maker, cfg.Approved = maker, approved(own)
		cfg.Verify = program.Command{Argv: own.Verify, Environ: os.Environ(), Limit: own.VerifyWithin()}
		if client, ok := cfg.Atlas.(interface{ Login(context.Context, int) }); ok && how != noFace {
			client.Login(ctx, steps.ReadsAhead(s.Given)) // beside what else is done first
		}
		r.rehearse(ctx, &cfg, s)
		if cfg.Drill { // by the clock of its Atlas
			cfg.Notice = strings.TrimSpace(leftDrill(s, cfg) + " " + cfg.Notice)
		}
		if cfg.Fetcher, err = r.Atlas.Fetcher(s, cfg); err != nil {
			return cfg, err
		}
		if cfg.Given, err = steps.BeforeDrop(ctx, cfg, cfg.Given, r.aside(how, cfg)); err != nil {
			return cfg, err //nolint:wrapcheck // it names the flag
		}
		cfg.Proven = steps.NewProven(command.Book(StateDir(s), cfg.Mode == steps.Training), cfg.Mode == steps.Training, cfg.About.Objectives, s.Among(cfg.Mode == steps.Training))
		cfg.OnEvent = commands.Of(own.OnEvent, own.OnDone, os.Environ())
		return cfg, nil
	})
	r.await(&commands)
	return err
}

// connect signs in with the credentials that are found, or has the wizard ask for them
// where somebody can type a secret. The project is the one that is usually meant.
func (r runner) connect(how face, s command.Settings) (cfg steps.Config, project string, err error) {
	found, err := r.Atlas.SignIn(s, TakesToken)
	switch {
	case err == nil:
		c := found.Connection
		return steps.Config{
			Atlas: c.Atlas, Who: c.Who, Source: c.Source, Host: c.Host, Endpoint: c.Endpoint, Now: c.Now,
			Notice: strings.Join(found.Hints, " "),
		}, found.ProjectID, nil
	case found.None && (how == fullScreen || how == lineByLine && isTerminal(r.std.In)):
		return steps.Config{Now: r.Now, Notice: strings.Join(found.Hints, " "), SignIn: r.Atlas.Typed(s, found.BaseURL), Endpoint: found.BaseURL}, found.ProjectID, nil
	}
	return steps.Config{}, "", err
}

// NoCredentials says where a credential comes from, and what needs none.
func NoCredentials(s command.Settings) string {
	return `To use Atlas, set one of these pairs in the environment:
  a service account (recommended)
    MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET
  an API key
    MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY
or sign in with the Atlas CLI, whose profiles are read: atlas auth login
Both are made in Atlas under Access Manager, Applications. A restore needs the
role Project Backup Manager (or Owner) on the project of the source and on that
of the target.

To practise without any: ` + state.Command(command.Settings{StateDir: s.StateDir}.Again(), "train")
}

// watch follows a job that somebody has asked for, in whatever way this terminal allows.
func (r runner) watch(ctx context.Context, s command.Settings, id string) error {
	how, err := r.face(command.Settings{Line: s.Line})
	if err != nil {
		return err
	}
	if how == noFace {
		how = unasked // there is nothing that would have to be asked
	}
	return r.showLive(ctx, how, s, "Looking for the restore job", func(ctx context.Context) (steps.Config, error) {
		cfg, _, err := r.connect(how, s)
		if err != nil {
			return cfg, err
		}
		if cfg.Atlas == nil {
			return steps.Config{}, &steps.RunError{Err: state.ErrNoCredentials, Advice: NoCredentials(s)}
		}
		if err := r.remember(&cfg, s); err != nil {
			return steps.Config{}, err
		}
		cfg.Flags = s.Again()
		r.rehearse(ctx, &cfg, s) // what is open is so by the clock of its Atlas
		if cfg.Resume, err = steps.Watched(ctx, cfg, s.Given, id); err == nil && cfg.Resume != nil && cfg.Resume.Drill {
			cfg.Drilled = drilled(&cfg, s)
		}
		return cfg, err //nolint:wrapcheck // it is told as it is
	})
}

// drilled is what the checks of the drill that is followed have come to before; nil where they are to be made. That the
// records cannot be read is told: then they are made.
func drilled(cfg *steps.Config, s command.Settings) *record.Record {
	was, ok, err := command.Book(StateDir(s), cfg.Mode == steps.Training).Drilled(state.CanonicalEndpoint(cfg.Endpoint), cfg.Resume.JobID)
	if err != nil {
		cfg.Notice = strings.TrimSpace(fmt.Sprintf("%s Whether the checks of this drill were made before cannot be known: %v.", cfg.Notice, err))
	}
	if !ok {
		return nil
	}
	return &was
}

// remember gives a live run its journal, and what that knows. What of it cannot be read is
// told, and stops nothing yet: whether something is submitted all the same is for the review
// to say.
func (r runner) remember(cfg *steps.Config, s command.Settings) error {
	records := journal.At(StateDir(s))
	records.Tool = r.Build().Version
	entries, err := records.Read()
	var damaged *journal.Damaged
	if err != nil && !errors.As(err, &damaged) {
		return fail("looking for unfinished restores: %w", err)
	}
	if damaged != nil {
		cfg.Notice = strings.TrimSpace(damaged.Error() + ". " + state.MendJournal + " " + cfg.Notice)
	}
	cfg.Journal, cfg.Mode, cfg.Pace = records, steps.Live, r.Pace
	cfg.History = journal.Submissions(entries)
	if damaged != nil {
		cfg.HistoryErr = damaged
	}
	return nil
}

// offer gives a live run the plan that was left before it was submitted. One that cannot be read
// is told: somebody may wait for it.
func offer(cfg *steps.Config, s command.Settings) {
	var err error
	if cfg.Plan, err = journal.At(StateDir(s)).Kept(); err != nil {
		cfg.Notice = strings.TrimSpace(fmt.Sprintf("%s A plan that was left before it was submitted is not offered: %v. Nothing was submitted of it.", cfg.Notice, err))
	}
}

// keepPlan keeps what was answered in a run that has submitted nothing, were it confirmed or not, and
// forgets it once something was. It is a convenience: that it cannot be written stops nothing.
func keepPlan(cfg steps.Config, sum steps.Summary) {
	records, ok := cfg.Journal.(*journal.Journal)
	switch {
	case !ok || cfg.Resume != nil:
	case sum.Outcome == state.OutcomeDryRun:
	case sum.Outcome != state.OutcomeAborted && (sum.Submitted() || !errors.Is(sum.Err, submit.ErrNotSent)):
		_ = records.Drop()
	case sum.Plan.Cluster.Name != "":
		_ = records.Keep(journal.Plan{Time: cfg.Now(), Endpoint: cfg.Endpoint, Given: state.Answers(sum.Plan)})
	}
}

// recorded writes the evidence of what a run has submitted.
func (r runner) recorded(s command.Settings, cfg steps.Config, sum steps.Summary) []steps.Recorded {
	if !sum.Submitted() {
		return nil
	}
	about := cfg.About
	about.Operator.User, about.Operator.Host = journal.Whose()
	about.Tool = record.Tool{Version: r.Build().Version}
	if path, err := os.Executable(); err == nil {
		about.Tool.SHA256, _ = record.HashOf(path) // a record without it is better than none
	}
	if records, ok := cfg.Journal.(interface {
		Read() ([]journal.Entry, error)
	}); ok {
		entries, _ := records.Read() // what of it cannot be read was told
		about.Journal = journal.Submissions(entries)
	}
	training := cfg.Mode == steps.Training
	about.Among = s.Among(training)
	return sum.Record(cfg, about, command.Book(StateDir(s), training))
}

// rehearse makes a run a training whose Atlas is an embedded one that is served.
func (r runner) rehearse(ctx context.Context, cfg *steps.Config, s command.Settings) {
	if cfg.Served {
		return // it is one
	}
	trainer, ok := r.Embedded.Served(ctx, cmp.Or(s.BaseURL, cfg.Endpoint), s.CAFile)
	if !ok {
		return
	}
	cfg.Mode, cfg.Served, cfg.Now, cfg.Pace = steps.Training, true, trainer.Now, trainer.Pace()
	cfg.Now = neverBefore(cfg.Atlas, trainer.Now)
	go trainer.Follow(ctx)
}

// await waits for the command that was run at the end of the job. What becomes of it is
// no matter of the restore, and changes no exit code.
func (r runner) await(commands *onevent.Commands) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	long := time.AfterFunc(time.Second, func() {
		fmt.Fprintf(r.said, "Waiting for the command of %s, %v at most; ctrl+c stops it.\n", commands.Names(), onevent.Limit)
	})
	err := commands.Wait(ctx)
	long.Stop()
	if err != nil {
		fmt.Fprintf(r.said, "NOTE: %v\n", err)
	}
}

// awaited says what is done before the wizard can ask.
func awaited(g state.Given, usual string) string {
	if namespace, ok := g.Dropped(); ok {
		return "Looking for when " + namespace + " was dropped"
	}
	return usual
}

// neverBefore is a clock that is not behind what Atlas's answers have told.
func neverBefore(atlas steps.Atlas, clock func() time.Time) func() time.Time {
	if client, ok := atlas.(interface {
		NeverBefore(func() time.Time) func() time.Time
	}); ok {
		return client.NeverBefore(clock)
	}
	return clock
}

// atlas signs in for the completion of names and ids. Each tab key is a process of its own,
// and Atlas gives ten tokens a minute: they share one.
func (r runner) atlas(s command.Settings) (steps.Atlas, error) {
	found, err := r.Atlas.SignIn(s, KeepsToken)
	return found.Atlas, err
}
