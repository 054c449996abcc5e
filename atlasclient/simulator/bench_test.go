package simulator

import (
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(Options{Start: start})
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
}

func BenchmarkWorld(b *testing.B) {
	for b.Loop() {
		newWorld(dice{1}, start, Size{})
	}
}

// large is a large customer's organisation.
var large = Size{Projects: 200, Clusters: 2_000, Snapshots: 200_000}

// BenchmarkLargeWorld asks for every list of a large organisation, by pages as large as
// they can be.
func BenchmarkLargeWorld(b *testing.B) {
	before := heap()
	s, err := Start(Options{Seed: 1, Start: start, RateLimit: Unlimited, Size: large})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	group := "/groups/" + s.ProjectID("Team 008")
	memory := float64(heap()-before) / (1 << 20)
	if memory > 100 {
		b.Errorf("it takes %.0f MiB", memory)
	}
	const cluster = "/clusters/service-0386"
	s.AddSnapshots("Team 008", "service-0386", 10_000)
	for name, path := range map[string]string{
		"projects":  "/groups?",
		"all":       "/clusters?",
		"clusters":  group + "/clusters?",
		"flex":      group + "/flexClusters?",
		"snapshots": group + cluster + "/backup/snapshots?pageNum=10&",
		"processes": group + "/processes?",
		"events":    group + "/events?",
		"jobs":      "/groups/" + s.ProjectID("Payments") + "/clusters/orders-prod/backup/restoreJobs?",
	} {
		b.Run(name, func(b *testing.B) {
			page := pager(b, s, path+"itemsPerPage=500")
			for b.Loop() {
				s.Advance(10 * time.Second) // in which some snapshot comes due
				page()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
			b.ReportMetric(memory, "MiB")
		})
	}
}

// heap is the memory that is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// pager gets a page that must be there.
func pager(b *testing.B, s *Server, path string) func() {
	b.Helper()
	return func() {
		r := httptest.NewRequestWithContext(b.Context(), "GET", api+path, nil)
		r.Header.Set("Accept", newest)
		r.Header.Set("Authorization", "Bearer "+s.auth.issue())
		w := httptest.NewRecorder()
		if s.http.Handler.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkPageOfTenThousand(b *testing.B) {
	s, err := Start(Options{Start: start, RateLimit: Unlimited})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	s.AddSnapshots("Payments", "orders-prod", 10_000)
	page := pager(b, s, "/groups/"+s.ProjectID("Payments")+"/clusters/orders-prod/backup/snapshots?itemsPerPage=500&pageNum=10")
	for b.Loop() {
		page()
	}
}

// BenchmarkLog writes a day of a server's log.
func BenchmarkLog(b *testing.B) {
	w := newWorld(dice{1}, start, Size{})
	c := w.mustCluster("Payments", "orders-prod")
	for b.Loop() {
		n := counted(0)
		if err := w.journalOf(c.servers()[0], start.AddDate(0, 0, -1), start).write(&n); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(n))
	}
}

type counted int

func (n *counted) Write(b []byte) (int, error) {
	*n += counted(len(b))
	return len(b), nil
}
