// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// unknown stands for a point without a value.
const unknown = -1

// minutes is a series that ends at 14:30, a point each minute.
func minutes(name string, values ...float64) incident.Series {
	s := incident.Series{Name: name, Grain: time.Minute}
	for i, v := range values {
		s.Points = append(s.Points, incident.Point{At: clock("14:30:00").Add(time.Duration(i+1-len(values)) * time.Minute), Value: max(v, 0), Known: v != unknown})
	}
	return s
}

// then is some values after each other.
func then(parts ...[]float64) []float64 { return slices.Concat(parts...) }

func same(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }

func TestRises(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		values []float64
		says   []string // of each jump
		after  string   // of the first
		judged bool
	}{
		{"calm", same(200, 3), nil, "", true},
		{"a mass delete", then(same(180, 3), same(2, 4000), same(10, 2)), []string{"deletes rose to 4000 a second, some 480000 in all, from at most 3 in the 180 known points before, at 23 Nov 14:19 UTC"}, "14:17:00", true},
		{"from nothing", then(same(60, 0), []float64{50}, same(5, 0)), []string{"deletes rose to 50 a second, some 3000 in all, from at most 0 in the 60 known points before, at 23 Nov 14:25 UTC"}, "14:23:00", true},
		{"at the end", then(same(60, 0), []float64{50}), []string{"deletes rose to 50 a second, some 3000 in all, from at most 0 in the 60 known points before, at 23 Nov 14:30 UTC"}, "14:28:00", true},
		{"too little", then(same(60, 0), []float64{9}, same(5, 0)), nil, "", true},
		{"as busy before", slices.Repeat([]float64{0, 2000}, 60), nil, "", true},
		{"twice", then(same(60, 0), same(3, 2000), same(60, 0), same(3, 2500), same(5, 0)), []string{"deletes rose to 2000 a second, some 360000 in all, from at most 0 in the 60 known points before, at 23 Nov 13:20 UTC", "deletes rose to 2500 a second, some 450000 in all, from at most 0 in the 120 known points before, at 23 Nov 14:23 UTC"}, "13:18:00", true},
		{"nobody knows before it", then(same(60, 0), same(20, unknown), []float64{500}), []string{"deletes rose to 500 a second, some 30000 in all, from at most 0 in the 60 known points before, at 23 Nov 14:30 UTC"}, "14:08:00", true},
		{"nobody knows in it", then(same(60, 0), []float64{500, unknown, 500}, same(3, 0)), []string{"deletes rose to 500 a second, some 60000 in all, from at most 0 in the 60 known points before, at 23 Nov 14:25 UTC"}, "14:23:00", true},
		{"too little before", then(same(9, 0), []float64{500}), nil, "", false},
		{"unknown is not zero", then(same(60, unknown), []float64{500}), nil, "", false},
		{"nothing known at all", same(60, unknown), nil, "", false},
		{"no point", nil, nil, "", false},
	} {
		r := incident.Rises(minutes("deletes", tt.values...))
		check(t, tt.name, r, tt.says, tt.after, tt.judged)
		if r.Known+r.Unknown != len(tt.values) || r.Unknown != count(tt.values, unknown) {
			t.Errorf("%s: %d known, %d unknown of %d", tt.name, r.Known, r.Unknown, len(tt.values))
		}
	}
}

// Points are read in the order of time, in whichever they come; what was there first stays as it is.
func TestPointsAreReadInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	s := minutes("deletes", then(same(180, 3), same(2, 4000), same(500, 2))...)
	want := incident.Rises(s)
	mixed := s
	mixed.Points = slices.Clone(s.Points)
	slices.Reverse(mixed.Points)
	last := mixed.Points[0]
	if got := incident.Rises(mixed); !reflect.DeepEqual(got, want) || len(want.Jumps) != 1 {
		t.Errorf("%+v, want %+v", got, want)
	}
	if mixed.Points[0] != last {
		t.Error("the points were put into order where they stand")
	}
}

func count(values []float64, v float64) (n int) {
	for _, x := range values {
		if x == v {
			n++
		}
	}
	return n
}

func TestFalls(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		values []float64
		says   []string
		after  string
		judged bool
	}{
		{"calm", same(200, 5000), nil, "", true},
		{"it grows", []float64{100, 200, 300, 400, 5000, 6000}, nil, "", true},
		{"a drop", then(same(60, 5000), same(5, 0)), []string{"documents fell from 5000 to 0 by 23 Nov 14:26 UTC"}, "14:04:00", true},
		{"means between", then(same(60, 5000.5), []float64{3333.3, 1200.1}, same(5, 0)), []string{"documents fell from 5000 to 0 by 23 Nov 14:24 UTC"}, "14:02:00", true},
		{"few of many", then(same(60, 5000), same(5, 4900)), nil, "", true},
		{"few at all", then(same(60, 90), same(5, 0)), nil, "", true},
		{"as it always does", []float64{9000, 5000, 9000, 5000, 9000, 5000, 9000, 5000}, nil, "", true},
		{"nobody knows before it", then(same(60, 5000), same(10, unknown), same(5, 0)), []string{"documents fell from 5000 to 0 by 23 Nov 14:26 UTC"}, "13:54:00", true},
		{"unknown is not zero", then(same(60, 5000), same(10, unknown)), nil, "", true},
		{"nothing before", []float64{5000, 0}, nil, "", false},
		{"two falls", then(same(30, 9000), same(30, 5000), same(5, 0)), []string{"documents fell from 9000 to 5000 by 23 Nov 13:56 UTC", "documents fell from 5000 to 0 by 23 Nov 14:26 UTC"}, "13:34:00", true},
	} {
		s := minutes("documents", tt.values...)
		s.Age = incident.Sampling
		check(t, tt.name, incident.Falls(s), tt.says, tt.after, tt.judged)
	}
}

func check(t *testing.T, name string, r incident.Reading, says []string, after string, judged bool) {
	t.Helper()
	var got []string
	for _, j := range r.Jumps {
		got = append(got, j.What(clock("14:30:00")))
	}
	if !slices.Equal(got, says) {
		t.Errorf("%s: %q, want %q", name, got, says)
	}
	if len(r.Jumps) > 0 {
		if got := r.Jumps[0].After.Format(time.TimeOnly); got != after {
			t.Errorf("%s: not begun by %s, want %s", name, got, after)
		}
	}
	if r.Judged > 0 != judged {
		t.Errorf("%s: %d points are judged", name, r.Judged)
	}
}

// A mass delete may begin anywhere in a minute, and a point stand at the begin or the end of
// what it counts: what is proposed before its jump is before it.
func TestMomentBeforeAJumpIsBeforeIt(t *testing.T) {
	t.Parallel()
	reach, snapshots, now := window()
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.SampledFrom([]int{0, 1, 999, 30_000, 57_000, 58_500, 59_000, 59_999}).Draw(r, "of the minute")
		begin := clock("13:00:00").Add(time.Duration(rapid.IntRange(0, 59).Draw(r, "minute"))*time.Minute + time.Duration(in)*time.Millisecond)
		end := begin.Add(time.Duration(rapid.IntRange(1000, 600_000).Draw(r, "length")) * time.Millisecond)
		rate := float64(rapid.IntRange(50, 200).Draw(r, "rate"))
		atEnd := rapid.Bool().Draw(r, "at its end")
		s := incident.Series{Name: "deletes", Grain: time.Minute}
		for at := clock("08:00:00"); at.Before(now); at = at.Add(time.Minute) {
			from, until := at, at.Add(time.Minute)
			if atEnd {
				from, until = at.Add(-time.Minute), at
			}
			share := min(until.Sub(begin), end.Sub(from), end.Sub(begin), time.Minute)
			s.Points = append(s.Points, incident.Point{At: at, Value: max(0, share.Minutes()) * rate, Known: rapid.IntRange(0, 9).Draw(r, "known") > 0})
		}
		for _, j := range incident.Rises(s).Jumps {
			p := incident.BeforeJump(j, reach, snapshots, now)
			if p.Moment.IsZero() || p.Moment.Add(time.Second).After(begin) || !p.Rough {
				r.Errorf("%s for what began at %s: %s", p.Moment, begin, p)
			}
		}
	})
	if p := incident.BeforeJump(incident.Jump{}, reach, snapshots, now); !p.Moment.IsZero() || p.Why == "" {
		t.Errorf("%+v", p)
	}
	var none state.Snapshot
	if p := incident.BeforeJump(incident.Jump{After: clock("14:03:00")}, state.Reach{}, snapshots, now); !p.Moment.IsZero() || p.Snapshot.ID == none.ID {
		t.Errorf("without point in time: %+v", p)
	}
}
