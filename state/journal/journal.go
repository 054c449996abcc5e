// Package journal keeps on disk what was submitted: one JSON object a line, only
// ever appended to, for this user's eyes alone.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"atlas-restore/state"
)

// Event is what an entry records.
type Event string

// The events. An Intent that no other entry follows is a submission whose end was
// never written down.
const (
	Intent  Event = "intent"
	Created Event = "created"
	Refused Event = "refused"
	Unknown Event = "unknown"
)

// Entry is one line. It holds no secret and no delivery URL.
type Entry struct {
	Time        time.Time     `json:"time"` // Atlas's clock where known
	Event       Event         `json:"event"`
	Endpoint    string        `json:"endpoint"`
	Who         string        `json:"who"` // public part of the credential
	ProjectID   string        `json:"projectId"`
	ClusterName string        `json:"clusterName"` // of the source
	Body        state.Request `json:"request"`
	JobID       string        `json:"jobId,omitempty"`
	Error       string        `json:"error,omitempty"`
}

// Journal appends to one file. It is made on the first entry, in a directory made
// with it.
type Journal struct {
	mu   sync.Mutex
	path string
}

// At is the journal in directory dir.
func At(dir string) *Journal { return &Journal{path: filepath.Join(dir, "journal.jsonl")} }

// Append writes e and returns when it is on the disk, not before.
func (j *Journal) Append(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding a journal entry: %w", err)
	}
	dir := filepath.Dir(j.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the directory of the journal: %w", err)
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	if torn(f) {
		line = append([]byte{'\n'}, line...)
	}
	_, err = f.Write(append(line, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the journal %s: %w", j.path, err)
	}
	return syncDir(dir)
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

// Doubts returns the submissions that may still be running: an intent without an
// outcome, or one whose outcome is unknown. A torn last line, left by a crash
// in the middle of writing, is passed over.
func (j *Journal) Doubts() ([]Entry, error) {
	raw, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	var doubts []Entry
	var pending *Entry
	for line := range bytes.Lines(raw) {
		var e Entry
		if json.Unmarshal(line, &e) != nil {
			continue
		}
		switch e.Event {
		case Intent:
			if pending != nil {
				doubts = append(doubts, *pending)
			}
			pending = &e
		case Unknown:
			doubts, pending = append(doubts, e), nil
		case Created, Refused:
			pending = nil
		}
	}
	if pending != nil {
		doubts = append(doubts, *pending)
	}
	return doubts, nil
}

// InMemory is a journal for training: it keeps nothing.
type InMemory struct{}

// Append implements the journal by forgetting: a training job dies with its world.
func (InMemory) Append(Entry) error { return nil }
