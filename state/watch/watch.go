// Package watch says how to follow a restore job: when to look next, and what a
// failed look means.
package watch

import (
	"errors"
	"time"

	"atlas-restore/state"
)

// Atlas's jobs take minutes and its limits are per minute, so the first looks come
// quickly, as most of what goes wrong early can be told then, and the later ones seldom.
const (
	earlyDelay = 5 * time.Second
	maxDelay   = 20 * time.Second
	readyDelay = time.Minute
)

// firstDelays are the waits before the first looks.
var firstDelays = []time.Duration{time.Second, 2 * time.Second}

// Patience is for how long a refusal has to stay until it is believed.
const Patience = 90 * time.Second

// Delay is the wait before look number n (from 0): 1 s, 2 s, 5 s, growing to 20 s.
func Delay(n int) time.Duration {
	if n < len(firstDelays) {
		return firstDelays[n]
	}
	return min(earlyDelay+time.Duration(n-len(firstDelays))*time.Second, maxDelay)
}

// AfterError is the wait after a look that failed: what Atlas asked for, or the
// longest usual one.
func AfterError(err error) time.Duration {
	var atlas *state.AtlasError
	if errors.As(err, &atlas) && atlas.RetryAfter > maxDelay {
		return atlas.RetryAfter
	}
	return maxDelay
}

// Final says whether a failed look makes further ones pointless if it stays so: the job is
// gone, or the credential may not read it. Everything else passes.
func Final(err error) bool {
	var atlas *state.AtlasError
	if !errors.As(err, &atlas) {
		return false
	}
	return atlas.Status == 401 || atlas.Status == 403 || atlas.Status == 404
}
