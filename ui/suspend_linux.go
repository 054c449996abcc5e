package ui

import (
	"os"
	"os/signal"
	"syscall"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// stops are the signals by which a program is suspended from outside.
type stops struct {
	came  chan os.Signal
	heard chan struct{} // closed once they are listened for
	ours  disposition   // what is done at a stop while the program runs
}

func newStops() *stops { return &stops{came: make(chan os.Signal, 1), heard: make(chan struct{})} }

// listen tells a program of each stop, until end is called. The first frame need not wait for that.
func (s *stops) listen(send func(tea.Msg)) {
	go func() {
		signal.Notify(s.came, syscall.SIGTSTP)
		close(s.heard)
		for range s.came {
			send(stopMsg{})
		}
	}()
}

// stopReaches is by when a stop has surely reached the program.
const stopReaches = time.Second

// let lets a stop stop the program. The system stops none that nobody could have go on, and
// Bubble Tea waits for that all the same: it is told to go on. A program that was stopped is told
// so once it goes on, which changes nothing.
func (s *stops) let() {
	<-s.heard
	s.ours = dispose(disposition{})
	time.AfterFunc(stopReaches, func() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGCONT) })
}

// take takes a stop for a message again.
func (s *stops) take() {
	if s.ours != (disposition{}) {
		dispose(s.ours)
	}
}

// end takes no more stops.
func (s *stops) end() {
	<-s.heard
	signal.Stop(s.came)
	close(s.came)
}

// disposition is the system's record of what is done at a signal, as large as that of any processor;
// zero is the system's own.
type disposition [8]uint64

// dispose changes what is done at a stop, and gives what was done. Go's own signal.Stop does not
// give the system its action back: what has been caught once would never stop the program again.
func dispose(a disposition) (was disposition) {
	const signals = 8 // bytes of a set of them
	//nolint:gosec // the system reads and writes no more than a disposition has
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGTSTP), uintptr(unsafe.Pointer(&a)), uintptr(unsafe.Pointer(&was)), signals, 0, 0)
	return was
}
