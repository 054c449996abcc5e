package fetch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"atlas-restore/state/text"
)

// The files that tell, beside those that were fetched, what these are. Where another's file bears
// the first of these names, all are named after the snapshot.
const (
	ManifestName = "manifest.json"
	SumsName     = "sha256sums.txt"
	GuideName    = "OPEN-LOCALLY.md"
)

const (
	manifestFormat = 1
	// MostManifest is how many bytes of a manifest or of a list of sums are read.
	MostManifest = 8 << 20
)

// Source is what the files are a copy of, for those who read them later. What is not known is empty.
type Source struct {
	ProjectID      string
	Project        string // its name
	Cluster        string
	SnapshotAt     time.Time
	MongoDBVersion string // x.y.z, of the snapshot
	Encryption     string // Atlas's provider where the files are encrypted with the customer's own key
}

// Manifest tells what the files of a download are, and what was proven of each. No link is in it.
type Manifest struct {
	Format         int            `json:"format"`
	Program        string         `json:"program"`
	Training       bool           `json:"training,omitempty"`
	Written        time.Time      `json:"writtenAt"`
	Job            string         `json:"jobId"`
	Snapshot       string         `json:"snapshotId"`
	SnapshotAt     *time.Time     `json:"snapshotAt,omitempty"`
	ProjectID      string         `json:"projectId,omitempty"`
	Project        string         `json:"projectName,omitempty"`
	Cluster        string         `json:"clusterName,omitempty"`
	MongoDBVersion string         `json:"mongoDBVersion,omitempty"`
	FCV            string         `json:"featureCompatibilityVersion,omitempty"` // where all proven files have the same
	Encryption     string         `json:"encryptionAtRestProvider,omitempty"`
	Complete       bool           `json:"complete"` // every file is there and proven
	Files          []ManifestFile `json:"files"`
}

// FileState is what a manifest says of a file.
type FileState string

// The states of a file in a manifest. Only what is proven has a checksum and a final name.
const (
	FileProven     FileState = "proven"
	FileUnfinished FileState = "unfinished"
	FileMissing    FileState = "missing"
	FileDamaged    FileState = "damaged"
	FileUnchecked  FileState = "not checked"
	FileForeign    FileState = "not a backup file"
)

// ManifestFile is one file of a download.
type ManifestFile struct {
	Name       string    `json:"name"`
	ReplicaSet string    `json:"replicaSetName,omitempty"`
	State      FileState `json:"state"`
	Bytes      int64     `json:"bytes"`
	SHA256     string    `json:"sha256,omitempty"`
	Proof      string    `json:"proof,omitempty"`      // what was proven, or what is wrong
	NotChecked []string  `json:"notChecked,omitempty"` // what the proof says nothing about
	FCV        string    `json:"featureCompatibilityVersion,omitempty"`
	Opens      []string  `json:"mongod,omitempty"`        // the series that open it
	DataDir    string    `json:"dataDirectory,omitempty"` // in the file: what --dbpath takes
	Directory  string    `json:"directory,omitempty"`     // into which it was unpacked, beside it
	Error      string    `json:"error,omitempty"`
}

// NewManifest says what has become of an order. A file whose state is empty is still on its way.
func NewManifest(o Order, r Result, now time.Time) Manifest {
	m := Manifest{
		Format: manifestFormat, Program: "atlas-restore", Written: now.UTC().Truncate(time.Second), Job: o.Job, Snapshot: o.Snapshot,
		ProjectID: o.Source.ProjectID, Project: o.Source.Project, Cluster: o.Source.Cluster,
		MongoDBVersion: o.Source.MongoDBVersion, Encryption: o.Source.Encryption, Complete: true,
	}
	if at := o.Source.SnapshotAt.UTC(); !o.Source.SnapshotAt.IsZero() {
		m.SnapshotAt = &at
	}
	one := true
	for _, f := range r {
		file := ManifestFile{Name: f.Name, ReplicaSet: f.ReplicaSet, State: f.told(), Bytes: f.Bytes, Proof: f.Verdict.Words, NotChecked: f.Verdict.NotChecked}
		switch file.State {
		case FileProven:
			file.SHA256, file.FCV, file.Opens, file.DataDir = f.Verdict.SHA256, f.Verdict.FCV, f.Verdict.Opens, f.Verdict.DataDir
			if f.Directory != "" {
				file.Directory = filepath.Base(f.Directory)
			}
			one = one && (m.FCV == "" || m.FCV == file.FCV)
			m.FCV = file.FCV
		case FileDamaged, FileUnchecked, FileForeign:
			file.Name = filepath.Base(f.Path)
		case FileUnfinished, FileMissing:
		}
		if f.Err != nil {
			file.Error = f.Err.Why
		}
		m.Complete = m.Complete && file.State == FileProven
		m.Files = append(m.Files, file)
	}
	if !one {
		m.FCV = ""
	}
	return m
}

// told is the state in the words of a manifest.
func (f Fetched) told() FileState {
	switch f.State {
	case Proven:
		return FileProven
	case Untouched:
		return FileMissing
	case Aside:
		switch {
		case f.Verdict.Foreign:
			return FileForeign
		case f.Verdict.Unseen:
			return FileUnchecked
		}
		return FileDamaged
	case Kept:
	}
	return FileUnfinished
}

// JSON is the manifest as it is written.
func (m Manifest) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return append(raw, '\n'), nil
}

// Sums are the checksums of what was proven, a line for each file, as sha256sum -c takes them.
// They are empty where nothing was.
func (m Manifest) Sums() []byte {
	var b bytes.Buffer
	for _, f := range m.Files {
		if f.State == FileProven && f.SHA256 != "" {
			fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Name)
		}
	}
	return b.Bytes()
}

// ErrForeign is a manifest that is none of this program's.
var ErrForeign = errors.New("it is the manifest of something else")

// ParseManifest reads a manifest that this program has written. It is an error where it is another's.
func ParseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	if len(raw) > MostManifest {
		return m, errors.New("it is too large for a manifest")
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		if json.Valid(raw) && m.Program != "atlas-restore" {
			return m, ErrForeign
		}
		return m, fmt.Errorf("it is no manifest: %s", text.CleanError(err))
	}
	if m.Program != "atlas-restore" {
		return m, ErrForeign
	}
	if m.Format < 1 || m.Snapshot == "" {
		return m, errors.New("it lacks its format or its snapshot")
	}
	if m.Format > manifestFormat {
		return m, errors.New("a newer version of this program wrote it")
	}
	return m, nil
}

// Sum is a line of a list of checksums.
type Sum struct{ SHA256, Name string }

// ParseSums reads a list as sha256sum writes it. Lines that cannot be read are counted.
func ParseSums(raw []byte) (all []Sum, unread int) {
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if sum, name, ok := strings.Cut(line, " "); ok && len(sum) == 64 && strings.Trim(strings.ToLower(sum), "0123456789abcdef") == "" && len(name) > 1 && (name[0] == ' ' || name[0] == '*') {
			all = append(all, Sum{strings.ToLower(sum), name[1:]})
			continue
		}
		unread++
	}
	return all, unread
}
