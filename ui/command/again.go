package command

import (
	"fmt"
	"strings"

	"atlas-restore/state"
)

// Again are the flags without which another command would not find the job.
func (s Settings) Again() string {
	var b strings.Builder
	for _, f := range []struct{ name, value string }{{"profile", s.Profile}, {"base-url", s.BaseURL}, {"ca-file", s.CAFile}, {"state-dir", s.StateDir}} {
		if f.value != "" {
			fmt.Fprintf(&b, " --%s %s", f.name, state.ShellWord(f.value))
		}
	}
	return b.String()
}
