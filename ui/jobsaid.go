package ui

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state/record"
	"atlas-restore/ui/steps"
)

// jobSaid asks on a job's page what the restore is for: while Atlas works, so that nobody waits for it.
type jobSaid struct {
	asks  bool
	typed [2]textinput.Model // the ticket, and the purpose
	at    int                // of them
}

// asksSaid begins to ask. A job of somebody else has no record here.
func (p *jobPage) askSaid() {
	if p.job.Said == nil || p.job.Foreign {
		return
	}
	p.said.asks, p.said.at, p.link = true, 0, 0
	for i, value := range []string{p.job.Said.Ticket, p.job.Said.Purpose} {
		in := newInput()
		in.CharLimit = record.MaxWords
		in.SetValue(value)
		p.said.typed[i] = in
	}
	p.said.typed[0].Focus()
}

// saidKey are the keys while it is asked.
func (p *jobPage) saidKey(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case keyBack().has(k):
			p.said.asks = false
			return nil
		case k.String() == "enter" && p.said.at == 1:
			if err := p.job.Said.Answer(p.said.typed[0].Value(), p.said.typed[1].Value()); err != nil {
				p.told = "Not written down: " + err.Error() + "."
				return nil
			}
			p.said.asks = false
			if p.told = "It will be in the record."; p.job.Recorded("t") == "" {
				p.told = "The record has no ticket and no purpose. t writes them down later."
			}
			return nil
		case k.String() == "enter", k.String() == "tab", k.String() == "shift+tab", keyUp().has(k), keyDown().has(k):
			p.said.typed[p.said.at].Blur()
			p.said.at = 1 - p.said.at
			p.said.typed[p.said.at].Focus()
			return nil
		}
	}
	p.told = ""
	var cmd tea.Cmd
	p.said.typed[p.said.at], cmd = p.said.typed[p.said.at].Update(msg)
	return cmd
}

// saidLines are the two questions; at is the line in which is typed.
func (p *jobPage) saidLines(s styles, w int) (out []string, at int) {
	out = append(out, s.title.Render(ansi.Truncate("For the record of this restore. Both may stay empty.", w, s.marks.more)))
	for i, name := range []string{steps.AsksTicket, steps.AsksPurpose} {
		mark, style := "  ", s.dim
		if i == p.said.at {
			mark, style, at = s.accent.Render(s.marks.prompt)+" ", s.name, len(out)
		}
		p.said.typed[i].SetWidth(max(1, w-leadOfSaid-1))
		out = append(out, mark+style.Render(fmt.Sprintf("%-*s", leadOfSaid-2, name))+p.said.typed[i].View())
	}
	return out, at
}

// leadOfSaid is the cells before what is typed.
const leadOfSaid = 21

// keysOfSaid are those while it is asked.
func (p *jobPage) keysOfSaid() []action {
	next := act("enter", "the purpose", "enter")
	if p.said.at == 1 {
		next = act("enter", "write it down", "enter")
	}
	return []action{next, act("tab", "the other line", "tab", "shift+tab", "up", "down").moving(), act("esc", "not now", "esc")}
}

// saidClause says that it can be said, or what was.
func (p *jobPage) saidClause(s styles, w int) []string {
	text := p.job.Recorded("t")
	if text == "" {
		return nil
	}
	return hanging(s.dim.Render(fmt.Sprintf("%-*s", lead, steps.LeadRecord)), lead, s.dim, text, w)
}
