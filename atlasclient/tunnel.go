package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"atlas-restore/state"
)

// dial is how a transport opens a connection.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// throughProxy has a transport that goes through a proxy know one that takes a connection and
// then says nothing, and one that refuses: Go waits a minute for the first, and tells of the
// second in the proxy's own words.
func throughProxy(t *http.Transport, proxy string, patience time.Duration) {
	next := dial(t.DialContext)
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience)) // a connection that has ended says so when it is used
		return &tunnel{Conn: conn, proxy: proxy, patience: patience}, nil
	}
	t.OnProxyConnectResponse = func(_ context.Context, at *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode != http.StatusOK {
			return refusedTunnel(at, resp.StatusCode)
		}
		return nil
	}
}

// tunnel is a connection to a proxy. Until the proxy has said its first word it has a
// deadline.
type tunnel struct {
	net.Conn

	proxy    string
	patience time.Duration
	heard    atomic.Bool
}

// Read implements net.Conn.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	switch {
	case t.heard.Load():
	case n > 0:
		t.heard.Store(true)
		_ = t.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &state.Unreached{
			Why:    fmt.Sprintf("proxy %s took the connection and said nothing for %s (CONNECT is not answered)", t.proxy, state.Exactly(t.patience)),
			Advice: askProxy, Passes: true, Err: err,
		}
	}
	return n, err //nolint:wrapcheck // a connection's own
}
