package teatest_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator/archive"
	delivered "atlas-restore/state/fetch"
	"atlas-restore/state/proof"
	"atlas-restore/ui/steps"
)

// lay writes files into a new directory, each under its name with slashes.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fetchedDir is what a download has put into a directory: its file, unpacked too, and what it names.
type fetchedDir struct {
	raw, manifest, sums string
	unpacked            map[string]string
}

func fetchedInto(t *testing.T) fetchedDir {
	t.Helper()
	raw, err := os.ReadFile(fetched(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	m := delivered.Manifest{Format: 1, Program: "atlas-restore", Snapshot: "s", Files: []delivered.ManifestFile{{Name: "a.tar.gz", State: delivered.FileProven, SHA256: fmt.Sprintf("%x", sha256.Sum256(raw))}}}
	manifest, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	d := fetchedDir{string(raw), string(manifest), string(m.Sums()), map[string]string{}}
	for _, f := range (archive.Database{Collections: []archive.Collection{{Namespace: "shop.orders", Documents: 60}}}).Files() {
		d.unpacked[f.Name] = string(f.Data)
	}
	return d
}

// in are the files of a download in a directory, without those that are left out.
func (d fetchedDir) in(dir string, without ...string) map[string]string {
	all := map[string]string{}
	for name, text := range map[string]string{"a.tar.gz": d.raw, delivered.ManifestName: d.manifest, delivered.SumsName: d.sums} {
		if !slices.Contains(without, name) {
			all[dir+name] = text
		}
	}
	return all
}

func both(a ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range a {
		maps.Copy(all, m)
	}
	return all
}

// Every list counts, wherever it lies in a directory that is walked, and also where no file lies beside it;
// each line of it is told once, and a directory has one verdict.
func TestVerifyHoldsTheListsBelow(t *testing.T) {
	t.Parallel()
	d := fetchedInto(t)
	const file = "a.tar.gz"
	bare := func(dir string) map[string]string { return d.in(dir, file) }
	unpacked := map[string]string{}
	for name, text := range d.unpacked {
		unpacked["a/"+name] = text
	}
	broken := maps.Clone(unpacked)
	for name, text := range broken {
		if strings.Contains(name, "collection-4-") {
			broken[name] = text[:len(text)/2]
		}
	}
	wrong := strings.Repeat("0", 64)
	const notThere = "Damaged: t2/a.tar.gz: t2/manifest.json names it, and it is not there."
	const again = "Fetch again what is not there."
	const fetchIt = "Do not use it as it is: fetch the .tar.gz again, and unpack that."
	for name, c := range map[string]struct {
		files map[string]string
		code  int
		heads []string // of the reports, by name and verdict
		says  []string
		never string
	}{
		"a download":               {d.in(""), 0, []string{"a.tar.gz: SOUND"}, []string{"Note: the .tar.gz: its SHA-256 is the one in manifest.json.", "Note: the .tar.gz: its SHA-256 is the one in sha256sums.txt."}, "no manifest"},
		"without its file":         {bare(""), 3, []string{": DAMAGED"}, []string{"Damaged: a.tar.gz: manifest.json names it, and it is not there.", again}, "unpack the"},
		"one below":                {both(bare("t2/"), d.in("dl1/")), 3, []string{"dl1/a.tar.gz: SOUND", ": DAMAGED"}, []string{notThere, again}, "unpack the"},
		"only one below":           {both(bare("t2/")), 3, []string{": DAMAGED"}, []string{notThere}, "unpack the"},
		"deep below":               {both(bare("x/y/"), d.in("")), 3, []string{"a.tar.gz: SOUND", ": DAMAGED"}, []string{"x/y/a.tar.gz: x/y/manifest.json names it"}, "no manifest"},
		"changed below":            {both(d.in("dl1/"), map[string]string{"dl1/" + delivered.SumsName: wrong + "  a.tar.gz\n"}), 3, []string{"dl1/a.tar.gz: DAMAGED"}, []string{"Damaged: the .tar.gz: its SHA-256 is not the one in sha256sums.txt"}, ""},
		"named from above":         {map[string]string{"dl1/a.tar.gz": d.raw, delivered.SumsName: strings.ReplaceAll(d.sums, "a.tar", "./dl1/a.tar")}, 0, []string{"dl1/a.tar.gz: SOUND"}, []string{"is the one in sha256sums.txt."}, "no manifest"},
		"a list cut short below":   {both(d.in("dl1/"), map[string]string{"t2/manifest.json": d.manifest[:90]}), 6, []string{"dl1/a.tar.gz: SOUND", ": NOT CHECKED"}, []string{"Not checked: t2/manifest.json: what it names is not known: "}, ""},
		"a list of nothing":        {both(d.in(""), map[string]string{delivered.ManifestName: `{"program": "atlas-restore"}`}), 6, []string{"a.tar.gz: SOUND", ": NOT CHECKED"}, []string{"Not checked: manifest.json: what it names is not known: "}, ""},
		"a list too long below":    {both(d.in("dl1/"), map[string]string{"t2/sha256sums.txt": strings.Repeat("x", delivered.MostManifest+1)}), 6, []string{"dl1/a.tar.gz: SOUND", ": NOT CHECKED"}, []string{"t2/sha256sums.txt: what it names is not known: it is too large"}, ""},
		"another's manifest below": {both(d.in("dl1/"), map[string]string{"t2/manifest.json": `{"name": "a page"}`}), 0, []string{"dl1/a.tar.gz: SOUND"}, nil, ""},
		"unpacked":                 {both(d.in(""), unpacked), 0, []string{": SOUND", "a.tar.gz: SOUND"}, []string{"2 of 2 files and directories are sound."}, ""},
		"unpacked, and its file removed": {
			both(bare(""), unpacked), 3,
			[]string{": DAMAGED"},
			[]string{"Damaged: a.tar.gz: manifest.json names it, and it is not there.", "9 of 9 tables", again + " What is unpacked here is sound by itself."},
			"SOUND",
		},
		"unpacked and damaged, and its file removed": {both(bare(""), broken), 3, []string{": DAMAGED"}, []string{"8 of 9 tables", fetchIt}, "by itself"},
		"unpacked and damaged":                       {both(d.in(""), broken), 3, []string{": DAMAGED", "a.tar.gz: SOUND"}, []string{"unpack the .tar.gz again, or fetch it again", "1 of 2 files and directories are sound."}, fetchIt},
		"unpacked, and a part":                       {both(unpacked, map[string]string{"b.tar.gz.part": "x"}), 6, []string{": NOT CHECKED"}, []string{"b.tar.gz.part: it is a part of a download", "9 of 9 tables"}, "SOUND"},
		"unpacked, and another file gone": {
			both(unpacked, map[string]string{delivered.SumsName: wrong + "  notes\n"}), 3,
			[]string{": DAMAGED"},
			[]string{"Damaged: notes: sha256sums.txt names it", "unpack the .tar.gz again"},
			"by itself",
		},
	} {
		dir := lay(t, c.files)
		p, err := steps.VerifyFiles(t.Context(), []string{dir}, nil)
		if err != nil {
			t.Fatal(err)
		}
		said := p.Text()
		var heads []string
		for _, r := range p.Reports {
			heads = append(heads, strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(r.Name, dir)), "/")+": "+strings.ToUpper(string(r.Verdict)))
		}
		if p.ExitCode() != c.code || !slices.Equal(heads, c.heads) {
			t.Errorf("%s: exit code %d and %q, want %d and %q\n%s", name, p.ExitCode(), heads, c.code, c.heads, said)
		}
		for _, says := range c.says {
			if strings.Count(said, says) != 1 {
				t.Errorf("%s: %q is said %d times\n%s", name, says, strings.Count(said, says), said)
			}
		}
		if c.never != "" && strings.Contains(said, c.never) {
			t.Errorf("%s: %q is said\n%s", name, c.never, said)
		}
		for _, r := range p.Reports {
			if once := slices.Compact(slices.Clone(r.Findings)); len(once) != len(r.Findings) || len(slices.CompactFunc(sorted(once), func(a, b proof.Finding) bool { return a == b })) != len(once) {
				t.Errorf("%s: %s is told twice of something: %+v", name, r.Name, r.Findings)
			}
		}
	}
}

func sorted(all []proof.Finding) []proof.Finding {
	return slices.SortedFunc(slices.Values(all), func(a, b proof.Finding) int { return strings.Compare(a.What+a.Why, b.What+b.Why) })
}

// Where there are lists, a file that none of them names is told, and so is one that has no checksum in them;
// the verdict on its blocks stays. It is the same whether the directory is named or the file.
func TestVerifySaysWhatNoListNames(t *testing.T) {
	t.Parallel()
	d := fetchedInto(t)
	missing := strings.NewReplacer("a.tar.gz", "b.tar.gz", `"proven"`, `"missing"`).Replace(d.manifest)
	const unnamed = "Note: the .tar.gz: no manifest and no list of checksums names it: it may belong to another download."
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"a foreign file":              {both(d.in(""), map[string]string{"b.tar.gz": d.raw}), unnamed},
		"beside a manifest alone":     {both(d.in("", delivered.SumsName), map[string]string{"b.tar.gz": d.raw}), unnamed},
		"beside a list alone":         {both(d.in("", delivered.ManifestName), map[string]string{"b.tar.gz": d.raw}), unnamed},
		"beside one that is cut":      {both(d.in("", delivered.ManifestName), map[string]string{"b.tar.gz": d.raw, delivered.ManifestName: d.manifest[:90]}), "no list of checksums that could be read names it"},
		"beside lines that are none":  {both(d.in("", delivered.SumsName), map[string]string{"b.tar.gz": d.raw, delivered.SumsName: "hello\n"}), "no list of checksums that could be read names it"},
		"without a list":              {map[string]string{"b.tar.gz": d.raw}, ""},
		"beside another's manifest":   {map[string]string{"b.tar.gz": d.raw, delivered.ManifestName: `{"name": "a page"}`}, ""},
		"which was missing":           {map[string]string{"b.tar.gz": d.raw, delivered.ManifestName: missing}, "Note: the .tar.gz: manifest.json says that it is missing, and has no checksum of it."},
		"named with another spelling": {map[string]string{"b.tar.gz": d.raw, delivered.SumsName: strings.ReplaceAll(d.sums, "a.tar", "./b.tar")}, "Note: the .tar.gz: its SHA-256 is the one in sha256sums.txt."},
	} {
		dir := lay(t, c.files)
		for _, path := range []string{dir, filepath.Join(dir, "b.tar.gz")} {
			p, err := steps.VerifyFiles(t.Context(), []string{path}, nil)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(p.Reports, func(r proof.Report) bool { return filepath.Base(r.Name) == "b.tar.gz" })
			if i < 0 || p.Reports[i].Verdict != proof.Sound || c.says != "" && strings.Count(p.Reports[i].Text(), c.says) != 1 || c.says == "" && len(p.Reports[i].Findings) > 0 {
				t.Errorf("%s, of %s: want %q\n%s", name, filepath.Base(path), c.says, p.Text())
			}
			if at := slices.IndexFunc(p.Reports, func(r proof.Report) bool { return filepath.Base(r.Name) == "a.tar.gz" }); at >= 0 && strings.Contains(p.Reports[at].Text(), "no manifest") {
				t.Errorf("%s: also of the file that is named\n%s", name, p.Text())
			}
		}
	}
	// Below a directory that has lists it is told as well.
	p, err := steps.VerifyFiles(t.Context(), []string{lay(t, both(d.in(""), map[string]string{"x/b.tar.gz": d.raw}))}, nil)
	if err != nil || !strings.Contains(p.Text(), unnamed) {
		t.Errorf("%v\n%s", err, p.Text())
	}
}

// A directory that is named by a link is walked as any other: its files, and its lists.
func TestVerifyWalksALinkedDirectory(t *testing.T) {
	t.Parallel()
	d := fetchedInto(t)
	link := filepath.Join(t.TempDir(), "restore")
	if err := os.Symlink(lay(t, both(d.in("dl1/"), d.in("t2/", "a.tar.gz"))), link); err != nil {
		t.Fatal(err)
	}
	p, err := steps.VerifyFiles(t.Context(), []string{link}, nil)
	if said := p.Text(); err != nil || p.ExitCode() != 3 || !strings.Contains(said, filepath.Join("restore", "dl1", "a.tar.gz")+": SOUND") || !strings.Contains(said, "Damaged: t2/a.tar.gz: ") {
		t.Errorf("%v, exit code %d\n%s", err, p.ExitCode(), said)
	}
	raw, err := p.JSON()
	var got struct {
		Reports []struct {
			Findings []proof.Finding
		}
	}
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil || len(got.Reports) != 2 || len(got.Reports[0].Findings) != 2 {
		t.Errorf("%v, each line of a list once:\n%s", err, raw)
	}
}
