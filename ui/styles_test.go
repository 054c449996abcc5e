package ui

import (
	"fmt"
	"image/color"
	"math"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/lucasb-eyer/go-colorful"

	"atlas-restore/forms/ink"
)

// The backgrounds that people use: black and white, and both of Solarized.
var (
	darkOnes  = map[string]string{"black": "#000000", "Solarized dark": "#002b36"}
	lightOnes = map[string]string{"white": "#ffffff", "Solarized light": "#fdf6e3"}
)

// contrast is WCAG 2's contrast ratio of two colours.
func contrast(t *testing.T, a, b color.Color) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, c color.Color) float64 {
	t.Helper()
	v, ok := colorful.MakeColor(c)
	if !ok {
		t.Fatalf("%v is no colour", c)
	}
	r, g, b := v.LinearRgb()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// roles are the colours of a palette by what they say.
func (p palette) roles() map[string]color.Color {
	return map[string]color.Color{"danger": p.danger, "caution": p.caution, "good": p.good, "running": p.running, "accent": p.accent, "dim": p.dim, "magenta": p.magenta}
}

// Text of every role can be read on its backgrounds, and so can what stands on a label; with
// 256 colours too, which are the nearest ones.
func TestContrast(t *testing.T) {
	const enough = 4.5 // WCAG 2, 1.4.3, for text
	for _, few := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
		for bg, on := range map[background]map[string]string{darkBackground: darkOnes, lightBackground: lightOnes} {
			p := look{background: bg, profile: few}.palette()
			for role, c := range p.roles() {
				shown := few.Convert(c)
				for name, bg := range on {
					if ratio := contrast(t, shown, lipgloss.Color(bg)); ratio < enough {
						t.Errorf("%s, %v, on %s has a contrast of %.2f", role, few, name, ratio)
					}
				}
				if ratio := contrast(t, few.Convert(p.ink), shown); ratio < enough {
					t.Errorf("the label %s, %v, has a contrast of %.2f", role, few, ratio)
				}
			}
		}
	}
}

// colourBlind shows a colour as those see it who lack the red or the green cones: the
// matrices of Viénot, Brettel and Mollon (1999), on linear RGB.
func colourBlind(t *testing.T, c color.Color, m [3][3]float64) colorful.Color {
	t.Helper()
	v, ok := colorful.MakeColor(c)
	if !ok {
		t.Fatalf("%v is no colour", c)
	}
	r, g, b := v.LinearRgb()
	out := [3]float64{}
	for i, row := range m {
		out[i] = math.Min(1, math.Max(0, row[0]*r+row[1]*g+row[2]*b))
	}
	return colorful.LinearRgb(out[0], out[1], out[2])
}

// Danger is told from good, and from where one is, without the red cones and without the
// green ones.
func TestColourBlindDistance(t *testing.T) {
	for name, m := range map[string][3][3]float64{
		"protanopia":   {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
		"deuteranopia": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
	} {
		for kind, p := range map[string]palette{"dark": onDark(), "light": onLight()} {
			for role, c := range map[string]color.Color{"good": p.good, "running": p.running, "accent": p.accent} {
				// CIE 1976: 2.3 is a just noticeable difference; ten times that is another colour.
				if d := 100 * colourBlind(t, c, m).DistanceLab(colourBlind(t, p.danger, m)); d < 23 {
					t.Errorf("with %s %s and danger on %s are only ΔE %.0f apart", name, role, kind, d)
				}
			}
		}
	}
}

// Where the background is not known the theme's own colours are used, and every role that
// warns or reassures has one: no fixed colour can be read on any background.
func TestUnknownBackgroundHasTheThemesColours(t *testing.T) {
	themes := regexp.MustCompile(`^\x1b\[(1;|2;|7;)*(3[0-7]|9[0-7])?m?`)
	s := newStyles(look{profile: colorprofile.TrueColor})
	for name, style := range map[string]ink.Ink{
		"live": s.live, "training": s.training, "title": s.title, "text": s.text, "dim": s.dim, "accent": s.accent, "danger": s.danger,
		"caution": s.caution, "good": s.good, "running": s.running, "key": s.key, "selected": s.selected, "name": s.name,
	} {
		out := style.Render("x")
		if strings.Contains(out, "38;") || strings.Contains(out, "48;") || out != "x" && !themes.MatchString(out) {
			t.Errorf("%s has a colour that is not the theme's: %q", name, out)
		}
	}
	for name, style := range map[string]ink.Ink{"danger": s.danger, "caution": s.caution, "good": s.good, "running": s.running, "accent": s.accent} {
		if out := style.Render("x"); !strings.Contains(out, "\x1b[3") {
			t.Errorf("%s has no colour: %q", name, out)
		}
	}
	if s.danger.Render("x") == s.good.Render("x") || s.danger.Render("x") == s.caution.Render("x") {
		t.Error("danger looks like something else")
	}
	if !strings.Contains(s.live.Render("LIVE"), "7") { // reverse video: the terminal's own two colours
		t.Errorf("the label does not stand out: %q", s.live.Render("LIVE"))
	}
}

func TestGuess(t *testing.T) {
	for env, want := range map[string]background{
		"":                      unknownBackground,
		"COLORFGBG=15;0":        darkBackground,
		"COLORFGBG=0;15":        lightBackground,
		"COLORFGBG=0;default;7": lightBackground,
		"COLORFGBG=12;8":        darkBackground,
		"COLORFGBG=nonsense":    unknownBackground,
		"TERM=linux":            darkBackground,
		"TERM=xterm":            unknownBackground,
	} {
		if got := guess(tea.EnvMsg{env}); got != want {
			t.Errorf("%q: %v, want %v", env, got, want)
		}
	}
}

// Every mark has an ASCII twin as wide as itself, so that nothing moves without UTF-8.
func TestASCIIMarks(t *testing.T) {
	fine, plain := fmt.Sprintf("%+v", newMarks(false)), fmt.Sprintf("%+v", newMarks(true))
	if strings.IndexFunc(plain, func(r rune) bool { return r > '~' }) >= 0 {
		t.Errorf("marks that are not ASCII: %s", plain)
	}
	if ansi.StringWidth(fine) != ansi.StringWidth(plain) {
		t.Errorf("the twins are not as wide: %s, %s", fine, plain)
	}
}
