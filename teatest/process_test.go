//go:build unix

package teatest_test

import (
	"syscall"
	"testing"

	"atlas-restore/teatest"
)

func bare(t *testing.T) *teatest.Process {
	t.Helper()
	return teatest.StartBinary(t, teatest.Build(t, "./teatest/testdata/bare", "bare"), nil, nil, small)
}

func TestBinaryOnAPty(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare 40×12")
	p.Press("esc", "down")
	p.Wait("last down.")
	p.Paste("two words")
	p.Wait("last paste two words.")
	p.Resize(50, 10)
	p.Wait("bare 50×10")
	p.Press("q")
	if code := p.ExitCode(); code != 3 {
		t.Errorf("the exit code is %d, want 3", code)
	}
	if got := p.Transcript(); got != "left in order\n" {
		t.Errorf("what is left in the terminal: %q", got)
	}
}

func TestBinaryIsEndedByASignal(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare")
	p.Signal(syscall.SIGKILL)
	if code := p.ExitCode(); code != -1 {
		t.Errorf("the exit code is %d, want -1", code)
	}
	said := failing(t, func(tb testing.TB) {
		q := teatest.StartBinary(tb, teatest.Build(tb, "./teatest/testdata/bare", "bare"), nil, nil, small)
		q.Wait("bare")
		q.Signal(syscall.SIGKILL)
		q.Transcript()
	})
	wantText(t, said, "without leaving the full screen")
}

func TestBinaryIsHungUp(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare")
	p.HangUp()
	if code := p.ExitCode(); code != -1 { // Bubble Tea leaves SIGHUP to the system, which ends it
		t.Errorf("the exit code is %d, want -1", code)
	}
}

func TestBinaryThatIsNotThere(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) { teatest.StartBinary(tb, "./nowhere", nil, nil, small) })
	wantText(t, said, "starting ./nowhere on a pty")
	said = failing(t, func(tb testing.TB) { teatest.Build(tb, "./teatest/testdata/nowhere", "nowhere") })
	wantText(t, said, "building ./teatest/testdata/nowhere")
}
