package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// most is how large the file may grow before it gives way to a new one, in bytes. One older
// file is kept beside it.
const most = 1 << 20

// rotate has a file that is too large give way to a new one, in the place of the older one.
// What is open in the older one is carried over before. One process does that at a time; where
// it cannot be done, or something cannot be read, the file grows on and nothing is lost.
func (j *Journal) rotate() {
	if !j.full() {
		return
	}
	dir := filepath.Join(filepath.Dir(j.path), "locks")
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	l := flock.New(filepath.Join(dir, "rotation.lock"), flock.SetPermissions(0o600))
	if got, err := l.TryLock(); err != nil || !got {
		return // another one is at it
	}
	defer func() { _ = l.Unlock() }()
	if !j.full() { // another one has done it
		return
	}
	all, err := j.Read()
	if err != nil {
		return
	}
	if err := j.carry(all); err != nil {
		return
	}
	_ = os.Rename(j.path, j.older())
}

func (j *Journal) full() bool {
	info, err := os.Stat(j.path)
	return err == nil && info.Size() > j.most
}

// carry repeats in the newer file what the older one has of requests that are still open.
func (j *Journal) carry(all []Entry) error {
	raw, err := os.ReadFile(j.older())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // whatever it is, nothing is carried
	}
	inOld := map[string]bool{}
	old, _ := parse(raw) // all of it can be read
	for _, e := range old {
		inOld[e.ID] = true
	}
	open, jobs, now := map[string]bool{}, map[string]bool{}, time.Now()
	for _, s := range Submissions(all) {
		open[s.ID] = inOld[s.ID] && s.Open(now)
		jobs[s.JobID] = open[s.ID]
	}
	var lines bytes.Buffer
	for _, e := range all { // those of the newer file too: their order counts
		if !open[e.ID] && (!e.Event.ofJob() || !jobs[e.JobID]) {
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			return err //nolint:wrapcheck // as above
		}
		lines.Write(append(line, '\n'))
	}
	if lines.Len() == 0 {
		return nil
	}
	return j.write(lines.Bytes())
}
