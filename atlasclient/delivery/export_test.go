package delivery

import (
	"context"
	"time"
)

// Hurried waits between tries for no time but for settled.
func (o Options) Hurried(settled func()) Options {
	o.sleep = func(ctx context.Context, _ time.Duration) error { settled(); return ctx.Err() }
	o.stall = func(time.Duration) time.Duration { return time.Minute }
	return o
}

// Impatient waits for little of what does not come, and three times as long at each try: on a busy machine
// what does come needs its time too.
func (o Options) Impatient() Options {
	stall, sleep := 100*time.Millisecond, o.sleep
	o.stall = func(time.Duration) time.Duration { return stall }
	o.sleep = func(ctx context.Context, d time.Duration) error { stall *= 3; return sleep(ctx, d) }
	return o
}
