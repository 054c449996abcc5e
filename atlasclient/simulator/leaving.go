package simulator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// wires listens, and gives connections that remember how their other end left.
type wires struct{ net.Listener }

// Accept implements net.Listener.
func (l wires) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &wire{TCPConn: tcp}, err //nolint:wrapcheck // as the listener has it
	}
	return c, err //nolint:wrapcheck // as the listener has it
}

// wire is a connection that remembers with which error reading from it ended.
type wire struct {
	*net.TCPConn
	mu  sync.Mutex
	end error
}

// Read implements net.Conn.
func (c *wire) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if err != nil {
		c.mu.Lock()
		c.end = err
		c.mu.Unlock()
	}
	return n, err //nolint:wrapcheck // as the connection has it
}

// left says whether the other end has left in order: with nothing unread, as a system resets
// the connection of who leaves something unread.
func (c *wire) left() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Is(c.end, io.EOF)
}

type wireKey struct{}

// withWire puts a connection within reach of its requests.
func withWire(ctx context.Context, c net.Conn) context.Context {
	if beneath, ok := c.(interface{ NetConn() net.Conn }); ok { // of TLS
		c = beneath.NetConn()
	}
	return context.WithValue(ctx, wireKey{}, c)
}

// readToTheEnd writes the rest of an answer that ends the connection, waits until the client
// has left, and says whether it has read all of it. Only its leaving is seen of a client: what
// was written may still lie in the buffers of the systems. Who stopped talking before the last
// byte was written, or left something unread, has not read all. In HTTP/2 a client need not
// leave: there, what was written counts.
func readToTheEnd(w http.ResponseWriter, r *http.Request, rest []byte) (bool, error) {
	write := func(p []byte) error {
		_, err := w.Write(p)
		return errors.Join(err, http.NewResponseController(w).Flush())
	}
	last := max(0, len(rest)-1)
	if err := write(rest[:last]); err != nil {
		return false, err
	}
	early := r.Context().Err() != nil
	if err := write(rest[last:]); err != nil {
		return false, err
	}
	c, ok := r.Context().Value(wireKey{}).(*wire)
	if !ok || r.ProtoMajor > 1 {
		return true, nil
	}
	if r.TLS == nil {
		_ = c.CloseWrite() // for clients that read until there is no more
	}
	<-r.Context().Done()
	return !early && c.left(), nil
}
