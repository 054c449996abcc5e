package atlasclient

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// authority is one that signs certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return authority{t, cert, key}
}

func (a authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// sign makes a certificate for a host, which ends then.
func (a authority) sign(host string, end time.Time) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Atlas"}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: end}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw, a.cert.Raw}, PrivateKey: key}
}

// listen counts the connections that a server gets.
type listen struct {
	net.Listener

	conns atomic.Int32
}

func (l *listen) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.conns.Add(1)
	}
	return c, err
}

// What stays however often a call is made is told at once, with what is wrong and what to do
// about it; of a write nothing has left. The one that passes when it is vouched for does.
func TestCausesThatStay(t *testing.T) {
	evil := "Corp \x1b[31mProxy CA"
	ca := newAuthority(t, evil)
	soon := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		serve  *tls.Certificate // nil: plain HTTP
		scheme string
		roots  *x509.CertPool
		says   string
		advice string
	}{
		{"unknown authority", new(ca.sign("127.0.0.1", soon)), "https", nil, "was issued by CN=Corp Proxy CA. This machine does not trust that issuer", "--ca-file FILE"},
		{"another host", new(ca.sign("atlas.example.com", soon)), "https", ca.pool(), "is for another host: atlas.example.com", "--base-url"},
		{"expired", new(ca.sign("127.0.0.1", time.Now().Add(-time.Hour))), "https", ca.pool(), "has expired or is not valid yet", "clock"},
		{"TLS to a plain port", nil, "https", nil, "does not speak TLS", "Check the address of Atlas: --base-url"},
		{"plain HTTP to TLS", new(ca.sign("127.0.0.1", soon)), "http", nil, "speaks TLS, but the address says plain HTTP", "with https://"},
		{"vouched for", new(ca.sign("127.0.0.1", soon)), "https", ca.pool(), "", ""},
	} {
		for _, credential := range []credentials.Credential{serviceAccount, apiKey} {
			t.Run(tt.name+", "+credential.Kind.String(), func(t *testing.T) {
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/api/oauth/token" {
						answer(w, 200, `{"access_token":"x","token_type":"Bearer","expires_in":3600}`)
						return
					}
					answer(w, 200, `{"results":[]}`)
				}))
				l := &listen{Listener: s.Listener}
				s.Listener = l
				s.Config.ErrorLog = log.New(io.Discard, "", 0)
				if tt.serve != nil {
					s.TLS = &tls.Config{Certificates: []tls.Certificate{*tt.serve}, MinVersion: tls.VersionTLS12}
					s.StartTLS()
				} else {
					s.Start()
				}
				defer s.Close()
				c, err := New(Options{BaseURL: tt.scheme + "://" + l.Addr().String(), Credential: credential, Roots: tt.roots})
				if err != nil {
					t.Fatal(err)
				}
				var n naps
				n.of(c)
				_, err = c.Projects(t.Context())
				if tt.says == "" {
					if err != nil {
						t.Errorf("got %v", err)
					}
					return
				}
				stays(t, err, tt.says, tt.advice)
				if got := l.conns.Load(); got != 1 || len(n.taken) != 0 {
					t.Errorf("%d connections, %d pauses", got, len(n.taken))
				}
				_, err = c.CreateJob(t.Context(), rs, download)
				stays(t, err, tt.says, tt.advice)
				if !errors.Is(err, submit.ErrNotSent) {
					t.Errorf("a write may have left: %v", err)
				}
			})
		}
	}
}

// The certificates of a file vouch beside the system's, also where an editor has set a byte
// order mark before them; a file that holds none is an error that names it.
func TestCertificatesOfAFile(t *testing.T) {
	ca := newAuthority(t, "Corp CA")
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}))
	cert := ca.sign("127.0.0.1", time.Now().Add(time.Hour))
	s := httptest.NewUnstartedServer(always(200, `{"results":[]}`))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	defer s.Close()
	for name, tt := range map[string]struct {
		text string
		good bool
	}{
		"PEM":                     {text, true},
		"PEM with a mark":         {"\xef\xbb\xbf" + text, true},
		"PEM with Windows' lines": {"\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n"), true},
		"none":                    {"hello", false},
	} {
		path := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		roots, err := Certificates(path)
		if !tt.good {
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c, err := New(Options{BaseURL: s.URL, Roots: roots, Credential: credentials.Credential{Kind: credentials.UserToken, Private: state.NewSecret("x")}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Projects(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func stays(t *testing.T, err error, says, advice string) {
	t.Helper()
	p := state.Explain("Listing the projects", err)
	if err == nil || !strings.Contains(p.Why, says) || !strings.Contains(p.Advice, advice) || strings.ContainsAny(p.Text()+err.Error(), "\x1b\n") {
		t.Errorf("says %q of %v", p.Text(), err)
	}
}

// A port that answers plain HTTP with an alert of TLS, as many do, is known too.
func TestPlainHTTPToAlert(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed with the test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var conns atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = conn.Write([]byte("\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	c, err := New(Options{BaseURL: "http://" + l.Addr().String(), Credential: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	var n naps
	n.of(c)
	_, err = c.Projects(t.Context())
	stays(t, err, "speaks TLS", "https://")
	if len(n.taken) != 0 || conns.Load() != 1 {
		t.Errorf("%d connections, %d pauses", conns.Load(), len(n.taken))
	}
}

// A proxy that takes a connection and does not answer CONNECT is named within its time; one
// that refuses is named with its status, and not in its own words. Nothing of a write leaves.
func TestProxyThatDoesNotHelp(t *testing.T) {
	for name, tt := range map[string]struct {
		answer string // to CONNECT; empty for none
		says   string
		advice string
		passes bool
	}{
		"silent":                   {"", "took the connection and said nothing for 0 s (CONNECT is not answered)", "HTTPS_PROXY", true},
		"wants a password":         {"HTTP/1.1 407 \x1b[31mevil\r\n\r\n", "does not let requests through to Atlas: it answered 407 Proxy Authentication Required", "NAME:PASSWORD", false},
		"forbids":                  {"HTTP/1.1 403 Forbidden\r\n\r\n", "it answered 403 Forbidden", "HTTPS_PROXY", false},
		"cannot reach it just now": {"HTTP/1.1 503 Service Unavailable\r\n\r\n", "it answered 503 Service Unavailable", "HTTPS_PROXY", true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed with the test
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer func() { _ = conn.Close() }()
						_, _ = http.ReadRequest(bufio.NewReader(conn))
						if tt.answer != "" {
							_, _ = io.WriteString(conn, tt.answer)
							return
						}
						_, _ = conn.Read(make([]byte, 1)) // until the client gives up
					}()
				}
			}()
			c, err := New(Options{BaseURL: "https://atlas.example.com", Credential: apiKey})
			if err != nil {
				t.Fatal(err)
			}
			patience := 50 * time.Millisecond
			if tt.answer != "" { // it is heard, however busy the machine is
				patience = time.Minute
			}
			w := newWires(&url.URL{Scheme: "https", Host: "atlas.example.com"}, "", "", "", nil)
			for _, transport := range []*http.Transport{w.read, w.write} {
				transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: l.Addr().String()})
				throughProxy(transport, l.Addr().String(), patience)
			}
			c.wire = &digestAuth{wire: w, public: apiKey.Public, private: apiKey.Private}
			var n naps
			n.of(c)
			_, err = c.Projects(t.Context())
			stays(t, err, "Proxy "+l.Addr().String()+" ", tt.advice)
			stays(t, err, tt.says, tt.advice)
			if (len(n.taken) > 0) != tt.passes {
				t.Errorf("%d pauses", len(n.taken))
			}
			if _, err = c.CreateJob(context.Background(), rs, download); !errors.Is(err, submit.ErrNotSent) {
				t.Errorf("a write may have left: %v", err)
			}
		})
	}
}

// A proxy that answers is left its time for all that comes after.
func TestProxyThatAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which a busy machine takes no time
		near, far := net.Pipe()
		defer func() { _, _ = near.Close(), far.Close() }()
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		throughProxy(transport, "proxy", 20*time.Millisecond)
		conn, err := transport.DialContext(t.Context(), "tcp", "proxy")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = far.Write([]byte("a")) }()
		if n, err := conn.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		late := make(chan error, 1)
		go func() { _, err := conn.Read(make([]byte, 1)); late <- err }()
		select {
		case err := <-late:
			t.Errorf("what comes later has a deadline: %v", err)
		case <-time.After(60 * time.Millisecond):
		}
	})
}
