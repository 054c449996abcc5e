package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
)

// naps notes the pauses of a client instead of making them.
type naps struct {
	mu    sync.Mutex
	taken []time.Duration
}

func (n *naps) of(c *Client) {
	c.sleep = func(ctx context.Context, d time.Duration) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.taken = append(n.taken, d)
		return ctx.Err()
	}
}

// troubles are what a server and the way to it can do wrong to a read, and whether it is
// worth another try.
var troubles = []struct {
	name   string
	handle http.HandlerFunc
	passes bool
	says   string
}{
	{"408", always(408, `{"error":408,"errorCode":"REQUEST_TIMEOUT"}`), true, "408"},
	{"429", always(429, `{"error":429,"errorCode":"RATE_LIMITED"}`), true, "429 RATE_LIMITED"},
	{"500", always(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), true, "500 UNEXPECTED_ERROR"},
	{"503", always(503, `{"error":503,"errorCode":"SERVICE_UNAVAILABLE"}`), true, "503"},
	{"502 of a proxy", htmlPage(502), true, "502 text/html"},
	{"reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, "speaking to"},
	{"half a body", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		answer(w, 200, `{"results":[`)
	}, true, "broke off"},
	{"a page with 200", htmlPage(200), false, "no JSON"},
	{"no whole JSON", always(200, `{"results":[`), false, "reading the answer"},
	{"a wrong type", always(200, `{"results":{}}`), false, "reading the answer"},
	{"400", always(400, `{"error":400,"errorCode":"INVALID_ATTRIBUTE"}`), false, "400"},
	{"401", always(401, `{"error":401,"errorCode":"USER_UNAUTHORIZED"}`), false, "401"},
	{"403", always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN"}`), false, "403"},
	{"404", always(404, `{"error":404,"errorCode":"GROUP_NOT_FOUND"}`), false, "404"},
	{"409", always(409, `{"error":409,"errorCode":"OUT_OF_CAPACITY"}`), false, "409"},
	{"a redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	}, false, "a redirect to https://elsewhere.example"},
}

func htmlPage(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html>")
	}
}

// A read is made again where that may help, five times at the most, and the person is
// told of each. A write is never made again, whatever happens to it.
func TestTries(t *testing.T) {
	for _, tt := range troubles {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.handle)
			c := s.client(Options{})
			var told []state.Attempt
			ctx := state.WithAttempts(t.Context(), func(a state.Attempt) { told = append(told, a) })
			_, err := c.Projects(ctx)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want %q", err, tt.says)
			}
			tries := len(s.requests())
			switch { // Go's transport makes a read again by itself where a kept connection breaks
			case tt.passes && (tries < maxTries || tries > maxTries+1 || len(told) != maxTries-1):
				t.Errorf("%d tries, told of %d", tries, len(told))
			case !tt.passes && (tries != 1 || len(told) != 0):
				t.Errorf("%d tries of what stays so, told of %d", tries, len(told))
			}
			for i, a := range told {
				if a.Next != i+2 || a.Of != maxTries || a.Err == nil {
					t.Errorf("told %+v", a)
				}
			}
			before := len(s.requests())
			if _, err := c.CreateJob(ctx, rs, download); err == nil {
				t.Error("a write succeeded")
			}
			if n := len(s.requests()) - before; n != 1 {
				t.Errorf("a write was sent %d times", n)
			}
			noSecrets(t, err)
		})
	}
}

// What has passed is forgotten.
func TestTriesSucceed(t *testing.T) {
	var n atomic.Int32
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) <= 3 {
			always(503, `{"error":503,"errorCode":"SERVICE_UNAVAILABLE"}`)(w, r)
			return
		}
		answer(w, 200, `{"results":[]}`)
	})
	if _, err := s.client(Options{}).Projects(t.Context()); err != nil {
		t.Errorf("after three times 503: %v", err)
	}
}

// What Atlas asks to be waited is waited, on its own clock; what nobody would sit
// through is told at once.
func TestRetryAfterIsWaited(t *testing.T) {
	for asked, want := range map[string]struct {
		tries int
		pause time.Duration
	}{
		"2":   {maxTries, 2 * time.Second},
		"600": {1, 0},
		"-1":  {maxTries, 0},
		"x":   {maxTries, 0},
	} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", asked)
			always(429, `{"error":429,"errorCode":"RATE_LIMITED"}`)(w, r)
		})
		for _, pace := range []float64{1, 20} {
			c := s.client(Options{Pace: pace})
			var n naps
			n.of(c)
			before := len(s.requests())
			_, err := c.Projects(t.Context())
			if tries := len(s.requests()) - before; tries != want.tries || err == nil {
				t.Errorf("Retry-After %s: %d tries, %v", asked, tries, err)
			}
			for _, d := range n.taken {
				if least := time.Duration(float64(want.pause) / pace); d < least || d > least+longestPause {
					t.Errorf("Retry-After %s at pace %g: a pause of %v", asked, pace, d)
				}
			}
		}
	}
}

// Pauses grow, spread over their whole span, and are bounded.
func TestPauses(t *testing.T) {
	for n := 1; n < 20; n++ {
		var least, most time.Duration = time.Hour, 0
		for range 500 {
			d, ok := pauseAfter(errors.New("reset"), n)
			if !ok || d <= 0 || d > longestPause {
				t.Fatalf("after try %d a pause of %v", n, d)
			}
			least, most = min(least, d), max(most, d)
		}
		if span := min(firstPause<<(n-1), longestPause); n < 12 && (least > span/4 || most < span*3/4) {
			t.Errorf("after try %d pauses go from %v to %v of %v", n, least, most, span)
		}
	}
}

// Who leaves does not wait for the next try, nor is one made.
func TestTriesEndWithTheContext(t *testing.T) {
	s := newServer(t, always(503, `{"error":503,"errorCode":"SERVICE_UNAVAILABLE"}`))
	c := s.client(Options{})
	c.sleep = sleep
	ctx, cancel := context.WithCancel(t.Context())
	ctx = state.WithAttempts(ctx, func(state.Attempt) { cancel() })
	if _, err := c.Projects(ctx); err == nil || len(s.requests()) != 1 {
		t.Errorf("%d tries after the end: %v", len(s.requests()), err)
	}
}

// An answer that does not come is given up, and tried again; one that never ends is cut.
func TestStallAndFlood(t *testing.T) {
	stalls, met := make(chan struct{}), new(atomic.Bool)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if !met.Load() {
			answer(w, 200, `{"results":[]}`)
			return
		}
		select {
		case <-stalls:
		case <-r.Context().Done():
		}
	})
	defer close(stalls)
	c := s.client(Options{})
	if _, err := c.Projects(t.Context()); err != nil { // the token has all the time that it takes
		t.Fatal(err)
	}
	var n naps
	n.of(c)
	met.Store(true)
	c.timeout = 20 * time.Millisecond // on a busy machine it passes before the server is reached
	if _, err := c.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "no whole answer within 20ms") || len(n.taken) != maxTries-1 {
		t.Errorf("a stall: %d pauses, %v", len(n.taken), err)
	}
	flood := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(`"` + strings.Repeat("x", 1<<20) + `",`)
		_, _ = io.WriteString(w, `{"results":[`)
		for range 200 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c = flood.client(Options{})
	ask, says := func() error { _, err := c.Job(t.Context(), rs, id1); return err }, "larger than 1 MiB"
	if thorough() {
		ask, says = func() error { _, err := c.Projects(t.Context()); return err }, "larger than 32 MiB"
	}
	if err := ask(); err == nil || !strings.Contains(err.Error(), says) || len(flood.requests()) != 1 {
		t.Errorf("200 MB: %d tries, %v", len(flood.requests()), err)
	}
}

// A certificate that nobody vouches for stays so: it is not tried again, and no key is
// sent.
func TestUnknownCertificate(t *testing.T) {
	asked := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	c, err := New(Options{BaseURL: s.URL, Credential: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	var n naps
	n.of(c)
	if _, err := c.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") || asked != 0 || len(n.taken) != 0 {
		t.Errorf("asked %d times, %d pauses: %v", asked, len(n.taken), err)
	}
}

// As Atlas's count runs out, reads slow down, each project's for itself; writes do not.
func TestLimitsSlowDown(t *testing.T) {
	left := 1000
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Limit", "1000")
		w.Header().Set("RateLimit-Remaining", fmt.Sprint(left))
		answer(w, 200, `{"results":[],"id":"`+id1+`","deliveryType":"download"}`)
	})
	c := s.client(Options{})
	var n naps
	n.of(c)
	last := time.Duration(0)
	for _, left = range []int{900, 101, 80, 40, 5, 0} {
		for range 2 { // the first shows what is left, the second heeds it
			if _, err := c.Snapshots(t.Context(), rs); err != nil {
				t.Fatal(err)
			}
		}
		got := time.Duration(0)
		if len(n.taken) > 0 {
			got = n.taken[len(n.taken)-1]
		}
		if left > 100 && len(n.taken) != 0 || left < 100 && (got <= last || got > longestSlow) {
			t.Errorf("with %d left a pause of %v after one of %v", left, got, last)
		}
		last = got
	}
	before := len(n.taken)
	if _, err := c.CreateJob(t.Context(), rs, download); err != nil || len(n.taken) != before {
		t.Errorf("a write was held back: %v", err)
	}
	other := rs
	other.ProjectID = "bbbbbbbbbbbbbbbbbbbbbbbb"
	if _, err := c.Snapshots(t.Context(), other); err != nil || len(n.taken) != before {
		t.Errorf("another project was held back: %v", err)
	}
}

// slowWire is a way to Atlas on which each call takes so long, and then goes wrong.
type slowWire struct {
	takes time.Duration
	err   error
	calls int
}

func (s *slowWire) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls++
	select {
	case <-time.After(s.takes):
		return nil, s.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// How many tries are made at most is said as it is: fewer where each takes long, or where Atlas asks
// to be waited for; and what happened is said in plain words.
func TestTheTriesThatAreSaidAreMade(t *testing.T) {
	headers := errors.New("net/http: timeout awaiting response headers")
	for name, tt := range map[string]struct {
		takes time.Duration
		err   error
		tries int
		says  string
	}{
		"closed at once":        {0, io.EOF, maxTries, "the connection was closed before an answer came."},
		"no answer":             {readHeaderTimeout, late{headers}, 3, "no answer within 30 s."},
		"no whole answer":       {time.Hour, nil, 2, "no whole answer within 60 s."},
		"Atlas asks for 50 s":   {0, &state.AtlasError{Status: 429, RetryAfter: 50 * time.Second}, 2, "Atlas answered 429."},
		"Atlas asks for 2 s":    {time.Second, &state.AtlasError{Status: 503, RetryAfter: 2 * time.Second}, maxTries, "Atlas answered 503."},
		"no token for a minute": {0, &noToken{&state.AtlasError{Status: 429}}, maxTries, "Atlas answered 429."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := New(Options{BaseURL: "https://atlas.test", Credential: apiKey})
				if err != nil {
					t.Fatal(err)
				}
				wire := &slowWire{takes: tt.takes, err: tt.err}
				c.wire = wire
				var told []state.Attempt
				_, err = c.Projects(state.WithAttempts(t.Context(), func(a state.Attempt) {
					told = append(told, a)
					now := time.Now()
					for at, want := range map[time.Duration]string{a.In: " is under way: ", a.In + 20*time.Second: " is under way: ", a.In / 2: " comes "} {
						if text := a.Text(now.Add(at)); !strings.Contains(text, want) {
							t.Errorf("%v after try %d: %q", at, a.Next-1, text)
						}
					}
				}))
				if err == nil || wire.calls != tt.tries || len(told) != tt.tries-1 {
					t.Errorf("%d tries, told of %d, %v", wire.calls, len(told), err)
				}
				for _, a := range told {
					if a.Of != tt.tries {
						t.Errorf("of %d tries it is said that they are at most %d", wire.calls, a.Of)
					}
				}
				if why := state.Why(err); why != tt.says {
					t.Errorf("it says %q, want %q", why, tt.says)
				}
			})
		})
	}
}

// Once it was said how many tries are made no more are made, also where the next ones fail sooner.
func TestNoMoreTriesThanWereSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{BaseURL: "https://atlas.test", Credential: apiKey})
		if err != nil {
			t.Fatal(err)
		}
		wire := &slowWire{takes: readHeaderTimeout, err: late{errors.New("awaiting response headers")}}
		c.wire = wire
		_, _ = c.Projects(state.WithAttempts(t.Context(), func(a state.Attempt) {
			wire.takes, wire.err = 0, io.EOF
			if a.Of != 3 {
				t.Errorf("after %v it says at most %d", a.Err, a.Of)
			}
		}))
		if wire.calls != 3 {
			t.Errorf("%d tries", wire.calls)
		}
	})
}

// late is an error of a wait that has ended.
type late struct{ error }

func (late) Timeout() bool   { return true }
func (late) Temporary() bool { return true }

// What keeps an answer from coming is said in plain words, and in full in the log.
func TestWhatHappenedIsSaidPlainly(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	c := &Client{base: "https://atlas.test", proxy: "proxy.test:3128"}
	for want, err := range map[string]error{
		"the connection was closed before an answer came":                       fmt.Errorf("net/http: Transport failed to read from server: %w", io.EOF),
		"no answer within 30 s":                                                 late{errors.New("net/http: timeout awaiting response headers")},
		"https://atlas.test refused the connection: nothing listens there":      dial(syscall.ECONNREFUSED),
		"this machine's network has no way to https://atlas.test":               dial(syscall.ENETUNREACH),
		"no connection to https://atlas.test within 10 s":                       dial(late{errors.New("i/o timeout")}),
		"no connection to proxy proxy.test:3128 within 10 s":                    &net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(late{errors.New("i/o timeout")})},
		"the name service did not say where atlas.test is":                      dial(&net.DNSError{Err: "server misbehaving", Name: "atlas.test", IsTemporary: true}),
		"no access token came: the connection was closed before an answer came": fmt.Errorf("%w: %w", errToken, io.EOF),
		"https://atlas.test did not answer the beginning of TLS within 10 s":    late{errors.New("net/http: TLS handshake timeout")},
		"speaking to https://atlas.test: what nobody knows":                     errors.New("what nobody knows"),
	} {
		got := c.unreached(err, http.MethodGet)
		if why := strings.TrimSuffix(state.Why(got), "."); why != want {
			t.Errorf("%v is said as %q, want %q", err, why, want)
		}
		if !errors.Is(got, err) || !passes(got) || !strings.Contains(got.Error(), err.Error()) {
			t.Errorf("%v has become %v", err, got)
		}
	}
	if why := state.Explain("", c.unreached(late{errors.New("timeout awaiting response headers")}, http.MethodPost)).Why; !strings.Contains(why, "within 60 s") {
		t.Errorf("a write waits for longer: %q", why)
	}
	for name, handle := range map[string]http.HandlerFunc{
		"the connection was closed in the middle of the answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			answer(w, 200, `{"results":[`)
		},
		"the answer (200) is damaged: it is no whole JSON": always(200, `{"results":[`),
	} {
		s := newServer(t, handle)
		c := s.client(Options{})
		new(naps).of(c)
		_, err := c.Job(t.Context(), rs, id1)
		if why := strings.TrimSuffix(state.Why(err), "."); why != name {
			t.Errorf("it says %q, want %q", why, name)
		}
	}
}
