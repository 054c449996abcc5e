package state

import (
	"cmp"
	"slices"
)

// Outcome is how a run ended, one word for the exit code, the summary and JSON.
type Outcome string

// The outcomes.
const (
	OutcomeAborted   Outcome = "aborted" // left by the user, nothing submitted
	OutcomeError     Outcome = "error"   // nothing submitted
	OutcomeCompleted Outcome = "completed"
	OutcomeReady     Outcome = "ready"
	// OutcomeDownloaded is a download whose archives are all there, whole and proven.
	OutcomeDownloaded Outcome = "downloaded"
	OutcomeFailed     Outcome = "failed"
	OutcomeCancelled  Outcome = "cancelled"
	OutcomeExpired    Outcome = "expired"
	OutcomeUnknown    Outcome = "unknown" // submitted, and no readable answer
	OutcomeRunning    Outcome = "running" // submitted, and still running when left
	OutcomeDryRun     Outcome = "dry-run" // the request was shown, as was asked for
)

// ExitUsage is the exit code of a command line that cannot be obeyed.
const ExitUsage = 2

// ExitCode is what the process ends with. 0 stands only for an end that was seen.
func (o Outcome) ExitCode() int {
	switch o {
	case OutcomeCompleted, OutcomeReady, OutcomeDownloaded, OutcomeDryRun:
		return 0
	case OutcomeFailed:
		return 3
	case OutcomeCancelled:
		return 4
	case OutcomeExpired:
		return 5
	case OutcomeUnknown:
		return 6
	case OutcomeRunning:
		return 7
	case OutcomeAborted:
		return 130
	case OutcomeError:
		return 1
	}
	return 1
}

// Outcome is the run's outcome if it were left while the job is in this state.
func (s JobState) Outcome() Outcome {
	switch s { //nolint:exhaustive // the others are outcomes by their own name
	case InProgress:
		return OutcomeRunning
	case Over:
		return OutcomeUnknown
	}
	return Outcome(s.String())
}

// Badness ranks the outcomes of several jobs of one run: the higher, the worse. What is not
// known comes before what has failed, as nobody can act on it.
func (o Outcome) Badness() int {
	return slices.Index([]Outcome{
		OutcomeAborted, OutcomeDryRun, OutcomeCompleted, OutcomeReady, OutcomeDownloaded, OutcomeError, OutcomeCancelled, OutcomeExpired, OutcomeRunning, OutcomeFailed, OutcomeUnknown,
	}, o)
}

// Worst is the outcome of a run with several jobs.
func Worst(all ...Outcome) Outcome {
	return slices.MaxFunc(all, func(a, b Outcome) int { return cmp.Compare(a.Badness(), b.Badness()) })
}
