package steps

import (
	"testing"

	"atlas-restore/state"
)

// Of a job that fits a request whose answer was lost only that is told: it may be somebody else's.
func TestAJobThatFitsIsNotCalledTheRequests(t *testing.T) {
	if got := FoundWords([]state.Job{{ID: "j1"}}); got != "A restore job that fits the request was found: j1." {
		t.Errorf("one: %q", got)
	}
}
