package atlasclient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// Each of these has letters that the encodings of base64 and of URLs write differently.
const (
	oddSecret = "sk_?>~/verysecret??>key"
	oddKey    = "11111111-?>~/very-secret??>"
	oddToken  = "t0k-?>~/verysecret??>.en"
)

// wayOut is a place of an answer in which a server says again what it was sent.
type wayOut struct {
	name string
	say  func(w http.ResponseWriter, secret string)
	ask  func(ctx context.Context, c *Client) error // nil: the projects
}

func inJSON(status int, body func(secret string) any) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, secret string) {
		raw, _ := json.Marshal(body(secret))
		answer(w, status, string(raw))
	}
}

func inRaw(format string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, secret string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = fmt.Fprintf(conn, format, secret)
			_ = conn.Close()
		}
	}
}

var waysOut = []wayOut{
	{name: "detail", say: inJSON(403, func(s string) any {
		return map[string]any{"error": 403, "errorCode": "NOPE", "detail": "header was " + s}
	})},
	{name: "a long detail", say: inJSON(403, func(s string) any {
		return map[string]any{"error": 403, "detail": strings.Repeat("a", 240) + " " + s}
	})},
	{name: "errorCode", say: inJSON(403, func(s string) any { return map[string]any{"error": 403, "errorCode": s, "detail": "x"} })},
	{name: "reason and parameters", say: inJSON(400, func(s string) any {
		return map[string]any{"error": 400, "reason": s, "parameters": []any{s, map[string]any{"a": s}}}
	})},
	{name: "fields", say: inJSON(400, func(s string) any {
		return map[string]any{"error": 400, "badRequestDetail": map[string]any{"fields": []any{map[string]any{"field": s, "description": s}}}}
	})},
	{name: "a name of JSON", say: inJSON(200, func(s string) any { return map[string]any{"results": []any{}, s: true} })},
	{name: "a project's name", say: inJSON(200, func(s string) any {
		return map[string]any{"results": []any{map[string]any{"id": id1, "name": s}}, "totalCount": 1}
	}), ask: func(ctx context.Context, c *Client) error {
		projects, err := c.Projects(ctx)
		return errors.Join(err, fmt.Errorf("%+v", projects))
	}},
	{name: "a date-time", say: inJSON(200, func(s string) any { return map[string]any{"id": id1, "createdAt": s} }), ask: func(ctx context.Context, c *Client) error {
		s, err := c.Snapshot(ctx, rs, id1)
		return errors.Join(err, fmt.Errorf("%+v", s))
	}},
	{name: "a write's detail", say: inJSON(400, func(s string) any { return map[string]any{"error": 400, "detail": "tok " + s} }), ask: func(ctx context.Context, c *Client) error {
		_, err := c.CreateJob(ctx, rs, download)
		return err
	}},
	{name: "a log's detail", say: inJSON(403, func(s string) any { return map[string]any{"error": 403, "detail": s} }), ask: func(ctx context.Context, c *Client) error {
		_, err := c.Log(ctx, id1, "a.example.net", time.Unix(1795442579, 0), time.Unix(1795442999, 0))
		return err
	}},
	{name: "Content-Type", say: func(w http.ResponseWriter, s string) { w.Header().Set("Content-Type", "text/"+s); w.WriteHeader(200) }},
	{name: "X-Error-Code", say: func(w http.ResponseWriter, s string) {
		w.Header().Set("X-Error-Code", s)
		answer(w, 403, `{"error":403}`)
	}},
	{name: "Location", say: func(w http.ResponseWriter, s string) {
		w.Header().Set("Location", "http://user:verysecretpw@evil.example/x?t="+s)
		w.WriteHeader(302)
	}},
	{name: "a host in Location", say: func(w http.ResponseWriter, s string) {
		w.Header().Set("Location", "http://"+s+".example/")
		w.WriteHeader(302)
	}},
	{name: "a malformed header", say: inRaw("HTTP/1.1 302 X\r\nLocation: http://user:verysecretpw@evil\x1b[31m/x?t=%s\r\nContent-Length: 0\r\n\r\n")},
	{name: "a malformed status", say: inRaw("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n")},
	{name: "a malformed trailer", say: inRaw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: a\x1b%s\r\n\r\n")},
}

// escapedAll is a text of which each byte is escaped.
func escapedAll(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// saidAgain are the forms in which a server may say a key, a token, and what it was sent of them.
func saidAgain(owner, key, token string) map[string]string {
	out := map[string]string{}
	for name, plain := range map[string]string{"key": key, "token": token} {
		if plain == "" {
			continue
		}
		out[name] = plain
		out[name+", of a query"] = url.QueryEscape(plain)
		out[name+", of a path"] = url.PathEscape(plain)
		out[name+", in small hex"] = escapedAll(plain, "%%%02x")
		out[name+", twice escaped"] = url.QueryEscape(escapedAll(plain, "%%%02X"))
		out[name+", in JSON"] = escapedAll(plain, `\u%04x`)
		out[name+", with what nobody sees"] = plain[:9] + "\u200b" + plain[9:]
		out[name+", with a sequence"] = plain[:9] + "\x1b[31m" + plain[9:]
	}
	for name, pair := range map[string]string{"pair": owner + ":" + key, "escaped pair": url.QueryEscape(owner) + ":" + url.QueryEscape(key), "key alone": key} {
		if key == "" {
			continue
		}
		for kind, e := range map[string]*base64.Encoding{
			"standard": base64.StdEncoding, "of URLs": base64.URLEncoding, "without padding": base64.RawStdEncoding, "of URLs without padding": base64.RawURLEncoding,
		} {
			out[name+" in base64, "+kind] = e.EncodeToString([]byte(pair))
			out[name+" in base64, "+kind+", escaped"] = url.QueryEscape(e.EncodeToString([]byte(pair)))
		}
	}
	return out
}

// everythingTold is all that of an error goes to people, to a file, or to a program.
func everythingTold(err error, log string) string {
	said := fmt.Sprintf("%v\n%+v\n%q\n%s", err, err, err, log)
	var refused *state.AtlasError
	if errors.As(err, &refused) {
		said += fmt.Sprintf("%+v %q %q %q %q", refused, refused.Code, refused.Reason, refused.Detail, refused.Parameters)
	}
	var plain *state.Plain
	if errors.As(err, &plain) {
		said += plain.Why + fmt.Sprint(plain.Err)
	}
	var unreached *state.Unreached
	if errors.As(err, &unreached) {
		said += unreached.Why + fmt.Sprint(unreached.Err)
	}
	return said
}

// readAs is what a person makes of a text by hand: its escapes undone.
func readAs(said string) string {
	for range 3 {
		if s, err := url.PathUnescape(said); err == nil {
			said += s
		}
	}
	return said
}

// Whatever a server says again of what it was sent, in whichever form and place: nothing tells it.
func TestNothingTellsACredential(t *testing.T) {
	t.Parallel()
	for _, as := range []struct {
		name       string
		credential credentials.Credential
		token      string
	}{
		{"service account", credentials.Credential{Kind: credentials.ServiceAccount, Public: "mdb_sa_id_65f0c1d2e3a4b5c6d7e8f9??", Private: state.NewSecret(oddSecret)}, oddToken},
		{"access token", credentials.Credential{Kind: credentials.UserToken, Private: state.NewSecret(oddToken)}, oddToken},
		{"API key", credentials.Credential{Kind: credentials.APIKey, Public: "abc>?~gh", Private: state.NewSecret(oddKey)}, ""},
	} {
		key := as.credential.Private.Reveal()
		if as.credential.Kind == credentials.UserToken {
			key = ""
		}
		for _, way := range waysOut {
			t.Run(as.name+" by "+way.name, func(t *testing.T) {
				t.Parallel()
				sayOne := sayer(t, as.credential, way)
				for form, secret := range saidAgain(as.credential.Public, key, as.token) {
					if strings.ContainsAny(secret, "\u200b\x1b") && !strings.Contains(way.name, "detail") && !strings.Contains(way.name, "name") && !strings.HasPrefix(way.name, "error") {
						continue // no header holds it
					}
					sayOne(form, secret)
				}
			})
		}
	}
}

// sayer is a server that says one secret after another in this way, to one client.
func sayer(t *testing.T, as credentials.Credential, way wayOut) func(form, secret string) {
	t.Helper()
	var now atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/oauth/token":
			raw, _ := json.Marshal(map[string]any{"access_token": oddToken, "token_type": "Bearer", "expires_in": 3600})
			answer(w, 200, string(raw))
		case as.Kind == credentials.APIKey && r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Digest realm="MMS", nonce="n", algorithm=MD5, qop="auth"`)
			answer(w, 401, `{"error":401}`)
		default:
			way.say(w, now.Load().(string)) //nolint:forcetypeassert // it is set to nothing else
		}
	}))
	t.Cleanup(s.Close)
	var log strings.Builder
	c, err := New(Options{BaseURL: s.URL, Credential: as, Debug: &log})
	if err != nil {
		t.Fatal(err)
	}
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	ask := way.ask
	if ask == nil {
		ask = func(ctx context.Context, c *Client) error { _, err := c.Projects(ctx); return err }
	}
	return func(form, secret string) {
		now.Store(secret)
		log.Reset()
		err := ask(t.Context(), c)
		if log.Len() == 0 {
			t.Fatalf("%s: nothing was asked: %v", form, err)
		}
		assertUntold(t, form, secret, everythingTold(err, log.String()))
	}
}

func assertUntold(t *testing.T, form, secret, said string) {
	t.Helper()
	read := readAs(said)
	plain, _ := url.PathUnescape(secret)
	for _, no := range []string{secret, plain, strings.TrimRight(secret, "="), "verysecret"} {
		if strings.Contains(read, no) {
			t.Errorf("the %s is told:\n%s", form, said)
			return
		}
	}
}

// Nor does anything tell what the endpoint of tokens says, with and without JSON.
func TestNothingTellsWhatSignsIn(t *testing.T) {
	t.Parallel()
	account := credentials.Credential{Kind: credentials.ServiceAccount, Public: "mdb_sa_id_65f0c1d2e3a4b5c6d7e8f9??", Private: state.NewSecret(oddSecret)}
	for name, say := range map[string]func(http.ResponseWriter, string){
		"description": inJSON(401, func(s string) any {
			return map[string]any{"error": "invalid_client", "error_description": "Authorization: Basic " + s}
		}),
		"code":        inJSON(400, func(s string) any { return map[string]any{"error": s} }),
		"code of 200": inJSON(200, func(s string) any { return map[string]any{"error": s, "error_description": s} }),
		"detail":      inJSON(403, func(s string) any { return map[string]any{"error": 403, "errorCode": s, "detail": s} }),
		"Location": func(w http.ResponseWriter, s string) {
			w.Header().Set("Location", "http://"+s+"@a:b:c/")
			w.WriteHeader(302)
		},
		"content type": func(w http.ResponseWriter, s string) { w.Header().Set("Content-Type", "text/"+s); w.WriteHeader(302) },
		"header":       inRaw("HTTP/1.1 401 X\r\nX: a\x1b%s\r\nContent-Length: 0\r\n\r\n"),
		"form": func(w http.ResponseWriter, s string) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(401)
			_, _ = w.Write([]byte(url.Values{"error": {"invalid_client"}, "error_description": {s}}.Encode()))
		},
	} {
		for form, secret := range saidAgain(account.Public, oddSecret, "") {
			if strings.ContainsAny(secret, "\u200b\x1b") && (name == "Location" || name == "content type" || name == "header") {
				continue // no header holds it
			}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, secret) }))
			var log strings.Builder
			c, err := New(Options{BaseURL: s.URL, Credential: account, Debug: &log})
			if err != nil {
				t.Fatal(err)
			}
			c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
			_, err = c.Projects(t.Context())
			s.Close()
			if err == nil {
				t.Fatalf("%s: it signed in", name)
			}
			assertUntold(t, name+": "+form, secret, everythingTold(err, log.String()))
		}
	}
}

// A challenge that is refused by an echo tells nothing of the key.
func TestNothingTellsTheKeyOfAChallenge(t *testing.T) {
	t.Parallel()
	key := credentials.Credential{Kind: credentials.APIKey, Public: "abcdefgh", Private: state.NewSecret(oddKey)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 403, `{"error":403,"errorCode":"NOPE","detail":"`+oddKey+`"}`)
	}))
	defer s.Close()
	var log strings.Builder
	c, err := New(Options{BaseURL: s.URL, Credential: key, Debug: &log})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateJob(t.Context(), rs, download)
	if err == nil {
		t.Fatal("it was taken")
	}
	assertUntold(t, "key", oddKey, everythingTold(err, log.String()))
}

// A token that was renewed is masked as well, and so is the one before it.
func TestNothingTellsAnEarlierToken(t *testing.T) {
	t.Parallel()
	asked, answered := 0, 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/oauth/token":
			asked++
			answer(w, 200, fmt.Sprintf(`{"access_token":"t%d-verysecret-token","token_type":"Bearer","expires_in":3600}`, asked))
		case answered == 0:
			answered++
			answer(w, 200, `{"results":[],"totalCount":0}`)
		case asked == 1:
			answer(w, 401, `{"error":401}`)
		default:
			answer(w, 403, `{"error":403,"detail":"t1-verysecret-token, then t2-verysecret-token"}`)
		}
	}))
	defer s.Close()
	var log strings.Builder
	c, err := New(Options{BaseURL: s.URL, Credential: serviceAccount, Debug: &log})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Projects(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = c.Projects(t.Context())
	if told := everythingTold(err, log.String()); asked != 2 || strings.Contains(told, "verysecret") || !strings.Contains(told, mask+", then "+mask) {
		t.Errorf("%d tokens: %s", asked, told)
	}
}

// What looks like a credential is masked, whoever's it is; what is a word of a sentence is not.
func TestMaskCredentials(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"header was Bearer abc123def456":                              "header was Bearer " + mask,
		"header was bearer%20abc123def456":                            "header was bearer%20" + mask,
		`{"Authorization":"Basic dXNlcjpwYXNz"}`:                      `{"Authorization":"Basic ` + mask + `"}`,
		"Basic dXNlcjpwYXNzdw==.":                                     "Basic " + mask,
		"Authorization: Bearer abc1":                                  "Authorization: Bearer " + mask,
		`Digest username="a", nonce="n", response="0123456789", nc=1`: "Digest " + mask,
		"https://user:pw@evil.example/x":                              "https://" + mask + "@evil.example/x",
		"//user:p@w@evil.example/x":                                   "//" + mask + "@evil.example/x",
		"text/eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJt.c2ln":                 "text/" + mask,
		"eyJhbGciOiJFZERTQSJ9":                                        mask,
		"no mdb_sa_sk_etMM30F3BKENSIP5u1oEEFOHrECcCqrT.":              "no " + mask + ".",
	} {
		if got := maskCredentials(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for _, plain := range []string{
		"Basic authentication is required.", "Use a bearer token, not basic auth.", "Bearer tokens end after an hour", "Basic M10 clusters", "BASIC AUTHENTICATION",
		"the Basic tier: M0", "Authorization: Bearer token required", "bearer-token", "Digest authentication failed", "Bearer token_type", "Basic", "basic: required",
		"Contact joe@example.com or see https://www.mongodb.com/docs/atlas/a@b?x=1", "The snapshot 65f0c1d2e3a4b5c6d7e8f901 of orders-prod was not found.",
		"mongodb+srv://demo.abc12.mongodb.net", "IP_ADDRESS_NOT_ON_ACCESS_LIST", "application/vnd.atlas.2025-03-12+json",
	} {
		if got := maskCredentials(plain); got != plain {
			t.Errorf("%q becomes %q", plain, got)
		}
	}
}

// A key that is no longer than a word is masked alone, and not within a word.
func TestHideOfAShortKey(t *testing.T) {
	t.Parallel()
	s := &secrets{}
	s.learn("me", "in")
	if got := s.hide("signing in, in vain: within"); got != "signing "+mask+", "+mask+" vain: within" {
		t.Errorf("it becomes %q", got)
	}
	if got := string(s.hideIn([]byte(`{"in":1}`))); got != `{"in":1}` {
		t.Errorf("the body becomes %s", got)
	}
	if out := fmt.Sprintf("%v %+v %#v", s.forms, s.short, s); strings.Contains(out, "bWU6aW4") {
		t.Errorf("it prints as %s", out)
	}
}
