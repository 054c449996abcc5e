package state

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// NoSize stands for a size that Atlas does not tell.
const NoSize = "–"

// Size is a number of bytes as every screen and every check says it: in powers of a thousand,
// with a decimal below ten ("8.6 GB", "60 GB", "1.2 TB").
func Size(n int64) string {
	if n <= 0 {
		return NoSize
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < len(sizes)-1 {
		v, unit = v/1000, unit+1
	}
	if unit > 0 && v < 9.95 {
		return strings.Replace(fmt.Sprintf("%.1f %s", v, sizes[unit]), ".0 ", " ", 1)
	}
	return fmt.Sprintf("%.0f %s", v, sizes[unit])
}

var sizes = [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}

// GB are the bytes of a disk, whose size Atlas tells in GB: a thousand million bytes each. What
// Atlas means may be a little more; a disk that is taken for too small is a warning, one
// that is taken for large enough is none.
func GB(n float64) int64 {
	if !(n > 0 && n < math.MaxInt64/1e9) { // no number at all is neither
		return 0
	}
	return int64(n * 1e9)
}

// Age is a duration as people say it: "12 min", "7 h 12 min", "3 d 4 h". It is cut
// to whole units, never rounded up, so that nothing sounds older than it is. What lies ahead of a clock is no
// age at all, and a span of centuries may be the end of what a duration can hold.
func Age(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case d > century:
		return "more than 100 years"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 48*3600:
		return pair(s/3600, "h", s%3600/60, "min")
	}
	return pair(s/86400, "d", s%86400/3600, "h")
}

const century = 100 * 365 * 24 * time.Hour

// Exactly is a duration to the second: "4 min 16 s", "59 s", "1 h 2 min".
func Exactly(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return pair(s/60, "min", s%60, "s")
	}
	return Age(d)
}

func pair(a int64, unitA string, b int64, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// FromNow says how far t lies from now, before it or after: "12 min ago", "in 3 min", "now". Of what has
// happened Ago says it.
func FromNow(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d > -time.Second && d < time.Second:
		return "now"
	case d < 0:
		return "in " + Age(t.Sub(now))
	}
	return Age(d) + " ago"
}

// Ago says how long ago something has happened: "12 min ago", "now". Atlas's clock can be ahead of the one
// that is looked at here: what has happened is never told as what is to come. Its time is said then, by the
// clock that has told it: "at 23 Nov 14:31 UTC".
func Ago(t, now time.Time) string {
	switch ahead := t.Sub(now); {
	case ahead <= 0:
		return FromNow(t, now)
	case ahead < time.Minute:
		return "now"
	}
	return "at " + UTC(t, now)
}

// Briefly is what Ago says in its greatest unit alone, for where it has no room: "2 h" of "2 h 5 min ago". It is
// empty of a time by another clock.
func Briefly(ago string) string {
	words := strings.Fields(ago)
	switch {
	case len(words) < 2:
		return ago
	case words[0] == "at":
		return ""
	}
	return words[0] + " " + words[1]
}

// UTC is an instant as the screens say it: "23 Nov 14:31 UTC", with the year where
// it is not the current one, to the minute.
func UTC(t, now time.Time) string { return stamp(t.UTC(), now, "15:04") + " UTC" }

// UTCSecond is UTC to the second, for a moment that is restored to.
func UTCSecond(t, now time.Time) string { return stamp(t.UTC(), now, "15:04:05") + " UTC" }

// UTCMilli is UTC to the millisecond, as a log tells when something happened.
func UTCMilli(t, now time.Time) string { return stamp(t.UTC(), now, "15:04:05.000") + " UTC" }

func stamp(t, now time.Time, clock string) string {
	layout := "2 Jan " + clock
	if t.Year() != now.UTC().Year() {
		layout = "2 Jan 2006 " + clock
	}
	return t.Format(layout)
}

// Local is the same instant in the user's own zone, named: "15:31 CET", with the
// day where it is another one than in UTC.
func Local(t time.Time, zone *time.Location, clock string) string {
	l := t.In(zone)
	layout := clock + " MST"
	if l.Day() != t.UTC().Day() {
		layout = "2 Jan " + layout
	}
	return l.Format(layout)
}
