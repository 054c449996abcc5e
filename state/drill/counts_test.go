package drill

import (
	"testing"
	"time"

	"atlas-restore/state/incident"
	"atlas-restore/state/record"
)

var midnight = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// series has these values, one each 20 minutes from midnight on; a negative one is not known.
func series(values ...float64) incident.Series {
	s := incident.Series{Name: objectCount, Grain: time.Minute, Age: incident.Sampling}
	for i, v := range values {
		s.Points = append(s.Points, incident.Point{At: midnight.Add(time.Duration(i) * incident.Sampling), Value: v, Known: v >= 0})
	}
	return s
}

// What the source had is all that it may have had: from the last count before to one that is surely of
// after. Half of that is nothing.
func TestBracket(t *testing.T) {
	t.Parallel()
	at := midnight.Add(30 * time.Minute)
	for name, tc := range map[string]struct {
		s    incident.Series
		want span
	}{
		"grows":              {series(1, 2, 3, 4, 5), span{2, 4, true}},
		"shrinks":            {series(9, 8, 7, 6, 5), span{6, 8, true}},
		"there and back":     {series(5, 5, 90, 5, 5), span{5, 90, true}},
		"no count yet after": {series(1, 2, 3), span{2, 3, false}},
		"none before":        {series(-1, -1, 3, 4, 5), span{}},
		"nothing":            {series(), span{}},
		"holes":              {series(1, -1, 3, -1, 7), span{1, 7, true}},
	} {
		if got := bracket(tc.s, at); got.known != tc.want.known || got.known && got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

// A count that may be of before the restore is none: the target may have had as many before.
func TestSinceTakesNoOldCount(t *testing.T) {
	t.Parallel()
	done := midnight.Add(10 * time.Minute)
	if got := since(series(7, 7), done); got.known {
		t.Errorf("a count of ten minutes after may be twenty minutes old: %+v", got)
	}
	if got := since(series(7, 7, 8), done); got != (span{8, 8, true}) {
		t.Errorf("%+v", got)
	}
}

func TestSameDocuments(t *testing.T) {
	t.Parallel()
	is := func(v float64) span { return span{v, v, true} }
	for name, tc := range map[string]struct {
		had, has span
		want     record.Finding
	}{
		"the same":                  {is(1000), is(1000), record.Passed},
		"within":                    {span{1000, 1040, true}, is(1020), record.Passed},
		"a thousandth off":          {is(1_000_000), is(999_001), record.Passed},
		"more than that":            {is(1_000_000), is(998_000), record.Failed},
		"too many":                  {is(1_000_000), is(1_002_000), record.Failed},
		"none":                      {is(1000), is(0), record.Failed},
		"none of none":              {is(0), is(0), record.Passed},
		"one of none":               {is(0), is(1), record.Failed},
		"the source fell by half":   {span{500, 1000, true}, is(700), record.Unseen},
		"outside of that too":       {span{500, 1000, true}, is(2000), record.Failed},
		"the source is not known":   {span{}, is(1000), record.Unseen},
		"the target is not known":   {is(1000), span{}, record.Unseen},
		"nothing is known":          {span{}, span{}, record.Unseen},
		"half of the source's time": {span{1000, 1000, false}, is(1000), record.Unseen},
	} {
		if got, why := sameDocuments(tc.had, tc.has); got != tc.want || got == record.Failed && why == "" {
			t.Errorf("%s: %s %q, want %s", name, got, why, tc.want)
		}
	}
}

// A collection that is missing is seen by the names and by the counts, with views or without.
func TestSameCollections(t *testing.T) {
	t.Parallel()
	is := func(collections, views float64) count {
		return count{collections: span{collections, collections, true}, views: span{views, views, true}}
	}
	for name, tc := range map[string]struct {
		names    int
		had, has count
		want     record.Finding
	}{
		"all":                                {9, is(9, 0), is(9, 0), record.Passed},
		"one is missing":                     {9, is(9, 0), is(8, 0), record.Failed},
		"names tell the view":                {10, is(9, 1), is(9, 1), record.Passed},
		"… and one is missing":               {10, is(9, 1), is(8, 1), record.Failed},
		"names do not tell the view":         {9, is(9, 1), is(9, 1), record.Passed},
		"… and one is missing then":          {9, is(9, 1), is(8, 1), record.Failed},
		"the source lost one meanwhile":      {9, is(8, 0), is(9, 0), record.Passed},
		"the source made one meanwhile":      {9, is(10, 0), is(9, 0), record.Passed},
		"one too many":                       {9, is(9, 0), is(10, 0), record.Failed},
		"no names":                           {-1, is(9, 0), is(9, 0), record.Passed},
		"no names, and one is missing":       {-1, is(9, 0), is(8, 0), record.Failed},
		"no source":                          {9, count{}, is(9, 0), record.Passed},
		"no source, and one is missing":      {9, count{}, is(8, 0), record.Failed},
		"no source, and more than the names": {9, count{}, is(10, 0), record.Unseen},
		"neither":                            {-1, count{}, is(9, 0), record.Unseen},
		"no target":                          {9, is(9, 0), count{}, record.Unseen},
	} {
		if got, why := sameCollections(tc.names, tc.had, tc.has); got != tc.want || got == record.Failed && why == "" {
			t.Errorf("%s: %s %q, want %s", name, got, why, tc.want)
		}
	}
}

// Nothing that was not seen is told as anything else, whoever leaves and whenever.
func TestLeftIsUnseen(t *testing.T) {
	t.Parallel()
	begun := Order{}.Begun()
	begun.Looks[0].Finding = record.Passed
	for i, c := range begun.Afters() {
		if want := map[bool]record.Finding{true: record.Passed, false: record.Unseen}[i == 0]; c.Finding != want || i > 0 && c.Found == "" {
			t.Errorf("%+v, want %s", c, want)
		}
	}
	if begun.Looks[1].Finding != "" {
		t.Error("the standing itself was changed")
	}
}
