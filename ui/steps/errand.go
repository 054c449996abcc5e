package steps

import (
	"slices"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// errand is one restore of a run, from its first question to its job. A run has several where
// another restore is begun while a job is followed: that goes on beside it.
type errand struct {
	Plan   state.Plan
	Follow *watch.Follow // the job of the request that was accepted; nil before

	path []state.Step // the way to the present step
	// checks are those of the review, nil while they are not made; accepted are the unknown
	// ones among them that somebody has taken for what they are.
	checks   []state.Check
	accepted []string
	judged   []state.Check // the checks of the last review, and what was accepted there
	judgedAs []string
	base     state.Snapshot   // that a moment begins with, once it was seen
	refused  refusal          // since a restore runs on the target
	facts    state.Facts      // that the checks were made of
	newest   []state.Snapshot // of its snapshots, those that the checks tell of
	evident  state.Plan       // as a search has last proposed its moment, or its snapshot; zero for none
	safety   state.Safety     // the snapshot of the target that was wanted before
	kept     state.Kept       // that snapshot, as it was when the restore was confirmed; zero for none
	asked    TakeRequest      // the request for it
	point    bool             // the moment is the line that is changed
	editing  bool             // a line of the plan is changed: the review follows
	passing  bool             // the cluster was chosen with its project: its step is passed by
	direct   bool             // so the plan's cluster was answered
	onto     state.Cluster    // what the job overwrites, as it was listed; zero where it was not
	foreign  bool             // the journal does not know the job
	replay   *Replay          // the plan file that it is run from; nil for none
	saved    *SavedPlan       // its plan file; nil while none was written
	undone   int              // of what remains to be done once the job has ended, as far as it is known
	fetch    *Fetching        // of a download: how it stands with its files; nil for other jobs
	drill    *Drilling        // of a drill: how it stands with its checks; nil for other jobs
	read     bool             // the end of the job was on the screen
	said     *Said            // what it is for
}

// Job is a job of this run, whatever is on the screen.
type Job struct {
	*watch.Follow
	Plan    state.Plan
	Target  state.Cluster // what it overwrites, as it was listed; zero where it was not
	Here    bool          // it is the one on the screen
	Read    bool          // its end was on the screen
	Undone  int           // of what remains to be done
	Foreign bool          // the journal does not know it
	Fetch   *Fetching     // of a download: how it stands with its files; nil for other jobs
	Drill   *Drilling     // of a drill: how it stands with its checks; nil for other jobs
	Said    *Said         // what it is for
	Kept    state.Kept    // the snapshot of what the target held before; zero for none
}

// Jobs are all jobs of the run, in the order in which they were asked for.
func (s *Session) Jobs() []Job {
	var out []Job
	for _, e := range s.errands {
		if e.Follow != nil {
			out = append(out, e.job(e == s.errand))
		}
	}
	return out
}

func (e *errand) job(here bool) Job {
	return Job{Follow: e.Follow, Plan: e.Plan, Target: e.onto, Here: here, Read: e.read, Undone: e.undone, Foreign: e.foreign, Fetch: e.fetch, Drill: e.drill, Said: e.said, Kept: e.kept}
}

// Job is the job of the present restore; false before it has one.
func (s *Session) Job() (Job, bool) {
	if s.Follow == nil {
		return Job{}, false
	}
	return s.job(true), true
}

// Lives says whether something becomes of the job yet: it runs, its outcome is not known, its files
// are fetched, or its links can be used.
func (s *Session) Lives(j Job) bool {
	now := s.Cfg.Now()
	switch f := j.Fetch; {
	case j.Drill != nil && (j.Drill.Busy || j.Drills(now)):
		return true
	case f == nil:
	case f.Busy, f.Asks:
		return true
	case f.Downloaded():
		return false
	}
	return !j.Over(now) || j.State(now) == state.Ready
}

// Living are the jobs that live.
func (s *Session) Living() []Job {
	return slices.DeleteFunc(s.Jobs(), func(j Job) bool { return !s.Lives(j) })
}

// Again begins another restore of the same project, or goes on with the one that was begun; the
// job on the screen goes on beside it. False where none is followed.
func (s *Session) Again() bool {
	if s.Step() != StepJob {
		return false
	}
	for _, e := range s.errands {
		if e.Follow == nil {
			s.errand = e
			return true
		}
	}
	e := &errand{Plan: state.Plan{Project: s.Plan.Project, Practice: s.Plan.Practice, Drill: s.Plan.Drill}, path: []state.Step{state.StepProject}, said: s.said.further()}
	s.errand, s.errands = e, append(s.errands, e)
	s.err, s.search = nil, nil
	s.Cfg.Given = state.Given{}                                                                                      // it was said of the first one
	s.Seen.Marked = nil                                                                                              // what was marked, and that it overwrites
	s.Seen.Clusters, s.Seen.Dedicated, s.Seen.Past = map[string][]state.Cluster{}, map[string][]state.Cluster{}, nil // a restore changes them
	return true
}

// Begun says whether another restore was begun and is not submitted.
func (s *Session) Begun() bool {
	return slices.ContainsFunc(s.errands, func(e *errand) bool { return e.Follow == nil })
}

// Next shows the next job of the run, and after the last one what is being asked for. From
// there it leads to the job that matters most. False where there is nothing else, or where
// nothing else may be looked at: a request is under way, or its job is looked for.
func (s *Session) Next() bool {
	if len(s.errands) < 2 || s.sending || s.Searching() || s.Step() == StepTake || s.Step() == StepSafety {
		return false
	}
	if j, ok := s.Beside(); ok && s.Follow == nil {
		for _, e := range s.errands {
			if e.Follow == j.Follow {
				s.errand = e
			}
		}
		return true
	}
	at := slices.Index(s.errands, s.errand)
	s.errand = s.errands[(at+1)%len(s.errands)]
	return true
}

// Beside is the job that matters most among those that are not on the screen: one whose end
// nobody has read, the worst first, then one that runs, then links that can be used, then what
// remains to be done. False where none matters any more.
func (s *Session) Beside() (Job, bool) {
	now := s.Cfg.Now()
	rank := func(j Job) int {
		switch out := j.Outcome(now); {
		case j.Fetch != nil && (j.Fetch.Busy || j.Fetch.Asks):
			return 50
		case j.Fetch != nil && j.Fetch.Done != nil && !j.Fetch.Seen:
			return 100 + out.Badness()
		case !j.Read && j.Over(now):
			return 100 + out.Badness()
		case !j.Over(now):
			return 50
		case s.Lives(j):
			return 10
		case j.Undone > 0:
			return 5
		}
		return 0
	}
	var most Job
	found := 0
	for _, j := range s.Jobs() {
		if n := rank(j); !j.Here && n > found {
			most, found = j, n
		}
	}
	return most, found > 0
}

// Remains notes how much of what remains to be done after a job is not ticked off.
func (s *Session) Remains(f *watch.Follow, undone int) {
	for _, e := range s.errands {
		if e.Follow == f {
			e.undone = undone
		}
	}
}

// Read notes that the job on the screen is shown as it stands.
func (s *Session) Read() {
	s.read = s.Follow != nil && s.Follow.Over(s.Cfg.Now())
	if s.fetch != nil {
		s.fetch.Seen = s.fetch.Done != nil
	}
}

// Share has the jobs of the run looked at in turn: all of them together are looked at no more
// often than one alone would be.
func (s *Session) Share() {
	var live []*watch.Follow
	for _, j := range s.Jobs() {
		if s.Lives(j) {
			live = append(live, j.Follow)
		}
	}
	for _, f := range live {
		f.Shares = len(live)
	}
}

// submittedBefore says whether a request of another restore of this run was accepted.
func (s *Session) submittedBefore() bool { return len(s.Jobs()) > 0 && s.Follow == nil }

// ID is the job's id.
func (j Job) ID() string { return j.Job.ID }
