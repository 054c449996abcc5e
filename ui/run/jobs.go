package run

import (
	"context"
	"io"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// jobs lists restore jobs: of a cluster, of that which the data of a job come from, or of this
// machine.
func (r runner) jobs(ctx context.Context, s command.Settings, id string, mine bool) error {
	cfg := steps.Config{Now: r.Now, Flags: s.Again()}
	if err := r.remember(&cfg, s); err != nil {
		return err
	}
	r.note(cfg.Notice)
	var plan state.Plan
	var found []state.Job
	own, err := config.Read(ConfigFile())
	if err != nil {
		return fail("%w", err)
	}
	goal := s.Evidence.About(own, r.Now(), time.Local).Objectives
	if !mine {
		signed, err := r.Atlas.SignIn(s, TakesToken)
		if err != nil {
			return err
		}
		c := signed.Connection
		cfg.Atlas, cfg.Endpoint, cfg.Now = c.Atlas, c.Endpoint, c.Now
		r.rehearse(ctx, &cfg, s)
		does, asked := []string{"jobs"}, ""
		if id != "" {
			ours := false
			if s.Given, ours, err = steps.SourceOf(cfg.History, cfg.Endpoint, id, s.Given); err != nil {
				return fail("%w", err)
			}
			if does = append(does, id); !ours {
				asked = id
			}
		}
		if plan, err = steps.ClusterOf(ctx, cfg, s.Given, does...); err != nil {
			return err //nolint:wrapcheck // it is told as it is
		}
		var untold error
		if found, untold, err = steps.JobsBeside(ctx, cfg.Atlas, plan.Cluster, asked); err != nil {
			return err //nolint:wrapcheck // it is told as it is
		}
		if untold != nil {
			r.note(state.Explain("Listing the collection restore jobs of "+plan.Cluster.Name, untold).Text())
		}
	}
	training := cfg.Mode == steps.Training
	known := steps.NewProven(command.Book(StateDir(s), training), training, goal, s.Among(training))
	lines := steps.JobLines(plan, found, cfg.History, cfg.Now())
	var proven []steps.ProvenAs
	if mine {
		lines = steps.MyLines(steps.Mine(cfg.History, s.Given), cfg.Now())
		proven = steps.ProvenOfMine(known, lines)
	} else if a, ok := known.Of(cfg.Endpoint, plan.Project.ID, plan.Cluster.Name); ok {
		proven = append(proven, a)
	}
	if none := steps.NoneOfMine(cfg, s.Given); mine && len(lines) == 0 {
		if !s.JSON {
			_, _ = io.WriteString(r.text, none+"\n") // checked at the end
			return nil
		}
		r.note(none)
	}
	if !s.JSON {
		_, _ = io.WriteString(r.out, steps.JobsText(lines, proven, cfg.Now(), width(r.std.Out))) // checked at the end
		return nil
	}
	raw, err := steps.JobsJSON(lines, proven)
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}
