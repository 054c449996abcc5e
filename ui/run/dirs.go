package run

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"atlas-restore/ui/command"
)

// StateDir is where this program keeps what it has to remember.
func StateDir(s command.Settings) string {
	if s.StateDir != "" {
		return s.StateDir
	}
	return filepath.Join(base("XDG_STATE_HOME", ".local", "state"), "atlas-restore")
}

// ConfigFile is where a person's own configuration stands.
func ConfigFile() string {
	return filepath.Join(base("XDG_CONFIG_HOME", ".config"), "atlas-restore", "config.toml")
}

// base is a directory of the XDG Base Directory Specification: the one that its variable names, if
// that is absolute, else its usual place below the home directory, or that of the system. (A library for
// it would find all of them, and read a file, whenever the program is loaded.)
func base(variable string, usual ...string) string {
	dir := os.Getenv(variable)
	for _, as := range []string{"~", "$HOME"} {
		if rest, ok := strings.CutPrefix(dir, as); ok {
			dir = filepath.Join(home(), rest)
		}
	}
	if filepath.IsAbs(dir) {
		return dir
	}
	switch runtime.GOOS {
	case "windows":
		return cmp.Or(os.Getenv("LOCALAPPDATA"), filepath.Join(home(), "AppData", "Local"))
	case "darwin":
		return filepath.Join(home(), "Library", "Application Support")
	}
	return filepath.Join(append([]string{home()}, usual...)...)
}

// home is the user's home directory.
func home() string {
	dir, _ := os.UserHomeDir() // without one it is the root's, as for a service
	return cmp.Or(dir, string(filepath.Separator))
}
