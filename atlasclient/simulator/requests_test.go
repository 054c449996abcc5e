package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRequestsAfter(t *testing.T) {
	u := newUser(t)
	all, next := u.s.RequestsAfter(0)
	if len(all) != 1 || all[0].Number != 1 || all[0].Path != "/api/oauth/token" {
		t.Fatalf("%+v", all)
	}
	select {
	case <-next:
		t.Fatal("there is no second request yet")
	default:
	}
	u.want("/groups")
	<-next
	u.want("")
	later, _ := u.s.RequestsAfter(2)
	if len(later) != 1 || later[0].Number != 3 || later[0].Path != api {
		t.Errorf("%+v", later)
	}
	if later, _ = u.s.RequestsAfter(99); len(later) != 0 {
		t.Errorf("%+v", later)
	}
}

// TestMasked holds that what is shown of a request opens nothing.
func TestMasked(t *testing.T) {
	u := newUser(t)
	path, _ := u.restore("Analytics", "events", map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot("Analytics", "events").ID})
	u.s.Advance(5 * time.Minute)
	a := u.want(path)
	urls := []string{a.json["deliveryUrl"].([]any)[0].(string)}
	component := a.json["components"].([]any)[0].(map[string]any)
	urls = append(urls, component["privateDownloadDeliveryUrls"].([]any)[0].(map[string]any)["deliveryUrl"].(string))
	for _, url := range urls {
		parts := strings.Split(url, "/")
		token, file := parts[len(parts)-2], parts[len(parts)-1]
		for _, wrong := range []string{url, strings.TrimSuffix(url, "/"+file), url + "/x"} {
			u.send("GET", wrong, "", nil)
			seen := u.s.Requests()
			if last := seen[len(seen)-1]; !strings.Contains(last.Path, token) || strings.Contains(last.Masked().Path, token) {
				t.Errorf("%s is shown as %s", last.Path, last.Masked().Path)
			}
		}
		u.send("HEAD", url, "", nil)
		seen := u.s.Requests()
		if last := seen[len(seen)-1].Masked(); !strings.HasPrefix(last.Path, "/delivery/restore-") || !strings.HasSuffix(last.Path, "/***/"+file) {
			t.Errorf("what was fetched is not to be seen in %s", last.Path)
		}
	}
	u.send("POST", "/api/oauth/revoke?token=seen", "token="+u.token, nil)
	seen := u.s.Requests()
	if last := seen[len(seen)-1].Masked(); last.Query != "" || last.Body != "" || last.Path != "/api/oauth/revoke" {
		t.Errorf("%+v", last)
	}
}

func TestLongBodyIsNotKept(t *testing.T) {
	u := newUser(t)
	long := strings.Repeat("x", keptBody+1)
	u.do("POST", u.jobs("Payments", "orders-prod"), long)
	if all := u.s.Requests(); all[len(all)-1].Body != long[:keptBody] {
		t.Errorf("%d bytes are kept", len(all[len(all)-1].Body))
	}
}

func TestHandle(t *testing.T) {
	u := newUser(t)
	u.s.Handle("/beside/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	u.s.Fail(Fault{Times: -1, Status: 500})
	before := len(u.s.Requests())
	if a := u.send("GET", "/beside/x", "", nil); a.status != http.StatusTeapot || len(u.s.Requests()) != before {
		t.Errorf("%d, %d requests in the log", a.status, len(u.s.Requests())-before)
	}
	if a := u.get("/groups"); a.status != 500 {
		t.Errorf("Atlas itself: %d", a.status)
	}
}

// TestReset holds that a world after a reset is that of a new simulator, and that who is
// signed in stays so.
func TestReset(t *testing.T) {
	u := newUser(t)
	keys, fresh := u.s.Keys(), look(startServer(t, Options{Seed: 7}))
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	u.s.SetCluster("Payments", "orders-prod", func(c *Cluster) { c.Paused = true })
	u.s.FailNextJob()
	u.s.Fail(Fault{Times: -1, Status: 503})
	u.s.Advance(30 * time.Minute)
	last := u.s.Requests()
	u.s.Reset(7)
	if look(u.s) != fresh || !u.s.Now().Equal(start) || u.s.Keys() != keys || u.s.Armed() != 0 || len(u.s.Requests()) != 0 {
		t.Errorf("not as if it were new: %s, %d faults, %d requests", u.s.Now(), u.s.Armed(), len(u.s.Requests()))
	}
	for range 2 {
		if left := u.want("/groups").header.Get("RateLimit-Remaining"); left != "1199" {
			t.Errorf("%s requests are left", left)
		}
		last = u.s.Requests()
		u.s.Reset(7)
	}
	u.want("/groups")
	if n := u.s.Requests()[0].Number; n != last[len(last)-1].Number+1 {
		t.Errorf("the first request has number %d", n)
	}
	path, _ := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	u.s.Advance(5 * time.Minute)
	if a := u.want(path); a.json["failed"] != false {
		t.Errorf("a fate from before: %s", a.body)
	}
}
