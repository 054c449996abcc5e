package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// A key that is pressed by its name is that very key: what a palette entry does is what its
// key does.
func TestKeyPress(t *testing.T) {
	for _, name := range []string{"enter", "esc", "tab", "shift+tab", "f1", "f9", "ctrl+r", "ctrl+t", "ctrl+n", "ctrl+up", "shift+left", "pgdown", "home", "space", "q", "?", "1"} {
		if got := keyPress(name).String(); got != name {
			t.Errorf("the press of %s is %s", name, got)
		}
	}
}

// Of two actions the one that names the key comes first, and what takes any key comes last.
func TestFind(t *testing.T) {
	all := []action{act("any other key", "keep it").any(), act("y", "cancel", "y")}
	for key, want := range map[string]string{"y": "cancel", "n": "keep it", "esc": "keep it"} {
		if a, ok := find(all, keyPress(key)); !ok || a.name != want {
			t.Errorf("%s stands for %q", key, a.name)
		}
	}
	if _, ok := find(all[1:], keyPress("n")); ok {
		t.Error("a key that nothing has stands for something")
	}
}

// An action is never left out for the words of another one, and no room stays empty that whole words
// would fill.
func TestFooterHasActionsBeforeWords(t *testing.T) {
	all := []action{act("x", "cancel the download", "x").or("cancel"), act("q", "leave, the job goes on", "q").or("leave"), act("ctrl+r", "look now", "ctrl+r")}
	for room, want := range map[int]string{
		69: "cancel the download, leave, the job goes on, look now",
		68: "cancel the download, leave, look now",
		52: "cancel the download, leave, look now",
		51: "cancel, leave, look now",
		39: "cancel, leave, look now",
		38: "cancel the download, leave",
		33: "cancel, leave",
		21: "cancel, leave",
		20: "cancel",
		10: "leave",
		9:  "",
	} {
		var said []string
		for _, a := range fitting(all, room) {
			said = append(said, a.name)
		}
		if got := strings.Join(said, ", "); got != want {
			t.Errorf("%d cells have %q, want %q", room, got, want)
		}
	}
}

// The palette shows what can be done, and filters by name and by key.
func TestPalette(t *testing.T) {
	var p paletteView
	p.show([]action{act("enter", "choose", "enter"), keyUp(), act("esc", "back", "esc").not("This is the first step."), act("ctrl+r", "load again", "ctrl+r")})
	if n := len(p.all); n != 2 || p.all[0].name != "choose" {
		t.Errorf("%d actions, want those that can be done and are no mere moves, the main one first: 2", n)
	}
	if p.show([]action{keyChoose().aside()}); len(p.all) != 0 {
		t.Error("an Enter that the page only answers is offered")
	}
	p.show([]action{act("enter", "choose", "enter"), act("ctrl+r", "load again", "ctrl+r")})
	for _, k := range "load" {
		if p.key(keyPress(string(k))) != nil {
			t.Fatal("a letter chooses something")
		}
	}
	chosen := p.key(tea.KeyPressMsg{Code: tea.KeyEnter})
	if chosen == nil || chosen.press().String() != "ctrl+r" || p.open {
		t.Errorf("chosen was %v, still open: %v", chosen, p.open)
	}
}
