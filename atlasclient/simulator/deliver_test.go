package simulator

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"
)

// ready is a download that can be fetched.
func ready(t *testing.T, u *user, project, cluster string) (path string, a answer) {
	t.Helper()
	path, a = u.restore(project, cluster, map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot(project, cluster).ID})
	absent(t, a, "expiresAt", "finishedAt", "targetClusterName", "targetGroupId", "targetDeploymentItemName", "privateDownloadDeliveryUrls", "components")
	u.s.Advance(3 * time.Minute)
	if early := u.want(path); len(early.json["deliveryUrl"].([]any)) != 0 {
		t.Errorf("ready too early: %s", early.body)
	}
	u.s.Advance(90 * time.Second)
	a = u.want(path)
	absent(t, a, "finishedAt")
	return path, a
}

func TestDownload(t *testing.T) {
	u := newUser(t)
	job, a := ready(t, u, "Payments", "orders-prod")
	absent(t, a, "privateDownloadDeliveryUrls", "components")
	urls := a.json["deliveryUrl"].([]any)
	if len(urls) != 1 {
		t.Fatalf("%v", urls)
	}
	link := urls[0].(string)
	if !strings.HasPrefix(link, u.s.BaseURL()) || !strings.HasSuffix(link, "/restore-"+a.json["snapshotId"].(string)+".tar.gz") {
		t.Errorf("link %s", link)
	}
	head := u.send("HEAD", link, "", nil)
	rest := u.send("GET", link, "", map[string]string{"Range": "bytes=1000-"})
	if jobs := u.s.Jobs(); rest.status != 200 || jobs[len(jobs)-1].Fetched {
		t.Errorf("the rest alone: %d, counted as whole", rest.status)
	}
	got := u.send("GET", link, "", map[string]string{"Range": "bytes=0-"})
	if got.status != 200 || head.status != 200 || head.header.Get("Content-Length") != got.header.Get("Content-Length") {
		t.Fatalf("%d, HEAD %d", got.status, head.status)
	}
	names := untar(t, got.body)
	for _, name := range []string{"WiredTiger", "WiredTiger.wt", "_mdb_catalog.wt", "storage.bson", "mongodb.log"} {
		if names[name] == 0 {
			t.Errorf("no %s in %v", name, names)
		}
	}
	if n := len(got.body); n < 200_000 || n > 900_000 {
		t.Errorf("%d bytes", n)
	}
	if again := u.send("GET", link, "", nil); again.status != 410 {
		t.Errorf("a second time: %d", again.status)
	}
	if wrong := u.send("GET", strings.Replace(link, "/restore-"+a.json["id"].(string)+"/", "/restore-"+a.json["id"].(string)+"/x", 1), "", nil); wrong.status != 404 {
		t.Errorf("with another token: %d", wrong.status)
	}
	if jobs := u.s.Jobs(); !jobs[len(jobs)-1].Fetched {
		t.Error("not fetched")
	}
	if u.want(job).json["expired"] != false {
		t.Error("a spent link is not an expired one")
	}
}

// An archive counts as fetched when a client has read its last byte, and not before: neither
// while it is on its way, nor where only its head was read. Such a link is not spent.
func TestFetchedWhenRead(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Payments", "orders-prod")
	link := a.json["deliveryUrl"].([]any)[0].(string)
	path := strings.TrimPrefix(link, u.s.BaseURL())
	begin := func() (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", u.s.Address()) //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: "+u.s.Address()+"\r\n\r\n")
		r := bufio.NewReader(conn)
		res, err := http.ReadResponse(r, nil) //nolint:bodyclose // the connection is closed, in the middle of it
		if err != nil || res.StatusCode != 200 || res.ContentLength < 200_000 {
			t.Fatalf("%v %+v", err, res)
		}
		if _, err := io.CopyN(io.Discard, res.Body, 1000); err != nil {
			t.Fatal(err)
		}
		return conn, r
	}
	conn, _ := begin()
	if lastJob(u).Fetched {
		t.Error("its head was read, and it counts as whole")
	}
	if again := u.refusedWhileTaken(link); again != 410 {
		t.Errorf("a second transfer beside the first: %d", again)
	}
	_ = conn.Close()
	u.s.AwaitDeliveries()
	if lastJob(u).Fetched {
		t.Error("its head was read, then the client left, and it counts as whole")
	}
	whole, rest := begin()
	if _, err := io.Copy(io.Discard, rest); err != nil { // until there is no more
		t.Fatal(err)
	}
	_ = whole.Close()
	u.s.AwaitDeliveries()
	if j := lastJob(u); !j.Fetched || j.FetchedAt.IsZero() {
		t.Errorf("it was read to the end: %+v", j)
	}
	if again := u.send("GET", link, "", nil); again.status != 410 {
		t.Errorf("a second time: %d", again.status)
	}
}

// refusedWhileTaken asks for a link, and does not wait for the transfer that is under way.
func (u *user) refusedWhileTaken(link string) int {
	u.t.Helper()
	res, err := http.Get(link) //nolint:noctx // loopback
	if err != nil {
		u.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

func TestLinkExpires(t *testing.T) {
	u := newUser(t)
	job, a := ready(t, u, "Payments", "orders-prod")
	link := a.json["deliveryUrl"].([]any)[0].(string)
	end, err := time.Parse(time.RFC3339, a.json["expiresAt"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if jobs := u.s.Jobs(); end.Sub(jobs[len(jobs)-1].EndsAt) != time.Hour {
		t.Errorf("expires at %s", end)
	}
	u.s.Advance(end.Sub(u.s.Now()) - time.Second)
	u.login()
	if u.want(job).json["expired"] != false {
		t.Error("expired too early")
	}
	u.s.Advance(time.Second)
	if a = u.want(job); a.json["expired"] != true || len(a.json["deliveryUrl"].([]any)) != 0 || a.json["expiresAt"] != stamp(end) {
		t.Errorf("%s", a.body)
	}
	if got := u.send("GET", link, "", nil); got.status != 410 {
		t.Errorf("an expired link gives %d", got.status)
	}
}

func TestExpireJob(t *testing.T) {
	u := newUser(t)
	job, a := ready(t, u, "Payments", "orders-prod")
	u.s.ExpireJob(a.json["id"].(string))
	if u.want(job).json["expired"] != true {
		t.Error("not expired")
	}
}

func TestShardedDownload(t *testing.T) {
	u := newUser(t)
	for cluster, replicaSets := range map[string]int{"Analytics/events": 3, "Platform Shared/audit-log": 4} {
		project, name, _ := strings.Cut(cluster, "/")
		_, a := ready(t, u, project, name)
		urls, components := a.json["deliveryUrl"].([]any), a.json["components"].([]any)
		if len(urls) != replicaSets || len(components) != replicaSets {
			t.Fatalf("%s: %d URLs, %d components", cluster, len(urls), len(components))
		}
		absent(t, a, "privateDownloadDeliveryUrls")
		for i, x := range components {
			c := x.(map[string]any)
			if c["downloadUrl"] != urls[i] || c["replicaSetName"] == "" {
				t.Errorf("%v", c)
			}
			private := c["privateDownloadDeliveryUrls"].([]any)[0].(map[string]any)
			if !strings.HasPrefix(private["endpointId"].(string), "vpce-") {
				t.Errorf("%v", private)
			}
			if got := u.send("GET", private["deliveryUrl"].(string), "", nil); got.status != 200 {
				t.Errorf("private: %d", got.status)
			}
			// Both links are of the same archive, which is delivered once.
			if got := u.send("GET", urls[i].(string), "", nil); got.status != 410 {
				t.Errorf("public, after private: %d", got.status)
			}
		}
	}
}

func TestPrivateLinkOfReplicaSet(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Platform Shared", "settings")
	private, ok := a.json["privateDownloadDeliveryUrls"].([]any)
	if !ok || len(private) != 1 {
		t.Fatalf("%s", a.body)
	}
	link := private[0].(map[string]any)["deliveryUrl"].(string)
	if got := u.send("GET", strings.Replace(link, "vpce-", "vpce-0", 1), "", nil); got.status != 404 {
		t.Errorf("through another endpoint: %d", got.status)
	}
	untar(t, u.send("GET", link, "", nil).body)
}

// TestCutDownload loses half of an archive: the link stays good.
func TestCutDownload(t *testing.T) {
	u := newUser(t)
	_, a := ready(t, u, "Payments", "orders-prod")
	link := a.json["deliveryUrl"].([]any)[0].(string)
	u.s.Fail(Fault{PathContains: "/delivery/", Drop: AfterCommit})
	got, err := u.try("GET", link, "", nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || got.status != 200 {
		t.Errorf("%d %v", got.status, err)
	}
	u.s.Fail(Fault{PathContains: "/delivery/", Status: 503, RetryAfter: 3})
	if got := u.send("GET", link, "", nil); got.status != 503 || got.header.Get("Retry-After") != "3" {
		t.Errorf("%d %v", got.status, got.header)
	}
	untar(t, u.send("GET", link, "", nil).body)
}

func TestArchiveIsDeterministic(t *testing.T) {
	names := []string{"shop.orders"}
	a, b := tarball(dice{1}, nowhere, "8.0.29", start, names, false), tarball(dice{1}, nowhere, "8.0.29", start, names, false)
	if !bytes.Equal(a, b) {
		t.Error("the same snapshot gives other bytes")
	}
	if bytes.Equal(a, tarball(dice{1}, "a"+nowhere[1:], "8.0.29", start, names, false)) {
		t.Error("another snapshot gives the same bytes")
	}
}

// untar reads the whole archive and returns its files with their sizes.
func untar(t *testing.T, b []byte) map[string]int64 {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	files := tar.NewReader(zipped)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, files)
		if err != nil {
			t.Fatal(err)
		}
		out[path.Base(h.Name)] = n
	}
}
