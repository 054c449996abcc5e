// Package journal keeps on disk what was submitted: one JSON object a line, only
// ever appended to, for this user's eyes alone.
package journal

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"atlas-restore/state"
)

// Event is what an entry records.
type Event string

// The events of a submission, in the order in which they can follow each other. An
// Intent that no other entry follows is a submission whose end was never written down.
const (
	Intent   Event = "intent"
	Created  Event = "created"
	Refused  Event = "refused"
	NotSent  Event = "notSent"  // the request never left this machine: nobody refused it
	Unknown  Event = "unknown"  // no readable answer
	Found    Event = "found"    // the job of a request whose answer was lost
	NotFound Event = "notFound" // it was looked for, and was not there
	Beside   Event = "beside"   // other jobs were seen beside it
	Ended    Event = "ended"    // the end of the job was seen
	Fetching Event = "fetching" // its files are fetched from now on
	Fetched  Event = "fetched"  // what has become of them
)

// ofJob says whether it is about a job that others have told of.
func (e Event) ofJob() bool { return slices.Contains([]Event{Beside, Ended, Fetching, Fetched}, e) }

func (e Event) known() bool {
	return slices.Contains([]Event{Intent, Created, Refused, NotSent, Unknown, Found, NotFound, Beside, Ended, Fetching, Fetched}, e)
}

// Entry is one line. It holds no secret and no delivery URL.
type Entry struct {
	Time              time.Time     `json:"time"` // Atlas's clock where known
	Event             Event         `json:"event"`
	ID                string        `json:"id,omitempty"` // of the submission, the same in all its entries
	Endpoint          string        `json:"endpoint"`
	Who               string        `json:"who"`            // public part of the credential
	User              string        `json:"user,omitempty"` // of this machine
	Host              string        `json:"host,omitempty"`
	Tool              string        `json:"tool,omitempty"` // version of the program that wrote it
	ProjectID         string        `json:"projectId"`
	ProjectName       string        `json:"projectName,omitempty"`
	ClusterName       string        `json:"clusterName"` // of the source
	TargetProjectName string        `json:"targetProjectName,omitempty"`
	TargetState       string        `json:"targetState,omitempty"` // before, as far as it was seen
	SnapshotAt        *time.Time    `json:"snapshotAt,omitempty"`
	Body              state.Request `json:"request"`
	// Evidence is why it is that moment, or that snapshot, where a search has proposed it.
	Evidence    state.Evidence `json:"evidence,omitzero"`
	Plan        *Planned       `json:"plan,omitempty"`           // the plan file that it was run from
	BreakGlass  string         `json:"breakGlass,omitempty"`     // why it was sent although a second person's approval is needed
	Drill       bool           `json:"drill,omitempty"`          // it rehearses
	Safety      *state.Kept    `json:"safetySnapshot,omitempty"` // of the target, taken before
	Ticket      string         `json:"ticket,omitempty"`         // what it is for, as far as that was said by then
	Purpose     string         `json:"purpose,omitempty"`
	Before      []string       `json:"jobsBefore,omitempty"` // the source's newest jobs before the request
	Listed      bool           `json:"jobsListed,omitempty"` // those could be read
	Named       []string       `json:"namedJobs,omitempty"`  // Unknown: jobs that the answer, or the list behind it, told of; whether one is its own is not known
	JobID       string         `json:"jobId,omitempty"`
	Others      []string       `json:"others,omitempty"`      // jobs that were seen beside it
	ReplicaSets []string       `json:"replicaSets,omitempty"` // of the snapshot, where it has several
	Status      string         `json:"status,omitempty"`      // Ended: completed, ready, failed …
	Fetch       *Fetch         `json:"fetch,omitempty"`       // Fetching and Fetched
	Error       string         `json:"error,omitempty"`
}

// Planned is what is kept of a plan file that a request was made from.
type Planned struct {
	SHA256 string `json:"sha256"`
	MadeBy string `json:"madeBy"`
	// Who has approved it, as the allowed signers call them, and the fingerprint of their key; empty
	// where nobody has.
	ApprovedBy string     `json:"approvedBy,omitempty"`
	Key        string     `json:"approvedKey,omitempty"`
	ApprovedAt *time.Time `json:"approvedAt,omitempty"` // as far as the signature's file tells; nil where that is not known
}

// Journal appends to one file. It is made on the first entry, in a directory made
// with it.
type Journal struct {
	Tool string // version of this program, for the entries

	mu   sync.Mutex
	path string
	most int64 // see most
}

// At is the journal in directory dir.
func At(dir string) *Journal { return Bounded(dir, most) }

// Bounded is the journal in dir whose file gives way to a new one beyond another size, in bytes.
func Bounded(dir string, most int64) *Journal {
	return &Journal{path: filepath.Join(dir, "journal.jsonl"), most: most}
}

func (j *Journal) older() string { return strings.TrimSuffix(j.path, ".jsonl") + ".1.jsonl" }

// Append writes e and returns when it is on the disk, not before.
func (j *Journal) Append(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := e.check(); err != nil { // nobody could read it
		return fmt.Errorf("writing a journal entry: %w", err)
	}
	e.User, e.Host = whose()
	e.Tool = j.Tool
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding a journal entry: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return fmt.Errorf("making the directory of the journal: %w", err)
	}
	j.rotate()
	return j.write(append(line, '\n'))
}

// write appends whole lines and returns when they are on the disk.
func (j *Journal) write(lines []byte) error {
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	if torn(f) {
		lines = append([]byte{'\n'}, lines...)
	}
	_, err = f.Write(lines)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the journal %s: %w", j.path, err)
	}
	return syncDir(filepath.Dir(j.path))
}

// torn says whether the file ends inside a line, cut off by a crash: the next entry
// must not become part of it.
func torn(f *os.File) bool {
	last := make([]byte, 1)
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	_, err = f.ReadAt(last, info.Size()-1)
	return err != nil || last[0] != '\n'
}

// syncDir makes the file's name as durable as its content.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the directory was chosen by the user
	if err != nil {
		return fmt.Errorf("opening the directory of the journal: %w", err)
	}
	// Some file systems cannot sync a directory and say so; the entry is on disk.
	_ = d.Sync()
	return d.Close()
}

// Whose are the user and the machine that this process runs as and on; empty where not known.
func Whose() (name, host string) { return whose() }

// whose are the user and the machine that this process runs as and on.
func whose() (name, host string) {
	self.once.Do(func() {
		if u, err := user.Current(); err == nil {
			self.name = u.Username
		}
		self.host, _ = os.Hostname()
	})
	return self.name, self.host
}

var self struct {
	once       sync.Once
	name, host string
}

// ErrBusy says that another process of this machine holds a lock.
var ErrBusy = errors.New("another atlas-restore on this machine is submitting to the same target")

// Lock keeps other processes of this machine from submitting to target, until unlock is
// called or the process ends, however it ends. ErrBusy if another one does.
func (j *Journal) Lock(target string) (unlock func(), err error) {
	dir := filepath.Join(filepath.Dir(j.path), "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of the locks: %w", err)
	}
	l := flock.New(filepath.Join(dir, lockName(target)), flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", target, err)
	}
	if !got {
		return nil, ErrBusy
	}
	return func() { _ = l.Unlock() }, nil
}

// lockName is the name of a target's file, whatever letters the target has.
func lockName(target string) string { return fmt.Sprintf("%x.lock", sha256.Sum256([]byte(target))) }

// InMemory is a journal for training: what it keeps ends with the process, as its jobs do.
type InMemory struct {
	mu  sync.Mutex
	all []Entry
}

// Append keeps e.
func (m *InMemory) Append(e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, e)
	return nil
}

// Read gives every entry, oldest first.
func (m *InMemory) Read() ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all), nil
}

// Lock locks nothing: no other process knows this Atlas.
func (m *InMemory) Lock(string) (func(), error) { return func() {}, nil }
