package incident_test

import (
	"testing"
	"time"

	"atlas-restore/state/incident"
)

func TestSearchFindsADrop(t *testing.T) {
	t.Parallel()
	w := threeNodes(dropAt("13:02:59.812", "shop.orders"), dropAt("13:02:00.000", "bank.orders"))
	w.contents["14"] = []string{"shop.carts"}
	told := 0
	f := search("12:00:00").Run(t.Context(), w, func(incident.Findings) { told++ })
	if !f.Ended || f.Stopped || len(f.Found) != 1 || told == 0 {
		t.Fatalf("told %d times: %+v", told, f)
	}
	reach, snapshots, now := window()
	if p := incident.Before(f.Found[0], reach, snapshots, now); p.Moment.Format(time.TimeOnly) != "13:02:58" {
		t.Error(p)
	}
	if f.Has.Newest.ID != "13" || f.Has.Lacks.ID != "14" {
		t.Errorf("%+v", f.Has)
	}
	for _, u := range f.Unread {
		t.Logf("%+v", u)
	}
	for _, u := range f.Read {
		t.Logf("%+v", u)
	}
}
