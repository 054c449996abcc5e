package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// Prover judges archives while they are fetched.
type Prover interface {
	// Prove reads the archive of this file name: every byte of it, from the first on, as they come; of
	// one that was begun earlier the bytes on disk first. It has into unpack it; nil: nobody. An error
	// says that the proof could not be made, which is no word about the archive: so it is when r or ctx
	// ends it.
	Prove(ctx context.Context, name string, r io.Reader, into Unpacker) (fetch.Verdict, error)
}

// Unpacker writes down what is in an archive while it is proven.
type Unpacker = proof.Unpacker

// follower has a proof read a file from its beginning, behind the one who writes it. So the
// writer never waits for the proof: a link's hour counts, and the proof can come later.
type follower struct {
	src    io.ReaderAt
	cancel context.CancelFunc

	mu    sync.Mutex
	moved sync.Cond
	to    int64 // bytes that are written
	fed   int64 // of them, those that the proof has read
	whole bool  // no more will be written
	over  bool  // it must end

	done chan struct{}
	v    fetch.Verdict // of the proof, once it is done
	err  error
}

// worthwhile is how many bytes the proof is woken for: each turn costs both sides.
const worthwhile = 1 << 20

var errLeft = errors.New("the proof was left")

func follow(src io.ReaderAt, to int64, prove func(context.Context, io.Reader) (fetch.Verdict, error)) *follower {
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{src: src, cancel: cancel, to: to, done: make(chan struct{})}
	f.moved.L = &f.mu
	go func() {
		defer close(f.done)
		defer cancel()
		f.v, f.err = prove(ctx, f)
	}()
	return f
}

// Read implements io.Reader for the proof: it waits for what is not written yet.
func (f *follower) Read(b []byte) (int, error) {
	f.mu.Lock()
	for f.to-f.fed < worthwhile && !f.whole && !f.over {
		f.moved.Wait()
	}
	at, to, over := f.fed, f.to, f.over
	f.mu.Unlock()
	switch {
	case over:
		return 0, errLeft
	case at == to:
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), to-at)]
	n, err := f.src.ReadAt(b, at)
	f.mu.Lock()
	f.fed += int64(n)
	f.mu.Unlock()
	if n == len(b) {
		return n, nil
	}
	if err != nil {
		err = diskFault("reading", "what was written", err)
	}
	return n, err
}

// grown says how many bytes are written by now.
func (f *follower) grown(to int64) {
	f.mu.Lock()
	before := f.to - f.fed
	f.to = to
	worth := before < worthwhile && to-f.fed >= worthwhile
	f.mu.Unlock()
	if worth {
		f.moved.Signal()
	}
}

// read is how many bytes the proof has read.
func (f *follower) read() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fed
}

// verdict waits until the proof has read everything, and has judged. If ctx ends before, the
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
		return fetch.Verdict{}, fmt.Errorf("reading for the proof: %w", f.err)
	}
	return f.v, nil
}

// drop ends the proof without a verdict.
func (f *follower) drop() {
	f.cancel()
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	f.moved.Signal()
	<-f.done
}
