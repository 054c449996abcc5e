package proof

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator/archive"
	"atlas-restore/state/wiredtiger"
)

// edit changes the one file whose name has a part.
func edit(t testing.TB, files []archive.File, part string, do func([]byte) []byte) []archive.File {
	t.Helper()
	files = slices.Clone(files)
	i := slices.IndexFunc(files, func(f archive.File) bool { return strings.Contains(f.Name, part) })
	if i < 0 {
		t.Fatalf("no file %s", part)
	}
	files[i].Data = do(slices.Clone(files[i].Data))
	return files
}

// resum gives each whole block of a table a checksum that fits, after do has changed it, and
// the pages and texts above it are left as they are.
func resum(t testing.TB, b []byte, kind wiredtiger.PageType, do func(block []byte)) (sums [][2]uint32) {
	t.Helper()
	table := crc32.MakeTable(crc32.Castagnoli)
	for at := wiredtiger.Unit; at < len(b); {
		h, ok := wiredtiger.ReadHeader(b[at:])
		if !ok || at+int(h.Size) > len(b) {
			at += wiredtiger.Unit
			continue
		}
		block := b[at : at+int(h.Size)]
		if h.Type == kind {
			do(block)
			clear(block[32:36])
			sum := crc32.Checksum(block, table)
			if !h.Whole() || block[36]&1 == 0 {
				sum = crc32.Checksum(block[:64], table)
			}
			binary.LittleEndian.PutUint32(block[32:], sum)
			sums = append(sums, [2]uint32{h.Sum, sum})
		}
		at += int(h.Size)
	}
	return sums
}

func backup(change func(*archive.Database)) []archive.File {
	return shop(func(d *archive.Database) {
		d.Backup = true
		if change != nil {
			change(d)
		}
	}).Files()
}

// table is what was found about the one whose name or file has a part.
func table(t testing.TB, r Report, part string) Table {
	t.Helper()
	for _, d := range r.Databases {
		for _, found := range d.Tables {
			if strings.Contains(found.Name+" "+found.File, part) {
				return found
			}
		}
	}
	t.Fatalf("no table %s:\n%s", part, told(r))
	return Table{}
}

// What is written in a way that is not known here is not checked: it is neither damaged nor sound.
func TestWhatIsNotKnownIsNotChecked(t *testing.T) {
	text := func(old, now string) func([]byte) []byte {
		return func(b []byte) []byte {
			at := bytes.Index(b, []byte("\nfile:collection-4-"))
			if !bytes.Contains(b[at:], []byte(old)) {
				t.Fatalf("no %s", old)
			}
			return append(b[:at:at], bytes.Replace(b[at:], []byte(old), []byte(now), 1)...)
		}
	}
	for name, files := range map[string][]archive.File{
		"another unit":                edit(t, backup(nil), "WiredTiger.backup", text("allocation_size=4KB", "allocation_size=16KB")),
		"no tree":                     edit(t, backup(nil), "WiredTiger.backup", text("format=btree", "format=columns")),
		"encrypted, by the metadata":  edit(t, backup(nil), "WiredTiger.backup", text("encryption=(keyid=,name=)", "encryption=(keyid=k,name=AES256-GCM)")),
		"a checkpoint of another age": edit(t, backup(nil), "WiredTiger.backup", text(`addr="01`, `addr="02`)),
	} {
		t.Run(name, func(t *testing.T) {
			r := judged(t, packed(t, files))
			if got := table(t, r, "collection-4-"); got.Verdict != Unchecked || r.Verdict != Unchecked {
				t.Error(told(r))
			}
			if d := r.Databases[0]; d.Sound() != len(d.Tables)-1 {
				t.Errorf("%d of %d", d.Sound(), len(d.Tables))
			}
		})
	}
}

// Pages that are encrypted cannot be followed; their checksums still show damage.
func TestEncryptedPagesAreNotFollowed(t *testing.T) {
	files := backup(nil)
	var sums [][2]uint32
	files = edit(t, files, "collection-4-", func(b []byte) []byte {
		sums = resum(t, b, wiredtiger.PageRowInt, func(block []byte) { block[25] |= 8 })
		return b
	})
	// The root's new checksum goes into the metadata.
	files = edit(t, files, "WiredTiger.backup", func(b []byte) []byte { return readdressed(t, b, sums) })
	r := judged(t, packed(t, files))
	if got := table(t, r, "collection-4-"); got.Verdict != Unchecked || !strings.Contains(got.Why, "encrypted") {
		t.Error(told(r))
	}
	for i, f := range files {
		if !strings.Contains(f.Name, "collection-4-") {
			continue
		}
		for at := wiredtiger.Unit; at < len(f.Data); at += wiredtiger.Unit {
			// Each unit; in the suite each fourth.
			if !live(f, at) || at/wiredtiger.Unit%4 > 0 && os.Getenv("THOROUGH") != "1" {
				continue
			}
			bad := slices.Clone(files)
			bad[i].Data = flipped(f.Data, at+77, 1)
			if got := table(t, judged(t, packed(t, bad)), "collection-4-"); got.Verdict != Damaged {
				t.Fatalf("damage at %d is not seen: %s, %s", at, got.Verdict, got.Why)
			}
		}
	}
}

// readdressed puts new sums into the addresses of checkpoints.
func readdressed(t testing.TB, text []byte, sums [][2]uint32) []byte {
	t.Helper()
	for _, at := range inHex.FindAllIndex(text, -1) {
		start := at[1] - 1
		end := start + bytes.IndexByte(text[start:], '"')
		c, err := wiredtiger.CookieOf(string(text[start:end]))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sums {
			if c.Root.Sum == s[0] {
				c.Root.Sum = s[1]
				return slices.Concat(text[:start], []byte(c.Hex()), text[end:])
			}
		}
	}
	t.Fatal("no checkpoint has such a root")
	return nil
}

// A table whose blocks bear no checksum of their data is not called sound.
func TestBytesWithoutAChecksumAreNotProven(t *testing.T) {
	r := judged(t, packed(t, backup(func(d *archive.Database) { d.HeadSums = true })))
	got := table(t, r, "collection-4-")
	if got.Verdict != Unchecked || got.Proven >= got.Used || !strings.Contains(got.Why, "bear no checksum") {
		t.Errorf("%+v\n%s", got, told(r))
	}
}

// Blocks of which only pages of rows know must have their checksums, or be free, also where
// these pages are compressed and not read.
func TestWhatNoPageLeadsToIsWholeOrFree(t *testing.T) {
	files := backup(func(d *archive.Database) { d.IndexCompressor, d.Collections[0].Documents = "snappy", 900 })
	if r := judged(t, packed(t, files)); r.Verdict != Sound {
		t.Fatal(told(r))
	}
	n := 0
	for i, f := range files {
		if !strings.Contains(f.Name, "index-5-") {
			continue
		}
		for at := wiredtiger.Unit; at < len(f.Data); at += wiredtiger.Unit {
			if h, ok := wiredtiger.ReadHeader(f.Data[at:]); !ok || h.Type != wiredtiger.PageOverflow || !live(f, at) {
				continue
			}
			n++
			bad := slices.Clone(files)
			bad[i].Data = flipped(f.Data, at+100, 3)
			if got := table(t, judged(t, packed(t, bad)), "index-5-"); got.Verdict != Damaged || !strings.Contains(got.Why, "not free") {
				t.Errorf("damage to the overflow item at %d: %s, %s", at, got.Verdict, got.Why)
			}
		}
	}
	if n == 0 {
		t.Error("there is no overflow item: the test tests nothing")
	}
}

// A collection of which the metadata has lost each entry is still in the catalog.
func TestTheMetadataHasAllThatTheCatalogNames(t *testing.T) {
	files := edit(t, backup(nil), "WiredTiger.backup", func(b []byte) []byte {
		lines := bytes.SplitAfter(b, []byte("\n"))
		var kept []byte
		for i := 0; i+1 < len(lines); i += 2 {
			if !bytes.Contains(lines[i], []byte(":collection-4-")) {
				kept = append(append(kept, lines[i]...), lines[i+1]...)
			}
		}
		return kept
	})
	if r := judged(t, packed(t, files)); r.Verdict != Damaged || !strings.Contains(told(r), "the catalog has shop.orders") {
		t.Error(told(r))
	}
}

// A file may be shorter than its checkpoint by what is free at its end, and by nothing else.
func TestAFileEndsWhereOnlyFreeSpaceFollows(t *testing.T) {
	files := backup(func(d *archive.Database) { d.Cut = true })
	if r := judged(t, packed(t, files)); r.Verdict != Sound {
		t.Fatal(told(r))
	}
	files = edit(t, files, "WiredTiger.backup", func(b []byte) []byte {
		at := inHex.FindIndex(b)
		end := at[1] - 1 + bytes.IndexByte(b[at[1]:], '"') + 1
		c, err := wiredtiger.CookieOf(string(b[at[1]-1 : end]))
		if err != nil {
			t.Fatal(err)
		}
		c.Size += wiredtiger.Unit
		return slices.Concat(b[:at[1]-1], []byte(c.Hex()), b[end:])
	})
	if got := table(t, judged(t, packed(t, files)), catalogFile); got.Verdict != Damaged || !strings.Contains(got.Why, "too early") {
		t.Errorf("%+v", got)
	}
}

// Overflow items are held against the pages that name them: two that change places are whole in
// themselves.
func TestOverflowItemsThatChangePlacesAreDamage(t *testing.T) {
	files := edit(t, backup(nil), "index-5-", func(b []byte) []byte {
		var at []int
		for pos := wiredtiger.Unit; pos < len(b); pos += wiredtiger.Unit {
			if h, ok := wiredtiger.ReadHeader(b[pos:]); ok && h.Type == wiredtiger.PageOverflow {
				at = append(at, pos)
			}
		}
		if len(at) < 2 {
			t.Fatal("there are no two overflow items")
		}
		x, y := b[at[0]:at[0]+wiredtiger.Unit], b[at[1]:at[1]+wiredtiger.Unit]
		first := slices.Clone(x)
		copy(x, y)
		copy(y, first)
		return b
	})
	dir := laid(t, laidOut(files))
	unpacked, err := Directory(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Report{judged(t, packed(t, files)), unpacked} {
		if got := table(t, r, "index-5-"); got.Verdict != Damaged || !strings.Contains(got.Why, "another") {
			t.Errorf("%+v", got)
		}
	}
}

func laidOut(files []archive.File) (all []entry) {
	for _, f := range files {
		all = append(all, entry{f.Name, f.Data})
	}
	return all
}

// A block that two pages name belongs to no tree that WiredTiger writes; such a tree could lead
// in circles, or be walked for ever.
func TestABlockHasOneParent(t *testing.T) {
	for name, twice := range map[string]bool{"once": false, "twice": true} {
		var b bytes.Buffer
		h := huge{to: &b, table: crc32.MakeTable(crc32.Castagnoli)}
		b.Write(small()[slices.IndexFunc(small(), func(f archive.File) bool { return strings.HasSuffix(f.Name, "WiredTigerHS.wt") })].Data)
		h.at = wiredtiger.Unit
		leaf := h.write(t, h.block(wiredtiger.PageRowLeaf, 0, nil, wiredtiger.Unit))
		h.child(t, 0, leaf)
		if twice {
			h.child(t, 0, leaf)
		}
		root := h.close(t, 0)
		files := around(wiredtiger.Cookie{Root: root, Size: h.at}.Hex())
		files["huge.wt"] = b.Bytes()
		var all []archive.File
		for name, data := range files {
			all = append(all, archive.File{Name: "r/" + name, Data: data})
		}
		if got := table(t, judged(t, packed(t, all)), "huge.wt"); got.Verdict != is(twice) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A file of an earlier time, or of another shard, is whole in itself, and another's.
func TestAStaleFileIsDamage(t *testing.T) {
	now := backup(nil)
	for name, other := range map[string][]archive.File{
		"of another time": backup(func(d *archive.Database) { d.Seed = 9 }),
		"of fewer rows":   backup(func(d *archive.Database) { d.Collections[0].Documents -= 7 }),
	} {
		for i, f := range now {
			if !strings.Contains(f.Name, "collection-4-") {
				continue
			}
			stale := slices.Clone(now)
			stale[i].Data = other[i].Data
			r := judged(t, packed(t, stale))
			if got := table(t, r, "collection-4-"); got.Verdict != Damaged {
				t.Errorf("%s: %s", name, told(r))
			}
		}
	}
}

// Several databases in one directory are told apart, and one that is damaged damages no other.
func TestDatabasesBesideEachOther(t *testing.T) {
	var all []entry
	for _, top := range []string{"shard0", "shard1"} {
		for _, f := range backup(func(d *archive.Database) { d.Top = top }) {
			if top == "shard1" && strings.Contains(f.Name, "collection-4-") {
				f.Data = f.Data[:len(f.Data)/2]
			}
			all = append(all, entry{f.Name, f.Data})
		}
	}
	r, err := Directory(t.Context(), laid(t, all), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Databases) != 2 || r.Databases[0].verdict() != Sound || r.Databases[1].verdict() != Damaged || r.Verdict != Damaged {
		t.Error(told(r))
	}
}

// What is no regular file in a directory is not followed, and not called sound.
func TestLinksInADirectoryAreNotFollowed(t *testing.T) {
	var all []entry
	for _, f := range small() {
		all = append(all, entry{f.Name, f.Data})
	}
	dir := laid(t, all)
	moved := filepath.Join(t.TempDir(), "elsewhere.wt")
	var link string
	for _, e := range all {
		if strings.Contains(e.name, "collection-4-") {
			link = filepath.Join(dir, filepath.FromSlash(e.name))
		}
	}
	if err := os.Rename(link, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(moved, link); err != nil {
		t.Skip("no links here:", err)
	}
	r, err := Directory(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == Sound || !strings.Contains(told(r), "link") {
		t.Error(told(r))
	}
}
