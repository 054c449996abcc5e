package ui

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/filter"
)

// palette lists what can be done on the page below it, by name, and filters while one
// types. Choosing an action presses its key.
type paletteView struct {
	open  bool
	typed string
	at    int
	moved bool // the last key has moved the highlight
	here  int  // the line of the highlighted action in the last View
	all   []action
}

// show opens the palette over the actions of a page, the main one first.
func (p *paletteView) show(all []action) {
	*p = paletteView{open: true}
	for _, a := range all {
		if len(a.keys) > 0 && !a.moves && a.off == "" && (a.keys[0] != "enter" || !a.apart) && a.shown != keyPalette().shown {
			p.all = append(p.all, a)
		}
	}
}

// matching are the actions that were meant by what was typed: by their names, or their keys.
func (p *paletteView) matching() []action {
	texts := make([]filter.Text, len(p.all))
	for i, a := range p.all {
		texts[i] = filter.Of(a.name, a.shown, a.shown)
	}
	var out []action
	for _, i := range filter.Rows(texts, p.typed) {
		out = append(out, p.all[i])
	}
	return out
}

// key handles one key; the action is the one that was chosen, if any. Any key closes the
// palette that neither filters nor moves.
func (p *paletteView) key(k tea.KeyPressMsg) (chosen *action) {
	shown := p.matching()
	p.moved = k.String() == "up" || k.String() == "down"
	switch {
	case k.String() == "up":
		p.at = max(0, p.at-1)
	case k.String() == "down":
		p.at = min(max(0, len(shown)-1), p.at+1)
	case k.String() == "backspace":
		if r := []rune(p.typed); len(r) > 0 {
			p.typed, p.at = string(r[:len(r)-1]), 0
		}
	case k.String() == "enter":
		if p.at < len(shown) {
			chosen = &shown[p.at]
			*p = paletteView{}
		}
	case k.Text != "":
		p.typed, p.at = p.typed+k.Text, 0
	default:
		*p = paletteView{}
	}
	return chosen
}

// keys are the palette's own.
func (p *paletteView) keys() []action {
	return []action{act("enter", "do it"), act("↑↓", "choose"), act("type", "to filter"), act("esc", "close")}
}

// view draws the filter and the actions that match, with their keys on the right.
func (p *paletteView) view(s styles, w, h int) string {
	w = min(w, 64)
	shown := p.matching()
	lines := []string{spread(s.accent.Render(s.marks.prompt)+" "+cmp.Or(p.typed, s.dim.Render("type what you want to do")), s.dim.Render(fmt.Sprintf("%d of %d shown", len(shown), len(p.all))), w)}
	room := max(1, h-len(lines))
	top := min(max(0, p.at-room/2), max(0, len(shown)-room))
	for i := top; i < min(len(shown), top+room); i++ {
		line := ansi.Truncate(spread(shown[i].name, shown[i].shown, w-2), w-2, s.marks.more)
		if i == p.at {
			p.here = len(lines)
			lines = append(lines, s.selected.Render(s.marks.here+" "+line))
		} else {
			lines = append(lines, "  "+line)
		}
	}
	if len(shown) == 0 {
		lines = append(lines, s.dim.Render("  Nothing on this page is called that. Backspace takes a letter back."))
	}
	return strings.Join(lines, "\n")
}

// cursor is where the palette is typed in, or on the highlighted action while nothing is typed.
func (p *paletteView) cursor() *tea.Cursor {
	if len(p.matching()) > 0 && (p.moved || p.typed == "") {
		return tea.NewCursor(rowMark, p.here)
	}
	return tea.NewCursor(2+ansi.StringWidth(p.typed), 0)
}
