package lines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/ui/steps"
)

// whenStep looks for when something was lost: the same search, rows and proposals as on the full
// screen.
type whenStep struct {
	*face
	cluster state.Cluster
	known   steps.Inventory
	again   bool // the rows were said
	only    bool // what is chosen is restored alone
}

// errAside says that a question was left for a step aside.
var errAside = errors.New("a step aside")

// errSingle says that single collections are wanted in the place of a whole cluster.
var errSingle = errors.New("single collections instead")

const (
	wordFurther = "further" // looks further back
	wordOther   = "other"   // looks for something else
	wordStop    = "stop"    // stops a search
	wordOnly    = "only"    // restores only what was lost, and nothing else of the cluster
)

// when asks what is missing and since when, looks for it, and takes what is proposed because of
// one thing that was found.
func (f *face) when() error {
	w := &whenStep{face: f, cluster: f.run.Plan.Cluster}
	f.say("Find out when something was lost. This only reads: nothing is changed by it.")
	if err := w.learn(); err != nil {
		return err
	}
	h := f.run.Seen.HuntOf(w.cluster)
	if given := f.run.Cfg.Given.Lost(); given != "" { // a flag has said it
		asked, err := steps.NewHunt(f.run.Cfg, w.cluster, w.known, given, "", w.oldest())
		if err != nil {
			return err
		}
		if h, err = w.look(asked); err != nil {
			return err
		}
	}
	for {
		if h == nil {
			asked, err := w.ask()
			if err != nil {
				return err
			}
			if h, err = w.look(asked); err != nil {
				return err
			}
		}
		r, err := w.pick(*h)
		switch {
		case err != nil:
			return err
		case r.word == wordOther:
			h = nil
		case r.word == wordOnly:
			w.only, w.again = !w.only, true
			if w.only {
				f.say("What you choose now is restored alone, and nothing else of the cluster.")
			} else {
				f.say("What you choose now has the whole cluster restored.")
			}
		case r.word == wordFurther:
			wider, ok := h.Wider(w.oldest(), f.run.Cfg.Now())
			if !ok {
				f.say("There is nothing further back: no older moment can be restored, or no older log is kept.")
				w.again = true
				continue
			}
			if h, err = w.look(wider); err != nil {
				return err
			}
		default:
			l := w.losses(*h)[r.at] // what has no proposal is barred
			if w.only {
				if !f.run.Only(l) {
					f.say("That cannot be restored alone. " + wordOnly + " again restores the whole cluster.")
					w.again = true
					continue
				}
				f.sayNext(w.restores(l) + ", and nothing else of the cluster.")
				return nil
			}
			f.run.Chose(l)
			f.sayNext(w.restores(l) + ".")
			return nil
		}
	}
}

// offersWhen is a list from which the search can be gone to.
func offersWhen[T any](l steps.List[T]) steps.List[T] {
	o := steps.WhenOther()
	if !slices.ContainsFunc(l.Others, func(x steps.Other) bool { return x.Word == o.Word }) {
		l.Others = append(l.Others, o)
	}
	return l
}

// restores says what a loss proposes; empty for nothing.
func (w *whenStep) restores(l steps.Loss) string {
	what, here, why := l.Restores(w.run.Cfg)
	if what == "" {
		return ""
	}
	return strings.Join(nonEmpty([]string{what, here, why}), ", ")
}

// learn loads what is needed to propose something. Without it the search goes on.
func (w *whenStep) learn() error {
	cfg, seen := w.run.Cfg, w.run.Seen
	if past := seen.PastOf(w.cluster); past == nil || !past.Whole() || seen.Snapshots == nil {
		what := steps.LoadingPast(w.cluster)
		found, err := await(w.face, what, func(ctx context.Context) (steps.Past, error) {
			return steps.LoadPast(ctx, cfg.Walk(), w.cluster, seen.Snapshots)
		})
		if errors.Is(err, ErrLeft) {
			return err
		}
		if err != nil {
			w.say(state.Explain(what, err).Text())
		}
		seen.Learn(found)
	}
	known, ok := steps.InventoryOf(seen.Snapshots, cfg.Now())
	if !ok || w.cluster.Family == state.Flex {
		return nil
	}
	w.known = known
	v, err := await(w.face, "Loading the names in the snapshot of "+state.UTC(known.Of.When(), cfg.Now()), func(ctx context.Context) (steps.Inventory, error) {
		names, err := known.Names(ctx, cfg.Walk(), w.cluster)
		if err != nil {
			return known, err
		}
		known.Databases = names
		return known.Beside(ctx, cfg.Walk(), w.cluster, cfg.Now()), nil
	})
	if errors.Is(err, ErrLeft) {
		return err
	}
	if err == nil {
		w.known = v // where they cannot be read a name stands for itself
	}
	return nil
}

// open loads the collections of the database that a text names: only then is it known whether there
// is such a collection.
func (w *whenStep) open(text string) error {
	cfg := w.run.Cfg
	db := w.known.ToOpen(text)
	if db == "" || !strings.Contains(text, ".") {
		return nil
	}
	names, err := await(w.face, "Loading the collections of "+db, func(ctx context.Context) ([]string, error) {
		return w.known.Open(ctx, cfg.Walk(), w.cluster, db)
	})
	if errors.Is(err, ErrLeft) {
		return err
	}
	if err == nil {
		w.known = w.known.Opened(db, names)
	}
	return nil
}

func (w *whenStep) reach() state.Reach {
	return w.run.Seen.PastOf(w.cluster).Reach(w.cluster, w.run.Seen.Snapshots, w.run.Cfg.Now())
}

func (w *whenStep) oldest() time.Time {
	return steps.Oldest(w.reach(), w.run.Seen.Snapshots, w.run.Cfg.Now())
}

func (w *whenStep) losses(h steps.Hunt) []steps.Loss {
	return h.Losses(w.cluster, w.reach(), w.run.Seen.Snapshots, w.run.Cfg.Now())
}

// ask asks what is missing, and since when.
func (w *whenStep) ask() (steps.Hunt, error) {
	said := ""
	for {
		text, err := w.free(steps.WhenMissing+"? Say "+steps.WhenMissingHint+":", said)
		if err != nil {
			return steps.Hunt{}, err
		}
		if err := w.open(text); err != nil {
			return steps.Hunt{}, err
		}
		unknown, _ := w.known.Unknown(text)
		if names := w.known.Suggest(text); text != "" && len(names) > 1 && unknown == "" {
			w.say("This may be " + strings.Join(names[:min(len(names), pageSize)], ", ") + ".")
		}
		w.say(w.known.Words(text))
		if unknown != "" {
			w.say("It is looked for all the same; b says another name.")
		}
		since, err := w.free(steps.WhenSince+"? Say "+steps.WhenSinceHint+":", "")
		if errors.Is(err, errBack) {
			said = text
			continue
		}
		if err != nil {
			return steps.Hunt{}, err
		}
		h, err := steps.NewHunt(w.run.Cfg, w.cluster, w.known, text, since, w.oldest())
		if err == nil {
			return h, nil
		}
		w.say(sentence(err))
		said = text
	}
}

// free reads an answer that is any text, or none; enter keeps what was said before.
func (w *whenStep) free(prompt, said string) (string, error) {
	if said != "" {
		prompt = strings.TrimSuffix(prompt, ":") + ", enter keeps " + said + ":"
	}
	for {
		text, err := w.answer(prompt)
		if err != nil {
			return "", err
		}
		switch command(text) {
		case "b":
			return "", errBack
		case "q":
			return "", ErrLeft
		case "?":
			w.help(steps.StepWhen)
			continue
		case "??":
			w.glossary()
			continue
		case "":
			return said, nil
		}
		return text, nil
	}
}

// look searches, says how it goes on and what is found, until its end or until somebody stops it.
func (w *whenStep) look(h steps.Hunt) (*steps.Hunt, error) {
	w.again = false
	cfg := w.run.Cfg
	input := w.in
	if cfg.Piped {
		input = nil // what is read answers the next question
	}
	what := h.Title() + " Looking " + h.Back(cfg.Now()) + "."
	if input != nil {
		what += " " + wordStop + " ends it with what was found; s says how it stands."
	}
	w.say(what)
	h = h.Goes()
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	news, done := make(chan incident.Findings, 1), make(chan incident.Findings, 1)
	go func() {
		done <- h.Search(w.cluster, w.reach(), w.run.Seen.Snapshots, cfg.Now()).Run(ctx, cfg.Atlas, func(f incident.Findings) {
			select {
			case <-news: // only the newest is of use
			default:
			}
			news <- f
		})
	}()
	sign := time.NewTicker(w.heartbeat)
	defer sign.Stop()
	told := map[string]bool{}
	for _, l := range w.losses(h) {
		told[l.ID()] = true
	}
	hear := func() {
		for _, l := range slices.Backward(w.losses(h)) {
			if !told[l.ID()] {
				told[l.ID()] = true
				w.say("Found: " + strings.Join(nonEmpty(l.Row(cfg).Cells), ", ") + ".")
			}
		}
	}
	for {
		select {
		case f := <-news:
			h = h.Told(f)
			hear()
		case f := <-done:
			if w.ctx.Err() != nil {
				return nil, ErrLeft
			}
			h = h.Told(f)
			w.run.Seen.Hunt = &h
			return &h, nil
		case <-sign.C:
			w.say(h.Looking(cfg.Now()))
		case <-w.tick:
			for _, line := range w.tend() {
				w.say(line)
			}
		case line, ok := <-input.next():
			input.took()
			switch {
			case !ok:
				input = nil
				continue
			case w.weary():
				return nil, errNowhere
			}
			switch command(strings.TrimSpace(line)) {
			case "q":
				return nil, ErrLeft
			case "b":
				return nil, errBack
			case "?":
				w.help(steps.StepWhen)
			case "s":
				w.say(h.Looking(cfg.Now()))
			case wordStop:
				cancel()
			case "":
			default:
				w.say(quoted(line) + " means nothing here. " + wordStop + " ends the search with what was found, s says how it stands, b goes back, q leaves.")
			}
		case <-w.interrupt:
			return nil, ErrLeft
		case <-w.ctx.Done():
			return nil, ErrLeft
		}
	}
}

// pick says what was found and what could not be read, and asks which it is.
func (w *whenStep) pick(h steps.Hunt) (reply, error) {
	cfg, losses := w.run.Cfg, w.losses(h)
	now := cfg.Now()
	var before []string
	if read := h.WasRead(); read != "" {
		before = append(before, "Read: "+read+".")
	}
	before = append(append(before, h.UnreadWords(now)...), nonEmpty([]string{h.HasWords(now), h.Nothing(now)})...)
	q := question{
		noun: "row", prompt: "Which", usual: -1, again: w.again,
		words: []string{wordFurther, wordOther, wordOnly}, explain: func() { w.help(steps.StepWhen) },
		find: func(text string) (int, error) { return findLoss(losses, text) },
	}
	if len(losses) == 0 {
		q.prompt = fmt.Sprintf("%s looks further back, %s looks for something else, b goes back", wordFurther, wordOther)
	} else {
		before = append(before, fmt.Sprintf("Which is it? What you choose is restored to before it. %s first restores nothing else of the cluster; %s looks further back, %s looks for something else.", wordOnly, wordFurther, wordOther))
	}
	q.before = before
	choosable := 0
	for i, l := range losses {
		r := l.Row(cfg)
		about := nonEmpty([]string{r.Cells[0], r.Cells[1], r.Cells[3], w.restores(l)})
		if r.Warning != "" {
			about = append(about, "WARNING: "+r.Warning)
		}
		q.options = append(q.options, option{name: r.Name, id: r.ID, about: strings.Join(about, ", "), text: filter.Of(r.Name, r.ID, r.Cells...), barred: r.Barred})
		if r.Barred == "" {
			choosable++
			q.usual = i
		}
	}
	if choosable != 1 {
		q.usual = -1
	}
	return w.choose(q)
}

// findLoss is the row that a text means by its name: of several that are called the same, none.
func findLoss(losses []steps.Loss, text string) (int, error) {
	found := -1
	for i, l := range losses {
		switch name := l.What(); {
		case l.ID() == text:
			return i, nil
		case name == text && found >= 0:
			return -1, fmt.Errorf("several are called %q: say the number", text)
		case name == text:
			found = i
		}
	}
	if found < 0 {
		return -1, steps.ErrNoSuch
	}
	return found, nil
}

func nonEmpty(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })
}
