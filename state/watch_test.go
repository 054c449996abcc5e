// Tests of state/watch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

func TestDelay(t *testing.T) {
	for n, want := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 6 * time.Second} {
		if d := watch.Delay(n); d != want {
			t.Errorf("look %d after %v, want %v", n, d, want)
		}
	}
	var all time.Duration
	for n := range 6 {
		all += watch.Delay(n)
	}
	if all < 25*time.Second { // a minute has room for as many as Atlas's limits want
		t.Errorf("six looks within %v", all)
	}
	last := time.Duration(0)
	for n := range 1000 {
		d := watch.Delay(n)
		if d < last || d > 20*time.Second {
			t.Fatalf("look %d after %v, the one before after %v", n, d, last)
		}
		last = d
	}
	if last != 20*time.Second {
		t.Errorf("looks settle at %v", last)
	}
}

func TestAfterError(t *testing.T) {
	for _, tc := range []struct {
		err   error
		wait  time.Duration
		final bool
	}{
		{errors.New("reset"), 20 * time.Second, false},
		{&state.AtlasError{Status: 503}, 20 * time.Second, false},
		{&state.AtlasError{Status: 429, RetryAfter: 3 * time.Second}, 20 * time.Second, false},
		{fmt.Errorf("x: %w", &state.AtlasError{Status: 429, RetryAfter: time.Minute}), time.Minute, false},
		{&state.AtlasError{Status: 401}, 20 * time.Second, true},
		{fmt.Errorf("x: %w", &state.AtlasError{Status: 403}), 20 * time.Second, true},
		{&state.AtlasError{Status: 404}, 20 * time.Second, true},
	} {
		if wait, final := watch.AfterError(tc.err), watch.Final(tc.err); wait != tc.wait || final != tc.final {
			t.Errorf("%v: wait %v, final %v; want %v, %v", tc.err, wait, final, tc.wait, tc.final)
		}
	}
}
