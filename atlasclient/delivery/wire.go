package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

const (
	connectTimeout = 10 * time.Second
	headerTimeout  = 60 * time.Second
	mostRedirects  = 5
	readSize       = 256 << 10
)

// buffers are for what is read from the network, and from the disk for a proof.
var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// buffer is one of readSize bytes, for give.
func buffer() *[readSize]byte {
	return buffers.Get().(*[readSize]byte) //nolint:forcetypeassert,errcheck // nothing else is put there
}

func give(b *[readSize]byte) { buffers.Put(b) }

// wire asks for links. It has nothing of the Admin API's client: no credential, no cookie, no
// log. A connection carries one request, so that nothing can send one again on its own.
type wire struct {
	agent string
	only  string // the one address that may be reached; empty: any
	roots *x509.CertPool
	dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network's
}

// strayed is an address that must not be reached in training.
type strayed struct{}

// Error implements error.
func (*strayed) Error() string { return "this address may not be reached here" }

// refusedTunnel is a proxy's answer to CONNECT that is no way through.
type refusedTunnel struct {
	proxy  string
	status int
}

// Error implements error.
func (r *refusedTunnel) Error() string { return fmt.Sprintf("proxy %s answered %d", r.proxy, r.status) }

// transport is one for a single connection to a.
func (w *wire) transport(a address) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: w.roots},
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: headerTimeout,
		DisableCompression:    true, // a part that is unpacked on its way fits no other
		DisableKeepAlives:     true,
		Protocols:             new(http.Protocols),
		// A connection alone is asked for without the port, which NO_PROXY may name.
		Proxy: func(*http.Request) (*url.URL, error) { return http.ProxyFromEnvironment(&http.Request{URL: a.u}) },
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return &refusedTunnel{text.Clean(proxy.Host), resp.StatusCode}
			}
			return nil
		},
	}
	t.Protocols.SetHTTP1(true)
	t.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	if w.dial != nil {
		t.DialContext, t.Proxy = w.dial, nil
	}
	if w.only != "" {
		dial := t.DialContext
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, network, at string) (net.Conn, error) {
			if at != w.only {
				return nil, &strayed{}
			}
			return dial(ctx, network, at)
		}
	}
	return t
}

// connect opens a connection to a: name, TCP and TLS. The link itself is not touched by it.
func (w *wire) connect(ctx context.Context, a address) (*http.ClientConn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*connectTimeout)
	defer cancel()
	conn, err := w.transport(a).NewClientConn(ctx, a.u.Scheme, a.dial())
	if err != nil {
		return nil, unreachable(a, err)
	}
	return conn, nil
}

// delivered is an answer and the connection that it comes over.
type delivered struct {
	*http.Response

	from address
	conn *http.ClientConn
}

// broken is err, with which the answer ended.
func (d *delivered) broken(err error) *fetch.Error { return broken(d.Request.Context(), d.from, err) }

func (d *delivered) close() {
	_ = d.Body.Close()
	_ = d.conn.Close() // an answer that was left has nothing to lose
}

// get asks for a file from its byte at on, over a connection that is open. With a validator
// the rest is sent only of the file that was begun. Redirects are followed, a few, and never
// out of TLS.
func (w *wire) get(ctx context.Context, conn *http.ClientConn, a address, at int64, validator string) (*delivered, error) {
	for n := 0; ; n++ {
		resp, err := w.ask(ctx, conn, a, at, validator) //nolint:bodyclose // delivered closes it
		if err != nil {
			_ = conn.Close() // the first error says it all
			return nil, broken(ctx, a, err)
		}
		got := &delivered{resp, a, conn}
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return got, nil
		}
		got.close()
		if n == mostRedirects {
			return nil, &fetch.Error{Problem: fetch.BadAnswer, Host: a.host(), Why: fmt.Sprintf("the link was sent on %d times: the last was %s", n, a.host())}
		}
		if a, err = a.next(resp.Header.Get("Location")); err != nil {
			return nil, err
		}
		if conn, err = w.connect(ctx, a); err != nil {
			return nil, err
		}
	}
}

func (w *wire) ask(ctx context.Context, conn *http.ClientConn, a address, at int64, validator string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.u.String(), nil)
	if err != nil {
		return nil, errors.New("it cannot be asked for")
	}
	r.Header.Set("User-Agent", w.agent)
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("Range", "bytes="+strconv.FormatInt(at, 10)+"-")
	if at > 0 && validator != "" {
		r.Header.Set("If-Range", validator)
	}
	return conn.RoundTrip(r) //nolint:wrapcheck // the caller does
}
