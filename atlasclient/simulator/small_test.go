package simulator

import (
	"fmt"
	"testing"
	"time"
)

func TestClusterStatus(t *testing.T) {
	u := newUser(t)
	for name, want := range map[string]string{"orders-stg": "APPLIED", "ledger-stg": "PENDING"} {
		if a := u.want(u.cluster("Payments Staging", name) + "/status"); a.json["changeStatus"] != want {
			t.Errorf("%s: %s", name, a.body)
		}
	}
}

func TestCopySettings(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "ledger-prod") + "/backup/"
	for accept, member := range map[string]string{newest: "zoneId", "application/vnd.atlas.2024-05-30+json": "replicationSpecId"} {
		u.accept = accept
		settings := u.want(path + "schedule").json["copySettings"].([]any)
		if len(settings) != 1 || settings[0].(map[string]any)[member] == nil {
			t.Errorf("%s: %v", accept, settings)
		}
	}
	if a := u.want(path + "snapshots?itemsPerPage=1&pageNum=9").results()[0]; fmt.Sprint(a["copyRegions"]) != "[EU_CENTRAL_1]" {
		t.Errorf("%v", a)
	}
}

func TestCustomerKey(t *testing.T) {
	u := newUser(t)
	a := u.want(u.cluster("Payments", "fraud-scores") + "/backup/snapshots?itemsPerPage=1").results()[0]
	if key, ok := a["masterKeyUUID"].(string); !ok || len(key) != 36 {
		t.Errorf("%v", a)
	}
	u.restore("Payments", "fraud-scores", u.automated("Payments", "fraud-scores", "Payments", "fraud-scores-restore"))
}

// TestGoodTargets restores onto what the world offers for it, and onto the next major.
func TestGoodTargets(t *testing.T) {
	u := newUser(t)
	for _, row := range [][4]string{
		{"Analytics", "events", "Analytics", "events-restore"},
		{"Storefront", "carts", "Payments", "orders-prod-restore"},
		{"Storefront", "search-legacy", "Storefront", "carts"},
		{"Payments", "orders-prod", "Payments", "orders-prod"},
		{"Storefront", "catalog-global", "Analytics", "sessions"},
	} {
		u.restore(row[0], row[1], u.automated(row[0], row[1], row[2], row[3]))
	}
}

// TestRestoredSize sees the size of the restored data in the target's next snapshot.
func TestRestoredSize(t *testing.T) {
	u := newUser(t)
	from := u.s.NewestSnapshot("Payments", "orders-prod")
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	u.s.Advance(7 * time.Hour)
	got := u.s.NewestSnapshot("Payments", "orders-prod-restore")
	if part := float64(got.Bytes) / float64(from.Bytes); part < 0.99 || part > 1.01 {
		t.Errorf("%d bytes, restored %d", got.Bytes, from.Bytes)
	}
}

func TestSizesGrow(t *testing.T) {
	u := newUser(t)
	all := u.s.Snapshots("Payments", "ledger-prod")
	if first, last := all[len(all)-1].Bytes, all[0].Bytes; first <= 0 || last <= first || last > 2*first {
		t.Errorf("from %d to %d bytes", first, last)
	}
}

func TestSystemStatusSaysUnauthorized(t *testing.T) {
	u := newUser(t)
	u.token = "none"
	checkUnauthorized(t, u.do("GET", "", ""), "false")
}
