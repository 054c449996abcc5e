package simulator

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Inject is something that happens to the world, in a form that can be written down:
// scenarios, instructors and tests say by it what goes wrong. Exactly one part is set.
// A cluster is named by project and cluster: Payments/orders-prod.
type Inject struct {
	Fault           *InjectFault           `yaml:"fault,omitempty" json:"fault,omitempty"`                     // requests go wrong
	Heal            bool                   `yaml:"heal,omitempty" json:"heal,omitempty"`                       // all faults end
	Advance         Duration               `yaml:"advance,omitempty" json:"advance,omitempty"`                 // the clock leaps forward
	Project         *InjectProject         `yaml:"project,omitempty" json:"project,omitempty"`                 // what the caller may do there
	NewCluster      *InjectCreation        `yaml:"newCluster,omitempty" json:"newCluster,omitempty"`           // a cluster more
	Cluster         *InjectCluster         `yaml:"cluster,omitempty" json:"cluster,omitempty"`                 // a cluster is changed
	Snapshot        *InjectSnapshot        `yaml:"snapshot,omitempty" json:"snapshot,omitempty"`               // a snapshot is changed
	NewSnapshot     *InjectTaking          `yaml:"newSnapshot,omitempty" json:"newSnapshot,omitempty"`         // a snapshot more
	Restore         *InjectColleague       `yaml:"restore,omitempty" json:"restore,omitempty"`                 // a colleague restores something
	Links           *InjectLinks           `yaml:"links,omitempty" json:"links,omitempty"`                     // the links of a download
	Drop            *InjectDrop            `yaml:"drop,omitempty" json:"drop,omitempty"`                       // a client drops a collection
	DropDatabase    *InjectDropDatabase    `yaml:"dropDatabase,omitempty" json:"dropDatabase,omitempty"`       // … a database
	Rename          *InjectRename          `yaml:"rename,omitempty" json:"rename,omitempty"`                   // … renames a collection
	NewCollection   *InjectNewCollection   `yaml:"newCollection,omitempty" json:"newCollection,omitempty"`     // … makes one
	MassDelete      *InjectMassDelete      `yaml:"massDelete,omitempty" json:"massDelete,omitempty"`           // … deletes many documents
	Noise           *InjectNoise           `yaml:"noise,omitempty" json:"noise,omitempty"`                     // other clients are busy
	Member          *InjectMember          `yaml:"member,omitempty" json:"member,omitempty"`                   // a server's clock is off, or its log refused
	Election        *InjectElection        `yaml:"election,omitempty" json:"election,omitempty"`               // another server becomes primary
	OplogBehind     *InjectOplogBehind     `yaml:"oplogBehind,omitempty" json:"oplogBehind,omitempty"`         // the newest part of the restore window is missing
	Search          *InjectSearch          `yaml:"search,omitempty" json:"search,omitempty"`                   // search indexes come back after a restore, or do not
	NextCollections *InjectNextCollections `yaml:"nextCollections,omitempty" json:"nextCollections,omitempty"` // how the next restore of collections ends
	NextRestore     *InjectNextRestore     `yaml:"nextRestore,omitempty" json:"nextRestore,omitempty"`         // what the next restore onto a cluster leaves out
	FailNextJob     bool                   `yaml:"failNextJob,omitempty" json:"failNextJob,omitempty"`         // the next restore job fails at its end
	Say             *InjectMessage         `yaml:"say,omitempty" json:"say,omitempty"`                         // somebody says something to the trainee
}

// InjectFault makes requests go wrong, as Fault does.
type InjectFault struct {
	Method       string `yaml:"method,omitempty" json:"method,omitempty"`             // empty: any
	PathContains string `yaml:"pathContains,omitempty" json:"pathContains,omitempty"` // empty: any
	Times        int    `yaml:"times,omitempty" json:"times,omitempty"`               // 0 counts as 1, -1 is until healed
	Status       int    `yaml:"status,omitempty" json:"status,omitempty"`             // 400 to 599
	ErrorCode    string `yaml:"errorCode,omitempty" json:"errorCode,omitempty"`       // empty: what goes with the status
	Detail       string `yaml:"detail,omitempty" json:"detail,omitempty"`
	RetryAfter   int    `yaml:"retryAfter,omitempty" json:"retryAfter,omitempty"` // seconds
	Drop         string `yaml:"drop,omitempty" json:"drop,omitempty"`             // the connection is cut before or after the request is acted upon
	Acts         bool   `yaml:"acts,omitempty" json:"acts,omitempty"`             // the request is acted upon all the same
	HTML         bool   `yaml:"html,omitempty" json:"html,omitempty"`             // the answer is the page of a proxy

	// Of downloads alone.
	File     string `yaml:"file,omitempty" json:"file,omitempty"`         // truncated, damaged, cut, stalled, slow, page, expired, used, notFound: see FileFault
	NoLength bool   `yaml:"noLength,omitempty" json:"noLength,omitempty"` // … and it is not said how long the file is
	Cluster  string `yaml:"cluster,omitempty" json:"cluster,omitempty"`   // of whose download; empty: any
	Nth      int    `yaml:"nth,omitempty" json:"nth,omitempty"`           // the file of its replica set 1, 2, …; 0: any
}

// InjectProject changes what the caller may do in a project.
type InjectProject struct {
	Project string `yaml:"project" json:"project"`
	Role    string `yaml:"role,omitempty" json:"role,omitempty"`     // owner, readOnly or none
	Listed  *bool  `yaml:"listed,omitempty" json:"listed,omitempty"` // the caller's address is on the project's IP access list
}

// InjectCreation makes a cluster that is like another one, with snapshots of its own.
type InjectCreation struct {
	Cluster string `yaml:"cluster" json:"cluster"`
	Like    string `yaml:"like" json:"like"`
}

// InjectCluster changes a cluster. What is left out stays.
type InjectCluster struct {
	Cluster           string   `yaml:"cluster" json:"cluster"`
	State             string   `yaml:"state,omitempty" json:"state,omitempty"` // IDLE, CREATING, UPDATING, DELETING, REPAIRING
	Paused            *bool    `yaml:"paused,omitempty" json:"paused,omitempty"`
	BackupEnabled     *bool    `yaml:"backupEnabled,omitempty" json:"backupEnabled,omitempty"`
	PITEnabled        *bool    `yaml:"pitEnabled,omitempty" json:"pitEnabled,omitempty"`
	RestoreWindowDays *int     `yaml:"restoreWindowDays,omitempty" json:"restoreWindowDays,omitempty"`
	MongoDBVersion    string   `yaml:"mongoDBVersion,omitempty" json:"mongoDBVersion,omitempty"` // 8.0.29; the snapshots that there are keep theirs
	Encryption        string   `yaml:"encryption,omitempty" json:"encryption,omitempty"`         // NONE, AWS, AZURE, GCP
	DiskSizeGB        float64  `yaml:"diskSizeGB,omitempty" json:"diskSizeGB,omitempty"`
	DataGB            float64  `yaml:"dataGB,omitempty" json:"dataGB,omitempty"`             // the snapshots that there are keep theirs
	LastSnapshot      Duration `yaml:"lastSnapshot,omitempty" json:"lastSnapshot,omitempty"` // all snapshots are made anew: the newest holds the data of so long ago, each one before it those of six hours earlier
}

// InjectSnapshot changes a snapshot. What is left out stays.
type InjectSnapshot struct {
	Cluster     string   `yaml:"cluster" json:"cluster"`
	Nth         int      `yaml:"nth,omitempty" json:"nth,omitempty"` // 1, or left out: the newest in Atlas's list
	Failed      *bool    `yaml:"failed,omitempty" json:"failed,omitempty"`
	Fallback    bool     `yaml:"fallback,omitempty" json:"fallback,omitempty"`
	Deleted     bool     `yaml:"deleted,omitempty" json:"deleted,omitempty"`
	ExpiresIn   Duration `yaml:"expiresIn,omitempty" json:"expiresIn,omitempty"`
	BytesFactor float64  `yaml:"bytesFactor,omitempty" json:"bytesFactor,omitempty"` // 0.1: a tenth of the size
}

// InjectTaking takes a snapshot, on demand if it is not said how.
type InjectTaking struct {
	Cluster     string   `yaml:"cluster" json:"cluster"`
	Ago         Duration `yaml:"ago,omitempty" json:"ago,omitempty"`   // it holds the data of so long ago; zero: it is asked for now
	Kind        string   `yaml:"kind,omitempty" json:"kind,omitempty"` // onDemand, scheduled or fallback
	Keep        Duration `yaml:"keep,omitempty" json:"keep,omitempty"` // zero: a week
	Description string   `yaml:"description,omitempty" json:"description,omitempty"`
}

// InjectColleague is a restore by somebody else, from the newest snapshot that there was.
type InjectColleague struct {
	Source     string   `yaml:"source" json:"source"`
	Target     string   `yaml:"target,omitempty" json:"target,omitempty"`         // empty: a download
	Ago        Duration `yaml:"ago,omitempty" json:"ago,omitempty"`               // it began so long ago
	InstantAgo Duration `yaml:"instantAgo,omitempty" json:"instantAgo,omitempty"` // not of the snapshot, but of the moment so long ago
	Takes      Duration `yaml:"takes,omitempty" json:"takes,omitempty"`           // zero: about four minutes
	Failed     bool     `yaml:"failed,omitempty" json:"failed,omitempty"`
	Namespaces []string `yaml:"namespaces,omitempty" json:"namespaces,omitempty"` // only these databases and collections: shop, shop.orders; the target lives on
}

// InjectLinks changes what the newest download of a cluster delivers.
type InjectLinks struct {
	Cluster string   `yaml:"cluster" json:"cluster"`
	Expire  bool     `yaml:"expire,omitempty" json:"expire,omitempty"` // its links have expired
	Hide    int      `yaml:"hide,omitempty" json:"hide,omitempty"`     // the link of its archive number 1, 2, … is missing
	For     Duration `yaml:"for,omitempty" json:"for,omitempty"`       // … for so long; zero: it never comes
}

// InjectMessage is what somebody says to the trainee.
type InjectMessage struct {
	Who  string `yaml:"who" json:"who"`
	Text string `yaml:"text" json:"text"`
}

// Happening is an inject that was made.
type Happening struct {
	At     time.Time `json:"at"`
	Inject Inject    `json:"inject"`
}

// Duration is a time.Duration that is written as Go does: 90s, 1h30m.
type Duration time.Duration

// MarshalText writes the duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// longest is the greatest Duration: the clock of a world stays in years that dates can have.
const longest = 10 * 366 * 24 * time.Hour

// UnmarshalText reads a duration, which is not negative and at most ten years.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	switch {
	case err != nil:
		return fmt.Errorf("reading %q as a duration: write it like 90s or 1h30m", text)
	case read < 0:
		return fmt.Errorf("reading %q as a duration: it is negative", text)
	case read > longest:
		return fmt.Errorf("reading %q as a duration: ten years are the most", text)
	}
	*d = Duration(read)
	return nil
}

// Inject lets something happen now. The error says which name does not exist, or what
// cannot be; then nothing has happened.
func (s *Server) Inject(i Inject) error { return s.InjectAt(i, s.Now()) }

// InjectAt lets something happen of which it is noticed only now that it was due at an
// earlier time.
func (s *Server) InjectAt(i Inject, at time.Time) error {
	if err := i.Check(); err != nil {
		return err
	}
	if err := s.inject(i, at); err != nil {
		return fmt.Errorf("injecting %s: %w", i.parts()[0], err)
	}
	s.log.happened(Happening{At: at, Inject: i})
	return nil
}

// Happened are the injects so far, oldest first. A very long run keeps the last.
func (s *Server) Happened() []Happening { return s.HappenedAfter(0) }

// HappenedAfter are the injects but for the first so many, oldest first.
func (s *Server) HappenedAfter(first int) []Happening {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	gone := s.log.happens - len(s.log.injects)
	return slices.Clone(s.log.injects[min(max(0, first-gone), len(s.log.injects)):])
}

// HappenedSoFar is how many injects there were.
func (s *Server) HappenedSoFar() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.happens
}

func (s *Server) inject(i Inject, at time.Time) error {
	switch {
	case i.Fault != nil:
		var err error
		s.withWorld(func(w *world, now time.Time) { err = w.aimed(*i.Fault, now) })
		if err != nil {
			return err
		}
		s.Fail(i.Fault.fault())
	case i.Heal:
		s.Heal()
	case i.Advance > 0:
		s.Advance(time.Duration(i.Advance))
	case i.FailNextJob:
		s.FailNextJob()
	case i.Say != nil: // its place in the log is all there is of it
	default:
		var err error
		s.withWorld(func(w *world, _ time.Time) { err = w.inject(i, at) })
		return err
	}
	return nil
}

// parts are the names of the parts that are set.
func (i Inject) parts() []string {
	var out []string
	v := reflect.ValueOf(i)
	for n := range v.NumField() {
		if !v.Field(n).IsZero() {
			name, _, _ := strings.Cut(v.Type().Field(n).Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// Check says what is wrong with the inject itself, whatever the world is like.
func (i Inject) Check() error {
	set := i.parts()
	switch len(set) {
	case 0:
		return errors.New("injecting nothing: one part must be set, like say or fault")
	case 1:
	default:
		return fmt.Errorf("injecting %s at once: exactly one part must be set", strings.Join(set, " and "))
	}
	if err := i.check(); err != nil {
		return fmt.Errorf("injecting %s: %w", set[0], err)
	}
	return nil
}

func (i Inject) check() error {
	switch {
	case i.Fault != nil:
		return i.Fault.check()
	case i.Advance < 0:
		return errors.New("the clock does not go back")
	case i.Project != nil:
		if i.Project.Role == "" && i.Project.Listed == nil {
			return errors.New("nothing is changed: set role or listed")
		}
		return oneOf("role", i.Project.Role, "", RoleOwner, RoleReadOnly, RoleNone)
	case i.Cluster != nil:
		return i.Cluster.check()
	case i.Snapshot != nil:
		return i.Snapshot.check()
	case i.NewSnapshot != nil:
		return oneOf("kind", i.NewSnapshot.Kind, "", "onDemand", "scheduled", "fallback")
	case i.Restore != nil:
		if i.Restore.InstantAgo > 0 && (i.Restore.Target == "" || i.Restore.InstantAgo < i.Restore.Ago) {
			return errors.New("instantAgo needs a target, and lies before the restore's own beginning")
		}
		if len(i.Restore.Namespaces) > 0 && (i.Restore.Target == "" || i.Restore.Takes > 0) {
			return errors.New("namespaces need a target, and take their own time")
		}
	case i.Links != nil:
		if i.Links.Expire == (i.Links.Hide != 0) || i.Links.Hide < 0 {
			return errors.New("set expire, or the number of the archive to hide: 1, 2, …")
		}
	case i.incident() != nil:
		return i.incident().check()
	case i.Say != nil:
		if i.Say.Who == "" || i.Say.Text == "" {
			return errors.New("who and text are needed")
		}
	}
	return nil
}

func (f InjectFault) check() error {
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599) && !f.HTML:
		return fmt.Errorf("status %d is no error: 400 to 599", f.Status)
	case f.Status == 0 && f.Drop == "" && !f.HTML && f.File == "":
		return errors.New("nothing goes wrong: set status, drop, html or file")
	case f.Acts && f.Status == 0 && !f.HTML:
		return errors.New("a request that is acted upon all the same needs a status, or it is lost: drop after")
	case f.Drop != "" && (f.Status != 0 || f.HTML):
		return errors.New("a connection that is cut carries no answer: set drop, or status and html")
	case f.Times < -1 || f.RetryAfter < 0:
		return errors.New("times is -1, 0 or more, and retryAfter 0 or more")
	}
	return errors.Join(oneOf("drop", f.Drop, "", "before", "after"), f.checkFile())
}

func (f InjectFault) fault() Fault {
	out := Fault{
		Method: f.Method, PathContains: f.PathContains, Times: f.Times,
		Status: f.Status, ErrorCode: f.ErrorCode, Detail: f.Detail, RetryAfter: f.RetryAfter, HTML: f.HTML,
		File: FileFault(f.File), NoLength: f.NoLength, Cluster: f.Cluster, Nth: f.Nth,
	}
	if f.Acts {
		out.Acts = 1
	}
	switch f.Drop {
	case "before":
		out.Drop = BeforeCommit
	case "after":
		out.Drop = AfterCommit
	}
	return out
}

func (c InjectCluster) check() error {
	if c == (InjectCluster{Cluster: c.Cluster}) {
		return errors.New("nothing is changed")
	}
	if c.DiskSizeGB < 0 || c.DataGB < 0 || c.RestoreWindowDays != nil && *c.RestoreWindowDays < 0 {
		return errors.New("a size or a number of days is negative")
	}
	if c.LastSnapshot >= Duration(slotEvery) {
		return fmt.Errorf("lastSnapshot is %s: there is one every %s", time.Duration(c.LastSnapshot), slotEvery)
	}
	if c.MongoDBVersion != "" && !mongoDBVersion.MatchString(c.MongoDBVersion) {
		return fmt.Errorf("mongoDBVersion is %q: write it like 8.0.29", c.MongoDBVersion)
	}
	return errors.Join(
		oneOf("state", c.State, "", "IDLE", "CREATING", "UPDATING", "DELETING", "REPAIRING"),
		oneOf("encryption", c.Encryption, "", "NONE", "AWS", "AZURE", "GCP"),
	)
}

func (x InjectSnapshot) check() error {
	switch {
	case x == InjectSnapshot{Cluster: x.Cluster, Nth: x.Nth}:
		return errors.New("nothing is changed")
	case x.Nth < 0 || x.BytesFactor < 0:
		return errors.New("nth or bytesFactor is negative")
	}
	return nil
}

func oneOf(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s is %q: one of %s", name, value, strings.Join(slices.DeleteFunc(allowed, func(s string) bool { return s == "" }), ", "))
}
