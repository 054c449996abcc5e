package atlasclient

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/icholy/digest"

	"atlas-restore/state"
)

// digestAuth signs requests with an API key (HTTP digest). It keeps the challenge of
// the last 401 and counts on with it, so that only the first call, and one whose
// nonce has grown old, costs a second round trip.
//
// A write goes out signed or not at all: a challenge is asked for just before it by a bare
// GET of the same address, so that no nonce has grown old. Whatever the answer is, it
// stands, but for one: a 401 that says stale=true has looked at nothing but the nonce.
// Nothing was carried out, so that the write is signed anew and sent again.
type digestAuth struct {
	wire    http.RoundTripper
	public  string
	private state.Secret

	mu        sync.Mutex
	challenge *digest.Challenge
	used      int // how many requests were signed with the challenge
}

// maxStale is how often in a row a request is refused for its nonce alone before that is
// the answer.
const maxStale = 3

// RoundTrip implements http.RoundTripper.
func (d *digestAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	fresh := false // this call has got the challenge itself
	if isWrite(r.Method) {
		if err := d.ask(r); err != nil {
			return nil, notSent(err)
		}
		fresh = true
	}
	for stale := 0; ; {
		challenge, count := d.next()
		resp, err := d.send(r, challenge, count)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		renewed, err := digest.FindChallenge(resp.Header)
		if err != nil {
			return resp, nil // no digest is offered: the refusal is the answer
		}
		d.keep(renewed)
		switch {
		case challenge == nil: // it was not signed yet
		case renewed.Stale: // the signature was good (RFC 7616, 3.3): only the nonce was not
			stale++
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

// ask fetches a challenge with an unsigned GET of the address that r writes to.
func (d *digestAuth) ask(r *http.Request) error {
	get, err := http.NewRequestWithContext(r.Context(), http.MethodGet, r.URL.String(), nil) //nolint:gosec // the address that is written to anyway
	if err != nil {
		return fmt.Errorf("asking Atlas for a login challenge: %w", err)
	}
	get.Header.Set("Accept", r.Header.Get("Accept"))
	resp, err := d.wire.RoundTrip(get)
	if err != nil {
		return fmt.Errorf("asking Atlas for a login challenge: %w", err)
	}
	defer drain(resp)
	challenge, err := digest.FindChallenge(resp.Header)
	switch {
	case err == nil && resp.StatusCode == http.StatusUnauthorized:
		d.keep(challenge)
		return nil
	case resp.StatusCode < 300:
		err = errors.New("it offers no HTTP digest")
	default:
		var body []byte
		if body, err = readBody(resp, 1<<20); err == nil {
			err = refusal(resp, body)
		}
	}
	return fmt.Errorf("asking Atlas for a login challenge: %w", err)
}

// next is the challenge to sign with and the number of this use of it; nil if none
// is known.
func (d *digestAuth) next() (*digest.Challenge, int) {
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
