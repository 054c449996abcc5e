package simulator

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	tokenLife = time.Hour
	nonceLife = 5 * time.Minute

	keptNonces = 10_000 // at once; the oldest of more is as one that has lapsed
	nonceUses  = 10_000 // of one, after which it has lapsed
)

// authenticator knows who may ask: the holder of the API key (Digest) and the
// holder of a token that the service account was given (Bearer).
//
// A token proves itself: it is signed with what follows from the seed, so that a
// simulator which is started again with that seed takes those of before. Its life is
// an hour of real time, since clients keep it until the end that is written in it.
type authenticator struct {
	keys  Keys
	dice  dice
	speed float64
	real  func() time.Time // the clients' clock

	mu      sync.Mutex
	issued  int                  // nonces so far
	newest  int64                // when the newest token was made, or all were ended: Unix nanoseconds
	ended   int64                // what was made until then is no good
	revoked map[string]time.Time // token: end of the life that it would have had
	nonces  map[string]*nonce
	oldest  []string // the nonces, in the order in which they were given out
}

func (a *authenticator) init(k Keys, d dice, speed float64) {
	a.keys, a.dice, a.real = k, d, time.Now
	// Clients count the life of what they hold in real seconds. On a fast clock a nonce
	// would be dead long before they expect it, so there it lives as long as they think.
	a.speed = max(1, speed)
	a.revoked, a.nonces = map[string]time.Time{}, map[string]*nonce{}
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
		if a.holds(strings.TrimSpace(rest)) {
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
		"access_token": s.auth.issue(),
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
	s.auth.revoke(form.Get("token"))
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

// claims are what a token says.
type claims struct {
	Subject string `json:"sub"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
	ID      int64  `json:"jti"` // Unix nanoseconds: no two tokens have the same
}

// issue makes a token that looks like Atlas's, a JWT.
func (a *authenticator) issue() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.real()
	a.newest = max(now.UnixNano(), a.newest+1)
	said := encode(claims{a.keys.ClientID, now.Unix(), now.Add(tokenLife).Unix(), a.newest}, false)
	encoding := base64.RawURLEncoding
	t := encoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) + "." + encoding.EncodeToString(said)
	return t + "." + a.dice.secret("token", t)
}

// read is what a token says; false if it is none of this seed's.
func (a *authenticator) read(token string) (claims, bool) {
	signed := strings.LastIndex(token, ".")
	if signed < 0 || !same(token[signed+1:], a.dice.secret("token", token[:signed])) {
		return claims{}, false
	}
	_, said, _ := strings.Cut(token[:signed], ".")
	raw, err := base64.RawURLEncoding.DecodeString(said)
	var c claims
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return claims{}, false
	}
	return c, same(c.Subject, a.keys.ClientID)
}

// holds says whether a token is good.
func (a *authenticator) holds(token string) bool {
	c, ok := a.read(token)
	if !ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, revoked := a.revoked[token]
	return !revoked && c.ID > a.ended && a.real().Unix() < c.Expires
}

// revoke ends the life of a token. What is none is no error.
func (a *authenticator) revoke(token string) {
	c, ok := a.read(token)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.real()
	maps.DeleteFunc(a.revoked, func(_ string, end time.Time) bool { return !now.Before(end) })
	a.revoked[token] = time.Unix(c.Expires, 0)
}

// ExpireTokens ends the life of every token and nonce that was issued.
func (s *Server) ExpireTokens() {
	a := &s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	a.newest = max(a.real().UnixNano(), a.newest)
	a.ended = a.newest
	clear(a.nonces)
	a.oldest = nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
