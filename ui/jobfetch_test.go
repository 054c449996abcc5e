package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

// d asks once where the files are to go, and shows what is known of the place, then a row each file
// with what is true of it; a length that nobody knows is told. Used links are told as used.
func TestFilesAreFetchedOnTheJobPage(t *testing.T) {
	c := &courier{room: fetch.Room{New: true, Free: 12e9}, events: make(chan fetch.Event)}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out = "/mnt/restore" })
	m := &pump{t, r, make(chan tea.Msg)}
	if !strings.Contains(m.screen(), "d fetch") {
		t.Fatalf("it is not offered:\n%s", m.screen())
	}
	help := func() string { return strings.Join(strings.Fields(strings.Join(r.helpLines(80), " ")), " ") }
	const can, key, told = "the files can be fetched until the links expire", "d, once the links are there, fetches", "nothing is left to fetch"
	if s := help(); !strings.Contains(s, can) || !strings.Contains(s, key) || strings.Contains(s, told) {
		t.Errorf("the help does not say how the files are fetched:\n%s", s)
	}
	m.press(dKey)
	m.shows("12 GB free")
	for _, want := range []string{"› /mnt/restore", "/mnt/restore, a new directory", "files.example.net", "Each link works once, for 1 h more"} {
		if !strings.Contains(m.screen(), want) {
			t.Errorf("%q is not shown:\n%s", want, m.screen())
		}
	}
	if len(c.orders) > 0 {
		t.Error("it is fetched before it was said where to")
	}
	m.press(enterKey)
	m.shows("FETCHING")
	c.events <- firstBytes(0, 0, 1000)
	m.shows("fetching 0 %")
	c.events <- firstBytes(1, 400, -1)
	m.shows("400 B of ?")
	if s := m.screen(); !strings.Contains(s, "shard-0") || !strings.Contains(s, "From files.example.net.") || p.use[1] != steps.Used {
		t.Errorf("%s\nuse %v", s, p.use)
	}
	c.events <- fetch.Event{Kind: fetch.Again, Index: 1, Done: 400, Total: -1, Left: -1, Try: 2, Of: 8, Err: &fetch.Error{Problem: fetch.Cut, Why: "the connection ended at 400 bytes"}}
	m.shows("! try 2 of 8")
	m.press(tea.KeyPressMsg{Code: tea.KeyDown})
	m.shows("the connection ended at 400 bytes.")
	c.result = func() fetch.Result {
		ok := fetch.Verdict{Proven: true, Words: "7 of 7 tables are sound", SHA256: "ab12"}
		return fetch.Result{{Name: "a", ReplicaSet: "shard-0", State: fetch.Proven, Path: "/mnt/restore/a", Bytes: 1000, Total: 1000, Verdict: ok}, {Name: "b", ReplicaSet: "shard-1", State: fetch.Proven, Path: "/mnt/restore/b", Bytes: 400, Total: 400, Verdict: ok}}
	}
	for i, n := range []int64{1000, 400} {
		c.events <- fetch.Event{Kind: fetch.Ended, Index: i, Done: n, Total: n, Left: -1, Text: "7 of 7 tables are sound"}
	}
	close(c.events)
	m.shows("DOWNLOADED")
	m.shows("7 of 7 tables are sound.")
	const ends = "Not proven: that a mongod starts, that documents and indexes are right."
	if s := strings.Join(strings.Fields(m.screen()), " "); !strings.Contains(s, ends) || !strings.Contains(r.Summary().Text(), ends) {
		t.Errorf("it is not said where the proof ends:\n%s\n%s", m.screen(), r.Summary().Text())
	}
	if s := m.screen(); strings.Contains(s, "works once") || strings.Contains(s, "d fetch") {
		t.Errorf("a link that is used up is offered:\n%s", s)
	}
	if s := help(); strings.Contains(s, can) || strings.Contains(s, key) || strings.Contains(s, "a, where the links are over") || !strings.Contains(s, told) {
		t.Errorf("the help names what cannot be done any more:\n%s", s)
	}
	if r.part() == nil {
		t.Error("it asks whether to leave although nothing lives")
	}
	sum := r.Summary()
	if sum.Outcome != state.OutcomeDownloaded || sum.ExitCode() != 0 || strings.Contains(sum.Text(), secretPart) || !strings.Contains(sum.Text(), "SHA-256 ab12") {
		t.Errorf("%s\n%s", sum.Outcome, sum.Text())
	}
	if raw, err := sum.Result().JSON(); err != nil || !strings.Contains(string(raw), `"outcome": "downloaded"`) || strings.Contains(string(raw), secretPart) || !strings.Contains(string(raw), `"sha256": "ab12"`) {
		t.Errorf("%v\n%s", err, raw)
	}
	entries, _ := r.run.Cfg.Journal.Read()
	if len(entries) != 2 || entries[0].Event != journal.Fetching || !entries[1].Fetch.Proven() || entries[1].Fetch.Dir != "/mnt/restore" || entries[1].Fetch.Files[1].SHA256 != "ab12" {
		t.Errorf("the journal has %+v", entries)
	}
	if raw, err := json.Marshal(entries); err != nil || strings.Contains(string(raw), secretPart) || strings.Contains(r.title(), secretPart) || strings.Contains(fmt.Sprintf("%+v", *p.job.Fetch), secretPart) {
		t.Errorf("a link is in the journal, the title or what a crash would print: %v\n%s\n%+v", err, raw, *p.job.Fetch)
	}
}

// What is to be known of a finished download can be read in the smallest window too, and where the proof
// ends stands on the page: no other word takes its place.
func TestAFinishedFetchIsReadInASmallWindow(t *testing.T) {
	c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
	r, _ := readyJob(t, c, func(cfg *steps.Config) { cfg.Out = "/mnt/restore" })
	m := &pump{t, r, make(chan tea.Msg)}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	ok := fetch.Verdict{Proven: true, Words: "7 of 7 tables are sound", SHA256: "ab12", Opens: []string{"8.0"}}
	c.result = func() fetch.Result {
		return fetch.Result{{Name: "a", ReplicaSet: "shard-0", State: fetch.Proven, Path: "/mnt/restore/a", Bytes: 1000, Total: 1000, Verdict: ok}, {Name: "b", ReplicaSet: "shard-1", State: fetch.Proven, Path: "/mnt/restore/b", Bytes: 400, Total: 400, Verdict: ok}}
	}
	for i, n := range []int64{1000, 400} {
		c.events <- fetch.Event{Kind: fetch.Ended, Index: i, Done: n, Total: n, Left: -1, Text: "7 of 7 tables are sound"}
	}
	c.events <- fetch.Event{Kind: fetch.Told, Index: -1, Text: "/mnt/restore/" + fetch.ManifestName}
	close(c.events)
	m.shows("DOWNLOADED")
	r.Update(tea.WindowSizeMsg{Width: 60, Height: 15})
	m.press(tea.KeyPressMsg{Code: 'z', Text: "z"})
	seen := m.screen()
	if !strings.Contains(seen, "z does nothing here") || !strings.Contains(seen, "more: ↓") {
		t.Errorf("it is not said that there is more:\n%s", seen)
	}
	m.press(tea.KeyPressMsg{Code: tea.KeyPgDown})
	seen += m.screen()
	if strings.Contains(m.screen(), "more: ↓") {
		t.Errorf("a page further there is still more:\n%s", m.screen())
	}
	for _, want := range []string{"Into /mnt/restore", "To open it here", "Each step: /mnt/restore/OPEN-LOCALLY.md", "Not proven: that a mongod starts"} {
		if !strings.Contains(strings.Join(strings.Fields(seen), " "), want) {
			t.Errorf("%q cannot be read:\n%s", want, seen)
		}
	}
	before := m.screen()
	if m.press(tea.KeyPressMsg{Code: tea.KeyPgUp}); m.screen() == before || !strings.Contains(m.screen(), "FILE") {
		t.Errorf("it cannot be read back:\n%s", m.screen())
	}
}

// The speed is bounded by a key while the files come: the transfer that runs has it at once, the page shows
// it, and going on keeps it.
func TestSpeedIsBoundedByAKey(t *testing.T) {
	c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out = "/mnt/restore" })
	m := &pump{t, r, make(chan tea.Msg)}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	e := firstBytes(0, 300, 1e9)
	e.Speed = 37e6
	c.events <- e
	m.shows("37 MB/s")
	minus, plus := tea.KeyPressMsg{Code: '-', Text: "-"}, tea.KeyPressMsg{Code: '+', Text: "+"}
	if m.press(minus); c.limit.Rate() != 2e7 {
		t.Errorf("the transfer has the limit %d", c.limit.Rate())
	}
	m.shows("37 MB/s (limit 20 MB/s)")
	m.shows("Into /mnt/restore; the links end in 1 h")
	if !strings.Contains(m.screen(), "No more than 20 MB/s from now on") || len(c.orders) != 1 {
		t.Errorf("%d orders\n%s", len(c.orders), m.screen())
	}
	m.press(escKey)
	m.shows("FETCHING STOPPED")
	if m.press(minus); c.limit.Rate() != 2e7 {
		t.Error("what is stopped is bounded")
	}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	m.until("gone on", func() bool { return p.job.Fetch.Busy && len(p.job.Fetch.Rows) == 2 })
	c.events <- e
	m.shows("limit 20 MB/s")
	for range 6 {
		m.press(plus)
	}
	if c.limit.Rate() != 0 {
		t.Errorf("the limit is still %d", c.limit.Rate())
	}
	p.settle()
}

// What may not fit is begun on a second enter only; what surely cannot be written to is refused before
// any link is touched.
func TestSpaceIsToldBeforeALinkIsTouched(t *testing.T) {
	c := &courier{room: fetch.Room{Free: 100}, events: make(chan fetch.Event)}
	r, p := readyJob(t, c, nil)
	p.job.Plan.Snapshot.StorageSizeBytes = 5e9
	m := &pump{t, r, make(chan tea.Msg)}
	m.press(dKey)
	m.shows("they may not fit.")
	m.press(enterKey)
	m.shows("Enter again begins all the same")
	if len(c.orders) > 0 {
		t.Fatal("it has begun")
	}
	m.press(enterKey)
	m.until("begun", func() bool { return p.job.Fetch.Busy && len(p.job.Fetch.Rows) == 2 })
	m.press(escKey)
	m.shows("FETCHING STOPPED")
	if !c.tight {
		t.Error("that it may not fit is held against it all the same")
	}
	if text := r.Summary().Text(); !strings.Contains(text, " --tight\n") {
		t.Errorf("the command that goes on would be refused:\n%s", text)
	}
	c.room = fetch.Room{Free: -1, Err: errors.New("/etc/hosts is a file, and no directory")}
	m.press(dKey)
	m.shows("no directory")
	if m.press(enterKey); p.job.Fetch.Busy || !strings.Contains(m.screen(), "Nothing can be fetched into it") {
		t.Errorf("it is fetched:\n%s", m.screen())
	}
}

// esc keeps what is there and says how to go on; ctrl+c asks whether to leave, and nothing stops before the answer. However the
// wizard is left, what is there is told, and the exit code is not that of success.
func TestAFetchThatIsLeftIsTold(t *testing.T) {
	for name, leave := range map[string]func(*pump, *jobPage){
		"esc": func(m *pump, p *jobPage) {
			m.press(escKey)
			m.shows("stopped, kept")
			m.shows("--out /mnt/restore")
			m.press(escKey)
		},
		"ctrl+c": func(m *pump, p *jobPage) {
			m.press(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
			if s := strings.Join(strings.Fields(m.screen()), " "); !strings.Contains(s, "Leave?") || !strings.Contains(s, "goes on with it, until") || strings.Contains(s, "STOPP") || !p.job.Fetch.Busy || p.job.Fetch.Stops {
				m.t.Errorf("it is not said how to go on:\n%s", s)
			}
		},
		"q": func(m *pump, p *jobPage) {
			m.press(tea.KeyPressMsg{Code: 'q', Text: "q"})
			if s := m.screen(); !strings.Contains(s, "Leaving stops") || !p.job.Fetch.Busy || p.job.Fetch.Stops {
				m.t.Errorf("it is not asked, or stopped before an answer:\n%s", s)
			}
		},
		"by a signal": func(*pump, *jobPage) {},
	} {
		t.Run(name, func(t *testing.T) {
			c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
			r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out = "/mnt/restore" })
			m := &pump{t, r, make(chan tea.Msg)}
			m.press(dKey)
			m.shows("Where are the files")
			m.press(enterKey)
			c.events <- firstBytes(0, 300, 1000)
			m.shows("fetching 30 %")
			leave(m, p)
			p.settle() // as whoever leaves the terminal does
			sum := r.Summary()
			text := sum.Text()
			if sum.Outcome != state.OutcomeRunning || sum.ExitCode() != 7 || !strings.Contains(text, "a part of it is kept") || !strings.Contains(text, "To go on: atlas-restore download 6b0000000000000000000001 --out /mnt/restore") {
				t.Errorf("%s, exit code %d\n%s", sum.Outcome, sum.ExitCode(), text)
			}
			if strings.Contains(text, secretPart) {
				t.Error("a link over which bytes have come is printed")
			}
			all, _ := r.run.Cfg.Journal.Read()
			if s := journal.Submissions(append([]journal.Entry{{Time: benchNow, Event: journal.Created, ID: "x", JobID: "6b0000000000000000000001"}}, all...)); !s[0].Fetching(benchNow) {
				t.Errorf("the journal does not know what was left: %+v", all)
			}
		})
	}
}

// Where the server cannot go on in the middle, that is said before a fetch is stopped and after, and that
// a file begins again at its first byte stays on the screen.
func TestStoppingIsNotToldAsKeepingWithoutRanges(t *testing.T) {
	const middle = "The server cannot go on in the middle"
	c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event), whole: true}
	r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out = "/mnt/restore" })
	m := &pump{t, r, make(chan tea.Msg)}
	flat := func() string { return strings.Join(strings.Fields(m.screen()), " ") }
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	c.events <- fetch.Event{Kind: fetch.Anew, Index: 1, Name: "b.tar.gz", Done: 426e3, Total: 1e6, Left: -1, NoRanges: true, Text: "the server cannot begin in the middle"}
	e := firstBytes(0, 300, 1000)
	e.NoRanges = true
	c.events <- e
	m.shows("fetching 30 %")
	m.until("told that it begins again", func() bool {
		return strings.Contains(flat(), "b.tar.gz is fetched from the first byte on, since the server cannot begin in the middle. 426 kB were given up.")
	})
	m.press(tea.KeyPressMsg{Code: 'q', Text: "q"})
	if s := flat(); !strings.Contains(s, middle) || strings.Contains(s, "keeps what is there") || strings.Contains(s, "goes on with it") || !strings.Contains(s, "fetches it from the first byte on, until") {
		t.Errorf("leaving is said to keep it:\n%s", m.screen())
	}
	m.press(tea.KeyPressMsg{Code: 'x', Text: "x"}) // stays
	if m.press(escKey); p.job.Fetch.Stops || !strings.Contains(flat(), middle+": once stopped, the file is fetched from the first byte on. esc once more stops it.") {
		t.Errorf("it is stopped unsaid:\n%s", m.screen())
	}
	m.press(escKey)
	m.shows("FETCHING STOPPED")
	if s := flat(); !strings.Contains(s, "Stopped at 300 B. "+middle) || strings.Contains(s, "goes on with it") || !strings.Contains(s, "d fetches from the first byte on") {
		t.Errorf("it is said to go on:\n%s", m.screen())
	}
	if s := flat(); !strings.Contains(s, "d fetch n another") || strings.Contains(s, "d go on") {
		t.Errorf("the key is called what it does not do:\n%s", m.screen())
	}
	all, _ := r.run.Cfg.Journal.Read()
	if !all[len(all)-1].Fetch.NoRanges() {
		t.Errorf("a later run does not know it: %+v", all)
	}
}

// Bytes that come are told once a second at most: each telling is a frame on a slow line.
func TestBytesAreToldSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
		_, p := readyJob(t, c, nil)
		told := 0
		do := steps.FetchHere(p.cfg, p.apart(), "/mnt/restore", false, nil)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); do(ctx, func(steps.Fetching) { told++ }) }()
		began := time.Now()
		for i := range int64(1000) {
			time.Sleep(time.Millisecond) // of the bubble's time
			c.events <- fetch.Event{Kind: fetch.Moved, Done: i, Total: 1000, Left: -1}
		}
		took := time.Since(began)
		stop()
		<-done
		if most := 6 + int(took/time.Second); told > most { // the start, the size that is not known, the first bytes, each end
			t.Errorf("%d tellings in %v", told, took)
		}
	})
}

// A key that means nothing while the files come is told, and cancelling them in Atlas is not possible.
func TestKeysWhileFetching(t *testing.T) {
	c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
	r, p := readyJob(t, c, nil)
	m := &pump{t, r, make(chan tea.Msg)}
	m.press(dKey)
	m.shows("Where are the files")
	m.press(enterKey)
	m.shows("FETCHING")
	for k, want := range map[string]string{"x": "esc stops that first", "d": "does nothing here", "space": "does nothing here", "z": "does nothing here"} {
		if m.press(keyPress(k)); !strings.Contains(m.screen(), want) || !p.job.Fetch.Busy || p.asking {
			t.Errorf("%s:\n%s", k, m.screen())
		}
	}
	m.press(escKey)
	m.shows("FETCHING STOPPED")
}

// A later run knows where the files of a job are, or what was left of them: it says so, proposes the same
// directory, and what is proven is a download that has ended well, whatever its links are by then.
func TestAnEarlierFetchIsKnown(t *testing.T) {
	for name, tc := range map[string]struct {
		files   *journal.Fetch
		later   time.Duration
		says    []string
		outcome state.Outcome
		lives   bool
	}{
		"proven":           {&journal.Fetch{At: benchNow, Dir: "/mnt/restore", Outcome: state.OutcomeDownloaded}, 0, []string{"DOWNLOADED", "Downloaded to /mnt/restore, proven"}, state.OutcomeDownloaded, false},
		"proven, and over": {&journal.Fetch{At: benchNow, Dir: "/mnt/restore", Outcome: state.OutcomeDownloaded}, 2 * time.Hour, []string{"DOWNLOADED", "Downloaded to /mnt/restore, proven"}, state.OutcomeDownloaded, false},
		"left":             {&journal.Fetch{At: benchNow, Dir: "/mnt/restore", Outcome: state.OutcomeAborted, Files: []journal.FetchedFile{{State: fetch.Kept, Bytes: 300}}}, 0, []string{"READY", "300 B there", "d go on"}, state.OutcomeReady, true},
		"crashed":          {&journal.Fetch{At: benchNow, Dir: "/mnt/restore"}, 0, []string{"READY", "its end was not written down", "d go on"}, state.OutcomeReady, true},
		"left, and over":   {&journal.Fetch{At: benchNow, Dir: "/mnt/restore"}, 2 * time.Hour, []string{"EXPIRED"}, state.OutcomeExpired, false},
	} {
		c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
		now := benchNow
		r, _ := readyJob(t, c, func(cfg *steps.Config) { cfg.Resume.Files, cfg.Now = tc.files, func() time.Time { return now } })
		now = now.Add(tc.later)
		m := &pump{t, r, make(chan tea.Msg)}
		for _, want := range tc.says {
			if !strings.Contains(strings.Join(strings.Fields(m.screen()), " "), want) {
				t.Errorf("%s: %q is not shown:\n%s", name, want, m.screen())
			}
		}
		sum := r.Summary()
		if j, _ := r.run.Job(); sum.Outcome != tc.outcome || r.run.Lives(j) != tc.lives || !strings.Contains(sum.Text(), "/mnt/restore") {
			t.Errorf("%s: %s, lives %v\n%s", name, sum.Outcome, r.run.Lives(j), sum.Text())
		}
		if tc.lives {
			if m.press(dKey); !strings.Contains(m.screen(), "/mnt/restore") {
				t.Errorf("%s: the directory is not proposed:\n%s", name, m.screen())
			}
		}
	}
}

// A link that was seen to give nothing more is told as good nowhere. d is there as long as another link
// may answer; where none may, the page says what goes on: a key, and a command where one can run.
func TestALinkThatIsGoneIsNotOffered(t *testing.T) {
	gone := &fetch.Error{Problem: fetch.Stale, Status: 410, Why: "files.example.net answered 410 Gone"}
	address := &fetch.Error{Problem: fetch.Stale, Status: 403, Why: "files.example.net answered 403 Forbidden"}
	cut := &fetch.Error{Problem: fetch.Cut, Why: "the connection ended at 300 bytes"}
	for name, tc := range map[string]struct {
		errs  [2]*fetch.Error
		mode  steps.Mode
		d     bool
		says  []string // on the page
		where []string // where d asks for a directory
		leave string   // in the question; empty: it is not asked
	}{
		"one of two": {[2]*fetch.Error{gone, cut}, steps.Live, true, []string{"NOT DOWNLOADED"}, []string{"1 of 2 links gave nothing more. Each other link works once"}, "1 of its 2 links gave nothing more, the others are good until"},
		"both":       {[2]*fetch.Error{gone, gone}, steps.Live, false, []string{"NOT DOWNLOADED", "a asks for another download of the same snapshot and goes on, and so does: atlas-restore download 6b0000000000000000000001 --out /mnt/restore --renew"}, nil, ""},
		"training":   {[2]*fetch.Error{gone, gone}, steps.Training, false, []string{"a asks for another download of the same snapshot and goes on."}, nil, ""},
		"address":    {[2]*fetch.Error{address, address}, steps.Live, true, []string{"d tries again"}, []string{"Each link works once, for 1 h more"}, "its links are good until"},
	} {
		c := &courier{room: fetch.Room{Free: -1}, events: make(chan fetch.Event)}
		r, p := readyJob(t, c, func(cfg *steps.Config) { cfg.Out, cfg.Mode = "/mnt/restore", tc.mode })
		p.job.Job.SnapshotAt = time.Date(2026, 11, 23, 12, 20, 0, 0, time.UTC)
		m := &pump{t, r, make(chan tea.Msg)}
		c.result = func() (all fetch.Result) {
			for i, set := range []string{"shard-0", "shard-1"} {
				all = append(all, fetch.Fetched{Name: set, ReplicaSet: set, State: fetch.Kept, Path: "/mnt/restore/" + set + ".part", Bytes: 300, Total: 1000, Err: tc.errs[i]})
			}
			return all
		}
		m.press(dKey)
		m.shows("Where are the files")
		m.press(enterKey)
		for i, err := range tc.errs {
			c.events <- fetch.Event{Kind: fetch.Ended, Index: i, Done: 300, Total: 1000, Left: -1, Err: err}
		}
		close(c.events)
		m.shows("NOT DOWNLOADED")
		screen := func() string { return strings.Join(strings.Fields(m.screen()), " ") }
		for _, want := range tc.says {
			if !strings.Contains(screen(), want) {
				t.Errorf("%s: %q is not on the page:\n%s", name, want, m.screen())
			}
		}
		if strings.Contains(screen(), "d go on") != tc.d || !tc.d && strings.Contains(screen(), "works once") {
			t.Errorf("%s: d is offered: %v\n%s", name, !tc.d, m.screen())
		}
		if asked := r.part() == nil; asked == (tc.leave == "") || tc.leave != "" && !strings.Contains(screen(), tc.leave) {
			t.Errorf("%s: it is asked whether to leave: %v\n%s", name, asked, m.screen())
		}
		if text := r.Summary().Text(); strings.Contains(text, secretPart) {
			t.Errorf("%s: a link that was used is printed:\n%s", name, text)
		}
		if m.press(escKey); !tc.d {
			continue
		}
		m.press(dKey)
		m.shows("Where are the files")
		for _, want := range tc.where {
			m.until("said: "+want, func() bool { return strings.Contains(screen(), want) })
		}
	}
}
