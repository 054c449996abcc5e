//go:build unix

package teatest_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/teatest"
)

// Where the program may be when it is left, in the full screen and line by line. A job of
// a training at its usual speed runs for as long as a test needs.
var scenes = []struct {
	name     string
	code     int
	keeps    string // what the scrollback has of it
	q        bool   // q leaves the full screen there; the line face is left with it anywhere
	onScreen func(*teatest.Process)
	byLine   func(*teatest.Process)
}{
	{"as soon as anything is shown", 130, "Nothing was submitted.", false, shown, shown},
	{
		"in the help", 130, "Nothing was submitted.", false,
		func(p *teatest.Process) {
			p.WaitFor("the projects", highlighted)
			p.Press("?")
			p.Wait("Keys of this page")
		},
		func(p *teatest.Process) {
			answerAll(p, [2]string{askProject, "?"})
			waitSaid(p, "Answers: a number")
			p.WaitFor("the question again", func(string) bool { return strings.HasSuffix(p.Output(), askProject+" ") })
		},
	},
	{
		"on the review", 130, "Nothing was submitted.", false,
		func(p *teatest.Process) {
			takeNewest(p, "Payments", "orders-prod")
			p.Press("up", "enter")
			p.Wait("Nothing has been submitted yet")
		},
		func(p *teatest.Process) {
			answerAll(p, toDownload...)
			waitSaid(p, askDownload)
		},
	},
	{
		"while a job runs", 7, "Restore job ", true,
		func(p *teatest.Process) {
			takeNewest(p, "Payments", "orders-prod")
			p.Press("up", "enter")
			p.Wait("Nothing has been submitted yet")
			p.Press("tab", "enter")
			p.Wait("RUNNING")
		},
		func(p *teatest.Process) {
			answerAll(p, toDownload...)
			answerAll(p, [2]string{askDownload, "download"})
			waitSaid(p, "RUNNING")
		},
	},
}

func shown(p *teatest.Process) {
	p.WaitFor("anything", func(screen string) bool { return strings.TrimSpace(screen) != "" })
}

// However and wherever it is left, the terminal is as it was, and what became of the
// restore stands in the scrollback.
func TestBinaryLeavesFromAnywhere(t *testing.T) {
	t.Parallel()
	signal := func(s syscall.Signal) func(*teatest.Process) {
		return func(p *teatest.Process) { p.Signal(s) }
	}
	ways := map[string]func(*teatest.Process){
		"ctrl+c":  func(p *teatest.Process) { p.Press("ctrl+c") },
		"SIGINT":  signal(syscall.SIGINT),
		"SIGTERM": signal(syscall.SIGTERM),
		"SIGHUP":  signal(syscall.SIGHUP),
		"SIGQUIT": signal(syscall.SIGQUIT),
		"ctrl+\\": func(p *teatest.Process) { p.Type("\x1c") },
		"q":       nil,
	}
	for i, s := range scenes {
		for j, name := range slices.Sorted(maps.Keys(ways)) {
			for k, byLine := range []bool{false, true} {
				args, walk := []string{"train"}, s.onScreen
				if byLine {
					args, walk = append(args, "--line"), s.byLine
				}
				way := ways[name]
				if strings.Contains(s.name, "a job runs") && name != "q" {
					once := ways[name]
					switch {
					case byLine && (name == "SIGINT" || name == "ctrl+c"), !byLine && (name == "ctrl+c" || name == "ctrl+\\"):
						way = func(p *teatest.Process) { // it says once what becomes of the job
							once(p)
							waitSaid(p, map[bool]string{true: "q again leaves", false: "This is what becomes of it"}[byLine])
							once(p)
						}
					}
				}
				switch {
				case name == "q" && byLine:
					way = func(p *teatest.Process) {
						if p.Type("q\r"); strings.Contains(s.name, "a job runs") {
							waitSaid(p, "q again leaves")
							p.Type("q\r")
						}
					}
				case name == "q" && s.q:
					way = func(p *teatest.Process) { letGo(p) }
				case name == "q":
					continue // it is a letter there
				case !few(i+j+2*k, 16):
					continue // each way meets each face and several scenes, and each scene each face
				}
				t.Run(fmt.Sprintf("%s by %s, line by line %t", s.name, name, byLine), func(t *testing.T) {
					t.Parallel()
					p := teatest.StartBinary(t, teatest.Binary(t), args, nil, normal)
					walk(p)
					way(p)
					wantLeft(t, p, s.code)
					left := p.Transcript()
					wantText(t, left+strings.ReplaceAll(left, "\n", ""), "TRAINING: nothing here was real", s.keeps) // folded or not
				})
			}
		}
	}
}

// wantLeft asserts the exit code, and that the terminal is as it was.
func wantLeft(t *testing.T, p *teatest.Process, code int) {
	t.Helper()
	if got := p.ExitCode(); got != code {
		t.Errorf("the exit code is %d, want %d", got, code)
	}
	wantNoResidue(t, p)
}

// soon is well within the time for which the program waits for late answers, as long as
// nothing else keeps the machine busy.
const soon = 200 * time.Millisecond

// repeat runs try until it counts as often as is wanted. What took longer than soon, and
// went wrong, says only that the terminal of the test was too slow, and does not count; so does
// what was not left at any time.
func repeat(t *testing.T, wanted int, try func() (p *teatest.Process, left time.Time)) {
	t.Helper()
	for slow := 0; wanted > 0; {
		p, left := try()
		code := p.ExitCode()
		if took := time.Since(left); left.IsZero() || took > soon && len(p.Residue()) > 0 {
			t.Logf("it took %v: the test's terminal was too slow to prove anything", took)
			if slow++; slow == 50 {
				t.Fatal("this machine is too busy for a test of late answers")
			}
			continue
		}
		if code != 130 {
			t.Errorf("the exit code is %d, want 130", code)
		}
		wantNoResidue(t, p)
		wantText(t, p.Transcript(), "Nothing was submitted.")
		wanted--
	}
}

// Left within milliseconds, before the terminal has answered anything, it still takes the
// answers: the shell would take them for typed.
func TestBinaryIsLeftAtOnce(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		times int
		leave func(*teatest.Process)
	}{
		"ctrl+c":  {20, func(p *teatest.Process) { p.Raw("\x03") }},
		"SIGINT":  {5, func(p *teatest.Process) { _ = syscall.Kill(p.Pid(), syscall.SIGINT) }},
		"SIGTERM": {5, func(p *teatest.Process) { _ = syscall.Kill(p.Pid(), syscall.SIGTERM) }},
		"SIGHUP":  {5, func(p *teatest.Process) { _ = syscall.Kill(p.Pid(), syscall.SIGHUP) }},
	} {
		if !plain(name, "ctrl+c", "SIGTERM") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			times := way.times
			if !thorough() {
				times = 2
			}
			repeat(t, times, func() (*teatest.Process, time.Time) {
				p := train(t, normal)
				p.WaitFor("the first byte", func(string) bool { return p.Frames() > 0 })
				left := time.Now()
				way.leave(p)
				return p, left
			})
		})
	}
}

// The questions that the program asks a terminal, and what one answers.
var (
	questions = regexp.MustCompile(`\x1b\[\?2026\$p|\x1b\[\?2027\$p|\x1b\]11;\?\x07|\x1b\[\?u|\x1b\[c`)
	replies   = map[string]string{
		"\x1b[?2026$p": "\x1b[?2026;2$y", "\x1b[?2027$p": "\x1b[?2027;2$y",
		"\x1b]11;?\x07": "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "\x1b[?u": "\x1b[?1u", "\x1b[c": "\x1b[?62;22c",
	}
)

// answersTo are the answers to all questions in output, in their order.
func answersTo(output string) string {
	var b strings.Builder
	for _, q := range questions.FindAllString(output, -1) {
		b.WriteString(replies[q])
	}
	return b.String()
}

// A terminal behind a slow line answers when the program is already leaving. The last
// question is there to be waited for; all answers are taken, however they are cut.
func TestBinaryTakesLateAnswers(t *testing.T) {
	rare(t)
	t.Parallel()
	const lastQuestion = "\x1b[c"
	for name, tc := range map[string]struct {
		upTo string // what is answered up to here comes before the program is left
		late func(p *teatest.Process, answers string)
	}{
		"all of them":          {late: (*teatest.Process).Raw},
		"that of the keyboard": {upTo: "\x1b[?1u", late: (*teatest.Process).Raw},
		"half of one":          {upTo: "rgb:", late: (*teatest.Process).Raw},
		"byte by byte": {late: func(p *teatest.Process, answers string) {
			for i := range len(answers) {
				p.Raw(answers[i : i+1])
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeat(t, 1, func() (*teatest.Process, time.Time) {
				p := teatest.StartBinary(t, teatest.Binary(t), []string{"train"}, nil, normal, teatest.Mute())
				p.WaitFor("the projects", highlighted)
				answers := answersTo(p.Output())
				for _, reply := range replies {
					if !strings.Contains(answers, reply) && reply != replies[lastQuestion] {
						t.Fatalf("nothing was asked that is answered with %q", reply)
					}
				}
				before, after, _ := strings.Cut(answers, tc.upTo)
				p.Raw(before)
				if strings.Contains(before, replies["\x1b]11;?\x07"]) { // which of them is asked first is a matter of the machine
					p.WaitFor("the answers that have come", func(string) bool { return len(coloursIn(p.Output())) > 0 })
				}
				left := time.Now()
				_ = syscall.Kill(p.Pid(), syscall.SIGTERM) // a key could be taken for a part of half an answer
				asked := false
				p.WaitFor("the last question", func(string) bool {
					asked = strings.HasSuffix(p.Output(), lastQuestion)
					return asked || strings.Contains(p.Output(), "Nothing was submitted.")
				})
				if !asked {
					return p, time.Time{} // it has waited, and the test has not seen it
				}
				tc.late(p, tc.upTo+after+replies[lastQuestion])
				return p, left
			})
		})
	}
}

// A second signal while late answers are awaited must not end the program before it has
// set the terminal right.
func TestBinaryIsSignalledTwice(t *testing.T) {
	t.Parallel()
	for _, second := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !plain(second.String(), "interrupt", "hangup") {
			continue
		}
		t.Run(second.String(), func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), []string{"train"}, nil, normal, teatest.Mute())
			p.WaitFor("the projects", highlighted)
			p.Signal(syscall.SIGINT)
			p.WaitFor("the shell's screen", func(string) bool { return strings.Contains(p.Output(), "\x1b[?1049l") })
			p.Signal(second)
			wantLeft(t, p, 130)
			wantText(t, p.Transcript(), "Nothing was submitted.")
		})
	}
}

// jobControl is what a shell does with a program that is suspended: it takes the terminal
// back, says so, and after a line of input has the program go on. The program needs such
// a parent: one that nobody would have go on is not suspended by the system.
const jobControl = `set -m
was=$(stty -g)
after() {
	[ "$1" -eq "$STOPPED" ] || { echo "ended with $1"; exit; }
	[ "$(stty -g)" = "$was" ] && echo "stopped $2, the tty is as it was"
	read -r go_on
}
"$0" "$@"
after $? once
fg >/dev/null
after $? twice # no loop: bash leaves one when what runs in it is stopped
fg >/dev/null
after $? thrice`

// suspendable is the program under a shell with job control.
func suspendable(t *testing.T, args ...string) *teatest.Process {
	t.Helper()
	args = append([]string{"-c", jobControl, teatest.Binary(t), "train"}, args...)
	return teatest.StartBinary(t, "/bin/sh", args, []string{fmt.Sprintf("STOPPED=%d", 128+int(syscall.SIGTSTP))}, normal)
}

// waitStopped waits until the shell has the terminal back.
func waitStopped(t *testing.T, p *teatest.Process, times string) {
	t.Helper()
	waitSaid(p, fmt.Sprintf("stopped %s, the tty is as it was", times))
	if left := p.Changes(); len(left) > 0 {
		t.Errorf("the suspended program leaves\n%s\nafter %q", strings.Join(left, "\n"), p.Output())
	}
	if title := p.Title(); title != "" {
		t.Errorf("the window is still called %q", title)
	}
}

// Stopped from outside and resumed, as by "kill -TSTP" and fg, the program leaves the terminal and
// comes back as it does after ctrl+z; and it can be stopped so again.
func TestBinaryIsStoppedFromOutside(t *testing.T) {
	t.Parallel()
	said := filepath.Join(t.TempDir(), "pid")
	p := teatest.StartBinary(t, "/bin/sh", []string{"-c", jobControl, "/bin/sh", "-c", `echo $$ >"$0"; exec "$@"`, said, teatest.Binary(t), "train"},
		[]string{fmt.Sprintf("STOPPED=%d", 128+int(syscall.SIGTSTP))}, normal)
	p.WaitFor("the clusters", highlighted)
	p.Type("carts")
	p.WaitFor("the only row", func(screen string) bool { return strings.Contains(screen, "› carts") && highlighted(screen) })
	p.Wait("Newest snapshot") // what its backups offer is looked up
	p.Settled()
	page := p.Screen()
	raw, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, times := range []string{"once", "twice"} {
		if err := syscall.Kill(pid, syscall.SIGTSTP); err != nil {
			t.Fatal(err)
		}
		waitStopped(t, p, times)
		p.Type("\r")
		p.WaitFor("the same page", func(screen string) bool { return screen == page && p.AltScreen() })
	}
	p.Press("esc")
	p.Wait("› type")
	p.Press("ctrl+c")
	p.Wait("ended with 130")
	wantLeft(t, p, 0)
}

// Suspended, the program leaves the terminal to the shell; resumed, it is where it was,
// in a window that has another size by then.
func TestBinaryIsSuspended(t *testing.T) {
	t.Parallel()
	p := suspendable(t)
	toProjects(p)
	p.Press("enter")
	p.Wait("whose data")
	p.WaitFor("the clusters", highlighted)
	p.Type("archive")
	p.WaitFor("the only row", func(screen string) bool { return strings.Contains(screen, "1 of 5 clusters") && highlighted(screen) })
	p.Settled()
	page, title := p.Screen(), p.Title()
	p.Press("ctrl+z")
	waitStopped(t, p, "once")
	p.Type("\r")
	p.WaitFor("the same page", func(screen string) bool { return screen == page })
	if !p.AltScreen() || p.Title() != title {
		t.Errorf("full screen: %t, title %q, want %q", p.AltScreen(), p.Title(), title)
	}
	p.Press("ctrl+z")
	waitStopped(t, p, "twice")
	p.Resize(wide.W, wide.H)
	p.Type("\r")
	p.WaitFor("the page in the new size", func(screen string) bool {
		return len([]rune(p.Line(0))) > normal.W && strings.Contains(screen, "1 of 5 clusters")
	})
	p.Press("ctrl+c")
	p.Wait("ended with 130")
	wantLeft(t, p, 0)
	wantText(t, p.Transcript(), "Nothing was submitted.")
}

// The line face is suspended by the terminal itself, and asks on where it was.
func TestBinaryByLineIsSuspended(t *testing.T) {
	t.Parallel()
	p := suspendable(t, "--line")
	waitSaid(p, askProject)
	p.Type("\x1a")
	waitStopped(t, p, "once")
	p.Type("\r")
	p.Type("Payments\r")
	waitSaid(p, askCluster)
	p.Press("ctrl+c")
	p.Wait("ended with 130")
	wantLeft(t, p, 0)
	wantText(t, p.Transcript(), "Nothing was submitted.")
}

// under runs the program as a shell's script says, in which "$0" is the program and the
// files out and err lie in the directory that is given back.
func under(t *testing.T, script string) (p *teatest.Process, dir string) {
	t.Helper()
	dir = t.TempDir()
	p = teatest.StartBinary(t, "/bin/sh", []string{"-c", `cd "$DIR" || exit; ` + script, teatest.Binary(t)}, []string{"DIR=" + dir}, normal)
	return p, dir
}

func contents(t *testing.T, path ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Where standard output is a pipe, the dialogue is on the terminal all the same, the pipe
// gets the result and nothing else, and the summary is in the scrollback too.
func TestBinaryResultIntoAPipe(t *testing.T) {
	rare(t)
	t.Parallel()
	for name, flags := range map[string]string{"text": "", "json": "-o json", "text by line": "--line", "json by line": "--line -o json"} {
		if !thorough() && (name == "json" || name == "text by line") {
			continue // in the suite each face and each form is met
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, dir := under(t, `{ "$0" train --speed `+brisk+` `+flags+`; echo "ended with $?" >&2; } | cat >out`)
			if strings.Contains(flags, "--line") {
				downloadByLine(p)
			} else {
				downloadOnScreen(eyes{p, false})
			}
			waitSaid(p, "ended with 0")
			wantLeft(t, p, 0)
			out, link := contents(t, dir, "out"), wantLink(t, p)
			wantText(t, p.Transcript(), "TRAINING: nothing here was real", "Download of orders-prod")
			if !strings.Contains(flags, "json") {
				wantText(t, out, "TRAINING: nothing here was real", "Download of orders-prod", "\n"+link+"\n")
				if strings.Contains(out, "\x1b") {
					t.Errorf("the pipe got commands to a terminal: %q", out)
				}
				return
			}
			if r := result(t, out); r.Outcome != state.OutcomeReady || len(r.Deliveries) != 1 || r.Deliveries[0].URL != link {
				t.Errorf("the pipe got %s", out)
			}
		})
	}
}

// What cannot be asked is not asked: without a terminal for input, or for output, it says
// how to go on, and draws nothing.
func TestBinaryRefusesHalfATerminal(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"no input":              `"$0" train </dev/null 2>err`,
		"a pipe for input":      `echo Payments | "$0" train 2>err`,
		"no input, and no pipe": `"$0" train </dev/null`,
		"no output":             `"$0" train >out 2>err`,
		"pipes for output":      `{ "$0" train 2>&1 >&3 | cat >err; } 3>out; exit 2`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, dir := under(t, "touch out err; "+script)
			wantLeft(t, p, 2)
			if strings.Contains(p.Output(), "\x1b") {
				t.Errorf("it draws: %q", p.Output())
			}
			wantText(t, contents(t, dir, "err")+p.Transcript(), "needs a terminal", "nothing was submitted", "--line", "--confirm")
			if out := contents(t, dir, "out"); out != "" {
				t.Errorf("it has a result: %s", out)
			}
		})
	}
}

// Line by line, answers may come from a pipe while the terminal shows what is asked, and
// what was answered. Nobody can fetch from there: the end of the job is the end.
func TestBinaryAnswersFromAPipe(t *testing.T) {
	t.Parallel()
	p, _ := under(t, `printf 'Payments\norders-prod\n\ndownload\ndownload\n' | "$0" train --line --speed `+brisk)
	wantLeft(t, p, 0)
	wantLink(t, p)
	wantText(t, p.Transcript(), "Project: Payments\n", "READY", "Download of orders-prod")
}

// The window says while the program runs that this is training and on which cluster, and
// is left without a title.
func TestBinaryNamesTheWindow(t *testing.T) {
	rare(t)
	t.Parallel()
	p := train(t, normal)
	titled := func(title string) {
		t.Helper()
		p.WaitFor("the title "+title, func(string) bool { return p.Title() == title })
	}
	titled("atlas-restore TRAINING")
	takeNewest(p, "Payments", "orders-prod")
	titled("atlas-restore TRAINING: orders-prod")
	p.Press("up", "enter")
	p.Wait("Nothing has been submitted yet")
	p.Press("tab", "enter")
	titled("atlas-restore TRAINING: download of orders-prod, running")
	titled("atlas-restore TRAINING: download of orders-prod, ready")
	letGo(p)
	wantLeft(t, p, 0)
	titled("")
}

// A link that is copied is said to be sent, for nobody can know whether it has arrived;
// it can be selected on the screen, and is printed in one line.
func TestBinaryCopiesALink(t *testing.T) {
	rare(t)
	t.Parallel()
	for _, size := range []teatest.Size{narrow, normal} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			p := train(t, size)
			takeNewest(p, "Payments", "orders-prod")
			p.Press("up", "enter")
			p.Wait("Nothing has been submitted yet")
			p.Press("tab", "enter")
			p.Wait("READY")
			if strings.Contains(p.Output(), "\x1b]52;") {
				t.Error("something was copied before anybody asked for it")
			}
			p.Press("enter")
			p.Wait("curl -fLO")
			p.Press("c")
			joined := func(screen string) string { return strings.Join(strings.Fields(screen), " ") }
			p.WaitFor("what became of it", func(screen string) bool {
				return strings.Contains(joined(screen), "Fetch it before you leave: it ends with the training.")
			})
			p.WaitFor("the clipboard", func(string) bool { return p.Clipboard() != "" })
			link := p.Clipboard()
			if !strings.Contains(strings.ReplaceAll(joined(p.Screen()), " ", ""), link) {
				t.Errorf("the link %s cannot be selected:\n%s", link, p.Screen())
			}
			letGo(p)
			wantLeft(t, p, 0)
			if printed := wantLink(t, p); printed != link {
				t.Errorf("printed is %s, copied was %s", printed, link)
			}
		})
	}
}
