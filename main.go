// Command atlas-restore restores a MongoDB Atlas cluster from its Cloud Backups,
// step by step, in a terminal.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"
	"golang.org/x/term"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/atlasclient/simulator/scenario"
	"atlas-restore/state"
	"atlas-restore/state/approval"
	"atlas-restore/state/config"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/onevent"
	"atlas-restore/state/planfile"
	"atlas-restore/state/progress"
	"atlas-restore/state/record"
	"atlas-restore/state/text"
	"atlas-restore/ui"
	"atlas-restore/ui/command"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// version is set by the linker for a release.
var version = "dev"

// hurry is how many seconds pass on this program's clock in a real one. The tests of the built
// program have the linker set it, so that they need not wait for its next look at a job. No
// flag, no file and nothing in the environment does: what is released keeps time.
var hurry = "1"

// begun is when the program was started: from then on its clock runs.
var begun = time.Now()

// pace reads hurry.
func pace() float64 {
	p, err := strconv.ParseFloat(hurry, 64)
	if err != nil || p < 1 {
		return 1
	}
	return p
}

// now is the time on this program's clock.
func now() time.Time {
	p := pace()
	if p == 1 {
		return time.Now()
	}
	return begun.Add(time.Duration(float64(time.Since(begun)) * p))
}

func main() {
	log.SetOutput(io.Discard) // what libraries log would tear the screen
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the process's own. Results go to out, all else to errs.
type streams struct{ in, out, errs *os.File }

// run is the whole program but for the process's end: it returns the exit code.
func run(args []string, std streams) int {
	// A hang-up (ssh drops), SIGTERM and SIGQUIT (ctrl+\) end the wizard in order, so that the
	// terminal is left as it was found and the summary can be written.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	code := 0
	out := &checked{to: std.out}
	// The one cleaner stands before both; only the full screen writes past it.
	r := runner{std: std, out: steps.PrintableTo(out), errs: steps.PrintableTo(std.errs), exit: &code}
	cmd := command.New(command.Program{
		Version: version, Live: r.live, Train: r.train, Lessons: r.lessons, Example: r.example, Watch: r.watch, Jobs: r.jobs, Download: r.download, When: r.when, Verify: r.verify, StateDir: stateDir, Replay: replay, PlanShow: r.planShow, PlanApprove: r.planApprove, Sim: r.sim, Served: served, Scenarios: control.Scenarios, Atlas: r.atlas,
		Profiles: credentials.Places{}.Profiles,
	}, args)
	cmd.SetArgs(args)
	cmd.SetOut(r.out)
	cmd.SetErr(r.errs)
	asked, err := cmd.ExecuteContextC(ctx)
	if out.err != nil {
		fmt.Fprintf(r.errs, "Error: writing the result to standard output: %v\n", out.err)
		if code == 0 { // else it says more than this
			code = state.OutcomeError.ExitCode()
		}
	}
	if err == nil || out.err != nil {
		return code
	}
	code = state.ExitUsage
	var failed *steps.RunError
	if errors.As(err, &failed) {
		code = state.OutcomeError.ExitCode()
		fmt.Fprintln(r.errs, strings.TrimRight("Error: "+err.Error()+"\n\n"+failed.Advice, "\n"))
	} else {
		fmt.Fprintf(r.errs, "Error: %v\nRun %s --help for the commands and flags.\n", err, asked.CommandPath())
	}
	if command.WantsJSON(args) {
		result := steps.Failure(err)
		if failed != nil {
			result.Advice = failed.Advice
		}
		r.printJSON(steps.Result{Outcome: state.OutcomeError, Training: asked.Name() == "train", Error: result})
	}
	return code
}

// checked is standard output, which may be full: whoever reads the result must not take
// half of it, or none, for the whole.
type checked struct {
	to  io.Writer
	err error // the first one
}

// Write implements io.Writer.
func (c *checked) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err //nolint:wrapcheck // a writer's own
}

func fail(format string, a ...any) error { return &steps.RunError{Err: fmt.Errorf(format, a...)} }

// runner joins the parts for one run.
type runner struct {
	std  streams   // to ask what they are, to read, and for the full screen
	out  io.Writer // standard output
	errs io.Writer // standard error
	exit *int
}

// noCredentials says where a credential comes from, and what needs none.
func noCredentials() string {
	return `To use Atlas, set one of these pairs in the environment:
  a service account (recommended)
    MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET
  an API key
    MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY
or sign in with the Atlas CLI, whose profiles are read: atlas auth login
Both are made in Atlas under Access Manager, Applications. A restore needs the
role Project Backup Manager (or Owner) on the project of the source and on that
of the target.

To practise without any: ` + state.Command("", "train")
}

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
		if err := remember(&cfg, s); err != nil {
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

// remember gives a live run its journal, and what that knows. What of it cannot be read is
// told, and stops nothing yet: whether something is submitted all the same is for the review
// to say.
func remember(cfg *steps.Config, s command.Settings) error {
	records := journal.At(stateDir(s))
	entries, err := records.Read()
	var damaged *journal.Damaged
	if err != nil && !errors.As(err, &damaged) {
		return fail("looking for unfinished restores: %w", err)
	}
	if damaged != nil {
		cfg.Notice = strings.TrimSpace(damaged.Error() + ". " + state.MendJournal + " " + cfg.Notice)
	}
	cfg.Journal, cfg.Mode, cfg.Pace = records, steps.Live, pace()
	cfg.History = journal.Submissions(entries)
	return nil
}

// offer gives a live run the plan that was left before it was submitted. One that cannot be read
// is told: somebody may wait for it.
func offer(cfg *steps.Config, s command.Settings) {
	var err error
	if cfg.Plan, err = journal.At(stateDir(s)).Kept(); err != nil {
		cfg.Notice = strings.TrimSpace(fmt.Sprintf("%s A plan that was left before it was submitted is not offered: %v. Nothing was submitted of it.", cfg.Notice, err))
	}
}

// keepPlan keeps what was answered in a run that has submitted nothing, and forgets it
// once something was. It is a convenience: that it cannot be written stops nothing.
func keepPlan(cfg steps.Config, sum steps.Summary) {
	records, ok := cfg.Journal.(*journal.Journal)
	switch {
	case !ok || cfg.Resume != nil:
	case sum.Outcome == state.OutcomeDryRun:
	case sum.Outcome != state.OutcomeAborted:
		_ = records.Drop()
	case sum.Plan.Cluster.Name != "":
		_ = records.Keep(journal.Plan{Time: cfg.Now(), Endpoint: cfg.Endpoint, Given: state.Answers(sum.Plan)})
	}
}

// recorded writes the evidence of what a run has submitted.
func recorded(s command.Settings, cfg steps.Config, sum steps.Summary) []steps.Recorded {
	if !sum.Submitted() {
		return nil
	}
	about := cfg.About
	about.Operator.User, about.Operator.Host = journal.Whose()
	about.Tool = record.Tool{Version: version}
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
	return sum.Record(cfg, about, command.Book(stateDir(s), training))
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
			return steps.Config{}, &steps.RunError{Err: credentials.ErrNone, Advice: noCredentials()}
		}
		if err := remember(&cfg, s); err != nil {
			return steps.Config{}, err
		}
		cfg.Flags = s.Again()
		cfg.Resume, err = steps.Watched(ctx, cfg, s.Given, id)
		return cfg, err //nolint:wrapcheck // it is told as it is
	})
}

// download fetches what a download job delivers. It submits nothing but another download of the same
// snapshot, with consent, where the links are over.
func (r runner) download(ctx context.Context, s command.Settings, how command.Fetching, id string) error {
	client, where, err := signIn(s, takesToken)
	if err != nil {
		return err
	}
	c := connection(client, where)
	own, err := config.Read(configFile())
	if err != nil {
		return fail("%w", err)
	}
	cfg := steps.Config{Atlas: c.Atlas, Endpoint: c.Endpoint, Who: c.Who, Flags: s.Again(), Names: own.Patterns(), About: s.Evidence.About(own, now(), time.Local)}
	if err := remember(&cfg, s); err != nil {
		return err
	}
	cfg.Now = c.Now
	r.note(cfg.Notice)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // the second ctrl+c leaves at once
	rehearse(ctx, &cfg, s)
	plan, job, err := steps.DownloadOf(ctx, cfg, s.Given, id)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	say := func(text string) { fmt.Fprintln(r.errs, text) }
	done := steps.Download{Plan: plan, Job: job, Training: cfg.Mode == steps.Training, Renewal: steps.Renewal{Consent: r.consent(how), Say: say}}
	members, err := steps.Members(ctx, cfg, plan.Cluster, job)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	done.Job, err = steps.AwaitDownload(ctx, cfg, plan.Cluster, job, members, say)
	done.Now = cfg.Now()
	done.Again = state.Command(cfg.Flags, append([]string{"download", job.ID}, named(plan, how)...)...)
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
		by, err := fetcher(s, cfg)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.errs, "Fetching %s of %s into %s\n", state.Count(len(order.Files), "file"), plan.Cluster.Name, order.Dir)
		done.Fetch(ctx, cfg, by, order, fetch.How{
			AtOnce: int(how.AtOnce), Rate: how.Rate, Tight: how.Tight, Extract: how.Extract, Tell: steps.NewFetchTeller(r.errs, len(order.Files)).Tell, //nolint:gosec // at most 16
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
	case !isTerminal(r.std.in) || !isTerminal(r.std.errs):
		return nil
	}
	lines := bufio.NewReader(r.std.in)
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

// named are the words that name a download's source and its directory in a command.
func named(plan state.Plan, how command.Fetching) []string {
	words := []string{"--" + state.FlagProject, plan.Project.ID, "--" + state.FlagCluster, plan.Cluster.Name}
	if how.Dir != "" {
		words = append(words, "--out", how.Dir)
	}
	if how.Extract {
		words = append(words, "--extract")
	}
	return words
}

// downloaded tells the result.
func (r runner) downloaded(s command.Settings, cfg steps.Config, d steps.Download) error {
	d.Recorded = recorded(s, cfg, d.Summary())
	*r.exit = d.Outcome.ExitCode()
	if s.JSON {
		r.printJSON(d.Result())
		_, _ = io.WriteString(r.errs, d.Text())
		return nil
	}
	_, _ = io.WriteString(r.out, d.Text()) // checked at the end
	return nil
}

// fetcher fetches what downloads deliver. In training nothing but its own Atlas can be reached.
func fetcher(s command.Settings, cfg steps.Config) (fetch.Fetcher, error) {
	opt := delivery.Options{Prover: delivery.BlockChecksums{}, Now: cfg.Now, Agent: "atlas-restore/" + version}
	if s.CAFile != "" {
		var err error
		if opt.Roots, err = atlasclient.Certificates(s.CAFile); err != nil {
			return nil, fail("%w", err)
		}
	}
	if cfg.Mode == steps.Training { // its files are small
		u, err := url.Parse(cfg.Endpoint)
		if err != nil {
			return nil, fail("reading the address of the embedded Atlas: %w", err)
		}
		opt.Tight, opt.Only = true, u.Host
	}
	return delivery.Fetcher{Options: opt}, nil
}

// showLive is show for the real Atlas, with what the configuration says, and the command
// that it wants run at the end of a job.
func (r runner) showLive(ctx context.Context, how face, s command.Settings, what string, open opens) error {
	var commands onevent.Commands // the wizard may be left while it opens
	before := steps.Config{Mode: steps.Live, Now: now, Pace: pace(), Given: s.Given}
	err := r.show(ctx, how, s, before, what, func(ctx context.Context) (steps.Config, error) {
		cfg, err := open(ctx)
		if err != nil {
			return cfg, err
		}
		file := configFile()
		own, err := config.Read(file)
		if err != nil {
			return steps.Config{}, fail("%w", err)
		}
		cfg.Flags, cfg.Names, cfg.Quiet = s.Again(), own.Patterns(), own.QuietTerminal
		cfg.About = s.Evidence.About(own, now(), time.Local)
		if cfg.Names.Environments == nil {
			cfg.NamesFile = file
		}
		cfg.Maker, cfg.Approved = maker, approved(own)
		if client, ok := cfg.Atlas.(*atlasclient.Client); ok && how != noFace {
			client.Login(ctx, steps.ReadsAhead(s.Given)) // beside what else is done first
		}
		rehearse(ctx, &cfg, s)
		if cfg.Fetcher, err = fetcher(s, cfg); err != nil {
			return cfg, err
		}
		if cfg.Given, err = steps.BeforeDrop(ctx, cfg, cfg.Given, r.aside(how, cfg)); err != nil {
			return cfg, err //nolint:wrapcheck // it names the flag
		}
		cfg.OnEvent = commands.Of(own.OnEvent, own.OnDone, os.Environ())
		return cfg, nil
	})
	r.await(&commands)
	return err
}

// rehearse makes a run a training whose Atlas is an embedded one that is served.
func rehearse(ctx context.Context, cfg *steps.Config, s command.Settings) {
	trainer := rehearsal(ctx, cmp.Or(s.BaseURL, cfg.Endpoint), s.CAFile)
	if trainer == nil {
		return
	}
	cfg.Mode, cfg.Served, cfg.Now, cfg.Pace = steps.Training, true, trainer.Now, trainer.Pace()
	if client, ok := cfg.Atlas.(*atlasclient.Client); ok {
		cfg.Now = client.NeverBefore(trainer.Now)
	}
	go trainer.Follow(ctx)
}

// rehearsal is the embedded Atlas that is served at an address; nil if that is none. Only a
// loopback address is asked: the real Atlas could be behind one too, so that the address
// alone says nothing.
func rehearsal(ctx context.Context, base, caFile string) *coach.Coach {
	address, secure, err := coach.At(base)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	trainer := coach.New(address)
	if secure {
		roots, err := atlasclient.Certificates(caFile)
		if err != nil {
			return nil // the client has said so
		}
		trainer = coach.NewSecure(address, roots)
	}
	if _, err := trainer.Hello(ctx); err != nil {
		return nil
	}
	return trainer
}

// await waits for the command that was run at the end of the job. What becomes of it is
// no matter of the restore, and changes no exit code.
func (r runner) await(commands *onevent.Commands) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	long := time.AfterFunc(time.Second, func() {
		fmt.Fprintf(r.errs, "Waiting for the command of %s, %v at most; ctrl+c stops it.\n", commands.Names(), onevent.Limit)
	})
	err := commands.Wait(ctx)
	long.Stop()
	if err != nil {
		fmt.Fprintf(r.errs, "NOTE: %v\n", err)
	}
}

// jobs lists restore jobs: of a cluster, of that which the data of a job come from, or of this
// machine.
func (r runner) jobs(ctx context.Context, s command.Settings, id string, mine bool) error {
	cfg := steps.Config{Now: now, Flags: s.Again()}
	if err := remember(&cfg, s); err != nil {
		return err
	}
	r.note(cfg.Notice)
	var plan state.Plan
	var found []state.Job
	if !mine {
		client, where, err := signIn(s, takesToken)
		if err != nil {
			return err
		}
		c := connection(client, where)
		cfg.Atlas, cfg.Endpoint, cfg.Now = c.Atlas, c.Endpoint, c.Now
		if id != "" {
			if s.Given, err = steps.SourceOf(cfg.History, cfg.Endpoint, id); err != nil {
				return fail("%w", err)
			}
		}
		if plan, err = steps.ClusterOf(ctx, cfg, s.Given, "jobs"); err != nil {
			return err //nolint:wrapcheck // it is told as it is
		}
		var untold error
		if found, untold, err = steps.AllJobs(ctx, cfg.Atlas, plan.Cluster); err != nil {
			return steps.Explained("Listing the restore jobs of "+plan.Cluster.Name, err)
		}
		if untold != nil {
			r.note(state.Explain("Listing the collection restore jobs of "+plan.Cluster.Name, untold).Text())
		}
	}
	lines := steps.JobLines(plan, found, cfg.History, cfg.Now())
	if mine {
		lines = steps.MyLines(cfg.History, cfg.Now())
	}
	if !s.JSON {
		_, _ = io.WriteString(r.out, steps.JobsText(lines, cfg.Now())) // checked at the end
		return nil
	}
	raw, err := steps.JobsJSON(lines)
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// when finds out when something was lost. It submits nothing, and keeps nothing.
func (r runner) when(ctx context.Context, s command.Settings, lost steps.WhenAsk) error {
	client, where, err := signIn(s, takesToken)
	if err != nil {
		return err
	}
	c := connection(client, where)
	cfg := steps.Config{Atlas: c.Atlas, Mode: steps.Live, Endpoint: c.Endpoint, Now: c.Now, Zone: time.Local, Flags: s.Again()}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	rehearse(ctx, &cfg, s)
	found, err := steps.WhenLost(ctx, cfg, s.Given, lost, r.looking(cfg))
	if err != nil {
		return err
	}
	*r.exit = found.ExitCode()
	if !s.JSON {
		_, _ = io.WriteString(r.out, found.Text()) // checked at the end
		return nil
	}
	raw, err := found.JSON()
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// verify proves what was downloaded. It asks nobody, and keeps nothing.
func (r runner) verify(ctx context.Context, s command.Settings, paths []string, extract bool) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var unpack func(string) (steps.Unpacking, error)
	if extract {
		unpack = func(path string) (steps.Unpacking, error) { return delivery.UnpackBeside(path) } //nolint:wrapcheck // it is told as it is
	}
	proofs, err := steps.VerifyAndUnpack(ctx, paths, r.proving(), unpack)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	*r.exit = proofs.ExitCode()
	if !s.JSON {
		_, _ = io.WriteString(r.out, proofs.Text()) // checked at the end
		return nil
	}
	raw, err := proofs.JSON()
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(raw) // checked at the end
	return nil
}

// replay reads the plan file that a run is made from.
func replay(file string) (*steps.Replay, error) {
	of, err := steps.NewReplay(file)
	if err != nil {
		return nil, &steps.RunError{Err: err, Advice: "Nothing was submitted. Have a new plan made, with --save-plan."}
	}
	return of, nil
}

// planShow says what a plan file does. It asks nobody, and keeps nothing.
func (r runner) planShow(s command.Settings, file string) error {
	p, raw, err := planfile.Read(file)
	if err != nil {
		return fail("%w", err)
	}
	shown, err := r.shown(file, p, raw)
	if err != nil {
		return err
	}
	out, err := shown.JSON()
	if !s.JSON {
		var text string
		text, err = shown.Text()
		out = []byte(text)
	}
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(out) // checked at the end
	return nil
}

// shown is a plan as it is read here, with what the signature beside it says here.
func (r runner) shown(file string, p planfile.Plan, raw []byte) (steps.ShownPlan, error) {
	own, err := config.Read(configFile())
	if err != nil {
		return steps.ShownPlan{}, fail("%w", err)
	}
	var signers approval.Signers
	if own.AllowedSigners != "" {
		if signers, err = approval.ReadSigners(signersFile(own)); err != nil {
			return steps.ShownPlan{}, fail("%w", err)
		}
	}
	a, err := approval.Read(file, raw, p, signers, now())
	signed := steps.PlanSignature{Key: a.Key, By: a.By, At: a.At}
	switch {
	case errors.Is(err, approval.ErrNone):
	case own.AllowedSigners == "" && errors.Is(err, approval.ErrUnknown):
		signed.Refused = "allowed_signers in config.toml names no file, so nobody here can say whose key that is"
	case err != nil:
		signed.Refused = err.Error()
	}
	if !errors.Is(err, approval.ErrNone) {
		signed.File = approval.SignatureOf(file)
	}
	return steps.ShownPlan{File: file, Plan: p, Signed: signed, Now: now(), Names: own.Patterns(), Zone: time.Local, ASCII: !ui.UTF8(os.Getenv)}, nil
}

// configFile is where a person's own configuration stands.
func configFile() string { return filepath.Join(xdg.ConfigHome, "atlas-restore", "config.toml") }

// maker is who makes a plan on this machine, with the keys by which they cannot approve it.
func maker() planfile.Maker {
	m := planfile.Maker{Keys: approval.Own(context.Background(), os.Getenv("SSH_AUTH_SOCK"), filepath.Join(xdg.Home, ".ssh"))}
	m.User, m.Host = journal.Whose()
	return m
}

// approved looks whether a second person has approved a plan, each time anew.
func approved(own config.Config) func(*steps.Replay, time.Time) state.Approval {
	return func(of *steps.Replay, now time.Time) state.Approval {
		if own.AllowedSigners == "" {
			return state.Approval{} // nobody here can say whose a signature is, and nobody has to
		}
		signers, err := approval.ReadSigners(signersFile(own))
		if err != nil {
			return state.Approval{Refused: err.Error()}
		}
		a, err := approval.Read(of.File, of.Raw, of.Plan, signers, now)
		switch {
		case errors.Is(err, approval.ErrNone):
			return state.Approval{}
		case err != nil:
			return state.Approval{Refused: err.Error()}
		}
		return state.Approval{By: a.By, Key: a.Key, At: a.At}
	}
}

// signersFile is where the keys stand that may approve; empty for none.
func signersFile(own config.Config) string { return own.Signers(filepath.Dir(configFile()), xdg.Home) }

// planApprove has a person approve a plan. It asks Atlas nothing.
func (r runner) planApprove(ctx context.Context, s command.Settings, file, keyFile string) error {
	p, raw, err := planfile.Read(file)
	if err != nil {
		return fail("%w", err)
	}
	if err := p.Good(now()); err != nil && !p.Training { // whose clock is another one
		return &steps.RunError{Err: err, Advice: "Nothing was approved. Have a new plan made, with --save-plan."}
	}
	own, err := config.Read(configFile())
	if err != nil {
		return fail("%w", err)
	}
	done := steps.Approved{File: file, Plan: p, Signers: signersFile(own)}
	var signers approval.Signers
	if done.Signers != "" {
		if signers, err = approval.ReadSigners(done.Signers); err != nil {
			return fail("%w", err)
		}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	d := lines.IO{In: r.std.in, Out: r.errs, Terminal: isTerminal(r.std.in)}
	if d.Terminal {
		d.NoEcho = func() (func(), error) { return lines.NoEcho(r.std.in) }
		d.Forget = func() { lines.Forget(r.std.in) }
	}
	by := lines.NewApprover(ctx, !ui.UTF8(os.Getenv), d)
	key, err := approvingKey(ctx, keyFile, signers, by)
	if err != nil {
		return r.unapproved(err)
	}
	done.Key = key.Fingerprint()
	switch done.By, err = signers.Known(key, p, now()); {
	case errors.Is(err, approval.ErrSame):
		return r.unapproved(err)
	case err != nil && len(signers) > 0:
		done.Note = fmt.Sprintf("by the allowed signers of this machine it does not count: %v.", err)
	}
	if err := approval.Free(file, raw, p, signers, now()); err != nil {
		return &steps.RunError{Err: err, Advice: "Nothing was signed. To have it signed by somebody else, take " + approval.SignatureOf(file) + " away first."}
	}
	shown, err := r.shown(file, p, raw)
	if err != nil {
		return err
	}
	says, err := shown.Text()
	if err != nil {
		return fail("%w", err)
	}
	by.Say(says + "\nYou approve it with the key " + key.Name() + ", of " + key.Where + ".")
	if done.Note != "" { // before it is signed, and not only after
		by.Say("NOTE: " + done.Note)
	}
	if err := by.Agrees(steps.Approves(p)); err != nil {
		return r.unapproved(err)
	}
	if done.Signature, err = approval.Sign(file, raw, key); err != nil {
		return r.unapproved(err)
	}
	out, err := done.JSON()
	if !s.JSON {
		out = []byte(done.Text())
	}
	if err != nil {
		return fail("%w", err)
	}
	_, _ = r.out.Write(out) // checked at the end
	return nil
}

// approvingKey is the key to approve with: that of a file, or the one of the ssh-agent.
func approvingKey(ctx context.Context, file string, signers approval.Signers, by lines.Approver) (approval.Key, error) {
	inAgent, err := approval.Agent(ctx, os.Getenv("SSH_AUTH_SOCK"))
	if file != "" {
		return approval.KeyFile(file, inAgent, func() (state.Secret, error) { return by.Passphrase(file) }) //nolint:wrapcheck // it names the file
	}
	if err != nil {
		return approval.Key{}, err //nolint:wrapcheck // it is told as it is
	}
	return approval.Choose(inAgent, signers, now()) //nolint:wrapcheck // it is told as it is
}

// unapproved says why a plan was not approved.
func (r runner) unapproved(err error) error {
	if errors.Is(err, lines.ErrLeft) {
		*r.exit = state.OutcomeAborted.ExitCode()
		fmt.Fprintln(r.errs, "Nothing was approved.")
		return nil
	}
	advice := ""
	switch {
	case errors.Is(err, approval.ErrNoAgent), errors.Is(err, approval.ErrNoKey), errors.Is(err, approval.ErrManyKeys):
		advice = " Say which key, with --key FILE."
	case errors.Is(err, approval.ErrPassphrase):
		advice = " Try again, or put it into the ssh-agent with ssh-add."
	}
	return &steps.RunError{Err: err, Advice: "Nothing was approved." + advice}
}

// proving says on standard error how far a proof is, where somebody looks: at each tenth, and
// not more often than a person reads.
func (r runner) proving() func(steps.Proving) {
	if !isTerminal(r.std.errs) {
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
		fmt.Fprintln(r.errs, p.Says(now))
	}
}

// looking says on standard error what a search reads and how much was found, as often as somebody
// reads it.
func (r runner) looking(cfg steps.Config) func(steps.Hunt) {
	var said string
	var at time.Time
	return func(h steps.Hunt) {
		text := h.Looking(cfg.Now())
		if text == "" || text == said || time.Since(at) < time.Second {
			return
		}
		said, at = text, time.Now()
		fmt.Fprintln(r.errs, text)
	}
}

// aside is looking where no full screen is in its way.
func (r runner) aside(how face, cfg steps.Config) func(steps.Hunt) {
	if how == fullScreen {
		return nil
	}
	return r.looking(cfg)
}

// awaited says what is done before the wizard can ask.
func awaited(g state.Given, usual string) string {
	if namespace, ok := g.Dropped(); ok {
		return "Looking for when " + namespace + " was dropped"
	}
	return usual
}

// note says on standard error what has to be known beside the result.
func (r runner) note(text string) {
	if text != "" {
		fmt.Fprintln(r.errs, "NOTE: "+text)
	}
}

// connect signs in with the credentials that are found, or has the wizard ask for them
// where somebody can type a secret. The project is the one that is usually meant.
func (r runner) connect(how face, s command.Settings) (cfg steps.Config, project string, err error) {
	client, found, err := signIn(s, takesToken)
	switch {
	case err == nil:
		c := connection(client, found)
		return steps.Config{
			Atlas: c.Atlas, Who: c.Who, Source: c.Source, Host: c.Host, Endpoint: c.Endpoint, Now: c.Now,
			Notice: strings.Join(found.Hints, " "),
		}, found.ProjectID, nil
	case errors.Is(err, credentials.ErrNone) && (how == fullScreen || how == lineByLine && isTerminal(r.std.in)):
		return steps.Config{Now: now, Notice: strings.Join(found.Hints, " "), SignIn: typed(s, found.BaseURL), Endpoint: found.BaseURL}, found.ProjectID, nil
	}
	return steps.Config{}, "", err
}

// typed makes a connection with a credential that was typed.
func typed(s command.Settings, base string) func(int, string, state.Secret) (steps.Connection, error) {
	kinds := []credentials.Kind{credentials.ServiceAccount, credentials.APIKey} // as steps.SignInKinds
	return func(kind int, public string, private state.Secret) (steps.Connection, error) {
		found := credentials.Found{BaseURL: base, Credential: credentials.Credential{Kind: kinds[kind], Public: public, Private: private, Source: "typed"}}
		client, err := newClient(s, found, noToken)
		if err != nil {
			return steps.Connection{}, err
		}
		return connection(client, found), nil
	}
}

func connection(client *atlasclient.Client, found credentials.Found) steps.Connection {
	return steps.Connection{
		Atlas: client, Who: found.Label(), Source: source(found, client),
		Host: unusual(client.BaseURL()), Endpoint: client.BaseURL(), Now: client.Now,
	}
}

// source says where the credential came from, and what its requests go through.
func source(found credentials.Found, client *atlasclient.Client) string {
	if p := client.Proxy(); p != "" {
		return found.Source + ", through proxy " + p
	}
	return found.Source
}

// tokens is what becomes of a service account's access token.
type tokens int

const (
	noToken    tokens = iota // it ends with the process
	takesToken               // so it does, but one that a completion has kept serves
	keepsToken               // it is kept for the next processes
)

// signIn finds credentials and makes a client with them. It asks Atlas nothing.
func signIn(s command.Settings, t tokens) (*atlasclient.Client, credentials.Found, error) {
	found, err := credentials.Places{Profile: s.Profile}.Find()
	if errors.Is(err, credentials.ErrNone) {
		return nil, found, &steps.RunError{Err: err, Advice: noCredentials()}
	}
	if err != nil {
		return nil, found, fail("%w", err)
	}
	client, err := newClient(s, found, t)
	return client, found, err
}

// newClient makes a client for a credential.
func newClient(s command.Settings, found credentials.Found, t tokens) (*atlasclient.Client, error) {
	base := s.BaseURL
	if base == "" {
		base = found.BaseURL
	}
	debug, err := atlasclient.DebugLog(s.Debug)
	if err != nil {
		return nil, fail("%w", err)
	}
	roots, err := atlasclient.Certificates(s.CAFile)
	if err != nil {
		return nil, fail("%w", err)
	}
	dir := stateDir(s)
	if t == noToken {
		dir = ""
	}
	client, err := atlasclient.New(atlasclient.Options{
		BaseURL: base, Credential: found.Credential, Version: version, MediaDate: s.APIVersion, Debug: debug, Roots: roots, TokenDir: dir, TakesToken: t == takesToken,
		Now: now, Pace: pace(),
	})
	if err != nil {
		return nil, fail("preparing the connection to Atlas: %w", err)
	}
	return client, nil
}

// atlas signs in for the completion of names and ids. Each tab key is a process of its own,
// and Atlas gives ten tokens a minute: they share one.
func (r runner) atlas(s command.Settings) (steps.Atlas, error) {
	client, _, err := signIn(s, keepsToken)
	return client, err
}

// train runs the same wizard against an embedded Atlas: one that lives and dies with it, or
// one that is served in another terminal. It reads no credential and no environment, and its
// client can reach nothing else.
func (r runner) train(ctx context.Context, s command.Settings) error {
	how, err := r.face(s)
	if err != nil {
		return err
	}
	start, err := world(&s)
	if err != nil {
		return err
	}
	before := steps.Config{Mode: steps.Training, Now: time.Now, Pace: 1, Given: s.Given}
	return r.show(ctx, how, s, before, awaited(s.Given, "Starting the embedded Atlas"), func(ctx context.Context) (steps.Config, error) {
		address, err := start(ctx)
		if err != nil {
			return steps.Config{}, err
		}
		cfg, err := practice(ctx, s, address)
		if err == nil {
			cfg.Fetcher, err = fetcher(s, cfg)
		}
		if err == nil {
			cfg.Given, err = steps.BeforeDrop(ctx, cfg, s.Given, r.aside(how, cfg))
		}
		return cfg, err
	})
}

// practice is what the wizard is about that trains at an address.
func practice(ctx context.Context, s command.Settings, address string) (cfg steps.Config, err error) {
	trainer := coach.New(address)
	hello, err := trainer.Hello(ctx)
	if err != nil {
		return cfg, &steps.RunError{Err: fmt.Errorf("looking for the embedded Atlas at %s: %w", address, err), Advice: "To serve one there: " + state.Command("", "sim", "--listen", address)}
	}
	go trainer.Follow(ctx)
	client, err := atlasclient.NewTraining(address, atlasclient.Options{
		BaseURL: "http://" + address, Version: version, Now: trainer.Now, Pace: trainer.Pace(),
		Credential: credentials.Credential{
			Kind: credentials.ServiceAccount, Public: hello.ClientID, Private: hello.ClientSecret, Source: "embedded Atlas",
		},
	})
	if err != nil {
		return cfg, fail("preparing the connection to the embedded Atlas: %w", err)
	}
	cfg = steps.Config{
		Atlas: client, Journal: &journal.InMemory{}, Mode: steps.Training, Who: "trainee", Source: "embedded Atlas",
		Endpoint: "http://" + address, Now: client.NeverBefore(trainer.Now), Pace: trainer.Pace(),
		Notice: trainingNotice(trainer.Pace()),
	}
	if cfg.Served = s.Join != ""; cfg.Served {
		cfg.Flags = command.Settings{BaseURL: cfg.Endpoint}.Again() // what is said of its job leads nowhere else
	}
	if c, err := trainer.Coaching(ctx, -1); err == nil { // else no scenario is played
		cfg.Coach, cfg.Coaching, cfg.Notice = trainer, c, ""
	}
	return cfg, nil
}

// world starts the embedded Atlas that is practised on, or finds the one that is served, and
// tells its address. It ends with the context. What the command line cannot mean is told
// before.
func world(s *command.Settings) (start func(context.Context) (address string, err error), err error) {
	if s.Join != "" {
		address, err := coach.Address(s.Join)
		if err != nil {
			return nil, fmt.Errorf("--join: %w", err)
		}
		return func(context.Context) (string, error) { return address, nil }, nil
	}
	o := simulator.Options{Seed: s.Seed, Speed: 20}
	var played *scenario.Scenario
	if s.Scenario != "" {
		found, err := control.Scenario(s.Scenario)
		if err != nil {
			return nil, fmt.Errorf("scenario: %w", err)
		}
		played, o.Speed = &found, 1
	}
	if s.Speed > 0 {
		o.Speed = s.Speed
	}
	return func(ctx context.Context) (string, error) {
		sim, _, err := control.Open(o, played)
		if err != nil {
			return "", fail("starting the embedded Atlas: %w", err)
		}
		context.AfterFunc(ctx, func() { _ = sim.Close() }) // it ends with the process in any case
		return sim.Address(), nil
	}, nil
}

// lessons lists the scenarios with what came of them, or forgets that.
func (r runner) lessons(s command.Settings, reset bool) error {
	kept := progress.At(stateDir(s))
	if reset {
		return r.forget(kept, s.Scenario)
	}
	all, err := scenario.List()
	if err != nil {
		return fail("%w", err)
	}
	records, err := kept.Read()
	if err != nil {
		return &steps.RunError{Err: err, Advice: "To forget it: " + state.Command(command.Settings{StateDir: s.StateDir}.Again(), "train", "--reset")}
	}
	var out []steps.Lesson
	for _, l := range all {
		out = append(out, steps.Lesson{Name: l.Name, Title: l.Title, Difficulty: l.Difficulty, Par: time.Duration(l.Par), Record: records[l.Name]})
	}
	if !s.JSON {
		_, _ = io.WriteString(r.out, steps.LessonsText(out)) // checked at the end
		return nil
	}
	raw, err := steps.LessonsJSON(out)
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
		if _, err := control.Scenario(name); err != nil {
			return fmt.Errorf("--reset: %w", err)
		}
		what, err = name, kept.Forget(name)
	} else {
		err = kept.Reset()
	}
	if err != nil {
		return fail("%w", err)
	}
	fmt.Fprintf(r.out, "What came of %s is forgotten.\n", what)
	return nil
}

// example prints a scenario with comments.
func (r runner) example() error {
	_, _ = io.WriteString(r.out, scenario.Example) // checked at the end
	return nil
}

// debrief ends a scenario: what came of it is part of the summary, is kept, and decides the
// exit code.
func (r runner) debrief(s command.Settings, cfg steps.Config, summary *steps.Summary) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cfg.Coach.Note(state.NoteLeft, "")
	width, _, err := term.GetSize(int(r.std.out.Fd()))
	if err != nil {
		width = 80 // no terminal folds it
	}
	d, err := cfg.Coach.Debrief(ctx, width)
	if err != nil {
		fmt.Fprintf(r.errs, "NOTE: there is no debrief: %v\n", err)
		return
	}
	summary.Debriefed(d)
	if err := progress.At(stateDir(s)).Add(d.Result); err != nil {
		fmt.Fprintf(r.errs, "NOTE: %v\n", err)
	}
}

// stateDir is where this program keeps what it has to remember.
func stateDir(s command.Settings) string {
	if s.StateDir != "" {
		return s.StateDir
	}
	return filepath.Join(xdg.StateHome, "atlas-restore")
}

// sim serves the embedded Atlas to other clients until it is interrupted.
func (r runner) sim(ctx context.Context, s command.Simulator) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	o := control.Options{World: simulator.Options{
		Listen: s.Listen, Seed: s.Seed, Start: s.Start, Speed: s.Speed, RateLimit: s.RateLimit, TLS: s.TLS,
	}, Out: r.out}
	if s.Scenario != "" {
		played, err := control.Scenario(s.Scenario)
		if err != nil {
			return fmt.Errorf("--scenario: %w", err)
		}
		o.Scenario = &played
	}
	if s.Instructor || isTerminal(r.std.errs) {
		o.Screen = r.errs
		if s.Instructor || isTerminal(r.std.in) {
			o.Commands = r.std.in
		}
	}
	err := control.Serve(ctx, o)
	var listening *net.OpError
	switch {
	case errors.As(err, &listening):
		return &steps.RunError{Err: err, Advice: "If something else listens there: --listen 127.0.0.1:0 takes a port that is free."}
	case err != nil:
		return fail("%w", err)
	}
	return nil
}

// served are the operations of Atlas that the embedded one serves.
func served() []string {
	var out []string
	for _, e := range simulator.Endpoints() {
		out = append(out, fmt.Sprintf("%-6s %s", e.Method, e.Path))
	}
	return out
}

func trainingNotice(speed float64) string {
	notice := "Nothing here is real: restore what you like."
	if speed > 1 {
		notice += fmt.Sprintf(" Time runs %g times as fast, so that you need not wait.", speed)
	}
	return notice
}

// face is how a run talks to a person.
type face int

const (
	noFace     face = iota // there is no terminal, and something would have to be asked
	fullScreen             // needs a terminal
	lineByLine
	unasked // all is answered by flags
)

// face chooses how to talk. A missing answer is an error of the command line, told
// before anything is asked of Atlas.
func (r runner) face(s command.Settings) (face, error) {
	name := os.Getenv("TERM")
	atTerminal := isTerminal(r.std.in) && (isTerminal(r.std.out) || isTerminal(r.std.errs))
	switch {
	case s.Given.Complete(), (s.DryRun || s.SavePlan != "") && slices.Equal(s.Given.Missing(), []string{state.FlagConfirm}):
		return unasked, nil
	case s.Line, wanted(os.Getenv("ACCESSIBLE")), name == "dumb":
		return lineByLine, nil
	case atTerminal && name == "" && runtime.GOOS != "windows":
		return lineByLine, nil // what this terminal can show cannot be known
	case atTerminal:
		return fullScreen, nil
	case !s.Given.IsZero():
		return noFace, fmt.Errorf("without a terminal nothing can be asked, and %s; --line asks line by line", state.Lacking(s.Given.Missing()))
	}
	return noFace, nil // said once it is known that nothing else is wrong
}

const noTerminal = `the wizard needs a terminal, for input and output; nothing was submitted

To go on without one, have it ask line by line on standard input with --line,
or give every answer as a flag:
  --projectId --clusterName --deliveryType --snapshotId (or --at)
  --targetProjectId --targetClusterName --confirm`

// wanted reads a variable that switches something on: any value does, but for those
// that say no.
func wanted(value string) bool {
	switch strings.ToLower(value) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// opens makes what a wizard is about. With an error it says what has to be known beside it.
type opens func(context.Context) (steps.Config, error)

// show runs the wizard and tells its result. What it is about is made once it is on the
// screen: before says what is known until then, and what is being done.
func (r runner) show(ctx context.Context, how face, s command.Settings, before steps.Config, what string, open opens) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // whatever is still asked of Atlas ends with the wizard
	as := func(cfg steps.Config) steps.Config {
		cfg.DryRun, cfg.Accept, cfg.Out, cfg.Zone, cfg.ASCII = s.DryRun, s.Accept, s.Out, time.Local, !ui.UTF8(os.Getenv)
		cfg.Quiet = cfg.Quiet || s.Quiet
		cfg.SavePlan, cfg.Replay, cfg.Tool, cfg.BreakGlass = s.SavePlan, s.Replay, version, text.Clean(s.BreakGlass)
		return cfg
	}
	var cfg steps.Config
	var summary steps.Summary
	var err error
	if how != fullScreen {
		if cfg, err = open(ctx); err != nil {
			r.note(cfg.Notice) // no face will
			return err
		}
		cfg = as(cfg)
	}
	switch how {
	case noFace:
		return errors.New(noTerminal)
	case fullScreen:
		summary, cfg, err = r.screen(ctx, s, ui.Opening{What: what, Before: as(before), Open: func(ctx context.Context) (steps.Config, error) {
			cfg, err := open(ctx)
			return as(cfg), err
		}})
		var shut ui.OpenError
		if errors.As(err, &shut) {
			r.note(cfg.Notice)
			return shut.Unwrap() //nolint:wrapcheck // it is the run's own
		}
	default:
		summary = r.lines(ctx, how, cfg)
	}
	keepPlan(cfg, summary)
	summary.Recorded = recorded(s, cfg, summary)
	if cfg.Coach != nil {
		r.debrief(s, cfg, &summary)
	}
	r.tell(s, summary)
	*r.exit = summary.ExitCode()
	return err
}

// screen runs the full screen. Where standard output is a pipe it is drawn on standard
// error, so that the pipe gets the result and nothing else. It also says what the wizard was
// about.
func (r runner) screen(ctx context.Context, s command.Settings, o ui.Opening) (steps.Summary, steps.Config, error) {
	out := r.std.out
	if !isTerminal(out) {
		out = r.std.errs
	}
	// Long lists are read once and then held: collecting each time that 5 to 9 MiB have come keeps
	// the peak low, with 10,000 snapshots and with 100,000. A share of what is held would do that for
	// one of them: for the beginning of a list it would collect with each page, and no key find a
	// processor. What is never written to is no memory, and counts as held. Not before the first
	// frame, which a collection would delay by some milliseconds.
	held := make(chan []byte, 1)
	defer runtime.KeepAlive(held)
	time.AfterFunc(100*time.Millisecond, func() {
		held <- make([]byte, 42<<20)
		debug.SetGCPercent(10)
	})
	// Bubble Tea takes one interrupt. A second one must not end the program before the
	// terminal is as it was.
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt)
	defer signal.Stop(again)
	open := o.Open
	o.Open = func(ctx context.Context) (steps.Config, error) {
		cfg, err := open(ctx)
		if err == nil && cfg.Coach == nil { // whose briefing comes first
			cfg.Notice = strings.TrimSpace(cfg.Notice + " With a screen reader: start with --line.")
		}
		return cfg, err
	}
	summary, cfg, err := ui.Open(ctx, o, ui.Screen{In: r.std.in, Out: out, NoColor: s.NoColor || ui.Colourless(os.Getenv)})
	// Left by a signal or from outside: the summary says all there is to say.
	if err == nil || errors.Is(err, tea.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return summary, cfg, nil
	}
	return summary, cfg, fail("showing the wizard: %w", err)
}

// lines runs the line face. It talks on standard error: the result alone goes to
// standard output.
func (r runner) lines(ctx context.Context, how face, cfg steps.Config) steps.Summary {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	interrupt := make(chan struct{})
	go func() {
		for range signals {
			interrupt <- struct{}{}
		}
	}()
	d := lines.IO{Out: r.errs, Interrupt: interrupt, Terminal: isTerminal(r.std.in)}
	if isTerminal(r.std.errs) {
		d.Bell = r.std.errs // errs lets nothing through but text
	}
	if how == lineByLine {
		d.In = r.std.in
	}
	if isTerminal(r.std.in) {
		d.NoEcho = func() (func(), error) { return lines.NoEcho(r.std.in) }
		d.Forget = func() { lines.Forget(r.std.in) }
	}
	return lines.Run(ctx, cfg, d)
}

// tell prints the result on standard output. What a person looks for in the scrollback
// is there even where a pipe takes the result.
func (r runner) tell(s command.Settings, summary steps.Summary) {
	text := summary.Text()
	if s.JSON {
		r.printJSON(summary.Result())
		if !isTerminal(r.std.errs) {
			text = summary.TextWithoutLinks()
		}
	}
	if s.JSON || summary.Outcome == state.OutcomeError || !isTerminal(r.std.out) && isTerminal(r.std.errs) {
		_, _ = io.WriteString(r.errs, text) // there is no other place to tell it
	}
	if !s.JSON && summary.Outcome != state.OutcomeError {
		_, _ = io.WriteString(r.out, text) // checked at the end
	}
}

func (r runner) printJSON(result steps.Result) {
	raw, err := result.JSON()
	if err != nil {
		fmt.Fprintln(r.errs, "Error: "+err.Error())
		return
	}
	_, _ = r.out.Write(raw) // checked at the end
}

// unusual is the host of base if it is not Atlas's own.
func unusual(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "cloud.mongodb.com" {
		return ""
	}
	return u.Host
}
