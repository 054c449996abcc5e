package ui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// Several jobs of one run: one has the screen, or what is asked for another restore has; the
// others are followed beside it, in one line at the bottom.

// tellJobs has the pages that are not on the screen hear of a message too, as theirs may have
// been answered.
func (r *Root) tellJobs(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	_, nudged := msg.(nudgeMsg)
	for _, j := range r.run.Jobs() {
		if p := r.jobs[j.Follow]; p != nil && (nudged || r.page() != page(p)) {
			_, cmd := p.Update(msg) // only keys have a result
			cmds = append(cmds, cmd)
		}
	}
	if o := r.open[r.step()]; nudged && o != nil {
		if _, job := o.page.(*jobPage); !job { // what it waits for may be due
			_, cmd := o.page.Update(msg)
			cmds = append(cmds, cmd)
		}
	}
	return tea.Batch(cmds...)
}

// stood takes note of how the jobs stand after a message: they share the looks, and the end of
// one rings where nobody looks here.
func (r *Root) stood() tea.Cmd {
	r.run.Share()
	ends := 0
	for _, j := range r.run.Jobs() {
		if p := r.jobs[j.Follow]; p != nil {
			r.run.Remains(j.Follow, p.undone())
		}
		if !j.EndedAt.IsZero() {
			ends++
		}
		if j.Fetch != nil && j.Fetch.Done != nil {
			ends++
		}
	}
	more := ends > r.ends
	r.ends = ends
	if r.step() == steps.StepJob && !r.signals.blurred {
		r.run.Read()
	}
	var cmd tea.Cmd
	if p, ok := r.page().(*reviewPage); more && ok && p.shown && p.blocked() { // by that job, it may be
		cmd = r.goOn(r.run.Recheck)
	}
	if more && r.signals.blurred {
		cmd = tea.Batch(cmd, bell)
	}
	return cmd
}

// keyNext goes round the jobs of the run.
func keyNext() action { return act("ctrl+o", "the other job", "ctrl+o") }

// keyNext is where that leads from here; false where there is nothing else.
func (r *Root) keyNext() (action, bool) {
	k := keyNext()
	jobs := r.run.Jobs()
	switch {
	case len(jobs) == 0, len(jobs) == 1 && jobs[0].Here && !r.run.Begun():
		return k, false
	case r.run.Sending():
		return k.not("Atlas's answer is awaited first.").aside(), true
	case r.run.Searching():
		return k.not("The job of the last request is looked for first. The others are followed all the same.").aside(), true
	case r.step() == steps.StepTake || r.step() == steps.StepSafety:
		return k.not("This snapshot comes first: esc goes back. The jobs are followed all the same.").aside(), true
	case r.step() != steps.StepJob:
		k.name = "back to the job"
	case len(jobs) == 1:
		k.name = "back to the other restore"
	}
	return k.aside(), true // the line at the bottom has it
}

// next shows the next job, or what is asked for another restore.
func (r *Root) next() tea.Cmd {
	k, ok := r.keyNext()
	switch {
	case !ok:
		return nil
	case k.off != "":
		r.told = k.off
		return nil
	}
	if p, ok := r.page().(*fieldsPage); ok {
		r.run.Plan.Draft = p.form.Draft() // what was typed is there when one comes back
	}
	r.open[r.step()].cancel()
	r.run.Next()
	return r.enter()
}

// besides is the line at the bottom: how the job stands that matters most beside this page;
// none where none matters. Where it has no room in one line, the key stands in a second one.
func (r *Root) besides(w int) []string {
	words, role := r.run.Besides(r.run.Cfg.Instant())
	if words == "" {
		return nil
	}
	mark, style := r.s.role(role)
	k, _ := r.keyNext()
	line, tail := mark+" "+words, ""
	if k.off == "" {
		tail = k.shown + " " + k.name
	}
	if all := line + " " + r.s.marks.between + " " + tail; tail != "" && ansi.StringWidth(all) <= w {
		return []string{style.Render(line) + r.s.dim.Render(all[len(line):])}
	}
	lines := []string{style.Render(ansi.Truncate(line, w, r.s.marks.more))}
	if tail != "" {
		lines = append(lines, r.s.dim.Render("  "+tail))
	}
	return lines
}

// again begins another restore, or goes on with the one that was begun. What becomes of the job
// is said first, each time: the same keys lead the same way, and none falls into the next page.
func (r *Root) again() tea.Cmd {
	job, ok := r.run.Job()
	if ok && !r.aside && !r.run.Begun() {
		r.parting = parting{what: []string{r.run.Aside(job, keyNext().shown)}, other: true}
		return nil
	}
	begun := r.run.Begun()
	return r.goOn(func() {
		r.run.Again()
		if !begun {
			clear(r.open) // what was listed is older than the restore
		}
	})
}

// parting asks once whether to leave while something lives, and says what becomes of it.
type parting struct {
	note  string   // what a key that answers nothing was told
	what  []string // a sentence for each of what lives; nil where nothing is asked
	other bool     // not the program is left, but the page, for another restore
}

func (p parting) asks() bool { return p.what != nil }

// part leaves the program, or asks first where something lives.
func (r *Root) part() tea.Cmd {
	if what := r.run.Left(); len(what) > 0 && !r.parting.asks() {
		r.parting = parting{what: what}
		r.told, r.help, r.palette.open = "", helpPage{}, false
		return nil
	}
	return tea.Quit
}

// partKey answers what is asked.
func (r *Root) partKey(k tea.KeyPressMsg) tea.Cmd {
	asked := r.parting
	r.parting = parting{}
	switch {
	case keyHelp().has(k) || keyPalette().has(k):
		asked.note = k.String() + " means nothing here: the question comes first."
		r.parting = asked
	case asked.other && k.String() == "n":
		r.aside = true
		defer func() { r.aside = false }()
		return r.again()
	case !asked.other && k.String() == "q":
		return tea.Quit
	}
	return nil
}

// keys are those of the question.
func (p parting) keys() []action {
	if p.other {
		return []action{act("n", "another restore", "n"), act("any other key", "stay").any()}
	}
	return []action{act("q ctrl+c", "leave", "q", "ctrl+c"), act("any other key", "stay").any()}
}

// lines are the question.
func (p parting) lines(s styles, w int) []string {
	head := "Leave? This is what becomes of it:"
	if p.other {
		head = "Another restore?"
	}
	lines := []string{s.caution.Bold(true).Render(s.marks.warn + " " + head)}
	for _, text := range p.what {
		lines = append(lines, wrap("  "+text, w)...)
	}
	if p.note != "" {
		lines = append(lines, s.danger.Render(ansi.Truncate("  "+p.note, w, s.marks.more)))
	}
	return lines
}

// worst is how the jobs of the run stand, in the words that a terminal shows beside its title:
// whatever has come to no good, else whatever runs.
func (r *Root) worst() (job steps.Job, ok bool) {
	now := r.run.Cfg.Now()
	rank := func(j steps.Job) int {
		st := j.State(now)
		switch {
		case j.Here && r.step() == steps.StepJob:
			return 4
		case st == state.Failed, j.Outcome(now) == state.OutcomeUnknown && j.Over(now):
			return 3
		case !j.Over(now), j.Fetch != nil && j.Fetch.Busy:
			return 2
		}
		return 1
	}
	best := 0
	for _, j := range r.run.Jobs() {
		if n := rank(j); n > best && (n > 1 || !j.Read) {
			job, best, ok = j, n, true
		}
	}
	return job, ok
}
