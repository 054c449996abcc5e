package lines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"atlas-restore/forms"
	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// fieldsStep asks for what a delivery type needs besides a snapshot, with the form of
// that type: the same fields and checks as on the full screen, one question each.
type fieldsStep struct {
	*face
	form     *forms.Form
	plan     state.Plan        // of which the fields are: its delivery says which
	asked    string            // the field that was asked last
	usual    map[string]string // what a field held when it was asked first: enter takes it after a wrong answer too
	flags    map[string]bool   // fields that a flag answers and that were not come to yet
	unlisted string            // a target that Atlas did not list: said once more it is used
}

func (f *face) fields() error {
	return f.fieldsOf(f.run.Fields(), forms.Options{Point: f.run.AsksPoint()})
}

// moment asks for the moment of which single collections are wanted, and for nothing else.
func (f *face) moment() error {
	return f.fieldsOf(f.run.MomentFields(), forms.Options{Point: true, Alone: true})
}

func (f *face) fieldsOf(plan state.Plan, o forms.Options) error {
	if given := f.run.Cfg.Given.TargetProject; given != "" && !o.Alone {
		if err := f.projects(given); err != nil {
			return err
		}
	}
	o.Plan, o.Now, o.Zone, o.Projects, o.Names = plan, f.run.Cfg.Now, f.run.Cfg.Zone, f.run.Seen.KnownProjects(), f.run.Cfg.Names
	s := &fieldsStep{face: f, plan: plan, usual: map[string]string{}, form: forms.New(o)}
	s.flags = answered(f.run.Cfg.Given)
	if !plan.Evidence.IsZero() && plan.Target.IsZero() { // the moment was found, and is not asked for
		s.flags[forms.FieldRestoreTo], s.flags[forms.FieldMoment] = true, true
	}
	given := s.flags[forms.FieldProject] && s.flags[forms.FieldCluster] && !o.Alone
	if o.Alone || len(s.flags) > 0 || f.run.Plan.Target.IsZero() || f.run.AsksPoint() { // else somebody has come back
		s.form.First()
	}
	if err := s.reach(); err != nil {
		return err
	}
	if given {
		if err := s.guided(); err != nil {
			return err
		}
	}
	for !s.form.Completed() {
		ask := s.field
		if s.flags[s.form.Focus()] {
			ask = s.flag
		}
		if err := ask(); errors.Is(err, errBack) && s.form.Back() {
			s.asked = ""
			s.say("One step back.")
			continue
		} else if err != nil {
			f.run.Plan.Draft = s.form.Draft()
			switch {
			case errors.Is(err, errAside):
				f.run.When()
				return nil
			case errors.Is(err, errSingle):
				f.run.Single(f.run.Plan.Draft, state.Instant{})
				return nil
			}
			return err
		}
	}
	instant, target, ok := s.form.Result()
	if !ok {
		return errors.New("a field is not filled in")
	}
	draft := s.form.Draft()
	if o.Alone {
		f.chosen(state.StepSnapshot, func(p state.Plan) state.Plan { return p.WithPoint(instant, draft) }, "")
		return nil
	}
	f.run.Answered(f.run.Plan.WithFields(instant, target, draft))
	return nil
}

// answered are the fields that flags answer.
func answered(g state.Given) map[string]bool {
	out := map[string]bool{}
	for field, value := range map[string]string{
		forms.FieldRestoreTo: g.At + g.UTCSeconds + g.OplogTs, forms.FieldMoment: g.At + g.UTCSeconds,
		forms.FieldOplogTs: g.OplogTs, forms.FieldOplogInc: g.OplogInc,
		forms.FieldProject: g.TargetProject, forms.FieldCluster: g.TargetCluster,
	} {
		if value != "" {
			out[field] = true
		}
	}
	return out
}

// flag takes what a flag says of the field that the form is at. Whoever comes back to it is
// asked.
func (s *fieldsStep) flag() error {
	q := s.form.Question()
	delete(s.flags, q.Field)
	if q.Field == forms.FieldCluster {
		if err := s.clusters(false); err != nil {
			return err
		}
	}
	remark, err := s.form.Answer(q.Value, false)
	if err != nil {
		clear(s.flags)
		return s.barred(s.form.Given(q, err))
	}
	if q.Field != forms.FieldRestoreTo {
		s.sayNext(strings.TrimSuffix(fmt.Sprintf("%s: %s, %s", q.Label, q.Value, remark), ", ") + ".")
	}
	return nil
}

// guided takes what flags say of the fields.
func (s *fieldsStep) guided() error {
	if err := s.clusters(false); err != nil {
		return err
	}
	err := s.form.AnswerAll()
	if err == nil {
		s.sayFields()
		return nil
	}
	s.form.First()
	clear(s.flags)
	return s.barred(err)
}

// barred is unguided of the fields. Of a target that is not idle it says which restore job runs onto it.
func (s *fieldsStep) barred(err error) error {
	project, ok := s.form.TargetProject()
	i := slices.IndexFunc(s.run.Seen.Clusters[project.ID], func(c state.Cluster) bool { return c.Name == s.run.Cfg.Given.TargetCluster })
	if !ok || i < 0 || !errors.As(err, new(forms.Barred)) {
		return s.unguided(err)
	}
	target := s.run.Seen.Clusters[project.ID][i]
	why, left := await(s.face, "Looking for what restores "+target.Name, func(ctx context.Context) (error, error) {
		return s.run.Cfg.Occupied(ctx, s.plan, target, err), nil
	})
	if left != nil {
		return left
	}
	return s.unguided(why)
}

// sayFields says what flags have made of the fields.
func (s *fieldsStep) sayFields() {
	instant, target, _ := s.form.Result()
	plan := s.run.Plan.WithFields(instant, target, s.form.Draft())
	if plan.Delivery == state.PointInTime {
		s.say("Moment: " + steps.AsItWas(instant, s.run.Cfg.Now()) + ".")
	}
	rung := steps.Question(state.StepFields, plan, s.run.Cfg.Now())
	s.say(rung.Name + ": " + rung.Answer + ".")
}

// reach tells the form which moments can be had, and says so. It is of help, but not
// needed: Atlas remains the judge.
func (s *fieldsStep) reach() error {
	plan, cfg, seen := s.plan, s.run.Cfg, s.run.Seen
	if plan.Delivery != state.PointInTime {
		return nil
	}
	if past := seen.PastOf(plan.Cluster); past == nil || !past.Whole() || seen.Snapshots == nil {
		what := steps.LoadingPast(plan.Cluster)
		found, err := await(s.face, what, func(ctx context.Context) (steps.Past, error) {
			return steps.LoadPast(ctx, cfg.Walk(), plan.Cluster, seen.Snapshots)
		})
		if errors.Is(err, ErrLeft) {
			return err
		}
		if err != nil {
			s.say(state.Explain(what, err).Text())
		}
		seen.Learn(found)
	}
	now := cfg.Now()
	s.form.SetReach(seen.PastOf(plan.Cluster).Reach(plan.Cluster, seen.Snapshots, now))
	s.form.SetUnsure(seen.LacksOf(plan.Cluster, seen.Snapshots, false).Words())
	if s.attended {
		s.say(seen.TimelineOf(plan.Cluster, seen.Snapshots, seen.TicksOf(seen.Snapshots, now), false, now).Words())
	}
	return nil
}

// projects has the projects listed, where they were not yet and one of them is to be named: by a
// person, or by a flag that says no id.
func (f *face) projects(given string) error {
	if !f.run.Seen.WantsProjects(given) {
		return nil
	}
	known, err := await(f, steps.LoadingProjects, func(ctx context.Context) ([]state.Project, error) { return f.run.Cfg.Walk().Projects(ctx) })
	switch {
	case errors.Is(err, ErrLeft):
		return err
	case err != nil && !f.attended:
		return &stopped{state.Explain(steps.LoadingProjects, err), err}
	case err != nil:
		f.say(state.Explain(steps.LoadingProjects, err).Text())
		return nil
	}
	f.run.Seen.Projects = known
	return nil
}

// clusters tells the form the clusters of the project that it names; anew even if they
// are known.
func (s *fieldsStep) clusters(anew bool) error {
	project, ok := s.form.TargetProject()
	if !ok || s.form.ClustersFor() == project.ID && !anew {
		return nil
	}
	known, ok := s.run.Seen.Clusters[project.ID]
	if !ok || anew {
		what := "Loading the clusters of " + project.Name
		var err error
		known, err = await(s.face, what, func(ctx context.Context) ([]state.Cluster, error) {
			return s.run.Cfg.Walk().Clusters(ctx, project.ID)
		})
		switch {
		case errors.Is(err, ErrLeft):
			return err
		case err != nil && !s.attended:
			return &stopped{state.Explain(what, err), err}
		case err != nil:
			s.say(state.Explain(what, err).Text())
			s.form.SetClusters(project.ID, nil, err)
			return nil
		}
		s.run.Seen.Clusters[project.ID] = known
	}
	s.form.SetClusters(project.ID, known, nil)
	return nil
}

// field asks for the field that the form is at.
func (s *fieldsStep) field() error {
	if s.form.Focus() == forms.FieldCluster {
		if err := s.clusters(false); err != nil {
			return err
		}
	}
	if s.form.Focus() == forms.FieldProject && s.attended {
		if err := s.projects(""); err != nil {
			return err
		}
		s.form.SetProjects(s.run.Seen.KnownProjects())
	}
	q := s.form.Question()
	if !s.attended {
		return fmt.Errorf("%s is not given, or not right: %s", strings.ToLower(q.Label), q.Remark)
	}
	if _, was := s.usual[q.Field]; q.Valid || !was {
		s.usual[q.Field] = q.Value
	}
	ask := question{
		noun: "option", prompt: q.Label, usual: -1, explain: func() { s.help(state.StepFields) },
		repeat:  s.unlisted,
		careful: q.Field == forms.FieldCluster, // what is erased is said, each time anew
		free:    q.Field == forms.FieldCluster || q.Field == forms.FieldProject || len(q.Options) == 0,
		find:    func(text string) (int, error) { return findOption(q.Options, text) },
	}
	for i, o := range q.Options {
		ask.options = append(ask.options, option{name: o.Name, id: o.Value, about: strings.Join(o.Words, ", "), text: filter.Of(o.Name, o.Value, append([]string{o.Barred}, o.Words...)...), barred: o.Barred})
		if o.Value == s.usual[q.Field] && o.Barred == "" && !ask.careful {
			ask.usual = i
		}
	}
	if q.Field == forms.FieldCluster {
		ask.words = []string{"r"}
	}
	if q.Field == forms.FieldMoment {
		ask.words = []string{steps.WhenOther().Word}
		if s.single() {
			ask.words = append(ask.words, steps.SingleOther().Word)
		}
	}
	ask.before, ask.again = s.intro(q), s.asked == q.Field
	if q.Field == forms.FieldMoment {
		ask.before[0] += " Say " + steps.WhenOther().Word + " to " + steps.WhenOther().Line + "."
		if s.single() {
			ask.before[0] += " Say " + steps.SingleOther().Word + " to " + steps.SingleOther().Line + "."
		}
	}
	s.asked = q.Field
	if len(q.Options) == 0 && q.Value != "" && q.Valid { // what was typed before may stand
		ask.kept = q.Value
	}
	r, err := s.choose(ask)
	if err != nil {
		return err
	}
	switch {
	case r.word == "r":
		s.asked = ""
		return s.clusters(true)
	case r.word == steps.SingleOther().Word:
		return errSingle
	case r.word != "":
		return errAside
	}
	text := r.text
	if r.at >= 0 {
		text = ask.options[r.at].id
	}
	return s.take(q, text)
}

// single says whether single collections can be asked for in the place of the whole cluster.
func (s *fieldsStep) single() bool { return steps.CanSingle(s.run.Plan) }

func findOption(options []forms.Option, text string) (int, error) {
	found := -1
	for i, o := range options {
		switch {
		case o.Value == text:
			return i, nil
		case o.Name == text && found >= 0:
			return -1, fmt.Errorf("several are called %q: say the id", text)
		case o.Name == text:
			found = i
		}
	}
	if found < 0 {
		return -1, steps.ErrNoSuch
	}
	return found, nil
}

// intro is what is said before a field is asked for. What destroys is said first.
func (s *fieldsStep) intro(q forms.Question) []string {
	ask := q.Label + ": " + q.Meaning
	if q.Field == forms.FieldCluster {
		ask = "WARNING: " + q.Meaning
	}
	if q.Field == forms.FieldProject {
		ask += " The name of a cluster does too."
	}
	if q.Hint != "" {
		ask += " Say " + q.Hint + "."
	}
	return []string{ask}
}

// named answers project and cluster with the name of a cluster, if one project alone has it. Atlas
// is asked for the clusters of all projects only then; err is why no project is meant.
func (s *fieldsStep) named(text string, err error) error {
	all, failed := s.everywhere()
	if failed != nil {
		return failed
	}
	if all != nil && !slices.ContainsFunc(all, func(c state.Found) bool { return c.Cluster.Name == text }) {
		if _, failed := s.seekOut(text); failed != nil {
			return failed
		}
		all = s.run.Seen.Everywhere()
	}
	var of []state.Found
	var like []string
	for _, c := range all {
		if c.Cluster.Name == text {
			of = append(of, c)
		}
		if c.Unreadable == "" && strings.Contains(strings.ToLower(c.Cluster.Name), strings.ToLower(text)) && len(like) < pageSize {
			like = append(like, c.Cluster.Name+" in "+c.Project.Name)
		}
	}
	switch {
	case len(of) > 1:
		s.say(fmt.Sprintf("Clusters of that name: %s. Say the project.", strings.Join(like, ", ")))
		return nil
	case len(of) == 0 && len(like) > 0:
		s.say(fmt.Sprintf("No project matches %s. Clusters that do: %s. Say the whole name.", quoted(text), strings.Join(like, ", ")))
		return nil
	case len(of) == 0:
		s.say(sentence(err))
		return nil
	}
	if _, err := s.form.Answer(of[0].Project.ID, false); err != nil {
		s.say(sentence(err))
		return nil
	}
	s.say(fmt.Sprintf("Target project: %s.", of[0].Project.Name))
	if err := s.clusters(false); err != nil {
		return err
	}
	q := s.form.Question()
	for _, line := range s.intro(q) {
		s.say(line)
	}
	return s.take(q, text)
}

// take hands an answer to the form and says what it was understood to be.
func (s *fieldsStep) take(q forms.Question, text string) error {
	text = strings.TrimSpace(text)
	again := text == s.unlisted
	s.unlisted = "" // said once more means at once: any other answer forgets it
	remark, err := s.form.Answer(text, again)
	var unlisted forms.Unlisted
	switch {
	case errors.As(err, &unlisted):
		s.unlisted = text
		s.say(fmt.Sprintf("%s is not among what Atlas listed%s To use it as typed, say it once more.", quoted(text), cmp.Or(unlisted.Near, ".")))
	case err != nil && q.Field == forms.FieldProject && text != "":
		return s.named(text, err)
	case err != nil:
		s.say(sentence(err))
	case remark != "":
		s.say(fmt.Sprintf("%s: %s, %s.", q.Label, text, remark))
	default:
		s.say(fmt.Sprintf("%s: %s.", q.Label, text))
	}
	return nil
}
