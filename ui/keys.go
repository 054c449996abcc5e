package ui

import "atlas-restore/ui/steps"

// The keys that mean the same on every page.
func keyChoose() action { return act("enter", "choose", "enter") }
func keyTurn() action   { return act("tab", "projects only", "tab") }
func keyBack() action   { return act("esc", "back", "esc") }
func keyReload() action { return act("ctrl+r", "load again", "ctrl+r") }
func keyLeave() action  { return act("ctrl+c", "leave", "ctrl+c", "ctrl+\\") }
func keyHelp() action   { return act("?", "help", "?", "f1") }
func keySame() action   { return act("f2", "as curl, Atlas CLI, Go", "f2") }
func keySave() action   { return act("ctrl+s", "save the plan", "ctrl+s") }
func keyUp() action     { return act("↑", "up", "up").moving() }
func keyDown() action   { return act("↓", "down", "down").moving() }

// keyWhen goes aside to find out when something was lost.
func keyWhen() action {
	o := steps.WhenOther()
	return act(o.Key, o.Help, o.Key)
}

// keyPalette opens what lists all actions of a page by name.
func keyPalette() action { return act("ctrl+p", "actions", "ctrl+p") }

// moves are the keys that move through a list or a text.
func moves() []action {
	return []action{
		keyUp().aside(), keyDown().aside(),
		act("pgup pgdn", "a page up, down", "pgup", "pgdown").moving().aside(), act("home end", "to the first, last", "home", "end").moving().aside(),
	}
}
