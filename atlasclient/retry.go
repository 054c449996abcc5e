package atlasclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"atlas-restore/state"
)

// A read that fails for a reason that may pass is made again. The numbers bound how
// long a person waits before being told: five tries, and no new one after a minute
// and a half.
const (
	maxTries     = 5
	firstPause   = 500 * time.Millisecond
	longestPause = 20 * time.Second
	longestTrial = 90 * time.Second
	// A longer wait that Atlas asks for is the person's to decide.
	longestAsked = time.Minute
	// Atlas gives a service account ten tokens a minute and says of no more when to ask
	// again: the tries last for that minute.
	tokenPause = 15 * time.Second
)

// tries makes a call, and if it is a read makes it again where that may help, with
// exponential pauses of full jitter. Every failed try is reported before its pause, with how many
// are made at most; once that was said, no more are made.
func (c *Client) tries(ctx context.Context, k call) error {
	start, most := time.Now(), maxTries
	for try := 1; ; try++ {
		began := time.Now()
		err := c.try(ctx, k)
		if err == nil || isWrite(k.method) || k.oneTry || try == most || ctx.Err() != nil || !passes(err) {
			return err
		}
		pause, ok := pauseAfter(err, try)
		if !ok || time.Since(start)+pause > longestTrial {
			return err
		}
		wait := c.scaled(pause)
		most = c.most(most, try+1, time.Since(start)+wait, time.Since(began), err)
		state.ReportAttempt(ctx, state.Attempt{Err: err, Next: try + 1, Of: most, At: time.Now().Add(wait), In: wait})
		if c.sleep(ctx, wait) != nil {
			return err
		}
	}
}

// most is how many tries can be made, but no more than so many: try number next begins so long after
// the first one, and each fails with err as the last one did, which took so long.
func (c *Client) most(atMost, next int, begins, took time.Duration, err error) int {
	pause := leastPause(err)
	for fails := begins + took; next < atMost && fails+pause <= longestTrial; fails += c.scaled(pause) + took {
		next++
	}
	return next
}

// leastPause is what no pause after err is shorter than.
func leastPause(err error) time.Duration {
	var atlas *state.AtlasError
	switch {
	case !errors.As(err, &atlas):
	case atlas.RetryAfter > 0:
		return atlas.RetryAfter
	case atlas.Status == http.StatusTooManyRequests && errors.As(err, new(*noToken)):
		return tokenPause
	}
	return 0
}

// pauseAfter is how long to wait after try number n; not ok where Atlas asks for a
// longer wait than anybody would sit through.
func pauseAfter(err error, n int) (time.Duration, bool) {
	most := min(firstPause<<(n-1), longestPause)
	pause := time.Duration(rand.Int64N(int64(most))) + 1 //nolint:gosec // it spreads load, and guards nothing
	if least := leastPause(err); least > 0 {
		return least + pause/4, least <= longestAsked
	}
	return pause, true
}

// passes says whether what went wrong may pass by itself: Atlas's own 408, 429 and 5xx,
// the same from something in between, and a network that misbehaves. A certificate that
// is wrong and a name that does not exist stay so (see cause).
func passes(err error) bool {
	var atlas *state.AtlasError
	var foreign *foreignAnswer
	var known *state.Unreached
	switch {
	case errors.As(err, &atlas):
		return passingStatus(atlas.Status)
	case errors.As(err, &foreign):
		return passingStatus(foreign.status)
	case errors.As(err, &known):
		return known.Passes
	case errors.As(err, new(*refusedAddress)):
		return false
	}
	var broken *brokenWire
	return errors.As(err, &broken)
}

func passingStatus(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// scaled is a wait of Atlas's time in real time: a simulated Atlas may run faster.
func (c *Client) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) / c.pace) }

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
