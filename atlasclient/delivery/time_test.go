package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// inTime runs a fetch whose waits take no time, against a server in memory.
func inTime(t *testing.T, body []byte, f func(t testing.TB, s *server, w *wanted)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, body)
		w := s.want(dir)
		w.opt.sleep = nil
		f(t, s, w)
	})
}

// stall sends so many bytes, and then nothing until the client leaves.
func (s *server) stall(k int) func(r *http.Request, c *connection) {
	return func(r *http.Request, c *connection) {
		s.answer(r, c, s.body[:k])
		_, _ = io.Copy(io.Discard, c)
	}
}

// A server that says nothing more is left after half a minute, at whichever byte, and the rest
// is asked for.
func TestStallAtEveryByte(t *testing.T) {
	t.Parallel()
	body := archive(t, 20, 1)
	for k := range body {
		inTime(t, body, func(t testing.TB, s *server, w *wanted) {
			s.first(s.stall(k))
			began := time.Now()
			w.fetchedFrom(s)
			if took := time.Since(began); took < stallTime || took > stallTime+2*firstPause {
				t.Errorf("at byte %d it took %s", k, took)
			}
			contiguous(t, s.requests())
			if again := w.heard(fetch.Again); len(again) != 1 || again[0].Err.Problem != fetch.Stalled || again[0].Try != 2 || again[0].Of != mostTries {
				t.Errorf("at byte %d: %+v", k, again)
			}
		})
	}
}

// While nothing comes, the last bytes that came are told, and no speed is: what was told before would stand
// there for as long as the silence lasts.
func TestSilenceHasNoSpeed(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 1000, 1), func(t testing.TB, s *server, w *wanted) {
		s.first(func(_ *http.Request, c *connection) {
			c.headed(s.body[:300], "206 Partial Content", fmt.Sprintf("Content-Length: %d", len(s.body)), fmt.Sprintf("Content-Range: bytes 0-%d/%d", len(s.body)-1, len(s.body)), "ETag: "+s.etag)
			for _, part := range [][]byte{s.body[300:400], s.body[400:410]} {
				time.Sleep(time.Second) // of the bubble's time
				_, _ = c.Write(part)
			}
			_, _ = io.Copy(io.Discard, c)
		})
		began := time.Now()
		var told []fetch.Event
		tell := w.opt.Tell
		w.opt.Tell = func(e fetch.Event) {
			if tell(e); e.Kind == fetch.Moved && time.Since(began) < stallTime {
				told = append(told, e)
			}
		}
		w.fetchedFrom(s)
		if last := told[len(told)-1]; last.Done != 410 || last.Speed != 0 || last.Left != -1 || told[len(told)-2].Speed == 0 {
			t.Errorf("in the silence stands: %+v, and before: %+v", last, told[:len(told)-1])
		}
	})
}

// The tries are bounded, and so are the waits between them; each is told before it begins.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 100, 1), func(t testing.TB, s *server, w *wanted) {
		s.play = func(n int, r *http.Request, c *connection) bool {
			if n > 1 {
				c.headed(nil, "502 Bad Gateway", "Content-Length: 0")
				return true
			}
			s.answer(r, c, s.body[:50])
			return true
		}
		began := time.Now()
		e := w.end(fetch.Trouble)
		if !strings.Contains(e.Why, "given up after 8 tries") || e.Status != 502 {
			t.Errorf("%+v", e)
		}
		if n := len(s.requests()); n != 1+mostTries-1 {
			t.Errorf("asked %d times", n)
		}
		if took := time.Since(began); took > mostTries*longestPause {
			t.Errorf("it took %s", took)
		}
		for _, again := range w.heard(fetch.Again) {
			if again.In <= 0 || again.In > longestPause || again.Err == nil || again.Done != 50 {
				t.Errorf("%+v", again)
			}
		}
	})
}

// A server that asks for a rest gets it; one that wants to be left for long is left.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for after, end := range map[string]fetch.Problem{"120": "", "86400": fetch.Trouble} {
		inTime(t, archive(t, 100, 1), func(t testing.TB, s *server, w *wanted) {
			s.first(func(_ *http.Request, c *connection) { c.headed(nil, "429 Slow Down", "Retry-After: "+after) })
			began := time.Now()
			if end != "" {
				w.ends(end)
				return
			}
			w.fetchedFrom(s)
			if took := time.Since(began); took < 2*time.Minute || took > 3*time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// trickle sends the usual answer a little at a time.
func (s *server) trickle(r *http.Request, c *connection, bytes int, every time.Duration) {
	at := 0
	_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &at)
	s.answer(r, c, s.body[:at])
	for part := range slices.Chunk(s.body[at:], bytes) {
		if _, err := c.Write(part); err != nil {
			return
		}
		time.Sleep(every) // of the bubble's time, as in inTime
	}
}

// A connection that brings next to nothing is given up for another, and what came is kept. The
// speed and the time left are those of the last seconds.
func TestSlow(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 200_000, 1), func(t testing.TB, s *server, w *wanted) {
		s.first(func(r *http.Request, c *connection) { s.trickle(r, c, 1000, time.Second) })
		w.fetchedFrom(s)
		again := w.heard(fetch.Again)
		if len(again) != 1 || again[0].Err.Problem != fetch.Slow || again[0].Done < 60_000 || again[0].Done > 62_000 {
			t.Fatalf("%+v", again)
		}
		contiguous(t, s.requests())
		moved := w.heard(fetch.Moved)
		if e := moved[40]; e.Speed < 900 || e.Speed > 1200 || e.Left < 130*time.Second || e.Left > 190*time.Second || e.Total != int64(len(s.body)) {
			t.Errorf("after 40 s: %+v", e)
		}
	})
}

// No faster than allowed, over all files; and that slowness is nobody's fault.
func TestLimit(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 100_000, 1), func(t testing.TB, s *server, w *wanted) {
		w.opt.Limit = fetch.NewLimit(1000)
		began := time.Now()
		w.opt.Tell = func(e fetch.Event) {
			if e.Done > 50_000 {
				w.opt.Limit.Set(2000) // while it runs
			}
		}
		w.fetchedFrom(s)
		if took := time.Since(began); took < 74*time.Second || took > 78*time.Second {
			t.Errorf("it took %s", took)
		}
		if len(s.requests()) != 1 {
			t.Errorf("%v", s.requests())
		}
	})
}

// A link whose time is over is not touched. Atlas's clock counts, not this machine's.
func TestExpiry(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 100, 1), func(t testing.TB, s *server, w *wanted) {
		w.order.ExpiresAt = time.Now()
		if e := w.end(fetch.Stale); !strings.Contains(e.Why, "over since 00:00:00 UTC") || !strings.Contains(e.Advice, "another download job") {
			t.Errorf("%+v", e)
		}
		if n := len(s.requests()); n != 0 {
			t.Errorf("asked %d times", n)
		}
		// By the server's Date it is two hours later than here.
		w.order.ExpiresAt = time.Now().Add(time.Hour)
		s.first(func(_ *http.Request, c *connection) {
			c.headed(s.body[:50], "206 Partial Content", fmt.Sprintf("Content-Range: bytes 0-%d/%d", len(s.body)-1, len(s.body)), "ETag: "+s.etag,
				"Date: "+time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
		})
		w.ends(fetch.Stale)
		if n := len(s.requests()); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// New links are asked for where the caller can have some: what is there is gone on with. They
// are asked for once, whatever the number of files.
func TestRenewal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := serveOn(t, p, archive(t, 100, 1))
		w := want(t, dir, s.link(), s.link(), s.link())
		w.opt.sleep, w.opt.dial, w.opt.AtOnce = nil, p.dial, 3
		gone := func(r *http.Request) bool { return !strings.Contains(r.URL.Path, "/new/") }
		var all sync.WaitGroup // the three that are refused, so that none has heard of new links
		all.Add(3)
		s.play = func(n int, r *http.Request, c *connection) bool {
			switch {
			case n <= 3:
				s.answer(r, c, s.body[:60])
			case gone(r):
				all.Done()
				all.Wait()
				c.headed(nil, "410 Gone", "Content-Length: 0")
			default:
				return false
			}
			return true
		}
		renewals := 0
		w.opt.Renew = func(_ context.Context, o fetch.Order) (fetch.Order, error) {
			renewals++
			o.Files = slices.Clone(o.Files)
			for i := range o.Files {
				o.Files[i].Link = state.NewSecret(strings.Replace(s.link(), "/restore", "/new/restore", 1))
			}
			return o, nil
		}
		if _, err := w.fetch(); err != nil {
			t.Fatalf("%v\n%s", err, w.story())
		}
		if renewals != 1 {
			t.Errorf("new links were asked for %d times", renewals)
		}
		for _, a := range s.requests()[3:] {
			if a.Range != "bytes=60-" {
				t.Errorf("asked for %s", a.Range)
			}
		}
		// Links that are no better are asked for a few times only.
		w = want(t, dir, s.link())
		w.opt.sleep, w.opt.dial = nil, p.dial
		s.play = func(_ int, _ *http.Request, c *connection) bool {
			c.headed(nil, "410 Gone", "Content-Length: 0")
			return true
		}
		w.opt.Renew = func(_ context.Context, o fetch.Order) (fetch.Order, error) { renewals++; return o, nil }
		w.ends(fetch.Stale)
		if renewals != 1+mostRenewals {
			t.Errorf("new links were asked for %d times", renewals)
		}
		w.opt.Renew = func(context.Context, fetch.Order) (fetch.Order, error) {
			return fetch.Order{}, errors.New("CANNOT_DO_THAT")
		}
		if e := w.end(fetch.Stale); !strings.Contains(e.Why, "Atlas gave no other link: CANNOT_DO_THAT") {
			t.Errorf("%+v", e)
		}
	})
}

// Whoever leaves keeps what is there, and what is needed to go on.
func TestLeaving(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 1000, 1), func(t testing.TB, s *server, w *wanted) {
		ctx, cancel := context.WithCancel(t.Context())
		s.first(func(r *http.Request, c *connection) {
			s.answer(r, c, s.body[:500])
			time.Sleep(time.Second) // of the bubble's time
			cancel()
			_, _ = io.Copy(io.Discard, c)
		})
		r, err := w.fetchUnder(ctx)
		if !errors.Is(err, context.Canceled) || r[0].State != fetch.Kept || r[0].Bytes != 500 || r[0].Err.Problem != fetch.Left || r[0].Path == "" {
			t.Errorf("%v %+v", err, r)
		}
		w.has(nil)
		w.fetchedFrom(s)
		contiguous(t, s.requests())
		// The proof was shown every byte, those on disk first.
		if last := w.proof.seen[len(w.proof.seen)-1]; string(last) != string(s.body) {
			t.Errorf("the proof saw %d of %d bytes", len(last), len(s.body))
		}
	})
}

// Who leaves a file of which the server gives the whole only is told, while it comes and after, that it is
// fetched from the first byte on; and so it is, and says so.
func TestLeavingWithoutRanges(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 1000, 1), func(t testing.TB, s *server, w *wanted) {
		s.always = true
		ctx, cancel := context.WithCancel(t.Context())
		s.first(func(_ *http.Request, c *connection) {
			c.headed(s.body[:500], "200 OK", fmt.Sprintf("Content-Length: %d", len(s.body)))
			time.Sleep(time.Second) // of the bubble's time
			cancel()
			_, _ = io.Copy(io.Discard, c)
		})
		r, _ := w.fetchUnder(ctx)
		if !r[0].NoRanges || !strings.Contains(r[0].Err.Advice, "from the first byte on") {
			t.Errorf("%+v", r)
		}
		for _, e := range w.events {
			if (e.Kind == fetch.Began || e.Kind == fetch.Ended) && !e.NoRanges {
				t.Errorf("%s does not tell it: %+v", e.Kind, e)
			}
		}
		w.fetchedFrom(s)
		if !slices.ContainsFunc(w.events, func(e fetch.Event) bool { return e.Kind == fetch.Anew && e.Done == 500 }) {
			t.Errorf("it begins again and does not say so: %+v", w.events)
		}
	})
}

// It is said in time that a link will end before all is there.
func TestLinkEndsFirst(t *testing.T) {
	t.Parallel()
	inTime(t, archive(t, 1_000_000, 1), func(t testing.TB, s *server, w *wanted) {
		w.order.ExpiresAt = time.Now().Add(40 * time.Second)
		s.first(func(r *http.Request, c *connection) { s.trickle(r, c, 20_000, time.Second) })
		w.fetchedFrom(s) // a connection that stands is left alone
		notes := w.heard(fetch.Note)
		if len(notes) != 1 || !strings.Contains(notes[0].Text, "and the link ends in 2") {
			t.Errorf("%+v", notes)
		}
	})
}
