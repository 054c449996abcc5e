//go:build unix

package teatest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestResidueOfOutput(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"":                             "",
		"text, “quoted” and é\r\n\a\t": "",
		// Modes.
		"\x1b[?1049h\x1b[?1049l":                    "",
		"\x1b[?1002;1006h\x1b[?1006;1002l":          "",
		"\x1b[?1002;1006h\x1b[?1006l":               "mode ?1002 (mouse) is left set",
		"\x1b[?25l\x1b[?25h\x1b[?7l\x1b[?7h":        "",
		"\x1b[?25h\x1b[?7h\x1b[?12l\x1b[?2004l":     "",
		"\x1b[?7l":                                  "mode ?7 (automatic wrap) is left reset",
		"\x1b[?12h":                                 "mode ?12 is left set",
		"\x1b[4h":                                   "mode 4 (insert) is left set",
		"\x1b[?2026$p\x1b[?u\x1b[?4m\x1b[?1049$p":   "",
		"\x1b[?1049h\x1b[?2004h\x1b[31m\x1b(0\x1bc": "",
		// Keyboards.
		"\x1b[>1u\x1b[<u":                       "",
		"\x1b[>1u\x1b[>3u\x1b[<2u":              "",
		"\x1b[>1u\x1b[<9u":                      "",
		"\x1b[=5u\x1b[=4;3u\x1b[=2;2u":          "the kitty keyboard flags of the shell's screen are left at 3",
		"\x1b[=5;1u\x1b[=0u":                    "",
		"\x1b[>1u\x1b[=0u":                      "the kitty keyboard flags of the shell's screen were pushed and not popped: 1",
		"\x1b[?1049h\x1b[>1u\x1b[<u\x1b[?1049l": "",
		"\x1b[?1049h\x1b[=1u\x1b[?1049l\x1b[<u": "the kitty keyboard flags of the full screen are left at 1",
		"\x1b[>4;2m\x1b[>4;0m":                  "",
		"\x1b[>4;1m\x1b[>4m":                    "",
		"\x1b[>4;1m\x1b[>4n":                    "",
		"\x1b[>4;2m\x1b[m":                      "modifyOtherKeys is left at 2",
		"\x1b=\x1b>":                            "",
		// Styles.
		"\x1b[1;31mred\x1b[m":  "",
		"\x1b[1;31mred\x1b[0m": "",
		"\x1b[2;3;4;5;7;8;9;53mx\x1b[22;23;24;25;27;28;29;55m": "",
		"\x1b[31;42;58;5;1mx\x1b[39;49;59m":                    "",
		"\x1b[38;2;1;2;3mx\x1b[39m":                            "",
		"\x1b[38:2::1:2:3;48:5:4mx\x1b[39;49m":                 "",
		"\x1b[4:3mx\x1b[4:0m":                                  "",
		"\x1b[31m\x1b[1;4mx\x1b[24m":                           "the style of text is left on: foreground, weight",
		"\x1b[0;100m":                                          "the style of text is left on: background",
		// Titles, and what is outside the screen.
		"\x1b]0;x\a\x1b]2;\a\x1b]1;\x1b\\":                  "",
		"\x1b]0;x\a\x1b]2;\a":                               `the icon's title is left: "x"`,
		"\x1b[22;2t\x1b]2;x\a\x1b[23;2t":                    "",
		"\x1b[22;2t":                                        "the titles were pushed and not popped: 1",
		"\x1b]2;x\a\x1bc":                                   `the window's title is left: "x"`,
		"\x1b]9;4;1;50\a\x1b]9;4;0\a":                       "",
		"\x1b]9;4;3\x1b\\\x1b]9;4\x1b\\":                    "",
		"\x1b]9;4 jobs\a":                                   "",
		"\x1b]22;pointer\a\x1b]22;\a":                       "",
		"\x1b]22;pointer\a\x1b]22;default\a":                "",
		"\x1b]10;?\a\x1b]11;?\a":                            "",
		"\x1b]10;#fff;#000\a\x1b]110\a\x1b]111\a":           "",
		"\x1b]10;#fff;#000\a\x1b]110\a":                     "the terminal's colour 11 (background) is left set",
		"\x1b]8;;https://a.example\ax\x1b]8;;\a":            "",
		"\x1b]8;id=1;https://a.example\ax":                  `a link is left open: "https://a.example"`,
		"\x1b]52;c;" + strings.Repeat("YQ==", 1<<15) + "\a": "",
		// Scrolling, charsets, cursor.
		"\x1b[2;5r\x1b[r":             "",
		"\x1b[2;5r\x1b[1;12r":         "",
		"\x1b[2;5r\x1b[1;24r":         "",
		"\x1b[2;5r\x1b[1;13r":         "only lines 1 to 13 are left scrolling",
		"\x1b(0\x1b(B\x1b)0\x1b)B":    "",
		"\x1b)0":                      `the charset G1 is left at '0'`,
		"\x0e\x0f":                    "",
		"\x1b[5 q\x1b[0 q\x1b[1 q":    "",
		"\x1b7\x1b8\x1b[s\x1b[u\x1bM": "",
		// Ends.
		"\x1b[?25":        `a sequence is not ended: "\x1b[?25"`,
		"x\x1b":           `a sequence is not ended: "\x1b"`,
		"\x1b]2;x":        `a sequence is not ended: "\x1b]2;x"`,
		"\x1bP+q544e\x1b": `a sequence is not ended: "\x1b"`,
		"\x1b[" + strings.Repeat("1;", 99) + "1:" + strings.Repeat(":1", 99) + "z": "",
	} {
		if got := strings.Join(residue(output, []int{12, 24}), "\n"); got != want {
			t.Errorf("%.80q leaves %q, want %q", output, got, want)
		}
	}
}

func TestBegun(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]int{"": 0, "abc": 0, "xa": 1, "xab": 2, "aab": 2, "abx": 0, "ababa": 1} {
		if got := begun([]byte(out), []byte("abc")); got != want {
			t.Errorf("%q ends with %d bytes of the mark, want %d", out, got, want)
		}
	}
}

// fatal notes what a test that fails on purpose says.
type fatal struct {
	testing.TB

	said string
}

func (f *fatal) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestRunBinaryTakesNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	f := &fatal{TB: t}
	patience := 100 * time.Millisecond
	for ; !strings.Contains(f.said, "stdout waiting") && patience < runPatience; patience *= 2 { // a busy machine is slow to start it
		done := make(chan struct{})
		go func() {
			defer close(done)
			runBinary(f, patience, "/bin/sh", []string{"-c", "echo waiting; exec sleep 60"}, nil, "")
		}()
		<-done
		if want := fmt.Sprintf("not ended within %v", patience); !strings.Contains(f.said, want) {
			t.Errorf("%q is missing in %q", want, f.said)
		}
	}
	if want := "stdout waiting"; !strings.Contains(f.said, want) {
		t.Errorf("%q is missing in %q", want, f.said)
	}
}
