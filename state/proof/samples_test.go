package proof

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// samplesDir has archives that a real WiredTiger wrote; its README says how each is to be judged.
const samplesDir = "../../../shared/samples/wiredtiger"

// sample reads one of them, or skips the test where there are none.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(samplesDir, name+".tar.gz"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no samples of WiredTiger's files at %s", samplesDir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// entry is a file of an archive.
type entry struct {
	name string
	data []byte
}

// entries are the files of a .tar.gz, as far as it goes.
func entries(t testing.TB, raw []byte) []entry {
	t.Helper()
	z, err := gzip.NewReader(bytesReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry{h.Name, data})
	}
}

// laid lays files out in a directory of their own.
func laid(t testing.TB, all []entry) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range all {
		at := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, e.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSamplesAreJudgedAsTheyAre(t *testing.T) {
	for _, s := range []struct {
		name    string
		archive Verdict
		dir     Verdict // of what tar unpacks from it, which does not show where the archive was cut
		tables  int
		sound   int
		bad     string // the table that is not
		fcv     string
		opens   []string
	}{
		{"sound-backup-snappy", Sound, Sound, 8, 8, "", "8.0", []string{"8.0"}},
		{"sound-clean-zstd-directoryPerDB", Sound, Sound, 8, 8, "", "8.0", []string{"8.0"}},
		{"sound-crash-journal", Sound, Sound, 10, 10, "", "7.0", []string{"7.0", "8.0"}},
		{"pair-shard0", Sound, Sound, 8, 8, "", "8.0", []string{"8.0"}},
		{"pair-shard1", Sound, Sound, 8, 8, "", "8.0", []string{"8.0"}},
		{"damaged-leaf-byte", Damaged, Damaged, 8, 7, "shop.items0", "8.0", []string{"8.0"}},
		{"damaged-missing-table", Damaged, Damaged, 8, 7, "shop.items0", "8.0", []string{"8.0"}},
		{"damaged-truncated-wt", Damaged, Damaged, 8, 7, "shop.items0", "8.0", []string{"8.0"}},
		{"damaged-tar-ends-early", Damaged, Damaged, 8, 8, "", "8.0", []string{"8.0"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			raw := sample(t, s.name)
			check := func(r Report, err error, want Verdict) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict != want {
					t.Fatalf("judged %s, not %s: %+v", r.Verdict, want, r)
				}
				if len(r.Databases) != 1 {
					t.Fatalf("%d databases", len(r.Databases))
				}
				d := r.Databases[0]
				if len(d.Tables) != s.tables || d.Sound() != s.sound {
					t.Errorf("%d of %d tables are sound, not %d of %d", d.Sound(), len(d.Tables), s.sound, s.tables)
				}
				for _, table := range d.Tables {
					if table.Verdict == Sound && table.Proven != table.Used {
						t.Errorf("%s is called sound with %d of %d bytes proven", table.File, table.Proven, table.Used)
					}
					if (table.Verdict != Sound) != (s.bad != "" && table.Name == s.bad) {
						t.Errorf("%s (%s) is %s: %s", table.File, table.Name, table.Verdict, table.Why)
					}
				}
				if d.FCV != s.fcv || !slices.Equal(d.Opens, s.opens) {
					t.Errorf("version %q, opened by %v", d.FCV, d.Opens)
				}
			}
			r, err := Archive(t.Context(), s.name, bytesReader(raw), Options{})
			check(r, err, s.archive)
			r, err = Directory(t.Context(), laid(t, entries(t, raw)), Options{})
			check(r, err, s.dir)
		})
	}
}
