// Package onevent runs a person's own command when something has happened to a restore
// job, for whoever has turned to something else meanwhile.
package onevent

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/program"
)

// Limit is how long a command may run.
const Limit = 30 * time.Second

// Command is a command that is run at each event of a job, or at each e. No shell reads it, it gets no
// input, and what it writes is dropped: the terminal is the wizard's.
type Command struct {
	name          string // of its key in the configuration
	ends          bool   // it hears of ends only
	argv, environ []string
	limit         time.Duration
	killed        time.Duration // for so long what was stopped is waited for

	mu   sync.Mutex
	runs []run
}

// run is one that was started.
type run struct {
	ended <-chan error // gets one
	stop  context.CancelFunc
}

// OnEvent makes a command of a program and its arguments that hears of each event. It gets environ but
// for what could hold a secret.
func OnEvent(argv, environ []string) *Command { return of("on_event", argv, environ) }

// OnDone makes one that hears of ends only.
func OnDone(argv, environ []string) *Command {
	c := of("on_done", argv, environ)
	c.ends = true
	return c
}

func of(name string, argv, environ []string) *Command {
	return &Command{name: name, argv: argv, environ: program.Harmless(environ), limit: Limit, killed: time.Second}
}

// Within gives it another time than Limit, and to end, once it is killed, another than a second.
func (c *Command) Within(limit, killed time.Duration) *Command {
	c.limit, c.killed = limit, killed
	return c
}

// Add has Wait wait for one that was started: ended gets one error, and stop ends it.
func (c *Command) Add(ended <-chan error, stop context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs = append(c.runs, run{ended, stop})
}

// Start runs the command for an event of a job, and does not wait for it.
func (c *Command) Start(e state.JobEvent) {
	if c.ends && !e.What.Ends() {
		return
	}
	// The wizard may be left meanwhile: its own context is none of the command's.
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...) //nolint:gosec // the user says which
	cmd.Env = append(c.environ[:len(c.environ):len(c.environ)],
		"ATLAS_RESTORE_EVENT="+string(e.What),
		"ATLAS_RESTORE_OUTCOME="+string(e.Outcome),
		"ATLAS_RESTORE_JOB_ID="+e.JobID,
		"ATLAS_RESTORE_DELIVERY_TYPE="+string(e.DeliveryType),
		"ATLAS_RESTORE_CLUSTER="+e.Cluster,
		"ATLAS_RESTORE_TARGET="+e.Target,
	)
	program.Apart(cmd)
	ended := make(chan error, 1)
	c.Add(ended, cancel)
	if err := cmd.Start(); err != nil {
		cancel()
		ended <- c.failed(err)
		return
	}
	go func() {
		defer cancel()
		err := cmd.Wait()
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			err = fmt.Errorf("it was stopped after %v", c.limit)
		case err != nil && ctx.Err() != nil:
			err = errors.New("it was stopped")
		}
		ended <- c.failed(err)
	}()
}

// failed says which command failed, without its arguments, which may hold a secret.
func (c *Command) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("running %s, %q: %w", c.name, c.argv[0], err)
}

// Wait waits for all that were started, and gives what went wrong. The end of ctx ends
// them.
func (c *Command) Wait(ctx context.Context) error {
	c.mu.Lock()
	runs := c.runs
	c.runs = nil
	c.mu.Unlock()
	late := time.After(c.limit + c.killed) // what cannot be killed is not waited for
	var errs []error
	for _, one := range runs {
		defer context.AfterFunc(ctx, one.stop)()
	}
	for _, one := range runs {
		select {
		case err := <-one.ended:
			errs = append(errs, err)
		case <-late:
			return errors.Join(append(errs, c.failed(errors.New("it does not end")))...)
		}
	}
	return errors.Join(errs...)
}
