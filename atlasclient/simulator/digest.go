package simulator

import (
	"crypto/md5" //nolint:gosec // what Atlas's Digest authentication uses
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const realm = "MMS Public API"

// nonce is one that was given out. A client may use it again with a higher count.
type nonce struct {
	since time.Time
	used  map[string]bool // counts (nc) that were seen
}

// challenge is the WWW-Authenticate header of a 401.
func (a *authenticator) challenge(stale bool, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued++
	for len(a.oldest) > 0 && (len(a.oldest) >= keptNonces || now.Sub(a.nonces[a.oldest[0]].since) >= a.life(nonceLife)) {
		delete(a.nonces, a.oldest[0])
		a.oldest = a.oldest[1:]
	}
	sum := a.dice.bytes("nonce", a.issued)
	n := base64.StdEncoding.EncodeToString(sum[:24])
	a.nonces[n] = &nonce{since: now, used: map[string]bool{}}
	a.oldest = append(a.oldest, n)
	return fmt.Sprintf(`Digest realm="%s", domain="", nonce="%s", algorithm=MD5, qop="auth", stale=%t`, realm, n, stale)
}

// checkDigest verifies the answer to a challenge. The key is checked before the
// nonce: only who knows the key is told that merely the nonce was old.
func (a *authenticator) checkDigest(r *http.Request, header string, now time.Time) caller {
	p := digestParameters(header)
	ha1 := md5hex(a.keys.PublicKey + ":" + realm + ":" + a.keys.PrivateKey)
	ha2 := md5hex(r.Method + ":" + p["uri"])
	want := md5hex(strings.Join([]string{ha1, p["nonce"], p["nc"], p["cnonce"], p["qop"], ha2}, ":"))
	switch {
	case p["realm"] != realm, p["uri"] != r.RequestURI, p["qop"] != "auth", p["cnonce"] == "", len(p["nc"]) != 8,
		p["algorithm"] != "" && !strings.EqualFold(p["algorithm"], "MD5"),
		!same(p["username"], a.keys.PublicKey), !same(p["response"], want):
		return nobody
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.nonces[p["nonce"]]
	if n == nil || now.Sub(n.since) >= a.life(nonceLife) || len(n.used) >= nonceUses || n.used[p["nc"]] {
		return staleNonce
	}
	n.used[p["nc"]] = true
	return apiKey
}

// digestParameters reads name=value pairs, quoted or not, parted by commas.
func digestParameters(header string) map[string]string {
	out := map[string]string{}
	for header != "" {
		name, rest, ok := strings.Cut(header, "=")
		if !ok {
			break
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest, _ = strings.Cut(rest[1:], `"`)
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		out[strings.ToLower(strings.Trim(name, " ,"))] = strings.TrimSpace(value)
		header = rest
	}
	return out
}

func md5hex(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
