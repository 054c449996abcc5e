// Package manual is what there is to know beyond the help: a text for each topic, which the
// command help, the man pages and whoever reads the source tree all show. The name of a topic is
// that of its command, where it has one. The texts are Markdown: paragraphs, headings, lists,
// tables and code.
package manual

import (
	"embed"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/pattern"
)

//go:embed *.md
var pages embed.FS

// Topics are the names of the texts, in the order of the alphabet.
func Topics() []string {
	entries, err := pages.ReadDir(".")
	if err != nil {
		return nil // they are in the program
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".md"))
	}
	slices.Sort(out)
	return out
}

// Title is the heading of a topic; empty if there is no such one.
func Title(topic string) string {
	title, _ := parts(topic)
	return title
}

// Text is a topic as it is read in a terminal, without pictures and comments; empty if there is no
// such one.
func Text(topic string) string {
	title, body := parts(topic)
	if title == "" {
		return ""
	}
	return title + "\n" + strings.Repeat("=", len(title)) + "\n\n" + body
}

// A link leads nowhere in a terminal: one to another topic becomes the command that shows it, and of
// another its text stays.
var (
	topicLink = pattern.New(`\[([^\]]+)\]\(([a-z]+)\.md\)`)
	installed = pattern.Replace("./"+state.Program, state.Program, "go run . ", state.Program+" ")
)

// parts are the heading of a topic and what stands below it.
func parts(topic string) (title, body string) {
	raw, err := pages.ReadFile(topic + ".md")
	if err != nil {
		return "", ""
	}
	head, rest, _ := strings.Cut(string(raw), "\n")
	var out strings.Builder
	for line := range strings.Lines(strings.TrimLeft(rest, "\n")) {
		if strings.HasPrefix(line, "![") || strings.HasPrefix(line, "<!--") {
			continue
		}
		line = topicLink.ReplaceAllString(line, "$1: "+state.Program+" help $2")
		line = link.ReplaceAllString(line, "$1")
		// It is on the PATH of whoever reads it here.
		out.WriteString(installed.Replace(line))
	}
	return strings.TrimPrefix(head, "# "), strings.TrimLeft(out.String(), "\n")
}
