// Package ui is what a person sees: the full-screen wizard. It knows no HTTP; it
// asks for the few calls of Atlas that it needs through the interface below.
package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// Atlas is what the wizard asks of Atlas.
type Atlas interface {
	submit.Atlas
	Projects(ctx context.Context) ([]state.Project, error)
	Clusters(ctx context.Context, projectID string) ([]state.Cluster, error)
	Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error)
	Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error)
	Job(ctx context.Context, c state.Cluster, id string) (state.Job, error)
	CancelJob(ctx context.Context, c state.Cluster, id string) error
}

// Mode says in words whether the run is real.
type Mode string

// The modes. They stand in the header of every screen.
const (
	Live     Mode = "LIVE"
	Training Mode = "TRAINING"
)

// Config joins the wizard to the rest of the program.
type Config struct {
	Atlas    Atlas
	Journal  submit.Journal
	Mode     Mode
	Who      string           // public part of the credential: "mdb_sa_id_5f…ff"
	Source   string           // where it came from: "environment"
	Host     string           // of Atlas, if it is not the usual one
	Endpoint string           // base URL, for the journal
	Now      func() time.Time // Atlas's clock
	Zone     *time.Location   // the user's
	Pace     float64          // seconds of Now per real second; 1 but in training
	Notice   string           // said once, on the first page: doubts of an earlier run
}

// Run shows the wizard until it is left, and says how it ended.
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) (Summary, error) {
	root := New(ctx, cfg)
	_, err := tea.NewProgram(root, opts...).Run()
	// After a panic the returned model is nil; root is ours and always there.
	return root.Summary(), err
}
