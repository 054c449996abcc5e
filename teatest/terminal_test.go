package teatest_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/teatest"
)

var small = teatest.Size{W: 40, H: 12}

func told(t *testing.T, x *teatest.Terminal) []string {
	t.Helper()
	x.Press("ctrl+q")
	m, err := x.Exit()
	if err != nil {
		t.Fatalf("leaving: %v", err)
	}
	all := m.(toy).told
	return all[:slices.Index(all, "ctrl+q")] // an answer of the terminal may still have come behind it
}

func wantTold(t *testing.T, x *teatest.Terminal, want ...string) {
	t.Helper()
	var got []string
	for _, s := range told(t, x) {
		if !strings.HasPrefix(s, "dark=") {
			got = append(got, s)
		}
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the model was told %q, want %q", got, want)
	}
}

func TestKeysGoThroughTheDecoder(t *testing.T) {
	t.Parallel()
	keys := []string{
		"enter", "tab", "shift+tab", "space", "backspace", "up", "down", "left", "right", "home", "end", "pgup", "pgdown",
		"delete", "insert", "f1", "f2", "f5", "f12", "ctrl+r", "alt+x", "a", "?", "é", "shift+up", "ctrl+left",
	}
	x := teatest.Start(t, toy{}, small)
	x.Press(keys...)
	wantTold(t, x, keys...)
}

func TestEscapeDoesNotMergeWithTheNextKey(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Press("esc", "a", "esc", "esc", "down")
	x.Type("b\x1b")
	x.Type("c\x1bd") // in one burst it does: that is what terminals send for alt+d
	wantTold(t, x, "esc", "a", "esc", "esc", "down", "b", "esc", "c", "alt+d")
}

func TestTypeIsABurst(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Type("ab\r\r")
	x.Paste("one\ntwo\rthree")
	wantTold(t, x, "a", "b", "enter", "enter", `paste("one\ntwo\rthree")`)
}

func TestUnknownKey(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	said := failing(t, func(tb testing.TB) { teatest.Start(tb, toy{}, small).Press("entr") })
	wantText(t, said, `there is no key "entr"`, "enter esc f1", "ctrl+LETTER")
	wantTold(t, x)
}

func TestResize(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Wait("toy 40×12")
	x.Resize(30, 8)
	x.Wait("toy 30×8")
	x.WaitGone("40×12")
	if n := strings.Count(x.Screen(), "\n"); n != 7 {
		t.Errorf("the screen has %d lines, want 8", n+1)
	}
}

func TestBackgroundIsAnswered(t *testing.T) {
	t.Parallel()
	teatest.Start(t, toy{}, small).Wait("dark=true")
	teatest.Start(t, toy{}, small, teatest.Light()).Wait("dark=false")
}

func TestColoursAreOffInMonochrome(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teatest.Option{"colour": nil, "monochrome": {teatest.Monochrome()}} {
		x := teatest.Start(t, toy{}, small, opts...)
		x.Wait("toy")
		if red := strings.Contains(x.Styled(), "\x1b[31m"); red != (name == "colour") {
			t.Errorf("%s: red is %v in %q", name, red, x.Styled())
		}
	}
}

func TestScreenIsNoStaircase(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Wait("dark=")
	x.Type("ab")
	x.Settled()
	if x.Line(2) != "b" || x.Line(3) != "a" {
		t.Errorf("lines 2 and 3 are %q, %q", x.Line(2), x.Line(3))
	}
	if x.Line(-1) != "" || x.Title() != "a toy" || !x.AltScreen() {
		t.Errorf("last line %q, title %q, full screen %v", x.Line(-1), x.Title(), x.AltScreen())
	}
	if _, _, visible := x.Cursor(); visible {
		t.Error("the view has no cursor, but it can be seen")
	}
}

func TestSettledMeansHandledAndShown(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	load := func() tea.Msg { <-answer; return loaded("rows") }
	x := teatest.Start(t, toy{load: load}, small)
	x.Type("abc")
	x.Settled() // the load takes longer than anything that is about to come
	wantText(t, x.Screen(), "c\nb\na")
	if x.Shows("loaded") {
		t.Error("it is loaded before the answer")
	}
	close(answer)
	x.Wait("loaded rows")
}

func TestSettledAwaitsCommandsThatAnswerSoon(t *testing.T) {
	t.Parallel()
	chain := func() tea.Msg {
		return tea.Batch(func() tea.Msg { return loaded("one") },
			tea.Sequence(func() tea.Msg { return nil }, func() tea.Msg { return loaded("two") }))()
	}
	x := teatest.Start(t, toy{load: chain}, small)
	x.Settled()
	wantText(t, x.Screen(), "loaded one", "loaded two")
}

func TestIdleMeansNoFrames(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Wait("dark=")
	x.Settled()
	frames, messages := x.Frames(), x.Messages()
	if frames == 0 {
		t.Fatal("no frame was counted")
	}
	x.Settled()
	if x.Frames() != frames || x.Messages() != messages {
		t.Errorf("at rest there were %d frames and %d messages", x.Frames()-frames, x.Messages()-messages)
	}
	x.Press("a")
	x.Settled()
	if x.Frames() != frames+1 {
		t.Errorf("one key made %d frames", x.Frames()-frames)
	}
	if strings.Contains(x.Output(), "7777") {
		t.Error("our marks are in the output")
	}
}

// restless redraws for ever: not after a time, which a busy machine makes longer than a look
// at it takes, but at once.
type restless struct{ n int }

func (m restless) tick() tea.Cmd { return func() tea.Msg { return loaded("") } }
func (m restless) Init() tea.Cmd { return m.tick() }
func (m restless) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(loaded); ok {
		return restless{m.n + 1}, m.tick()
	}
	return m, nil
}
func (m restless) View() tea.View { return tea.NewView(strings.Repeat(".", m.n%30)) }

func TestRestlessProgramNeverSettles(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, restless{}, small)
		x.Patient(100 * time.Millisecond)
		x.Settled()
	})
	wantText(t, said, "redraw for ever", "the screen, 12 lines")
}

func TestTimeoutShowsTheScreenAtThatMoment(t *testing.T) {
	t.Parallel()
	x := (*teatest.Terminal)(nil)
	said := failing(t, func(tb testing.TB) {
		x = teatest.Start(tb, toy{}, small)
		x.Type("a")
		x.Settled()
		x.Patient(10 * time.Millisecond)
		x.Wait("nowhere")
	})
	wantText(t, said, `waiting for "nowhere": not within 10ms`, "|toy 40×12", "|a")
}

func TestBlockedModelIsFoundOut(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	said := failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{block: block}, small, teatest.Patience(200*time.Millisecond))
		x.Press("ctrl+b")
	})
	close(block)
	wantText(t, said, "is Update or View blocked?")
}

func TestWaitingForADeadProgram(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{}, small)
		x.Press("ctrl+q")
		x.Wait("nowhere")
	})
	wantText(t, said, "the program has ended")
	said = failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{}, small)
		x.Press("ctrl+q")
		_, _ = x.Exit()
		x.Press("a")
	})
	wantText(t, said, "pressing a: the program has ended")
}

func TestExits(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{}, small)
	x.Press("ctrl+c")
	if m, err := x.Exit(); !errors.Is(err, tea.ErrInterrupted) || m == nil {
		t.Errorf("ctrl+c: model %v, error %v", m, err)
	}
	if x.AltScreen() {
		t.Error("the full screen was not left")
	}

	ctx, cancel := context.WithCancel(t.Context())
	x = teatest.Start(t, toy{}, small, teatest.Under(ctx, cancel))
	x.Wait("toy")
	x.HangUp()
	if _, err := x.Exit(); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
		t.Errorf("hang-up: %v, the test's context %v", err, ctx.Err())
	}

	x = teatest.Start(t, toy{}, small)
	x.Type("a")
	x.CloseInput()
	x.Settled()
	x.Wait("a") // the end of the input alone ends nothing
	x.Send(tea.QuitMsg{})
	if _, err := x.Exit(); err != nil {
		t.Errorf("end of input: %v", err)
	}
}

func TestClipboardAndSequence(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{load: func() tea.Msg { return loaded("again") }}, small)
	x.Press("ctrl+y")
	x.Settled()
	if x.Clipboard() != "https://example.invalid/a" {
		t.Errorf("the clipboard has %q", x.Clipboard())
	}
}

func TestWithinSize(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{wide: small.W}, small)
	x.Wait("dark=")
	x.WithinSize()
	said := failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{wide: small.W + 1}, small)
		x.Wait("dark=")
		x.WithinSize()
	})
	wantText(t, said, "line 1 is 41 cells wide, the terminal 40")
	said = failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{}, teatest.Size{W: 40, H: 2})
		x.Wait("toy")
		x.Press("a")
		x.WithinSize()
	})
	wantText(t, said, "lines, the terminal 2")
}

func TestConfirmRefusesWhatWasNotAsserted(t *testing.T) {
	t.Parallel()
	x := teatest.Start(t, toy{erases: "shop-2"}, small)
	x.AssertTarget("shop-2")
	x.Confirm("shop-2")
	wantTold(t, x, "s", "h", "o", "p", "-", "2", "enter")

	said := failing(t, func(tb testing.TB) {
		x := teatest.Start(tb, toy{erases: "shop-2"}, small)
		x.Wait("erased")
		x.Confirm("shop-2")
	})
	wantText(t, said, `refusing to confirm the erasure of "shop-2"`, "AssertTarget")

	// The source's name stands in another sentence, and a longer name is another cluster.
	for _, name := range []string{"shop", "shop-"} {
		said = failing(t, func(tb testing.TB) {
			x := teatest.Start(tb, toy{erases: "shop-2"}, small)
			x.Wait("erased")
			x.Patient(10 * time.Millisecond)
			x.AssertTarget(name)
		})
		wantText(t, said, "a sentence that says that "+name+" is erased")
	}
}

func TestGolden(t *testing.T) {
	x := teatest.Start(t, toy{}, small)
	x.Wait("dark=")
	x.Type("ab")
	x.Golden("toy")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		t.Skip("the goldens are being written")
	}
	said := failing(t, func(tb testing.TB) {
		y := teatest.Start(tb, toy{}, small)
		y.Wait("dark=")
		y.Type("aX")
		y.Golden("toy")
	})
	wantText(t, said, "UPDATE_GOLDEN=1", "  2 -|b", "  2 +|X", "  3  |a")
	said = failing(t, func(tb testing.TB) { teatest.Start(tb, toy{}, small).Golden("none") })
	wantText(t, said, "there is no testdata/none.golden yet")
}

func TestUpdatedGolden(t *testing.T) {
	t.Setenv("UPDATE_GOLDEN", "1")
	t.Chdir(t.TempDir())
	x := teatest.Start(t, toy{}, small)
	x.Wait("dark=")
	x.Golden("fresh/toy")
	t.Setenv("UPDATE_GOLDEN", "")
	x.Golden("fresh/toy")
}

// late is a model whose command outlives it.
type late struct{ written func() }

func (m late) Init() tea.Cmd {
	return func() tea.Msg { m.written(); return nil }
}
func (m late) Update(tea.Msg) (tea.Model, tea.Cmd) { return m, nil }
func (m late) View() tea.View                      { return tea.NewView("late") }

// A command that outlives its program has returned before what the test made is removed.
func TestCommandsReturnBeforeTheTestEnds(t *testing.T) { //nolint:tparallel // the inner one has ended when Run returns
	t.Parallel()
	done, begun := make(chan struct{}), make(chan struct{})
	t.Run("it", func(t *testing.T) {
		x := teatest.Start(t, late{func() {
			close(begun)
			<-t.Context().Done() // the test has ended
			for range 10 {
				runtime.Gosched()
			}
			close(done)
		}}, small)
		x.Wait("late")
		<-begun
	})
	select {
	case <-done:
	default:
		t.Error("the command still runs")
	}
}
