package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// action is something that a person can do on a page: its key, and its name. What a page
// lists is what its footer, its help and its palette show, and all that its keys can do:
// a key that no action has never reaches the page.
type action struct {
	keys  []string // as tea.KeyPressMsg says them; empty for what is said only
	shown string   // the key as the footer has it: "shift+←→"
	name  string   // what it does, in the footer too
	brief string   // the same in fewer words, for a footer that has no room; empty for none
	apart bool     // not in the footer: one finds it in the palette and in the help
	moves bool     // it only moves about, for which nobody opens a palette
	other bool     // every key that is no other action's
	off   string   // why it cannot be done now; empty if it can
}

// act is an action; shown is its key as the footer has it.
func act(shown, name string, keys ...string) action {
	return action{shown: shown, name: name, keys: keys}
}

// aside keeps an action out of the footer.
func (a action) aside() action { a.apart = true; return a }

// moving marks an action that only moves about.
func (a action) moving() action { a.moves = true; return a }

// or is what a footer without room says in place of the name.
func (a action) or(brief string) action { a.brief = brief; return a }

// not is an action that cannot be done now, and why: a full sentence.
func (a action) not(why string) action { a.off = why; return a }

// any is what every other key does.
func (a action) any() action { a.other = true; return a }

// has says whether a key is one of an action's.
func (a action) has(k tea.KeyPressMsg) bool { return slices.Contains(a.keys, k.String()) }

// meantKey is a message as it is meant. Esc that is pressed twice within some milliseconds comes as esc
// with alt: a terminal says alt as an escape before the key. Whoever presses it means esc.
func meantKey(msg tea.Msg) tea.Msg {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.Code == tea.KeyEscape && k.Mod == tea.ModAlt {
		k.Mod = 0
		return k
	}
	return msg
}

// bound are the key bindings of a form, as actions.
func bound(all ...key.Binding) []action {
	out := make([]action, len(all))
	for i, b := range all {
		out[i] = action{keys: b.Keys(), shown: b.Help().Key, name: b.Help().Desc}
	}
	return out
}

// find is the action that a key stands for; false for none.
func find(all []action, k tea.KeyPressMsg) (action, bool) {
	for _, a := range all {
		if a.has(k) {
			return a, true
		}
	}
	for _, a := range all {
		if a.other {
			return a, true
		}
	}
	return action{}, false
}

// writes says whether a key writes into a field, or edits what was written there.
func writes(k tea.KeyPressMsg) bool {
	if k.Text != "" {
		return true
	}
	switch k.String() {
	case "backspace", "delete", "left", "right", "home", "end", "ctrl+a", "ctrl+e", "ctrl+b", "ctrl+f", "ctrl+h", "ctrl+d",
		"ctrl+k", "ctrl+u", "ctrl+w", "alt+b", "alt+f", "alt+left", "alt+right", "alt+backspace", "ctrl+backspace":
		return true
	}
	return false
}

// press is the key press that an action stands for: what its palette entry does is what its
// key does.
func (a action) press() tea.KeyPressMsg { return keyPress(a.keys[0]) }

// keyPress is the press of a key by its name, as tea.KeyPressMsg says it.
func keyPress(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for {
		mod, rest, found := strings.Cut(name, "+")
		m := map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "shift": tea.ModShift, "alt": tea.ModAlt}[mod]
		if !found || m == 0 {
			break
		}
		k.Mod |= m
		name = rest
	}
	if code, ok := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "space": tea.KeySpace,
		"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10,
	}[name]; ok {
		k.Code = code
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}
