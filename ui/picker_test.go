package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

func names(names ...string) []steps.Row {
	rows := make([]steps.Row, len(names))
	for i, n := range names {
		barred := ""
		if strings.HasSuffix(n, "!") {
			barred = "backups are off"
		}
		rows[i] = steps.Row{ID: n, Name: n, Cells: []string{n, "M10", "8.0.29"}, Barred: barred}
	}
	return rows
}

func list(rows []steps.Row) *picker {
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	p.setRows(steps.TableOf(rows), "")
	p.update(shownMsg{p, p.gen})
	return p
}

// press gives the picker keys in one burst and returns the names that Enter took.
func press(p *picker, keys string) (taken []string) {
	for _, k := range keys {
		msg := tea.KeyPressMsg{Code: k, Text: string(k)}
		switch k {
		case '\r':
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		case '↓':
			msg = tea.KeyPressMsg{Code: tea.KeyDown}
		case '↑':
			msg = tea.KeyPressMsg{Code: tea.KeyUp}
		case '←':
			msg = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		if i, _ := p.update(msg); i >= 0 {
			taken = append(taken, p.rows.Row(i).Name)
		}
	}
	return taken
}

func TestPickerTakesTheHighlightedRow(t *testing.T) {
	rows := names("alpha", "orders-prod-restore", "orders-prod", "reorders", "off!", "new orders")
	for keys, want := range map[string]string{
		"\r":              "[alpha]",
		"↓\r":             "[orders-prod-restore]",
		"↑\r":             "[alpha]",
		"orders-prod\r":   "[orders-prod]", // the whole name before the start of a longer one
		"ORDERS-PROD\r":   "[orders-prod]",
		"orders\r":        "[orders-prod-restore]", // the start of a name, in the list's order
		"orders↓↓\r":      "[new orders]",          // then a word in it
		"orders↓↓↓\r":     "[reorders]",            // then any place
		"prod orders\r":   "[orders-prod-restore]",
		"8.0 alpha\r":     "[alpha]",
		"zzz\r":           "[]",
		"zzz←←←\r":        "[alpha]",
		"off\r":           "[]", // cannot be chosen, and the next best is not taken instead
		"alpha\rorders\r": "[alpha]",
		"↓↓↓↓↓↓↓↓↓↓↓↓\r":  "[new orders]",
	} {
		if got := fmt.Sprint(press(list(rows), keys)); got != want {
			t.Errorf("%q took %s, want %s", keys, got, want)
		}
	}
}

// The highlight on the screen is the row that Enter takes, after any keys.
func FuzzPickerTakesWhatItShows(f *testing.F) {
	f.Add("or↓\r", uint8(24))
	f.Add("zz←←↓↓↓", uint8(5))
	rows := names("alpha", "orders-prod-restore", "orders-prod", "reorders", "off!", "new orders", "omega", "o")
	f.Fuzz(func(t *testing.T, keys string, h uint8) {
		p := list(rows)
		press(p, keys)
		view := ansi.Strip(p.view(newStyles(look{background: darkBackground}), 60, max(3, int(h))))
		shown := ""
		for line := range strings.Lines(view) {
			if rest, ok := strings.CutPrefix(line, "▌ "); ok {
				if shown != "" {
					t.Fatalf("two rows are highlighted:\n%s", view)
				}
				shown = strings.TrimSuffix(strings.Split(rest, "  ")[0], "\n")
			}
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > 60 {
				t.Fatalf("a line of %d cells:\n%s", n, view)
			}
		}
		taken := strings.Join(press(p, "\r"), "")
		if strings.HasSuffix(shown, "!") {
			shown = "" // shown with the reason, not to be had
		}
		if taken != shown && utf8.ValidString(keys) {
			t.Fatalf("%q: Enter took %q, the screen highlights %q:\n%s", keys, taken, shown, view)
		}
	})
}

func TestPickerBeforeItWasSeen(t *testing.T) {
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	press(p, "ome")
	if got := press(p, "\r"); got != nil {
		t.Fatalf("took %v of a list that is not there", got)
	}
	p.setRows(steps.TableOf(names("alpha", "omega")), "")
	if got := press(p, "\r"); got != nil {
		t.Fatalf("took %v before it was on the screen", got)
	}
	p.update(shownMsg{p, p.gen})
	if got := fmt.Sprint(press(p, "\r")); got != "[omega]" {
		t.Fatalf("took %s, want what was filtered for while it loaded", got)
	}
	p.setRows(steps.TableOf(names("aardvark", "alpha", "beta", "omega")), "")
	p.update(shownMsg{p, p.gen - 1}) // of the rows before
	if got := press(p, "\r"); got != nil {
		t.Fatalf("took %v of rows that have only just come", got)
	}
}

func TestPickerKeepsItsRowOverAReload(t *testing.T) {
	p := list(names("alpha", "beta", "gamma"))
	press(p, "↓")
	p.setRows(steps.TableOf(names("aardvark", "alpha", "beta", "gamma")), "")
	p.update(shownMsg{p, p.gen})
	if got := fmt.Sprint(press(p, "\r")); got != "[beta]" {
		t.Errorf("took %s after a reload, want the row that was highlighted", got)
	}
}

func TestPickerSaysWhyNot(t *testing.T) {
	p := list(names("off!"))
	i, ok := p.current()
	if !ok || steps.WhyNot(p.rows.Row(i)) != "off! cannot be chosen: backups are off." {
		t.Errorf("the reason is %q", steps.WhyNot(p.rows.Row(i)))
	}
	if view := p.view(newStyles(look{background: darkBackground}), 60, 10); !strings.Contains(view, "backups are off") {
		t.Errorf("no reason is given:\n%s", view)
	}
}

func TestPickerShowsTheHighlightInEveryHeight(t *testing.T) {
	rows := make([]string, 100)
	for i := range rows {
		rows[i] = fmt.Sprintf("cluster-%03d", i)
	}
	for _, h := range []int{2, 3, 4, 5, 7, 10, 16, 29} {
		p := list(names(rows...))
		for range 120 {
			view := p.view(newStyles(look{background: darkBackground}), 60, h)
			if n := strings.Count(view, "\n") + 1; n > h {
				t.Fatalf("%d lines in %d", n, h)
			}
			if !strings.Contains(ansi.Strip(view), "▌ "+rows[p.at]) {
				t.Fatalf("height %d: the highlighted row %d is not on the screen:\n%s", h, p.at, view)
			}
			press(p, "↓")
		}
	}
}

// What a row tells grows while it stands there: its age, and whatever else is told by the clock. It
// is on the screen whole, and the columns beside an age stay where they are.
func TestPickerHasRoomForWhatGrows(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 14, 31, 20, 0, time.UTC)
	now := begin
	clock := func() time.Time { return now }
	of := func(cluster, target string) journal.Entry {
		return journal.Entry{ID: cluster, Endpoint: "e", Time: begin, ClusterName: cluster, Body: state.Request{DeliveryType: state.Automated, TargetClusterName: target}}
	}
	cfg := steps.Config{Endpoint: "e", Now: clock, History: []journal.Submission{
		{Entry: of("orders-prod", "orders-stg"), JobID: "65f0c1d2e3a4b5c6d7e8f901", Last: journal.Created},
		{Entry: of("carts", "carts-stg"), Last: journal.Unknown},
	}, Plan: &journal.Plan{Time: begin, Endpoint: "e", Given: state.Given{Cluster: "ledger-prod"}}}
	left := newListPage(steps.Leftovers(cfg))
	left.Init(t.Context())
	one := func(row func() steps.Row) *picker {
		p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
		p.setRows(steps.List[int]{Row: func(int) steps.Row { return row() }}.Table([]int{0}), "")
		return p
	}
	in := func() string { return state.FromNow(begin.Add(48*time.Hour), now) } // "in 2 d" becomes "in 47 h 59 min"
	age := func() string { return state.Ago(begin, now) }
	snapshot := one(func() steps.Row { return steps.Row{ID: "1", Cells: []string{age(), "x", in()}, Age: age} })
	cluster := one(func() steps.Row { return steps.Row{ID: "1", Cells: []string{"x", "M10", in()}} })
	for name, tc := range map[string]struct {
		view func(w int) string
		ages int
		in   bool
	}{
		"what was left":             {func(w int) string { return left.View(newStyles(look{}), w, 30) }, 3, false},
		"a snapshot":                {func(w int) string { return snapshot.view(newStyles(look{}), w, 30) }, 1, true},
		"what is no age, and grows": {func(w int) string { return cluster.view(newStyles(look{}), w, 30) }, 0, true},
	} {
		for _, w := range []int{78, 198} {
			now = begin
			first := ansi.Strip(tc.view(w))
			for _, after := range []time.Duration{time.Second, 11 * time.Second, time.Minute, 59 * time.Minute, 23*time.Hour + 59*time.Minute} {
				now = begin.Add(after)
				view := ansi.Strip(tc.view(w))
				ages := tc.ages
				if w < 100 && ages > 1 {
					ages-- // one gives way to a warning
				}
				if n := strings.Count(view, age()); n != ages {
					t.Errorf("%s, %d wide, after %v: %d of %d ages are whole:\n%s", name, w, after, n, ages, view)
				}
				if tc.in && !strings.Contains(view, in()) {
					t.Errorf("%s, %d wide, after %v: %q is cut:\n%s", name, w, after, in(), view)
				}
				for _, beside := range []string{"! outcome unknown", "not submitted", " x"} {
					if a, b := column(first, beside), column(view, beside); a != b {
						t.Errorf("%s, %d wide, after %v: %q has moved from %d to %d:\n%s", name, w, after, beside, a, b, view)
					}
				}
			}
		}
	}
}

// However narrow the window is, what is highlighted of what was left says how old it is: the column of
// ages has no room beside long names.
func TestWhatWasLeftSaysHowOldItIs(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 14, 31, 20, 0, time.UTC)
	of := journal.Entry{ID: "1", Endpoint: "e", Time: begin, ProjectName: "Payments", ClusterName: "orders-prod", Body: state.Request{DeliveryType: state.Automated, TargetClusterName: "orders-prod-restore"}}
	for name, tc := range map[string]struct {
		cfg  steps.Config
		says string
	}{
		"a request in doubt": {steps.Config{History: []journal.Submission{{Entry: of, Last: journal.Unknown}}}, "Sent 2 h 5 min ago."},
		"a job":              {steps.Config{History: []journal.Submission{{Entry: of, JobID: "65f0c1d2e3a4b5c6d7e8f901", Last: journal.Created}}}, "Asked 2 h 5 min ago."},
		"a plan":             {steps.Config{Plan: &journal.Plan{Time: begin, Endpoint: "e", Given: state.Given{Cluster: "orders-prod", TargetCluster: "orders-prod-restore"}}}, "Left 2 h 5 min ago."},
	} {
		for _, size := range []tea.WindowSizeMsg{{Width: 60, Height: 15}, {Width: 80, Height: 24}, {Width: 200, Height: 60}} {
			cfg := tc.cfg
			cfg.Atlas, cfg.Endpoint, cfg.Zone, cfg.Now = fixedAtlas{}, "e", time.UTC, func() time.Time { return begin.Add(125 * time.Minute) }
			r := New(t.Context(), cfg)
			r.enter()
			r.Update(size)
			p, ok := r.page().(*listPage[steps.Leftover])
			if !ok {
				t.Fatalf("%s: on step %d", name, r.step())
			}
			r.Update(shownMsg{p.pick, p.pick.gen})
			if frame := strings.Join(strings.Fields(ansi.Strip(r.View().Content)), " "); !strings.Contains(frame, tc.says) {
				t.Errorf("%s at %dx%d: %q is not on the screen:\n%s", name, size.Width, size.Height, tc.says, ansi.Strip(r.View().Content))
			}
		}
	}
}

// Restores of one kind that were left can be told from each other by their ages in a window of 80 cells too,
// beside what is the matter with them: where an age has no room, its greatest unit has.
func TestWhatWasLeftCanBeToldApart(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 14, 31, 20, 0, time.UTC)
	cfg := steps.Config{Atlas: fixedAtlas{}, Endpoint: "e", Zone: time.UTC, Now: func() time.Time { return begin }}
	for i, ago := range []time.Duration{125 * time.Minute, 59*time.Minute + 59*time.Second, 2 * time.Minute, -time.Hour} {
		of := journal.Entry{ID: string(rune('a' + i)), Endpoint: "e", Time: begin.Add(-ago), ClusterName: "orders-prod", Body: state.Request{DeliveryType: state.Automated, TargetClusterName: "orders-prod-restore"}}
		cfg.History = append(cfg.History, journal.Submission{Entry: of, JobID: "65f0c1d2e3a4b5c6d7e8f901", Last: journal.Created})
	}
	for width, ages := range map[int][]string{80: {"", "  2 min", "  59 min", "  2 h"}, 100: {"  at 23 Nov 15:31 UTC", "  2 min ago", "  59 min ago", "  2 h 5 min ago"}} {
		r := New(t.Context(), cfg)
		r.enter()
		r.Update(tea.WindowSizeMsg{Width: width, Height: 24})
		var rows []string
		for line := range strings.Lines(ansi.Strip(r.View().Content)) {
			if _, told, ok := strings.Cut(line, "Restore of orders-prod onto orders-prod-restore  end not seen"); ok {
				rows = append(rows, strings.TrimRight(told, " \n"))
			}
		}
		if !slices.Equal(rows, ages) {
			t.Errorf("%d wide: %q, want %q:\n%s", width, rows, ages, ansi.Strip(r.View().Content))
		}
	}
}

// column is where a word stands in its line; -1 where it does not.
func column(view, word string) int {
	for _, line := range strings.Split(view, "\n") {
		if i := strings.Index(line, word); i >= 0 {
			return ansi.StringWidth(line[:i])
		}
	}
	return -1
}
