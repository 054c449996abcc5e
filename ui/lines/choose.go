package lines

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// option is one thing that can be chosen, or that is said with the reason why not.
type option struct {
	name   string // an answer, like its number and its id
	id     string
	about  string      // the rest of its line
	text   filter.Text // what other text finds of it
	barred string      // why it cannot be chosen
}

// question is one prompt with what is said before it.
type question struct {
	noun    string   // "project"
	prompt  string   // "Project"
	before  []string // said before the options: what it means, what it warns of
	options []option
	usual   int                        // the option that enter takes; -1 for none
	careful bool                       // enter alone never takes anything
	kept    string                     // what was answered before and enter keeps, where there are no options
	words   []string                   // answers that are commands of this question
	find    func(string) (int, error)  // the option that a text means
	free    bool                       // a text that is no option is an answer too
	again   bool                       // it was asked just before: only the prompt is said
	repeat  string                     // a text that was no option, and is an answer if it is said once more
	start   string                     // what was answered already, before this was asked
	seek    func(string) (bool, error) // looks elsewhere for a text that matches no option, and says whether it is there; nil: nowhere
	now     func() time.Time           // where options have days, which can be called yesterday too; nil else
	reads   func(string) string        // what a text that matches no option may be instead; nil for nothing
	lacks   string                     // where what matches no option may be all the same
	explain func()
}

// reply is what was answered: an option, a word of the question, or a free text.
type reply struct {
	at   int // -1 for none
	word string
	text string
}

// pageSize is how many options are said first: whoever listens knows by then how the rows
// read, and the rest is said on demand.
const (
	pageSize = 5
	morePage = 15 // for more
)

// asking is a question while it is asked.
type asking struct {
	*face
	question
	shown  []int  // the options that are talked about, in their order
	rest   []int  // of them, those that were not said yet
	whole  int    // what enter takes while all options are talked about
	filter string // what the options that are talked about match; empty for all
	last   string // the last text that was no answer
}

// choose asks q until it has an answer.
func (f *face) choose(q question) (reply, error) {
	a := &asking{face: f, question: q, whole: q.usual}
	a.all()
	if q.again {
		a.rest = nil // they were said before
	} else {
		for _, line := range q.before {
			f.say(line)
		}
		if q.start == "" {
			a.page(a.shown, pageSize)
		}
	}
	if q.start != "" {
		a.rest = nil
		if r, done, err := a.take(q.start); done || err != nil {
			return r, err
		}
	}
	for {
		text, err := f.answer(a.promptText())
		if err != nil {
			return reply{at: -1}, err
		}
		if r, done, err := a.take(text); done || err != nil {
			return r, err
		}
	}
}

// all talks of all options again.
func (a *asking) all() {
	a.shown, a.usual, a.filter = nil, a.whole, ""
	for i := range a.options {
		a.shown = append(a.shown, i)
	}
}

// take is one answer: what it means, or a word about why it means nothing.
func (a *asking) take(text string) (r reply, done bool, err error) {
	if _, err := a.meant(text); err != nil { // or something is called help
		text = command(text)
	}
	return a.obey(text)
}

// obey takes an answer in which commands are short words.
func (a *asking) obey(text string) (r reply, done bool, err error) {
	r = reply{at: -1}
	switch {
	case text == "q":
		return r, true, ErrLeft
	case text == "b":
		return r, true, errBack
	case text == "?":
		a.explain()
		a.say(a.answers())
		return r, false, nil
	case text == "??":
		a.glossary()
		return r, false, nil
	case text == "" && a.usual >= 0:
		return reply{at: a.usual}, true, nil
	case text == "" && a.kept != "":
		return reply{at: -1, text: a.kept}, true, nil
	case text == "":
		a.say("Enter alone takes nothing here.")
		return r, false, nil
	case text == "all" && len(a.options) > 0:
		a.all()
		a.page(a.shown, len(a.shown))
		return r, false, nil
	case text == "more" && len(a.options) > 0:
		if len(a.rest) == 0 {
			a.say("There are no more.")
		}
		a.page(a.rest, morePage)
		return r, false, nil
	case slices.Contains(a.words, text):
		return reply{at: -1, word: text}, true, nil
	}
	at, err := a.meant(text)
	switch {
	case err == nil && a.options[at].barred != "":
		a.say(fmt.Sprintf("%s cannot be chosen: %s.", a.options[at].name, a.options[at].barred))
		return r, false, nil
	case err == nil:
		return reply{at: at}, true, nil
	case !errors.Is(err, steps.ErrNoSuch):
		a.say(sentence(err))
		return r, false, nil
	case a.free && agreement(text):
		a.say(fmt.Sprintf("%s answers nothing here.", quoted(text)))
		return r, false, nil
	case a.free && (text == a.last || text == a.repeat):
		return reply{at: -1, text: text}, true, nil
	}
	a.last = text
	return a.narrow(text)
}

// answers says what can be answered to this question.
func (a *asking) answers() string {
	var out []string
	if len(a.options) > 0 {
		out = append(out, "a number, an exact name or an id", "other text narrows the list", "all reads the whole list again")
	}
	if len(a.options) > pageSize {
		out = append(out, "more says more of it")
	}
	for _, w := range a.words {
		if w == "r" {
			out = append(out, "r loads the list again")
		} else {
			out = append(out, w)
		}
	}
	return "Answers: " + strings.Join(append(out, commandHelp), "; ") + "."
}

// commandHelp are the answers that every question takes.
const commandHelp = "b goes back; q leaves; ?? says what the words mean"

// command is the short word of a command that was written out: nobody who asks for help
// or wants to leave is to be taken for naming something.
func command(text string) string {
	switch strings.ToLower(text) {
	case "q", "quit", "exit":
		return "q"
	case "b", "back":
		return "b"
	case "help":
		return "?"
	case "more", "all":
		return strings.ToLower(text)
	}
	return text
}

// agreement says whether text is a yes or no, which names nothing.
func agreement(text string) bool {
	return slices.Contains([]string{"y", "yes", "n", "no", "ok"}, strings.ToLower(text))
}

// narrow talks from now on about the options that text means.
func (a *asking) narrow(text string) (r reply, done bool, err error) {
	texts := make([]filter.Text, len(a.options))
	for i, o := range a.options {
		texts[i] = o.text
	}
	typed := filter.New(text)
	if a.now != nil {
		typed = filter.On(text, a.now())
	}
	found := typed.Rows(texts)
	if len(found) == 0 && a.free {
		return reply{at: -1, text: text}, true, nil
	}
	if len(found) == 0 && a.question.seek != nil && !agreement(text) {
		there, err := a.question.seek(text)
		return reply{at: -1}, there, err
	}
	if len(found) == 0 {
		where := "."
		if a.lacks != "" {
			where = " in " + a.lacks
		}
		if a.reads != nil {
			if instead := a.reads(text); instead != "" {
				where += " " + instead
			}
		}
		a.say(fmt.Sprintf("No %s matches %s%s%s", a.noun, quoted(text), where, state.DidYouMeanThen(text, func(yield func(string) bool) {
			for _, o := range a.options {
				if o.barred == "" && !yield(o.name) {
					return
				}
			}
		})))
		return reply{at: -1}, false, nil
	}
	// Without "1 of 57": that is how a row begins.
	these := fmt.Sprintf("these %d", len(found))
	if len(found) == 1 {
		these = "this one"
	}
	a.say(fmt.Sprintf("%s matches %s:", quoted(text), these))
	a.shown, a.filter = found, text
	a.page(found, pageSize)
	if a.usual = -1; len(found) == 1 && !a.careful && a.options[found[0]].barred == "" {
		a.usual = found[0]
	}
	return reply{at: -1}, false, nil
}

// meant is the option that text means: its number, or what the step finds. A number
// that is also a name is neither, and so is one that was not heard beside its option.
func (a *asking) meant(text string) (int, error) {
	q := a.question
	at, err := q.find(text)
	n, notNumber := strconv.Atoi(text)
	isNumber := notNumber == nil && n >= 1 && n <= len(q.options)
	switch {
	case isNumber && err == nil && at != n-1:
		return -1, fmt.Errorf("%s is the number of %s, and the name of another %s: say the id", text, q.options[n-1].name, q.noun)
	case isNumber && !slices.Contains(a.shown, n-1):
		return -1, fmt.Errorf("number %d does not match %s: it is %s. Say the name to take it, or all to hear the whole list again", n, quoted(a.filter), q.options[n-1].name)
	case isNumber && slices.Contains(a.rest, n-1):
		return -1, fmt.Errorf("number %d was not read out yet: say more, or the name", n)
	case isNumber:
		return n - 1, nil
	case notNumber == nil && errors.Is(err, steps.ErrNoSuch) && len(q.options) > 0 && !q.free && len(text) < 6:
		return -1, fmt.Errorf("there is no number %d: they go from 1 to %d", n, len(q.options))
	}
	return at, err
}

func (o option) line() string {
	line := o.name
	if o.about != "" {
		line += ", " + o.about
	}
	if o.barred != "" {
		line += ", cannot be chosen: " + o.barred
	}
	return line
}

// page says the first options of those, as many as most, and keeps what is left. A number stays with
// its option whatever else is said.
func (a *asking) page(of []int, most int) {
	if len(of) == 0 {
		return
	}
	n := min(len(of), most)
	var said []string
	for _, i := range of[:n] {
		said = append(said, fmt.Sprintf("%d of %d: %s", i+1, len(a.options), a.options[i].line()))
	}
	a.rest = of[n:]
	if len(a.options) <= fewOptions {
		said = []string{strings.Join(said, ". ") + "."}
	}
	for _, line := range said {
		a.say(line)
	}
}

// fewOptions are said in one breath.
const fewOptions = 3

// promptText is the prompt, with what enter takes in words, and behind what was not said
// of the list.
func (a *asking) promptText() string {
	text := a.prompt
	if n := len(a.rest); n > 0 {
		text = fmt.Sprintf("%d more: say more, or a part of the name. %s", n, text)
	}
	switch {
	case a.kept != "":
		return fmt.Sprintf("%s, enter keeps %s:", text, a.kept)
	case a.usual < 0:
		return text + ":"
	}
	return fmt.Sprintf("%s, enter takes %s:", text, a.options[a.usual].name)
}
