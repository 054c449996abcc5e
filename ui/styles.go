package ui

import (
	"image/color"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"atlas-restore/forms"
	"atlas-restore/state"
)

// background is what is known of the terminal's.
type background int

// A terminal that does not say stays unknown: then no colour is used at all, for none
// can be read on both black and white.
const (
	unknownBackground background = iota
	darkBackground
	lightBackground
)

// look is what is known of how the terminal shows things.
type look struct {
	background background
	profile    colorprofile.Profile // how many colours
	ascii      bool                 // it shows nothing but ASCII
}

// guess is the background by the variables that some terminals set. An answer of the
// terminal itself overrides it.
func guess(env tea.EnvMsg) background {
	parts := strings.Split(env.Getenv("COLORFGBG"), ";")
	switch parts[len(parts)-1] { // "15;0": the last one is the background's number
	case "0", "1", "2", "3", "4", "5", "6", "8":
		return darkBackground
	case "7", "15":
		return lightBackground
	}
	if env.Getenv("TERM") == "linux" { // the console of a server; it answers no question
		return darkBackground
	}
	return unknownBackground
}

// styles are named by role. Colour only underlines what a word or a mark says.
type styles struct {
	live, training           lipgloss.Style // filled labels of the header
	title, text, muted       lipgloss.Style
	accent, fine, warn       lipgloss.Style // where one is; what is well; what destroys or is wrong
	key                      lipgloss.Style
	selected, disabled, name lipgloss.Style
	labels                   map[string]lipgloss.Style // filled, by a colour of state.EnvironmentColours
	marks                    marks
}

// environment is the label of an environment, whose word stands on it.
func (s styles) environment(e state.Environment) lipgloss.Style {
	if l, ok := s.labels[e.Colour]; ok {
		return l
	}
	return s.name
}

// marks are the shapes that carry meaning, in one place for terminals without them.
type marks struct{ here, done, now, ok, wrong, warn, prompt, more, between, on, off, dot, up string }

func newMarks(ascii bool) marks {
	if ascii {
		return marks{here: "|", done: "+", now: ">", ok: "+", wrong: "x", warn: "!", prompt: ">", more: "~", between: "-", on: "*", off: "o", dot: "*", up: "^"}
	}
	return marks{here: "▌", done: "✓", now: "▸", ok: "✓", wrong: "✗", warn: "!", prompt: "›", more: "…", between: "·", on: "●", off: "○", dot: "•", up: "▲"}
}

// palette are the colours of the roles on one kind of background: blue for what is
// fine and for where one is, orange for what destroys, so that nobody has to tell red
// from green; ink is what stands on a label filled with one of them.
type palette struct{ blue, orange, grey, ink, green, magenta color.Color }

// The pairs have a contrast of at least 4.5:1 on black and on Solarized dark, or on
// white and on Solarized light (WCAG 2, 1.4.3). With 16 colours they are the user's
// own, of which nothing can be computed: those are taken that are told apart by the
// colour-blind, and grey is left out.
var (
	onDark  = palette{lipgloss.Color("#87AFFF"), lipgloss.Color("#FFAF5F"), lipgloss.Color("#A8A8A8"), lipgloss.Color("#000000"), lipgloss.Color("#87D787"), lipgloss.Color("#FFAFFF")}
	onLight = palette{lipgloss.Color("#005FAF"), lipgloss.Color("#A84300"), lipgloss.Color("#5F5F5F"), lipgloss.Color("#FFFFFF"), lipgloss.Color("#005F00"), lipgloss.Color("#870087")}
	// Of 256 colours the one nearest to that orange is too light: the next darker one.
	onLight256 = palette{onLight.blue, lipgloss.Color("#875F00"), onLight.grey, onLight.ink, onLight.green, onLight.magenta}
	onDark16   = palette{lipgloss.BrightCyan, lipgloss.BrightYellow, lipgloss.NoColor{}, lipgloss.Black, lipgloss.BrightGreen, lipgloss.BrightMagenta}
	onLight16  = palette{lipgloss.Blue, lipgloss.Red, lipgloss.NoColor{}, lipgloss.BrightWhite, lipgloss.Green, lipgloss.Magenta}
)

func (l look) palette() palette {
	few := l.profile == colorprofile.ANSI
	switch {
	case l.background == darkBackground && few:
		return onDark16
	case l.background == darkBackground:
		return onDark
	case few:
		return onLight16
	case l.profile == colorprofile.ANSI256:
		return onLight256
	}
	return onLight
}

func newStyles(l look) styles {
	base := lipgloss.NewStyle()
	s := styles{
		live: base.Bold(true).Padding(0, 1), training: base.Bold(true).Padding(0, 1),
		title: base.Bold(true), text: base, muted: base,
		accent: base, fine: base, warn: base,
		key: base.Bold(true), selected: base.Bold(true), disabled: base, name: base.Bold(true),
		marks: newMarks(l.ascii),
	}
	if l.background == unknownBackground {
		s.live, s.training = s.live.Reverse(true), s.training.Reverse(true)
		s.accent, s.warn = s.accent.Bold(true), s.warn.Bold(true)
		return s
	}
	p := l.palette()
	s.live = s.live.Foreground(p.ink).Background(p.orange)
	s.training = s.training.Foreground(p.ink).Background(p.blue)
	s.muted, s.disabled = base.Foreground(p.grey), base.Foreground(p.grey)
	s.accent, s.fine, s.warn = base.Foreground(p.blue), base.Foreground(p.blue), base.Foreground(p.orange)
	s.selected = s.selected.Foreground(p.blue)
	s.labels = map[string]lipgloss.Style{}
	for name, c := range map[string]color.Color{"orange": p.orange, "blue": p.blue, "green": p.green, "magenta": p.magenta, "grey": p.grey} {
		s.labels[name] = base.Bold(true).Padding(0, 1).Foreground(p.ink).Background(c)
		if _, none := c.(lipgloss.NoColor); none {
			s.labels[name] = base.Bold(true).Padding(0, 1).Reverse(true)
		}
	}
	return s
}

// formStyles are the same roles in the words of a form.
func formStyles(s styles, ascii bool) forms.Styles {
	out := forms.Styles{Label: s.title, Text: s.text, Muted: s.muted, Accent: s.selected, Wrong: s.warn, Fine: s.fine}
	if ascii {
		out.Marks = forms.ASCIIMarks()
	}
	return out
}
