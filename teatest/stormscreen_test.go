package teatest_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui"
	"atlas-restore/ui/steps"
)

// screenStorm drives the root of the full screen as Bubble Tea does, without a terminal.
type screenStorm struct {
	entered string // the row of the first page on which Enter was pressed last
	aimed   string // the row that Enter took last
	*storm
	root   *ui.Root
	cancel context.CancelFunc
	ways   []*way    // commands that have not returned
	mail   []tea.Msg // what has come of commands, and is not delivered yet
	w, h   int
	seen   string // the text on the screen
	sum    steps.Summary
	over   bool    // the program was asked to end
	told   account // when the summary was held against the world
}

// account is what the summary of a run depends on.
type account struct {
	agreed, made int
	outcome      state.Outcome
}

// way is a command under way.
type way struct {
	msg  tea.Msg
	dead string      // it has panicked
	done atomic.Bool // and the rest can be read
}

func onScreen(s *storm) tempest { return &screenStorm{storm: s} }

func (s *screenStorm) open() {
	s.renew()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.w, s.h, s.over, s.mail, s.told = cancel, 0, 0, false, nil, account{}
	s.root = ui.New(ctx, s.cfg)
	s.follow(s.root.Init())
	s.rest()
	s.look()
	s.give(tea.WindowSizeMsg{Width: 80, Height: 24})
}

// follow runs a command beside the others.
func (s *screenStorm) follow(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	w := &way{}
	s.ways = append(s.ways, w)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				w.dead = fmt.Sprintf("a command panics: %v\n%s", r, debug.Stack())
			}
			w.done.Store(true)
		}()
		w.msg = cmd()
	}()
}

// rest waits until all that is under way waits for the storm, and takes what has come.
func (s *screenStorm) rest() {
	for again := true; again; {
		s.settle()
		again = false
		under := s.ways
		s.ways = nil
		for _, w := range under {
			switch {
			case !w.done.Load():
				s.ways = append(s.ways, w)
			case w.dead != "":
				s.fail("%s", w.dead)
			case w.msg == nil:
			default:
				again = s.unpack(w.msg) || again
			}
		}
	}
}

// unpack follows the commands of a batch; whatever else has come is mail.
func (s *screenStorm) unpack(msg tea.Msg) (batch bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		s.mail = append(s.mail, msg)
		return false
	}
	for i := range v.Len() {
		if cmd, ok := v.Index(i).Interface().(tea.Cmd); ok {
			s.follow(cmd)
		}
	}
	return true
}

// give hands the model a message, draws it, and holds everything against the promises.
func (s *screenStorm) give(msg tea.Msg) {
	s.tally["events"]++
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		s.w, s.h = size.Width, size.Height
	}
	before, was := s.sum, s.seen
	_, cmd := s.root.Update(msg)
	s.follow(cmd)
	s.rest()
	s.look()
	s.kept()
	s.chosen(msg, was, before.Plan, s.sum.Plan)
	if now := (account{len(s.agreed), len(s.made), s.sum.Outcome}); now != s.told {
		s.told = now
		s.agrees(s.sum)
	}
}

var allowed = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)`)

// look draws the screen, which has to fit, and asks what would be said at the end.
func (s *screenStorm) look() {
	v := s.root.View()
	text := allowed.ReplaceAllString(v.Content, "")
	s.clean("the screen", text)
	s.clean("the title", v.WindowTitle)
	if strings.ContainsAny(v.WindowTitle, "\n/") {
		s.fail("the title is %q", v.WindowTitle)
	}
	rows := strings.Split(text, "\n")
	if s.w > 0 && s.h > 0 && len(rows) > s.h {
		s.fail("%d lines on a screen of %d×%d:\n%s", len(rows), s.w, s.h, text)
	}
	for _, row := range rows {
		if n := ansi.StringWidth(row); n > s.w {
			s.fail("%d cells on a screen of %d×%d: %q", n, s.w, s.h, row)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= s.w || c.Y < 0 || c.Y >= s.h) {
		s.fail("the cursor is at %d, %d of a screen of %d×%d:\n%s", c.X, c.Y, s.w, s.h, text)
	}
	if s.seen = text; s.cfg.ASCII {
		s.seen = inUTF8.Replace(text)
	}
	s.sum = s.root.Summary()
}

// chosen holds that answers change only by Enter, to what was highlighted on the screen
// that was seen before it, or by the key of the moment. A cluster that Enter took with its
// project is answered when that project's list has come.
func (s *screenStorm) chosen(msg tea.Msg, was string, before, after state.Plan) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "enter" && row(was) != "" {
		s.aimed = row(was)
		if strings.Contains(was, "which cluster's data") {
			s.entered = row(was)
		}
	}
	before.Draft, after.Draft = state.Draft{}, state.Draft{}
	if reflect.DeepEqual(before, after) || !s.cfg.Given.IsZero() {
		return
	}
	k, key := msg.(tea.KeyPressMsg)
	if taken := fmt.Sprintf("%T", msg); !key && strings.HasSuffix(taken, "state.Snapshot]") && after.Snapshot.Kind == "onDemand" {
		return // the snapshot that was asked for, and waited for, has come
	}
	if k.String() == "tab" && after.Delivery == state.PointInTime {
		return
	}
	if single := after.Delivery == state.Collections && after.ByMoment(); single && (k.String() == "o" || k.String() == "f10") {
		return // what was lost alone, or single collections in the place of the whole
	}
	if k.String() == "o" && after.Delivery == state.Collections && after.Snapshot.ID != "" && after.Evidence.Namespace != "" {
		return // what was lost alone, of a snapshot where no moment can be restored
	}
	if own := before.WithCluster(after.Cluster); !key && (before.Cluster.Name == "" || before.Cluster.ID == after.Cluster.ID) && reflect.DeepEqual(own, after) && s.names(s.entered, after.Cluster.Name) {
		return
	}
	if own := before.WithFields(after.Instant, after.Target, after.Draft); !key && reflect.DeepEqual(own, after) && s.names(s.aimed, after.Target.ClusterName) {
		return // the own list of the target that Enter has taken has come
	}
	if k.String() == "enter" && after.Delivery == state.PointInTime && strings.Contains(was, "enter do it") && strings.HasSuffix(row(was), " tab") {
		return // that key's action, by its name in the palette
	}
	if job := strings.Contains(s.seen+was, "estore job ") || len(s.sum.Earlier) > 0; job {
		switch k.String() {
		case "n", "ctrl+o", "esc":
			return // another restore is begun, or gone on with, or its job is shown
		case "enter":
			if tail := row(was); strings.Contains(was, "enter do it") && (strings.HasSuffix(tail, " n") || strings.HasSuffix(tail, " ctrl+o") || strings.HasSuffix(tail, " esc")) {
				return
			}
		}
	}
	if k.String() != "enter" {
		s.fail("%T %v has changed the answers\nfrom %+v\nto   %+v", msg, msg, before, after)
	}
	if s.proposed(was, before, after) {
		s.tally["a loss taken"]++
		return
	}
	line := row(was)
	for _, change := range []struct{ from, to, name string }{
		{before.Project.ID, after.Project.ID, after.Project.Name},
		{before.Cluster.ID, after.Cluster.ID, after.Cluster.Name},
		{before.Snapshot.ID, after.Snapshot.ID, state.UTC(after.Snapshot.When(), s.cfg.Now())},
		{string(before.Delivery), string(after.Delivery), steps.DeliveryName(after.Delivery)},
		{before.Target.ClusterName, after.Target.ClusterName, after.Target.ClusterName},
	} {
		if change.to != "" && change.to != change.from && !s.names(line, change.name) {
			s.fail("Enter has taken %q, highlighted was %q:\n%s", change.name, line, was)
		}
	}
	s.belongs(after, after.Target != before.Target && !strings.Contains(line, `use "`))
}

// names says whether a line of the screen has a name, as far as a column shows one.
func (s *screenStorm) names(line, name string) bool {
	plain := func(text string) string {
		if s.cfg.ASCII {
			return steps.ASCII(text)
		}
		return text
	}
	if strings.Contains(line, plain(ansi.Truncate(name, 20, ""))) {
		return true
	}
	for n := 8; n < 20; n++ { // a narrow row may have the name's beginning, and say that it is cut
		if cut := ansi.Truncate(name, n, "…"); cut != name && strings.Contains(line, plain(cut)) {
			return true
		}
	}
	return false
}

const askErased = "To erase "

// typed is what stands in the input of the confirmation, as far as the screen shows it.
func (s *screenStorm) typed() string {
	ask := askErased
	for _, other := range askSingles {
		if !strings.Contains(s.seen, ask) {
			ask = other
		}
	}
	_, below, _ := strings.Cut(s.seen, ask)
	_, below, _ = strings.Cut(below, "\n")
	line, _, _ := strings.Cut(below, "\n")
	_, typed, _ := strings.Cut(line, "› ")
	return typed
}

// confirms is what Enter confirms on the screen as it was last seen; empty for nothing.
func (s *screenStorm) confirms() string {
	if strings.Contains(s.seen, "▌ [ Request the download ]") {
		return string(state.Download)
	}
	if phrase := s.sum.Plan.Phrase(); phrase != "" && s.typed() == phrase {
		return s.sum.Plan.Target.ClusterName
	}
	return ""
}

// press presses a key, and knows whether that confirms.
func (s *screenStorm) press(k tea.KeyPressMsg) {
	if k.String() == "enter" {
		if strings.HasPrefix(s.typed(), "…") || strings.HasPrefix(s.typed(), "~") { // it cannot be seen what that would confirm
			s.give(clearKey)
		}
		if what := s.confirms(); what != "" {
			s.agreed = append(s.agreed, what)
			s.tally["confirmed"]++
			s.note("that confirms %s", what)
		}
	}
	s.give(k)
}

func (s *screenStorm) typeText(text string) {
	for _, r := range text {
		s.press(letters(string(r))[0])
	}
}

var (
	enterKey = tea.KeyPressMsg{Code: tea.KeyEnter}
	leaveKey = tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	clearKey = tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}
	// ctrl+v is not among them: it may run programs of the machine.
	anyKey = slices.Concat(
		keys(0, tea.KeyEscape, tea.KeyTab, tea.KeyTab, tea.KeyUp, tea.KeyDown, tea.KeyDown, tea.KeyPgUp, tea.KeyPgDown, tea.KeyHome, tea.KeyEnd,
			tea.KeyBackspace, tea.KeyBackspace, tea.KeyDelete, tea.KeyLeft, tea.KeyRight, tea.KeyF1, tea.KeyF2, tea.KeyF3, tea.KeyF4, tea.KeyF5, tea.KeyF6, tea.KeyF7, tea.KeyF8, tea.KeyF9, tea.KeyF12),
		keys(tea.ModShift, tea.KeyTab, tea.KeyEnter, tea.KeyLeft, tea.KeyRight),
		keys(tea.ModCtrl, tea.KeyLeft, tea.KeyRight, tea.KeyUp, tea.KeyDown),
		keys(tea.ModCtrl, 'u', 'w', 'r', 'n', 'p', 'k', 'a', 'e', 'd', 'm', 'z', 'g'),
		keys(tea.ModAlt, 'd', 'b', 'f', tea.KeyBackspace, tea.KeyEnter),
		letters(" ", "?", "x", "y", "c", "q", "-", "1", "o", "s", "w", "支", "e\u0301", "\u0301", "👩‍👩‍👧‍👦"),
	)
	anyMessage = []any{
		tea.FocusMsg{},
		tea.BlurMsg{},
		tea.ResumeMsg{},
		tea.BackgroundColorMsg{},
		tea.ColorProfileMsg{Profile: colorprofile.ANSI},
		tea.ColorProfileMsg{Profile: colorprofile.TrueColor},
		tea.EnvMsg{"COLORFGBG=0;15"},
		tea.EnvMsg{"TERM=linux"},
		tea.KeyReleaseMsg{Code: tea.KeyEnter},
		tea.MouseClickMsg{X: 3, Y: 3},
		tea.MouseWheelMsg{},
		struct{}{},
	}
)

func keys(mod tea.KeyMod, codes ...rune) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, c := range codes {
		out = append(out, tea.KeyPressMsg{Code: c, Mod: mod})
	}
	return out
}

// letters are keys that write something; one may be more than one rune.
func letters(texts ...string) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, text := range texts {
		r := []rune(text)
		if len(r) > 1 {
			r[0] = tea.KeyExtended
		}
		out = append(out, tea.KeyPressMsg{Code: r[0], Text: text})
	}
	return out
}

// event implements tempest.
func (s *screenStorm) event(kind byte) {
	if s.singles && kind < 112 && s.chance(60) {
		kind = 154 // it goes on more: from these pages a job is far
	}
	switch {
	case kind < 60:
		k := oneOf(s.storm, anyKey...)
		if s.cfg.ASCII && k.Text == "\u0301" { // such a screen cannot show what it makes of a letter
			k = letters("'")[0]
		}
		s.note("%s", k)
		s.press(k)
	case kind < 100:
		s.note("enter")
		s.press(enterKey)
	case kind < 112:
		word := s.word()
		s.note("types %.60q", word)
		s.typeText(word)
	case kind < 122:
		paste := oneOf(s.storm, s.word(), s.word(), oneOf(s.storm, garbage...), strings.Repeat("x", 5_000)) + oneOf(s.storm, "", "\n", "\r", "\r\n\r\n")
		s.note("pastes %.60q", paste)
		s.give(tea.PasteMsg{Content: paste})
	case kind < 132:
		s.resize()
	case kind < 138:
		msg := oneOf(s.storm, anyMessage...)
		s.note("%T", msg)
		s.give(msg)
	case kind < 154:
		s.weather()
	case kind < 184:
		s.goOn()
	case kind < 196:
		s.goElsewhere()
	case kind < 210:
		s.release()
	case kind < 214:
		s.deliver(100)
	case kind < 215:
		s.note("ctrl+c")
		s.press(leaveKey)
		if quits := slices.ContainsFunc(s.mail, isQuit); !quits && !s.sending() && !strings.Contains(s.seen, "what becomes of it") {
			s.fail("ctrl+c does not leave:\n%s", s.seen)
		}
	default:
		d := oneOf(s.storm, 16*time.Millisecond, 50*time.Millisecond, 200*time.Millisecond, 2*time.Second)
		s.note("%v pass", d)
		s.pass(d)
	}
	s.pass(time.Duration(s.dice.IntN(20)) * time.Millisecond)
	s.rest()
	s.deliver(100 - s.slow)
	if s.over {
		s.leave()
		s.open()
	}
}

func isQuit(msg tea.Msg) bool {
	_, ok := msg.(tea.QuitMsg)
	return ok
}

// sending says whether the answer to a request has not reached the wizard yet.
func (s *screenStorm) sending() bool {
	return s.sum.Outcome == state.OutcomeUnknown || slices.ContainsFunc(s.mail, func(msg tea.Msg) bool { return strings.Contains(fmt.Sprintf("%T", msg), "Submitted") })
}

func (s *screenStorm) resize() {
	size := tea.WindowSizeMsg{Width: 60 + s.dice.IntN(80), Height: 15 + s.dice.IntN(30)}
	switch s.dice.IntN(8) {
	case 0:
		size = tea.WindowSizeMsg{Width: 1 + s.dice.IntN(70), Height: 1 + s.dice.IntN(20)}
	case 1:
		size = tea.WindowSizeMsg{Width: 60 + s.dice.IntN(241), Height: 15 + s.dice.IntN(66)}
	}
	s.note("the window is %d×%d", size.Width, size.Height)
	s.give(size)
}

// deliver hands out the mail, each piece with a chance of so many in a hundred; what is
// not handed out comes later, and maybe in another order.
func (s *screenStorm) deliver(chance int) {
	mail := s.mail
	s.mail = nil
	for _, msg := range mail {
		switch {
		case !s.chance(chance):
			s.mail = append(s.mail, msg)
		case isQuit(msg):
			s.over = true
		default:
			s.note("%T comes", msg)
			s.give(msg)
		}
	}
}

// goOn does on the page what leads on, where chance alone would take long.
func (s *screenStorm) goOn() {
	if s.sum.Job.ID != "" {
		s.seeJob()
		return
	}
	target := s.sum.Plan.Phrase()
	at := s.cfg.Now().Add(-time.Duration(s.dice.IntN(oneOf(s.storm, 60, 3600, 400_000))) * time.Second)
	text := s.credential(s.seen)
	switch {
	case target != "" && (strings.Contains(s.seen, askErased) || slices.ContainsFunc(askSingles, func(ask string) bool { return strings.Contains(s.seen, ask) })):
		if s.chance(15) {
			s.note("pastes %q with a newline", target)
			s.give(tea.PasteMsg{Content: target + "\n"})
			return
		}
		text = oneOf(s.storm, almost(target)...)
	case strings.Contains(s.seen, "into which cluster"):
		s.press(tea.KeyPressMsg{Code: tea.KeyDown})
	case strings.Contains(s.seen, askNames):
		s.chooseNames()
		return
	case strings.Contains(s.seen, "[ Request the download ]"):
		s.press(tea.KeyPressMsg{Code: tea.KeyTab})
	case strings.Contains(s.seen, "› What is missing"):
		text = s.missing()
	case strings.Contains(s.seen, "s stop") && s.chance(80): // the search for a loss goes on
		s.note("lets it read")
		for range 6 {
			s.release()
			s.pass(200 * time.Millisecond)
			s.rest()
			s.deliver(100)
		}
		return
	case strings.Contains(s.seen, "which state of the data") && s.chance(25):
		s.note("asks when it was lost")
		s.tally["asked when"]++
		s.lose(s.sum.Plan.Project.Name + "/" + s.sum.Plan.Cluster.Name)
		s.press(keys(tea.ModCtrl, 'g')[0])
		return
	case strings.Contains(s.seen, "how is it delivered"):
		for range s.dice.IntN(3) {
			s.press(tea.KeyPressMsg{Code: tea.KeyDown})
		}
	case strings.Contains(s.seen, "› Moment"):
		text = at.Format("2006-01-02 15:04:05")
	case strings.Contains(s.seen, "› Oplog timestamp"):
		text = strconv.FormatInt(at.Unix(), 10)
	case strings.Contains(s.seen, "› Oplog increment"):
		text = "1"
	}
	if text != "" {
		s.note("types %q and enter", text)
		s.press(clearKey)
		s.typeText(text)
	} else {
		s.note("goes on")
	}
	s.press(enterKey)
}

// goElsewhere goes back, and on with something else.
func (s *screenStorm) goElsewhere() {
	s.note("goes back, and elsewhere")
	for range 1 + s.dice.IntN(2) {
		s.press(tea.KeyPressMsg{Code: tea.KeyEscape})
	}
	move := oneOf(s.storm, tea.KeyUp, tea.KeyDown)
	for range s.dice.IntN(4) {
		s.press(tea.KeyPressMsg{Code: move})
	}
	s.press(enterKey)
}

// almost are a name, mostly, and what is not quite that name.
func almost(name string) []string {
	return []string{name, name, name, name, name, name + "x", name[1:], name[:len(name)-1], strings.ToUpper(name), name + " ", " " + name}
}

// seeJob has the time pass that a job takes, and leaves it in the end.
func (s *screenStorm) seeJob() {
	if s.sum.Outcome != state.OutcomeRunning && s.chance(10) {
		s.note("q")
		s.press(letters("q")[0])
		return
	}
	d := time.Duration(s.dice.IntN(200)) * time.Second
	s.note("Atlas's clock moves by %v, and some seconds pass", d)
	s.sim.Advance(d)
	for range 4 {
		s.pass(time.Second)
		s.rest()
		s.deliver(100)
	}
}

// leave implements tempest.
func (s *screenStorm) leave() {
	sum := s.root.Summary()
	s.note("left: %s", sum.Outcome)
	s.tally["left: "+string(sum.Outcome)]++
	s.agrees(sum)
	s.clean("the summary", sum.Text())
	s.mum("the journal", s.book.text.String())
	if s.chance(50) { // the process ends later than what is under way
		s.hold = 0
		for v := s.gate.held(s.dice); v != nil; v = s.gate.held(s.dice) {
			s.gate.open(v)
			s.settle()
		}
	}
	s.kept()
	s.agrees(sum) // of what was made only now it had to know too
	s.tally["asked for"] += len(s.gate.orders)
	if !s.abandon() {
		s.fail("a command does not end")
	}
}

// abandon implements tempest.
func (s *screenStorm) abandon() bool {
	s.cancel()
	time.Sleep(time.Hour) // of the bubble's time: every timer in it goes off
	synctest.Wait()
	for _, w := range s.ways {
		if !w.done.Load() {
			return false
		}
	}
	s.ways, s.mail = nil, nil
	return true
}
