// Package planfile keeps on disk what a review has said, for somebody else to read, to approve
// and to run: a plan file. It is one JSON object in one form (RFC 8785, whole numbers only) with a
// newline behind it, and holds the SHA-256 of itself:
//
//	jq -cS 'del(.sha256)' FILE | tr -d '\n' | sha256sum
//
// is its member sha256. Whoever changes a byte gets another plan, or none. A plan has no secret
// and no link in it: none of its types can hold one.
package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/pattern"
	"atlas-restore/state/text"
)

// Format is what a plan file calls itself, and Version is the one that is written and read.
const (
	Format  = "atlas-restore plan"
	Version = 1
)

// Life is how long a plan is good: what it says of clusters and snapshots is soon no longer true.
const Life = 24 * time.Hour

// Most is the size of a file that is read, in bytes: many times that of a plan with as many
// collections as a job takes.
const Most = 1 << 20

// Plan is what a review has said. All texts in it are clean, all times in UTC.
type Plan struct {
	Format       string             `json:"format"`
	Version      int                `json:"version"`
	SHA256       string             `json:"sha256"`             // of the rest, in hex; see the package
	Atlas        string             `json:"atlas"`              // base URL, in its canonical form
	Training     bool               `json:"training,omitempty"` // nothing of it is real
	Made         Made               `json:"made"`
	DeliveryType state.DeliveryType `json:"deliveryType"`
	Source       Cluster            `json:"source"`
	Snapshot     *Snapshot          `json:"snapshot,omitempty"` // absent where it is by a moment
	Target       *Cluster           `json:"target,omitempty"`   // absent for a download
	Request      json.RawMessage    `json:"request"`            // the very body: the rest makes no other
	Checks       []Check            `json:"checks"`             // as the maker has seen them
	Evidence     *state.Evidence    `json:"evidence,omitempty"` // why it is that moment, or that snapshot
}

// Made says when, by whom and with what a plan was made.
type Made struct {
	At    time.Time `json:"at"` // to the second, on Atlas's clock
	Until time.Time `json:"until"`
	Tool  string    `json:"tool"` // version of this program
	Maker `json:"by"`
}

// Maker is who makes a plan, as far as the machine knows.
type Maker struct {
	User       string   `json:"user"` // of the machine
	Host       string   `json:"host"`
	Credential string   `json:"credential"`     // its public part
	Keys       []string `json:"keys,omitempty"` // fingerprints of the SSH keys that they could approve with: none of these counts
}

// Name is who that is, in a few words.
func (m Maker) Name() string {
	switch {
	case m.User == "" && m.Host == "":
		return m.Credential
	case m.Host == "":
		return m.User
	}
	return m.User + " on " + m.Host
}

// Cluster is one end of a plan, as it was then.
type Cluster struct {
	ProjectID   string            `json:"projectId"`
	ProjectName string            `json:"projectName"`
	Name        string            `json:"clusterName"`
	ID          string            `json:"clusterId,omitempty"` // absent where it could not be seen
	Family      state.Family      `json:"family,omitempty"`
	Type        state.ClusterType `json:"clusterType,omitempty"`
	State       string            `json:"state,omitempty"`
	Paused      bool              `json:"paused,omitempty"`
	Version     string            `json:"mongoDBVersion,omitempty"`
	Size        string            `json:"instanceSize,omitempty"`
	Environment string            `json:"environment,omitempty"` // by the maker's configuration
}

// Snapshot is the one that is restored.
type Snapshot struct {
	ID          string     `json:"id"`
	CreatedAt   time.Time  `json:"createdAt"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"`
	SizeBytes   int64      `json:"storageSizeBytes,omitempty"`
	Version     string     `json:"mongoDBVersion,omitempty"`
	Description string     `json:"description,omitempty"`
	Kind        string     `json:"snapshotType,omitempty"`
	Frequency   string     `json:"frequencyType,omitempty"`
}

// Check is what one check had found.
type Check struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"` // ok, warn, unknown or block
	Reason  string `json:"reason"`
	Asks    bool   `json:"asks,omitempty"` // it has to be accepted by its name
}

// Short is the beginning of the hash, by which people tell plans apart.
func (p Plan) Short() string { return Short(p.SHA256) }

// Short is the beginning of a hash, in two groups that can be read aloud: "3f9a 1c02".
func Short(hash string) string {
	if len(hash) < 8 {
		return hash
	}
	return hash[:4] + " " + hash[4:8]
}

// Good says whether the plan may be used at an instant: ErrExpired or ErrEarly if not.
func (p Plan) Good(now time.Time) error {
	switch {
	case now.After(p.Made.Until):
		return fmt.Errorf("%w %s", ErrExpired, p.Made.Until.Format(time.RFC3339))
	case p.Made.At.After(now.Add(drift)):
		return fmt.Errorf("%w (%s): look at the clocks", ErrEarly, p.Made.At.Format(time.RFC3339))
	}
	return nil
}

// drift is by how much the clocks of two machines may differ.
const drift = 5 * time.Minute

// Bytes are the file of a plan, with its hash in it. What it says is held against its rules first.
func (p Plan) Bytes() ([]byte, error) {
	p.Format, p.Version = Format, Version
	var err error
	if p.SHA256, err = p.sum(); err != nil {
		return nil, err
	}
	raw, err := canonical(p)
	if err != nil {
		return nil, err
	}
	raw = append(raw, '\n')
	if _, err := Parse(raw); err != nil { // nobody could read it
		return nil, err
	}
	return raw, nil
}

// sum is the hash of all but the hash.
func (p Plan) sum() (string, error) {
	raw, err := canonical(p)
	if err != nil {
		return "", err
	}
	tree, err := parseTree(raw)
	if err != nil {
		return "", err
	}
	return sumOf(tree)
}

func sumOf(tree any) (string, error) {
	rest := map[string]any{}
	members, _ := tree.(map[string]any) // else there is nothing to hash, and no plan has that hash
	for name, v := range members {
		if name != "sha256" {
			rest[name] = v
		}
	}
	raw, err := appendTree(nil, rest)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// addressIn is where a text holds an address, at its "://"; -1 for nowhere. One fingerprint of 4,096 begins
// with // behind its colon, and is none.
func addressIn(s string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], "://")
		if at < 0 {
			return -1
		}
		at += from
		if !fingerprint.MatchString(s[:min(len(s), at+1+fingerprintSize)]) {
			return at
		}
		from = at + 1
	}
}

// fingerprint is how ssh-keygen writes that of a key, at the end of a text.
var fingerprint = pattern.New(`SHA256:[A-Za-z0-9+/]{43}$`)

const fingerprintSize = 43 // of SHA-256 in base64, without padding

// Words makes a text of others fit for a plan: clean, and without an address that could be a link.
func Words(s string) string {
	s = text.CleanLong(s)
	for {
		at := addressIn(s)
		if at < 0 {
			return s
		}
		from := strings.LastIndexFunc(s[:at], func(r rune) bool { return r == ' ' || r == '"' || r == '(' || r == '<' }) + 1
		to := len(s)
		if n := strings.IndexAny(s[at:], " \")>"); n >= 0 {
			to = at + n
		}
		s = s[:from] + "(an address)" + s[to:]
	}
}
