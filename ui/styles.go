package ui

import (
	"image/color"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"atlas-restore/forms"
	"atlas-restore/forms/ink"
	"atlas-restore/state"
)

// background is what is known of the terminal's.
type background int

// A terminal that does not say stays unknown: then the 16 colours of its own theme are
// used, which whoever chose the theme can read on its background.
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
	live, training   ink.Ink // filled labels of the header
	title, text      ink.Ink
	dim              ink.Ink // ids, ages, what cannot be chosen
	danger           ink.Ink // erased, failed, unknown, BLOCK
	caution          ink.Ink // WARN, what expires
	good             ink.Ink // OK, done, completed
	running          ink.Ink // what is under way
	accent, selected ink.Ink // where one is: a mark, and the row
	key, name        ink.Ink
	labels           map[string]ink.Ink // filled, by a colour of state.EnvironmentColours
	marks            marks
}

// environment is the label of an environment, whose word stands on it.
func (s styles) environment(e state.Environment) ink.Ink {
	if e.Name == "" {
		return s.dim
	}
	if l, ok := s.labels[e.Colour]; ok {
		return l
	}
	return s.name
}

// marks are the shapes that carry meaning, in one place for terminals without them.
type marks struct{ here, done, now, ok, wrong, warn, prompt, more, between, on, off, dot, up, shaft, rail, head, unknown string }

func newMarks(ascii bool) marks {
	if ascii {
		return marks{here: "|", done: "+", now: ">", ok: "+", wrong: "x", warn: "!", prompt: ">", more: "~", between: "-", on: "*", off: "o", dot: "*", up: "^", shaft: "=", rail: "-", head: ">", unknown: "?"}
	}
	return marks{here: "▌", done: "✓", now: "▸", ok: "✓", wrong: "✗", warn: "!", prompt: "›", more: "…", between: "·", on: "●", off: "○", dot: "•", up: "▲", shaft: "━", rail: "─", head: "▶", unknown: "?"}
}

// palette are the colours of the roles on one kind of background. Danger is told from good
// without the red or the green cones too: the one is orange, the other has much blue. Ink is
// what stands on a label that is filled with one of them; nil reverses the label instead.
type palette struct{ danger, caution, good, running, accent, dim, magenta, ink color.Color }

// The pairs have a contrast of at least 4.5:1 on black and on Solarized dark, or on
// white and on Solarized light (WCAG 2, 1.4.3). With 16 colours they are the theme's own, of
// which nothing can be computed: those are taken that can be read on most themes and that the
// colour-blind tell apart. There is no grey among those that is seen on every theme; what is
// dim is faint then. What is among the 256 colours is called by its number there: it takes half
// the bytes of red, green and blue on a slow line, and nobody changes those.
var (
	onDark16 = palette{
		danger: lipgloss.BrightRed, caution: lipgloss.BrightYellow, good: lipgloss.BrightCyan, running: lipgloss.BrightCyan,
		accent: lipgloss.BrightCyan, dim: nil, magenta: lipgloss.BrightMagenta, ink: lipgloss.Black,
	}
	onLight16 = palette{
		danger: lipgloss.Red, caution: lipgloss.Magenta, good: lipgloss.Blue, running: lipgloss.Blue,
		accent: lipgloss.Blue, dim: nil, magenta: lipgloss.Magenta, ink: lipgloss.BrightWhite,
	}
	// Yellow cannot be seen on white, and blue hardly on black.
	onUnknown = palette{
		danger: lipgloss.Red, caution: lipgloss.Magenta, good: lipgloss.Cyan, running: lipgloss.Cyan,
		accent: lipgloss.Cyan, dim: nil, magenta: lipgloss.Magenta, ink: nil,
	}
)

func onDark() palette {
	return palette{
		danger: lipgloss.Color("209"), caution: lipgloss.Color("221"), good: lipgloss.Color("80"), running: lipgloss.Color("117"),
		accent: lipgloss.Color("111"), dim: lipgloss.Color("248"), magenta: lipgloss.Color("219"), ink: lipgloss.Color("#000000"),
	}
}

func onLight() palette {
	return palette{
		danger: lipgloss.Color("124"), caution: lipgloss.Color("#785800"), good: lipgloss.Color("23"), running: lipgloss.Color("24"),
		accent: lipgloss.Color("25"), dim: lipgloss.Color("59"), magenta: lipgloss.Color("90"), ink: lipgloss.Color("#FFFFFF"),
	}
}

func (l look) palette() palette {
	few := l.profile == colorprofile.ANSI
	switch {
	case l.background == unknownBackground:
		return onUnknown
	case l.background == darkBackground && few:
		return onDark16
	case l.background == darkBackground:
		return onDark()
	case few:
		return onLight16
	}
	return onLight()
}

func newStyles(l look) styles {
	p, base := l.palette(), lipgloss.NewStyle()
	bold := base.Bold(true)
	// A blank on each side is part of the text: padding has a style of its own, which has to be
	// told to the terminal each time.
	filled := bold.Transform(func(text string) string { return " " + text + " " })
	of := func(c color.Color) ink.Ink { return ink.Of(base.Foreground(c)) }
	label := func(c color.Color) ink.Ink {
		if p.ink == nil || c == nil {
			filled := filled.Reverse(true)
			if c != nil {
				filled = filled.Foreground(c)
			}
			return ink.Of(filled)
		}
		return ink.Of(filled.Foreground(p.ink).Background(c))
	}
	dim := base.Faint(true)
	if p.dim != nil {
		dim = base.Foreground(p.dim)
	}
	s := styles{
		live: ink.Of(filled.Reverse(true)), training: label(p.accent),
		title: ink.Of(bold), text: ink.Of(base), dim: ink.Of(dim), key: ink.Of(bold), name: ink.Of(bold),
		danger: of(p.danger), caution: of(p.caution), good: of(p.good),
		running: of(p.running), accent: of(p.accent), selected: ink.Of(bold.Foreground(p.accent)),
		marks: newMarks(l.ascii),
	}
	s.labels = map[string]ink.Ink{
		"orange": label(p.danger), "blue": label(p.accent), "green": label(p.good), "magenta": label(p.magenta), "grey": label(p.dim),
	}
	return s
}

// formStyles are the same roles in the words of a form.
func formStyles(s styles, ascii bool) forms.Styles {
	out := forms.Styles{Label: s.title, Text: s.text, Muted: s.dim, Accent: s.selected, Wrong: s.danger, Fine: s.good, Warn: s.caution, Badge: s.environment}
	if ascii {
		out.Marks = forms.ASCIIMarks()
	}
	return out
}

// verdict is how a check's verdict is shown: a mark, a word and a colour.
func (s styles) verdict(v state.Verdict) (mark, word string, style ink.Ink) {
	switch v {
	case state.OK:
		return s.marks.ok, v.String(), s.good
	case state.Block:
		return s.marks.wrong, v.String(), s.danger
	case state.Warn:
		return s.marks.warn, v.String(), s.caution
	case state.Looking:
		return s.marks.now, v.String(), s.running
	case state.Unknown:
	}
	return s.marks.unknown, v.String(), s.danger
}
