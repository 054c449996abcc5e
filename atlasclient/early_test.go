package atlasclient

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// opened tells of each connection that a server gets, by the client's address.
func opened(s *httptest.Server) <-chan string {
	out := make(chan string, 100)
	s.Config.ConnState = func(c net.Conn, st http.ConnState) {
		if st == http.StateNew {
			out <- c.RemoteAddr().String()
		}
	}
	return out
}

// within gives what comes, or fails the test.
func within[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("%s has not come", what)
		panic("")
	}
}

// unstarted is serve that begins once it was changed.
func unstarted(t *testing.T, handle http.HandlerFunc, change func(*httptest.Server)) *server {
	t.Helper()
	s := &server{t: t}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		if r.URL.Path == "/api/oauth/token" {
			s.token(w, r)
			return
		}
		handle(w, r)
	}))
	change(s.Server)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// The connection of a write is there before the write is: it has carried nothing, carries that
// one request, and no other.
func TestWriteConnectionIsOpenedEarly(t *testing.T) {
	var conns <-chan string
	writes := make(chan string, 10)
	s := unstarted(t, func(w http.ResponseWriter, r *http.Request) {
		if isWrite(r.Method) {
			writes <- r.RemoteAddr
		}
		job(id1)(w, r)
	}, func(s *httptest.Server) { conns = opened(s) })
	c := s.client(Options{})
	if _, err := c.Job(t.Context(), rs, id1); err != nil {
		t.Fatal(err)
	}
	<-conns // that of the reads
	c.ExpectWrite(t.Context())
	early := within(t, "the connection of the write", conns)
	c.ExpectWrite(t.Context()) // whoever types says so with each letter
	if n := len(s.requests()); n != 2 {
		t.Errorf("%v were sent", s.requests())
	}
	for i := range 2 {
		if _, err := c.CreateJob(t.Context(), rs, download); err != nil {
			t.Fatal(err)
		}
		if on := <-writes; (on == early) != (i == 0) {
			t.Errorf("write %d on %s, the early one is %s", i, on, early)
		}
	}
	if n := len(conns); n != 1 {
		t.Errorf("%d more connections for two writes", n)
	}
}

// An early connection that the server has closed carries nothing: the write goes out once, on
// a new one.
func TestEarlyConnectionThatHasEnded(t *testing.T) {
	first := make(chan net.Conn, 10)
	s := unstarted(t, job(id1), func(s *httptest.Server) {
		s.Config.ConnState = func(c net.Conn, st http.ConnState) {
			if st == http.StateNew {
				first <- c
			}
		}
	})
	c := s.client(Options{})
	c.wires.expectWrite(t.Context())
	coming := c.wires.writing.next
	_ = within(t, "the early connection", first).Close()
	<-coming.done
	ended := make(chan struct{})
	coming.value.SetStateHook(func(cc *http.ClientConn) {
		if cc.Err() != nil {
			select {
			case <-ended:
			default:
				close(ended)
			}
		}
	})
	within(t, "its end", ended)
	if _, err := c.CreateJob(t.Context(), rs, download); err != nil {
		t.Fatal(err)
	}
	if got := s.requests(); !slices.Equal(got[1:], []string{"POST " + "/api/atlas/v2/groups/" + rs.ProjectID + "/clusters/demo/backup/restoreJobs"}) {
		t.Errorf("sent %v", got)
	}
}

// What nobody takes is dropped, and what was taken is not; what was dropped is not taken.
func TestWhatIsReadyIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dropped := make(chan string, 2)
		get := func(what string) *coming[string] {
			return begin(func() (string, error) { return what, nil }, func(s string) { dropped <- s })
		}
		taken, left := get("taken"), get("left")
		if v, ok := taken.take(t.Context()); !ok || v != "taken" {
			t.Error("it is not there")
		}
		if _, ok := taken.take(t.Context()); ok {
			t.Error("it was taken twice")
		}
		begun := time.Now()
		if what := <-dropped; what != "left" || time.Since(begun) != stillGood {
			t.Errorf("%s was dropped after %v", what, time.Since(begun))
		}
		synctest.Wait()
		if n := len(dropped); n != 0 {
			t.Errorf("%d more were dropped", n)
		}
		if _, ok := left.take(t.Context()); ok {
			t.Error("what was dropped is taken")
		}
		failed := begin(func() (string, error) { return "", errors.New("refused") }, nil)
		if _, ok := failed.take(t.Context()); ok {
			t.Error("what has failed is taken")
		}
		let := make(chan struct{})
		never := begin(func() (string, error) { <-let; return "", nil }, func(string) {})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, ok := never.take(ctx); ok {
			t.Error("who has left takes it")
		}
		close(let)
	})
}

// Of reads beside each other that all wait for the token each has its connection when that
// comes: the token is not given before.
func TestReadsHaveTheirConnectionsEarly(t *testing.T) {
	const reads = 6
	var mu sync.Mutex
	n, there := 0, make(chan struct{})
	s := httptest.NewUnstartedServer(nil)
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if st == http.StateNew {
			if n++; n == reads {
				close(there)
			}
		}
	}
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth/token" {
			select {
			case <-there:
				answer(w, 200, `{"access_token":"`+accessToken+`","token_type":"Bearer","expires_in":3600}`)
			case <-time.After(time.Minute):
				answer(w, 500, `{}`)
			}
			return
		}
		job(id1)(w, r)
	})
	s.Start()
	t.Cleanup(s.Close)
	c, err := New(Options{BaseURL: s.URL, Credential: serviceAccount})
	if err != nil {
		t.Fatal(err)
	}
	c.Login(t.Context(), reads)
	var all sync.WaitGroup
	for range reads {
		all.Go(func() {
			if _, err := c.Job(t.Context(), rs, id1); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n != reads {
		t.Errorf("%d connections for %d reads", n, reads)
	}
}

type tripFunc func(*http.Request) (*http.Response, error)

func (f tripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Reads beside each other with a wrong secret ask for one token, and all tell why there is
// none. Whoever comes later asks anew.
func TestOneTokenIsRefusedForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asks, hold := 0, make(chan struct{})
		b := newBearer(&wires{}, serviceAccount, "https://atlas.test")
		b.tokens.Transport = tripFunc(func(r *http.Request) (*http.Response, error) {
			asks++
			<-hold
			w := httptest.NewRecorder()
			answer(w, 401, `{"error":"invalid_client"}`)
			resp := w.Result()
			resp.Request = r
			return resp, nil
		})
		get := func() {
			var refused *state.AtlasError
			if _, _, err := b.get(t.Context(), ""); !errors.As(err, &refused) || refused.Status != 401 {
				t.Errorf("got %v", err)
			}
		}
		for range 5 {
			go get()
		}
		synctest.Wait()
		close(hold)
		synctest.Wait()
		if asks != 1 {
			t.Errorf("%d tokens were asked for", asks)
		}
		if get(); asks != 2 {
			t.Error("who comes later does not ask")
		}
	})
}

// Reads beside each other learn of one challenge, and a write that was expected is signed with
// one that was asked for before.
func TestDigestChallengesAreAskedForEarly(t *testing.T) {
	d := newDigestServer(t, job(id1))
	c := d.client(Options{Credential: apiKey})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _, _ = c.Job(t.Context(), rs, id1) }) // one that comes late may be taken for a replay
	}
	all.Wait()
	if d.bare-d.refused > 1 {
		t.Errorf("%d requests went out unsigned, %d were refused", d.bare, d.refused)
	}
	c.ExpectWrite(t.Context())
	auth, ok := c.wire.(*digestAuth)
	if !ok {
		t.Fatal("no digest")
	}
	<-auth.early.next.done
	before := len(d.requests())
	if _, err := c.CreateJob(t.Context(), rs, download); err != nil {
		t.Fatal(err)
	}
	if sent := d.requests()[before:]; len(sent) != 1 || !strings.HasPrefix(sent[0], "POST") || d.bareWrites != 0 {
		t.Errorf("a write that was expected took %v", sent)
	}
}

// Whoever signs in early asks for a token, or a challenge, once.
func TestLogin(t *testing.T) {
	for _, cred := range []credentials.Credential{serviceAccount, apiKey} {
		t.Run(cred.Kind.String(), func(t *testing.T) {
			d := newDigestServer(t, job(id1))
			if cred.Kind == serviceAccount.Kind {
				d.server = newServer(t, job(id1))
			}
			c := d.client(Options{Credential: cred})
			c.login(t.Context())
			before := len(d.requests())
			if _, err := c.Job(t.Context(), rs, id1); err != nil {
				t.Fatal(err)
			}
			if n := len(d.requests()) - before; n != 1 || d.bare > 1 || d.tokens > 1 {
				t.Errorf("%d requests for one read, %d unsigned, %d tokens", n, d.bare, d.tokens)
			}
		})
	}
}
