package delivery

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// benchSize is how much is fetched, in MiB; DELIVERY_MIB says otherwise.
func benchSize() int {
	if n, err := strconv.Atoi(os.Getenv("DELIVERY_MIB")); err == nil {
		return n
	}
	return 64
}

// hardly serves so many bytes that do not shrink, behind the head of a gzip stream.
func hardly(b *testing.B, n int) *httptest.Server {
	b.Helper()
	block := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(block)
	block[0], block[1] = 0x1f, 0x8b
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(n))
		for range n / len(block) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	b.Cleanup(s.Close)
	return s
}

// trusting takes everything for proven, so that the fetch alone is measured.
type trusting struct{}

func (trusting) Prove(_ context.Context, _ string, r io.Reader, _ Unpacker) (fetch.Verdict, error) {
	_, err := io.Copy(io.Discard, r)
	return fetch.Verdict{Proven: true}, err
}

// A fetch with its sidecar, its syncs and its second reading, beside the least that brings the
// same bytes into a file: a copy, and one that is synced.
func BenchmarkFetch(b *testing.B) {
	n := benchSize() << 20
	s := hardly(b, n)
	least := func(sync bool) func(b *testing.B) {
		return func(b *testing.B) {
			b.Helper()
			b.SetBytes(int64(n))
			for i := range b.N {
				resp, err := http.Get(s.URL) //nolint:noctx // a benchmark
				if err != nil {
					b.Fatal(err)
				}
				f, err := os.Create(filepath.Join(b.TempDir(), strconv.Itoa(i)))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(f, resp.Body); err != nil {
					b.Fatal(err)
				}
				if sync {
					_ = f.Sync()
				}
				_ = f.Close()
				_ = resp.Body.Close()
			}
		}
	}
	b.Run("copy", least(false))
	b.Run("copy and sync", least(true))
	b.Run("fetch", func(b *testing.B) {
		b.SetBytes(int64(n))
		var most uint64
		for range b.N {
			order := fetch.Order{Dir: b.TempDir(), Snapshot: "s", Files: []fetch.File{{Name: name, Link: state.NewSecret(s.URL + "/" + token)}}}
			told := 0
			_, err := Fetch(b.Context(), order, Options{Prover: trusting{}, Tell: func(fetch.Event) {
				if told++; told%4 == 0 {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapInuse+m.StackInuse)
				}
			}})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(most)/(1<<20), "MiB-in-use")
	})
}
