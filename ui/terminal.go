package ui

import (
	"runtime"
	"strings"
)

// UTF8 says whether the locale's encoding is UTF-8, by the variables in the order
// of POSIX. None means the C locale, which is ASCII.
func UTF8(getenv func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true // it has no such variables, and its terminals are Unicode
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// Colourless says whether the environment wants no colours: NO_COLOR with whatever value,
// of which Bubble Tea takes only those that say yes, or a terminal that has none.
func Colourless(getenv func(string) string) bool {
	return getenv("NO_COLOR") != "" || strings.HasPrefix(getenv("TERM"), "vt")
}
