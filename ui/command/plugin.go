package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"atlas-restore/state"
)

// PluginCommand is the command of the Atlas CLI that this program is: atlas restore. The
// manifest.yml of a release says so, and the Atlas CLI gives the word as the first argument.
const PluginCommand = "restore"

// asStarted has the help name commands as they run: as the Atlas CLI starts them, if it has.
func asStarted(cmd *cobra.Command) {
	if state.Started() == state.Program {
		return
	}
	if !cmd.HasParent() {
		cmd.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: state.Started()}
	}
	for _, text := range []*string{&cmd.Long, &cmd.Example} {
		*text = strings.ReplaceAll(*text, state.Program+" ", state.Started()+" ")
	}
	for _, c := range cmd.Commands() {
		asStarted(c)
	}
}

// ExitSays is what the help says of an exit code of a command; empty where it says nothing.
func ExitSays(cmd *cobra.Command, code int) string {
	for line := range strings.Lines(exits(cmd)) {
		var n int
		if _, err := fmt.Sscanf(line, "  %d ", &n); err == nil && n == code {
			return strings.TrimSpace(line[len("  130  "):])
		}
	}
	return ""
}
