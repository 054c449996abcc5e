package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"atlas-restore/state/wiredtiger"
)

// pass is what has been read of an archive or a directory.
type pass struct {
	blocks notes // of all files, a run for each
	pages  notes // that lead to others, of all files

	tables   map[string]*file // by path
	journals map[string]wiredtiger.Journal
	texts    map[string]*metadata // turtles and backups
	changes  map[string]map[string]wiredtiger.Change
	plain    map[string]int64 // the other files, with their sizes
	broken   map[string]string

	// source opens a file once more, where that can be done: of a directory.
	source func(path string) (io.ReaderAt, io.Closer, error)

	read   wiredtiger.Pages
	buffer []byte
	unpack Unpacker // nil: nothing is
}

// What is held at a time, in memory, of the notes.
const (
	notesInMemory = 6 << 20
	scanBuffer    = 256 << 10
	smallFile     = 256 << 10 // in which the featureCompatibilityVersion is looked for
	// maxFiles bounds the files that are remembered; WiredTiger itself has no use of so many.
	maxFiles = 2_000_000
)

func newPass(o Options) *pass {
	return &pass{
		blocks: notes{dir: o.Notes, limit: notesInMemory}, pages: notes{dir: o.Notes, limit: notesInMemory},
		tables: map[string]*file{}, journals: map[string]wiredtiger.Journal{}, texts: map[string]*metadata{},
		changes: map[string]map[string]wiredtiger.Change{}, plain: map[string]int64{}, broken: map[string]string{},
		buffer: slices.Grow(buffers.take(), scanBuffer)[:scanBuffer], unpack: o.Unpack,
	}
}

func (p *pass) close() {
	p.blocks.close()
	p.pages.close()
	buffers.leave(p.buffer)
	p.buffer = nil
}

// file is a file of the storage engine that went by.
type file struct {
	path       string
	size       int64
	descriptor error
	cut        bool // it was not read to its end
	blocks     blocks
	versions   []version // found in it
	encrypted  bool
	// items are the overflow items of leaf pages that were read in passing, by the offsets of
	// these. Only indexes have such, whose pages are not compressed.
	items map[int64][]wiredtiger.Address
	count int // of them
}

// version is a featureCompatibilityVersion, in the block at an offset.
type version struct {
	at    int64
	value string
}

// keepsAll says whether every page of a file is wanted: its rows are read.
func keepsAll(name string) bool {
	return name == wiredtiger.MetadataFile || name == catalogFile
}

const catalogFile = "_mdb_catalog.wt"

// take reads one file. An error is the reader's, or that there is no room for notes; the file
// is then known to be cut.
func (p *pass) take(name string, size int64, r io.Reader) error {
	if len(p.tables)+len(p.plain)+len(p.journals) > maxFiles {
		return fmt.Errorf("more than %d files: %w", maxFiles, wiredtiger.ErrUnknown)
	}
	base := path.Base(name)
	delete(p.tables, name)
	delete(p.plain, name)
	delete(p.broken, name)
	if number, ok := wiredtiger.JournalNumber(name); ok {
		return p.takeJournal(name, number, r)
	}
	switch {
	case strings.HasSuffix(base, ".wt"):
		return p.takeTable(name, size, r)
	case base == wiredtiger.TurtleFile, base == wiredtiger.BackupFile:
		m := newMetadata()
		p.texts[name] = m
		in := &sized{r: r}
		m.err = wiredtiger.Text(in, m.put)
		m.cut = in.err
		p.plain[name] = in.n
		return errors.Join(in.err, drain(r))
	case base == wiredtiger.VersionFile:
		head := make([]byte, 512)
		n, err := io.ReadFull(r, head)
		if !bytes.HasPrefix(head[:n], []byte("WiredTiger\n")) {
			p.broken[name] = "it does not begin as WiredTiger writes it"
		}
		p.plain[name] = size
		return ended(err, r)
	case base == "storage.bson":
		doc := make([]byte, 64<<10)
		n, err := io.ReadFull(r, doc)
		if e := document(doc[:n], nil); e != nil {
			p.broken[name] = e.Error()
		}
		p.plain[name] = size
		return ended(err, r)
	}
	p.plain[name] = size
	return nil
}

// ended is the reader's error, if it has not just come to its end; the rest is read.
func ended(err error, r io.Reader) error {
	if err != nil && !errors.Is(err, io.EOF) && !endOf(err) {
		return err
	}
	return drain(r)
}

// endOf says whether a whole buffer asked for more than a file has. A cut archive says so too,
// by the same error; then it says so again.
func endOf(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, struct{ io.Reader }{r})
	return err //nolint:wrapcheck // it is the archive's own reader
}

// sized counts what is read, and keeps the error that is no end.
type sized struct {
	r   io.Reader
	n   int64
	err error
}

// Read implements io.Reader.
func (s *sized) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err //nolint:wrapcheck // it is the archive's own reader
}

func (p *pass) takeJournal(name string, number uint32, r io.Reader) error {
	in := &sized{r: r}
	dir := path.Dir(name)
	if p.changes[dir] == nil {
		p.changes[dir] = map[string]wiredtiger.Change{}
	}
	last := p.changes[dir]
	j, err := wiredtiger.ReadJournal(number, "", in, func(c wiredtiger.Change) {
		if !strings.HasPrefix(c.Key, wiredtiger.FilePrefix) {
			return
		}
		if old, ok := last[c.Key]; !ok || old.At.Before(c.At) || old.At == c.At {
			last[c.Key] = c
		}
	})
	if errors.Is(err, wiredtiger.ErrDamaged) {
		p.broken[name] = err.Error()
		err = nil
	}
	p.journals[name] = j
	return errors.Join(err, in.err)
}

func (p *pass) takeTable(name string, size int64, r io.Reader) error {
	f := &file{path: name, blocks: blocks{notes: &p.blocks, first: p.blocks.size()}}
	p.tables[name] = f
	all, small := keepsAll(path.Base(name)), size <= smallFile
	wanted := func(h wiredtiger.Header) bool {
		return all || h.Type.Internal() || h.Type == wiredtiger.PageExtents
	}
	scan := wiredtiger.Scan{
		Keep: func(h wiredtiger.Header) bool {
			return p.source == nil && (wanted(h) || hasItems(h)) || small && h.Type == wiredtiger.PageRowLeaf
		},
		Found: func(b wiredtiger.Block) error {
			f.encrypted = f.encrypted || b.Encrypted()
			page := int64(-1)
			if p.source == nil && wanted(b.Header) {
				if b.Page != nil {
					if lack := int(-p.pages.size() & (pageAlign - 1)); lack > 0 {
						if err := p.pages.append(make([]byte, lack)); err != nil {
							return err
						}
					}
					page = p.pages.size()
					if err := p.pages.append(b.Page); err != nil {
						return err
					}
				}
			}
			if small && b.Type == wiredtiger.PageRowLeaf && b.Page != nil {
				if v := p.version(b.Page); v != "" {
					f.versions = append(f.versions, version{b.Offset, v})
				}
			}
			if p.source == nil && hasItems(b.Header) && b.Page != nil {
				f.look(&p.read, b)
			}
			return f.blocks.add(b, page)
		},
	}
	err := scan.Read(r, p.buffer)
	f.size, f.descriptor = scan.Size(), scan.Descriptor()
	f.cut = err != nil
	return err //nolint:wrapcheck // it is the archive's own reader
}

// maxItems is how many overflow items of a file are held against the pages that know them, and
// not only against their own checksums.
const maxItems = 50_000

// hasItems says whether a page may have overflow items, and can be read in passing.
func hasItems(h wiredtiger.Header) bool {
	return h.Type == wiredtiger.PageRowLeaf && !h.Compressed() && h.Size <= 1<<20
}

// look finds the overflow items of a leaf page.
func (f *file) look(read *wiredtiger.Pages, b wiredtiger.Block) {
	h, page, err := read.Open(b.Page, "")
	if err != nil {
		return
	}
	_ = wiredtiger.Items(h, page, func(a wiredtiger.Address) { // what cannot be read is judged by its checksum
		if f.count >= maxItems {
			return
		}
		if f.items == nil {
			f.items = map[int64][]wiredtiger.Address{}
		}
		f.items[b.Offset] = append(f.items[b.Offset], a)
		f.count++
	})
}

// page is the block at an address, from the notes or the file itself; it is held against the
// address once more.
func (p *pass) page(f *file, a wiredtiger.Address, from io.ReaderAt) ([]byte, error) {
	b, wrong, err := f.block(a)
	if err != nil || wrong != nil {
		return nil, errors.Join(err, wrong)
	}
	if from == nil && b.page < 0 {
		return nil, fmt.Errorf("the page of %d bytes at %d was not kept: %w", a.Size, a.Offset, wiredtiger.ErrUnknown)
	}
	raw := make([]byte, a.Size)
	if from != nil {
		if _, err := from.ReadAt(raw, a.Offset); err != nil {
			return nil, fmt.Errorf("reading the block at %d once more: %w: %w", a.Offset, plain(err), wiredtiger.ErrUnknown)
		}
	} else if _, err := p.pages.ReadAt(raw, b.page); err != nil {
		return nil, err
	}
	if _, err := wiredtiger.Check(raw, a); err != nil {
		return nil, err //nolint:wrapcheck // it names the block
	}
	return raw, nil
}

// block is the one at an address, or what is wrong where it should be. An error is that the
// notes cannot be read.
func (f *file) block(a wiredtiger.Address) (b block, wrong, err error) {
	b, ok, err := f.blocks.at(a.Offset)
	if err != nil {
		return b, nil, err
	}
	if ok && b.size == a.Size && b.sum == a.Sum && a.End() <= f.size {
		return b, nil, nil
	}
	where := fmt.Sprintf("the block of %d bytes at %d", a.Size, a.Offset)
	switch {
	case a.Offset >= f.size:
		wrong = fmt.Errorf("%s is beyond the end of the file: %w", where, wiredtiger.ErrDamaged)
	case a.End() > f.size:
		wrong = fmt.Errorf("the file ends within %s: %w", where, wiredtiger.ErrDamaged)
	case !ok:
		wrong = fmt.Errorf("%s is not what its checksum says: %w", where, wiredtiger.ErrDamaged)
	case b.size != a.Size:
		wrong = fmt.Errorf("%s is another one, of %d bytes: %w", where, b.size, wiredtiger.ErrDamaged)
	default:
		wrong = fmt.Errorf("%s is another one, of another file or another time: %w", where, wiredtiger.ErrDamaged)
	}
	return b, wrong, nil
}

// version is the featureCompatibilityVersion that a leaf page holds, or nothing.
func (p *pass) version(raw []byte) string {
	for _, by := range []string{"", "snappy", "zstd", "zlib"} {
		h, page, err := p.read.Open(raw, by)
		if err != nil {
			continue
		}
		found := ""
		_ = wiredtiger.Cells(h, page, func(c wiredtiger.Cell) error { // what cannot be read has no version
			if v := fcvOf(c.Data); c.Kind == wiredtiger.CellValue && v != "" {
				found = v
			}
			return nil
		})
		return found
	}
	return ""
}

// fcvOf is the version in the document of that name in admin.system.version.
func fcvOf(doc []byte) string {
	if !bytes.Contains(doc, []byte("featureCompatibilityVersion")) {
		return ""
	}
	var id, value, target string
	err := document(doc, func(kind byte, name string, v []byte) {
		if kind != bsonString {
			return
		}
		switch name {
		case "_id":
			id = bsonText(v)
		case "version":
			value = bsonText(v)
		case "targetVersion":
			target = bsonText(v)
		}
	})
	if err != nil || id != "featureCompatibilityVersion" || !series(value) {
		return ""
	}
	if series(target) && target != value {
		return value + " on the way to " + target
	}
	return value
}

// series says whether v is a version like 8.0.
func series(v string) bool {
	major, minor, ok := strings.Cut(v, ".")
	return ok && digits(major) && digits(minor)
}

func digits(v string) bool {
	return v != "" && len(v) < 4 && strings.Trim(v, "0123456789") == ""
}

// quoted is a name that others have chosen, fit for a line.
func quoted(name string) string {
	raw, err := json.Marshal(name)
	if err != nil || string(raw) == `"`+name+`"` {
		return name
	}
	return string(raw)
}
