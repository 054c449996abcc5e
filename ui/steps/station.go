package steps

import (
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// Station is one on the way of a job: what was seen of it, and when.
type Station struct {
	Name string
	At   time.Time // zero where nobody has seen when
	Seen bool      // else it is to come
}

// Stations are those of a job: it was asked for, seen to run, and has ended. A station that
// nobody has seen is none: a job that had ended at the first look was not seen to run.
func Stations(f *watch.Follow, now time.Time) []Station {
	out := []Station{{"asked", f.Job.CreatedAt(), true}}
	st := f.State(now)
	if !f.RunningAt.IsZero() {
		out = append(out, Station{"seen running", f.RunningAt, true})
	}
	end := Station{Name: state.Completed.String(), At: f.EndedAt}
	if f.Job.DeliveryType == state.Download {
		end.Name = state.Ready.String()
	}
	switch {
	case f.Job.MayRun(now):
		if f.RunningAt.IsZero() && !f.Gone {
			out = append(out, Station{Name: "seen running"})
		}
	case st == state.Expired && f.EndedAt.Before(f.Job.ExpiresAt): // it was seen ready
		end.Name, end.Seen = seenEnd(f, end.Name), true
		return append(out, end, Station{st.String(), f.Job.ExpiresAt, true})
	case st == state.Expired:
		return append(out, Station{st.String(), f.Job.ExpiresAt, true})
	default:
		end.Name, end.Seen = seenEnd(f, st.String()), true
	}
	return append(out, end)
}

// seenEnd is the name of the end: where it may have come long before, the time beside it tells when it was seen.
func seenEnd(f *watch.Follow, name string) string {
	if f.SeenLate {
		return "seen " + name
	}
	return name
}

// Elapsed is for how long a job runs, against what is usual here.
type Elapsed struct {
	For   time.Duration
	Usual journal.Took
	Known string // what Atlas's documentation tells, where none was seen here
}

// ElapsedOf is that of a job that runs; false where nobody knows since when.
func ElapsedOf(cfg Config, j Job, now time.Time) (Elapsed, bool) {
	at := j.Job.CreatedAt()
	return Elapsed{max(0, now.Sub(at)), Usual(cfg, j.Plan), KnownToTake(j.Plan)}, !at.IsZero()
}

// Part is the part of the longest usual time that has passed, from 0 to 1; false where there is
// none to measure by, or more than that has passed.
func (e Elapsed) Part() (float64, bool) {
	if e.Usual.Of == 0 || e.For > e.Usual.Longest {
		return 0, false
	}
	return float64(e.For) / float64(e.Usual.Longest), true
}

// Past says whether it takes longer than any job before did here.
func (e Elapsed) Past() bool { return e.Usual.Of > 0 && e.For > e.Usual.Longest }

// Words say it in one clause.
func (e Elapsed) Words() string {
	here := "here (" + state.Count(e.Usual.Of, "job") + e.span() + ")"
	switch {
	case e.Usual.Of == 0:
		return state.Age(e.For) + " so far. " + e.Known
	case e.Past() && e.Usual.Of == 1:
		return fmt.Sprintf("%s: longer than the one job before, which took %s here", state.Age(e.For), state.Age(e.Usual.Longest))
	case e.Past():
		return fmt.Sprintf("%s: longer than ever %s", state.Age(e.For), here)
	}
	return fmt.Sprintf("%s of usually %s %s", state.Age(e.For), state.Age(e.Usual.Median), here)
}

// Brief says it in a few words.
func (e Elapsed) Brief() string {
	if e.Usual.Of == 0 {
		return state.Age(e.For) + " so far"
	}
	if e.Past() {
		return state.Age(e.For) + ", usually " + state.Age(e.Usual.Median)
	}
	return state.Age(e.For) + " of usually " + state.Age(e.Usual.Median)
}

// span is from the shortest to the longest, where they differ as they are told.
func (e Elapsed) span() string {
	if a, b := state.Age(e.Usual.Shortest), state.Age(e.Usual.Longest); a != b {
		return ", " + a + " to " + b
	}
	return ""
}

// Role is what something stands for: a face shows it by a mark and a colour.
type Role int

// The roles.
const (
	Running Role = iota
	Good
	Danger
	Plain
	Caution
)

// lateAnswer is for how long an answer to a look is waited for before what was seen is told as old.
const lateAnswer = 10 * time.Second

// stale says whether the state of a job that was seen may not hold any more. It is waited for by the
// clock on the wall, however fast that of Now is.
func (c Config) stale(j Job, now time.Time) bool {
	return j.Stale(now, time.Duration(float64(lateAnswer)*max(c.Pace, 1)))
}

// LastSeen is how long ago a job was as Standing has it, after a comma; empty where it is so as far as
// anybody can know.
func LastSeen(cfg Config, j Job, now time.Time) string {
	at := j.Job.CreatedAt()
	switch _, role := Standing(cfg, j, now); {
	case role == Caution && j.Answered():
		return ", " + state.Age(now.Sub(j.LookedAt)) + " ago"
	case role == Caution && !at.IsZero():
		return ", asked " + state.Ago(at, now)
	}
	return ""
}

// Standing is the state of a job in capitals, and its role: Caution where it was seen so, and may be
// otherwise by now.
func Standing(cfg Config, j Job, now time.Time) (word string, role Role) {
	st := j.State(now)
	if word, role := j.Fetch.standing(st); word != "" {
		return word, role
	}
	if word, role := j.drillStanding(now); word != "" {
		return word, role
	}
	switch {
	case j.Gone && st == state.InProgress:
		return "UNKNOWN", Danger
	case j.Unseen && !st.Ended():
		return "LOOKING", Running
	case st == state.Doubtful:
		return "UNKNOWN", Danger
	case st.Ended() && len(j.Others) > 0 && j.Outcome(now) == state.OutcomeUnknown:
		return strings.ToUpper(st.String()) + ", AND ANOTHER JOB", Danger
	case cfg.stale(j, now) && !j.Answered():
		return "NO ANSWER YET", Caution
	case cfg.stale(j, now):
		return strings.ToUpper(st.String()) + " when last seen", Caution
	case st == state.InProgress:
		return "RUNNING", Running
	case st == state.Completed, st == state.Ready:
		return strings.ToUpper(st.String()), Good
	}
	return strings.ToUpper(st.String()), Danger
}

// Besides says in one line how the job stands that matters most among those that are not on the
// screen, and how many others there are; empty where none matters.
func (s *Session) Besides(now time.Time) (words string, role Role) {
	j, ok := s.Beside()
	if !ok {
		if s.Follow != nil && s.Begun() {
			return "another restore is begun, not submitted", Plain
		}
		return "", Plain
	}
	words, role = Brief(s.Cfg, j, now)
	more := 0
	for _, o := range s.Jobs() {
		if !o.Here && o.Follow != j.Follow && (s.Lives(o) || !o.Read) {
			more++
		}
	}
	if more > 0 {
		words += fmt.Sprintf("; and %d more", more)
	}
	return words, role
}

// Brief is a job and how it stands, in one line.
func Brief(cfg Config, j Job, now time.Time) (words string, role Role) {
	name, kind := j.Plan.Target.ClusterName, "restore"
	if j.Plan.Drill {
		kind = "drill"
	}
	if j.Plan.Delivery == state.Download {
		name, kind = j.Plan.Cluster.Name, "download"
	}
	word, role := Standing(cfg, j, now)
	words = name + ": " + kind + " "
	st := j.State(now)
	switch {
	case j.Fetch != nil && j.Fetch.Busy:
		return words + j.Fetch.brief(), role
	case j.Fetch != nil && (j.Fetch.Done != nil || j.Fetch.Downloaded()):
		return words + word, role
	case role == Caution:
		return words + word + LastSeen(cfg, j, now), role
	case word == "RUNNING":
		words += "running"
		if e, ok := ElapsedOf(cfg, j, now); ok {
			words += ", " + e.Brief()
		}
		return words, role
	case word == "LOOKING":
		return words + "is looked at, no answer yet", role
	case st == state.Ready && !j.Job.ExpiresAt.IsZero():
		return words + word + ", links expire " + state.FromNow(j.Job.ExpiresAt, now), role
	}
	words += word
	if st != state.Expired && st.Ended() {
		words += j.After()
	}
	if j.Undone > 0 {
		words += fmt.Sprintf(", %d to do", j.Undone)
	}
	return words, role
}
