package delivery

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/state/fetch"
)

// What a real WiredTiger wrote is fetched and judged as it is, also where it comes in two parts:
// only what is sound gets the final name.
func TestFetchedAndProven(t *testing.T) {
	t.Parallel()
	for archive, c := range map[string]struct {
		p     fetch.Problem
		words string
	}{
		"sound-crash-journal":    {"", "10 of 10 tables: every block that the snapshot reaches is as WiredTiger wrote it"},
		"damaged-leaf-byte":      {fetch.Damaged, "7 of 8 tables are sound; shop.items0 ("},
		"damaged-tar-ends-early": {fetch.Damaged, "8 of 8 tables are sound; the .tar.gz is damaged: its tar ends"},
	} {
		raw, err := os.ReadFile(filepath.Join("../../../shared/samples/wiredtiger", archive+".tar.gz"))
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("the samples of WiredTiger's files are absent: ", archive)
		}
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, raw)
		s.second(len(raw)/2, func(_ *http.Request, c *connection) { c.headed(nil, "410 Gone", "Content-Length: 0") })
		w := want(t, t.TempDir(), s.link())
		w.opt.Prover = BlockChecksums{Notes: t.TempDir()}
		w.ends(fetch.Stale)
		s.play = nil
		if c.p == "" {
			w.fetchedFrom(s)
			continue
		}
		if e := w.end(c.p); !strings.Contains(e.Why, c.words) {
			t.Errorf("%s: %s", archive, e.Why)
		}
		report := string(w.disk.files[name+damagedEnding+reportEnding].now)
		if !strings.Contains(report, ": DAMAGED\n") || !strings.Contains(report, "featureCompatibilityVersion 8.0.\n") {
			t.Errorf("%s: the report is\n%s", archive, report)
		}
	}
}

// An end without a length that comes too early is told from damage.
func TestShortIsNotDamaged(t *testing.T) {
	t.Parallel()
	body := archive(t, 5000, 1)
	for _, n := range []int{3, 100, len(body) - 1, len(body)} {
		if v, err := (BlockChecksums{}).Prove(t.Context(), "x", bytes.NewReader(body[:n]), nil); err != nil || v.Short != (n < len(body)) || v.Proven {
			t.Errorf("%d of %d bytes: %+v, %v", n, len(body), v, err)
		}
	}
}
