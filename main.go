// Command atlas-restore restores a MongoDB Atlas cluster from its Cloud Backups,
// step by step, in a terminal.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/signin"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/atlasclient/simulator/scenario"
	"atlas-restore/state"
	"atlas-restore/state/build"
	"atlas-restore/state/fetch"
	"atlas-restore/ui/command"
	"atlas-restore/ui/run"
	"atlas-restore/ui/steps"
)

// version is set by the linker for a release, like 1.2.3.
var version string

// built is what this program was built of. It is read once, by who asks first.
func built() build.Info {
	once.Do(func() { info = build.Of(version) })
	return info
}

var (
	once sync.Once
	info build.Info // built gives it
)

// hurry is how many seconds pass on this program's clock in a real one. The tests of the built
// program have the linker set it, so that they need not wait for its next look at a job. No
// flag, no file and nothing in the environment does: what is released keeps time.
var hurry = "1"

// begun is when the program was started: from then on its clock runs.
var begun time.Time

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
	begun = time.Now()
	log.SetOutput(io.Discard) // what libraries log would tear the screen
	os.Exit(run.Main(os.Args[1:], run.Streams{In: os.Stdin, Out: os.Stdout, Errs: os.Stderr}, run.Parts{
		Build: built, Now: now, Pace: pace(), Atlas: atlas{}, Embedded: embedded{},
	}))
}

func fail(format string, a ...any) error { return &steps.RunError{Err: fmt.Errorf(format, a...)} }

// atlas is the Atlas that is asked for. It implements run.Atlas.
type atlas struct{}

func ask(s command.Settings) signin.Ask {
	return signin.Ask{
		Profile: s.Profile, BaseURL: s.BaseURL, CAFile: s.CAFile, APIVersion: s.APIVersion, Debug: s.Debug,
		Version: built().Version, Now: now, Pace: pace(),
	}
}

// SignIn implements run.Atlas.
func (atlas) SignIn(s command.Settings, t run.Tokens) (run.SignedIn, error) {
	a := ask(s)
	a.TokenDir, a.TakesToken = run.StateDir(s), t == run.TakesToken
	client, found, err := a.Find()
	out := run.SignedIn{BaseURL: found.BaseURL, ProjectID: found.ProjectID, Hints: found.Hints, None: errors.Is(err, state.ErrNoCredentials)}
	switch {
	case out.None:
		return out, &steps.RunError{Err: err, Advice: run.NoCredentials(s)}
	case err != nil:
		return out, fail("%w", err)
	}
	out.Connection = connection(client, found)
	return out, nil
}

// Typed implements run.Atlas.
func (atlas) Typed(s command.Settings, base string) func(int, string, state.Secret) (steps.Connection, error) {
	kinds := []credentials.Kind{credentials.ServiceAccount, credentials.APIKey} // as steps.SignInKinds
	return func(kind int, public string, private state.Secret) (steps.Connection, error) {
		found := credentials.Found{BaseURL: base, Credential: credentials.Credential{Kind: kinds[kind], Public: public, Private: private, Source: "typed"}}
		client, err := ask(s).With(found)
		if err != nil {
			return steps.Connection{}, fail("%w", err)
		}
		return connection(client, found), nil
	}
}

func connection(client *atlasclient.Client, found credentials.Found) steps.Connection {
	return steps.Connection{
		Atlas: client, Who: found.Label(), Source: signin.Source(found, client),
		Host: signin.Unusual(client.BaseURL()), Endpoint: client.BaseURL(), Now: client.Now,
	}
}

// Profiles implements run.Atlas.
func (atlas) Profiles() ([]string, error) { return credentials.Places{}.Profiles() }

// Unpack implements run.Atlas.
func (atlas) Unpack(path string) (steps.Unpacking, error) { return delivery.UnpackBeside(path) }

// Fetcher implements run.Atlas.
func (atlas) Fetcher(s command.Settings, cfg steps.Config) (fetch.Fetcher, error) {
	opt := delivery.Options{Prover: delivery.BlockChecksums{}, Now: cfg.Now, Agent: "atlas-restore/" + built().Version}
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

// embedded is the embedded Atlas. It implements run.Embedded.
type embedded struct{}

// Served implements run.Embedded.
func (embedded) Served(ctx context.Context, base, caFile string) (run.Trainer, bool) {
	return coach.Served(ctx, base, func() (*x509.CertPool, error) { return atlasclient.Certificates(caFile) })
}

// World implements run.Embedded.
func (embedded) World(s command.Settings) (func(context.Context) (string, error), error) {
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
		found, err := scenarioOf(s.Scenario)
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

// Train implements run.Embedded.
func (embedded) Train(ctx context.Context, address string) (run.Trainer, steps.Atlas, error) {
	trainer, client, err := signin.Train(ctx, address, built().Version)
	if err != nil {
		return nil, nil, &steps.RunError{Err: err, Advice: "To serve one there: " + state.Command("", "sim", "--listen", address)}
	}
	return trainer, client, nil
}

// Lessons implements run.Embedded.
func (embedded) Lessons() ([]steps.Lesson, error) {
	all, err := scenario.List()
	if err != nil {
		return nil, fail("%w", err)
	}
	var out []steps.Lesson
	for _, l := range all {
		out = append(out, steps.Lesson{Name: l.Name, Title: l.Title, Difficulty: l.Difficulty, Par: time.Duration(l.Par)})
	}
	return out, nil
}

// Known implements run.Embedded.
func (embedded) Known(name string) error {
	_, err := scenarioOf(name)
	return err
}

// scenarioOf is the scenario of a name or in a file. A name that is nearly one is told with it.
func scenarioOf(name string) (scenario.Scenario, error) {
	found, err := control.Scenario(name)
	var unknown *scenario.UnknownError
	if errors.As(err, &unknown) {
		if near := state.DidYouMean(name, slices.Values(unknown.Names)); near != "" {
			return found, fmt.Errorf("there is no scenario %q%s", name, near)
		}
	}
	return found, err
}

// Example implements run.Embedded.
func (embedded) Example() string { return scenario.Example }

// Scenarios implements run.Embedded.
func (embedded) Scenarios() ([]string, error) { return control.Scenarios() }

// Operations implements run.Embedded.
func (embedded) Operations() []string {
	var out []string
	for _, e := range simulator.Endpoints() {
		out = append(out, fmt.Sprintf("%-6s %s", e.Method, e.Path))
	}
	return out
}

// Serve implements run.Embedded.
func (embedded) Serve(ctx context.Context, s command.Simulator, out, screen io.Writer, commands io.Reader) error {
	o := control.Options{World: simulator.Options{
		Listen: s.Listen, Seed: s.Seed, Start: s.Start, Speed: s.Speed, RateLimit: s.RateLimit, TLS: s.TLS,
	}, Out: out, Screen: screen, Commands: commands}
	if s.Scenario != "" {
		played, err := scenarioOf(s.Scenario)
		if err != nil {
			return fmt.Errorf("--scenario: %w", err)
		}
		o.Scenario = &played
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
