package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Of each module that is linked for a platform the terms are given along: on every platform that
// is released, not only on the one that the gate builds.
func TestEveryModuleHasItsTerms(t *testing.T) {
	t.Chdir("../..")
	for _, p := range platforms {
		goos, goarch, _ := strings.Cut(p, "/")
		text, err := notices(t.Context(), goos, goarch)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		for _, of := range []string{"Go and its standard library: LICENSE", "github.com/spf13/cobra v", "charm.land/bubbletea/v2 v"} {
			if !bytes.Contains(text, []byte(of)) {
				t.Errorf("%s: there is nothing of %s", p, of)
			}
		}
	}
}

// An archive tells nothing of when and where it was made; a plugin of the Atlas CLI may have one
// directory at its top.
func TestArchivesAreAlwaysTheSame(t *testing.T) {
	date := time.Date(2026, 11, 29, 1, 38, 1, 0, time.UTC)
	all := files{{name: "README.md", raw: []byte("x")}, {name: "atlas-restore", raw: []byte("y"), runs: true}}.sorted()
	for name, make := range map[string]func(string, files, time.Time) ([]byte, error){"tar": tarred, "zip": zipped} {
		one, err := make("atlas-restore_1.2.3_linux_amd64", all, date)
		if err != nil {
			t.Fatal(err)
		}
		two, err := make("atlas-restore_1.2.3_linux_amd64", all, date.In(time.FixedZone("there", 7200)))
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: two of one content differ: %v", name, err)
		}
	}
}
