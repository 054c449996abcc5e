//go:build unix

package teatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Process is a built binary that runs on a real pty.
type Process struct {
	face

	cmd     *exec.Cmd
	tty     *os.File    // our end
	slave   *os.File    // the process's end, kept open to look at what is left there
	before  *term.State // of the slave, when nothing had run on it yet
	mute    bool
	asked   int   // marks sent behind the terminal's answers; under the lock of g
	given   int   // the last of them that came by; under the lock of g
	heights []int // that the terminal has had
	hungUp  bool
	over    chan struct{}
	code    int      // after over
	left    []string // on the slave, after over
}

// ProcessOption changes the terminal that StartBinary makes.
type ProcessOption func(*processSettings)

type processSettings struct{ mute, light bool }

// Mute is a terminal that answers no query at all, as an old one does not.
func Mute() ProcessOption { return func(s *processSettings) { s.mute = true } }

// WhiteBackground is a terminal with a white background; it says so when it is asked.
func WhiteBackground() ProcessOption { return func(s *processSettings) { s.light = true } }

// StartBinary runs the binary at path on a pty of that size, until the test ends. Of
// the host's environment it gets only PATH, so that no credential of whoever runs the
// tests can be in it; HOME is a fresh directory. What env says comes last: "KEY=value"
// takes the place of what was said of KEY before, and "KEY" alone removes it.
func StartBinary(t testing.TB, path string, args, env []string, size Size, opts ...ProcessOption) *Process {
	t.Helper()
	var s processSettings
	for _, opt := range opts {
		opt(&s)
	}
	p := &Process{mute: s.mute, heights: []int{size.H}, over: make(chan struct{})}
	p.cmd = exec.Command(path, args...) //nolint:gosec,noctx // the test says which; it is killed at the test's end
	p.cmd.Env = environment(t, append([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, env...))
	p.face = face{
		t: t, g: newGlass(size, s.light, false), patience: patience,
		send: p.feed, ended: p.hasEnded, targets: map[string]bool{},
	}
	if signal.Ignored(syscall.SIGHUP) {
		// A run under nohup would hand this down to the process, which then could not be
		// hung up. A signal that is caught is set back to its default on exec.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	if err := p.start(size); err != nil {
		p.g.close()
		t.Fatalf("starting %s on a pty: %v", path, err)
		return nil
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		p.answer()
	}()
	go p.watch()
	AtEnd(t, func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		<-p.over
		_ = p.tty.Close()
		p.g.close()
		<-answered
	})
	return p
}

// environment is what a binary under test gets to know. The last entry of a key holds,
// and one without a value removes it.
func environment(t testing.TB, env []string) []string {
	t.Helper()
	vars := []string{}
	own := []string{"LANG=C.UTF-8", "TZ=UTC", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	if _, measured := t.(*testing.B); !measured && os.Getenv("THOROUGH") != "1" {
		// Beside so many others it has no more than that: what it would do for the sake of other
		// processors takes a quarter of its time.
		own = append(own, "GOMAXPROCS=1")
	}
	for _, v := range append(own, env...) {
		key, _, set := strings.Cut(v, "=")
		vars = slices.DeleteFunc(vars, func(old string) bool { return strings.HasPrefix(old, key+"=") })
		if set {
			vars = append(vars, v)
		}
	}
	return vars
}

// start starts the command on a pty. The pty library leaves our end of it in blocking
// mode, in which closing it waits for a reader that waits for the process: no hang-up
// could be played. The slave is opened a second time, as blocking or not is a matter of
// an opening, and the process's own is not to be changed.
func (p *Process) start(size Size) error {
	blocking, stdio, err := pty.Open()
	if err != nil {
		return fmt.Errorf("opening a pty: %w", err)
	}
	defer blocking.Close()
	defer stdio.Close()
	if err := pty.Setsize(blocking, &pty.Winsize{Rows: uint16(size.H), Cols: uint16(size.W)}); err != nil { //nolint:gosec // a screen is small
		return fmt.Errorf("sizing the pty: %w", err)
	}
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("duplicating the pty: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("making the pty non-blocking: %w", err)
	}
	tty := os.NewFile(uintptr(fd), blocking.Name())
	slave, err := os.OpenFile(stdio.Name(), os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		_ = tty.Close()
		return fmt.Errorf("opening the slave: %w", err)
	}
	p.before, err = ttyState(slave)
	if err == nil {
		p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdio, stdio, stdio
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		err = p.cmd.Start()
	}
	if err != nil {
		_ = tty.Close()
		_ = slave.Close()
		return fmt.Errorf("starting: %w", err)
	}
	p.tty, p.slave = tty, slave
	return nil
}

// lastMark makes a round when the process has ended: from the slave through our end and
// the emulator's answers back to the slave. What was written before it, either way, has
// then arrived. No program writes it.
var lastMark = []byte("\x00the process has ended\x00")

// answerMark, with a number, goes the way of the emulator's answers up to our end.
const answerMark = "\x00answer "

// answer hands the process what the emulator answers.
func (p *Process) answer() {
	for reply := range p.g.replies {
		if n, ok := bytes.CutPrefix(reply, []byte(answerMark)); ok {
			look(p.g, func() bool { p.given = number(n); p.g.stir(); return true })
			continue
		}
		if !p.mute || bytes.Equal(reply, lastMark) {
			_, _ = p.tty.Write(reply) // fails once the process has ended
		}
	}
}

// answered waits until all queries that we have read from the process are answered: a
// terminal does so before it shows what follows them, to which a person then reacts.
func (p *Process) answered() {
	p.t.Helper()
	n := look(p.g, func() int { p.asked++; return p.asked })
	if !p.g.answer(fmt.Sprintf("%s%d", answerMark, n)) {
		return // the terminal is closed, as the test has ended
	}
	given := func() bool { return look(p.g, func() bool { return p.given >= n }) }
	p.until(func() bool { _, over := p.hasEnded(); return over || given() }, "waiting for the process to take the terminal's answers")
}

// watch waits for the end of the process and reads to the end of the output before it
// notes it, so that a transcript is whole.
func (p *Process) watch() {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		p.read()
	}()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.code = -1
	} else {
		p.code = p.cmd.ProcessState.ExitCode()
	}
	p.left = p.inspect()
	_ = p.slave.Close() // until then, our end would have no end
	<-drained
	close(p.over)
	p.g.wake()
}

// read hands the output to the emulator until nobody has the other end open any more,
// and keeps our own mark from it.
func (p *Process) read() {
	buf := make([]byte, 32*1024)
	var out []byte
	for {
		n, err := p.tty.Read(buf)
		out = append(out, buf[:n]...)
		if before, after, ok := bytes.Cut(out, lastMark); ok {
			_, _ = p.g.Write(before)
			p.g.answer(string(lastMark)) // behind the other answers
			out = bytes.Clone(after)
		}
		whole := len(out)
		if err == nil {
			whole -= begun(out, lastMark)
		}
		if whole > 0 {
			_, _ = p.g.Write(out[:whole])
		}
		out = append(out[:0], out[whole:]...)
		if err != nil {
			return // the other end is closed: an EIO on Linux, an EOF elsewhere
		}
	}
}

// begun is how many bytes at the end of out may be the beginning of mark.
func begun(out, mark []byte) int {
	for n := min(len(out), len(mark)-1); n > 0; n-- {
		if bytes.HasSuffix(out, mark[:n]) {
			return n
		}
	}
	return 0
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

// feed writes bytes. After a lone Escape it waits until that cannot merge with what follows: there
// is no looking into a process, and a change of its screen may be of something else. It waits for
// beats: where a busy machine holds the process back, it holds most of those back too.
func (p *Process) feed(bytes string) {
	p.t.Helper()
	p.answered()
	if _, err := p.tty.WriteString(bytes); err != nil {
		if _, over := p.hasEnded(); !over {
			p.t.Fatalf("writing to the pty: %v", err)
		}
		return
	}
	if !strings.HasSuffix(bytes, escape) {
		return
	}
	for since := beat(); beat()-since <= int64(escapeTime/beatTime); {
		select {
		case <-p.over:
			return
		case <-time.After(beatTime):
		}
	}
}

// Raw writes bytes as they are and waits for nothing: for keys that overtake the
// terminal's answers, and for answers of a Mute terminal that come when the test says.
func (p *Process) Raw(bytes string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(bytes); err != nil {
		if _, over := p.hasEnded(); !over {
			p.t.Fatalf("writing to the pty: %v", err)
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
	p.heights = append(p.heights, h)
	p.g.resize(w, h)
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

// Golden compares the screen with testdata/NAME.golden, and waits until it is so.
func (p *Process) Golden(name string) {
	p.t.Helper()
	p.Settled()
	p.golden(name, func() bool { return false }) // there is no looking into a process
}

// Signal sends the process a signal.
func (p *Process) Signal(sig os.Signal) {
	p.t.Helper()
	p.answered()
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatalf("sending %v: %v", sig, err)
	}
}

// HangUp closes our end of the pty, as a dropped connection does: the system sends the
// process a SIGHUP, and nothing that it still writes arrives.
func (p *Process) HangUp() {
	p.hungUp = true
	_ = p.tty.Close()
}

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

// runPatience is how long a binary without a terminal may take.
const runPatience = 2 * time.Minute

// RunBinary runs the binary at path to its end without any terminal, with stdin and then
// the end of input as its input, and gives its exit code, -1 if a signal ended it, and
// what it wrote. Its environment is that of StartBinary, without what tells of a terminal.
func RunBinary(t testing.TB, path string, args, env []string, stdin string) (code int, stdout, stderr string) {
	t.Helper()
	return runBinary(t, runPatience, path, args, env, stdin)
}

func runBinary(t testing.TB, patience time.Duration, path string, args, env []string, stdin string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // the test says which
	cmd.Env = environment(t, env)
	// In a session of its own it cannot open the terminal of whoever runs the tests.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = 10 * time.Second // for a child of it that has inherited its output
	var out, errs strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Fatalf("%s %q: not ended within %v\nstdout %s\nstderr %s", path, args, patience, out.String(), errs.String())
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("running %s: %v", path, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}
