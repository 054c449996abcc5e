package delivery

import (
	"context"
	"io"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// BlockChecksums proves archives by the checksums that WiredTiger wrote beside its blocks.
type BlockChecksums struct {
	Notes string // where the proof keeps what does not fit into memory; empty: the system's place
}

// Prove implements Prover.
func (b BlockChecksums) Prove(name string, into Unpacker) (Proof, error) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	p := &pass{out: out, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.report, p.err = proof.Archive(ctx, name, in, proof.Options{Notes: b.Notes, Unpack: into})
		_ = in.CloseWithError(p.err) // who writes hears of it
	}()
	return p, nil
}

// pass is a proof that reads while it is written to.
type pass struct {
	out    *io.PipeWriter
	cancel context.CancelFunc
	done   chan struct{}
	report proof.Report
	err    error
}

// Write implements io.Writer.
func (p *pass) Write(b []byte) (int, error) { return p.out.Write(b) } //nolint:wrapcheck // the proof's own

// Verdict implements Proof.
func (p *pass) Verdict() (fetch.Verdict, error) {
	_ = p.out.Close() // a pipe's never fails
	<-p.done
	if p.err != nil {
		return fetch.Verdict{}, p.err
	}
	return verdictOf(p.report), nil
}

// Close implements Proof.
func (p *pass) Close() error {
	p.cancel()
	_ = p.out.CloseWithError(context.Canceled) // a pipe's never fails
	<-p.done
	return nil
}

// verdictOf is what a report comes to.
func verdictOf(r proof.Report) fetch.Verdict {
	v := fetch.Verdict{
		Proven: r.Verdict == proof.Sound, Unseen: r.Verdict == proof.Unchecked, Foreign: r.Verdict == proof.NoBackup, Short: r.Cut, SHA256: r.SHA256,
		Words: r.Brief(), Report: []byte(r.Text()), NotChecked: r.NotChecked(),
	}
	if len(r.Databases) == 1 {
		d := r.Databases[0]
		v.FCV, v.Opens, v.DataDir = d.FCV, d.Opens, d.Dir
	}
	return v
}
