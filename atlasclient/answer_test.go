package atlasclient

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// raw answers with any status, content type and body.
func raw(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// signsAs is how the credential of the tests is named to people.
const signsAs = "service account mdb_sa_id_65…01"

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   state.AtlasError
	}{
		{"401", always(401, unauthorized), state.AtlasError{Status: 401, Code: "UNEXPECTED_ERROR", Reason: "Unauthorized", Detail: "You are not authorized for this resource.", Needs: state.RoleReadOnly, Project: id1, Credential: signsAs}},
		{"403", always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN","detail":"no","reason":"Forbidden"}`), state.AtlasError{Status: 403, Code: "ACCESS_FORBIDDEN", Reason: "Forbidden", Detail: "no", Needs: state.RoleReadOnly, Project: id1, Credential: signsAs}},
		{"404, null parameters", always(404, `{"errorCode":"CLUSTER_NOT_FOUND","parameters":null,"detail":null}`), state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND", Reason: "Not Found"}},
		{"409", always(409, `{"errorCode":"ATLAS_CLUSTER_RESTORE_IN_PROGRESS","parameters":["demo"]}`), state.AtlasError{Status: 409, Code: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", Reason: "Conflict", Parameters: []string{"demo"}}},
		{"429, mixed parameters", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "55")
			answer(w, 429, `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/api",55,1.5,true,{"a":1},null]}`)
		}, state.AtlasError{Status: 429, Code: "RATE_LIMITED_TOKEN_BUCKET", Reason: "Too Many Requests", RetryAfter: 55 * time.Second, Parameters: []string{"/api", "55", "1.5", "true", `{"a":1}`, ""}}},
		{"500", always(500, `{"errorCode":"UNEXPECTED_ERROR"}`), state.AtlasError{Status: 500, Code: "UNEXPECTED_ERROR", Reason: "Internal Server Error"}},
		{"no errorCode", always(400, `{"message":"hm"}`), state.AtlasError{Status: 400, Reason: "Bad Request"}},
		{"no body", raw(503, "", ""), state.AtlasError{Status: 503, Reason: "Service Unavailable"}},
		{"fields", always(400, `{"errorCode":"VALIDATION_ERROR","detail":"Bad.","badRequestDetail":{"fields":[{"field":"oplogTs","description":"too old"}]}}`), state.AtlasError{Status: 400, Code: "VALIDATION_ERROR", Reason: "Bad Request", Detail: "Bad. oplogTs: too old"}},
		{"dirty", always(400, `{"errorCode":"A\u001b[31mB","detail":"x\u202ey\nz","parameters":["\u0007p"]}`), state.AtlasError{Status: 400, Code: "AB", Reason: "Bad Request", Detail: "xy z", Parameters: []string{"p"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.answer)
			before := time.Now()
			_, err := s.client(Options{}).Clusters(t.Context(), id1)
			var got *state.AtlasError
			if !errors.As(err, &got) {
				t.Fatalf("no *state.AtlasError: %v", err)
			}
			if tt.want.RetryAfter == 0 && !got.Until.IsZero() || tt.want.RetryAfter > 0 && (got.Until.Before(before.Add(tt.want.RetryAfter)) || got.Until.After(time.Now().Add(tt.want.RetryAfter))) {
				t.Errorf("Atlas takes requests again %v after the question", got.Until.Sub(before))
			}
			got.Until = time.Time{}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(err.Error(), "listing the clusters of project "+id1+": Atlas answered ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Names are read with the role of restore jobs, and are none: whoever is refused is told what.
func TestWhatWasRefusedIsNamed(t *testing.T) {
	s := newServer(t, always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN","detail":"no"}`))
	c := s.client(Options{})
	_, databases := c.SnapshotDatabases(t.Context(), rs, id1)
	_, collections := c.SnapshotCollections(t.Context(), rs, id1, "shop")
	_, jobs := c.Jobs(t.Context(), rs)
	for err, want := range map[error]string{databases: "Reading the names in a snapshot needs", collections: "Reading the names in a snapshot needs", jobs: "Reading restore jobs needs"} {
		if p := state.Explain("x", err); !strings.Contains(p.Advice, want) {
			t.Errorf("want %q: %q", want, p.Advice)
		}
	}
}

// TestUnreadableAnswers: none of these is Atlas's own word, so none may pass for it.
// After a write each leaves the outcome unknown.
func TestUnreadableAnswers(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		says   []string
	}{
		{"a proxy's page", raw(200, "text/html", "<html>"), []string{"200 text/html", "no JSON"}},
		{"a proxy's refusal", raw(403, "text/html", "<html>"), []string{"403 text/html", "no JSON"}},
		{"a gateway's fault", raw(502, "text/html; charset=utf-8", "<html>"), []string{"502 text/html"}},
		{"no content type", raw(200, "", `{}`), []string{"200"}},
		{"truncated", raw(200, "application/json", `{"id":"65f0`), []string{"200 application/json", "reading the answer"}},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			answer(w, 200, `{"id":`)
		}, []string{"broke off"}},
		{"wrong type", always(200, `{"id":7}`), []string{"reading the answer", "number"}},
		{"wrong date", always(200, `{"id":"`+id1+`","expiresAt":"soon\u001b[2J"}`), []string{`"soon" is none`}},
		{"a list", always(200, `[]`), []string{"reading the answer"}},
		{"two values", always(200, `{}{}`), []string{"reading the answer"}},
		{"204 for a job", raw(204, "application/vnd.atlas.2023-01-01+json", ""), []string{"204"}},
		{"error of wrong type", always(400, `{"errorCode":7}`), []string{"reading the error (400 application/json)"}},
		{"too large", always(200, `{"id":"`+strings.Repeat("a", 2<<20)+`"}`), []string{"larger than 1 MiB"}},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://sso.example.com/login?token=verysecret")
			w.WriteHeader(307)
		}, []string{"307", "redirect to https://sso.example.com,", "not followed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.answer)
			c := s.client(Options{})
			_, readErr := c.Job(t.Context(), rs, id1)
			_, writeErr := c.CreateJob(t.Context(), rs, download)
			for _, err := range []error{readErr, writeErr} {
				if err == nil {
					t.Fatal("no error")
				}
				for _, part := range tt.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%v\ndoes not say %q", err, part)
					}
				}
				var refused *state.AtlasError
				if errors.As(err, &refused) || errors.Is(err, submit.ErrNotSent) {
					t.Errorf("taken for a definite answer: %v", err)
				}
				if strings.ContainsRune(err.Error(), '\x1b') {
					t.Errorf("not cleaned: %q", err)
				}
				noSecrets(t, err)
			}
			if n := len(s.requests()); n != 2 {
				t.Errorf("%d requests for a read and a write: %v", n, s.requests())
			}
		})
	}
}

func TestCreateJobNeedsAJob(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `{"id":""}`, `{"id":"x"}`} {
		s := newServer(t, always(200, body))
		_, err := s.client(Options{}).CreateJob(t.Context(), rs, download)
		if err == nil || !strings.Contains(err.Error(), "the answer holds no restore job") || errors.Is(err, submit.ErrNotSent) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestCancelJobNeeds204(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		ok     bool
	}{
		{"204", raw(204, "application/vnd.atlas.2023-01-01+json", ""), true},
		{"captive portal", raw(200, "text/html", "<html>"), false},
		{"200", always(200, `{}`), false},
		{"cannot", always(400, `{"errorCode":"CANNOT_CANCEL_AUTOMATED_RESTORE"}`), false},
		{"405", always(405, `{"errorCode":"ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED"}`), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.answer)
			if err := s.client(Options{}).CancelJob(t.Context(), rs, id1); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			if got := s.requests(); len(got) != 1 {
				t.Errorf("requests: %v", got)
			}
		})
	}
}

// TestLostAnswer: a connection that breaks after the request is no "not sent", and no
// reason to send again.
func TestLostAnswer(t *testing.T) {
	for _, credential := range []string{"bearer", "digest"} {
		t.Run(credential, func(t *testing.T) {
			lose := func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					job(id1)(w, r)
					return
				}
				panic(http.ErrAbortHandler)
			}
			var s *server
			o := Options{}
			if credential == "digest" {
				s, o.Credential = newDigestServer(t, lose).server, apiKey
			} else {
				s = newServer(t, lose)
			}
			c := s.client(o)
			if _, err := c.Job(t.Context(), rs, id1); err != nil { // a kept connection there is to reuse
				t.Fatal(err)
			}
			before := len(s.requests())
			_, err := c.CreateJob(t.Context(), rs, download)
			if err == nil || errors.Is(err, submit.ErrNotSent) {
				t.Errorf("got %v", err)
			}
			if err := c.CancelJob(t.Context(), rs, id1); err == nil {
				t.Error("a lost cancellation counts as done")
			}
			writes := slices.DeleteFunc(slices.Clone(s.requests()[before:]), func(r string) bool {
				return strings.HasPrefix(r, "GET ") // what asks for a challenge
			})
			if len(writes) != 2 {
				t.Errorf("two writes made the requests %v", s.requests()[before:])
			}
		})
	}
}

func TestNotSent(t *testing.T) {
	s := newServer(t, job(id1))
	c := s.client(Options{})
	if _, err := c.Job(t.Context(), rs, id1); err != nil { // the token is there
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.CreateJob(cancelled, rs, download); !errors.Is(err, submit.ErrNotSent) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if _, err := c.CreateJob(t.Context(), state.Cluster{ProjectID: id1, Name: ".."}, download); !errors.Is(err, submit.ErrNotSent) {
		t.Errorf("no address: %v", err)
	}
	s.gone(c)
	if _, err := c.CreateJob(t.Context(), rs, download); !errors.Is(err, submit.ErrNotSent) {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := c.Job(t.Context(), rs, id1); err == nil || errors.Is(err, submit.ErrNotSent) || !strings.Contains(err.Error(), "speaking to "+s.URL) {
		t.Errorf("a read: %v", err)
	}
}

// TestDeadline: a server that never answers ends the call, and says so. The caller's
// own cancelling is told apart.
func TestDeadline(t *testing.T) {
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts (in the kernel) and stays silent
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := New(Options{BaseURL: "http://" + l.Addr().String(), Credential: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	c.timeout = 20 * time.Millisecond
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() } // between its tries
	if _, err := c.Projects(t.Context()); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no whole answer within 20ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	c.timeout = time.Minute
	if _, err := c.Projects(ctx); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "no whole answer") {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	tests := map[string]time.Duration{"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-1": 0, "soon": 0, "999999999999": 0, "99999999999999999999": 0, "Mon, 10 Aug 2026 03:05:20 GMT": 0}
	for header, want := range tests {
		if got := retryAfter(http.Header{"Retry-After": {header}}); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	local := time.Date(2026, 8, 10, 3, 0, 0, 0, time.UTC)
	tests := []struct {
		name, contentType, date string
		want                    time.Time
	}{
		{"an hour slow", "application/json", "Mon, 10 Aug 2026 04:00:00 GMT", local.Add(time.Hour)},
		{"fast", "application/json", "Mon, 10 Aug 2026 02:00:00 GMT", local.Add(-time.Hour)},
		{"within two seconds", "application/json", "Mon, 10 Aug 2026 03:00:02 GMT", local},
		{"three seconds", "application/json", "Mon, 10 Aug 2026 03:00:03 GMT", local.Add(3 * time.Second)},
		{"no date", "application/json", "yesterday", local},
		{"a proxy's", "text/html", "Mon, 10 Aug 2026 04:00:00 GMT", local},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", tt.date)
				raw(200, tt.contentType, `{}`)(w, nil)
			})
			c := s.client(Options{Now: func() time.Time { return local }})
			_, _ = c.Project(t.Context(), id1)
			if got := c.Now(); !got.Equal(tt.want) {
				t.Errorf("now is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestClockTakesTheNewestAnswer(t *testing.T) {
	c := &clock{local: func() time.Time { return time.Unix(1_000_000, 0) }}
	for _, offset := range []int64{3600, 60, 0} {
		c.observe(http.Header{"Date": {time.Unix(1_000_000+offset, 0).UTC().Format(http.TimeFormat)}})
		if got := c.now().Unix() - 1_000_000; got != offset {
			t.Errorf("now is off by %s s, want %d", strconv.FormatInt(got, 10), offset)
		}
	}
}
