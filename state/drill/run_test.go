package drill

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/program"
	"atlas-restore/state/record"
)

// twin is an Atlas whose two clusters hold the same: shop, with 3 collections and 100 documents.
type twin struct {
	fails  map[string]error
	listed []string // by the servers of the target, where it is another than of the source
}

func (w twin) ClusterNamed(context.Context, string, string) (state.Cluster, bool, error) {
	return state.Cluster{State: "IDLE"}, true, w.fails["cluster"]
}

func (w twin) Members(context.Context, state.Cluster) ([]incident.Process, error) {
	return []incident.Process{{ID: "a:27017", Type: "REPLICA_PRIMARY"}, {ID: "b:27017", Type: "REPLICA_SECONDARY"}}, w.fails["members"]
}

func (w twin) Databases(_ context.Context, project, _ string) ([]string, error) {
	if project == "target" && w.listed != nil {
		return w.listed, nil
	}
	return []string{"config", "local", "shop"}, w.fails["databases"]
}

func (w twin) DatabaseMeasurements(_ context.Context, project, _, _ string, span incident.Span, _ ...string) (out []incident.Series, err error) {
	for _, name := range counters {
		s := incident.Series{Name: name, Grain: span.Grain, Age: incident.Sampling}
		for at := span.From; !at.After(span.Until); at = at.Add(span.Grain) {
			s.Points = append(s.Points, incident.Point{At: at, Known: true, Value: map[string]float64{objectCount: 100, collectionCount: 3}[name]})
		}
		out = append(out, s)
	}
	return out, cmp.Or(w.fails["counts"], w.fails["counts of the "+project])
}

func (w twin) SnapshotDatabases(context.Context, state.Cluster, string) ([]string, error) {
	return []string{"admin", "shop"}, w.fails["names"]
}

func (w twin) SnapshotCollections(context.Context, state.Cluster, string, string) ([]string, error) {
	return []string{"orders", "carts", "stock", "system.views"}, w.fails["collections"]
}

func (w twin) BaseSnapshot(context.Context, state.Cluster, state.Instant) (state.Snapshot, error) {
	return state.Snapshot{}, errors.New("of no moment")
}

func (w twin) SearchIndexes(context.Context, state.Cluster) ([]state.SearchIndex, error) {
	return nil, w.fails["indexes"]
}

func (w twin) ConnectionString(context.Context, state.Cluster) (string, error) {
	return "mongodb+srv://drill-1.x.example.net", w.fails["connection"]
}

// leapt is a clock that is set forward by whoever waits.
type leapt struct {
	mu  sync.Mutex
	now time.Time
}

func (l *leapt) clock() Clock {
	return Clock{Now: func() time.Time {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.now
	}, Wait: func(ctx context.Context, until time.Time) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		if until.After(l.now) {
			l.now = until
		}
		return ctx.Err() == nil
	}}
}

func rehearsed(verify ...string) Order {
	o := Order{Source: state.Cluster{ProjectID: "source"}, Target: state.Cluster{ProjectID: "target"}, Snapshot: state.Snapshot{ID: "s1", CreatedAt: midnight.Add(-6 * time.Hour)}, Done: midnight}
	if verify != nil {
		o.Verify = program.Command{Argv: verify, Environ: []string{"PATH=" + os.Getenv("PATH")}, Limit: time.Minute}
	}
	return o
}

// A command of one's own is a check like the others: its exit code counts, and one that did not come to
// its end says nothing.
func TestVerify(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		limit  time.Duration
		leaves bool
		fails  map[string]error
		want   record.Finding
		says   string
	}{
		"good":       {`echo 12 orders on $ATLAS_RESTORE_HOST as of $ATLAS_RESTORE_X`, time.Minute, false, nil, record.Passed, "exit code 0: 12 orders on drill-1.x.example.net as of y"},
		"bad":        {`echo none; exit 4`, time.Minute, false, nil, record.Failed, "exit code 4: none"},
		"hangs":      {`echo begun; sleep 600`, 200 * time.Millisecond, false, nil, record.Unseen, "stopped after 200ms: begun"},
		"is left":    {`sleep 600`, time.Minute, true, nil, record.Unseen, ""},
		"a signal":   {`kill -9 $$`, time.Minute, false, nil, record.Unseen, "killed"},
		"no address": {`exit 0`, time.Minute, false, map[string]error{"connection": &state.AtlasError{Status: 403, Code: "ACCESS_FORBIDDEN"}}, record.Unseen, "it was not run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := rehearsed("/bin/sh", "-c", tc.script)
			o.Verify.Limit, o.About = tc.limit, []string{"ATLAS_RESTORE_X=y"}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			tell := func(s Standing) {
				if i := slices.IndexFunc(s.Looks, func(l Look) bool { return l.Name == Verify }); tc.leaves && s.Looks[i].Waits != "" {
					leave()
				}
			}
			run := func() Look {
				got := Run(ctx, twin{fails: tc.fails}, o, (&leapt{now: midnight}).clock(), tell)
				if !got.Over {
					t.Errorf("it is not over: %+v", got)
				}
				return got.Looks[len(got.Looks)-1]
			}
			l := run()
			for ; name == "hangs" && o.Verify.Limit < time.Minute && !strings.HasSuffix(l.Found, "begun"); l = run() { // it had no time to begin
				o.Verify.Limit *= 3
				tc.says = "stopped after " + o.Verify.Limit.String() + ": begun"
			}
			if l.Name != Verify || l.Finding != tc.want || !strings.Contains(l.Found, tc.says) || !l.Data {
				t.Errorf("%+v, want %s %q", l, tc.want, tc.says)
			}
		})
	}
}

// What is not read is never passed, whichever of the questions it is; what each check needs not, it does
// without. Who leaves at the start has seen nothing.
func TestWhatIsNotRead(t *testing.T) {
	t.Parallel()
	forbidden := &state.AtlasError{Status: 403, Code: "ACCESS_FORBIDDEN"}
	broken := errors.New("reset")
	of := func(looks []Look) string {
		var out []string
		for _, l := range looks {
			if l.Finding == record.Passed {
				out = append(out, l.Name)
			} else if l.Finding != record.Unseen || l.Found == "" {
				t.Errorf("%+v", l)
			}
		}
		return strings.Join(out, ", ")
	}
	for question, want := range map[string]string{
		"nothing":              "target, databases, collections, documents, search indexes",
		"cluster":              "databases, collections, documents, search indexes",
		"members":              "target, search indexes",
		"databases":            "target, search indexes",
		"counts":               "target, search indexes",
		"counts of the source": "target, databases, collections, search indexes", // the names tell how many collections there were
		"counts of the target": "target, search indexes",
		"names":                "target, collections, documents, search indexes",
		"collections":          "target, collections, documents, search indexes",
		"indexes":              "target, databases, collections, documents",
	} {
		for _, err := range []error{forbidden, broken} {
			got := Run(t.Context(), twin{fails: map[string]error{question: err}}, rehearsed(), (&leapt{now: midnight}).clock(), func(Standing) {})
			if passed := of(got.Looks); passed != want {
				t.Errorf("%s, %v: passed are %s; want %s", question, err, passed, want)
			}
		}
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	stopped := Clock{Now: func() time.Time { return midnight }, Wait: func(context.Context, time.Time) bool { return false }}
	if got := Run(left, twin{}, rehearsed(), stopped, func(Standing) {}); slices.ContainsFunc(got.Looks, func(l Look) bool { return l.Data && l.Finding == record.Passed }) || !got.Over || !got.Cut {
		t.Errorf("who has left has seen %+v", got)
	}
}

// A database that is not there, and one that nobody has restored, fail the drill.
func TestDatabasesOfTheTarget(t *testing.T) {
	t.Parallel()
	for said, listed := range map[string][]string{
		"not there: shop":               {"config", "local"},
		"all of them; beside them left": {"config", "left", "local", "shop"},
	} {
		got := Run(t.Context(), twin{listed: listed}, rehearsed(), (&leapt{now: midnight}).clock(), func(Standing) {})
		i := slices.IndexFunc(got.Looks, func(l Look) bool { return l.Name == Databases })
		if i < 0 || got.Looks[i].Finding != record.Failed || got.Looks[i].Found != said {
			t.Errorf("%v: %+v", listed, got.Looks)
		}
		i = slices.IndexFunc(got.Looks, func(l Look) bool { return l.Name == Documents })
		if !strings.HasSuffix(got.Looks[i].Expected, ", give or take a thousandth") { // else what passed looks outside
			t.Errorf("%+v", got.Looks[i])
		}
	}
}

// What is told is of its own: nobody who draws it waits for whoever looks.
func TestToldInOrder(t *testing.T) {
	t.Parallel()
	var last Standing
	done := 0
	got := Run(t.Context(), twin{}, rehearsed(), (&leapt{now: midnight}).clock(), func(s Standing) {
		n := 0
		for _, l := range s.Looks {
			if l.Finding != "" {
				n++
			}
		}
		if n < done {
			t.Errorf("an older standing is told later: %d after %d", n, done)
		}
		done, last = n, s
	})
	if !last.Over || last.Cut || len(last.Looks) != len(got.Looks) || !last.At.After(midnight.Add(20*time.Minute)) {
		t.Errorf("%+v", last)
	}
}
