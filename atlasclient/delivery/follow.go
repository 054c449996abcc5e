package delivery

import (
	"context"
	"fmt"
	"io"
	"sync"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// Prover judges archives while they are fetched.
type Prover interface {
	// Prove begins the proof of the archive of this file name, and has into unpack it; nil: nobody.
	Prove(name string, into Unpacker) (Proof, error)
}

// Unpacker writes down what is in an archive while it is proven.
type Unpacker = proof.Unpacker

// Proof is the proof of one archive. It is written every byte of the archive, from the first
// on and in order: of one that was begun earlier the bytes on disk first. Then Verdict is
// called, once. Close ends it in every case, with a verdict or without.
type Proof interface {
	io.Writer

	// Verdict judges what was written; nothing more comes. An error says that the proof could
	// not be made, which is no word about the archive.
	Verdict() (fetch.Verdict, error)
	Close() error
}

// follower has a proof read a file from its beginning, behind the one who writes it. So the
// writer never waits for the proof: a link's hour counts, and the proof can come later.
type follower struct {
	src   io.ReaderAt
	proof Proof

	mu    sync.Mutex
	moved sync.Cond
	to    int64 // bytes that are written
	fed   int64 // of them, those that the proof has read
	whole bool  // no more will be written
	over  bool  // it must end
	err   error
	done  chan struct{}
}

func follow(src io.ReaderAt, proof Proof, to int64) *follower {
	f := &follower{src: src, proof: proof, to: to, done: make(chan struct{})}
	f.moved.L = &f.mu
	go f.run()
	return f
}

func (f *follower) run() {
	defer close(f.done)
	whole := buffer()
	defer give(whole)
	buf := whole[:]
	for {
		f.mu.Lock()
		for f.fed == f.to && !f.whole && !f.over {
			f.moved.Wait()
		}
		at, to, over := f.fed, f.to, f.over
		f.mu.Unlock()
		if over || at == to {
			return
		}
		part := buf[:min(int64(len(buf)), to-at)]
		n, err := f.src.ReadAt(part, at)
		if n == len(part) {
			_, err = f.proof.Write(part)
		} else if err != nil {
			err = diskFault("reading", "what was written", err)
		}
		f.mu.Lock()
		f.fed += int64(n)
		f.err = err
		f.over = f.over || err != nil
		f.mu.Unlock()
	}
}

// grown says how many bytes are written by now.
func (f *follower) grown(to int64) {
	f.mu.Lock()
	f.to = to
	f.mu.Unlock()
	f.moved.Signal()
}

// read is how many bytes the proof has read.
func (f *follower) read() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fed
}

// verdict waits until the proof has read everything, and has it judge. If ctx ends before, the
// error is ctx's.
func (f *follower) verdict(ctx context.Context) (fetch.Verdict, error) {
	f.mu.Lock()
	f.whole = true
	f.mu.Unlock()
	f.moved.Signal()
	select {
	case <-f.done:
	case <-ctx.Done():
		f.drop()
		return fetch.Verdict{}, ctx.Err() //nolint:wrapcheck // the caller knows it
	}
	if f.err != nil {
		_ = f.proof.Close()
		return fetch.Verdict{}, fmt.Errorf("reading for the proof: %w", f.err)
	}
	v, err := f.proof.Verdict()
	_ = f.proof.Close() // it has said what it had to say
	return v, err       //nolint:wrapcheck // the prover's own
}

// drop ends the proof without a verdict.
func (f *follower) drop() {
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	f.moved.Signal()
	<-f.done
	_ = f.proof.Close() // nobody asks for its verdict
}
