package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// jobPage follows one restore job to its end and shows what it delivers. It goes on following
// while another page is on the screen.
type jobPage struct {
	cfg   steps.Config
	job   steps.Job
	begun func() bool // another restore is begun, which esc goes back to

	ctx    context.Context //nolint:containedctx // the run's: leaving the page ends nothing
	look   load[watch.Sight]
	cancel load[struct{}]
	turn   chan struct{} // of the one look that is made at a time
	asking bool          // whether to cancel
	at     int           // the file, or what is to be done, that is highlighted
	link   int           // of that file: the link that is shown whole, from 1 on; 0 for none
	scroll int           // lines that are read on, from where what is highlighted is shown
	page   int           // lines of a page of the last View
	here   int           // the line of what is highlighted in the last View; else that of how the job stands
	below  bool          // there are lines below the last View
	told   string
	use    map[int]steps.Use // of the files
	fetch  jobFetch
	drill  jobDrill
	said   jobSaid
	ticked map[string]bool // of what is to be done, by its words: what says something else is not done
	next   due
}

func newJobPage(cfg steps.Config, job steps.Job, begun func() bool) *jobPage {
	return &jobPage{cfg: cfg, job: job, begun: begun, turn: make(chan struct{}, 1), use: map[int]steps.Use{}, ticked: map[string]bool{}}
}

// Init implements page.
func (p *jobPage) Init(ctx context.Context) tea.Cmd {
	if p.ctx == nil {
		p.ctx = ctx
	}
	p.told, p.asking, p.fetch.renew, p.link, p.said.asks = "", false, false, 0, false
	p.closeDir()
	return tea.Batch(p.wait(), p.checks())
}

// wait sets the page's one timer: for the next look.
func (p *jobPage) wait() tea.Cmd { return p.next.at(p.cfg, p.job.DueAt(p.cfg.Now())) }

// state is the job's, at the time of the frame.
func (p *jobPage) state() state.JobState { return p.job.State(p.cfg.Instant()) }

// Update implements page.
func (p *jobPage) Update(msg tea.Msg) (result, tea.Cmd) {
	switch msg := msg.(type) {
	case nudgeMsg:
		if p.due() {
			return nil, p.ask(false)
		}
		return nil, nil
	case dueMsg:
		if !p.next.is(msg) {
			return nil, nil
		}
		if p.due() {
			return nil, tea.Batch(p.ask(false), p.wait())
		}
		return nil, p.wait()
	case tea.KeyPressMsg:
		return p.key(msg)
	case tea.PasteMsg:
		if p.said.asks {
			return nil, p.saidKey(msg)
		}
		if p.asksDir() {
			return nil, p.dirKey(msg)
		}
		return nil, nil
	}
	if done, cmd := p.fetch.run.take(msg); done {
		p.fetched()
		return nil, cmd
	}
	if done, cmd := p.fetch.other.take(msg); done {
		return nil, tea.Batch(cmd, p.askedAnother())
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.drill.run.take(msg); done {
		p.checked()
		return nil, cmd
	}
	if done, cmd := p.fetch.place.take(msg); done || cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.look.take(msg); done {
		return nil, p.answered()
	} else if cmd != nil {
		return nil, cmd
	}
	done, cmd := p.cancel.take(msg)
	if done && p.cancel.problem == nil {
		return nil, p.ask(false) // the job itself says whether it is cancelled
	}
	return nil, cmd
}

func (p *jobPage) due() bool { return !p.look.busy && p.job.Due(p.cfg.Now()) }

// ask looks at the job once: because somebody wanted it, or because it is due. A look that is under way
// is left, as it may hang; the new one begins once that has ended.
func (p *jobPage) ask(wanted bool) tea.Cmd {
	cfg, cluster, job, turn := p.cfg, p.job.Plan.Cluster, *p.job.Follow, p.turn
	p.look.stop()
	return p.look.start(p.ctx, "Looking at restore job "+job.Job.ID, func(ctx context.Context) (watch.Sight, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return watch.Sight{}, context.Cause(ctx)
		}
		s := steps.LookAt(ctx, cfg, cluster, job, wanted)
		return s, context.Cause(ctx) // a look that failed has brought something too
	})
}

func (p *jobPage) answered() tea.Cmd {
	now, before := p.cfg.Now(), p.job.State(p.cfg.Now())
	s := p.look.value
	if p.look.err != nil && !s.Alone { // else it is told there
		s.Err = p.look.err
	}
	if p.job.Took(s, now); s.Err != nil {
		failed := steps.LookFailed(p.cfg, p.job, s.Err)
		p.look.problem = &failed
	}
	if p.job.State(now) != before {
		p.at, p.link, p.scroll, p.told = 0, 0, 0, "" // they were about something else
	}
	return tea.Batch(p.wait(), p.checks(), p.goOn())
}

func (p *jobPage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	if p.asking {
		p.asking = false
		if k.String() != "y" {
			return nil, nil
		}
		atlas, cluster, id := p.cfg.Atlas, p.job.Plan.Cluster, p.job.Job.ID
		return nil, p.cancel.start(p.ctx, "Cancelling the download", func(ctx context.Context) (struct{}, error) {
			return struct{}{}, atlas.CancelJob(ctx, cluster, id)
		})
	}
	if p.fetch.renew {
		p.fetch.renew = false
		if k.String() != "y" || !p.cfg.AsksAnother(p.job, p.cfg.Now()) {
			return nil, nil
		}
		return nil, p.askAnother()
	}
	if p.said.asks {
		return nil, p.saidKey(k)
	}
	if p.asksDir() {
		return nil, p.dirKey(k)
	}
	p.told = ""
	sure := p.fetch.sure
	p.fetch.sure = false
	if p.link > 0 && p.linkKey(k) {
		return nil, nil
	}
	switch {
	case k.String() == "q":
		return leave{}, nil
	case k.String() == "n":
		return again{}, nil
	case keyBack().has(k) && p.stopKey(sure):
	case keyBack().has(k) && p.job.Fetch.Stopped() && !p.begun():
		return leave{}, nil
	case keyBack().has(k):
		return again{}, nil // else esc does nothing here
	case k.String() == "d":
		return nil, p.askDir()
	case k.String() == "-":
		p.told = p.job.Fetch.Slower()
	case k.String() == "+", k.String() == "=":
		p.told = p.job.Fetch.Faster()
	case k.String() == "a":
		p.fetch.renew = true
	case keyReload().has(k):
		return nil, p.ask(true)
	case keyUp().has(k):
		if p.scroll > 0 {
			p.scroll--
		} else {
			p.at = max(0, p.at-1)
		}
	case keyDown().has(k):
		if last := max(0, p.rows()-1); p.at < last {
			p.at++
		} else if p.below {
			p.scroll++
		}
	case k.String() == "pgdown":
		p.scroll += p.page // View stops it at the end
	case k.String() == "pgup":
		p.scroll = max(0, p.scroll-p.page)
	case k.String() == "enter":
		p.link = 1
		if p.command() == "" {
			p.handOut(p.at)
		}
	case k.String() == "space":
		p.tickOff()
	case k.String() == "c":
		return nil, p.copy()
	case k.String() == "t":
		p.askSaid()
	case k.String() == "u":
		p.told = steps.Update(p.cfg, p.job, p.cfg.Now())
		return nil, tea.SetClipboard(p.told)
	case k.String() == "x" && p.job.Job.Cancellable(p.cfg.Now()) && !p.cancel.busy:
		p.asking = true
	}
	return nil, nil
}

// linkKey are the keys while a link is shown whole; false for those that mean the same as
// without.
func (p *jobPage) linkKey(k tea.KeyPressMsg) bool {
	n := max(1, len(p.file().Links)) // a command is one
	switch {
	case keyUp().has(k):
		p.link = max(1, p.link-1)
	case keyDown().has(k):
		p.link = min(n, p.link+1)
	case keyBack().has(k), k.String() == "enter":
		p.link = 0
	default:
		return false
	}
	return true
}

// copy hands the link to the terminal's clipboard.
func (p *jobPage) copy() tea.Cmd {
	if command := p.command(); command != "" {
		p.told = "The command was sent to the clipboard. If nothing can be pasted: enter shows it whole."
		return tea.SetClipboard(command)
	}
	links := p.file().Links
	if len(links) == 0 {
		return nil
	}
	p.handOut(p.at)
	p.told = "The link was sent to the clipboard. If nothing can be pasted: enter shows it whole."
	if p.cfg.EndsWithUs() {
		p.told += " Fetch it before you leave: it ends with the training."
	}
	return tea.SetClipboard(links[max(0, p.link-1)].URL.Reveal())
}

// handOut notes that somebody has a file's link.
func (p *jobPage) handOut(file int) { p.use[file] = max(p.use[file], steps.Shown) }

// tickOff marks what is highlighted as done, or takes that back.
func (p *jobPage) tickOff() {
	switch todo := p.todo(); {
	case len(p.files()) == 0:
		if p.at < len(todo) {
			p.ticked[todo[p.at]] = !p.ticked[todo[p.at]]
		}
	case p.use[p.at] == steps.Fetched:
		p.use[p.at] = steps.Shown
	default:
		p.use[p.at] = steps.Fetched
	}
}

// files are those of a download that is ready; before, Atlas still prepares, and after it a
// link is of no use.
func (p *jobPage) files() []steps.File {
	if p.state() != state.Ready && !p.job.Fetch.Begun() {
		return nil
	}
	return steps.FilesOf(p.job.Plan, p.job.Job)
}

// command is the one for mongosh in what is highlighted of what remains to be done; empty for none.
func (p *jobPage) command() string {
	todo := p.todo()
	if len(p.files()) > 0 || p.at >= len(todo) {
		return ""
	}
	_, command := inMongosh(todo[p.at])
	return command
}

// file is the one that is highlighted.
func (p *jobPage) file() steps.File {
	all := p.files()
	if len(all) == 0 {
		return steps.File{}
	}
	return all[min(p.at, len(all)-1)]
}

// linked says whether the highlighted file has a link that may still be of use.
func (p *jobPage) linked() bool {
	return len(p.file().Links) > 0 && p.state() == state.Ready && !p.job.Fetch.Downloaded() && !p.job.LinkGone(p.at) && (!p.job.Fetch.Begun() || p.use[p.at] < steps.Used)
}

// todo is what remains to be done, a line each.
func (p *jobPage) todo() []string {
	if p.state() != state.Completed || p.job.Unseen {
		return nil
	}
	return steps.Remaining(p.cfg, p.job, p.cfg.Now())
}

// undone is how much of what remains to be done is not ticked off.
func (p *jobPage) undone() int {
	n := 0
	for _, t := range p.todo() {
		if !p.ticked[t] {
			n++
		}
	}
	return n
}

// rows counts what can be highlighted.
func (p *jobPage) rows() int { return max(len(p.files()), len(p.todo())) }

// Meaning implements page.
func (p *jobPage) Meaning() said {
	switch {
	case p.asking:
		return said{"Cancel this download? Its links stop working. y cancels it, any other key keeps it.", true}
	case p.fetch.renew:
		return said{text: steps.AnotherQuestion(p.cfg, p.job) + " y asks for one, any other key does not."}
	case p.told != "":
		return said{text: p.told}
	case p.said.asks:
		text := "It goes into the record of this restore, on this machine."
		if _, role := steps.Standing(p.cfg, p.job, p.cfg.Instant()); role == steps.Running {
			text += " The restore goes on meanwhile."
		}
		return said{text: text}
	case p.asksDir():
		return said{text: "Each file is fetched and proven at once. What is cut is gone on with, as long as its link is good."}
	case p.link > 0 && p.command() != "":
		return said{text: "It is shown here, and never run."}
	case p.link > 0:
		return said{text: "Whoever has this link can read the data. The file can be fetched once, by whichever link. The command asks for it: paste it, enter. So no shell history has it."}
	case p.job.Fetch.Begun():
		return said{text: steps.FetchMeaning(p.cfg, p.job)}
	case p.job.AnotherMeaning(p.cfg.Instant()) != "":
		return said{text: p.job.AnotherMeaning(p.cfg.Instant())}
	case p.job.Fetch.Downloaded():
		return said{text: p.job.Fetch.Earlier(p.cfg.Instant())}
	case p.cfg.CanFetch(p.job, p.cfg.Instant()) && p.cfg.EndsWithUs():
		return said{text: "d fetches the files and proves them. Do it before you leave: the links end with the training."}
	case p.state() == state.Ready && p.cfg.EndsWithUs():
		return said{text: steps.JobMeaning(p.cfg, p.job.Plan, state.Ready) + " Fetch before you leave: the links end with the training."}
	case p.cfg.CanFetch(p.job, p.cfg.Instant()):
		return said{text: strings.TrimSpace(p.job.Fetch.Earlier(p.cfg.Instant())+" d fetches the files and proves them.") + " q leaves and prints each link in one line."}
	case p.state() == state.Ready:
		return said{text: steps.JobMeaning(p.cfg, p.job.Plan, state.Ready) + " " + p.cfg.Fetches(p.job) + " fetches the files in another terminal and proves them. q leaves and prints each link in one line."}
	}
	return said{}
}

// Cursor implements page: on the row that is highlighted, else on how the job stands.
func (p *jobPage) Cursor() *tea.Cursor {
	if p.said.asks {
		c := p.said.typed[p.said.at].Cursor()
		if c != nil {
			c.X, c.Y = c.X+leadOfSaid, p.here
		}
		return c
	}
	if p.asksDir() {
		c := p.fetch.dir.Cursor()
		if c != nil {
			c.X, c.Y = c.X+2, p.here
		}
		return c
	}
	return tea.NewCursor(0, p.here)
}

// Keys implements page.
func (p *jobPage) Keys() []action {
	if p.asking {
		return []action{act("y", "cancel the download", "y"), act("any other key", "keep it").any()}
	}
	if p.fetch.renew {
		return []action{act("y", "ask for another download", "y"), act("any other key", "not now").any()}
	}
	if p.said.asks {
		return p.keysOfSaid()
	}
	if p.asksDir() {
		return p.keysOfDir()
	}
	files, todo := p.files(), p.todo()
	var keys []action
	switch {
	case p.link > 0 && len(files) > 0:
		keys = append(keys, act("c", "copy the link", "c"), act("esc", "all files", "esc", "enter"))
		if n := len(p.file().Links); n > 1 {
			keys = append(keys, act("↑↓", "another link to it", "up", "down").moving())
		}
		return append(keys, act("space", p.tickName(), "space").aside(), act("q", "leave", "q").aside(), p.another().aside())
	case len(files) > 0:
		keys = append(keys, p.fetchKeys()...)
		if p.linked() {
			keys = append(keys, act("enter", "show the link", "enter").or("show it"), act("c", "copy the link", "c").or("copy"))
		}
	case p.link > 0 && p.command() != "":
		return append(keys, act("c", "copy the command", "c"), act("esc", "all that remains", "esc", "enter"), act("q", "leave", "q").aside(), p.another().aside())
	case p.cfg.AsksAnother(p.job, p.cfg.Now()):
		keys = append(keys, p.fetchKeys()...)
	case len(todo) > 0:
		keys = append(keys, act("space", "tick off", "space"))
		if p.command() != "" {
			keys = append(keys, act("c", "copy the command", "c").or("copy"), act("enter", "show the command whole", "enter").aside())
		}
	}
	on := p.below || p.scroll > 0
	switch {
	case p.rows() > 1 && on:
		keys = append(keys, act("↑↓", "choose, then read on", "up", "down").moving().aside())
	case p.rows() > 1:
		keys = append(keys, act("↑↓", "choose", "up", "down").moving().aside())
	case on:
		keys = append(keys, act("↑↓", "read on", "up", "down").moving())
	}
	if on {
		keys = append(keys, act("pgup pgdn", "a page up, down", "pgup", "pgdown").moving().aside())
	}
	if p.job.Job.Cancellable(p.cfg.Now()) && !p.cancel.busy && !p.job.Fetch.Downloaded() {
		x := act("x", "cancel the download", "x")
		if f := p.job.Fetch; f != nil && f.Busy {
			x = x.not("The files are being fetched: esc stops that first.")
		}
		if len(files) > 0 {
			x = x.aside()
		}
		keys = append(keys, x)
	}
	keys = append(keys, act("u", "copy an update", "u").aside())
	if p.job.Said != nil && !p.job.Foreign {
		keys = append(keys, act("t", "ticket and purpose", "t").aside())
	}
	keys = append(keys, p.another())
	if f := p.job.Fetch; p.begun() && (f == nil || !f.Busy) {
		keys = append(keys, act("esc", "back to the other restore", "esc"))
	} else if p.job.Fetch.Stopped() {
		keys = append(keys, act("esc", "leave", "esc").aside())
	} else if f := p.job.Fetch; f == nil || !f.Busy {
		keys = append(keys, keyBack().not(p.leaves()).aside())
	}
	q, now := act("q", "leave", "q"), act("ctrl+r", "look now", "ctrl+r").or("look")
	if len(files) > 0 && p.job.Fetch.Begun() {
		return append(append(keys, q), append(p.paceKeys(), now.aside())...) // how one leaves comes first
	}
	if len(files) > 0 {
		keys = append(keys, q, act("space", p.tickName(), "space").or("tick"))
		return append(keys, now.aside())
	}
	if p.state().Ended() {
		return append(keys, q, now.aside())
	}
	q.name, q.brief = "leave, "+steps.GoesOn(p.cfg), q.name // how one leaves is said at each size
	return append(keys, q, now)
}

func (p *jobPage) another() action {
	if p.begun() {
		return act("n", "another restore", "n").not("Another restore is begun already: esc goes back to it.").aside()
	}
	another := act("n", "another restore", "n")
	if p.cfg.AsksAnother(p.job, p.cfg.Now()) {
		return another // beside a download that can be asked for again the word alone would not say which
	}
	return another.or("another")
}

func (p *jobPage) tickName() string {
	if p.use[p.at] == steps.Fetched {
		return "not fetched yet"
	}
	return "tick as fetched"
}

// leaves says how one leaves, to whoever wants back.
func (p *jobPage) leaves() string {
	if p.cfg.EndsWithUs() && len(p.files()) > 0 {
		return "q leaves, and the links end with the training."
	}
	return "q leaves; a summary stays in the terminal."
}

// Writes implements page.
func (p *jobPage) Writes() bool { return p.said.asks || p.asksDir() }

// bleeds implements bleeder: a link that is shown whole is folded by the edge of the terminal
// alone.
func (p *jobPage) bleeds() bool { return p.link > 0 && (len(p.file().Links) > 0 || p.command() != "") }
