package ui

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// renewing is an Atlas with a download whose links are over, and that makes another one.
type renewing struct {
	sizeless
	posts atomic.Int32
}

// otherJob is its id, which tells when it was made.
var otherJob = fmt.Sprintf("%08x%016x", benchNow.Unix(), 7)

func (a *renewing) Job(_ context.Context, _ state.Cluster, id string) (state.Job, error) {
	return state.Job{ID: id, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903", Expired: true, ExpiresAt: benchNow.Add(-time.Minute)}, nil
}

func (*renewing) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (*renewing) CollectionJobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (a *renewing) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	a.posts.Add(1)
	return state.Job{ID: otherJob, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903"}, nil
}

// Where the links of a download are over, a asks by a plain question for another one of the same
// snapshot: only y makes one, and once. Its page is that of the other job then, which goes on by itself in
// the same directory once its links are there.
func TestAnotherDownloadIsAskedForOnThePage(t *testing.T) {
	c, a := &courier{room: fetch.Room{Free: 12e9}, events: make(chan fetch.Event)}, &renewing{}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out, cfg.Atlas = "/mnt/restore", a })
	m := &pump{t, r, make(chan tea.Msg)}
	key := func(k rune) { m.press(tea.KeyPressMsg{Code: k, Text: string(k)}) }
	if key('a'); p.fetch.renew {
		t.Fatalf("it is offered while the links are good:\n%s", m.screen())
	}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	c.events <- firstBytes(0, 300, 1000)
	gone := &fetch.Error{Problem: fetch.Stale, Status: 410, Why: "files.example.net answered 410 Gone: the link is used up or over"}
	c.result = func() fetch.Result {
		return fetch.Result{{Name: "a", ReplicaSet: "shard-0", State: fetch.Kept, Path: "/mnt/restore/a.part", Bytes: 300, Total: 1000, Err: gone}, {Name: "b", ReplicaSet: "shard-1", State: fetch.Untouched, Total: -1, Err: gone}}
	}
	close(c.events)
	m.shows("a asks for another download")
	for _, w := range []int{60, 80, 120} {
		r.Update(tea.WindowSizeMsg{Width: w, Height: 24})
		lines := strings.Split(strings.TrimSpace(m.screen()), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "a download again") || !strings.Contains(last, "n another restore") {
			t.Errorf("at %d columns the keys are not told apart: %s", w, last)
		}
	}
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	for _, k := range []rune{'n', 'q', 'a'} {
		key('a')
		if !strings.Contains(strings.Join(strings.Fields(m.screen()), " "), "y asks for one, any other key does not.") {
			t.Fatalf("it is not asked:\n%s", m.screen())
		}
		key(k)
	}
	if n := a.posts.Load(); n != 0 || p.job.Fetch.Asks {
		t.Fatalf("%d requests without a yes", n)
	}
	key('a')
	key('y')
	for _, k := range []rune{'y', 'a', 'y'} { // of somebody who is in a hurry
		key(k)
	}
	m.until("the other job is followed", func() bool { return p.job.Job.ID == otherJob })
	key('a')
	key('y')
	m.shows("They are fetched into /mnt/restore; what is")
	if n := a.posts.Load(); n != 1 || p.job.Fetch.Asks || r.Summary().Job.ID != otherJob || len(r.Summary().Replaced) != 1 {
		t.Fatalf("%d requests for one yes, %+v", n, p.job.Fetch)
	}
	job := state.Job{ID: otherJob, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903", ExpiresAt: benchNow.Add(time.Hour)}
	for _, set := range []string{"shard-0", "shard-1"} {
		job.Deliveries = append(job.Deliveries, state.Delivery{ReplicaSet: set, URL: state.NewSecret("https://files.example.net:27017/new/" + set + "?" + secretPart)})
	}
	c.events = make(chan fetch.Event)
	p.ask(false)
	_, cmd := r.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
	m.run(cmd)
	c.events <- firstBytes(0, 300, 1000) // it goes on by itself
	if got := c.orders[len(c.orders)-1]; len(c.orders) != 2 || got.Dir != "/mnt/restore" || got.Job != otherJob {
		t.Errorf("%+v", c.orders)
	}
	m.shows("fetching 30 %")
	p.settle()
}

// The question names the directory in which a file was proven already, and its keys, in every window.
func TestAnotherDownloadNamesWhatWasProven(t *testing.T) {
	c := &courier{room: fetch.Room{Free: 12e9}, events: make(chan fetch.Event)}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out, cfg.Atlas = "/mnt/restore", &renewing{} })
	m := &pump{t, r, make(chan tea.Msg)}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	c.events <- firstBytes(0, 300, 1000)
	c.result = func() fetch.Result {
		return fetch.Result{
			{Name: "a", ReplicaSet: "shard-0", State: fetch.Proven, Path: "/mnt/restore/a", Bytes: 1000, Total: 1000, Verdict: fetch.Verdict{Proven: true}},
			{Name: "b", ReplicaSet: "shard-1", State: fetch.Untouched, Total: -1, Err: &fetch.Error{Problem: fetch.Stale, Status: 410, Why: "the link is used up or over"}},
		}
	}
	close(c.events)
	m.shows("a asks for another download")
	m.press(tea.KeyPressMsg{Code: 'a', Text: "a"})
	for _, size := range []tea.WindowSizeMsg{{Width: 60, Height: 16}, {Width: 80, Height: 24}, {Width: 120, Height: 30}} {
		r.Update(size)
		text := strings.Join(strings.Fields(m.screen()), " ")
		if !strings.Contains(text, "Proven already: 1 of 2 files in /mnt/restore. Ask Atlas for another download") || !strings.Contains(text, "y asks for one, any other key does not.") {
			t.Errorf("at %d x %d:\n%s", size.Width, size.Height, m.screen())
		}
	}
	p.settle()
}

// Whoever leaves while it is asked for is told that it is not known.
func TestAnotherDownloadThatIsLeftIsNotKnown(t *testing.T) {
	c, a := &courier{room: fetch.Room{Free: 12e9}}, &renewing{}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Atlas = a })
	job := p.job.Job
	job.Expired, job.ExpiresAt = true, benchNow.Add(-time.Minute)
	p.ask(false)
	r.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
	p.key(tea.KeyPressMsg{Code: 'a', Text: "a"})
	p.key(tea.KeyPressMsg{Code: 'y', Text: "y"}) // its command never runs
	sum := r.Summary()
	if text := strings.Join(r.run.Left(), " "); !p.job.Fetch.Asks || sum.Outcome != state.OutcomeUnknown || sum.ExitCode() != 6 || !strings.Contains(sum.Text(), "is not known") || !strings.Contains(text, "download "+job.ID+" --renew") {
		t.Errorf("%s\n%s\n%s", sum.Outcome, sum.Text(), text)
	}
}
