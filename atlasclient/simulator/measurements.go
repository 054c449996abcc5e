package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state/pattern"
)

// What Atlas counts of a server and of its databases. No value is kept: each follows from the
// seed, its time, and what befell the cluster by then.

// metric is one of the counters. Its value is that of a span: a rate per second, or a mean.
type metric struct {
	name, units string
	of          func(g gauge, from, until time.Time) (value float64, known bool)
}

const perSecond = "SCALAR_PER_SECOND"

func (m metric) rate() bool { return m.units == perSecond }

// measured is the span of time that is asked for.
type measured struct {
	from, until time.Time
	grain       time.Duration
	text        string // the grain, as it was asked for
}

// samplesEvery is how often Atlas looks into databases.
const samplesEvery = 20 * time.Minute

// mostPoints of a counter are answered.
const mostPoints = 5000

// finest is the age up to which Atlas keeps points of a grain.
func finest(grain time.Duration) time.Duration {
	switch {
	case grain < time.Minute:
		return 8 * time.Hour
	case grain < 5*time.Minute:
		return 48 * time.Hour
	case grain < time.Hour:
		return 7 * day
	case grain < day:
		return 63 * day
	}
	return 3650 * day
}

func getMeasurements(c *call) (any, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	return c.measure(s, "", serverMetrics())
}

func getDatabaseMeasurements(c *call) (any, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	name := c.r.PathValue("databaseName")
	if !c.w.everHad(s, name, c.now) {
		return nil, noDatabase(name, s)
	}
	return c.measure(s, name, databaseMetrics())
}

func noDatabase(name string, s server) *refusal {
	return refuse(404, "DATABASE_NOT_FOUND", fmt.Sprintf("No database named %s exists on host %s.", name, s.id()), name, s.id())
}

// measure answers with the counters that are asked for, or all.
func (c *call) measure(s server, database string, all []metric) (any, error) {
	span, refused := c.measured()
	if refused != nil {
		return nil, refused
	}
	wanted := all
	if names := c.r.URL.Query()["m"]; len(names) > 0 {
		wanted = nil
		for _, name := range names {
			i := slices.IndexFunc(all, func(m metric) bool { return m.name == name })
			if i < 0 {
				return nil, invalidQuery("m", name)
			}
			wanted = append(wanted, all[i])
		}
	}
	g := c.w.gauge(s, database)
	begin := span.from
	for _, t := range []time.Time{c.now.Add(-finest(span.grain)), s.c.Created} {
		if t.After(begin) {
			begin = t
		}
	}
	out := []object{}
	for _, m := range wanted {
		points := []object{}
		for at := begin.Add(span.grain - 1).Truncate(span.grain); !at.After(span.until); at = at.Add(span.grain) {
			var value any
			if v, known := m.of(g, at.Add(-span.grain), at); known && (len(points) > 0 || !m.rate()) {
				value = v
			}
			points = append(points, object{"timestamp": stamp(at), "value": value})
		}
		out = append(out, object{"dataPoints": points, "name": m.name, "units": m.units})
	}
	answer := object{
		"end":          stamp(span.until),
		"granularity":  span.text,
		"groupId":      s.c.project.ID,
		"hostId":       s.id(),
		"links":        []object{link(c.self(), "self"), link(c.processURL(s), cloudRel("host"))},
		"measurements": out,
		"processId":    s.id(),
		"start":        stamp(span.from),
	}
	if database != "" {
		answer["databaseName"] = database
	}
	return answer, nil
}

var isoSpan = pattern.New(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// iso reads a span of ISO 8601 that is more than nothing.
func iso(s string) (time.Duration, bool) {
	m := isoSpan.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	var out time.Duration
	for i, unit := range []time.Duration{day, time.Hour, time.Minute, time.Second} {
		n := 0
		for _, digit := range m[i+1] {
			n = n*10 + int(digit-'0')
		}
		out += time.Duration(n) * unit
	}
	return out, out > 0
}

// measured is the span that is asked for: by period, up to now, or from start to end.
func (c *call) measured() (m measured, err *refusal) {
	q := c.r.URL.Query()
	m.text = q.Get("granularity")
	var ok bool
	if m.grain, ok = iso(m.text); !ok || m.grain < 10*time.Second {
		return m, invalidQuery("granularity", m.text)
	}
	if q.Has("period") == (q.Has("start") || q.Has("end")) {
		return m, refuse(400, "INVALID_QUERY_PARAMETER", "Either period, or start and end are needed.", "period", "start", "end")
	}
	if q.Has("period") {
		length, ok := iso(q.Get("period"))
		if !ok {
			return m, invalidQuery("period", q.Get("period"))
		}
		m.from, m.until = c.now.Add(-length), c.now
	} else {
		for name, t := range map[string]*time.Time{"start": &m.from, "end": &m.until} {
			if *t, err = instantOf(q.Get(name), name); err != nil {
				return m, err
			}
		}
	}
	if m.until.After(c.now) {
		m.until = c.now
	}
	if m.until.Before(m.from) || m.until.Sub(m.from)/m.grain > mostPoints {
		return m, invalidQuery("start", q.Get("start"))
	}
	return m, nil
}

// instantOf reads a date and time of a query.
func instantOf(s, name string) (time.Time, *refusal) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, invalidQuery(name, s)
	}
	return t.UTC(), nil
}

// listDatabases lists the databases of a server: those of the server itself too.
func listDatabases(c *call) (any, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	all := c.w.databasesOf(s, c.now)
	return c.list(len(all), func(i int) object { return c.database(s, all[i]) })
}

func getDatabase(c *call) (any, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	name := c.r.PathValue("databaseName")
	if !slices.Contains(c.w.databasesOf(s, c.now), name) {
		return nil, noDatabase(name, s)
	}
	return c.database(s, name), nil
}

func (c *call) database(s server, name string) object {
	return object{"databaseName": name, "links": []object{link(c.processURL(s)+"/databases/"+name, "self")}}
}

// ownDatabases are those that each member has for itself.
var ownDatabases = []string{"config", "local"}

func (w *world) databasesOf(s server, at time.Time) []string {
	if s.role == router {
		return nil
	}
	out := slices.Clone(ownDatabases)
	if s.role == ofShard {
		out = append(out, databases(w.data(s.c, at))...)
	}
	slices.Sort(out)
	return out
}

// everHad says whether a server has a database, or had it before something befell it.
func (w *world) everHad(s server, name string, now time.Time) bool {
	times := []time.Time{w.start}
	for _, x := range s.c.changes {
		times = append(times, x.at.Add(-1), x.at)
	}
	for _, j := range s.c.restored {
		times = append(times, j.done.Add(-1), j.done)
	}
	return slices.ContainsFunc(times, func(t time.Time) bool { return !t.After(now) && slices.Contains(w.databasesOf(s, t), name) })
}

// idle says whether nobody but Atlas itself uses a cluster: what waits for a restore, or for a drill.
func (c *cluster) idle() bool {
	return strings.HasSuffix(c.Name, "-restore") || strings.HasPrefix(c.Name, "drill-") || c.Name == "scratch"
}
