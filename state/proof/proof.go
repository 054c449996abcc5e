// Package proof judges what a download delivers: an archive of a mongod's data directory, or
// the directory that was unpacked from it. It reads the bytes once, as they come, and proves
// them by the checksums that WiredTiger wrote beside its own blocks, which neither gzip nor
// tar nor the start of a mongod looks at.
//
// What was not checked is called so, and never sound.
package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Verdict is what was found about a table, a file or the whole.
type Verdict string

// The verdicts. A note is worth knowing, and speaks neither for nor against.
const (
	Sound     Verdict = "sound"
	Damaged   Verdict = "damaged"
	Unchecked Verdict = "not checked"
	NoBackup  Verdict = "not a backup file" // of a whole file: nothing of a backup is in it, and nothing was judged
	Note      Verdict = "note"
)

// Finding is something that was seen beside the tables.
type Finding struct {
	What    string  `json:"what"` // a file, or a part of the archive
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
}

// Table is what was found about one file of the storage engine that the snapshot needs.
type Table struct {
	File    string  `json:"file"`
	Name    string  `json:"name,omitempty"` // the collection, or the index and its collection, where the catalog tells it
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
	Bytes   int64   `json:"bytes"`  // of the file
	Used    int64   `json:"used"`   // bytes that the snapshot uses
	Proven  int64   `json:"proven"` // of these, those with a checksum that is right

	versions []version
}

// Database is one data directory.
type Database struct {
	Dir      string    `json:"dir"` // in the archive, or below the directory that was read
	Tables   []Table   `json:"tables"`
	Findings []Finding `json:"findings"`
	// FCV is the featureCompatibilityVersion, empty if it was not found.
	FCV string `json:"featureCompatibilityVersion,omitempty"`
	// Opens are the series of mongod that open it.
	Opens []string `json:"mongod,omitempty"`
	// Journal is how many bytes of the journal have checksums that are right.
	Journal int64 `json:"journalProven"`
	// Plain are the files without a checksum of their own, as logs are, and their bytes.
	Plain      []string `json:"withoutChecksum"`
	PlainBytes int64    `json:"bytesWithoutChecksum"`
	// Spare are tables that the snapshot does not name.
	Spare []string `json:"notOfTheSnapshot,omitempty"`
}

// Report is the verdict on an archive or a directory.
type Report struct {
	Name      string     `json:"name"`
	Directory bool       `json:"directory"`
	Bytes     int64      `json:"bytes"` // that were read
	SHA256    string     `json:"sha256,omitempty"`
	Verdict   Verdict    `json:"verdict"`
	Findings  []Finding  `json:"findings"` // about the archive itself
	Databases []Database `json:"databases"`
	// Instead is the sentence on what to prove instead of a file that is no backup; mostly empty.
	Instead string `json:"instead,omitempty"`
	// Next is what to do, where whoever made the report knows it better than by the verdict.
	Next string `json:"-"`
	// Cut says that gzip has not come to its end where the bytes did: more may have to come.
	Cut bool `json:"-"`
}

func newReport(name string) Report {
	return Report{Name: name, Findings: []Finding{}, Databases: []Database{}}
}

// PassedOver is the report on what was not looked into, could not be, or is not there: each finding
// says why.
func PassedOver(name string, findings ...Finding) Report {
	r := newReport(name)
	r.Directory, r.Findings, r.Verdict = true, findings, Unchecked
	for _, f := range findings {
		r.Verdict = worst(r.Verdict, f.Verdict)
	}
	return r
}

// Add takes what was found about the whole elsewhere into the report.
func (r *Report) Add(f Finding) {
	r.Findings = append(r.Findings, f)
	r.Verdict = worst(r.Verdict, f.Verdict)
}

// Options are how a proof is made.
type Options struct {
	// Read hears how many bytes were read so far, in the pass itself; it may be nil.
	Read func(bytes int64)
	// Notes is the directory for what does not fit into memory: some bytes for each block, and
	// the pages that lead to others. Empty is the system's.
	Notes string
	// Unpack is given the files of an archive as they go by; nil: nobody is.
	Unpack Unpacker
}

// Unpacker is given what is in an archive, in its order, while it is proven. Names are below the
// directory into which it is unpacked, with slashes; links, devices and names that lead elsewhere are
// not given. What goes wrong it keeps to itself: the proof goes on.
type Unpacker interface {
	Directory(name string)
	// File is a file of so many bytes. They are written to what it gives, which is closed at the end of
	// the file. A name can come again: then the last one counts.
	File(name string, size int64) io.WriteCloser
}

// Sound says how many of the tables are sound.
func (d Database) Sound() (n int) {
	for _, t := range d.Tables {
		if t.Verdict == Sound {
			n++
		}
	}
	return n
}

// worst is the verdict on a whole whose parts are these.
func worst(parts ...Verdict) Verdict {
	switch {
	case slices.Contains(parts, Damaged):
		return Damaged
	case slices.Contains(parts, NoBackup):
		return NoBackup
	case slices.Contains(parts, Unchecked):
		return Unchecked
	}
	return Sound
}

func (d Database) verdict() Verdict {
	var all []Verdict
	for _, t := range d.Tables {
		all = append(all, t.Verdict)
	}
	for _, f := range d.Findings {
		all = append(all, f.Verdict)
	}
	return worst(all...)
}

func (r *Report) judge() {
	all := []Verdict{}
	for _, f := range r.Findings {
		all = append(all, f.Verdict)
	}
	for _, d := range r.Databases {
		all = append(all, d.verdict())
	}
	if len(r.Databases) == 0 && !slices.Contains(all, NoBackup) {
		all = append(all, Unchecked)
		r.Findings = append(r.Findings, Finding{r.Itself(), Unchecked, "there are no files of MongoDB's storage engine in it"})
	}
	r.Verdict = worst(all...)
}

// theFile is what a finding calls what was read.
const theFile = "the .tar.gz"

// Itself is what a finding calls what the report is about.
func (r *Report) Itself() string {
	if r.Directory {
		return "the directory"
	}
	return theFile
}

func (r *Report) found(what string, v Verdict, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{what, v, fmt.Sprintf(format, args...)})
}

// counted tells how much was read, and ends with the context.
type counted struct {
	ctx  context.Context //nolint:containedctx // it lives as long as the pass
	r    io.Reader
	at   int64
	tell func(int64)
	err  error // of the reader, not its end
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(b)
	c.at += int64(n)
	if c.tell != nil && n > 0 {
		c.tell(c.at)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err //nolint:wrapcheck // the caller names what was read
}
