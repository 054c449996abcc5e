//go:build unix

package teatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// Residue waits for the end of the process and lists what is not in the terminal as it
// was before: what its output has switched on and not off again, or off and not on
// again, changed settings of the tty, and input that it has not read, which the shell
// would take for typed. There is none if a program has cleaned up.
//
// Settings and unread input are looked at on Linux only: elsewhere a tty is taken away
// from everybody when its session ends.
func (p *Process) Residue() []string {
	p.t.Helper()
	if p.hungUp {
		p.t.Fatalf("the connection was dropped: there is no terminal left to look at")
		return nil
	}
	p.ExitCode()
	if _, over := p.hasEnded(); !over {
		return nil // ExitCode has said so
	}
	return append(residue(p.Output(), p.heights), p.left...)
}

// Changes lists what the output so far has changed in the terminal, as Residue does of
// all of it. For a program that hands the terminal over in between.
func (p *Process) Changes() []string { return residue(p.Output(), p.heights) }

// onTTY runs f with the descriptor of tty, which stays non-blocking.
func onTTY(tty *os.File, f func(fd int) error) error {
	raw, err := tty.SyscallConn()
	if err != nil {
		return fmt.Errorf("reaching the tty: %w", err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = f(int(fd)) }); err != nil {
		return fmt.Errorf("reaching the tty: %w", err)
	}
	return failed
}

func ttyState(tty *os.File) (*term.State, error) {
	var state *term.State
	err := onTTY(tty, func(fd int) (err error) {
		state, err = term.GetState(fd)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the settings of the tty: %w", err)
	}
	return state, nil
}

// inspect looks at the slave after the process's end.
func (p *Process) inspect() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	after, err := ttyState(p.slave)
	if err != nil {
		return []string{err.Error()}
	}
	var left []string
	unread, err := p.unread()
	if err != nil {
		left = append(left, err.Error())
	}
	if !reflect.DeepEqual(p.before, after) {
		left = append(left, "the tty's settings are changed: "+p.changed(after))
	}
	if len(unread) > 0 {
		left = append(left, fmt.Sprintf("input is left unread: %q", unread))
	}
	return left
}

// unread reads what is left of the input, up to the mark that goes round behind all
// answers of the terminal. In raw mode the tty hands out an unfinished line too, changes
// neither the marks nor the rest, and goes on where ctrl+s has stopped it.
func (p *Process) unread() ([]byte, error) {
	if err := onTTY(p.slave, func(fd int) error { _, err := term.MakeRaw(fd); return err }); err != nil {
		return nil, fmt.Errorf("reading the rest of the input raw: %w", err)
	}
	if err := p.slave.SetDeadline(time.Now().Add(p.patience)); err != nil {
		return nil, fmt.Errorf("reading the rest of the input in time: %w", err)
	}
	if _, err := p.slave.Write(lastMark); err != nil {
		return nil, fmt.Errorf("marking the end of the output: %w", err)
	}
	var in []byte
	buf := make([]byte, 4096)
	for {
		n, err := p.slave.Read(buf)
		in = append(in, buf[:n]...)
		if before, _, ok := bytes.Cut(in, lastMark); ok {
			return before, nil
		}
		if err != nil {
			return in, fmt.Errorf("reading the rest of the input: %w", err)
		}
	}
}

// changed says what differs after from before, in the words of stty.
func (p *Process) changed(after *term.State) string {
	was, err := stty(p.slave, p.before)
	is, err2 := stty(p.slave, after)
	if err := errors.Join(err, err2); err != nil {
		return err.Error()
	}
	is = slices.DeleteFunc(is, func(s string) bool { return slices.Contains(was, s) })
	return strings.Join(is, ", ")
}

func stty(tty *os.File, state *term.State) ([]string, error) {
	if err := onTTY(tty, func(fd int) error { return term.Restore(fd, state) }); err != nil {
		return nil, fmt.Errorf("setting the tty: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), "stty", "-a")
	cmd.Stdin = tty
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("asking stty: %w", err)
	}
	var words []string
	for _, part := range strings.FieldsFunc(string(out), func(r rune) bool { return r == ';' || r == '\n' }) {
		if strings.Contains(part, "=") {
			words = append(words, strings.TrimSpace(part)) // "intr = ^C"
		} else {
			words = append(words, strings.Fields(part)...) // "-parenb cs8 -echo"
		}
	}
	return words, nil
}

// trace is what the output has made of a terminal that was in order.
type trace struct {
	modes   map[string]bool // "?25" and the like, as they were switched last
	kitty   [2]kitty        // of the shell's screen and of the full screen
	other   int             // modifyOtherKeys
	style   map[string]bool // attributes of text that are on
	link    string
	title   titles
	titles  []titles // pushed
	bar     string   // the state of the progress bar
	status  string   // of the program, as it was reported
	pointer string
	colours map[int]bool // set, by the number of their OSC
	region  [2]int       // scrolling lines
	charset map[byte]byte
	shifted bool // to the charset G1
	keypad  bool // sends other keys
	cursor  int  // shape
}

// kitty are the flags of the kitty keyboard protocol.
type kitty struct {
	flags  int
	pushed []int
}

type titles struct{ icon, window string }

func newTrace() *trace {
	return &trace{modes: map[string]bool{}, style: map[string]bool{}, colours: map[int]bool{}, charset: map[byte]byte{}}
}

// residue lists what output leaves changed in a terminal that had those heights.
func residue(output string, heights []int) []string {
	t, p, state := newTrace(), ansi.NewParser(), byte(ansi.NormalState)
	// The decoder panics at more parameters in a sequence than there is room for.
	p.SetParamsSize(strings.Count(output, ";") + strings.Count(output, ":") + 2)
	var seq string
	for rest := output; rest != ""; {
		var n int
		seq, _, n, state = ansi.DecodeSequence(rest, state, p)
		rest = rest[n:]
		switch {
		case state != ansi.NormalState: // it breaks off
		case ansi.HasCsiPrefix(seq):
			t.csi(ansi.Cmd(p.Command()), p.Params())
		case ansi.HasOscPrefix(seq):
			t.osc(p.Command(), string(p.Data()))
		case ansi.HasDcsPrefix(seq), ansi.HasApcPrefix(seq), ansi.HasSosPrefix(seq), ansi.HasPmPrefix(seq): // queries and pictures
		case ansi.HasEscPrefix(seq):
			t.esc(ansi.Cmd(p.Command()))
		case seq == "\x0e", seq == "\x0f":
			t.shifted = seq == "\x0e"
		}
	}
	left := t.list(heights)
	if state != ansi.NormalState {
		left = append(left, fmt.Sprintf("a sequence is not ended: %q", seq))
	}
	return left
}

func (t *trace) csi(cmd ansi.Cmd, params ansi.Params) {
	param := func(i, def int) int {
		v, _, _ := params.Param(i, def)
		return v
	}
	switch int(cmd) {
	case ansi.Command('?', 0, 'h'), ansi.Command('?', 0, 'l'), 'h', 'l':
		prefix := ""
		if cmd.Prefix() != 0 {
			prefix = string(rune(cmd.Prefix()))
		}
		for i := range params {
			t.modes[fmt.Sprintf("%s%d", prefix, param(i, 0))] = cmd.Final() == 'h'
		}
	case ansi.Command('>', 0, 'u'), ansi.Command('<', 0, 'u'), ansi.Command('=', 0, 'u'):
		t.keyboard().change(cmd.Prefix(), params)
	case ansi.Command('>', 0, 'm'):
		if r := param(0, -1); r == 4 || r == -1 {
			t.other = param(1, 0)
		}
	case ansi.Command('>', 0, 'n'):
		if param(0, 2) == 4 {
			t.other = 0
		}
	case 'm':
		t.sgr(params)
	case 'r':
		t.region = [2]int{param(0, 1), param(1, 0)}
	case 't':
		switch param(0, 0) {
		case 22:
			t.titles = append(t.titles, t.title)
		case 23:
			if n := len(t.titles); n > 0 {
				t.title, t.titles = t.titles[n-1], t.titles[:n-1]
			}
		}
	case ansi.Command(0, ' ', 'q'):
		t.cursor = param(0, 0)
	}
}

// keyboard is that of the screen which is shown: each has its own.
func (t *trace) keyboard() *kitty {
	if t.modes["?47"] || t.modes["?1047"] || t.modes["?1049"] {
		return &t.kitty[1]
	}
	return &t.kitty[0]
}

func (k *kitty) change(how byte, params ansi.Params) {
	n, _, _ := params.Param(0, 0)
	switch how {
	case '>':
		k.pushed, k.flags = append(k.pushed, k.flags), n
	case '<':
		for range max(n, 1) {
			if len(k.pushed) == 0 {
				k.flags = 0
				return
			}
			last := len(k.pushed) - 1
			k.flags, k.pushed = k.pushed[last], k.pushed[:last]
		}
	case '=':
		switch mode, _, _ := params.Param(1, 1); mode {
		case 1:
			k.flags = n
		case 2:
			k.flags |= n
		case 3:
			k.flags &^= n
		}
	}
}

func (t *trace) sgr(params ansi.Params) {
	if len(params) == 0 {
		clear(t.style)
	}
	for i := 0; i < len(params); i++ {
		code, kind := params[i].Param(0), -1
		for ; params[i].HasMore() && i+1 < len(params); i++ {
			if kind < 0 {
				kind = params[i+1].Param(0) // the first after a colon
			}
		}
		switch {
		case code == 0:
			clear(t.style)
			continue
		case code == 4 && kind == 0:
			code = 24
		case kind < 0 && (code == 38 || code == 48 || code == 58) && i+1 < len(params):
			switch params[i+1].Param(0) { // a colour's parts are parameters of their own
			case 2:
				i += 4
			case 5:
				i += 2
			}
		}
		if name, on := attribute(code); on {
			t.style[name] = true
		} else {
			delete(t.style, name)
		}
	}
}

// attribute is what an SGR code switches on or off.
func attribute(code int) (name string, on bool) {
	switch {
	case code == 1, code == 2, code == 22:
		return "weight", code != 22
	case code == 3, code == 20, code == 23:
		return "italic", code != 23
	case code == 4, code == 21, code == 24:
		return "underline", code != 24
	case code == 5, code == 6, code == 25:
		return "blinking", code != 25
	case code == 7, code == 27:
		return "reverse", code == 7
	case code == 8, code == 28:
		return "hidden", code == 8
	case code == 9, code == 29:
		return "struck out", code == 9
	case code >= 10 && code <= 19:
		return "font", code != 10
	case code >= 30 && code <= 39, code >= 90 && code <= 97:
		return "foreground", code != 39
	case code >= 40 && code <= 49, code >= 100 && code <= 107:
		return "background", code != 49
	case code == 51, code == 52, code == 54:
		return "frame", code != 54
	case code == 53, code == 55:
		return "overline", code == 53
	case code == 58, code == 59:
		return "underline colour", code == 58
	default:
		return "", false
	}
}

func (t *trace) osc(number int, data string) {
	_, data, _ = strings.Cut(data, ";")
	switch number {
	case 0:
		t.title = titles{data, data}
	case 1:
		t.title.icon = data
	case 2:
		t.title.window = data
	case 8:
		_, t.link, _ = strings.Cut(data, ";")
	case 9:
		if bar, ok := strings.CutPrefix(data+";", "4;"); ok { // other texts are notifications
			t.bar, _, _ = strings.Cut(bar, ";")
		}
	case 7501:
		for pair := range strings.SplitSeq(data, ":") {
			if state, ok := strings.CutPrefix(pair, "state="); ok {
				t.status = state
			}
		}
	case 22:
		t.pointer = data
	case 10, 11, 12:
		for i, colour := range strings.Split(data, ";") {
			if colour != "?" && colour != "" {
				t.colours[number+i] = true
			}
		}
	case 110, 111, 112:
		delete(t.colours, number-100)
	}
}

func (t *trace) esc(cmd ansi.Cmd) {
	switch {
	case cmd.Intermediate() >= '(' && cmd.Intermediate() <= '+':
		t.charset[cmd.Intermediate()] = cmd.Final()
	case cmd.Intermediate() != 0:
	case cmd.Final() == '=', cmd.Final() == '>':
		t.keypad = cmd.Final() == '='
	case cmd.Final() == 'c': // a full reset, but for what is outside the screen
		title, pushed, bar, status := t.title, t.titles, t.bar, t.status
		*t = *newTrace()
		t.title, t.titles, t.bar, t.status = title, pushed, bar, status
	}
}

// modeNames are in plain words what is switched by the modes that programs use.
var modeNames = map[string]string{
	"4": "insert", "20": "line feed as new line",
	"?1": "application cursor keys", "?7": "automatic wrap", "?25": "visible cursor",
	"?47": "full screen", "?1047": "full screen", "?1049": "full screen",
	"?9": "mouse", "?1000": "mouse", "?1001": "mouse", "?1002": "mouse", "?1003": "mouse",
	"?1005": "mouse encoding", "?1006": "mouse encoding", "?1015": "mouse encoding", "?1016": "mouse encoding",
	"?1004": "focus reports", "?2004": "bracketed paste", "?2026": "synchronized output", "?2027": "grapheme clusters",
	"?2031": "colour scheme reports", "?2048": "size reports",
}

// initially are the modes that are set in a terminal that is in order.
var initially = map[string]bool{"?7": true, "?25": true}

func (t *trace) list(heights []int) []string {
	var left []string
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			left = append(left, fmt.Sprintf(format, args...))
		}
	}
	for _, mode := range slices.Sorted(maps.Keys(t.modes)) {
		name := mode
		if words := modeNames[mode]; words != "" {
			name += " (" + words + ")"
		}
		say(t.modes[mode] && !initially[mode], "mode %s is left set", name)
		say(!t.modes[mode] && initially[mode], "mode %s is left reset", name)
	}
	for i, screen := range []string{"the shell's screen", "the full screen"} {
		k := t.kitty[i]
		say(k.flags != 0, "the kitty keyboard flags of %s are left at %d", screen, k.flags)
		say(len(k.pushed) > 0, "the kitty keyboard flags of %s were pushed and not popped: %d", screen, len(k.pushed))
	}
	say(t.other != 0, "modifyOtherKeys is left at %d", t.other)
	say(t.keypad, "the keypad is left in application mode")
	say(len(t.style) > 0, "the style of text is left on: %s", strings.Join(slices.Sorted(maps.Keys(t.style)), ", "))
	say(t.link != "", "a link is left open: %q", t.link)
	say(t.title.window != "", "the window's title is left: %q", t.title.window)
	say(t.title.icon != "", "the icon's title is left: %q", t.title.icon)
	say(len(t.titles) > 0, "the titles were pushed and not popped: %d", len(t.titles))
	say(t.bar != "" && t.bar != "0", "the progress bar is left in state %s", t.bar)
	say(t.status == "working" || t.status == "blocked", "the program's status is left at %s", t.status) // done and error may outlive it
	say(t.pointer != "" && t.pointer != "default", "the pointer's shape is left: %q", t.pointer)
	for _, n := range slices.Sorted(maps.Keys(t.colours)) {
		name := map[int]string{10: "foreground", 11: "background", 12: "cursor"}[n]
		say(true, "the terminal's colour %d (%s) is left set", n, name)
	}
	top, bottom := t.region[0], t.region[1]
	say(top > 1 || bottom != 0 && !slices.Contains(heights, bottom), "only lines %d to %d are left scrolling", top, bottom)
	for _, g := range slices.Sorted(maps.Keys(t.charset)) {
		say(t.charset[g] != 'B', "the charset G%d is left at %q", g-'(', t.charset[g])
	}
	say(t.shifted, "the charset is left shifted to G1")
	say(t.cursor > 1, "the cursor's shape is left at %d", t.cursor) // 1 is another name of the default
	return left
}
