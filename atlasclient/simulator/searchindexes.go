package simulator

import "time"

// What Atlas Search has on a cluster: one index, on its largest collection, where there is any.

// listSearchIndexes lists the search indexes of a cluster. The answer is a bare list.
func listSearchIndexes(c *call) (any, error) {
	x, err := c.cluster()
	if err != nil {
		return nil, err
	}
	out := []object{}
	if k, status, ok := c.w.searchIndex(x, c.now); ok {
		out = append(out, object{
			"collectionName":   k.collection,
			"database":         k.database,
			"indexID":          c.w.dice.id(x.Created, "search index", x.ID, k.String()),
			"latestDefinition": object{"mappings": object{"dynamic": true}},
			"name":             "default",
			"queryable":        status == "READY",
			"status":           status,
			"type":             "search",
		})
	}
	return out, nil
}

// searchIndex is the collection that has the index, and how that stands. Its definition comes with a
// restore; it is built then.
func (w *world) searchIndex(c *cluster, now time.Time) (k collection, status string, ok bool) {
	has, last := c.search, c.lastRestored(now)
	if last != nil && last.target == c && has.takes == 0 {
		has = last.source.search
	}
	if has.takes == 0 {
		return k, "", false
	}
	for _, one := range w.data(c, now) {
		if one.kind == plain && w.documents(one, now)*one.size > w.documents(k, now)*k.size {
			k = one
		}
	}
	switch {
	case last == nil || !now.Before(last.done.Add(has.takes)) && !has.fails:
		status = "READY"
	case !now.Before(last.done.Add(has.takes)):
		status = "FAILED"
	default:
		status = "BUILDING"
	}
	return k, status, k.database != ""
}
