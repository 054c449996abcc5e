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
func (b BlockChecksums) Prove(ctx context.Context, name string, r io.Reader, into Unpacker) (fetch.Verdict, error) {
	report, err := proof.Archive(ctx, name, r, proof.Options{Notes: b.Notes, Unpack: into})
	if err != nil {
		return fetch.Verdict{}, err //nolint:wrapcheck // it names the archive
	}
	return verdictOf(report), nil
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
