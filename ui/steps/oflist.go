package steps

import (
	"sync/atomic"

	"atlas-restore/state"
)

// ofList is what is found of a list of snapshots, once for each list: beside the screen where it
// is loaded, or else where it is first asked for. There may be a hundred thousand.
type ofList[V any] struct{ found atomic.Pointer[foundOf[V]] }

type foundOf[V any] struct {
	all   []state.Snapshot
	value V
}

// of is what find finds of a list.
func (o *ofList[V]) of(all []state.Snapshot, find func() V) V {
	if f := o.found.Load(); f != nil && len(f.all) == len(all) && (len(all) == 0 || &f.all[0] == &all[0]) {
		return f.value
	}
	f := &foundOf[V]{all, find()}
	o.found.Store(f)
	return f.value
}
