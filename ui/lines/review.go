package lines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/ui/steps"
)

// review says what will happen to what, takes the confirmation, and submits. What a
// flag confirms was held against the target before the run began, and is held against
// the plan once more by the session.
func (f *face) review() error {
	if err := f.check(); err != nil {
		return err
	}
	f.sayReview()
	if f.run.DryRun() {
		if save := f.run.Saving(); save != nil {
			f.say(f.run.Saved(save()))
		}
		return errOver // the summary has the request
	}
	given := f.run.Cfg.Given.Confirm
	f.run.Cfg.Given.Confirm = "" // for one request
	if given != "" {
		if !f.run.Plan.Confirms(given) {
			return &unusable{fmt.Errorf("--confirm %q: this run is confirmed by %q only", given, f.run.Plan.Phrase())}
		}
		if p := f.run.Hindrance(); p != nil {
			return &stopped{*p, f.run.Hindered(*p)}
		}
		f.say("Confirmed by --confirm " + given + ".")
		return f.submit(given)
	}
	if !f.attended {
		return errNotConfirmed
	}
	for {
		f.forgetTyped()
		typed, err := f.ask(f.confirmPrompt())
		if err != nil {
			return err
		}
		switch {
		case f.run.Plan.Confirms(typed) && f.run.Hindrance() != nil:
			f.hindered()
		case f.run.Plan.Confirms(typed): // before the commands: a cluster may be called b
			return f.submit(typed)
		case steps.Accepted(typed) != "":
			f.say(f.run.Accepting(steps.Accepted(typed)))
		case f.run.SafetyFirst() && (strings.TrimSpace(typed) == "" || typed == wordSafety):
			f.run.Safe()
			return nil
		case f.run.SafetyFirst() && typed == wordWithout:
			f.say("WARNING: " + f.run.Accepting(state.SafetyCheck))
		case command(typed) == "q":
			return ErrLeft
		case command(typed) == "b":
			return errBack
		case command(typed) == "?":
			f.help(f.run.Step())
			f.sayRequest()
			f.say("Answers: " + f.confirms() + f.turns() + "elsewhere says how other programs make the request; " + steps.SavesPlan + " (or " + steps.SavesPlan + " FILE) writes the plan to a file; r makes the checks again; " + commandHelp + ".")
			f.sayReview()
		case command(typed) == "??":
			f.glossary()
		case typed == "elsewhere":
			f.sayElsewhere()
		case typed == steps.SavesPlan || strings.HasPrefix(typed, steps.SavesPlan+" "):
			f.savePlan(strings.TrimSpace(strings.TrimPrefix(typed, steps.SavesPlan)))
		case typed == "r":
			f.run.Recheck()
			return nil
		case f.turn(typed):
			return nil
		case strings.TrimSpace(typed) == "":
			f.say("Nothing is submitted before it is confirmed.")
		case f.run.InTheWay() != nil:
			f.say(quoted(typed) + " answers nothing here. " + f.run.Nothing() + ".")
		default:
			f.say(quoted(typed) + " is not " + f.run.Plan.Phrase() + ". " + f.run.Nothing() + ".")
		}
	}
}

// hindered says what keeps the restore from being confirmed.
func (f *face) hindered() {
	p := f.run.Hindrance()
	f.trouble = &stopped{*p, f.run.Hindered(*p)}
	f.say(p.Text())
}

// confirms says what confirms, where anything does.
func (f *face) confirms() string {
	if f.run.InTheWay() != nil {
		return ""
	}
	return f.run.Plan.Phrase() + " confirms; "
}

// The words about the snapshot of the target before it is overwritten.
const (
	wordSafety  = "safety"
	wordWithout = "without"
)

// turn goes to a line of the plan, or to the snapshot of the target, if a word says so.
func (f *face) turn(word string) bool {
	if _, can := f.run.CanBeSafe(); can && word == wordSafety {
		f.run.Safe()
		return true
	}
	for _, l := range steps.Lines(f.run.Plan) {
		if word == l.Word {
			f.run.Edit(l.Step)
			return true
		}
	}
	return false
}

// turns are the words of turn.
func (f *face) turns() string {
	var words []string
	for _, l := range steps.Lines(f.run.Plan) {
		words = append(words, l.Word)
	}
	out := strings.Join(words, ", ") + " change that line of the plan; "
	if _, can := f.run.CanBeSafe(); can {
		out += wordSafety + " takes a snapshot of " + f.run.Plan.Target.ClusterName + " first; "
	}
	if f.run.SafetyFirst() {
		out += wordWithout + " goes on without it; "
	}
	return out
}

// savePlan writes the plan to a file; an empty name takes one that says what it is.
func (f *face) savePlan(file string) {
	save, err := f.run.Save(file)
	if err != nil {
		f.say(sentence(err))
		return
	}
	f.say(f.run.Saved(save()))
}

func (f *face) sayElsewhere() {
	for _, e := range state.InOtherWords(f.run.Plan, f.run.Cfg.Endpoint) {
		f.say(e.Name + ". " + e.Note)
		for line := range strings.Lines(e.Text) {
			f.say(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    "))
		}
	}
}

// check makes the checks, if they are not made.
func (f *face) check() error {
	gather := f.run.Gather()
	if gather == nil {
		return nil
	}
	facts, err := await(f, "Checking the plan", func(ctx context.Context) (state.Facts, error) { return gather(ctx), nil })
	if err != nil {
		return err
	}
	f.run.Gathered(facts)
	return nil
}

func (f *face) sayReview() {
	f.sayNext(f.run.Cfg.Mode.Words())
	ways := steps.Ways{Another: "say target", Safety: "say " + wordSafety, Unsafe: wordWithout}
	if !f.attended {
		ways = steps.Ways{} // nobody can take them
	}
	if d := f.run.Doubt(); d != nil {
		f.say("WARNING: " + d.Text())
	}
	var calm []string // what harms nothing is said together
	say := func() {
		if len(calm) > 0 {
			f.say(strings.Join(calm, " "))
		}
		calm = nil
	}
	for _, c := range f.run.Review(ways) {
		line := c.Line()
		switch {
		case c.Lead == "Warning":
			line = "WARNING: " + c.Text
		case c.Warn && c.Lead != "BLOCK" && c.Lead != "UNKNOWN":
			line = "WARNING: " + line
		}
		if !c.Warn {
			calm = append(calm, line)
			continue
		}
		say()
		f.say(line)
	}
	say()
	if !f.attended {
		f.sayRequest() // for the log
	}
}

// sayRequest says the very request: long to listen to, so that it is said on demand.
func (f *face) sayRequest() {
	if body, err := f.run.Plan.Request(); err == nil {
		raw, _ := json.Marshal(body.Body()) // of plain strings and numbers
		f.say("The request, to Atlas's restore jobs of " + f.run.Plan.Cluster.Name + ": " + string(raw))
	}
}

// confirmPrompt asks for what is needed now: for a way out of a BLOCK, for an acceptance, or
// for the confirmation. The very words of the confirmation are said only where they count.
func (f *face) confirmPrompt() string {
	so := f.run.SoFar()
	switch c := f.run.InTheWay(); {
	case c == nil:
	case f.run.SafetyFirst():
		return so + " A snapshot of " + f.run.Plan.Target.ClusterName + " as it is now is taken first. Enter takes it, " + wordWithout + " goes on without it:"
	case c.Verdict == state.Block:
		return so + " This cannot be submitted: " + c.Name + " is a BLOCK. " + f.wayOut(*c) + "r makes the checks again, b goes back:"
	default:
		return so + " " + c.Name + " is " + c.Verdict.String() + ". To go on all the same, type " + steps.Acceptance + c.Name + ":"
	}
	if f.run.Plan.Delivery == state.Collections && !f.run.Plan.Erases() {
		return so + " Nothing is erased. To restore " + steps.ChosenNames(f.run.Plan.Only, 1) + " into " + f.run.Plan.Target.ClusterName + ", type " + f.run.Plan.Phrase() + ":"
	}
	if f.run.Plan.Delivery == state.Download {
		return so + " To request the download, type " + f.run.Plan.Phrase() + ":"
	}
	target := f.run.Plan.Target.ClusterName
	if to := f.run.Cfg.Names.CalledTarget(f.run.Plan.Target); to.IsProduction() {
		target += ", which is " + to.Label() + ","
	} else if to.Name == "" {
		target += ", which is " + state.NotKnown + ","
	}
	if f.run.Plan.Delivery == state.Collections {
		return so + f.why() + " To overwrite " + steps.ChosenTargets(f.run.Plan.Only, 3) + " of " + strings.TrimSuffix(target, ",") + ", type " + f.run.Plan.Phrase() + ":"
	}
	if f.run.Plan.OntoItself() {
		return so + f.why() + " To erase " + strings.TrimSuffix(target, ",") + ", the source itself, and restore onto it, type " + f.run.Plan.Phrase() + ":"
	}
	its := "its name, "
	if f.run.Plan.Practice {
		its = ""
	}
	return so + f.why() + " To erase " + target + " and restore onto it, type " + its + f.run.Plan.Phrase() + ":"
}

// why says why a training is confirmed with other words than a real restore.
func (f *face) why() string {
	if !f.run.Plan.Practice {
		return ""
	}
	return " " + steps.WhyTrain
}

// wayOut is the word that changes the line of the plan which a check is about, or that which saves
// the plan.
func (f *face) wayOut(c state.Check) string {
	if c.WantsPlan() {
		return steps.SavesPlan + " writes the plan to a file, "
	}
	if l, ok := steps.LineOf(f.run.Plan, c.Name); ok {
		return l.Word + " changes the " + l.Word + ", "
	}
	return ""
}

// submit sends the request that typed confirms, once. While it is under way ctrl+c is
// asked for twice: whoever leaves then does not know what became of it.
func (f *face) submit(typed string) error {
	request := f.run.Confirm(typed)
	if request == nil {
		return errNotConfirmed
	}
	if f.attended {
		f.say("Looking once more at what runs, then sending the request to Atlas, once.")
	}
	done, sends := make(chan steps.Submitted, 1), make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	ctx = state.WithPart(ctx, func(steps.Phase) { sends <- struct{}{} })
	go func() { done <- request(ctx) }()
	warned := false
	for {
		select {
		case <-sends:
			f.sends()
		case d := <-done:
			select {
			case <-sends: // both have come
				f.sends()
			default:
			}
			return f.settle(d)
		case <-f.interrupt:
			if warned || f.run.Stop() {
				cancel()
				f.run.Leave(lastOutcome)
				return ErrLeft // the session knows what became of the request, or that it is under way
			}
			warned = true
			f.say("Atlas's answer is awaited. ctrl+c again leaves now, and whether a job runs is then unknown.")
		}
	}
}

// lastOutcome is for how long the outcome of a request is awaited whose call was ended.
const lastOutcome = 3 * time.Second

// sends says that the request is sent now, where that was not said before.
func (f *face) sends() {
	if !f.attended {
		f.say("Sending the request to Atlas, once.")
	}
}

// settle says what became of the request.
func (f *face) settle(d steps.Submitted) error {
	if say := f.run.Settle(d); say != "" {
		f.say("WARNING: " + say)
	}
	switch {
	case d.Verdict == submit.Created:
		return nil
	case d.Verdict == submit.Refused && f.ctx.Err() != nil && errors.Is(d.Err, context.Canceled):
		return ErrLeft // nobody has refused it
	case d.Verdict == submit.Refused && !f.attended:
		return &stopped{f.run.Refused(d.Err), d.Err}
	case d.Verdict == submit.Refused:
		p := f.run.Refused(d.Err)
		f.trouble = &stopped{p, d.Err}
		f.say(p.Text())
		return nil // the review again, and a confirmation of its own
	case f.ctx.Err() != nil:
		return errOver // the summary tells of the doubt
	}
	return nil // its job is looked for
}
