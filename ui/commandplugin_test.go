// Tests of ui/command. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"atlas-restore/ui/command"
)

// The Atlas CLI makes 1 of every exit code but 0, so that each is said in words: those of the
// help.
func TestEachExitCodeIsSaidInWords(t *testing.T) {
	t.Parallel()
	root := command.New(release, []string{"help"})
	codes := func(cmd *cobra.Command) string {
		_, codes, _ := strings.Cut(cmd.UsageString(), "\nExit codes:\n")
		return codes
	}
	var all func(cmd *cobra.Command) int
	all = func(cmd *cobra.Command) (n int) {
		for line := range strings.Lines(codes(cmd)) {
			var code int
			if _, err := fmt.Sscanf(line, "  %d ", &code); err != nil || strings.HasPrefix(strings.TrimSpace(line), "(") {
				continue
			}
			n++
			if says := command.ExitSays(cmd, code); len(says) < 5 || !strings.Contains(line, says) {
				t.Errorf("%s: of %d it says %q", cmd.CommandPath(), code, says)
			}
		}
		for _, c := range cmd.Commands() {
			n += all(c)
		}
		return n
	}
	if n := all(root); n < 50 {
		t.Errorf("%d codes were looked at", n)
	}
	if says := command.ExitSays(root, 7); says != "submitted, and still running in Atlas when left" {
		t.Errorf("of 7 it says %q", says)
	}
	if book, _, err := root.Find([]string{"records", "verify"}); err != nil || command.ExitSays(book, 3) != "" {
		t.Errorf("records verify, which proves no file, has its exit codes: %v", err)
	}
	if says := command.ExitSays(root, 99); says != "" {
		t.Errorf("of 99 it says %q", says)
	}
}
