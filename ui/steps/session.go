package steps

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// StepJob is the step after the last question: the job that was submitted.
const StepJob = state.StepReview + 1

// Session is one run of the wizard, whatever shows it: the plan and the way through
// its steps, what was loaded, and what was submitted. It is not safe for concurrent
// use: only the root of a face holds it.
type Session struct {
	Cfg  Config // its Given holds what is still to be used
	Seen *Seen

	*errand                // the one on the screen
	errands []*errand      // all of the run, in the order in which they were begun
	sending bool           // a request is under way: its outcome is not known
	request string         // its id
	outcome chan Submitted // what becomes of it
	phase   *atomic.Int32  // of it: preparing, sent or stopped
	search  *submit.Search // for the job of a request whose answer was lost; nil for none
	doubts  []doubt        // requests whose outcome stayed unknown
	err     error          // of the last request, or what ended the run
	failed  *state.Problem
}

// doubt is a request that was sent and whose outcome was never seen. Only its job settles
// it, once that is found.
type doubt struct {
	id      string // of the submission
	plan    state.Plan
	problem state.Problem
	named   []string // the jobs that Atlas told of after it, see journal.Entry
}

// Begin starts a run at its first step.
func Begin(cfg Config) *Session {
	cfg.Given = cfg.Given.WithType()
	first := state.StepProject
	if cfg.Atlas == nil {
		first = StepSignIn
	}
	cfg.Atlas = witnessed(cfg.Atlas, cfg)
	only := &errand{path: []state.Step{first}, replay: cfg.Replay, said: saidOf(cfg.About)}
	s := &Session{Cfg: cfg, Seen: Nothing(), errand: only, errands: []*errand{only}}
	s.Plan.Practice, s.Plan.Drill = cfg.Mode == Training, cfg.Drill
	switch {
	case cfg.Resume != nil:
		s.Resume(*cfg.Resume)
	case cfg.Atlas != nil:
		s.path = []state.Step{s.first()}
	}
	return s
}

// Step is the step that is open.
func (s *Session) Step() state.Step { return s.path[len(s.path)-1] }

// Answered takes the plan as the present step's answer has made it, and goes on.
// Whatever a flag said of this step is used up by then.
func (s *Session) Answered(plan state.Plan) {
	step, source, before := s.Step(), sourceName(s.Plan.Cluster), s.Plan.Target
	if step == StepMoment { // asked in the place of the snapshots; see gave
		step, s.path = state.StepSnapshot, s.path[:len(s.path)-1]
	}
	g := &s.Cfg.Given
	if step == state.StepSnapshot || step == state.StepFields {
		plan = g.Evident(plan, s.Cfg.Now(), s.Cfg.Zone)
	}
	if !s.Plan.Evidence.IsZero() {
		s.evident = s.Plan
	}
	s.Plan = plan.EvidentAs(s.evident)
	switch step {
	case state.StepProject:
		g.Project = ""
	case state.StepCluster:
		g.Cluster = ""
	case state.StepSnapshot:
		g.Snapshot, g.Namespace = "", ""
		if plan.Singled() {
			g.Delivery = ""
		}
	case state.StepDelivery:
		g.Delivery = ""
	case state.StepCollections:
		g.Only = nil
	case state.StepFields:
		*g = state.Given{Confirm: g.Confirm}
	default: // the review is answered by Confirm
	}
	if plan.Target.Project.ID != before.Project.ID || plan.Target.ClusterName != before.ClusterName {
		s.safety, s.asked = state.Safety{}, TakeRequest{} // it was of another cluster
	}
	if sourceName(plan.Cluster) != source {
		s.Seen.Snapshots = nil // those of another cluster say nothing of this one
	}
	if step == state.StepCluster {
		s.direct, s.passing = s.passing, false
	}
	switch {
	case s.editing:
		s.path = s.way(s.edited(step))
	case step == state.StepCluster && s.direct:
		s.path[len(s.path)-1] = s.Plan.After(step) // whoever goes back comes to where it was chosen
	default:
		s.path = append(append(s.path, s.gave(step)...), s.Plan.After(step))
	}
	s.checks, s.accepted = nil, nil
}

// CanGoBack says whether there is a step before this one.
func (s *Session) CanGoBack() bool { return len(s.path) > 1 && !s.Searching() }

// Back goes one step back; false on the first. What flags said answers nothing any
// more: whoever goes back wants to see what there is.
func (s *Session) Back() bool {
	if !s.CanGoBack() {
		return false
	}
	s.path = s.path[:len(s.path)-1]
	if !s.editing || s.Step() != state.StepReview { // else the plan is as it was
		s.accepted = nil
	}
	s.editing = s.editing && s.Step() != state.StepReview
	s.checks = nil
	s.Unguided()
	return true
}

// Unguided forgets what flags said of the steps that are still open, but for what
// stands in the fields already.
func (s *Session) Unguided() {
	s.passing = false
	s.Plan.Draft = s.Fields().Draft
	s.Cfg.Given = state.Given{}
}

// Guided takes the answers of flags to the present step and those that follow it, as
// far as nothing has to be loaded for them.
func (s *Session) Guided() error {
	for {
		given := s.Cfg.Given.Delivery
		switch {
		case s.Step() == state.StepSnapshot && s.Cfg.Given.Looks():
			s.When()
		case s.Step() == state.StepSnapshot && given == string(state.PointInTime):
			if err := s.Plan.Cluster.Offers(state.PointInTime); err != nil {
				return fmt.Errorf("--%s %s: %w", state.FlagDelivery, given, err)
			}
			s.Answered(s.Plan.WithMoment())
		case s.Step() == state.StepSnapshot && given == string(state.Collections) && s.Cfg.Given.HasMoment():
			if err := s.guidedMoment(); err != nil {
				return err
			}
		case s.Step() == state.StepCollections && s.Cfg.Given.Only != nil && len(s.Cfg.Given.Only.Names) > 0:
			choice, err := s.Cfg.Given.Only.Choice()
			if err != nil {
				return err //nolint:wrapcheck // it names the flag
			}
			s.Answered(s.Plan.WithOnly(choice))
		case s.Step() == state.StepDelivery && given != "":
			l := Deliveries(s.Cfg, s.Plan)
			i, err := l.FindGiven(l.Table(l.Items))
			if err != nil {
				return err
			}
			s.Answered(l.Answer(s.Plan, l.Items[i]))
		default:
			return nil
		}
	}
}

// guidedMoment takes a moment that flags give for what is asked for in the place of a snapshot.
func (s *Session) guidedMoment() error {
	for _, d := range []state.DeliveryType{state.PointInTime, state.Collections} {
		if err := s.Plan.Cluster.Offers(d); err != nil {
			return fmt.Errorf("--%s %s: %w", state.FlagDelivery, s.Cfg.Given.Delivery, err)
		}
	}
	i, err := s.Cfg.Given.MomentAt(s.Cfg.Now(), s.Cfg.Zone)
	if err != nil {
		return err //nolint:wrapcheck // it names the flag
	}
	s.Answered(s.Plan.WithInstant(i).WithDelivery(state.Collections))
	return nil
}

// Fields is the plan for the fields of its delivery type, filled in as flags say.
func (s *Session) Fields() state.Plan {
	plan, g := s.Plan, s.Cfg.Given
	if given := g.Draft(); given != (state.Draft{}) {
		plan.Draft = given
	}
	return plan
}

// Submitted is what became of the one request that was sent.
type Submitted = submit.Result

// Confirm gives the one request that what was typed allows; nil if it does not confirm
// the plan, or if a request is under way. It is the one place from which anything is
// sent that changes something in Atlas: whoever calls what it gives has to hand the
// answer to Settle.
func (s *Session) Confirm(typed string) func(context.Context) Submitted {
	body, err := s.Plan.Request()
	if s.Cfg.sendsNothing() || s.Step() != state.StepReview || s.sending || s.Searching() || err != nil || !s.Plan.Confirms(typed) || s.Hindrance() != nil {
		return nil
	}
	s.sending = true
	s.note(state.NoteConfirmed, "")
	phase := new(atomic.Int32)
	s.phase, s.request = phase, submit.NewID()
	outcome := make(chan Submitted, 1)
	s.outcome = outcome
	cfg, said := s.Cfg, s.said.further()
	if s.kept = (state.Kept{}); s.Plan.Erases() {
		s.kept = s.safety.Kept(cfg.Now())
	}
	order := submit.Order{
		ID:     s.request,
		Source: s.Plan.Cluster, Project: s.Plan.Project, TargetProject: s.Plan.Target.Project, TargetState: s.Target().State, TargetFamily: s.target().Family,
		Snapshot: s.Plan.Snapshot, Body: body, Endpoint: cfg.Endpoint, Who: cfg.Who, Now: cfg.Now, Unseen: s.runningUnseen(),
		Evidence: s.Plan.Evidence, Plan: s.planned(), BreakGlass: s.glass(), Drill: s.Plan.Drill, Safety: s.kept, Ticket: said.Ticket, Purpose: said.Purpose,
	}
	return func(ctx context.Context) Submitted {
		order.Go = func() bool { return phase.CompareAndSwap(preparing, sent) }
		order.Sends = func() { state.ReportPart(ctx, Phase(phase.Load())) } // what is under way now is another thing
		cfg.expectWrite(ctx)                                                // beside the last look
		done := cfg.once(ctx, order, func(id string) string { return cfg.fetchesOf(id, order.Source, cfg.Out) })
		outcome <- done
		return done
	}
}

// Target is the cluster that is overwritten, as it was listed; zero where it was not.
func (s *Session) Target() state.Cluster {
	for _, c := range s.Seen.Clusters[s.Plan.Target.Project.ID] {
		if c.Name == s.Plan.Target.ClusterName {
			return c
		}
	}
	return state.Cluster{}
}

// target is the cluster that is overwritten, as far as its restore jobs need it: one that was
// not listed is taken for one of the source's family, as it hardly fits otherwise.
func (s *Session) target() state.Cluster {
	c := s.Target()
	if c.Name == "" {
		c.Family = s.Plan.Cluster.Family
	}
	c.ProjectID, c.Name = s.Plan.Target.Project.ID, s.Plan.Target.ClusterName
	return c
}

// CanHurt says whether the present step is about a cluster that is overwritten: from the
// question for it on.
func (s *Session) CanHurt() bool {
	return s.Plan.Delivery.HasTarget() && s.Step() >= state.StepFields && s.Step() != StepTake && s.Step() != StepWhen && s.Step() != StepMoment
}

// The phases of a request. Only one that is being prepared can be stopped.
const (
	preparing = iota
	sent
	stopped
)

// Phase is how far a request is, which ReportPart tells once it may be sent.
type Phase int32

// UnderWay says what is done for the request that was confirmed: until it may be sent that is a last look.
func (s *Session) UnderWay() string {
	if s.phase != nil && s.phase.Load() == sent {
		return "Sending the request, once"
	}
	return "Looking once more before the request is sent"
}

// Stop keeps a request that is being prepared from being sent; false if it may have been
// sent already.
func (s *Session) Stop() bool {
	if !s.sending || !s.phase.CompareAndSwap(preparing, stopped) {
		return false
	}
	s.sending = false
	return true
}

// Leave has a run that is left know what became of a request that is under way: one that is only prepared
// is not sent any more. Whoever calls it has ended the call before; its outcome is awaited so long.
func (s *Session) Leave(within time.Duration) {
	if !s.sending || s.Stop() {
		return
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case done := <-s.outcome:
		s.Settle(done)
	case <-late.C: // it is in doubt
	}
}

// Sending says whether a request is under way.
func (s *Session) Sending() bool { return s.sending }

// Settle takes what became of the request, and goes on to the job if there is one. The
// sentence, if any, has to be said to the person.
func (s *Session) Settle(done Submitted) (say string) {
	s.sending = false
	switch done.Verdict {
	case submit.Created:
		f := watch.New(done.Job, s.Cfg.Now())
		f.Blind = s.runningUnseen()
		s.follow(f)
		if done.Err != nil {
			say = fmt.Sprintf("The job runs, but %v: note its id.", done.Err)
		}
	case submit.Refused:
		s.err = done.Err
		s.noteRefusal(done.Err)
		s.checks, s.accepted = nil, nil // what has refused it may be seen now
	case submit.Unknown:
		s.seek(done.Search, Unknown(s.Plan, done.Err))
		s.err = done.Err
	}
	return say
}

func (s *Session) follow(f *watch.Follow) {
	if s.Plan.Delivery == state.Download {
		f.Members, s.fetch = s.Plan.Snapshot.Members, &Fetching{}
	} else if f.Target = s.Target(); f.Target.Name == "" && s.Plan.Cluster.Family == state.Dedicated {
		f.Target = state.Cluster{ProjectID: s.Plan.Target.Project.ID, Name: s.Plan.Target.ClusterName}
	}
	if s.Plan.Drill {
		s.drill = &Drilling{}
		if was := s.Cfg.Drilled; was != nil && was.JobID == f.Job.ID {
			*s.drill = Drilled(*was)
		}
	}
	s.Follow, s.onto = f, s.Target()
	s.path = append(s.path, StepJob)
	s.Share()
}

// DryRun says whether the end of a dry run was reached.
func (s *Session) DryRun() bool { return s.Cfg.sendsNothing() && s.Step() == state.StepReview }

// Doubt is the newest request whose outcome is unknown; nil for none. It is said until
// the run ends.
func (s *Session) Doubt() *state.Problem {
	if len(s.doubts) == 0 {
		return nil
	}
	return &s.doubts[len(s.doubts)-1].problem
}

// Fail notes what ends the run without a job.
func (s *Session) Fail(p state.Problem, err error) { s.failed, s.err = &p, err }

// Summary says how the run ended, if it is left now.
func (s *Session) Summary() Summary {
	sum := s.summary(s.errand)
	sum.Snapshots = s.snapshots()
	for _, e := range s.errands {
		if e != s.errand && e.Follow != nil {
			sum.Earlier = append(sum.Earlier, s.summary(e))
		}
	}
	for _, d := range s.doubts {
		sum.Doubts = append(sum.Doubts, Doubted{d.plan, s.Cfg.LookCommand(d.id), d.named})
	}
	if s.sending {
		sum.Doubts = append(sum.Doubts, Doubted{Plan: s.Plan, LookFor: s.Cfg.LookCommand(s.request)})
	}
	switch {
	case s.Follow != nil:
		if len(sum.Doubts) > 0 && sum.Outcome.ExitCode() == 0 {
			sum.Outcome = state.OutcomeUnknown // an earlier request of the same run may be a job too
		}
	case s.DryRun() && s.failed == nil:
		sum.Outcome = state.OutcomeDryRun
		if body, err := s.Plan.Request(); err == nil && s.Cfg.DryRun {
			sum.Body, sum.Elsewhere = body.Body(), state.InOtherWords(s.Plan, s.Cfg.Endpoint)
			if s.Plan.Erases() {
				sum.Erases = s.Cfg.Names.CalledTarget(s.Plan.Target)
			}
		}
	case len(sum.Doubts) > 0:
		sum.Outcome = state.OutcomeUnknown
		sum.Err = s.err
	case s.failed != nil:
		sum.Outcome, sum.Problem, sum.Err = state.OutcomeError, s.failed, s.err
	}
	return sum
}

// summary is what an errand has come to by itself.
func (s *Session) summary(e *errand) Summary {
	sum := Summary{Outcome: state.OutcomeAborted, Mode: s.Cfg.Mode, Served: s.Cfg.Served, Plan: e.Plan, Now: s.Cfg.Now(), ASCII: s.Cfg.ASCII}
	sum.Said = *e.said.further()
	if sum.Replay = e.replay; e.judged != nil {
		sum.Approval = e.facts.Approval
		if e.facts.BreaksGlass() {
			sum.Glass = e.facts.Approval.Glass
		}
	}
	if sum.Saved = e.saved; e.saved != nil {
		sum.PlanCommands = s.Cfg.planCommands(e.saved.File)
	}
	sum.Checks = checkResults(e.judged, slices.Concat(e.judgedAs, s.Cfg.Accept))
	if e.judged != nil {
		sum.Names = nameResults(e.facts.Places())
	}
	if sum.Kept = e.kept; e.Follow == nil {
		sum.Kept = e.safety.Kept(sum.Now) // as it was taken, whatever became of the restore
		return sum
	}
	j := e.job(false)
	sum.Job, sum.Others, sum.Unlisted, sum.Search = j.Job, j.Others, j.Unlisted, j.Search
	sum.RunningAt = j.RunningAt
	if s.Cfg.stale(j, sum.Now) {
		if sum.Last = whenSeen(j, sum.Now); j.Answered() {
			sum.SeenAt = j.LookedAt
		}
	}
	sum.OnlyFiles, sum.Fetches = s.Cfg.OnlyFiles(), s.Cfg.Fetches(j)
	sum.Watch, sum.Outcome, sum.Err = s.Cfg.Comeback(j), j.Outcome(sum.Now), j.Err
	sum.Drill, sum.Proven = j.Drill, s.Cfg.before(j, sum.Now)
	sum.Fetched, sum.Before = j.fetched(s.Cfg), j.Fetch.Earlier(sum.Now)
	if j.Fetch.doubted() != nil {
		sum.Fetched = j.inDoubt(s.Cfg, sum.Fetched)
	}
	if f := j.Fetch; f != nil && len(f.Past) > 0 {
		sum.Replaced = slices.Clone(f.Past)
		sum.Replaced[0].Checks, sum.Checks = sum.Checks, nil // they were made for the first one
	}
	sum.UsedUp = sum.Fetched == nil && j.Fetch.Downloaded() && s.Plan.Cluster.Family != state.Flex
	switch {
	case j.Gone:
		p := LookFailed(s.Cfg, j, sum.Err)
		sum.Problem, sum.Gone = &p, true
	case j.Unseen && !j.State(sum.Now).Ended():
		sum.Unseen = true
	}
	return sum
}
