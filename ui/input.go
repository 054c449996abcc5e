package ui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
)

// newInput is a line to type into, with the terminal's own cursor: no timer blinks it.
func newInput() textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	in.SetWidth(200)
	in.KeyMap.Paste = key.NewBinding(key.WithDisabled())             // it would run the system's clipboard program
	in.KeyMap.DeleteWordForward = key.NewBinding(key.WithDisabled()) // it panics where only blanks follow
	return in
}
