package ui

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/lucasb-eyer/go-colorful"
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

// Text of every role can be read on its backgrounds, and so can what stands on a label.
func TestContrast(t *testing.T) {
	const enough = 4.5 // WCAG 2, 1.4.3, for text
	for _, tc := range []struct {
		p  palette
		on map[string]string
	}{{onDark, darkOnes}, {onLight, lightOnes}} {
		for role, c := range map[string]color.Color{"blue": tc.p.blue, "orange": tc.p.orange, "grey": tc.p.grey} {
			for name, bg := range tc.on {
				ratio := contrast(t, c, lipgloss.Color(bg))
				t.Logf("%s on %s: %.2f", role, name, ratio)
				if ratio < enough {
					t.Errorf("%s on %s has a contrast of %.2f", role, name, ratio)
				}
			}
		}
		for role, c := range map[string]color.Color{"LIVE": tc.p.orange, "TRAINING": tc.p.blue, "green": tc.p.green, "magenta": tc.p.magenta, "grey": tc.p.grey} {
			ratio := contrast(t, tc.p.ink, c)
			t.Logf("the label %s: %.2f", role, ratio)
			if ratio < enough {
				t.Errorf("the label %s has a contrast of %.2f", role, ratio)
			}
		}
	}
}

// The colours of a terminal with 256 of them are the nearest; they must do as well.
func TestContrastWith256Colours(t *testing.T) {
	for bg, on := range map[background]map[string]string{darkBackground: darkOnes, lightBackground: lightOnes} {
		p := look{background: bg, profile: colorprofile.ANSI256}.palette()
		for role, c := range map[string]color.Color{"blue": p.blue, "orange": p.orange, "grey": p.grey} {
			near := colorprofile.ANSI256.Convert(c)
			for name, bg := range on {
				if ratio := contrast(t, near, lipgloss.Color(bg)); ratio < 4.5 {
					t.Errorf("%s, with 256 colours, on %s has a contrast of %.2f", role, name, ratio)
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

// Blue and orange are told apart without the red cones, and without the green ones.
func TestColourBlindDistance(t *testing.T) {
	for name, m := range map[string][3][3]float64{
		"protanopia":   {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
		"deuteranopia": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
	} {
		for kind, p := range map[string]palette{"dark": onDark, "light": onLight} {
			// CIE 1976: 2.3 is a just noticeable difference; ten times that is another colour.
			d := 100 * colourBlind(t, p.blue, m).DistanceLab(colourBlind(t, p.orange, m))
			t.Logf("%s, on %s: ΔE %.0f", name, kind, d)
			if d < 23 {
				t.Errorf("with %s blue and orange on %s are only ΔE %.0f apart", name, kind, d)
			}
			if red := colourBlind(t, colorful.Color{R: 0.8}, m).DistanceLab(colourBlind(t, colorful.Color{G: 0.5}, m)) * 100; name == "deuteranopia" && red > d {
				t.Errorf("red and green would be told apart better (ΔE %.0f)", red)
			}
		}
	}
}

// Where the background is not known, no colour at all is used: none can be read on any.
func TestUnknownBackgroundHasNoColour(t *testing.T) {
	s := newStyles(look{profile: colorprofile.TrueColor})
	for name, style := range map[string]lipgloss.Style{
		"live": s.live, "training": s.training, "title": s.title, "text": s.text, "muted": s.muted, "accent": s.accent,
		"fine": s.fine, "warn": s.warn, "key": s.key, "selected": s.selected, "disabled": s.disabled, "name": s.name,
	} {
		if out := style.Render("x"); strings.Contains(out, "38;") || strings.Contains(out, "48;") || strings.Contains(out, "[3") || strings.Contains(out, "[4") && !strings.Contains(out, "[4m") {
			t.Errorf("%s has a colour: %q", name, out)
		}
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
