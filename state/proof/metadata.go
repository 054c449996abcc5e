package proof

import (
	"fmt"
	"strings"

	"atlas-restore/state/wiredtiger"
)

// metadata is what the storage engine says of its tables.
type metadata struct {
	tables map[string]wiredtiger.Table // by file
	bad    []string                    // entries that could not be read
	// groups are the tables by their names, and what was seen of each. An entry that is missing
	// shows so: of a text that was cut between two lines nothing else does.
	groups map[string]uint8
	err    error // of the text
	cut    error // of the archive
}

const (
	seenGroup uint8 = 1 << iota
	seenTable
)

func newMetadata() *metadata {
	return &metadata{tables: map[string]wiredtiger.Table{}, groups: map[string]uint8{}}
}

// maxBad is how many entries are told that cannot be read.
const maxBad = 20

func (m *metadata) put(key, value string) error {
	if len(m.tables)+len(m.groups) > maxFiles {
		return fmt.Errorf("more than %d tables: %w", maxFiles, wiredtiger.ErrUnknown)
	}
	switch kind, name, _ := strings.Cut(key, ":"); kind {
	case "file":
		t, err := wiredtiger.TableOf(key, value)
		if err != nil {
			if len(m.bad) < maxBad {
				m.bad = append(m.bad, err.Error())
			}
			return nil
		}
		m.tables[t.File] = t
	case "colgroup":
		m.groups[strings.Clone(name)] |= seenGroup
	case "table":
		m.groups[strings.Clone(name)] |= seenTable
	}
	return nil
}

// change applies what the journal has done since.
func (m *metadata) change(c wiredtiger.Change) {
	if c.Removed {
		delete(m.tables, strings.TrimPrefix(c.Key, wiredtiger.FilePrefix))
		return
	}
	_ = m.put(c.Key, c.Value) // it is bounded where it is read
}

// lacking are the tables of which a part of the metadata is missing. WiredTiger makes the
// entry of a table before that of its columns, so that a table without columns may be in the
// making. It holds of a checkpoint only: the journal removes one entry after the other.
func (m *metadata) lacking() []string {
	var all []string
	for name, seen := range m.groups {
		_, file := m.tables[name+".wt"]
		if seen&seenGroup != 0 && (seen&seenTable == 0 || !file) {
			all = append(all, name)
		}
	}
	return all
}
