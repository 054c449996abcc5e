package ui

import (
	"context"
	"io"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// gone is a model that is left at once.
type gone struct{}

func (gone) Init() tea.Cmd                       { return tea.Quit }
func (gone) Update(tea.Msg) (tea.Model, tea.Cmd) { return gone{}, nil }
func (gone) View() tea.View                      { return tea.NewView("") }

// Between Bubble Tea and the wait for late answers the terminal is not raw: it must not show
// what comes in just then, and shows it again once all is over.
func TestTerminalIsQuietUntilTheLastAnswer(t *testing.T) {
	t.Parallel()
	ours, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be had: %v", err)
	}
	defer func() { _, _ = ours.Close(), tty.Close() }()
	go func() { _, _ = io.Copy(io.Discard, ours) }()
	echoes := func() bool {
		t.Helper()
		state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		return state.Lflag&unix.ECHO != 0
	}
	if !echoes() {
		t.Fatal("a new terminal shows nothing")
	}
	q := keepQuiet(tty)
	if err := run(context.Background(), gone{}, Screen{In: tty, Out: tty}, q); err != nil {
		t.Fatal(err)
	}
	if echoes() {
		t.Error("an answer that comes now stands on the shell's screen")
	}
	q.end()
	if !echoes() {
		t.Error("the shell's terminal shows nothing any more")
	}
}

// A terminal that is slow to answer is waited for once its answers begin to come. On a busy machine they may
// begin too late, or end: one time of many is enough.
func TestLateAnswersAreTakenToTheLast(t *testing.T) {
	t.Parallel()
	var took time.Duration
	for range 50 {
		if took = leftAfter(t); took >= lastWait+lastWait/2 && took < lateAnswer {
			return
		}
	}
	t.Errorf("it is left after %v, before the last answer or long after it", took)
}

// leftAfter is how long a terminal is waited for that begins to answer at once, and ends later than one is
// waited for that does not answer at all.
func leftAfter(t *testing.T) time.Duration {
	t.Helper()
	ours, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal can be had: %v", err)
	}
	defer func() { _, _ = ours.Close(), tty.Close() }()
	go func() {
		buf := make([]byte, 64)
		_, _ = ours.Read(buf) // the last question
		_, _ = io.WriteString(ours, "\x1b]11;rgb:0000/0000/0000\x07")
		<-time.After(lastWait + lastWait/2)
		_, _ = io.WriteString(ours, "\x1b[?62c")
	}()
	begun := time.Now()
	takeLateAnswers(Screen{In: tty, Out: tty}, false)
	return time.Since(begun)
}
