package steps

import (
	"context"
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

// SafetyIsOpen says whether a snapshot of the target was asked for, and may come or end yet.
func (s *Session) SafetyIsOpen() bool { return s.safety.Open() }

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
func (s *Session) IsSafe() bool {
	snap := s.safety.Snapshot
	return snap.ID != "" && snap.Usable(s.Cfg.Now()) == nil
}

// TakenFrom is the cluster of which a snapshot is taken in this step.
func (s *Session) TakenFrom() state.Cluster {
	if s.Step() == StepSafety {
		c, _ := s.CanBeSafe()
		return c
	}
	return s.Plan.Cluster
}

// TakeRequest is a request for a snapshot, by which that is found again in a list of them.
type TakeRequest struct {
	ID          string // of the snapshot, once it is known
	Description string // of the snapshot
	Before      []state.Snapshot
	Lost        error // why no answer tells its outcome; nil where one does
}

// Open says whether it is not known if Atlas takes the snapshot.
func (a TakeRequest) Open() bool { return a.ID == "" && a.Lost != nil }

// Find finds the snapshot in a list.
func (a TakeRequest) Find(all []state.Snapshot) (state.Snapshot, bool) {
	if a.ID == "" {
		return Lost(a.Before, all, a.Description)
	}
	i := slices.IndexFunc(all, func(s state.Snapshot) bool { return s.ID == a.ID })
	if i < 0 {
		return state.Snapshot{}, false
	}
	return all[i], true
}

// Again finds in a list what was asked for before the step was left: not over yet, or of use.
func (a TakeRequest) Again(all []state.Snapshot, now time.Time) (state.Snapshot, bool) {
	if a.ID == "" && !a.Open() {
		return state.Snapshot{}, false
	}
	s, ok := a.Find(all)
	return s, ok && (a.Open() || !s.Ended() || s.Usable(now) == nil)
}

// Asked is the request for the snapshot of the target, where one is taken in this step and was
// asked for before.
func (s *Session) Asked() TakeRequest {
	if s.Step() != StepSafety {
		return TakeRequest{}
	}
	return s.asked
}

// Asks notes that a snapshot is asked for: where it is wanted before an overwrite, nothing is
// overwritten before it is there, or somebody says so.
func (s *Session) Asks(a TakeRequest) {
	if s.Step() == StepSafety {
		s.safety, s.asked = state.Safety{Wanted: true}, a
		if s.Plan.OntoItself() && a.Before != nil {
			s.Seen.Snapshots = a.Before // of the source, and newer than those before
		}
	}
}

// Takes notes that Atlas takes the snapshot that was asked for.
func (s *Session) Takes(snap state.Snapshot) {
	if s.Step() == StepSafety {
		s.safety, s.asked = state.Safety{Wanted: true, Snapshot: snap}, TakeRequest{ID: snap.ID}
	}
}

// Untaken notes why the request has brought no snapshot. Where only its answer was lost, Atlas may
// take it all the same: it is looked for.
func (s *Session) Untaken(err error) {
	switch {
	case s.Step() != StepSafety:
	case NotTaken(err):
		s.Fails(err)
	default:
		s.safety, s.asked.Lost = state.Safety{Wanted: true, Err: err, Doubt: true}, err
	}
}

// Fails notes why the snapshot that was asked for cannot be used.
func (s *Session) Fails(err error) {
	if s.Step() == StepSafety {
		s.safety, s.asked = state.Safety{Wanted: true, Err: err}, TakeRequest{}
	}
}

// lookSafety looks at the snapshot that was asked for of c, or for it.
func lookSafety(ctx context.Context, atlas Atlas, c state.Cluster, a TakeRequest) func(*state.Facts) {
	var found state.Snapshot
	var err error
	if a.ID != "" {
		found, err = atlas.Snapshot(ctx, c, a.ID)
	} else {
		var all []state.Snapshot
		if all, err = atlas.Snapshots(ctx, c); err == nil {
			found, _ = a.Find(all)
		}
	}
	return func(f *state.Facts) {
		f.Safety.Looked, f.Safety.Unseen = true, err
		if err == nil && found.ID != "" {
			f.Safety.Snapshot, f.Safety.Err, f.Safety.Doubt = found, nil, false
		}
	}
}

// lookedAtSafety takes what such a look has shown.
func (s *Session) lookedAtSafety(f state.Safety) {
	if !f.Looked || !s.safety.Wanted {
		return
	}
	if s.safety = f; f.Snapshot.ID != "" {
		s.asked = TakeRequest{ID: f.Snapshot.ID}
	}
}

// Took comes back with the snapshot that was taken and goes on with it.
func (s *Session) Took(snap state.Snapshot) {
	aside := s.Step()
	s.path = s.path[:len(s.path)-1]
	if aside == StepSafety {
		s.safety, s.asked = state.Safety{Wanted: true, Snapshot: snap}, TakeRequest{ID: snap.ID}
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
		if s.Kind == "onDemand" && !s.Ended() {
			return s, true
		}
	}
	return state.Snapshot{}, false
}

// Lost is the snapshot that a request whose answer was lost has made: the only one of
// that description that was not there before.
func Lost(before, after []state.Snapshot, description string) (state.Snapshot, bool) {
	found := fresh(before, after, description)
	if len(found) != 1 {
		return state.Snapshot{}, false
	}
	return found[0], true
}

// fresh are the on-demand snapshots of a description that were not there before.
func fresh(before, after []state.Snapshot, description string) []state.Snapshot {
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
	return found
}

// TakeSeeks says that a snapshot is looked for whose request has no answer.
const TakeSeeks = "It is being looked for in the list of snapshots."

// Seen says what a list of snapshots shows of one that is not found.
func (a TakeRequest) Seen(all []state.Snapshot) string {
	if n := len(fresh(a.Before, all, a.Description)); n > 1 {
		return fmt.Sprintf("The list of snapshots has %d new ones of that description: which one it is cannot be told.", n)
	}
	return "The list of snapshots does not show it."
}

// TakeUnknown says of a request for a snapshot that Atlas may take it or not. seen is what looking
// for it has shown, look how to look once more.
func TakeUnknown(err error, seen, look string) state.Problem {
	return state.Problem{
		What:   "OUTCOME UNKNOWN: Atlas was asked for a snapshot, and may take it or not.",
		Why:    state.Explain("", err).Why + " " + seen,
		Advice: "It may come yet: " + look + " Asking once more may make a second snapshot, which costs a little and harms nothing.",
	}
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
	if at := state.CreatedAt(s.ID); !at.IsZero() && !s.Ended() {
		line += ", asked for " + state.Ago(at, now)
	}
	return line + "."
}

// TakeNormal says what is normal while one waits.
const TakeNormal = "A small cluster takes about 3 minutes, much data takes longer. Atlas reports no progress."

// TakeWaits says why another snapshot is waited for first.
const TakeWaits = "Atlas takes one on-demand snapshot of a cluster at a time: this one has to end first."
