//go:build unix

package teatest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Unseen is a binary that runs without any terminal and without input.
type Unseen struct {
	t         testing.TB
	cmd       *exec.Cmd
	out, errs written
	over      chan struct{}
}

// written is what a process has written so far; next is closed when more comes.
type written struct {
	mu   sync.Mutex
	text strings.Builder
	next chan struct{}
}

// Write implements io.Writer.
func (h *written) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next != nil {
		close(h.next)
		h.next = nil
	}
	return h.text.Write(b)
}

// soFar is that, and a channel that is closed when there is more.
func (h *written) soFar() (string, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next == nil {
		h.next = make(chan struct{})
	}
	return h.text.String(), h.next
}

// StartUnseen starts the binary at path as RunBinary does, until the test ends.
func StartUnseen(t testing.TB, path string, args, env []string) *Unseen {
	t.Helper()
	u := &Unseen{t: t, cmd: exec.Command(path, args...), over: make(chan struct{})} //nolint:gosec,noctx // the test says which; it is killed at the test's end
	u.cmd.Env = environment(t, env)
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	u.cmd.Stdout, u.cmd.Stderr = &u.out, &u.errs
	if err := u.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	go func() {
		defer close(u.over)
		_ = u.cmd.Wait() // its code says it
	}()
	AtEnd(t, func() {
		_ = u.cmd.Process.Kill() // it may have ended already
		<-u.over
	})
	return u
}

// Wait waits until it has said a text on standard error.
func (u *Unseen) Wait(text string) {
	u.t.Helper()
	late := time.After(patience)
	for {
		said, next := u.errs.soFar()
		if strings.Contains(said, text) {
			return
		}
		select {
		case <-next:
		case <-u.over:
			if said, _ = u.errs.soFar(); !strings.Contains(said, text) {
				u.t.Fatalf("it has ended without saying %q:\n%s", text, said)
			}
			return
		case <-late:
			u.t.Fatalf("%q was never said:\n%s", text, said)
		}
	}
}

// Signal sends it a signal.
func (u *Unseen) Signal(sig os.Signal) {
	u.t.Helper()
	if err := u.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		u.t.Fatalf("sending %v: %v", sig, err)
	}
}

// End waits for its end, and gives its exit code, -1 if a signal ended it, and what it wrote.
func (u *Unseen) End() (code int, stdout, stderr string) {
	u.t.Helper()
	select {
	case <-u.over:
	case <-time.After(patience):
		said, _ := u.errs.soFar()
		u.t.Fatalf("it does not end:\n%s", said)
	}
	out, _ := u.out.soFar()
	errs, _ := u.errs.soFar()
	return u.cmd.ProcessState.ExitCode(), out, errs
}
