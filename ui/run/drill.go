package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/state/record"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// drill rehearses a restore: it is the wizard, whose restores go onto clusters for drills alone, and are
// looked at once their job has ended. With a span it is only run where none was proven for so long.
func (r runner) drill(ctx context.Context, s command.Settings, after time.Duration) error {
	own, err := config.Read(ConfigFile())
	if err != nil {
		return fail("%w", err)
	}
	names := own.Patterns()
	if len(names.Drills) == 0 {
		return &steps.RunError{Err: state.ErrNoDrillTargets, Advice: state.SetDrillTargets + " It is read from " + ConfigFile() + "."}
	}
	if g := s.Given; g.TargetCluster != "" { // the review looks at it too, and at more
		name, p := g.TargetCluster, state.Plan{Drill: true, Project: state.Project{ID: g.Project}}
		if g.TargetProject != "" {
			p.Cluster.Name = g.Cluster
		}
		if err := names.BarsDrill(p, state.Target{Project: state.Project{ID: g.TargetProject, Name: g.TargetProject}, ClusterName: name}); err != nil {
			advice := "Choose another target: no entry of drill_targets lifts that."
			if errors.Is(err, state.ErrNotNamed) {
				advice = "Choose a cluster that drill_targets names: " + strings.Join(names.Drills, ", ") + "."
			}
			return &steps.RunError{Err: fmt.Errorf("a drill must not go onto %s: %w", name, err), Advice: "Nothing was submitted. " + advice}
		}
	}
	how, err := r.face(s)
	if err != nil {
		return err
	}
	if after > 0 {
		if due, err := r.drillIsDue(ctx, s, after); err != nil || !due {
			return err
		}
	}
	return r.showLive(ctx, how, s, "Looking for credentials and for what was left", func(context.Context) (steps.Config, error) {
		cfg, project, err := r.connect(how, s)
		if err != nil {
			return cfg, err
		}
		if err := r.remember(&cfg, s); err != nil {
			return steps.Config{}, err
		}
		cfg.Given, cfg.Wanted = s.Given, true
		if cfg.Given.Project == "" && cfg.Given.Cluster == "" {
			cfg.Given.Project = project
		}
		cfg.Drill, cfg.Dice = true, rand.Uint64() //nolint:gosec // nobody gains by guessing it
		return cfg, nil
	})
}

// leftDrill says how the checks of a drill are made whose run was killed before them; empty for none.
func leftDrill(s command.Settings, cfg steps.Config) string {
	var rows []record.Row
	for _, training := range []bool{false, true} {
		of, _ := command.Book(StateDir(s), training).Rows() // what is wrong with them is told where one is written
		rows = append(rows, of...)
	}
	left, is := steps.LeftDrill(cfg.History, rows, cfg.Endpoint, cfg.Now())
	if !is {
		return ""
	}
	return fmt.Sprintf("The drill of %s, restore job %s, was left before its checks were made. This makes them: %s", left.ClusterName, left.JobID, state.Command(s.Again(), "watch", left.JobID))
}

// drillIsDue says when a restore of the cluster was proven last, and whether that is longer ago.
func (r runner) drillIsDue(ctx context.Context, s command.Settings, after time.Duration) (bool, error) {
	found, err := r.Atlas.SignIn(s, TakesToken)
	if err != nil {
		return false, err //nolint:wrapcheck // it is told as it is
	}
	cfg := steps.Config{Atlas: found.Atlas, Endpoint: found.Endpoint, Now: found.Now, Flags: s.Again(), Mode: steps.Live}
	r.rehearse(ctx, &cfg, s)
	p, err := steps.ClusterOf(ctx, cfg, s.Given, "drill")
	if err != nil {
		return false, err //nolint:wrapcheck // it is told as it is
	}
	training, now := cfg.Mode == steps.Training, cfg.Now()
	proven, due, err := steps.NewProven(command.Book(StateDir(s), training), training, record.Objectives{}, s.Among(training)).DrillIsDue(cfg.Endpoint, p.Project.ID, p.Cluster.Name, after, now)
	switch {
	case err != nil:
		return false, &steps.RunError{Err: err, Advice: "Nothing was submitted. To see what is wrong: " + state.Command(s.Among(training), "records", "verify")}
	case due:
		fmt.Fprintln(r.said, proven.Words(now)+" A drill is due.")
		return true, nil
	}
	said := steps.NotDue{ProvenAs: proven, After: after, Now: now, Training: training}
	if s.JSON {
		r.printJSON(said.Result())
		return false, nil
	}
	_, err = fmt.Fprintln(r.text, said.Text())
	return false, err //nolint:wrapcheck // checked at the end
}
