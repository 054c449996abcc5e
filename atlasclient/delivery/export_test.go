package delivery

import (
	"context"
	"time"
)

// Hurried waits between tries for no time but for settled, and not long for a server that says nothing.
func (o Options) Hurried(settled func()) Options {
	o.sleep = func(ctx context.Context, _ time.Duration) error { settled(); return ctx.Err() }
	o.stall = 300 * time.Millisecond
	return o
}
