package simulator

import (
	"errors"
	"math"
	"time"
)

// InjectNextRestore says what the next restore onto a whole cluster leaves out, though Atlas calls its
// job successful: what a drill has to find.
type InjectNextRestore struct {
	Lacks     string `yaml:"lacks" json:"lacks"`                             // database, collection or documents
	Namespace string `yaml:"namespace" json:"namespace"`                     // shop.orders; of a database its name
	Documents int    `yaml:"documents,omitempty" json:"documents,omitempty"` // so many of them; zero: half
}

// What a restore can leave out.
const (
	lacksDatabase   = "database"
	lacksCollection = "collection"
	lacksDocuments  = "documents"
)

func (x *InjectNextRestore) check() error {
	switch {
	case x.Lacks == "":
		return errors.New("it is not said what is left out: set lacks")
	case x.Documents < 0 || x.Documents > 0 && x.Lacks != lacksDocuments:
		return errors.New("documents is a number of those that are left out, with lacks: documents")
	case x.Lacks == lacksDatabase && x.Namespace == "":
		return errors.New("namespace is the name of the database")
	case x.Lacks != lacksDatabase:
		if err := namesCollection("namespace", x.Namespace); err != nil {
			return err
		}
	}
	return oneOf("lacks", x.Lacks, lacksDatabase, lacksCollection, lacksDocuments)
}

func (x *InjectNextRestore) happen(w *world, _ time.Time) error {
	w.restoreFates = append(w.restoreFates, x)
	return nil
}

// takeRestoreFate is what the next restore leaves out; nil for nothing.
func (w *world) takeRestoreFate() *InjectNextRestore {
	if len(w.restoreFates) == 0 {
		return nil
	}
	first := w.restoreFates[0]
	w.restoreFates = w.restoreFates[1:]
	return first
}

// leavesOut is what is left of the data that a restore brings.
func (x *InjectNextRestore) leavesOut(w *world, all []collection, at time.Time) []collection {
	if x == nil {
		return all
	}
	var out []collection
	name, whole := parseNamespace(x.Namespace)
	for _, k := range all {
		switch {
		case x.Lacks == lacksDatabase && k.database == x.Namespace, x.Lacks == lacksCollection && whole && k.namespace == name:
			continue
		case x.Lacks == lacksDocuments && k.namespace == name:
			lost := float64(x.Documents)
			if lost == 0 {
				lost = math.Floor(w.documents(k, at) / 2)
			}
			k.less += lost
		}
		out = append(out, k)
	}
	return out
}
