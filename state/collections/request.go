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
	TargetProjectID   string      `json:"targetGroupId"`
	TargetClusterName string      `json:"targetClusterName"`
	Write             Write       `json:"writeStrategy"`
	Indexes           Indexes     `json:"indexStrategy"`
	SnapshotID        string      `json:"snapshotId,omitempty"`
	UTCSeconds        int64       `json:"pointInTimeUtcSeconds,omitempty"` // a restore job spells it "UTC"
	OplogTs           int64       `json:"oplogTs,omitempty"`
	OplogInc          int64       `json:"oplogInc,omitempty"`
	Databases         []Namespace `json:"databases,omitempty"`
	Collections       []Namespace `json:"collections,omitempty"`
}

// Namespace is a database or a collection of a request.
type Namespace struct {
	Source string `json:"sourceNamespace"`
	Target string `json:"targetNamespace"`
}

// Request makes the body of what is chosen. The point and the target have been checked.
func (c Choice) Request(at Point, projectID, cluster string) (Request, error) {
	if err := errors.Join(c.Check(), at.check()); err != nil {
		return Request{}, fmt.Errorf("making the request of a collection restore: %w", err)
	}
	r := Request{
		TargetProjectID: projectID, TargetClusterName: cluster,
		Write: cmp.Or(c.Write, CreateNew), Indexes: cmp.Or(c.Indexes, AllIndexes),
		SnapshotID: at.SnapshotID, UTCSeconds: at.UTCSeconds, OplogTs: at.OplogTs, OplogInc: at.OplogInc,
	}
	for _, n := range c.Names {
		one := Namespace{n.String(), c.Target(n).String()}
		if n.IsDatabase() {
			r.Databases = append(r.Databases, one)
		} else {
			r.Collections = append(r.Collections, one)
		}
	}
	return r, nil
}

func (p Point) check() error {
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
// where it does. Atlas may tell names in another order, and leaves out a name that stays.
func (r Request) Asks(other Request) bool {
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
	return r.TargetProjectID == other.TargetProjectID && r.TargetClusterName == other.TargetClusterName &&
		r.Write == other.Write && r.Indexes == other.Indexes && r.SnapshotID == other.SnapshotID &&
		r.UTCSeconds == other.UTCSeconds && r.OplogTs == other.OplogTs && r.OplogInc == other.OplogInc &&
		slices.Equal(plain(r.Databases), plain(other.Databases)) && slices.Equal(plain(r.Collections), plain(other.Collections))
}
