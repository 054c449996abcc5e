//go:build !windows && !darwin

// Tests of ui/run. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"testing"

	"atlas-restore/ui/command"
	"atlas-restore/ui/run"
)

// What is kept is found where the XDG Base Directory Specification has it.
func TestDirectories(t *testing.T) {
	for _, tc := range []struct{ home, variable, state, config string }{
		{"/home/maria", "", "/home/maria/.local/state/atlas-restore", "/home/maria/.config/atlas-restore/config.toml"},
		{"/home/maria", "/var/kept", "/var/kept/atlas-restore", "/var/kept/atlas-restore/config.toml"},
		{"/home/maria", "~/kept", "/home/maria/kept/atlas-restore", "/home/maria/kept/atlas-restore/config.toml"},
		{"/home/maria", "$HOME/kept", "/home/maria/kept/atlas-restore", "/home/maria/kept/atlas-restore/config.toml"},
		{"/home/maria", "kept", "/home/maria/.local/state/atlas-restore", "/home/maria/.config/atlas-restore/config.toml"}, // it must be absolute
		{"", "", "/.local/state/atlas-restore", "/.config/atlas-restore/config.toml"},
	} {
		t.Setenv("HOME", tc.home)
		t.Setenv("XDG_STATE_HOME", tc.variable)
		t.Setenv("XDG_CONFIG_HOME", tc.variable)
		if state, config := run.StateDir(command.Settings{}), run.ConfigFile(); state != tc.state || config != tc.config {
			t.Errorf("HOME=%s, %q: %s and %s, want %s and %s", tc.home, tc.variable, state, config, tc.state, tc.config)
		}
	}
	if got := run.StateDir(command.Settings{StateDir: "here"}); got != "here" {
		t.Errorf("--state-dir here: %s", got)
	}
}
