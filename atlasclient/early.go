package atlasclient

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// What takes a trip to Atlas and back and can be known before is got ready early: the
// connection of a write, with its login challenge, while the review is read; those of reads
// that will be made beside each other while the first of them is on its way.

// Login signs in, for whoever asks Atlas first, and says how many reads will be made beside
// each other before long. It returns at once; what goes wrong is told to the one who asks.
func (c *Client) Login(ctx context.Context, reads int) {
	c.wires.spares.want(reads)
	if c.login != nil {
		go c.login(ctx)
	}
}

// ExpectWrite gets ready what the next write needs, for some seconds: its connection, and
// what it is signed with. It sends nothing of the write and returns at once; whoever does not
// write loses nothing.
func (c *Client) ExpectWrite(ctx context.Context) {
	c.wires.expectWrite(ctx)
	if c.signWrite != nil {
		c.signWrite(ctx)
	}
}

// root is an address that everybody may read.
func (c *Client) root() string { return c.base + "/api/atlas/v2" }

// stillGood is for how long what was got ready early serves: a server, or what stands before
// it, soon closes a connection on which nothing is said, and a nonce grows old.
const stillGood = 4 * time.Second

// coming is something on its way. It is taken once, or dropped.
type coming[T any] struct {
	asked time.Time
	done  chan struct{}
	value T
	err   error
	taken atomic.Bool
}

// begin gets something, which drop gets where nobody takes it in time.
func begin[T any](get func() (T, error), drop func(T)) *coming[T] {
	c := &coming[T]{asked: time.Now(), done: make(chan struct{})}
	go func() {
		c.value, c.err = get()
		close(c.done)
		if c.err == nil {
			time.AfterFunc(stillGood, func() {
				if c.taken.CompareAndSwap(false, true) {
					drop(c.value)
				}
			})
		}
	}()
	return c
}

// take waits for it; false where it has failed or was dropped.
func (c *coming[T]) take(ctx context.Context) (value T, ok bool) {
	select {
	case <-c.done:
	case <-ctx.Done():
		return value, false
	}
	if c.err != nil || !c.taken.CompareAndSwap(false, true) {
		return value, false
	}
	return c.value, true
}

// early is one thing that is got ready before it is needed.
type early[T any] struct {
	mu   sync.Mutex
	next *coming[T]
}

// ready has it got ready, unless that was begun a moment ago.
func (e *early[T]) ready(get func() (T, error), drop func(T)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.next == nil || time.Since(e.next.asked) > stillGood/2 {
		e.next = begin(get, drop)
	}
}

// take gives what was got ready; false where nothing was, or it serves no more.
func (e *early[T]) take(ctx context.Context) (value T, ok bool) {
	e.mu.Lock()
	c := e.next
	e.next = nil
	e.mu.Unlock()
	if c == nil {
		return value, false
	}
	return c.take(ctx)
}

// spares are connections that are dialled before a request needs them, for a server that
// answers one request at a time on each.
type spares struct {
	mu      sync.Mutex
	dial    dial
	to      string // the address that was dialled last
	wanted  int    // connections beside each other before long
	dialled int
	single  bool // a connection was seen to carry one request at a time
	ready   []*coming[net.Conn]
}

// over has a transport take spares.
func (s *spares) over(t *http.Transport) {
	s.dial = dial(t.DialContext)
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if conn, ok := s.take(ctx, address); ok {
			return conn, nil
		}
		return s.dial(ctx, network, address)
	}
}

// want says how many connections will be needed beside each other.
func (s *spares) want(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = n
	s.fill()
}

// opened looks at a connection that a request has got.
func (s *spares) opened(info httptrace.GotConnInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secure, is := info.Conn.(*tls.Conn)
	s.single = !is || secure.ConnectionState().NegotiatedProtocol != "h2"
	s.fill()
}

// fill dials what lacks, once it is known that it helps.
func (s *spares) fill() {
	for ; s.single && s.dialled < s.wanted; s.dialled++ {
		to := s.to
		s.ready = append(s.ready, begin(
			func() (net.Conn, error) { return s.dial(context.Background(), "tcp", to) },
			func(c net.Conn) { _ = c.Close() },
		))
	}
}

// take gives a spare connection to an address; false where there is none, and one has to be
// dialled.
func (s *spares) take(ctx context.Context, address string) (net.Conn, bool) {
	for {
		s.mu.Lock()
		if address != s.to {
			s.to, s.ready = address, nil
		}
		if len(s.ready) == 0 {
			s.dialled++
			s.mu.Unlock()
			return nil, false
		}
		c := s.ready[0]
		s.ready = s.ready[1:]
		s.mu.Unlock()
		if conn, ok := c.take(ctx); ok {
			return conn, true
		}
	}
}
