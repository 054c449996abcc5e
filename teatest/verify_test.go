package teatest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	fetching "atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator/archive"
	delivered "atlas-restore/state/fetch"
	"atlas-restore/state/proof"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// fetched is a .tar.gz as a download delivers it, in a directory of its own.
func fetched(t *testing.T, change func([]archive.File) []archive.File) string {
	t.Helper()
	files := archive.Database{Collections: []archive.Collection{{Namespace: "shop.orders", Documents: 60}}}.Files()
	if change != nil {
		files = change(files)
	}
	var raw bytes.Buffer
	if err := archive.TarGz(&raw, files); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "shard0.tar.gz")
	if err := os.WriteFile(path, raw.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// changed changes one file of a database.
func changed(namespaceFile string, do func([]byte) []byte) func([]archive.File) []archive.File {
	return func(all []archive.File) []archive.File {
		for i, f := range all {
			if strings.Contains(f.Name, namespaceFile) {
				all[i].Data = do(slices.Clone(f.Data))
			}
		}
		return all
	}
}

// The command proves what was fetched, without a network and without credentials, and its exit
// code is 0 only for what is sound.
func TestBinaryVerify(t *testing.T) {
	t.Parallel()
	sound := fetched(t, nil)
	halved := fetched(t, changed("collection-4-", func(b []byte) []byte { return b[:len(b)/2] }))
	encrypted := fetched(t, changed("WiredTiger.turtle", func(b []byte) []byte {
		return bytes.Replace(b, []byte("encryption=(keyid=,name=)"), []byte(`encryption=(keyid=".system",name=AES256-CBC)`), 1)
	}))
	cut := fetched(t, nil)
	raw, err := os.ReadFile(cut)
	if err == nil {
		err = os.WriteFile(cut, raw[:len(raw)-40], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "shard0.tar.gz")
	if err := os.WriteFile(page, []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for _, c := range []struct {
		name    string
		args    []string
		code    int
		outcome string
		says    []string
	}{
		{"sound", []string{sound}, 0, "sound", []string{"SOUND", "9 of 9 tables: every block that the snapshot reaches is as WiredTiger wrote it.", "open it with mongod 8.0", "Not checked, as they bear no checksum"}},
		{"a page", []string{page, "--state-dir", t.TempDir()}, 1, "notBackup", []string{"NOT A BACKUP FILE", "It is no file of a download: it is a page of a web server", "Nothing was judged"}},
		{"half a table", []string{halved}, 3, "damaged", []string{"DAMAGED", "shop.orders (collection-4-", "is damaged: ", "8 of 9 tables", "fetch it again"}},
		{"cut", []string{cut}, 3, "damaged", []string{"DAMAGED", "it ends in its middle"}},
		{"encrypted", []string{encrypted}, 6, "unknown", []string{"NOT CHECKED", "Not checked: "}},
		{"two of them", []string{sound, halved}, 3, "damaged", []string{"1 of 2 files are sound"}},
		{"a directory of them", []string{filepath.Dir(sound)}, 0, "sound", []string{"shard0.tar.gz: SOUND"}},
		{"nothing in it", []string{empty}, 6, "unknown", []string{"NOT CHECKED", "no files of MongoDB's storage engine"}},
		{"not there", []string{filepath.Join(empty, "no.tar.gz")}, 1, "error", []string{"no such file"}},
	} {
		if !plain(c.name, "sound", "half a table", "encrypted") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append([]string{"verify"}, c.args...), nil, "")
			if code != c.code {
				t.Errorf("exit code %d, not %d\n%s%s", code, c.code, out, errs)
			}
			for _, says := range c.says {
				if !strings.Contains(out+errs, says) {
					t.Errorf("it does not say %q:\n%s%s", says, out, errs)
				}
			}
			code, out, errs = teatest.RunBinary(t, teatest.Binary(t), append([]string{"verify", "-o", "json"}, c.args...), nil, "")
			var got struct {
				Outcome string
				Reports []struct {
					SHA256, Verdict string
					Databases       []struct {
						Tables []struct{ File, Name, Verdict, Why string }
					}
				}
			}
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%v\n%s%s", err, out, errs)
			}
			if code != c.code || got.Outcome != c.outcome {
				t.Errorf("exit code %d and %q as JSON, not %d and %q", code, got.Outcome, c.code, c.outcome)
			}
		})
	}
}

// Somebody who stops it is told that nothing is known of the file, and no exit code says sound.
func TestVerifyIsStopped(t *testing.T) {
	t.Parallel()
	first, second := fetched(t, nil), fetched(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	got, err := steps.VerifyFiles(ctx, []string{first, second}, func(p steps.Proving) {
		if p.Name == second {
			stop()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Reports) != 1 || got.Reports[0].Verdict != proof.Sound || got.Stopped != second || got.ExitCode() != 130 {
		t.Errorf("%d reports, stopped at %q, exit code %d", len(got.Reports), got.Stopped, got.ExitCode())
	}
	if text := got.Text(); !strings.Contains(text, "stopped before its end: nothing is known of it") {
		t.Error(text)
	}
	if raw, err := got.JSON(); err != nil || !strings.Contains(string(raw), `"outcome": "unknown"`) {
		t.Errorf("%s, %v", raw, err)
	}
}

// Nothing that may be a file of a download is passed over without a word, and what cannot be read
// takes away nothing that was found beside it.
func TestVerifyPassesNothingOver(t *testing.T) {
	t.Parallel()
	sound := fetched(t, nil)
	halved := fetched(t, changed("collection-4-", func(b []byte) []byte { return b[:len(b)/2] }))
	missing := filepath.Join(t.TempDir(), "no.tar.gz")
	dir := func(names map[string]string) string {
		dir := t.TempDir()
		for name, from := range names {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			link := os.Link
			if from == "" {
				from, link = sound, os.Symlink
			}
			if err := link(from, path); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for name, c := range map[string]struct {
		paths []string
		code  int
		says  string
	}{
		"damaged, and one that is missing": {[]string{halved, missing}, 3, "no.tar.gz: NOT CHECKED\n  Not checked: it cannot be read: no such file"},
		"sound, and one that is missing":   {[]string{missing, sound}, 1, "1 of 2 files are sound"},
		"only sound ones":                  {[]string{dir(map[string]string{"a.tar.gz": sound, "b.tgz": sound, "notes": halved})}, 0, "2 of 2 files are sound"},
		"a link":                           {[]string{dir(map[string]string{"a.tar.gz": sound, "b.tar.gz": ""})}, 6, "b.tar.gz: it is a link"},
		"a part":                           {[]string{dir(map[string]string{"a.tar.gz": sound, "b.tar.gz.part": sound})}, 6, "b.tar.gz.part: it is a part of a download"},
		"a part beside a sound one":        {[]string{dir(map[string]string{"a.tar.gz": sound, "b.tar.gz.part": sound})}, 6, "1 of 1 file is sound. Above is said what is missing, or was not checked."},
		"set aside":                        {[]string{dir(map[string]string{"a.tar.gz": sound, "b.tar.gz.damaged": halved})}, 3, "1 of 2 files are sound"},
		"below":                            {[]string{dir(map[string]string{"a.tar.gz": sound, "shard/b.tar.gz": halved})}, 3, "1 of 2 files are sound"},
		"in capitals":                      {[]string{dir(map[string]string{"a.tar.gz": sound, "B.TAR.GZ": halved})}, 3, "1 of 2 files are sound"},
	} {
		p, err := steps.VerifyFiles(t.Context(), c.paths, nil)
		if err != nil || p.ExitCode() != c.code || !strings.Contains(p.Text(), c.says) {
			t.Errorf("%s: %v, exit code %d, want %d and %q\n%s", name, err, p.ExitCode(), c.code, c.says, p.Text())
		}
	}
	if _, err := steps.VerifyFiles(t.Context(), []string{missing}, nil); err == nil {
		t.Error("nothing could be read, and it is no error")
	}
}

// What a file has unpacked to bears the name of a sound one only where the file is the one of its manifest.
func TestUnpackedIsNamedByTheManifestToo(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(fetched(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for sum, want := range map[string]string{fmt.Sprintf("%x", sha256.Sum256(raw)): "a", strings.Repeat("0", 64): "a.damaged"} {
		for _, named := range []string{"a.tar.gz", ""} { // by itself, and by its directory
			dir := t.TempDir()
			err := errors.Join(os.WriteFile(filepath.Join(dir, "a.tar.gz"), raw, 0o600), os.WriteFile(filepath.Join(dir, delivered.SumsName), []byte(sum+"  a.tar.gz\n"), 0o600))
			if err != nil {
				t.Fatal(err)
			}
			p, err := steps.VerifyAndUnpack(t.Context(), []string{filepath.Join(dir, named)}, nil, func(path string) (steps.Unpacking, error) { return fetching.UnpackBeside(path) })
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"a", "a.damaged"} {
				if info, err := os.Stat(filepath.Join(dir, name)); (err == nil && info.IsDir()) != (name == want) {
					t.Errorf("%q with the sum %.4s…: is there %s? %v\n%s", named, sum, name, err, p.Text())
				}
			}
		}
	}
}

// What lies beside the files of a download is held against them: a file that is another one, one that is
// not there, and a shard that was never fetched are told, and nothing outside the directory is read.
func TestVerifyHoldsTheLists(t *testing.T) {
	t.Parallel()
	sound := fetched(t, nil)
	raw, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(raw))
	wrong := strings.Repeat("0", 64)
	manifest := func(state delivered.FileState, name string) string {
		m := delivered.Manifest{Format: 1, Program: "atlas-restore", Snapshot: "s", Files: []delivered.ManifestFile{{Name: name, ReplicaSet: "shard-1", State: state, SHA256: sum}}}
		out, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for name, c := range map[string]struct {
		sums, manifest string
		code           int
		says           string
	}{
		"none":                   {"", "", 0, "a.tar.gz: SOUND"},
		"as it was":              {sum + "  a.tar.gz\n", manifest(delivered.FileProven, "a.tar.gz"), 0, "Note: the .tar.gz: its SHA-256 is the one in sha256sums.txt."},
		"another file":           {wrong + " *a.tar.gz\r\n", "", 3, "Damaged: the .tar.gz: its SHA-256 is not the one in sha256sums.txt"},
		"another by manifest":    {"", strings.ReplaceAll(manifest(delivered.FileProven, "a.tar.gz"), sum, wrong), 3, "is not the one in manifest.json"},
		"not there":              {sum + "  b.tar.gz\n", manifest(delivered.FileProven, "b.tar.gz"), 3, "Damaged: b.tar.gz: manifest.json names it, and it is not there."},
		"never fetched":          {sum + "  a.tar.gz\n", manifest(delivered.FileMissing, "b.tar.gz"), 6, "Not checked: b.tar.gz of shard-1: manifest.json says that it is missing: the download is not complete."},
		"another file beside it": {wrong + "  notes\n", "", 3, "Damaged: notes: its SHA-256 is not the one in sha256sums.txt."},
		"out of the directory":   {sum + "  ../../etc/passwd\n", "", 6, "it is not in this directory"},
		"a line that is none":    {"hello\n", "", 6, "sha256sums.txt: 1 of its lines cannot be read"},
		"a manifest cut short":   {"", manifest(delivered.FileProven, "a.tar.gz")[:90], 6, "manifest.json: what it names is not known"},
		"another's manifest":     {"", `{"name": "a page"}`, 0, "a.tar.gz: SOUND"},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"a.tar.gz": string(raw), "notes": "mine", delivered.SumsName: c.sums, delivered.ManifestName: c.manifest} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p, err := steps.VerifyFiles(t.Context(), []string{dir}, nil)
		if err != nil || p.ExitCode() != c.code || !strings.Contains(p.Text(), c.says) {
			t.Errorf("%s: %v, exit code %d, want %d and %q\n%s", name, err, p.ExitCode(), c.code, c.says, p.Text())
		}
		one, err := steps.VerifyFiles(t.Context(), []string{filepath.Join(dir, "a.tar.gz")}, nil) // named by itself
		alike := c.says
		code := c.code
		switch name {
		case "not there", "never fetched", "another file beside it", "out of the directory", "a line that is none": // of other files than this one
			alike, code = "a.tar.gz: SOUND", 0
		case "a manifest cut short": // it may have named it, or not
			alike, code = "manifest.json: what it names is not known: it is no manifest", 0
		}
		if err != nil || one.ExitCode() != code || !strings.Contains(one.Text(), alike) || name == "a manifest cut short" && !strings.Contains(one.Text(), "the file was not held against it") {
			t.Errorf("%s, of the file alone: %v, exit code %d, want %d and %q\n%s", name, err, one.ExitCode(), code, alike, one.Text())
		}
		if c.code == 0 && !strings.Contains(p.Text(), "read to its end, and nothing of it is missing") {
			t.Errorf("%s: %s", name, p.Text())
		}
	}
}

// A file that this program has put beside those of a download is called what it is, and what is to be proven
// instead is named; an answer of a server in the place of a download is still told as one.
func TestVerifyKnowsWhatLiesBesideADownload(t *testing.T) {
	t.Parallel()
	m := delivered.Manifest{Format: 1, Program: "atlas-restore", Snapshot: "s", Files: []delivered.ManifestFile{{Name: "a.tar.gz", State: delivered.FileProven, SHA256: strings.Repeat("0", 64)}}}
	manifest, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, says string }{
		delivered.ManifestName: {string(manifest), "it is the manifest of a download"},
		delivered.SumsName:     {strings.Repeat("0", 64) + "  a.tar.gz\n", "it is a list of checksums"},
		delivered.GuideName:    {string(m.Guide(delivered.SumsName)), "it is the guide of a download"},
		"answer.tar.gz":        {`{"error": 403}`, "it is an answer in JSON, which mostly tells that a link has expired"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := steps.VerifyFiles(t.Context(), []string{path}, nil)
		instead := strings.Contains(p.Text(), "To prove those files: atlas-restore verify "+filepath.Dir(path)+"\n")
		if err != nil || p.ExitCode() != 1 || !strings.Contains(p.Text(), "NOT A BACKUP FILE") || !strings.Contains(p.Text(), c.says) || instead != (name != "answer.tar.gz") {
			t.Errorf("%s: %v, exit code %d, want %q\n%s", name, err, p.ExitCode(), c.says, p.Text())
		}
	}
}
