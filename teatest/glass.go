package teatest

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// glass is the virtual terminal's face: output bytes in, screen cells out. The
// emulator is not safe for concurrent use, so that every look at it takes the lock.
type glass struct {
	mu      sync.Mutex
	emu     *tube         // nil once it is closed
	mapNL   bool          // there is no tty driver that would make CR LF of LF
	frames  int           // writes that carried more than our own marks
	shown   *string       // the screen as it was read last; nil since something was written
	mark    int           // the last mark of ours that came by
	title   string        // of the window
	clip    string        // what OSC 52 sent to the clipboard
	raw     bytes.Buffer  // everything, for what is not on the screen any more
	held    []byte        // begins what is written in insert mode
	changed chan struct{} // closed at the next change, then replaced
	replies chan []byte   // what the terminal answers to queries
	closing chan struct{} // closed when nobody asks for replies any more
}

func newGlass(size Size, light, mapNL bool) *glass {
	g := &glass{
		emu: takeTube(size, light), mapNL: mapNL,
		changed: make(chan struct{}), replies: make(chan []byte, 4096), closing: make(chan struct{}),
	}
	g.emu.SetCallbacks(vt.Callbacks{Title: func(s string) { g.title = s }})
	g.emu.clip = func(s string) { g.clip = s }
	go g.read(g.emu)
	return g
}

// ScreenOf is the text on a screen of that size after such output: for what a person sees before
// all of a frame has come over a slow line.
func ScreenOf(size Size, output string) string {
	g := newGlass(size, false, true)
	defer g.close()
	go func() {
		for range g.replies { // nobody asks for them
		}
	}()
	_, _ = g.Write([]byte(output)) // it never fails
	return g.screen()
}

// read takes the replies off the emulator: undrained, its Write blocks at the first one, and
// with it the program. Once the terminal is closed nobody asks for them.
func (g *glass) read(emu *tube) {
	defer close(g.replies)
	buf := make([]byte, 4096)
	for {
		n, err := emu.Read(buf)
		if err != nil {
			return
		}
		if bytes.Equal(buf[:n], farewell) {
			emu.giveBack()
			return
		}
		reply := bytes.Clone(buf[:n])
		select {
		case g.replies <- reply:
		default: // nobody has asked for long
			select {
			case g.replies <- reply:
			case <-g.closing:
			}
		}
	}
}

// close ends the replies, and leaves the emulator to the next terminal.
func (g *glass) close() {
	close(g.closing)
	g.mu.Lock()
	defer g.mu.Unlock()
	emu := g.emu
	g.emu = nil
	emu.likeNew()
	_, _ = emu.InputPipe().Write(farewell)
}

// answer has the terminal answer that, and says whether it is still open.
func (g *glass) answer(bytes string) bool {
	return look(g, func() bool {
		if g.emu == nil {
			return false
		}
		_, err := io.WriteString(g.emu.InputPipe(), bytes)
		return err == nil
	})
}

// markText is a sequence that no terminal knows: it goes the way of all output, and
// tells by its arrival that what was flushed before it has arrived too.
var (
	markText  = regexp.MustCompile(`\x1b\]7777;(\d+)\x07`)
	markStart = []byte("\x1b]7777;")
)

// Write implements io.Writer for the program's output.
func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := p
	if bytes.Contains(p, markStart) {
		if m := markText.FindSubmatch(p); m != nil {
			g.mark = number(m[1])
			out = markText.ReplaceAll(p, nil)
		}
	}
	if len(out) > 0 && g.emu != nil {
		g.frames++
		g.shown = nil
		g.raw.Write(out)
		out = g.insert(out)
		if g.mapNL {
			out = bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
		}
		_, _ = g.emu.Write(out)
	}
	g.stir()
	return len(p), nil
}

var insertOn, insertOff = []byte("\x1b[4h"), []byte("\x1b[4l")

// insert makes room for each character that is written in insert mode, which the
// emulator does not know. Programs use it on terminals that know nothing newer, for a
// part of a line: until that is whole it is held back.
func (g *glass) insert(out []byte) []byte {
	rest := append(g.held, out...)
	g.held, out = nil, nil
	for {
		before, after, found := bytes.Cut(rest, insertOn)
		out = append(out, before...)
		if !found {
			if i := bytes.LastIndexByte(out, insertOn[0]); i >= 0 && bytes.HasPrefix(insertOn, out[i:]) {
				g.held, out = bytes.Clone(out[i:]), out[:i]
			}
			return out
		}
		part, after, whole := bytes.Cut(after, insertOff)
		if !whole {
			g.held = bytes.Clone(rest[len(before):])
			return out
		}
		rest = after
		for state := byte(ansi.NormalState); len(part) > 0; {
			var seq []byte
			var width, n int
			seq, width, n, state = ansi.DecodeSequence(part, state, nil)
			if width > 0 {
				out = append(out, ansi.InsertCharacter(width)...)
			}
			out, part = append(out, seq...), part[n:]
		}
	}
}

func number(digits []byte) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

// stir wakes whoever waits for a change. The lock is held.
func (g *glass) stir() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// wake is stir for those who do not hold the lock.
func (g *glass) wake() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stir()
}

// next gives a channel that is closed at the next change. Whoever takes it before
// looking cannot miss the change that comes after the look.
func (g *glass) next() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// look runs f while nothing is written.
func look[T any](g *glass, f func() T) T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return f()
}

// screen is the text on the screen, without the blanks at the lines' ends. Who waits looks
// at every change of anything: the text is read off the cells once, until something is
// written.
func (g *glass) screen() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shown == nil {
		text := g.emu.String()
		g.shown = &text
	}
	return *g.shown
}

// lines are the screen's rows.
func (g *glass) lines() []string { return strings.Split(g.screen(), "\n") }

// resize makes the screen w by h cells.
func (g *glass) resize(w, h int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shown = nil
	g.emu.Resize(w, h)
}

// everything is the scrollback and the screen, without the blank lines at the end.
func (g *glass) everything() string {
	return look(g, func() string {
		var all []string
		for y := range g.emu.ScrollbackLen() {
			var row strings.Builder
			for x := 0; ; x++ {
				cell := g.emu.ScrollbackCellAt(x, y)
				if cell == nil {
					break
				}
				row.WriteString(cell.Content)
			}
			all = append(all, strings.TrimRight(row.String(), " "))
		}
		all = append(all, strings.Split(g.emu.String(), "\n")...)
		return strings.TrimRight(strings.Join(all, "\n"), "\n ") + "\n"
	})
}
