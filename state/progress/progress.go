// Package progress keeps which training scenarios were played, and what came of them.
package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/text"
)

// Progress is the file in which it is kept.
type Progress struct{ path string }

// At is the progress in a state directory.
func At(dir string) Progress { return Progress{filepath.Join(dir, "training.json")} }

// Record is what is kept of one scenario.
type Record struct {
	Tries  int                  `json:"tries"`
	Passed int                  `json:"passed"`
	Best   state.TrainingResult `json:"best,omitzero"` // absent where it was never played
	Last   state.TrainingResult `json:"last,omitzero"`
}

// Read is what was kept, by the names of scenarios. A file that is not there says nothing.
func (p Progress) Read() (map[string]Record, error) {
	raw, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]Record{}, nil
	}
	all := map[string]Record{}
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err == nil && all == nil { // JSON of nothing has taken its place
		err = errors.New("it is no JSON of a progress")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the progress of training: %w", err)
	}
	text.CleanAll(&all)
	for name, r := range all {
		all[name] = r.counted()
	}
	return all, nil
}

// counted is the record without minutes below zero, by which older versions said that what was
// brought back is from after the loss.
func (r Record) counted() Record {
	for _, result := range []*state.TrainingResult{&r.Best, &r.Last} {
		if m := result.MinutesLost; m != nil && *m < 0 {
			result.MinutesLost = nil
		}
	}
	return r
}

// Add keeps a result.
func (p Progress) Add(r state.TrainingResult) error {
	all, err := p.Read()
	if err != nil {
		all = map[string]Record{} // what cannot be read is worth less than what was just done
	}
	record := all[r.Scenario]
	record.Tries++
	if r.Passed {
		record.Passed++
	}
	if record.Tries == 1 || better(r, record.Best) {
		record.Best = r
	}
	record.Last = r
	all[r.Scenario] = record
	return p.write(all)
}

func better(a, b state.TrainingResult) bool {
	if a.Passed != b.Passed {
		return a.Passed
	}
	return a.Score > b.Score
}

// Forget forgets one scenario.
func (p Progress) Forget(name string) error {
	all, err := p.Read()
	if err != nil {
		return err
	}
	delete(all, name)
	return p.write(all)
}

// Reset forgets everything.
func (p Progress) Reset() error {
	if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting the progress of training: %w", err)
	}
	return nil
}

func (p Progress) write(all map[string]Record) error {
	raw, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = disk.Replace(p.path, append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the progress of training: %w", err)
	}
	return nil
}
