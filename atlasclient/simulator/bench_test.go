package simulator

import (
	"net/http/httptest"
	"testing"
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
		newWorld(dice{1}, start)
	}
}

func BenchmarkPageOfTenThousand(b *testing.B) {
	s, err := Start(Options{Start: start, Unlimited: true})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	s.AddSnapshots("Payments", "orders-prod", 10_000)
	r := httptest.NewRequestWithContext(b.Context(), "GET", api+"/groups/"+s.ProjectID("Payments")+"/clusters/orders-prod/backup/snapshots?itemsPerPage=500&pageNum=10", nil)
	r.Header.Set("Accept", newest)
	r.Header.Set("Authorization", "Bearer "+s.auth.issue(s.Now()))
	for b.Loop() {
		w := httptest.NewRecorder()
		if s.http.Handler.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}
