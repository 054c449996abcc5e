package teatest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Dialogue is a face that reads and writes line by line, in talk with a test.
type Dialogue struct {
	t        testing.TB
	patience time.Duration
	cancel   context.CancelFunc
	in       *io.PipeWriter
	queue    chan string // lines to the face
	deaf     bool        // the queue is closed
	over     chan struct{}
	targets  map[string]bool // asserted by AssertTarget

	mu      sync.Mutex
	out     bytes.Buffer
	since   int           // where what was written since the last Say begins
	said    string        // by the last Say
	changed chan struct{} // closed at the next change, then replaced
}

// Converse runs run until the test ends. Its context ends with HangUp, and with the test.
func Converse(t testing.TB, run func(ctx context.Context, in io.Reader, out io.Writer)) *Dialogue {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	in, to := io.Pipe()
	d := &Dialogue{
		t: t, patience: patience, cancel: cancel, in: to, queue: make(chan string, 4096),
		over: make(chan struct{}), targets: map[string]bool{}, changed: make(chan struct{}),
	}
	go func() {
		defer func() {
			_ = in.Close() // a writer must not wait for a reader that is gone
			close(d.over)
			d.stir()
		}()
		run(ctx, in, heard{d})
	}()
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		d.pump()
	}()
	AtEnd(t, func() {
		d.HangUp()
		d.Exit()
		<-pumped
	})
	return d
}

// pump is the only one that writes to the face, so that the test never waits for it.
func (d *Dialogue) pump() {
	for line := range d.queue {
		_, _ = io.WriteString(d.in, line) // fails once the face has ended
	}
	_ = d.in.Close()
}

// heard takes what the face writes.
type heard struct{ d *Dialogue }

// Write implements io.Writer.
func (h heard) Write(p []byte) (int, error) {
	defer h.d.stir()
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.d.out.Write(p)
}

// stir wakes whoever waits for a change.
func (d *Dialogue) stir() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *Dialogue) next() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// until waits for done, as that of a screen does, and for as long as something is still said:
// two hundred answers take their time on a busy machine.
func (d *Dialogue) until(done func() bool, format string, args ...any) {
	d.t.Helper()
	late := time.NewTimer(d.patience)
	defer late.Stop()
	last := time.Now().Add(4 * d.patience)
	for {
		change := d.next()
		over := d.Ended()
		if done() {
			return
		}
		if over {
			d.t.Fatalf("%s: it has ended\n%s", fmt.Sprintf(format, args...), d.picture())
			return
		}
		select {
		case <-change:
			late.Reset(min(d.patience, time.Until(last)))
		case <-late.C:
			d.t.Fatalf("%s: not within %v\n%s", fmt.Sprintf(format, args...), d.patience, d.picture())
			return
		}
	}
}

// picture is what was heard, for a failure's message.
func (d *Dialogue) picture() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.out.String()
	if d.said == "" {
		return "heard:\n" + all
	}
	return fmt.Sprintf("heard before:\n%s\nheard since %q was said:\n%s", all[:d.since], d.said, all[d.since:])
}

// Say says a line, and does not wait for anything.
func (d *Dialogue) Say(line string) {
	d.t.Helper()
	if d.deaf {
		d.t.Fatalf("the input is closed: %q cannot be said", line)
		return
	}
	d.mu.Lock()
	d.since, d.said = d.out.Len(), line
	d.mu.Unlock()
	select {
	case d.queue <- line + "\n":
	default:
		d.t.Fatalf("%q cannot be said: nobody reads the %d lines before\n%s", line, cap(d.queue), d.picture())
	}
}

// Wait waits until text was written since the last Say.
func (d *Dialogue) Wait(text string) {
	d.t.Helper()
	d.until(func() bool { return strings.Contains(d.Heard(), text) }, "waiting for %q", text)
}

// WaitFor waits until cond holds of what was written since the last Say; what says what
// is wanted.
func (d *Dialogue) WaitFor(what string, cond func(sinceLastSay string) bool) {
	d.t.Helper()
	d.until(func() bool { return cond(d.Heard()) }, "waiting for %s", what)
}

// Heard is what was written since the last Say.
func (d *Dialogue) Heard() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.String()[d.since:]
}

// Output is all that was written.
func (d *Dialogue) Output() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.String()
}

// CloseInput ends the input behind what was said, as a pipe's end does.
func (d *Dialogue) CloseInput() {
	if !d.deaf {
		d.deaf = true
		close(d.queue)
	}
}

// EndWith says what has no newline, and ends the input behind it.
func (d *Dialogue) EndWith(text string) {
	d.queue <- text
	d.CloseInput()
}

// HangUp ends the input at once and cancels the context, as main does when the
// connection drops.
func (d *Dialogue) HangUp() {
	d.CloseInput()
	_ = d.in.Close()
	d.cancel()
}

// Ended says whether the face has returned.
func (d *Dialogue) Ended() bool {
	select {
	case <-d.over:
		return true
	default:
		return false
	}
}

// Exit waits until the face has returned.
func (d *Dialogue) Exit() {
	d.t.Helper()
	d.until(d.Ended, "waiting for the end")
}

// AssertTarget asserts that what was written since the last Say says of this cluster, by
// its whole name, that it is erased. Without it, no test may confirm.
func (d *Dialogue) AssertTarget(name string) {
	d.t.Helper()
	d.WaitFor("a sentence that says that "+name+" is erased", func(heard string) bool { return saysErased(heard, name) })
	d.targets[name] = true
}

// Confirm says the name of the target. It refuses if the test has not asserted before
// what is said of that target: a test that erases blindly proves nothing.
func (d *Dialogue) Confirm(target string) {
	d.t.Helper()
	if !d.targets[target] {
		d.t.Fatalf("refusing to confirm the erasure of %q: call AssertTarget(%q) before, where it is asked\n%s", target, target, d.picture())
		return
	}
	d.Say(phrase(d.Heard(), target))
}
