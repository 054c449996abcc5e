package ui

import (
	"context"
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// stepJob is the page after the last question: the job that was submitted.
const stepJob = state.StepReview + 1

// Root is the wizard. It is the only tea.Model, and only it writes the plan.
type Root struct {
	ctx  context.Context //nolint:containedctx // ends every request when the program ends
	cfg  Config
	plan state.Plan
	path []state.Step // the way to the page on screen
	open map[state.Step]*entry
	seen memory
	w, h int
	s    styles
	help bool
	told string // said below the page until the next key

	sending bool     // a request is under way: its outcome is not known
	doubts  []doubt  // requests whose outcome stayed unknown
	end     *jobPage // follows the job of the request that was accepted
	leaving bool     // ctrl+c was pressed while sending
}

// doubt is a request that was sent and whose outcome was never seen. Nothing that
// happens later settles it.
type doubt struct {
	plan    state.Plan
	problem state.Problem
}

// entry is a page that exists, on screen or left with what was done on it.
type entry struct {
	page   page
	needs  string // the earlier answers that it was made for
	cancel context.CancelFunc
}

// memory is what was loaded and is of use to a later page, so that nothing is asked
// of Atlas twice.
type memory struct {
	projects  []state.Project
	clusters  map[string][]state.Cluster // by project id
	snapshots []state.Snapshot           // of the plan's cluster
}

// New makes the wizard. ctx ends every request that is under way when it ends.
func New(ctx context.Context, cfg Config) *Root {
	return &Root{
		ctx: ctx, cfg: cfg, s: newStyles(true), told: cfg.Notice,
		open: map[state.Step]*entry{}, seen: memory{clusters: map[string][]state.Cluster{}},
	}
}

// Init implements tea.Model.
func (r *Root) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, fillWidths, r.show(r.plan.Next()))
}

// fillWidths has the renderer's table of character widths made (2 MB, 1.6 ms) while the
// program waits for its first frame, which else makes it at the first "…" it draws.
func fillWidths() tea.Msg {
	_ = ansi.StringWidthWc("…")
	return nil
}

// show leaves the page on screen and enters the one of step.
func (r *Root) show(step state.Step) tea.Cmd {
	r.leave()
	r.path = append(r.path, step)
	return r.enter()
}

// leave ends whatever the page on screen awaits.
func (r *Root) leave() {
	if len(r.path) > 0 {
		r.open[r.step()].cancel()
	}
}

// enter shows the page at the end of the path: the one that was left there, if the
// answers that it depends on are still the same, else a new one.
func (r *Root) enter() tea.Cmd {
	step := r.step()
	e := r.open[step]
	if needs := r.needs(step); e == nil || e.needs != needs || step >= state.StepFields {
		e = &entry{page: r.make(step), needs: needs}
		r.open[step] = e
	}
	var ctx context.Context
	ctx, e.cancel = context.WithCancel(r.ctx)
	return e.page.Init(ctx)
}

func (r *Root) step() state.Step { return r.path[len(r.path)-1] }

// needs names the answers that a page depends on.
func (r *Root) needs(step state.Step) string {
	var needs string
	if step > state.StepProject {
		needs += r.plan.Project.ID
	}
	if step > state.StepCluster {
		needs += "/" + r.plan.Cluster.Name
	}
	if step > state.StepSnapshot {
		needs += "/" + r.plan.Snapshot.ID
	}
	return needs
}

func (r *Root) make(step state.Step) page {
	switch step {
	case state.StepProject:
		return newProjectPage(r.cfg, r.plan, func(all []state.Project) { r.seen.projects = all })
	case state.StepCluster:
		id := r.plan.Project.ID
		return newClusterPage(r.cfg, r.plan, func(all []state.Cluster) { r.seen.clusters[id] = all })
	case state.StepSnapshot:
		return newSnapshotPage(r.cfg, r.plan, func(all []state.Snapshot) { r.seen.snapshots = all })
	case state.StepDelivery:
		return newDeliveryPage(r.plan)
	case state.StepFields:
		return newFieldsPage(r.cfg, r.plan, r.seen, r.s)
	case state.StepReview:
		return newReviewPage(r.plan, r.cfg.Now, r.lost())
	}
	return r.end
}

// Update implements tea.Model.
func (r *Root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = msg.Width, msg.Height
		return r, nil
	case tea.BackgroundColorMsg:
		r.s = newStyles(msg.IsDark())
	case tea.KeyPressMsg:
		if taken, cmd := r.key(msg); taken {
			return r, cmd
		}
	}
	if r.small() {
		// Nothing can be read: no key may choose anything.
		if _, ok := msg.(tea.KeyPressMsg); ok {
			return r, nil
		}
	}
	res, cmd := r.page().Update(msg)
	return r, tea.Batch(cmd, r.take(res))
}

func (r *Root) page() page { return r.open[r.step()].page }

// key takes the keys that mean the same on every page.
func (r *Root) key(k tea.KeyPressMsg) (taken bool, cmd tea.Cmd) {
	if k.String() != "ctrl+c" {
		r.leaving = false
	}
	switch {
	case k.String() == "ctrl+c":
		if r.sending && !r.leaving {
			r.leaving = true
			r.told = "Atlas's answer is awaited. ctrl+c again leaves now, and whether a job runs is then unknown."
			return true, nil
		}
		return true, tea.Quit
	case k.String() == "ctrl+z":
		return true, tea.Suspend
	case r.help:
		r.help = false
		return true, nil
	case key.Matches(k, keyHelp()):
		r.help = true
		return true, nil
	}
	r.told = ""
	return false, nil
}

// take acts on what a page had to say. All that changes the plan stands here.
func (r *Root) take(res result) tea.Cmd {
	switch res := res.(type) {
	case nil:
		return nil
	case back:
		return r.back(res)
	case leave:
		return tea.Quit
	case projectChosen:
		r.plan = r.plan.WithProject(res.project)
	case clusterChosen:
		r.plan = r.plan.WithCluster(res.cluster)
	case snapshotChosen:
		r.plan = r.plan.WithSnapshot(res.snapshot)
	case momentChosen:
		r.plan = r.plan.WithMoment()
	case deliveryChosen:
		r.plan = r.plan.WithDelivery(res.delivery)
	case fieldsFilled:
		r.plan = r.plan.WithFields(res.instant, res.target, res.draft)
	case confirmed:
		return r.submit(res)
	case submitted:
		return r.submitted(res)
	default:
		return nil
	}
	return r.show(r.plan.After(r.step()))
}

func (r *Root) back(b back) tea.Cmd {
	if b.draft != nil {
		r.plan.Draft = *b.draft
	}
	if len(r.path) == 1 {
		r.told = "This is the first step. ctrl+c leaves."
		return nil
	}
	r.leave()
	r.path = r.path[:len(r.path)-1]
	return r.enter()
}

// submit sends the job, once, if and only if what was typed confirms the plan and
// nothing is under way. It is the one place where a request is made that changes
// anything, and its context is the program's: leaving a page does not cut it.
func (r *Root) submit(c confirmed) tea.Cmd {
	review, ok := r.page().(*reviewPage)
	body, err := r.plan.Request()
	if !ok || r.sending || err != nil || !r.plan.Confirms(c.typed) {
		return nil
	}
	r.sending = true
	cfg := r.cfg
	order := submit.Order{
		Source: r.plan.Cluster, Project: r.plan.Project, Body: body,
		Endpoint: cfg.Endpoint, Who: cfg.Who, At: cfg.Now(),
	}
	return review.send(r.ctx, func(ctx context.Context) submitted {
		job, verdict, err := submit.Once(ctx, cfg.Atlas, cfg.Journal, order)
		return submitted{job, verdict, err}
	})
}

func (r *Root) submitted(done submitted) tea.Cmd {
	review, ok := r.page().(*reviewPage)
	if !ok || !r.sending {
		return nil
	}
	r.sending, r.leaving = false, false
	switch done.verdict {
	case submit.Created:
		r.end = newJobPage(r.cfg, r.plan, done.job)
		if done.err != nil {
			r.told = fmt.Sprintf("The job runs, but %v: note its id.", done.err)
		}
		return r.show(stepJob)
	case submit.Refused:
		review.refused(done.err)
	case submit.Unknown:
		r.doubts = append(r.doubts, doubt{r.plan, unknown(r.plan, done.err)})
		review.unknown(r.lost())
	}
	return nil
}

// lost is the newest doubt, for the review: it is said until the program ends.
func (r *Root) lost() *state.Problem {
	if len(r.doubts) == 0 {
		return nil
	}
	return &r.doubts[len(r.doubts)-1].problem
}

// Summary says how the run ended, if it is left now.
func (r *Root) Summary() Summary {
	s := Summary{Outcome: state.OutcomeAborted, Mode: r.cfg.Mode, Plan: r.plan, Now: r.cfg.Now()}
	for _, d := range r.doubts {
		s.Doubts = append(s.Doubts, d.plan)
	}
	if r.sending {
		s.Doubts = append(s.Doubts, r.plan)
	}
	switch {
	case r.end != nil:
		s.Job = r.end.job
		s.Outcome = s.Job.State(s.Now).Outcome()
	case len(s.Doubts) > 0:
		s.Outcome = state.OutcomeUnknown
	}
	return s
}
