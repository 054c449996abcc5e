package simulator

import (
	"slices"
	"time"
)

// noted is an event of a project.
type noted struct {
	at      time.Time
	what    string
	cluster string
	of      string // of what it is: it makes its ID
	by      author
}

// author is who caused something; nobody is Atlas itself.
type author struct {
	user   string // a person at Atlas's own pages
	caller caller // or a program with a key
}

// listEvents lists what happened in a project, the newest first.
func listEvents(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	from, until := time.Time{}, c.now
	for name, t := range map[string]*time.Time{"minDate": &from, "maxDate": &until} {
		if q.Has(name) {
			if *t, err = c.date(name); err != nil {
				return nil, err
			}
		}
	}
	types, clusters := q["eventType"], q["clusterNames"]
	var all []noted
	c.w.events(p, func(n noted) {
		if !n.at.Before(from) && !n.at.After(until) && !n.at.After(c.now) &&
			(len(types) == 0 || slices.Contains(types, n.what)) && (len(clusters) == 0 || slices.Contains(clusters, n.cluster)) {
			all = append(all, n)
		}
	})
	slices.SortStableFunc(all, func(a, b noted) int { return b.at.Compare(a.at) })
	out, err := c.list(len(all), func(i int) object { return c.event(p, all[i]) })
	if err != nil {
		return nil, err
	}
	if _, counted := out["totalCount"]; !counted {
		out["totalCount"] = 0 // so it is recorded
	}
	return out, nil
}

func (c *call) date(name string) (time.Time, error) {
	t, refused := instantOf(c.r.URL.Query().Get(name), name)
	if refused != nil {
		return t, refused
	}
	return t, nil
}

func getEvent(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	var found object
	id := c.r.PathValue("eventId")
	c.w.events(p, func(n noted) {
		if found == nil && !n.at.After(c.now) && c.w.eventID(p, n) == id {
			found = c.event(p, n)
		}
	})
	if found == nil {
		return nil, refuse(404, "EVENT_NOT_FOUND", "No event with ID "+id+" exists.", id)
	}
	return found, nil
}

func (w *world) eventID(p *project, n noted) string {
	return w.dice.id(n.at, "event", p.ID, n.what, n.of)
}

func (c *call) event(p *project, n noted) object {
	id := c.w.eventID(p, n)
	out := object{
		"created":       stamp(n.at),
		"eventTypeName": n.what,
		"groupId":       p.ID,
		"id":            id,
		"isGlobalAdmin": false,
		"links":         []object{link(c.groupURL(p)+"/events/"+id, "self")},
	}
	if n.cluster != "" {
		out["clusterName"] = n.cluster
	}
	switch {
	case n.by.user != "":
		out["username"], out["userId"] = n.by.user, c.w.dice.id(p.Created, "user", n.by.user)
	case n.by.caller == apiKey:
		out["publicKey"], out["apiKeyId"] = c.s.keys.PublicKey, c.w.dice.id(c.w.start.AddDate(-1, 0, 0), "api key")
	case n.by.caller == serviceAccount:
		out["publicKey"] = c.s.keys.ClientID
	default:
		return out
	}
	out["remoteAddress"] = "203.0.113.17"
	return out
}

// colleagues are those who restore something beside the trainee.
var colleagues = []string{"luis.ferreira@example.com", "mira.okafor@example.com", "ben.tanaka@example.com"}

// author is who asked for a job of an ID.
func (w *world) author(by caller, id string) author {
	if by != nobody {
		return author{caller: by}
	}
	return author{user: colleagues[w.dice.below(int64(len(colleagues)), "author", id)]}
}

// events calls see with all events of a project, in no order. They follow from what there is.
func (w *world) events(p *project, see func(noted)) {
	for _, c := range slices.Concat(p.clusters, p.terminated) {
		see(noted{at: c.Created, what: "CLUSTER_READY", cluster: c.Name, of: c.ID})
		for _, s := range c.snapshots {
			end := "CPS_SNAPSHOT_SUCCESSFUL"
			if s.Failed {
				end = "CPS_SNAPSHOT_FAILED"
			}
			see(noted{at: s.Begun, what: "CPS_SNAPSHOT_STARTED", cluster: c.Name, of: s.ID})
			see(noted{at: s.Done, what: end, cluster: c.Name, of: s.ID})
		}
		for _, e := range c.elections {
			see(noted{at: e.at, what: "PRIMARY_ELECTED", cluster: c.Name, of: c.ID})
		}
		for _, l := range c.lags {
			see(noted{at: l.from, what: "CPS_OPLOG_BEHIND", cluster: c.Name, of: c.ID})
			if !l.until.IsZero() {
				see(noted{at: l.until, what: "CPS_OPLOG_CAUGHT_UP", cluster: c.Name, of: c.ID})
			}
		}
		seen := func(j *job) { // at each of its ends
			see(noted{at: j.created, what: "CPS_RESTORE_REQUESTED_AUDIT", cluster: c.Name, of: j.id, by: w.author(j.caller, j.id)})
			if j.target == nil || !j.cancelled.IsZero() {
				return
			}
			end := "CPS_RESTORE_SUCCESSFUL"
			if j.failed {
				end = "CPS_RESTORE_FAILED"
			}
			see(noted{at: j.done, what: end, cluster: c.Name, of: j.id})
			if s := j.target.search; s.takes > 0 && j.target == c && !j.failed {
				what := "FTS_INDEXES_RESTORED"
				if s.fails {
					what = "FTS_INDEXES_RESTORE_FAILED"
				}
				see(noted{at: j.done.Add(s.takes), what: what, cluster: c.Name, of: j.id})
			}
		}
		for _, j := range c.collectionJobs {
			w.collectionEvents(c, j, see)
		}
		for _, j := range c.collected {
			if j.source != c {
				w.collectionEvents(c, j, see)
			}
		}
		for _, j := range c.jobs {
			seen(j)
		}
		for _, j := range c.restored {
			if j.source != c {
				seen(j)
			}
		}
	}
}

// collectionEvents are those of a restore of collections. Of their names only that of the partial
// success is documented; the others are as those of other restores.
func (w *world) collectionEvents(c *cluster, j *collectionJob, see func(noted)) {
	end := map[string]string{successful: "SUCCESSFUL", canceled: "CANCELED", failed: "FAILED"}[j.end]
	if j.partial() {
		end = "PARTIAL_SUCCESS"
	}
	see(noted{at: j.created, what: "CPS_COLLECTION_RESTORE_REQUESTED_AUDIT", cluster: c.Name, of: j.id, by: w.author(j.caller, j.id)})
	see(noted{at: j.done, what: "CPS_COLLECTION_RESTORE_" + end, cluster: c.Name, of: j.id})
}

// lag is a time in which Atlas was behind with a cluster's oplog; without an end it is.
type lag struct{ from, until time.Time }

// behind says whether an instant is not to be had yet: Atlas is behind with the oplog since.
func (c *cluster) behind(instant, now time.Time) bool {
	return slices.ContainsFunc(c.lags, func(l lag) bool {
		return !instant.Before(l.from) && !l.from.After(now) && (l.until.IsZero() || now.Before(l.until))
	})
}

// search is how long the search indexes of a cluster need to be back after a restore; no time at
// all where it has none.
type search struct {
	takes time.Duration
	fails bool
}
