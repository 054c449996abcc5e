package lines

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// talk says lines and reads lines. All reading of the run goes through it.
type talk struct {
	ctx       context.Context //nolint:containedctx // a hang-up ends every wait
	out       io.Writer
	lines     <-chan string // nil where nothing can be asked; closed at the end of the input
	interrupt <-chan struct{}
	echo      bool
	noEcho    func() (restore func(), err error)
	ascii     bool
	heartbeat time.Duration
}

func newTalk(ctx context.Context, cfg steps.Config, d IO) *talk {
	t := &talk{ctx: ctx, out: d.Out, interrupt: d.Interrupt, echo: d.Echo, noEcho: d.NoEcho, ascii: cfg.ASCII, heartbeat: d.Heartbeat}
	if t.heartbeat == 0 {
		t.heartbeat = time.Minute
	}
	if d.In != nil {
		t.lines = read(ctx, d.In)
	}
	return t
}

// maxLine is far beyond anything that can be an answer; the rest of a line is dropped.
const maxLine = 4096

// read gives the input line by line. A last line that no newline ends is no answer: it
// was cut off, and half a name may be another name.
func read(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		r := bufio.NewReaderSize(in, maxLine)
		for {
			line, err := r.ReadSlice('\n')
			text := string(bytes.TrimRight(line, "\r\n"))
			for err == bufio.ErrBufferFull { //nolint:errorlint // returned as it is
				_, err = r.ReadSlice('\n')
			}
			if err != nil {
				return
			}
			select {
			case lines <- text:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// say writes one line. Text from Atlas was cleaned where it entered.
func (t *talk) say(text string) { t.write(strings.ReplaceAll(text, " · ", ", ") + "\n") }

func (t *talk) write(text string) {
	if t.ascii {
		text = steps.ASCII(text)
	}
	_, _ = io.WriteString(t.out, text) // there is no other place to tell it
}

// ask writes a prompt and reads the answer as it was typed. The end of the input, a
// hang-up and ctrl+c are errLeft: none of them is an answer.
func (t *talk) ask(prompt string) (string, error) {
	t.write(prompt + " ")
	select {
	case line, ok := <-t.lines:
		if !ok || t.ctx.Err() != nil { // a line that came with the hang-up is no answer
			break
		}
		if t.echo {
			t.say(shown(line))
		}
		return line, nil
	case <-t.interrupt:
	case <-t.ctx.Done():
	}
	t.say("")
	return "", errLeft
}

// secret reads an answer that must not be seen: without echo, or not at all.
func (t *talk) secret(prompt string) (state.Secret, error) {
	if t.noEcho == nil {
		return state.Secret{}, errSeen
	}
	restore, err := t.noEcho()
	if err != nil {
		return state.Secret{}, errSeen
	}
	defer restore()
	line, err := t.ask(prompt + " (it is not shown)")
	t.say("") // the newline that was typed was not shown either
	return state.NewSecret(strings.TrimSpace(line)), err
}

// errSeen says that a secret would be seen.
var errSeen = errors.New("a secret is read from a terminal only, which can keep it from the screen; set the credential in the environment instead")

// shown is a line as it can be repeated: without what could command a terminal.
func shown(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return '?'
		}
		return r
	}, line)
}

// answer is what was typed where the blanks around it mean nothing.
func (t *talk) answer(prompt string) (string, error) {
	line, err := t.ask(prompt)
	return strings.TrimSpace(line), err
}

// await waits for what is asked of Atlas. After a second it says what is awaited, and
// then at every heartbeat for how long.
func await[T any](f *face, what string, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	tried := make(chan state.Attempt)
	ctx = state.WithAttempts(ctx, func(a state.Attempt) {
		select {
		case tried <- a:
		case <-ctx.Done():
		}
	})
	go func() {
		v, err := ask(ctx)
		done <- result{v, err}
	}()
	start := time.Now()
	sign := time.NewTimer(time.Second)
	defer sign.Stop()
	var none T
	for {
		select {
		case r := <-done:
			if f.ctx.Err() != nil {
				return none, errLeft
			}
			return r.value, r.err
		case a := <-tried:
			f.say(what + " failed. " + a.Text(time.Now()))
		case <-sign.C:
			f.say(what + ", " + state.Exactly(time.Since(start)) + ".")
			sign.Reset(f.heartbeat)
		case <-f.interrupt:
			return none, errLeft
		case <-f.ctx.Done():
			return none, errLeft
		}
	}
}
