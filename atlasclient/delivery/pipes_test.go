package delivery

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// pipes is a network in memory. It takes no ports from the machine, of which a long loop uses up
// all, and its clock can be that of a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 27017} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	var broken atomic.Bool
	select {
	case p.conns <- &pipeEnd{there, &broken}:
		return &pipeEnd{here, &broken}, nil
	case <-p.done:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pipeEnd is an end of a pipe that can be reset, as a connection of TCP can be.
type pipeEnd struct {
	net.Conn
	broken *atomic.Bool
}

func (e *pipeEnd) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	if errors.Is(err, io.EOF) && e.broken.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

// SetLinger breaks the connection when it is closed next, as that of TCP does with 0 seconds.
func (e *pipeEnd) SetLinger(int) error { e.broken.Store(true); return nil }

// inMemory is a server on a network of its own.
func inMemory(t testing.TB, body []byte) *server {
	t.Helper()
	return serveOn(t, newPipes(), body)
}

// want is an order of the file of a server in memory.
func (s *server) want(dir string) *wanted {
	s.t.Helper()
	w := want(s.t, dir, s.link())
	if p, ok := s.l.(*pipes); ok {
		w.opt.dial = p.dial
	}
	return w
}
