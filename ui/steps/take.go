package steps

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state/submit"

	"atlas-restore/state"
)

// StepTake is a step aside from the snapshots: an on-demand snapshot is taken there, and
// is then the chosen one.
const StepTake = StepJob + 1

// Take goes aside to take a snapshot.
func (s *Session) Take() { s.path = append(s.path, StepTake) }

// StepSafety is a step aside from the review: a snapshot of the target is taken there,
// before it is overwritten.
const StepSafety = StepTake + 1

// Safe goes aside to take it, where the target can have one.
func (s *Session) Safe() {
	if _, ok := s.CanBeSafe(); ok && s.Step() == state.StepReview && !s.sending {
		s.path = append(s.path, StepSafety)
	}
}

// CanBeSafe is the target, and whether a snapshot of it can be taken before: only what was
// listed, is dedicated, runs and has its backups on can have one.
func (s *Session) CanBeSafe() (state.Cluster, bool) {
	c := s.Target()
	return c, s.Plan.Erases() && c.Name != "" && c.Family == state.Dedicated && c.BackupEnabled && !c.Paused && !c.Terminated && c.Provider != "TENANT"
}

// SafetyIsDue says whether a snapshot of the target is chosen and neither asked for nor
// declined.
func (s *Session) SafetyIsDue() bool { return s.wantsSafety().Due }

// wantsSafety is the snapshot of the target as far as it was asked for; onto itself, where
// nobody has asked for one, it is due, or it is said why there will be none.
func (s *Session) wantsSafety() state.Safety {
	out := s.safety
	if out.Wanted || !s.Plan.OntoItself() {
		return out
	}
	_, can := s.CanBeSafe()
	switch {
	case !can:
		out.None = "it can have none now"
	case slices.ContainsFunc(slices.Concat(s.accepted, s.Cfg.Accept), func(name string) bool { return name == state.SafetyCheck || name == "all" }):
		out.None = "declined"
	case s.Cfg.Unasked:
		out.None = "a run without questions takes none"
	default:
		out.Due = true
	}
	return out
}

// IsSafe says whether the target has the snapshot that was wanted of it.
func (s *Session) IsSafe() bool { return s.safety.Snapshot.ID != "" }

// TakenFrom is the cluster of which a snapshot is taken in this step.
func (s *Session) TakenFrom() state.Cluster {
	if s.Step() == StepSafety {
		c, _ := s.CanBeSafe()
		return c
	}
	return s.Plan.Cluster
}

// Taking notes that a snapshot was asked for, or with an error that it has failed: where it
// was wanted before an overwrite, nothing is overwritten until somebody says so.
func (s *Session) Taking(err error) {
	if s.Step() == StepSafety {
		s.safety = state.Safety{Wanted: true, Err: err}
	}
}

// Took comes back with the snapshot that was taken and goes on with it.
func (s *Session) Took(snap state.Snapshot) {
	aside := s.Step()
	s.path = s.path[:len(s.path)-1]
	if aside == StepSafety {
		s.safety = state.Safety{Wanted: true, Snapshot: snap}
		s.checks, s.accepted = nil, nil
		return
	}
	s.Answered(s.Plan.WithSnapshot(snap))
}

// NotTaken says whether Atlas has certainly taken no snapshot.
func NotTaken(err error) bool {
	var atlas *state.AtlasError
	return errors.As(err, &atlas) && atlas.DefiniteNo() || errors.Is(err, submit.ErrNotSent)
}

// What a snapshot is called and how long it is kept, where nothing else is said.
const (
	TakeDescription   = "taken with atlas-restore"
	SafetyDescription = state.SafetyDescription
	TakeDays          = "2"
)

// CheckDescription says what keeps s from describing a snapshot.
func CheckDescription(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("a description is needed, like: before deploy")
	case len([]rune(s)) > 200:
		return errors.New("the description is too long: 200 letters are enough")
	}
	return nil
}

// ParseDays reads for how many days a snapshot is kept.
func ParseDays(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > 36500 {
		return 0, errors.New("whole days are needed, from 1 on, like 2")
	}
	return n, nil
}

// Unfinished is the on-demand snapshot that is not finished, of which Atlas allows one at
// a time (Atlas: "on-demand snapshots"); one by the schedule does not stand in the way.
func Unfinished(all []state.Snapshot) (state.Snapshot, bool) {
	for _, s := range all {
		if s.Kind == "onDemand" && !SnapshotEnded(s) {
			return s, true
		}
	}
	return state.Snapshot{}, false
}

// SnapshotEnded says whether a snapshot is completed or failed.
func SnapshotEnded(s state.Snapshot) bool {
	switch strings.ToLower(s.Status) {
	case "queued", "inprogress":
		return false
	}
	return true
}

// Lost is the snapshot that a request whose answer was lost has made: the only one of
// that description that was not there before.
func Lost(before, after []state.Snapshot, description string) (state.Snapshot, bool) {
	known := map[string]bool{}
	for _, s := range before {
		known[s.ID] = true
	}
	var found []state.Snapshot
	for _, s := range after {
		if !known[s.ID] && s.Kind == "onDemand" && s.Description == description {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		return state.Snapshot{}, false
	}
	return found[0], true
}

// TakeWords say how a snapshot that is awaited stands.
func TakeWords(s state.Snapshot, now time.Time) string {
	what := "The snapshot"
	if s.Description != "" {
		what = fmt.Sprintf("The snapshot %q", s.Description)
	}
	how := strings.ToLower(s.Status)
	if how == "inprogress" {
		how = "in progress"
	}
	line := what + " is " + how
	if at := state.CreatedAt(s.ID); !at.IsZero() && !SnapshotEnded(s) {
		line += ", asked for " + state.Ago(at, now)
	}
	return line + "."
}

// TakeNormal says what is normal while one waits.
const TakeNormal = "A small cluster takes about 3 minutes, much data takes longer. Atlas reports no progress."

// TakeWaits says why another snapshot is waited for first.
const TakeWaits = "Atlas takes one on-demand snapshot of a cluster at a time: this one has to end first."
