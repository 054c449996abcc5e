package onevent

import (
	"context"
	"errors"
	"strings"
	"sync"

	"atlas-restore/state"
)

// Commands are those that the configuration names. The zero value has none.
type Commands struct {
	mu  sync.Mutex
	all []*Command
}

// Of takes the commands of both keys, which may be nil, and gives what tells them of an event; nil where
// there is none.
func (c *Commands) Of(onEvent, onDone, environ []string) func(state.JobEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = nil
	if onEvent != nil {
		c.all = append(c.all, OnEvent(onEvent, environ))
	}
	if onDone != nil {
		c.all = append(c.all, OnDone(onDone, environ))
	}
	if len(c.all) == 0 {
		return nil
	}
	all := c.all
	return func(e state.JobEvent) {
		for _, one := range all {
			one.Start(e)
		}
	}
}

// Names are the keys of the commands.
func (c *Commands) Names() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make([]string, 0, len(c.all))
	for _, one := range c.all {
		names = append(names, one.name)
	}
	return strings.Join(names, " and ")
}

// Wait waits for all that were started, and gives what went wrong. The end of ctx ends them.
func (c *Commands) Wait(ctx context.Context) error {
	c.mu.Lock()
	all := c.all
	c.mu.Unlock()
	var errs []error
	for _, one := range all {
		errs = append(errs, one.Wait(ctx))
	}
	return errors.Join(errs...)
}
