package record

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// Markdown is a record as a page for a ticket: what an auditor asks for, in the order in which they
// ask. It reads as text too. The commands in it have the flags that find the record, among.
func (k Kept) Markdown(among string) string {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	say("# %s: %s", k.Result, plain(k.Title()))
	say("")
	say("%s", plain(k.Why))
	say("")
	row := func(name, value string) {
		if value != "" {
			say("- **%s**: %s", name, plain(value))
		}
	}
	row("Record", fmt.Sprintf("%d, written %s, SHA-256 %s", k.Number, stamp(&k.WrittenAt), k.SHA256))
	row("Ticket", cmp.Or(k.Ticket, "none was given"))
	row("Purpose", cmp.Or(k.Purpose, "none was given"))
	row("Operator", k.Operator.Name())
	row("Approved by", k.approved())
	row("Backup", k.Backup.text(k.Source))
	row("Collections", strings.Join(k.Backup.Collections, ", "))
	row("Why that one", k.Backup.Evidence)
	row("Target", k.target())
	row("Job", fmt.Sprintf("%s, %s", cmp.Or(k.JobID, "no id was told"), k.Status))
	row("Tool", strings.TrimSpace("atlas-restore "+k.Tool.Version+" "+sum(k.Tool.SHA256)))
	say("")
	say("## Objectives")
	say("")
	row("RTO", objective(k.Objectives.RTO, k.Measured.RTO, "from "+cmp.Or(k.Measured.From, "a time that was not seen")))
	row("RPO", objective(k.Objectives.RPO, k.Measured.RPO, "from the state of the data to "+cmp.Or(map[string]string{"declared": "when it was declared", "decided": "when it was decided"}[k.Measured.From], "a time that was not seen")))
	say("")
	say("## Times")
	say("")
	for _, t := range []struct {
		name string
		at   *time.Time
		none string
	}{
		{"Declared", k.Times.Declared, "not given"},
		{"Decided", k.Times.Decided, "not known"},
		{"Submitted", k.Times.Submitted, "not known"},
		{"Created by Atlas", k.Times.Created, "not known"},
		{"Seen running", k.Times.Running, "not seen"},
		{"Finished", k.Times.Finished, "not seen"},
		{"Data verified", k.Times.Verified, "not done"},
	} {
		row(t.name, cmp.Or(stamp(t.at), t.none))
	}
	say("")
	say("## Checks of what came of it")
	say("")
	for _, c := range k.After {
		of := ""
		if c.Data {
			of = "; a check of the data"
		}
		say("- %s **%s**: expected %s; found %s. (%s%s)", mark(c.Finding), plain(c.Name), plain(c.Expected), plain(c.Found), plain(c.Source), of)
	}
	if len(k.After) == 0 {
		say("None was made.")
	}
	say("")
	say("## Checks before")
	say("")
	if len(k.Before) > 0 {
		say("They are told as they were before the request was sent: so are the ages in them.")
		say("")
	}
	for _, c := range k.Before {
		took := ""
		if c.Accepted {
			took = " It was accepted."
		}
		say("- %s **%s**: %s%s", strings.ToUpper(plain(c.Verdict)), plain(c.Name), plain(c.Reason), took)
	}
	if len(k.Before) == 0 {
		say("None is known: the run that wrote this has made none.")
	}
	list := func(head string, of []string) {
		say("")
		say("## %s", head)
		say("")
		for _, one := range of {
			say("- %s", one)
		}
		if len(of) == 0 {
			say("None.")
		}
	}
	list("Deviations", plains(k.Deviations))
	list("Left to do", k.left(among))
	return b.String()
}

// left is what is left to do, with commands as they run; among are the flags that find the record.
func (k Kept) left(among string) []string {
	out := make([]string, len(k.Left))
	for i, one := range k.Left {
		if out[i] = plain(one); one == LookAtData { // a command is not escaped: a shell would take the marks too
			out[i] = lookAtData + state.Command(among, "records", "check", strconv.Itoa(k.Number), "--expected", "TEXT", "--found", "TEXT")
		}
	}
	return out
}

func (r Record) approved() string {
	switch a := r.Approval; {
	case a == nil:
		return "nobody: no approval was asked for"
	case a.BreakGlass != "":
		return "nobody. The glass was broken: " + a.BreakGlass
	default:
		when := "when it was signed is not known"
		if a.At != nil {
			when = stamp(a.At)
		}
		key := ""
		if a.Fingerprint != "" { // a record of an older program has none
			key = ", key " + a.Fingerprint
		}
		return fmt.Sprintf("%s%s, %s, plan %s", a.By, key, when, a.Plan)
	}
}

func (r Record) target() string {
	switch {
	case r.Target == nil:
		return "none: it is a download"
	case r.Target.Production:
		return r.Target.Title() + ", PRODUCTION"
	case r.Target.Environment != "":
		return r.Target.Title() + ", " + r.Target.Environment
	}
	return r.Target.Title() + ", not known to be production"
}

// text is the backup in words.
func (b Backup) text(of Cluster) string {
	what := "of " + of.Title()
	switch {
	case b.Moment != nil && b.OplogTs != 0:
		return fmt.Sprintf("%s as of %s (oplog %d, %d)", what, stamp(b.Moment), b.OplogTs, b.OplogInc)
	case b.Moment != nil:
		return fmt.Sprintf("%s as of %s", what, stamp(b.Moment))
	case b.SnapshotAt != nil:
		what = fmt.Sprintf("%s, snapshot %s of %s", what, b.SnapshotID, stamp(b.SnapshotAt))
		if b.Version != "" {
			what += ", MongoDB " + b.Version
		}
		return what
	}
	return fmt.Sprintf("%s, snapshot %s", what, cmp.Or(b.SnapshotID, "not known"))
}

// Line is a record in one line, for a list.
func (r Row) Line(now time.Time) string {
	return fmt.Sprintf("%d  %-10s  %s  %s  %s", r.Number, r.Result, state.UTC(r.WrittenAt, now), r.Title(), cmp.Or(r.Ticket, "no ticket"))
}

// About says of a record that is called by its number what it is, in a few words.
func (r Row) About(now time.Time) string {
	return fmt.Sprintf("%s, %s, %s", r.Result, state.UTC(r.WrittenAt, now), r.Title())
}

func objective(want int64, got *int64, how string) string {
	goal := "no objective is set"
	if want > 0 {
		goal = "the objective is " + seconds(want)
	}
	switch {
	case got == nil:
		return "not measured; " + goal
	case want > 0 && *got > want:
		return fmt.Sprintf("%s %s; MISSED: %s", seconds(*got), how, goal)
	case want > 0:
		return fmt.Sprintf("%s %s; met: %s", seconds(*got), how, goal)
	}
	return fmt.Sprintf("%s %s; %s", seconds(*got), how, goal)
}

func mark(f Finding) string {
	switch f {
	case Passed:
		return "PASSED"
	case Failed:
		return "FAILED"
	case Unseen:
	}
	return "NOT SEEN"
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func sum(hash string) string {
	if hash == "" {
		return ""
	}
	return "(SHA-256 " + hash + ")"
}

func plain(s string) string { return text.Markdown(s) }

func plains(of []string) []string {
	out := make([]string, len(of))
	for i, s := range of {
		out[i] = plain(s)
	}
	return out
}
