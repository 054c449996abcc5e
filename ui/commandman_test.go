// Tests of ui/command. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"atlas-restore/state/build"
	"atlas-restore/ui/command"
	"atlas-restore/ui/manual"
)

var release = command.Program{Build: func() build.Info { return build.Info{Version: "1.2.3", Go: "go1.26.8"} }}

// A page has each flag of the help with what it takes, and its text as it is written,
// whatever roff would take for its own.
func TestManPageSaysWhatTheHelpSays(t *testing.T) {
	t.Parallel()
	page, err := typed(t, "man")
	if err != nil {
		t.Fatal(err)
	}
	help, err := typed(t, "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`.TH "ATLAS-RESTORE" "1" "" "atlas-restore 1.2.3"`,
		".SH NAME\natlas-restore \\- Restore a MongoDB Atlas cluster from its Cloud Backups\n",
		".SH COMMANDS\n", ".SH EXAMPLES\n", ".SH EXIT STATUS\n", ".SH ENVIRONMENT\n", ".SH FILES\n",
		"\ndownload, collections, automated or pointInTime\n",
		".TP\n" + `\fB\-P\fR, \fB\-\-profile\fR \fINAME\fR` + "\nthe Atlas CLI's profile",
		"\n  atlas-restore                          # the wizard, with the credentials of the environment\n",
		`    --deliveryType download --confirm download -o json     # no question, no terminal`,
		`--snapshotId latest \e` + "\n",
		`.BR atlas\-restore\-train (1)`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	groups := regexp.MustCompile(`(?m)^(\S.*):\n +-`).FindAllStringSubmatch(help, -1)
	if len(groups) < 3 {
		t.Errorf("the help has the groups %q:\n%s", groups, help)
	}
	for _, g := range groups {
		if !strings.Contains(page, `.SS "`+g[1]+`"`) {
			t.Errorf("the page has no group %q", g[1])
		}
	}
}

// There is a page for each command and for each topic, and that of a command has its topic.
func TestAPageForEachTopic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := typed(t, "man", dir); err != nil {
		t.Fatal(err)
	}
	for _, topic := range manual.Topics() {
		page, err := os.ReadFile(filepath.Join(dir, "atlas-restore-"+topic+".1"))
		if err != nil || !strings.Contains(string(page), manual.Roff(topic)) {
			t.Errorf("%s: %v, or its page does not have it", topic, err)
		}
	}
}

// Whoever approves finds where the configuration is, and what its keys hold: in the help of the
// command, and on its page.
func TestTheConfigurationOfApprovalIsTold(t *testing.T) {
	t.Parallel()
	root := command.New(release, []string{"man"})
	approve, _, err := root.Find([]string{"plan", "approve"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"~/.config/atlas-restore/config.toml", `require_approval = ["prod*"]`, "a list of patterns", `allowed_signers = "`, "the path of a file in OpenSSH's format"} {
		if !strings.Contains(approve.Long, want) {
			t.Errorf("the help does not say %q:\n%s", want, approve.Long)
		}
	}
	dir := t.TempDir()
	if _, err := typed(t, "man", dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "atlas-restore-plan-approve.1"))
	if err != nil {
		t.Fatal(err)
	}
	_, said, _ := strings.Cut(string(page), ".SH FILES\n")
	for _, want := range []string{"$XDG_CONFIG_HOME/atlas\\-restore/config.toml", "require_approval = [", "allowed_signers = ", "rto = ", "rpo = "} {
		if !strings.Contains(said, want) && !strings.Contains(said, strings.ReplaceAll(want, `\-`, "-")) {
			t.Errorf("the page does not say %q:\n%s", want, said)
		}
	}
}

// A line that begins like a request of roff is text.
func TestEscapedBeginsNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{".SH x": `\&.SH x`, "'x": `\&'x`, `a\fBb`: `a\efBb`, "plain": "plain"} {
		cmd := command.New(command.Program{Build: func() build.Info { return build.Info{Version: text} }}, []string{"man"})
		var page strings.Builder
		cmd.SetArgs([]string{"man"})
		cmd.SetOut(&page)
		if err := cmd.Execute(); err != nil || !strings.Contains(page.String(), `"atlas-restore `+want+`" "`) {
			t.Errorf("a version %q, %v: %.100s", text, err, page.String())
		}
	}
}
