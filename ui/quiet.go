package ui

import (
	"os"

	"atlas-restore/ui/lines"
)

// quiet keeps a terminal from showing what comes in by itself, from before the program takes it
// over until the last answer has come: while it is handed from one to the other it is not raw for
// a moment, and an answer that came just then would stand on the shell's screen.
type quiet struct {
	tty  *os.File
	loud func() // sets it as it was; nil while it is so
}

func keepQuiet(tty *os.File) *quiet {
	q := &quiet{tty: tty}
	q.hush()
	return q
}

// hush switches the echo off, where there is one.
func (q *quiet) hush() {
	if loud, err := lines.NoEcho(q.tty); err == nil {
		q.loud = loud
	}
}

// end gives the terminal its echo back.
func (q *quiet) end() {
	if q.loud != nil {
		q.loud()
		q.loud = nil
	}
}
