package teatest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/ui/steps"
)

// recordedMonitoring is Atlas whose servers, logs, counters and events answer as real ones did.
type recordedMonitoring struct {
	steps.Atlas
	real *atlasclient.Client
}

func (r recordedMonitoring) Members(ctx context.Context, c state.Cluster) ([]incident.Process, error) {
	return r.real.Members(ctx, c)
}

func (r recordedMonitoring) Log(ctx context.Context, projectID, host string, from, until time.Time) (io.ReadCloser, error) {
	return r.real.Log(ctx, projectID, host, from, until)
}

func (r recordedMonitoring) Measurements(ctx context.Context, projectID, processID string, span incident.Span, counters ...string) ([]incident.Series, error) {
	return r.real.Measurements(ctx, projectID, processID, span, counters...)
}

func (r recordedMonitoring) Databases(ctx context.Context, projectID, processID string) ([]string, error) {
	return r.real.Databases(ctx, projectID, processID)
}

func (r recordedMonitoring) DatabaseMeasurements(ctx context.Context, projectID, processID, database string, span incident.Span, counters ...string) ([]incident.Series, error) {
	return r.real.DatabaseMeasurements(ctx, projectID, processID, database, span, counters...)
}

func (r recordedMonitoring) Events(ctx context.Context, projectID, cluster string, since time.Time, types ...string) ([]incident.Noted, error) {
	return r.real.Events(ctx, projectID, cluster, since, types...)
}

// What a real Atlas has answered drives the page: its empty logs, its counters of half an hour
// with holes, its servers under two names. None of it tells of a loss, and the page makes none of
// it, nor does it say that all was read.
func TestRecordingsDriveTheSearch(t *testing.T) {
	t.Parallel()
	tape := map[string]exchange{}
	for _, e := range loadRecordings(t) {
		tape[e.Kind] = e
	}
	var servers struct{ Results []struct{ UserAlias string } }
	if err := json.Unmarshal(tape["processes-list"].Body, &servers); err != nil || len(servers.Results) == 0 {
		t.Fatalf("the recorded servers: %v", err)
	}
	var hosts []string
	for _, one := range servers.Results {
		hosts = append(hosts, one.UserAlias+":27017")
	}
	asked := make(chan string, 1000)
	atlas := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := ""
		switch path := r.URL.Path; {
		case path == "/api/oauth/token":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"x","token_type":"Bearer","expires_in":3600}`)
			return
		case strings.HasSuffix(path, "/clusters/orders-prod"):
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"name":"orders-prod","connectionStrings":{"standard":"mongodb://%s/?ssl=true"}}`, strings.Join(hosts, ","))
			return
		case strings.HasSuffix(path, "/processes"):
			kind = "processes-list"
		case strings.HasSuffix(path, "/mongodb.gz"):
			kind = "logs-get-mongodb"
		case strings.HasSuffix(path, "/databases"):
			kind = "databases-list"
		case strings.Contains(path, "/databases/"):
			kind = "database-measurements"
		case strings.HasSuffix(path, "/measurements"):
			kind = "process-measurements-all"
		case strings.HasSuffix(path, "/events"):
			kind = "events-list"
		}
		asked <- kind
		e := tape[kind]
		for k, v := range e.Headers {
			if k != "Content-Length" {
				w.Header().Set(k, v)
			}
		}
		if e.Status == 0 {
			e.Status = http.StatusNotFound
		}
		w.WriteHeader(e.Status)
		if string(e.Body) != "null" {
			_, _ = w.Write(e.Body)
		}
	}))
	t.Cleanup(atlas.Close)

	s := prepare(t)
	c := client(t, atlas.URL, credentials.Credential{Kind: credentials.ServiceAccount, Public: "mdb_sa_id_0123456789abcdef01234567", Private: state.NewSecret("mdb_sa_sk_x")}, s.cfg.Now)
	s.cfg.Atlas = recordedMonitoring{s.cfg.Atlas, c}
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("ctrl+g")
	s.Wait("When was it lost?")
	s.Type("shop.orders")
	s.Press("enter")
	s.Wait("✓ read:")
	s.Wait("Nothing was found about shop.orders")
	if screen := flat(s.Screen()); strings.Contains(screen, "Restore to") || !strings.Contains(screen, "in what could be read, which was not all") {
		t.Errorf("of what tells nothing the page makes\n%s", s.Screen())
	}
	seen := map[string]bool{}
	for len(asked) > 0 {
		seen[<-asked] = true
	}
	for _, kind := range []string{"processes-list", "logs-get-mongodb", "process-measurements-all"} {
		if !seen[kind] {
			t.Errorf("%s was not asked for: %v", kind, seen)
		}
	}
	s.noPosts()
}
