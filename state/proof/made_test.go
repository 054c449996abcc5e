package proof

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator/archive"
)

// shop is a database with a high tree, keys that have blocks of their own, and blocks that
// nothing reaches.
func shop(change func(*archive.Database)) archive.Database {
	d := archive.Database{Seed: 3, Collections: []archive.Collection{
		{Namespace: "shop.orders", Documents: 300, LongKeys: 3},
		{Namespace: "shop.items", Documents: 20},
		{Namespace: "shop.empty"},
	}}
	if change != nil {
		change(&d)
	}
	return d
}

// worlds are databases of each kind that there is, all of them sound.
var worlds = map[string]archive.Database{
	"backup":             shop(func(d *archive.Database) { d.Backup = true }),
	"turtle":             shop(nil),
	"zstd":               shop(func(d *archive.Database) { d.Compressor, d.PerDB, d.FCV = "zstd", true, "7.0" }),
	"zlib":               shop(func(d *archive.Database) { d.Compressor, d.Backup = "zlib", true }),
	"not compressed":     shop(func(d *archive.Database) { d.Compressor = "none" }),
	"young":              shop(func(d *archive.Database) { d.Young = true }),
	"dropped since":      shop(func(d *archive.Database) { d.Dropped = "shop.old" }),
	"made since":         shop(func(d *archive.Database) { d.Made = "shop.new" }),
	"shorter":            shop(func(d *archive.Database) { d.Cut = true }),
	"top of the archive": shop(func(d *archive.Database) { d.Top = "." }),
}

func packed(t testing.TB, files []archive.File) []byte {
	t.Helper()
	var out bytes.Buffer
	packInto(t, &out, files)
	return out.Bytes()
}

// packInto is packed into memory that is used again.
func packInto(t testing.TB, out *bytes.Buffer, files []archive.File) {
	t.Helper()
	size := 4 << 10
	for _, f := range files {
		size += len(f.Data) + 1<<10
	}
	out.Reset()
	out.Grow(size)
	if err := archive.Tar(out, files); err != nil {
		t.Fatal(err)
	}
}

func zipped(t testing.TB, files []archive.File) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := archive.TarGz(&out, files); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// judged is the report on the bytes of an archive.
func judged(t testing.TB, raw []byte) Report {
	t.Helper()
	r, err := Archive(t.Context(), "made.tar.gz", bytesReader(raw), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is a report in a form that a failed test can show.
func told(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Verdict)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %s %s: %s\n", f.What, f.Verdict, f.Why)
	}
	for _, d := range r.Databases {
		fmt.Fprintf(&b, "  database %s: %d of %d\n", d.Dir, d.Sound(), len(d.Tables))
		for _, f := range d.Findings {
			fmt.Fprintf(&b, "    %s %s: %s\n", f.What, f.Verdict, f.Why)
		}
		for _, t := range d.Tables {
			if t.Verdict != Sound {
				fmt.Fprintf(&b, "    %s (%s) %s: %s\n", t.File, t.Name, t.Verdict, t.Why)
			}
		}
	}
	return b.String()
}

func TestEachKindOfDatabaseIsSound(t *testing.T) {
	for name, d := range worlds {
		t.Run(name, func(t *testing.T) {
			files := d.Files()
			var all []entry
			for _, f := range files {
				all = append(all, entry{f.Name, f.Data})
			}
			dir, err := Directory(t.Context(), laid(t, all), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []Report{judged(t, packed(t, files)), judged(t, zipped(t, files)), dir} {
				if r.Verdict != Sound {
					t.Fatal(told(r))
				}
				tables := 3 + 2*5
				if d.Made != "" {
					tables++
				}
				if got := r.Databases[0]; got.Sound() != tables || len(got.Tables) != tables {
					t.Errorf("%d of %d tables, not %d", got.Sound(), len(got.Tables), tables)
				}
				if got := r.Databases[0].FCV; !d.Young && got != cmp.Or(d.FCV, "8.0") {
					t.Errorf("version %q, not %q", got, cmp.Or(d.FCV, "8.0"))
				}
				if got := r.Databases[0].Spare; len(got) > 0 {
					t.Errorf("of no use: %v", got)
				}
			}
		})
	}
}
