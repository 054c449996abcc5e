// Tests of ui/manual. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/ui/manual"
)

// Each topic is read in a terminal and as a man page, without what only a page of the web shows,
// and nothing of it is lost between them.
func TestEveryTopicIsRead(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`[\pL\d]{4,}`)
	topics := manual.Topics()
	if len(topics) < 15 || !slices.Contains(topics, "promises") {
		t.Fatalf("the topics are %q", topics)
	}
	for _, topic := range topics {
		text, page := manual.Text(topic), manual.Roff(topic)
		title := manual.Title(topic)
		if title == "" || !strings.HasPrefix(text, title+"\n=") || !strings.HasPrefix(page, ".SH \""+strings.ToUpper(title)) {
			t.Errorf("%s begins with %q and %q", topic, text[:min(40, len(text))], page[:min(40, len(page))])
		}
		for _, never := range []string{"![", "<!--"} {
			if strings.Contains(text, never) || strings.Contains(page, never) {
				t.Errorf("%s has %q", topic, never)
			}
		}
		if strings.Count(page, ".nf") != strings.Count(page, ".fi") || strings.Count(page, ".RS") != strings.Count(page, ".RE") {
			t.Errorf("%s does not end what it begins", topic)
		}
		links := regexp.MustCompile("(?m)\\]\\([^)]*\\)|^```.*$|^\\|.*\n\\|--.*$") // and the heads of tables
		plain := strings.NewReplacer(`\-`, "-", `\fB`, " ", `\fR`, " ", `\e`, `\`).Replace(page)
		for _, w := range words.FindAllString(links.ReplaceAllString(text, ""), -1) {
			if !strings.Contains(strings.ToLower(plain), strings.ToLower(w)) {
				t.Errorf("%s: %q is not on its man page", topic, w)
				break
			}
		}
	}
	if manual.Text("nothing") != "" || manual.Roff("nothing") != "" || manual.Title("../manual") != "" {
		t.Error("a topic is made up")
	}
}

// What Markdown means, roff says.
func TestRoffOfEachKindOfLine(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{
		"Read **this** and `--that` in [a page](page.md).", ".not a request", "", "- one", "  goes on", "1. first", "",
		"| what | how | when |", "|---|---|---|", "| a fault | `fault` | now |", "",
		"```sh", `go run . \`, "'quoted'", "```", "## A part",
	}, "\n")
	want := `Read \fBthis\fR and \fB\-\-that\fR in a page.
\&.not a request
.PP
.IP \(bu 2
one
goes on
.IP 1. 4
first
.PP
.TP
a fault
how: \fBfault\fR
.br
when: now
.PP
.PP
.RS 4
.nf
go run . \e
\&'quoted'
.fi
.RE
.SS "A part"
`
	if got := manual.AsRoff(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// In a terminal there is no source tree: what a text says to run is the program itself, and a link
// to another topic is the command that shows it.
func TestATextStandsByItself(t *testing.T) {
	t.Parallel()
	for _, topic := range manual.Topics() {
		for _, text := range []string{manual.Text(topic), manual.Roff(topic)} {
			for _, of := range []string{"go run", "](", ".md)", "./" + state.Program} {
				if strings.Contains(text, of) {
					t.Errorf("%s has %q", topic, of)
				}
			}
		}
	}
	if text := manual.Text("configuration"); !strings.Contains(text, "(see A drill: atlas-restore help drill)") {
		t.Error(text)
	}
}
