package steps

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// Summary is what stays in the terminal when the screen is left, and what decides
// the exit code.
type Summary struct {
	Outcome   state.Outcome
	Mode      Mode
	Served    bool // see Config
	Plan      state.Plan
	Job       state.Job // zero if none is known
	Gone      bool      // it cannot be looked at any more; Problem says why
	Unseen    bool      // no look at it was answered: its state is not known
	RunningAt time.Time // of the first look that saw it run
	SeenAt    time.Time // when its state was seen, where that may not hold any more; zero where it is fresh
	Last      string    // … and what was seen, in words
	// Others are jobs that were seen beside it, Unlisted is why that could not be seen.
	Others    []state.Other
	Unlisted  error
	Search    watch.Search // whether Search came back on the target
	Drill     *Drilling    // what the checks of a drill have found; nil for other restores
	Proven    string       // of a drill: when a restore of the source was proven last, before it
	Kept      state.Kept   // the snapshot of what the target held before; zero for none
	Fetches   string       // the command that fetches the files of a download
	OnlyFiles bool         // files were asked for where nobody sits: no link is printed
	Fetched   *Download    // what became of the files of a download, where this run has fetched them; nil: it has not
	Before    string       // what an earlier run has fetched of them, in a sentence
	UsedUp    bool         // that was all, and each link works once: none is of use any more
	Doubts    []Doubted    // requests whose outcome was never seen
	Watch     string       // the command that follows the job
	// Snapshots were asked for on the way, each with its cluster; they go on whatever
	// becomes of the restore.
	Snapshots []string
	Earlier   []Summary         // the other jobs of the same run, each by itself
	Replaced  []Summary         // the downloads in whose place this one stands: they have records
	Debrief   *state.Debriefing // of a training scenario
	Checks    []CheckResult     // of its review
	Names     []NameResult      // the chosen collections on the target, as they stood at the last review
	Body      any               // of a dry run
	Erases    state.Called      // of a dry run: what the target is for
	Elsewhere []state.Elsewhere // the same
	Replay    *Replay           // the plan file that it was run from; nil for none
	Approval  state.Approval    // of that plan
	Glass     string            // why it was gone on with although an approval is needed; empty where it was not
	Saved     *SavedPlan        // the plan file that was written; nil for none
	// PlanCommands say what can be done with it.
	PlanCommands []string
	Problem      *state.Problem // what ended the run, if it could not go on
	Usage        bool           // that was flags or answers that cannot be obeyed
	Err          error          // its cause, or that of the doubt, or of the last look that failed
	Said         Said           // what it is for, as somebody has said meanwhile
	Recorded     []Recorded     // what the run has written down for later
	Now          time.Time
	ASCII        bool // the terminal shows nothing but ASCII

	noLinks bool
	stood   *state.JobState // the job, in the debrief; nil: as it was seen last
}

// Doubted is a request whose outcome was never seen.
type Doubted struct {
	state.Plan
	LookFor string   // the command that looks for its job; empty where none can
	Named   []string // the jobs that Atlas told of after it
}

// Debriefed adds what came of the scenario. Its moment is later than the last look at the
// job, and simulated time is fast: the job is as it stood then, here too.
func (s *Summary) Debriefed(d state.Debriefing) {
	s.Debrief = &d
	s.standAs(d)
	for i := range s.Earlier {
		s.Earlier[i].standAs(d)
	}
}

func (s *Summary) standAs(d state.Debriefing) {
	st, ok := d.Jobs[s.Job.ID]
	if !ok || s.Outcome == state.OutcomeUnknown || s.Fetched != nil {
		return
	}
	s.stood, s.Outcome = &st, st.Outcome()
}

// Overall is the outcome of the run: the worst of its jobs, if it has any.
func (s Summary) Overall() state.Outcome {
	worst := s.outcome()
	for _, e := range s.Earlier {
		worst = state.Worst(worst, e.outcome())
	}
	return worst
}

// ExitCode is that of the outcome, or in a scenario whether it was passed. Flags and answers
// that cannot be obeyed are a wrong command line.
func (s Summary) ExitCode() int {
	switch {
	case s.Debrief == nil && s.Outcome == state.OutcomeError && s.Usage:
		return state.ExitUsage
	case s.Debrief == nil:
		return s.Overall().ExitCode()
	case s.Debrief.Result.Passed:
		return 0
	}
	return state.OutcomeError.ExitCode()
}

// Text is the summary for people. Delivery URLs stand in it whole, each on a line of
// its own: this is the place where they are looked for.
func (s Summary) Text() string { return s.TextIn(0) }

// TextIn is Text for a terminal of w cells, as fold.Lines breaks it.
func (s Summary) TextIn(w int) string { return s.shown(s.text(), w) }

// TextWithoutLinks is the summary beside a result that has them: what is said there ends
// in the logs of others.
func (s Summary) TextWithoutLinks() string {
	s.noLinks = true
	return s.shown(s.text(), 0)
}

func (s Summary) shown(text string, w int) string {
	if s.Debrief != nil {
		text += "\n" + s.Debrief.Text + "\n"
	}
	text = fold.Lines(text, w)
	if s.ASCII {
		return ASCII(text)
	}
	return text
}

func (s Summary) text() string {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	switch {
	case s.Mode != Training:
	case s.Served:
		say("TRAINING: nothing here was real.")
	default:
		say("TRAINING: nothing here was real. Its jobs and links have ended with it.")
	}
	for _, e := range s.Earlier {
		e.Mode, e.noLinks = s.Mode, s.noLinks
		b.WriteString(e.own())
	}
	b.WriteString(s.own())
	for _, r := range s.Recorded {
		say("%s", r.says())
	}
	return b.String()
}

// own is what became of this restore, whatever else the run has restored.
func (s Summary) own() string {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	switch outcome := s.Outcome; {
	case s.Fetched != nil: // a job was made, whatever became of its files
		s.sayDoubts(say)
	case outcome == state.OutcomeError:
		if s.Problem != nil {
			say("%s", s.Problem.Text())
		}
		s.sayNothing(say)
		return b.String()
	case outcome == state.OutcomeAborted:
		s.sayNothing(say)
		s.saySaved(say)
		return b.String()
	case outcome == state.OutcomeDryRun:
		s.sayElsewhere(say)
		s.saySaved(say)
		return b.String()
	case outcome == state.OutcomeUnknown:
		s.sayDoubts(say)
		if s.Gone && s.Problem != nil {
			say("OUTCOME UNKNOWN: restore job %s was made, and cannot be looked at any more.", s.Job.ID)
			say("%s", s.subject(s.Plan))
			say("%s", s.Problem.Text())
			s.sayOthers(say)
		}
		if s.Unseen {
			say("OUTCOME UNKNOWN: restore job %s was looked at, and no answer has come: whether it runs, has ended or has failed is not known.", s.Job.ID)
			say("%s", s.subject(s.Plan))
			if s.Err != nil {
				say("%s", state.Explain("Looking at it", s.Err).Text())
			}
			s.sayOthers(say)
			if s.Watch != "" {
				say("To look again: %s", s.Watch)
			}
		}
		if s.Gone || s.Unseen || s.Job.ID == "" {
			return b.String()
		}
		if len(s.Others) > 0 {
			say("OUTCOME UNKNOWN: %s.", OthersBrief(s.Plan, s.Others))
		}
	default:
		s.sayDoubts(say)
	}
	reached := s.reached()
	words := string(reached)
	if s.Fetched != nil {
		words = s.Fetched.words()
	}
	if s.old() {
		words = s.Last
	}
	say("%s: %s.", s.subject(s.Plan), words)
	s.sayChosen(say)
	s.sayPlan(say)
	say("Restore job %s%s", s.Job.ID, s.times())
	s.sayParts(say)
	s.sayOthers(say)
	s.sayDrill(say)
	if s.Drill == nil && reached == state.OutcomeCompleted && (!s.Search.At.IsZero() || s.Search.Err != nil) {
		say("%s", searchBack(s.Search, s.Now))
	}
	if why := s.Job.Doubt(s.Now); why != "" && reached == state.OutcomeUnknown {
		say("%s %s", state.Sentence(why), JobMeaning(Config{}, s.Plan, state.Doubtful))
	}
	if s.Fetched == nil && (reached == state.OutcomeFailed || reached == state.OutcomeExpired) {
		say("%s", JobMeaning(Config{}, s.Plan, s.Job.State(s.Now)))
	}
	if c := wayBack(s.Plan, s.Kept, s.standing(), s.Now); c.Text != "" {
		say("%s", c.Line())
	}
	if s.Before != "" {
		say("%s", s.Before)
	}
	if s.Fetched != nil {
		b.WriteString(s.Fetched.rows())
		s.printLinks(say)
		return b.String()
	}
	if s.Mode == Training && !s.Served {
		// Its job and its links have ended with it.
		s.printLinks(say)
		return b.String()
	}
	if reached == state.OutcomeRunning {
		if s.Plan.Delivery.Overwrites() {
			say("%s is down until it ends, and it cannot be cancelled.", s.Plan.Target.ClusterName)
		}
		if s.old() {
			say("Whether it still runs was not seen. To look again: %s", s.Watch)
		} else {
			say("It goes on in Atlas. To follow it: %s", s.Watch)
		}
	}
	if reached == state.OutcomeReady && !s.UsedUp {
		if !s.Job.ExpiresAt.IsZero() {
			say("Each link works once, until %s.", state.UTCSecond(s.Job.ExpiresAt, s.Now))
		}
		s.printLinks(say)
		say("Take your address off the project's access list afterwards, if you have put it there.")
	}
	return b.String()
}

// standing is the state of the job, as far as this tells it.
func (s Summary) standing() state.JobState {
	if s.stood != nil {
		return *s.stood
	}
	return s.Job.State(s.Now)
}

// old says whether what was seen of the job may not hold any more.
func (s Summary) old() bool { return s.Last != "" && s.stood == nil && s.Fetched == nil }

// reached is the outcome of the job alone, whatever was seen beside it.
func (s Summary) reached() state.Outcome {
	if s.Fetched != nil {
		return s.Fetched.reached()
	}
	if s.Outcome == state.OutcomeUnknown {
		return s.Job.State(s.Now).Outcome()
	}
	return s.Outcome
}

func (s Summary) sayOthers(say func(string, ...any)) {
	for _, line := range OthersWords(s.Plan, s.Job, s.Others, s.Unlisted, s.Now) {
		say("%s", line)
	}
}

// sayDrill says what the checks of a drill have found.
func (s Summary) sayDrill(say func(string, ...any)) {
	r, ok := s.drilled()
	if !ok {
		return
	}
	say("DRILL: %s. %s", r.Result, r.Why)
	for _, c := range s.afterDrill() {
		say("  %s", drillRow(c).Line())
	}
	if s.Proven != "" {
		say("%s", s.Proven)
	}
	if s.Drill.left() && s.Watch != "" {
		say("To make its checks again: %s", s.Watch)
	}
}

// sayParts says of each collection what came of it.
func (s Summary) sayParts(say func(string, ...any)) {
	if s.Job.Collections != nil && s.Job.Collections.Why != "" {
		say("Atlas says: %s", s.Job.Collections.Why)
	}
	for _, row := range PartRows(s.Job) {
		line := row.Name + ": " + row.State
		if row.Docs != "" {
			line += ", " + row.Docs
		}
		say("%s.", line)
	}
}

// sayChosen says why it is that moment, or that snapshot, where a search has proposed it.
func (s Summary) sayChosen(say func(string, ...any)) {
	if c := Chosen(s.Plan); c.Text != "" {
		say("%s", c.Line())
	}
}

// sayNothing says that no restore was submitted, and what was asked for all the same.
func (s Summary) sayNothing(say func(string, ...any)) {
	if len(s.Snapshots) == 0 && len(s.Earlier) > 0 {
		say("Nothing else was submitted.")
		return
	}
	if len(s.Snapshots) == 0 {
		say("Nothing was submitted.")
		return
	}
	say("No restore was submitted. The snapshot %s was asked for, and stays with Atlas.", strings.Join(s.Snapshots, ", and "))
}

// sayElsewhere prints the request of a dry run, and how other programs make it.
func (s Summary) sayElsewhere(say func(string, ...any)) {
	if s.Body == nil && s.Saved != nil {
		say("Nothing was submitted. %s.", s.subject(s.Plan))
	} else {
		say("DRY RUN: nothing was submitted. %s.", s.subject(s.Plan))
	}
	s.sayChosen(say)
	s.sayPlan(say)
	if s.Erases.IsProduction() {
		say("WARNING: it would erase %s, which is %s: %s.", s.Plan.Target.ClusterName, s.Erases.Label(), s.Erases.Because())
	}
	for _, c := range s.Checks {
		if c.stops() {
			say("%s %s: nothing can be submitted. %s", strings.ToUpper(c.Verdict), c.Name, c.Reason)
		} else if c.Asks && !c.Accepted {
			say("%s %s: it has to be accepted first. %s", strings.ToUpper(c.Verdict), c.Name, c.Reason)
		}
	}
	if s.Body == nil && s.Saved != nil {
		return // only the plan was wanted
	}
	raw, _ := json.MarshalIndent(s.Body, "", "  ") // of plain strings and numbers
	say("\nThe request, to Atlas's restore jobs of %s:\n%s", s.Plan.Cluster.Name, fold.Whole(string(raw)))
	for _, e := range s.Elsewhere {
		say("\n%s. %s\n%s", e.Name, e.Note, fold.Whole(strings.TrimSuffix(e.Text, "\n")))
	}
}

func (s Summary) printLinks(say func(string, ...any)) {
	left := s.linksLeft()
	if len(left) == 0 {
		return
	}
	if s.OnlyFiles {
		if s.Fetched == nil && s.Fetches != "" {
			say("To fetch the files: %s", s.Fetches)
		}
		return
	}
	if s.noLinks {
		say("The links stand in the result on standard output.")
		return
	}
	for _, l := range left {
		say("%s\n%s", l.Label, l.URL.Reveal())
	}
}

// delivers says whether links are of use to somebody yet.
func (s Summary) delivers() bool {
	if s.Fetched == nil {
		return s.reached() == state.OutcomeReady
	}
	return s.Fetched.Outcome != state.OutcomeDownloaded && s.Job.State(s.Now) == state.Ready
}

// linksLeft are the links of a download that may still be of use: of no file over whose link bytes
// have come here.
func (s Summary) linksLeft() []Link {
	switch {
	case !s.delivers(), s.UsedUp:
		return nil
	case s.Fetched == nil:
		return Links(s.Job)
	}
	return slices.DeleteFunc(Links(s.Job), func(l Link) bool { return s.Fetched.used(l.File - 1) })
}

// times are when the job was asked for and when it ended, for the log of an incident.
func (s Summary) times() string {
	text := ""
	if at := s.Job.CreatedAt(); !at.IsZero() {
		text += ", asked " + state.UTCSecond(at, s.Now)
	}
	if at := s.Job.Finished(s.Now); !at.IsZero() {
		text += ", finished " + state.UTCSecond(at, s.Now)
	}
	return text
}

func (s Summary) sayDoubts(say func(string, ...any)) {
	for _, p := range s.Doubts {
		say("OUTCOME UNKNOWN: a request was sent and no answer tells its outcome.")
		say("%s", s.subject(p.Plan))
		if named := NamedWords(p.Named); named != "" {
			say("%s", named)
		}
		look := fmt.Sprintf("Look at the restore jobs of %s in Atlas before you do anything else", p.Cluster.Name)
		if p.LookFor != "" {
			look += "; " + p.LookFor + " looks for it"
		}
		say("%s.", look)
	}
}

// subject says what was asked for, in one line.
func (s Summary) subject(p state.Plan) string {
	from := "project"
	if p.Delivery.HasTarget() && p.Target.Project.ID != p.Project.ID { // Point says into which
		from = "from project"
	}
	return fmt.Sprintf("%s (%s %s), %s", JobTitle(p), from, p.Project.Name, Point(p, s.Now))
}
