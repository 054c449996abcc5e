// Command atlas-restore restores a MongoDB Atlas cluster from its Cloud Backups,
// step by step, in a terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui"
	"atlas-restore/ui/steps"
)

// version is set by the linker for a release.
var version = "dev"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the whole program but for the process's end: it returns the exit code.
func run(args []string, out, errs io.Writer) int {
	// A hang-up (ssh drops) and SIGTERM end the wizard in order, so that the terminal
	// is left as it was found and the summary can be written.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	code := 0
	cmd := command(func(s steps.Summary) {
		_, _ = io.WriteString(out, s.Text())
		code = s.Outcome.ExitCode()
	})
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(errs)
	err := cmd.ExecuteContext(ctx)
	var failed *failure
	switch {
	case err == nil:
		return code
	case errors.As(err, &failed):
		fmt.Fprintln(errs, "Error: "+failed.Error())
		return state.OutcomeError.ExitCode()
	}
	fmt.Fprintf(errs, "Error: %v\nRun atlas-restore --help for the commands and flags.\n", err)
	return state.ExitUsage
}

// failure is an error of the run, not of the command line.
type failure struct{ error }

// Unwrap gives the cause.
func (f *failure) Unwrap() error { return f.error }

func fail(format string, a ...any) error { return &failure{fmt.Errorf(format, a...)} }

// command is the command line: the wizard itself, and training.
func command(done func(steps.Summary)) *cobra.Command {
	var baseURL, stateDir string
	root := &cobra.Command{
		Use:   "atlas-restore",
		Short: "Restore a MongoDB Atlas cluster from its Cloud Backups",
		Long: "A wizard that restores a MongoDB Atlas cluster from its Cloud Backups: choose project, cluster,\n" +
			"snapshot or moment, and delivery type; see what will happen; confirm; follow the job.\n\n" +
			"Exit codes: 0 the end was seen (completed, ready), 1 an error and nothing submitted, 2 usage,\n" +
			"3 the job failed, 4 cancelled, 5 the links expired, 6 outcome unknown, 7 left while the job runs,\n" +
			"130 left with nothing submitted.",
		Example: "  atlas-restore train     # practise on the embedded Atlas: nothing is real\n" +
			"  atlas-restore           # for real, with the credentials of the environment",
		Args:          cobra.NoArgs,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return live(cmd.Context(), baseURL, stateDir, done)
		},
	}
	root.Flags().StringVar(&baseURL, "base-url", "", "address of Atlas, if not https://cloud.mongodb.com (or MONGODB_ATLAS_OPS_MANAGER_URL)")
	root.Flags().StringVar(&stateDir, "state-dir", filepath.Join(xdg.StateHome, "atlas-restore"), "directory of the journal")

	var seed uint64
	var speed float64
	train := &cobra.Command{
		Use:   "train",
		Short: "Practise on an embedded Atlas: no network, no login, nothing real",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if speed <= 0 {
				return fmt.Errorf("--speed %g: the simulated time must go forward, like --speed 20", speed)
			}
			return training(cmd.Context(), seed, speed, done)
		},
	}
	train.Flags().Uint64Var(&seed, "seed", 1, "number of the world: the same number gives the same one")
	train.Flags().Float64Var(&speed, "speed", 20, "simulated seconds per real second")
	root.AddCommand(train)
	return root
}

const noCredentials = `no credentials found

To use Atlas, set one of these pairs in the environment:
  a service account (recommended)
    MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET
  an API key
    MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY
Both are made in Atlas under Access Manager, Applications. A restore needs the
role Project Backup Manager (or Owner) on the project of the source and on that
of the target.

To practise without any: atlas-restore train`

// live runs the wizard against Atlas with the credentials of the environment.
func live(ctx context.Context, baseURL, stateDir string, done func(steps.Summary)) error {
	cred, err := credentials.FromEnvironment(os.Getenv)
	if errors.Is(err, credentials.ErrNone) {
		return fail(noCredentials)
	}
	if err != nil {
		return fail("%w", err)
	}
	if baseURL == "" {
		baseURL = os.Getenv("MONGODB_ATLAS_OPS_MANAGER_URL")
	}
	client, err := atlasclient.New(atlasclient.Options{BaseURL: baseURL, Credential: cred, Version: version})
	if err != nil {
		return fail("preparing the connection to Atlas: %w", err)
	}
	records := journal.At(stateDir)
	doubts, err := records.Doubts()
	if err != nil {
		return fail("looking for unfinished restores: %w", err)
	}
	cfg := steps.Config{
		Atlas: client, Journal: records, Mode: steps.Live, Who: cred.Label(), Source: cred.Source,
		Host: unusual(client.BaseURL()), Endpoint: client.BaseURL(), Now: client.Now, Zone: time.Local, Pace: 1,
		Notice: notice(doubts),
	}
	return wizard(ctx, cfg, done)
}

// training runs the same wizard against an Atlas that lives and dies with it. It reads
// no credential and no environment, and its client can reach nothing else.
func training(ctx context.Context, seed uint64, speed float64, done func(steps.Summary)) error {
	sim, err := simulator.Start(simulator.Options{Seed: seed, Speed: speed})
	if err != nil {
		return fail("starting the embedded Atlas: %w", err)
	}
	defer func() { _ = sim.Close() }() // it ends with the process in any case
	keys := sim.Keys()
	client, err := atlasclient.New(atlasclient.Options{
		BaseURL: sim.BaseURL(), OnlyAddress: sim.Address(), Version: version, Now: sim.Now,
		Credential: credentials.Credential{
			Kind: credentials.ServiceAccount, Public: keys.ClientID, Private: state.NewSecret(keys.ClientSecret), Source: "embedded Atlas",
		},
	})
	if err != nil {
		return fail("preparing the connection to the embedded Atlas: %w", err)
	}
	cfg := steps.Config{
		Atlas: client, Journal: journal.InMemory{}, Mode: steps.Training, Who: "trainee", Source: fmt.Sprintf("embedded Atlas, time ×%g", speed),
		Endpoint: sim.BaseURL(), Now: sim.Now, Zone: time.Local, Pace: speed,
		Notice: "Nothing here is real: restore what you like. Time runs faster, so that you need not wait.",
	}
	return wizard(ctx, cfg, done)
}

// wizard runs the full screen, if there is a terminal for it.
func wizard(ctx context.Context, cfg steps.Config, done func(steps.Summary)) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return fail("the wizard needs a terminal, for input and output: run it in one, without pipes; nothing was submitted")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // whatever is still asked of Atlas ends with the screen
	// Long lists are read once and then held: collecting a little more often keeps the
	// peak with 10,000 snapshots near 31 MiB instead of 38. Not before the first frame,
	// which a collection would delay by some milliseconds.
	time.AfterFunc(100*time.Millisecond, func() { debug.SetGCPercent(50) })
	summary, err := ui.Run(ctx, cfg, tea.WithContext(ctx))
	done(summary)
	// Left by a signal or from outside: the summary says all there is to say.
	if err == nil || errors.Is(err, tea.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return nil
	}
	return fail("showing the wizard: %w", err)
}

// unusual is the host of base if it is not Atlas's own.
func unusual(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "cloud.mongodb.com" {
		return ""
	}
	return u.Host
}

// notice warns of submissions of earlier runs whose outcome was never seen.
func notice(doubts []journal.Entry) string {
	if len(doubts) == 0 {
		return ""
	}
	d := doubts[len(doubts)-1]
	what := "a " + string(d.Body.DeliveryType)
	if d.Body.TargetClusterName != "" {
		what = "a restore onto " + d.Body.TargetClusterName
	}
	return fmt.Sprintf("On %s %s from %s was sent and its outcome never seen: look at its restore jobs in Atlas first.", state.UTC(d.Time, time.Now()), what, d.ClusterName)
}
