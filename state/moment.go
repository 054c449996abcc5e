package state

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Window is the span in which Atlas can restore a cluster to any second.
type Window struct{ From, Until time.Time }

// RestoreWindow derives the window: the schedule's days back from now, but not
// before the oldest completed snapshot. Atlas tells no such span itself; it
// remains the judge. Zero where point in time is off.
func RestoreWindow(c Cluster, s Schedule, snapshots []Snapshot, now time.Time) Window {
	if !c.PITEnabled || s.RestoreWindowDays < 1 {
		return Window{}
	}
	w := Window{From: now.AddDate(0, 0, -s.RestoreWindowDays).Truncate(time.Second), Until: now.Truncate(time.Second)}
	var oldest time.Time
	for _, sn := range snapshots {
		if sn.Usable(now) == nil && (oldest.IsZero() || sn.CreatedAt.Before(oldest)) {
			oldest = sn.CreatedAt
		}
	}
	if oldest.After(w.From) {
		w.From = oldest
	}
	return w
}

// IsZero says whether there is no window.
func (w Window) IsZero() bool { return w.From.IsZero() }

const momentExample = "like 2026-11-23 14:02:59 (UTC), 14:02, 40 min ago or 1795442579"

var (
	dateTime    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2})(:\d{2})?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$`)
	zoneByName  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[T ].*\s[A-Za-z]{2,}$`)
	fractionSec = regexp.MustCompile(`:\d{2}\.\d+`)
	clockOnly   = regexp.MustCompile(`^(?:(\d{1,2}) ([A-Z]{3,9})\.? )?(\d{1,2}:\d{2}(?::\d{2})?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$`)
	fromNow     = regexp.MustCompile(`^(-?)\s*((?:\d{1,6}\s*[A-Z]+\s*)+?)\s*( AGO)?$`)
	amount      = regexp.MustCompile(`(\d+)\s*([A-Z]+)`)
)

// units are what a span of time is said in, in seconds.
var units = map[string]int64{
	"S": 1, "SEC": 1, "SECS": 1, "SECOND": 1, "SECONDS": 1,
	"M": 60, "MIN": 60, "MINS": 60, "MINUTE": 60, "MINUTES": 60,
	"H": 3600, "HR": 3600, "HRS": 3600, "HOUR": 3600, "HOURS": 3600,
	"D": 86400, "DAY": 86400, "DAYS": 86400,
}

// relative reads what is said from now on backwards: "-15m", "2h ago", "1 h 10 min ago",
// and "14:03" or "23 Nov 14:03", the last time that the clock and the calendar said so.
func relative(s string, now time.Time) (time.Time, bool) {
	s = strings.ToUpper(s)
	if m := fromNow.FindStringSubmatch(s); m != nil && (m[1] != "") != (m[3] != "") {
		var span int64
		for _, a := range amount.FindAllStringSubmatch(m[2], -1) {
			unit, ok := units[a[2]]
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
	m := clockOnly.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	zone := time.UTC
	if z, err := time.Parse("-07:00", offset(m[4])); err == nil {
		zone = z.Location()
	}
	day := now.In(zone)
	date, back := day.Format("2 Jan 2006"), func(t time.Time) time.Time { return t.AddDate(0, 0, -1) }
	if m[1] != "" {
		month := m[2][:1] + strings.ToLower(m[2][1:3])
		date, back = m[1]+" "+month+day.Format(" 2006"), func(t time.Time) time.Time { return t.AddDate(-1, 0, 0) }
	}
	layout := "2 Jan 2006 15:04"
	if strings.Count(m[3], ":") == 2 {
		layout += ":05"
	}
	t, err := time.ParseInLocation(layout, date+" "+m[3], zone)
	if err != nil || m[2] != "" && !strings.HasPrefix(strings.ToUpper(t.Month().String()), m[2]) {
		return time.Time{}, false
	}
	if t.After(now) {
		t = back(t)
	}
	return t.UTC(), true
}

// offset is a zone as hours and minutes with a colon.
func offset(zone string) string {
	switch {
	case zone == "" || zone == "Z" || zone == "UTC" || zone == "GMT":
		return "+00:00"
	case len(zone) == 5:
		return zone[:3] + ":" + zone[3:]
	}
	return zone
}

// ParseMoment reads a date-time (RFC 3339, or with a blank; UTC where no zone is
// written), a time of the clock, a span back from now, or whole seconds since 1970. The
// error is a sentence with an example.
func ParseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, ok := relative(s, now); ok {
		return t, nil
	}
	if s == "" {
		return time.Time{}, errors.New("a moment is needed, " + momentExample)
	}
	if strings.Trim(s, "0123456789") == "" {
		return parseEpoch(s)
	}
	m := dateTime.FindStringSubmatch(strings.ToUpper(s))
	switch {
	case m == nil && fractionSec.MatchString(s):
		return time.Time{}, errors.New("Atlas restores to whole seconds: leave out the fraction")
	case m == nil && zoneByName.MatchString(s):
		return time.Time{}, errors.New("a zone's name can mean several zones: write UTC or an offset, like 2026-11-23 15:02:59 +01:00")
	case m == nil:
		return time.Time{}, errors.New("write a date and a time, " + momentExample)
	}
	seconds, zone := m[3], offset(m[4])
	if seconds == "" {
		seconds = ":00"
	}
	clock := m[2]
	if len(clock) == 4 {
		clock = "0" + clock
	}
	t, err := time.Parse(time.RFC3339, m[1]+"T"+clock+seconds+zone)
	if err != nil {
		return time.Time{}, errors.New("there is no such date or time: " + momentExample)
	}
	return t.UTC(), nil
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

// Check says what keeps t from being restorable in this window; nil if nothing
// does that we can know. A zero window leaves only the future and Atlas's bounds.
func (w Window) Check(t, now time.Time) error {
	switch {
	case t.Unix() < MinInstant:
		return errors.New("Atlas takes no moment before 2008-01-01")
	case t.Unix() > MaxInstant:
		return errors.New("Atlas takes no moment after 2038-01-19")
	case t.After(now):
		return fmt.Errorf("that is in the future, %s; it is now %s", Ago(t, now), UTCSecond(now, now))
	case !w.IsZero() && t.Before(w.From):
		return fmt.Errorf("that is before the restore window; the earliest moment is %s", UTCSecond(w.From, now))
	}
	return nil
}

// Echo says a moment three ways, so that a mistaken zone is seen: in UTC, in the
// user's own zone, and as an age.
func Echo(t, now time.Time, zone *time.Location) string {
	parts := []string{UTCSecond(t, now)}
	if _, offset := t.In(zone).Zone(); offset != 0 { // else it is the same
		parts = append(parts, Local(t, zone, "15:04:05"))
	}
	return strings.Join(append(parts, Ago(t, now)), " · ")
}
