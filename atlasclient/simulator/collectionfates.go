package simulator

import (
	"errors"
	"fmt"
	"time"
)

// InjectNextCollections says how the next restore of collections ends, where nothing in the world
// ends it otherwise.
type InjectNextCollections struct {
	Ends      string `yaml:"ends" json:"ends"`                               // failed, diskFull, canceled, notFound, unsupported or indexFailed
	Namespace string `yaml:"namespace,omitempty" json:"namespace,omitempty"` // to which of its collections that happens; empty: the first
}

// The ends of InjectNextCollections. With the first four all is taken back; the job of the last two
// is called successful.
const (
	endsFailed      = "failed"
	endsDisk        = "diskFull"
	endsCanceled    = "canceled"
	endsNotFound    = "notFound"
	endsUnsupported = "unsupported"
	endsIndex       = "indexFailed"
)

func (x *InjectNextCollections) check() error {
	if x.Ends == "" {
		return errors.New("it is not said how: set ends")
	}
	if x.Namespace != "" {
		if err := namesCollection("namespace", x.Namespace); err != nil {
			return err
		}
	}
	return oneOf("ends", x.Ends, endsFailed, endsDisk, endsCanceled, endsNotFound, endsUnsupported, endsIndex)
}

func (x *InjectNextCollections) happen(w *world, _ time.Time) error {
	w.collectionFates = append(w.collectionFates, *x)
	return nil
}

// kind is what a collection is, where it is no plain one.
type kind string

// The kinds. Only plain ones are restored by themselves.
const (
	plain      kind = ""
	view       kind = "view"
	timeSeries kind = "timeSeries"
	encrypted  kind = "encrypted" // queryable encryption
)

// kindOf is that of one of the themes' collections.
func kindOf(name string) kind {
	switch name {
	case "catalog.products_public":
		return view
	case "catalog.price_history":
		return timeSeries
	case "shop.card_tokens":
		return encrypted
	}
	return plain
}

// collectionsOf starts a colleague's restore of collections.
func (w *world) collectionsOf(x InjectColleague, source, target *cluster, at, dataOf time.Time, s *Snapshot) error {
	q := collectionRequest{targetGroup: target.project.ID, targetCluster: target.Name, write: "CREATE_NEW", indexes: "ALL", dataOf: dataOf}
	if x.InstantAgo > 0 {
		q.seconds = dataOf.Unix()
	} else {
		q.snapshotID, q.dataOf = s.ID, s.Taken
	}
	for _, name := range x.Namespaces {
		n, ok := parseNamespace(name)
		if !ok {
			n = namespace{database: name}
			q.databases = append(q.databases, pair{n, n})
			continue
		}
		q.collections = append(q.collections, pair{n, n})
	}
	if target.collecting(at) || source.collecting(at) {
		return fmt.Errorf("a restore of collections of cluster %q or %q runs at that time", source.Name, target.Name)
	}
	fates := w.collectionFates
	w.collectionFates = nil // those are for the trainee
	if x.Failed {
		w.collectionFates = []InjectNextCollections{{Ends: endsFailed}}
	}
	w.newCollectionJob(source, target, q, at)
	w.collectionFates = fates
	return nil
}
