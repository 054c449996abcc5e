package atlasclient

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/icholy/digest"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/submit"
)

const unauthorized = `{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource.","errorCode":"UNEXPECTED_ERROR"}`

// digestServer checks signatures as Atlas does, with its own arithmetic.
type digestServer struct {
	*server

	mu         sync.Mutex
	nonce      string
	rotate     int // if set, every refusal brings a new nonce, as Atlas's do
	lastCount  string
	authorised []string // requests that got through, as "METHOD path"
	bare       int      // requests without a signature
	bareWrites int      // those of them that would change something
	refused    int      // signed requests that were refused
	stale      int      // so many signed requests are refused for their nonce alone

	refusedAsStale bool // the one that is answered now
}

func newDigestServer(t *testing.T, handle http.HandlerFunc) *digestServer {
	t.Helper()
	d := &digestServer{nonce: "nonce-1"}
	d.server = newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if d.check(r) {
			handle(w, r)
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.rotate > 0 {
			d.rotate++
			d.nonce, d.lastCount = fmt.Sprint("rotated-", d.rotate), ""
		}
		stale := d.refusedAsStale
		if d.refusedAsStale = false; stale {
			d.nonce, d.lastCount = fmt.Sprint("aged-", d.stale), ""
		}
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Digest realm="MMS Public API", domain="", nonce="%s", algorithm=MD5, qop="auth", stale=%t`, d.nonce, stale))
		answer(w, 401, unauthorized)
	})
	return d
}

// renew makes the nonce that clients hold a stale one.
func (d *digestServer) renew(nonce string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nonce, d.lastCount = nonce, ""
}

var quoted = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

func (d *digestServer) check(r *http.Request) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	header, signed := strings.CutPrefix(r.Header.Get("Authorization"), "Digest ")
	if !signed {
		d.bare++
		if r.Method != http.MethodGet {
			d.bareWrites++
		}
		return false
	}
	p := map[string]string{}
	for _, m := range quoted.FindAllStringSubmatch(header, -1) {
		p[m[1]] = m[2]
	}
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	want := sum(sum(apiKey.Public, "MMS Public API", privateKey), p["nonce"], p["nc"], p["cnonce"], "auth", sum(r.Method, r.RequestURI))
	if p["response"] != want || p["nonce"] != d.nonce || p["uri"] != r.RequestURI || p["nc"] <= d.lastCount {
		d.refused++
		return false
	}
	if d.stale > 0 {
		d.stale--
		d.refusedAsStale = true
		return false
	}
	d.lastCount = p["nc"]
	d.authorised = append(d.authorised, r.Method+" "+r.URL.Path)
	return true
}

func job(id string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.Header().Set("Content-Type", "application/vnd.atlas.2023-01-01+json")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, 200, `{"id":"`+id+`","deliveryType":"download","deliveryUrl":[]}`)
	}
}

var download = state.Request{DeliveryType: state.Download, SnapshotID: id2}

func TestDigestCostsOneRoundTripAfterTheFirst(t *testing.T) {
	d := newDigestServer(t, job(id1))
	c := d.client(Options{Credential: apiKey})
	for range 5 {
		if _, err := c.Job(t.Context(), rs, id1); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(d.requests()); got != 6 {
		t.Errorf("5 calls took %d requests, want 6", got)
	}
}

func TestDigestWrites(t *testing.T) {
	create := func(c *Client) error { _, err := c.CreateJob(context.Background(), rs, download); return err }
	cancel := func(c *Client) error { return c.CancelJob(context.Background(), rs, id1) }
	read := func(c *Client) error { _, err := c.Job(context.Background(), rs, id1); return err }
	tests := []struct {
		name          string
		before        func(*Client) error // an earlier call
		stale         bool                // the nonce ends in between
		write         func(*Client) error
		bare, refused int
	}{
		{"create first of all", nil, false, create, 1, 0},
		{"create after a read", read, false, create, 2, 0},
		{"create with a stale nonce", read, true, create, 2, 0},
		{"cancel first of all", nil, false, cancel, 1, 0},
		{"cancel with a stale nonce", read, true, cancel, 2, 0},
		{"create after create", create, false, create, 2, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDigestServer(t, job(id1))
			c := d.client(Options{Credential: apiKey})
			if tt.before != nil {
				if err := tt.before(c); err != nil {
					t.Fatal(err)
				}
			}
			if tt.stale {
				d.renew("nonce-2")
			}
			before := len(d.authorised)
			if err := tt.write(c); err != nil {
				t.Fatal(err)
			}
			if n := len(d.authorised) - before; n != 1 {
				t.Errorf("the write got through %d times: %v", n, d.authorised)
			}
			if d.bare != tt.bare || d.refused != tt.refused {
				t.Errorf("%d bare and %d refused requests, want %d and %d: %v", d.bare, d.refused, tt.bare, tt.refused, d.requests())
			}
			if d.bareWrites != 0 {
				t.Errorf("%d writes went out without a signature: %v", d.bareWrites, d.requests())
			}
		})
	}
}

// TestDigestWrongKey: a wrong key is a definite no, and no endless loop, whether a
// refusal repeats its nonce or brings a new one.
func TestDigestWrongKey(t *testing.T) {
	wrong := credentials.Credential{Kind: credentials.APIKey, Public: "abcdefgh", Private: state.NewSecret("wrong")}
	for _, tt := range []struct {
		name   string
		rotate int
	}{
		{"same nonce", 0},
		{"new nonce", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDigestServer(t, job(id1))
			d.rotate = tt.rotate
			c := d.client(Options{Credential: wrong})
			sent := 0
			for range 2 { // a write is never sent again, whatever nonce the refusal brings
				_, err := c.CreateJob(t.Context(), rs, download)
				var refused *state.AtlasError
				if !errors.As(err, &refused) || refused.Status != 401 || !refused.DefiniteNo() {
					t.Errorf("got %v", err)
				}
				var methods []string
				for _, r := range d.requests()[sent:] {
					methods = append(methods, strings.Fields(r)[0])
				}
				sent = len(d.requests())
				if got := strings.Join(methods, " "); got != "GET POST" {
					t.Errorf("sent %s, want GET POST", got)
				}
			}
		})
	}
}

func TestDigestChallengeCannotBeHad(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		status int
	}{
		{"no digest offered", always(401, unauthorized), 401},
		{"no login wanted", always(200, `{}`), 0},
		{"rate limited", always(429, `{"error":429,"errorCode":"RATE_LIMITED"}`), 429},
		{"fault", always(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.answer)
			_, err := s.client(Options{Credential: apiKey}).CreateJob(t.Context(), rs, download)
			if !errors.Is(err, submit.ErrNotSent) {
				t.Errorf("not marked as not sent: %v", err)
			}
			var refused *state.AtlasError
			if errors.As(err, &refused) != (tt.status != 0) || refused != nil && refused.Status != tt.status {
				t.Errorf("got %v, want status %d", err, tt.status)
			}
			for _, r := range s.requests() {
				if !strings.HasPrefix(r, "GET ") {
					t.Errorf("%s was sent", r)
				}
			}
		})
	}
}

func TestDigestConcurrently(t *testing.T) {
	d := newDigestServer(t, job(id1))
	c := d.client(Options{Credential: apiKey})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { // a count that comes late is refused: the answer may be 401, never a race
			var refused *state.AtlasError
			if _, err := c.Job(context.Background(), rs, id1); err != nil && !errors.As(err, &refused) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestDigestCountsOn: a refusal that repeats its nonce does not begin the count anew,
// for a count that was used before would be refused as a replay.
func TestDigestCountsOn(t *testing.T) {
	d := &digestAuth{}
	d.keep(&digest.Challenge{Nonce: "a"})
	var counts []int
	for _, nonce := range []string{"a", "a", "b", "b"} {
		d.keep(&digest.Challenge{Nonce: nonce})
		_, n := d.next(nil)
		counts = append(counts, n)
	}
	if want := []int{1, 2, 1, 2}; !slices.Equal(counts, want) {
		t.Errorf("counts %v, want %v", counts, want)
	}
}

// TestDigestStale: a request that is refused for the age of its nonce alone is sent again
// with a new one, a write too, as nothing was carried out. That is bounded, and never called
// a wrong key: a read may pass at the next try, a write has certainly not been carried out.
func TestDigestStale(t *testing.T) {
	create := func(c *Client) error { _, err := c.CreateJob(context.Background(), rs, download); return err }
	read := func(c *Client) error { _, err := c.Job(context.Background(), rs, id1); return err }
	for _, tt := range []struct {
		name  string
		call  func(*Client) error
		stale int
		fails bool
	}{
		{"a read, once", read, 1, false},
		{"a read, twice", read, 2, false},
		{"a read, for ever", read, 1000, true},
		{"a write, once", create, 1, false},
		{"a write, twice", create, 2, false},
		{"a write, for ever", create, 1000, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDigestServer(t, job(id1))
			d.stale = tt.stale
			c := d.client(Options{Credential: apiKey})
			err := tt.call(c)
			var refused *state.AtlasError
			switch {
			case !tt.fails && err != nil:
				t.Errorf("got %v", err)
			case tt.fails && (err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), "the key is good")):
				t.Errorf("got %v", err)
			case tt.fails && len(d.requests()) > 1+maxStale:
				t.Errorf("%d requests: %v", len(d.requests()), d.requests())
			case !tt.fails && len(d.authorised) != 1:
				t.Errorf("%d got through", len(d.authorised))
			}
			if write := strings.HasPrefix(tt.name, "a write"); write && tt.fails != errors.Is(err, submit.ErrNotSent) || d.bareWrites != 0 {
				t.Errorf("%d bare writes, %v", d.bareWrites, err)
			}
		})
	}
}

// TestDigestStaleThenWrong: what counts is the last answer.
func TestDigestStaleThenWrong(t *testing.T) {
	n := 0
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Digest realm="MMS Public API", nonce="n-%d", algorithm=MD5, qop="auth", stale=%t`, n, n == 2))
		answer(w, 401, unauthorized)
	})
	_, err := s.client(Options{Credential: apiKey}).CreateJob(t.Context(), rs, download)
	var refused *state.AtlasError
	if !errors.As(err, &refused) || !refused.DefiniteNo() || n != 3 {
		t.Errorf("after %d requests: %v", n, err)
	}
}
