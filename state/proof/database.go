package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"atlas-restore/state/wiredtiger"
)

// database is one data directory while it is judged.
type database struct {
	Database
	p        *pass
	complete bool // whether the archive was read to its end
	files    map[string]*file
	meta     *metadata // nil if nothing tells of the tables
	names    map[string]string
	position wiredtiger.LSN // of the metadata's checkpoint
	first    bool           // there was no checkpoint yet
}

// databases judges what went by.
func (p *pass) databases(ctx context.Context, report *Report, complete bool) error {
	roots := p.roots()
	for _, dir := range roots {
		d := database{Database: Database{Dir: dir, Tables: []Table{}, Findings: []Finding{}, Plain: []string{}}, p: p, complete: complete, files: map[string]*file{}}
		for _, name := range slices.Sorted(maps.Keys(p.tables)) {
			if inside, ok := below(dir, name); ok && nearest(roots, name) == dir {
				d.files[inside] = p.tables[name]
			}
		}
		if err := d.judge(ctx); err != nil {
			return err
		}
		d.others(roots, report.Directory)
		report.Databases = append(report.Databases, d.Database)
	}
	return nil
}

// The files of which each says that its directory is a database's.
var marks = []string{wiredtiger.VersionFile, wiredtiger.TurtleFile, wiredtiger.BackupFile, wiredtiger.MetadataFile, catalogFile}

// roots are the directories of databases.
func (p *pass) roots() []string {
	found := map[string]bool{}
	highest := ""
	see := func(name string) {
		if slices.Contains(marks, path.Base(name)) {
			found[path.Dir(name)] = true
		}
		if dir := path.Dir(name); strings.HasSuffix(name, ".wt") && (highest == "" || len(dir) < len(highest)) {
			highest = dir
		}
	}
	for name := range p.tables {
		see(name)
	}
	for name := range p.plain {
		see(name)
	}
	if len(found) == 0 && highest != "" {
		found[highest] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// nearest is the database to which a file belongs, of the sorted ones that there are.
func nearest(roots []string, name string) string {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if _, ok := slices.BinarySearch(roots, dir); ok {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// below is a name from a directory on.
func below(dir, name string) (string, bool) {
	if dir == "." {
		return name, true
	}
	return strings.CutPrefix(name, dir+"/")
}

func (d *database) in(name string) string { return path.Join(d.Dir, name) }

func (d *database) found(what string, v Verdict, format string, args ...any) {
	d.Findings = append(d.Findings, Finding{quoted(what), v, fmt.Sprintf(format, args...)})
}

// missing is something that is not there: of an archive that was not read to its end nobody
// knows whether it is.
func (d *database) missing(what, why string) {
	if !d.complete {
		d.found(what, Unchecked, "it is not in the part of the .tar.gz that could be read")
		return
	}
	d.found(what, Damaged, "it is missing: %s", why)
}

// why is an error without the words that only mark its kind.
func why(err error) string {
	text := err.Error()
	for _, kind := range []error{wiredtiger.ErrDamaged, wiredtiger.ErrUnknown} {
		text = strings.TrimSuffix(text, ": "+kind.Error())
	}
	return text
}

func (d *database) judge(ctx context.Context) error {
	if err := d.metadata(ctx); err != nil {
		return err
	}
	d.small()
	if d.meta == nil {
		d.unnamed()
		return nil
	}
	base := maps.Clone(d.meta.tables)
	if catalog, ok := d.meta.tables[catalogFile]; ok && d.files[catalogFile] != nil {
		if err := d.catalog(ctx, catalog, base); err != nil {
			return err
		}
	}
	d.journal()
	if _, ok := d.meta.tables[catalogFile]; !ok && d.complete {
		d.found("the metadata", Damaged, "it does not name %s, without which no collection is known", catalogFile)
	} else if !ok {
		d.found("the metadata", Unchecked, "the part of the .tar.gz that could be read does not name %s", catalogFile)
	}
	for _, name := range slices.Sorted(maps.Keys(d.meta.tables)) {
		if name == wiredtiger.MetadataFile {
			continue
		}
		t, err := d.table(ctx, d.meta.tables[name], nil)
		if err != nil {
			return err
		}
		d.Tables = append(d.Tables, t)
	}
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		if _, ok := d.meta.tables[name]; !ok && name != wiredtiger.MetadataFile {
			d.Spare = append(d.Spare, name)
		}
	}
	d.version()
	return nil
}

// metadata finds what the storage engine says of its tables: the text of a backup, or the
// turtle, which leads to a table.
func (d *database) metadata(ctx context.Context) error {
	if m, ok := d.p.texts[d.in(wiredtiger.BackupFile)]; ok {
		d.text(wiredtiger.BackupFile, m)
		d.meta = m
		return nil
	}
	turtle, ok := d.p.texts[d.in(wiredtiger.TurtleFile)]
	if !ok {
		d.missing(wiredtiger.TurtleFile, "there is no "+wiredtiger.BackupFile+" either, and without them WiredTiger makes an empty database of it, without a word")
		return nil
	}
	d.text(wiredtiger.TurtleFile, turtle)
	t, ok := turtle.tables[wiredtiger.MetadataFile]
	if !ok {
		if turtle.err == nil && len(turtle.bad) == 0 {
			d.found(wiredtiger.TurtleFile, Damaged, "it does not tell where the metadata is")
		}
		return nil
	}
	d.position = t.At
	m := newMetadata()
	rows := func(f *file, from io.ReaderAt) func(wiredtiger.Header, []byte) error {
		return func(h wiredtiger.Header, page []byte) error {
			read := func(a wiredtiger.Address) ([]byte, error) { return d.p.page(f, a, from) }
			return wiredtiger.Rows(h, page, read, func(key, value []byte) error {
				return m.put(cText(key), cText(value))
			})
		}
	}
	seen, err := d.table(ctx, t, rows)
	if err != nil {
		return err
	}
	if seen.Verdict != Sound {
		d.found(wiredtiger.MetadataFile, seen.Verdict, "%s; it holds the metadata of all tables", seen.Why)
		if len(m.tables) == 0 {
			return nil
		}
	}
	d.first = len(t.Checkpoints) == 0
	d.entries(wiredtiger.MetadataFile, m)
	d.meta = m
	return nil
}

func cText(b []byte) string { return strings.TrimSuffix(string(b), "\x00") }

// text judges the turtle, or the metadata of a backup.
func (d *database) text(name string, m *metadata) {
	if m.err != nil && m.cut == nil {
		d.found(name, Damaged, "%s", why(m.err))
	}
	if m.cut != nil {
		d.found(name, Damaged, "the .tar.gz ends within it")
		return
	}
	d.entries(name, m)
}

// entries judges what metadata says.
func (d *database) entries(name string, m *metadata) {
	for _, bad := range m.bad {
		d.found(name, Damaged, "%s", bad)
	}
	if lacking := m.lacking(); len(lacking) > 0 {
		slices.Sort(lacking)
		d.found(name, Damaged, "a part of what it must say is missing, of %s", some(lacking))
	}
}

// some is a list of names that is not too long.
func some(names []string) string {
	const most = 5
	var shown []string
	for _, n := range names[:min(len(names), most)] {
		shown = append(shown, quoted(n))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// small judges the files without which a mongod does not start.
func (d *database) small() {
	for name, why := range map[string]string{
		wiredtiger.VersionFile: "WiredTiger refuses to open a directory without it",
		"storage.bson":         "it tells mongod how the files are laid out",
	} {
		at := d.in(name)
		if _, ok := d.p.plain[at]; !ok {
			d.missing(name, why)
		} else if bad, ok := d.p.broken[at]; ok {
			d.found(name, Damaged, "%s", bad)
		}
	}
	slices.SortFunc(d.Findings, func(a, b Finding) int { return strings.Compare(a.What, b.What) })
}

// unnamed lists the files of which no metadata tells.
func (d *database) unnamed() {
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[name]
		t := Table{File: name, Verdict: Unchecked, Bytes: f.size, Why: "nothing tells which of its blocks the snapshot reaches"}
		if f.descriptor != nil && errors.Is(f.descriptor, wiredtiger.ErrDamaged) {
			t.Verdict, t.Why = Damaged, why(f.descriptor)
		}
		d.Tables = append(d.Tables, t)
	}
}

// table judges one. Rows, if given, makes what reads the rows of its leaves.
func (d *database) table(ctx context.Context, t wiredtiger.Table, rows func(*file, io.ReaderAt) func(wiredtiger.Header, []byte) error) (Table, error) {
	result := Table{File: t.File, Name: d.names[strings.TrimSuffix(t.File, ".wt")]}
	is := func(v Verdict, format string, args ...any) (Table, error) {
		result.Verdict, result.Why = v, fmt.Sprintf(format, args...)
		return result, nil
	}
	f := d.files[t.File]
	switch {
	case f == nil && !d.complete:
		return is(Unchecked, "it is not in the part of the .tar.gz that could be read")
	case f == nil:
		return is(Damaged, "its file is missing")
	}
	result.Bytes = f.size
	switch {
	case f.cut && d.p.source == nil:
		return is(Damaged, "the .tar.gz ends within it")
	case f.cut:
		return is(Unchecked, "it could not be read to its end")
	case errors.Is(f.descriptor, wiredtiger.ErrDamaged):
		return is(Damaged, "%s", why(f.descriptor))
	case f.descriptor != nil:
		return is(Unchecked, "%s", why(f.descriptor))
	case !t.Tree || t.Unit != wiredtiger.Unit:
		return is(Unchecked, "it is laid out as MongoDB does not lay out its files")
	}
	w := walk{p: d.p, t: t, f: f, reach: newUnits(f.size), used: wiredtiger.Unit, proven: wiredtiger.Unit}
	if d.p.source != nil {
		from, closer, err := d.p.source(f.path)
		if err != nil {
			return is(Unchecked, "it cannot be read once more: %v", plain(err))
		}
		defer closer.Close()
		w.from = from
	}
	if rows != nil {
		w.leaf = rows(f, w.from)
	}
	if err := w.checkpoints(ctx); err != nil {
		return result, fmt.Errorf("judging %s: %w", t.File, err)
	}
	result.Used, result.Proven = w.used, w.proven
	for _, v := range f.versions {
		if w.reach.has(v.at) {
			result.versions = append(result.versions, v)
		}
	}
	switch {
	case w.damage.first != nil && w.damage.blocks > 1:
		return is(Damaged, "%s, and %d more are damaged", why(w.damage.first), w.damage.blocks-1)
	case w.damage.first != nil:
		return is(Damaged, "%s", why(w.damage.first))
	case t.Encrypted || w.unknown != nil && f.encrypted:
		return is(Unchecked, "it is encrypted: its blocks have the bytes of their checksums, but which of them the snapshot reaches can only be read with its key")
	case w.unknown != nil:
		return is(Unchecked, "%s", why(w.unknown))
	case w.proven < w.used:
		return is(Unchecked, "%d of %d bytes bear no checksum: it was made with checksum=%s", w.used-w.proven, w.used, quoted(t.Checksum))
	}
	return is(Sound, "")
}

// checkpoints walks all that a table has.
func (w *walk) checkpoints(ctx context.Context) error {
	all := slices.Clone(w.t.Checkpoints)
	slices.SortStableFunc(all, func(a, b wiredtiger.Checkpoint) int { return int(max(-1, min(1, a.Order-b.Order))) })
	for i, c := range all {
		if c.Cookie == "" {
			continue
		}
		cookie, err := wiredtiger.CookieOf(c.Cookie)
		if err != nil {
			if err := w.judge(fmt.Errorf("checkpoint %s: %w", quoted(c.Name), err), wiredtiger.Address{}); err != nil {
				return err
			}
			continue
		}
		if err := w.follow(ctx, cookie); err != nil {
			return err
		}
		if i == len(all)-1 {
			if err := w.gaps(cookie); err != nil {
				return err
			}
		}
	}
	return nil
}

// catalog reads the names of collections and indexes, and looks whether the metadata has all
// that the catalog names.
func (d *database) catalog(ctx context.Context, t wiredtiger.Table, base map[string]wiredtiger.Table) error {
	d.names = map[string]string{}
	name := func(ident, as string) {
		if len(d.names) < maxFiles {
			d.names[ident] = as
		}
	}
	rows := func(f *file, from io.ReaderAt) func(wiredtiger.Header, []byte) error {
		return func(h wiredtiger.Header, page []byte) error {
			read := func(a wiredtiger.Address) ([]byte, error) { return d.p.page(f, a, from) }
			return wiredtiger.Rows(h, page, read, func(_, value []byte) error {
				var ns, ident string
				indexes := map[string]string{}
				err := document(value, func(kind byte, field string, v []byte) {
					switch {
					case kind == bsonString && field == "ns":
						ns = bsonText(v)
					case kind == bsonString && field == "ident":
						ident = bsonText(v)
					case kind == bsonDocument && field == "idxIdent":
						_ = document(v, func(kind byte, index string, v []byte) { // an index that cannot be read has no name
							if kind == bsonString {
								indexes[index] = bsonText(v)
							}
						})
					}
				})
				if err != nil || ident == "" {
					return nil // names are for people: what has none is called by its file
				}
				name(ident, ns)
				for index, ident := range indexes {
					name(ident, "index "+index+" of "+ns)
				}
				return nil
			})
		}
	}
	seen, err := d.table(ctx, t, rows)
	if err != nil || seen.Verdict != Sound {
		return err // it is judged with the other tables
	}
	var lost []string
	for ident, name := range d.names {
		if _, ok := base[ident+".wt"]; !ok {
			lost = append(lost, name)
		}
	}
	if len(lost) > 0 {
		slices.Sort(lost)
		d.found("the metadata", Damaged, "the catalog has %s, of which the metadata says nothing", some(lost))
	}
	return nil
}

// journal judges the journal, and brings the metadata to its end.
func (d *database) journal() {
	need, off := d.position, d.position.Off()
	for _, t := range d.meta.tables {
		off = off || t.File == wiredtiger.MetadataFile && t.At.Off()
		if !t.At.None() && need.Before(t.At) {
			need = t.At
		}
	}
	var all []wiredtiger.Journal
	names := map[uint32]string{}
	for name, j := range d.p.journals {
		dir := path.Dir(name)
		if dir != d.Dir && path.Dir(dir) != d.Dir {
			continue
		}
		all = append(all, j)
		names[j.Number] = name
	}
	slices.SortFunc(all, func(a, b wiredtiger.Journal) int { return int(int64(a.Number) - int64(b.Number)) })
	if len(all) == 0 {
		if !off && (d.first || !need.None()) {
			d.missing("the journal", "what was written after the last checkpoint is in it")
		}
		return
	}
	last := all[len(all)-1]
	reached := last.Number > need.File || last.Number == need.File && last.End >= int64(need.Offset)
	for i, j := range all {
		name := names[j.Number]
		inside, _ := below(d.Dir, name)
		d.Journal += j.Proven
		isLast := i == len(all)-1
		if i > 0 && j.Number != all[i-1].Number+1 {
			d.missing(fmt.Sprintf("file %d of the journal", all[i-1].Number+1), "recovery stops before it, without a word")
		}
		if j.Number == need.File && !isLast && j.End < int64(need.Offset) {
			reached = false
		}
		bad := d.p.broken[name]
		switch {
		case bad != "" && isLast && j.Records == 0 && !j.Torn && j.Bad == 0 && need.File < j.Number:
			// It was made, and nothing is written to it yet.
		case bad != "":
			d.found(inside, Damaged, "%s", bad)
		case j.Bad != 0:
			d.found(inside, Damaged, "the record at %d is damaged, and whole ones follow it: recovery stops there without a word, and what follows is lost", j.Bad)
		case j.Torn && !isLast:
			d.found(inside, Damaged, "the record at %d is damaged, and another file of the journal follows: recovery stops there without a word", j.End)
		case j.Torn:
			d.found(inside, Note, "its last record, at %d, is not whole: it may have been in the writing when the snapshot was taken", j.End)
		}
		if j.Unread != nil {
			d.found(inside, Unchecked, "whether it changes the metadata cannot be read: %s", why(j.Unread))
		}
	}
	if !off && !need.None() && (all[0].Number > need.File || !reached) {
		d.found("the journal", Damaged, "it does not reach the place at which the last checkpoint was taken (file %d, byte %d): a part of it is missing, or damaged", need.File, need.Offset)
	}
	if _, backup := d.p.texts[d.in(wiredtiger.BackupFile)]; backup {
		return // WiredTiger does not change the metadata of a backup by its journal
	}
	for _, dir := range []string{d.Dir, d.in("journal")} {
		for _, c := range d.p.changes[dir] {
			if !c.At.Before(d.position) {
				d.meta.change(c)
			}
		}
	}
}

// maxNames is how many names of files a report has of each kind.
const maxNames = 100

// others lists the files that bear no checksum.
func (d *database) others(roots []string, directory bool) {
	for _, name := range slices.Sorted(maps.Keys(d.p.plain)) {
		inside, ok := below(d.Dir, name)
		if !ok || nearest(roots, name) != d.Dir {
			continue
		}
		d.PlainBytes += d.p.plain[name]
		if len(d.Plain) < maxNames {
			d.Plain = append(d.Plain, inside)
		}
		if directory && inside == "mongod.lock" && d.p.plain[name] > 0 {
			d.found(inside, Note, "a mongod may be running on this directory, or has not been stopped cleanly: prove it while none is running")
		}
	}
}

// version finds the featureCompatibilityVersion.
func (d *database) version() {
	seen := map[string]bool{}
	for _, t := range d.Tables {
		for _, v := range t.versions {
			if t.Name == "admin.system.version" {
				d.fcv(v.value)
				return
			}
			seen[v.value] = true
		}
	}
	if len(seen) == 1 {
		for v := range seen {
			d.fcv(v)
		}
	}
}

// releases are the series of MongoDB that are released each year or two. A mongod opens what
// its own series and the one before it wrote.
var releases = []string{"4.0", "4.2", "4.4", "5.0", "6.0", "7.0", "8.0"}

func (d *database) fcv(v string) {
	d.FCV = v
	base, target, upgrading := strings.Cut(v, " on the way to ")
	if upgrading {
		base = max(base, target)
	}
	d.Opens = []string{base}
	if i := slices.Index(releases, base); i >= 0 && i+1 < len(releases) && !upgrading {
		d.Opens = append(d.Opens, releases[i+1])
	}
}
