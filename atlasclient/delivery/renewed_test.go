package delivery

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// What came from the link of another job is gone on with only where tag and length say that the file
// is the same. Else it is begun from the first byte on, and that is said with its reason. So it is
// whether the other job came within the run or before it.
func TestPartOfAnotherJob(t *testing.T) {
	t.Parallel()
	body := archive(t, 300, 1)
	longer := archive(t, 400, 2)
	for name, c := range map[string]struct {
		tag, then string // ETag before and after
		body      []byte // after
		asks      string // range of the next request
		says      string // why it is begun from the first byte on; empty: it is gone on with
	}{
		"the same":                  {`"one"`, `"one"`, body, "bytes=100-", ""},
		"another tag":               {`"one"`, `"two"`, longer, "bytes=100-", "the file of the other download is not the same (ETag)"},
		"another length":            {`"one"`, `"one"`, longer, "bytes=100-", "the file of the other download is not the same ("},
		"no tag":                    {"", "", body, "bytes=0-", "the server does not tell by a tag that the file of the other download is the same"},
		"a weak tag":                {`W/"one"`, `W/"one"`, body, "bytes=0-", "does not tell by a tag"},
		"no tag any more, and 206":  {`"one"`, "", body, "bytes=100-", "does not tell by a tag"},
		"the tag has become a weak": {`"one"`, `W/"one"`, body, "bytes=100-", "is not the same (ETag)"},
	} {
		for _, within := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", within the run", false: ", in the next run"}[within], func(t *testing.T) {
				t.Parallel()
				s := serve(t, body)
				s.etag = c.tag
				w := want(t, t.TempDir(), s.link())
				gone := func(_ int, r *http.Request, conn *connection) bool {
					if strings.Contains(r.URL.Path, "/new/") {
						return false
					}
					conn.headed(nil, "410 Gone", "Content-Length: 0")
					return true
				}
				s.play = func(n int, r *http.Request, conn *connection) bool {
					if n == 1 {
						s.answer(r, conn, s.body[:100])
						return true
					}
					return gone(n, r, conn)
				}
				next := func(o fetch.Order) fetch.Order {
					o.Job, o.Files = "job2", slices.Clone(o.Files)
					o.Files[0].Link = state.NewSecret(strings.Replace(s.link(), "/restore", "/new/restore", 1))
					s.body, s.etag = c.body, c.then
					if c.then == "" { // a server that sends the rest whatever If-Range says
						s.play = func(n int, r *http.Request, conn *connection) bool {
							if r.Header.Get("If-Range") != "" {
								r.Header.Del("If-Range")
							}
							return gone(n, r, conn)
						}
					}
					return o
				}
				if within {
					w.opt.Renew = func(_ context.Context, o fetch.Order) (fetch.Order, error) { return next(o), nil }
				} else {
					w.ends(fetch.Stale)
					w.order = next(w.order)
				}
				w.fetchedFrom(s)
				if got := s.requests()[2].Range; got != c.asks {
					t.Errorf("asked for %s", got)
				}
				anew := w.heard(fetch.Anew)
				if (len(anew) > 0) != (c.says != "") || len(anew) > 0 && !strings.Contains(anew[0].Text, c.says) {
					t.Errorf("begun from the first byte on: %+v", anew)
				}
			})
		}
	}
}

// A renewal may take minutes, as a new job does: the other files come meanwhile.
func TestRenewalHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := serveOn(t, p, archive(t, 300, 1))
		w := want(t, dir, strings.Replace(s.link(), "/restore", "/old/restore", 1), s.link())
		w.opt.dial, w.opt.AtOnce = p.dial, 2
		s.play = func(_ int, r *http.Request, c *connection) bool {
			if strings.Contains(r.URL.Path, "/old/") {
				c.headed(nil, "410 Gone", "Content-Length: 0")
				return true
			}
			return false
		}
		second, hear := make(chan struct{}), w.opt.Tell
		w.opt.Tell = func(e fetch.Event) {
			hear(e)
			if e.Kind == fetch.Ended && e.Index == 1 {
				close(second)
			}
		}
		w.opt.Renew = func(_ context.Context, o fetch.Order) (fetch.Order, error) {
			<-second
			o.Files = slices.Clone(o.Files)
			o.Files[0].Link = state.NewSecret(s.link())
			return o, nil
		}
		if _, err := w.fetch(); err != nil {
			t.Fatalf("%v\n%s", err, w.story())
		}
	})
}
