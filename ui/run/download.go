package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/state/fetch"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// download fetches what a download job delivers. It submits nothing but another download of the same
// snapshot, with consent, where the links are over.
func (r runner) download(ctx context.Context, s command.Settings, how command.Fetching, id string) error {
	found, err := r.Atlas.SignIn(s, TakesToken)
	if err != nil {
		return err
	}
	c := found.Connection
	own, err := config.Read(ConfigFile())
	if err != nil {
		return fail("%w", err)
	}
	cfg := steps.Config{Atlas: c.Atlas, Endpoint: c.Endpoint, Who: c.Who, Flags: s.Again(), Names: own.Patterns(), About: s.Evidence.About(own, r.Now(), time.Local)}
	if err := r.remember(&cfg, s); err != nil {
		return err
	}
	cfg.Now = c.Now
	r.note(cfg.Notice)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // the second ctrl+c leaves at once
	r.rehearse(ctx, &cfg, s)
	plan, job, err := steps.DownloadOf(ctx, cfg, s.Given, id)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	say := func(text string) { fmt.Fprintln(r.said, text) }
	done := steps.Download{Plan: plan, Job: job, Training: cfg.Mode == steps.Training, Renewal: steps.Renewal{Consent: r.consent(how), Say: say}}
	by, err := r.Atlas.Fetcher(s, cfg)
	if err != nil {
		return err
	}
	goesOn := func(id string, how command.Fetching) string {
		return state.Command(cfg.Flags, append([]string{"download", id}, named(plan, how)...)...)
	}
	done.Renewal.Fetches = func(id string) string { return goesOn(id, how) }
	beside := how
	beside.Dir = ""
	done.Again, done.Beside, done.Now = goesOn(job.ID, how), goesOn(job.ID, beside), cfg.Now()
	if done.Refused(by, how.Dir) {
		return r.downloaded(s, cfg, done)
	}
	members, err := steps.Members(ctx, cfg, plan.Cluster, job)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	done.Job, err = steps.AwaitDownload(ctx, cfg, plan.Cluster, job, members, say)
	done.Now = cfg.Now()
	if err == nil && done.Job.State(cfg.Now()) == state.Expired && done.Renew(ctx, cfg, members) != nil {
		return r.downloaded(s, cfg, done)
	}
	switch {
	case ctx.Err() != nil:
		done.Outcome, done.Err = state.OutcomeRunning, errors.New("left before the links were there; the job goes on in Atlas")
	case err != nil:
		return err //nolint:wrapcheck // it is told as it is
	case done.Job.State(cfg.Now()) != state.Ready:
		done.Again = ""
		done.Ended()
	default:
		order, err := steps.FetchOrder(plan.Cluster, done.Job, how.Dir)
		if err != nil {
			return fail("%w", err)
		}
		into := how
		into.Dir = order.Dir
		done.Again, done.Beside = goesOn(done.Job.ID, into), goesOn(done.Job.ID, beside)
		done.Renewal.Fetches = func(id string) string { return goesOn(id, into) }
		fmt.Fprintf(r.said, "Fetching %s of %s into %s\n", state.Count(len(order.Files), "file"), plan.Cluster.Name, order.Dir)
		done.Fetch(ctx, cfg, by, order, fetch.How{
			AtOnce: int(how.AtOnce), Limit: fetch.NewLimit(how.Rate), Tight: how.Tight, Extract: how.Extract, Tell: steps.NewFetchTeller(r.said, len(order.Files)).Tell, //nolint:gosec // at most 16
		}, members, r.note)
	}
	return r.downloaded(s, cfg, done)
}

// consent is who says whether another download may be asked for: --renew once, else whoever sits at the
// terminal; nil where nobody does.
func (r runner) consent(how command.Fetching) func(context.Context, string) bool {
	switch {
	case how.Renew:
		return steps.Once()
	case !isTerminal(r.std.In) || !isTerminal(r.std.Errs):
		return nil
	}
	lines := bufio.NewReader(r.std.In)
	return func(ctx context.Context, question string) bool {
		fmt.Fprint(r.errs, question+" [y/N] ")
		answer := make(chan string, 1)
		go func() {
			line, err := lines.ReadString('\n')
			if err != nil { // the end of the input is no answer
				line = ""
			}
			answer <- strings.ToLower(strings.TrimSpace(line))
		}()
		select {
		case word := <-answer:
			return word == "y" || word == "yes"
		case <-ctx.Done():
			fmt.Fprintln(r.errs)
			return false
		}
	}
}

// named are the words of a command that fetches a download as this one does: its source, its directory, and how.
func named(plan state.Plan, how command.Fetching) []string {
	words := []string{"--" + state.FlagProject, plan.Project.ID, "--" + state.FlagCluster, plan.Cluster.Name}
	if how.Dir != "" {
		dir, err := steps.Absolute(how.Dir)
		if err != nil {
			dir = how.Dir
		}
		words = append(words, "--out", dir)
	}
	if how.Rate > 0 {
		words = append(words, "--limit-rate", strconv.FormatInt(how.Rate, 10))
	}
	if how.AtOnce != command.AtOnce {
		words = append(words, "--at-once", strconv.FormatUint(how.AtOnce, 10))
	}
	if how.Extract {
		words = append(words, "--extract")
	}
	if how.Tight {
		words = append(words, "--"+steps.FlagTight)
	}
	return words
}

// downloaded tells the result.
func (r runner) downloaded(s command.Settings, cfg steps.Config, d steps.Download) error {
	d.Recorded = r.recorded(s, cfg, d.Summary())
	*r.exit = d.Outcome.ExitCode()
	if s.JSON {
		r.printJSON(d.Result())
		_, _ = io.WriteString(r.errs, d.TextIn(width(r.std.Errs)))
		return nil
	}
	_, _ = io.WriteString(r.out, d.TextIn(width(r.std.Out))) // checked at the end
	return nil
}
