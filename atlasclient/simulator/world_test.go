package simulator

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// look is everything that the world shows: cluster, snapshots and jobs of all.
func look(s *Server) string {
	var b strings.Builder
	for _, p := range s.World().Projects {
		fmt.Fprintln(&b, p)
		for _, c := range p.Clusters {
			for _, x := range s.Snapshots(p.Name, c.Name) {
				fmt.Fprintln(&b, x)
			}
		}
	}
	for _, j := range s.Jobs() {
		fmt.Fprintln(&b, j)
	}
	return b.String()
}

func TestSameSeedSameWorld(t *testing.T) {
	a, b := startServer(t, Options{Seed: 7}), startServer(t, Options{Seed: 7})
	other := startServer(t, Options{Seed: 8})
	if a.Keys() != b.Keys() || look(a) != look(b) {
		t.Error("the same seed gives another world")
	}
	if a.Keys() == other.Keys() || a.ProjectID("Payments") == other.ProjectID("Payments") || look(a) == look(other) {
		t.Error("another seed gives the same world")
	}
	for _, s := range []*Server{a, b} {
		s.Advance(40 * time.Hour)
	}
	if look(a) != look(b) {
		t.Error("the same seed gives another world after a while")
	}
}

func TestWorldIsRelativeToStart(t *testing.T) {
	early := startServer(t, Options{Seed: 7, Start: start.AddDate(-1, 0, 0)})
	late := startServer(t, Options{Seed: 7, Start: start})
	ages := func(s *Server) (out []time.Duration) {
		for _, x := range s.Snapshots("Payments", "orders-prod") {
			out = append(out, s.Now().Sub(x.Asked))
		}
		return out
	}
	if a, b := ages(early), ages(late); !reflect.DeepEqual(a, b) {
		t.Errorf("ages differ:\n%v\n%v", a, b)
	}
}

func TestWorldHasWhatIsPromised(t *testing.T) {
	u := newUser(t)
	var projects, clusters, empty, endpoints int
	seen := map[string]int{}
	for _, g := range u.want("/groups").results() {
		projects++
		list := u.want("/groups/" + g["id"].(string) + "/clusters").results()
		if len(list) == 0 {
			empty++
		}
		flex := u.want("/groups/" + g["id"].(string) + "/flexClusters").results()
		if len(list)+len(flex) != int(g["clusterCount"].(float64)) {
			t.Errorf("%s: clusterCount %v, %d clusters, %d flex", g["name"], g["clusterCount"], len(list), len(flex))
		}
		for _, c := range flex {
			clusters++
			seen["flex "+c["stateName"].(string)]++
		}
		for _, c := range list {
			clusters++
			seen[c["clusterType"].(string)]++
			seen["state "+c["stateName"].(string)]++
			seen["version "+c["mongoDBMajorVersion"].(string)]++
			seen["encryption "+c["encryptionAtRestProvider"].(string)]++
			seen[fmt.Sprint("paused ", c["paused"])]++
			seen[fmt.Sprint("backup ", c["backupEnabled"])]++
			seen[fmt.Sprint("pit ", c["pitEnabled"])]++
			seen[fmt.Sprint("shards ", len(c["replicationSpecs"].([]any)), c["configServerType"])]++
			u.want("/groups/" + g["id"].(string) + "/clusters/" + c["name"].(string))
		}
	}
	for _, p := range u.s.World().Projects {
		if p.Endpoint != "" {
			endpoints++
		}
	}
	if projects < 6 || clusters < 20 || empty != 1 || endpoints == 0 {
		t.Errorf("%d projects, %d clusters, %d empty, %d endpoints", projects, clusters, empty, endpoints)
	}
	for _, what := range []string{
		"REPLICASET", "SHARDED", "GEOSHARDED", "state IDLE", "state UPDATING", "state CREATING", "version 6.0", "version 7.0", "version 8.0",
		"encryption NONE", "encryption AWS", "paused true", "backup false", "pit true", "pit false",
		"flex IDLE", "flex CREATING", "shards 3EMBEDDED", "shards 2EMBEDDED", "shards 2DEDICATED", "shards 3DEDICATED",
	} {
		if seen[what] == 0 {
			t.Errorf("no cluster with %s", what)
		}
	}
}

func TestSnapshotsOfOrders(t *testing.T) {
	u := newUser(t)
	seen := map[string]int{}
	var last time.Time
	for i, x := range u.want(u.cluster("Payments", "orders-prod") + "/backup/snapshots?itemsPerPage=500").results() {
		made := idTime(t, x["id"].(string))
		if i > 0 && made.After(last) {
			t.Errorf("%s is newer than the one before it", x["id"])
		}
		last = made
		seen[x["status"].(string)]++
		seen[x["frequencyType"].(string)]++
		seen[fmt.Sprint(x["description"])]++
		end, err := time.Parse(time.RFC3339, x["expiresAt"].(string))
		if err != nil || !end.After(start) {
			t.Errorf("%s: expiresAt %v: %v", x["id"], end, err)
		}
		if end.Before(start.Add(24 * time.Hour)) {
			seen["expiring"]++
		}
		if _, has := x["createdAt"]; has != (x["status"] == "completed") {
			t.Errorf("%s is %s, createdAt there: %t", x["id"], x["status"], has)
		}
	}
	for what, least := range map[string]int{
		"completed": 50, "failed": 1, "hourly": 18, "daily": 25, "weekly": 6, "ondemand": 3, "expiring": 1, "before deploy 4.12": 1,
	} {
		if seen[what] < least {
			t.Errorf("%d of %s, want %d", seen[what], what, least)
		}
	}
	if seen["before deploy 4.11"] != 0 {
		t.Error("an expired snapshot is listed")
	}
	for project, names := range map[string][]string{"Payments": {"ledger-prod"}, "Sandbox": {"scratch"}} {
		for _, name := range names {
			for _, x := range u.want(u.cluster(project, name) + "/backup/snapshots").results() {
				seen[x["status"].(string)]++
				seen[x["snapshotType"].(string)]++
			}
		}
	}
	if seen["inProgress"] != 1 || seen["queued"] != 1 || seen["fallback"] != 1 {
		t.Errorf("in progress %d, queued %d, fallback %d", seen["inProgress"], seen["queued"], seen["fallback"])
	}
}

func TestScheduleGoesOn(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "orders-prod") + "/backup/"
	next, err := time.Parse(time.RFC3339, u.want(path + "schedule").json["nextSnapshot"].(string))
	if err != nil {
		t.Fatal(err)
	}
	u.s.Advance(next.Sub(start) + time.Second)
	u.login()
	first := u.want(path + "snapshots").results()[0]
	if !idTime(t, first["id"].(string)).Equal(next) || first["status"] != "queued" {
		t.Errorf("the newest is %v, want one of %s, queued", first, next)
	}
	u.s.Advance(200 * 24 * time.Hour)
	u.login()
	if n := len(u.want(path + "snapshots?itemsPerPage=500").results()); n < 50 || n > 80 {
		t.Errorf("%d snapshots after 200 days", n)
	}
}

func TestStartIsLazyAndLoopbackOnly(t *testing.T) {
	s, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.world != nil {
		t.Error("the world is there before anyone looked")
	}
	if s.Now().Second() != 0 || time.Since(s.Now()) > 2*time.Minute {
		t.Errorf("the start is %s", s.Now())
	}
	for _, address := range []string{"0.0.0.0:0", "localhost:0", "192.0.2.1:0", "127.0.0.1", "nonsense", "[::]:0"} {
		if s, err := Start(Options{Listen: address}); err == nil {
			_ = s.Close()
			t.Errorf("listens on %s", address)
		}
	}
}

func TestClockRuns(t *testing.T) {
	c := newClock(start, 1e9)
	if a := c.now(); !c.now().After(a) {
		t.Error("a fast clock stands still")
	}
	c = newClock(start, 0)
	c.advance(time.Minute)
	if !c.now().Equal(start.Add(time.Minute)) {
		t.Errorf("a frozen clock shows %s", c.now())
	}
}

func idTime(t *testing.T, id string) time.Time {
	t.Helper()
	b, err := hex.DecodeString(id[:8])
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(int64(b[0])<<24|int64(b[1])<<16|int64(b[2])<<8|int64(b[3]), 0).UTC()
}
