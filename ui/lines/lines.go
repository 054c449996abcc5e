// Package lines is the wizard line by line, for screen readers, terminals that cannot
// show a full screen, and pipes. It walks the steps of package steps: the same
// questions, validators, submission and following as the full screen, ending in the
// same request.
//
// What is said is whole lines, in the order in which they are to be heard: a warning
// before the question that it belongs to. No cursor is moved, nothing is drawn again,
// and nothing is said by colour. There is one reader for the whole run; the end of the
// input is never an answer.
package lines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"atlas-restore/forms"
	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// IO is where the dialogue takes place. Results are the caller's to print.
type IO struct {
	In        io.Reader                          // nil where nothing can be asked: what is open then ends the run
	Out       io.Writer                          // all that is said
	Interrupt <-chan struct{}                    // ctrl+c
	NoEcho    func() (restore func(), err error) // keeps what is typed from the screen; nil where that cannot be done
	Forget    func()                             // drops what a terminal holds that was not read yet; nil: input is read as it comes
	Terminal  bool                               // the input is one: a person sits there, and has seen what was typed
	Bell      io.Writer                          // of the terminal, where the end of a job rings but for a quiet configuration: Out may clean what is no text; nil for none
	Heartbeat time.Duration                      // real time between signs of life while nothing changes; 0: a minute
}

// Run walks the wizard to its end, and says how it ended. It returns when the job has
// come to its end or cannot be followed any more, when the user leaves, when the input
// ends while something is asked, or when ctx ends.
func Run(ctx context.Context, cfg steps.Config, d IO) steps.Summary {
	cfg.Unasked = d.In == nil
	cfg.Piped = d.In != nil && !d.Terminal
	f := &face{ctx: ctx, run: steps.Begin(cfg), talk: newTalk(ctx, cfg, d), attended: d.In != nil, reached: map[state.Step]bool{}, jobs: map[*watch.Follow]*following{}}
	f.coaching = cfg.Coaching
	f.aside, f.heard = f.spoken, f.run.Heard
	f.tended = f.tend
	f.toJob = func(line string) bool {
		return strings.TrimSpace(line) == "job" && len(f.run.Jobs()) > 0 && f.run.Step() != steps.StepJob && !f.run.Sending() && !f.run.Searching()
	}
	f.greet()
	defer f.flush()
	for {
		f.hear()
		if step := f.run.Step(); !f.reached[step] {
			f.reached[step] = true
			f.further()
		}
		before := f.run.Step()
		f.run.Ahead(f.ctx)
		err := f.step()
		if f.run.Step() != before {
			f.trouble = nil // it was got over
		}
		switch {
		case err == nil:
			f.parting = false
		case errors.Is(err, errAgain):
			if f.run.Again(); f.tick == nil {
				beside := time.NewTicker(cfg.Every(time.Second))
				defer beside.Stop()
				f.tick = beside.C
			}
		case errors.Is(err, errNext):
			f.run.Next()
		case errors.Is(err, errBack):
			f.told = ""
			if f.run.Back() {
				f.say("One step back.")
			} else {
				f.say("This is the first step.")
			}
		case errors.Is(err, errEnded) && f.trouble != nil:
			return f.failed(f.trouble)
		case errors.Is(err, ErrLeft) && !errors.Is(err, errEnded) && f.run.Step() != steps.StepJob && f.stays():
		case errors.Is(err, errOver), errors.Is(err, ErrLeft):
			for _, p := range f.jobs {
				p.settle()
			}
			sum := f.run.Summary()
			if sum.Outcome == state.OutcomeAborted && errors.Is(err, ErrLeft) {
				sum.Err = err // how it was left
			}
			return sum
		default:
			return f.failed(err)
		}
	}
}

// How a step can end, beside with its answer.
var (
	errBack = errors.New("one step back")
	// ErrLeft says that somebody has left, or that no more answers come.
	ErrLeft = errors.New("left by the user")
	errOver = errors.New("the end was seen, or will not be")
	// errEnded is ErrLeft where nobody has left: there are no more answers.
	errEnded error = inputEnded{}
	// errNowhere says that the answers are none.
	errNowhere = &unusable{&stopped{Problem: state.Problem{
		What:   "This cannot go on: too many lines in a row answered nothing.",
		Why:    "What is read on standard input does not fit what is asked.",
		Advice: "Answer what is asked, one line for each question; or say all answers by flags, which asks nothing.",
	}}}
)

// inputEnded is ErrLeft with its reason.
type inputEnded struct{}

// Error implements error.
func (inputEnded) Error() string { return ErrLeft.Error() + ": the input ended" }

// Unwrap gives ErrLeft.
func (inputEnded) Unwrap() error { return ErrLeft }

// unusable is what flags or answers say, and what nobody can obey: the exit code is that
// of a wrong command line.
type unusable struct{ cause error }

// Error implements error.
func (u *unusable) Error() string { return u.cause.Error() }

// Unwrap gives the cause.
func (u *unusable) Unwrap() error { return u.cause }

// failed is the end of a run that cannot go on.
func (f *face) failed(err error) steps.Summary {
	f.run.Fail(problem(err), err)
	sum := f.run.Summary()
	var u *unusable
	sum.Usage = errors.As(err, &u)
	return sum
}

// problem is what ended a run that cannot ask, as a person needs it.
func problem(err error) state.Problem {
	var p *stopped
	if errors.As(err, &p) {
		return p.Problem
	}
	out := state.Problem{What: "This cannot go on.", Why: strings.TrimRight(err.Error(), ".") + "."}
	var advised *state.Advised
	if errors.As(err, &advised) {
		out.Advice = advised.Advice
	}
	return out
}

// stopped is a problem with its cause.
type stopped struct {
	state.Problem
	cause error
}

// Error implements error.
func (s *stopped) Error() string { return s.Text() }

// Unwrap gives the cause.
func (s *stopped) Unwrap() error { return s.cause }

// face is one run.
type face struct {
	*talk
	ctx      context.Context //nolint:containedctx // ends everything that is awaited
	run      *steps.Session
	attended bool                // somebody can answer
	reached  map[state.Step]bool // the steps that were come to
	finding  *string             // what was said of a cluster that is looked for in all projects; nil for none
	trouble  error               // what went wrong and was not got over: the end of the input then ends the run with it
	told     state.DeliveryType  // the delivery type that was said last
	coaching state.Coaching      // as it was said last
	jobs     map[*watch.Follow]*following
	parting  bool // it was said what becomes of what lives when the run is left
}

func (f *face) greet() {
	cfg := f.run.Cfg
	who := "atlas-restore, " + string(cfg.Mode) + "."
	if cfg.Atlas == nil {
		who += " Nobody is signed in."
	}
	if cfg.Who != "" { // whether Atlas takes it is not known yet
		who += " The credential is " + cfg.Who + ", from " + cfg.Source + "."
	}
	if cfg.Host != "" {
		who += " Atlas is at " + cfg.Host + "."
	}
	if cfg.Notice != "" {
		who += " NOTE: " + cfg.Notice
	}
	f.say(who)
	if f.attended {
		f.sayNext("Answer with a number, an exact name or an id; other text narrows a list. ? explains the question, b goes back, q leaves.")
	}
}

// step asks for what is open now.
func (f *face) step() error {
	if err := f.run.Guided(); err != nil {
		if err := f.unguided(err); err != nil {
			return err
		}
	}
	cfg, plan, seen := f.run.Cfg, f.run.Plan, f.run.Seen
	if step := f.run.Step(); plan.Delivery != f.told && (step == steps.StepMoment || step == state.StepCollections || step == state.StepFields || step == state.StepReview) {
		f.say("Delivery: " + plan.Delivery.Named() + ". " + steps.DeliveryMeaning(plan.Delivery, plan.Cluster.Family, cmp.Or(cfg.Given.TargetCluster, plan.Target.ClusterName))) // nobody was asked for it
		f.told = plan.Delivery
	}
	switch f.run.Step() {
	case steps.StepBriefing:
		return f.briefing()
	case steps.StepResume:
		return list(f, steps.Leftovers(cfg))
	case steps.StepSearch:
		return f.seek()
	case steps.StepSignIn:
		return f.signIn()
	case state.StepProject:
		return f.source()
	case state.StepCluster:
		return list(f, f.run.Clusters())
	case state.StepSnapshot:
		return list(f, offersWhen(steps.Snapshots(cfg, plan, seen)))
	case state.StepDelivery:
		return list(f, steps.Deliveries(cfg, plan))
	case state.StepCollections:
		return f.collections()
	case state.StepFields:
		return f.fields()
	case state.StepReview:
		return f.review()
	case steps.StepTake, steps.StepSafety:
		return f.take()
	case steps.StepWhen:
		return f.when()
	case steps.StepMoment:
		return f.moment()
	default:
		return f.follow()
	}
}

// spoken takes what answers no question and means the same at each: the words of a scenario, and
// where jobs are followed, how they stand.
func (f *face) spoken(line string) bool {
	if strings.TrimSpace(line) == "jobs" && len(f.run.Jobs()) > 0 {
		f.sayJobs()
		return true
	}
	return f.coached(line)
}

// unguided asks from here on, as what flags say cannot be had: err says why. Where nobody
// can be asked that is the end.
func (f *face) unguided(err error) error {
	if !errors.As(err, new(steps.Barred)) && !errors.As(err, new(forms.Barred)) {
		err = &unusable{err} // nothing that can change, but what was written
	}
	if !f.attended {
		return err
	}
	f.trouble = err
	f.run.Unguided()
	said := problem(err)
	f.say(state.Problem{Why: said.Why, Advice: said.Advice}.Text())
	return nil
}

// sentence is an error as a line of its own.
func sentence(err error) string { return state.Sentence(err.Error()) }

// quoted is what somebody typed, so that nothing in it can command a terminal.
func quoted(text string) string { return fmt.Sprintf("%q", text) }
