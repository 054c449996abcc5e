package delivery

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	made "atlas-restore/atlasclient/simulator/archive"
	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

const unpackedName = "orders" // what name is unpacked into

var database = sync.OnceValue(func() []made.File {
	return made.Database{Collections: []made.Collection{{Namespace: "shop.orders", Documents: 60}}}.Files()
})

// packed is a small database as it is delivered, with more entries behind its files.
func packed(t testing.TB, more ...entryOf) []byte {
	t.Helper()
	var raw bytes.Buffer
	z := gzip.NewWriter(&raw)
	w := tar.NewWriter(z)
	for _, f := range database() {
		more = append(more, entryOf{tar.Header{Name: f.Name, Size: int64(len(f.Data)), Mode: 0o4777, Typeflag: tar.TypeReg}, f.Data})
	}
	for _, e := range more {
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

type entryOf struct {
	tar.Header

	data []byte
}

// extracts is an order that unpacks what the server has, onto the disk in memory or, with onDisk, onto
// one of this machine.
func extracts(t testing.TB, s *server, onDisk bool) *wanted {
	t.Helper()
	w := s.want(filepath.Join(t.TempDir(), "out"))
	w.opt.Prover, w.opt.Extract = BlockChecksums{Notes: t.TempDir()}, true
	if onDisk {
		w.opt.disk = nil
	}
	return w
}

// tree is what is in a directory: the files with what they hold, and the directories.
func treeOf(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		is, err := d.Info()
		if err != nil {
			return err
		}
		wantMode := fs.FileMode(0o600)
		if d.IsDir() {
			wantMode = 0o700 | fs.ModeDir
			all[name] = "a directory"
		} else {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[name] = string(raw)
		}
		if runtime.GOOS != "windows" && is.Mode() != wantMode {
			t.Errorf("%s has the mode %v", name, is.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return all
}

// holds says whether the disk in memory has the database under a directory, whole; false: nothing of
// that name is there. Anything else is an error.
func (w *wanted) holds(dir string) bool {
	w.t.Helper()
	if len(w.disk.below(dir)) == 0 {
		return false
	}
	n := 0
	for _, f := range database() {
		got := w.disk.files[dir+"/"+f.Name]
		if got == nil || !bytes.Equal(got.now, f.Data) {
			w.t.Errorf("%s/%s is not what is in the archive\n%s", dir, f.Name, w.story())
			return true
		}
		n++
	}
	for name := range w.disk.below(dir) {
		if w.disk.files[name] != nil {
			n--
		}
	}
	if n != 0 {
		w.t.Errorf("%d files more in %s than in the archive", -n, dir)
	}
	return true
}

// A file is unpacked while it comes, for nobody else's eyes; the directory is what is in it, and proven
// by itself. The second run leaves it as it is; a third, without it, makes it from the disk.
func TestUnpack(t *testing.T) {
	t.Parallel()
	s := serve(t, packed(t))
	w := extracts(t, s, true)
	dir := filepath.Join(w.order.Dir, unpackedName)
	for n := range 3 {
		r, err := Fetch(t.Context(), w.order, w.opt)
		if err != nil || r[0].State != fetch.Proven || r[0].Directory != dir {
			t.Fatalf("%v %+v\n%s", err, r, w.story())
		}
		got := treeOf(t, dir)
		for _, f := range database() {
			if got[f.Name] != string(f.Data) {
				t.Errorf("%s differs", f.Name)
			}
		}
		report, err := proof.Directory(t.Context(), dir, proof.Options{})
		if err != nil || report.Verdict != proof.Sound {
			t.Errorf("%v\n%s", err, report.Text())
		}
		if m := w.manifest(); m.Files[0].Directory != unpackedName {
			t.Errorf("%+v", m.Files[0])
		}
		if all, _ := os.ReadDir(w.order.Dir); len(all) != len(whole)+1 {
			t.Errorf("there is %v", all)
		}
		if n == 1 {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("the link was asked for %d times", n)
	}
	guide, _ := os.ReadFile(filepath.Join(w.order.Dir, fetch.GuideName))
	if !bytes.Contains(guide, []byte("mongod --dbpath orders/restore-6561a0b1c2d3e4f5a6b7c8d9 --bind_ip 127.0.0.1 --port 27117")) || bytes.Contains(guide, []byte("tar -x")) {
		t.Errorf("the guide:\n%s", guide)
	}
}

// What a real WiredTiger wrote is unpacked as tar does it.
func TestUnpackAsTar(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("tar")
	if err != nil {
		t.Skip("tar is absent")
	}
	sound, _ := filepath.Glob("../../../shared/samples/wiredtiger/sound-*.tar.gz")
	if len(sound) == 0 {
		t.Skip("the samples of WiredTiger's files are absent")
	}
	for _, sample := range sound {
		raw, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		w := extracts(t, inMemory(t, raw), true)
		r, err := Fetch(t.Context(), w.order, w.opt)
		if err != nil {
			t.Fatal(err)
		}
		by := t.TempDir()
		if out, err := exec.CommandContext(t.Context(), tool, "-xzf", sample, "-C", by).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		got, n := treeOf(t, r[0].Directory), 0
		_ = filepath.WalkDir(by, func(path string, d fs.DirEntry, _ error) error {
			name, _ := filepath.Rel(by, path)
			here, ok := got[filepath.ToSlash(name)]
			if n++; !ok {
				t.Errorf("%s: %s is missing", sample, name)
			}
			if !d.IsDir() {
				if raw, err := os.ReadFile(path); err != nil || string(raw) != here {
					t.Errorf("%s: %s differs, %v", sample, name, err)
				}
			}
			return nil
		})
		if n != len(got) || n < 8 {
			t.Errorf("%s: %d names, and tar has %d", sample, len(got), n)
		}
		if report, err := proof.Directory(t.Context(), r[0].Directory, proof.Options{}); err != nil || report.Verdict != proof.Sound {
			t.Errorf("%s: %v\n%s", sample, err, report.Text())
		}
	}
}

// Whatever an archive holds: nothing is written outside its directory, no link and no device is made,
// and no directory has the final name.
func TestUnpackHostile(t *testing.T) {
	t.Parallel()
	reg := func(name string, data string) entryOf {
		return entryOf{tar.Header{Name: name, Size: int64(len(data)), Mode: 0o777, Typeflag: tar.TypeReg}, []byte(data)}
	}
	of := func(kind byte, name, to string) entryOf {
		return entryOf{tar.Header{Name: name, Linkname: to, Typeflag: kind, Mode: 0o777}, nil}
	}
	for what, entries := range map[string][]entryOf{
		"climbs out":              {reg("../evil", "x")},
		"climbs out in its midst": {reg("restore/../../evil", "x")},
		"climbs within":           {reg("restore/../evil", "x")},
		"absolute":                {reg("/tmp/evil-of-a-test", "x")},
		"a drive":                 {reg(`C:\evil`, "x")},
		"a drive with a slash":    {reg("c:/evil", "x")},
		"a backslash":             {reg(`restore\..\..\evil`, "x")},
		"a link":                  {of(tar.TypeSymlink, "l", "../.."), reg("l/inner", "x")},
		"a link to a file":        {of(tar.TypeSymlink, "l", "../../evil"), reg("l", "x")},
		"a hard link":             {of(tar.TypeLink, "l", "../../out"), reg("l", "x")},
		"a device":                {of(tar.TypeChar, "d", "")},
		"a block device":          {of(tar.TypeBlock, "d", "")},
		"a pipe":                  {of(tar.TypeFifo, "d", "")},
		"twice":                   {reg("twice", "1"), reg("twice", "22")},
		"a file below a file":     {reg("f", "1"), reg("f/g", "22")},
		"a file over a directory": {reg("f/g", "1"), reg("f", "22")},
	} {
		s := inMemory(t, packed(t, entries...))
		w := extracts(t, s, true)
		up := filepath.Dir(w.order.Dir)
		r, err := Fetch(t.Context(), w.order, w.opt)
		if err == nil {
			t.Errorf("%s: nothing is said", what)
			continue
		}
		if _, err := os.Lstat(filepath.Join(w.order.Dir, unpackedName)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a directory of the final name, %v", what, err)
		}
		if r[0].State == fetch.Aside && r[0].Directory != filepath.Join(w.order.Dir, unpackedName)+strings.TrimPrefix(r[0].Path, filepath.Join(w.order.Dir, name)) {
			t.Errorf("%s: set aside as %s and %s", what, r[0].Path, r[0].Directory)
		}
		_ = filepath.WalkDir(up, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() && !d.Type().IsRegular() || strings.Contains(d.Name(), "evil") {
				t.Errorf("%s: %s is there, %v %v", what, path, d.Type(), err)
			}
			return nil
		})
		if _, err := os.Lstat("/tmp/evil-of-a-test"); err == nil {
			t.Errorf("%s: it is written", what)
		}
	}
}

// A link that somebody has laid in the place of the directory is not followed.
func TestUnpackOverALink(t *testing.T) {
	t.Parallel()
	for _, at := range []string{unpackedName, unpackedName + partEnding} {
		w := extracts(t, inMemory(t, packed(t)), true)
		other := t.TempDir()
		if err := os.MkdirAll(w.order.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(other, filepath.Join(w.order.Dir, at)); err != nil {
			t.Skip("links cannot be made: ", err)
		}
		r, err := Fetch(t.Context(), w.order, w.opt)
		if r[0].State != fetch.Proven || (err == nil) != (at != unpackedName) {
			t.Errorf("%v %+v", err, r)
		}
		if all, _ := os.ReadDir(other); len(all) != 0 {
			t.Errorf("written through a link: %v", all)
		}
	}
}

// A disk that takes two names for one takes no archive that has both.
func TestUnpackFolds(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"aB", "Ab"}, {"dir/x", "DIR/y"}} {
		var more []entryOf
		for _, n := range names {
			more = append(more, entryOf{tar.Header{Name: n, Size: 1, Typeflag: tar.TypeReg}, []byte("x")})
		}
		s := inMemory(t, packed(t, more...))
		for _, folds := range []bool{false, true} {
			w := extracts(t, s, false)
			w.disk.folds = folds
			r, err := Fetch(t.Context(), w.order, w.opt)
			if (err != nil) != folds || r[0].State != fetch.Proven || w.disk.trees[unpackedName] == folds {
				t.Errorf("%v, folds %v: %v %+v", names, folds, err, r)
			}
			if folds && (r[0].Err.Problem != fetch.Unpacking || len(w.disk.below(unpackedName+partEnding)) != 0) {
				t.Errorf("%+v, and there is %v", r[0].Err, w.disk.names())
			}
		}
	}
}

// zeros is an archive that holds a file of so many zeros.
func zeros(t *testing.T, n int64) []byte {
	t.Helper()
	var raw bytes.Buffer
	z, _ := gzip.NewWriterLevel(&raw, gzip.BestSpeed)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: "bomb", Size: n, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, endless{}, min(n, 8<<20)); err != nil {
		t.Fatal(err)
	}
	_ = w.Flush()
	_ = z.Close()
	return raw.Bytes()
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// What would take more than the snapshot has, or than is free beside what the files still need, is not
// begun: a header says how much before a byte comes.
func TestUnpackBomb(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		size, guess, free int64
		tight             bool
		p                 fetch.Problem
	}{
		"more than the snapshot has":      {3 << 30, 1 << 30, -1, false, fetch.Unpacking},
		"the same, and it is to be tried": {3 << 30, 1 << 30, -1, true, fetch.Damaged},
		"more than is free":               {3 << 30, 0, 1 << 30, false, fetch.Space},
		"as much as the snapshot has":     {2 << 30, 1 << 30, -1, false, fetch.Damaged},
		"more than any disk":              {1 << 60, 0, 1 << 50, true, fetch.Space},
	} {
		s := inMemory(t, zeros(t, c.size))
		w := extracts(t, s, false)
		w.order.Guess, w.disk.free, w.opt.Tight = c.guess, c.free, c.tight
		r, err := Fetch(t.Context(), w.order, w.opt)
		if err == nil || r[0].State != fetch.Aside {
			t.Errorf("%s: %v %+v", what, err, r)
			continue
		}
		stopped := len(w.disk.below(unpackedName+partEnding))+len(w.disk.below(unpackedName+damagedEnding)) == 0
		if stopped != (c.p != fetch.Damaged) {
			t.Errorf("%s: stopped is %v: %v", what, stopped, w.disk.names())
		}
		if said := r[0].Err.Advice; strings.Contains(said, "It was not unpacked: ") != stopped {
			t.Errorf("%s: %s", what, said)
		}
	}
}
