package delivery

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// Only what is needed is sent: no credential, no cookie, no referrer, and never a HEAD.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	s.first(func(r *http.Request, c *connection) {
		if r.Method != http.MethodGet {
			t.Errorf("%s", r.Method)
		}
		s.answer(r, c, s.body[:10])
	})
	w := want(t, t.TempDir(), s.link())
	w.opt.Agent = "atlas-restore/1"
	w.fetchedFrom(s)
	for i, h := range s.heads {
		h = h.Clone()
		for name, value := range map[string]string{"User-Agent": "atlas-restore/1", "Accept-Encoding": "identity", "Range": []string{"bytes=0-", "bytes=10-"}[i], "If-Range": []string{"", `"one"`}[i], "Connection": "close"} {
			if got := h.Get(name); got != value {
				t.Errorf("request %d: %s: %s", i+1, name, got)
			}
			h.Del(name)
		}
		if len(h) > 0 {
			t.Errorf("also sent: %v", h)
		}
	}
	if hosts := w.heard(fetch.Host); len(hosts) != 2 || hosts[0].Host != s.l.Addr().String() {
		t.Errorf("told of hosts: %+v", hosts)
	}
	if s.conns != 2 {
		t.Errorf("%d connections for two requests", s.conns)
	}
}

// What is no https is not touched, but for a literal loopback address.
func TestOnlyHTTPS(t *testing.T) {
	t.Parallel()
	for link, p := range map[string]fetch.Problem{
		"http://restore-1.abc.mongodb.net:27017/" + token: fetch.Insecure,
		"http://localhost/" + token:                       fetch.Insecure,
		"http://127.0.0.1.example.com/" + token:           fetch.Insecure,
		"ftp://127.0.0.1/" + token:                        fetch.Insecure,
		"https://" + token + ":" + token + "@127.0.0.1/":  fetch.BadLink,
		"https:///" + token:                               fetch.BadLink,
		"127.0.0.1:27017/" + token:                        fetch.BadLink,
		"https://127.0.0.1:2x/" + token:                   fetch.BadLink,
		"javascript:" + token:                             fetch.BadLink,
		"":                                                fetch.NoLink,
	} {
		w := want(t, t.TempDir(), link)
		w.opt.dial = func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s is reached for", link)
			return nil, net.ErrClosed
		}
		w.ends(p)
	}
	a, err := parse(state.NewSecret("https://h.example/" + token + "?k=" + token + "#f"))
	if err != nil || strings.Contains(fmt.Sprintf("%v %+v %#v %s %d %q %v", a, a, a, a, a, a, []any{a, &a, struct{ a address }{a}}), token) {
		t.Errorf("%v prints a link: %#v", err, a)
	}
	if got := a.hide("get /" + token + "?k=" + token + " failed"); strings.Contains(got, token) {
		t.Errorf("%s", got)
	}
}

// Redirects are followed, a few, with TLS only; each host is told.
func TestRedirects(t *testing.T) {
	t.Parallel()
	body := archive(t, 100, 1)
	hops := 0
	var tlsServer *httptest.Server
	plain := serve(t, body)
	tlsServer = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch hops++; {
		case strings.HasSuffix(r.URL.Path, "/down"):
			http.Redirect(rw, r, plain.link(), http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/round"):
			http.Redirect(rw, r, r.URL.Path, http.StatusTemporaryRedirect)
		case strings.HasSuffix(r.URL.Path, "/on"):
			http.Redirect(rw, r, "/"+token, http.StatusSeeOther)
		case strings.HasSuffix(r.URL.Path, "/nowhere"):
			rw.WriteHeader(http.StatusFound)
		default:
			_, _ = rw.Write(body)
		}
	}))
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0) // it will not be trusted
	tlsServer.StartTLS()
	defer tlsServer.Close()
	roots := x509.NewCertPool()
	roots.AddCert(tlsServer.Certificate())
	try := func(path string) *wanted {
		w := want(t, t.TempDir(), tlsServer.URL+"/"+token+path)
		w.opt.Roots = roots
		return w
	}
	if _, err := try("/on").fetch(); err != nil {
		t.Errorf("%v", err)
	}
	try("/down").ends(fetch.Insecure) // to a loopback address, which would do without having been at TLS before
	try("/nowhere").ends(fetch.BadAnswer)
	if len(plain.requests()) != 0 {
		t.Error("it left TLS")
	}
	hops = 0
	if e := try("/round").end(fetch.BadAnswer); hops != mostRedirects+1 || !strings.Contains(e.Why, "sent on 5 times") {
		t.Errorf("%d hops: %+v", hops, e)
	}
	// A certificate that nobody knows is said, and the link is not touched.
	w := try("/on")
	hops, w.opt.Roots = 0, x509.NewCertPool()
	if e := w.end(fetch.Unreachable); !strings.HasPrefix(e.Why, "TLS: ") || hops != 0 {
		t.Errorf("%d hops: %+v", hops, e)
	}
}

// Who cannot be reached is told with the two usual causes, before a link is touched.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	const closed = "127.0.0.1:1" // no other test is given so low a port
	for what, c := range map[string]struct {
		link, says string
		dial       func(context.Context, string, string) (net.Conn, error)
	}{
		"refused": {"https://" + closed + "/" + token, "TCP: " + closed + " refuses the connection", nil},
		"no such host": {"https://restore-1.abc.mongodb.net:27017/" + token, "DNS: the host restore-1.abc.mongodb.net:27017 does not exist", func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "restore-1.abc.mongodb.net", IsNotFound: true}}
		}},
		"silence": {"https://restore-1.abc.mongodb.net:27017/" + token, "TCP: restore-1.abc.mongodb.net:27017 does not answer", func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
		}},
	} {
		w := want(t, t.TempDir(), c.link)
		w.opt.dial = c.dial
		e := w.end(fetch.Unreachable)
		if !strings.Contains(e.Why, c.says) || !strings.Contains(e.Why, "3 tries") {
			t.Errorf("%s: %s", what, e.Why)
		}
		if what == "refused" {
			if !strings.HasPrefix(e.Advice, "The server may be down") || strings.Contains(e.Advice, "IP access list") {
				t.Errorf("a server of this machine that is down: the advice is %s", e.Advice)
			}
			continue
		}
		for _, cause := range []string{"IP access list", "nothing out to port", "CONNECT"} {
			if !strings.Contains(e.Advice, cause) {
				t.Errorf("%s: the advice is %s", what, e.Advice)
			}
		}
	}
}

// A proxy that lets no connection through is named. (A loopback address is reached without one.)
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	a, err := parse(state.NewSecret("https://restore-1.abc.mongodb.net:27017/" + token))
	if err != nil {
		t.Fatal(err)
	}
	e := unreachable(a, fmt.Errorf("asking: %w", &refusedTunnel{"proxy.example:3128", 403}))
	if e.Why != "the proxy proxy.example:3128 does not let a connection to restore-1.abc.mongodb.net:27017 through: it answered 403" || !strings.Contains(e.Advice, "port 27017") {
		t.Errorf("%+v", e)
	}
}

// In training one address can be reached, whatever a link or a redirect says.
func TestOnlyTheEmbeddedAtlas(t *testing.T) {
	t.Parallel()
	s, other := serve(t, archive(t, 100, 1)), serve(t, archive(t, 100, 1))
	w := want(t, t.TempDir(), other.link())
	w.opt.Only = s.l.Addr().String()
	w.ends(fetch.Insecure)
	s.first(func(_ *http.Request, c *connection) {
		c.headed(nil, "302 Found", "Location: "+other.link(), "Content-Length: 0")
	})
	w.order.Files[0].Link = state.NewSecret(s.link())
	w.ends(fetch.Insecure)
	if other.conns != 0 {
		t.Error("another address was reached")
	}
	w.fetchedFrom(s)
}

// A private endpoint is taken where it can be reached, the public address where not or where
// the endpoint is in trouble; a link that is used up is used up for both.
func TestPrivateEndpoints(t *testing.T) {
	t.Parallel()
	s, private := serve(t, archive(t, 100, 1)), serve(t, archive(t, 100, 1))
	order := func() *wanted {
		w := want(t, t.TempDir(), s.link())
		w.order.Files[0].Private = []state.Secret{state.NewSecret("https://127.0.0.1:1/" + token), state.NewSecret(private.link())}
		return w
	}
	w := order()
	w.fetchedFrom(private)
	if h := w.heard(fetch.Host)[0]; !h.Private || len(s.requests()) != 0 || len(w.heard(fetch.Note)) != 1 {
		t.Errorf("%+v\n%s", h, w.story())
	}
	busy := func(_ int, _ *http.Request, c *connection) bool {
		c.headed(nil, "503 Capacity", "Content-Length: 0")
		return true
	}
	private.play = busy
	w = order()
	w.fetchedFrom(s)
	if hosts := w.heard(fetch.Host); hosts[len(hosts)-1].Private {
		t.Errorf("%s", w.story())
	}
	private.play = func(_ int, _ *http.Request, c *connection) bool {
		c.headed(nil, "410 Gone", "Content-Length: 0")
		return true
	}
	before := len(s.requests())
	order().ends(fetch.Stale)
	if len(s.requests()) != before {
		t.Error("a link that is used up was tried at its other address")
	}
}

// Every shard is fetched, so many at a time. One that is missing leaves the set incomplete.
func TestShards(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	w := want(t, t.TempDir(), s.link(), s.link(), "", s.link())
	r, err := w.fetch()
	if err == nil || r.Proven() != 3 || r[2].State != fetch.Untouched || r[2].Err.Problem != fetch.NoLink || !strings.HasPrefix(err.Error(), "3 of 4 files are proven; orders_shard-2.tar.gz: Atlas lists no link") {
		t.Errorf("%v %+v", err, r)
	}
	w.order.Files[2].Link = w.order.Files[1].Link
	before := len(s.requests())
	if _, err := w.fetch(); err != nil || len(s.requests()) != before+1 {
		t.Errorf("with its link: %v, %d more requests", err, len(s.requests())-before)
	}
	for _, n := range w.disk.names() {
		if slices.Contains(whole, n) {
			continue
		}
		if got := string(w.disk.files[n].now); got != string(s.body) {
			t.Errorf("%s: %d bytes", n, len(got))
		}
	}
}

// What was begun for another snapshot is not mixed with this one, and not thrown away.
func TestAnotherSnapshot(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	s.second(50, func(_ *http.Request, c *connection) { c.headed(nil, "410 Gone", "Content-Length: 0") })
	w := want(t, t.TempDir(), s.link())
	w.ends(fetch.Stale)
	w.order.Snapshot = "snapshot2"
	w.ends(fetch.Foreign)
	if len(w.disk.files[name+partEnding].now) != 50 || len(s.requests()) != 2 {
		t.Errorf("%v", w.disk.names())
	}
	w.order.Snapshot, w.order.Job = "snapshot1", "job2"
	w.fetchedFrom(s)
}
