package ui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// helpPage lies over a page while it is read: the keys, what the step means, what
// Atlas does, and the words. It needs no network.
type helpPage struct {
	open  bool
	coach bool              // what the coach has to say, instead of the help
	same  []state.Elsewhere // the request as other programs make it, instead of the help
	at    int               // the first line that is shown
	room  int               // lines, in the last View
	all   int
}

// key scrolls, or closes the help.
func (h *helpPage) key(k tea.KeyPressMsg) {
	page := max(1, h.room-2)
	switch {
	case keyUp().has(k):
		h.at--
	case keyDown().has(k):
		h.at++
	case k.String() == "pgup":
		h.at -= page
	case k.String() == "pgdown", k.String() == "space":
		h.at += page
	case k.String() == "home":
		h.at = 0
	case k.String() == "end":
		h.at = h.all
	default:
		*h = helpPage{}
		return
	}
	h.at = max(0, min(h.at, h.all-h.room))
}

// copied is what a digit copies; empty for nothing.
func (h *helpPage) copied(k tea.KeyPressMsg) (name, text string) {
	n, err := strconv.Atoi(k.String())
	if err != nil || n < 1 || n > len(h.same) {
		return "", ""
	}
	return h.same[n-1].Name, h.same[n-1].Text
}

func (h *helpPage) keys() []action {
	if len(h.same) > 0 {
		return []action{act("1-"+strconv.Itoa(len(h.same)), "copy"), act("↑ ↓ pgup pgdn", "read on"), act("any other key", "close")}
	}
	if h.all > h.room {
		return []action{act("↑ ↓ pgup pgdn", "read on"), act("any other key", "close")}
	}
	return []action{act("any key", "close")}
}

// readable is the length of a line beyond which the eye loses the next one.
const readable = 90

// view draws the lines that fit, of all, and says where it goes on.
func (h *helpPage) view(s styles, all []string, room int) string {
	h.all, h.room = len(all), room
	h.at = max(0, min(h.at, h.all-h.room))
	shown := slices.Clone(all[h.at:min(h.all, h.at+room)])
	if h.at+room < h.all && room > 1 {
		shown[len(shown)-1] = s.dim.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(shown, "\n")
}

// sameLines are the ways in which other programs make the request.
func (r *Root) sameLines(w int) []string {
	var out []string
	for i, e := range r.help.same {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, r.s.title.Render(strconv.Itoa(i+1)+"  "+e.Name))
		for _, line := range wrap(e.Note, w) {
			out = append(out, r.s.dim.Render(line))
		}
		for line := range strings.Lines(e.Text) {
			out = append(out, fold.Command(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    "), w)...)
		}
	}
	return out
}

// helpLines is the whole help of the page on screen.
func (r *Root) helpLines(w int) []string {
	if len(r.help.same) > 0 {
		return r.sameLines(w)
	}
	if r.help.coach {
		return coachLines(r.s, r.coach.now, r.run.Cfg, w)
	}
	h := r.run.Help(r.step())
	var out []string
	head := func(title string) {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, r.s.title.Render(title))
	}
	head("Keys of this page")
	for _, a := range r.actions() {
		if a.off == "" {
			out = append(out, ansi.Truncate(r.s.key.Render(a.shown+strings.Repeat(" ", max(1, 15-ansi.StringWidth(a.shown))))+a.name, w, r.s.marks.more))
		}
	}
	if page, ok := r.page().(interface{ words() string }); ok && page.words() != "" {
		head("The timeline in words")
		out = append(out, wrap(page.words(), w)...)
		out = append(out, wrap(steps.Marks(), w)...)
	}
	head("What this step means")
	for _, text := range h.Means {
		out = append(out, wrap(text, w)...)
	}
	for _, k := range h.Keys {
		if bound := func(a action) bool { return a.shown == k.Key && a.off == "" }; k.Coming || slices.ContainsFunc(r.actions(), bound) {
			out = append(out, wrap(k.Text, w)...)
		}
	}
	head("What Atlas does")
	for _, text := range h.Atlas {
		out = append(out, wrap(text, w)...)
	}
	out = append(out, atEdge(r.link(h.Docs), w)...)
	head("Words")
	for _, t := range steps.Glossary() {
		lines := wrap(t.Word+": "+t.Means, w)
		lines[0] = r.s.key.Render(t.Word) + lines[0][len(t.Word):]
		out = append(out, lines...)
	}
	return out
}

// link is one of our own addresses: a terminal that has more than 16 colours knows how
// to make it one that can be clicked. Nothing that Atlas sends ever becomes one.
func (r *Root) link(url string) string {
	if r.look.profile < colorprofile.ANSI256 || r.look.ascii {
		return r.s.accent.Render(url)
	}
	return r.s.accent.Style().Hyperlink(url).Render(url)
}
