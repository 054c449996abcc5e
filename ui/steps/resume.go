package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// StepResume is the step before the first one, where an earlier run has left something
// unfinished.
const StepResume state.Step = -2

// Leftover is what an earlier run has left: a request that may have become a job, a job
// whose end was not seen, or a plan that was not submitted.
type Leftover struct {
	journal.Submission
	Plan *state.Given // a plan: what had been answered; nil for a submission
}

// first is the step that a run begins with, once somebody has signed in. Whoever gives
// answers by flags knows what is wanted, and is told of what is in doubt only. Answers that
// were written before are none to a question that is not always asked: it is not asked, and
// what was left is told.
func (s *Session) first() state.Step {
	if s.Cfg.Coach != nil && !s.Cfg.Briefed {
		return StepBriefing
	}
	left := leftovers(s.Cfg)
	if !s.Cfg.Wanted && !s.Cfg.Piped && len(left) > 0 {
		return StepResume
	}
	var told []string
	for _, l := range left {
		if doubt := l.Plan == nil && (l.Doubtful() || l.Lost(s.Cfg.Now())); doubt && len(told) == 0 || !s.Cfg.Wanted {
			told = append(told, l.told(s.Cfg))
		}
	}
	s.Cfg.Notice = strings.TrimSpace(strings.Join(append(told, s.Cfg.Notice), " "))
	return state.StepProject
}

// told is what was left, where nobody is asked what to do with it.
func (l Leftover) told(cfg Config) string {
	row := unfinishedRow(l, cfg)
	switch {
	case l.Plan != nil:
		return fmt.Sprintf("Left %s: %s, not submitted.", state.Ago(l.Time, cfg.Now()), row.Name)
	case l.Doubtful() || l.Lost(cfg.Now()):
		return fmt.Sprintf("%s, %s: its outcome is unknown.%s", row.Name, state.Ago(l.Time, cfg.Now()), does(cfg.LookCommand(l.ID), "looks for it"))
	}
	if l.Fetching(cfg.Now()) {
		return fmt.Sprintf("%s, %s: %s%s", row.Name, state.Ago(l.Time, cfg.Now()), earlier(l.Files, cfg.Now()), does(cfg.elsewhere("download", l.JobID, state.Cluster{}, "--out", l.Files.Dir), "goes on with it"))
	}
	return fmt.Sprintf("%s, %s: its end was not seen.%s", row.Name, state.Ago(l.Time, cfg.Now()), does(cfg.WatchCommand(l.JobID, state.Cluster{}), "follows it"))
}

// leftovers are what earlier runs have left in this Atlas, the newest first.
func leftovers(cfg Config) []Leftover {
	const long = 3 * 24 * time.Hour
	var out []Leftover
	for _, s := range slices.Backward(cfg.History) {
		if s.Endpoint == cfg.Endpoint && s.Open(cfg.Now()) {
			out = append(out, Leftover{Submission: s})
		}
	}
	again := func(l Leftover) bool { // the plan is that of a request in doubt
		return cfg.Plan != nil && l.ClusterName == cfg.Plan.Given.Cluster && l.Body.TargetClusterName == cfg.Plan.Given.TargetCluster
	}
	if p := cfg.Plan; p != nil && !slices.ContainsFunc(out, again) && p.Endpoint == cfg.Endpoint && cfg.Now().Sub(p.Time) < long {
		out = append(out, Leftover{Submission: journal.Submission{Entry: journal.Entry{Time: p.Time}}, Plan: &p.Given})
	}
	return out
}

// Leftovers asks whether to take something up again.
func Leftovers(cfg Config) List[Leftover] {
	fresh := Leftover{}
	l := List[Leftover]{
		Step: StepResume, Noun: "restore", Columns: []columns.Column{{}, {Rank: 1}, {Rank: 2, Short: len("59 min")}},
		Items: append(leftovers(cfg), fresh),
		Row:   func(u Leftover) Row { return unfinishedRow(u, cfg) },
		Take:  (*Session).takeUp,
		Usual: true,
		Meaning: func(u Leftover, ok bool) string {
			if !ok {
				return "An earlier run has left something unfinished."
			}
			return u.meaning(cfg) + u.when(cfg)
		},
	}
	return l
}

// meaning says what becomes of it if it is taken up.
func (l Leftover) meaning(cfg Config) string {
	switch now := cfg.Instant(); {
	case l.Plan != nil:
		return "Nothing was submitted of it. It is asked on from where it was left."
	case l.Doubtful():
		return "A request was sent, and its outcome was not seen: its job is looked for now. Nothing else can be submitted to that cluster before."
	case l.Lost(now):
		return "A request was sent, its outcome was not seen and its job not found. It is looked for once more."
	case l.Fetching(now) && l.Files.NoRanges():
		return earlier(l.Files, now)
	case l.Fetching(now):
		return earlier(l.Files, now) + " What is there is gone on with, as long as its links are good."
	case l.Unfinished():
		return "Restore job " + l.JobID + " is looked at, and followed to its end."
	}
	return "Whatever runs goes on in Atlas."
}

// when says how old it is, after a space: its column gives way to a long name.
func (l Leftover) when(cfg Config) string {
	did := "Asked"
	switch {
	case l.Plan != nil:
		did = "Left"
	case l.ID == "":
		return ""
	case l.Doubtful(), l.Lost(cfg.Instant()):
		did = "Sent"
	}
	return " " + did + " " + state.Ago(l.Time, cfg.Instant()) + "."
}

func unfinishedRow(u Leftover, cfg Config) Row {
	now := cfg.Instant()
	age := func() string { return state.Ago(u.Time, cfg.Instant()) }
	switch {
	case u.Plan != nil:
		what := "the plan: " + u.Plan.Cluster
		if u.Plan.TargetCluster != "" {
			what += map[bool]string{true: " into ", false: " onto "}[u.Plan.Only != nil] + u.Plan.TargetCluster
		}
		return Row{ID: "plan", Name: what, Passing: []string{age()}, Cells: []string{what, "not submitted", age()}, Age: age, AgeAt: 2}
	case u.ID == "":
		return Row{ID: "new", Name: "a new restore", Cells: []string{"a new restore", "", ""}}
	}
	what := JobTitle(PlanOf(u.Submission))
	r := Row{ID: u.ID, Name: what, Passing: []string{age()}, Cells: []string{what, "", age()}, Age: age, AgeAt: 2}
	switch {
	case u.Doubtful() || u.Lost(now):
		r.Warning = "outcome unknown"
	case u.Fetching(now):
		r.Cells[1] = "not all fetched"
	default:
		r.Cells[1] = "end not seen"
	}
	return r
}

// takeUp goes on with what an earlier run has left.
func (s *Session) takeUp(u Leftover) {
	switch {
	case u.Plan != nil:
		s.Cfg.Given = *u.Plan
		s.path = append(s.path, state.StepProject)
	case u.ID == "":
		s.path = append(s.path, state.StepProject)
	default:
		s.Resume(u.Submission)
	}
}

// Resume follows the job of a submission of an earlier run, or looks for it.
func (s *Session) Resume(of journal.Submission) {
	now := s.Cfg.Now()
	s.Plan = PlanOf(of)
	s.Plan.Practice = s.Cfg.Mode == Training // no journal says that
	if s.kept = (state.Kept{}); of.Safety != nil {
		s.kept = *of.Safety
	}
	if of.JobID == "" {
		p := Unknown(s.Plan, nil)
		p.Why = strings.TrimSpace(fmt.Sprintf("That was at %s. ", state.UTCSecond(of.Time, now)) + NamedWords(of.Named))
		s.seek(submit.NewSearch(s.Plan.Cluster, of.Entry, now), p)
		return
	}
	f := watch.Resume(state.Job{
		ID: of.JobID, Family: of.Body.Family, DeliveryType: of.Body.DeliveryType, SnapshotID: of.Body.SnapshotID,
		TargetProjectID: of.Body.TargetProjectID, TargetClusterName: of.Body.TargetClusterName, Collections: of.Body.Job(),
	}, now)
	for _, id := range of.Others {
		f.Others = append(f.Others, state.Other{Source: s.Plan.Cluster, Job: state.Job{ID: id, DeliveryType: of.Body.DeliveryType, Unreadable: "it was seen before"}})
	}
	s.foreign = of.Endpoint == ""
	s.follow(f)
	if s.fetch != nil {
		s.fetch.Before = of.Files
	}
}

// PlanOf is the plan of a submission, as far as the journal knows it.
func PlanOf(of journal.Submission) state.Plan {
	b := of.Body
	p := state.Plan{
		Project:  state.Project{ID: of.ProjectID, Name: named(of.ProjectName, of.ProjectID)},
		Cluster:  state.Cluster{Family: b.Family, ProjectID: of.ProjectID, Name: of.ClusterName},
		Snapshot: state.Snapshot{ID: b.SnapshotID, Status: "completed"},
		Delivery: b.DeliveryType,
		Instant:  state.Instant{UTCSeconds: b.PointInTimeUTCSeconds, OplogTs: b.OplogTs, OplogInc: b.OplogInc},
		Evidence: of.Evidence,
		Drill:    of.Drill,
	}
	if b.Asked != nil {
		p.Only, _ = b.Asked.Choice() // the journal has checked it
	}
	for _, name := range of.ReplicaSets {
		p.Snapshot.Members = append(p.Snapshot.Members, state.Member{ReplicaSet: name})
	}
	if of.SnapshotAt != nil {
		p.Snapshot.CreatedAt = *of.SnapshotAt
	}
	if b.DeliveryType.HasTarget() {
		p.Target = state.Target{Project: state.Project{ID: b.TargetProjectID, Name: named(of.TargetProjectName, b.TargetProjectID)}, ClusterName: b.TargetClusterName}
	}
	return p
}

func named(name, id string) string {
	if name == "" {
		return id
	}
	return name
}
