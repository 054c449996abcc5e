// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// world is what a fake Atlas tells of a replica set, and what it fails at. It counts what it is
// asked.
type world struct {
	members  []incident.Process
	logs     map[string][]string                                                              // lines by host, in the order of time
	log      func(host string, from, until time.Time, whole io.Reader) (io.ReadCloser, error) // nil for as it is
	series   func(process, database string, span incident.Span) ([]incident.Series, error)
	contents map[string][]string // namespaces by snapshot
	fail     map[string]error    // by call: "members", "log node-0", "databases 14" …
	mu       sync.Mutex
	asked    []string
	read     int64 // bytes of logs
}

func (w *world) ask(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, call)
	for name, err := range w.fail {
		if strings.HasPrefix(call, name) {
			return err
		}
	}
	return nil
}

func (w *world) times(prefix string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (w *world) Members(context.Context, state.Cluster) ([]incident.Process, error) {
	return w.members, w.ask("members")
}

// incidentWritten is when a line was, for the slices of a log.
func incidentWritten(line string) time.Time {
	_, rest, _ := strings.Cut(line, `"$date":"`)
	date, _, _ := strings.Cut(rest, `"`)
	if at, ok := dates.Load(date); ok {
		return at.(time.Time)
	}
	at, _ := time.Parse(time.RFC3339Nano, date)
	dates.Store(date, at)
	return at
}

// dates are those that were read before: the same minutes stand in each log.
var dates sync.Map

// zippers are writers of gzip, each of which has a megabyte of tables.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zipped is a text as gzip.
func zipped(text []byte) *bytes.Buffer {
	var b bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(text) // it is memory
	_ = z.Close()
	return &b
}

func (w *world) Log(_ context.Context, _, host string, from, until time.Time) (io.ReadCloser, error) {
	if err := w.ask("log %s %s %s", host, from.Format(time.TimeOnly), until.Format(time.TimeOnly)); err != nil {
		return nil, err
	}
	var text []byte
	for _, line := range w.logs[host] {
		if at := incidentWritten(line); !at.Before(from) && at.Before(until) || at.IsZero() {
			text = append(append(text, line...), '\n')
		}
	}
	packed := io.Reader(bytes.NewReader(nil))
	if len(text) > 0 {
		packed = zipped(text)
	}
	w.mu.Lock()
	w.read += int64(len(text))
	w.mu.Unlock()
	if w.log != nil {
		return w.log(host, from, until, packed)
	}
	return io.NopCloser(packed), nil
}

func (w *world) Measurements(_ context.Context, _, process string, span incident.Span, _ ...string) ([]incident.Series, error) {
	if err := w.ask("counters %s %s", process, span.Grain); err != nil || w.series == nil {
		return nil, err
	}
	return w.series(process, "", span)
}

func (w *world) Databases(context.Context, string, string) ([]string, error) { return nil, nil }

func (w *world) DatabaseMeasurements(_ context.Context, _, process, database string, span incident.Span, _ ...string) ([]incident.Series, error) {
	if err := w.ask("counters of %s %s", database, process); err != nil || w.series == nil {
		return nil, err
	}
	return w.series(process, database, span)
}

func (w *world) SnapshotDatabases(_ context.Context, _ state.Cluster, id string) ([]string, error) {
	var out []string
	for _, name := range w.contents[id] {
		if db, _, _ := strings.Cut(name, "."); !slices.Contains(out, db) {
			out = append(out, db)
		}
	}
	return out, w.ask("databases %s", id)
}

func (w *world) SnapshotCollections(_ context.Context, _ state.Cluster, id, database string) ([]string, error) {
	var out []string
	for _, name := range w.contents[id] {
		if db, collection, _ := strings.Cut(name, "."); db == database {
			out = append(out, collection)
		}
	}
	return out, w.ask("collections %s", id)
}

func (w *world) Events(context.Context, string, string, time.Time, ...string) ([]incident.Noted, error) {
	return nil, nil
}

// threeNodes is a replica set whose members log each minute of the day until 14:59.
func threeNodes(lines ...string) *world {
	w := &world{logs: map[string][]string{}, contents: map[string][]string{}, fail: map[string]error{}}
	for i := range 3 {
		host := fmt.Sprintf("node-%d", i)
		kind := "REPLICA_SECONDARY"
		if i == 0 {
			kind = "REPLICA_PRIMARY"
		}
		w.members = append(w.members, incident.Process{ID: host + ":27017", Host: host, ReplicaSet: "rs", Type: kind})
		w.logs[host] = eachMinute()
	}
	w.add("node-0", lines...)
	for h := 3; h < 15; h++ {
		w.contents[fmt.Sprint(h)] = []string{"shop.carts", "shop.orders"}
	}
	return w
}

// eachMinute are the lines that a member logs. Nobody may change them.
var eachMinute = sync.OnceValue(func() (out []string) {
	for at := clock("06:00:00"); at.Before(clock("15:00:00")); at = at.Add(time.Minute) {
		out = append(out, line(at.Format("15:04:05.000"), "STORAGE", 22430, "Checkpointer", "WiredTiger message", `{}`))
	}
	return out
})

func (w *world) add(host string, lines ...string) {
	all := slices.Concat(w.logs[host], lines)
	slices.SortStableFunc(all, func(a, b string) int { return incidentWritten(a).Compare(incidentWritten(b)) })
	w.logs[host] = all
}

// search is one for shop.orders since an instant of the day.
func search(from string) incident.Search {
	reach, snapshots, now := window()
	return incident.Search{
		Cluster: state.Cluster{Name: "prod", ProjectID: "p1", InstanceSize: "M30"}, Missing: shopOrders,
		From: clock(from), Until: now, Now: now, Reach: reach, Snapshots: snapshots,
	}
}

// unpack is the text of a stream.
func unpack(r io.Reader) string {
	raw, _ := io.ReadAll(r)
	if len(raw) == 0 {
		return ""
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return string(raw)
	}
	text, _ := io.ReadAll(z)
	return string(text)
}
