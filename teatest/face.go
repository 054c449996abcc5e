package teatest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Size is a terminal's, in cells.
type Size struct{ W, H int }

// patience is how long a test waits for what must come. It is only ever spent on a
// failure, so that it can be generous to a loaded machine.
const patience = time.Minute

// face is the vocabulary that a model in a virtual terminal and a binary on a pty have
// in common.
type face struct {
	t        testing.TB
	g        *glass
	patience time.Duration
	send     func(bytes string)    // hands bytes to the program and waits as far as it can
	ended    func() (string, bool) // whether the program has ended, and how
	targets  map[string]bool       // asserted by AssertTarget
	mask     func(string) string   // of goldens; nil for none
}

// until waits for done. Whatever the wanted thing was called, what is on the screen at
// that moment says most about why it did not come.
func (f *face) until(done func() bool, format string, args ...any) {
	f.t.Helper()
	f.within(f.patience, done, format, args...)
}

// Patient says how long is waited from now on, for a test that waits for what never comes.
func (f *face) Patient(d time.Duration) { f.patience = d }

// within is until, with a patience of its own.
func (f *face) within(patience time.Duration, done func() bool, format string, args ...any) {
	f.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		change := f.g.next()
		how, over := f.ended()
		if done() {
			return
		}
		if over {
			f.t.Fatalf("%s: the program has ended (%s)\n%s", fmt.Sprintf(format, args...), how, f.picture())
			return
		}
		select {
		case <-change:
		case <-late.C:
			f.t.Fatalf("%s: not within %v\n%s", fmt.Sprintf(format, args...), patience, f.picture())
			return
		}
	}
}

// picture is the screen in a frame, for a failure's message.
func (f *face) picture() string {
	lines := f.g.lines()
	var b strings.Builder
	fmt.Fprintf(&b, "the screen, %d lines:\n", len(lines))
	for i, l := range lines {
		fmt.Fprintf(&b, "%3d |%s\n", i, l)
	}
	return b.String()
}

// Wait waits until text is on the screen, in one line or folded at blanks.
func (f *face) Wait(text string) {
	f.t.Helper()
	f.until(func() bool { return Reads(f.Screen(), text) }, "waiting for %q", text)
}

// WaitGone waits until text is on the screen no more.
func (f *face) WaitGone(text string) {
	f.t.Helper()
	f.until(func() bool { return !f.Shows(text) }, "waiting for %q to go", text)
}

// WaitFor waits until cond holds of the screen; what says what is wanted.
func (f *face) WaitFor(what string, cond func(screen string) bool) {
	f.t.Helper()
	f.until(func() bool { return cond(f.Screen()) }, "waiting for %s", what)
}

// Shows says whether text is on the screen now.
func (f *face) Shows(text string) bool { return strings.Contains(f.Screen(), text) }

// Reads says whether a screen has text, in one line or folded at blanks: where a line is
// folded is a matter of the names and numbers in it.
func Reads(screen, text string) bool {
	return strings.Contains(screen, text) ||
		strings.Contains(text, " ") && strings.Contains(strings.Join(strings.Fields(screen), " "), text)
}

// Screen is the text on the screen, without the blanks at the lines' ends.
func (f *face) Screen() string { return f.g.screen() }

// Line is a line of the screen, from 0; a negative one counts from the bottom.
func (f *face) Line(n int) string {
	f.t.Helper()
	lines := f.g.lines()
	if n < 0 {
		n += len(lines)
	}
	if n < 0 || n >= len(lines) {
		f.t.Fatalf("there is no line %d\n%s", n, f.picture())
		return ""
	}
	return lines[n]
}

// Styled is the screen with its colours and links, as ANSI sequences.
func (f *face) Styled() string { return look(f.g, func() string { return f.g.emu.Render() }) }

// Output is every byte that the program wrote, the harness's own marks left out.
func (f *face) Output() string { return look(f.g, func() string { return f.g.raw.String() }) }

// Frames counts the writes to the terminal: a program at rest makes none.
func (f *face) Frames() int { return look(f.g, func() int { return f.g.frames }) }

// Title is the window's title.
func (f *face) Title() string { return look(f.g, func() string { return f.g.title }) }

// Clipboard is what the program sent to the clipboard last.
func (f *face) Clipboard() string { return look(f.g, func() string { return f.g.clip }) }

// AltScreen says whether the full screen is shown, rather than the shell's.
func (f *face) AltScreen() bool { return look(f.g, func() bool { return f.g.emu.IsAltScreen() }) }

// Cursor is where the cursor stands, and whether it can be seen.
func (f *face) Cursor() (x, y int, visible bool) {
	f.g.mu.Lock()
	defer f.g.mu.Unlock()
	at := f.g.emu.CursorPosition()
	return at.X, at.Y, !f.g.emu.CursorHidden()
}

// Press presses keys one after the other, each as a person would: the next only after
// the program has handled the one before. "enter", "esc", "ctrl+c", "f1", "pgdown", "a".
func (f *face) Press(keys ...string) {
	f.t.Helper()
	for _, key := range keys {
		b, err := bytesOf(key)
		if err != nil {
			f.t.Fatal(err)
			return
		}
		f.living("pressing " + key)
		f.send(b)
	}
}

// Type types text in one burst, faster than any screen: what a test of type-ahead
// wants. "\r" in it is Enter.
func (f *face) Type(text string) {
	f.t.Helper()
	f.living(fmt.Sprintf("typing %q", text))
	f.send(text)
}

// Paste pastes text as terminals do that bracket it.
func (f *face) Paste(text string) {
	f.t.Helper()
	f.living(fmt.Sprintf("pasting %q", text))
	f.send("\x1b[200~" + text + "\x1b[201~")
}

func (f *face) living(what string) {
	f.t.Helper()
	if how, over := f.ended(); over {
		f.t.Fatalf("%s: the program has ended (%s)\n%s", what, how, f.picture())
	}
}
