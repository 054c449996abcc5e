package lines

import (
	"errors"
	"strings"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// list asks a step that is answered by choosing one of several.
func list[T any](f *face, l steps.List[T]) error { return ask(f, l, special{}) }

// special is what is special about how a list is asked for.
type special struct {
	start string                     // what was answered already
	seek  func(string) (bool, error) // as in question
}

// ask is list with what is special about it.
func ask[T any](f *face, l steps.List[T], how special) error {
	items, err := loaded(f, l)
	if err != nil {
		return err
	}
	rows := l.Rows(items)
	if l.Given != "" {
		i, err := l.FindGiven(steps.TableOf(rows))
		if err == nil {
			f.answeredBy(l.Step, func() { choose(f, l, items[i]) }, meaning(l, items[i]))
			return nil
		}
		if err := f.unguided(err); err != nil {
			return err
		}
	}
	if !f.attended {
		return errors.New("the " + l.Noun + " is not given")
	}
	return f.pick(l.Step, question{
		noun: l.Noun, options: options(l, rows), usual: usual(l, rows),
		before: intro(f, l), words: words(l), explain: func() { f.help(l.Step) },
		find:   func(text string) (int, error) { return l.Find(steps.TableOf(rows), text) },
		prompt: l.Name, now: l.Now, start: how.start, seek: how.seek, lacks: l.Lacks,
		reads: func(text string) string {
			return steps.Instead(l.Others, text, func(o steps.Other) string { return "say " + o.Word })
		},
	}, l.Others, func(r reply) (func(state.Plan) state.Plan, string) {
		switch {
		case r.at < 0:
			return nil, "" // it was found elsewhere, which is asked for next
		case l.Leads && l.Take != nil:
			f.answeredBy(l.Step, func() { l.Take(f.run, items[r.at]) }, "")
			return nil, ""
		case l.Take != nil:
			l.Take(f.run, items[r.at])
			return nil, ""
		}
		return func(p state.Plan) state.Plan { return l.Answer(p, items[r.at]) }, meaning(l, items[r.at])
	})
}

// choose answers a step with an item of its list.
func choose[T any](f *face, l steps.List[T], item T) {
	if l.Take != nil {
		l.Take(f.run, item)
		return
	}
	f.run.Answered(l.Answer(f.run.Plan, item))
}

// meaning is what choosing item means, but for what is asked next: that is heard at once.
func meaning[T any](l steps.List[T], item T) string {
	if l.Leads {
		return ""
	}
	return l.Meaning(item, true)
}

// pick asks q for a step and takes its answer.
func (f *face) pick(step state.Step, q question, others []steps.Other, take func(reply) (func(state.Plan) state.Plan, string)) error {
	if q.prompt == "" {
		q.prompt = steps.Question(step, f.run.Plan, f.run.Cfg.Now()).Name
	}
	r, err := f.choose(q)
	if err != nil {
		return err
	}
	if r.word == "r" {
		f.forget(step)
		return nil // the step is still open: it is asked anew
	}
	for _, o := range others {
		if r.word == o.Word {
			o.Go(f.run)
			return nil
		}
	}
	if answer, means := take(r); answer != nil {
		f.chosen(step, answer, means)
	}
	return nil
}

// chosen takes the answer of a step and says what it was understood to be.
func (f *face) chosen(step state.Step, answer func(state.Plan) state.Plan, means string) {
	f.answeredBy(step, func() { f.run.Answered(answer(f.run.Plan)) }, means)
}

// answeredBy has a step answered and says what the answer was understood to be.
func (f *face) answeredBy(step state.Step, answer func(), means string) {
	answer()
	if step == state.StepDelivery {
		f.told = f.run.Plan.Delivery
	}
	rung := steps.Question(step, f.run.Plan, f.run.Cfg.Now())
	if step == state.StepDelivery {
		rung.Answer = f.told.Named() // whoever answers with flags next time needs Atlas's word
	}
	line := rung.Name + ": " + strings.Join(append([]string{rung.Answer}, rung.More...), ", ") + "."
	if f.attended && means != "" {
		line += " " + means
	}
	f.sayNext(line)
}

// forget drops what was loaded for a step, so that it is loaded anew.
func (f *face) forget(step state.Step) {
	switch step {
	case state.StepProject:
		f.run.Seen.Projects, f.run.Seen.Found = nil, nil
	case state.StepCluster:
		delete(f.run.Seen.Clusters, f.run.Plan.Project.ID)
	default: // it is loaded every time
	}
}

// loaded are the items of a list. Where they cannot be loaded, somebody can try again.
func loaded[T any](f *face, l steps.List[T]) ([]T, error) {
	if l.Items != nil {
		return l.Items, nil
	}
	if l.Known != nil {
		return l.Known, nil
	}
	items, err := load(f, l.Loading, l.Load)
	if err == nil && l.Keep != nil {
		l.Keep(items)
	}
	return items, err
}

func options[T any](l steps.List[T], rows []steps.Row) []option {
	bearers := map[string]int{}
	for _, r := range rows {
		bearers[r.Name]++
	}
	out := make([]option, len(rows))
	for i, r := range rows {
		var about []string
		for c, cell := range r.Cells {
			// An id is long to listen to, and only of use where the name is not enough.
			if cell == "" || cell == state.NoSize || cell == r.Name || cell == r.ID && bearers[r.Name] == 1 {
				continue
			}
			switch say := l.Said[c]; {
			case l.Columns[c].Role == columns.Badge:
				cell = r.Environment.Words() // nobody says STG
			case say != nil:
				cell = say(cell)
			}
			about = append(about, cell)
		}
		if r.Warning != "" {
			about = append(about, "WARNING: "+r.Warning)
		}
		out[i] = option{name: r.Name, id: r.ID, about: strings.Join(about, ", "), text: r.Sought(), barred: r.Barred}
	}
	return out
}

// usual is the option that enter takes: what answered before, the only one that can
// be chosen, or what First means where that is what is mostly wanted.
func usual[T any](l steps.List[T], rows []steps.Row) int {
	first, choosable := steps.First(steps.TableOf(rows)), 0
	for i, r := range rows {
		if r.Barred != "" {
			continue
		}
		choosable++
		if r.ID == l.Chosen {
			return i
		}
	}
	if l.Usual || choosable == 1 {
		return first
	}
	return -1
}

// intro is what is said before the options.
func intro[T any](f *face, l steps.List[T]) []string {
	rung := steps.Question(l.Step, f.run.Plan, f.run.Cfg.Now())
	ask := rung.Name + ": " + rung.Ask
	if l.Ask != "" {
		ask = l.Name + ": " + l.Ask
	}
	for _, o := range l.Others {
		ask += " Say " + o.Word + " to " + o.Line + "."
	}
	return []string{ask}
}

func words[T any](l steps.List[T]) []string {
	var out []string
	if l.Load != nil {
		out = append(out, "r")
	}
	for _, o := range l.Others {
		out = append(out, o.Word)
	}
	return out
}
