package control

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/pattern"
)

// instructor is who sits beside the trainee: sees each request as a line, and makes
// things happen by a line.
type instructor struct {
	sim   *simulator.Server
	coach *control          // knows the scenario, if one is played
	names map[string]string // of projects, by ID; only watch knows them

	mu     sync.Mutex
	screen io.Writer
}

// say shows a line. Nothing in it can command the terminal.
func (i *instructor) say(format string, a ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	fmt.Fprintln(i.screen, plain(fmt.Sprintf(format, a...)))
}

// longestLine is in characters.
const longestLine = 400

// plain is a text without what is no visible character, and of bearable length.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return '·'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > longestLine {
		return string(runes[:longestLine]) + "…"
	}
	return s
}

// watch shows what comes, until the context ends.
func (i *instructor) watch(ctx context.Context) {
	after := 0
	for {
		later, next := i.sim.RequestsAfter(after)
		for _, r := range later {
			i.say("%s", i.line(r.Masked()))
			after = r.Number
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}

var project = pattern.New(`/groups/([a-f0-9]{24})`)

// line is a request in words: when, what, where, and what became of it. What was sent is
// shown where it can change something.
func (i *instructor) line(r simulator.Request) string {
	path := strings.TrimPrefix(r.Path, "/api/atlas/v2")
	if path == "" {
		path = "/"
	}
	path = project.ReplaceAllStringFunc(path, func(s string) string {
		return "/groups/" + i.name(strings.TrimPrefix(s, "/groups/"))
	})
	if r.Query != "" {
		path += "?" + r.Query
	}
	out := fmt.Sprintf("%s  %-6s  %3d  %s", hour(r.At), r.Method, r.Status, path)
	if r.ErrorCode != "" {
		out += "  " + r.ErrorCode
	}
	switch {
	case r.Dropped && r.Status == 0:
		out += "  (cut)"
	case r.Dropped:
		out += "  (its answer was lost)"
	}
	if r.Method != http.MethodGet && r.Body != "" {
		out += "  " + r.Body
	}
	return out
}

// name is the project's name, or the ID of none.
func (i *instructor) name(id string) string {
	if i.names[id] == "" {
		for _, p := range i.sim.World().Projects {
			i.names[p.ID] = p.Name
		}
	}
	if n := i.names[id]; n != "" {
		return n
	}
	return id
}

// obey does what is said, a line each, until the end of what is said; it says whether
// that was to quit.
func (i *instructor) obey(in io.Reader) (quit bool) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		switch word {
		case "":
		case "quit":
			return true
		case "help":
			i.help()
		case "debrief":
			i.debrief()
		case "reset":
			i.reset()
		default:
			i.do(word, strings.TrimSpace(rest))
		}
	}
	return false
}

func (i *instructor) help() {
	all := append(commands(),
		command{says: "debrief", does: "what came of the scenario so far"},
		command{says: "reset", does: "the world, and the scenario in it, begin again: for the next trainee"},
		command{says: "quit", does: "the simulator ends"})
	widest := 0
	for _, c := range all {
		widest = max(widest, ansi.StringWidth(c.says))
	}
	for _, c := range all {
		i.say("  %s%s %s", c.says, strings.Repeat(" ", widest-ansi.StringWidth(c.says)), c.does)
	}
}

func (i *instructor) reset() {
	if err := i.coach.again(i.sim.Seed()); err != nil {
		i.say("* %v", err)
		return
	}
	i.say("* %s  reset: the world begins again", hour(i.sim.Now()))
}

func (i *instructor) debrief() {
	run, err := i.coach.playing()
	if err != nil {
		i.say("* %v", err)
		return
	}
	for line := range strings.Lines(run.Debrief().Text()) {
		i.say("%s", strings.TrimSuffix(line, "\n"))
	}
}

// done is what a command did, as it is told behind what was typed. One that takes one of several words has done
// what was typed, and not what stands in the help.
func (c command) done(rest string) string {
	does, others, or := strings.Cut(c.does, " (or: ")
	if !or {
		return does
	}
	first := strings.LastIndexByte(does, ' ') + 1
	typed := strings.Fields(rest)
	for _, word := range strings.FieldsFunc(others, func(r rune) bool { return strings.ContainsRune(" ,;)", r) }) {
		if slices.Contains(typed, word) && !slices.Contains(typed, does[first:]) {
			return does[:first] + word
		}
	}
	return does
}

// do makes happen what a command says.
func (i *instructor) do(word, rest string) {
	c, inject, err := understand(word, rest)
	if err == nil {
		err = i.sim.Inject(inject)
	}
	if err != nil {
		i.say("* %v", err)
		return
	}
	i.say("* %s  %s: %s", hour(i.sim.Now()), strings.TrimSpace(word+" "+rest), c.done(rest))
}
