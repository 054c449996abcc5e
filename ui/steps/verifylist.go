package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
	"atlas-restore/state/text"
)

// listed is what the lists of a directory say of the files in it.
type listed struct {
	root *os.Root
	sums []listedSum
	// findings are about what is not there, and what cannot be read of the lists.
	findings []proof.Finding
	// unread are those of them on lists of which it is not known what they name.
	unread []proof.Finding
}

type listedSum struct {
	fetch.Sum

	in string // the list
}

func (l *listed) found(what string, v proof.Verdict, format string, args ...any) {
	l.findings = append(l.findings, proof.Finding{What: text.Clean(what), Verdict: v, Why: fmt.Sprintf(format, args...)})
}

// lost says that a list could not be read.
func (l *listed) lost(name string, err error) {
	l.found(name, proof.Unchecked, "what it names is not known: %s", text.CleanError(err))
	l.unread = append(l.unread, l.findings[len(l.findings)-1])
}

// listsIn reads the manifests and the lists of checksums at the top of a directory.
func listsIn(dir string) (*listed, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, plainPath(err)
	}
	l := &listed{root: root}
	all, _ := fs.ReadDir(root.FS(), ".") // what cannot be read the proof of the directory tells
	for _, d := range all {
		name := d.Name()
		manifest := name == fetch.ManifestName || strings.HasSuffix(name, "."+fetch.ManifestName)
		if !d.Type().IsRegular() || !manifest && name != fetch.SumsName && !strings.HasSuffix(name, "."+fetch.SumsName) {
			continue
		}
		raw, err := l.small(name)
		switch {
		case err != nil:
			l.lost(name, plainPath(err))
		case manifest:
			l.manifest(name, raw)
		default:
			l.list(name, raw)
		}
	}
	return l, nil
}

func (l *listed) close() { _ = l.root.Close() } // nothing was written

func (l *listed) small(name string) ([]byte, error) {
	f, err := l.root.Open(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller tells it
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, fetch.MostManifest+1))
	if err == nil && len(raw) > fetch.MostManifest {
		err = errors.New("it is too large for a list")
	}
	return raw, err
}

func (l *listed) manifest(in string, raw []byte) {
	m, err := fetch.ParseManifest(raw)
	switch {
	case errors.Is(err, fetch.ErrForeign):
		return
	case err != nil:
		l.lost(in, err)
		return
	}
	for _, f := range m.Files {
		switch {
		case f.State == fetch.FileProven:
			l.sums = append(l.sums, listedSum{fetch.Sum{SHA256: f.SHA256, Name: f.Name}, in})
		case !l.there(f.Name):
			what := f.Name
			if f.ReplicaSet != "" {
				what += " of " + f.ReplicaSet
			}
			l.found(what, proof.Unchecked, "%s says that it is %s: the download is not complete", in, text.Clean(string(f.State)))
		}
	}
}

func (l *listed) list(in string, raw []byte) {
	sums, unread := fetch.ParseSums(raw)
	for _, s := range sums {
		l.sums = append(l.sums, listedSum{s, in})
	}
	if unread > 0 {
		l.found(in, proof.Unchecked, "%d of its lines cannot be read", unread)
	}
}

func (l *listed) there(name string) bool {
	_, err := l.root.Lstat(filepath.FromSlash(name))
	return err == nil
}

// hold compares the reports on the files of a directory with what its lists say, and reads what has no
// report. What is not there is told once, however many lists name it.
func (l *listed) hold(ctx context.Context, dir string, reports []proof.Report) error {
	byPath := map[string]*proof.Report{}
	for i, r := range reports {
		if r.SHA256 != "" {
			byPath[filepath.Clean(r.Name)] = &reports[i]
		}
	}
	absent, read := map[string]bool{}, map[string]string{}
	for _, s := range l.sums {
		name := filepath.FromSlash(s.Name)
		r := byPath[filepath.Join(dir, name)]
		switch {
		case !filepath.IsLocal(name):
			l.found(s.Name, proof.Unchecked, "%s names it, and it is not in this directory", s.in)
		case r != nil && r.SHA256 == s.SHA256:
			r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: "its SHA-256 is the one in " + s.in})
		case r != nil:
			r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Damaged, Why: "its SHA-256 is not the one in " + s.in + ": it is not the file that was proven when it was fetched"})
		case !l.there(s.Name):
			if !absent[s.Name] {
				absent[s.Name] = true
				l.found(s.Name, proof.Damaged, "%s names it, and it is not there", s.in)
			}
		default:
			if _, done := read[s.Name]; !done {
				sum, err := l.sum(ctx, name)
				if ctx.Err() != nil {
					return ctx.Err() //nolint:wrapcheck // the caller knows it
				}
				if err != nil {
					l.found(s.Name, proof.Unchecked, "it cannot be read: %s", text.CleanError(plainPath(err)))
				}
				read[s.Name] = sum
			}
			if sum := read[s.Name]; sum != "" && sum != s.SHA256 {
				l.found(s.Name, proof.Damaged, "its SHA-256 is not the one in %s", s.in)
			}
		}
	}
	return nil
}

// besideIt holds the report on one file against those lists beside it that name it, and against nothing else
// that they name. A list that cannot be read is told, since it could.
func besideIt(ctx context.Context, r *proof.Report) error {
	if r.SHA256 == "" || r.Verdict == proof.NoBackup {
		return nil
	}
	dir, name := filepath.Dir(r.Name), filepath.Base(r.Name)
	l, err := listsIn(dir)
	if err != nil { // whoever may not list a directory can still read a file in it
		r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: "whether a manifest lies beside it is not known: " + text.CleanError(err)})
		return nil
	}
	defer l.close()
	l.sums = slices.DeleteFunc(l.sums, func(s listedSum) bool { return s.Name != name })
	for _, f := range l.unread {
		r.Add(proof.Finding{What: text.Clean(f.What), Verdict: proof.Note, Why: f.Why + ": the file was not held against it"})
	}
	reports := []proof.Report{*r}
	err = l.hold(ctx, dir, reports)
	*r = reports[0]
	return err
}

// insteadOf is the report on a file that is none of a download but lies beside one: what it is, and what to prove
// instead of it.
func insteadOf(path string, r proof.Report) proof.Report {
	if r.Verdict != proof.NoBackup || r.Bytes > fetch.MostManifest {
		return r
	}
	raw, err := os.ReadFile(path) //nolint:gosec // it is the file that was asked for
	if err != nil {
		return r
	}
	is := ""
	sums, unread := fetch.ParseSums(raw)
	switch _, err := fetch.ParseManifest(raw); {
	case err == nil:
		is = "it is the manifest of a download, which names its files and what was proven of them"
	case len(sums) > 0 && unread == 0:
		is = "it is a list of checksums, which names the files of a download"
	case strings.HasSuffix(filepath.Base(path), fetch.GuideName) && bytes.HasPrefix(raw, []byte("# ")):
		is = "it is the guide of a download, which says how its files are opened"
	default:
		return r
	}
	r.Instead = "To prove those files: " + state.Command("", "verify", filepath.Dir(path))
	for i, f := range r.Findings {
		if f.Verdict == proof.NoBackup {
			r.Findings[i].Why = is
		}
	}
	return r
}

// sum is the SHA-256 of a file.
func (l *listed) sum(ctx context.Context, name string) (string, error) {
	f, err := l.root.Open(name)
	if err != nil {
		return "", err //nolint:wrapcheck // the caller tells it
	}
	defer func() { _ = f.Close() }() // it was only read
	if is, err := f.Stat(); err != nil || !is.Mode().IsRegular() {
		return "", errors.Join(err, errNoFile)
	}
	h := sha256.New()
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	defer stop()
	if _, err := io.Copy(h, f); err != nil {
		return "", err //nolint:wrapcheck // the caller tells it
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
