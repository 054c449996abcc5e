package simulator

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	tokenLife = time.Hour
	nonceLife = 5 * time.Minute
)

// authenticator knows who may ask: the holder of the API key (Digest) and the
// holder of a token that the service account was given (Bearer).
type authenticator struct {
	keys  Keys
	dice  dice
	speed float64

	mu     sync.Mutex
	issued int                  // tokens and nonces so far
	tokens map[string]time.Time // token: end of its life
	nonces map[string]*nonce
}

func (a *authenticator) init(k Keys, d dice, speed float64) {
	a.keys, a.dice = k, d
	// Clients count a token's life in real seconds. On a fast clock it would be dead
	// long before they expect it, so there it lives as long as they were told.
	a.speed = max(1, speed)
	a.tokens, a.nonces = map[string]time.Time{}, map[string]*nonce{}
}

func (a *authenticator) life(d time.Duration) time.Duration {
	return time.Duration(float64(d) * a.speed)
}

// caller is how a request was authenticated.
type caller int

const (
	nobody caller = iota
	staleNonce
	serviceAccount
	apiKey
)

// identify says who asks.
func (a *authenticator) identify(r *http.Request, now time.Time) caller {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		a.mu.Lock()
		defer a.mu.Unlock()
		if end, ok := a.tokens[strings.TrimSpace(rest)]; ok && now.Before(end) {
			return serviceAccount
		}
	case "digest":
		return a.checkDigest(r, rest, now)
	}
	return nobody
}

// token answers POST /api/oauth/token. Its errors are OAuth's, not Atlas's.
func (s *Server) token(r *http.Request, body []byte) reply {
	if !s.auth.isClient(r) {
		return oauthError(http.StatusUnauthorized, "invalid_client")
	}
	form, err := url.ParseQuery(string(body))
	switch {
	case err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || !form.Has("grant_type"):
		return oauthError(http.StatusBadRequest, "invalid_request")
	case form.Get("grant_type") != "client_credentials":
		return oauthError(http.StatusBadRequest, "unsupported_grant_type")
	}
	return plainJSON(http.StatusOK, object{
		"access_token": s.auth.issue(s.clock.now()),
		"token_type":   "Bearer",
		"expires_in":   int(tokenLife / time.Second),
	})
}

// revoke answers POST /api/oauth/revoke.
func (s *Server) revoke(r *http.Request, body []byte) reply {
	if !s.auth.isClient(r) {
		return oauthError(http.StatusUnauthorized, "invalid_client")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("token") == "" {
		return oauthError(http.StatusBadRequest, "invalid_request")
	}
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	delete(s.auth.tokens, form.Get("token"))
	return plainJSON(http.StatusOK, object{})
}

func oauthError(status int, code string) reply { return plainJSON(status, object{"error": code}) }

func (a *authenticator) isClient(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return false
	}
	// OAuth escapes both before they go into the header.
	if u, err := url.QueryUnescape(id); err == nil {
		id = u
	}
	if u, err := url.QueryUnescape(secret); err == nil {
		secret = u
	}
	return same(id, a.keys.ClientID) && same(secret, a.keys.ClientSecret)
}

// issue makes a token that looks like Atlas's, a JWT.
func (a *authenticator) issue(now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued++
	for t, end := range a.tokens {
		if !now.Before(end) {
			delete(a.tokens, t)
		}
	}
	encoding := base64.RawURLEncoding
	claims := encode(object{"sub": a.keys.ClientID, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "n": a.issued}, false)
	t := encoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) + "." +
		encoding.EncodeToString(claims) + "." + a.dice.secret("token", a.issued)
	a.tokens[t] = now.Add(a.life(tokenLife))
	return t
}

// ExpireTokens ends the life of every token and nonce that was issued.
func (s *Server) ExpireTokens() {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	clear(s.auth.tokens)
	clear(s.auth.nonces)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
