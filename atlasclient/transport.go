package atlasclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"sync/atomic"
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
	agent       string
}

// newWires makes the wires; proxy is the host of the one that they go through, for errors.
func newWires(onlyAddress, proxy, agent string, roots *x509.CertPool) *wires {
	write := newTransport(onlyAddress, proxy, roots)
	write.ResponseHeaderTimeout = writeHeaderTimeout
	// A kept connection that the server has closed meanwhile is what makes Go's
	// transport send a request again; HTTP/2 has further ways to do so. A fresh
	// HTTP/1.1 connection has none.
	write.DisableKeepAlives = true
	write.Protocols = new(http.Protocols)
	write.Protocols.SetHTTP1(true)
	return &wires{read: newTransport(onlyAddress, proxy, roots), write: write, agent: agent}
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
func proxyFor(base, onlyAddress string) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base, nil)
	if err != nil || onlyAddress != "" {
		return ""
	}
	u, err := http.ProxyFromEnvironment(r)
	if err != nil || u == nil {
		return ""
	}
	return clean(u.Host)
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
		return w.once(r)
	}
	return w.read.RoundTrip(r)
}

// once sends a write at most once. An error is marked submit.ErrNotSent if no
// connection was ever had for it, so that no byte of it can have left.
func (w *wires) once(r *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	r.GetBody = nil // without it the transport cannot replay the body
	resp, err := w.write.RoundTrip(r)
	if err != nil && !connected.Load() {
		return nil, notSent(err)
	}
	return resp, err
}

// onlyReads is the way for a token request: a POST that changes nothing at Atlas, so
// that it may use a kept connection.
type onlyReads struct{ *wires }

// RoundTrip implements http.RoundTripper.
func (w onlyReads) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", w.agent)
	r.Header.Set("Accept", "application/json")
	return w.read.RoundTrip(r)
}

func isWrite(method string) bool { return method != http.MethodGet }

// notSent marks err as submit.ErrNotSent.
func notSent(err error) error { return fmt.Errorf("%w: %w", submit.ErrNotSent, err) }
