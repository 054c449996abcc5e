package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/pattern"
)

// Processes lists the servers of a project (Admin API, "Return All MongoDB Processes in One
// Project").
func (c *Client) Processes(ctx context.Context, projectID string) ([]incident.Process, error) {
	all, err := list(ctx, c, listing[wireProcess, incident.Process]{
		path: []string{"groups", projectID, "processes"}, needs: state.RoleReadOnly,
		id: func(w wireProcess) string { return w.ID }, own: wireProcess.process,
	})
	return all, about("listing the servers of project "+projectID, err)
}

// Members are the servers of a cluster, in the order in which their logs are best read. A
// process does not say whose it is: they are found by the cluster's connection string. Where
// none is found that is an error, and never a cluster without members.
func (c *Client) Members(ctx context.Context, cluster state.Cluster) ([]incident.Process, error) {
	var w struct {
		ConnectionStrings struct {
			Standard string `json:"standard"`
		} `json:"connectionStrings"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: clusterPath(cluster.ProjectID, cluster.Name), out: &w, needs: state.RoleReadOnly})
	var all, members []incident.Process
	if err == nil {
		all, err = c.Processes(ctx, cluster.ProjectID)
	}
	if err == nil {
		if members = incident.Members(all, w.ConnectionStrings.Standard); len(members) == 0 {
			err = &state.UnreadableError{Why: "none of the project's servers is named by the cluster's connection string"}
		}
	}
	return members, about("looking for the members of cluster "+cluster.Name, err)
}

// wireProcess is Atlas's ApiHostViewAtlas.
type wireProcess struct {
	ID             string `json:"id"`
	Hostname       string `json:"hostname"`
	UserAlias      string `json:"userAlias"`
	ReplicaSetName string `json:"replicaSetName"`
	TypeName       string `json:"typeName"`
	Version        string `json:"version"`
}

func (w wireProcess) process() incident.Process {
	return incident.Process{ID: clean(w.ID), Host: clean(w.Hostname), Alias: clean(w.UserAlias), ReplicaSet: shared(w.ReplicaSetName), Type: shared(w.TypeName), Version: shared(w.Version)}
}

// Databases lists the names of the databases of a server.
func (c *Client) Databases(ctx context.Context, projectID, processID string) ([]string, error) {
	all, err := list(ctx, c, listing[wireDatabase, string]{
		path: []string{"groups", projectID, "processes", processID, "databases"}, needs: state.RoleReadOnly,
		id: func(w wireDatabase) string { return w.DatabaseName }, own: func(w wireDatabase) string { return clean(w.DatabaseName) },
	})
	return all, about("listing the databases of "+processID, err)
}

type wireDatabase struct {
	DatabaseName string `json:"databaseName"`
}

// spanQuery asks for counters of a span.
func spanQuery(s incident.Span, counters []string) url.Values {
	return url.Values{
		"granularity": {fmt.Sprintf("PT%dM", int(s.Grain/time.Minute))}, "m": counters,
		"start": {s.From.UTC().Format(time.RFC3339)}, "end": {s.Until.UTC().Format(time.RFC3339)},
	}
}

// Measurements reads counters of a server: OPCOUNTER_DELETE, DOCUMENT_METRICS_DELETED … Points
// without a value are not known. A counter that Atlas does not answer is absent.
func (c *Client) Measurements(ctx context.Context, projectID, processID string, span incident.Span, counters ...string) ([]incident.Series, error) {
	all, err := c.measurements(ctx, []string{"groups", projectID, "processes", processID, "measurements"}, span, counters, 0)
	return all, about("reading the counters of "+processID, err)
}

// DatabaseMeasurements reads counters of a database on a server: DATABASE_OBJECT_COUNT …, which
// Atlas samples: see incident.Sampling.
func (c *Client) DatabaseMeasurements(ctx context.Context, projectID, processID, database string, span incident.Span, counters ...string) ([]incident.Series, error) {
	all, err := c.measurements(ctx, []string{"groups", projectID, "processes", processID, "databases", database, "measurements"}, span, counters, incident.Sampling)
	return all, about("reading the counters of database "+database+" on "+processID, err)
}

func (c *Client) measurements(ctx context.Context, path []string, span incident.Span, counters []string, age time.Duration) ([]incident.Series, error) {
	var w struct {
		Granularity  string `json:"granularity"`
		Measurements []struct {
			Name       string `json:"name"`
			DataPoints []struct {
				Timestamp instant  `json:"timestamp"`
				Value     *float64 `json:"value"`
			} `json:"dataPoints"`
		} `json:"measurements"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, path: path, query: spanQuery(span, counters), out: &w, most: mostOfList, needs: state.RoleReadOnly}); err != nil {
		return nil, err
	}
	if w.Measurements == nil {
		return nil, &state.UnreadableError{Why: "the answer holds no measurements"}
	}
	grain, ok := grainOf(w.Granularity)
	if !ok { // Atlas may answer another than was asked for: nothing is guessed
		return nil, &state.UnreadableError{Why: "the grain of the points is " + strconv.Quote(clean(w.Granularity))}
	}
	var out []incident.Series
	for _, m := range w.Measurements {
		s := incident.Series{Name: clean(m.Name), Grain: grain, Age: age}
		for _, p := range m.DataPoints {
			if p.Timestamp.IsZero() {
				return nil, &state.UnreadableError{Why: "a point of " + s.Name + " bears no time"}
			}
			at := incident.Point{At: p.Timestamp.Time, Known: p.Value != nil}
			if at.Known {
				at.Value = *p.Value
			}
			s.Points = append(s.Points, at)
		}
		out = append(out, s)
	}
	return out, nil
}

var isoGrain = pattern.New(`^P(?:T(\d{1,4})([SMH])|(\d{1,3})(D))$`)

// grainOf reads an ISO 8601 duration of one unit, as Atlas writes a grain: PT1M, PT1H, P1D.
func grainOf(s string) (time.Duration, bool) {
	m := isoGrain.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(m[1] + m[3]) // digits
	unit := map[string]time.Duration{"S": time.Second, "M": time.Minute, "H": time.Hour, "D": 24 * time.Hour}[m[2]+m[4]]
	return time.Duration(n) * unit, n > 0
}

// Events lists what a project's activity feed notes of some types since an instant, the newest
// first; of one cluster, or of all where its name is empty.
func (c *Client) Events(ctx context.Context, projectID, cluster string, since time.Time, types ...string) ([]incident.Noted, error) {
	query := url.Values{"minDate": {since.UTC().Format(time.RFC3339)}}
	if len(types) > 0 {
		query["eventType"] = types
	}
	if cluster != "" {
		query["clusterNames"] = []string{cluster}
	}
	all, err := list(ctx, c, listing[wireEvent, incident.Noted]{
		path: []string{"groups", projectID, "events"}, query: query, needs: state.RoleReadOnly,
		id: func(w wireEvent) string { return w.ID }, own: wireEvent.noted,
		order: func(a, b incident.Noted) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) },
	})
	return all, about("listing the events of project "+projectID, err)
}

// wireEvent is an event of a project: one of many shapes, which share these.
type wireEvent struct {
	ID            string  `json:"id"`
	EventTypeName string  `json:"eventTypeName"`
	ClusterName   string  `json:"clusterName"`
	Created       instant `json:"created"`
	Username      string  `json:"username"`
	PublicKey     string  `json:"publicKey"`
	RemoteAddress string  `json:"remoteAddress"`
}

func (w wireEvent) noted() incident.Noted {
	return incident.Noted{ID: clean(w.ID), Type: shared(w.EventTypeName), Cluster: shared(w.ClusterName), At: w.Created.Time, By: shared(cmp.Or(w.Username, w.PublicKey)), Remote: shared(w.RemoteAddress)}
}
