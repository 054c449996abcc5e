package simulator

import (
	"slices"
	"strings"
	"time"
)

// namespace names a collection, or a database where the collection is empty.
type namespace struct{ database, collection string }

func (n namespace) String() string {
	if n.collection == "" {
		return n.database
	}
	return n.database + "." + n.collection
}

// compare orders names as they are written, with the dot between their halves.
func (n namespace) compare(o namespace) int {
	if n.database == o.database {
		return strings.Compare(n.collection, o.collection)
	}
	if strings.HasPrefix(n.database, o.database) || strings.HasPrefix(o.database, n.database) {
		return strings.Compare(n.String(), o.String())
	}
	return strings.Compare(n.database, o.database)
}

// parseNamespace reads db.collection. A collection's name may have dots.
func parseNamespace(s string) (namespace, bool) {
	db, collection, ok := strings.Cut(s, ".")
	return namespace{db, collection}, ok && db != "" && collection != ""
}

// collection is one of a cluster as it was at a time. How many documents it has follows from
// that time: no world keeps any of them.
type collection struct {
	namespace
	base float64 // documents at the world's start
	size float64 // bytes of one
	less float64 // documents that are missing from what it would have grown to
	kind kind
}

// growth is what a cluster holds at a time, of what it holds at the world's start.
func (w *world) growth(at time.Time) float64 { return max(0.3, 1+0.004*at.Sub(w.start).Hours()/24) }

// documents is how many a collection has at a time.
func (w *world) documents(k collection, at time.Time) float64 {
	return max(0, k.base*w.growth(at)-k.less)
}

// stock is a collection of a theme: what share of the cluster's data it is, and how large one of
// its documents.
type stock struct {
	name  string
	share float64
	size  float64
}

// theme is what a cluster is about, by the beginning of its name.
type theme struct {
	cluster string
	stocks  []stock
}

var themes = []theme{
	{"orders", []stock{
		{"shop.orders", 0.4, 1400},
		{"shop.order_items", 0.22, 610},
		{"shop.invoices", 0.12, 2100},
		{"shop.payments", 0.09, 720},
		{"shop.customers", 0.08, 930},
		{"shop.sessions", 0.03, 480},
		{"shop.stock", 0.02, 310},
		{"shop.refunds", 0.01, 690},
		{"shop.discounts", 0.002, 260},
		{"audit.changes", 0.025, 420},
		{"audit.logins", 0.003, 340},
	}},
	{"ledger", []stock{{"ledger.entries", 0.7, 380}, {"ledger.accounts", 0.1, 900}, {"ledger.balances", 0.1, 210}, {"ledger.statements", 0.08, 5200}, {"audit.changes", 0.02, 420}}},
	{"fraud", []stock{{"risk.scores", 0.45, 300}, {"risk.scores_v2", 0.35, 340}, {"risk.devices", 0.15, 720}, {"risk.cases", 0.04, 3100}, {"risk.rules", 0.01, 1900}}},
	{"events", []stock{{"analytics.views", 0.5, 420}, {"analytics.clicks", 0.3, 390}, {"analytics.purchases", 0.15, 640}, {"analytics.campaigns", 0.05, 1500}}},
	{"sessions", []stock{{"web.sessions", 0.8, 520}, {"web.devices", 0.2, 700}}},
	{"clicks", []stock{{"archive.clicks_2024", 0.5, 390}, {"archive.clicks_2025", 0.5, 390}}},
	{"catalog", []stock{{"catalog.products", 0.5, 4200}, {"catalog.prices", 0.2, 260}, {"catalog.images", 0.2, 900}, {"catalog.translations", 0.09, 1100}, {"catalog.categories", 0.01, 610}, {"catalog.price_history", 0.03, 120}, {"catalog.products_public", 0, 1}}},
	{"carts", []stock{{"shop.carts", 0.75, 1700}, {"shop.wishlists", 0.2, 800}, {"shop.coupons", 0.05, 280}, {"shop.card_tokens", 0.01, 700}}},
	{"search", []stock{{"search.documents", 0.9, 3300}, {"search.synonyms", 0.02, 240}, {"search.queries", 0.08, 190}}},
	{"audit", []stock{{"audit.entries", 0.9, 510}, {"audit.actors", 0.05, 640}, {"audit.exports", 0.05, 2100}}},
	{"", []stock{{"app.items", 0.6, 850}, {"app.users", 0.2, 740}, {"app.jobs", 0.15, 420}, {"app.settings", 0.05, 1300}}},
}

// usual is what a cluster holds where nothing has befallen it.
func (c *cluster) usual() []collection {
	i := slices.IndexFunc(themes, func(t theme) bool { return strings.HasPrefix(c.Name, t.cluster) })
	out := slices.Clone(c.many)
	for _, s := range themes[i].stocks {
		name, _ := parseNamespace(s.name)
		out = append(out, collection{namespace: name, base: c.DataGB * 1e9 * s.share / s.size, size: s.size, kind: kindOf(s.name)})
	}
	return out
}

// data is what a cluster held at a time.
func (w *world) data(c *cluster, at time.Time) []collection { return w.held(c, at, (*change).began) }

// held is what a cluster held at a time: what its last restore brought or it always had, and what
// befell that since, by when each change began. That is another time in the oplog, where the
// clock of the primary was off.
func (w *world) held(c *cluster, at time.Time, began func(*change) time.Time) []collection {
	all, since := w.begun(c, at)
	for _, x := range c.changes {
		if x.at.After(since) && !began(x).After(at) {
			all = w.befall(x, all, at)
		}
	}
	slices.SortFunc(all, func(a, b collection) int { return a.compare(b.namespace) })
	return all
}

// begun is what a cluster's data began with, as it was at a time, and since when.
func (w *world) begun(c *cluster, at time.Time) (all []collection, since time.Time) {
	j := c.lastRestored(at)
	if j == nil {
		return c.usual(), since
	}
	all = w.brought(j)
	for i, k := range all { // it has not grown while it was restored
		all[i].less += k.base * (w.growth(j.done) - w.growth(j.dataOf()))
	}
	return all, j.done
}

// left is which share of its data a cluster has at a time, by what befell them.
func (w *world) left(c *cluster, at time.Time) float64 {
	if len(c.changes) == 0 {
		return 1
	}
	all, _ := w.begun(c, at)
	whole := weigh(w, all, at)
	if whole == 0 {
		return 1
	}
	return weigh(w, w.data(c, at), at) / whole
}

// brought is what a restore brings onto its target. One to a second brings all of that second.
func (w *world) brought(j *job) []collection {
	if j.delivery == pointInTime {
		return j.leavesOut.leavesOut(w, w.held(j.source, j.dataOf().Add(time.Second-1), (*change).inOplog), j.dataOf())
	}
	return j.leavesOut.leavesOut(w, w.data(j.source, j.snapshot.Taken), j.dataOf())
}

// dataOf is of when the data is that a job delivers: the snapshot's, or the instant.
func (j *job) dataOf() time.Time {
	if instant := max(j.seconds, j.oplogTs); instant > 0 {
		return time.Unix(instant, 0).UTC()
	}
	return j.snapshot.Taken
}

// lastRestored is the restore whose data a cluster had at a time; nil for its own.
func (c *cluster) lastRestored(at time.Time) *job {
	var last *job
	for _, j := range c.restored {
		if !j.failed && !j.done.After(at) && (last == nil || !j.done.Before(last.done)) {
			last = j
		}
	}
	return last
}

func find(all []collection, n namespace) int {
	return slices.IndexFunc(all, func(k collection) bool { return k.namespace == n })
}

// databases are the names of those that hold something.
func databases(all []collection) []string {
	var out []string
	for _, k := range all { // they are in order
		if len(out) == 0 || out[len(out)-1] != k.database {
			out = append(out, k.database)
		}
	}
	return out
}
