package teatest_test

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/teatest"
)

// atOnce are the bytes that a serial console of 9,600 baud carries in 300 ms.
const atOnce = 288

// slowLine is a run on a serial console of 9,600 baud, which carries 960 bytes a second: 288 are there
// in 300 ms.
type slowLine struct {
	*stage
	size teatest.Size
}

// onSlowLine has a walk on a slow line at each size, one after the other. Many keys are pressed and each
// is awaited, so that a walk takes seconds, most of them idle: each part of the way is a test of its own,
// since the longest of all would be the last that is still running.
func onSlowLine(t *testing.T, walk func(l *slowLine)) {
	t.Helper()
	for _, size := range suited(0, normal, wide) {
		t.Logf("in a window of %dx%d:", size.W, size.H)
		walk(&slowLine{play(t, size), size})
	}
}

func (l *slowLine) press(keys ...string) string {
	l.t.Helper()
	l.AtRest() // what is still loaded is not the key's
	before := len(l.Output())
	l.Press(keys...)
	l.Settled()
	return l.Output()[before:]
}

// moves says that a key that moves takes no more than so many bytes, of which the names
// and times of two rows are the most: what stays is not drawn anew.
func (l *slowLine) moves(where string, most int, keys ...string) (took []int) {
	l.t.Helper()
	l.WaitFor("rows", func(screen string) bool { return highlighted(screen) || strings.Contains(screen, moveFirst) })
	for i, k := range keys {
		above := firstRow(l.Screen())
		out := l.press(k)
		if firstRow(l.Screen()) != above {
			continue
		}
		took = append(took, len(out))
		if len(out) > most {
			l.t.Errorf("%s, key %d, %s: %d bytes, want at most %d: %q", where, i, k, len(out), most, out)
		}
	}
	return took
}

func (l *slowLine) answers(what string, press func(), seen ...func(screen string) string) string {
	l.t.Helper()
	l.AtRest() // what is still loaded is not the key's
	return l.answersAtOnce(l.size, what, press, seen...)
}

func (l *slowLine) filters(letters string) {
	l.t.Helper()
	l.WaitFor("a highlighted row", highlighted)
	for i := range letters {
		l.answers("the letter "+letters[:i+1], func() { l.Type(letters[i : i+1]) }, typedFilter, row)
	}
	l.answers("a letter less", func() { l.Press("backspace") }, typedFilter)
	l.answers("no filter", func() { l.Press("esc") }, typedFilter)
	l.WaitFor("a highlighted row", highlighted)
}

func (l *slowLine) opens(question string) {
	l.t.Helper()
	for _, k := range []string{"?", "esc", "ctrl+p", "r", "backspace", "esc"} {
		out := l.answers(k, func() { l.Press(k) })
		if strings.Contains(out, "trainee") || strings.Contains(out, question) {
			l.t.Errorf("%s draws anew what stays: %q", k, out)
		}
	}
}

// A key that moves the highlight by a row takes no more than 288 bytes, but for one that turns the page. Of
// one that changes more than that, a letter of a filter or help that opens or closes, what it is pressed
// for is among the first: a frame is drawn from its top. What stays is left alone.
func TestSlowLineAnswersAtOnce(t *testing.T) {
	t.Parallel()
	onSlowLine(t, func(l *slowLine) {
		find(l)
		l.moves("clusters of all projects", 170, "down", "down", "up")
		l.filters("orders")
		l.opens("which cluster")
	})
}

func TestSlowLineAnswersAtOnceOnTheWay(t *testing.T) {
	t.Parallel()
	onSlowLine(t, func(l *slowLine) {
		toProjects(l)
		l.moves("projects", 80, "down", "down", "up")
		l.filters("pay")
		l.opens("in which project")
		l.pick("Payments")
		l.Wait("whose data")
		l.moves("clusters", 153, "down", "up")
		l.filters("fraud")
		l.opens("whose data")
	})
}

func TestSlowLineAnswersAtOnceAmongSnapshots(t *testing.T) {
	t.Parallel()
	onSlowLine(t, func(l *slowLine) {
		l.toSnapshots("Payments", "orders-prod")
		l.WaitFor("the window on the timeline", func(screen string) bool { return strings.Contains(screen, "━") })
		above, turned, took := "", 0, []int(nil)
		for range 12 {
			took = append(took, l.moves("snapshots", atOnce, "down")...)
			if now := firstRow(l.Screen()); now != above {
				above = now
				turned++
			}
		}
		if turned > 3 { // the first page is one of them
			l.t.Errorf("twelve keys turn %d pages", turned)
		}
		took = append(took, l.moves("snapshots", atOnce, "up", "up")...)
		if slices.Sort(took); took[len(took)/2] > 210 { // some rows say why they cannot be chosen
			l.t.Errorf("a key that moves among the snapshots takes %d bytes, want at most 210", took)
		}
		l.filters("daily")
		l.opens("which state")
	})
}

func TestSlowLineAnswersAtOnceAtTheTarget(t *testing.T) {
	t.Parallel()
	onSlowLine(t, func(l *slowLine) {
		l.toSnapshots("Payments", "orders-prod")
		l.press("enter")
		l.Wait("how is it delivered")
		l.moves("deliveries", atOnce, "down", "up")
		l.opens("how is it delivered")
		l.toDelivery(state.Automated)
		l.Wait("Target project")
		l.opens("which cluster is erased") // nothing is highlighted there before somebody moves
		l.toTarget("Payments", "orders-prod-restore")
		l.AssertTarget("orders-prod-restore")
		l.opens("TRAINING")
		l.answers("a letter of the name", func() { l.Type("o") })
	})
}

// lineThatDiffers is the first line of a screen in which two others differ.
func lineThatDiffers(a, b, screen string) string {
	was, is, of := strings.Split(a, "\n"), strings.Split(b, "\n"), strings.Split(screen, "\n")
	for i := range is {
		if was[i] != is[i] {
			return of[i]
		}
	}
	return ""
}

// typedFilter is what was typed into the filter of a list.
func typedFilter(screen string) string {
	_, typed, _ := strings.Cut(screen, "\n   › ")
	typed, _, _ = strings.Cut(typed, "  ")
	return typed
}

// firstRow is the first row of a list with a filter, below the heads of its columns.
func firstRow(screen string) string {
	_, list, _ := strings.Cut(screen, "\n   › ") // the filter, not the way above it
	_, rows, _ := strings.Cut(list, "\n")
	row, rows, _ := strings.Cut(rows, "\n")
	if row == strings.ToUpper(row) {
		row, _, _ = strings.Cut(rows, "\n")
	}
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(row), "▌"))
}

// answersAtOnce says that what a key is pressed for is seen in time: the first line that it
// changes, and what else is to be like the whole frame.
func (s *stage) answersAtOnce(size teatest.Size, what string, press func(), seen ...func(screen string) string) string {
	s.t.Helper()
	s.Settled()
	before, was := len(s.Output()), s.Screen()
	press()
	s.Settled()
	all, is := s.Output(), s.Screen()
	early := teatest.ScreenOf(size, all[:min(len(all), before+atOnce)])
	first := func(screen string) string { return lineThatDiffers(was, is, screen) }
	for _, of := range append(seen, first) {
		if got, want := of(early), of(is); got != want {
			s.t.Errorf("%s: of %d bytes the first %d show %q, want %q: %q", what, len(all)-before, atOnce, got, want, all[before:])
		}
	}
	// A page that opens is as many bytes as the screen has cells at most.
	if n := len(all) - before; n > size.W*size.H {
		s.t.Errorf("%s takes %d bytes, on %d cells: %q", what, n, size.W*size.H, all[before:])
	}
	return all[before:]
}

// Each kind of key on each page is answered in 300 ms: by the first line that it changes where
// it opens, closes or turns a page, and by its whole frame where it types, marks or switches.
func TestSlowLineKeepsUpWithEachKey(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	where := ""
	on := func(page, text string) {
		t.Helper()
		where = page
		s.Wait(text)
		s.WaitFor("all of it", func(screen string) bool { // what spins while it is loaded is not a key's
			return !strings.Contains(screen, "loading") && !strings.ContainsFunc(screen, func(r rune) bool { return r >= '⠀' && r <= '⣿' })
		})
		if page != "job" {
			s.AtRest() // nor is what comes by itself
		}
	}
	turns := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			s.answersAtOnce(normal, where+", "+k, func() { s.Press(k) })
		}
	}
	whole := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			if out := s.answersAtOnce(normal, where+", "+k, func() { s.Press(k) }); len(out) > atOnce {
				t.Errorf("%s, %s takes %d bytes, want at most %d: %q", where, k, len(out), atOnce, out)
			}
		}
	}
	find(s)
	on("clusters", "which cluster")
	turns("tab", "tab", "end", "home")
	whole("ctrl+t", "ctrl+t", "pgdown", "pgup")
	s.toSnapshots("Payments", "orders-prod")
	on("snapshots", "which state of the data")
	s.WaitFor("the window on the timeline", func(screen string) bool { return strings.Contains(screen, "━") })
	whole("shift+left", "shift+left", "ctrl+left", "ctrl+right")
	turns("pgdown", "home")
	whole("2", "backspace")
	turns("enter")
	on("deliveries", "how is it delivered")
	whole("down", "up")
	turns("esc")
	on("snapshots", "which state of the data")
	turns("tab")
	on("moment", "› Moment")
	whole("1", "2", ":", "backspace", "backspace")
	turns("backspace", "shift+left", "ctrl+left", "up")
	whole("down")
	turns("ctrl+g")
	on("when", "When was it lost?")
	turns("s", "backspace", "esc")
	on("moment", "› Moment")
	s.Press("esc")
	s.Wait("which state of the data")
	s.Press("enter")
	s.toDelivery(state.Collections)
	on("collections", "which databases and collections?")
	s.WaitFor("a highlighted row", highlighted)
	turns("space")
	whole("down", "space", "f6", "f6", "f7", "f7")
	turns("f8")
	whole("x")
	turns("esc", "f9")
	whole("_")
	turns("esc")
	s.Press("right") // which asks Atlas: how long that takes is not the line's
	on("collections", "shop.payments")
	whole("left")
	turns("enter")
	on("targets", "into which cluster?")
	turns("down", "down", "up", "tab", "tab")
	s.toTarget("Payments", "orders-prod")
	on("review", "submitted yet")
	turns("f2", "down", "esc")
	whole("c", "backspace", "enter")
	s.Type("collections")
	s.Wait("Enter now")
	s.Press("enter") // two frames: the last look, and the job
	on("job", "seen running")
	whole("ctrl+r")
	turns("?", "esc", "q", "x")
}
