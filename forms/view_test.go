package forms

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/ink"
	"atlas-restore/state"
)

// fits holds a view against the size of the form, and looks for the focused field
// and the cursor in it.
func fits(t *testing.T, f *Form, w, h int) {
	t.Helper()
	v := f.View()
	if w < 1 || h < 1 {
		if v != "" || f.Cursor() != nil {
			t.Fatalf("without a place there is %q", v)
		}
		return
	}
	lines := strings.Split(v, "\n")
	if len(lines) > h {
		t.Fatalf("%d lines, want %d at most:\n%s", len(lines), h, ansi.Strip(v))
	}
	for _, line := range lines {
		if got := ansi.StringWidth(line); got > w {
			t.Fatalf("a line of %d cells, want %d at most: %q", got, w, line)
		}
	}
	if w >= 20 && !strings.Contains(ansi.Strip(v), f.styles.Marks.Focus+" "+f.Prompt()) {
		t.Fatalf("at %d×%d the focused field, %s, is not to be seen:\n%s", w, h, f.Prompt(), ansi.Strip(v))
	}
	for _, fl := range f.shown {
		for _, room := range []int{0, 1, 2, 3, 6} {
			if n := len(fl.details(room)); n > room {
				t.Fatalf("%s takes %d lines of %d", fl.name(), n, room)
			}
		}
	}
	c := f.Cursor()
	if c == nil {
		return
	}
	if c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= len(lines) {
		t.Fatalf("the cursor is at %d,%d of %d×%d", c.X, c.Y, w, h)
	}
	onRow := strings.HasPrefix(strings.TrimSpace(ansi.Strip(lines[c.Y])), f.styles.Marks.Here)
	if w >= 20 && !onRow && !strings.Contains(ansi.Strip(lines[c.Y]), f.Prompt()) {
		t.Fatalf("the cursor is at line %d, the field is not:\n%s", c.Y, ansi.Strip(v))
	}
}

func TestViewFitsForRandomStates(t *testing.T) {
	keys := []string{
		"<enter>", "<enter>", "<tab>", "<back>", "<up>", "<down>", "<down>", "<left>", "<right>", "<space>", "<bs>", "<clear>",
		"a", "orders", "stag", "漢字", "é", "👩‍👩‍👧", "2026-11-23 14:03", "1795442579", unknown, "-", "zeta",
		"a very long text that goes beyond every field there is, and then some more of it",
	}
	sizes := [][2]int{{50, 6}, {76, 14}, {190, 40}, {50, 1}, {20, 3}, {1, 1}, {72, 9}, {0, 0}}
	for _, s := range sizes {
		t.Run(fmt.Sprintf("%dx%d", s[0], s[1]), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(s[0])))
			for range 3 {
				d := []state.DeliveryType{state.Automated, state.PointInTime}[r.IntN(2)]
				f := newForm(d)
				if r.IntN(2) == 0 {
					f.SetClusters(payments, append(ours(), cluster("漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字")), nil)
				}
				if r.IntN(3) == 0 {
					f.SetStyles(Styles{Text: ink.Of(lipgloss.NewStyle().Bold(true)), Accent: ink.Of(lipgloss.NewStyle().Reverse(true)), Marks: ASCIIMarks()})
				}
				f.SetSize(s[0], s[1])
				for range 30 {
					send(f, keys[r.IntN(len(keys))])
					fits(t, f, s[0], s[1])
				}
			}
		})
	}
}

func TestSmallestSizeShowsWhatIsNeeded(t *testing.T) {
	f := newForm(state.PointInTime)
	f.SetSize(50, 6)
	send(f, "<right><tab><tab><tab><tab>")
	for _, want := range []string{"› Target cluster", "  orders-restore", "  orders-stg"} {
		if !strings.Contains(view(f), want) {
			t.Errorf("no %q in\n%s", want, view(f))
		}
	}
	send(f, "<down><down><down><down><down><enter>")
	for _, want := range []string{"✗ alpha cannot take it", "▌ alpha"} {
		if !strings.Contains(view(f), want) {
			t.Errorf("no %q in\n%s", want, view(f))
		}
	}
}

// The field in which something is typed and what is wrong with it are in view however low the window is, and so is the
// next field once there is a line for it. In as many lines as the form needs at least, all fields are.
func TestWhatIsWrongIsInViewWithTheNextField(t *testing.T) {
	labels := []string{"Restore to", "Moment", "Target project", "Target cluster"}
	for _, keys := range []string{"<tab>99:99", "<tab>2026-11-23 14:35", "<tab>2026-11-23 14:02:59", "<tab>"} {
		for h := 2; h <= 12; h++ {
			f := newForm(state.PointInTime)
			f.SetReach(state.Reach{Window: state.Window{From: now.Add(-7 * 24 * time.Hour), Until: now}})
			f.SetSize(58, h)
			send(f, keys)
			fits(t, f, 58, h)
			v := view(f)
			typed := strings.TrimPrefix(keys, "<tab>")
			if mark := map[bool]string{true: "✓", false: "✗"}[strings.HasSuffix(typed, "59")]; typed != "" && (!strings.Contains(v, typed) || !strings.Contains(v, mark)) {
				t.Errorf("%q in %d lines: no %s:\n%s", keys, h, mark, v)
			}
			if h > 2 && !strings.Contains(v, "Target project") {
				t.Errorf("%q in %d lines: the next field is not in view:\n%s", keys, h, v)
			}
			for _, label := range labels {
				if h >= f.Least() && !strings.Contains(v, label) {
					t.Errorf("%q in %d lines: no %s:\n%s", keys, h, label, v)
				}
			}
		}
	}
}

func TestCursorFollowsWideLetters(t *testing.T) {
	f := newForm(state.PointInTime)
	send(f, "<tab>漢字a")
	if c := f.Cursor(); c == nil || c.X != valueColumn+5 || c.Y != 2 {
		t.Errorf("the cursor is at %+v", c)
	}
	send(f, "<left><left>")
	if c := f.Cursor(); c.X != valueColumn+2 {
		t.Errorf("the cursor is at %+v", c)
	}
	send(f, "<back>")
	if c := f.Cursor(); c == nil || c.X != valueColumn || c.Y != 0 {
		t.Errorf("the cursor is at %+v, want it on the choice", c)
	}
}

// Without colour the marks alone must say everything: no style may add a letter.
func TestMonochromeSaysTheSame(t *testing.T) {
	bold := ink.Of(lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("#FF0000")))
	for _, keys := range []string{"", "<tab>x", "<tab><tab>", "<tab><tab><tab><down><down><down><down><enter>"} {
		plain, coloured := newForm(state.PointInTime), newForm(state.PointInTime)
		coloured.SetStyles(Styles{Label: bold, Text: bold, Muted: bold, Accent: bold, Wrong: bold, Fine: bold})
		send(plain, keys)
		send(coloured, keys)
		if strings.Contains(plain.View(), "\x1b") {
			t.Errorf("%q: the plain view has escape sequences", keys)
		}
		if plain.View() != view(coloured) {
			t.Errorf("%q: the views differ:\n%s\n%s", keys, plain.View(), view(coloured))
		}
	}
}

func TestASCII(t *testing.T) {
	f := newForm(state.PointInTime)
	f.SetStyles(Styles{Marks: ASCIIMarks()})
	for _, keys := range []string{"", "<tab>2026-11-23 14:03", "<tab>", "<tab>", "<down><down><down><down><enter>", "<clear>a very long name that is not one at all and goes on"} {
		send(f, keys)
		for _, r := range f.View() {
			if r > 127 {
				t.Fatalf("%q in\n%s", r, f.View())
			}
		}
	}
}

func BenchmarkKeyWithManyProjects(b *testing.B) {
	o := options(plan(state.Automated))
	for i := range 10_000 {
		o.Projects = append(o.Projects, state.Project{ID: fmt.Sprintf("65f0c1d2e3a4b5c6d%07x", i), Name: fmt.Sprintf("Project %d", i)})
	}
	f := New(o)
	for b.Loop() {
		send(f, "9<bs>")
		_ = f.View()
	}
}

// While nothing is typed into a list the cursor stands on the highlighted row; what is typed has it
// until the highlight is moved.
func TestCursorIsOnTheHighlightedRow(t *testing.T) {
	for _, size := range [][2]int{{74, 14}, {58, 9}, {190, 40}} {
		f := newForm(state.Automated)
		f.SetClusters(payments, many(30), nil)
		f.SetSize(size[0], size[1])
		on := func(keys, what string) {
			t.Helper()
			send(f, keys)
			lines := strings.Split(ansi.Strip(f.View()), "\n")
			if c := f.Cursor(); c == nil || !strings.Contains(lines[c.Y], what) {
				t.Errorf("%v, after %q: the cursor is at %+v, want it on %q:\n%s", size, keys, c, what, strings.Join(lines, "\n"))
			}
		}
		on("", "▌ Payments")
		on("<enter>", "› Target cluster")
		on("<down>", "▌ c-01")
		on(strings.Repeat("<down>", 20), "▌ c-21")
		on("c-1", "› Target cluster")
		on("<down>", "▌ c-11")
	}
}
