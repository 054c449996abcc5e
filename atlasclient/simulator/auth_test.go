package simulator

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
)

func TestToken(t *testing.T) {
	u := newUser(t)
	k := u.s.Keys()
	if !strings.HasPrefix(k.ClientID, "mdb_sa_id_") || len(k.ClientID) != 34 || !strings.HasPrefix(k.ClientSecret, "mdb_sa_sk_") || len(k.PublicKey) != 8 {
		t.Errorf("%+v", k)
	}
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	}
	for _, row := range []struct {
		name, authorization, form string
		status                    int
		err                       string
	}{
		{"good", basic(k.ClientID, k.ClientSecret), "grant_type=client_credentials", 200, ""},
		{"wrong secret", basic(k.ClientID, k.ClientSecret+"x"), "grant_type=client_credentials", 401, "invalid_client"},
		{"no client", "", "grant_type=client_credentials", 401, "invalid_client"},
		{"other grant", basic(k.ClientID, k.ClientSecret), "grant_type=password", 400, "unsupported_grant_type"},
		{"no grant", basic(k.ClientID, k.ClientSecret), "", 400, "invalid_request"},
	} {
		a := u.send("POST", "/api/oauth/token", row.form, map[string]string{
			"Authorization": row.authorization, "Content-Type": "application/x-www-form-urlencoded",
		})
		got, _ := a.json["error"].(string)
		if a.status != row.status || got != row.err {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
		if a.status == 200 && (a.json["token_type"] != "Bearer" || a.json["expires_in"] != 3600.0) {
			t.Errorf("%s: %s", row.name, a.body)
		}
	}
	u.s.Advance(100 * time.Hour) // the clients' clock is another one
	u.want("/groups")
	u.s.ExpireTokens()
	checkUnauthorized(t, u.get("/groups"), "false")
	u.login()
	u.send("POST", "/api/oauth/revoke", "token="+u.token, map[string]string{"Authorization": basic(k.ClientID, k.ClientSecret)})
	checkUnauthorized(t, u.get("/groups"), "false")
}

// TestTokenLives holds that a token is good as long as it says to whoever reads it, by the
// clients' clock and across a restart with the same seed, and no longer.
func TestTokenLives(t *testing.T) {
	now := time.Date(2031, 2, 3, 4, 5, 6, 7, time.UTC) // whatever the simulated time is
	begin := func(seed uint64) *authenticator {
		var a authenticator
		a.init(dice{seed}.keys(), dice{seed}, 60)
		a.real = func() time.Time { return now }
		return &a
	}
	bearer := func(a *authenticator, token string) caller {
		return a.identify(&http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}, start)
	}
	first := begin(1)
	token, other := first.issue(), first.issue()
	if token == other {
		t.Error("two tokens are one")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	var says struct{ Iat, Exp int64 }
	if err != nil || json.Unmarshal(payload, &says) != nil || says.Iat != now.Unix() || says.Exp != now.Add(time.Hour).Unix() {
		t.Errorf("%s: %v", payload, err)
	}
	again := begin(1)
	if bearer(again, token) != serviceAccount {
		t.Error("it has not outlived the restart")
	}
	again.revoke(token)
	if bearer(again, token) != nobody || bearer(again, other) != serviceAccount {
		t.Error("revoking one ends that one")
	}
	for name, bad := range map[string]string{
		"altered": strings.Replace(other, ".", ".e30", 1), "unsigned": other[:strings.LastIndex(other, ".")], "of another seed": begin(2).issue(),
	} {
		if bearer(again, bad) != nobody {
			t.Errorf("a token that is %s is taken", name)
		}
	}
	now = now.Add(time.Hour - time.Second)
	if bearer(again, other) != serviceAccount {
		t.Error("it lapsed before its hour was over")
	}
	now = now.Add(time.Second)
	if bearer(again, other) != nobody {
		t.Error("it has no end")
	}
	again.revoke(again.issue())
	if len(again.revoked) != 1 {
		t.Errorf("%d revoked tokens are kept", len(again.revoked))
	}
}

// TestNoncesAreBounded holds that a clock which stands still does not let them pile up.
func TestNoncesAreBounded(t *testing.T) {
	var a authenticator
	a.init(Keys{}, dice{}, 0)
	for range keptNonces + 100 {
		a.challenge(false, start)
	}
	if len(a.nonces) > keptNonces || len(a.nonces) != len(a.oldest) {
		t.Errorf("%d nonces are kept, %d in their order", len(a.nonces), len(a.oldest))
	}
}

func TestUnauthorized(t *testing.T) {
	u := newUser(t)
	for _, header := range []string{"", "Bearer", "Bearer nonsense", "Basic " + base64.StdEncoding.EncodeToString([]byte("a:b")), "Digest", `Digest username="x"`} {
		checkUnauthorized(t, u.send("GET", api+"/groups", "", map[string]string{"Authorization": header, "Accept": newest}), "false")
	}
	checkUnauthorized(t, u.send("GET", api+"/nothing", "", nil), "false")
}

func checkUnauthorized(t *testing.T, a answer, stale string) {
	t.Helper()
	challenge := a.header.Get("WWW-Authenticate")
	if a.status != 401 || a.code() != "UNEXPECTED_ERROR" || a.json["error"] != 401.0 || a.json["reason"] != "Unauthorized" ||
		a.json["detail"] != "You are not authorized for this resource." || len(a.json) != 4 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if !strings.HasPrefix(challenge, `Digest realm="MMS Public API", domain="", nonce="`) ||
		!strings.HasSuffix(challenge, `", algorithm=MD5, qop="auth", stale=`+stale) {
		t.Errorf("challenge %s", challenge)
	}
	if a.header.Get("X-Error-Code") != "" || a.header.Get("RateLimit-Limit") != "" {
		t.Errorf("headers %v", a.header)
	}
}

// answerTo is an Authorization header for a challenge.
func answerTo(t *testing.T, challenge, method, uri, user, password string, count int) string {
	t.Helper()
	c, err := digest.ParseChallenge(challenge)
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := digest.Digest(c, digest.Options{Method: method, URI: uri, Count: count, Username: user, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return credentials.String()
}

func TestDigest(t *testing.T) {
	u := newUser(t)
	k := u.s.Keys()
	const uri = api + "/groups?pageNum=1"
	send := func(uri, authorization string) answer {
		return u.send("GET", uri, "", map[string]string{"Authorization": authorization, "Accept": newest})
	}
	challenge := send(uri, "").header.Get("WWW-Authenticate")
	good := answerTo(t, challenge, "GET", uri, k.PublicKey, k.PrivateKey, 1)
	if a := send(uri, good); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := send(uri, answerTo(t, challenge, "GET", uri, k.PublicKey, k.PrivateKey, 2)); a.status != 200 {
		t.Errorf("nonce used again: %d", a.status)
	}
	checkUnauthorized(t, send(uri, good), "true") // the same count again
	checkUnauthorized(t, send(uri, answerTo(t, challenge, "GET", uri, k.PublicKey, "wrong", 3)), "false")
	checkUnauthorized(t, send(uri, answerTo(t, challenge, "GET", uri, "abcdefgh", k.PrivateKey, 3)), "false")
	checkUnauthorized(t, send(uri, answerTo(t, challenge, "POST", uri, k.PublicKey, k.PrivateKey, 3)), "false")
	checkUnauthorized(t, send(api+"/groups", answerTo(t, challenge, "GET", uri, k.PublicKey, k.PrivateKey, 3)), "false")
	u.s.Advance(nonceLife)
	checkUnauthorized(t, send(uri, answerTo(t, challenge, "GET", uri, k.PublicKey, k.PrivateKey, 4)), "true")
	invented := strings.Replace(challenge, `nonce="`, `nonce="AAAA`, 1)
	checkUnauthorized(t, send(uri, answerTo(t, invented, "GET", uri, k.PublicKey, k.PrivateKey, 1)), "true")
}

// TestDigestClient uses a client library, with a body and a shared nonce.
func TestDigestClient(t *testing.T) {
	u := newUser(t)
	k := u.s.Keys()
	client := http.Client{Transport: &digest.Transport{Username: k.PublicKey, Password: k.PrivateKey}}
	send := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, u.s.BaseURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", newest)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	if status, b := send("GET", api, ""); status != 200 || !strings.Contains(b, k.PublicKey) {
		t.Errorf("%d %s", status, b)
	}
	u.s.Advance(nonceLife)
	want := body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	if status, b := send("POST", api+u.jobs("Payments", "orders-prod"), want); status != 200 {
		t.Errorf("%d %s", status, b)
	}
	created := 0
	for _, r := range u.s.Requests() {
		if r.Method == "POST" && strings.HasSuffix(r.Path, "/restoreJobs") && r.Status == 200 {
			created++
			if r.Body != want {
				t.Errorf("the body was %q", r.Body)
			}
		}
	}
	if created != 1 {
		t.Errorf("%d jobs", created)
	}
}

func TestSystemStatus(t *testing.T) {
	u := newUser(t)
	a := u.do("GET", "", "")
	if a.status != 200 || a.json["appName"] != "MongoDB Atlas" || a.json["apiKey"] != nil {
		t.Errorf("%d %s", a.status, a.body)
	}
}
