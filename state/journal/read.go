package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// Damaged says which lines of the journal cannot be read. What stood there may be a request
// that has become a job: nothing that overwrites a cluster is submitted while it is so.
type Damaged struct{ Lines []Line }

// Line is one line of a file, counted from 1.
type Line struct {
	Path   string
	Number int
}

// Error implements error. It can stand in the middle of a sentence, or be one.
func (d *Damaged) Error() string {
	const most = 3
	var at []string
	for _, l := range d.Lines[:min(most, len(d.Lines))] {
		at = append(at, fmt.Sprintf("line %d of %s", l.Number, l.Path))
	}
	if more := len(d.Lines) - most; more > 0 {
		at = append(at, fmt.Sprintf("%d more", more))
	}
	return "Part of the journal cannot be read: " + strings.Join(at, ", ")
}

// Read gives every entry that is kept, oldest first. Where something cannot be read the
// error is a *Damaged, beside the entries that can. An entry that a crash has cut off is
// passed over: no request goes out before its intent is whole, and an outcome that was not
// written leaves the intent without one.
func (j *Journal) Read() ([]Entry, error) {
	files, err := j.open()
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	var out []Entry
	var broken Damaged
	for _, f := range files {
		raw, err := io.ReadAll(f)
		if err != nil {
			return nil, fmt.Errorf("reading the journal: %w", err)
		}
		entries, lines := parse(raw)
		out = append(out, entries...)
		for _, n := range lines {
			broken.Lines = append(broken.Lines, Line{f.Name(), n})
		}
	}
	if len(broken.Lines) > 0 {
		return out, &broken
	}
	return out, nil
}

// open opens the files of the journal, the older one first. The newer one is opened before
// the older: if it takes the older one's place meanwhile, it is met again under that name,
// and nothing is missed.
func (j *Journal) open() ([]*os.File, error) {
	var out []*os.File
	var seen os.FileInfo
	for _, path := range []string{j.path, j.older()} {
		f, err := os.Open(path) //nolint:gosec // the directory was chosen by the user
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("reading the journal: %w", err)
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return out, fmt.Errorf("reading the journal: %w", err)
		}
		if seen != nil && os.SameFile(seen, info) {
			f.Close()
			continue
		}
		seen = info
		out = append(out, f)
	}
	slices.Reverse(out)
	return out, nil
}

// begin is how each entry begins. In JSON it can stand inside no text, and no other object of
// an entry has that field: an entry begins wherever it stands, even behind what is no entry.
var begin = []byte(`{"time":`)

var byteOrderMark = []byte("\uFEFF")

// parse reads the content of a file: its entries, and the numbers of the lines in which there
// is something else.
func parse(raw []byte) (entries []Entry, broken []int) {
	n := 0
	for line := range bytes.Lines(raw) {
		n++
		line = bytes.TrimSpace(bytes.TrimPrefix(line, byteOrderMark))
		fine := true
		for len(line) > 0 {
			piece := line
			if at := bytes.Index(line[1:], begin); at >= 0 {
				piece = line[:at+1]
			}
			line = line[len(piece):]
			e, err := decode(piece)
			switch {
			case err == nil:
				entries = append(entries, e)
			case errors.Is(err, errCut) && len(line) == 0: // the next entry has begun a line of its own
			case errors.Is(err, errLacking): // it is told as far as it goes
				entries = append(entries, e)
				fine = false
			default:
				fine = false
			}
		}
		if !fine {
			broken = append(broken, n)
		}
	}
	return entries, broken
}

var (
	errCut     = errors.New("the entry is cut off")
	errLacking = errors.New("the entry lacks")
)

// decode reads one entry and nothing else.
func decode(raw []byte) (e Entry, err error) {
	if !utf8.Valid(raw) { // else a name would become another one in silence
		return e, errors.New("it is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	err = d.Decode(&e)
	if errors.Is(err, io.ErrUnexpectedEOF) && (bytes.HasPrefix(raw, begin) || bytes.HasPrefix(begin, raw)) {
		return e, errCut
	}
	if err != nil {
		return e, fmt.Errorf("decoding an entry: %w", err)
	}
	if rest := bytes.TrimSpace(raw[d.InputOffset():]); len(rest) > 0 {
		return e, errors.New("something stands behind the entry")
	}
	text.CleanRead(&e, raw) // it is shown, and held against names that are clean
	e.Endpoint = state.CanonicalEndpoint(e.Endpoint)
	return e, e.check()
}

// check says why an entry is none: without what it lacks nobody could tell which request it
// is of, or whose target.
func (e Entry) check() error {
	b := e.Body
	switch {
	case !e.Event.known():
		return fmt.Errorf("there is no event %q", e.Event)
	case e.Time.IsZero(), e.Endpoint == "":
		return fmt.Errorf("%w its time or endpoint", errLacking)
	case e.Event.ofJob():
		if e.JobID == "" {
			return fmt.Errorf("%w its job", errLacking)
		}
	case e.ID == "", b.DeliveryType != state.Download && !b.DeliveryType.HasTarget():
		return fmt.Errorf("%w its id or request", errLacking)
	case b.DeliveryType.HasTarget() && (b.TargetProjectID == "" || b.TargetClusterName == ""):
		return fmt.Errorf("%w its target", errLacking)
	case b.DeliveryType == state.Collections && b.Asked == nil:
		return fmt.Errorf("%w its collections", errLacking)
	}
	return nil
}
