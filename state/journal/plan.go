package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/text"
)

// Plan is what had been answered when a run was left before anything was submitted. It
// holds no confirmation and no secret.
type Plan struct {
	Time     time.Time   `json:"time"`
	Endpoint string      `json:"endpoint"`
	Given    state.Given `json:"answers"`
}

func (j *Journal) planPath() string { return filepath.Join(filepath.Dir(j.path), "plan.json") }

// Keep writes the plan in the place of the one before.
func (j *Journal) Keep(p Plan) error {
	p.Given.Confirm = ""
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding the plan: %w", err)
	}
	if err := disk.Replace(j.planPath(), append(raw, '\n')); err != nil {
		return fmt.Errorf("keeping the plan: %w", err)
	}
	return nil
}

// Kept is the plan that was kept; nil if there is none, or with an error one that cannot be read.
func (j *Journal) Kept() (*Plan, error) {
	raw, err := os.ReadFile(j.planPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	var p Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("reading the plan in %s: it is no JSON of a plan: %w", j.planPath(), err)
	}
	text.CleanAll(&p)
	p.Given.Confirm = "" // nobody has confirmed anything by a file
	if err := p.Given.Check(); err != nil {
		return nil, fmt.Errorf("reading the plan in %s: it says what no plan says: %w", j.planPath(), err)
	}
	p.Endpoint = state.CanonicalEndpoint(p.Endpoint)
	return &p, nil
}

// Drop forgets the plan.
func (j *Journal) Drop() error {
	if err := os.Remove(j.planPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting the plan: %w", err)
	}
	return nil
}
