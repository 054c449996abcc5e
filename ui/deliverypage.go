package ui

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
)

// deliveryPage asks how the data is to be delivered. The harmless type comes first,
// so that Enter pressed once too often overwrites nothing.
type deliveryPage struct {
	plan  state.Plan
	types []state.DeliveryType
	pick  *picker
}

func newDeliveryPage(plan state.Plan) page {
	p := &deliveryPage{plan: plan, types: state.DeliveryTypes(), pick: newPicker("delivery type", "", column{}, column{rank: 1})}
	p.pick.bare = true
	return p
}

// Init implements page.
func (p *deliveryPage) Init(context.Context) tea.Cmd {
	rows := make([]row, len(p.types))
	for i, d := range p.types {
		rows[i] = row{id: string(d), name: string(d), cells: []string{string(d), deliveryWords(d)}}
		if err := p.plan.Cluster.Offers(d); err != nil {
			rows[i].barred = err.Error()
			rows[i].cells[1] = ""
		}
	}
	return p.pick.setRows(rows, string(p.plan.Delivery))
}

func deliveryWords(d state.DeliveryType) string {
	switch d {
	case state.Download:
		return "get the data as .tar.gz; overwrites nothing"
	case state.Automated:
		return "the snapshot onto a cluster, erasing it"
	case state.PointInTime:
		return "a moment onto a cluster, erasing it"
	}
	return ""
}

// Update implements page.
func (p *deliveryPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && key.Matches(k, keyBack()) {
		return back{}, nil
	}
	chosen, cmd := p.pick.update(msg)
	if chosen < 0 {
		return nil, cmd
	}
	return deliveryChosen{p.types[chosen]}, cmd
}

// View implements page.
func (p *deliveryPage) View(s styles, w, h int) string { return p.pick.view(s, w, h) }

// Cursor implements page.
func (p *deliveryPage) Cursor() *tea.Cursor { return nil }

// Meaning implements page.
func (p *deliveryPage) Meaning() said {
	i, ok := p.pick.current()
	if !ok {
		return said{text: "Choose how the data is delivered."}
	}
	if why := p.pick.why(i); why != "" {
		return said{why, true}
	}
	return said{text: deliveryMeaning(p.types[i])}
}

func deliveryMeaning(d state.DeliveryType) string {
	switch d {
	case state.Automated:
		return "The snapshot replaces all data of a cluster that you choose next; that cluster is down meanwhile."
	case state.PointInTime:
		return "A cluster that you choose next gets the data of one second, and loses all that it holds. The snapshot is not used."
	default:
		return "Links to the raw data files, one per replica set; each works once, for an hour. No cluster is touched."
	}
}

// Keys implements page.
func (p *deliveryPage) Keys() []key.Binding { return []key.Binding{keyChoose(), keyBack()} }
