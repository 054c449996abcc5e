// Package program runs programs of a person's own beside the wizard: apart from its terminal, without
// its secrets, and not for longer than they may take.
package program

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"atlas-restore/state/text"
)

// Command is a program with its arguments, which no shell reads.
type Command struct {
	Argv    []string      // nil: there is none
	Environ []string      // of the process; what could hold a secret is taken out of it
	Limit   time.Duration // for how long it may run
}

// Name is the program alone: an argument may be a secret.
func (c Command) Name() string {
	if len(c.Argv) == 0 {
		return ""
	}
	return c.Argv[0]
}

// End is what has become of a command.
type End struct {
	Code    int           // its exit code; of use only without an error
	Last    []string      // the last lines that it wrote, on both streams, cleaned
	Took    time.Duration // real time
	Err     error         // it could not be started, was stopped, or ended by a signal: its code says nothing
	TooLong bool          // it was stopped because of its limit
}

// What is kept of what a command writes.
const (
	lastLines = 5
	lineRoom  = 1000 // bytes of one line
)

// settle is for how long its streams are waited for once it has ended: what it has left behind may
// hold them.
const settle = time.Second

// Run runs the command to its end, with more variables in its environment. The end of ctx and the limit
// stop it, with all that it has started. What it has left running is stopped at its end too.
func (c Command) Run(ctx context.Context, more ...string) End {
	limited, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	cmd := exec.CommandContext(limited, c.Argv[0], c.Argv[1:]...) //nolint:gosec // the user says which
	cmd.Env = append(Harmless(c.Environ), more...)
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said // one writer: it is never called twice at once
	cmd.WaitDelay = settle
	Apart(cmd)
	begun := time.Now()
	err := cmd.Run()
	if cmd.Process != nil && cmd.Cancel != nil {
		_ = cmd.Cancel() // the rest of its session: mostly there is none
	}
	end := End{Last: said.lines(), Took: time.Since(begun)}
	var exit *exec.ExitError
	switch {
	case limited.Err() != nil && ctx.Err() == nil && err != nil:
		end.Err, end.TooLong = errors.New("it was stopped after "+c.Limit.String()), true
	case ctx.Err() != nil && err != nil:
		end.Err = errors.New("it was stopped")
	case errors.Is(err, exec.ErrWaitDelay): // it has ended well, and left something behind
	case errors.As(err, &exit) && exit.Exited():
		end.Code = exit.ExitCode()
	case err != nil:
		end.Err = err
	}
	return end
}

// tail keeps the last lines of what is written to it.
type tail struct {
	whole []string
	line  []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	for _, b := range p {
		switch {
		case b == '\n':
			t.end()
		case len(t.line) < lineRoom:
			t.line = append(t.line, b)
		}
	}
	return len(p), nil
}

func (t *tail) end() {
	if said := strings.TrimSpace(text.Clean(string(t.line))); said != "" {
		t.whole = append(t.whole, said)
		t.whole = t.whole[max(0, len(t.whole)-lastLines):]
	}
	t.line = t.line[:0]
}

func (t *tail) lines() []string {
	t.end()
	return t.whole
}

// Harmless is an environment without credentials, and without proxies, whose address may
// hold a password.
func Harmless(environ []string) []string {
	var out []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		upper := strings.ToUpper(name)
		switch {
		case strings.HasPrefix(upper, "MONGODB_ATLAS_"), strings.HasPrefix(upper, "MCLI_"): // the Atlas CLI's old prefix
		case strings.HasSuffix(upper, "_PROXY") && upper != "NO_PROXY":
		case strings.HasPrefix(upper, "ATLAS_RESTORE_"): // of a run around this one
		default:
			out = append(out, v)
		}
	}
	return out
}
