package teatest_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"
	"unicode"

	"atlas-restore/state"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// lineStorm drives the line face through its reader and writer.
type lineStorm struct {
	*storm
	io        *mouthAndEar
	echo      bool // it repeats what it reads
	forgets   bool // it is at a terminal: what is typed ahead does not confirm
	interrupt chan struct{}
	cancel    context.CancelFunc
	ended     *atomic.Bool // and both that follow can be read
	sum       steps.Summary
	dead      string // it has panicked
	read      int    // so much of what was said was looked at
	answered  int    // so much had been said when the storm said something
}

// mouthAndEar are the input, which never makes the storm wait, and the output.
type mouthAndEar struct {
	mu      sync.Mutex
	wake    chan struct{}
	in      []byte
	end     bool
	listens bool // the face waits for a line: it reads none before it wants it
	out     strings.Builder
}

// Read implements io.Reader.
func (m *mouthAndEar) Read(p []byte) (int, error) {
	for {
		m.mu.Lock()
		n, end := copy(p, m.in), m.end
		m.in, m.listens = m.in[n:], n == 0 && !end
		m.mu.Unlock()
		switch {
		case n > 0:
			return n, nil
		case end:
			return 0, io.EOF
		}
		<-m.wake
	}
}

func (m *mouthAndEar) say(text string, end bool) {
	m.mu.Lock()
	m.in, m.end = append(m.in, text...), m.end || end
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// forget drops what was not read yet.
func (m *mouthAndEar) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in = nil
}

func (m *mouthAndEar) listening() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.listens
}

// Write implements io.Writer.
func (m *mouthAndEar) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.Write(p)
}

func (m *mouthAndEar) heard() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.String()
}

func inLines(s *storm) tempest { return &lineStorm{storm: s} }

func (s *lineStorm) open() {
	s.renew()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.interrupt, s.ended, s.read, s.answered = cancel, make(chan struct{}), new(atomic.Bool), 0, 0
	s.io, s.echo, s.forgets = &mouthAndEar{wake: make(chan struct{}, 1)}, s.chance(40), false
	d := lines.IO{In: s.io, Out: s.io, Interrupt: s.interrupt, Terminal: !s.echo, Heartbeat: oneOf(s.storm, 0, time.Second, time.Hour)}
	switch {
	case s.unasked():
		d.In = nil
	case !s.echo && s.chance(70):
		s.forgets, d.Forget = true, s.io.forget
		d.NoEcho = func() (func(), error) { return func() {}, nil }
	}
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.dead = fmt.Sprintf("the face panics: %v\n%s", r, debug.Stack())
			}
			s.ended.Store(true)
		}()
		s.sum = lines.Run(ctx, s.cfg, d)
	}()
	s.listen()
}

// unasked says whether flags have answered everything, the confirmation too.
func (s *lineStorm) unasked() bool {
	g := s.cfg.Given.WithType()
	g.Confirm = cmp.Or(g.TargetCluster, string(state.Download))
	if !g.Complete() || g.Check() != nil {
		return false
	}
	s.cfg.Given = g
	return true
}

var (
	confirmPrompt = regexp.MustCompile(`(?:restore onto it, type (?:its name, )?((?:overwrite )?\S+)|type (download)): $`)
	confirmedLine = regexp.MustCompile(`(?m)(?:restore onto it, type (?:its name, )?((?:overwrite )?\S+)|type (download)): (.*)\n`)
)

// listen waits until the face waits for the storm, and holds what it has said.
func (s *lineStorm) listen() {
	s.settle()
	if s.ended.Load() && s.dead != "" {
		s.fail("%s", s.dead)
	}
	text := s.io.heard()[s.read:]
	end := strings.LastIndex(text, "\n") + 1
	s.clean("the dialogue", text)
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		s.fail("%q is said: %q", text[i:min(len(text), i+4)], text)
	}
	s.read += end
	if s.echo {
		for _, m := range confirmedLine.FindAllStringSubmatch(text[:end], -1) {
			if name := m[1] + m[2]; m[3] == name {
				s.confirm(name)
			}
		}
	}
	if strings.Contains(text[:end], "Confirmed by --confirm "+s.cfg.Given.Confirm+".\n") && s.cfg.Given.Confirm != "" {
		s.confirm(s.cfg.Given.Confirm)
	}
	s.kept()
}

func (s *lineStorm) confirm(phrase string) {
	name := strings.TrimPrefix(strings.TrimPrefix(phrase, "overwrite "), state.PracticePrefix)
	s.agreed = append(s.agreed, name)
	s.tally["confirmed"]++
	s.note("that confirms %s", name)
}

// prompt is what is asked now; empty while nothing is.
func (s *lineStorm) prompt() string {
	text := s.io.heard()
	if len(text) == s.answered { // nobody but a terminal shows what was typed
		return ""
	}
	return text[strings.LastIndex(text, "\n")+1:]
}

// say says lines. Where nothing shows afterwards what they were an answer to, and they are
// not forgotten either, one is said only to what is asked now.
func (s *lineStorm) say(line string) {
	prompt := s.prompt()
	if !s.io.listening() {
		if prompt = ""; !s.echo && !s.forgets || s.chance(70) {
			s.release() // it waits for Atlas
			return
		}
	}
	s.tally["events"]++
	s.note("%.60q to %q", line, prompt)
	if m := confirmPrompt.FindStringSubmatch(prompt); m != nil && !s.echo && strings.TrimRight(line, "\r") == m[1]+m[2] {
		s.confirm(m[1] + m[2])
	}
	if (s.echo || s.forgets) && s.chance(10) {
		ahead := oneOf(s.storm, s.word(), line)
		s.note("%.60q at once", ahead)
		line += "\n" + ahead
	}
	s.answered = len(s.io.heard())
	s.io.say(line+"\n", false)
	s.listen()
}

// event implements tempest.
func (s *lineStorm) event(kind byte) {
	switch {
	case kind < 40:
		s.say("")
	case kind < 75:
		s.say(strconv.Itoa(s.dice.IntN(12) - 1))
	case kind < 105:
		s.say(s.word())
	case kind < 112:
		s.say(oneOf(s.storm, oneOf(s.storm, garbage...), strings.Repeat("x", 5_000), s.word()+"\r", " "+s.word()+" ", "\x1b[31m"+s.word()+"\x1b[0m"))
	case kind < 126:
		s.say(oneOf(s.storm, "?", "??", "b", "b", "r", "more", "moment", "new", "s", "x", "cancel", "oplog", "?!", "help", "BACK", "exit", "yes", "safety", "target", "snapshot", "cluster", "project", "delivery", "elsewhere", "accept running", "accept", "again", "hint", "when", "further"))
	case kind < 170:
		s.goOn()
	case kind < 186:
		s.tally["events"]++
		s.weather()
	case kind < 204:
		s.tally["events"]++
		s.release()
	case kind < 207:
		s.say("q")
	case kind < 210:
		s.stop()
	case kind < 212:
		s.hangUp()
	default:
		s.tally["events"]++
		d := oneOf(s.storm, 20*time.Millisecond, 200*time.Millisecond, 3*time.Second)
		s.note("%v pass", d)
		s.pass(d)
	}
	s.listen()
	s.pass(time.Duration(s.dice.IntN(20)) * time.Millisecond)
	s.listen()
	if s.ended.Load() {
		s.leave()
		s.open()
	}
}

// stop is ctrl+c. Only while an answer to the request is awaited it takes two.
func (s *lineStorm) stop() {
	s.tally["events"]++
	sending := s.gate.has("request") || s.gate.has("jobs of")
	select {
	case s.interrupt <- struct{}{}:
		s.note("ctrl+c")
		s.listen()
		asked := strings.Contains(s.io.heard()[max(0, len(s.io.heard())-4000):], "q again leaves")
		if !s.ended.Load() && !sending && !asked {
			s.fail("ctrl+c does not leave:\n%s", s.io.heard())
		}
	default: // it is about to end
	}
}

// goOn says what leads on, where chance alone would take long.
func (s *lineStorm) goOn() {
	prompt := s.prompt()
	if s.gate.has("request") && s.chance(30) {
		s.stop()
		return
	}
	at := s.cfg.Now().Add(-time.Duration(s.dice.IntN(oneOf(s.storm, 60, 3600, 400_000))) * time.Second)
	switch m := confirmPrompt.FindStringSubmatch(prompt); {
	case m != nil:
		name := m[1] + m[2]
		if s.chance(5) {
			s.hangUp()
			return
		}
		s.say(oneOf(s.storm, almost(name)...))
	case prompt == "" && strings.Contains(s.io.heard(), ": restore job "):
		d := time.Duration(s.dice.IntN(200)) * time.Second
		s.note("Atlas's clock moves by %v, and some seconds pass", d)
		s.sim.Advance(d)
		s.pass(4 * time.Second)
	case s.credential(prompt) != "":
		s.say(s.credential(prompt))
	case strings.HasPrefix(prompt, "Moment"):
		s.say(at.Format("2006-01-02 15:04:05"))
	case strings.HasPrefix(prompt, "Oplog timestamp"):
		s.say(strconv.FormatInt(at.Unix(), 10))
	case strings.HasPrefix(prompt, "Snapshot"):
		s.say(oneOf(s.storm, "", "", "moment", "new"))
	case strings.HasPrefix(prompt, "Delivery"):
		s.say(oneOf(s.storm, "1", "2", "2", "3"))
	case strings.Contains(prompt, "enter takes"):
		s.say("")
	default:
		s.say(strconv.Itoa(1 + s.dice.IntN(4)))
	}
}

// hangUp ends the input, or the terminal: neither is an answer, not even to a name that
// was typed without its newline, or with the hang-up.
func (s *lineStorm) hangUp() {
	s.tally["events"]++
	name := s.word()
	if m := confirmPrompt.FindStringSubmatch(s.prompt()); m != nil {
		name = m[1] + m[2]
	}
	if s.chance(50) {
		s.note("the input ends after %.60q", name)
		s.io.say(oneOf(s.storm, "", name), true)
	} else {
		s.note("hangs up, with %.60q", name)
		s.cancel()
		s.io.say(name+"\n", false)
	}
	s.listen()
	for i := 0; !s.ended.Load(); i++ {
		if i == 500 {
			s.fail("it does not end:\n%s", s.io.heard())
		}
		s.release()
		s.sim.Heal()
		s.sim.Advance(time.Minute)
		s.pass(time.Second)
		s.listen()
	}
}

// leave implements tempest.
func (s *lineStorm) leave() {
	if !s.ended.Load() {
		s.hangUp()
	}
	s.note("left: %s", s.sum.Outcome)
	s.tally["left: "+string(s.sum.Outcome)]++
	s.agrees(s.sum)
	s.clean("the summary", s.sum.Text())
	s.mum("the journal", s.book.text.String())
	s.tally["asked for"] += len(s.gate.orders)
	if !s.abandon() {
		s.fail("it does not end")
	}
	s.kept()
	s.agrees(s.sum)
}

// abandon implements tempest.
func (s *lineStorm) abandon() bool {
	s.cancel()
	s.io.say("", true)
	time.Sleep(time.Hour) // of the bubble's time
	synctest.Wait()
	return s.ended.Load()
}
