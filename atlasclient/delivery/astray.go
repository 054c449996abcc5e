package delivery

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"atlas-restore/state/fetch"
)

// astray says that what was written does not bear its name any more, since somebody has taken it away,
// or the whole directory. mine is the file itself, nil where it is not open. It is nil where the name is
// still that of the file, and where that cannot be seen.
func (r *run) astray(name string, mine fs.FileInfo) *fetch.Error {
	is, err := r.disk.Stat(name)
	removed := errors.Is(err, fs.ErrNotExist)
	another := err == nil && mine != nil && !r.disk.Same(is, mine)
	e := &fetch.Error{Problem: fetch.Disk, Advice: "Fetch it again, into a directory that stays. If its link is used up by then: another download job of the same snapshot erases nothing."}
	switch named := r.disk.Named(); {
	case removed && !named:
		e.Why = fmt.Sprintf("the directory %s was removed while the files came: nothing of %s is there", r.order.Dir, name)
	case !named:
		e.Why = fmt.Sprintf("the directory %s was moved away while the files came, and what had come of %s with it", r.order.Dir, name)
		e.Advice = fmt.Sprintf("Move it back to %s, and fetch again: what is there is gone on with.", r.order.Dir)
	case removed:
		e.Why = fmt.Sprintf("%s was removed while it came: nothing of it is there", r.path(name))
	case another:
		e.Why = fmt.Sprintf("%s was taken away while it came, and another file lies in its place", r.path(name))
	default:
		return nil
	}
	return e
}

// called is the name that the file bears now.
func (t *transfer) called() string {
	switch {
	case t.finished:
		return t.name
	case t.aside != "":
		return t.aside
	}
	return t.name + partEnding
}

// gone is astray for the file that is open.
func (t *transfer) gone() *fetch.Error {
	if t.out == nil || t.at == 0 {
		return nil
	}
	mine, err := t.out.Stat()
	if err != nil {
		return nil // it cannot be seen
	}
	return t.astray(t.called(), mine)
}

// recheck looks once more for what has come to its end: all of it is to be there when the last file is.
func (r *run) recheck(all fetch.Result) {
	if r.disk.Named() {
		return
	}
	for i, f := range all {
		if f.State != fetch.Untouched {
			all[i] = lost(f, r.astray(filepath.Base(f.Path), nil))
		}
	}
}

// lost is a file of which nothing is there any more.
func lost(f fetch.Fetched, e *fetch.Error) fetch.Fetched {
	return fetch.Fetched{Name: f.Name, ReplicaSet: f.ReplicaSet, Total: f.Total, State: fetch.Untouched, Came: true, Err: e}
}
