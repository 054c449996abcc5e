package state_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"atlas-restore/state"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	s := state.NewSecret("swordfish")
	holder := struct {
		Key  state.Secret
		Keys []state.Secret
		Ptr  *state.Secret
	}{s, []state.Secret{s}, &s}
	raw, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", s, "all", holder)
	for _, text := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s),
		fmt.Sprintf("%v %+v %#v", holder, holder, holder), fmt.Errorf("x %v", s).Error(),
		fmt.Sprintf("%v %+v %#v", hidden{s}, hidden{s}, hidden{s}),
		errors.Join(fmt.Errorf("%s", s)).Error(), string(raw), log.String(),
		fmt.Sprintf("%v", state.Job{Deliveries: []state.Delivery{{URL: s, Private: []state.PrivateURL{{URL: s}}}}}),
	} {
		if strings.Contains(text, "swordfish") || strings.Contains(text, "73776f7264") {
			t.Errorf("the secret is printed: %s", text)
		}
	}
	if s.Reveal() != "swordfish" {
		t.Error("and cannot be had")
	}
}

// hidden keeps its secret where fmt cannot call its methods.
type hidden struct{ key state.Secret }
