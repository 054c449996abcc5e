package teatest

import (
	"bytes"
	"encoding/base64"
	"image/color"
	"slices"
	"strings"
	"sync"

	"github.com/charmbracelet/x/vt"
)

// tube is an emulator that serves one terminal after the other: each new one takes 4 MiB to
// read sequences into, and the tests of a package have more than a thousand terminals.
type tube struct {
	*vt.Emulator
	clip func(text string) // hears what OSC 52 sends to the clipboard
}

// idle are the tubes that no terminal has, by their size: to be resized, one makes all of its
// cells anew.
var idle struct {
	mu    sync.Mutex
	tubes map[Size][]*tube
}

// takeTube gives an emulator that is like a new one of that size, with a dark or a light
// background.
func takeTube(size Size, light bool) *tube {
	idle.mu.Lock()
	e := takeIdle(size)
	idle.mu.Unlock()
	if e == nil {
		return newTube(size, light)
	}
	if e.Width() != size.W || e.Height() != size.H {
		e.Resize(size.W, size.H)
	}
	e.paint(light)
	return e
}

// takeIdle gives a tube of that size, or of another one; nil if there is none. The lock is held.
func takeIdle(size Size) *tube {
	if len(idle.tubes[size]) == 0 {
		for other, tubes := range idle.tubes {
			if len(tubes) > 0 {
				size = other
				break
			}
		}
	}
	n := len(idle.tubes[size])
	if n == 0 {
		return nil
	}
	e := idle.tubes[size][n-1]
	idle.tubes[size] = idle.tubes[size][:n-1]
	return e
}

func newTube(size Size, light bool) *tube {
	e := &tube{Emulator: vt.NewEmulator(size.W, size.H)}
	e.RegisterOscHandler(52, func(data []byte) bool {
		parts := strings.SplitN(string(data), ";", 3)
		if text, err := base64.StdEncoding.DecodeString(parts[len(parts)-1]); err == nil && e.clip != nil {
			e.clip(string(text))
		}
		return true
	})
	e.paint(light)
	return e
}

// paint sets what has no colour of its own, and takes back what a program has set instead.
func (e *tube) paint(light bool) {
	back, text := color.Black, color.White
	if light {
		back, text = text, back
	}
	e.SetDefaultBackgroundColor(back)
	e.SetDefaultForegroundColor(text)
	e.SetDefaultCursorColor(color.White)
	e.SetBackgroundColor(nil)
	e.SetForegroundColor(nil)
	e.SetCursorColor(nil)
}

// farewell is the last that a terminal answers: it ends who reads its answers.
var farewell = []byte("\x00the terminal is closed\x00")

// likeNew ends whatever a program has begun, up to the four bytes of a character, and resets
// what a program can set, but for its colours. An answer goes to who still reads the answers.
func (e *tube) likeNew() {
	e.SetCallbacks(vt.Callbacks{})
	e.clip = nil
	_, _ = e.Write(slices.Concat(bytes.Repeat([]byte{can}, 4), []byte("\x1b\\\x1bc")))
	e.ClearScrollback()
}

// can is the control character that cancels a sequence.
const can = 0x18

// giveBack leaves the tube to the next terminal. Nobody reads its answers any more.
func (e *tube) giveBack() {
	idle.mu.Lock()
	defer idle.mu.Unlock()
	if idle.tubes == nil {
		idle.tubes = map[Size][]*tube{}
	}
	size := Size{e.Width(), e.Height()}
	idle.tubes[size] = append(idle.tubes[size], e)
}
