package forms

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

const (
	payments = "65f0c1d2e3a4b5c6d7e8f901"
	staging  = "65f0c1d2e3a4b5c6d7e8f902"
	unknown  = "65f0c1d2e3a4b5c6d7e8f90f"
	snapshot = "65f0c1d2e3a4b5c6d7e8f9aa"
)

var now = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

func cluster(name string) state.Cluster {
	return state.Cluster{
		ID: "id-" + name, Name: name, Type: state.ReplicaSet, State: "IDLE", BackupEnabled: true, PITEnabled: true,
		MongoDBVersion: "8.0.29", Shards: 1, InstanceSize: "M30", Provider: "AWS", DiskSizeGB: 60,
	}
}

func paused(name string) state.Cluster {
	c := cluster(name)
	c.Paused = true
	return c
}

// ours are the clusters of Payments; orders-prod is the source.
func ours() []state.Cluster {
	return []state.Cluster{paused("alpha"), cluster("orders-prod"), cluster("orders-stg"), cluster("orders-restore"), cluster("zeta")}
}

func plan(d state.DeliveryType) state.Plan {
	return state.Plan{
		Project:  state.Project{ID: payments, Name: "Payments", ClusterCount: 5},
		Cluster:  cluster("orders-prod"),
		Snapshot: state.Snapshot{ID: snapshot, Status: "completed", MongoDBVersion: "8.0.29"},
		Delivery: d,
	}
}

func options(p state.Plan) Options {
	return Options{
		Plan: p, Now: func() time.Time { return now }, Zone: time.FixedZone("CET", 3600),
		Reach: state.Reach{Window: state.Window{From: now.AddDate(0, 0, -7), Until: now}},
		Projects: []state.Project{
			{ID: "65f0c1d2e3a4b5c6d7e8f903", Name: "Analytics"},
			{ID: payments, Name: "Payments", ClusterCount: 5},
			{ID: staging, Name: "Payments Staging"},
		},
	}
}

// newForm is a form with the focus on its first field.
func newForm(d state.DeliveryType) *Form {
	f := New(options(plan(d)))
	f.Init()
	f.SetClusters(payments, ours(), nil)
	send(f, "<back>")
	return f
}

// send gives the form keys: a word in <> is a key, the rest is typed.
func send(f *Form, script string) {
	for script != "" {
		if strings.HasPrefix(script, "<") {
			name, rest, _ := strings.Cut(script[1:], ">")
			script = rest
			f.Update(press(name))
			continue
		}
		r := []rune(script)[0]
		script = script[len(string(r)):]
		typeRune(f, r)
	}
}

// typeRune types one character, whichever: of those that a fuzzer makes, some look like send's
// names of keys.
func typeRune(f *Form, r rune) { f.Update(tea.KeyPressMsg{Code: r, Text: string(r)}) }

func press(name string) tea.KeyPressMsg {
	switch name {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "tab":
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case "back":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "left":
		return tea.KeyPressMsg{Code: tea.KeyLeft}
	case "right":
		return tea.KeyPressMsg{Code: tea.KeyRight}
	case "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case "bs":
		return tea.KeyPressMsg{Code: tea.KeyBackspace}
	case "clear":
		return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
	case "home":
		return tea.KeyPressMsg{Code: tea.KeyHome}
	case "end":
		return tea.KeyPressMsg{Code: tea.KeyEnd}
	case "pgup":
		return tea.KeyPressMsg{Code: tea.KeyPgUp}
	case "pgdown":
		return tea.KeyPressMsg{Code: tea.KeyPgDown}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	}
	panic("no such key: " + name)
}

func paste(f *Form, s string) { f.Update(tea.PasteMsg{Content: s}) }

func view(f *Form) string { return ansi.Strip(f.View()) }
