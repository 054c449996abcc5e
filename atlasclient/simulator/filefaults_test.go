package simulator

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A fault of a file strikes only the file at which it aims, and only so often.
func TestFileFaultsAim(t *testing.T) {
	u := newUser(t)
	inject(t, u.s, Inject{Fault: &InjectFault{File: "page", Cluster: "Platform Shared/audit-log", Nth: 2}})
	_, other := ready(t, u, "Payments", "orders-prod")
	untar(t, u.send("GET", other.json["deliveryUrl"].([]any)[0].(string), "", nil).body)
	_, a := ready(t, u, "Platform Shared", "audit-log")
	links := a.json["deliveryUrl"].([]any)
	untar(t, u.send("GET", links[0].(string), "", nil).body)
	if head := u.send("HEAD", links[1].(string), "", nil); head.header.Get("Content-Type") != "application/gzip" || u.s.Armed() != 1 {
		t.Errorf("HEAD uses it up: %v", head.header)
	}
	if got := u.send("GET", links[1].(string), "", nil); got.status != 200 || !strings.HasPrefix(string(got.body), "<!DOCTYPE html>") {
		t.Errorf("%d %.40s", got.status, got.body)
	}
	untar(t, u.send("GET", links[1].(string), "", nil).body) // the page has not used the link up
	if u.s.Armed() != 0 {
		t.Error("it goes on")
	}
}

// What is wrong with a link stays with it, and a new download has a good one.
func TestLinkFaultsStay(t *testing.T) {
	u := newUser(t)
	for wrong, status := range map[FileFault]int{LinkExpired: 403, LinkUsed: 410, LinkNotFound: 404} {
		_, a := ready(t, u, "Payments", "orders-prod")
		link := a.json["deliveryUrl"].([]any)[0].(string)
		inject(t, u.s, Inject{Fault: &InjectFault{File: string(wrong), Cluster: orders}})
		for range 2 {
			if got := u.send("GET", link, "", nil); got.status != status || len(got.body) == 0 {
				t.Errorf("%s: %d %s", wrong, got.status, got.body)
			}
		}
		_, a = ready(t, u, "Payments", "orders-prod")
		untar(t, u.send("GET", a.json["deliveryUrl"].([]any)[0].(string), "", nil).body)
	}
}

// A file that comes short or damaged uses its link up, and was not fetched.
func TestIncompleteFilesAreNotFetched(t *testing.T) {
	u := newUser(t)
	for _, f := range []InjectFault{
		{File: "truncated"}, {File: "truncated", NoLength: true}, {File: "damaged"}, {File: "damaged", NoLength: true},
	} {
		_, a := ready(t, u, "Payments", "orders-prod")
		link := a.json["deliveryUrl"].([]any)[0].(string)
		whole := u.send("HEAD", link, "", nil).header.Get("Content-Length")
		inject(t, u.s, Inject{Fault: &f})
		got := u.send("GET", link, "", nil)
		if said := got.header.Get("Content-Length"); got.status != 200 || (said == "") != f.NoLength || f.File == "truncated" && said == whole {
			t.Errorf("%+v: %d, length %q of %s", f, got.status, said, whole)
		}
		if f.File == "damaged" {
			untar(t, got.body) // which nothing else notices
		}
		u.s.AwaitDeliveries()
		if j := lastJob(u); j.Fetched || j.FetchedArchives > 0 {
			t.Errorf("%+v: it counts as fetched", f)
		}
		if again := u.send("GET", link, "", nil); again.status != 410 {
			t.Errorf("%+v: again %d", f, again.status)
		}
	}
}

// After a cut the rest can be asked for, and both together are the file.
func TestCutFileGoesOn(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Payments", "orders-prod")
	link := a.json["deliveryUrl"].([]any)[0].(string)
	inject(t, u.s, Inject{Fault: &InjectFault{File: "cut"}})
	half, err := u.try("GET", link, "", map[string]string{"Range": "bytes=0-"})
	tag := half.header.Get("ETag")
	if !errors.Is(err, io.ErrUnexpectedEOF) || half.status != 206 || tag == "" || half.header.Get("Accept-Ranges") != "bytes" {
		t.Fatalf("%v %d %v", err, half.status, half.header)
	}
	n := int64(len(half.body))
	from := func(n int64, tag string) answer {
		return u.send("GET", link, "", map[string]string{"Range": "bytes=" + strconv.FormatInt(n, 10) + "-", "If-Range": tag})
	}
	if beyond := from(n*9, tag); beyond.status != 416 || !strings.HasPrefix(beyond.header.Get("Content-Range"), "bytes */") {
		t.Errorf("beyond its end: %d %v", beyond.status, beyond.header)
	}
	rest := from(n, tag)
	if rest.status != 206 || rest.header.Get("ETag") != tag {
		t.Fatalf("the rest: %d %v", rest.status, rest.header)
	}
	untar(t, append(half.body, rest.body...))
	u.s.AwaitDeliveries()
	if !lastJob(u).Fetched {
		t.Error("not fetched")
	}
	if again := from(n, tag); again.status != 410 {
		t.Errorf("again: %d", again.status)
	}
	// Another download of the same snapshot has the same bytes, and so the same tag.
	_, a = ready(t, u, "Payments", "orders-prod")
	link = a.json["deliveryUrl"].([]any)[0].(string)
	inject(t, u.s, Inject{Fault: &InjectFault{File: "cut"}})
	if other, _ := u.try("GET", link, "", map[string]string{"Range": "bytes=0-"}); other.header.Get("ETag") != tag {
		t.Errorf("of the same snapshot: %v, and before %s", other.header, tag)
	}
	if changed := from(n, `"another"`); changed.status != 200 {
		t.Errorf("the rest of another file: %d", changed.status)
	}
}

// Whoever leaves in the middle has what came, and goes on from there: what was left in two tries is
// fetched with the third.
func TestLeftFileGoesOn(t *testing.T) {
	for _, fault := range []string{"stalled", "slow"} {
		u := newUser(t)
		_, a := ready(t, u, "Payments", "orders-prod")
		link := a.json["deliveryUrl"].([]any)[0].(string)
		inject(t, u.s, Inject{Fault: &InjectFault{File: "cut"}})
		half, err := u.try("GET", link, "", nil)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		got := half.body
		inject(t, u.s, Inject{Fault: &InjectFault{File: fault}})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", "bytes="+strconv.Itoa(len(got))+"-")
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != 206 {
			t.Fatal(err, res)
		}
		part, err := io.ReadAll(io.LimitReader(res.Body, 2000))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		u.s.AwaitDeliveries()
		if got = append(got, part...); lastJob(u).Fetched {
			t.Errorf("%s: %d bytes are counted as all", fault, len(got))
		}
		rest := u.send("GET", link, "", map[string]string{"Range": "bytes=" + strconv.Itoa(len(got)) + "-"})
		untar(t, append(got, rest.body...))
		u.s.AwaitDeliveries()
		if !lastJob(u).Fetched {
			t.Errorf("%s: not fetched", fault)
		}
	}
}

// A transfer that stalls goes on when all faults end, and ends when its client leaves.
func TestStalledFile(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Payments", "orders-prod")
	link := a.json["deliveryUrl"].([]any)[0].(string)
	for _, leaves := range []bool{true, false} {
		inject(t, u.s, Inject{Fault: &InjectFault{File: "stalled"}})
		res, err := http.Get(link) //nolint:noctx // loopback
		if err != nil || res.StatusCode != 200 {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, res.Body, res.ContentLength/2); err != nil {
			t.Fatal(err)
		}
		if !leaves {
			inject(t, u.s, Inject{Heal: true})
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Error(err)
			}
		}
		_ = res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		u.s.AwaitDeliveries()
		if lastJob(u).Fetched == leaves {
			t.Errorf("the client leaves: %t, and fetched: %t", leaves, !leaves)
		}
	}
}

// A slow line keeps to the simulated clock.
func TestSlowFile(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Payments", "orders-prod")
	inject(t, u.s, Inject{Fault: &InjectFault{File: "slow"}})
	res, err := http.Get(a.json["deliveryUrl"].([]any)[0].(string)) //nolint:noctx,bodyclose // loopback; who reads it closes it
	if err != nil {
		t.Fatal(err)
	}
	began, read := u.s.Now(), make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, res.Body)
		read <- errors.Join(err, res.Body.Close())
	}()
	for waits := true; waits; {
		select {
		case err := <-read:
			if waits = false; err != nil {
				t.Error(err)
			}
		default:
			if u.s.clock.awaited() {
				u.s.Advance(time.Second)
			}
			runtime.Gosched()
		}
	}
	if took, least := u.s.Now().Sub(began), time.Duration((res.ContentLength-1)/slowRate)*time.Second; took < least {
		t.Errorf("%s, and at the least %s", took, least)
	}
}

// awaited says whether somebody waits for the clock to be moved.
func (c *clock) awaited() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waits) > 0
}
