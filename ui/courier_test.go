package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// courier is a fetcher that does as a test says.
type courier struct {
	room   fetch.Room
	events chan fetch.Event // what happens; closed: all is proven
	result func() fetch.Result
	orders []fetch.Order
	tight  bool
	limit  *fetch.Limit
	whole  bool // no ranges are offered
}

func (c *courier) Room(string) fetch.Room { return c.room }

func (c *courier) Fetch(ctx context.Context, o fetch.Order, how fetch.How) (fetch.Result, error) {
	c.orders, c.tight, c.limit = append(c.orders, o), how.Tight, how.Limit
	for {
		select {
		case e, ok := <-c.events:
			if !ok {
				r := c.result()
				return r, r.Err()
			}
			how.Tell(e)
		case <-ctx.Done():
			r := fetch.Result{}
			for i, f := range o.Files {
				left := &fetch.Error{Problem: fetch.Left, Why: "left at 300 bytes, which are kept", Cause: ctx.Err()}
				r = append(r, fetch.Fetched{Name: f.Name, ReplicaSet: f.ReplicaSet, State: fetch.Kept, Path: o.Dir + "/" + f.Name + ".part", Bytes: 300, Total: 1000, NoRanges: c.whole, Err: left})
				how.Tell(fetch.Event{Kind: fetch.Ended, Index: i, Name: f.Name, Done: 300, Total: 1000, Left: -1, NoRanges: c.whole, Err: left})
			}
			return r, r.Err()
		}
	}
}

// sizeless is an Atlas that does not tell how large a snapshot is.
type sizeless struct{ fixedAtlas }

func (sizeless) Snapshot(context.Context, state.Cluster, string) (state.Snapshot, error) {
	return state.Snapshot{}, errors.New("no answer")
}

const secretPart = "sIgNaTuRe"

// readyJob is a root on the page of a download that is ready, with two files.
func readyJob(t *testing.T, c *courier, change func(*steps.Config)) (*Root, *jobPage) {
	t.Helper()
	now := benchNow
	cfg := steps.Config{
		Mode: steps.Live, Atlas: sizeless{}, Journal: &journal.InMemory{}, Now: func() time.Time { return now }, Zone: time.UTC, Endpoint: "https://cloud.mongodb.com", Fetcher: c,
		Resume: &journal.Submission{JobID: "6b0000000000000000000001", Last: journal.Created, Entry: journal.Entry{
			ProjectID: "65f0c1d2e3a4b5c6d7e8f901", ProjectName: "Payments", ClusterName: "orders-prod", ReplicaSets: []string{"shard-0", "shard-1"}, Endpoint: "https://cloud.mongodb.com",
			Body: state.Request{Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903"},
		}},
	}
	if change != nil {
		change(&cfg)
	}
	r := New(t.Context(), cfg)
	r.enter()
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	p, ok := r.page().(*jobPage)
	if !ok {
		t.Fatalf("on step %d", r.step())
	}
	job := state.Job{ID: "6b0000000000000000000001", Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903", ExpiresAt: now.Add(time.Hour)}
	for _, set := range []string{"shard-0", "shard-1"} {
		job.Deliveries = append(job.Deliveries, state.Delivery{ReplicaSet: set, URL: state.NewSecret("https://files.example.net:27017/" + set + "?" + secretPart)})
	}
	p.ask(false)
	r.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
	return r, p
}

// pump runs commands, and the messages that they make, until done says so.
type pump struct {
	t    *testing.T
	r    *Root
	msgs chan tea.Msg
}

func (m *pump) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				m.run(c)
			}
		default:
			select {
			case m.msgs <- msg:
			case <-m.t.Context().Done():
			}
		}
	}()
}

func (m *pump) press(k tea.KeyPressMsg) {
	_, cmd := m.r.Update(k)
	m.run(cmd)
}

func (m *pump) until(what string, done func() bool) {
	m.t.Helper()
	late := time.After(time.Minute)
	for !done() {
		select {
		case msg := <-m.msgs:
			_, cmd := m.r.Update(msg)
			m.run(cmd)
		case <-late:
			m.t.Fatalf("never %s:\n%s", what, m.r.View().Content)
		}
	}
}

func (m *pump) shows(text string) {
	m.t.Helper()
	m.until("shown: "+text, func() bool { return strings.Contains(m.screen(), text) })
}

func (m *pump) screen() string { return ansi.Strip(m.r.View().Content) }

func firstBytes(i int, done, total int64) fetch.Event {
	return fetch.Event{Kind: fetch.Began, Index: i, Name: "f", Host: "files.example.net", Done: done, Total: total, Left: -1}
}

var dKey, escKey = tea.KeyPressMsg{Code: 'd', Text: "d"}, tea.KeyPressMsg{Code: tea.KeyEscape}
