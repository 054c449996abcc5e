package atlasclient

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// renewBefore is how long before its end a token is no longer used, so that it does
// not end on the way. Atlas's tokens live for an hour.
const renewBefore = time.Minute

// bearer signs requests with a service account's access token. The token serves until
// shortly before its end: Atlas limits how often one may be asked for. It lives in memory
// only, unless it is to be kept in a file.
type bearer struct {
	wire   http.RoundTripper
	tokens *http.Client // the way to the token endpoint, as restricted as wire
	id     string
	secret state.Secret
	signs  string // see Credential.Words
	url    string
	said   *secrets   // that nothing may tell
	kept   *tokenFile // nil: the token ends with the process
	now    func() time.Time

	turn   chan struct{} // held by the one who reads or renews the token
	token  state.Secret
	expiry time.Time

	limited error     // Atlas's last word, if it was that too many were asked for
	until   time.Time // and until when it is not asked again

	asks   atomic.Int64 // for a token, so far
	failed error        // the last of them, if it has failed; held by turn
}

func newBearer(w *wires, c credentials.Credential, base string) *bearer {
	return &bearer{
		wire: w,
		tokens: &http.Client{
			Transport:     onlyReads{w},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		id:     c.Public,
		secret: c.Private,
		signs:  clean(c.Words()),
		url:    base + "/api/oauth/token",
		said:   w.secrets,
		now:    time.Now,
		turn:   make(chan struct{}, 1),
	}
}

// RoundTrip implements http.RoundTripper. A read that is refused with 401 although
// its token should be good is sent once more with a new token; a write is not, but
// the next call gets a new token. A 401 for a role that is missing says nothing against
// the token: a new one would be refused as well, and Atlas gives ten a minute.
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, fresh, err := b.get(r.Context(), "")
	if err != nil {
		if isWrite(r.Method) {
			err = notSent(err)
		}
		return nil, err
	}
	resp, err := b.send(r, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || fresh || aboutRole(resp) {
		return resp, err
	}
	if isWrite(r.Method) {
		b.forget(token)
		return resp, nil
	}
	drain(resp)
	if token, _, err = b.get(r.Context(), token); err != nil {
		return nil, err
	}
	return b.send(r, token)
}

// aboutRole says whether a refusal is about a role, by its body, which stays to be read.
func aboutRole(resp *http.Response) bool {
	body, err := readBody(resp, 1<<20)
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	var refused *state.AtlasError
	return err == nil && errors.As(refusal(resp, body), &refused) && refused.LacksRole()
}

// login gets the token, for whoever asks next.
func (b *bearer) login(ctx context.Context) { _, _, _ = b.get(ctx, "") } // whoever reads is told

func (b *bearer) send(r *http.Request, token string) (*http.Response, error) {
	signed := r.Clone(r.Context())
	signed.Header.Set("Authorization", "Bearer "+token)
	return b.wire.RoundTrip(signed)
}

// get returns the token, and whether it was fetched just now: if there is none, if it
// ends soon, or if it is the refused one. Callers wait for each other, so that one
// request serves them all, and its failure is that of all who have waited for it.
func (b *bearer) get(ctx context.Context, refused string) (token string, fresh bool, err error) {
	before := b.asks.Load()
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return "", false, fmt.Errorf("waiting for an access token: %w", ctx.Err())
	}
	if b.token.IsZero() && refused == "" {
		b.token, b.expiry = b.kept.load(b.now())
		b.said.learnToken(b.token.Reveal())
	}
	switch {
	case !b.token.IsZero() && b.token.Reveal() != refused && b.now().Before(b.expiry):
		return b.token.Reveal(), false, nil
	case b.now().Before(b.until):
		return "", false, b.limited // one of several that wait has asked: more requests would only prolong it
	case b.failed != nil && b.asks.Load() > before:
		return "", false, b.failed
	}
	t, err := b.config().Token(context.WithValue(ctx, oauth2.HTTPClient, b.tokens))
	b.asks.Add(1)
	b.failed = nil
	if err != nil {
		if ctx.Err() == nil { // else it is the caller who has gone
			defer func() { b.failed = err }()
		}
		err = b.tokenError(err)
		var limit *state.AtlasError
		if errors.As(err, &limit) && limit.Status == http.StatusTooManyRequests {
			b.limited, b.until = err, b.now().Add(cmp.Or(limit.RetryAfter, tokenPause)*9/10)
		}
		return "", false, err
	}
	// Round strips the monotonic clock, which stands still while a laptop sleeps.
	b.token, b.expiry = state.NewSecret(t.AccessToken), t.Expiry.Add(-renewBefore).Round(0)
	b.said.learnToken(t.AccessToken)
	b.kept.keep(b.token, b.expiry)
	return t.AccessToken, true, nil
}

// forget drops the token, unless somebody has renewed it or is about to.
func (b *bearer) forget(token string) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	default:
		return
	}
	if b.token.Reveal() == token {
		b.token = state.Secret{}
		b.kept.keep(b.token, time.Time{})
	}
}

// userToken signs requests with the access token of somebody who has logged in. It is
// not renewed: when it has ended, Atlas answers 401.
type userToken struct {
	wire  http.RoundTripper
	token state.Secret
}

// RoundTrip implements http.RoundTripper.
func (u userToken) RoundTrip(r *http.Request) (*http.Response, error) {
	signed := r.Clone(r.Context())
	signed.Header.Set("Authorization", "Bearer "+u.token.Reveal())
	return u.wire.RoundTrip(signed)
}

// config is made anew for each token, so that no plain secret stays in memory.
func (b *bearer) config() *clientcredentials.Config {
	return &clientcredentials.Config{
		ClientID:     b.id,
		ClientSecret: b.secret.Reveal(),
		TokenURL:     b.url,
		AuthStyle:    oauth2.AuthStyleInHeader,
	}
}

// noToken is an access token that was not given: whatever needed it has not been sent.
type noToken struct{ error }

// Unwrap gives the cause.
func (n *noToken) Unwrap() error { return n.error }

// tokenError makes an error of a failed token request, with Atlas's own words. The library's
// error is not wrapped where it holds the exchange, and with it the client secret.
func (b *bearer) tokenError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errToken, b.said.hideError(err))
	}
	resp := refused.Response
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		return fmt.Errorf("getting an access token: %w", refusal(resp, nil))
	}
	hide := func(s string) string { return tellable(b.said.hide(cleanLong(s))) }
	answer := refusal(resp, b.said.hideIn(refused.Body))
	var e *state.AtlasError
	var known *state.Unreached
	switch {
	case errors.As(answer, &known):
		return known
	case !errors.As(answer, &e): // the page of something in between, or no whole answer
		e = &state.AtlasError{Status: resp.StatusCode, Reason: http.StatusText(resp.StatusCode), RetryAfter: retryAfter(resp.Header)}
	}
	e.Login, e.Credential = true, b.signs
	if e.RetryAfter > 0 {
		e.Until = b.now().Add(e.RetryAfter)
	}
	detail := ""
	if refused.ErrorCode != "" && resp.StatusCode <= http.StatusUnauthorized {
		// OAuth answers 400 or 401 alike for a secret that is wrong or has ended.
		e.Status, e.Reason = http.StatusUnauthorized, http.StatusText(http.StatusUnauthorized)
		e.Code, detail = hide(refused.ErrorCode), "the service account was refused"
		if e.Detail == "" {
			e.Detail = hide(refused.ErrorDescription)
		}
	}
	switch {
	case e.Detail == "":
		e.Detail = detail
	case detail != "":
		e.Detail += " (" + detail + ")"
	}
	return &noToken{e}
}
