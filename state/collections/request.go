package collections

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Point is of when the data are that are restored: a snapshot's, or those of an instant, which is
// a second or an oplog entry. Exactly one of the three is set.
type Point struct {
	SnapshotID        string
	UTCSeconds        int64
	OplogTs, OplogInc int64 // both or none
}

// Request is what is asked of Atlas's "create one collection restore job". The names on the
// target are always told one by one: a suffix of Atlas's own is joined to databases and
// collections alike, and what it does beside a name is not said.
type Request struct {
	TargetProjectID   string `json:"targetGroupId"`
	TargetClusterName string `json:"targetClusterName"`
	SnapshotID        string `json:"snapshotId,omitempty"`
	UTCSeconds        int64  `json:"pointInTimeUtcSeconds,omitempty"` // a restore job spells it "UTC"
	OplogTs           int64  `json:"oplogTs,omitempty"`
	OplogInc          int64  `json:"oplogInc,omitempty"`
	Asked
}

// Asked is which databases and collections are asked for, and how they are written.
type Asked struct {
	Write       Write       `json:"writeStrategy"`
	Indexes     Indexes     `json:"indexStrategy"`
	Databases   []Namespace `json:"databases,omitempty"`
	Collections []Namespace `json:"collections,omitempty"`
	// The suffixes are never asked for here, see Request. A job of others may have some.
	DatabaseSuffix   string `json:"databaseSuffix,omitempty"`
	CollectionSuffix string `json:"collectionSuffix,omitempty"`
}

// Namespace is a database or a collection of a request.
type Namespace struct {
	Source string `json:"sourceNamespace"`
	Target string `json:"targetNamespace"`
}

// Request makes the body of what is chosen. The target has been checked.
func (c Choice) Request(at Point, projectID, cluster string) (Request, error) {
	if err := errors.Join(c.Check(), at.Check()); err != nil {
		return Request{}, fmt.Errorf("making the request of a collection restore: %w", err)
	}
	return Request{
		TargetProjectID: projectID, TargetClusterName: cluster,
		SnapshotID: at.SnapshotID, UTCSeconds: at.UTCSeconds, OplogTs: at.OplogTs, OplogInc: at.OplogInc,
		Asked: c.Asked(),
	}, nil
}

// Asked is what a choice, which has been checked, asks for.
func (c Choice) Asked() Asked {
	r := Asked{Write: cmp.Or(c.Write, CreateNew), Indexes: cmp.Or(c.Indexes, AllIndexes)}
	for _, n := range c.Names {
		one := Namespace{n.String(), c.Target(n).String()}
		if n.IsDatabase() {
			r.Databases = append(r.Databases, one)
		} else {
			r.Collections = append(r.Collections, one)
		}
	}
	return r
}

// Choice is what was chosen, of what was asked for. An error says that it could not have been.
func (a Asked) Choice() (Choice, error) {
	c := Choice{Write: a.Write, Indexes: a.Indexes}
	for _, one := range slices.Concat(a.Databases, a.Collections) {
		n, err := Parse(one.Source)
		to, toErr := Parse(cmp.Or(one.Target, one.Source))
		if err = errors.Join(err, toErr); err != nil {
			return Choice{}, fmt.Errorf("reading what was asked for: %w", err)
		}
		c = c.With(n).Renamed(n, to)
	}
	return c, c.Check()
}

// Overwrites says whether what is there under these names is erased.
func (a Asked) Overwrites() bool { return a.Write == OverwriteExisting }

// Check holds what is asked for against the rules of a choice.
func (a Asked) Check() error {
	_, err := a.Choice()
	return err
}

// Check says whether exactly one point is told.
func (p Point) Check() error {
	set := 0
	for _, is := range []bool{p.SnapshotID != "", p.UTCSeconds != 0, p.OplogTs != 0 || p.OplogInc != 0} {
		if is {
			set++
		}
	}
	if set != 1 {
		return errors.New("it takes exactly one of a snapshot, a second and an oplog entry")
	}
	if (p.OplogTs == 0) != (p.OplogInc == 0) {
		return errors.New("an oplog entry has both of its numbers")
	}
	return nil
}

// Asks says whether other asks for the same: what Atlas echoes is the job of this request only
// where it does.
func (r Request) Asks(other Request) bool {
	return r.TargetProjectID == other.TargetProjectID && r.TargetClusterName == other.TargetClusterName &&
		r.SnapshotID == other.SnapshotID && r.UTCSeconds == other.UTCSeconds &&
		r.OplogTs == other.OplogTs && r.OplogInc == other.OplogInc && r.Same(other.Asked)
}

// Same says whether other asks for the same. Atlas may tell names in another order, and leaves
// out a name that stays.
func (a Asked) Same(other Asked) bool {
	plain := func(all []Namespace) []Namespace {
		all = slices.Clone(all)
		for i := range all {
			all[i].Target = cmp.Or(all[i].Target, all[i].Source)
		}
		slices.SortFunc(all, func(a, b Namespace) int {
			return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
		})
		return all
	}
	return a.Write == other.Write && a.Indexes == other.Indexes &&
		a.DatabaseSuffix == other.DatabaseSuffix && a.CollectionSuffix == other.CollectionSuffix &&
		slices.Equal(plain(a.Databases), plain(other.Databases)) && slices.Equal(plain(a.Collections), plain(other.Collections))
}
