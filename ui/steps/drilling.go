package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/drill"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
)

// Drilling is how it stands with the checks of a drill once its job has ended: pure data, so that every
// face tells the same.
type Drilling struct {
	drill.Standing
	Busy bool           // they are being made
	Was  *record.Record // they were made, as this record has them; nil for not yet
}

// Drilled is a drill whose checks were made: they are told as its record has them, and not made once more, as the target
// holds by now what came later.
func Drilled(was record.Record) Drilling {
	d := Drilling{Was: &was}
	if d.Over = true; was.Times.Verified != nil {
		d.At = *was.Times.Verified
	}
	return d
}

// left says whether the checks were left before all was seen, or never begun.
func (d *Drilling) left() bool { return !d.Over || d.Cut }

// Drills says whether the checks of a drill are due: its job was seen to end well, and nobody has begun.
func (j Job) Drills(now time.Time) bool {
	return j.Drill != nil && !j.Drill.Busy && !j.Drill.Over && !j.Unseen && !j.Gone && j.State(now) == state.Completed
}

// Drill gives what makes the checks of a drill. It tells how they stand as they come; the end of its
// context leaves as not seen what was not.
func Drill(cfg Config, j Job) func(ctx context.Context, tell func(Drilling)) Drilling {
	o := drillOrder(cfg, j)
	clock := drill.Clock{Now: cfg.Now, Wait: cfg.waitUntil}
	return func(ctx context.Context, tell func(Drilling)) Drilling {
		d := Drilling{Standing: drill.Run(ctx, cfg.Atlas, o, clock, func(s drill.Standing) { tell(Drilling{Standing: s, Busy: true}) })}
		if done := j; cfg.Coach != nil {
			done.Drill = &d
			if r, ok := done.judged(cfg.Now()); ok {
				cfg.Coach.Note(state.NoteDrilled, string(r.Result))
			}
		}
		return d
	}
}

// waitUntil waits until an instant on the clock; false where ctx ended before. A clock that jumps is
// noticed.
func (c Config) waitUntil(ctx context.Context, until time.Time) bool {
	for c.Now().Before(until) {
		t := time.NewTimer(min(c.Every(until.Sub(c.Now())), time.Second))
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
	return ctx.Err() == nil
}

func drillOrder(cfg Config, j Job) drill.Order {
	p := j.Plan
	o := drill.Order{
		Source: p.Cluster, Target: state.Cluster{Family: p.Cluster.Family, ProjectID: p.Target.Project.ID, Name: p.Target.ClusterName},
		Snapshot: p.Snapshot, Done: j.EndedAt, Verify: cfg.Verify,
	}
	if o.Source.ProjectID == "" {
		o.Source.ProjectID = p.Project.ID
	}
	data := p.Snapshot.When()
	if p.ByMoment() {
		o.Snapshot, o.Instant, data = state.Snapshot{}, p.Instant, p.Instant.Time()
	}
	o.About = []string{
		"ATLAS_RESTORE_JOB_ID=" + j.Job.ID, "ATLAS_RESTORE_DELIVERY_TYPE=" + string(p.Delivery), "ATLAS_RESTORE_SNAPSHOT_ID=" + o.Snapshot.ID,
		"ATLAS_RESTORE_DATA_OF=" + data.UTC().Format(time.RFC3339),
		"ATLAS_RESTORE_PROJECT=" + p.Project.Name, "ATLAS_RESTORE_CLUSTER=" + p.Cluster.Name,
		"ATLAS_RESTORE_TARGET_PROJECT=" + p.Target.Project.Name, "ATLAS_RESTORE_TARGET=" + p.Target.ClusterName,
	}
	if cfg.Mode == Training {
		o.About = append(o.About, "ATLAS_RESTORE_TRAINING=1")
	}
	return o
}

// afterDrill are the checks of a drill as its record has them. Search that could not be listed is told by the
// events of the restore, if they do.
func (s Summary) afterDrill() []record.After {
	if s.Drill == nil {
		return nil
	}
	if was := s.Drill.Was; was != nil {
		return slices.DeleteFunc(slices.Clone(was.After), func(c record.After) bool { return c.Name == record.JobCheck || c.Name == record.AloneCheck })
	}
	stand := s.Drill.Standing
	if len(stand.Looks) == 0 {
		stand = drill.Order{}.Begun()
	}
	out := stand.Afters()
	for i, c := range out {
		if c.Name != drill.Indexes || c.Finding != record.Unseen || s.Search.At.IsZero() {
			continue
		}
		out[i].Found, out[i].Finding, out[i].Source = searchBack(s.Search, s.Now), record.Passed, "Atlas, the events of the target's project"
		if s.Search.Failed {
			out[i].Finding = record.Failed
		}
	}
	return out
}

// drilled is what a drill has come to; false for what is none, or has no job that ended well.
func (s Summary) drilled() (record.Record, bool) {
	if s.Drill == nil || s.Job.ID == "" || s.reached() != state.OutcomeCompleted {
		return record.Record{}, false
	}
	if s.Drill.Was != nil {
		return *s.Drill.Was, true
	}
	return record.Record{After: s.after(record.Record{})}.Judged(), true
}

// outcome is that of the restore, or of a drill whose job has ended well what its checks have come to: no
// success is told that was not seen.
func (s Summary) outcome() state.Outcome {
	r, ok := s.drilled()
	if !ok || s.Outcome != state.OutcomeCompleted {
		return s.Outcome
	}
	switch r.Result {
	case record.Pass:
		return s.Outcome
	case record.Fail:
		return state.OutcomeFailed
	case record.Incomplete:
	}
	return state.OutcomeUnknown
}

// judged is what the checks of a job's drill have come to by now.
func (j Job) judged(now time.Time) (record.Record, bool) {
	return Summary{Outcome: j.Follow.Outcome(now), Plan: j.Plan, Job: j.Job, Gone: j.Gone, Unseen: j.Unseen, Others: j.Others, Unlisted: j.Unlisted, Search: j.Search, Drill: j.Drill, Now: now}.drilled()
}

// drillStanding is how the checks of its drill stand, in capitals; empty where the job says more.
func (j Job) drillStanding(now time.Time) (word string, role Role) {
	switch r, ok := j.judged(now); {
	case !ok || j.Unseen || j.Gone:
		return "", Plain
	case !j.Drill.Over:
		return "CHECKING", Running
	case r.Result == record.Pass:
		return "PASS", Good
	default:
		return string(r.Result), Danger
	}
}

// DrillRow is one check of a drill.
type DrillRow struct {
	Name, Word, Text string // Word is its finding, or what it waits for
	Role             Role
}

// DrillRows are the checks of a drill, a row each; none before its job has ended well.
func DrillRows(j Job, now time.Time) []DrillRow {
	if _, ok := j.judged(now); !ok {
		return nil
	}
	looks := j.Drill.Looks
	var out []DrillRow
	if j.Drill.Over {
		sum := Summary{Search: j.Search, Drill: j.Drill, Now: now}
		for _, c := range sum.afterDrill() {
			out = append(out, drillRow(c))
		}
		return out
	}
	for _, l := range looks {
		row := drillRow(l.After)
		if l.Finding == "" {
			row.Word, row.Role, row.Text = "looking", Running, l.Expected
			switch l.Waits {
			case "":
			case drill.Count: // which the sentence above says
				row.Word = "waiting"
			default:
				row.Word, row.Text = "waiting", l.Waits
			}
		}
		out = append(out, row)
	}
	return out
}

func drillRow(c record.After) DrillRow {
	row := DrillRow{Name: c.Name, Word: "not seen", Role: Danger, Text: c.Found}
	switch c.Finding {
	case record.Passed:
		row.Word, row.Role = "passed", Good
	case record.Failed:
		row.Word = "FAILED"
	case record.Unseen:
	}
	return row
}

// Line is the row as a sentence.
func (r DrillRow) Line() string {
	return r.Name + ": " + r.Word + ", " + strings.TrimRight(r.Text, ".") + "."
}

// DrillWords say how a drill stands, in a sentence or two; empty for none, and before its job has ended.
func DrillWords(cfg Config, j Job, now time.Time) string {
	r, ok := j.judged(now)
	switch {
	case !ok:
		return ""
	case !j.Drill.Over && !j.Drill.Next.IsZero():
		return fmt.Sprintf("What %s holds now is looked at. Atlas counts it every 20 min: the next count is awaited about %s.", j.Plan.Target.ClusterName, state.UTC(j.Drill.Next, now))
	case !j.Drill.Over:
		return fmt.Sprintf("What %s holds now is looked at.", j.Plan.Target.ClusterName)
	}
	return strings.TrimSpace(r.Why + " " + cfg.before(j, now))
}

// before says when a restore of the same source was proven last, before this drill; empty where nobody has
// looked, and where it is this drill.
func (c Config) before(j Job, now time.Time) string {
	if a, ok := c.proven(j.Plan.Project, j.Plan.Cluster.Name); ok && (a.JobID == "" || a.JobID != j.Job.ID) {
		return "Before this drill: " + a.Brief(now) + "."
	}
	return ""
}

// leftDrilling says what becomes of a drill that is left while its checks are made.
func (s *Session) leftDrilling(j Job) string {
	text := "its checks are being made. Left now, the drill is INCOMPLETE."
	if back := s.Cfg.Comeback(j); back != "" {
		text += " This makes them again: " + back
	}
	return text
}

// recentDays is how old a snapshot is at most that a drill takes by chance.
const recentDays = 30

// byChance is the row of one of the recent snapshots that can be chosen, by what the dice show; of any that
// can be, where none is recent; a safety snapshot where there is no other; -1 where none can be.
func byChance(rows Table, all []state.Snapshot, now time.Time, dice uint64) int {
	taken := map[string]time.Time{}
	for _, s := range all {
		taken[s.ID] = s.When()
	}
	var fits, others, aside []int
	for i := range rows.Len() {
		switch r := rows.Row(i); {
		case r.Barred != "":
		case r.Aside != "": // it may hold what a restore was to undo
			aside = append(aside, i)
		case now.Sub(taken[r.ID]) <= recentDays*24*time.Hour:
			fits = append(fits, i)
		default:
			others = append(others, i)
		}
	}
	for _, next := range [][]int{others, aside} {
		if len(fits) == 0 {
			fits = next
		}
	}
	if len(fits) == 0 {
		return -1
	}
	return fits[dice%uint64(len(fits))]
}

// NotDue is a drill that is not run, as a restore was proven lately enough.
type NotDue struct {
	ProvenAs
	After    time.Duration
	Now      time.Time
	Training bool
}

// Text says so for people.
func (n NotDue) Text() string {
	return fmt.Sprintf("A restore of %s was proven %s, at %s: within the last %s. Nothing was drilled.", n.cluster, days(n.At, n.Now), state.UTCSecond(n.At, n.Now), state.Age(n.After))
}

// Result says so for programs.
func (n NotDue) Result() Result {
	return Result{Outcome: state.OutcomeCompleted, Training: n.Training, Drill: &DrillResult{Why: n.Text(), Checks: []record.After{}, ProvenAt: known(n.At), NotDue: true}}
}

// DrillIsDue says whether a restore of a cluster was proven longer ago than a span, or never, or has failed
// since, and in words when it was. What cannot be known is an error.
func (p *Proven) DrillIsDue(endpoint, projectID, cluster string, after time.Duration, now time.Time) (as ProvenAs, due bool, err error) {
	as, ok := p.Of(endpoint, projectID, cluster)
	if !ok || as.err != nil {
		return as, false, fmt.Errorf("when a restore of %s was proven cannot be known: %w", cluster, cmp.Or(as.err, errNobodyLooked))
	}
	return as, as.Number == 0 || as.Failed > 0 || now.Sub(as.At) >= after, nil
}

var errNobodyLooked = errors.New("there are no records")

// LeftDrill is the newest drill of this machine whose job has ended well within a day and of which there is
// no record: its run was killed before its checks were made. False where there is none.
func LeftDrill(history []journal.Submission, recorded []record.Row, endpoint string, now time.Time) (journal.Submission, bool) {
	for _, of := range slices.Backward(history) {
		if !of.Drill || of.Endpoint != endpoint {
			continue
		}
		known := slices.ContainsFunc(recorded, func(r record.Row) bool { return r.JobID == of.JobID })
		return of, of.Status == string(state.OutcomeCompleted) && !known && now.Sub(of.EndAt) < 24*time.Hour
	}
	return journal.Submission{}, false
}
