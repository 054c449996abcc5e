// Tests of state/fetch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"testing"
	"time"

	"atlas-restore/state/fetch"
)

// A limit is set in steps: the first is felt, each is lower than the one before, and the way back leads to
// none.
func TestLimitInSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate          int64
		speed         float64
		slower, again int64 // after one step and after two
		faster        int64 // from rate
	}{
		{0, 37e6, 2e7, 1e7, 0},
		{0, 0, 1e7, 5e6, 0},
		{0, 3000, 1e5, 1e5, 0},
		{5e7, 48e6, 2e7, 1e7, 1e8},
		{5e8, 3e6, 2e6, 1e6, 1e9}, // it was not felt
		{1e9, 0, 5e8, 2e8, 0},
		{3e6, 3e6, 2e6, 1e6, 5e6}, // of a command line
		{50_000, 50_000, 50_000, 50_000, 1e5},
	} {
		l := fetch.NewLimit(c.rate)
		if got := l.Faster(); got != c.faster || l.Rate() != got {
			t.Errorf("%+v: faster is %d", c, got)
		}
		l.Set(c.rate)
		if got := l.Slower(c.speed); got != c.slower || l.Rate() != got {
			t.Errorf("%+v: slower is %d", c, got)
		}
		if got := l.Slower(float64(c.slower)); got != c.again {
			t.Errorf("%+v: slower still is %d", c, got)
		}
	}
	if l := fetch.NewLimit(0); l.Faster() != 0 || (*fetch.Limit)(nil).Rate() != 0 {
		t.Error("a limit comes of nothing")
	}
}

// A limit that is lowered far below what was read before it holds nothing up for long, nor does it let
// more through in the end.
func TestLimitThatIsLoweredHoldsNothingUp(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := fetch.NewLimit(1000)
	if got := l.Wait(1<<20, now); got > 2*time.Second || got < time.Second {
		t.Errorf("what was read without a limit waits for %s", got)
	}
	l.Set(0)
	if got := l.Wait(1<<20, now); got != 0 {
		t.Errorf("without a limit it waits for %s", got)
	}
	if l.Set(1000); l.Most(1<<20) != 100 || l.Wait(100, now) != 100*time.Millisecond {
		t.Error("it is not the limit that was set")
	}
}
