package teatest

import (
	"bytes"
	"fmt"
	"image/color"
	"maps"
	"strings"
	"testing"
)

// An emulator that has had any other terminal before is like a new one: whatever the program of
// before has set, left behind or only begun. No other test runs beside it: the tubes are everybody's.
func TestTubeIsLikeNew(t *testing.T) {
	full := strings.Repeat("before 支払い\r\n", 60)
	for name, before := range map[string]string{
		"text and scrollback": full,
		"the full screen":     "\x1b[?1049h" + full + "\x1b[5;7H",
		"colours":             "\x1b]10;#123456\x07\x1b]11;#654321\x07\x1b]12;#111111\x07\x1b[1;31;44m" + full,
		"modes":               "\x1b[?25l\x1b[?7l\x1b[?6h\x1b[20h\x1b[?1h\x1b[?2004h\x1b[?1004h\x1b[?1003h\x1b[?1006h\x1b[?2026h\x1b[?2027h\x1b[?2048h",
		"a region":            "\x1b[?69h\x1b[5;10r\x1b[3;20s" + full,
		"tab stops":           "\x1b[3g\x1b[1;5H\x1bH",
		"characters":          "\x1b(0\x1b)0\x0e" + full,
		"cursor":              "\x1b[4 q\x1b[10;10H\x1b7\x1b[?1048h\x1b[2;2H",
		"link and title":      "\x1b]8;;https://x.example\x07a\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07",
		"begun: CSI":          "\x1b[12;3",
		"begun: OSC":          "\x1b]0;never ended",
		"begun: DCS":          "\x1bP1$rnever ended",
		"begun: APC":          "\x1b_never ended",
		"begun: escape":       "\x1b",
		"begun: a letter":     "\xf0\x9f",
		"begun: a cluster":    "e\u0301\u200d",
		"last column":         "\x1b[1;80Hx",
	} {
		for _, size := range []Size{{100, 40}, {80, 24}} { // resized, and not
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				idle.mu.Lock()
				idle.tubes = nil // what other tests have left
				idle.mu.Unlock()
				used := newTube(size, true)
				g := &glass{emu: used, changed: make(chan struct{}), replies: make(chan []byte, 4096), closing: make(chan struct{})}
				go g.read(used)
				_, _ = g.Write([]byte(before))
				g.close()
				for range g.replies { // until they are over
				}
				light := name == "colours"
				again, fresh := takeTube(Size{80, 24}, light), newTube(Size{80, 24}, light)
				if again != used {
					t.Fatal("it is not the next that is taken")
				}
				if got, want := behaviour(again), behaviour(fresh); !maps.Equal(got, want) {
					for k := range want {
						if got[k] != want[k] {
							t.Errorf("%s: after %s\n%q\non a new one\n%q", k, name, got[k], want[k])
						}
					}
				}
			})
		}
	}
}

// behaviour is what an emulator shows and answers, at first and after what touches each thing
// that a program can set.
func behaviour(e *tube) map[string]string {
	g := &glass{emu: e, changed: make(chan struct{}), replies: make(chan []byte, 4096), closing: make(chan struct{})}
	go g.read(e)
	seen := map[string]string{}
	note := func(when string) {
		x, y, visible := (&face{g: g}).Cursor()
		style, blinks := e.CursorStyle()
		seen[when] = fmt.Sprint(e.Width(), e.Height(), x, y, visible, style, blinks, e.IsAltScreen(), e.ScrollbackLen(),
			shade(e.ForegroundColor()), shade(e.BackgroundColor()), shade(e.CursorColor())) + e.Render() + g.everything()
	}
	note("at first")
	for _, out := range []string{
		"a\tb\tc", "lqqk", strings.Repeat("wide 支払い ", 30), "\r\nline\nfeed", "\x1b[1;1Habs", "\x1b[?1048l restored\x1b8 again",
		strings.Repeat("scroll\r\n", 40), "\x1b[?1049hfull", "\x1b[?1049lback", "e\u0301👩‍👩‍👧 ", "\x1b[c\x1b[6n\x1b[?2026$p\x1b[?7$p\x1b[?2004$p\x1b]11;?\x07\x1b]10;?\x07",
	} {
		_, _ = g.Write([]byte(out))
		note(out)
	}
	g.emu.Paste("pasted")
	g.emu.Focus()
	g.close()
	var answers bytes.Buffer
	for reply := range g.replies {
		answers.Write(reply)
	}
	seen["answers"] = answers.String()
	return seen
}

func shade(c color.Color) string {
	if c == nil {
		return "none"
	}
	r, g, b, a := c.RGBA()
	return fmt.Sprint(r, g, b, a)
}
