package lines

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// talk says lines and reads lines. All reading of the run goes through it.
type talk struct {
	ctx       context.Context //nolint:containedctx // a hang-up ends every wait
	out       io.Writer
	pending   string  // what is said with the next line
	in        *reader // nil where nothing can be asked
	forget    func()  // nil where what was typed ahead counts
	interrupt <-chan struct{}
	echo      bool
	noEcho    func() (restore func(), err error)
	ascii     bool
	bell      io.Writer
	heartbeat time.Duration
	aside     func(line string) bool // takes what answers no question; nil for nothing
	heard     func()                 // is told of each line; nil: nobody wants to know
	tick      <-chan time.Time       // has what is followed beside a question tended
	tended    func() (news []string) // does that
	toJob     func(line string) bool // says whether a line leaves the question for a job
	idle      int                    // lines that were read since the run last got further
	read      int                    // … and in all
	patience  int                    // how many idle ones are taken
}

// How many lines in a row are taken that bring a run no further. A person who reads and
// tries never says as many; a program that says the same for ever is not asked for ever.
const (
	patience         = 100
	terminalPatience = 10 * patience
	mostLines        = 100 * patience // in all, where no terminal is: a run can go round in circles
)

func newTalk(ctx context.Context, cfg steps.Config, d IO) *talk {
	t := &talk{ctx: ctx, out: d.Out, forget: d.Forget, interrupt: d.Interrupt, echo: !d.Terminal, noEcho: d.NoEcho, ascii: cfg.ASCII, bell: io.Discard, heartbeat: d.Heartbeat, patience: patience}
	if d.Bell != nil && !cfg.Quiet {
		t.bell = d.Bell
	}
	if d.Terminal {
		t.patience = terminalPatience
	}
	if t.heartbeat == 0 {
		t.heartbeat = time.Minute
	}
	if d.In != nil {
		t.in = read(ctx, d.In, d.Terminal)
	}
	return t
}

// maxLine is far beyond anything that can be an answer; the rest of a line is dropped.
const maxLine = 4096

// reader reads the input line by line, and each line only when it is wanted: what was
// not read yet can be forgotten.
type reader struct {
	buffer *bufio.Reader
	want   chan struct{} // a line is to be read
	wanted bool          // it was said, and the line has not come yet
	lines  chan string   // closed at the end of the input
}

// read starts a reader. A last line counts without a newline too, but not at a terminal:
// there nobody has pressed enter, and the end of the input is no answer. Where the input was
// not closed but broke, what came last may be half of a line, and is dropped.
func read(ctx context.Context, in io.Reader, terminal bool) *reader {
	n := &reader{buffer: bufio.NewReaderSize(in, maxLine), want: make(chan struct{}, 1), lines: make(chan string)}
	go func() {
		defer close(n.lines)
		for {
			select {
			case <-n.want:
			case <-ctx.Done():
				return
			}
			line, err := n.buffer.ReadSlice('\n')
			text := string(bytes.TrimRight(line, "\r\n"))
			for err == bufio.ErrBufferFull { //nolint:errorlint // returned as it is
				_, err = n.buffer.ReadSlice('\n')
			}
			if err != nil && (terminal || !errors.Is(err, io.EOF) || text == "") {
				return
			}
			select {
			case n.lines <- text:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return n
}

// next is where the next line comes; whoever receives one there says so with took.
func (n *reader) next() <-chan string {
	if n == nil {
		return nil
	}
	if !n.wanted {
		n.wanted = true
		select {
		case n.want <- struct{}{}:
		default: // the input has ended, and it was said before
		}
	}
	return n.lines
}

func (n *reader) took() { n.wanted = false }

// forgetTyped drops what was typed at a terminal before the question was there: it
// cannot be an answer to it.
func (t *talk) forgetTyped() {
	if t.forget == nil {
		return
	}
	if !t.in.wanted { // or the buffer is the reader's
		_, _ = t.in.buffer.Discard(t.in.buffer.Buffered()) // as much as there is
	}
	t.forget()
}

// say writes one line. Text from Atlas was cleaned where it entered; what was typed may
// be part of it too.
func (t *talk) say(text string) {
	t.write(shown(strings.ReplaceAll(strings.TrimSpace(t.pending+" "+text), " · ", ", ")) + "\n")
	t.pending = ""
}

// sayNext has text said at the beginning of the next line: what was understood of an answer
// and the next question are one thing to listen to.
func (t *talk) sayNext(text string) {
	t.flush()
	t.pending = text
}

// flush says by itself what has waited for another line.
func (t *talk) flush() {
	if t.pending != "" {
		t.say("")
	}
}

// further says that the run has got to where it was not before.
func (t *talk) further() { t.idle = 0 }

// weary counts a line, and says whether there were too many since the run got further.
func (t *talk) weary() bool {
	t.idle++
	t.read++
	return t.idle > t.patience || t.echo && t.read > mostLines
}

func (t *talk) write(text string) {
	if t.ascii {
		text = steps.ASCII(text)
	}
	_, _ = io.WriteString(t.out, text) // there is no other place to tell it
}

// ask writes a prompt and reads the answer as it was typed. The end of the input, a
// hang-up and ctrl+c are ErrLeft: none of them is an answer.
func (t *talk) ask(prompt string) (string, error) {
	for {
		line, err := t.once(prompt)
		if err == nil && t.toJob != nil && t.toJob(line) {
			return "", errNext
		}
		if err != nil || t.aside == nil || !t.aside(line) {
			return line, err
		}
		t.idle-- // it was understood, and meant no question
	}
}

func (t *talk) once(prompt string) (string, error) {
	t.flush()
	t.write(shown(prompt) + " ")
	for {
		select {
		case line, ok := <-t.in.next():
			t.in.took()
			if !ok && t.ctx.Err() == nil {
				t.say("")
				return "", fmt.Errorf("%w at the question %q", errEnded, strings.TrimRight(prompt, ": "))
			}
			if !ok || t.ctx.Err() != nil { // a line that came with the hang-up is no answer
				t.say("")
				return "", ErrLeft
			}
			if t.heard != nil {
				t.heard()
			}
			if t.echo {
				t.say(line)
			}
			if t.weary() {
				return "", errNowhere
			}
			return line, nil
		case <-t.tick:
			if news := t.tended(); len(news) > 0 {
				t.write("\n")
				for _, line := range news {
					t.say(line)
				}
				t.write(shown(prompt) + " ") // it is still asked
			}
		case <-t.interrupt:
			t.say("")
			return "", ErrLeft
		case <-t.ctx.Done():
			t.say("")
			return "", ErrLeft
		}
	}
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

// shown is a line as it can be repeated: without what could command a terminal, or hide
// or turn around what follows.
func shown(line string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
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
				return none, ErrLeft
			}
			return r.value, r.err
		case a := <-tried:
			f.say(what + " failed. " + a.Text(time.Now()))
		case <-f.tick:
			for _, line := range f.tend() {
				f.say(line)
			}
		case <-sign.C:
			f.say(what + ", " + state.Exactly(time.Since(start)) + ".")
			sign.Reset(f.heartbeat)
		case <-f.interrupt:
			return none, ErrLeft
		case <-f.ctx.Done():
			return none, ErrLeft
		}
	}
}
