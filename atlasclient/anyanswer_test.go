package atlasclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/text"
)

// questions are what Atlas is asked, each alone.
var questions = []func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error){
	func(ctx context.Context, c *Client, _ state.Cluster, _ string) (any, error) { return c.Projects(ctx) },
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Project(ctx, of.ProjectID)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Clusters(ctx, of.ProjectID)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.AllClusters(ctx, of.ProjectID)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Cluster(ctx, of.ProjectID, of.Name)
	},
	func(ctx context.Context, c *Client, _ state.Cluster, _ string) (any, error) { return c.Everywhere(ctx) },
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Schedule(ctx, of)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Snapshots(ctx, of)
	},
	func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error) {
		return c.Snapshot(ctx, of, id)
	},
	func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error) {
		return c.BaseSnapshot(ctx, of, state.Instant{UTCSeconds: 1795442579})
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) { return c.Jobs(ctx, of) },
	func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error) {
		return c.Job(ctx, of, id)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.CollectionJobs(ctx, of)
	},
	func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error) {
		return c.CollectionJob(ctx, of, id)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.CreateJob(ctx, of, download)
	},
	func(ctx context.Context, c *Client, of state.Cluster, id string) (any, error) {
		return c.SnapshotDatabases(ctx, of, id)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.SearchIndexes(ctx, of)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.ConnectionString(ctx, of)
	},
	func(ctx context.Context, c *Client, _ state.Cluster, _ string) (any, error) { return c.Roles(ctx) },
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Access(ctx, of.ProjectID, of.Provider)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Processes(ctx, of.ProjectID)
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		return c.Events(ctx, of.ProjectID, of.Name, time.Unix(1795442579, 0))
	},
	func(ctx context.Context, c *Client, of state.Cluster, _ string) (any, error) {
		span := incident.Span{From: time.Unix(1795442579, 0), Until: time.Unix(1795446179, 0), Grain: time.Minute}
		return c.Measurements(ctx, of.ProjectID, "a.example.net:27017", span, "OPCOUNTER_DELETE")
	},
}

// told is a wire that answers each request alike, whatever is asked, and notes the answers of another
// wire where there is one.
type told struct {
	mu     sync.Mutex
	status int
	body   []byte
	asked  int
	next   http.RoundTripper
}

// mostAsked is more than a question asks of two lists that do not end.
const mostAsked = 3 * mostPages

// RoundTrip implements http.RoundTripper.
func (w *told) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked++; w.asked > mostAsked {
		return nil, errors.New("it asks for ever")
	}
	if w.next != nil {
		resp, err := w.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		w.status = resp.StatusCode
		w.body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: w.status, Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(w.body)),
		Body: io.NopCloser(bytes.NewReader(w.body)), Request: r,
	}, nil
}

// FuzzAnswers has Atlas answer anything to each question. It is read or told as an error, in a bounded
// number of requests, and no text of it, nor of the error, commands a terminal.
func FuzzAnswers(f *testing.F) {
	sim, err := simulator.Start(simulator.Options{Seed: 1})
	if err != nil {
		f.Fatal(err)
	}
	keys := sim.Keys()
	c, err := New(Options{BaseURL: sim.BaseURL(), Credential: credentials.Credential{Kind: credentials.ServiceAccount, Public: keys.ClientID, Private: state.NewSecret(keys.ClientSecret)}})
	if err != nil {
		f.Fatal(err)
	}
	of := state.Cluster{ProjectID: sim.ProjectID("Payments"), Name: "orders-prod", Provider: "AWS"}
	for i, ask := range questions {
		w := &told{next: c.wire}
		asks := *c
		asks.wire = w
		_, _ = ask(f.Context(), &asks, of, id1)
		f.Add(w.body, uint16(w.status), uint8(i))
		f.Add(bytes.ReplaceAll(w.body, []byte("orders"), []byte(`o\u001b[2J\u202er\u007f`)), uint16(200), uint8(i))
	}
	if err := sim.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"results":[null,{},[],"x",7],"totalCount":-1,"links":[{"rel":"next","href":"/"}]}`), uint16(200), uint8(2))
	f.Fuzz(func(t *testing.T, body []byte, status uint16, which uint8) {
		if len(body) > 1<<16 {
			t.Skip("what is large is tried elsewhere")
		}
		c, err := New(Options{BaseURL: "http://127.0.0.1:1", Credential: serviceAccount})
		if err != nil {
			t.Fatal(err)
		}
		c.sleep = func(context.Context, time.Duration) error { return nil }
		w := &told{status: 100 + int(status)%500, body: body}
		if status == 200 || status == 201 {
			w.status = int(status)
		}
		c.wire = w
		got, err := questions[int(which)%len(questions)](t.Context(), c, of, id1)
		if w.asked > mostAsked {
			t.Fatalf("it asks for ever: %v", err)
		}
		if err != nil && text.CleanLong(err.Error()) != err.Error() {
			t.Fatalf("the error %q", err)
		}
		cleanAll(t, reflect.ValueOf(got))
	})
}

// cleanAll asserts that each text in a value is one that can be shown.
func cleanAll(t *testing.T, v reflect.Value) {
	t.Helper()
	if !v.IsValid() {
		return
	}
	if secret, ok := exported(v).(state.Secret); ok {
		v = reflect.ValueOf(secret.Reveal())
	}
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.String:
		if s := v.String(); text.CleanLong(s) != s {
			t.Fatalf("the text %q", s)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			cleanAll(t, v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			cleanAll(t, k)
			cleanAll(t, v.MapIndex(k))
		}
	case reflect.Pointer, reflect.Interface:
		if err, ok := exported(v).(error); ok {
			cleanAll(t, reflect.ValueOf(err.Error()))
			return
		}
		cleanAll(t, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			cleanAll(t, v.Field(i))
		}
	}
}

// exported is a value's own, nil where it is a field that nobody else may read.
func exported(v reflect.Value) any {
	if !v.CanInterface() {
		return nil
	}
	return v.Interface()
}
