package ui

import (
	"bytes"
	"io"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/cancelreader"
	"golang.org/x/term"
)

const (
	lateAnswer = 3 * time.Second        // an answer that has not come by then does not come
	lastWait   = 300 * time.Millisecond // for the answers of a terminal of which it is not known that it answers
)

// takeLateAnswers takes off the input what the terminal still answers to the questions
// of the start. A program that is left before they have come would leave them to the
// shell, which takes them for typed text. A last question is asked for its answer:
// terminals answer in order, so that nothing comes behind it. One that has answered before
// will answer this one too, and is waited for as long as that may take: so is one whose answers
// begin to come now.
func takeLateAnswers(on Screen, answers bool) {
	fd := int(on.In.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return // no terminal, no answers
	}
	defer func() { _ = term.Restore(fd, before) }() // there is nothing else to be done
	in, err := cancelreader.NewReader(on.In)
	if err != nil {
		return
	}
	defer in.Close()
	if _, err := io.WriteString(on.Out, ansi.RequestPrimaryDeviceAttributes); err != nil {
		return
	}
	wait := lastWait
	if answers {
		wait = lateAnswer
	}
	answered, begin := make(chan struct{}), make(chan struct{}, 1)
	began := (<-chan struct{})(begin)
	go func() {
		defer close(answered)
		var got []byte
		buf := make([]byte, 256)
		for !lastAnswer(got) {
			n, err := in.Read(buf)
			if err != nil {
				return
			}
			got = append(got, buf[:n]...)
			if bytes.Contains(got, []byte("\x1b]")) || bytes.Contains(got, []byte("\x1b[?")) {
				select {
				case begin <- struct{}{}:
				default: // it is known
				}
			}
		}
	}()
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		select {
		case <-answered:
			return
		case <-began: // it is a terminal that answers
			began = nil
			late.Reset(lateAnswer)
		case <-late.C:
			// It is not waited for: after a signal Bubble Tea's own reader may still be there, and
			// a read from under which that takes the input does not return.
			in.Cancel()
			return
		}
	}
}

// lastAnswer says whether the answer to the primary device attributes is in got:
// CSI ? … c.
func lastAnswer(got []byte) bool {
	_, rest, found := bytes.Cut(got, []byte("\x1b[?"))
	for found {
		end := bytes.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
		if end >= 0 && rest[end] == 'c' {
			return true
		}
		_, rest, found = bytes.Cut(rest, []byte("\x1b[?"))
	}
	return false
}
