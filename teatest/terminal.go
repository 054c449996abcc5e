// Package teatest drives the whole program through a terminal: keys go in as bytes,
// through Bubble Tea's own decoder, and what comes out is read off the cells of a
// virtual screen. It knows nothing of the project, and only tests may import it.
//
//	x := teatest.Start(t, model, teatest.Size{W: 80, H: 24})
//	x.Wait("Which project?")
//	x.Type("shop\r")
//	x.Press("down", "enter")
//	x.Golden("snapshots")
//
// Nothing here lets time pass and hopes. A key has been handled when Press returns, and
// Settled means that all messages are handled and all their frames are on the screen.
package teatest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Terminal is a model that runs in a virtual terminal.
type Terminal struct {
	face

	size    Size
	handles time.Duration // how long it may take to handle what it was sent
	program *tea.Program
	seen    *seen
	cancel  context.CancelFunc
	queue   chan input // to the program
	deaf    bool       // the input is closed
	serial  int        // of the marks
	over    chan struct{}
	last    tea.Model // after over
	err     error     // after over
}

// input is what goes to the program in one write.
type input struct {
	bytes string
	lone  bool // ends with an Escape that must not merge with what follows
	eof   bool
}

// Start runs m in a terminal of that size, until the test ends.
func Start(t testing.TB, m tea.Model, size Size, opts ...Option) *Terminal {
	t.Helper()
	s := settings{
		profile: colorprofile.TrueColor, patience: patience, ctx: t.Context(), cancel: func() {},
		env: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"},
	}
	for _, opt := range opts {
		opt(&s)
	}
	ctx, cancel := context.WithCancel(s.ctx)
	in, out := io.Pipe()
	x := &Terminal{size: size, handles: s.patience, queue: make(chan input, 4096), over: make(chan struct{})}
	x.cancel = func() { s.cancel(); cancel() }
	x.face = face{
		t: t, g: newGlass(size, s.light, true), patience: s.patience,
		send: x.feed, ended: x.hasEnded, targets: map[string]bool{}, mask: s.mask,
	}
	x.seen = &seen{wake: x.g.wake, commands: map[int]int64{}}
	x.program = tea.NewProgram(probe{m, x.seen}, append([]tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(x.g), tea.WithWindowSize(size.W, size.H),
		tea.WithColorProfile(s.profile), tea.WithEnvironment(s.env), tea.WithoutSignalHandler(), tea.WithFPS(120),
	}, s.program...)...)
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		x.pump(out)
	}()
	go func() {
		last, err := x.program.Run()
		if p, ok := last.(probe); ok {
			last = p.inner
		}
		x.last, x.err = last, err
		close(x.over)
		_ = in.Close() // a writer must not wait for a reader that is gone
		x.g.wake()
	}()
	AtEnd(t, func() {
		cancel()
		_, _ = x.Exit()
		x.returned()
		x.g.close()
		<-pumped
	})
	return x
}

// returned waits until the program's commands have returned: Bubble Tea leaves them to
// themselves, and one may still write what the test removes.
func (x *Terminal) returned() {
	late := time.NewTimer(x.handles)
	defer late.Stop()
	for {
		change := x.g.next()
		if ask(x.seen, func(s *seen) bool { return s.running == 0 }) {
			return
		}
		select {
		case <-change:
		case <-late.C:
			x.t.Errorf("a command has not returned %v after the end of its program", x.handles)
			return
		}
	}
}

func (x *Terminal) hasEnded() (string, bool) {
	select {
	case <-x.over:
		return fmt.Sprintf("error: %v", x.err), true
	default:
		return "", false
	}
}

// pump is the only one that writes to the program: what the test sends, and what the
// terminal answers. A lone Escape is only known to be one when nothing has followed it
// for a while: until the model has seen it, nothing else is written.
func (x *Terminal) pump(to *io.PipeWriter) {
	defer to.Close()
	for {
		select {
		case reply, ok := <-x.g.replies:
			if !ok {
				return
			}
			_, _ = to.Write(reply) // fails once the program has ended, and nobody asks any more
		case in := <-x.queue:
			if in.eof {
				_ = to.Close()
				continue
			}
			escapes := ask(x.seen, func(s *seen) int { return s.escapes })
			if _, err := io.WriteString(to, in.bytes); err == nil && in.lone {
				x.awaitEscape(escapes)
			}
		}
	}
}

func (x *Terminal) awaitEscape(before int) {
	late := time.NewTimer(x.handles)
	defer late.Stop()
	for {
		change := x.g.next()
		if ask(x.seen, func(s *seen) bool { return s.escapes > before }) {
			return
		}
		select {
		case <-change:
		case <-x.over:
			return
		case <-late.C:
			return // whoever waits for it says so
		}
	}
}

// feed hands over bytes and waits until the model has handled what the decoder made of
// them.
func (x *Terminal) feed(bytes string) {
	x.t.Helper()
	if x.deaf {
		x.t.Fatalf("the input is closed: %q cannot be typed", bytes)
		return
	}
	x.queue <- input{bytes: bytes, lone: strings.HasSuffix(bytes, escape)}
	x.heard()
}

// heard sends a mark through the decoder: when the model's probe sees it, all input
// before it has been handled.
func (x *Terminal) heard() {
	x.t.Helper()
	x.echoed(func(mark string) bool { x.queue <- input{bytes: mark}; return true }, "input")
}

// replied sends a mark behind what the terminal answers: when the probe sees it, the answers to all
// queries that have been shown are handled.
func (x *Terminal) replied() {
	x.t.Helper()
	x.echoed(x.g.answer, "what the terminal answers")
}

// echoed sends a mark by a way, where that is open, and waits until the probe sees it.
func (x *Terminal) echoed(send func(mark string) bool, what string) {
	x.t.Helper()
	if x.deaf {
		return
	}
	x.serial++
	n := 1 + x.serial%echoBase
	if send(fmt.Sprintf("\x1b[?%d;1$y", echoBase+n)) {
		x.expect(func() bool { return ask(x.seen, func(s *seen) bool { return s.echo == n }) }, what)
	}
}

// shown sends a mark through the program's output, twice: Bubble Tea flushes such
// output just before a frame, so that the second follows the frame of the first.
func (x *Terminal) shown() {
	x.t.Helper()
	for range 2 {
		x.serial++
		n := x.serial
		x.tell(tea.RawMsg{Msg: mark(n)})
		x.expect(func() bool { return look(x.g, func() bool { return x.g.mark == n }) }, "a frame")
	}
}

// expect is until, but the end of the program is an answer too.
func (x *Terminal) expect(done func() bool, what string) {
	x.t.Helper()
	x.within(x.handles, func() bool { _, over := x.hasEnded(); return over || done() }, "waiting for the program to handle %s (is Update or View blocked?)", what)
}

// Settled waits until all messages have been handled, the commands that answer soon
// have answered, and the frames of all that are on the screen.
func (x *Terminal) Settled() {
	x.t.Helper()
	calm := func() bool {
		before := x.activity()
		if _, over := x.hasEnded(); over {
			return true
		}
		if d := x.seen.busy(); d > 0 { // its answer wakes us, and so does that it is waited for no more
			time.AfterFunc(d, x.g.wake)
			return false
		}
		x.heard()
		x.shown()
		x.replied()
		_, over := x.hasEnded()
		return over || x.activity() == before && x.seen.busy() == 0
	}
	x.until(calm, "waiting for the screen to come to rest (does something redraw for ever?)")
}

func (x *Terminal) activity() [2]int {
	return [2]int{ask(x.seen, func(s *seen) int { return s.messages }), x.Frames()}
}

// Messages counts the messages that the model has handled: an idle program gets none.
func (x *Terminal) Messages() int { return ask(x.seen, func(s *seen) int { return s.messages }) }

// AtRest waits until nothing at all is under way, no command and no timer: from then on
// the program does nothing and draws nothing until somebody does.
func (x *Terminal) AtRest() {
	x.t.Helper()
	x.Settled()
	x.until(x.idle, "waiting for the last command and timer to end (does something tick for ever?)")
	x.Settled() // what they brought is on the screen
}

// idle says that nothing is under way, no command and no timer.
func (x *Terminal) idle() bool {
	return ask(x.seen, func(s *seen) bool { return len(s.commands)+s.timers == 0 })
}

// Send hands msg to the model, for what has no bytes.
func (x *Terminal) Send(msg tea.Msg) {
	x.t.Helper()
	x.tell(msg)
	x.heard()
}

// tell waits until the program has taken msg, but no longer than its patience: a model
// that blocks takes none.
func (x *Terminal) tell(msg tea.Msg) {
	x.t.Helper()
	taken := make(chan struct{})
	go func() {
		x.program.Send(msg)
		close(taken)
		x.g.wake()
	}()
	x.expect(func() bool {
		select {
		case <-taken:
			return true
		default:
			return false
		}
	}, "a message")
}

// Raw writes bytes as they are and does not wait: for input that is garbage.
func (x *Terminal) Raw(bytes string) { x.queue <- input{bytes: bytes} }

// Resize makes the terminal w by h cells, as dragging its corner does.
func (x *Terminal) Resize(w, h int) {
	x.t.Helper()
	x.size = Size{w, h}
	x.g.resize(w, h)
	x.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Size is that of the terminal.
func (x *Terminal) Size() Size { return x.size }

// CloseInput ends the input, as a pipe's end does.
func (x *Terminal) CloseInput() {
	x.deaf = true
	x.queue <- input{eof: true}
}

// HangUp ends the input and cancels the program's context, as main does when the
// connection drops.
func (x *Terminal) HangUp() {
	x.CloseInput()
	x.cancel()
}

// Exit waits for the program's end and gives the model as it was then, nil after a
// panic, and the error with which the program ended.
func (x *Terminal) Exit() (tea.Model, error) {
	x.t.Helper()
	x.until(func() bool { _, over := x.hasEnded(); return over }, "waiting for the program to end")
	select {
	case <-x.over:
		return x.last, x.err
	default:
		return nil, context.DeadlineExceeded
	}
}

// WithinSize asserts that the view fits: the terminal would cut off the rest unseen.
func (x *Terminal) WithinSize() {
	x.t.Helper()
	view := ask(x.seen, func(s *seen) string { return s.view.Content })
	lines := strings.Split(strings.TrimSuffix(view, "\n"), "\n")
	if len(lines) > x.size.H {
		x.t.Errorf("the view has %d lines, the terminal %d\n%s", len(lines), x.size.H, ansi.Strip(view))
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > x.size.W {
			x.t.Errorf("line %d is %d cells wide, the terminal %d: %q", i, w, x.size.W, ansi.Strip(l))
		}
	}
}
