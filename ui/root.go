package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// Root is the wizard. It is the only tea.Model, and only it writes the session.
type Root struct {
	ctx     context.Context //nolint:containedctx // ends every request when the program ends
	run     *steps.Session
	open    map[state.Step]*entry
	jobs    map[*watch.Follow]*jobPage // they follow theirs, whatever is on the screen
	ends    int                        // of jobs that were seen
	w, h    int
	look    look
	s       styles
	help    helpPage
	palette paletteView
	told    string // said below the page until the next key
	idle    string // that a key does nothing: said below the page until that has something else to say
	meant   said   // what the page meant then
	start   time.Time
	asked   bool // the terminal was asked for its background before this began
	heard   bool // the terminal has answered to what it was asked at the start
	answers bool // it has answered to something: it is one that does
	leaving bool // ctrl+c was pressed while a request was under way
	parting parting
	aside   bool // it was said what becomes of a job that is left for another restore
	frame   *steps.Frame
	moving  moving
	signals signals
	coach   coached
}

// entry is a page that exists, on screen or left with what was done on it.
type entry struct {
	page   page
	needs  string // the earlier answers that it was made for
	cancel context.CancelFunc
}

// New makes the wizard. ctx ends every request that is under way when it ends.
func New(ctx context.Context, cfg steps.Config) *Root {
	l := look{ascii: cfg.ASCII, profile: colorprofile.TrueColor}
	cfg.Frame = &steps.Frame{}
	run := steps.Begin(cfg)
	return &Root{ctx: ctx, run: run, look: l, s: newStyles(l), told: run.Cfg.Notice, start: time.Now(), open: map[state.Step]*entry{}, jobs: map[*watch.Follow]*jobPage{}, frame: cfg.Frame, coach: coached{now: cfg.Coaching}}
}

// Init implements tea.Model.
func (r *Root) Init() tea.Cmd {
	ask := tea.RequestBackgroundColor
	if r.asked {
		ask = nil
	}
	return tea.Batch(ask, fillWidths, r.enter(), r.listen())
}

// fillWidths has the renderer's table of character widths made (2 MB, 1.6 ms) while the
// program waits for its first frame, which else makes it at the first "…" it draws.
func fillWidths() tea.Msg {
	_ = ansi.StringWidthWc("…")
	return nil
}

// goOn leaves the page on screen, has the session changed, and enters the page that is
// then open.
func (r *Root) goOn(change func()) tea.Cmd {
	r.open[r.step()].cancel() // whatever the page awaits
	change()
	if err := r.run.Guided(); err != nil {
		r.unguided(err)
	}
	return r.enter()
}

// unguided asks from here on: what flags say cannot be had.
func (r *Root) unguided(err error) {
	r.run.Unguided()
	r.told = err.Error()
}

// enter shows the page of the open step: the one that was left there, if the answers
// that it depends on are still the same, else a new one. A page that answers itself does so once.
func (r *Root) enter() tea.Cmd {
	step := r.step()
	e := r.open[step]
	if needs := r.needs(step); e == nil || e.needs != needs || step >= state.StepCollections || r.run.Passing() != "" {
		e = &entry{page: r.make(step), needs: needs}
		r.open[step] = e
	}
	if step == steps.StepJob {
		r.signals.asked = time.Now()
	}
	ctx := r.ctx // a job is followed until the run ends
	if e.cancel = func() {}; step != steps.StepJob {
		ctx, e.cancel = context.WithCancel(r.ctx)
	}
	r.run.Ahead(r.ctx)
	if r.run.DryRun() && r.run.Cfg.SavePlan == "" {
		return tea.Quit // the summary has the request
	}
	return e.page.Init(ctx)
}

func (r *Root) step() state.Step { return r.run.Step() }

// needs names the answers that a page depends on.
func (r *Root) needs(step state.Step) string {
	plan := r.run.Plan
	var needs string
	if step > state.StepProject {
		needs += plan.Project.ID
	}
	if step == state.StepCluster && r.run.Seen.All[plan.Project.ID] {
		needs += ", terminated too"
	}
	needs += " " + r.run.Passing() // that page answers itself
	if step > state.StepCluster {
		needs += "/" + plan.Cluster.Name
	}
	if step > state.StepSnapshot {
		needs += "/" + plan.Snapshot.ID
	}
	return needs
}

func (r *Root) make(step state.Step) page {
	cfg, plan := r.run.Cfg, r.run.Plan
	switch step {
	case steps.StepBriefing:
		return newBriefingPage(cfg, func() state.Coaching { return r.coach.now })
	case steps.StepResume:
		return newListPage(steps.Leftovers(cfg))
	case steps.StepSearch:
		return newSearchPage(cfg, *r.run.Search(), r.run.Doubt())
	case steps.StepSignIn:
		return newSignInPage(cfg)
	case state.StepProject:
		return newStartPage(cfg, plan, r.run.Seen)
	case state.StepCluster:
		p := newListPage(r.run.Clusters())
		p.past = r.run.Passing()
		return p
	case state.StepSnapshot:
		return newSnapshotsPage(cfg, plan, r.run.Seen)
	case state.StepDelivery:
		return newListPage(steps.Deliveries(cfg, plan))
	case state.StepCollections:
		return newCollectionsPage(cfg, plan, r.run.NamesSnapshot(), r.run.Seen)
	case state.StepFields:
		return newFieldsPage(cfg, r.run.Fields(), r.run.Seen, r.run.AsksPoint(), r.s)
	case steps.StepMoment:
		return newMomentPage(cfg, r.run.MomentFields(), r.run.Seen, r.s)
	case state.StepReview:
		return newReviewPage(r.run)
	case steps.StepWhen:
		return newWhenPage(cfg, plan, r.run.Seen)
	case steps.StepTake, steps.StepSafety:
		delete(r.open, state.StepSnapshot) // its list is older than what is taken here
		return newTakePage(cfg, r.run.TakenFrom(), step == steps.StepSafety, r.run.Asked())
	}
	return r.jobPage()
}

// jobPage is the page of the job on the screen.
func (r *Root) jobPage() *jobPage {
	job, _ := r.run.Job()
	p := r.jobs[job.Follow]
	if p == nil {
		p = newJobPage(r.run.Cfg, job, r.run.Begun)
		r.jobs[job.Follow] = p
	}
	return p
}

// Update implements tea.Model.
func (r *Root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	msg = meantKey(msg)
	switch msg := msg.(type) {
	case restMsg:
		return r, r.rest(msg)
	case changeMsg:
		if msg.gen != r.moving.gen {
			return r, nil
		}
		return r, tea.Batch(r.tellJobs(nudgeMsg{}), r.changed())
	}
	cmd := r.update(msg)
	return r, tea.Batch(cmd, r.moved())
}

// update is Update, but for the timers of what moves by itself.
func (r *Root) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = msg.Width, msg.Height
		return nil
	case tea.FocusMsg, tea.BlurMsg:
		_, blurred := msg.(tea.BlurMsg)
		r.signals.blurred = blurred && r.signals.understood // else nobody has asked
		return nil
	case tea.ResumeMsg:
		r.signals.away, r.signals.blurred = false, false // somebody has just called it back
	case spinner.TickMsg:
		if r.run.Cfg.Quiet {
			return nil // it stands
		}
	case stopMsg:
		if wait := lateAnswer - time.Since(r.start); !r.heard && wait > 0 {
			return tea.Tick(wait, func(time.Time) tea.Msg { return msg }) // the shell would get the terminal's answers
		}
		r.signals.away = true
		return tea.Suspend
	case tea.EnvMsg:
		r.signals.know(msg, r.run.Cfg.Quiet)
		if r.look.background == unknownBackground {
			r.look.background = guess(msg)
		}
	case tea.ColorProfileMsg:
		r.look.profile = msg.Profile
	case tea.ModeReportMsg, tea.KeyboardEnhancementsMsg:
		r.answers = true
	case tea.BackgroundColorMsg:
		r.heard = true
		r.look.background = lightBackground
		if msg.IsDark() {
			r.look.background = darkBackground
		}
	case savedMsg:
		r.told = r.run.Saved(steps.SavedPlan(msg))
		if r.run.DryRun() {
			return tea.Quit // the summary has the plan
		}
		return nil
	case coachMsg:
		return tea.Batch(r.hearCoach(msg), r.tellJobs(nudgeMsg{}))
	case coachAskedMsg:
		if msg.err != nil && !errors.Is(msg.err, context.Canceled) {
			r.coach.failed = fmt.Sprintf("The coach has not done that: %v.", msg.err)
		}
		return nil
	case tea.PasteMsg:
		r.run.Heard()
		if r.help.open || r.palette.open || r.parting.asks() {
			return nil // it would go where nobody sees it
		}
	case tea.KeyPressMsg:
		if taken, cmd := r.key(msg); taken {
			return cmd
		}
	}
	switch msg.(type) {
	case tea.EnvMsg, tea.ColorProfileMsg, tea.BackgroundColorMsg:
		r.s = newStyles(r.look)
		return nil
	}
	res, cmd := r.page().Update(msg)
	cmd = tea.Batch(cmd, r.take(res))
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
	default:
		cmd = tea.Batch(cmd, r.tellJobs(msg))
	}
	return tea.Batch(cmd, r.stood())
}

func (r *Root) page() page { return r.open[r.step()].page }

// key takes the keys that mean the same on every page.
func (r *Root) key(k tea.KeyPressMsg) (taken bool, cmd tea.Cmd) {
	r.idle = ""
	if r.run.Heard(); keyReload().has(k) {
		r.run.Anew()
	}
	r.coach.stepped(k)
	leaves := keyLeave().has(k)
	if !leaves {
		r.leaving = false
	}
	switch {
	case leaves && (r.leaving || r.small() || r.parting.asks() && !r.parting.other):
		return true, tea.Quit
	case leaves:
		if r.run.Sending() && !r.run.Stop() {
			r.leaving = true
			r.told = "Atlas's answer is awaited. ctrl+c again leaves now, and whether a job runs is then unknown."
			return true, nil
		}
		r.parting = parting{}
		return true, r.part()
	case r.parting.asks() && r.small():
		return true, nil
	case r.parting.asks():
		return true, r.partKey(k)
	case k.String() == "ctrl+z" && !r.heard && time.Since(r.start) < lateAnswer:
		// The shell would get the terminal's answers, which are still on their way.
		r.told = "Not yet: the terminal is still being asked what it can show."
		return true, nil
	case k.String() == "ctrl+z":
		r.signals.away = true
		return true, tea.Suspend
	case r.help.open && r.help.coach && k.String() != "esc":
		if taken, cmd := r.coachKey(k); taken {
			return true, cmd
		}
		r.told = ""
		r.help.key(k)
		return true, nil
	case keyCoach().has(k) && r.run.Cfg.Coach != nil && !r.help.open:
		r.told, r.help = "", helpPage{open: true, coach: true}
		r.coach.news = ""
		return true, nil
	case r.help.open:
		if name, text := r.help.copied(k); text != "" {
			r.told = name + " was sent to the clipboard. If nothing can be pasted, --dry-run prints it."
			return true, tea.SetClipboard(text)
		}
		r.told = ""
		r.help.key(k)
		return true, nil
	case r.palette.open:
		r.told = ""
		chosen := r.palette.key(k)
		switch {
		case chosen == nil:
		case keyChoose().has(chosen.press()):
			// What it takes lies under the palette, and may have come while nobody saw it.
			r.told = "Enter on the page does that: " + chosen.name + ". Look what is highlighted, then press it."
		default:
			return true, r.update(chosen.press())
		}
		return true, nil
	case r.small():
		return true, nil // nothing can be read: no key may choose anything
	case keyPalette().has(k):
		r.told = ""
		r.palette.show(r.actions())
		return true, nil
	case keyNext().has(k) && len(r.run.Jobs()) > 0:
		r.told = ""
		return true, r.next()
	case keySame().has(k) && r.step() == state.StepReview:
		r.told, r.help = "", helpPage{open: true, same: r.same()}
		return true, nil
	case keyHelp().has(k):
		r.help.open = true
		return true, nil
	}
	r.told = ""
	a, ok := find(r.page().Keys(), k)
	switch {
	case ok && a.off != "":
		r.told = a.off
		return true, nil
	case !ok && (!r.page().Writes() || !writes(k)):
		r.idle, r.meant = steps.Printable(strings.Replace(k.String(), "pgdown", "pgdn", 1))+" does nothing here; "+keyPalette().shown+" lists what can be done.", r.page().Meaning()
		return true, nil
	}
	return false, nil
}

// same are the ways in which other programs make the request, and its body.
func (r *Root) same() []state.Elsewhere {
	body, err := r.run.Plan.Request()
	if err != nil {
		return nil // the review does not open on such a plan
	}
	raw, err := json.MarshalIndent(body.Body(), "", "  ")
	if err != nil {
		return nil // the same
	}
	return append(state.InOtherWords(r.run.Plan, r.run.Cfg.Endpoint), state.Elsewhere{
		Name: "The body of the request", Note: "POST to Atlas's restore jobs of " + r.run.Plan.Cluster.Name + ".", Text: string(raw),
	})
}

// actions are all that can be done now: the page's, and what can be done on every page.
func (r *Root) actions() []action {
	all := r.page().Keys()
	if next, ok := r.keyNext(); ok {
		all = append(all, next)
	}
	if r.step() == state.StepReview {
		all = append(all, keySame())
	}
	if r.run.Cfg.Coach != nil {
		all = append(all, keyCoach().aside())
	}
	all = append(all, keyPalette(), keyHelp(), act("ctrl+z", "suspend; fg comes back", "ctrl+z").aside())
	leave := keyLeave()
	leave.name = "leave the program" + r.run.Leaving()
	if _, shown := find(all, leave.press()); !shown { // else the page has it in its footer
		all = append(all, leave.aside())
	}
	return all
}

// take acts on what a page had to say. All that changes the session stands here.
func (r *Root) take(res result) tea.Cmd {
	switch res := res.(type) {
	case answered:
		return r.goOn(func() { r.run.Answered(res.plan(r.run.Plan)) })
	case other:
		return r.goOn(func() { res.way(r.run) })
	case chose:
		return r.goOn(func() { r.run.Chose(res.loss) })
	case took:
		return r.goOn(func() { r.run.Took(res.snapshot) })
	case taking:
		res.note(r.run)
	case signedIn:
		return r.goOn(func() { r.run.SignedIn(res.connection, res.projects) })
	case unguided:
		r.unguided(res.err)
	case says:
		r.told = res.text
	case back:
		return r.back(res)
	case again:
		return r.again()
	case leave:
		return r.part()
	case confirmed:
		return r.submit(res)
	case steps.Submitted:
		return r.submitted(res)
	case sought:
		return r.sought(res.search)
	case gathered:
		return r.gathered(res.facts)
	case saves:
		return r.save()
	case accepts:
		r.told = r.run.Accepting(res.name)
		if review, ok := r.page().(*reviewPage); ok {
			return review.anew() // what is asked now has not been read yet
		}
	}
	return nil
}

func (r *Root) back(b back) tea.Cmd {
	if b.draft != nil {
		r.run.Plan.Draft = *b.draft
	}
	if !r.run.CanGoBack() {
		r.told = "This is the first step. ctrl+c leaves."
		return nil
	}
	return r.goOn(func() { r.run.Back() })
}

// submit sends the job, if the session takes what was typed for a confirmation. Its
// context is the program's: leaving a page does not cut it.
func (r *Root) submit(c confirmed) tea.Cmd {
	review, ok := r.page().(*reviewPage)
	if !ok {
		return nil
	}
	if h := r.run.Hindrance(); h != nil {
		review.hinders(*h)
		return nil
	}
	request := r.run.Confirm(c.typed)
	if request == nil {
		return nil
	}
	return review.send(r.ctx, request)
}

// gathered makes the checks of the review.
func (r *Root) gathered(facts state.Facts) tea.Cmd {
	review, ok := r.page().(*reviewPage)
	if !ok {
		return nil
	}
	r.run.Gathered(facts)
	if save := r.run.Saving(); save != nil {
		return saving(save)
	}
	return review.checked(r.run.Checks())
}

// savedMsg is what became of writing the plan of the review.
type savedMsg steps.SavedPlan

func saving(save func() steps.SavedPlan) tea.Cmd {
	return func() tea.Msg { return savedMsg(save()) }
}

// save writes the plan of the review to a file.
func (r *Root) save() tea.Cmd {
	save, err := r.run.Save("")
	if err != nil {
		r.told = err.Error() + "."
		return nil
	}
	return saving(save)
}

func (r *Root) submitted(done steps.Submitted) tea.Cmd {
	review, ok := r.page().(*reviewPage)
	if !ok || !r.run.Sending() {
		return nil
	}
	r.leaving = false
	r.told = r.run.Settle(done)
	if done.Verdict == submit.Refused {
		review.refused(done.Err)
		return review.check(r.ctx, r.run.Gather())
	}
	r.open[state.StepReview].cancel()
	return r.enter()
}

func (r *Root) sought(search submit.Search) tea.Cmd {
	page, ok := r.page().(*searchPage)
	if !ok {
		return nil
	}
	if say := r.run.Sought(search); say != "" {
		r.told = say
	}
	if r.step() != steps.StepSearch {
		r.open[steps.StepSearch].cancel()
		return r.enter()
	}
	return page.went(search, r.run.Doubt())
}

// Summary says how the run ended, if it is left now.
func (r *Root) Summary() steps.Summary { return r.run.Summary() }
