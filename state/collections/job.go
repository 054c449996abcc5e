package collections

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is how far a job is, by Atlas's words.
type State string

// The states of a job. Nothing cancels one, although there is a state for it.
const (
	Initializing State = "INITIALIZING"
	InProgress   State = "IN_PROGRESS"
	Finalizing   State = "FINALIZING"
	Successful   State = "SUCCESSFUL"
	Canceled     State = "CANCELED"
	Failed       State = "FAILED"
)

// Ended says whether nothing more is done. A state that is not known has not ended.
func (s State) Ended() bool { return s == Successful || s == Canceled || s == Failed }

// OfJob says whether it is one that Atlas documents of a job.
func (s State) OfJob() bool {
	return s.Ended() || s == Initializing || s == InProgress || s == Finalizing
}

// The states that a collection has beside those of a job.
const (
	NotStarted       State = "NOT_STARTED"
	NotFound         State = "NOT_FOUND"
	Unsupported      State = "UNSUPPORTED"
	Rollback         State = "ROLLBACK"
	NotRestored      State = "NOT_RESTORED"
	IndexBuildFailed State = "INDEX_BUILD_FAILED"
)

// Job is what a collection restore job has beside what every restore job has.
type Job struct {
	Asked     Asked // as Atlas echoes it
	State     State
	CreatedAt time.Time // Atlas tells it of these jobs only
	Why       string    // of one that failed or was cancelled: Atlas's words; else empty
	Documents Progress
	Indexes   IndexBuild
	// Parts are its collections, all of them; nil where they were not read. Atlas tells none
	// while the job is Initializing.
	Parts []Part
}

// Progress is how many documents have come, of how many. The total is an estimate, which
// changes; 0 where it is not known yet.
type Progress struct{ Restored, Total int64 }

// Share is from 0 to 1; false where no total is known, or more has come than was estimated.
func (p Progress) Share() (float64, bool) {
	if p.Total <= 0 || p.Restored > p.Total || p.Restored < 0 {
		return 0, false
	}
	return float64(p.Restored) / float64(p.Total), true
}

// Came is how far the whole job is: what its collections tell together, so that a figure of theirs and
// one of the job are never of two looks. Where not all of them tell a total it is what the job tells.
func (j Job) Came() Progress {
	var sum Progress
	for _, p := range j.Parts {
		if p.Documents.Total <= 0 {
			return j.Documents
		}
		sum.Restored, sum.Total = sum.Restored+p.Documents.Restored, sum.Total+p.Documents.Total
	}
	if len(j.Parts) == 0 {
		return j.Documents
	}
	return sum
}

// IndexBuild is how far the building of indexes is.
type IndexBuild struct {
	State  State // NotStarted, InProgress, Successful, Failed, NotRestored; empty where Atlas does not tell
	Failed int   // collections of which an index failed
	Why    string
	// Lost are the indexes of one collection that could not be built: by their names, or by their keys
	// where Atlas tells none.
	Lost []string
}

// without says which indexes there are not, by their names as far as Atlas tells those.
func (b IndexBuild) without() string {
	const most = 3
	switch n := len(b.Lost); {
	case n == 0:
		return "an index could not be built"
	case n == 1:
		return "index " + b.Lost[0] + " is not"
	case n > most:
		return "indexes " + strings.Join(b.Lost[:most], ", ") + fmt.Sprintf(" and %d more are not", n-most)
	}
	return "indexes " + strings.Join(b.Lost, ", ") + " are not"
}

// failed says whether an index is known not to have been built.
func (b IndexBuild) failed() bool { return b.State == Failed || len(b.Lost) > 0 }

// Part is one collection of a job as Atlas tells it.
type Part struct {
	Source    Name
	Asked     Name // the name that was asked for
	Real      Name // the name that it has: another one where the asked one was taken; zero while it is not known
	State     State
	Documents Progress
	Indexes   IndexBuild
}

// Renamed says whether it came back as another name than was asked for.
func (p Part) Renamed() bool { return p.Real != (Name{}) && p.Real != p.Asked }

// Good says whether it came back, with all indexes that were asked for.
func (p Part) Good() bool { return p.State == Successful && !p.Indexes.failed() }

// Bad says whether it is known not to have come back, or not with all indexes that were asked for. What Atlas
// does not tell, calls by a word that is not known here, or says to go on is neither bad nor good.
func (p Part) Bad() bool {
	switch p.State {
	case NotFound, Unsupported, Rollback, NotRestored, Failed, IndexBuildFailed, Canceled:
		return true
	case NotStarted, Initializing, InProgress, Finalizing, Successful:
	}
	return p.Indexes.failed()
}

// Reason says in a sentence what a collection's state means for whoever waits for it.
func (p Part) Reason() string {
	switch p.State {
	case Successful:
		if p.Indexes.failed() {
			return "documents are there, " + p.Indexes.without()
		}
		return "restored"
	case NotStarted:
		return "waits for its turn"
	case InProgress:
		return "documents are being restored"
	case Finalizing:
		return "documents are there, the rest is being finished"
	case NotFound:
		return "there is no such collection in what is restored"
	case Unsupported:
		return "Atlas does not restore its kind: a view, a time series, or one with queryable encryption"
	case Rollback:
		return "was taken back, since another collection failed"
	case NotRestored:
		return "was not restored, since the job ended before its turn"
	case IndexBuildFailed:
		return "documents are there, " + p.Indexes.without()
	case Failed:
		return "failed"
	case Initializing, Canceled: // a job's only
	}
	if p.State == "" {
		return "has no state: whether it came back is not known"
	}
	return fmt.Sprintf("is %s, which is not known here", p.State)
}

// End is what came of a job.
type End struct {
	// Good says that the job is SUCCESSFUL, and that every collection that was told is, and
	// that whatever was chosen by name is among them.
	Good bool
	Bad  []Part // those that did not come back, or of which an index could not be built
	Open []Part // those of which neither that nor a success is told
	// Untold are the names that were chosen and of which the list tells nothing: a success was
	// not seen there.
	Untold []Name
	Why    string // the job's own reason; else empty
}

// End judges a job that has ended by itself and by its collections, which were read. A job that
// is SUCCESSFUL may still have left collections out.
func (j Job) End() End {
	end := End{Why: j.Why}
	for _, p := range j.Parts {
		switch {
		case p.Bad():
			end.Bad = append(end.Bad, p)
		case !p.Good():
			end.Open = append(end.Open, p)
		}
	}
	for _, one := range slices.Concat(j.Asked.Databases, j.Asked.Collections) {
		n, err := Parse(one.Source)
		if err != nil || !slices.ContainsFunc(j.Parts, func(p Part) bool { return n.Covers(p.Source) }) {
			end.Untold = append(end.Untold, n)
		}
	}
	end.Good = j.State == Successful && j.Indexes.State != Failed && len(j.Parts) > 0 && len(end.Bad)+len(end.Open)+len(end.Untold) == 0
	return end
}
