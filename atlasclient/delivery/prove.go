package delivery

import (
	"context"
	"fmt"
	"io"
	"strings"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
	"atlas-restore/state/text"
)

// BlockChecksums proves archives by the checksums that WiredTiger wrote beside its blocks.
type BlockChecksums struct {
	Notes string // where the proof keeps what does not fit into memory; empty: the system's place
}

// Prove implements Prover.
func (b BlockChecksums) Prove(name string) (Proof, error) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	p := &pass{out: out, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.report, p.err = proof.Archive(ctx, name, in, proof.Options{Notes: b.Notes})
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
	v := fetch.Verdict{Proven: r.Verdict == proof.Sound, Unseen: r.Verdict == proof.Unchecked, Short: r.Cut, SHA256: r.SHA256}
	sound, all := 0, 0
	var bad []string
	count := func(what string, verdict proof.Verdict, why string) {
		if verdict == r.Verdict {
			bad = append(bad, fmt.Sprintf("%s is %s: %s", what, verdict, why))
		}
	}
	for _, f := range r.Findings {
		count(f.What, f.Verdict, f.Why)
	}
	for _, d := range r.Databases {
		sound, all = sound+d.Sound(), all+len(d.Tables)
		for _, f := range d.Findings {
			count(f.What, f.Verdict, f.Why)
		}
		for _, t := range d.Tables {
			what := t.File
			if t.Name != "" {
				what = t.Name + " (" + t.File + ")"
			}
			count(what, t.Verdict, t.Why)
		}
	}
	v.Words = fmt.Sprintf("%d of %d tables: every block that the snapshot reaches is as WiredTiger wrote it", sound, all)
	if !v.Proven {
		said := []string{}
		if all > 0 {
			said = append(said, fmt.Sprintf("%d of %d tables are sound", sound, all))
		}
		if len(bad) > 0 {
			said = append(said, bad[0])
		}
		if len(bad) > 1 {
			said = append(said, fmt.Sprintf("and %d more", len(bad)-1))
		}
		v.Words = text.Clean(strings.Join(said, "; "))
	}
	v.Report = []byte(r.Text())
	return v
}
