package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/teatest/schema"
)

// The clients of others, as they go about it: the calls of an SDK, and what Terraform does
// for each resource (create, read until it is so, read again, plan without a difference,
// delete, read that it is gone). They are written over net/http alone, each with the
// manners of its model: media types by the operation's own version, envelope left out,
// pages followed by their links.

// sdk is a client like the official Go SDK: a token by the service account, renewed when a
// request is refused, and the version of each operation in its Accept header.
type sdk struct {
	t     *testing.T
	s     *Server
	http  http.Client
	token string
	asked []string // how each request was answered: "GET path 200"
}

func newSDK(t *testing.T) *sdk {
	t.Helper()
	return &sdk{t: t, s: startServer(t, Options{Seed: 3})}
}

func (c *sdk) authorize() {
	c.t.Helper()
	k := c.s.Keys()
	form := url.Values{"grant_type": {"client_credentials"}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.s.BaseURL()+"/api/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.SetBasicAuth(url.QueryEscape(k.ClientID), url.QueryEscape(k.ClientSecret))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&given); err != nil || given.AccessToken == "" {
		c.t.Fatalf("%s: %v", res.Status, err)
	}
	c.token = given.AccessToken
}

// call makes a call of one operation, in one version of it.
func (c *sdk) call(method, path, version string, in, out any) (status int, code string) {
	c.t.Helper()
	var body []byte
	if in != nil {
		body, _ = json.Marshal(in)
	}
	for again := true; ; again = false {
		if c.token == "" {
			c.authorize()
		}
		r, err := http.NewRequestWithContext(c.t.Context(), method, c.s.BaseURL()+api+path, bytes.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		media := "application/vnd.atlas." + version + "+json"
		r.Header.Set("Accept", media)
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set("User-Agent", "go-atlas-sdk/v20250312023.0.0")
		if in != nil {
			r.Header.Set("Content-Type", media)
		}
		res, err := c.http.Do(r)
		if err != nil {
			c.t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			c.t.Fatal(err)
		}
		if res.StatusCode == http.StatusUnauthorized && again {
			c.token = ""
			continue
		}
		schema.Check(c.t, method, api+path, res.StatusCode, res.Header, raw)
		c.asked = append(c.asked, fmt.Sprintf("%s %s %d", method, path, res.StatusCode))
		var refusal struct {
			ErrorCode string `json:"errorCode"`
		}
		switch {
		case res.StatusCode >= 400:
			if err := json.Unmarshal(raw, &refusal); err != nil {
				c.t.Fatal(err)
			}
		case out != nil:
			if err := json.Unmarshal(raw, out); err != nil {
				c.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
			}
		}
		return res.StatusCode, refusal.ErrorCode
	}
}

func (c *sdk) must(method, path, version string, in, out any) {
	c.t.Helper()
	if status, code := c.call(method, path, version, in, out); status >= 400 {
		c.t.Fatalf("%s %s: %d %s", method, path, status, code)
	}
}

// The models that such a client has, of what it reads here.
type (
	named struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	sdkLink struct{ Href, Rel string }
	sdkJob  struct {
		ID                string   `json:"id"`
		DeliveryType      string   `json:"deliveryType"`
		SnapshotID        string   `json:"snapshotId"`
		TargetClusterName string   `json:"targetClusterName"`
		TargetGroupID     string   `json:"targetGroupId"`
		FinishedAt        string   `json:"finishedAt"`
		DeliveryURL       []string `json:"deliveryUrl"`
		Cancelled, Failed bool
	}
	sdkSnapshot struct {
		ID          string `json:"id"`
		Status      string `json:"status"`
		Type        string `json:"type"`
		Description string `json:"description"`
		Size        int64  `json:"storageSizeBytes"`
		CreatedAt   string `json:"createdAt"`
	}
	page[T any] struct {
		Results    []T       `json:"results"`
		TotalCount int       `json:"totalCount"`
		Links      []sdkLink `json:"links"`
	}
)

// TestLikeAnSDK finds a project by its name and a cluster of it, reads all snapshots by the
// links from page to page, restores one, waits until it is done, and cancels a download.
func TestLikeAnSDK(t *testing.T) {
	c := newSDK(t)
	var org page[named]
	c.must("GET", "/orgs", "2023-01-01", nil, &org)
	var projects page[named]
	c.must("GET", "/orgs/"+org.Results[0].ID+"/groups", "2023-01-01", nil, &projects)
	var payments named
	c.must("GET", "/groups/byName/Payments", "2023-01-01", nil, &payments)
	if payments.Name != "Payments" || !slices.ContainsFunc(projects.Results, func(p named) bool { return p == payments }) {
		t.Errorf("%+v is none of %+v", payments, projects.Results)
	}
	group := "/groups/" + payments.ID
	for name, version := range map[string]string{"2024-08-05": "2024-08-05", "2024-10-23": "2024-10-23", "2025-03-12": "2025-03-12"} {
		var x struct{ Name, StateName, ClusterType string }
		if c.must("GET", group+"/clusters/orders-prod", version, nil, &x); x.StateName != "IDLE" || x.ClusterType != "REPLICASET" {
			t.Errorf("%s: %+v", name, x)
		}
	}
	snapshots := group + "/clusters/orders-prod/backup/snapshots"
	var all []sdkSnapshot
	for path := snapshots + "?itemsPerPage=20&includeCount=true"; path != ""; {
		var p page[sdkSnapshot]
		c.must("GET", path, "2023-01-01", nil, &p)
		all, path = append(all, p.Results...), ""
		for _, l := range p.Links {
			if l.Rel == "next" {
				path = strings.TrimPrefix(l.Href, c.s.BaseURL()+api)
			}
		}
		if path == "" && len(all) != p.TotalCount {
			t.Errorf("%d of %d snapshots", len(all), p.TotalCount)
		}
	}
	good := all[slices.IndexFunc(all, func(s sdkSnapshot) bool { return s.Status == "completed" })]
	jobs := group + "/clusters/orders-prod/backup/restoreJobs"
	var job sdkJob
	c.must("POST", jobs, "2023-01-01", map[string]any{
		"deliveryType": "automated", "snapshotId": good.ID, "targetClusterName": "orders-prod-restore", "targetGroupId": payments.ID,
	}, &job)
	if job.TargetClusterName != "orders-prod-restore" || job.TargetGroupID != payments.ID || job.SnapshotID != good.ID || job.FinishedAt != "" {
		t.Errorf("%+v", job)
	}
	if status, code := c.call("POST", jobs, "2023-01-01", map[string]any{
		"deliveryType": "automated", "snapshotId": good.ID, "targetClusterName": "orders-prod-restore", "targetGroupId": payments.ID,
	}, nil); status != 409 || code != "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" {
		t.Errorf("a second one at once: %d %s", status, code)
	}
	if status, code := c.call("DELETE", jobs+"/"+job.ID, "2023-01-01", nil, nil); status != 400 || code != "CANNOT_CANCEL_AUTOMATED_RESTORE" {
		t.Errorf("cancelling it: %d %s", status, code)
	}
	for looks := 0; job.FinishedAt == "" && looks < 60; looks++ {
		c.s.Advance(10 * time.Second)
		c.must("GET", jobs+"/"+job.ID, "2023-01-01", nil, &job)
	}
	if job.FinishedAt == "" || job.Failed || job.Cancelled {
		t.Errorf("after ten minutes %+v", job)
	}
	c.must("POST", jobs, "2023-01-01", map[string]any{"deliveryType": "download", "snapshotId": good.ID}, &job)
	c.must("DELETE", jobs+"/"+job.ID, "2023-01-01", nil, nil)
	if c.must("GET", jobs+"/"+job.ID, "2023-01-01", nil, &job); !job.Cancelled || len(job.DeliveryURL) > 0 {
		t.Errorf("after it was cancelled %+v", job)
	}
	c.s.ExpireTokens()
	c.must("GET", jobs, "2023-01-01", nil, nil) // by a new token
}

// resource is one of Terraform's: what creates it, reads it and deletes it.
type resource struct {
	create func() (path string)
	ready  func(state map[string]any) bool // nil: at once
	wait   time.Duration                   // between two reads
}

// apply creates the resource, reads until it is ready, and holds that a plan right after
// that has no difference: two reads are the same.
func (c *sdk) apply(r resource) (path string, state map[string]any) {
	c.t.Helper()
	path = r.create()
	for reads := 0; ; reads++ {
		state = map[string]any{}
		c.must("GET", path, "2023-01-01", nil, &state)
		if r.ready == nil || r.ready(state) {
			break
		}
		if reads == 100 {
			c.t.Fatalf("GET %s: it never is ready: %v", path, state)
		}
		c.s.Advance(r.wait)
	}
	c.s.Advance(time.Minute)
	var again map[string]any
	c.must("GET", path, "2023-01-01", nil, &again)
	if a, b := fmt.Sprint(state), fmt.Sprint(again); a != b {
		c.t.Errorf("a plan has a difference:\n%s\n%s", a, b)
	}
	return path, state
}

// destroy deletes the resource and holds that a read says so, twice, and a second delete too.
func (c *sdk) destroy(path, gone string) {
	c.t.Helper()
	c.must("DELETE", path, "2023-01-01", nil, nil)
	for _, method := range []string{"GET", "GET", "DELETE"} {
		if status, code := c.call(method, path, "2023-01-01", nil, nil); status != 404 || code != gone {
			c.t.Errorf("%s %s after it was deleted: %d %s", method, path, status, code)
		}
	}
}

// TestLikeTerraform applies a snapshot on demand of a replica set and of a sharded cluster
// and a restore job of each, and reads the data sources that stand beside them.
func TestLikeTerraform(t *testing.T) {
	c := newSDK(t)
	for _, of := range []struct{ project, cluster, target, kind string }{
		{"Payments", "orders-prod", "orders-prod-restore", "replicaSet"}, {"Analytics", "events", "events-restore", "shardedCluster"},
	} {
		var project named
		c.must("GET", "/groups/byName/"+of.project, "2023-01-01", nil, &project)
		cluster := "/groups/" + project.ID + "/clusters/" + of.cluster
		snapshots := cluster + "/backup/snapshots"
		path, state := c.apply(resource{
			create: func() string {
				var s sdkSnapshot
				c.must("POST", snapshots, "2023-01-01", map[string]any{"description": "by terraform", "retentionInDays": 3}, &s)
				if s.Status != "queued" || s.Type != of.kind {
					t.Errorf("%+v", s)
				}
				return snapshots + "/" + s.ID
			},
			ready: func(state map[string]any) bool { return state["status"] == "completed" },
			wait:  15 * time.Second,
		})
		if state["type"] != of.kind || state["description"] != "by terraform" || state["snapshotType"] != "onDemand" || state["createdAt"] == nil {
			t.Errorf("%v", state)
		}
		var listed page[sdkSnapshot]
		c.must("GET", snapshots, "2023-01-01", nil, &listed)
		if !slices.ContainsFunc(listed.Results, func(s sdkSnapshot) bool { return s.ID == state["id"] && s.Size > 0 }) {
			t.Errorf("what was created is not listed")
		}
		_, job := c.apply(resource{
			create: func() string {
				var j sdkJob
				c.must("POST", cluster+"/backup/restoreJobs", "2023-01-01", map[string]any{
					"deliveryType": "automated", "snapshotId": state["id"], "targetClusterName": of.target, "targetGroupId": project.ID,
				}, &j)
				return cluster + "/backup/restoreJobs/" + j.ID
			},
			ready: func(state map[string]any) bool { return state["finishedAt"] != nil },
			wait:  20 * time.Second,
		})
		if job["snapshotId"] != state["id"] || job["failed"] != false {
			t.Errorf("%v", job)
		}
		c.destroy(path, "SNAPSHOT_NOT_FOUND")
		c.dataSources(project.ID, of.cluster)
	}
	var archive named
	c.must("GET", "/groups/byName/Research%20Archive", "2023-01-01", nil, &archive)
	var policy struct {
		ProjectID, State string
		Deletable        bool
	}
	if c.must("GET", "/groups/"+archive.ID+"/backupCompliancePolicy", "2023-10-01", nil, &policy); policy.ProjectID != archive.ID || policy.State != "ACTIVE" {
		t.Errorf("%+v", policy)
	}
	if status, code := c.call("GET", "/groups/byName/Nothing", "2023-01-01", nil, nil); status != 404 || code != "GROUP_NAME_NOT_FOUND" {
		t.Errorf("%d %s", status, code)
	}
	if status, _ := c.call("POST", "/groups/"+archive.ID+"/flexClusters", "2024-11-13", map[string]any{"name": "new"}, nil); status != 404 {
		t.Errorf("a flex cluster is made: %d", status)
	}
}

// dataSources reads what is beside a cluster, twice: it is the same, and whatever a list has
// can be read alone.
func (c *sdk) dataSources(project, cluster string) {
	c.t.Helper()
	group := "/groups/" + project
	for _, path := range []string{
		group, group + "/clusters/" + cluster + "/backup/schedule", group + "/accessList", group + "/alerts?status=CLOSED",
		group + "/containers", group + "/containers/all", group + "/databaseUsers", group + "/peers", group + "/whitelist",
	} {
		var first, second map[string]any
		c.must("GET", path, "2023-01-01", nil, &first)
		c.must("GET", path, "2023-01-01", nil, &second)
		if fmt.Sprint(first) != fmt.Sprint(second) {
			c.t.Errorf("GET %s: two reads differ", path)
		}
	}
	var containers page[named]
	c.must("GET", group+"/containers", "2023-01-01", nil, &containers)
	for _, x := range containers.Results {
		c.must("GET", group+"/containers/"+x.ID, "2023-01-01", nil, nil)
	}
	var limits page[struct {
		ID string `json:"endpointSetId"`
	}]
	c.must("GET", "/rateLimits?name=Cloud%20Backups", "2025-03-12", nil, &limits)
	var backups struct {
		Capacity struct{ Value, DefaultValue int }
	}
	if c.must("GET", "/rateLimits/"+limits.Results[0].ID, "2025-03-12", nil, &backups); len(limits.Results) != 1 || backups.Capacity.Value != 1200 {
		c.t.Errorf("%+v %+v", limits, backups)
	}
}
