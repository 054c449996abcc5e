package atlasclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"time"

	"atlas-restore/state/submit"
)

// How long each part of a call may take. An on-call engineer should learn of a dead
// network within seconds; Atlas takes longer to accept a restore than to list.
const (
	connectTimeout     = 10 * time.Second
	readHeaderTimeout  = 30 * time.Second
	writeHeaderTimeout = 60 * time.Second
	callTimeout        = 60 * time.Second
)

// wires carries reads over kept connections and writes over fresh ones. It follows
// no redirect: a http.RoundTripper never does.
type wires struct {
	read, write *http.Transport
	base        *url.URL // where writes go
	agent       string
	secrets     *secrets                // of whoever sends; nil: none
	spares      spares                  // of reads
	writing     early[*http.ClientConn] // that of the next write
}

// newWires makes the wires to base; proxy is the host of the one that they go through, for
// errors.
func newWires(base *url.URL, onlyAddress, proxy, agent string, roots *x509.CertPool) *wires {
	write := newTransport(onlyAddress, proxy, roots)
	write.ResponseHeaderTimeout = writeHeaderTimeout
	// A kept connection that the server has closed meanwhile is what makes Go's
	// transport send a request again; HTTP/2 has further ways to do so. A fresh
	// HTTP/1.1 connection that carries one request has none.
	write.DisableKeepAlives = true
	write.Protocols = new(http.Protocols)
	write.Protocols.SetHTTP1(true)
	if write.Proxy != nil { // a connection alone is asked for without the port, which NO_PROXY may name
		write.Proxy = func(*http.Request) (*url.URL, error) { return http.ProxyFromEnvironment(&http.Request{URL: base}) }
	}
	w := &wires{read: newTransport(onlyAddress, proxy, roots), write: write, base: base, agent: agent}
	w.spares.over(w.read)
	return w
}

func newTransport(onlyAddress, proxy string, roots *x509.CertPool) *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: readHeaderTimeout,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     true,
	}
	dial := (&net.Dialer{Timeout: connectTimeout}).DialContext
	t.DialContext = dial
	if onlyAddress != "" {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != onlyAddress {
				return nil, &refusedAddress{address, onlyAddress}
			}
			return dial(ctx, network, address)
		}
	}
	if proxy != "" {
		throughProxy(t, proxy, connectTimeout)
	}
	return t
}

// proxyFor is the host of the proxy for base; empty for none, and never for a client that
// may reach one address only. A proxy's password is no part of it.
func proxyFor(base, onlyAddress string) string { return clean(proxyURL(base, onlyAddress).Host) }

// proxyURL is the address of that proxy, with a password where it has one; the zero one for none.
func proxyURL(base, onlyAddress string) *url.URL {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base, nil)
	if err != nil || onlyAddress != "" {
		return &url.URL{}
	}
	u, err := http.ProxyFromEnvironment(r)
	if err != nil || u == nil {
		return &url.URL{}
	}
	return u
}

// refusedAddress is an address that this client must not reach.
type refusedAddress struct{ address, only string }

// Error implements error.
func (r *refusedAddress) Error() string {
	return fmt.Sprintf("refusing to reach %s: only %s may be reached here", r.address, r.only)
}

// userAgent is how Atlas's logs name this program.
func userAgent(version string) string {
	if version == "" {
		version = "dev"
	}
	return fmt.Sprintf("atlas-restore/%s (%s; %s)", version, runtime.GOOS, runtime.GOARCH)
}

// RoundTrip implements http.RoundTripper.
func (w *wires) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", w.agent)
	if isWrite(r.Method) {
		return w.secrets.answered(w.once(r))
	}
	return w.secrets.answered(w.reading(r))
}

// reading sends a read.
func (w *wires) reading(r *http.Request) (*http.Response, error) {
	return w.read.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: w.spares.opened})))
}

// once sends a write at most once, on a connection that has carried nothing and will carry
// nothing else. An error is marked submit.ErrNotSent if no connection was ever had for it, so
// that no byte of it can have left.
func (w *wires) once(r *http.Request) (*http.Response, error) {
	conn, err := w.connection(r.Context())
	if err != nil {
		return nil, notSent(err)
	}
	r.GetBody = nil // nobody can send the body again
	resp, err := conn.RoundTrip(r)
	if err != nil {
		_ = conn.Close() // the first error says it all
		return nil, err
	}
	resp.Body = &lastBody{resp.Body, conn}
	return resp, nil
}

// lastBody is an answer with which its connection ends.
type lastBody struct {
	io.ReadCloser

	conn io.Closer
}

// Close implements io.Closer.
func (b *lastBody) Close() error {
	err := b.ReadCloser.Close()
	_ = b.conn.Close() // it has nothing to lose
	return err         //nolint:wrapcheck // a connection's own
}

// connection is the one that was opened for a write, or a new one.
func (w *wires) connection(ctx context.Context) (*http.ClientConn, error) {
	if conn, ok := w.writing.take(ctx); ok {
		if conn.Err() == nil {
			return conn, nil
		}
		_ = conn.Close() // it has ended meanwhile
	}
	return w.dialWrite(ctx)
}

// expectWrite opens the connection of the next write.
func (w *wires) expectWrite(ctx context.Context) {
	w.writing.ready(func() (*http.ClientConn, error) { return w.dialWrite(ctx) }, func(c *http.ClientConn) { _ = c.Close() })
}

func (w *wires) dialWrite(ctx context.Context) (*http.ClientConn, error) {
	port := w.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[w.base.Scheme]
	}
	return w.write.NewClientConn(ctx, w.base.Scheme, net.JoinHostPort(w.base.Hostname(), port)) //nolint:wrapcheck // as RoundTrip gives it
}

// onlyReads is the way for a token request: a POST that changes nothing at Atlas, so
// that it may use a kept connection.
type onlyReads struct{ *wires }

// RoundTrip implements http.RoundTripper.
func (w onlyReads) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", w.agent)
	r.Header.Set("Accept", "application/json")
	return w.secrets.answered(w.reading(r))
}

func isWrite(method string) bool { return method != http.MethodGet }

// notSent marks err as submit.ErrNotSent.
func notSent(err error) error { return fmt.Errorf("%w: %w", submit.ErrNotSent, err) }
