package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

// Timeline is what can be had of a cluster, and where one is in it. It is drawn by Track
// and Scale, and said by Words.
type Timeline struct {
	Now     time.Time
	Reach   state.Reach // zero where only snapshots can be had, or nothing is known
	Ticks   []Tick
	Jobs    []state.Job // of which those onto the cluster itself are shown
	Cluster state.Cluster
	At      time.Time      // the cursor; zero for none
	Close   time.Duration  // the span that is shown around the cursor; 0 for the usual one
	Since   time.Time      // it is shown from here on at least, instead of the window; zero for none
	Lost    []time.Time    // when something was lost
	Lacks   Lacks          // what is not known of it
	Unknown []state.Window // where it is not known whether a moment can be had
}

// Tick is a snapshot in a timeline.
type Tick struct {
	at   int64 // in seconds since 1970
	kind uint8 // in kinds
}

// At is when it was taken.
func (t Tick) At() time.Time { return time.Unix(t.at, 0).UTC() }

// TicksOf are Ticks, made once for a list.
func (s *Seen) TicksOf(all []state.Snapshot, now time.Time) []Tick {
	return s.ticks.of(all, func() []Tick { return Ticks(all, now) })
}

// Ticks are the snapshots as a timeline has them.
func Ticks(all []state.Snapshot, now time.Time) []Tick {
	out := make([]Tick, len(all))
	for i, s := range all {
		out[i] = Tick{s.When().Unix(), uint8(kindOf(s, now))} //nolint:gosec // there are nine
	}
	return out
}

// Cell is one column of the track.
type Cell struct {
	Mark rune
	Kind CellKind
}

// CellKind is what a column of the track stands for, for its colour.
type CellKind int

// The kinds, what gives way first.
const (
	CellNothing  CellKind = iota // only snapshots can be had there
	CellMoment                   // any second can be had
	CellUnknown                  // whether a moment can be had is not known
	CellSnapshot                 // a snapshot
	CellHole                     // no moment can be had
	CellRestore                  // the start of a restore onto the cluster
	CellLost                     // something was lost
)

// The marks of the track. Those of snapshots are letters, so that they can be told apart
// without a colour.
const (
	markNothing = '·'
	markMoment  = '━'
	markHole    = '░'
	markUnknown = '?'
	markRestore = 'R'
	markLost    = '!'
)

// kinds are the snapshots' marks, the one that gives way last in front.
var kinds = []struct {
	mark rune
	word string
}{{'o', "on demand"}, {'f', "fallback"}, {'y', "yearly"}, {'m', "monthly"}, {'w', "weekly"}, {'d', "daily"}, {'h', "hourly"}, {'s', "snapshot"}, {'x', "not usable"}}

// kindOf is the index of a snapshot's kind.
func kindOf(s state.Snapshot, now time.Time) int {
	word := snapshotKind(s)
	if s.Usable(now) != nil {
		word = "not usable"
	}
	for i, k := range kinds {
		if k.word == word {
			return i
		}
	}
	return len(kinds) - 2
}

// spans are how much a timeline can show.
var spans = []time.Duration{
	3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour,
	31 * 24 * time.Hour, 92 * 24 * time.Hour, 366 * 24 * time.Hour, 5 * 366 * 24 * time.Hour, 20 * 366 * 24 * time.Hour,
}

// Span is what is shown: usually the restore window, or a week, up to now, and more where
// the cursor lies further back; something narrower around the cursor where that is asked.
func (t Timeline) Span() (from, to time.Time) {
	least := 7 * 24 * time.Hour
	switch {
	case !t.Since.IsZero():
		least = t.Now.Sub(t.Since)
	case !t.Reach.IsZero():
		least = t.Now.Sub(t.Reach.From)
	}
	if t.Close > 0 && !t.At.IsZero() {
		to = t.At.Add(t.Close / 2)
		if to.After(t.Now) {
			to = t.Now
		}
		return to.Add(-t.Close), to
	}
	if !t.At.IsZero() {
		least = max(least, t.Now.Sub(t.At))
	}
	for _, s := range spans {
		if s+time.Minute >= least { // the window may have begun in the middle of a second
			return t.Now.Add(-s), t.Now
		}
		if !t.Since.IsZero() && s+s/24 >= least { // it was the last 24 h some minutes ago: no three days for that
			break
		}
	}
	return t.Now.Add(-least), t.Now
}

// columns says where an instant lies in w columns, without asking for the span each time.
func (t Timeline) columns(w int) func(time.Time) int {
	from, to := t.Span()
	last, span := float64(w-1), float64(to.Sub(from))
	return func(at time.Time) int { return int(last * float64(at.Sub(from)) / span) }
}

// Column is where an instant lies in w columns; it may lie outside.
func (t Timeline) Column(at time.Time, w int) int {
	return t.columns(w)(at)
}

// Track is the span in w columns.
func (t Timeline) Track(w int) []Cell {
	from, to := t.Span()
	cells := make([]Cell, w)
	step := to.Sub(from) / time.Duration(max(1, w-1))
	for i := range cells {
		cells[i] = Cell{markNothing, CellNothing}
		// A column is as wide as step; a hole shows even where it is narrower.
		begin := from.Add(time.Duration(i) * step)
		end := begin.Add(step)
		if !t.Reach.IsZero() && end.After(t.Reach.From) && !begin.After(t.Now) {
			cells[i] = Cell{markMoment, CellMoment}
			for _, h := range t.Reach.Holes {
				if h.From.Before(end) && (h.Until.IsZero() || h.Until.After(begin)) {
					cells[i] = Cell{markHole, CellHole}
				}
			}
		}
		for _, u := range t.Unknown {
			if u.From.Before(end) && (u.Until.IsZero() || u.Until.After(begin)) {
				cells[i] = Cell{markUnknown, CellUnknown}
			}
		}
	}
	best := make([]uint8, w)
	column := t.columns(w)
	first, last := from.Unix(), to.Unix() // of a hundred thousand most lie outside
	for _, s := range t.Ticks {
		if s.at < first || s.at > last {
			continue
		}
		at := s.At()
		if at.Before(from) {
			continue
		}
		if i := column(at); cells[i].Kind < CellSnapshot || cells[i].Kind == CellSnapshot && s.kind < best[i] {
			best[i], cells[i] = s.kind, Cell{kinds[s.kind].mark, CellSnapshot}
		}
	}
	for _, at := range t.restores() {
		i := t.Column(at, w)
		if i < 0 || i >= w || at.Before(from) {
			continue
		}
		cells[i] = Cell{markRestore, CellRestore}
	}
	for _, at := range t.Lost {
		if i := column(at); i >= 0 && i < w && !at.Before(from) {
			cells[i] = Cell{markLost, CellLost}
		}
	}
	for _, h := range t.Reach.Holes {
		t.showHole(cells, h)
	}
	for _, at := range t.restores() {
		t.showHole(cells, state.Window{From: at, Until: at.Add(time.Second)})
	}
	return cells
}

// showHole gives a hole that other marks cover a column beside them: it is seen, however short it
// is and whatever else happened then.
func (t Timeline) showHole(cells []Cell, h state.Window) {
	from, to := t.Span()
	if begin := t.Reach.From; begin.After(from) {
		from = begin
	}
	if h.Until.IsZero() || h.Until.After(to) {
		h.Until = to
	}
	if h.From.Before(from) {
		h.From = from
	}
	if !h.Until.After(h.From) {
		return
	}
	w := len(cells)
	first, last := max(0, t.Column(h.From, w)), min(t.Column(h.Until, w), w-1)
	for i := first; i <= last; i++ {
		if cells[i].Kind == CellHole {
			return
		}
	}
	for far := 1; far < w; far++ {
		for _, i := range []int{last + far, first - far} {
			switch {
			case i < 0 || i >= w:
			case cells[i].Kind == CellHole || cells[i].Kind == CellUnknown:
				return
			case cells[i].Kind == CellMoment || cells[i].Kind == CellSnapshot:
				cells[i] = Cell{markHole, CellHole}
				return
			}
		}
	}
}

// restores are the starts of those onto the cluster itself.
func (t Timeline) restores() []time.Time {
	var out []time.Time
	for _, h := range state.Holes(t.Cluster, t.Jobs, nil) {
		out = append(out, h.From)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// Scale are the names of the days, or hours, above the track, each at its column.
func (t Timeline) Scale(w int) string {
	from, to := t.Span()
	line := make([]rune, w)
	for i := range line {
		line[i] = ' '
	}
	put := func(column int, text string) {
		letters := []rune(text)
		column = min(column, w-len(letters))
		if column < 0 || strings.TrimSpace(string(line[max(0, column-2):min(w, column+len(letters)+2)])) != "" {
			return
		}
		copy(line[column:], letters)
	}
	step, layout := scaleStep(to.Sub(from), w)
	if to.Equal(t.Now) {
		t.putNow(w, step, layout, put)
	}
	for at := from.UTC().Truncate(step); !at.After(to); at = at.Add(step) {
		if !at.Before(from) {
			put(t.Column(at, w), at.Format(layout))
		}
	}
	return strings.TrimRight(string(line), " ")
}

// putNow names the right end, in so few words that the step before it keeps its name: yesterday is
// what is asked for most.
func (t Timeline) putNow(w int, step time.Duration, layout string, put func(int, string)) {
	day := t.Now.UTC().Format("2 Jan")
	last := t.Now.UTC().Truncate(step)
	if step == 24*time.Hour {
		last = last.Add(-step) // today is named here
	}
	room := w - (t.Column(last, w) + len(last.Format(layout)) + 2)
	for _, name := range []string{"now, " + day, day, "now"} {
		if len(name) <= room {
			put(w, name)
			return
		}
	}
}

// scaleStep is the finest step of a scale whose names have room in w columns.
func scaleStep(span time.Duration, w int) (step time.Duration, layout string) {
	const day = 24 * time.Hour
	for _, step = range []time.Duration{time.Hour / 2, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 4 * day, 7 * day, 14 * day, 28 * day, 91 * day, 365 * day} {
		switch {
		case step >= 91*day:
			layout = "Jan 2006"
		case step >= day:
			layout = "2 Jan"
		case span > day:
			layout = "2 Jan 15h"
		default:
			layout = "15:04"
		}
		if float64(step)/float64(span)*float64(w) >= float64(len(layout)+2) {
			break
		}
	}
	return step, layout
}

// Legend says what the marks in the track mean, in w cells: what has no room is left out, the
// letters last that are seldom.
func (t Timeline) Legend(track []Cell, w int) string {
	var out []string
	unknown := "not known"
	if t.Lacks.any(Awaited) {
		unknown = "not loaded yet"
	}
	has := func(mark rune) bool {
		return slices.ContainsFunc(track, func(c Cell) bool { return c.Mark == mark })
	}
	for _, m := range []struct {
		mark rune
		word string
	}{{markLost, "lost"}, {markRestore, "restored"}, {markMoment, "any second"}, {markHole, "no moment"}, {markUnknown, unknown}, {markNothing, "only snapshots"}} {
		if has(m.mark) {
			out = append(out, string(m.mark)+" "+m.word)
		}
	}
	letters := slices.Clone(kinds)
	slices.Reverse(letters)
	letters = append(letters[1:], letters[0]) // what is not usable stands in its row
	for _, k := range letters {
		if has(k.mark) {
			out = append(out, string(k.mark)+" "+k.word)
		}
	}
	if text := t.Lacks.Words(); text != "" {
		out = append([]string{"(" + strings.ToLower(text[:1]) + strings.TrimSuffix(text[1:], ".") + ")"}, out...)
	}
	between := "  "
	if ansi.StringWidth(strings.Join(out, between)) > w {
		between = " "
	}
	for len(out) > 1 && ansi.StringWidth(strings.Join(out, between)) > w {
		out = out[:len(out)-1]
	}
	return strings.Join(out, between)
}

// Marks say what each mark of the track means.
func Marks() string {
	var out []string
	for _, k := range slices.Backward(kinds) {
		out = append(out, string(k.mark)+" "+k.word)
	}
	return "Marks: " + strings.Join(out, ", ") + "; ! something was lost; R a restore onto the cluster began; ━ any second can be restored, ░ none can, ? not known, · only snapshots can; ▲ the cursor."
}

// Words say what the picture shows.
func (t Timeline) Words() string {
	var out []string
	switch {
	case t.Lacks != Lacks{}:
		out = append(out, t.Lacks.Words())
	case !t.Reach.IsZero():
		out = append(out, "Any second from "+state.UTC(t.Reach.From, t.Now)+" to now can be restored"+t.holes()+".")
	case !t.Cluster.PITEnabled:
		out = append(out, "Only snapshots can be restored, no moment between them.")
	}
	if at := t.restores(); len(at) > 0 {
		var when []string
		for _, r := range at {
			when = append(when, state.UTC(r, t.Now))
		}
		out = append(out, "Restored onto it: "+strings.Join(when, ", ")+".")
	}
	if len(t.Ticks) == 0 && t.Lacks.Snapshots != Came {
		return strings.Join(out, " ")
	}
	if len(t.Ticks) == 0 {
		return strings.Join(append(out, "There is no snapshot."), " ")
	}
	n := make([]int, len(kinds))
	oldest := t.Now
	for _, s := range t.Ticks {
		n[s.kind]++
		if s.At().Before(oldest) {
			oldest = s.At()
		}
	}
	var of []string
	for i, k := range slices.Backward(kinds) {
		if n[i] > 0 {
			of = append(of, fmt.Sprintf("%d %s", n[i], k.word))
		}
	}
	so := ""
	if t.Lacks.Snapshots != Came {
		so = " so far"
	}
	return strings.Join(append(out, fmt.Sprintf("%s%s back to %s: %s.", state.Count(len(t.Ticks), "snapshot"), so, state.UTC(oldest, t.Now), strings.Join(of, ", "))), " ")
}

// holes are those within the window.
func (t Timeline) holes() string {
	var out []string
	for _, h := range t.Reach.Holes {
		switch {
		case h.Until.IsZero():
			out = append(out, "from "+state.UTC(h.From, t.Now)+" to the next snapshot")
		case h.Until.After(t.Reach.From):
			out = append(out, "from "+state.UTC(h.From, t.Now)+" to "+state.UTC(h.Until, t.Now))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", but not " + strings.Join(out, ", nor ") + " (after a restore onto it)"
}

// TimelineOf is the timeline of a cluster as far as it was seen; awaited says that the rest is on its
// way.
func (s *Seen) TimelineOf(c state.Cluster, snapshots []state.Snapshot, ticks []Tick, awaited bool, now time.Time) Timeline {
	l := s.LacksOf(c, snapshots, awaited)
	reach, unknown := s.PastOf(c).ReachOf(c, snapshots, l, now)
	return s.TimelineWith(Timeline{Now: now, Cluster: c, Reach: reach, Unknown: unknown, Ticks: ticks, Lacks: l})
}

// TimelineWith is t with the restores that were seen of its cluster.
func (s *Seen) TimelineWith(t Timeline) Timeline {
	if past := s.PastOf(t.Cluster); past != nil {
		t.Jobs = past.Jobs
	}
	return t
}
