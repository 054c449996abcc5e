package atlasclient

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

const (
	schemaFile = "../../shared/atlas/openapi.json"
	recordings = "../../shared/atlas/recordings"

	clientSecret = "mdb_sa_sk_verysecret"
	privateKey   = "11111111-2222-3333-4444-verysecret"
	accessToken  = "eyJhbGciOi.verysecret.token"
)

var (
	serviceAccount = credentials.Credential{Kind: credentials.ServiceAccount, Public: "mdb_sa_id_65f0c1d2e3a4b5c6d7e8f901", Private: state.NewSecret(clientSecret)}
	apiKey         = credentials.Credential{Kind: credentials.APIKey, Public: "abcdefgh", Private: state.NewSecret(privateKey)}

	rs      = state.Cluster{ProjectID: "aaaaaaaaaaaaaaaaaaaaaaaa", Name: "demo", Type: state.ReplicaSet}
	sharded = state.Cluster{ProjectID: "aaaaaaaaaaaaaaaaaaaaaaaa", Name: "big", Type: state.Sharded}
	flex    = state.Cluster{Family: state.Flex, ProjectID: "aaaaaaaaaaaaaaaaaaaaaaaa", Name: "small", Type: state.ReplicaSet}
	id1     = "65f0c1d2e3a4b5c6d7e8f901"
	id2     = "65f0c1d2e3a4b5c6d7e8f902"
)

// server is a fake Atlas that counts what it gets.
type server struct {
	*httptest.Server
	t testing.TB

	mu     sync.Mutex
	seen   []string // "GET /api/…", in order
	tokens int
}

// newServer is serve that holds each API request against Atlas's schema.
func newServer(t *testing.T, handle http.HandlerFunc) *server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		for _, fault := range faults(r) {
			t.Errorf("%s %s: %s", r.Method, r.URL, fault)
		}
		handle(w, r)
	})
}

// serve answers API requests with handle, and token requests with a token.
func serve(t testing.TB, handle http.HandlerFunc) *server {
	t.Helper()
	s := &server{t: t}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth/token" {
			s.mu.Lock()
			s.tokens++
			s.mu.Unlock()
			s.token(w, r)
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	user, pass, _ := r.BasicAuth()
	if user != serviceAccount.Public || pass != clientSecret || r.FormValue("grant_type") != "client_credentials" {
		answer(w, 401, `{"error":"invalid_client","error_description":"no `+pass+`"}`)
		return
	}
	answer(w, 200, `{"access_token":"`+accessToken+`","token_type":"Bearer","expires_in":3600}`)
}

// gone ends the server. A client that dials it finds a port at which nothing listens: that of the server may
// be given to another test at once, one so low is given to none.
func (s *server) gone(c *Client) {
	s.Close()
	for _, t := range []*http.Transport{c.wires.read, c.wires.write} {
		dial := t.DialContext
		t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial(ctx, network, "127.0.0.1:1")
		}
	}
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

func (s *server) client(o Options) *Client {
	s.t.Helper()
	o.BaseURL = s.URL
	if o.Credential.Kind == 0 {
		o.Credential = serviceAccount
	}
	c, err := New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() } // pauses are looked at, not waited for
	return c
}

// answer writes JSON as Atlas does: errors as plain JSON, the rest versioned.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/vnd.atlas.2023-01-01+json;charset=utf-8")
	if status > 299 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
}

var schema = sync.OnceValues(func() (*openapi3.T, error) {
	if _, err := os.Stat(schemaFile); err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromFile(schemaFile)
})

// operation finds the schema's operation for a request; fixed paths win over
// templates (…/snapshots/shardedClusters over …/snapshots/{snapshotId}).
func operation(doc *openapi3.T, r *http.Request) *openapi3.Operation {
	if item := doc.Paths.Value(r.URL.Path); item != nil {
		return item.GetOperation(r.Method)
	}
	var found *openapi3.Operation
	fewest := 100
	for path, item := range doc.Paths.Map() {
		if params := strings.Count(path, "{"); params < fewest && fills(path, r.URL.EscapedPath()) {
			if op := item.GetOperation(r.Method); op != nil {
				found, fewest = op, params
			}
		}
	}
	return found
}

// fills says whether a path is one of a template, like /a/{b}/c or /a/{b}:c: each part of it has one
// parameter at most, which is not empty.
func fills(template, path string) bool {
	if strings.Count(template, "/") != strings.Count(path, "/") {
		return false
	}
	for template != "" {
		var want, got string
		want, template, _ = strings.Cut(template, "/")
		got, path, _ = strings.Cut(path, "/")
		before, rest, param := strings.Cut(want, "{")
		_, after, _ := strings.Cut(rest, "}")
		if !param && got != want || param && (len(got) <= len(before)+len(after) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after)) {
			return false
		}
	}
	return true
}

// thorough says whether every case is tried. The gate does, by THOROUGH=1; in the suite it is enough that
// a plain one of each kind is met.
func thorough() bool { return os.Getenv("THOROUGH") == "1" }

// faults holds a request against the schema: that there is such an operation, that
// each query parameter is declared and valid, and the body.
func faults(r *http.Request) (out []string) {
	doc, err := schema()
	if err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return []string{err.Error()}
	}
	op := operation(doc, r)
	if op == nil {
		return []string{"it is not in the schema"}
	}
	for name, values := range r.URL.Query() {
		p := op.Parameters.GetByInAndName("query", name)
		if p == nil {
			out = append(out, "the schema declares no query parameter "+name)
			continue
		}
		var v any = values[0]
		if p.Schema.Value.Type.Is("array") {
			all := []any{}
			for _, one := range values {
				all = append(all, one)
			}
			v = all
		}
		if p.Schema.Value.Type.Is("integer") {
			_ = json.Unmarshal([]byte(values[0]), &v)
		}
		if err := p.Schema.Value.VisitJSON(v); err != nil {
			out = append(out, "parameter "+name+": "+err.Error())
		}
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if op.RequestBody == nil {
		if len(body) > 0 {
			out = append(out, "it takes no body, but has "+string(body))
		}
		return out
	}
	for _, media := range op.RequestBody.Value.Content {
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			return append(out, "its body is no JSON object: "+string(body))
		}
		if err := media.Schema.Value.VisitJSON(members, openapi3.VisitAsRequest()); err != nil {
			out = append(out, "its body: "+err.Error())
		}
		for name := range members {
			if media.Schema.Value.Properties[name] == nil {
				out = append(out, "its body: the schema has no member "+name)
			}
		}
	}
	return out
}

// needSchema skips a test where the schema is absent.
func needSchema(t *testing.T) {
	t.Helper()
	if _, err := schema(); os.IsNotExist(err) {
		t.Skip("the schema of Atlas is absent: " + schemaFile)
	}
}

func TestSchemaCheckFindsFaults(t *testing.T) {
	needSchema(t)
	tests := []struct{ name, method, target, body string }{
		{"no such path", "GET", "/api/atlas/v2/groups/" + id1 + "/backups", ""},
		{"undeclared parameter", "GET", "/api/atlas/v2/groups/" + id1 + "/clusters/a/backup/snapshots/shardedClusters?pageNum=1", ""},
		{"too many a page", "GET", "/api/atlas/v2/groups?itemsPerPage=501", ""},
		{"bad body", "POST", "/api/atlas/v2/groups/" + id1 + "/clusters/a/backup/restoreJobs", `{"deliveryType":"push"}`},
		{"unknown member", "POST", "/api/atlas/v2/groups/" + id1 + "/clusters/a/backup/restoreJobs", `{"deliveryType":"download","snapshot":"x"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, _ := url.Parse(tt.target)
			r := &http.Request{Method: tt.method, URL: u, Body: io.NopCloser(strings.NewReader(tt.body))}
			if len(faults(r)) == 0 {
				t.Error("the check let it pass")
			}
		})
	}
}
