package scenario

import (
	"maps"
	"slices"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// Condition is something that can be seen to have come true. Exactly one part is set.
type Condition struct {
	Job     *JobCondition     `yaml:"job"`     // a restore job that the trainee has made
	Request *RequestCondition `yaml:"request"` // a request that the simulator got
	Event   *EventCondition   `yaml:"event"`   // something that was done in the wizard
	All     []Condition       `yaml:"all"`     // all of them
	Any     []Condition       `yaml:"any"`     // one of them
	Not     *Condition        `yaml:"not"`     // it has not come true so far: only beside others, in all
}

// JobCondition is about the restore jobs that the trainee has made. What is left out is
// not looked at.
type JobCondition struct {
	Source    string    `yaml:"source"`
	SourceNot []string  `yaml:"sourceNot"` // any but these
	Target    string    `yaml:"target"`
	TargetNot []string  `yaml:"targetNot"` // any but these is overwritten; a download overwrites nothing, and so do collections beside the living
	Delivery  string    `yaml:"delivery"`  // automated, pointInTime, download or collections; overwriting: any of the first two
	DataFrom  time.Time `yaml:"dataFrom"`  // the data that it brings back is not from before
	DataTo    time.Time `yaml:"dataTo"`    // … nor from after
	Kind      string    `yaml:"kind"`      // of the snapshot: scheduled, onDemand or fallback
	Namespace string    `yaml:"namespace"` // of collections: this one came, by the name that it had
	As        string    `yaml:"as"`        // … and this is its name now
	Replaces  bool      `yaml:"replaces"`  // … and it replaces what had its name
	State     string    `yaml:"state"`     // completed, partial (of collections), ready, failed, cancelled, expired or fetched, which is every file of it; left out: it was made
	Seen      bool      `yaml:"seen"`      // and the trainee has asked for it, or for the list of jobs, since
	AtLeast   int       `yaml:"atLeast"`   // so many of them; 0 counts as 1
}

// RequestCondition is about the log of requests. What is left out is not looked at.
type RequestCondition struct {
	Method        string `yaml:"method"`
	Project       string `yaml:"project"` // a path of this project
	Cluster       string `yaml:"cluster"` // a path of this cluster
	PathContains  string `yaml:"pathContains"`
	PathEnds      string `yaml:"pathEnds"`
	QueryContains string `yaml:"queryContains"` // what is asked for there, like a counter
	Status        int    `yaml:"status"`
	ErrorCode     string `yaml:"errorCode"`
	Dropped       bool   `yaml:"dropped"` // its answer never left
	AtLeast       int    `yaml:"atLeast"` // so many of them; 0 counts as 1
}

// EventCondition is about what was noted of the trainee in the wizard.
type EventCondition struct {
	Kind  string             `yaml:"kind"`  // warning, blocked, accepted, review, confirmed, saved, approved, drilled, left or hint
	Name  string             `yaml:"name"`  // left out: any
	After simulator.Duration `yaml:"after"` // not before so long after the start
}

// The deliveries and states that a condition can name.
const (
	automated   = "automated"
	pointInTime = "pointInTime"
	download    = "download"
	collections = "collections"
	overwriting = "overwriting"

	completed = "completed"
	partial   = "partial"
	ready     = "ready"
	failed    = "failed"
	cancelled = "cancelled"
	expired   = "expired"
	fetched   = "fetched"
)

// facts are what conditions are held against.
type facts struct {
	now      time.Time
	start    time.Time
	jobs     []simulator.Job     // of the trainee, by when they were made
	requests []simulator.Request // since the start
	events   []Event
	projects map[string]string // names of projects and their IDs
}

// met says since when a condition is true.
func (f facts) met(c Condition) (at time.Time, ok bool) {
	switch {
	case c.Job != nil:
		return nth(c.Job.AtLeast, f.jobTimes(*c.Job))
	case c.Request != nil:
		return nth(c.Request.AtLeast, f.requestTimes(*c.Request))
	case c.Event != nil:
		for _, e := range f.events {
			if e.Kind == c.Event.Kind && (c.Event.Name == "" || c.Event.Name == e.Name) && e.At.Sub(f.start) >= time.Duration(c.Event.After) {
				return e.At, true
			}
		}
	case c.Any != nil:
		for _, one := range c.Any {
			if t, holds := f.met(one); holds && (!ok || t.Before(at)) {
				at, ok = t, true
			}
		}
		return at, ok
	case c.All != nil:
		for _, one := range c.All {
			t, holds := f.met(one)
			if !holds {
				return time.Time{}, false
			}
			if t.After(at) {
				at = t
			}
		}
		return at, true
	case c.Not != nil:
		_, holds := f.met(*c.Not)
		return time.Time{}, !holds
	}
	return time.Time{}, false
}

// nth is the time at which there were so many.
func nth(n int, times []time.Time) (time.Time, bool) {
	n = max(1, n)
	if len(times) < n {
		return time.Time{}, false
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[n-1], true
}

func (f facts) jobTimes(c JobCondition) (out []time.Time) {
	for _, j := range f.jobs {
		if !c.fits(j) {
			continue
		}
		at, ok := f.reached(j, c.State)
		if ok && c.Seen {
			at, ok = f.seen(j, at)
		}
		if ok {
			out = append(out, at)
		}
	}
	return out
}

// seen is when the trainee first saw how a job stood at a time, or later.
func (f facts) seen(j simulator.Job, since time.Time) (time.Time, bool) {
	for _, r := range f.requests {
		list := "/backup/restoreJobs"
		if j.DeliveryType == collections {
			list = "/collectionRestoreJobs"
		}
		_, rest, found := strings.Cut(r.Path, list)
		asked := found && f.ofCluster(r.Path, source(j)) && (rest == "" || rest == "/"+j.ID)
		if asked && r.Method == "GET" && r.Status == 200 && !r.Dropped && !r.At.Before(since) {
			return r.At, true
		}
	}
	return time.Time{}, false
}

func source(j simulator.Job) string { return j.Project + "/" + j.Cluster }

// overwritten is the cluster of which a job erases something; empty for none.
func overwritten(j simulator.Job) string {
	if j.DeliveryType == collections && !j.Overwrites {
		return ""
	}
	return target(j)
}

// target is the cluster that a job writes to; empty for a download.
func target(j simulator.Job) string {
	if j.TargetCluster == "" {
		return ""
	}
	return j.TargetProject + "/" + j.TargetCluster
}

// delivery is in the words of dedicated clusters for those of flex clusters too.
func delivery(j simulator.Job) string {
	switch {
	case j.DeliveryType == collections:
		return collections
	case j.TargetCluster == "":
		return download
	case j.PointInTimeUTCSeconds > 0 || j.OplogTs > 0:
		return pointInTime
	}
	return automated
}

func (c JobCondition) fits(j simulator.Job) bool {
	onto, how, erased := target(j), delivery(j), overwritten(j)
	switch {
	case c.Source != "" && c.Source != source(j),
		slices.Contains(c.SourceNot, source(j)),
		c.Target != "" && c.Target != onto,
		len(c.TargetNot) > 0 && (erased == "" || slices.Contains(c.TargetNot, erased)),
		c.Delivery == overwriting && (onto == "" || how == collections),
		c.Namespace != "" && j.As[c.Namespace] == "",
		c.As != "" && !slices.Contains(slices.Collect(maps.Values(j.As)), c.As),
		c.Namespace != "" && c.As != "" && j.As[c.Namespace] != c.As,
		c.Replaces && !j.Overwrites,
		c.Delivery != "" && c.Delivery != overwriting && c.Delivery != how,
		!c.DataFrom.IsZero() && j.DataOf.Before(c.DataFrom),
		!c.DataTo.IsZero() && j.DataOf.After(c.DataTo),
		c.Kind != "" && c.Kind != j.SnapshotKind:
		return false
	}
	return true
}

// reached says when a job came into a state.
func (f facts) reached(j simulator.Job, state string) (time.Time, bool) {
	ended := !f.now.Before(j.EndsAt) && j.State != failed && j.State != cancelled
	switch state {
	case "":
		return j.CreatedAt, true
	case completed:
		return j.EndsAt, ended && j.TargetCluster != "" && j.State != partial
	case partial:
		return j.EndsAt, j.State == partial
	case ready:
		return j.EndsAt, ended && j.TargetCluster == ""
	case failed:
		return j.EndsAt, j.State == failed
	case expired:
		return j.ExpiresAt, j.State == expired
	case cancelled:
		return f.last("DELETE", "/restoreJobs/"+j.ID, j.CreatedAt), j.State == cancelled
	case fetched:
		return f.fetched(j)
	}
	return time.Time{}, false
}

// fetched says when every file of a download was there. Those that came from another download of
// the same snapshot have the same bytes, and count.
func (f facts) fetched(j simulator.Job) (last time.Time, all bool) {
	for i := range j.FetchedFiles {
		var first time.Time
		for _, other := range f.jobs {
			if other.SnapshotID != j.SnapshotID || other.ID != j.ID && other.CreatedAt.After(j.CreatedAt) || len(other.FetchedFiles) != len(j.FetchedFiles) {
				continue
			}
			if at := other.FetchedFiles[i]; !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if first.IsZero() {
			return time.Time{}, false
		}
		if first.After(last) {
			last = first
		}
	}
	return last, len(j.FetchedFiles) > 0
}

// last is when the last request of a kind was made that was answered as asked.
func (f facts) last(method, path string, otherwise time.Time) time.Time {
	for _, r := range slices.Backward(f.requests) {
		if r.Method == method && r.Status < 300 && !r.Dropped && strings.Contains(r.Path, path) {
			return r.At
		}
	}
	return otherwise
}

func (f facts) requestTimes(c RequestCondition) (out []time.Time) {
	for _, r := range f.requests {
		if f.fits(c, r) {
			out = append(out, r.At)
		}
	}
	return out
}

func (f facts) fits(c RequestCondition, r simulator.Request) bool {
	switch {
	case c.Method != "" && c.Method != r.Method,
		c.Project != "" && !f.within(r.Path, "/groups/"+f.projects[c.Project]),
		c.Cluster != "" && !f.ofCluster(r.Path, c.Cluster),
		!strings.Contains(r.Path, c.PathContains),
		!strings.HasSuffix(r.Path, c.PathEnds),
		!strings.Contains(r.Query, c.QueryContains),
		c.Status != 0 && c.Status != r.Status,
		c.ErrorCode != "" && c.ErrorCode != r.ErrorCode,
		c.Dropped && !r.Dropped:
		return false
	}
	return true
}

func (f facts) ofCluster(path, cluster string) bool {
	i := strings.LastIndex(cluster, "/")
	group, name := "/groups/"+f.projects[cluster[:i]], cluster[i+1:]
	return f.within(path, group+"/clusters/"+name) || f.within(path, group+"/flexClusters/"+name)
}

// within says whether a path leads to a thing, or to something of it.
func (f facts) within(path, thing string) bool {
	_, rest, found := strings.Cut(path, thing)
	return found && (rest == "" || rest[0] == '/')
}
