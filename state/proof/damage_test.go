package proof

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator/archive"
	"atlas-restore/state/wiredtiger"
)

// subject is a sound database that is going to be damaged.
type subject struct {
	name  string
	files []archive.File
}

// subjects are those that the simulator makes and, where they are, those that WiredTiger wrote.
// Of the latter the parts that nothing reaches are what the proof itself finds.
func subjects(t *testing.T) (all []subject) {
	t.Helper()
	for name, d := range worlds {
		all = append(all, subject{name, d.Files()})
	}
	for _, name := range []string{"sound-backup-snappy", "sound-clean-zstd-directoryPerDB", "sound-crash-journal", "pair-shard0"} {
		t.Run("sample "+name, func(t *testing.T) {
			s := subject{name: name}
			for _, e := range entries(t, sample(t, name)) {
				f := archive.File{Name: e.name, Data: e.data}
				if strings.HasSuffix(e.name, ".wt") {
					f.Spare = unreached(t, name, e.name)
				}
				s.files = append(s.files, f)
			}
			all = append(all, s)
		})
	}
	slices.SortFunc(all, func(a, b subject) int { return strings.Compare(a.name, b.name) })
	return all
}

// unreached are the parts of a sample's table that the walk does not reach.
func unreached(t *testing.T, archived, name string) (spare [][2]int) {
	t.Helper()
	p := newPass(Options{})
	defer p.close()
	var r Report
	if _, err := p.entries(&r, bytes.NewReader(packed(t, whole(t, archived)))); err != nil {
		t.Fatal(err)
	}
	root := p.roots()[0]
	d := database{Database: Database{Dir: root}, p: p, complete: true, files: map[string]*file{}}
	for at, f := range p.tables {
		inside, _ := below(root, at)
		d.files[inside] = f
	}
	if err := d.metadata(t.Context()); err != nil || d.meta == nil {
		t.Fatal(err)
	}
	d.journal()
	inside, _ := below(root, name)
	table, ok := d.meta.tables[inside]
	if inside == wiredtiger.MetadataFile {
		table, ok = p.texts[d.in(wiredtiger.TurtleFile)].tables[inside]
	}
	if !ok {
		t.Fatalf("no table %s", inside)
	}
	f := d.files[inside]
	w := walk{p: p, t: table, f: f, reach: newUnits(f.size)}
	if err := w.checkpoints(t.Context()); err != nil {
		t.Fatal(err)
	}
	for at := int64(wiredtiger.Unit); at < f.size; at += wiredtiger.Unit {
		if !w.reach.has(at) {
			spare = append(spare, [2]int{int(at), wiredtiger.Unit})
		}
	}
	return spare
}

func whole(t *testing.T, archived string) (files []archive.File) {
	t.Helper()
	for _, e := range entries(t, sample(t, archived)) {
		files = append(files, archive.File{Name: e.name, Data: e.data})
	}
	return files
}

// live says whether a byte of a table is one that the snapshot needs.
func live(f archive.File, at int) bool {
	for _, s := range f.Spare {
		if at >= s[0] && at < s[0]+s[1] {
			return false
		}
	}
	return true
}

// damager judges damaged copies of one subject.
type damager struct {
	subject
	counts map[string]int
	seen   map[string]int // of this subject, those that are left out too
	room   *bytes.Buffer  // for the copy
}

// Of each kind the first copies are judged, and then every so many; THOROUGH=1 judges all.
const first, each = 2, 60

// is judges a copy in which one file is another, or missing.
func (d *damager) is(t *testing.T, kind string, want Verdict, about string, files []archive.File) {
	t.Helper()
	d.seen[kind]++
	if n := d.seen[kind]; n > first && n%each > 0 && os.Getenv("THOROUGH") == "" {
		return
	}
	d.counts[kind]++
	packInto(t, d.room, files)
	if r := judged(t, d.room.Bytes()); r.Verdict != want {
		t.Errorf("%s: %s: %s is to be %s, and was judged:\n%s", d.name, kind, about, want, told(r))
	}
}

// with is a copy with one file changed.
func (d *damager) with(i int, data []byte) []archive.File {
	files := slices.Clone(d.files)
	files[i].Data = data
	return files
}

// without is a copy in which one file is missing.
func (d *damager) without(i int) []archive.File { return slices.Delete(slices.Clone(d.files), i, i+1) }

func flipped(b []byte, at int, bit byte) []byte {
	b = slices.Clone(b)
	b[at] ^= 1 << bit
	return b
}

func is(v bool) Verdict {
	if v {
		return Damaged
	}
	return Sound
}

// TestDamageIsFound damages sound databases in each way that there is, one thing at a time, and
// sees each judged; what no checkpoint needs may be damaged without harm.
func TestDamageIsFound(t *testing.T) {
	all := subjects(t)
	counts, room := map[string]int{}, new(bytes.Buffer)
	for _, s := range all {
		d := &damager{s, counts, map[string]int{}, room}
		rng := rand.New(rand.NewPCG(uint64(len(s.name)), 5))
		if r := judged(t, packed(t, s.files)); r.Verdict != Sound {
			t.Fatalf("%s is not sound to begin with:\n%s", s.name, told(r))
		}
		for i, f := range s.files {
			switch base := path.Base(f.Name); {
			case strings.HasSuffix(base, ".wt"):
				d.table(t, rng, i, f)
			case strings.HasPrefix(base, "WiredTigerLog"):
				d.journal(t, rng, i, f)
			case base == wiredtiger.TurtleFile || base == wiredtiger.BackupFile:
				d.text(t, rng, i, f)
			case base == wiredtiger.VersionFile || base == "storage.bson":
				d.is(t, "a small file is missing", Damaged, f.Name, d.without(i))
				d.is(t, "a small file is empty", Damaged, f.Name, d.with(i, nil))
				d.is(t, "a small file is cut", Damaged, f.Name, d.with(i, f.Data[:5]))
			default:
				d.is(t, "another file is missing", Sound, f.Name, d.without(i))
			}
		}
	}
	total := 0
	for kind, n := range counts {
		t.Logf("%5d  %s", n, kind)
		total += n
	}
	t.Logf("%5d  in all", total)
	least := 300
	if os.Getenv("THOROUGH") != "" { // all of them
		least = 4000
	}
	if total < least {
		t.Errorf("only %d copies were judged", total)
	}
}

// table damages one table: each unit, each byte of its headers, its length, its identity.
func (d *damager) table(t *testing.T, rng *rand.Rand, i int, f archive.File) {
	t.Helper()
	step := max(1, len(f.Data)/wiredtiger.Unit/8) // some of the units of a long one
	for at := 0; at < len(f.Data); at += wiredtiger.Unit {
		if at/wiredtiger.Unit%step == 0 {
			where := at + rng.IntN(wiredtiger.Unit)
			d.is(t, "one bit of a table", is(live(f, where)), fmt.Sprintf("bit of byte %d of %s", where, f.Name), d.with(i, flipped(f.Data, where, byte(rng.IntN(8)))))
		}
		if at/wiredtiger.Unit%(3*step) == 0 {
			zero := slices.Clone(f.Data)
			clear(zero[at : at+wiredtiger.Unit])
			d.is(t, "a unit of a table is zero", is(live(f, at)), fmt.Sprintf("%s at %d", f.Name, at), d.with(i, zero))
		}
		if at/wiredtiger.Unit%(2*step) == 0 {
			cut := at + rng.IntN(wiredtiger.Unit)
			lost := false
			for p := cut; p < len(f.Data); p += wiredtiger.Unit {
				lost = lost || live(f, p)
			}
			lost = lost || live(f, len(f.Data)-1)
			d.is(t, "a table is cut", is(lost), fmt.Sprintf("%s at %d", f.Name, cut), d.with(i, f.Data[:cut]))
		}
	}
	d.is(t, "a table is missing", Damaged, f.Name, d.without(i))
	d.is(t, "a table is empty", Damaged, f.Name, d.with(i, nil))
	d.is(t, "a table is longer", Sound, f.Name, d.with(i, append(slices.Clone(f.Data), make([]byte, 3*wiredtiger.Unit)...)))
	// Blocks that change their places, and one that was written over another.
	for range 2 {
		a, b := rng.IntN(len(f.Data)/wiredtiger.Unit)*wiredtiger.Unit, rng.IntN(len(f.Data)/wiredtiger.Unit)*wiredtiger.Unit
		x, y := f.Data[a:a+wiredtiger.Unit], f.Data[b:b+wiredtiger.Unit]
		if bytes.Equal(x, y) {
			continue
		}
		swapped := slices.Clone(f.Data)
		copy(swapped[a:], y)
		copy(swapped[b:], x)
		d.is(t, "two units change places", is(live(f, a) || live(f, b)), fmt.Sprintf("%d and %d of %s", a, b, f.Name), d.with(i, swapped))
		over := slices.Clone(f.Data)
		copy(over[a:], y)
		d.is(t, "a unit is written over another", is(live(f, a)), fmt.Sprintf("%d over %d of %s", b, a, f.Name), d.with(i, over))
	}
	// Another table in its place, whole in itself.
	for j, other := range d.files {
		if j != i && strings.HasSuffix(other.Name, ".wt") && !bytes.Equal(other.Data, f.Data) && len(f.Data) > wiredtiger.Unit && rng.IntN(12) == 0 {
			d.is(t, "another table in its place", Damaged, other.Name+" for "+f.Name, d.with(i, other.Data))
		}
	}
	// Each byte of the headers of a live block.
	for at := wiredtiger.Unit; at < len(f.Data); at += wiredtiger.Unit {
		if h, ok := wiredtiger.ReadHeader(f.Data[at:]); ok && live(f, at) && h.Type.Internal() && rng.IntN(4) == 0 {
			for b := rng.IntN(4); b < wiredtiger.HeaderSize; b += 4 {
				d.is(t, "a byte of a header", Damaged, fmt.Sprintf("byte %d at %d of %s", b, at, f.Name), d.with(i, flipped(f.Data, at+b, byte(rng.IntN(8)))))
			}
			break
		}
	}
}

// journal damages the journal: each record, its length, its end.
func (d *damager) journal(t *testing.T, rng *rand.Rand, i int, f archive.File) {
	t.Helper()
	j, err := wiredtiger.ReadJournal(1, "", bytes.NewReader(f.Data), func(wiredtiger.Change) {})
	if err != nil {
		t.Fatal(err)
	}
	last := int(j.End) - 128
	for ; last > 0; last -= 128 { // where the last record begins
		if k, err := wiredtiger.ReadJournal(1, "", bytes.NewReader(f.Data[:last]), func(wiredtiger.Change) {}); err == nil && k.Records == j.Records-1 && !k.Torn {
			break
		}
	}
	for at := 0; at < last; at += 128 * (1 + rng.IntN(16)) {
		d.is(t, "one bit of the journal", Damaged, fmt.Sprintf("byte %d", at+rng.IntN(16)), d.with(i, flipped(f.Data, at+rng.IntN(16), 3)))
	}
	d.is(t, "a bit of the last record", Sound, fmt.Sprint("byte ", last+20), d.with(i, flipped(f.Data, last+20, 3)))
	d.is(t, "the last record is cut", Sound, fmt.Sprint("at ", last+40), d.with(i, f.Data[:last+40]))
	d.is(t, "what was laid out is not there", Sound, fmt.Sprint("at ", j.End), d.with(i, f.Data[:j.End]))
	if d.name != "young" { // without a checkpoint nothing tells how far the journal goes
		for at := 128; at < 1024; at += 128 {
			d.is(t, "the journal is cut before the checkpoint", Damaged, fmt.Sprint("at ", at), d.with(i, f.Data[:at]))
		}
	}
	d.is(t, "the journal is empty", Damaged, f.Name, d.with(i, nil))
	d.is(t, "the journal is missing", Damaged, f.Name, d.without(i))
	zero := slices.Clone(f.Data)
	clear(zero)
	d.is(t, "the journal is zero", Damaged, f.Name, d.with(i, zero))
	more := slices.Clone(d.files)
	next := f
	next.Name = strings.TrimSuffix(f.Name, "1") + "3"
	d.is(t, "a file of the journal is missing", Damaged, "2 of 3", append(more, next))
}

var inHex = regexp.MustCompile(`addr="[0-9a-f]`)

// text damages the turtle, or the metadata of a backup, as far as something shows it.
func (d *damager) text(t *testing.T, rng *rand.Rand, i int, f archive.File) {
	t.Helper()
	for _, at := range inHex.FindAllIndex(f.Data, -1) {
		start := at[1] - 1
		end := start + bytes.IndexByte(f.Data[start:], '"')
		was, err := wiredtiger.CookieOf(string(f.Data[start:end]))
		if err != nil {
			t.Fatal(err)
		}
		for digit := start + 2; digit < end; digit += 1 + rng.IntN(40) { // the first two are a version
			data := slices.Clone(f.Data)
			data[digit] = "123456789abcdef0"[strings.IndexByte("0123456789abcdef", data[digit])]
			// The sizes of the file and of the checkpoint prove nothing.
			is, err := wiredtiger.CookieOf(string(data[start:end]))
			if is.Size = was.Size; is == was && err == nil {
				continue
			}
			if errors.Is(err, wiredtiger.ErrUnknown) {
				continue // it is not checked
			}
			d.is(t, "a digit of a checkpoint's address", Damaged, fmt.Sprintf("digit %d of %s", digit-start, f.Data[start:end]), d.with(i, data))
		}
	}
	d.is(t, "the text is missing", Damaged, f.Name, d.without(i))
	d.is(t, "the text is empty", Damaged, f.Name, d.with(i, nil))
	for at := 1; at < len(f.Data)-1; at += 1 + rng.IntN(len(f.Data)/8) {
		d.is(t, "the text is cut", Damaged, fmt.Sprintf("%s at %d", f.Name, at), d.with(i, f.Data[:at]))
	}
	lines := bytes.SplitAfter(f.Data, []byte("\n"))
	for k := 0; k+2 < len(lines); k += 2 {
		if key := string(lines[k]); strings.HasPrefix(key, "file:") || strings.HasPrefix(key, "colgroup:") || strings.HasPrefix(key, "table:") {
			if strings.HasPrefix(key, "file:WiredTigerHS") || strings.HasPrefix(key, "colgroup:") {
				continue // nothing else names the history, or needs a column group's entry
			}
			data := bytes.Join(slices.Delete(slices.Clone(lines), k, k+2), nil)
			d.is(t, "an entry of the metadata is missing", Damaged, key, d.with(i, data))
		}
	}
}
