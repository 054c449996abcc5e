package atlasclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/submit"
)

func TestBearerTakesOneTokenForManyCalls(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+accessToken {
			t.Errorf("Authorization: %q", r.Header.Get("Authorization"))
		}
		job(id1)(w, r)
	})
	c := s.client(Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Job(context.Background(), rs, id1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := c.CreateJob(t.Context(), rs, download); err != nil {
		t.Error(err)
	}
	if s.tokens != 1 {
		t.Errorf("%d tokens for 9 calls", s.tokens)
	}
}

func TestBearerRenewsEarly(t *testing.T) {
	s := newServer(t, job(id1))
	c := s.client(Options{})
	b := c.wire.(*bearer)
	for _, left := range []time.Duration{time.Hour, renewBefore - time.Second} {
		_, _ = c.Job(t.Context(), rs, id1)
		b.expiry = time.Now().Add(left - renewBefore)
	}
	if s.tokens != 1 {
		t.Fatalf("%d tokens while one was good", s.tokens)
	}
	if _, err := c.Job(t.Context(), rs, id1); err != nil || s.tokens != 2 {
		t.Errorf("%d tokens, error %v: want a second one", s.tokens, err)
	}
	if until := time.Until(b.expiry); until < 58*time.Minute || until > 59*time.Minute {
		t.Errorf("a token of an hour is used for %s", until)
	}
}

// TestBearerRefused: a token that was good once and is refused now is renewed for a
// read; a write is not sent again, but the next call has a new token.
func TestBearerRefused(t *testing.T) {
	revoked := true
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if revoked {
			revoked = false
			answer(w, 401, unauthorized)
			return
		}
		job(id1)(w, r)
	})
	tests := []struct {
		name             string
		call             func(*Client) error
		fails            bool
		requests, tokens int
	}{
		{"read", func(c *Client) error { _, err := c.Job(t.Context(), rs, id1); return err }, false, 2, 1},
		{"write", func(c *Client) error { _, err := c.CreateJob(t.Context(), rs, download); return err }, true, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			revoked = false
			c := s.client(Options{})
			if _, err := c.Job(t.Context(), rs, id1); err != nil {
				t.Fatal(err)
			}
			revoked = true
			requests, tokens := len(s.requests()), s.tokens
			if err := tt.call(c); (err != nil) != tt.fails {
				t.Errorf("got %v", err)
			}
			if n := len(s.requests()) - requests; n != tt.requests || s.tokens-tokens != tt.tokens {
				t.Errorf("%d requests and %d tokens, want %d and %d", n, s.tokens-tokens, tt.requests, tt.tokens)
			}
			revoked = false
			if _, err := c.Job(t.Context(), rs, id1); err != nil || s.tokens-tokens != 1 {
				t.Errorf("afterwards: %d new tokens, %v", s.tokens-tokens, err)
			}
		})
	}
}

// TestBearerWrongFromTheStart: a fresh token that is refused is not fetched again.
func TestBearerWrongFromTheStart(t *testing.T) {
	s := newServer(t, always(401, unauthorized))
	_, err := s.client(Options{}).Projects(t.Context())
	var refused *state.AtlasError
	if !errors.As(err, &refused) || refused.Status != 401 || len(s.requests()) != 1 || s.tokens != 1 {
		t.Errorf("%d requests, %d tokens, %v", len(s.requests()), s.tokens, err)
	}
}

// TestBearerRoleIsNoSignIn: a 401 for a role that is missing costs no new token, for a read or
// a write, and is told whole, with the project by its name.
func TestBearerRoleIsNoSignIn(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/atlas/v2/groups":
			answer(w, 200, `{"results":[{"id":"`+rs.ProjectID+`","name":"Payments"}]}`)
		default:
			answer(w, 401, `{"error":401,"errorCode":"USER_UNAUTHORIZED","detail":"Current user is not authorized to perform this action."}`)
		}
	})
	c := s.client(Options{})
	if _, err := c.Projects(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for name, call := range map[string]func() error{
			"list":   func() error { _, err := c.Jobs(t.Context(), rs); return err },
			"look":   func() error { _, err := c.Job(t.Context(), rs, id1); return err },
			"create": func() error { _, err := c.CreateJob(t.Context(), rs, download); return err },
		} {
			var refused *state.AtlasError
			if err := call(); !errors.As(err, &refused) || !refused.LacksRole() || refused.Project != "Payments" || refused.Detail == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if s.tokens != 1 || len(s.requests()) != 1+9 {
		t.Errorf("%d tokens, %d requests", s.tokens, len(s.requests()))
	}
}

func TestTokenRefused(t *testing.T) {
	wrong := serviceAccount
	wrong.Private = state.NewSecret("wrong-verysecret")
	s := newServer(t, job(id1))
	_, err := s.client(Options{Credential: wrong}).CreateJob(t.Context(), rs, download)
	var refused *state.AtlasError
	if !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "invalid_client" || refused.Detail != "no "+mask+" (the service account was refused)" {
		t.Errorf("got %v", err)
	}
	noSecrets(t, err)
	if p := state.Explain("x", err); !strings.Contains(p.Advice, "secret is wrong, or the secret has expired") || strings.Contains(p.Advice, "Project Read Only") {
		t.Errorf("the advice is %q", p.Advice)
	}
	if !errors.Is(err, submit.ErrNotSent) || len(s.requests()) != 0 {
		t.Errorf("requests %v, error %v", s.requests(), err)
	}
	if _, err := s.client(Options{Credential: wrong}).Projects(t.Context()); err == nil || strings.Contains(err.Error(), "not sent") {
		t.Errorf("a read says %v", err)
	}
}

// Nor does an answer tell the secret that was sent: in no field of it, not with something invisible
// within, not as the end of a long text.
func TestTokenRefusalTellsNoSecret(t *testing.T) {
	t.Parallel()
	pieces := clientSecret[:4] + "\u200b" + clientSecret[4:]
	for _, say := range []string{clientSecret, pieces, strings.Repeat("a", 250) + " " + clientSecret} {
		for _, status := range []int{400, 401, 403} {
			raw, _ := json.Marshal(map[string]any{
				"error": say, "error_description": say, "errorCode": say, "detail": say, "reason": say, "parameters": []string{say},
			})
			s := newServer(t, job(id1))
			s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, status, string(raw)) })
			_, err := s.client(Options{}).Projects(t.Context())
			if text := fmt.Sprintf("%+v", err); err == nil || strings.Contains(text, clientSecret[:6]) {
				t.Errorf("%d %q: %v", status, say, err)
			}
		}
	}
}

func TestTokenEndpointFaults(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		status, want            int // want: the AtlasError's status, 0 for none
		says                    string
	}{
		{"OAuth 400", "application/json", `{"error":"invalid_client"}`, 400, 401, "401 invalid_client to the request for an access token: the service account was refused"},
		{"limited", "application/json", `{"error":429,"errorCode":"RATE_LIMITED","detail":"Too many tokens."}`, 429, 429, "429 RATE_LIMITED to the request for an access token: Too many tokens."},
		{"disabled", "application/json", `{"error":401,"errorCode":"INVALID_CLIENT","detail":"client disabled"}`, 401, 401, "401 INVALID_CLIENT to the request for an access token: client disabled"},
		{"down", "text/html", "<html>" + clientSecret, 503, 503, ""},
		{"redirect", "text/html", "", 302, 0, "redirect to https://login.example.com, which is not followed"},
		{"page", "text/html", "<html>", 200, 0, "getting an access token"},
		{"no token", "application/json", "{}", 200, 0, "access_token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := newServer(t, job(id1))
			srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.Header().Set("Retry-After", "7")
				w.Header().Set("Location", "https://login.example.com/x?secret="+clientSecret)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			before := time.Now()
			_, err := srv.client(Options{}).CreateJob(t.Context(), rs, download)
			var refused *state.AtlasError
			if errors.As(err, &refused) != (tt.want != 0) || refused != nil && (refused.Status != tt.want || refused.RetryAfter != 7*time.Second) {
				t.Errorf("got %#v of %v", refused, err)
			}
			if !errors.Is(err, submit.ErrNotSent) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
			if refused != nil && (!strings.HasSuffix(err.Error(), tt.says) && tt.says != "" || refused.Until.Before(before.Add(7*time.Second)) || refused.Until.After(time.Now().Add(7*time.Second))) {
				t.Errorf("got %v, until %v", err, refused.Until)
			}
			noSecrets(t, err)
		})
	}
}

// TestTokenLimitIsWaitedOut: Atlas gives ten tokens a minute, and says of no more when to ask
// again. A read waits for that minute, telling how long; reads that wait beside each other do
// not each ask.
func TestTokenLimitIsWaitedOut(t *testing.T) {
	now := time.Now()
	end := now.Add(50 * time.Second) // of the limit
	srv := newServer(t, always(200, `{"results":[]}`))
	api := srv.Config.Handler
	asked := 0
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth/token" {
			if asked++; now.Before(end) {
				answer(w, 429, `{"error":429,"errorCode":"RATE_LIMITED","detail":"Ten a minute.","parameters":["/api/oauth/token",10,1]}`)
				return
			}
		}
		api.ServeHTTP(w, r)
	})
	c := srv.client(Options{})
	b := c.wire.(*bearer)
	b.now = func() time.Time { return now }
	var told []string
	c.sleep = func(_ context.Context, d time.Duration) error {
		for range 3 { // others ask meanwhile
			if _, err := c.Job(t.Context(), rs, id1); err == nil || !strings.Contains(err.Error(), "Ten a minute.") {
				t.Errorf("another read says %v", err)
			}
		}
		now = now.Add(d)
		return nil
	}
	ctx := state.WithAttempts(t.Context(), func(a state.Attempt) { told = append(told, a.Text(a.At.Add(-a.In))) })
	if _, err := c.Jobs(ctx, rs); err != nil {
		t.Errorf("got %v", err)
	}
	if len(told) < 3 || asked != len(told)+1 {
		t.Errorf("asked %d times, told %v", asked, told)
	}
	for i, text := range told {
		if !strings.HasPrefix(text, fmt.Sprintf("Try %d of at most 5 comes in 15 s: ", i+2)) || !strings.HasSuffix(text, "429 RATE_LIMITED to the request for an access token: Ten a minute.") {
			t.Errorf("told %q", text)
		}
	}
}

// TestTokenIsShared: clients that live for a moment share a token, which is kept for this
// user alone until its end; one that was refused, that others could read, or that is somebody
// else's is not used.
func TestTokenIsShared(t *testing.T) {
	s := newServer(t, job(id1))
	dir := t.TempDir()
	use := func(o Options) {
		t.Helper()
		o.TokenDir = dir
		if _, err := s.client(o).Job(t.Context(), rs, id1); err != nil {
			t.Fatal(err)
		}
	}
	if use(Options{TakesToken: true}); s.tokens != 1 {
		t.Fatalf("%d tokens", s.tokens)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("one that only takes a token leaves %v, %v", left, err)
	}
	s.tokens = 0
	for range 12 {
		use(Options{})
	}
	use(Options{TakesToken: true})
	if s.tokens != 1 {
		t.Fatalf("%d tokens for twelve clients", s.tokens)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept %v, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	kept, err := os.ReadFile(files[0])
	if err != nil || strings.Contains(string(kept), clientSecret) {
		t.Errorf("the client's secret is kept, %v", err)
	}
	wants := func(name string, tokens int) {
		t.Helper()
		if use(Options{}); s.tokens != tokens {
			t.Errorf("%s: %d tokens, want %d", name, s.tokens, tokens)
		}
	}
	if err := os.Chmod(files[0], 0o644); err != nil {
		t.Fatal(err)
	}
	wants("one that others can read", 2)
	wants("its successor", 2)
	for i, change := range []struct{ from, to string }{
		{`"until":"2`, `"until":"1`},
		{serviceAccount.Public, "mdb_sa_id_other"},
		{s.URL, "https://other.example"},
		{"{", "["},
		{`"token":"`, "\"token\":\"\x7f"},
		{`"token":"`, `"token":"\n`},
		{`"token":"`, `"token":"","was":"`}, // no header can have these
	} {
		raw, _ := os.ReadFile(files[0])
		if err := os.WriteFile(files[0], []byte(strings.Replace(string(raw), change.from, change.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		wants(change.to, 3+i)
	}
	c := s.client(Options{TokenDir: dir})
	b := c.wire.(*bearer)
	b.forget("another") // it is not the one that is kept
	if _, err := os.Stat(files[0]); err != nil {
		t.Errorf("the kept token is gone: %v", err)
	}
}

// noSecrets fails if any way of printing v shows a secret.
func noSecrets(t *testing.T, v any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		s := fmt.Sprintf(verb, v)
		if strings.Contains(s, "verysecret") || strings.Contains(s, "Basic ") {
			t.Errorf("%s shows a secret: %s", verb, s)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s := newServer(t, always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN","detail":"no"}`))
	for _, credential := range []credentials.Credential{serviceAccount, apiKey} {
		c := s.client(Options{Credential: credential})
		_, err := c.Projects(t.Context())
		for e := err; e != nil; e = errors.Unwrap(e) {
			noSecrets(t, e)
		}
		noSecrets(t, c)
		noSecrets(t, *c)
		noSecrets(t, credential)
		s.gone(c)
		_, err = c.CreateJob(t.Context(), rs, download)
		for e := err; e != nil; e = errors.Unwrap(e) {
			noSecrets(t, e)
		}
	}
}
