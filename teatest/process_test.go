//go:build unix

package teatest_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/teatest"
)

func bare(t *testing.T) *teatest.Process {
	t.Helper()
	return teatest.StartBinary(t, teatest.Build(t, "./teatest/testdata/bare", "bare"), nil, nil, small)
}

func TestBinaryOnAPty(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare 40×12")
	p.Press("esc", "down")
	p.Wait("last down.")
	p.Paste("two words")
	p.Wait("last paste two words.")
	p.Resize(50, 10)
	p.Wait("bare 50×10")
	p.Press("q")
	if code := p.ExitCode(); code != 3 {
		t.Errorf("the exit code is %d, want 3", code)
	}
	if got := p.Transcript(); got != "left in order\n" {
		t.Errorf("what is left in the terminal: %q", got)
	}
}

func TestBinaryIsEndedByASignal(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare")
	p.Signal(syscall.SIGKILL)
	if code := p.ExitCode(); code != -1 {
		t.Errorf("the exit code is %d, want -1", code)
	}
	said := failing(t, func(tb testing.TB) {
		q := teatest.StartBinary(tb, teatest.Build(tb, "./teatest/testdata/bare", "bare"), nil, nil, small)
		q.Wait("bare")
		q.Signal(syscall.SIGKILL)
		q.Transcript()
	})
	wantText(t, said, "without leaving the full screen")
}

func TestBinaryIsHungUp(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare")
	p.HangUp()
	if code := p.ExitCode(); code != -1 { // Bubble Tea leaves SIGHUP to the system, which ends it
		t.Errorf("the exit code is %d, want -1", code)
	}
}

func TestBinaryThatIsNotThere(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) { teatest.StartBinary(tb, "./nowhere", nil, nil, small) })
	wantText(t, said, "starting ./nowhere on a pty")
	said = failing(t, func(tb testing.TB) { teatest.Build(tb, "./teatest/testdata/nowhere", "nowhere") })
	wantText(t, said, "building ./teatest/testdata/nowhere")
}

// shell runs a script of the shell on a pty.
func shell(t *testing.T, script string, env []string, opts ...teatest.ProcessOption) *teatest.Process {
	t.Helper()
	return teatest.StartBinary(t, "/bin/sh", []string{"-c", script}, env, small, opts...)
}

func wantNoResidue(t *testing.T, p *teatest.Process) {
	t.Helper()
	if left := p.Residue(); len(left) > 0 {
		t.Errorf("it leaves\n%s\nafter %q", strings.Join(left, "\n"), p.Output())
	}
}

func TestBinaryLeavesNoResidue(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teatest.ProcessOption{"answered": nil, "mute": {teatest.Mute()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Build(t, "./teatest/testdata/bare", "bare"), nil, nil, small, opts...)
			p.Wait("bare 40×12")
			p.Press("down")
			p.Wait("last down.")
			p.Resize(50, 10)
			p.Wait("bare 50×10")
			p.Press("q")
			wantNoResidue(t, p)
		})
	}
	wantNoResidue(t, shell(t, `stty -echo; printf '\033[?25l\033[31m\000'; stty echo; printf '\033[m\033[?25h\000'`, nil))
}

func TestBinaryThatIsKilledLeavesEverything(t *testing.T) {
	t.Parallel()
	p := bare(t)
	p.Wait("bare")
	p.Press("down")
	p.Wait("last down.")
	p.Signal(syscall.SIGKILL)
	wantText(t, strings.Join(p.Residue(), "\n"), "mode ?1049 (full screen) is left set", "mode ?2004 (bracketed paste) is left set",
		"mode ?25 (visible cursor) is left reset", "the kitty keyboard flags of the full screen are left at 1",
		"modifyOtherKeys is left at 2", "the tty's settings are changed: ", "-icanon", "-echo")
}

func TestResidueIsFound(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][]string{
		`printf '\033[?1049h'`:                     {"mode ?1049 (full screen) is left set"},
		`printf '\033[?25l'`:                       {"mode ?25 (visible cursor) is left reset"},
		`printf '\033[?7l'`:                        {"mode ?7 (automatic wrap) is left reset"},
		`printf '\033[?1000;1006h'`:                {"mode ?1000 (mouse) is left set", "mode ?1006 (mouse encoding) is left set"},
		`printf '\033[?2004h\033[?1004h'`:          {"mode ?1004 (focus reports) is left set", "mode ?2004 (bracketed paste) is left set"},
		`printf '\033[?2026h\033[?2031h'`:          {"mode ?2026 (synchronized output) is left set", "mode ?2031 (colour scheme reports) is left set"},
		`printf '\033[?2027h\033[?1h'`:             {"mode ?1 (application cursor keys) is left set", "mode ?2027 (grapheme clusters) is left set"},
		`printf '\033[>1u'`:                        {"the kitty keyboard flags of the shell's screen are left at 1", "the kitty keyboard flags of the shell's screen were pushed and not popped: 1"},
		`printf '\033[=1;1u'`:                      {"the kitty keyboard flags of the shell's screen are left at 1"},
		`printf '\033[>4;2m'`:                      {"modifyOtherKeys is left at 2"},
		`printf '\033='`:                           {"the keypad is left in application mode"},
		`printf '\033[1;38;5;3mx'`:                 {"the style of text is left on: foreground, weight"},
		`printf '\033]8;;https://a.example\007'`:   {`a link is left open: "https://a.example"`},
		`printf '\033]2;x\007'`:                    {`the window's title is left: "x"`},
		`printf '\033]0;x\033\\'`:                  {`the window's title is left: "x"`, `the icon's title is left: "x"`},
		`printf '\033]9;4;1;50\007'`:               {"the progress bar is left in state 1"},
		`printf '\033]7501;state=working\007'`:     {"the program's status is left at working"},
		`printf '\033]22;pointer\007'`:             {`the pointer's shape is left: "pointer"`},
		`printf '\033]11;#ffffff\007'`:             {"the terminal's colour 11 (background) is left set"},
		`printf '\033]10;#fff\007\033]12;red\007'`: {"the terminal's colour 10 (foreground) is left set", "the terminal's colour 12 (cursor) is left set"},
		`printf '\033[2;5r'`:                       {"only lines 2 to 5 are left scrolling"},
		`printf '\033(0'`:                          {`the charset G0 is left at '0'`},
		`printf '\016'`:                            {"the charset is left shifted to G1"},
		`printf '\033[5 q'`:                        {"the cursor's shape is left at 5"},
		`printf '\033[?25'`:                        {`a sequence is not ended: "\x1b[?25"`},
		`printf '\033]2;x'`:                        {`a sequence is not ended: "\x1b]2;x"`},
		`stty -echo`:                               {"the tty's settings are changed: -echo"},
		`stty -icanon min 5`:                       {"the tty's settings are changed: min = 5, -icanon"},
		`printf '\033[6n'`:                         {`input is left unread: "\x1b[1;1R"`},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			if got := shell(t, script, nil).Residue(); !slices.Equal(got, want) {
				t.Errorf("the residue is %q, want %q", got, want)
			}
		})
	}
}

func TestUnreadInputIsFound(t *testing.T) {
	t.Parallel()
	// What was typed in the same burst as the last line that is read, a line of its own
	// and the beginning of one.
	p := shell(t, `echo ready; read x; echo "got $x"`, nil)
	p.Wait("ready")
	p.Type("one\rtwo\rthree")
	if left := p.Residue(); !slices.Equal(left, []string{`input is left unread: "two\nthree"`}) {
		t.Errorf("the residue is %q", left)
	}
	wantText(t, p.Transcript(), "got one")

	// More answers than a tty holds.
	p = shell(t, `i=0; while [ $i -lt 3000 ]; do printf '\033[c'; i=$((i+1)); done`, nil)
	if left := p.Residue(); len(left) != 1 || len(left[0]) < 4096 {
		t.Errorf("the residue is %d lines, %.200q", len(left), left)
	}

	// Output that ctrl+s has stopped is in nobody's way.
	p = shell(t, `echo ready; read x`, nil)
	p.Wait("ready")
	p.Type("\x13\r")
	wantNoResidue(t, p)
}

func TestAnswersOfATerminal(t *testing.T) {
	t.Parallel()
	const ask = `printf '\033]11;?\007\033[c'`
	black, white := shell(t, ask, nil).Residue(), shell(t, ask, nil, teatest.WhiteBackground()).Residue()
	wantText(t, strings.Join(black, "\n"), "input is left unread", "]11;rgb:0000/0000/0000", "[?62;")
	wantText(t, strings.Join(white, "\n"), "input is left unread", "]11;rgb:ffff/ffff/ffff", "[?62;")
	wantNoResidue(t, shell(t, ask, nil, teatest.Mute()))

	// A terminal answers before it shows what a person waits for.
	p := shell(t, `stty -icanon -echo; printf '\033[6nready '; head -c 6 >/dev/null; head -c 1`, nil)
	p.Wait("ready")
	p.Type("x")
	if got := p.Transcript(); got != "ready x\n" {
		t.Errorf("it got %q after the answer", got)
	}
}

func TestResidueOfADroppedConnection(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) {
		p := teatest.StartBinary(tb, "/bin/sh", []string{"-c", "echo ready; read x"}, nil, small)
		p.Wait("ready")
		p.HangUp()
		p.Residue()
	})
	wantText(t, said, "there is no terminal left to look at")
}

func TestEnvironmentOfABinary(t *testing.T) {
	t.Parallel()
	const say = `echo "TERM=[$TERM] LANG=[$LANG] COLORTERM=[${COLORTERM-none}]"`
	for want, env := range map[string][]string{
		"TERM=[xterm-256color] LANG=[C.UTF-8] COLORTERM=[truecolor]\n": nil,
		"TERM=[] LANG=[C] COLORTERM=[none]\n":                          {"TERM=", "LANG=de", "LANG=C", "COLORTERM"},
		"TERM=[dumb] LANG=[C.UTF-8] COLORTERM=[1]\n":                   {"TERM", "TERM=dumb", "COLORTERM", "COLORTERM=1"},
	} {
		p := teatest.StartBinary(t, "/bin/sh", []string{"-c", say}, env, teatest.Size{W: 80, H: 5})
		if got := p.Transcript(); got != want {
			t.Errorf("%q: it sees %q, want %q", env, got, want)
		}
	}
}

func TestRunBinary(t *testing.T) {
	t.Parallel()
	code, out, errs := teatest.RunBinary(t, "/bin/sh", []string{"-c", `cat; echo "$0 $1" >&2; exit 4`, "a", "b"}, nil, "line\nrest")
	if code != 4 || out != "line\nrest" || errs != "a b\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
	}
	if code, _, _ := teatest.RunBinary(t, "/bin/sh", []string{"-c", "kill -9 $$"}, nil, "nobody reads this"); code != -1 {
		t.Errorf("a signal's exit code is %d, want -1", code)
	}
	if code, _, _ := teatest.RunBinary(t, "/bin/sh", []string{"-c", ": </dev/tty"}, nil, ""); code == 0 {
		t.Error("it has a terminal")
	}
	env, err := exec.LookPath("env")
	if err != nil {
		t.Skip("there is no env to run")
	}
	_, out, _ = teatest.RunBinary(t, env, nil, []string{"A=1", "TZ", "GOMAXPROCS"}, "")
	var keys []string
	for line := range strings.Lines(out) {
		key, _, _ := strings.Cut(line, "=")
		keys = append(keys, key)
	}
	if want := []string{"LANG", "HOME", "PATH", "A"}; !slices.Equal(keys, want) {
		t.Errorf("its environment has %q, want %q", keys, want)
	}
	said := failing(t, func(tb testing.TB) { teatest.RunBinary(tb, "./nowhere", nil, nil, "") })
	wantText(t, said, "running ./nowhere")
}

// A bug in a page ends the wizard, and leaves the terminal as it was found: the shell can
// be used, and the summary stands in the scrollback.
func TestPanicLeavesTheTerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := teatest.StartBinary(t, self, nil, []string{panics + "=1"}, normal)
	p.Wait("No credentials were found")
	p.Press("enter")
	p.Type("mdb_sa_id_0123456789")
	p.Press("tab")
	p.Type("secret")
	p.Press("enter")
	if code := p.ExitCode(); code != 1 {
		t.Errorf("it ended with %d", code)
	}
	wantText(t, p.Transcript(), "Nothing was submitted.", "it ended with:")
	wantNoResidue(t, p)
}
