package delivery

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestContentRange(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]contentRange{
		"bytes 0-0/1":                   {0, 0, 1},
		"bytes 10-99/100":               {10, 99, 100},
		"BYTES 10-99/*":                 {10, 99, -1},
		"bytes */100":                   {-1, -1, 100},
		"bytes 5-9/4611686018427387903": {5, 9, 1<<62 - 1},
	} {
		if got, ok := parseContentRange(in); !ok || got != want {
			t.Errorf("%q is %v, %v", in, got, ok)
		}
	}
	for _, in := range []string{
		"", "bytes", "bytes 0-1", "bytes 1-0/2", "bytes 0-2/2", "bytes */*", "bytes -1/2", "bytes 0-/2", "bytes +0-1/2", "bytes 0-1/+2", "bytes 0x0-1/2",
		"items 0-1/2", "bytes  0-1/2", "bytes=0-1/2", "bytes 0-1/2 ", "bytes 0-1/2, bytes 1-1/2", "bytes 0-9223372036854775807/*", "bytes 0-1/99999999999999999999",
	} {
		if got, ok := parseContentRange(in); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-0/1", "bytes */5", "bytes 3-4/*", "bytes 1-0/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := parseContentRange(s)
		if !ok {
			return
		}
		if r.first >= 0 && (r.last < r.first || r.total >= 0 && r.last >= r.total) || r.first < 0 && (r.total < 0 || r.last != -1) || r.total < -1 {
			t.Errorf("%q is %v", s, r)
		}
		again := fmt.Sprintf("bytes %d-%d/%d", r.first, r.last, r.total)
		if got, ok := parseContentRange(again); r.first >= 0 && r.total >= 0 && (!ok || got != r) {
			t.Errorf("%q is %v, and %q %v", s, r, again, got)
		}
	})
}

func TestSidecar(t *testing.T) {
	t.Parallel()
	s := sidecar{Job: "j", Snapshot: "s", ReplicaSet: "r", ETag: `"e"`, LastModified: "Sat, 28 Nov 2026 10:00:00 GMT", Total: 9, Offset: 4, Ranges: true, Begun: time.Unix(1, 0).UTC()}
	raw, err := s.bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parseSidecar(raw); err != nil || got != s {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{
		``, `{}x`, `[]`, `{"offset":-1,"total":3}`, `{"offset":4,"total":3}`, `{"total":-2}`, `{"total":1e30}`, `{"url":"https://x"}`, `{"offset":1}{}`,
		`{"etag":"W/\"a\"","total":1}`, `{"etag":"\"a\r\nX: y\"","total":1}`, `{"etag":"a","total":1}`, `{"lastModified":"yesterday","total":1}`,
	} {
		if got, err := parseSidecar([]byte(bad)); err == nil {
			t.Errorf("%s is %+v", bad, got)
		}
	}
}

func FuzzSidecar(f *testing.F) {
	f.Add([]byte(`{"jobId":"j","snapshotId":"s","etag":"\"e\"","total":9,"offset":4,"ranges":true,"begun":"2026-11-28T10:00:00Z"}`))
	f.Add([]byte(`{"total":-1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseSidecar(raw)
		if err != nil {
			return
		}
		if s.Offset < 0 || s.Total < -1 || s.Total >= 0 && s.Offset > s.Total {
			t.Errorf("%+v", s)
		}
		for _, c := range []byte(s.validator()) {
			if c < ' ' || c >= 0x7f {
				t.Errorf("If-Range would be %q", s.validator())
			}
		}
		again, err := s.bytes()
		if err != nil {
			return // a time that cannot be written
		}
		if got, err := parseSidecar(again); err != nil || got.Offset != s.Offset || got.validator() != s.validator() {
			t.Errorf("%+v is %+v again, %v", s, got, err)
		}
	})
}

// Only validators that speak for each byte are kept.
func TestValidators(t *testing.T) {
	t.Parallel()
	const date, changed, justNow = "Sat, 28 Nov 2026 10:00:00 GMT", "Sat, 28 Nov 2026 09:00:00 GMT", "Sat, 28 Nov 2026 09:59:30 GMT"
	for want, h := range map[string]http.Header{
		`"a"`:   {"Etag": {`"a"`}, "Last-Modified": {changed}, "Date": {date}},
		changed: {"Etag": {`W/"a"`}, "Last-Modified": {changed}, "Date": {date}},
		"":      {"Etag": {`W/"a"`}, "Last-Modified": {justNow}, "Date": {date}},
	} {
		var s sidecar
		if s.note(h); s.validator() != want {
			t.Errorf("of %v: %q, want %q", h, s.validator(), want)
		}
	}
	var s sidecar
	if s.note(http.Header{"Last-Modified": {changed}}); s.validator() != "" {
		t.Errorf("without a date: %q", s.validator())
	}
}
