package simulator

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestDropBeforeAndAfterCommit cuts a POST off; the jobs of the world tell what was done.
func TestDropBeforeAndAfterCommit(t *testing.T) {
	for _, row := range []struct {
		drop   DropKind
		jobs   int
		status int
	}{{BeforeCommit, 0, 0}, {AfterCommit, 1, 200}} {
		u := newUser(t)
		before := len(u.s.Jobs())
		u.s.Fail(Fault{Method: "POST", PathContains: "/restoreJobs", Drop: row.drop})
		path := u.jobs("Payments", "orders-prod")
		header := map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest}
		if a, err := u.try("POST", api+path, body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore")), header); err == nil {
			t.Errorf("answered with %d", a.status)
		}
		if n := len(u.s.Jobs()) - before; n != row.jobs {
			t.Errorf("%d jobs, want %d", n, row.jobs)
		}
		requests := u.s.Requests()
		last := requests[len(requests)-1]
		if !last.Dropped || last.Status != row.status || !strings.Contains(last.Body, "automated") {
			t.Errorf("%+v", last)
		}
		u.want(path)
	}
}

// What is answered says nothing of what was done.
func TestActs(t *testing.T) {
	gate := make(chan struct{})
	close(gate)
	for name, row := range map[string]struct {
		fault       Fault
		status      int // 0: the connection is cut
		now, minute int // jobs at once, and a minute later
	}{
		"a proxy's page":  {Fault{Status: 502, HTML: true, Acts: 1}, 502, 1, 1},
		"200 of a proxy":  {Fault{Status: 200, HTML: true, Acts: 1}, 200, 1, 1},
		"an error":        {Fault{Status: 500, Acts: 1}, 500, 1, 1},
		"before a stall":  {Fault{Stall: gate, Acts: 1}, 200, 1, 1},
		"twice":           {Fault{Drop: AfterCommit, Acts: 2}, 0, 2, 2},
		"late":            {Fault{Drop: AfterCommit, Late: 40 * time.Second}, 0, 0, 1},
		"late, and told":  {Fault{Late: 40 * time.Second}, 200, 0, 1},
		"late, and twice": {Fault{Drop: AfterCommit, Acts: 2, Late: 40 * time.Second}, 0, 0, 2},
		"reset before":    {Fault{Drop: BeforeCommit, Reset: true}, 0, 0, 0},
		"reset after":     {Fault{Drop: AfterCommit, Reset: true}, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t)
			path := u.jobs("Payments", "orders-prod")
			before, listed := len(u.s.Jobs()), len(u.want(path).results())
			row.fault.Method = "POST"
			u.s.Fail(row.fault)
			header := map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest}
			a, err := u.try("POST", api+path, body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore")), header)
			if a.status != row.status || (err != nil) != (row.status == 0) || errors.Is(err, syscall.ECONNRESET) != row.fault.Reset {
				t.Errorf("answered with %d, %v", a.status, err)
			}
			check := func(want int) {
				t.Helper()
				if n, l := len(u.s.Jobs())-before, len(u.want(path).results())-listed; n != want || l != want {
					t.Errorf("%d jobs, %d in the list, want %d", n, l, want)
				}
			}
			check(row.now)
			u.s.Advance(time.Minute)
			check(row.minute)
		})
	}
}

func TestInjectedErrors(t *testing.T) {
	u := newUser(t)
	u.s.Fail(Fault{Status: 503, Times: 2})
	u.s.Fail(Fault{Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_WHITELIST", Detail: "Not from there."})
	u.s.Fail(Fault{Status: 429, RetryAfter: 7})
	u.s.Fail(Fault{Status: 401})
	u.s.Fail(Fault{HTML: true, Status: 200})
	for i, want := range []struct {
		status int
		code   string
	}{{503, "SERVICE_UNAVAILABLE"}, {503, "SERVICE_UNAVAILABLE"}, {403, "IP_ADDRESS_NOT_ON_WHITELIST"}, {429, "RATE_LIMITED_TOKEN_BUCKET"}, {401, "UNEXPECTED_ERROR"}, {200, ""}, {200, ""}} {
		a := u.send("GET", api+"/groups", "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest})
		if a.status != want.status || a.code() != want.code {
			t.Errorf("%d: %d %s", i, a.status, a.body)
		}
		if a.status == 429 && a.header.Get("Retry-After") != "7" {
			t.Errorf("%v", a.header)
		}
		if html := strings.HasPrefix(a.header.Get("Content-Type"), "text/html"); html != (i == 5) {
			t.Errorf("%d: %v", i, a.header)
		}
	}
	u.s.Fail(Fault{Status: 500, Times: -1})
	for range 3 {
		if a := u.get("/groups"); a.code() != "UNEXPECTED_ERROR" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	u.s.Heal()
	u.want("/groups")
	u.s.Fail(Fault{PathContains: "/oauth/token", Status: 500})
	if a := u.send("POST", "/api/oauth/token", "", nil); a.status != 500 {
		t.Errorf("token: %d", a.status)
	}
}

// TestHandshakeUsesUpNoFault sends a request that is not authenticated.
func TestHandshakeUsesUpNoFault(t *testing.T) {
	u := newUser(t)
	u.s.Fail(Fault{Status: 500})
	checkUnauthorized(t, u.send("GET", api+"/groups", "", nil), "false")
	if a := u.get("/groups"); a.status != 500 {
		t.Errorf("%d", a.status)
	}
}

func TestStall(t *testing.T) {
	u := newUser(t)
	stall := make(chan struct{})
	u.s.Fail(Fault{PathContains: "/clusters", Stall: stall})
	done := make(chan answer)
	path := api + u.group("Payments") + "/clusters"
	go func() {
		a, err := u.try("GET", path, "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest})
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	u.want("/groups") // the others go on
	select {
	case a := <-done:
		t.Errorf("answered with %d", a.status)
	default:
	}
	close(stall)
	if a := <-done; a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestCloseFreesTheStalled closes the server while a request is held back.
func TestCloseFreesTheStalled(t *testing.T) {
	u := newUser(t)
	u.s.Fail(Fault{Stall: make(chan struct{})})
	done := make(chan error)
	go func() {
		_, err := u.try("GET", api+"/groups", "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest})
		done <- err
	}()
	for { // until it is there: taken faults are gone
		u.s.faults.mu.Lock()
		armed := len(u.s.faults.armed)
		u.s.faults.mu.Unlock()
		if armed == 0 {
			break
		}
		runtime.Gosched()
	}
	if err := u.s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("answered after all")
	}
}

func TestRequestLog(t *testing.T) {
	u := newUser(t)
	u.send("GET", api+"/groups", "", nil)
	u.s.Advance(time.Minute)
	u.get("/groups/" + nowhere + "?pretty=true")
	log := u.s.Requests()
	if len(log) != 3 {
		t.Fatalf("%+v", log)
	}
	if r := log[0]; r.Path != "/api/oauth/token" || r.Status != 200 || r.Method != "POST" {
		t.Errorf("%+v", r)
	}
	if r := log[1]; r.Status != 401 || r.ErrorCode != "UNEXPECTED_ERROR" {
		t.Errorf("%+v", r)
	}
	if r := log[2]; r.Status != 404 || r.ErrorCode != "GROUP_NOT_FOUND" || r.Query != "pretty=true" || !r.At.Equal(start.Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
	var l requestLog
	for range 2*keptRequests + 1 {
		l.add(Request{})
	}
	if len(l.requests) != keptRequests+1 {
		t.Errorf("%d requests kept", len(l.requests))
	}
	long := strings.Repeat("x", 1<<20) // a path is as long as a client makes it
	for range 100 {
		l.add(Request{Path: long})
	}
	if n := len(l.requests); n > keptBytes>>20 || l.requests[n-1].Number != l.count || l.requests[0].Number != l.count-n+1 {
		t.Errorf("%d long requests kept, the last of %d is number %d", n, l.count, l.requests[n-1].Number)
	}
	s := Server{}
	for i := range 3*keptInjects + 1 {
		s.log.happened(Happening{Inject: Inject{Advance: Duration(i)}})
	}
	if all := s.Happened(); len(all) > 2*keptInjects || all[len(all)-1].Inject.Advance != Duration(3*keptInjects) || s.HappenedSoFar() != 3*keptInjects+1 {
		t.Errorf("%d injects kept", len(all))
	}
	if last := s.HappenedAfter(3 * keptInjects); len(last) != 1 || len(s.HappenedAfter(1<<30)) != 0 {
		t.Errorf("%d injects after the last but one", len(last))
	}
}

// TestMany uses the server from many goroutines, for the race detector.
func TestMany(t *testing.T) {
	u := newUser(t)
	var all sync.WaitGroup
	path := u.jobs("Payments", "orders-prod")
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				u.get(path)
				u.s.Advance(time.Second)
				u.s.SetCluster("Payments", "orders-prod", func(c *Cluster) { c.DataGB++ })
				u.do("POST", path, body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore")))
				_ = u.s.World()
				_ = u.s.Jobs()
				_ = u.s.Requests()
				if i == 0 {
					u.s.Fail(Fault{Status: 500})
				}
			}
		})
	}
	all.Wait()
	created := 0
	for _, r := range u.s.Requests() {
		if r.Method == "POST" && strings.HasSuffix(r.Path, "/restoreJobs") && r.Status == 200 {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%d restores onto one cluster at once", created)
	}
}

func TestHooks(t *testing.T) {
	u := newUser(t)
	u.s.SetProject("Payments", func(p *Project) { p.Name = "Zahlungen \u001b[31m" })
	u.s.SetCluster("Analytics", "events", func(c *Cluster) { c.State = "REPAIRING" })
	if a := u.want(u.cluster("Analytics", "events")); a.json["stateName"] != "REPAIRING" {
		t.Errorf("%s", a.body)
	}
	if name := u.s.World().Projects[0].Name; !strings.HasPrefix(name, "Zahlungen") {
		t.Errorf("%q", name)
	}
	for what, f := range map[string]func(){
		"project":  func() { u.s.ProjectID("Payments") },
		"cluster":  func() { u.s.Snapshots("Analytics", "event") },
		"snapshot": func() { u.s.SetSnapshot("Analytics", "events", nowhere, nil) },
		"none":     func() { u.s.NewestSnapshot("Sandbox", "loadtest") },
		"job":      func() { u.s.ExpireJob(nowhere) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			f()
		}()
	}
}
