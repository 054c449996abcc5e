// Package archive makes what a download delivers: the data directory of a mongod, small, with
// the files of WiredTiger as WiredTiger lays them out, in an archive. It is written by its
// own knowledge of the format, and shares no code with what reads such files, so that each can
// catch the other's mistake. No mongod has ever opened what it makes.
package archive

import (
	"archive/tar"
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// File is a file of the archive.
type File struct {
	Name string // from the archive's top on, with slashes
	Data []byte
	// Spare are the parts of a table that no checkpoint reaches: offset and size. Whatever
	// stands there, the table is whole.
	Spare [][2]int
}

// Collection is one that somebody has made.
type Collection struct {
	Namespace string // like shop.orders
	Documents int
	LongKeys  int // keys of its second index that have a block of their own
}

// Database says what is in the data directory.
type Database struct {
	Top        string // the directory above all files
	FCV        string // the featureCompatibilityVersion, 8.0 if empty
	Compressor string // snappy if empty; zstd, zlib or none
	// IndexCompressor compresses indexes too, which MongoDB does not do unless it is told to.
	IndexCompressor string
	Backup          bool // the metadata is a text, as a backup cursor leaves it, and not a table
	Cut             bool // the files were copied while the database was in use: free space at their ends is not there
	HeadSums        bool // checksum=uncompressed: of what is compressed only the first bytes are summed
	PerDB           bool // a directory for each database
	Young           bool // without a checkpoint: all is in the journal
	Collections     []Collection
	Dropped         string // a collection that was dropped after the checkpoint: only the journal tells
	Made            string // a collection that was made after the checkpoint
	Seed            uint64
}

const (
	ident  = "7461528733914625518"
	engine = "WiredTiger 11.3.0: (November 15, 2024)"
)

// maker collects the files of a database.
type maker struct {
	Database
	rng   *rand.Rand
	files []File
	meta  []row // the metadata, in the order of its keys
	log   log
	id    int // the last that was given
}

// Files are the files of the database, in the order of their names.
func (d Database) Files() []File {
	d.FCV, d.Compressor = cmp.Or(d.FCV, "8.0"), cmp.Or(d.Compressor, "snappy")
	d.Top = cmp.Or(d.Top, "restore-6561a0b1c2d3e4f5a6b7c8d9")
	m := &maker{Database: d, rng: rand.New(rand.NewPCG(d.Seed, 17))} //nolint:gosec // the same noise for the same seed
	m.log.begin()
	m.database()
	slices.SortFunc(m.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return m.files
}

func (m *maker) add(name string, data []byte, spare ...[2]int) {
	m.files = append(m.files, File{m.Top + "/" + name, data, spare})
}

func (m *maker) database() {
	all := append([]Collection{{Namespace: "admin.system.version", Documents: 1}, {Namespace: "local.oplog.rs", Documents: 40}}, m.Collections...)
	if m.Dropped != "" {
		all = append(all, Collection{Namespace: m.Dropped, Documents: 10})
	}
	at := m.log.checkpoint()
	var catalog []row
	idents := map[string][]string{}
	for i, c := range all {
		data, index := m.ident(c.Namespace, "collection", 2*i), m.ident(c.Namespace, "index", 2*i+1)
		catalog = append(catalog, row{number(nil, uint64(i+1)), document(
			"md", document("ns", c.Namespace, "options", document()),
			"idxIdent", document("_id_", index),
			"ns", c.Namespace, "ident", data)})
		idents[c.Namespace] = []string{data, index}
	}
	m.table("_mdb_catalog", m.Compressor, catalog, true)
	m.table("sizeStorer", "", []row{{[]byte("table:_mdb_catalog"), document("numRecords", len(all), "dataSize", 4000)}}, true)
	m.table("WiredTigerHS", m.Compressor, nil, true)
	for _, c := range all {
		keep := c.Namespace != m.Dropped
		m.table(idents[c.Namespace][0], m.Compressor, m.documents(c), keep)
		m.table(idents[c.Namespace][1], m.IndexCompressor, m.keys(c), keep)
	}
	slices.SortFunc(m.meta, func(a, b row) int { return strings.Compare(string(a.key), string(b.key)) })
	m.metadata(at)
	for i := range m.meta {
		if m.Young {
			m.log.put(0, m.meta[i].key, m.meta[i].value)
		}
	}
	if m.Dropped != "" {
		for _, name := range idents[m.Dropped] {
			for _, kind := range []string{"file:" + name + ".wt", "colgroup:" + name, "table:" + name} {
				m.log.remove(0, []byte(kind+"\x00"))
			}
		}
	}
	if m.Made != "" {
		name := m.ident(m.Made, "collection", 70)
		m.add(name+".wt", newTable("").b)
		m.log.put(0, []byte("file:"+name+".wt\x00"), []byte(m.config("", "")+"\x00"))
	}
	for i := range 9 {
		m.log.put(2, number(nil, uint64(i+900)), document("n", i))
	}
	m.add("journal/WiredTigerLog.0000000001", m.log.whole())
	m.add("WiredTiger", []byte("WiredTiger\n"+engine+"\n"))
	m.add("storage.bson", document("storage", document("engine", "wiredTiger", "options", document("directoryPerDB", m.PerDB))))
	m.add("mongod.lock", nil)
	m.add("mongodb.log", []byte(`{"t":{"$date":"2026-11-20T03:00:00.000+00:00"},"s":"I","msg":"nothing happened"}`+"\n"))
}

// ident is the name of a table.
func (m *maker) ident(namespace, kind string, n int) string {
	name := fmt.Sprintf("%s-%d-%s", kind, n, ident)
	if db, _, _ := strings.Cut(namespace, "."); m.PerDB {
		name = db + "/" + name
	}
	return name
}

// documents are those of a collection.
func (m *maker) documents(c Collection) (rows []row) {
	if c.Namespace == "admin.system.version" {
		return []row{{number(nil, 1), document("_id", "featureCompatibilityVersion", "version", m.FCV)}}
	}
	var noise []byte
	for i := range c.Documents {
		noise = noise[:0]
		for range 40 + m.rng.IntN(120) { // half of it can be compressed
			noise = append(strconv.AppendUint(noise, uint64(m.rng.Uint32()), 16), " status "...)
		}
		rows = append(rows, row{number(nil, uint64(i+1)), document("_id", i, "of", c.Namespace, "note", string(noise))})
	}
	return rows
}

// keys are those of an index.
func (m *maker) keys(c Collection) (rows []row) {
	for i := range c.Documents {
		rows = append(rows, row{fmt.Appendf(nil, "%c%08d", ')', i), nil})
	}
	for i := range c.LongKeys {
		rows = append(rows, row{fmt.Appendf(nil, "~%08d%s", i, strings.Repeat("long", 500)), []byte{1}})
	}
	return rows
}

// table writes a table with its entries in the metadata. One that is not kept has no file.
func (m *maker) table(name, compress string, rows []row, keep bool) {
	t := newTable(compress)
	t.heads, t.cut = m.HeadSums, m.Cut
	address := ""
	if len(rows) > 0 && !m.Young {
		old := newTable(compress)
		old.tree(rows[:min(3, len(rows))])
		t.spare(old.b[unit:])
		root := t.tree(rows)
		noise := make([]byte, 2*unit)
		for i := range noise {
			noise[i] = byte(m.rng.Uint32())
		}
		t.spare(noise)
		address = t.checkpoint(root)
		t.spare(old.b[unit : 2*unit]) // written after the checkpoint
	}
	if keep {
		m.add(name+".wt", t.b, t.free...)
	}
	entry := func(kind, name, config string) {
		m.meta = append(m.meta, row{[]byte(kind + ":" + name + "\x00"), []byte(config + "\x00")})
	}
	checkpoint := ""
	if !m.Young {
		checkpoint = fmt.Sprintf("WiredTigerCheckpoint.1=(addr=%q,order=1,time=1795840201,size=%d)", address, len(t.b))
	}
	entry("file", name+".wt", m.config(compress, checkpoint))
	if name != "WiredTigerHS" {
		entry("colgroup", name, fmt.Sprintf(`app_metadata=(formatVersion=1),collator=,columns=,source="file:%s.wt",type=file`, name))
		entry("table", name, "app_metadata=(formatVersion=1),colgroups=,collator=,columns=,key_format=q,value_format=u")
	}
}

// config is what the metadata says of a file.
func (m *maker) config(compress, checkpoint string) string {
	m.id++
	at := "(1,0)"
	if checkpoint != "" {
		at = fmt.Sprintf("(1,%d)", len(m.log.b))
	}
	if compress == "none" {
		compress = ""
	}
	return fmt.Sprintf("access_pattern_hint=none,allocation_size=4KB,app_metadata=(formatVersion=1),block_allocation=best,block_compressor=%s,"+
		"cache_resident=false,checksum=%s,collator=,columns=,dictionary=0,encryption=(keyid=,name=),format=btree,id=%d,internal_page_max=4KB,"+
		"key_format=q,leaf_page_max=32KB,log=(enabled=true),value_format=u,version=(major=2,minor=1),checkpoint=(%s),checkpoint_backup_info=,checkpoint_lsn=%s",
		compress, map[bool]string{false: "on", true: "uncompressed"}[m.HeadSums], m.id, checkpoint, at)
}

// metadata writes the metadata as a text, or as a table to which the turtle leads.
func (m *maker) metadata(at int) {
	var text strings.Builder
	if m.Backup {
		for _, r := range m.meta {
			fmt.Fprintf(&text, "%s\n%s\n", r.key[:len(r.key)-1], r.value[:len(r.value)-1])
		}
		fmt.Fprintf(&text, "system:checkpoint\ncheckpoint_timestamp=\"\",checkpoint_time=1795840203\n")
		m.add("WiredTiger.backup", []byte(text.String()))
		return
	}
	checkpoint := ""
	t := newTable("")
	if !m.Young {
		address := t.checkpoint(t.tree(m.meta))
		checkpoint = fmt.Sprintf("WiredTigerCheckpoint.4=(addr=%q,order=4,time=1795840203,size=%d)", address, len(t.b))
	}
	m.add("WiredTiger.wt", t.b)
	m.id = -1 // which the metadata's own becomes 0 by
	config := m.config("", checkpoint)
	if !m.Young {
		config = config[:strings.LastIndex(config, "=")+1] + fmt.Sprintf("(1,%d)", at)
	}
	m.add("WiredTiger.turtle", []byte("WiredTiger version string\n"+engine+"\nWiredTiger version\nmajor=11,minor=3,patch=0\nfile:WiredTiger.wt\n"+config+"\n"))
}

// Damage changes one byte of the largest collection, in a block that the checkpoint reaches. Neither
// gzip nor tar nor the start of a mongod notices. Where somebody has made a collection, it is one of
// these.
func Damage(files []File) {
	var largest *File
	own := func(f File) bool { // it is of the database itself: its version, its oplog
		return strings.Contains(f.Name, "/collection-0-") || strings.Contains(f.Name, "/collection-2-")
	}
	for i, f := range files {
		if strings.Contains(f.Name, "/collection-") && (largest == nil || own(*largest) && !own(f) || own(*largest) == own(f) && len(f.Data) > len(largest.Data)) {
			largest = &files[i]
		}
	}
	for at := unit; at < len(largest.Data); at += unit {
		if !slices.ContainsFunc(largest.Spare, func(s [2]int) bool { return at >= s[0] && at < s[0]+s[1] }) {
			largest.Data[at+unit/2] ^= 1
			return
		}
	}
}

// Tar writes files as a tar.
func Tar(to io.Writer, files []File) error {
	w := tar.NewWriter(to)
	for _, f := range files {
		h := &tar.Header{Name: f.Name, Mode: 0o600, Size: int64(len(f.Data)), ModTime: time.Unix(1795840200, 0), Format: tar.FormatGNU}
		if err := w.WriteHeader(h); err != nil {
			return fmt.Errorf("archiving %s: %w", f.Name, err)
		}
		if _, err := w.Write(f.Data); err != nil {
			return fmt.Errorf("archiving %s: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("ending the tar: %w", err)
	}
	return nil
}

// zippers are writers of gzip, each of which has a megabyte of tables.
var zippers sync.Pool

// TarGz writes files as a .tar.gz.
func TarGz(to io.Writer, files []File) error {
	z, ok := zippers.Get().(*gzip.Writer)
	if !ok {
		z = gzip.NewWriter(nil)
	}
	defer zippers.Put(z)
	z.Reset(to)
	if err := Tar(z, files); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("ending the tar: %w", err)
	}
	return nil
}
