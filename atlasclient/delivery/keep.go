package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// saveEvery is how many bytes a crash of the machine may cost.
const saveEvery = 64 << 20

const roomForSidecar = 16 << 10

// begin looks at what is on the disk and opens the part. It is done where a file of the final
// name is there and is proven again.
func (t *transfer) begin(ctx context.Context) (done bool, err error) {
	there, err := t.there(t.name)
	if err != nil {
		return false, diskFault("looking for", t.name, err)
	}
	if there && !t.opt.Overwrite {
		return true, t.proveAgain(ctx)
	}
	goesOn, err := t.takeUp()
	if err != nil {
		return false, err
	}
	if !goesOn {
		if err := t.create(); err != nil {
			return false, err
		}
	}
	t.startProof()
	return false, nil
}

// proveAgain proves a file of the final name from the disk. No link is touched for it.
func (t *transfer) proveAgain(ctx context.Context) error {
	f, err := t.disk.Open(t.name)
	if err != nil {
		return diskFault("opening", t.name, err)
	}
	t.out = f
	if t.at, err = f.Seek(0, io.SeekEnd); err != nil {
		return diskFault("reading", t.name, err)
	}
	t.side.Total, t.side.Whole = t.at, true
	t.startProof()
	t.note(t.name + " is there already: it is proven again from the disk")
	v, err := t.proof.verdict(ctx)
	t.proof = nil
	if v.Proven { // else it is the verdict on a stranger's file
		t.verdict = v
	}
	if err != nil || !v.Proven || ctx.Err() != nil { // nothing of it is a part, and nothing is known of the whole
		t.at, t.side.Total = 0, -1
	}
	switch {
	case ctx.Err() != nil:
		return t.left(ctx)
	case err != nil:
		return &fetch.Error{Problem: fetch.ProofFailed, Why: "proving " + t.name + ": " + problem(err).Why, Cause: err}
	case !v.Proven:
		return &fetch.Error{Problem: fetch.Exists, Why: fmt.Sprintf("a file %s is there, and it is not proven: %s", t.path(t.name), v.Words), Advice: "Move it away, or give another directory with --out DIR."}
	}
	t.finished = true
	t.unpackedTo("")
	return t.tidy()
}

// takeUp opens a part that an earlier run has left, if it can be gone on with.
func (t *transfer) takeUp() (bool, error) {
	raw, err := small(t.disk, t.name+sidecarEnding, mostSidecar)
	if errors.Is(err, fs.ErrNotExist) {
		if there, _ := t.there(t.name + partEnding); there {
			t.note(t.name + partEnding + " has nothing beside it that says what it is: it is fetched from the first byte on")
		}
		return false, nil
	}
	if err != nil {
		return false, diskFault("reading", t.name+sidecarEnding, err)
	}
	side, err := parseSidecar(raw)
	if err != nil {
		t.note(t.name + sidecarEnding + " cannot be read (" + err.Error() + "): it is fetched from the first byte on")
		return false, nil
	}
	if side.Snapshot != t.order.Snapshot || side.ReplicaSet != t.file.ReplicaSet {
		return false, &fetch.Error{
			Problem: fetch.Foreign, Why: fmt.Sprintf("%s was begun for another snapshot or replica set", t.path(t.name+partEnding)),
			Advice: "Move it and its .part.json away, or give another directory with --out DIR.",
		}
	}
	f, err := t.disk.Open(t.name + partEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, diskFault("opening", t.name+partEnding, err)
	}
	t.out, t.part = f, true
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, diskFault("reading", t.name+partEnding, err)
	}
	// What lies behind the offset was not safe on disk when the sidecar was written: after a
	// crash of the machine it may be anything.
	t.at = min(size, side.Offset)
	t.side = side
	t.side.Offset = t.at
	t.side.Whole = t.at > 0 && (t.at == side.Total || side.Whole && t.at == side.Offset)
	if err := errors.Join(f.Truncate(t.at), seek(f, t.at)); err != nil {
		return false, diskFault("taking up", t.name+partEnding, err)
	}
	t.top = t.at
	return true, nil
}

// create makes an empty part, with what says what it is before it.
func (t *transfer) create() error {
	order, _ := t.current()
	t.side = sidecar{Job: order.Job, Snapshot: t.order.Snapshot, ReplicaSet: t.file.ReplicaSet, Total: -1, Begun: t.now().UTC().Truncate(time.Second)}
	if err := t.save(t.side); err != nil {
		return err
	}
	if err := t.disk.Remove(t.name + partEnding); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskFault("removing", t.name+partEnding, err)
	}
	f, err := t.disk.Create(t.name + partEnding)
	if err != nil {
		return diskFault("making", t.name+partEnding, err)
	}
	t.out, t.part = f, true
	if err := t.disk.Sync(); err != nil {
		return diskFault("making", t.name+partEnding, err)
	}
	return nil
}

// empty gives up what is there. The sidecar says so first.
func (t *transfer) empty(why string) error {
	if t.anews++; t.anews > mostAnews {
		return &fetch.Error{Problem: fetch.BadAnswer, Host: t.host, Why: fmt.Sprintf("it had to be begun from the first byte %d times, the last because %s", t.anews, why)}
	}
	e := t.event(fetch.Anew)
	e.Text = why
	t.tell(e)
	if err := t.keep.wait(); err != nil {
		return err
	}
	t.proof.drop()
	t.proof = nil
	t.top = max(t.top, t.at)
	t.at = 0
	t.side.Offset, t.side.Whole, t.side.Total, t.side.ETag, t.side.LastModified = 0, false, -1, "", ""
	if err := t.save(t.side); err != nil {
		return err
	}
	t.reserved = 0
	if err := errors.Join(t.out.Truncate(0), seek(t.out, 0)); err != nil {
		return diskFault("emptying", t.name+partEnding, err)
	}
	t.startProof()
	return nil
}

func seek(f file, at int64) error {
	_, err := f.Seek(at, io.SeekStart)
	return err //nolint:wrapcheck // the caller says what for
}

// startProof has the proof read from the first byte on.
func (t *transfer) startProof() {
	t.box.drop()
	t.box = t.unpack()
	name, box := t.name, t.box
	t.proof = follow(t.out, t.at, func(ctx context.Context, r io.Reader) (fetch.Verdict, error) {
		return t.opt.Prover.Prove(ctx, name, r, box.into())
	})
}

// save writes a sidecar.
func (t *transfer) save(s sidecar) error {
	raw, err := s.bytes()
	if err == nil {
		err = replace(t.disk, t.name+sidecarEnding, t.name+newEnding, raw)
	}
	if err != nil {
		return diskFault("writing", t.name+sidecarEnding, err)
	}
	return nil
}

// secure has what is written so far outlive a crash of the machine.
func (t *transfer) secure(s sidecar) error {
	if err := t.out.Sync(); err != nil {
		return diskFault("writing", t.name+partEnding, err)
	}
	return t.save(s)
}

// written keeps count of what is written, and secures it now and then, beside the fetch.
func (t *transfer) written(n int) error {
	t.at += int64(n)
	t.proof.grown(t.at)
	if t.side.Total >= 0 {
		t.needs[t.i].Store(t.side.Total - max(t.at, t.reserved))
	}
	s := t.side
	s.Offset = t.at
	return t.keep.now(t.at, func() error { return t.secure(s) })
}

// reserve takes the room that is needed now, so that nobody else does until the last byte is there.
func (t *transfer) reserve() *fetch.Error {
	lacks := t.side.Total - t.at
	if lacks <= 0 {
		return nil
	}
	done, err := t.out.Reserve(t.at, lacks)
	if err != nil {
		_ = t.out.Truncate(t.at) // some of it may have been taken
		t.needs[t.i].Store(0)
		e := diskFault("making room for", t.name, err)
		e.Why = fmt.Sprintf("the disk of %s has no room for %s of %s", t.order.Dir, state.Size(lacks), t.name)
		e.Advice = roomAdvice
		return e
	}
	if done {
		t.reserved = t.side.Total
		t.needs[t.i].Store(0)
	}
	return nil
}

// close closes the part. Where the file has not come to its end, what is there is secured first.
func (t *transfer) close(unfinished bool) error {
	err := t.keep.wait()
	if t.out == nil {
		return err
	}
	if unfinished && t.side.Snapshot != "" && t.at != t.side.Offset {
		t.side.Offset = t.at
		failed := t.secure(t.side)
		if failed != nil && problem(failed).Problem == fetch.Space && t.at > 0 {
			t.at -= min(t.at, roomForSidecar) // what says where to go on is worth more than the last bytes
			t.side.Offset = t.at
			if failed = t.out.Truncate(t.at); failed == nil {
				failed = t.secure(t.side)
			}
		}
		err = errors.Join(err, failed)
	}
	if unfinished && t.reserved > t.at {
		_ = t.out.Truncate(t.at) // what is not there takes no room while nobody fetches it
	}
	t.strayed = t.gone()
	_ = t.out.Close() // it was synced, or that has failed already
	return err
}

// clear takes away a part without a byte in it, and what stands beside it: there is nothing to go on
// with.
func (t *transfer) clear() {
	if err := t.disk.Remove(t.name + partEnding); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return // the sidecar says that it is empty
	}
	_ = t.tidy() // it tells what it cannot take away
}

// saver secures beside the fetch, one at a time.
type saver struct {
	last int64
	busy chan error // holds what the one that runs says at its end; nil: none runs
}

// now secures if enough has come since the last time and that is over. Its error is of the last
// time.
func (s *saver) now(at int64, secure func() error) error {
	if at-s.last < saveEvery {
		return nil
	}
	if s.busy != nil {
		select {
		case err := <-s.busy:
			if s.busy = nil; err != nil {
				return err
			}
		default:
			return nil
		}
	}
	s.last = at
	busy := make(chan error, 1)
	s.busy = busy
	go func() { busy <- secure() }()
	return nil
}

// wait waits for the one that runs.
func (s *saver) wait() error {
	s.last = 0
	if s.busy == nil {
		return nil
	}
	err := <-s.busy
	s.busy = nil
	return err
}
