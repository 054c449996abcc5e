package forms

import (
	"errors"
	"fmt"
	"strings"

	"atlas-restore/state"
)

// Question is the focused field as a face asks it that has no screen: what the View
// shows, as data.
type Question struct {
	Field   string // one of the Field constants
	Label   string
	Meaning string
	Hint    string   // what can be typed, where the field is only typed
	Options []Option // what can be picked
	Value   string   // what stands in the field already
	Valid   bool     // whether that value can be taken as it is
	Remark  string   // about the value: an echo of it, or what is wrong with it
}

// Option is one thing that can be picked in a field.
type Option struct {
	Name   string
	Value  string   // what Answer takes for it
	Words  []string // about it
	Barred string   // why it cannot be taken; empty if it can
}

// Question is what the focused field asks.
func (f *Form) Question() Question {
	fl := f.shown[f.at()]
	q := fl.ask()
	q.Field, q.Label = fl.GetKey(), fl.name()
	q.Valid = fl.problem() == nil
	return q
}

// Unlisted is the error of an answer that is not among the options, but can be had as
// it was typed. Near asks for the options that are nearly that; it is empty where none is.
type Unlisted struct{ Value, Near string }

// Error implements error.
func (e Unlisted) Error() string { return e.Value + " is not listed" }

// Barred is the error of an answer that is among the options and cannot be taken as they
// stand now.
type Barred struct{ Why string }

// Error implements error.
func (e Barred) Error() string { return e.Why }

// Answer writes text into the focused field and goes on, as typing it and Enter do. Of
// an option the name or the value is taken, and nothing that only begins so; a value
// that is not among the options is Unlisted unless asTyped is set. The remark is what the
// answer was understood to be; the error says why the field cannot be left.
func (f *Form) Answer(text string, asTyped bool) (remark string, err error) {
	at := f.at()
	fl := f.shown[at]
	before := f.oplogTs.value()
	err = fl.answer(text, asTyped)
	i, _ := readOplogTs(pasted(text), f.now(), f.zone)
	whole := fl == f.oplogTs && i.OplogInc != 0
	if f.oplogTs.value() != before && !whole { // the number of a write belongs to its second
		f.oplogInc.input.SetValue("")
	}
	if fl == f.restoreTo {
		f.build(at)
	}
	f.sync()
	if err != nil {
		return "", err
	}
	remark = fl.ask().Remark
	if whole {
		at++ // the increment is answered too
	}
	f.goOn(at)
	return remark, nil
}

// AnswerAll takes what flags have put into the fields, from the focused one to the last; the
// error is that of the first one which cannot be left.
func (f *Form) AnswerAll() error {
	for !f.completed {
		q := f.Question()
		if _, err := f.Answer(q.Value, false); err != nil {
			return f.Given(q, err)
		}
	}
	return nil
}

// Given is the error of a field that a flag answers: of a target it names the flag.
func (f *Form) Given(q Question, err error) error {
	var unlisted Unlisted
	var none NoProject
	switch {
	case q.Field == FieldProject && errors.As(err, &none):
		err = errors.New(noProject + none.Near)
	case q.Field == FieldProject && errors.As(err, &unlisted):
		err = errors.New(noProject + unlisted.Near)
	case q.Field == FieldCluster && errors.As(err, &unlisted):
		err = fmt.Errorf("there is no such cluster in %s; one of another project needs --%s%s", f.target.Name, state.FlagTargetProject, unlisted.Near)
	}
	switch q.Field {
	case FieldProject:
		return fmt.Errorf("--%s %q: %w", state.FlagTargetProject, q.Value, err)
	case FieldCluster:
		return fmt.Errorf("--%s %q: %w", state.FlagTargetCluster, q.Value, err)
	}
	return fmt.Errorf("%s %q: %w", strings.ToLower(q.Label), q.Value, err)
}

const noProject = "there is no such project that this credential may read"

// NoProject is the error of a name that no project bears. Near is that of Unlisted.
type NoProject struct{ Value, Near string }

// Error implements error.
func (e NoProject) Error() string {
	if e.Near != "" {
		return fmt.Sprintf("no project is called %q%s", e.Value, e.Near)
	}
	return fmt.Sprintf("no project is called %q: take one of the list, or type its id", e.Value)
}

// First puts the focus on the first field.
func (f *Form) First() { f.focusOn(0) }

// Back goes to the field before; false on the first one.
func (f *Form) Back() bool {
	at := f.at()
	if at == 0 {
		return false
	}
	f.focusOn(at - 1)
	return true
}

const (
	wordMoment = "moment"
	wordOplog  = "oplog"
)

func (c *choice) ask() Question {
	q := Question{Meaning: c.means, Value: wordMoment, Options: []Option{
		{Name: wordMoment, Value: wordMoment, Words: []string{"a second in time"}},
		{Name: wordOplog, Value: wordOplog, Words: []string{"one exact write, by its timestamp and increment"}},
	}}
	if c.oplog {
		q.Value = wordOplog
	}
	return q
}

func (c *choice) answer(text string, _ bool) error {
	switch text {
	case wordMoment, wordOplog:
		c.oplog = text == wordOplog
		return nil
	}
	return fmt.Errorf("%q is neither %s nor %s", text, wordMoment, wordOplog)
}

func (t *text) ask() Question {
	q := Question{Meaning: t.means, Hint: t.hint(), Value: t.value()}
	if err := t.problem(); err == nil {
		q.Remark = t.echo(q.Value)
	} else if q.Value != "" {
		q.Remark = err.Error()
	}
	return q
}

func (t *text) answer(text string, _ bool) error {
	if text = pasted(text); text != t.value() && t.typed != nil {
		t.typed() // what is said now counts from now
	}
	t.input.SetValue(text)
	t.touched = true
	t.fix()
	return t.problem()
}

func (p *pick) ask() Question {
	q := Question{Meaning: p.means, Value: p.value()}
	for _, r := range p.rows {
		o := Option{Name: r.name, Value: r.value, Words: r.words, Barred: r.barred}
		if r.of.ID != "" && r.env.Name == "" && !r.source { // a badge is among the words
			o.Words = append([]string{r.env.Words()}, o.Words...)
		}
		q.Options = append(q.Options, o)
	}
	_, q.Remark = p.remark(q.Value, p.err)
	return q
}

func (p *pick) answer(text string, asTyped bool) error {
	text = pasted(text)
	p.touched = true
	found := p.called(text)
	switch {
	case len(found) == 1 && found[0].barred != "":
		return Barred{refusal(found[0].name, found[0].barred)}
	case len(found) == 1:
		p.take(found[0])
		return p.err
	case len(found) > 1:
		return fmt.Errorf("%d are called %q: say the id", len(found), text)
	}
	p.input.SetValue(text)
	p.taken, p.whole = false, false
	p.match()
	r, ok := p.asTyped(p.value())
	switch {
	case ok && asTyped:
		p.take(r)
	case ok:
		return Unlisted{p.value(), p.near(p.value())}
	}
	return p.err
}

// near asks for the rows whose name is nearly what was given. None is offered that cannot be taken, nor the
// source itself, which nobody should come to by a slip of a key.
func (p *pick) near(given string) string {
	return state.DidYouMean(given, func(yield func(string) bool) {
		for _, r := range p.rows {
			if r.barred == "" && !r.source && !yield(r.name) {
				return
			}
		}
	})
}

// called are the rows that text means: the one of that value, else all of that name.
func (p *pick) called(text string) []row {
	var found []row
	for _, r := range p.rows {
		if r.value == text {
			return []row{r}
		}
		if r.name == text {
			found = append(found, r)
		}
	}
	return found
}
