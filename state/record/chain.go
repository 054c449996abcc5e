package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"atlas-restore/state/disk"
	"atlas-restore/state/text"
)

// A chain of records is a file of lines. Each line is a JSON object that begins with the SHA-256
// of the line before it, without its newline, and its own number:
//
//	{"previous":"64 hex digits","number":2,"kind":"restore",…
//
// The first has 64 zeros. A second file, the head, holds how many there are and the hash of the last
// line, so that a line that is missing at the end is seen too. Whoever can write to both can make
// another chain: an export, or the hash of the head in a ticket, is what holds them to it.
const (
	chainFile = "records.jsonl"
	headFile  = "records.head.json"
	tornFile  = "records.torn"
)

// mostRecords is more than any chain has: a greater number is damage, and could not be counted on from.
const mostRecords = 1 << 40

// none stands for the line before the first.
const none = "0000000000000000000000000000000000000000000000000000000000000000"

// Book is the chain of records in one directory.
type Book struct{ dir string }

// At is the chain in directory dir. It is made with its first record.
func At(dir string) *Book { return &Book{dir} }

// Path is the file of the chain.
func (b *Book) Path() string { return filepath.Join(b.dir, chainFile) }

// Kept is a record in the chain.
type Kept struct {
	Number int    // from 1
	SHA256 string // of its line
	Line   []byte // without a newline
	Record
}

// Row is what a list shows of a record in the chain.
type Row struct {
	Number int    // from 1
	SHA256 string // of its line
	Brief
}

// link is what a line begins with.
type link struct {
	Previous string `json:"previous"`
	Number   int    `json:"number"`
}

// line is a record as its line has it.
type line struct {
	link
	Record
}

// head is what the second file says.
type head struct {
	Count int    `json:"count"`
	Last  string `json:"last"` // hash of the last line
}

// Fault is one thing that is wrong with a chain.
type Fault struct {
	Number int // of the record; 0 where it is of none
	What   string
}

// String is the fault as a sentence.
func (f Fault) String() string {
	if f.Number == 0 {
		return f.What + "."
	}
	return fmt.Sprintf("Record %d %s.", f.Number, f.What)
}

// Broken says that a chain does not hold, and where.
type Broken struct{ Faults []Fault }

// Error implements error.
func (b *Broken) Error() string {
	said := make([]string, 0, len(b.Faults))
	for _, f := range b.Faults {
		said = append(said, strings.TrimSuffix(f.String(), "."))
	}
	return "reading the chain of records: " + strings.Join(said, "; ")
}

// Append puts a record at the end of the chain and returns it when it is on the disk. What a crash
// has left of one that was being written is set aside, and told in torn.
func (b *Book) Append(r Record) (kept Kept, torn string, err error) {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return Kept{}, "", fmt.Errorf("making the directory of the records: %w", err)
	}
	l := flock.New(b.Path()+".lock", flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return Kept{}, "", fmt.Errorf("locking the chain of records: %w", err)
	}
	defer func() { _ = l.Unlock() }()
	f, err := os.OpenFile(b.Path(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return Kept{}, "", fmt.Errorf("opening the chain of records: %w", err)
	}
	kept, torn, err = b.append(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return Kept{}, torn, fmt.Errorf("writing a record: %w", err)
	}
	return kept, torn, nil
}

func (b *Book) append(f *os.File, r Record) (kept Kept, torn string, err error) {
	last, rest, size, err := tail(f)
	if err != nil {
		return Kept{}, "", err
	}
	if len(rest) > 0 {
		if torn, err = b.setAside(f, rest, size); err != nil {
			return Kept{}, "", err
		}
	}
	at := link{Previous: none, Number: 1}
	if last != nil {
		h, _, _ := b.head() // what is wrong with it is for Read to say
		l, _ := linkOf(last)
		at = link{Previous: hash(last), Number: max(l.Number, h.Count) + 1} // no number comes twice
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line{at, r}); err != nil {
		return Kept{}, torn, fmt.Errorf("encoding it: %w", err)
	}
	if _, err = f.WriteAt(out.Bytes(), size); err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Truncate(size) // what is there of it is no record
		return Kept{}, torn, err
	}
	text := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	kept = Kept{Number: at.Number, SHA256: hash(text), Line: text, Record: r}
	h, err := json.Marshal(head{Count: at.Number, Last: kept.SHA256})
	if err != nil {
		return Kept{}, torn, err //nolint:wrapcheck // of a number and a text: it never fails
	}
	return kept, torn, disk.Replace(filepath.Join(b.dir, headFile), append(h, '\n')) //nolint:wrapcheck // it says what
}

// tail are the last whole line of a file, what stands behind its newline, and how much of the file
// is whole lines. Last is nil where there is no line.
func tail(f *os.File) (last, rest []byte, size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, 0, err //nolint:wrapcheck // Append says what for
	}
	for want := int64(64 << 10); ; want *= 4 {
		from := max(0, info.Size()-want)
		raw := make([]byte, info.Size()-from)
		if _, err := f.ReadAt(raw, from); err != nil {
			return nil, nil, 0, err //nolint:wrapcheck // the same
		}
		lines, rest := split(raw)
		if from > 0 && len(lines) < 2 { // the first may be a part of one
			continue
		}
		if len(lines) > 0 {
			last = lines[len(lines)-1]
		}
		return last, rest, info.Size() - int64(len(rest)), nil
	}
}

// setAside moves what a crash has left of a line out of the chain.
func (b *Book) setAside(f *os.File, rest []byte, size int64) (string, error) {
	to := filepath.Join(b.dir, tornFile)
	old, err := os.ReadFile(to) //nolint:gosec // beside the chain
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err //nolint:wrapcheck // Append says what for
	}
	if err := disk.Replace(to, append(append(old, rest...), '\n')); err != nil {
		return "", err //nolint:wrapcheck // it says what
	}
	if err := f.Truncate(size); err != nil {
		return "", err //nolint:wrapcheck // Append says what for
	}
	return fmt.Sprintf("The record that was being written when this machine or program stopped is lost. What is left of it is in %s.", to), nil
}

// Read gives the records, oldest first. Its error is a Broken one where some cannot be trusted: the
// others are there all the same. One that cannot be read is not among them.
func (b *Book) Read() ([]Kept, error) {
	return all(b, keptOf)
}

func keptOf(raw []byte, sum string) (Kept, error) {
	var l line
	err := json.Unmarshal(raw, &l)
	text.CleanRead(&l, raw)
	return Kept{Number: l.Number, SHA256: sum, Line: raw, Record: l.Record}, err
}

// Rows gives what a list shows of the records, oldest first, with the errors of Read. The whole chain
// is looked through, and the beginning of each line is decoded.
func (b *Book) Rows() ([]Row, error) {
	return all(b, rowOf)
}

func rowOf(raw []byte, sum string) (Row, error) {
	l, _ := linkOf(raw) // it is told
	r := Row{Number: l.Number, SHA256: sum}
	err := r.decode(raw)
	text.CleanRead(&r.Brief, raw)
	return r, err
}

// all makes something of each line of a chain and its hash, on all processors.
func all[T any](b *Book, of func(text []byte, sum string) (T, error)) ([]T, error) {
	lines, hashes, faults, err := b.lines()
	if err != nil {
		return nil, err
	}
	made := make([]T, len(lines))
	wrong := make([]error, len(lines))
	inParts(len(lines), func(i int) { made[i], wrong[i] = of(lines[i], hashes[i]) })
	out := make([]T, 0, len(lines))
	for i, one := range made {
		if wrong[i] != nil {
			faults = append(faults, Fault{i + 1, "cannot be read"})
			continue
		}
		out = append(out, one)
	}
	if len(faults) > 0 {
		return out, &Broken{faults}
	}
	return out, nil
}

// behind is how the first member behind a Brief begins. It stands in no text of one: a quote in a text
// has a backslash before it.
var behind = []byte(`,"why":`)

// decode reads the brief from a line, and no further where the line is as it was written.
func (r *Brief) decode(text []byte) error {
	if brief, _, cut := bytes.Cut(text, behind); cut && json.Unmarshal(append(brief[:len(brief):len(brief)], '}'), r) == nil {
		return nil
	}
	*r = Brief{}
	return json.Unmarshal(text, r) //nolint:wrapcheck // all says what it is
}

// lines are those of the chain with their hashes, and what is wrong with how they hang together.
func (b *Book) lines() (lines [][]byte, hashes []string, faults []Fault, err error) {
	raw, err := os.ReadFile(b.Path())
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return nil, nil, nil, fmt.Errorf("reading the chain of records: %w", err)
	}
	h, told, err := b.head()
	if err != nil {
		faults = append(faults, Fault{What: "The head of the chain cannot be read: " + err.Error()})
	}
	if gone && told && h.Count > 0 {
		return nil, nil, nil, &Broken{[]Fault{{What: fmt.Sprintf("The chain of %d records is missing", h.Count)}}}
	}
	if gone {
		if len(faults) > 0 {
			return nil, nil, nil, &Broken{faults}
		}
		return nil, nil, nil, nil
	}
	lines, rest := split(raw)
	if len(rest) > 0 {
		faults = append(faults, Fault{What: "The record that was being written when this machine or program stopped is lost"})
	}
	hashes = make([]string, len(lines))
	inParts(len(lines), func(i int) { hashes[i] = hash(lines[i]) })
	faults = append(faults, chained(lines, hashes)...)
	if err == nil {
		faults = append(faults, ends(lines, h, told)...)
	}
	return lines, hashes, faults, nil
}

// chained says where lines do not hang together.
func chained(lines [][]byte, hashes []string) []Fault {
	var out []Fault
	number := 0
	for i, text := range lines {
		l, ok := linkOf(text)
		if !ok {
			number++
			out = append(out, Fault{number, "was changed: it does not begin as a record does"})
			continue
		}
		want := none
		if i > 0 {
			want = hashes[i-1]
		}
		switch missing := l.Number - number - 1; {
		case missing == 1:
			out = append(out, Fault{number + 1, "is missing"})
		case missing > 1:
			out = append(out, Fault{What: fmt.Sprintf("Records %d to %d are missing", number+1, l.Number-1)})
		case missing < 0:
			out = append(out, Fault{l.Number, fmt.Sprintf("stands behind record %d", number)})
		case l.Previous != want && i == 0:
			out = append(out, Fault{l.Number, "was changed, or one before it is missing"})
		case l.Previous != want:
			out = append(out, Fault{number, fmt.Sprintf("was changed after it was written: record %d holds another hash of it", l.Number)})
		}
		number = l.Number
	}
	return out
}

// ends says whether the chain ends where its head says. A crash between the two leaves the head one
// behind, which is no fault.
func ends(lines [][]byte, h head, told bool) []Fault {
	n := len(lines)
	switch {
	case !told && n == 0:
		return nil
	case !told && n == 1:
		return nil // a crash came before the first head
	case !told:
		return []Fault{{What: "The head of the chain is missing: whether records are missing at its end is not known"}}
	case n == 0 && h.Count > 0:
		return []Fault{{What: fmt.Sprintf("All %d records are missing", h.Count)}}
	}
	last, ok := linkOf(lines[n-1])
	if !ok {
		return nil // it is told
	}
	switch {
	case last.Number == h.Count && hash(lines[n-1]) == h.Last:
		return nil
	case last.Number == h.Count:
		return []Fault{{last.Number, "was changed after it was written: the head holds another hash of it"}}
	case last.Number == h.Count+1 && last.Previous == h.Last:
		return nil
	case last.Number == h.Count-1:
		return []Fault{{h.Count, "is missing"}}
	case last.Number < h.Count:
		return []Fault{{What: fmt.Sprintf("Records %d to %d are missing", last.Number+1, h.Count)}}
	}
	return []Fault{{What: fmt.Sprintf("The head of the chain is of record %d, and the last one is %d", h.Count, last.Number)}}
}

func (b *Book) head() (h head, told bool, err error) {
	raw, err := os.ReadFile(filepath.Join(b.dir, headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return head{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	if err == nil && (h.Count < 1 || h.Count > mostRecords) { // there is none before the first record
		err = fmt.Errorf("it counts %d records", h.Count)
	}
	if err != nil {
		return head{}, false, err
	}
	return h, true, nil
}

// Files are the two files of the chain, by name, as they stand.
func (b *Book) Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range []string{chainFile, headFile} {
		raw, err := os.ReadFile(filepath.Join(b.dir, name)) //nolint:gosec // the two files of the chain
		if err != nil {
			return nil, fmt.Errorf("reading the chain of records: %w", err)
		}
		out[name] = raw
	}
	return out, nil
}

// split cuts a chain into its lines, and what stands behind the last newline.
func split(raw []byte) (lines [][]byte, rest []byte) {
	lines = bytes.Split(raw, []byte("\n"))
	n := len(lines) - 1
	return lines[:n], lines[n]
}

// linkOf reads what a line begins with. A chain of ten thousand is looked through in no time: none of
// it is decoded.
func linkOf(text []byte) (link, bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{"previous":"`))
	if !ok || len(rest) < len(none) {
		return link{}, false
	}
	previous := string(rest[:len(none)])
	if rest, ok = bytes.CutPrefix(rest[len(none):], []byte(`","number":`)); !ok {
		return link{}, false
	}
	digits, _, _ := bytes.Cut(rest, []byte(","))
	number, err := strconv.Atoi(string(digits))
	if _, hexed := hex.DecodeString(previous); err != nil || hexed != nil || number < 1 || number > mostRecords {
		return link{}, false
	}
	return link{previous, number}, true
}

// HashOf is the SHA-256 of a file, in hex.
func HashOf(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // of this program itself
	if err != nil {
		return "", fmt.Errorf("hashing %s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("hashing %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
