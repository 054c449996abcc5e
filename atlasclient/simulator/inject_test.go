package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

const orders = "Payments/orders-prod"

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

func inject(t *testing.T, s *Server, all ...Inject) {
	t.Helper()
	for _, i := range all {
		if err := s.Inject(i); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInjectIsRefused holds that a mistake is told and changes nothing.
func TestInjectIsRefused(t *testing.T) {
	s := startServer(t, Options{Seed: 1}) // one for all: nothing ever happens to it
	before := look(s)
	for want, i := range map[string]Inject{
		"injecting nothing":                               {},
		"heal and failNextJob":                            {Heal: true, FailNextJob: true},
		"nothing goes wrong":                              {Fault: &InjectFault{Method: "GET"}},
		"status 200":                                      {Fault: &InjectFault{Status: 200}},
		`file is "lost": one of truncated`:                {Fault: &InjectFault{File: "lost"}},
		"file: cut is a fault by itself":                  {Fault: &InjectFault{File: "cut", Drop: "after"}},
		"noLength goes with":                              {Fault: &InjectFault{File: "page", NoLength: true}},
		"nth is -1":                                       {Fault: &InjectFault{File: "cut", Nth: -1}},
		`fault: there is no cluster "order"`:              {Fault: &InjectFault{File: "cut", Cluster: "Payments/order"}},
		"has 4 files: there is no number 5":               {Fault: &InjectFault{File: "cut", Cluster: "Platform Shared/audit-log", Nth: 5}},
		"cut carries no answer":                           {Fault: &InjectFault{Status: 500, Drop: "after"}},
		`drop is "later": one of before, after`:           {Fault: &InjectFault{Drop: "later"}},
		"times is -1":                                     {Fault: &InjectFault{Status: 500, Times: -2}},
		"does not go back":                                {Advance: -1},
		`no project "Payment"`:                            {Project: &InjectProject{Project: "Payment", Role: RoleNone}},
		"set role or listed":                              {Project: &InjectProject{Project: "Payments"}},
		`role is "god"`:                                   {Project: &InjectProject{Project: "Payments", Role: "god"}},
		`no project "Payment" `:                           {NewCluster: &InjectCreation{Cluster: "Payment/x", Like: orders}},
		`no cluster "order"`:                              {NewCluster: &InjectCreation{Cluster: "Payments/x", Like: "Payments/order"}},
		"not a cluster name":                              {NewCluster: &InjectCreation{Cluster: "Payments/x y", Like: orders}},
		"already":                                         {NewCluster: &InjectCreation{Cluster: orders, Like: orders}},
		`"orders-prod" names no cluster`:                  {Cluster: &InjectCluster{Cluster: "orders-prod", Paused: yes()}},
		`no cluster "orders" in project "Payments"`:       {Cluster: &InjectCluster{Cluster: "Payments/orders", Paused: yes()}},
		"cluster: nothing is changed":                     {Cluster: &InjectCluster{Cluster: orders}},
		`state is "ASLEEP"`:                               {Cluster: &InjectCluster{Cluster: orders, State: "ASLEEP"}},
		`encryption is "ROT13"`:                           {Cluster: &InjectCluster{Cluster: orders, Encryption: "ROT13"}},
		`mongoDBVersion is "8"`:                           {Cluster: &InjectCluster{Cluster: orders, MongoDBVersion: "8"}},
		"lastSnapshot is 7h0m0s":                          {Cluster: &InjectCluster{Cluster: orders, LastSnapshot: Duration(7 * time.Hour)}},
		"is negative":                                     {Cluster: &InjectCluster{Cluster: orders, DataGB: -1}},
		"snapshots of a flex cluster are not":             {Cluster: &InjectCluster{Cluster: "Sandbox/blog", LastSnapshot: Duration(time.Hour)}},
		"there is no number 99":                           {Snapshot: &InjectSnapshot{Cluster: orders, Nth: 99, Failed: yes()}},
		"snapshot: nothing is changed":                    {Snapshot: &InjectSnapshot{Cluster: orders, Nth: 2}},
		"nth or bytesFactor is negative":                  {Snapshot: &InjectSnapshot{Cluster: orders, BytesFactor: -1}},
		`kind is "manual"`:                                {NewSnapshot: &InjectTaking{Cluster: orders, Kind: "manual"}},
		"has no backups":                                  {NewSnapshot: &InjectTaking{Cluster: "Platform Shared/mail-queue"}},
		"beside its schedule":                             {NewSnapshot: &InjectTaking{Cluster: "Sandbox/blog"}},
		"no snapshot that could be restored then":         {Restore: &InjectColleague{Source: "Sandbox/loadtest"}},
		"instantAgo needs a target":                       {Restore: &InjectColleague{Source: orders, InstantAgo: 1}},
		`no cluster "nowhere"`:                            {Restore: &InjectColleague{Source: orders, Target: "Payments/nowhere"}},
		"set expire":                                      {Links: &InjectLinks{Cluster: orders}},
		"has 1 archives: there is no number 2":            {Links: &InjectLinks{Cluster: orders, Hide: 2}},
		`nothing of cluster "settings" was downloaded`:    {Links: &InjectLinks{Cluster: "Platform Shared/settings", Expire: true}},
		"nextRestore: it is not said what":                {NextRestore: &InjectNextRestore{Namespace: "shop.orders"}},
		`lacks is "all": one of database`:                 {NextRestore: &InjectNextRestore{Lacks: "all", Namespace: "shop.orders"}},
		"nextRestore: namespace is":                       {NextRestore: &InjectNextRestore{Lacks: "collection", Namespace: "shop"}},
		"documents is a number of those":                  {NextRestore: &InjectNextRestore{Lacks: "collection", Namespace: "shop.orders", Documents: 2}},
		"nextCollections: it is not said how":             {NextCollections: &InjectNextCollections{}},
		`ends is "badly": one of failed, diskFull`:        {NextCollections: &InjectNextCollections{Ends: "badly"}},
		`namespace is "shop": write it like`:              {NextCollections: &InjectNextCollections{Ends: "failed", Namespace: "shop"}},
		"or it is lost: drop after":                       {Fault: &InjectFault{Drop: "before", Acts: true}},
		"a view has no documents":                         {NewCollection: &InjectNewCollection{Cluster: orders, Namespace: "shop.v", Documents: 1, Kind: "view"}},
		`kind is "queue"`:                                 {NewCollection: &InjectNewCollection{Cluster: orders, Namespace: "shop.v", Kind: "queue"}},
		"namespaces need a target":                        {Restore: &InjectColleague{Source: orders, Namespaces: []string{"shop"}}},
		"between dedicated clusters":                      {Restore: &InjectColleague{Source: "Sandbox/blog", Target: "Sandbox/blog", Namespaces: []string{"shop"}}},
		"say: who and text are needed":                    {Say: &InjectMessage{Who: "Mira"}},
		`restore: there is no project "Payments Prod" `:   {Restore: &InjectColleague{Source: "Payments Prod/orders-prod"}},
		`injecting links: there is no project "Nowhere" `: {Links: &InjectLinks{Cluster: "Nowhere/x", Expire: true}},
	} {
		err := s.Inject(i)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%s: %v", want, err)
		}
		if s.Armed() != 0 || len(s.Happened()) != 0 {
			t.Errorf("%s: something has happened", want)
		}
		if thorough() && look(s) != before {
			t.Fatalf("%s: the world has changed", want)
		}
	}
	if look(s) != before {
		t.Error("the world has changed: THOROUGH=1 says when")
	}
}

func TestInjectFault(t *testing.T) {
	u := newUser(t)
	inject(t, u.s,
		Inject{Fault: &InjectFault{Method: "GET", PathContains: "/groups", Times: 2, Status: 429, RetryAfter: 3}},
		Inject{Fault: &InjectFault{PathContains: "/groups", Drop: "before"}},
		Inject{Fault: &InjectFault{HTML: true}})
	for range 2 {
		if a := u.get("/groups"); a.status != 429 || a.header.Get("Retry-After") != "3" {
			t.Errorf("%d %v", a.status, a.header)
		}
	}
	header := map[string]string{"Authorization": "Bearer " + u.token, "Accept": newest}
	if a, err := u.try("GET", api+"/groups", "", header); err == nil {
		t.Errorf("answered with %d", a.status)
	}
	if a := u.send("GET", api+"/groups", "", header); a.status != 502 {
		t.Errorf("%d", a.status)
	}
	u.want("/groups")
	inject(t, u.s, Inject{Fault: &InjectFault{Status: 500, Times: -1}})
	if a := u.get("/groups"); a.status != 500 {
		t.Errorf("%d", a.status)
	}
	inject(t, u.s, Inject{Heal: true})
	u.want("/groups")
}

// TestInjectRoles goes through what a role allows.
func TestInjectRoles(t *testing.T) {
	u := newUser(t)
	job := u.automated("Payments", "orders-prod", "Payments Staging", "orders-stg")
	for _, row := range []struct {
		project, role                   string
		groups, snapshots, jobs, create int
	}{
		{"Payments", RoleNone, 200, 403, 403, 403},
		{"Payments", RoleReadOnly, 200, 200, 403, 403},
		{"Payments", RoleOwner, 200, 200, 200, 200},
		{"Payments Staging", RoleReadOnly, 200, 200, 200, 403},
		{"Payments Staging", RoleNone, 200, 200, 200, 403},
	} {
		inject(t, u.s, Inject{Project: &InjectProject{Project: row.project, Role: row.role}})
		list := u.jobs("Payments", "orders-prod")
		got := []int{
			u.get("/groups").status, u.get(u.cluster("Payments", "orders-prod") + "/backup/snapshots").status,
			u.get(list).status, u.do("POST", list, body(job)).status,
		}
		if want := []int{row.groups, row.snapshots, row.jobs, row.create}; !slices.Equal(got, want) {
			t.Errorf("%s as %s: %v, want %v", row.project, row.role, got, want)
		}
		u.s.Advance(10 * time.Minute)
	}
	if a := u.do("POST", u.jobs("Payments", "orders-prod"), body(job)); a.code() != "CANNOT_RESTORE_TO_TARGET" {
		t.Errorf("%s", a.body)
	}
	inject(t, u.s, Inject{Project: &InjectProject{Project: "Sandbox", Role: RoleReadOnly}})
	if a := u.do("POST", u.flex("blog")+"/backup/restoreJobs", "{}"); a.status != 403 {
		t.Errorf("%s", a.body)
	}
}

func TestInjectCluster(t *testing.T) {
	u := newUser(t)
	days := 3
	inject(t, u.s,
		Inject{NewCluster: &InjectCreation{Cluster: "Payments/orders-prd", Like: orders}},
		Inject{Cluster: &InjectCluster{Cluster: "Payments/orders-prd", State: "REPAIRING", PITEnabled: no(), RestoreWindowDays: &days, MongoDBVersion: "7.0.1", DiskSizeGB: 77, DataGB: 2, Encryption: "AWS"}},
		Inject{Cluster: &InjectCluster{Cluster: "Payments/ledger-prd", Paused: yes(), BackupEnabled: no()}},
		Inject{Cluster: &InjectCluster{Cluster: orders, LastSnapshot: Duration(33 * time.Minute)}})
	a := u.want(u.cluster("Payments", "orders-prd"))
	for name, want := range map[string]any{"stateName": "REPAIRING", "pitEnabled": false, "mongoDBVersion": "7.0.1", "encryptionAtRestProvider": "AWS", "paused": false} {
		if a.json[name] != want {
			t.Errorf("%s: %v", name, a.json[name])
		}
	}
	if n := len(u.want(u.cluster("Payments", "orders-prd") + "/backup/snapshots?itemsPerPage=500").results()); n < 50 {
		t.Errorf("the new cluster has %d snapshots", n)
	}
	if a := u.want(u.cluster("Payments", "ledger-prd")); a.json["paused"] != true || a.json["backupEnabled"] != false {
		t.Errorf("%s", a.body)
	}
	last := u.want(u.cluster("Payments", "orders-prod") + "/backup/snapshots").results()
	if got := at(t, last[0]["createdAt"]); !got.Equal(start.Add(-33 * time.Minute)) {
		t.Errorf("the newest is of %s", got)
	}
	if got := at(t, last[1]["createdAt"]); !got.Equal(start.Add(-33*time.Minute - slotEvery)) {
		t.Errorf("the one before is of %s", got)
	}
	u.s.Advance(slotEvery - 30*time.Minute)
	u.login()
	if n := u.want(u.cluster("Payments", "orders-prod") + "/backup/snapshots").results()[0]; at(t, n["createdAt"]).Equal(start.Add(-33 * time.Minute)) {
		t.Error("the schedule has ended")
	}
}

func TestInjectSnapshots(t *testing.T) {
	u := newUser(t)
	before := u.s.Snapshots("Payments", "orders-prod")
	inject(t, u.s,
		Inject{Snapshot: &InjectSnapshot{Cluster: orders, Failed: yes(), ExpiresIn: Duration(time.Hour)}},
		Inject{Snapshot: &InjectSnapshot{Cluster: orders, Nth: 2, Fallback: true, BytesFactor: 0.25}},
		Inject{Snapshot: &InjectSnapshot{Cluster: orders, Nth: 3, Deleted: true}},
		Inject{NewSnapshot: &InjectTaking{Cluster: orders, Ago: Duration(20 * time.Minute), Description: "before 4.13"}},
		Inject{NewSnapshot: &InjectTaking{Cluster: orders, Ago: Duration(40 * time.Minute), Kind: "fallback", Keep: Duration(time.Hour)}},
		Inject{NewSnapshot: &InjectTaking{Cluster: orders}})
	after := u.s.Snapshots("Payments", "orders-prod")
	if len(after) != len(before)+2 || after[0].Status(start) != "queued" {
		t.Fatalf("%d snapshots, the newest %+v", len(after), after[0])
	}
	if s := after[1]; !s.Taken.Equal(start.Add(-20*time.Minute)) || s.Description != "before 4.13" || s.Kind != "onDemand" {
		t.Errorf("%+v", s)
	}
	if s := after[2]; s.Kind != "fallback" || s.ExpiresAt.After(start.Add(time.Hour)) {
		t.Errorf("%+v", s)
	}
	if s := after[3]; s.ID != before[0].ID || !s.Failed || !s.ExpiresAt.Equal(start.Add(time.Hour)) {
		t.Errorf("%+v", s)
	}
	if s := after[4]; s.ID != before[1].ID || s.Kind != "fallback" || s.Bytes != before[1].Bytes/4 {
		t.Errorf("%+v", s)
	}
	if after[5].ID != before[3].ID {
		t.Errorf("the third is still there: %+v", after[5])
	}
	u.want(u.cluster("Payments", "orders-prod") + "/backup/snapshots")
}

// TestInjectedSnapshotsComeDue holds that a schedule that was changed is heeded at once.
func TestInjectedSnapshotsComeDue(t *testing.T) {
	s := startServer(t, Options{Seed: 1})
	inject(t, s, Inject{Cluster: &InjectCluster{Cluster: orders, LastSnapshot: Duration(5*time.Hour + 57*time.Minute)}})
	before := len(s.Snapshots("Payments", "orders-prod"))
	s.Advance(90 * time.Second)
	if n := len(s.Snapshots("Payments", "orders-prod")); n != before+1 {
		t.Errorf("%d snapshots, then %d", before, n)
	}
}

// TestInjectColleague has a hole made in the past and a cluster taken now.
func TestInjectColleague(t *testing.T) {
	u := newUser(t)
	u.s.FailNextJob()
	inject(t, u.s,
		Inject{Cluster: &InjectCluster{Cluster: orders, LastSnapshot: Duration(2 * time.Hour)}},
		Inject{Restore: &InjectColleague{Source: orders, Target: orders, Ago: Duration(50 * time.Minute), InstantAgo: Duration(70 * time.Minute), Failed: true}},
		Inject{Restore: &InjectColleague{Source: orders, Target: "Payments/orders-prod-restore", Takes: Duration(time.Hour)}},
		Inject{Restore: &InjectColleague{Source: "Sandbox/blog", Target: "Sandbox/blog-restore"}})
	request := func(ago time.Duration) map[string]any {
		return map[string]any{"deliveryType": pointInTime, "pointInTimeUTCSeconds": start.Add(-ago).Unix(), "targetGroupId": u.s.ProjectID("Payments Staging"), "targetClusterName": "orders-stg"}
	}
	list := u.jobs("Payments", "orders-prod")
	if a := u.do("POST", list, body(request(20*time.Minute))); a.code() != "NO_CHECKPOINT_FOR_PIT_RESTORE" {
		t.Errorf("in the hole: %s", a.body)
	}
	busy := u.do("POST", list, body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore")))
	if busy.code() != "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" {
		t.Errorf("onto a busy target: %s", busy.body)
	}
	_, a := u.restore("Payments", "orders-prod", request(60*time.Minute))
	states := map[string]string{}
	u.s.Advance(30 * time.Minute)
	for _, j := range u.s.Jobs() {
		if j.CreatedAt.Before(start.Add(-time.Hour)) {
			continue
		}
		if j.Colleague == (j.ID == a.json["id"]) {
			t.Errorf("a colleague's: %+v", j)
		}
		states[j.DeliveryType+" onto "+j.TargetCluster] = j.State
	}
	for what, want := range map[string]string{
		"pointInTime onto orders-prod": "failed", "automated onto orders-prod-restore": "inProgress", "RESTORE onto blog-restore": "completed",
		"pointInTime onto orders-stg": "failed", // the fault was kept for it
	} {
		if states[what] != want {
			t.Errorf("%s is %s, want %s", what, states[what], want)
		}
	}
	if err := u.s.Inject(Inject{Restore: &InjectColleague{Source: orders, Target: "Payments/orders-prod-restore"}}); err == nil {
		t.Error("two at once onto one cluster")
	}
}

func TestInjectLinks(t *testing.T) {
	u := newUser(t)
	path, _ := u.restore("Platform Shared", "audit-log", map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot("Platform Shared", "audit-log").ID})
	u.s.Advance(5 * time.Minute)
	const cluster = "Platform Shared/audit-log"
	inject(t, u.s, Inject{Links: &InjectLinks{Cluster: cluster, Hide: 2, For: Duration(10 * time.Minute)}})
	count := func() (urls, components, whole int) {
		a := u.want(path)
		all, _ := a.json["components"].([]any)
		for _, c := range all {
			if _, has := c.(map[string]any)["downloadUrl"]; has {
				whole++
			}
		}
		return len(a.json["deliveryUrl"].([]any)), len(all), whole
	}
	if urls, components, whole := count(); urls != 3 || components != 4 || whole != 3 {
		t.Errorf("%d links, %d components, %d with a link", urls, components, whole)
	}
	u.s.Advance(10 * time.Minute)
	if urls, components, whole := count(); urls != 4 || components != 4 || whole != 4 {
		t.Errorf("%d links, %d components, %d with a link", urls, components, whole)
	}
	link := u.want(path).json["deliveryUrl"].([]any)[0].(string)
	inject(t, u.s, Inject{Project: &InjectProject{Project: "Platform Shared", Listed: no()}})
	if a := u.send("GET", link, "", nil); a.status != 403 {
		t.Errorf("from an address that is not listed: %d", a.status)
	}
	inject(t, u.s, Inject{Project: &InjectProject{Project: "Platform Shared", Listed: yes()}})
	if a := u.send("GET", link, "", nil); a.status != 200 {
		t.Errorf("from one that is: %d", a.status)
	}
	if j := lastJob(u); j.Archives != 4 || j.FetchedArchives != 1 || j.Fetched {
		t.Errorf("%+v", j)
	}
	inject(t, u.s, Inject{Links: &InjectLinks{Cluster: cluster, Expire: true}})
	if a := u.want(path); a.json["expired"] != true {
		t.Errorf("%s", a.body)
	}
}

// TestInjectIsLogged holds that what happened can be written down and read again.
func TestInjectIsLogged(t *testing.T) {
	s := startServer(t, Options{Seed: 1})
	inject(t, s, Inject{Say: &InjectMessage{Who: "Mira", Text: "How long?"}}, Inject{Advance: Duration(90 * time.Second)}, Inject{FailNextJob: true})
	raw, err := json.Marshal(s.Happened())
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"at":"2026-11-23T14:31:00Z","inject":{"say":{"who":"Mira","text":"How long?"}}},` +
		`{"at":"2026-11-23T14:31:00Z","inject":{"advance":"1m30s"}},{"at":"2026-11-23T14:32:30Z","inject":{"failNextJob":true}}]`
	if string(raw) != want {
		t.Errorf("%s", raw)
	}
	var back []Happening
	if err := json.Unmarshal(raw, &back); err != nil || back[1].Inject.Advance != Duration(90*time.Second) {
		t.Errorf("%v %v", back, err)
	}
	for _, bad := range []string{`"soon"`, `"-3s"`, `17`} {
		var d Duration
		if err := json.Unmarshal([]byte(bad), &d); err == nil {
			t.Errorf("%s was read as %v", bad, d)
		}
	}
}

// TestBeforeRequests holds that what is due has happened by the time of a request.
func TestBeforeRequests(t *testing.T) {
	u := newUser(t)
	calls := 0
	u.s.BeforeRequests(func() {
		calls++
		u.s.SetProject("Payments", func(p *Project) { p.Role = RoleNone })
	})
	if a := u.get(u.group("Payments")); a.status != 403 || calls != 1 {
		t.Errorf("%d after %d calls", a.status, calls)
	}
	u.s.BeforeRequests(nil)
	u.get("/groups")
	u.send("GET", deliveryPath+"restore-"+nowhere+"/x/y", "", nil)
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}
