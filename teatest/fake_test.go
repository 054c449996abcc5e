package teatest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// fakeTB takes the failures that a test of the harness provokes.
type fakeTB struct {
	testing.TB

	said   strings.Builder
	failed bool
}

func (f *fakeTB) Helper() {}

func (f *fakeTB) Errorf(format string, args ...any) {
	f.failed = true
	fmt.Fprintf(&f.said, format+"\n", args...)
}

func (f *fakeTB) Fatal(args ...any) {
	f.failed = true
	fmt.Fprintln(&f.said, args...)
	runtime.Goexit()
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// failing runs body with a TB whose failures do not count, and gives what it said.
func failing(t *testing.T, body func(tb testing.TB)) string {
	t.Helper()
	f := &fakeTB{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		body(f)
	}()
	<-done
	if !f.failed {
		t.Fatal("this should have failed")
	}
	return f.said.String()
}

func wantText(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%q is missing in:\n%s", p, got)
		}
	}
}

// toy shows the messages that it gets, the last one first.
type toy struct {
	told   []string
	w, h   int
	wide   int // cells of a line that is too long
	load   func() tea.Msg
	block  chan struct{}
	erases string
}

type loaded string

func (m toy) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, m.load) }

func (m toy) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.told = append(m.told, fmt.Sprintf("dark=%v", msg.IsDark()))
	case tea.PasteMsg:
		m.told = append(m.told, fmt.Sprintf("paste(%q)", msg.Content))
	case loaded:
		m.told = append(m.told, "loaded "+string(msg))
	case tea.KeyPressMsg:
		m.told = append(m.told, msg.String())
		switch msg.String() {
		case "ctrl+c":
			return m, tea.Interrupt
		case "ctrl+x":
			panic("a bug")
		case "ctrl+b":
			<-m.block
		case "ctrl+y":
			return m, tea.Sequence(tea.SetClipboard("https://example.invalid/a"), m.load)
		case "ctrl+q":
			return m, tea.Quit
		}
	}
	return m, nil
}

func (m toy) View() tea.View {
	var b strings.Builder
	fmt.Fprintf(&b, "\x1b[31mtoy\x1b[m %d×%d\n", m.w, m.h)
	if m.erases != "" {
		fmt.Fprintf(&b, "Restores shop onto %s, which is\nerased first; type its name.\n", m.erases)
	}
	b.WriteString(strings.Repeat("x", m.wide) + "\n")
	for i := range m.told {
		fmt.Fprintln(&b, m.told[len(m.told)-1-i])
		if i+6 > m.h {
			break
		}
	}
	v := tea.NewView(b.String())
	v.AltScreen = true
	v.WindowTitle = "a toy"
	return v
}
