// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// The findings grow as a search goes on, the newest part of all logs before any older one, the
// primary's first; what was told stays as it was.
func TestSearchReadsTheNewestPartFirst(t *testing.T) {
	t.Parallel()
	w := threeNodes(dropAt("14:02:59.812", "shop.orders"), dropAt("09:02:59.812", "shop.orders"))
	w.series = zeroes
	var told []incident.Findings
	f := search("06:00:00").Run(t.Context(), w, func(f incident.Findings) { told = append(told, f) })
	if len(f.Found) != 2 || len(told) < 3 {
		t.Fatalf("%d told: %+v", len(told), f.Found)
	}
	for i := 1; i < len(told); i++ {
		if len(told[i].Found) < len(told[i-1].Found) || len(told[i].Read) < len(told[i-1].Read) {
			t.Errorf("%d told: it shrinks", i)
		}
	}
	logs := 0
	last := map[string]string{}
	for _, a := range w.asked {
		if rest, ok := strings.CutPrefix(a, "log "); ok {
			host, part, _ := strings.Cut(rest, " ")
			if last[host] == "" && part != "13:59:59 15:00:00" || last[host] != "" && part >= last[host] {
				t.Errorf("%s is read after %s of %s", part, last[host], host)
			}
			last[host] = part
			logs++
		}
	}
	if logs != 12 { // 1, 2, 4 and 2 hours of three members
		t.Errorf("%d parts: %v", logs, w.asked)
	}
}

// A search that reaches further back reads only what was not read, and keeps what was found.
func TestSearchIsWidened(t *testing.T) {
	t.Parallel()
	w := threeNodes(dropAt("14:02:59.812", "shop.orders"), dropAt("11:02:59.812", "shop.orders"), dropAt("11:59:59.500", "shop.orders"))
	w.series = zeroes
	w.fail["log node-2"] = refusal(state.RoleLogViewer)
	s := search("12:00:00")
	s.Known = s.Run(t.Context(), w, nil)
	delete(w.fail, "log node-2")
	w.asked, s.From = nil, clock("10:00:00")
	f := s.Run(t.Context(), w, nil)
	if len(f.Found) != 3 {
		t.Errorf("%d found: %+v", len(f.Found), f.Found)
	}
	for _, u := range f.Unread {
		if !u.Yet {
			t.Errorf("%s", u.Sentence(s))
		}
	}
	for _, again := range []string{"members", "databases", "log node-0 13", "log node-1 13"} {
		if again != "log node-0 13" && again != "log node-1 13" && w.times(again) > 0 {
			t.Errorf("%s is asked again", again)
		}
	}
	for _, a := range w.asked {
		if strings.HasPrefix(a, "log node-0") && !strings.HasSuffix(a, "12:00:00") && !strings.HasSuffix(a, "11:00:00") && !strings.HasSuffix(a, "14:58:59 15:00:00") && !strings.HasSuffix(a, "11:59:59") {
			t.Errorf("read again: %s", a)
		}
	}
	if w.times("log node-2 13:59:59") != 1 {
		t.Error("what was refused is not asked for again")
	}
}

// The lines of the drop of a database may lie in two parts, and who it was in a third.
func TestSearchJoinsWhatLiesInTwoParts(t *testing.T) {
	t.Parallel()
	database := []string{
		line("11:30:00.000", "NETWORK", 51800, "conn9", "client metadata", `{"remote":"10.0.0.7:4000","client":"conn9","doc":{"driver":{"name":"nodejs","version":"6.1"},"application":{"name":"cleanup"}}}`),
		line("13:59:50.100", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`),
		line("13:59:57.000", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.carts"}`),
		line("14:00:03.000", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`),
		line("14:00:04.000", "COMMAND", 20336, "conn9", "dropDatabase", `{"db":"shop","numCollectionsDropped":2}`),
	}
	w := threeNodes(database...)
	w.series = zeroes
	s := search("11:00:00")
	f := s.Run(t.Context(), w, nil)
	h, p, err := s.BeforeDrop(f)
	if err != nil || p.Moment.Format(time.TimeOnly) != "13:59:49" {
		t.Fatalf("%s, %v, %+v", p, err, f.Found)
	}
	if got := h.Who.String(); got != "cleanup on conn9 from 10.0.0.7:4000" {
		t.Errorf("by %s", got)
	}
	if !h.Until.Equal(clock("14:00:04")) || len(h.Collections) != 2 {
		t.Errorf("%+v", h)
	}
}

// Who it was is told by an older part too that only a wider search reads, of the same start of the
// server.
func TestAWiderSearchNamesWhoItWas(t *testing.T) {
	t.Parallel()
	restart := line("13:10:00.000", "CONTROL", 20698, "main", "***** SERVER RESTARTED *****", `{}`)
	for want, more := range map[string][]string{"cleanup on conn9 from 10.0.0.7:4000": nil, "conn9": {restart}} {
		w := threeNodes(append(more,
			line("11:30:00.000", "NETWORK", 51800, "conn9", "client metadata", `{"remote":"10.0.0.7:4000","client":"conn9","doc":{"application":{"name":"cleanup"}}}`),
			dropAt("14:02:59.812", "shop.orders"))...)
		for i, l := range w.logs["node-0"] {
			w.logs["node-0"][i] = strings.ReplaceAll(l, `"conn7"`, `"conn9"`)
		}
		w.series = zeroes
		s := search("12:00:00")
		s.Known = s.Run(t.Context(), w, nil)
		s.From = clock("10:00:00")
		if f := s.Run(t.Context(), w, nil); len(f.Found) != 1 || f.Found[0].Who.String() != want {
			t.Errorf("by %+v, want %s", f.Found, want)
		}
	}
}

// A number of a connection means another one after a restart.
func TestSearchNamesNobodyOfBeforeARestart(t *testing.T) {
	t.Parallel()
	w := threeNodes(
		line("11:30:00.000", "NETWORK", 51800, "conn7", "client metadata", `{"remote":"10.0.0.7:4000","client":"conn7","doc":{"application":{"name":"shop"}}}`),
		line("14:01:00.000", "CONTROL", 20698, "main", "***** SERVER RESTARTED *****", `{}`),
		dropAt("14:02:59.812", "shop.orders"))
	f := search("11:00:00").Run(t.Context(), w, nil)
	if len(f.Found) != 1 || f.Found[0].Who.String() != "conn7" {
		t.Errorf("%+v", f.Found)
	}
}

// Counters show what no log names, of whichever member was primary.
func TestSearchFindsJumps(t *testing.T) {
	t.Parallel()
	w := threeNodes()
	w.series = func(process, database string, span incident.Span) ([]incident.Series, error) {
		all, err := zeroes(process, database, span)
		for _, s := range all {
			for i, p := range s.Points {
				switch late := !p.At.Before(clock("13:10:00")); {
				case late && database != "":
					s.Points[i].Value = 400
				case database == "":
					s.Points[i].Value = 2
					if process == "node-1:27017" && late && p.At.Before(clock("13:15:00")) {
						s.Points[i].Value = 5000
					}
				}
			}
		}
		return all, err
	}
	s := search("12:00:00")
	f := s.Run(t.Context(), w, nil)
	var got []string
	for _, j := range f.Jumps {
		p := incident.BeforeJump(j, s.Reach, s.Snapshots, s.Now)
		got = append(got, fmt.Sprintf("%s %s %s", j.Of, j.Series, p.Moment.Format(time.TimeOnly)))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"node-0 shop DATABASE_OBJECT_COUNT 13:07:59", "node-1 DOCUMENT_METRICS_DELETED 13:07:59", "node-1 OPCOUNTER_DELETE 13:07:59"}, got); diff != "" {
		t.Error(diff)
	}
	if _, _, err := s.BeforeDrop(f); err == nil || !strings.HasPrefix(err.Error(), "nothing was found") {
		t.Error(err)
	}
}

// Which snapshots have it is found by looking into few, and nothing is said of the others.
func TestSearchLooksIntoSnapshots(t *testing.T) {
	t.Parallel()
	gone := fmt.Errorf("looking: %w", &state.AtlasError{Status: 404, Code: "RESOURCE_NOT_FOUND"})
	for _, tt := range []struct {
		name    string
		without []string // the snapshots that lack it
		make    func(*world, *incident.Search)
		newest  string
		lacks   string
		looked  int
		unread  int
	}{
		{"the newest has it", nil, nil, "14", "", 1, 0},
		{"the newest lacks it", []string{"14"}, nil, "13", "14", 2, 0},
		{"only the oldest has it", []string{"4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"}, nil, "3", "4", 7, 0},
		{"none has it", []string{"3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"}, nil, "", "3", 5, 0},
		{"it came back and went again", []string{"14", "12"}, nil, "13", "14", 2, 0},
		{"one is not told", []string{"13", "14"}, func(w *world, _ *incident.Search) { w.fail["collections 12"] = gone }, "11", "13", 3, 1},
		{"none is told", []string{"14"}, func(w *world, _ *incident.Search) { w.fail["databases"] = gone }, "", "", 0, 4},
		{"the role is lacking", []string{"14"}, func(w *world, _ *incident.Search) { w.fail["databases"] = refusal(state.RoleBackupManager) }, "", "", 0, 1},
		{"lists that are empty", nil, func(w *world, _ *incident.Search) { clear(w.contents) }, "", "", 0, 4},
		{"its database is gone", []string{"14"}, func(w *world, _ *incident.Search) { w.contents["14"] = []string{"bank.accounts"} }, "13", "14", 2, 0},
		{"a part of a name", nil, func(_ *world, s *incident.Search) { s.Missing = incident.Missing{Part: "orders"} }, "", "", 0, 0},
		{"a database", nil, func(w *world, s *incident.Search) {
			s.Missing = incident.Missing{Database: "shop"}
			w.contents["14"] = []string{"bank.accounts"}
		}, "13", "14", 2, 0},
	} {
		w, s := threeNodes(), search("12:00:00")
		for _, id := range tt.without {
			w.contents[id] = []string{"shop.carts"}
		}
		if tt.make != nil {
			tt.make(w, &s)
		}
		f := s.Run(t.Context(), w, nil)
		unread := 0
		for _, u := range f.Unread {
			if u.What == incident.PartSnapshots {
				unread++
			}
		}
		if h := f.Has; h.Newest.ID != tt.newest || h.Lacks.ID != tt.lacks || h.Looked != tt.looked || unread != tt.unread {
			t.Errorf("%s: %s has it, %s lacks it, %d looked into, %d not; want %+v", tt.name, h.Newest.ID, h.Lacks.ID, h.Looked, unread, tt)
		}
	}
}

// Atlas looks into a database every twenty minutes: points without a value between are no gap. And
// no coarser points are asked for where the finest reach back far enough.
func TestCountersAreTakenAsAtlasKeepsThem(t *testing.T) {
	t.Parallel()
	w := threeNodes()
	var mu sync.Mutex
	grains := map[time.Duration]bool{}
	w.series = func(process, database string, span incident.Span) ([]incident.Series, error) {
		mu.Lock()
		grains[span.Grain] = true
		mu.Unlock()
		all, err := zeroes(process, database, span)
		for n, s := range all {
			if database != "" {
				all[n].Age = incident.Sampling
				for i, p := range s.Points {
					s.Points[i].Known = p.At.Minute()%20 == 14
				}
			}
		}
		return all, err
	}
	f := search("12:31:00").Run(t.Context(), w, nil)
	for _, u := range f.Unread {
		if u.What == incident.PartCounters {
			t.Errorf("%+v", u)
		}
	}
	if len(grains) != 1 || !grains[time.Minute] {
		t.Errorf("%v", grains)
	}
}

// However long the logs are, a search of three members at once holds no more of them.
func TestSearchMemoryIsFlat(t *testing.T) { // not beside others: what they hold would be counted
	const most = 16 << 20
	text, _ := sample(t, 2<<20)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var mu sync.Mutex
	var peak uint64
	w := threeNodes()
	w.series = zeroes
	w.log = func(string, time.Time, time.Time, io.Reader) (io.ReadCloser, error) {
		times, rest := 3, strings.NewReader(text)
		return io.NopCloser(readerFunc(func(b []byte) (int, error) {
			n, err := rest.Read(b)
			if err != nil && times > 0 {
				times--
				rest.Reset(text)
				n, err = rest.Read(b)
				mu.Lock()
				defer mu.Unlock()
				var now runtime.MemStats
				runtime.GC() // what is left then is held
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
			return n, err //nolint:wrapcheck // the end
		})), nil
	}
	f := search("06:00:00").Run(t.Context(), w, nil)
	var read int64
	for _, r := range f.Read {
		read += r.Bytes
	}
	if grown := int64(peak) - int64(before.HeapAlloc); grown > most || read < 32<<20 {
		t.Errorf("%d MiB are held of %d MiB", grown>>20, read>>20)
	}
}
