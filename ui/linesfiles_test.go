// Tests of ui/lines. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

var monday = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

const (
	jobID      = "6b0000000000000000000001"
	secretPart = "sIgNaTuRe"
)

// ready is an Atlas of which nothing is asked but a download that is ready.
type ready struct{ steps.Atlas }

func (ready) Job(context.Context, state.Cluster, string) (state.Job, error) {
	return state.Job{
		ID: jobID, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903", ExpiresAt: monday.Add(time.Hour),
		Deliveries: []state.Delivery{{URL: state.NewSecret("https://files.example.net:27017/a?" + secretPart)}},
	}, nil
}

func (ready) Snapshot(context.Context, state.Cluster, string) (state.Snapshot, error) {
	return state.Snapshot{}, errors.New("no answer")
}

// preparing is an Atlas that has not made the links yet.
type preparing struct{ ready }

func (p preparing) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	j, err := p.ready.Job(ctx, c, id)
	j.Deliveries = nil
	return j, err
}

// courier fetches one file, in four parts; it stops after the first where stays is set.
type courier struct {
	stays  bool
	broken *fetch.Error // what is wrong with it in the end
	wrong  string       // a directory that is none

	mu     sync.Mutex
	orders []fetch.Order
}

func (c *courier) Room(dir string) fetch.Room {
	if dir == c.wrong {
		return fetch.Room{Free: -1, Err: errors.New(dir + " is a file, and no directory")}
	}
	return fetch.Room{New: true, Free: 12e9}
}

func (c *courier) Fetch(ctx context.Context, o fetch.Order, how fetch.How) (fetch.Result, error) {
	c.mu.Lock()
	c.orders = append(c.orders, o)
	c.mu.Unlock()
	name := o.Files[0].Name
	e := fetch.Event{Kind: fetch.Began, Name: name, Host: "files.example.net", Total: 400, Left: -1}
	how.Tell(e)
	c.mu.Lock()
	broken := c.broken
	c.mu.Unlock()
	e.Kind = fetch.Moved
	for e.Done = 10; e.Done < 400; e.Done += 10 {
		if how.Tell(e); c.stays {
			break
		}
	}
	f := fetch.Fetched{Name: name, State: fetch.Proven, Path: o.Dir + "/" + name, Bytes: 400, Total: 400, Verdict: fetch.Verdict{Proven: true, Words: "7 of 7 tables are sound", SHA256: "ab12"}}
	switch {
	case c.stays:
		<-ctx.Done()
		f.State, f.Path, f.Bytes, f.Verdict, f.Err = fetch.Kept, f.Path+".part", 100, fetch.Verdict{}, &fetch.Error{Problem: fetch.Left, Why: "left at 100 bytes, which are kept"}
	case broken != nil:
		f.State, f.Path, f.Verdict, f.Err = fetch.Aside, f.Path+".damaged", fetch.Verdict{Words: broken.Why}, broken
	}
	if broken != nil && broken.Spent() {
		f.State, f.Path = fetch.Kept, o.Dir+"/"+name+".part"
	}
	e.Kind, e.Done, e.Text, e.Err = fetch.Ended, f.Bytes, f.Verdict.Words, f.Err
	how.Tell(e)
	r := fetch.Result{f}
	return r, r.Err()
}

// heard is what was said so far.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
	told chan struct{}
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Write(b)
	select {
	case h.told <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func (h *heard) wait(t *testing.T, text string) {
	t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(h.String(), text) {
		select {
		case <-h.told:
		case <-late:
			t.Fatalf("%q was never said:\n%s", text, h)
		}
	}
}

// follows has the line face follow a download that is ready: say types a line, and interrupt is ctrl+c.
func follows(t *testing.T, c *courier, change func(*steps.Config, *lines.IO)) (h *heard, say func(string), interrupt chan struct{}, end func() steps.Summary) {
	t.Helper()
	in, typed := io.Pipe()
	t.Cleanup(func() { _ = typed.Close() })
	h, interrupt = &heard{told: make(chan struct{}, 1)}, make(chan struct{})
	cfg := steps.Config{
		Mode: steps.Live, Atlas: ready{}, Journal: &journal.InMemory{}, Now: func() time.Time { return monday }, Zone: time.UTC, Endpoint: "https://cloud.mongodb.com", Fetcher: c, Pace: 1000,
		Resume: &journal.Submission{JobID: jobID, Last: journal.Created, Entry: journal.Entry{
			ProjectID: "65f0c1d2e3a4b5c6d7e8f901", ProjectName: "Payments", ClusterName: "orders-prod", Endpoint: "https://cloud.mongodb.com",
			Body: state.Request{Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903"},
		}},
	}
	d := lines.IO{In: in, Out: h, Interrupt: interrupt, Terminal: true}
	if change != nil {
		change(&cfg, &d)
	}
	done := make(chan steps.Summary, 1)
	go func() { done <- lines.Run(t.Context(), cfg, d) }()
	say = func(line string) { _, _ = io.WriteString(typed, line+"\n") }
	end = func() steps.Summary {
		t.Helper()
		select {
		case s := <-done:
			if strings.Contains(h.String()+s.TextWithoutLinks(), secretPart) {
				t.Errorf("a link is told:\n%s%s", h, s.TextWithoutLinks())
			}
			return s
		case <-time.After(time.Minute):
			t.Fatalf("it does not end:\n%s", h)
			return steps.Summary{}
		}
	}
	return h, say, interrupt, end
}

// A person is asked once the links are there; the files are told at their start, at each quarter and
// at their end, in the words of the command.
func TestFilesAreFetchedLineByLine(t *testing.T) {
	t.Parallel()
	c := &courier{}
	h, say, _, end := follows(t, c, nil)
	h.wait(t, "enter alone does not:")
	for _, want := range []string{"Disk: 12 GB free", "From: files.example.net", "Link: The link works once"} {
		if !strings.Contains(h.String(), want) {
			t.Errorf("%q is not said:\n%s", want, h)
		}
	}
	say("orders")
	h.wait(t, `"orders" is neither y nor a directory: name one like ./orders.`)
	say("/mnt/restore/orders")
	h.wait(t, "Fetching 1 file of orders-prod into /mnt/restore/orders.") // a y is not asked for
	sum := end()
	if sum.Outcome != state.OutcomeDownloaded || sum.ExitCode() != 0 || c.orders[0].Dir != "/mnt/restore/orders" {
		t.Errorf("%s, exit code %d, into %s", sum.Outcome, sum.ExitCode(), c.orders[0].Dir)
	}
	text := h.String()
	for _, want := range []string{": fetching 400 B\n", "(25%)", "(50%)", "(75%)", ": proven: 7 of 7 tables are sound\n", "DOWNLOADED: 1 file, each whole and proven."} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is said %d times:\n%s", want, strings.Count(text, want), text)
		}
	}
}

// A link that is gone is not asked about again. It is asked whether to ask Atlas for another download of the
// same snapshot: enter alone does not, and the command that does is named; y makes one, and goes on with it.
func TestALinkThatIsGoneIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	for word, posts := range map[string]int32{"": 0, "n": 0, "yo": 0, "y": 1} {
		synctest.Test(t, func(t *testing.T) { // whose time is that of the clock, however busy the machine is
			c, a := &courier{broken: &fetch.Error{Problem: fetch.Stale, Status: 410, Why: "files.example.net answered 410 Gone"}}, &renewing{}
			h, say, _, end := follows(t, c, func(cfg *steps.Config, _ *lines.IO) {
				began := time.Now()
				cfg.Atlas, a.now = a, func() time.Time { return monday.Add(100 * time.Since(began)) } // the other job is looked at in turn
				cfg.Now = a.now
				cfg.Resume.Files = &journal.Fetch{Dir: "/mnt/before", Files: []journal.FetchedFile{{State: fetch.Proven}, {State: fetch.Kept}}}
			})
			h.wait(t, "enter alone does not:")
			say("/mnt/restore")
			h.wait(t, "Proven already: 1 of 2 files in /mnt/before. Ask Atlas for another download")
			h.wait(t, "It erases nothing, and takes some minutes. y asks for one, enter alone does not:")
			c.mu.Lock()
			c.broken = nil
			c.mu.Unlock()
			say(word)
			sum := end()
			text := h.String()
			if a.posts.Load() != posts || strings.Contains(text, "Go on with them now?") {
				t.Errorf("%q: %d requests\n%s", word, a.posts.Load(), text)
			}
			if posts == 0 && (len(c.orders) != 1 || sum.Outcome != state.OutcomeExpired || !strings.Contains(text, "No other download was asked for. atlas-restore download "+jobID+" --out /mnt/restore --renew does it later.")) {
				t.Errorf("%q: %s\n%s\n%s", word, sum.Outcome, h, sum.Text())
			}
			if posts == 1 && (len(c.orders) != 2 || c.orders[1].Job != a.id() || c.orders[1].Dir != "/mnt/restore" || sum.Outcome != state.OutcomeDownloaded || sum.Job.ID != a.id() || len(sum.Replaced) != 1) {
				t.Errorf("%s, %+v\n%s", sum.Outcome, c.orders, text)
			}
		})
	}
}

// renewing is an Atlas that makes another download.
type renewing struct {
	ready
	now   func() time.Time
	posts atomic.Int32
	made  atomic.Pointer[string]
}

// id is that of the other job, which tells when it was made.
func (a *renewing) id() string {
	if id := a.made.Load(); id != nil {
		return *id
	}
	return ""
}

func (a *renewing) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	j, err := a.ready.Job(ctx, c, id)
	if j.ID = id; id == a.id() {
		j.Deliveries = []state.Delivery{{URL: state.NewSecret("https://files.example.net:27017/b?" + secretPart)}}
	}
	return j, err
}

func (*renewing) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (*renewing) CollectionJobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (a *renewing) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	a.posts.Add(1)
	id := fmt.Sprintf("%08x%016x", a.now().Unix(), 7)
	a.made.Store(&id)
	return state.Job{ID: id, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: "6925c1d2e3a4b5c6d7e8f903"}, nil
}

// A directory with which something is wrong is told before anything is fetched into it.
func TestADirectoryThatIsWrongIsAskedAbout(t *testing.T) {
	t.Parallel()
	c := &courier{wrong: "/etc/hosts"}
	h, say, _, end := follows(t, c, nil)
	h.wait(t, "enter alone does not:")
	say("/etc/hosts")
	h.wait(t, "Disk: /etc/hosts is a file")
	say("y")
	h.wait(t, "Nothing can be fetched into it. Name another directory.")
	say("/mnt/restore")
	if sum := end(); sum.Outcome != state.OutcomeDownloaded || len(c.orders) != 1 || c.orders[0].Dir != "/mnt/restore" {
		t.Errorf("%s, %+v\n%s", sum.Outcome, c.orders, h)
	}
}

// How fast the files may come is changed by a word while they come.
func TestSpeedIsBoundedByAWord(t *testing.T) {
	t.Parallel()
	c := &courier{stays: true}
	h, say, interrupt, end := follows(t, c, func(cfg *steps.Config, _ *lines.IO) { cfg.Out = "/mnt/restore" })
	h.wait(t, ": fetching 400 B")
	say("slower")
	h.wait(t, "No more than 10 MB/s from now on, all files together.")
	say("s")
	h.wait(t, ", limit 10 MB/s")
	say("faster")
	h.wait(t, "Up to 20 MB/s from now on")
	interrupt <- struct{}{}
	h.wait(t, "Go on with them now?")
	say("")
	if sum := end(); sum.Outcome != state.OutcomeRunning {
		t.Errorf("%s\n%s", sum.Outcome, h)
	}
}

// Enter alone fetches nothing, and the links are there as ever; in a pipe nobody is asked.
func TestNothingIsFetchedUnasked(t *testing.T) {
	t.Parallel()
	for name, piped := range map[string]bool{"enter": false, "a pipe": true} {
		c := &courier{}
		h, say, _, end := follows(t, c, func(_ *steps.Config, d *lines.IO) { d.Terminal = !piped })
		if !piped {
			h.wait(t, "enter alone does not:")
			say("")
		}
		if sum := end(); sum.Outcome != state.OutcomeReady || len(c.orders) > 0 || !strings.Contains(sum.Text(), secretPart) || piped == strings.Contains(h.String(), "enter alone") {
			t.Errorf("%s: %s, %d orders\n%s", name, sum.Outcome, len(c.orders), h)
		}
	}
}

// With --out a run that asks nothing goes on to the files, and ends as they do.
func TestOutGoesOnToTheFiles(t *testing.T) {
	t.Parallel()
	unasked := func(cfg *steps.Config, d *lines.IO) { cfg.Out, d.In, d.Terminal = "/mnt/restore", nil, false }
	for want, broken := range map[state.Outcome]*fetch.Error{
		state.OutcomeDownloaded: nil,
		state.OutcomeFailed:     {Problem: fetch.Damaged, Why: "3 of 7 tables are sound; shop.orders is damaged"},
		state.OutcomeUnknown:    {Problem: fetch.Unproven, Why: "3 of 7 tables are sound; the others are encrypted"},
		state.OutcomeExpired:    {Problem: fetch.Stale, Why: "the link is used up"},
		state.OutcomeError:      {Problem: fetch.Unreachable, Why: "no connection"},
	} {
		c := &courier{broken: broken}
		_, _, _, end := follows(t, c, unasked)
		sum := end()
		if len(c.orders) != 1 || c.orders[0].Dir != "/mnt/restore" || sum.Outcome != want || sum.ExitCode() != want.ExitCode() {
			t.Errorf("%s: the outcome is %s, %d orders", want, sum.Outcome, len(c.orders))
		}
		if r := sum.Result(); len(r.Files) != 1 || (r.Error == nil) != (broken == nil) || r.Job == nil || r.Job.ID != jobID || broken != nil && r.Error.Detail == "" {
			t.Errorf("%s: %+v", want, r)
		}
		if text := sum.Text(); strings.Contains(text, secretPart) || len(sum.Result().Deliveries) > 0 {
			t.Errorf("%s: a link is told, and files were asked for:\n%s", want, text)
		}
		if broken != nil && !strings.Contains(sum.Text(), broken.Why) {
			t.Errorf("%s: what is wrong is not told:\n%s", want, sum.Text())
		}
	}
	c := &courier{stays: true}
	h, _, interrupt, end := follows(t, c, unasked)
	h.wait(t, ": fetching 400 B")
	interrupt <- struct{}{}
	if sum := end(); sum.Outcome != state.OutcomeRunning || !strings.Contains(h.String(), "what is there is being kept") || !strings.Contains(sum.Text(), "To go on: atlas-restore download "+jobID+" --out /mnt/restore") {
		t.Errorf("%s\n%s\n%s", sum.Outcome, h, sum.Text())
	}
}

// Where files were asked for in a pipe no link is shown, neither while they come nor where nothing fetches them:
// the command that does is named.
func TestNoLinkWhereFilesWereAskedFor(t *testing.T) {
	t.Parallel()
	for _, unasked := range []bool{false, true} {
		h, _, _, end := follows(t, nil, func(cfg *steps.Config, d *lines.IO) {
			cfg.Out, cfg.Fetcher, d.Terminal = "/mnt/restore", nil, false
			if unasked {
				d.In = nil
			}
		})
		if sum := end(); strings.Contains(h.String()+sum.Text(), secretPart) || len(sum.Result().Deliveries) > 0 || !strings.Contains(sum.Text(), "To fetch the files: atlas-restore download "+jobID+" --out /mnt/restore") {
			t.Errorf("%s\n%s", h, sum.Text())
		}
	}
}

// What a restore is for is said by a word while its job is followed, or not at all: nobody is kept
// waiting by it, and enter alone leaves a line empty.
func TestWhatARestoreIsForIsSaidByAWord(t *testing.T) {
	t.Parallel()
	h, say, _, end := follows(t, nil, func(cfg *steps.Config, _ *lines.IO) {
		cfg.Fetcher, cfg.Mode = nil, steps.Training // whose links end with it: it waits
		cfg.Atlas = preparing{}                     // a link that has come is shown, since nothing fetches its file
		cfg.Resume.Endpoint = "https://cloud.mongodb.com"
	})
	h.wait(t, "Record: ticket writes down a ticket and a purpose; both may stay empty.")
	say("ticket")
	h.wait(t, "Ticket or incident, enter alone for none:")
	say("OPS-7")
	h.wait(t, "Purpose, enter alone for none:")
	say("")
	h.wait(t, "Record: OPS-7, no purpose; ticket changes it.")
	say("q")
	h.wait(t, "q again leaves")
	say("q")
	if sum := end(); sum.Said.Ticket != "OPS-7" || sum.Said.Purpose != "" {
		t.Errorf("%+v", sum.Said)
	}
}
