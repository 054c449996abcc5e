package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"atlas-restore/state/fetch"
)

// judge waits for the proof, and gives the file the name that it deserves. It is to be fetched
// again where its end came without a length and turns out to be none.
func (t *transfer) judge(ctx context.Context) (again bool, err error) {
	if err := t.keep.wait(); err != nil {
		return false, err
	}
	t.side.Offset, t.side.Whole = t.at, true
	if err := t.secure(t.side); err != nil {
		return false, err
	}
	t.tell(t.event(fetch.Judged))
	v, err := t.proof.verdict(ctx)
	t.proof = nil
	switch {
	case ctx.Err() != nil:
		return false, t.left(ctx)
	case err != nil:
		return false, &fetch.Error{Problem: fetch.ProofFailed, Why: "proving " + t.name + ": " + problem(err).Why, Advice: "All bytes are there, and kept. Fetch again: no link is needed for it.", Cause: err}
	case !v.Proven && v.Short && t.unsure:
		t.side.Whole, t.side.Total, t.unsure = false, -1, false
		if err := t.save(t.side); err != nil {
			return false, err
		}
		t.startProof()
		return true, nil
	}
	t.verdict = v
	if gone := t.gone(); gone != nil { // what bears the name is not what was proven
		return false, gone
	}
	if !v.Proven {
		return false, t.setAside(v)
	}
	if err := t.publish(); err != nil {
		return false, err
	}
	t.unpackedTo("")
	return false, nil
}

// unpackedTo gives what was unpacked its name, with an ending where it is not proven. What goes wrong
// stays with it: the file itself is as it is.
func (t *transfer) unpackedTo(ending string) {
	if t.box == nil || t.box.finish(ending) != nil {
		return
	}
	t.unpacked = t.path(t.box.name + ending)
}

// publish gives a file that is proven its final name.
func (t *transfer) publish() error {
	if there, err := t.there(t.name); err != nil || there && !t.opt.Overwrite {
		if err != nil {
			return diskFault("looking for", t.name, err)
		}
		return &fetch.Error{Problem: fetch.Exists, Why: fmt.Sprintf("a file %s has come meanwhile", t.path(t.name)), Advice: "What was fetched is whole and proven, and kept beside it as .part."}
	}
	err := t.disk.Sync()
	if err == nil {
		err = t.disk.Rename(t.name+partEnding, t.name)
	}
	if err != nil {
		e := diskFault("giving its name to", t.name, err)
		e.Advice = "It is whole and proven, and kept as .part. Mend the disk and fetch again: no link is needed for it."
		return e
	}
	t.finished = true
	if err := t.disk.Sync(); err != nil {
		return diskFault("securing the name of", t.name, err)
	}
	return t.tidy()
}

// tidy removes what stood beside a part.
func (t *transfer) tidy() error {
	var all error
	for _, ending := range []string{sidecarEnding, newEnding} {
		if err := t.disk.Remove(t.name + ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	if all = errors.Join(all, t.disk.Sync()); all != nil {
		t.note(diskFault("removing", t.name+sidecarEnding, all).Why) // the archive itself is safe
	}
	return nil
}

// orServer is the host, or what stands for it where nothing was asked for in this run.
func orServer(host string) string { return cmp.Or(host, "the server") }

// setAside keeps a file that is not proven under a name that says so, with the report.
func (t *transfer) setAside(v fetch.Verdict) error {
	e := &fetch.Error{
		Problem: fetch.Damaged, Why: fmt.Sprintf("%s is whole and damaged: %s", t.name, v.Words),
		Advice: "Fetch it again with another download job for the same snapshot; if that is damaged too, take another snapshot.",
	}
	ending := damagedEnding
	if v.Short {
		e.Why = fmt.Sprintf("%s is only a part, though %s says that this is all of it: %s", t.name, orServer(t.host), v.Words)
	}
	if v.Foreign {
		ending, e.Problem, e.Why = unseenEnding, fetch.NoArchive, fmt.Sprintf("%s is no file of a backup: %s", t.name, v.Words)
		e.Advice = "Something between here and Atlas may answer in its place. Ask for another download of the same snapshot."
	}
	if v.Unseen {
		ending, e.Problem, e.Why = unseenEnding, fetch.Unproven, fmt.Sprintf("%s is whole and not proven: %s", t.name, v.Words)
		e.Advice = "No damage was seen either. The report says what could not be checked, and why."
	}
	report := v.Report
	if len(report) == 0 {
		report = []byte(v.Words + "\n")
	}
	err := replace(t.disk, t.name+ending+reportEnding, t.name+newEnding, report)
	if err == nil {
		err = t.disk.Rename(t.name+partEnding, t.name+ending)
	}
	if err != nil {
		failed := diskFault("setting aside", t.name, err)
		e.Why += "; " + failed.Why
		e.Advice += " It is kept as " + t.name + partEnding + "."
		e.Cause = failed.Cause
		return e
	}
	t.aside = t.name + ending
	e.Advice = fmt.Sprintf("It is kept as %s, with a report beside it. %s", t.aside, e.Advice)
	switch t.unpackedTo(ending); {
	case t.box == nil:
	case t.box.failed != nil:
		e.Advice += " It was not unpacked: " + t.box.failed.Why + "."
	default:
		e.Advice += " What was unpacked of it is kept as " + t.box.name + ending + "."
	}
	if err := t.tidy(); err != nil {
		return err
	}
	return e
}
