//go:build unix

package teatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Process is a built binary that runs on a real pty.
type Process struct {
	face

	cmd  *exec.Cmd
	tty  *os.File // our end
	over chan struct{}
	code int // after over
}

// StartBinary runs the binary at path on a pty of that size, until the test ends. Of
// the host's environment it gets only PATH, so that no credential of whoever runs the
// tests can be in it; HOME is a fresh directory. What env says comes last.
func StartBinary(t testing.TB, path string, args, env []string, size Size) *Process {
	t.Helper()
	p := &Process{over: make(chan struct{})}
	p.cmd = exec.Command(path, args...) //nolint:gosec,noctx // the test says which; it is killed at the test's end
	p.cmd.Env = append([]string{
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"),
	}, env...)
	p.face = face{
		t: t, g: newGlass(size, false, false), patience: patience,
		send: p.feed, ended: p.hasEnded, targets: map[string]bool{},
	}
	if signal.Ignored(syscall.SIGHUP) {
		// A run under nohup would hand this down to the process, which then could not be
		// hung up. A signal that is caught is set back to its default on exec.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	tty, err := start(p.cmd, size)
	if err != nil {
		p.g.close()
		t.Fatalf("starting %s on a pty: %v", path, err)
		return nil
	}
	p.tty = tty
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for reply := range p.g.replies {
			_, _ = p.tty.Write(reply) // fails once the process has ended
		}
	}()
	go p.watch()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		<-p.over
		_ = p.tty.Close()
		p.g.close()
		<-answered
	})
	return p
}

// start starts cmd on a pty and gives our end of it. The pty library leaves that end in
// blocking mode, in which closing it waits for a reader that waits for the process: no
// hang-up could be played.
func start(cmd *exec.Cmd, size Size) (*os.File, error) {
	blocking, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(size.H), Cols: uint16(size.W)}) //nolint:gosec // a screen is small
	if err != nil {
		return nil, fmt.Errorf("starting on a pty: %w", err)
	}
	defer blocking.Close()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicating the pty: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("making the pty non-blocking: %w", err)
	}
	return os.NewFile(uintptr(fd), blocking.Name()), nil
}

// watch reads to the end of the output before it notes the end of the process, so that
// a transcript is whole.
func (p *Process) watch() {
	buf := make([]byte, 32*1024)
	for {
		n, err := p.tty.Read(buf)
		_, _ = p.g.Write(buf[:n])
		if err != nil {
			break // the other end is closed: an EIO on Linux, an EOF elsewhere
		}
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.code = -1
	} else {
		p.code = p.cmd.ProcessState.ExitCode()
	}
	close(p.over)
	p.g.wake()
}

func (p *Process) hasEnded() (string, bool) {
	select {
	case <-p.over:
		return p.cmd.ProcessState.String(), true
	default:
		return "", false
	}
}

// escapeTime is more than Bubble Tea waits for what may follow an Escape (50 ms).
const escapeTime = 120 * time.Millisecond

// feed writes bytes. After a lone Escape it waits until the screen has changed, or, as
// there is no looking into a process, until the Escape cannot merge any more.
func (p *Process) feed(bytes string) {
	p.t.Helper()
	change := p.g.next()
	if _, err := p.tty.WriteString(bytes); err != nil {
		if _, over := p.hasEnded(); !over {
			p.t.Fatalf("writing to the pty: %v", err)
		}
		return
	}
	if strings.HasSuffix(bytes, escape) {
		select {
		case <-change:
		case <-p.over:
		case <-time.After(escapeTime):
		}
	}
}

// Settled waits until the process has written nothing for several frames. There is no
// looking into a process: wait for a text where there is one.
func (p *Process) Settled() {
	p.t.Helper()
	calm := func() bool {
		select {
		case <-p.g.next():
			return false
		case <-p.over:
			return true
		case <-time.After(escapeTime):
			return true
		}
	}
	p.until(calm, "waiting for the screen to come to rest")
}

// Resize makes the terminal w by h cells; the process gets a SIGWINCH.
func (p *Process) Resize(w, h int) {
	p.t.Helper()
	look(p.g, func() bool { p.g.emu.Resize(w, h); return true })
	raw, err := p.tty.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			size := &unix.Winsize{Row: uint16(h), Col: uint16(w)} //nolint:gosec // a screen is small
			if err := unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, size); err != nil {
				p.t.Errorf("resizing the pty: %v", err)
			}
		})
	}
	if err != nil {
		p.t.Fatalf("reaching the pty: %v", err)
	}
}

// Golden compares the screen with testdata/NAME.golden, once it has come to rest.
func (p *Process) Golden(name string) {
	p.t.Helper()
	p.Settled()
	p.golden(name)
}

// Signal sends the process a signal.
func (p *Process) Signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatalf("sending %v: %v", sig, err)
	}
}

// HangUp closes our end of the pty, as a dropped connection does: the system sends the
// process a SIGHUP, and nothing that it still writes arrives.
func (p *Process) HangUp() { _ = p.tty.Close() }

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// ExitCode waits for the end of the process and gives its code; -1 if a signal ended it.
func (p *Process) ExitCode() int {
	p.t.Helper()
	p.until(func() bool { _, over := p.hasEnded(); return over }, "waiting for the process to end")
	select {
	case <-p.over:
		return p.code
	default:
		return -1
	}
}

// Transcript waits for the end of the process and gives what it left in the terminal:
// the scrollback and the shell's screen, without the full screen that was over it.
func (p *Process) Transcript() string {
	p.t.Helper()
	p.ExitCode()
	if p.AltScreen() {
		p.t.Fatalf("the process has ended without leaving the full screen\n%s", p.picture())
		return ""
	}
	return p.g.everything()
}

// String says what runs, for a test's messages.
func (p *Process) String() string { return fmt.Sprintf("%s (pid %d)", p.cmd.Path, p.Pid()) }
