package state_test

import (
	"errors"
	"slices"
	"testing"

	"atlas-restore/state"
)

// A name that is none of those that there are brings those that a slip of the hand makes of it, as a shell
// takes them, the nearest first and three at most. A letter or two by themselves are near to nothing.
func TestDidYouMean(t *testing.T) {
	t.Parallel()
	names := []string{"orders-prod-restore", "orders-prod", "orders-drill", "Platform Shared", "Ab", "ordres-prod", "orders-prod"}
	for given, want := range map[string]string{
		"orders-prd":         "; did you mean orders-prod?",
		"ORDERS-PROD":        "; did you mean orders-prod or ordres-prod or orders-prod-restore?",
		"orders-prod-restor": "; did you mean orders-prod-restore?",
		"orders":             "; did you mean orders-prod or orders-drill or orders-prod-restore?",
		"Platfrm Shared":     "; did you mean 'Platform Shared'?",
		"payments":           "",
		"x":                  "",
		"xy":                 "",
		"":                   "",
	} {
		if got := state.DidYouMean(given, slices.Values(names)); got != want {
			t.Errorf("%q: %q, not %q", given, got, want)
		}
	}
	if got := state.DidYouMean("orders-prd", slices.Values([]string{"", "ledger"})); got != "" {
		t.Errorf("%q", got)
	}
}

// A sentence has one mark at its end, whatever it ends with.
func TestSentence(t *testing.T) {
	for text, want := range map[string]string{"no cluster x; did you mean orders-prod?": "no cluster x; did you mean orders-prod?", "why": "why.", "why..": "why."} {
		if got := state.Sentence(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
		if got := state.Why(errors.New(text)); got != want {
			t.Errorf("%q is told as %q", text, got)
		}
	}
}
