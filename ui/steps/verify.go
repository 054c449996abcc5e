package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/proof"
	"atlas-restore/state/text"
)

// Proofs is what is known of archives and directories that others have fetched.
type Proofs struct {
	Reports []proof.Report
	Stopped string // the file at which somebody stopped it
}

// VerifyFiles proves each of some archives and directories. It needs no network, and writes
// nothing but notes that are gone at its end. A directory without a database in it stands for
// the archives in it. Tell hears how far it is; it may be nil.
func VerifyFiles(ctx context.Context, paths []string, tell func(Proving)) (Proofs, error) {
	var all Proofs
	for _, path := range paths {
		found, err := verify(ctx, path, tell)
		all.Reports = append(all.Reports, found...)
		if err != nil && ctx.Err() != nil {
			all.Stopped = path
			return all, nil
		}
		if err != nil {
			return all, &RunError{Err: fmt.Errorf("proving %s: %w", path, err), Advice: verifyAdvice(err)}
		}
	}
	return all, nil
}

// verifyAdvice is what to do about what cannot be read.
func verifyAdvice(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "Look for a wrong name: it is the .tar.gz that was fetched, or the directory into which it was unpacked."
	case errors.Is(err, fs.ErrPermission):
		return "Run it as somebody who may read the file, or copy it."
	}
	return "Nothing is known of what is in it. If the disk is full, TMPDIR can name a directory with more room for notes."
}

// Proving is how far a proof is.
type Proving struct {
	Name  string
	Read  int64
	Total int64 // 0 where it is not known
	Since time.Time
}

// Says is a line about it.
func (p Proving) Says(now time.Time) string {
	line := "Proving " + text.Clean(p.Name) + ": " + state.Size(p.Read)
	took := now.Sub(p.Since)
	if p.Total <= 0 || p.Read > p.Total {
		return line + " read"
	}
	line += fmt.Sprintf(" of %s read", state.Size(p.Total))
	if took > 0 && p.Read > 0 {
		left := time.Duration(float64(took) * float64(p.Total-p.Read) / float64(p.Read))
		line += ", about " + state.Age(left+time.Second) + " left"
	}
	return line
}

// verify proves what one path names.
func verify(ctx context.Context, path string, tell func(Proving)) ([]proof.Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plainPath(err)
	}
	at := Proving{Name: path, Total: info.Size(), Since: time.Now()}
	o := proof.Options{Read: func(n int64) {
		if at.Read = n; tell != nil {
			tell(at)
		}
	}}
	switch {
	case info.IsDir():
		at.Total = tableBytes(path)
		r, err := proof.Directory(ctx, path, o)
		if err != nil {
			return nil, plainPath(err)
		}
		if inside := archivesIn(path); len(r.Databases) == 0 && len(inside) > 0 {
			var all []proof.Report
			for _, name := range inside {
				found, err := verify(ctx, name, tell)
				all = append(all, found...)
				if err != nil {
					return all, err
				}
			}
			return all, nil
		}
		return []proof.Report{r}, nil
	case !info.Mode().IsRegular():
		return nil, errors.New("it is neither a file nor a directory")
	}
	f, err := os.Open(path) //nolint:gosec // it is the file that was asked for
	if err != nil {
		return nil, plainPath(err)
	}
	defer f.Close()
	r, err := proof.Archive(ctx, path, f, o)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the file
	}
	return []proof.Report{r}, nil
}

// plainPath is an error of a file without its name, which the caller says.
func plainPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// tableBytes are the bytes of a directory that a proof reads.
func tableBytes(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // it only says how long it takes
		if err == nil && d.Type().IsRegular() && (strings.HasSuffix(path, ".wt") || strings.HasPrefix(d.Name(), "WiredTigerLog.")) {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// archivesIn are the archives in a directory, by their names.
func archivesIn(dir string) (all []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); e.Type().IsRegular() && slices.ContainsFunc([]string{".tar.gz", ".tgz", ".tar"}, func(end string) bool { return strings.HasSuffix(name, end) }) {
			all = append(all, filepath.Join(dir, name))
		}
	}
	return all
}

// Verdict is the one on all of them.
func (p Proofs) Verdict() proof.Verdict { return proof.Verdicts(p.Reports) }

// The exit codes of verify beside 0, by its help.
const (
	exitDamaged   = 3
	exitUnchecked = 6
)

// ExitCode is 0 only where all is sound.
func (p Proofs) ExitCode() int {
	switch {
	case p.Verdict() == proof.Damaged && len(p.Reports) > 0:
		return exitDamaged
	case p.Stopped != "":
		return state.OutcomeAborted.ExitCode()
	case p.Verdict() == proof.Sound:
		return 0
	}
	return exitUnchecked
}

// Text is what people read.
func (p Proofs) Text() string {
	var parts []string
	for _, r := range p.Reports {
		parts = append(parts, r.Text())
	}
	if p.Stopped != "" {
		parts = append(parts, fmt.Sprintf("%s: stopped before its end: nothing is known of it\n", text.Clean(p.Stopped)))
	}
	if n := len(p.Reports); n > 1 {
		sound := 0
		for _, r := range p.Reports {
			if r.Verdict == proof.Sound {
				sound++
			}
		}
		parts = append(parts, fmt.Sprintf("%d of %d are sound.\n", sound, n))
	}
	return strings.Join(parts, "\n")
}

// JSON is one object, as the help of the command describes it.
func (p Proofs) JSON() ([]byte, error) {
	outcome := map[proof.Verdict]string{proof.Sound: "sound", proof.Damaged: "damaged"}[p.Verdict()]
	if outcome == "" || p.Stopped != "" && outcome == "sound" {
		outcome = "unknown"
	}
	out := struct {
		Outcome string         `json:"outcome"`
		Reports []proof.Report `json:"reports"`
		Stopped string         `json:"stopped,omitempty"`
	}{outcome, p.Reports, p.Stopped}
	if out.Reports == nil {
		out.Reports = []proof.Report{}
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return append(raw, '\n'), nil
}
