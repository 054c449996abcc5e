package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"atlas-restore/state/fetch"
)

// first has the server answer its first request by f, and all others as usual.
func (s *server) first(f func(r *http.Request, c *connection)) {
	s.play = func(n int, r *http.Request, c *connection) bool {
		if n == 1 {
			f(r, c)
		}
		return n == 1
	}
}

// second has the first request cut at byte k, and the second one answered by f.
func (s *server) second(k int, f func(r *http.Request, c *connection)) {
	s.play = func(n int, r *http.Request, c *connection) bool {
		switch n {
		case 1:
			s.answer(r, c, s.body[:k])
		case 2:
			f(r, c)
		}
		return n <= 2
	}
}

// faults are what a network and a server do, at byte k of the archive. Each has the end that it
// must come to: proven where end is empty. Where it does not, the same order with a server that
// has recovered comes to it.
var faults = map[string]struct {
	end  fetch.Problem
	anew bool // it is begun from the first byte on, and that is said
	over bool // there is nothing left to go on with
	play func(s *server, k int)
}{
	"cut": {play: func(s *server, k int) {
		s.first(func(r *http.Request, c *connection) { s.answer(r, c, s.body[:k]) })
	}},
	"reset": {play: func(s *server, k int) {
		s.first(func(r *http.Request, c *connection) { s.answer(r, c, s.body[:k]); c.reset() })
	}},
	"cut twice": {play: func(s *server, k int) {
		s.second(k, func(r *http.Request, c *connection) { s.answer(r, c, s.body[:min(k+7, len(s.body))]) })
	}},
	"another range": {end: fetch.BadAnswer, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed(s.body, "206 Partial Content", fmt.Sprintf("Content-Range: bytes %d-%d/%d", k+1, len(s.body), len(s.body)+1), "ETag: "+s.etag)
		})
	}},
	"a range of the same file that is longer": {end: fetch.BadAnswer, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed(append(s.body[k:len(s.body):len(s.body)], 0), "206 Partial Content", fmt.Sprintf("Content-Range: bytes %d-%d/%d", k, len(s.body), len(s.body)+1), "ETag: "+s.etag)
		})
	}},
	"a range that is not said": {end: fetch.BadAnswer, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) { c.headed(s.body[k:], "206 Partial Content") })
	}},
	"more than it said": {end: fetch.BadAnswer, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed(fmt.Appendf(nil, "%x\r\n%sx\r\n0\r\n\r\n", len(s.body)-k+1, s.body[k:]), "206 Partial Content",
				fmt.Sprintf("Content-Range: bytes %d-%d/%d", k, len(s.body)-1, len(s.body)), "Transfer-Encoding: chunked", "ETag: "+s.etag)
		})
	}},
	"another file, whole": {anew: true, play: func(s *server, k int) {
		s.second(k, func(r *http.Request, c *connection) { s.change(); s.answer(r, c, s.body) })
	}},
	"another file, its rest": {anew: true, play: func(s *server, k int) {
		s.second(k, func(r *http.Request, c *connection) { s.change(); r.Header.Del("If-Range"); s.answer(r, c, s.body) })
	}},
	"another file that is shorter": {anew: true, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			s.change()
			c.headed(nil, "416 Range Not Satisfiable", fmt.Sprintf("Content-Range: bytes */%d", len(s.body)))
		})
	}},
	"the whole to a range": {anew: true, play: func(s *server, k int) {
		s.second(k, func(r *http.Request, c *connection) {
			r.Header.Set("Range", "none")
			s.always = true
			s.answer(r, c, s.body)
		})
	}},
	"no length, cut": {anew: true, play: func(s *server, k int) {
		s.first(func(_ *http.Request, c *connection) { c.headed(s.body[:k], "200 OK", "ETag: "+s.etag) })
	}},
	"no length, cut, ranges": {play: func(s *server, k int) {
		s.first(func(_ *http.Request, c *connection) {
			c.headed(s.body[:k], "200 OK", "ETag: "+s.etag, "Accept-Ranges: bytes")
		})
	}},
	"no length, and short for good": {end: fetch.Damaged, over: true, play: func(s *server, k int) {
		s.body = s.body[:len(s.body)-k]
		s.first(func(_ *http.Request, c *connection) {
			c.headed(s.body, "200 OK", "ETag: "+s.etag, "Accept-Ranges: bytes")
		})
	}},
	"403 page": {end: fetch.Stale, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed([]byte("<html>"+token+"</html>"), "403 Forbidden", "Content-Type: text/html")
		})
	}},
	"410": {end: fetch.Stale, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) { c.headed(nil, "410 Gone", "Content-Length: 0") })
	}},
	"503": {play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) { c.headed([]byte("x"), "503 Busy", "Retry-After: 3") })
	}},
	"no answer": {play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) { c.reset() })
	}},
	"redirect to http": {end: fetch.Insecure, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed(nil, "302 Found", "Location: http://192.0.2.1/"+token, "Content-Length: 0")
		})
	}},
	"page of text": {end: fetch.NoArchive, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed([]byte("<html>sign in: "+token), "200 OK", "Content-Type: text/html")
		})
	}},
	"gzip label": {end: fetch.BadAnswer, play: func(s *server, k int) {
		s.second(k, func(_ *http.Request, c *connection) {
			c.headed(s.body[k:], "206 Partial Content", fmt.Sprintf("Content-Range: bytes %d-%d/%d", k, len(s.body)-1, len(s.body)), "Content-Encoding: gzip")
		})
	}},
	"trailing garbage": {end: fetch.Damaged, over: true, play: func(s *server, k int) {
		s.body = append(s.body[:len(s.body):len(s.body)], bytes.Repeat([]byte("g"), k)...)
	}},
	"a byte is another": {end: fetch.Damaged, over: true, play: func(s *server, k int) {
		s.body = bytes.Clone(s.body)
		s.body[k-1] ^= 0xff
	}},
	"a length that is too small": {end: fetch.Damaged, over: true, play: func(s *server, k int) {
		s.body = s.body[:len(s.body)-k]
	}},
}

// change is another file behind the same link.
func (s *server) change() {
	s.body, s.etag = archive(s.t, 55, 2), `"two"`
}

// Whatever goes wrong, at whichever byte: afterwards the final name is absent, or holds the
// archive. What passes is tried again and comes to its end, what does not is said, and what is
// there is gone on with. No byte is asked for twice but where it must be.
func TestFaultsAtEveryByte(t *testing.T) {
	t.Parallel()
	size, every := 20, 9
	if thorough() {
		size, every = 1500, 1
	}
	body := archive(t, size, 1)
	for fault, f := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for k := 1; k < len(body); k++ {
				if (k+len(fault))%every != 0 && k > 2 && k < len(body)-1 {
					continue // in the suite each fault has its ninth of the bytes
				}
				if fault == "a byte is another" && (k <= 2 || k > 3 && k <= 10) {
					continue // those show that it is an archive at all, and when and where it was packed
				}
				if fault == "another file that is shorter" && k == 1 {
					continue // nothing was kept that could be longer
				}
				if (fault == "a length that is too small" || fault == "no length, and short for good") && k > len(body)-2 {
					continue // no two bytes are left
				}
				atByte(t, dir, body, k, f.end, f.anew, f.over, f.play)
				if t.Failed() {
					t.Fatalf("at byte %d", k)
				}
			}
		})
	}
}

func atByte(t *testing.T, dir string, body []byte, k int, end fetch.Problem, anew, over bool, play func(*server, int)) {
	t.Helper()
	s := inMemory(t, body)
	defer func() { _ = s.l.Close() }()
	play(s, k)
	w := s.want(dir)
	if end == "" {
		w.fetchedFrom(s)
	} else {
		e := w.end(end)
		if e.Passes() || e.Why == "" {
			t.Errorf("the end passes, or says nothing: %+v", e)
		}
		if over != (w.disk.files[name+damagedEnding] != nil) {
			t.Errorf("set aside or not: %v", w.disk.names())
		}
	}
	// A part of one byte does not show yet that it is an archive.
	if said := len(w.heard(fetch.Anew)); (said > 0) != anew && k > 1 || said > 1 {
		t.Errorf("from the first byte on: told %d times, want %v", said, anew)
	}
	if !anew {
		contiguous(t, s.requests())
	}
	if end == "" || over {
		return
	}
	before := len(s.requests())
	s.play = nil
	w.fetchedFrom(s)
	if k > 1 && s.requests()[before].Range != fmt.Sprintf("bytes=%d-", k) {
		t.Errorf("it does not go on where it ended, at %d: %v", k, s.requests())
	}
}

// contiguous holds that no request goes back behind one before it.
func contiguous(t testing.TB, all []asked) {
	t.Helper()
	most := 0
	for _, a := range all {
		at := 0
		if _, err := fmt.Sscanf(a.Range, "bytes=%d-", &at); err != nil || !strings.HasSuffix(a.Range, "-") {
			t.Errorf("range %q", a.Range)
		}
		if at < most {
			t.Errorf("asked for again: %v", all)
		}
		if at > 0 && a.IfRange != `"one"` {
			t.Errorf("the rest of whatever file: %v", all)
		}
		most = at
	}
}

// A server that gives the whole in the next run, where only the rest of what was kept is asked for, is taken
// at its word: what is there is given up, which is told once with how much it was, nothing is asked for again,
// and the end is proven.
func TestTheWholeInAnotherRun(t *testing.T) {
	t.Parallel()
	for name, etag := range map[string]string{"the same file": `"one"`, "another file": `"two"`} {
		s := serve(t, archive(t, 300, 1))
		w := want(t, t.TempDir(), s.link())
		s.second(100, func(_ *http.Request, c *connection) { c.headed(nil, "410 Gone", "Content-Length: 0") })
		w.ends(fetch.Stale)
		w.events, s.play = nil, nil
		before := len(s.requests())
		s.always, s.etag = true, etag
		w.fetchedFrom(s)
		anew := w.heard(fetch.Anew)
		if len(anew) != 1 || anew[0].Done != 100 || anew[0].Text == "" || strings.Contains(anew[0].Text, "changed meanwhile") != (etag == `"two"`) {
			t.Errorf("%s: told as begun anew: %+v", name, anew)
		}
		if all := s.requests()[before:]; len(all) != 1 || all[0].Range != "bytes=100-" {
			t.Errorf("%s: it asks for %v", name, all)
		}
	}
}

// judging is a prover that says the same of everything.
type judging fetch.Verdict

func (j judging) Prove(_ context.Context, _ string, r io.Reader, _ Unpacker) (fetch.Verdict, error) {
	_, err := io.Copy(io.Discard, r)
	return fetch.Verdict(j), err
}

// What could not be checked gets no final name either, and is not called damaged.
func TestUnprovenIsNotDamaged(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	for _, c := range []struct {
		v    fetch.Verdict
		p    fetch.Problem
		file string
	}{
		{fetch.Verdict{Unseen: true, Words: "2 tables are encrypted", Report: []byte("all of it")}, fetch.Unproven, name + ".unproven"},
		{fetch.Verdict{Words: "a block is not as it was written", Report: []byte("all of it")}, fetch.Damaged, name + ".damaged"},
	} {
		w := want(t, t.TempDir(), s.link())
		w.opt.Prover = judging(c.v)
		if e := w.end(c.p); !strings.Contains(e.Why, c.v.Words) || !strings.Contains(e.Advice, c.file) || strings.Contains(e.Why, "damage") == c.v.Unseen {
			t.Errorf("%+v", e)
		}
		if len(w.disk.files) != 3 || w.disk.files[fetch.ManifestName] == nil || string(w.disk.files[c.file].now) != string(s.body) || string(w.disk.files[c.file+".txt"].now) != "all of it" {
			t.Errorf("%v", w.disk.names())
		}
	}
}
