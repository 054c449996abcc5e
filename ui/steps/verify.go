package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	Unread  int // of the reports, those on what could not be read
	beside  int // reports that are of no file, but of what else there is to say of a directory
	// directories are the reports on a directory, or what was unpacked there.
	directories int
	Packed      int    // files that were to be unpacked, and are not
	Stopped     string // the file at which somebody stopped it

	unpack func(path string) (Unpacking, error)
}

// VerifyFiles proves each of some archives and directories. It needs no network, and writes
// nothing but notes that are gone at its end. Of a directory it proves the database that is unpacked
// there, and the archives. The error is that nothing could be read; what could not be read beside
// others has a report that says so. Tell hears how far it is; it may be nil.
func VerifyFiles(ctx context.Context, paths []string, tell func(Proving)) (Proofs, error) {
	return VerifyAndUnpack(ctx, paths, tell, nil)
}

// Unpacking writes down what is in a file while it is proven. One of the two ends it: End gives it the
// name that the verdict allows and says which, Leave takes it away.
type Unpacking interface {
	proof.Unpacker

	End(v proof.Verdict) (dir string, err error)
	Leave()
}

// VerifyAndUnpack does the same, and has each file unpacked too, where unpack is not nil.
func VerifyAndUnpack(ctx context.Context, paths []string, tell func(Proving), unpack func(path string) (Unpacking, error)) (Proofs, error) {
	all := Proofs{unpack: unpack}
	var first error
	for _, path := range paths {
		if err := all.whole(ctx, path, tell); err != nil && ctx.Err() != nil {
			all.Stopped = path
			return all, nil
		} else if err != nil && first == nil {
			first = &RunError{Err: fmt.Errorf("proving %s: %w", path, err), Advice: verifyAdvice(err)}
		}
	}
	if all.Unread == len(all.Reports) {
		return all, first
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
	case errors.Is(err, errNoFile):
		return "Give the .tar.gz that was fetched, or the directory into which it was unpacked."
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

// whole proves what somebody has named: also a file that is named by itself is held against the lists beside
// it. A directory is held against its own while it is proven.
func (p *Proofs) whole(ctx context.Context, path string, tell func(Proving)) error {
	first := len(p.Reports)
	if err := p.verify(ctx, path, tell); err != nil {
		return err
	}
	if r := p.Reports[first:]; len(r) == 1 && r[0].Name == path && !r[0].Directory {
		return besideIt(ctx, &r[0])
	}
	return nil
}

// verify proves what one path names. An error that is not the context's has its report too.
func (p *Proofs) verify(ctx context.Context, path string, tell func(Proving)) error {
	err := p.read(ctx, path, tell)
	if err != nil && ctx.Err() == nil {
		p.Unread++
		p.Reports = append(p.Reports, proof.PassedOver(path, proof.Finding{What: "it cannot be read", Verdict: proof.Unchecked, Why: text.CleanError(err)}))
	}
	return err
}

func (p *Proofs) read(ctx context.Context, path string, tell func(Proving)) error {
	info, err := os.Stat(path)
	if err != nil {
		return plainPath(err)
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
			return plainPath(err)
		}
		return p.directory(ctx, path, r, tell)
	case !info.Mode().IsRegular():
		return errNoFile
	}
	f, err := os.Open(path) //nolint:gosec // it is the file that was asked for
	if err != nil {
		return plainPath(err)
	}
	defer f.Close()
	r, err := p.archive(ctx, path, f, o)
	if err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	p.Reports = append(p.Reports, r)
	return nil
}

// archive proves a file, and has it unpacked where that is wanted. What goes wrong with the latter is
// no word about the file.
func (p *Proofs) archive(ctx context.Context, path string, f io.Reader, o proof.Options) (proof.Report, error) {
	if p.unpack == nil {
		r, err := proof.Archive(ctx, path, f, o)
		return insteadOf(path, r), err //nolint:wrapcheck // the caller names the file
	}
	box, failed := p.unpack(path)
	if failed == nil {
		defer box.Leave()
		o.Unpack = box
	}
	r, err := proof.Archive(ctx, path, f, o)
	if err != nil {
		return r, err //nolint:wrapcheck // the caller names the file
	}
	dir := ""
	if failed == nil {
		held := r // a file that is not the one of its manifest has not unpacked to what that one was
		held.Findings = slices.Clone(r.Findings)
		if err := besideIt(ctx, &held); err != nil {
			return r, err
		}
		dir, failed = box.End(held.Verdict)
	}
	why := "it is unpacked into " + text.Clean(dir)
	if failed != nil {
		p.Packed++
		why = "it was not unpacked: " + text.CleanError(failed)
	}
	r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: why})
	return insteadOf(path, r), nil
}

// directory takes the report on a directory, and proves the archives in it. Nothing in it that may be
// an archive is passed over without a word. All that is to be said of the directory itself, and of what its
// lists name, stands in one report with one verdict.
func (p *Proofs) directory(ctx context.Context, path string, r proof.Report, tell func(Proving)) error {
	lists, err := listsIn(path, true)
	if err != nil {
		return err
	}
	defer lists.close()
	inside, parts := archivesIn(path)
	r.Findings = slices.DeleteFunc(r.Findings, func(f proof.Finding) bool { return lists.lost[f.What] }) // the lists say it themselves
	first, own := len(p.Reports), len(r.Databases) > 0 || len(inside)+len(parts) == 0
	if own {
		p.Reports, p.directories = append(p.Reports, r), p.directories+1
	}
	for _, name := range inside {
		if err := p.verify(ctx, name, tell); err != nil && ctx.Err() != nil {
			return err
		}
	}
	if err := lists.hold(ctx, path, p.Reports[first:]); err != nil {
		return err
	}
	if !own { // there is nothing to say of it but what is missing, or was not checked
		other := slices.DeleteFunc(r.Findings, func(f proof.Finding) bool { return f.What == r.Itself() })
		if len(parts)+len(other)+len(lists.findings) == 0 {
			return nil
		}
		p.Reports = append(p.Reports, proof.PassedOver(path, other...))
		p.beside++
		first = len(p.Reports) - 1
	}
	for _, f := range parts {
		p.Reports[first].Add(f)
	}
	lists.tell(&p.Reports[first])
	return nil
}

var errNoFile = errors.New("it is neither a file nor a directory")

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

// archivesIn are the archives in a directory and below it, also those that a fetch has set aside, and
// the parts of such that have not come to their end. What cannot be read, and what is no file, is told
// by the proof of the directory.
func archivesIn(dir string) (all []string, parts []proof.Finding) {
	_ = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.Type().IsRegular(): // see above
		case isArchive(name):
			all = append(all, filepath.Join(dir, filepath.FromSlash(name)))
		case isArchive(strings.TrimSuffix(strings.ToLower(name), ".part")):
			parts = append(parts, proof.Finding{What: name, Verdict: proof.Unchecked, Why: "it is a part of a download that has not come to its end"})
		}
		return nil
	})
	return all, parts
}

// isArchive says whether a file is called like one of a download, also like one that a fetch has set aside.
func isArchive(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(name), ".damaged"), ".unproven")
	return slices.ContainsFunc([]string{".tar.gz", ".tgz", ".tar"}, func(end string) bool { return strings.HasSuffix(name, end) })
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
	case p.Unread+p.Packed > 0, p.Verdict() == proof.NoBackup:
		return state.OutcomeError.ExitCode()
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
		sound, of := 0, n-p.beside
		what, are := "files", "are"
		if p.directories > 0 {
			what = "files and directories"
		}
		for _, r := range p.Reports {
			if r.Verdict == proof.Sound {
				sound++
			}
		}
		if of == 1 {
			what, are = map[bool]string{false: "file", true: "directory"}[what != "files"], "is"
		}
		end := ""
		if p.beside > 0 {
			end = " Above is said what is missing, or was not checked."
		}
		parts = append(parts, fmt.Sprintf("%d of %d %s %s sound.%s\n", sound, of, what, are, end))
	}
	return strings.Join(parts, "\n")
}

// JSON is one object, as the help of the command describes it.
func (p Proofs) JSON() ([]byte, error) {
	outcome := map[proof.Verdict]string{proof.Sound: "sound", proof.Damaged: "damaged", proof.NoBackup: "notBackup"}[p.Verdict()]
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
