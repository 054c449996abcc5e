package teatest

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"
)

// probe stands between the program and the model under test. It sees every message
// after the model has handled it, keeps our own marks from the model, and knows which
// commands are under way: so the harness can wait for things that happened instead of
// letting time pass.
type probe struct {
	inner tea.Model
	seen  *seen
}

// seen is what the probe saw; it is shared by all copies of the probe.
type seen struct {
	mu       sync.Mutex
	wake     func()
	messages int // handled by the model
	escapes  int // of them, lone Escapes
	echo     int // the last input mark that came through the decoder
	view     tea.View
	viewed   bool          // view is that of the model after its last message
	commands map[int]int64 // under way, since which beat
	timers   int           // under way
	running  int           // commands that have not returned, timers left out
	serial   int
}

// mark is a message that becomes a sequence in the output.
type mark int

// String implements fmt.Stringer; Bubble Tea prints it into its output.
func (m mark) String() string { return fmt.Sprintf("\x1b]7777;%d\x07", int(m)) }

// echoBase keeps the marks of the input away from the modes that terminals have: a
// mark is the report of a mode that nobody asked for.
const echoBase = 20000

// Init implements tea.Model.
func (p probe) Init() tea.Cmd { return p.seen.follow(p.inner.Init()) }

// brought is what a command or a timer has brought. That is under way until the model has
// handled it: between the two nothing is at rest, however long it takes.
type brought struct {
	msg  tea.Msg
	over func(*seen)
}

// Update implements tea.Model.
func (p probe) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if b, ok := msg.(brought); ok {
		msg = b.msg
		defer p.seen.note(b.over)
	}
	switch m := msg.(type) {
	case tea.RawMsg:
		if _, ours := m.Msg.(mark); ours {
			return p, nil
		}
	case tea.ModeReportMsg:
		if m.Mode.Mode() > echoBase {
			p.seen.note(func(s *seen) { s.echo = m.Mode.Mode() - echoBase })
			return p, nil
		}
	}
	inner, cmd := p.inner.Update(msg)
	cmd = p.seen.follow(cmd)
	p.seen.note(func(s *seen) {
		s.messages++
		s.viewed = false
		if k, ok := msg.(tea.KeyPressMsg); ok && k.Code == tea.KeyEscape {
			s.escapes++
		}
	})
	return probe{inner, p.seen}, cmd
}

// View implements tea.Model. Bubble Tea asks for a view after each message: after a mark of
// ours, of which the model knows nothing, it is the one of before.
func (p probe) View() tea.View {
	if view, ok := p.seen.last(); ok {
		return view
	}
	v := p.inner.View()
	p.seen.mu.Lock()
	p.seen.view, p.seen.viewed = v, true
	p.seen.mu.Unlock()
	return v
}

func (s *seen) last() (tea.View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view, s.viewed
}

func (s *seen) note(f func(*seen)) {
	s.mu.Lock()
	f(s)
	s.mu.Unlock()
	s.wake()
}

func ask[T any](s *seen, f func(*seen) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s)
}

// timer finds tea.Tick and tea.Every by the name of their closures, inlined or not.
var timer = regexp.MustCompile(`(Tick|Every)\.func\d+$`)

// follow notes that cmd is under way until it has returned. Timers are no work: a
// program that only waits for its next poll is at rest.
func (s *seen) follow(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	if timer.MatchString(runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name()) {
		s.note(func(s *seen) { s.timers++ })
		return func() tea.Msg { return s.bring(cmd(), func(s *seen) { s.timers-- }) }
	}
	s.mu.Lock()
	s.serial++
	id := s.serial
	s.commands[id] = beat()
	s.mu.Unlock()
	return func() tea.Msg {
		s.note(func(s *seen) { s.running++ })
		msg := func() tea.Msg {
			defer s.note(func(s *seen) { s.running-- }) // even if it panics
			return cmd()
		}()
		return s.bring(s.followAll(msg), func(s *seen) { delete(s.commands, id) })
	}
}

// bring hands on what has come. What Bubble Tea keeps for itself never reaches a model: it
// goes on as it is.
func (s *seen) bring(msg tea.Msg, over func(*seen)) tea.Msg {
	if t := reflect.TypeOf(msg); t == nil || t.PkgPath() == bubbleTea || t.Kind() == reflect.Pointer && t.Elem().PkgPath() == bubbleTea {
		s.note(over)
		return msg
	}
	return brought{msg, over}
}

var bubbleTea = reflect.TypeFor[tea.QuitMsg]().PkgPath()

// followAll follows the commands inside a batch or a sequence. The latter's type is
// not exported, hence the reflection.
func (s *seen) followAll(msg tea.Msg) tea.Msg {
	v := reflect.ValueOf(msg)
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return msg
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		if cmd, ok := v.Index(i).Interface().(tea.Cmd); ok {
			out.Index(i).Set(reflect.ValueOf(s.follow(cmd)))
		}
	}
	return out.Interface()
}

// grace is for how many beats a command counts as one whose answer is about to come. What takes
// longer is a wait that the screen should tell of, and that a test may look at. On a busy machine
// an answer of the embedded Atlas takes some hundred milliseconds.
const grace = 20

// A golden that is written anew has nothing to be held against: what it shows is given more
// time to come.
const graceToWrite = 120

// busy is for how long a command that is under way may still count as one whose answer is about to
// come; 0 where none does.
func (s *seen) busy() time.Duration {
	wait := int64(grace)
	if updating() {
		wait = graceToWrite
	}
	now := beat()
	return ask(s, func(s *seen) time.Duration {
		left := int64(0)
		for _, since := range s.commands {
			left = max(left, wait-(now-since))
		}
		return time.Duration(left) * beatTime
	})
}

// beatTime is from one beat to the next, where this process runs. One that stands still, since the
// machine has others to serve, has no beat: nothing that waits for so many runs out meanwhile.
const beatTime = 25 * time.Millisecond

var beats atomic.Int64

var beating = sync.OnceFunc(func() {
	go func() {
		for range time.Tick(beatTime) {
			beats.Add(1)
		}
	}()
})

// beat is the number of the last beat.
func beat() int64 {
	beating()
	return beats.Load()
}
