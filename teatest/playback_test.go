package teatest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

const recordings = "../../shared/atlas/recordings"

// exchange is one request to a real Atlas and its answer, as a recording holds them.
// The request's body was not recorded: what it must have said, the answer repeats.
type exchange struct {
	Kind, Method, Path string
	Status             int
	Headers            map[string]string
	Body               json.RawMessage
}

// loadRecordings gives all recordings in the order in which Atlas answered.
func loadRecordings(t *testing.T) []exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the recordings of Atlas are absent: " + recordings)
	}
	all := make([]exchange, len(files))
	for i, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &all[i]); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if all[i].date().IsZero() {
			t.Fatalf("%s has no Date", f)
		}
	}
	slices.SortStableFunc(all, func(a, b exchange) int { return a.date().Compare(b.date()) })
	return all
}

// date is when Atlas answered, by its own clock; zero if it does not say.
func (e exchange) date() time.Time {
	at, _ := http.ParseTime(e.Headers["Date"])
	return at
}

// into reads the answer as out, in words of the recording and not of the client.
func (e exchange) into(t *testing.T, out any) {
	t.Helper()
	if err := json.Unmarshal(e.Body, out); err != nil {
		t.Fatalf("%s %s: %v", e.Method, e.Path, err)
	}
}

// listed makes the answer the only one of the list that it belongs to. The wizard asks
// for lists, of which not every one was recorded; their elements were.
func (e exchange) listed(t *testing.T) exchange {
	t.Helper()
	e.Path = path.Dir(e.Path)
	body, err := json.Marshal(map[string]any{
		"links":      []any{map[string]string{"href": "http://localhost:8080" + e.Path, "rel": "self"}},
		"results":    []json.RawMessage{e.Body},
		"totalCount": 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Body = body
	return e
}

// playback is an Atlas that answers with a tape of recordings: to each request the
// next of them, if that is what it answered then, and no other.
type playback struct {
	*httptest.Server
	t    *testing.T
	tape []exchange

	mu     sync.Mutex
	at     int       // how far the tape has been played
	now    time.Time // of Atlas: the Date of the newest answer, or where forward has put it
	tokens int
	posted []string // bodies, in order
}

// The service account that may see what is on the tape.
const (
	playbackID     = "mdb_sa_id_6a793f6b2c88faeba59bae37"
	playbackSecret = "mdb_sa_sk_played-back"
	playbackToken  = "a-token-of-the-playback"
)

func playBack(t *testing.T, tape []exchange) *playback {
	t.Helper()
	if !slices.IsSortedFunc(tape, func(a, b exchange) int { return a.date().Compare(b.date()) }) {
		t.Fatal("the tape does not run in the order in which Atlas answered")
	}
	p := &playback{t: t, tape: tape, now: tape[0].date()}
	p.Server = httptest.NewServer(p)
	teatest.AtEnd(t, p.Close)
	return p
}

func (p *playback) credential() credentials.Credential {
	return credentials.Credential{Kind: credentials.ServiceAccount, Public: playbackID, Private: state.NewSecret(playbackSecret)}
}

// laptop is the clock of the machine that the wizard runs on. It is wrong by more than
// the life of a snapshot or a link: only Atlas's Date can tell whether they still live.
func (p *playback) laptop() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.Add(50 * time.Hour)
}

// ServeHTTP implements http.Handler.
func (p *playback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Errorf("reading the body of %s %s: %v", r.Method, r.URL, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == "/api/oauth/token" {
		p.token(w, r)
		return
	}
	// Of that project no flex cluster was recorded, and no list of jobs: it has none.
	if base := path.Base(r.URL.Path); r.Method == http.MethodGet && (base == "flexClusters" || base == "restoreJobs" || base == "collectionRestoreJobs") {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Date", p.now.UTC().Format(http.TimeFormat))
		fmt.Fprint(w, `{"results":[],"totalCount":0}`)
		return
	}
	// Nor its schedule, nor who may reach it, nor the events.
	for end, answer := range map[string]string{"schedule": `{"restoreWindowDays":7}`, "events": `{"results":[]}`, "accessList": `{"results":[]}`, "endpointService": `[]`, "v2": `{"apiKey":null}`} {
		if r.Method == http.MethodGet && path.Base(r.URL.Path) == end {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Date", p.now.UTC().Format(http.TimeFormat))
			fmt.Fprint(w, answer)
			return
		}
	}
	// Nor the list of all clusters, without which the projects are gone through.
	if r.Method == http.MethodGet && r.URL.Path == "/api/atlas/v2/clusters" {
		w.Header().Set("Date", p.now.UTC().Format(http.TimeFormat))
		http.NotFound(w, r)
		return
	}
	// Nor its servers, and what they do.
	if dir, base := path.Split(r.URL.Path); r.Method == http.MethodGet && (base == "processes" || path.Base(dir) == "clusters") && p.unknown(r) != nil {
		w.Header().Set("Date", p.now.UTC().Format(http.TimeFormat))
		http.NotFound(w, r)
		return
	}
	if again, status := p.again(r); again != nil && p.unknown(r) != nil { // the review looks once more at what was listed
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Date", p.now.UTC().Format(http.TimeFormat))
		w.WriteHeader(status)
		_, _ = w.Write(again)
		return
	}
	if err := p.unknown(r); err != nil {
		p.t.Errorf("the wizard asked %s %s: %v", r.Method, r.URL, err)
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	e := p.tape[p.at]
	p.at++
	p.now = e.date()
	if r.Method == http.MethodPost {
		p.posted = append(p.posted, string(body))
	}
	for k, v := range e.Headers {
		w.Header().Set(k, v)
	}
	w.WriteHeader(e.Status)
	_, _ = w.Write(e.Body)
}

func (p *playback) token(w http.ResponseWriter, r *http.Request) {
	p.tokens++
	if id, secret, _ := r.BasicAuth(); r.Method != http.MethodPost || id != playbackID || secret != playbackSecret || p.tokens > 1 {
		p.t.Errorf("request %d for a token is %s with the credential %q, want one POST with ours", p.tokens, r.Method, id)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token": %q, "expires_in": 3600, "token_type": "Bearer"}`, playbackToken)
}

// unknown says why the tape has no answer to r.
// again is what was answered before to this request, or what a list said of the one thing
// that is asked for; nil for neither.
func (p *playback) again(r *http.Request) (found []byte, status int) {
	if r.Method != http.MethodGet {
		return nil, 0
	}
	for _, e := range p.tape[:p.at] {
		if e.Method != http.MethodGet {
			continue
		}
		if e.Path == r.URL.Path {
			found, status = e.Body, e.Status
		}
		var list struct {
			Results []json.RawMessage `json:"results"`
		}
		if e.Path != path.Dir(r.URL.Path) || json.Unmarshal(e.Body, &list) != nil {
			continue
		}
		for _, one := range list.Results {
			var id struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(one, &id) == nil && id.ID == path.Base(r.URL.Path) {
				found, status = one, http.StatusOK
			}
		}
	}
	return found, status
}

func (p *playback) unknown(r *http.Request) error {
	if got := r.Header.Get("Authorization"); got != "Bearer "+playbackToken {
		return fmt.Errorf("it is signed %q, not with the token", got)
	}
	if n := r.URL.Query().Get("pageNum"); n != "" && n != "1" {
		return fmt.Errorf("page %s was not recorded", n)
	}
	if p.at == len(p.tape) {
		return errors.New("the tape has ended")
	}
	if e := p.tape[p.at]; r.Method != e.Method || r.URL.Path != e.Path {
		return fmt.Errorf("the next on the tape is %s %s", e.Method, e.Path)
	}
	return nil
}

// forward lets the time pass until Atlas gave its next answer; whoever follows a job
// then asks for it.
func (p *playback) forward() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == len(p.tape) {
		p.t.Fatal("the tape has ended")
	}
	p.now = p.tape[p.at].date()
}

// played is how many answers were given.
func (p *playback) played() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *playback) ended() bool { return p.played() == len(p.tape) }

// wantEnded asserts that every answer was given. What was asked in another order, or
// besides, has failed the test already.
func (p *playback) wantEnded() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.tape[p.at:] {
		p.t.Errorf("the wizard never asked %s %s, which was answered on %s", e.Method, e.Path, e.Headers["Date"])
	}
}

// wantPosted asserts that one job was asked for, and with what.
func (p *playback) wantPosted(want map[string]any) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.posted) != 1 {
		p.t.Fatalf("%d restore jobs were asked for, want 1: %v", len(p.posted), p.posted)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(p.posted[0]), &got); err != nil {
		p.t.Fatalf("asked for %s: %v", p.posted[0], err)
	}
	if !reflect.DeepEqual(got, want) {
		p.t.Errorf("asked for\n%v, want\n%v", got, want)
	}
}
