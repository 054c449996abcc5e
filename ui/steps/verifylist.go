package steps

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
	"atlas-restore/state/text"
)

// listed is what the lists of a directory, and of those below it, say of the files there.
type listed struct {
	root *os.Root
	sums []listedSum
	// in are the directories, below the one that was walked, in which a list was read.
	in map[string]bool
	// findings are about what is not there, and what cannot be read of the lists.
	findings []proof.Finding
	// unread are those of them on lists of which it is not known, or not in full, what they name.
	unread []proof.Finding
	lost   map[string]bool // the lists that could not be read
	// gone says that one of the findings is a .tar.gz that is not there, and worse that one is damage of
	// another kind.
	gone, worse bool
}

// listedSum is what a list says of one file. All names have slashes and begin at the directory that was walked.
type listedSum struct {
	list   string
	file   string
	sum    string          // empty: it has none
	state  fetch.FileState // of what has no checksum
	beyond bool            // the file is not in the directory of the list
}

func (l *listed) found(what string, v proof.Verdict, format string, args ...any) {
	l.findings = append(l.findings, proof.Finding{What: text.Clean(what), Verdict: v, Why: fmt.Sprintf(format, args...)})
}

// unknown says of a list that it may name more than is known.
func (l *listed) unknown(list, format string, args ...any) {
	l.found(list, proof.Unchecked, format, args...)
	l.unread = append(l.unread, l.findings[len(l.findings)-1])
}

// names takes what a list says of a file.
func (l *listed) names(list, sum, file string, state fetch.FileState) {
	s := listedSum{list, path.Join(path.Dir(list), filepath.ToSlash(file)), sum, state, !filepath.IsLocal(filepath.FromSlash(file))}
	if s.beyond {
		s.file = file
	}
	l.sums = append(l.sums, s)
}

// listsIn reads the manifests and the lists of checksums of a directory, and of those below it where these
// are walked too.
func listsIn(dir string, below bool) (*listed, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, plainPath(err)
	}
	l := &listed{root: root, in: map[string]bool{}, lost: map[string]bool{}}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		manifest := d != nil && isList(d.Name(), fetch.ManifestName)
		switch {
		case err != nil && name == ".":
			return plainPath(err)
		case err != nil, d.IsDir() && (below || name == "."):
			return nil //nolint:nilerr // what cannot be read the proof of the directory tells
		case d.IsDir():
			return fs.SkipDir
		case !manifest && !isList(d.Name(), fetch.SumsName):
			return nil
		case !d.Type().IsRegular():
			if !below { // otherwise the proof of the directory tells it
				l.unknown(name, "what it names is not known: it is a link or a device, which is not followed")
			}
			return nil
		}
		raw, err := l.small(name)
		switch {
		case err != nil:
			l.lost[name] = true
			l.unknown(name, "what it names is not known: %s", text.CleanError(plainPath(err)))
		case manifest:
			l.manifest(name, raw)
		default:
			l.list(name, raw)
		}
		return nil
	})
	if err != nil {
		l.close()
		return nil, err //nolint:wrapcheck // it is an error of the directory, which the caller names
	}
	// What a list says twice is taken once.
	slices.SortStableFunc(l.sums, func(a, b listedSum) int {
		return cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.file, b.file), cmp.Compare(a.sum, b.sum), cmp.Compare(a.state, b.state))
	})
	l.sums = slices.Compact(l.sums)
	return l, nil
}

// isList says whether a file may be a list of this name; where another's bore it, it was named after the snapshot.
func isList(name, usual string) bool { return name == usual || strings.HasSuffix(name, "."+usual) }

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

func (l *listed) manifest(list string, raw []byte) {
	m, err := fetch.ParseManifest(raw)
	switch {
	case errors.Is(err, fetch.ErrForeign):
		return
	case err != nil:
		l.unknown(list, "what it names is not known: %s", text.CleanError(err))
		return
	}
	l.in[path.Dir(list)] = true
	for _, f := range m.Files {
		what := path.Join(path.Dir(list), f.Name)
		switch {
		case f.State == fetch.FileProven:
			l.names(list, f.SHA256, f.Name, f.State)
		case filepath.IsLocal(filepath.FromSlash(f.Name)) && l.there(what):
			l.names(list, "", f.Name, f.State)
		default:
			if f.ReplicaSet != "" {
				what += " of " + f.ReplicaSet
			}
			l.found(what, proof.Unchecked, "%s says that it is %s: the download is not complete", text.Clean(list), text.Clean(string(f.State)))
		}
	}
}

func (l *listed) list(list string, raw []byte) {
	sums, unread := fetch.ParseSums(raw)
	for _, s := range sums {
		l.names(list, s.SHA256, s.Name, "")
	}
	l.in[path.Dir(list)] = l.in[path.Dir(list)] || len(sums) > 0
	if unread > 0 {
		l.unknown(list, "%d of its lines cannot be read", unread)
	}
}

func (l *listed) there(name string) bool {
	_, err := l.root.Lstat(filepath.FromSlash(name))
	return err == nil
}

// hold compares the reports on the files of a directory with what its lists say, and reads what has no
// report. What is not there is told once, however many lists name it.
func (l *listed) hold(ctx context.Context, dir string, reports []proof.Report) error {
	byFile := map[string]*proof.Report{}
	for i, r := range reports {
		if at, err := filepath.Rel(dir, r.Name); err == nil && r.SHA256 != "" && filepath.IsLocal(at) {
			byFile[filepath.ToSlash(at)] = &reports[i]
		}
	}
	absent, read, named := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, s := range l.sums {
		r, list := byFile[s.file], text.Clean(s.list)
		if r != nil && path.Dir(s.list) == path.Dir(s.file) {
			list = path.Base(list)
		}
		named[s.file] = named[s.file] || !s.beyond
		switch {
		case s.beyond:
			l.found(s.file, proof.Unchecked, "%s names it, and it is not in this directory", list)
		case r != nil && s.sum == "":
			r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: fmt.Sprintf("%s says that it is %s, and has no checksum of it", list, text.Clean(string(s.state)))})
		case r != nil && r.SHA256 == s.sum:
			r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: "its SHA-256 is the one in " + list})
		case r != nil:
			r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Damaged, Why: "its SHA-256 is not the one in " + list + ": it is not the file that was proven when it was fetched"})
		case !l.there(s.file):
			if !absent[s.file] {
				absent[s.file] = true
				l.gone, l.worse = l.gone || isArchive(s.file), l.worse || !isArchive(s.file)
				l.found(s.file, proof.Damaged, "%s names it, and it is not there", list)
			}
		case s.sum == "":
			l.found(s.file, proof.Unchecked, "%s says that it is %s, and has no checksum of it", list, text.Clean(string(s.state)))
		default:
			if _, done := read[s.file]; !done {
				sum, err := l.sum(ctx, filepath.FromSlash(s.file))
				if ctx.Err() != nil {
					return ctx.Err() //nolint:wrapcheck // the caller knows it
				}
				if err != nil {
					l.found(s.file, proof.Unchecked, "it cannot be read: %s", text.CleanError(plainPath(err)))
				}
				read[s.file] = sum
			}
			if sum := read[s.file]; sum != "" && sum != s.sum {
				l.worse = true
				l.found(s.file, proof.Damaged, "its SHA-256 is not the one in %s", list)
			}
		}
	}
	for file, r := range byFile {
		if !named[file] && r.Verdict != proof.NoBackup {
			l.unnamed(file, r)
		}
	}
	return nil
}

// unnamed says of a file that nobody names where there are lists that could have named it: those of its
// directory, or of one above it.
func (l *listed) unnamed(file string, r *proof.Report) {
	for at := path.Dir(file); ; at = path.Dir(at) {
		if l.in[at] {
			break
		}
		if at == "." {
			return
		}
	}
	could := ""
	if len(l.unread) > 0 {
		could = " that could be read"
	}
	r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: "no manifest and no list of checksums" + could + " names it: it may belong to another download"})
}

// tell takes what the lists say of the directory itself into its report, and what is to be done.
func (l *listed) tell(r *proof.Report) {
	before := r.Verdict
	for _, f := range l.findings {
		r.Add(f)
	}
	switch {
	case l.gone && (l.worse || before == proof.Damaged):
		r.Next = "Do not use it as it is: fetch the .tar.gz again, and unpack that."
	case l.gone && len(r.Databases) > 0 && before == proof.Sound:
		r.Next = "Fetch again what is not there. What is unpacked here is sound by itself."
	case l.gone:
		r.Next = "Fetch again what is not there."
	}
}

// besideIt holds the report on one file against those lists beside it that name it, and against nothing else
// that they name. A list that cannot be read is told, since it could.
func besideIt(ctx context.Context, r *proof.Report) error {
	if r.SHA256 == "" || r.Verdict == proof.NoBackup {
		return nil
	}
	dir, name := filepath.Dir(r.Name), filepath.Base(r.Name)
	l, err := listsIn(dir, false)
	if err != nil { // whoever may not list a directory can still read a file in it
		r.Add(proof.Finding{What: r.Itself(), Verdict: proof.Note, Why: "whether a manifest lies beside it is not known: " + text.CleanError(err)})
		return nil
	}
	defer l.close()
	l.sums = slices.DeleteFunc(l.sums, func(s listedSum) bool { return s.file != name || s.beyond })
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
