package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/icholy/digest"

	"atlas-restore/state"
)

// digestAuth signs requests with an API key (HTTP digest). It keeps the challenge of
// the last 401 and counts on with it, so that only the first call, and one whose
// nonce has grown old, costs a second round trip.
//
// A write goes out signed or not at all: a challenge of its own is asked for just before it by
// a bare GET, so that no nonce has grown old. Whatever the answer is, it stands, but for one: a
// 401 that says stale=true has looked at nothing but the nonce. Nothing was carried out, so
// that the write is signed anew and sent again.
type digestAuth struct {
	wire    http.RoundTripper
	public  string
	private state.Secret
	early   early[*digest.Challenge] // of the next write
	secrets *secrets

	proven    atomic.Bool   // the key was taken once
	first     chan struct{} // held by the one who asks for the first challenge; nil: everybody may
	mu        sync.Mutex
	challenge *digest.Challenge
	used      int // how many requests were signed with the challenge
}

// maxStale is how often in a row a request is refused for its nonce alone before that is
// the answer.
const maxStale = 3

// RoundTrip implements http.RoundTripper.
func (d *digestAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	var own *digest.Challenge // for this call
	fresh, begun := isWrite(r.Method), func() {}
	var err error
	if fresh {
		own, err = d.forWrite(r)
	} else {
		begun, err = d.begin(r.Context())
	}
	if err != nil {
		if isWrite(r.Method) {
			err = notSent(err)
		}
		return nil, err
	}
	defer begun()
	for stale := 0; ; {
		challenge, count := d.next(own)
		own = nil
		resp, err := d.send(r, challenge, count)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			d.proven.Store(d.proven.Load() || err == nil && challenge != nil)
			return resp, err
		}
		renewed, err := digest.FindChallenge(resp.Header)
		if err != nil {
			return resp, nil // no digest is offered: the refusal is the answer
		}
		d.keep(renewed)
		begun()
		switch {
		case challenge == nil: // it was not signed yet
		case renewed.Stale: // the signature was good (RFC 7616, 3.3): only the nonce was not
			stale++
		case !fresh && renewed.Nonce == challenge.Nonce && d.proven.Load():
			// The key was good a moment ago: of several that were signed beside each other, one
			// that came late can be taken for a replay.
			if own, err = d.ask(r.Context(), r.URL.String(), r.Header.Get("Accept")); err != nil {
				return resp, nil
			}
		case fresh || renewed.Nonce == challenge.Nonce:
			return resp, nil // signed with a nonce that was good: the key is not
		}
		drain(resp)
		if stale == maxStale {
			err := staleLogin()
			if isWrite(r.Method) {
				return nil, notSent(err)
			}
			return nil, err
		}
		fresh = true
	}
}

// staleLogin is a request that was refused for the age of its nonce again and again. It says
// nothing against the key.
func staleLogin() error {
	return &state.Unreached{
		Why:    fmt.Sprintf("the key is good, but Atlas called each of %d login challenges too old, although they were new", maxStale),
		Advice: "Wait a little, then try again.", Passes: true,
	}
}

// send signs r, unless there is no challenge yet, and sends it.
func (d *digestAuth) send(r *http.Request, challenge *digest.Challenge, count int) (*http.Response, error) {
	signed := r.Clone(r.Context())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, fmt.Errorf("reading the request's body: %w", err)
		}
		signed.Body = body
	}
	if challenge != nil {
		c, err := digest.Digest(challenge, digest.Options{
			Method: r.Method, URI: r.URL.RequestURI(), GetBody: r.GetBody, Count: count,
			Username: d.public, Password: d.private.Reveal(),
		})
		if err != nil {
			return nil, fmt.Errorf("signing the request: %w", err)
		}
		signed.Header.Set("Authorization", c.String())
	}
	return d.wire.RoundTrip(signed)
}

// begin lets the first request through alone: all others would be refused as it is. The one
// who begins calls done once it has been answered.
func (d *digestAuth) begin(ctx context.Context) (done func(), err error) {
	if d.first == nil || d.known() {
		return func() {}, nil
	}
	select {
	case d.first <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a login challenge: %w", ctx.Err())
	}
	if d.known() {
		<-d.first
		return func() {}, nil
	}
	return sync.OnceFunc(func() { <-d.first }), nil
}

func (d *digestAuth) known() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.challenge != nil
}

// expectWrite asks for the challenge of the next write.
func (d *digestAuth) expectWrite(ctx context.Context, at string) {
	d.early.ready(func() (*digest.Challenge, error) { return d.ask(ctx, at, "") }, func(*digest.Challenge) {})
}

// login asks for the challenge of the first reads.
func (d *digestAuth) login(ctx context.Context, at string) {
	done, err := d.begin(ctx)
	if err != nil {
		return // whoever reads is told
	}
	defer done()
	if c, err := d.ask(ctx, at, ""); err == nil {
		d.keep(c)
	}
}

// forWrite is the challenge that a write is signed with.
func (d *digestAuth) forWrite(r *http.Request) (*digest.Challenge, error) {
	if c, ok := d.early.take(r.Context()); ok {
		return c, nil
	}
	return d.ask(r.Context(), r.URL.String(), r.Header.Get("Accept"))
}

// ask fetches a challenge with an unsigned GET.
func (d *digestAuth) ask(ctx context.Context, at, accept string) (*digest.Challenge, error) {
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil) //nolint:gosec // an address of Atlas
	if err != nil {
		return nil, fmt.Errorf("asking Atlas for a login challenge: %w", err)
	}
	if accept != "" {
		get.Header.Set("Accept", accept)
	}
	resp, err := d.wire.RoundTrip(get)
	if err != nil {
		return nil, fmt.Errorf("asking Atlas for a login challenge: %w", err)
	}
	defer drain(resp)
	challenge, err := digest.FindChallenge(resp.Header)
	switch {
	case err == nil && resp.StatusCode == http.StatusUnauthorized:
		return challenge, nil
	case resp.StatusCode < 300:
		err = errors.New("it offers no HTTP digest")
	default:
		var body []byte
		if body, err = readBody(resp, 1<<20); err == nil {
			err = refusal(resp, d.secrets.hideIn(body))
		}
	}
	return nil, fmt.Errorf("asking Atlas for a login challenge: %w", err)
}

// next is the challenge to sign with, the new one where there is one, and the number of this
// use of it; nil if none is known.
func (d *digestAuth) next(renewed *digest.Challenge) (*digest.Challenge, int) {
	if renewed != nil {
		d.keep(renewed)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used++
	return d.challenge, d.used
}

func (d *digestAuth) keep(c *digest.Challenge) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.challenge == nil || d.challenge.Nonce != c.Nonce {
		d.challenge, d.used = c, 0
	}
}

// drain reads what is left of a small answer, so that its connection can be used
// again, and closes it.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
}
