package delivery

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"sync/atomic"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

// How much may be unpacked: what the snapshot takes in Atlas and a fifth more, and what stands beside
// its data, as journals and logs do. A .tar.gz can be made to hold a million times its size.
const (
	besideData = 1 << 30
	mostNames  = 2_000_000
)

// mostUnpacked is the bound for all files together, 0 where none is known.
func (r *run) mostUnpacked() int64 {
	if r.order.Guess <= 0 || r.opt.Tight {
		return 0
	}
	return r.order.Guess + r.order.Guess/5 + besideData
}

// unpacking has the proof of a file write down what is in it, into a directory that bears its final
// name only when the file is proven. It is a proof.Unpacker.
type unpacking struct {
	run  *run
	name string // the final one
	tree tree
	made map[string]bool // the directories, and (false) the files
	// failed is why it has ended; what follows is left out.
	failed *fetch.Error
	bytes  atomic.Int64 // announced
}

// unpack begins to unpack the file of this transfer; nil where that is not wanted, or was done already.
func (t *transfer) unpack() *unpacking {
	if !t.opt.Extract {
		return nil
	}
	u, there := t.unpacking(t.name)
	if !there {
		return u
	}
	if t.unpacked == "" {
		t.note(u.name + " is there already, and stays as it is: nothing is unpacked. To prove it: " + state.Command("", "verify", t.path(u.name)))
	}
	t.unpacked = t.path(u.name)
	return nil
}

// unpacking begins to unpack a file beside itself, unless its directory is there.
func (r *run) unpacking(name string) (u *unpacking, there bool) {
	u = &unpacking{run: r, name: fetch.Stem(name), made: map[string]bool{".": true}}
	is, err := r.disk.Stat(u.name)
	switch {
	case err == nil && is.IsDir():
		return u, true
	case err == nil:
		u.fail(&fetch.Error{Why: "what is called " + r.path(u.name) + " is no directory", Advice: "Move it away. " + unpackAgain()})
		return u, false
	}
	if err := r.disk.RemoveTree(u.name + partEnding); err != nil {
		u.disk("removing", u.name+partEnding, err)
		return u, false
	}
	tree, err := r.disk.MakeTree(u.name + partEnding)
	if err != nil {
		u.disk("making", u.name+partEnding, err)
		return u, false
	}
	u.tree = tree
	return u, false
}

// into is what a prover takes.
func (u *unpacking) into() Unpacker {
	if u == nil {
		return nil
	}
	return u
}

func unpackAgain() string {
	return "The .tar.gz is not touched by it, and no link is needed any more: " + state.Command("", "verify", "--extract", "FILE") + " unpacks it from the disk."
}

func (u *unpacking) fail(e *fetch.Error) {
	if u.failed != nil {
		return
	}
	e.Problem = fetch.Unpacking // whichever it is, the file itself is as its state says
	if e.Advice == "" {
		e.Advice = unpackAgain()
	}
	u.failed = e
	u.drop() // what is there is of no use, and its room may be needed for the files themselves
}

func (u *unpacking) disk(doing, name string, err error) {
	e := diskFault(doing, text.Clean(name), err)
	e.Advice = "Mend the disk or make room. " + unpackAgain()
	u.fail(e)
}

func (u *unpacking) refuse(format string, args ...any) {
	u.fail(&fetch.Error{Why: "unpacking " + u.name + ": " + fmt.Sprintf(format, args...)})
}

// Directory implements proof.Unpacker.
func (u *unpacking) Directory(name string) {
	if u.failed != nil || u.made[name] {
		return
	}
	if len(u.made) >= mostNames {
		u.refuse("there are more than %d files and directories in it", mostNames)
		return
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		u.refuse("this system takes no directory of the name %s", text.Clean(name))
		return
	}
	if u.Directory(path.Dir(name)); u.failed != nil {
		return
	}
	if _, known := u.made[name]; known {
		u.refuse("%s is a file and a directory at once", text.Clean(name))
		return
	}
	if err := u.tree.Mkdir(name); err != nil {
		u.making(name, err)
		return
	}
	u.made[name] = true
}

// making is err, with which a file or a directory could not be made that was not made before.
func (u *unpacking) making(name string, err error) {
	if errors.Is(err, fs.ErrExist) {
		u.refuse("the disk takes %s and another name for the same", text.Clean(name))
		return
	}
	u.disk("unpacking", name, err)
}

// File implements proof.Unpacker.
func (u *unpacking) File(name string, size int64) io.WriteCloser {
	if u.failed == nil && !filepath.IsLocal(filepath.FromSlash(name)) {
		u.refuse("this system takes no file of the name %s", text.Clean(name))
	}
	if u.Directory(path.Dir(name)); u.failed != nil {
		return &entry{u: u}
	}
	if is, known := u.made[name]; is || !known && len(u.made) >= mostNames {
		u.refuse("%s is a directory and a file at once, or there are more than %d of them", text.Clean(name), mostNames)
		return &entry{u: u}
	} else if known { // the last one counts, as tar has it
		if err := u.tree.Remove(name); err != nil {
			u.disk("removing", name, err)
			return &entry{u: u}
		}
	}
	if u.room(size); u.failed != nil {
		return &entry{u: u}
	}
	out, err := u.tree.Create(name)
	if err != nil {
		u.making(name, err)
		return &entry{u: u}
	}
	u.made[name] = false
	return &entry{u: u, name: name, out: out}
}

// room holds a file of so many bytes against the bounds, before a byte of it is written.
func (u *unpacking) room(size int64) {
	u.bytes.Add(size)
	all := u.run.unpackedBytes.Add(size)
	if most := u.run.mostUnpacked(); most > 0 && (all > most || all < 0) {
		u.refuse("it would take more than %s, and the snapshot has %s in Atlas", state.Size(most), state.Size(u.run.order.Guess))
		u.failed.Advice = "If that is right all the same, --tight takes the bound away, but for what the disk has free. " + unpackAgain()
		return
	}
	free, _ := u.run.disk.Free()
	if free < 0 {
		return
	}
	var files int64
	for n := range u.run.needs {
		files += u.run.needs[n].Load()
	}
	if files += files / 20; free-files < size {
		u.fail(&fetch.Error{
			Why:    fmt.Sprintf("unpacking %s: the disk has %s free, the .tar.gz files still need %s of it, and the next file in it %s", u.name, state.Size(free), state.Size(files), state.Size(size)),
			Advice: "Make room. " + unpackAgain(),
		})
	}
}

// entry is a file that is being unpacked. It takes what comes also where nothing is written any more.
type entry struct {
	u    *unpacking
	name string
	out  io.WriteCloser // nil: it is left out
}

// Write implements io.Writer. It never fails: the proof goes on.
func (e *entry) Write(b []byte) (int, error) {
	if e.out != nil && e.u.failed == nil {
		n, err := e.out.Write(b)
		if err == nil && n < len(b) {
			err = io.ErrShortWrite
		}
		if err != nil {
			_ = e.end() // the first error says it all
			e.u.disk("unpacking", e.name, err)
		}
	}
	return len(b), nil
}

func (e *entry) end() error {
	if e.out == nil {
		return nil
	}
	out := e.out
	e.out = nil
	return out.Close() //nolint:wrapcheck // the caller says what for
}

// Close implements io.Closer.
func (e *entry) Close() error {
	if err := e.end(); err != nil {
		e.u.disk("unpacking", e.name, err)
	}
	return nil
}

// finish gives the directory its name: the final one behind which the ending stands, if any. Nothing is
// written to it any more.
func (u *unpacking) finish(ending string) *fetch.Error {
	if u.failed != nil {
		return u.failed
	}
	err := u.tree.Sync()
	err = errors.Join(err, u.tree.Close())
	u.tree = nil
	if err == nil && ending != "" {
		err = u.run.disk.RemoveTree(u.name + ending) // of an earlier one
	}
	if err == nil {
		err = u.run.disk.Rename(u.name+partEnding, u.name+ending)
	}
	if err == nil {
		err = u.run.disk.Sync()
	}
	if err != nil {
		u.disk("giving its name to the directory", u.name, err)
		return u.failed
	}
	u.bytes.Store(0) // they stay
	return nil
}

// drop takes away what was unpacked.
func (u *unpacking) drop() {
	if u == nil {
		return
	}
	u.run.unpackedBytes.Add(-u.bytes.Swap(0))
	if u.tree == nil {
		return
	}
	_ = u.tree.Close() // it is removed
	u.tree = nil
	if err := u.run.disk.RemoveTree(u.name + partEnding); err != nil {
		u.run.note(diskFault("removing", u.name+partEnding, err).Why)
	}
}
