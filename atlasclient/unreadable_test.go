package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
)

// answering is a client whose every question gets this answer.
func answering(t *testing.T, body string) *Client {
	t.Helper()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, body) })
	return s.client(Options{})
}

// What is no list says nothing, and is never taken for an empty one.
func TestNoListIsNotEmpty(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `{"results":null}`, `{"links":[],"totalCount":0}`, `{"detail":"busy"}`, `{"Result":[]}`, `{"results":[],"totalCount":3}`} {
		c := answering(t, body)
		ctx := t.Context()
		for name, ask := range map[string]func() (int, error){
			"projects":       func() (int, error) { all, err := c.Projects(ctx); return len(all), err },
			"clusters":       func() (int, error) { all, err := c.Clusters(ctx, id1); return len(all), err },
			"snapshots":      func() (int, error) { all, err := c.Snapshots(ctx, rs); return len(all), err },
			"sharded":        func() (int, error) { all, err := c.Snapshots(ctx, sharded); return len(all), err },
			"flex snapshots": func() (int, error) { all, err := c.Snapshots(ctx, flex); return len(all), err },
			"jobs":           func() (int, error) { all, err := c.Jobs(ctx, rs); return len(all), err },
			"flex jobs":      func() (int, error) { all, err := c.Jobs(ctx, flex); return len(all), err },
			"access list":    func() (int, error) { a, err := c.Access(ctx, id1, ""); return len(a.Entries), err },
			"snapshot before": func() (int, error) {
				_, err := c.BaseSnapshot(ctx, rs, state.Instant{UTCSeconds: 1795442579})
				return 0, err
			},
			"private endpoint": func() (int, error) { all, err := c.privateEndpoints(ctx, id1, "AWS"); return len(all), err },
		} {
			if name == "private endpoint" && body != "null" {
				continue // that list is bare
			}
			if n, err := ask(); n != 0 || !errors.As(err, new(*state.UnreadableError)) {
				t.Errorf("%s, %s: %d, %v", name, body, n, err)
			}
		}
		if _, err := answering(t, `{"results":[]}`).Jobs(ctx, rs); err != nil {
			t.Errorf("an empty list: %v", err)
		}
	}
}

// One job that cannot be read hides none of the others, and stands among them as what it is.
func TestOneUnreadableJob(t *testing.T) {
	good := func(id string) string {
		return `{"id":"` + id + `","deliveryType":"automated","snapshotId":"` + id1 + `","targetGroupId":"` + id1 + `","targetClusterName":"a","status":"RUNNING"}`
	}
	const odd = "65f0c1d2e3a4b5c6d7e8f9ff"
	for name, tc := range map[string]struct{ element, id string }{
		"a wrong type":     {`{"id":"` + odd + `","deliveryType":"automated","failed":"no","snapshotId":7}`, odd},
		"a wrong date":     {`{"id":"` + odd + `","deliveryType":"automated","finishedAt":"soon","restoreFinishedDate":"soon"}`, odd},
		"null":             {`null`, ""},
		"nothing":          {`{}`, ""},
		"a text":           {`"job"`, ""},
		"no id":            {`{"deliveryType":"automated"}`, ""},
		"no delivery type": {`{"id":"` + odd + `"}`, odd},
	} {
		for _, c := range []state.Cluster{rs, flex} {
			client := answering(t, `{"results":[`+good(id1)+`,`+tc.element+`,`+good(id2)+`]}`)
			jobs, err := client.Jobs(t.Context(), c)
			if err != nil || len(jobs) != 3 {
				t.Fatalf("%s: %v, %v", name, jobs, err)
			}
			unread, read := 0, 0
			for _, j := range jobs {
				switch {
				case j.Unreadable != "" && j.ID == tc.id && j.State(client.Now()) == state.InProgress:
					unread++
				case j.Unreadable == "" && j.TargetClusterName != "" || j.Unreadable == "" && c.Family == state.Flex:
					read++
				}
			}
			if unread != 1 || read != 2 {
				t.Errorf("%s: %+v", name, jobs)
			}
		}
	}
	// So it is with a snapshot: it is listed, and cannot be chosen.
	client := answering(t, `{"results":[{"id":"`+id1+`","status":"completed"},{"id":"`+id2+`","status":7}]}`)
	all, err := client.Snapshots(t.Context(), rs)
	if err != nil || len(all) != 2 || all[0].Usable(client.Now()) == nil || all[1].Usable(client.Now()) != nil {
		t.Errorf("%+v, %v", all, err)
	}
}

// What Atlas documents in another way is told in words: what it is, and what is due there.
func TestUndocumentedInWords(t *testing.T) {
	element := func(e string) string { return `{"results":[` + e + `]}` }
	jobs := func(c *Client) (string, error) {
		all, err := c.Jobs(t.Context(), rs)
		if len(all) == 0 {
			return "", err
		}
		return all[0].Unreadable, err
	}
	job := func(c *Client) (string, error) { _, err := c.Job(t.Context(), rs, id1); return "", err }
	everywhere := func(c *Client) (string, error) {
		all, err := c.Everywhere(t.Context())
		if len(all) == 0 {
			return "", err
		}
		return all[0].Unreadable, err
	}
	for _, tc := range []struct {
		body, want string
		ask        func(*Client) (string, error)
	}{
		{element(`{"id":"` + id1 + `","deliveryType":"automated","failed":"no"}`), `"failed" is a text, where Atlas documents true or false`, jobs},
		{element(`{"id":"` + id1 + `","deliveryType":7}`), `"deliveryType" is a number, where Atlas documents a text`, jobs},
		{element(`{"id":"` + id1 + `","deliveryType":"automated","finishedAt":[]}`), "reading a date-time: it is a list, where Atlas documents a text", jobs},
		{element(`{"id":"` + id1 + `","deliveryType":"pointInTime","pointInTimeUTCSeconds":1.5}`), `"pointInTimeUTCSeconds" is the number 1.5, where Atlas documents a whole number`, jobs},
		{element(`"job"`), "it is a text, where Atlas documents an object", jobs},
		{`{"results":7}`, `"results" is a number, where Atlas documents a list`, jobs},
		{`[]`, "it is a list, where Atlas documents an object", jobs},
		{`{"id":{}}`, `"id" is an object, where Atlas documents a text`, job},
		{element(`{"groupId":"` + id1 + `","clusters":true}`), `"clusters" is true or false, where Atlas documents a list`, everywhere},
	} {
		said, err := tc.ask(answering(t, tc.body))
		if err != nil {
			p := state.Explain("asking", err)
			if said = p.Why; strings.Contains(p.Advice, "network") {
				t.Errorf("%s: an answer came, and the advice is %q", tc.body, p.Advice)
			}
		}
		if !strings.Contains(said, tc.want) || strings.Contains(said, "json") {
			t.Errorf("%s is told as %q, not as %q", tc.body, said, tc.want)
		}
	}
}

// An answer is about what was asked: another job's, or none, is not readable, and no 4xx.
func TestAnswerAboutAnotherJob(t *testing.T) {
	request := state.Request{DeliveryType: state.Automated, SnapshotID: id1, TargetProjectID: id1, TargetClusterName: "a"}
	for _, body := range []string{`{}`, `null`, `{"id":"` + id2 + `","deliveryType":"automated","finishedAt":"2026-11-23T14:00:00Z"}`, `{"id":"` + id1 + `"}`} {
		c := answering(t, body)
		for _, cluster := range []state.Cluster{rs, flex} {
			if j, err := c.Job(t.Context(), cluster, id1); !errors.As(err, new(*state.UnreadableError)) || j.ID != "" {
				t.Errorf("%s: %+v, %v", body, j, err)
			}
		}
		if strings.Contains(body, id2) {
			continue // whether that is ours, the one who has sent the request knows
		}
		if j, err := c.CreateJob(t.Context(), rs, request); !errors.As(err, new(*state.UnreadableError)) || j.ID != "" {
			t.Errorf("%s: created %+v, %v", body, j, err)
		}
	}
}

// How an estimate is written spoils no list.
func TestEstimates(t *testing.T) {
	for _, n := range []string{`5.0`, `"7"`, `1e400`, `-3`, `null`, `true`, `{}`, `[1]`, `"many"`, `9e18`} {
		body := fmt.Sprintf(`{"results":[{"id":"%s","name":"a","clusterCount":%s,"status":"completed","storageSizeBytes":%s}],"totalCount":%s}`, id1, n, n, n)
		c := answering(t, body)
		if all, err := c.Projects(t.Context()); err != nil || len(all) != 1 || all[0].ClusterCount < 0 {
			t.Errorf("%s: %+v, %v", n, all, err)
		}
		if all, err := c.Snapshots(t.Context(), rs); err != nil || len(all) != 1 || all[0].Status != "completed" || all[0].StorageSizeBytes < 0 {
			t.Errorf("%s: %+v, %v", n, all, err)
		}
	}
	if e := decode[estimate](t, `5.0`); e != 5 {
		t.Errorf("5.0 is %d", e)
	}
	if e := decode[estimate](t, `"7"`); e != 7 {
		t.Errorf(`"7" is %d`, e)
	}
}

// A body is read to a bound that fits its kind.
func TestBounds(t *testing.T) {
	padding := strings.Repeat("a", 1<<20)
	padded := func(before string, n int) *Client {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.atlas.2023-01-01+json;charset=utf-8")
			_, _ = io.WriteString(w, before+`"pad":"`)
			for rest := n; rest > 0; rest -= len(padding) {
				_, _ = io.WriteString(w, padding[:min(rest, len(padding))]) // it breaks off where it is too long
			}
			_, _ = io.WriteString(w, `"}`)
		})
		return s.client(Options{})
	}
	if mostOfObject != 1<<20 || mostOfList != 32<<20 {
		t.Errorf("an object has %d bytes at most, a list %d", mostOfObject, mostOfList)
	}
	job := `"id":"` + id1 + `","deliveryType":"automated"`
	for name, tc := range map[string]struct {
		ask    func(context.Context, *Client) error
		before string
		most   int
	}{
		"a job":   {func(ctx context.Context, c *Client) error { _, err := c.Job(ctx, rs, id1); return err }, "{" + job + ",", mostOfObject},
		"a list":  {func(ctx context.Context, c *Client) error { _, err := c.Jobs(ctx, rs); return err }, `{"results":[],`, mostOfList},
		"sharded": {func(ctx context.Context, c *Client) error { _, err := c.Snapshots(ctx, sharded); return err }, `{"results":[],`, mostOfList},
	} {
		if tc.most == mostOfList && !thorough() { // the suite reads a list that no object may be as long as
			if err := tc.ask(t.Context(), padded(tc.before, 2*mostOfObject)); err != nil {
				t.Errorf("%s of 2 MiB: %v", name, err)
			}
			continue
		}
		if err := tc.ask(t.Context(), padded(tc.before, tc.most-200)); err != nil {
			t.Errorf("%s just below: %v", name, err)
		}
		if err := tc.ask(t.Context(), padded(tc.before, tc.most)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("larger than %d MiB", tc.most>>20)) {
			t.Errorf("%s just above: %v", name, err)
		}
	}
}

// One project or cluster that cannot be read hides none of the others, and stands among them by
// its name, or its id, with the reason: nothing can be restored from it or onto it.
func TestOneUnreadableProjectOrCluster(t *testing.T) {
	const odd = "65f0c1d2e3a4b5c6d7e8f9ff"
	list := func(element string) string {
		good := func(id, name string) string {
			return `{"id":"` + id + `","name":"` + name + `","clusterType":"REPLICASET","stateName":"IDLE","backupEnabled":true,"backupSettings":{"enabled":true}}`
		}
		return `{"results":[` + good(id1, "a") + `,` + element + `,` + good(id2, "b") + `]}`
	}
	for name, tc := range map[string]struct{ element, called string }{
		"a wrong type": {`{"id":"` + odd + `","name":"odd","orgId":7,"groupId":7,"stateName":{}}`, "odd"},
		"no name":      {`{"id":"` + odd + `","name":7}`, odd},
		"no id":        {`{"id":7,"name":"odd"}`, "odd"},
		"a text":       {`"odd"`, "without a name"},
	} {
		t.Run(name, func(t *testing.T) {
			projects, err := answering(t, list(tc.element)).Projects(t.Context())
			if err != nil || len(projects) != 3 {
				t.Fatalf("projects %+v, %v", projects, err)
			}
			unread := 0
			for _, p := range projects {
				if p.Unreadable != "" && p.Name == tc.called {
					unread++
				}
			}
			if unread != 1 {
				t.Errorf("projects %+v", projects)
			}
			for _, flexOnly := range []bool{false, true} {
				s := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if flexOnly == strings.HasSuffix(r.URL.Path, "/flexClusters") {
						answer(w, 200, list(tc.element))
						return
					}
					answer(w, 200, `{"results":[]}`)
				})
				clusters, err := s.client(Options{}).Clusters(t.Context(), id1)
				if err != nil || len(clusters) != 3 {
					t.Fatalf("flex %v: clusters %+v, %v", flexOnly, clusters, err)
				}
				unread := 0
				for _, c := range clusters {
					plan := state.Plan{Cluster: state.Cluster{Family: c.Family, Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}}
					switch {
					case c.Unreadable != "" && c.Name == tc.called && c.Restorable() != nil && plan.Accepts(c) != nil && c.ProjectID == id1:
						unread++
					case c.Restorable() != nil:
						t.Errorf("flex %v: %+v", flexOnly, c)
					}
				}
				if unread != 1 {
					t.Errorf("flex %v: clusters %+v", flexOnly, clusters)
				}
			}
		})
	}
	client := answering(t, `{"results":[{"id":"`+id1+`","status":"COMPLETED"},{"id":"`+id2+`","status":7}]}`)
	all, err := client.Snapshots(t.Context(), flex)
	if err != nil || len(all) != 2 || all[0].Usable(client.Now()) == nil || all[1].Usable(client.Now()) != nil {
		t.Errorf("flex snapshots %+v, %v", all, err)
	}
}

// What is invisible in a name of a snapshot does not make it another name, which would be restored in its
// place; and a job whose kind cannot be seen is not read as one of none.
func TestNamesInASnapshotStayApart(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/databases") || strings.HasSuffix(r.URL.Path, "/collections") {
			answer(w, 200, `{"results":[{"name":"orders"},{"name":"or\u200bders"},{"name":"orders\u001b[2J"},{"name":"or\tders"}],"totalCount":4}`)
			return
		}
		answer(w, 200, `{"id":"`+id1+`","deliveryType":"\u200b","state":"\u200b","snapshotId":"`+id2+`"}`)
	})
	c := s.client(Options{})
	want := []string{"orders", "or\uFFFDders", "orders\uFFFD[2J", "or\uFFFDders"}
	if got, err := c.SnapshotDatabases(t.Context(), rs, id1); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := c.SnapshotCollections(t.Context(), rs, id1, "shop"); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, of := range []state.Cluster{rs, flex} {
		if j, err := c.Job(t.Context(), of, id1); err == nil {
			t.Errorf("%+v", j)
		}
	}
	if j, err := c.CollectionJob(t.Context(), rs, id1); err == nil {
		t.Errorf("%+v", j)
	}
}
