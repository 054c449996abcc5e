//go:build unix

package teatest_test

import (
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// setting is a terminal with its surroundings, in which the program has to behave.
type setting struct {
	term    string // "" is no TERM at all
	locale  string
	size    teatest.Size
	answer  string // to the question for the background
	noColor string // the variable NO_COLOR
}

const (
	dark  = "dark"
	light = "light"
	mute  = "mute"
)

func (c setting) String() string {
	name := c.term
	if name == "" {
		name = "no TERM"
	}
	return fmt.Sprintf("%s, %s, %d×%d, %s, NO_COLOR=%s", name, c.locale, c.size.W, c.size.H, c.answer, c.noColor)
}

// settings are a choice in which every value of each column meets every value of each
// other column.
func settings() []setting {
	terms := []string{"xterm-256color", "screen", "screen-256color", "tmux-256color", "linux", "dumb", "vt100", "xterm", ""}
	sizes := []teatest.Size{narrow, normal, wide, {W: 300, H: 80}}
	var out []setting
	for i, term := range terms {
		for j, size := range sizes {
			k := i + j
			out = append(out, setting{
				term: term, size: size,
				locale:  []string{"LANG=C.UTF-8", "LC_ALL=C"}[k%2],
				noColor: []string{"", "1"}[k/2%2],
				answer:  []string{dark, light, mute}[k%3],
			})
		}
	}
	return out
}

// env is what such a terminal's shell has in its environment.
func (c setting) env() []string {
	env := []string{"TERM", c.locale}
	if c.term != "" {
		env[0] += "=" + c.term
	}
	if c.term != "xterm-256color" {
		env = append(env, "COLORTERM")
	}
	if c.noColor != "" {
		env = append(env, "NO_COLOR="+c.noColor)
	}
	return env
}

func (c setting) options() []teatest.ProcessOption {
	switch c.answer {
	case light:
		return []teatest.ProcessOption{teatest.WhiteBackground()}
	case mute:
		return []teatest.ProcessOption{teatest.Mute()}
	}
	return nil
}

func (c setting) ascii() bool { return c.locale == "LC_ALL=C" }

// byLine says whether the line face is expected: of such a terminal nothing is known.
func (c setting) byLine() bool { return c.term == "dumb" || c.term == "" }

// colourful says whether colours are expected. Where the background is not known there
// are none, but for the console of Linux, which cannot tell and is black.
func (c setting) colourful() bool {
	return c.noColor == "" && !c.byLine() && c.term != "vt100"
}

// inSuite says whether the suite walks through settings()[i]: each terminal once, and every
// value of each column. The gate walks through all of them.
func inSuite(i int) bool {
	term, size := i/4, i%4
	return (term/2+size)%4 == 0
}

func TestSettingsMeet(t *testing.T) {
	t.Parallel()
	seen, values := map[string]bool{}, make([]map[string]bool, 5)
	columns := func(c setting) []string {
		return []string{c.term, c.locale, fmt.Sprint(c.size), c.answer, c.noColor}
	}
	for n, c := range settings() {
		for i, a := range columns(c) {
			if values[i] == nil {
				values[i] = map[string]bool{}
			}
			values[i][a] = values[i][a] || inSuite(n)
			for j, b := range columns(c) {
				seen[fmt.Sprint(i, a, j, b)] = true
			}
		}
	}
	for i, as := range values {
		for a, walked := range as {
			if !walked {
				t.Errorf("%q is in no walk of the suite", a)
			}
		}
		for j, bs := range values[:i] {
			for a := range as {
				for b := range bs {
					if !seen[fmt.Sprint(i, a, j, b)] {
						t.Errorf("%q and %q never meet", a, b)
					}
				}
			}
		}
	}
}

// What is inserted into a line moves the rest of it, on whatever terminal.
func TestInsertMode(t *testing.T) {
	t.Parallel()
	p := shell(t, `printf 'ae\b\033[4'; printf 'hb\033[1mc\033[m'; printf 'd\033[4lE\033[4h\033[4l \n'`, nil)
	if got := p.Transcript(); got != "abcdE\n" {
		t.Errorf("it shows %q", got)
	}
	wantNoResidue(t, p)
}

// A whole download, from the first key to the link in the scrollback, on each terminal:
// it is as it was afterwards, and nothing was sent to it that it does not understand.
func TestBinaryOnEveryTerminal(t *testing.T) {
	t.Parallel()
	// A walk is mostly waiting for its job: several share a processor.
	var walks sync.WaitGroup
	defer walks.Wait()
	room := make(chan struct{}, 3*runtime.GOMAXPROCS(0))
	for i, c := range settings() {
		if !thorough() && !inSuite(i) {
			continue
		}
		room <- struct{}{}
		walks.Go(func() {
			defer func() { <-room }()
			t.Run(c.String(), func(t *testing.T) { download(t, c) })
		})
	}
}

// download walks through a download in this setting.
func download(t *testing.T, c setting) {
	t.Helper()
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--speed", brisk}, c.env(), c.size, c.options()...)
	if c.byLine() {
		downloadByLine(p)
	} else {
		downloadOnScreen(eyes{p, c.ascii()})
	}
	if code := p.ExitCode(); code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
	wantNoResidue(t, p)
	left, link := p.Transcript(), wantLink(t, p)
	wantText(t, left, "TRAINING: nothing here was real", "Download of orders-prod", "Restore job ")
	wantText(t, strings.ReplaceAll(left, "\n", ""), link)
	wantUnderstood(t, c, p.Output())
}

// eyes see the marks of a screen in ASCII as the usual ones, so that one walk is for all.
type eyes struct {
	*teatest.Process
	ascii bool
}

// WaitFor waits until cond holds of the screen; what says what is wanted.
func (e eyes) WaitFor(what string, cond func(screen string) bool) {
	e.Process.WaitFor(what, func(screen string) bool {
		if e.ascii {
			screen = inUTF8.Replace(screen)
		}
		return cond(screen)
	})
}

// Wait waits until text is on the screen.
func (e eyes) Wait(text string) {
	e.WaitFor(fmt.Sprintf("%q", text), func(screen string) bool { return teatest.Reads(screen, text) })
}

// docs is where all links that can be clicked lead to.
const docs = "https://www.mongodb.com/docs/"

// downloadOnScreen walks to a download's link, and reads the help down to its address.
func downloadOnScreen(e eyes) {
	takeNewest(e, "Payments", "orders-prod")
	e.Press("up", "enter")
	e.Wait("Nothing has been submitted yet")
	e.Press("?")
	e.Wait("Keys of this page")
	for range 9 {
		before := e.Screen()
		if strings.Contains(before, docs) {
			break
		}
		e.Press("pgdown")
		e.WaitFor("the next lines of the help", func(string) bool { return e.Screen() != before })
	}
	e.Wait(docs)
	e.Press("esc")
	e.Wait("Nothing has been submitted yet")
	e.Press("tab", "enter")
	e.Wait("READY")
	letGo(e)
}

// toDownload are the questions of the line face up to the review of a download.
var toDownload = [][2]string{{askProject, "Payments"}, {askCluster, "orders-prod"}, {askSnapshot, ""}, {askDelivery, "download"}}

// downloadByLine answers the line face up to a download's link.
func downloadByLine(p *teatest.Process) {
	answerAll(p, toDownload...)
	answerAll(p, [2]string{askDownload, "download"}, [2]string{"enter alone does not:", ""}, [2]string{"Nothing was fetched.", "q"}, [2]string{"q again leaves", "q"})
}

// answerAll waits for each question and answers it.
func answerAll(p *teatest.Process, talk ...[2]string) {
	for _, qa := range talk {
		waitSaid(p, qa[0])
		p.Type(qa[1] + "\r")
	}
}

// waitSaid waits until text was written, wherever the window has folded it.
func waitSaid(p *teatest.Process, text string) {
	p.WaitFor(fmt.Sprintf("%q", text), func(string) bool { return strings.Contains(p.Output(), text) })
}

// wantLink asserts that the link was written whole, on a line of its own, to the shell's
// screen, and gives it. A terminal that folds such a line still copies it as one.
func wantLink(t *testing.T, p *teatest.Process) string {
	t.Helper()
	_, after, screen := strings.Cut(p.Output(), "\x1b[?1049l")
	if !screen {
		after = p.Output()
	}
	link := regexp.MustCompile(`(?m)^http://127\.0\.0\.1:\d+/delivery/\S+\.tar\.gz\r$`).FindString(after)
	if link == "" {
		t.Errorf("no line is the link alone:\n%s", after)
	}
	return strings.TrimSuffix(link, "\r")
}

// Colours are a matter of the terminal, of the environment and of a flag.
func TestBinaryUsesColours(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args, env []string
		opts      []teatest.ProcessOption
		want      bool
	}{
		"as it is":                {want: true},
		"an empty NO_COLOR":       {env: []string{"NO_COLOR="}, want: true},
		"NO_COLOR=1":              {env: []string{"NO_COLOR=1"}},
		"NO_COLOR=0":              {env: []string{"NO_COLOR=0"}},
		"NO_COLOR=please":         {env: []string{"NO_COLOR=please"}},
		"NO_COLOR, and one wants": {env: []string{"NO_COLOR=1", "CLICOLOR_FORCE=1"}},
		"--no-color":              {args: []string{"--no-color"}},
		"unknown background":      {opts: []teatest.ProcessOption{teatest.Mute()}, want: true}, // those of its theme
		"COLORFGBG tells it":      {env: []string{"COLORFGBG=0;15"}, opts: []teatest.ProcessOption{teatest.Mute()}, want: true},
		"an unknown terminal":     {env: []string{"TERM=unheard-of", "COLORTERM"}, want: true},
		"vt220":                   {env: []string{"TERM=vt220", "COLORTERM"}},
	} {
		if !plain(name, "as it is", "NO_COLOR=please", "--no-color") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), append([]string{"train"}, tc.args...), tc.env, normal, tc.opts...)
			p.WaitFor("the projects", highlighted)
			if tc.want {
				p.WaitFor("a colour", func(string) bool { return len(coloursIn(p.Output())) > 0 })
			}
			p.Press("ctrl+c")
			wantLeft(t, p, 130)
			if colours := coloursIn(p.Output()); !tc.want && len(colours) > 0 {
				t.Errorf("it uses colours: %.500q", colours)
			}
		})
	}
}

// The forms and the overwriting of a cluster, too, are pure ASCII where nothing else can
// be shown.
func TestBinaryOverwritesInASCII(t *testing.T) {
	rare(t)
	t.Parallel()
	for _, byLine := range []bool{false, true} {
		t.Run(fmt.Sprintf("line by line %t", byLine), func(t *testing.T) {
			t.Parallel()
			args := []string{"train", "--speed", "600"}
			if byLine {
				args = append(args, "--line")
			}
			p := teatest.StartBinary(t, teatest.Binary(t), args, []string{"LC_ALL=C"}, wide)
			if byLine {
				answerAll(p, toDownload[:3]...)
				answerAll(p, [2]string{askDelivery, "automated"}, [2]string{askTargetProject, ""}, [2]string{askTarget, "orders-prod-restore"})
				waitSaid(p, askErase)
				p.AssertTarget("orders-prod-restore")
			} else {
				overwriteOnScreen(eyes{p, true})
			}
			p.Confirm("orders-prod-restore")
			if !byLine {
				p.Wait("COMPLETED")
				p.Press("q")
			}
			wantLeft(t, p, 0)
			wantASCII(t, p.Output())
		})
	}
}

// What was typed ahead of the review confirms nothing: nobody has read it yet.
func TestBinaryTypedAheadConfirmsNothing(t *testing.T) {
	t.Parallel()
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--line", "--speed", "600"}, nil, wide)
	answerAll(p, toDownload[:3]...)
	answerAll(p, [2]string{askDelivery, "automated"}, [2]string{askTargetProject, ""})
	answerAll(p, [2]string{askTarget, "orders-prod-restore\r" + strings.Repeat("train/orders-prod-restore\r", 2) + "train/orders-prod-restore"})
	answerAll(p, [2]string{askErase, "first"})
	waitSaid(p, "\"first\" is not train/orders-prod-restore. Nothing was submitted.\r\nNothing has been submitted yet. No real cluster has train/ in its name. To erase")
	p.Type("train/orders-prod-restore\r")
	wantLeft(t, p, 0)
	if sent := strings.Count(p.Output(), "then sending the request"); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

// overwriteOnScreen walks to the confirmation of an overwriting.
func overwriteOnScreen(e eyes) {
	takeNewest(e, "Payments", "orders-prod")
	e.Press("down", "down", "enter")
	e.Wait("› Target cluster")
	takeTarget(e, "orders-prod-restore")
	e.AssertTarget("orders-prod-restore")
}

func wantASCII(t *testing.T, output string) {
	t.Helper()
	if i := strings.IndexFunc(output, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("more than ASCII is written: %.100q", output[i:])
	}
}

var (
	setModes  = regexp.MustCompile(`\x1b\[\?([0-9;]*)h`)
	sgr       = regexp.MustCompile(`\x1b\[([0-9;:]*)m`)
	hyperlink = regexp.MustCompile(`\x1b\]8;[^;]*;([^\x07\x1b]*)`)
)

// wantUnderstood asserts that output has nothing that this terminal cannot show.
func wantUnderstood(t *testing.T, c setting, output string) {
	t.Helper()
	if c.ascii() {
		wantASCII(t, output)
	} else if !c.byLine() && !strings.Contains(output, "▌") {
		t.Error("the marks are in ASCII")
	}
	if i := strings.IndexFunc(output, func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' && r != '\a' }); c.byLine() && i >= 0 {
		t.Errorf("the line face commands the terminal: %q", output[i:])
	}
	if n := strings.Count(output, "\a"); c.byLine() && n > 1 { // once, at the end of the job
		t.Errorf("the line face rings %d times", n)
	}
	if colours := coloursIn(output); len(colours) > 0 != c.colourful() {
		t.Errorf("%d times a colour was set, want colours: %t\n%.500q", len(colours), c.colourful(), colours)
	}
	for _, m := range setModes.FindAllStringSubmatch(output, -1) {
		for mode := range strings.SplitSeq(m[1], ";") {
			switch mode {
			case "9", "1000", "1001", "1002", "1003", "1005", "1006", "1015", "1016":
				t.Errorf("the mouse is taken: %q", m[0])
			}
		}
	}
	if got, want := signalsIn(output), !c.byLine() && c.term != "vt100" && c.term != "linux"; len(got) > 0 != want {
		t.Errorf("signals to another window %q, wanted: %t", got, want)
	}
	links := 0
	for _, m := range hyperlink.FindAllStringSubmatch(output, -1) {
		if m[1] != "" {
			links++
		}
		if m[1] != "" && !strings.HasPrefix(m[1], docs) {
			t.Errorf("a link leads to %q", m[1])
		}
	}
	may := c.noColor == "" && !c.ascii() && !c.byLine() && c.term != "vt100" && c.term != "linux"
	must := may && strings.HasSuffix(c.term, "256color") // of others the host's terminfo may say more
	if links > 0 && !may || links == 0 && must {
		t.Errorf("%d links can be clicked, allowed: %t, wanted: %t", links, may, must)
	}
}

// coloursIn are the sequences of output that set the colour of a text.
func coloursIn(output string) []string {
	var out []string
	for _, m := range sgr.FindAllStringSubmatch(output, -1) {
		for param := range strings.FieldsFuncSeq(m[1], func(r rune) bool { return r == ';' || r == ':' }) {
			n, _ := strconv.Atoi(param)
			if n >= 30 && n <= 38 || n >= 40 && n <= 48 || n >= 90 && n <= 97 || n >= 100 && n <= 107 {
				out = append(out, m[0])
				break
			}
		}
	}
	return out
}

// A link that is shown whole reaches the terminal in one piece: no end of a line and no movement of
// the cursor stands in it, so that the terminal, or tmux, folds it and copies it as one line. That
// holds in a window that it fits and in those that it does not.
func TestBinaryWritesALinkInOnePiece(t *testing.T) {
	t.Parallel()
	for _, size := range suited(0, narrow, normal, wide) {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), []string{
				"train", "--speed", brisk, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download",
			}, nil, size)
			p.Wait("Request the download")
			p.Press("tab", "enter")
			p.Wait("READY")
			p.Press("enter")
			p.Wait("curl -fLO")
			link := linkOnScreen(p.Screen())
			if !strings.HasSuffix(link, ".tar.gz") {
				t.Fatalf("%q is no link\n%s", link, p.Screen())
			}
			for _, whole := range []string{link, steps.Curl} {
				if !strings.Contains(p.Output(), whole) {
					t.Errorf("%q of %d cells is not written in one piece to a window of %d", whole, len(whole), size.W)
				}
			}
		})
	}
}
