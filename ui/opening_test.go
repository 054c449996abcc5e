//go:build unix

package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/creack/pty"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// terminal is one of 80 columns and 24 lines, and what is written to it.
func terminal(t *testing.T) (read io.Reader, tty *os.File) {
	t.Helper()
	if raced {
		t.Skip("Bubble Tea closes a terminal while it still reads from it: a race of its own")
	}
	read, tty, err := pty.Open()
	if err == nil {
		err = pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80})
	}
	if err != nil {
		t.Skip("no terminal can be opened: " + err.Error())
	}
	return read, tty
}

// The first frame is on the screen before what the wizard is about is made: it would wait
// here for ever else. Why it does not open is told as it is.
func TestFirstFrameComesBeforeTheWorld(t *testing.T) {
	t.Parallel()
	read, tty := terminal(t)
	drawn := make(chan struct{})
	go func() {
		var all strings.Builder
		buf := make([]byte, 4096)
		for seen := false; ; {
			n, err := read.Read(buf)
			if err != nil {
				return
			}
			all.Write(buf[:n])
			if !seen && strings.Contains(all.String(), "Starting the world") {
				seen = true
				close(drawn)
			}
		}
	}()
	why := errors.New("there is no world")
	_, err := Open(t.Context(), Opening{What: "Starting the world", Before: &steps.Config{Now: at(benchNow)}, Open: func(ctx context.Context) (steps.Config, error) {
		select {
		case <-drawn:
			return steps.Config{}, why
		case <-ctx.Done():
			return steps.Config{}, ctx.Err()
		}
	}}, Screen{In: tty, Out: tty})
	var shut OpenError
	if !errors.As(err, &shut) || !errors.Is(err, why) {
		t.Errorf("it ends with %v, want why it does not open", err)
	}
}

// What the terminal has told meanwhile reaches the wizard, what was typed does not: nobody
// has seen what it would mean.
func TestOpeningHandsOverWhatTheTerminalTold(t *testing.T) {
	t.Parallel()
	var root *Root
	o := &opening{ctx: t.Context(), Opening: Opening{What: "Starting", Before: &steps.Config{Now: at(benchNow)}}, ready: func(r *Root) { root = r }}
	for _, msg := range []tea.Msg{tea.WindowSizeMsg{Width: 80, Height: 24}, tea.KeyPressMsg{Code: '?', Text: "?"}} {
		if m, cmd := o.Update(msg); m != o || cmd != nil {
			t.Fatalf("%v: %v, a command: %v", msg, m, cmd != nil)
		}
	}
	m, _ := o.Update(opened{cfg: &steps.Config{Atlas: fixedAtlas{}, Mode: steps.Training, Now: at(benchNow), Zone: time.UTC, Pace: 1}})
	if m != root || root.w != 80 || root.h != 24 || root.help.open {
		t.Errorf("it opens as %T, %d×%d, help %v", m, root.w, root.h, root.help.open)
	}
	if _, cmd := o.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}); cmd == nil {
		t.Error("ctrl+c does not leave")
	}
}

// Who leaves before it is open has submitted nothing.
func TestLeftBeforeItIsOpen(t *testing.T) {
	t.Parallel()
	read, tty := terminal(t)
	go func() { _, _ = io.Copy(io.Discard, read) }()
	ctx, cancel := context.WithCancel(t.Context())
	end, _ := Open(ctx, Opening{What: "Starting", Before: &steps.Config{Mode: steps.Training, Now: at(benchNow)}, Open: func(ctx context.Context) (steps.Config, error) {
		cancel()
		return steps.Config{}, ctx.Err()
	}}, Screen{In: tty, Out: tty})
	if sum := end.Summary; sum.Outcome != state.OutcomeAborted && sum.Outcome != "" {
		t.Errorf("it ends as %q", sum.Outcome)
	}
}
