package state

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state/pattern"
)

const momentExample = "like 2026-11-23 14:02:59 (UTC), 14:02, yesterday 14:02, 40m, 1795442579 or an oplog entry 1795442579:1"

var (
	// The date, if any, and the clock; what is left is the zone.
	isoDate     = pattern.New(`^(\d{4})-(\d{2})-(\d{2})(?:T| +)(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(.*)$`)
	saidDay     = pattern.New(`^(TODAY|YESTERDAY|TOMORROW)(?:,?\s+(?:AT\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(.*))?$`)
	saidDate    = pattern.New(`^(?:(\d{1,2}) ([A-Z]{3,9})\.?(?: (\d{4}))? )?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(.*)$`)
	twelveHours = pattern.New(`\d\s*[AP]\.?M\.?\b`)
	fraction    = pattern.New(`:\d{2}[.,]\d+`)
	zoneOffset  = pattern.New(`^([+-])(\d{2}):?(\d{2})$`)
	zoneName    = pattern.New(`^[A-Z]{2,5}$`)
	fromNow     = pattern.New(`^(-?)\s*((?:\d{1,6}\s*[A-Z]+\s*)+?)\s*( AGO)?$`)
	ahead       = pattern.New(`^(?:\+|IN )\s*(.*)$|^(.*) FROM NOW$`)
	oneOf       = pattern.New(`\bAN?\b`)
	amount      = pattern.New(`(\d+)\s*([A-Z]+)`)
	oplogPair   = pattern.New(`^(?:TIMESTAMP\s*\(\s*)?(\d{5,12})\s*[:,]\s*(\d{1,12})\s*\)?$`)
	oplogObject = pattern.New(`"?T"?\s*:\s*(\d{5,12})\s*,\s*"?I"?\s*:\s*(\d{1,12})`) // Extended JSON
)

// ParseInstant reads a moment, or an oplog entry: its two halves with a colon or a comma
// between them, as Timestamp(1795442579, 1), or as {"t":1795442579,"i":1}.
func ParseInstant(s string, now time.Time, zone *time.Location) (Instant, error) {
	s = strings.TrimSpace(s)
	upper := strings.ToUpper(s)
	m := oplogPair.FindStringSubmatch(upper)
	if m == nil {
		m = oplogObject.FindStringSubmatch(upper)
	}
	if m == nil {
		at, err := ParseMoment(s, now, zone)
		return Instant{UTCSeconds: at.Unix()}, err
	}
	ts, err := ParseOplogTs(m[1])
	if err != nil {
		return Instant{}, err
	}
	inc, err := ParseOplogInc(m[2])
	if err != nil {
		return Instant{}, err
	}
	return Instant{OplogTs: ts, OplogInc: inc}, nil
}

// ParseMoment reads a date-time (RFC 3339, or with a blank, or "23 Nov 14:02"), a time of
// the clock (of today or yesterday too), a span back from now ("40m", "an hour ago"), "now", or
// whole seconds since 1970, and what Echo says. Without a day a time of the clock is the last
// one. The zone is UTC where none is written; "local", and the names that zone has for itself, are
// that zone. The error is a sentence with an example.
func ParseMoment(s string, now time.Time, zone *time.Location) (time.Time, error) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " · ") // Echo's first part says it all
	upper := strings.ToUpper(s)
	if t, ok := spanAgo(upper, now); ok {
		return t, nil
	}
	switch {
	case s == "":
		return time.Time{}, errors.New("a moment is needed, " + momentExample)
	case upper == "NOW":
		return now.Truncate(time.Second).UTC(), nil
	case isAhead(upper, now):
		return time.Time{}, errors.New("that is in the future: a moment that has passed is needed, " + momentExample)
	case strings.Trim(s, "0123456789") == "":
		return parseEpoch(s)
	case twelveHours.MatchString(upper):
		return time.Time{}, errors.New("write the clock with 24 hours, like 18:05 for 6:05 pm")
	case fraction.MatchString(s):
		return time.Time{}, errors.New("Atlas restores to whole seconds: leave out the fraction")
	}
	if m := isoDate.FindStringSubmatch(upper); m != nil {
		return at(civil{whole(m[1]), time.Month(whole(m[2])), whole(m[3]), whole(m[4]), whole(m[5]), whole(m[6])}, m[7], zone)
	}
	if m := saidDay.FindStringSubmatch(upper); m != nil {
		return dayAndClock(m, now, zone)
	}
	m := saidDate.FindStringSubmatch(upper)
	if m == nil {
		return time.Time{}, errors.New("write a date and a time, " + momentExample)
	}
	return lastTime(m, now, zone)
}

func whole(digits string) int {
	n, _ := strconv.Atoi(digits) // four digits at most, or none
	return n
}

// IsClock says whether a time of the clock is written without a day.
func IsClock(s string) bool {
	m := saidDate.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	return m != nil && m[1] == ""
}

// dayAndClock is a time of the clock on the day that is called so where the clock hangs: also one
// that is still to come today, which is for the restore window to refuse.
func dayAndClock(m []string, now time.Time, zone *time.Location) (time.Time, error) {
	day := strings.ToLower(m[1])
	switch {
	case m[1] == "TOMORROW":
		return time.Time{}, errors.New("tomorrow is in the future: a moment that has passed is needed, " + momentExample)
	case m[2] == "":
		return time.Time{}, fmt.Errorf("%s has many moments: write which, like %s 14:02", day, day)
	}
	in, err := where(m[5], zone)
	if err != nil {
		return time.Time{}, err
	}
	today := now.In(in)
	if m[1] == "YESTERDAY" {
		today = time.Date(today.Year(), today.Month(), today.Day()-1, 12, 0, 0, 0, time.UTC)
	}
	return at(civil{today.Year(), today.Month(), today.Day(), whole(m[2]), whole(m[3]), whole(m[4])}, m[5], zone)
}

// isAhead says whether a span into the future is meant: "in 40 min", "+2h", "1 h from now".
func isAhead(upper string, now time.Time) bool {
	m := ahead.FindStringSubmatch(upper)
	if m == nil {
		return false
	}
	_, ok := spanAgo(m[1]+m[2], now)
	return ok
}

// lastTime is the last time that the clock, and the calendar if it is named, said so.
func lastTime(m []string, now time.Time, zone *time.Location) (time.Time, error) {
	in, err := where(m[7], zone)
	if err != nil {
		return time.Time{}, err
	}
	today := now.In(in)
	c := civil{today.Year(), today.Month(), today.Day(), whole(m[4]), whole(m[5]), whole(m[6])}
	back := func() { c.day-- }
	if m[1] != "" {
		c.day, c.month = whole(m[1]), month(m[2])
		if c.month == 0 {
			return time.Time{}, errors.New("write a date and a time, " + momentExample)
		}
		back = func() { c.year-- }
	}
	if m[3] != "" {
		c.year = whole(m[3])
		back = func() {}
	}
	t, err := at(c, m[7], zone)
	if err == nil && t.After(now) {
		back()
		d := time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC) // the day before the first
		c.year, c.month, c.day = d.Year(), d.Month(), d.Day()
		t, err = at(c, m[7], zone)
	}
	return t, err
}

// month is the one whose name begins so; 0 for none.
func month(name string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToUpper(m.String()), name) {
			return m
		}
	}
	return 0
}

// civil is what a calendar and a clock on the wall say.
type civil struct {
	year                 int
	month                time.Month
	day, hour, min, secs int
}

func (c civil) in(zone *time.Location) time.Time {
	return time.Date(c.year, c.month, c.day, c.hour, c.min, c.secs, 0, zone)
}

func (c civil) exists() bool {
	t := c.in(time.UTC)
	return c.hour < 24 && c.min < 60 && c.secs < 60 && t.Day() == c.day && t.Month() == c.month
}

// where is the zone that a word stands for: UTC for none.
func where(word string, zone *time.Location) (*time.Location, error) {
	switch word {
	case "", "Z", "UTC", "GMT":
		return time.UTC, nil
	case "LOCAL":
		return zone, nil
	}
	if m := zoneOffset.FindStringSubmatch(word); m != nil && whole(m[2]) < 24 && whole(m[3]) < 60 {
		seconds := whole(m[2])*3600 + whole(m[3])*60
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone(word, seconds), nil
	}
	if zoneName.MatchString(word) {
		return zone, nil // which has to bear that name then
	}
	return nil, errors.New("write the zone as UTC, as local, or as an offset like +01:00")
}

// at is the instant at which the wall said so in the zone that word stands for. A wall
// that shows a zone with summer time skips an hour each year, and shows another one twice.
func at(c civil, word string, zone *time.Location) (time.Time, error) {
	in, err := where(word, zone)
	if err != nil {
		return time.Time{}, err
	}
	if !c.exists() {
		return time.Time{}, errors.New("there is no such date or time: " + momentExample)
	}
	all := c.instants(in)
	if named := zoneName.MatchString(word) && in == zone && word != "LOCAL" && word != "UTC" && word != "GMT"; named {
		if all = slices.DeleteFunc(all, func(t time.Time) bool { return nameOf(t, in) != word }); len(all) == 0 {
			return time.Time{}, errors.New("a zone's name can mean several zones: write UTC, local or an offset, like 2026-11-23 15:02:59 +01:00")
		}
	}
	switch len(all) {
	case 0:
		return time.Time{}, c.skipped(in)
	case 1:
		return all[0].UTC(), nil
	}
	return time.Time{}, fmt.Errorf("the clocks showed %s twice that day: write %s UTC for the first time, %s UTC for the second", c.clock(), all[0].UTC().Format(time.DateTime), all[1].UTC().Format(time.DateTime))
}

func nameOf(t time.Time, zone *time.Location) string {
	name, _ := t.In(zone).Zone()
	return name
}

func (c civil) clock() string { return fmt.Sprintf("%d:%02d", c.hour, c.min) }

// instants are those at which the wall in a zone says so, the earlier one first: none in
// the hour that is skipped, two in the one that is repeated.
func (c civil) instants(zone *time.Location) []time.Time {
	var out []time.Time
	utc := c.in(time.UTC)
	for _, near := range []time.Time{utc.Add(-26 * time.Hour), utc.Add(26 * time.Hour)} { // before and after any change of that day
		_, offset := near.In(zone).Zone()
		t := utc.Add(-time.Duration(offset) * time.Second)
		if _, really := t.In(zone).Zone(); really == offset && !slices.ContainsFunc(out, t.Equal) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// skipped says between which instants the hour is missing.
func (c civil) skipped(zone *time.Location) error {
	t := c.in(zone)
	change, end := t.ZoneBounds()
	if !end.IsZero() && end.Sub(t).Abs() < t.Sub(change).Abs() {
		change = end
	}
	last := change.Add(-time.Second)
	return fmt.Errorf("the clocks never showed %s that day: they went from %s to %s at %s UTC; that second and the one before are there", c.clock(), last.In(zone).Format("15:04:05 MST"), change.In(zone).Format("15:04 MST"), change.UTC().Format(time.DateTime))
}

// unitOf is what a span of time is said in, in seconds.
func unitOf(word string) (seconds int64, ok bool) {
	switch word {
	case "S", "SEC", "SECS", "SECOND", "SECONDS":
		return 1, true
	case "M", "MIN", "MINS", "MINUTE", "MINUTES":
		return 60, true
	case "H", "HR", "HRS", "HOUR", "HOURS":
		return 3600, true
	case "D", "DAY", "DAYS":
		return 86400, true
	case "W", "WK", "WEEK", "WEEKS":
		return 604800, true
	}
	return 0, false
}

// spanAgo reads what is said from now on backwards: "40m", "-15m", "2h ago", "1 h 10 min ago",
// "an hour ago". What was is all that can be restored: a bare span is one back.
func spanAgo(upper string, now time.Time) (time.Time, bool) {
	upper = oneOf.ReplaceAllStringFunc(strings.Replace(upper, "HALF AN HOUR", "30 MIN", 1), func(string) string { return "1" })
	m := fromNow.FindStringSubmatch(upper)
	if m == nil || m[1] != "" && m[3] != "" {
		return time.Time{}, false
	}
	var span int64
	for _, a := range amount.FindAllStringSubmatch(m[2], -1) {
		unit, ok := unitOf(a[2])
		if !ok {
			return time.Time{}, false
		}
		n, _ := strconv.ParseInt(a[1], 10, 64) // six digits at most
		span += n * unit
	}
	if span > 20*365*86400 { // Atlas has existed for less
		return time.Time{}, false
	}
	return now.Add(-time.Duration(span) * time.Second).Truncate(time.Second).UTC(), true
}

func parseEpoch(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case len(s) == 13:
		return time.Time{}, fmt.Errorf("that is in milliseconds; in seconds it is %s", s[:10])
	case err != nil || n > MaxInstant:
		return time.Time{}, fmt.Errorf("seconds since 1970 end at %d (2038) for Atlas", MaxInstant)
	case len(s) < 9: // a date that is being typed
		return time.Time{}, errors.New("write a date and a time, " + momentExample)
	case n < MinInstant:
		return time.Time{}, fmt.Errorf("seconds since 1970 begin at %d (2008) for Atlas, or write a date and a time, "+momentExample, MinInstant)
	}
	return time.Unix(n, 0).UTC(), nil
}

// Echo says a moment three ways, so that a mistaken zone is seen: in UTC, in the
// user's own zone, and as an age. ParseMoment reads it back.
func Echo(t, now time.Time, zone *time.Location) string {
	parts := []string{UTCSecond(t, now)}
	if _, offset := t.In(zone).Zone(); offset != 0 { // else it is the same
		parts = append(parts, Local(t, zone, "15:04:05"))
	}
	return strings.Join(append(parts, FromNow(t, now)), " · ")
}
