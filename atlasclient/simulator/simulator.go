// Package simulator is an embedded Atlas: an HTTP server on loopback that answers
// the part of the Atlas Administration API v2 that a restore needs, with
// authentication on, from a made-up organisation. It serves training, tests and
// demonstrations.
//
// It imports nothing of the rest of the project, and shares no type with the
// client: what one side gets wrong the other side catches.
//
// Time is the simulated clock. Nothing runs in the background: what a restore job
// or a snapshot is like is derived from when it was asked for and what time it is,
// so a test moves the world with Advance and never sleeps.
package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Options say which world to simulate. The zero value is a good one.
type Options struct {
	Seed      uint64    // same seed, same world (relative to Start)
	Start     time.Time // simulated now at the start; zero: now, truncated to the minute
	Speed     float64   // simulated seconds per real second; 0: frozen, moved only by Advance
	Listen    string    // "127.0.0.1:0" if empty; only a literal loopback address is accepted
	RateLimit int       // requests a minute of every set of endpoints; 0: Atlas's own limits, Unlimited: none
	TLS       bool      // https, with a certificate of its own
	Size      Size      // how much there is beside the small world, which is always there
}

// Keys are the credentials that the simulator accepts.
type Keys struct {
	PublicKey, PrivateKey  string // an API key, for Digest authentication
	ClientID, ClientSecret string // a service account, for OAuth tokens
}

// Server is a running simulator. Its methods may be called from any goroutine.
type Server struct {
	options Options
	clock   *clock
	keys    Keys
	http    *http.Server
	beside  http.ServeMux // what is no part of Atlas
	addr    string
	vouches []byte // the certificate, in PEM; nil: plain http

	auth   authenticator
	limits limiter
	before atomic.Pointer[func()]
	faults faults
	log    requestLog

	deliveries sync.WaitGroup // archives on their way

	mu    sync.Mutex // guards dice and world, and all within it
	dice  dice
	world *world // nil until its first use
}

// Start listens and serves at once. The world itself is made at its first use, so
// that a program which starts a simulator early does not wait for it.
func Start(o Options) (*Server, error) {
	listener, err := listen(o.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{
		options: o,
		clock:   newClock(o.start(), o.Speed),
		dice:    dice{seed: o.Seed},
		addr:    listener.Addr().String(),
	}
	listener = wires{listener}
	if o.TLS {
		host, _, _ := net.SplitHostPort(s.addr)
		certificate, text, err := certify(host)
		if err != nil {
			_ = listener.Close() // the first error says it all
			return nil, fmt.Errorf("starting the simulator on %q: %w", s.addr, err)
		}
		s.vouches = text
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	}
	s.log.next = make(chan struct{})
	s.keys = s.dice.keys()
	s.auth.init(s.keys, s.dice, o.Speed)
	s.limits.each = o.RateLimit
	routes := sync.OnceValue(s.routes) // 0.25 ms, like the world: at the first request
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, pattern := s.beside.Handler(r); pattern != "" {
				s.beside.ServeHTTP(w, r)
				return
			}
			routes().ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext:       withWire,
		ErrorLog:          log.New(io.Discard, "", 0), // a cut connection is no news here
	}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// start is the simulated time at which the clock begins.
func (o Options) start() time.Time {
	if o.Start.IsZero() {
		return time.Now().UTC().Truncate(time.Minute)
	}
	return o.Start.UTC().Truncate(time.Second)
}

// Handle has a handler answer what comes to a path, by a pattern of http.ServeMux. It is
// no part of Atlas: no credential is asked for, no fault strikes it, and the log of
// requests does not know of it.
func (s *Server) Handle(pattern string, h http.Handler) { s.beside.Handle(pattern, h) }

// Reset makes everything as if the simulator had been started anew with this seed, but
// for what its clients hold: address, keys and tokens stay as they are. The log of
// requests is empty then; its numbers go on, and so does the list of what happened.
func (s *Server) Reset(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dice, s.world = dice{seed: seed}, nil
	s.clock.reset(s.options.start())
	s.limits.reset()
	s.Heal()
	s.log.clear()
}

// listen opens a loopback listener. A name is refused even if it resolves to
// loopback today: training must not be able to reach the network.
func listen(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("starting the simulator on %q: not a literal address and port: %w", address, err)
	}
	if !ap.Addr().IsLoopback() {
		return nil, fmt.Errorf("starting the simulator on %q: only a loopback address is accepted", address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("starting the simulator on %q: %w", address, err)
	}
	return listener, nil
}

// Address is where the simulator listens, host:port.
func (s *Server) Address() string { return s.addr }

// BaseURL is the base URL for a client of the simulator.
func (s *Server) BaseURL() string {
	if s.vouches != nil {
		return "https://" + s.addr
	}
	return "http://" + s.addr
}

// Certificate is what vouches for the simulator, in PEM; nil where it serves plain http.
func (s *Server) Certificate() []byte { return s.vouches }

// Keys are the credentials that the simulator accepts; the same for the same seed.
func (s *Server) Keys() Keys { return s.keys }

// Speed is how many simulated seconds a real one brings; 0: the clock stands still.
func (s *Server) Speed() float64 { return s.options.Speed }

// Seed is the one that the simulator was started with.
func (s *Server) Seed() uint64 { return s.options.Seed }

// Now is the simulated time.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the simulated clock forward.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// AwaitMove waits until the clock was moved by hand, by Advance or Reset, another number of
// times than is known, or until the context ends; it says how often it was moved. Whoever
// lives by this clock hears of each such move that way.
func (s *Server) AwaitMove(ctx context.Context, known int) int { return s.clock.await(ctx, known) }

// Close stops the simulator and cuts every open connection.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("closing the simulator on %s: %w", s.addr, err)
	}
	return nil
}

// BeforeRequests has f called before each request is acted upon, so that what is due by
// then has happened; nil ends it. Requests that come at once call it at once.
func (s *Server) BeforeRequests(f func()) { s.before.Store(&f) }

func (s *Server) lead() {
	if f := s.before.Load(); f != nil && *f != nil {
		(*f)()
	}
}

// withWorld runs f on the world as it is now, alone.
func (s *Server) withWorld(f func(w *world, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world == nil {
		s.world = newWorld(s.dice, s.clock.began(), s.options.Size)
	}
	now := s.clock.now()
	if !s.world.due.After(now) {
		s.world.catchUp(now)
	}
	f(s.world, now)
}
