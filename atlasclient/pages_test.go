package atlasclient

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/state"
)

// snapshotPages serves n snapshots in pages, the newest last, and measures how many requests are
// under way at once.
type snapshotPages struct {
	n        int
	total    int // what is said of it; -1: nothing
	latency  time.Duration
	drop     map[int]int // page → status instead of it
	most     int         // on a page, whatever is asked for; 0: what is asked for
	unlinked bool        // no page says that there is a next one

	mu        sync.Mutex
	now, once int
}

func snapshotID(i int) string { return fmt.Sprintf("%08x%016x", 1_790_000_000+i, i) }

func (p *snapshotPages) handle(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.now++
	p.once = max(p.once, p.now)
	p.mu.Unlock()
	<-time.After(p.latency)
	defer func() { p.mu.Lock(); p.now--; p.mu.Unlock() }()
	page, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
	size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
	if p.most > 0 {
		size = min(size, p.most)
	}
	if status := p.drop[page]; status != 0 {
		answer(w, status, fmt.Sprintf(`{"error":%d,"errorCode":"RESOURCE_NOT_FOUND"}`, status))
		return
	}
	var items []string
	for i := (page - 1) * size; i < min(page*size, p.n); i++ {
		items = append(items, `{"id":"`+snapshotID(i)+`","status":"completed"}`)
	}
	links := ""
	if page*size < p.n && !p.unlinked {
		links = `{"rel":"next","href":"https://elsewhere.example/"}`
	}
	total := ""
	if p.total >= 0 {
		total = fmt.Sprintf(`,"totalCount":%d`, p.total)
	}
	answer(w, 200, `{"results":[`+strings.Join(items, ",")+`],"links":[`+links+`]`+total+`}`)
}

// All pages come, each element once and in our order, whatever the estimate says; and
// the first part is told before the rest has come.
func TestPagesBesideEachOther(t *testing.T) {
	for _, n := range []int{0, 1, 499, 500, 501, 1000, 3600, 10_000} {
		for name, total := range map[string]int{"right": n, "missing": -1, "too low": n / 3, "too high": 5 * n} {
			p := &snapshotPages{n: n, total: total}
			s := newServer(t, p.handle)
			var parts [][]state.Snapshot
			ctx := state.WithPart(t.Context(), func(first []state.Snapshot) { parts = append(parts, first) })
			all, err := s.client(Options{}).Snapshots(ctx, rs)
			if err != nil || len(all) != n {
				t.Fatalf("%d with an estimate that is %s: got %d, %v", n, name, len(all), err)
			}
			for i, sn := range all {
				if sn.ID != snapshotID(n-1-i) {
					t.Fatalf("%d, estimate %s: at %d stands %s", n, name, i, sn.ID)
				}
			}
			// A full page of which the count says that it is not all is a part as far as anybody knows.
			if n > itemsPerPage && (len(parts) != 1 || len(parts[0]) != itemsPerPage) || n <= itemsPerPage && len(parts) != 0 && (n < itemsPerPage || total <= n) {
				t.Errorf("%d, estimate %s: %d parts were told", n, name, len(parts))
			}
			if p.once > pagesAtOnce {
				t.Errorf("%d requests at once", p.once)
			}
			// No page is asked for whose answer is not used, but for the last round's.
			if pages := max(1, (n+itemsPerPage-1)/itemsPerPage); len(s.requests()) > pages+pagesAtOnce {
				t.Errorf("%d, estimate %s: %d requests for %d pages", n, name, len(s.requests()), pages)
			}
		}
	}
}

// A list whose pages have no links goes on as long as the count says so, also where a page
// holds less than was asked for: nothing is told as the whole that is a part.
func TestPagesByCountAlone(t *testing.T) {
	for _, tt := range []struct{ n, total, most int }{{1001, 1001, 0}, {501, 501, 0}, {1001, 1001, 100}, {300, 300, 100}, {1001, 5000, 0}, {10_000, 10_000, 0}} {
		p := &snapshotPages{n: tt.n, total: tt.total, most: tt.most, unlinked: true}
		s := newServer(t, p.handle)
		all, err := s.client(Options{}).Snapshots(t.Context(), rs)
		if err != nil || len(all) != tt.n {
			t.Errorf("%+v: got %d, %v", tt, len(all), err)
		}
	}
	s := newServer(t, (&snapshotPages{n: 500, total: 1001, unlinked: true, drop: map[int]int{2: 404}}).handle)
	if all, err := s.client(Options{}).Snapshots(t.Context(), rs); err == nil {
		t.Errorf("the second page is not there, and %d are told as all", len(all))
	}
}

// A page that does not come ends the list in an error, be it refused or not there: what was
// read is not taken for the whole.
func TestPagesThatVanish(t *testing.T) {
	for _, status := range []int{403, 404} {
		s := newServer(t, (&snapshotPages{n: 2500, total: 2500, drop: map[int]int{4: status}}).handle)
		if all, err := s.client(Options{}).Snapshots(t.Context(), rs); err == nil || !strings.Contains(err.Error(), strconv.Itoa(status)) || all != nil {
			t.Errorf("a page that answers %d: %d, %v", status, len(all), err)
		}
	}
}

// A server that always promises another page comes to an end.
func TestPagesAlwaysPromised(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `{"results":[{"id":"`+snapshotID(1)+`"}],"links":[{"rel":"next"}],"totalCount":9000000}`)
	})
	all, err := s.client(Options{}).Snapshots(t.Context(), rs)
	if err != nil || len(all) != 1 || len(s.requests()) > 1+pagesAtOnce {
		t.Errorf("%d elements from %d requests, %v", len(all), len(s.requests()), err)
	}
}

// 10,000 snapshots at 50 ms a request: the metric counts round trips.
func BenchmarkPages(b *testing.B) {
	const latency = 50 * time.Millisecond
	p := &snapshotPages{n: 10_000, total: 10_000, latency: latency}
	s := serve(b, p.handle)
	c := s.client(Options{})
	for b.Loop() {
		var first time.Duration
		start := time.Now()
		ctx := state.WithPart(b.Context(), func([]state.Snapshot) { first = time.Since(start) })
		if all, err := c.Snapshots(ctx, rs); err != nil || len(all) != p.n {
			b.Fatalf("%d, %v", len(all), err)
		}
		b.ReportMetric(float64(first)/float64(latency), "round-trips-to-first")
		b.ReportMetric(float64(time.Since(start))/float64(latency), "round-trips-to-all")
	}
}

// However pages overlap, the merge has each element once, in the order of the first sight.
func FuzzMerge(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, pages uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		m := merge[int, int]{id: strconv.Itoa, own: func(i int) int { return i }, seen: map[string]bool{}}
		want := map[int]bool{}
		var order []int
		for range pages {
			var p page[int]
			news := false
			for range r.IntN(20) {
				e := r.IntN(50)
				p.Results = append(p.Results, e)
				if !want[e] {
					want[e], news = true, true
					order = append(order, e)
				}
			}
			if got, err := m.add(p); err != nil || got != news {
				t.Fatalf("news %v, want %v: %v", got, news, err)
			}
		}
		if got := m.all(); fmt.Sprint(got) != fmt.Sprint(order) {
			t.Fatalf("merged %v, want %v", got, order)
		}
	})
}

// Room for a long list is not made before most of it has come, and then once and for all of it: a
// collection of garbage goes through room, and a list that moves is there twice.
func TestPagesMakeRoomLate(t *testing.T) {
	const n, total = 500, 10_000
	m := merge[int, int]{id: strconv.Itoa, own: func(i int) int { return i }, seen: map[string]bool{}}
	var whole *int // the first element, once all are one page
	for from := 0; from < total; from += n {
		p := page[int]{TotalCount: total}
		for i := range n {
			p.Results = append(p.Results, from+i)
		}
		if _, err := m.add(p); err != nil {
			t.Fatal(err)
		}
		room := 0
		for _, page := range m.pages {
			room += cap(page)
		}
		switch late := from >= 2*total/3; {
		case !late && room != from+n:
			t.Errorf("of %d elements %d have come: room for %d", total, from+n, room)
		case late && (len(m.pages) != 1 || room != total):
			t.Errorf("of %d elements %d have come: room for %d, in %d pages", total, from+n, room, len(m.pages))
		case late && whole != nil && whole != &m.pages[0][0]:
			t.Errorf("with %d elements all of them move", from+n)
		}
		if len(m.pages) == 1 && from > 0 {
			whole = &m.pages[0][0]
		}
	}
	if all := m.all(); len(all) != total || &all[0] != whole || all[total-1] != total-1 {
		t.Errorf("%d elements", len(all))
	}
}

// What is read of a page in pieces is what encoding/json makes of it.
func FuzzPageInPieces(f *testing.F) {
	for _, body := range []string{
		`{"results":[{"id":"a"},{"id":"b","createdAt":"2026-11-23T14:31:00Z"}],"links":[{"rel":"next"}],"totalCount":2}`,
		`{"totalCount":"2","results":[]}`, `{"results":null}`, `{"results":[{"id":"a"}],"results":[{"status":"x"}]}`, `{"Results":[{"id":"a"}]}`,
		`{"results":[null,{"ID":"a"}]} `, `{"results":[{"id":"a"},]}`, `{"results":[{"id":1}]}`, `{"results":[{"id":"a"}]}x`, `{"results":[{"id":"a"}`, `[]`, ``,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := inPieces[wireSnapshot](body)
		if !ok {
			return
		}
		type plain page[wireSnapshot]
		var want plain
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("%s is read, but: %v", body, err)
		}
		same := reflect.DeepEqual(got.Results, want.Results) && reflect.DeepEqual(got.TotalCount, want.TotalCount) && reflect.DeepEqual(got.Links, want.Links)
		if !same || len(got.unread) > 0 {
			t.Errorf("%s is read as\n%+v, want\n%+v", body, got, want)
		}
	})
}

// A page as Atlas sends it is read in pieces.
func TestPageIsReadInPieces(t *testing.T) {
	p, ok := inPieces[wireSnapshot]([]byte(`{"links":[{"href":"https://a.test/","rel":"self"}],"results":[` + strings.Repeat(`{"id":"a"},`, 40) + `{"id":"b"}],"totalCount":41}`))
	if !ok || len(p.Results) != 41 || p.Results[40].ID != "b" || p.TotalCount != 41 {
		t.Errorf("%v, %d elements", ok, len(p.Results))
	}
}

// watched is an element that sees how many others are read at the same moment.
type watched struct{ ID string }

var beingRead, readAtOnce atomic.Int32

func (w *watched) UnmarshalJSON([]byte) error {
	now := beingRead.Add(1)
	defer beingRead.Add(-1)
	for range 100 {
		runtime.Gosched() // whoever else has a page to read gets his turn
	}
	readAtOnce.Store(max(now, readAtOnce.Load()))
	return nil
}

// Eight pages come at once, and are read one after the other: a key that is pressed meanwhile
// finds a processor.
func TestOnePageIsReadAtATime(t *testing.T) {
	beingRead.Store(0)
	readAtOnce.Store(0)
	p := &snapshotPages{n: 10 * itemsPerPage, total: 10 * itemsPerPage}
	s := newServer(t, p.handle)
	_, err := list(t.Context(), s.client(Options{}), listing[watched, int]{
		path: backupPath(rs, "snapshots"), id: func(watched) string { return "" }, own: func(watched) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := readAtOnce.Load(); n != 1 {
		t.Errorf("%d pages are read at once", n)
	}
}

// What can be read is read in one pass: an element costs the memory of its own texts.
func TestPageIsReadInOnePass(t *testing.T) {
	var items []string
	for i := range itemsPerPage {
		items = append(items, `{"id":"`+snapshotID(i)+`","status":"completed","createdAt":"2026-11-23T14:00:00Z","expiresAt":"2026-12-23T14:00:00Z","links":[{"rel":"self","href":"https://elsewhere.example/"}]}`)
	}
	body := []byte(`{"results":[` + strings.Join(items, ",") + `],"totalCount":500}`)
	var p page[wireSnapshot]
	each := testing.AllocsPerRun(3, func() {
		if err := p.decode(body); err != nil || len(p.Results) != itemsPerPage || p.Results[7].ID != snapshotID(7) {
			t.Fatalf("%d, %v", len(p.Results), err)
		}
	}) / itemsPerPage
	if each > 7 {
		t.Errorf("%.1f pieces of memory an element", each)
	}
}
