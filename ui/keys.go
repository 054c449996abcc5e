package ui

import "charm.land/bubbles/v2/key"

// The keys, one binding for one meaning on every page. They are functions, not
// variables, so that no page can change another's.
func keyChoose() key.Binding { return bind("enter", "choose", "enter") }
func keyBack() key.Binding   { return bind("esc", "back", "esc") }
func keyReload() key.Binding { return bind("ctrl+r", "reload", "ctrl+r") }
func keyLeave() key.Binding  { return bind("ctrl+c", "leave", "ctrl+c", "ctrl+\\") }
func keyHelp() key.Binding   { return bind("?", "help", "?", "f1") }
func keySame() key.Binding   { return bind("f2", "the same elsewhere", "f2") }
func keyScroll() key.Binding { return bind("pgdn", "read on", "pgup", "pgdown") }
func keyUp() key.Binding     { return bind("↑", "up", "up") }
func keyDown() key.Binding   { return bind("↓", "down", "down") }

func bind(shown, help string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
}
