package forms

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"atlas-restore/state"
)

// text is a field that is only typed: the moment and the two halves of an oplog
// timestamp.
type text struct {
	entry
	check func(value string) error
	echo  func(value string) string // of a valid value
	hint  func() string             // while nothing is typed
	fixed func(value string) string // a valid value as it stays what it is; nil: as it is written
	typed func()                    // it was changed; may be nil
	// passes says whether a value means something else as time passes; nil where fixed is.
	passes func(value string) bool
}

// said is the value as it says the same tomorrow: "15 min ago" would not.
func (t *text) said() string {
	if t.fixed != nil && t.passes(t.value()) && t.check(t.value()) == nil {
		return t.fixed(t.value())
	}
	return t.input.Value()
}

// fix has a valid value stay what it is, in one spelling.
func (t *text) fix() {
	if t.fixed != nil && t.problem() == nil {
		t.write(t.fixed(t.value()))
	}
}

func (t *text) write(value string) {
	if value != t.input.Value() {
		t.input.SetValue(value)
		t.input.CursorEnd()
	}
}

// Blur implements huh.Field: what is left is what it was on the screen.
func (t *text) Blur() tea.Cmd {
	t.write(t.said())
	return t.entry.Blur()
}

// Update implements huh.Model.
func (t *text) Update(msg tea.Msg) (huh.Model, tea.Cmd) {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		if t.edit(msg) && t.typed != nil {
			t.typed()
		}
	}
	return t, nil
}

// View implements huh.Model.
func (t *text) View() string {
	typed, _ := t.line(t.valueWidth())
	return strings.Join(append([]string{t.head(t.styles.Text.Render(typed))}, t.details(t.room)...), "\n")
}

// KeyBinds implements huh.Field.
func (t *text) KeyBinds() []key.Binding { return []key.Binding{bind("enter", "go on", "enter")} }

// Error implements huh.Field: the error that is shown.
func (t *text) Error() error {
	if !t.touched {
		return nil
	}
	return t.problem()
}

func (t *text) problem() error { return t.check(t.value()) }

func (t *text) accept() bool {
	t.touched = true
	t.fix()
	return t.problem() == nil
}

func (t *text) details(room int) []string {
	err := t.problem()
	switch {
	case err == nil:
		return t.note(fine, t.echo(t.value()), room)
	case !t.touched:
		return t.note(muted, t.hint(), room)
	}
	lines := t.note(wrong, err.Error(), room)
	if t.focused && t.value() == "" {
		lines = append(lines, t.note(muted, t.hint(), room-len(lines))...)
	}
	return lines
}

// newMoment makes the field of a moment. What is said from now on backwards counts from when
// it was typed, so that it stays the second that was on the screen.
func (f *Form) newMoment(value string) *text {
	asOf := f.now()
	read := func(v string) (state.Instant, error) { return state.ParseInstant(v, asOf, f.zone) }
	means := "The cluster gets the data as they were at this second; the time is UTC unless a zone is written."
	if f.alone {
		means = "What you choose comes back as it was at this second; the time is UTC unless a zone is written."
	}
	t := &text{
		typed: func() { asOf = f.now() },
		passes: func(v string) bool {
			i, _ := read(v)
			later, _ := state.ParseInstant(v, asOf.AddDate(0, 0, 1), f.zone)
			return i != later
		},
		entry: newEntry(base{
			key: FieldMoment, label: "Moment", styles: &f.styles,
			means: means,
		}, value),
		check: func(v string) error {
			i, err := read(v)
			if err != nil {
				return err
			}
			return f.reach.Check(i.Time(), f.now())
		},
		echo: func(v string) string {
			i, _ := read(v)
			if i.ByOplog() {
				return f.echo(i.Time()) + fmt.Sprintf(", oplog entry %d of that second", i.OplogInc) + f.unchecked()
			}
			return f.echo(i.Time()) + f.rolledBack(v, i.Time()) + f.unchecked()
		},
		hint: func() string {
			return f.span("in UTC, like 2026-11-23 14:02:59") + "; 14:02, yesterday 14:02 and 40m do too"
		},
		fixed: func(v string) string {
			i, _ := read(v)
			if i.ByOplog() {
				return fmt.Sprintf("%d:%d", i.OplogTs, i.OplogInc)
			}
			return i.Time().Format(time.DateTime)
		},
	}
	t.self = t
	return t
}

// newOplogTs makes the field of the first half of an oplog timestamp. Whoever has the whole
// timestamp, or only a moment, may say that: the other half is then filled in, or asked for.
func (f *Form) newOplogTs(value string) *text {
	asOf := f.now()
	read := func(v string) (state.Instant, error) { return readOplogTs(v, asOf, f.zone) }
	t := &text{
		typed:  func() { asOf = f.now() },
		passes: func(v string) bool { return strings.Trim(v, "0123456789") != "" },
		entry: newEntry(base{
			key: FieldOplogTs, label: "Oplog timestamp", styles: &f.styles,
			means: "The first half of the timestamp of an oplog entry: the seconds since 1970. The whole, as in Timestamp(1795443779, 1), or a date and time do too.",
		}, value),
		check: func(v string) error {
			i, err := read(v)
			if err != nil {
				return err
			}
			return f.reach.Check(i.Time(), f.now())
		},
		echo: func(v string) string {
			i, _ := read(v)
			return f.echo(i.Time()) + f.unchecked()
		},
		hint: func() string { return f.span("whole seconds since 1970, like 1795442579") },
		fixed: func(v string) string {
			i, _ := read(v)
			if i.OplogInc != 0 {
				f.oplogInc.input.SetValue(number(i.OplogInc))
			}
			return number(i.OplogTs)
		},
	}
	t.self = t
	return t
}

// readOplogTs reads the first half of an oplog timestamp, the whole of it, or a moment, whose
// second is the first half. The increment is 0 where it was not said.
func readOplogTs(v string, now time.Time, zone *time.Location) (state.Instant, error) {
	if strings.Trim(v, "0123456789") == "" {
		sec, err := state.ParseOplogTs(v)
		return state.Instant{OplogTs: sec}, err
	}
	i, err := state.ParseInstant(v, now, zone)
	if err == nil && !i.ByOplog() {
		i = state.Instant{OplogTs: i.UTCSeconds}
	}
	return i, err
}

func (f *Form) newOplogInc(value string) *text {
	t := &text{
		entry: newEntry(base{
			key: FieldOplogInc, label: "Oplog increment", styles: &f.styles,
			means: "The second half of the timestamp: the number of the write within that second, from 1 on.",
		}, value),
		check: func(v string) error {
			_, err := state.ParseOplogInc(v)
			return err
		},
		echo: func(string) string { return "" },
		hint: func() string { return "" },
	}
	t.self = t
	return t
}

// instant is the point in time of the fields that are shown; they are valid.
func (f *Form) instant() state.Instant {
	if f.restoreTo.oplog {
		ts, _ := state.ParseOplogTs(f.oplogTs.said())
		inc, _ := state.ParseOplogInc(f.oplogInc.value())
		return state.Instant{OplogTs: ts, OplogInc: inc}
	}
	i, _ := state.ParseInstant(f.moment.said(), f.now(), f.zone)
	return i
}

// Point is the point in time that the fields say; false while that is none that can be had.
func (f *Form) Point() (state.Instant, bool) {
	for _, fl := range f.shown {
		switch fl.GetKey() {
		case FieldMoment, FieldOplogTs, FieldOplogInc:
			if fl.problem() != nil {
				return state.Instant{}, false
			}
		}
	}
	return f.instant(), true
}

// Moment is what the fields say of the point in time, valid or not; false while that is no
// moment.
func (f *Form) Moment() (time.Time, bool) {
	value := f.moment.said()
	if f.restoreTo.oplog {
		value = f.oplogTs.said() + ":1"
	}
	i, err := state.ParseInstant(value, f.now(), f.zone)
	if err != nil {
		return time.Time{}, false
	}
	return i.Time(), true
}

// Move moves the moment by so much, from now where the field is empty, within what can be
// had. What is typed and no moment is not touched.
func (f *Form) Move(by time.Duration) {
	at, ok := f.Moment()
	switch {
	case !ok && f.moment.value() != "":
		return
	case !ok:
		at = f.now()
	}
	if at = at.Add(by).Truncate(time.Second); at.After(f.now()) {
		at = f.now().Truncate(time.Second)
	}
	if at.Before(f.reach.From) {
		at = f.reach.From
	}
	f.moment.input.SetValue(at.UTC().Format(time.DateTime))
	f.moment.input.CursorEnd()
	f.moment.touched = true
}

// rolledBack says of a time of the clock that is still to come today which day was taken.
func (f *Form) rolledBack(typed string, at time.Time) string {
	if !state.IsClock(typed) || at.UTC().YearDay() == f.now().UTC().YearDay() {
		return ""
	}
	return ": yesterday, as it is still to come today"
}

// unchecked says of a moment why nobody knows whether it can be had; empty where that is known.
func (f *Form) unchecked() string {
	if f.unsure == "" {
		return ""
	}
	return ". Not checked: " + strings.ToLower(f.unsure[:1]) + strings.TrimSuffix(f.unsure[1:], ".")
}

// echo says a second three ways, with this terminal's own mark between them.
func (f *Form) echo(at time.Time) string {
	return strings.ReplaceAll(state.Echo(at, f.now(), f.zone), "·", f.styles.Marks.Between)
}

// span is the restore window in words. While it is not known an example of what the
// field takes stands for it. The present is told in UTC, as a wall clock may differ.
func (f *Form) span(example string) string {
	now := f.now()
	if f.reach.IsZero() {
		return example + "; it is now " + state.UTC(now, now)
	}
	if f.unsure != "" {
		return "which seconds from " + state.UTC(f.reach.From, now) + " to now is not known"
	}
	span := "any second from " + state.UTC(f.reach.From, now) + " to now, " + state.UTC(now, now)
	if len(f.reach.Holes) > 0 {
		span += ", but for the time after a restore"
	}
	return span
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
