package state_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

func TestFieldRules(t *testing.T) {
	id := func(s string) error { return state.CheckID(s) }
	name := func(s string) error { return state.CheckClusterName(s) }
	ts := func(s string) error { _, err := state.ParseOplogTs(s); return err }
	inc := func(s string) error { _, err := state.ParseOplogInc(s); return err }
	for _, tc := range []struct {
		rule  string
		check func(string) error
		in    string
		says  string // part of the sentence; empty if the input is good
	}{
		{"id", id, "65f0c1d2e3a4b5c6d7e8f901", ""},
		{"id", id, "", "24 characters"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f90", "this has 23"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f9012", "this has 25"},
		{"id", id, "65F0C1D2E3A4B5C6D7E8F901", "lower case"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f90g", "only 0-9 and a-f"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f901\n", "only 0-9 and a-f"},
		{"name", name, "orders-prod", ""},
		{"name", name, "0", ""},
		{"name", name, "A-", ""},
		{"name", name, "", "needed"},
		{"name", name, "-a", "begins with"},
		{"name", name, "orders prod", "no spaces"},
		{"name", name, "orders_prod", "'_'"},
		{"name", name, "orders/prod", "'/'"},
		{"name", name, "bestände", "'ä'"},
		{"name", name, "a\n", "cannot stand in it"},
		{"ts", ts, "1199145600", ""},
		{"ts", ts, "2147483647", ""},
		{"ts", ts, "1199145599", "begins at 1199145600"},
		{"ts", ts, "2147483648", "ends at 2147483647"},
		{"ts", ts, "1795443779000", "milliseconds; in seconds it is 1795443779"},
		{"ts", ts, "", "in seconds"},
		{"ts", ts, "-1795443779", "in seconds"},
		{"ts", ts, "1.8e9", "in seconds"},
		{"ts", ts, strings.Repeat("9", 40), "ends at"},
		{"inc", inc, "1", ""},
		{"inc", inc, "2147483647", ""},
		{"inc", inc, "0", "begins at 1"},
		{"inc", inc, "2147483648", "ends at 2147483647"},
		{"inc", inc, "-1", "whole number"},
		{"inc", inc, "", "whole number"},
		{"inc", inc, " 1", "whole number"},
	} {
		err := tc.check(tc.in)
		switch {
		case tc.says == "" && err != nil:
			t.Errorf("%s %q: refused: %v", tc.rule, tc.in, err)
		case tc.says != "" && err == nil:
			t.Errorf("%s %q: taken, want a refusal that says %q", tc.rule, tc.in, tc.says)
		case tc.says != "" && !strings.Contains(err.Error(), tc.says):
			t.Errorf("%s %q: says %q, want %q in it", tc.rule, tc.in, err, tc.says)
		}
	}
}
