package proof

import (
	"fmt"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// maxShown is how many tables that are sound are listed by name; those that are not always are.
const maxShown = 40

// Text is the report as people read it. It begins with the verdict, then tells what speaks
// against it, then what was proven and what was not looked at.
func (r Report) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }
	fmt.Fprintf(&b, "%s: %s\n", text.Clean(r.Name), strings.ToUpper(string(r.Verdict)))
	for _, said := range folded(r.Findings) {
		line("%s", said)
	}
	for _, d := range r.Databases {
		if len(r.Databases) > 1 {
			line("In %s:", text.Clean(d.Dir))
		}
		for _, said := range folded(d.Findings) {
			line("%s", said)
		}
		for _, said := range d.against() {
			line("%s", said)
		}
		line("%s", d.tables())
		if d.verdict() == Sound {
			line("No file is missing that the metadata names, and the journal reaches the checkpoint.")
		}
		used, proven := d.bytes()
		beside := ""
		if n := d.unmeasured(); n > 0 && used > 0 {
			beside = ", without " + state.Count(n, "table") + " of which that is not known"
		}
		line("Proven by checksums: %s%s, and %s.", amount(proven, used), beside, journal(d.Journal))
		switch {
		case len(d.Opens) > 0 && r.Verdict == Damaged: // nobody is told how to open what is not to be used
			line("featureCompatibilityVersion %s.", text.Clean(d.FCV))
		case len(d.Opens) > 0:
			line("featureCompatibilityVersion %s: open it with mongod %s.", text.Clean(d.FCV), strings.Join(d.Opens, " or "))
		default:
			line("Its featureCompatibilityVersion was not found: which mongod opens it is not known.")
		}
	}
	if r.SHA256 != "" && len(r.Databases) > 0 && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Verdict != Note }) {
		line("The .tar.gz is read to its end, and nothing of it is missing.")
	}
	if r.SHA256 != "" && r.Verdict != NoBackup {
		line("SHA-256 of the .tar.gz: %s", r.SHA256)
	}
	for _, d := range r.Databases {
		for _, left := range d.left() {
			line("Not checked, as %s.", left)
		}
	}
	if len(r.Databases) > 0 {
		line("Not looked at: %s.", notLookedAt)
	}
	if advice := r.advice(); advice != "" {
		line("%s", advice)
	}
	for _, d := range r.Databases {
		for _, t := range d.Tables {
			if t.Verdict == Damaged {
				line("%-8s %8s  %s", t.Verdict, state.Size(t.Used), t.called())
			}
		}
		if d.Sound() > maxShown {
			line("(%d tables are sound; -o json lists them.)", d.Sound())
			continue
		}
		for _, t := range d.Tables {
			if t.Verdict == Sound {
				line("%-8s %8s  %s", t.Verdict, state.Size(t.Used), t.called())
			}
		}
	}
	return b.String()
}

// against says which tables are not sound, and why: what is damaged first, and in one line those of which
// the same is to be said.
func (d Database) against() (all []string) {
	for _, t := range d.Tables {
		if t.Verdict != Sound && t.Verdict != Unchecked {
			all = append(all, fmt.Sprintf("%s is %s: %s.", t.called(), t.Verdict, text.Clean(t.Why)))
		}
	}
	names, order := map[string][]string{}, []string{}
	for _, t := range d.Tables {
		if t.Verdict == Unchecked {
			if names[t.Why] == nil {
				order = append(order, t.Why)
			}
			names[t.Why] = append(names[t.Why], t.called())
		}
	}
	for _, why := range order {
		if of := names[why]; len(of) > 1 {
			all = append(all, fmt.Sprintf("%d tables are not checked: %s. They are %s.", len(of), ofMany(text.Clean(why)), strings.Join(of, ", ")))
			continue
		}
		all = append(all, fmt.Sprintf("%s is %s: %s.", names[why][0], Unchecked, text.Clean(why)))
	}
	return all
}

// folded are findings in sentences, in their order: in one line those of which the same is not known.
func folded(findings []Finding) (all []string) {
	at := map[string]int{}
	var kept []Finding
	many := map[int]bool{}
	for _, f := range findings {
		i, ok := at[f.Why]
		if f.Verdict == Unchecked && ok {
			kept[i].What, many[i] = kept[i].What+", "+f.What, true
			continue
		}
		if f.Verdict == Unchecked {
			at[f.Why] = len(kept)
		}
		kept = append(kept, f)
	}
	for i, f := range kept {
		if many[i] {
			f.Why = ofMany(f.Why)
		}
		all = append(all, f.says())
	}
	return all
}

// ofMany is what is said of one thing, said of several.
func ofMany(why string) string {
	return strings.TrimSpace(strings.NewReplacer(
		"it is a link or a device, which is ", "they are links or devices, which are ",
		"it is a part of what was to be unpacked there, which has not come to its end", "they are parts of what was to be unpacked there, which have not come to their end",
		" it is ", " they are ", " it was ", " they were ", " it has ", " they have ", " it cannot ", " they cannot ", " it could ", " they could ", " it changes ", " they change ", " its ", " their ",
	).Replace(" " + why))
}

const notLookedAt = "whether mongod starts on it, whether the documents are right, whether an index agrees with its collection"

// left is what of a database the proof says nothing about, and why.
func (d Database) left() (all []string) {
	if len(d.Plain) > 0 {
		all = append(all, fmt.Sprintf("they bear no checksum (%s): %s", state.Size(max(d.PlainBytes, 1)), some(d.Plain)))
	}
	if len(d.Spare) > 0 {
		all = append(all, "the snapshot does not name them: "+some(d.Spare))
	}
	return all
}

// maxLeft is how much of what was not checked is told one by one.
const maxLeft = 50

// NotChecked is what the report says nothing about, a text for each.
func (r Report) NotChecked() (all []string) {
	add := func(format string, args ...any) {
		if len(all) < maxLeft {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	for _, f := range r.Findings {
		if f.Verdict == Unchecked {
			add("%s: %s", text.Clean(f.What), text.Clean(f.Why))
		}
	}
	for _, d := range r.Databases {
		for _, left := range d.left() {
			add("as %s", left)
		}
		for _, f := range d.Findings {
			if f.Verdict == Unchecked {
				add("%s: %s", text.Clean(f.What), text.Clean(f.Why))
			}
		}
		for _, t := range d.Tables {
			if t.Verdict == Unchecked {
				add("%s: %s", t.called(), text.Clean(t.Why))
			}
		}
	}
	if len(r.Databases) > 0 {
		all = append(all, notLookedAt)
	}
	return all
}

// Brief is the report in one sentence without its full stop: what is proven, or the first that speaks
// against it and how much more there is.
func (r Report) Brief() string {
	all, plain := Database{}, 0
	var bad []string
	count := func(what string, verdict Verdict, why string) {
		if verdict == r.Verdict {
			bad = append(bad, fmt.Sprintf("%s is %s: %s", what, verdict, text.Clean(why)))
		}
	}
	for _, f := range r.Findings {
		count(text.Clean(f.What), f.Verdict, f.Why)
	}
	for _, d := range r.Databases {
		all.Tables = append(all.Tables, d.Tables...)
		plain += len(d.Plain)
		for _, f := range d.Findings {
			count(text.Clean(f.What), f.Verdict, f.Why)
		}
		for _, t := range d.Tables {
			count(t.called(), t.Verdict, t.Why)
		}
	}
	if r.Verdict == Sound {
		return strings.TrimSuffix(all.tables(), ".") + bare(plain)
	}
	var said []string
	if n := len(all.Tables); n > 0 {
		said = append(said, fmt.Sprintf("%d of %d tables are sound", all.Sound(), n))
	}
	if len(bad) > 0 {
		said = append(said, bad[0])
	}
	if n := len(bad) - 1; n > 0 {
		said = append(said, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(said, "; ")
}

// bare says in a clause that the proof says nothing about some files, as they have no checksum.
func bare(files int) string {
	if files == 0 {
		return ""
	}
	return "; small files beside them have no checksum"
}

// says is a finding in a sentence.
func (f Finding) says() string {
	switch f.Verdict { //nolint:exhaustive // a finding is never sound
	case Damaged:
		return fmt.Sprintf("Damaged: %s: %s.", text.Clean(f.What), text.Clean(f.Why))
	case Unchecked:
		return fmt.Sprintf("Not checked: %s: %s.", text.Clean(f.What), text.Clean(f.Why))
	case NoBackup:
		return fmt.Sprintf("It is no file of a download: %s.", text.Clean(f.Why))
	}
	return fmt.Sprintf("Note: %s: %s.", text.Clean(f.What), text.Clean(f.Why))
}

// called is what people call a table, and its file.
func (t Table) called() string {
	if t.Name == "" {
		return text.Clean(t.File)
	}
	return fmt.Sprintf("%s (%s)", text.Clean(t.Name), text.Clean(t.File))
}

// tables says in a sentence how many of them are sound, and what that means.
func (d Database) tables() string {
	sound, all := d.Sound(), len(d.Tables)
	if sound == 0 {
		return fmt.Sprintf("0 of %d tables are proven.", all)
	}
	return fmt.Sprintf("%d of %d tables: every block that the snapshot reaches is as WiredTiger wrote it.", sound, all)
}

// unmeasured is how many tables are not sound and do not tell how much the snapshot uses of them: a file
// that is missing has had some.
func (d Database) unmeasured() (n int) {
	for _, t := range d.Tables {
		if t.Verdict != Sound && t.Used == 0 {
			n++
		}
	}
	return n
}

func (d Database) bytes() (used, proven int64) {
	for _, t := range d.Tables {
		used, proven = used+t.Used, proven+t.Proven
	}
	return used, proven
}

// amount is how much of what the snapshot uses is proven. Nothing is told in words: the size of nothing
// is a dash, as of what nobody knows.
func amount(proven, used int64) string {
	switch {
	case used <= 0:
		return "nothing of the tables"
	case proven <= 0:
		return fmt.Sprintf("nothing of the %s that the snapshot uses", state.Size(used))
	}
	if state.Size(proven) == state.Size(used) && proven != used { // in bytes the two differ
		return fmt.Sprintf("%d of the %d bytes that the snapshot uses (%s)", proven, used, share(proven, used))
	}
	return fmt.Sprintf("%s of the %s that the snapshot uses (%s)", state.Size(proven), state.Size(used), share(proven, used))
}

func journal(proven int64) string {
	if proven <= 0 {
		return "nothing of a journal"
	}
	return state.Size(proven) + " of journal"
}

// share is a part in percent, which is 100 only for all of it.
func share(part, of int64) string {
	if of <= 0 {
		return "nothing"
	}
	if part < of {
		return fmt.Sprintf("%.1f %%", min(99.9, 100*float64(part)/float64(of)))
	}
	return "100 %"
}

// advice is what to do next.
func (r Report) advice() string {
	if r.Next != "" {
		return r.Next
	}
	switch r.Verdict {
	case Damaged:
		if r.Directory {
			return "Do not use it as it is: unpack the .tar.gz again, or fetch it again."
		}
		return "Do not use it as it is: fetch it again. If the next copy is damaged at the same place, take another snapshot."
	case Unchecked:
		return "What was not checked may be sound, or not: nothing is known of it."
	case NoBackup:
		if r.Instead != "" {
			return "Nothing was judged. " + r.Instead
		}
		return "Nothing was judged. Look for the .tar.gz that the download has delivered; if this came over its link, ask for another download."
	case Sound, Note:
	}
	return ""
}

// Verdicts is the verdict on all of several reports.
func Verdicts(all []Report) Verdict {
	var each []Verdict
	for _, r := range all {
		each = append(each, r.Verdict)
	}
	if len(each) == 0 {
		return Unchecked
	}
	return worst(slices.Compact(each)...)
}
