package run

import (
	"context"
	"io"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/build"
	"atlas-restore/state/fetch"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// Parts are what main joins a run with: all that lies beyond the screen. An error of theirs is
// told as it is, with a *steps.RunError as one of the run.
type Parts struct {
	Build    func() build.Info // what this program was built of
	Now      func() time.Time  // the program's clock
	Pace     float64           // how many of its seconds pass in a real one
	Atlas    Atlas
	Embedded Embedded
}

// Atlas is the way to the Atlas that is asked for.
type Atlas interface {
	// SignIn finds credentials and makes a connection with them; it asks Atlas nothing. With an
	// error it gives what is known all the same.
	SignIn(s command.Settings, t Tokens) (SignedIn, error)
	// Typed makes a connection with a credential that was typed, at a base URL; empty for the usual one.
	Typed(s command.Settings, base string) func(kind int, public string, private state.Secret) (steps.Connection, error)
	// Fetcher fetches what downloads deliver. In training nothing but its own Atlas can be reached.
	Fetcher(s command.Settings, cfg steps.Config) (fetch.Fetcher, error)
	// Unpack unpacks an archive beside itself.
	Unpack(path string) (steps.Unpacking, error)
	// Profiles are the names of the Atlas CLI's profiles.
	Profiles() ([]string, error)
}

// SignedIn is a connection, with what was found beside its credential.
type SignedIn struct {
	steps.Connection
	BaseURL   string   // that belongs to the credential; empty for the usual one
	ProjectID string   // the project that is usually meant; empty for none
	Hints     []string // what a person should know, a sentence each
	None      bool     // of an error: there is no credential at all
}

// Tokens is what becomes of a service account's access token.
type Tokens int

const (
	// TakesToken ends it with the process, but takes one that a completion has kept.
	TakesToken Tokens = iota
	// KeepsToken keeps it for the next processes.
	KeepsToken
)

// Trainer is an embedded Atlas that is served, with its clock and its coach.
type Trainer interface {
	steps.Coach
	Follow(ctx context.Context) // keeps the clock right until the context ends
	Now() time.Time
	Pace() float64
}

// Embedded is the embedded Atlas, for training and for other clients.
type Embedded interface {
	// Served is the one at an address, if there is one. Only a loopback address is asked.
	Served(ctx context.Context, base, caFile string) (Trainer, bool)
	// World starts the one that is practised on, or finds the one that is served, and tells its
	// address. It ends with the context. What the command line cannot mean is told before.
	World(s command.Settings) (start func(context.Context) (address string, err error), err error)
	// Train connects a trainee with the one at an address. Nothing else can be reached.
	Train(ctx context.Context, address string) (Trainer, steps.Atlas, error)
	// Lessons are the scenarios, without what came of them.
	Lessons() ([]steps.Lesson, error)
	// Known says whether there is such a scenario: a name or a file.
	Known(scenario string) error
	// Example is a scenario with comments.
	Example() string
	// Serve serves it until the context ends: to out goes where it is, to screen, unless nil,
	// what happens, and from commands, unless nil, come an instructor's.
	Serve(ctx context.Context, s command.Simulator, out, screen io.Writer, commands io.Reader) error
	// Operations are those of Atlas that it serves, a line each.
	Operations() []string
	// Scenarios are the names of those that are built in, with titles, for completion.
	Scenarios() ([]string, error)
}
