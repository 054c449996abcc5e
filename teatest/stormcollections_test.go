package teatest_test

import (
	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
)

// What the pages of single collections ask.
const askNames = "which databases and collections"

// askSingles begin the confirmation of single collections: of what erases nothing, of what
// overwrites, and of that in a narrow window.
var askSingles = []string{"To restore ", "To overwrite ", "Type: "}

// onCollections is a storm over the pages of single collections: each run begins there.
func onCollections(s *storm) tempest {
	s.singles = true
	return onScreen(s)
}

// givenSingles lead to the page of the names, of a snapshot or of a moment.
func (s *storm) givenSingles() state.Given {
	g := state.Given{Project: "Payments", Cluster: oneOf(s, "orders-prod", "orders-prod", "orders-prod-restore"), Delivery: string(state.Collections)}
	if g.Snapshot = state.Latest; s.chance(40) {
		g.Snapshot, g.At = "", oneOf(s, "40m", "2026-11-23T10:00:00Z", "1d")
	}
	if s.chance(30) {
		g.TargetProject, g.TargetCluster = "Payments", oneOf(s, g.Cluster, "orders-prod-restore")
	}
	if g.Check() != nil {
		s.fail("no run begins with %+v: %v", g, g.Check())
	}
	return g
}

// chooseNames does on the page of the names what it is for.
func (s *screenStorm) chooseNames() {
	press := func(code rune) { s.press(tea.KeyPressMsg{Code: code}) }
	switch s.dice.IntN(10) {
	case 0:
		s.note("how it is written")
		press(oneOf(s.storm, tea.KeyF6, tea.KeyF7))
	case 1, 2:
		name := oneOf(s.storm, "shop.orders_back", "shop", "_old", "", "a b", oneOf(s.storm, garbage...))
		s.note("a new name, %.60q", name)
		press(oneOf(s.storm, tea.KeyF8, tea.KeyF9))
		s.press(clearKey)
		s.typeText(name)
		press(tea.KeyEnter)
		if s.chance(50) {
			press(tea.KeyEscape)
		}
	case 3:
		s.note("opens and closes")
		press(oneOf(s.storm, tea.KeyRight, tea.KeyLeft))
	case 4:
		s.note("filters")
		s.typeText(oneOf(s.storm, "shop.", "orders", "audit", "shop.nothing", s.word()))
	case 5, 6:
		s.note("marks")
		for range 1 + s.dice.IntN(3) {
			press(tea.KeyDown)
		}
		s.press(letters(" ")[0])
	default:
		s.note("goes on from the names")
		press(tea.KeyDown)
		press(tea.KeyEnter)
	}
}
