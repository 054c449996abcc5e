package delivery_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// trainee downloads from the embedded Atlas, with no more than its API.
type trainee struct {
	t     *testing.T
	s     *simulator.Server
	token string
}

func newTrainee(t *testing.T) *trainee {
	t.Helper()
	s, err := simulator.Start(simulator.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	u := &trainee{t: t, s: s}
	keys := s.Keys()
	basic := base64.StdEncoding.EncodeToString([]byte(keys.ClientID + ":" + keys.ClientSecret))
	got := u.call(http.MethodPost, "/api/oauth/token", "grant_type=client_credentials", "application/x-www-form-urlencoded", "Basic "+basic)
	u.token = got["access_token"].(string)
	return u
}

func (u *trainee) call(method, path, body, kind, authorization string) map[string]any {
	u.t.Helper()
	r, err := http.NewRequestWithContext(u.t.Context(), method, u.s.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	r.Header.Set("Accept", "application/vnd.atlas.2025-03-12+json")
	if strings.HasSuffix(path, "/token") {
		r.Header.Set("Accept", "application/json")
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", authorization)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		u.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode >= 300 {
		u.t.Fatalf("%s %s: %d %v %v", method, path, resp.StatusCode, out, err)
	}
	return out
}

func (u *trainee) api(method, path, body string) map[string]any {
	return u.call(method, "/api/atlas/v2"+path, body, "application/json", "Bearer "+u.token)
}

// job makes a download job of the newest snapshot of a cluster, and waits until it is ready.
func (u *trainee) job(project, cluster string) fetch.Order {
	u.t.Helper()
	path := fmt.Sprintf("/groups/%s/clusters/%s/backup/restoreJobs", u.s.ProjectID(project), cluster)
	made := u.api(http.MethodPost, path, fmt.Sprintf(`{"deliveryType":"download","snapshotId":%q}`, u.s.NewestSnapshot(project, cluster).ID))
	u.s.Advance(6 * time.Minute)
	return u.order(path+"/"+made["id"].(string), cluster)
}

func (u *trainee) order(path, cluster string) fetch.Order {
	u.t.Helper()
	job := u.api(http.MethodGet, path, "")
	o := fetch.Order{Dir: u.t.TempDir(), Job: job["id"].(string), Snapshot: job["snapshotId"].(string)}
	var err error
	if o.ExpiresAt, err = time.Parse(time.RFC3339, job["expiresAt"].(string)); err != nil {
		u.t.Fatal(err)
	}
	if parts, ok := job["components"].([]any); ok {
		for _, p := range parts {
			c := p.(map[string]any)
			link, _ := c["downloadUrl"].(string)
			o.Files = append(o.Files, fetch.File{Name: fetch.FileName(cluster, c["replicaSetName"].(string), time.Time{}), ReplicaSet: c["replicaSetName"].(string), Link: state.NewSecret(link)})
		}
		return o
	}
	for _, l := range job["deliveryUrl"].([]any) {
		o.Files = append(o.Files, fetch.File{Name: fetch.FileName(cluster, "", u.s.Now()), Link: state.NewSecret(l.(string))})
	}
	return o
}

func (u *trainee) options() delivery.Options {
	return delivery.Options{Prover: walked{}, Now: u.s.Now, Only: u.s.Address()}
}

func (u *trainee) last() simulator.Job {
	u.s.AwaitDeliveries()
	jobs := u.s.Jobs()
	return jobs[len(jobs)-1]
}

// walked proves that an archive unpacks and lists to its end.
type walked struct{}

func (walked) Prove(_ context.Context, _ string, r io.Reader, _ delivery.Unpacker) (fetch.Verdict, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fetch.Verdict{}, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	files := 0
	if err == nil {
		for list := tar.NewReader(z); err == nil; files++ {
			_, err = list.Next()
		}
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, z)
		}
	}
	if err != nil {
		return fetch.Verdict{Words: err.Error()}, nil
	}
	return fetch.Verdict{Proven: true, Words: fmt.Sprintf("%d files", files-1)}, nil
}

// What the embedded Atlas delivers is fetched, and it takes the archive for fetched.
func TestFromTheEmbeddedAtlas(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	o := u.job("Payments", "orders-prod")
	r, err := delivery.Fetch(t.Context(), o, u.options())
	if err != nil || !strings.HasSuffix(r[0].Verdict.Words, " files") {
		t.Fatalf("%v %+v", err, r)
	}
	if j := u.last(); !j.Fetched {
		t.Errorf("%+v", j)
	}
	// The links are used up: what is missing now is told, and what is there needs none.
	if _, err := delivery.Fetch(t.Context(), o, u.options()); err != nil {
		t.Errorf("again: %v", err)
	}
	o.Dir = t.TempDir()
	_, err = delivery.Fetch(t.Context(), o, u.options())
	var e *fetch.Error
	if !errors.As(err, &e) || e.Problem != fetch.Stale || e.Status != http.StatusGone {
		t.Errorf("elsewhere: %v", err)
	}
}

// The lesson of the archive that is cut: it is fetched again while the link is good, and only
// the whole of it gets the name.
func TestLessonTruncatedArchive(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	u.s.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/delivery/", Drop: simulator.AfterCommit})
	o := u.job("Payments", "orders-prod")
	opt := u.options()
	var story []fetch.Kind
	opt.Tell = func(e fetch.Event) {
		if e.Kind != fetch.Moved && e.Kind != fetch.Note {
			story = append(story, e.Kind)
		}
	}
	if _, err := delivery.Fetch(t.Context(), o, opt); err != nil {
		t.Fatal(err)
	}
	if want := "[host began again host anew began judged told ended]"; fmt.Sprint(story) != want {
		t.Errorf("%v, want %s", story, want)
	}
	if !u.last().Fetched {
		t.Error("not fetched")
	}
}

// The lesson of the link that expires half-way: with a job of the same snapshot it comes to its
// end, without one it says so and keeps what is there.
func TestLessonExpiredLink(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	u.s.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/delivery/", Drop: simulator.AfterCommit})
	o := u.job("Payments", "orders-prod")
	opt := u.options()
	opt.Tell = func(e fetch.Event) {
		if e.Kind == fetch.Again {
			u.s.ExpireJob(o.Job)
		}
	}
	r, err := delivery.Fetch(t.Context(), o, opt)
	var e *fetch.Error
	if !errors.As(err, &e) || e.Problem != fetch.Stale || r[0].State != fetch.Kept || r[0].Bytes < 100_000 {
		t.Fatalf("%v %+v", err, r)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, r[0].Name)); !os.IsNotExist(err) {
		t.Errorf("the final name: %v", err)
	}
	opt.Renew = func(_ context.Context, old fetch.Order) (fetch.Order, error) {
		next := u.job("Payments", "orders-prod")
		next.Files[0].Name = old.Files[0].Name
		return next, nil
	}
	if r, err := delivery.Fetch(t.Context(), o, opt); err != nil {
		t.Fatalf("with another job: %v %+v", err, r)
	}
	if !u.last().Fetched {
		t.Error("not fetched")
	}
}

// The lesson of the missing shard: three of four are not the download.
func TestLessonMissingShard(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	var project, cluster string
	for _, p := range u.s.World().Projects {
		for _, c := range p.Clusters {
			if c.Shards > 1 && c.BackupEnabled {
				project, cluster = p.Name, c.Name
			}
		}
	}
	o := u.job(project, cluster)
	hidden := o.Files[1].Link
	o.Files[1].Link = state.Secret{}
	r, err := delivery.Fetch(t.Context(), o, u.options())
	if err == nil || r.Proven() != len(o.Files)-1 || r[1].Err.Problem != fetch.NoLink {
		t.Fatalf("%v %+v", err, r)
	}
	o.Files[1].Link = hidden
	if r, err := delivery.Fetch(t.Context(), o, u.options()); err != nil || r.Proven() != len(o.Files) {
		t.Fatalf("%v %+v", err, r)
	}
	if j := u.last(); !j.Fetched || j.Archives != len(o.Files) {
		t.Errorf("%+v", j)
	}
}

// What the embedded Atlas delivers is real to the proof: each table of each archive is proven.
func TestEmbeddedArchivesAreProven(t *testing.T) {
	t.Parallel()
	u := newTrainee(t)
	seen := map[string]bool{} // one of each kind; the gate takes one of each version too
	for _, p := range u.s.World().Projects {
		for _, c := range p.Clusters {
			kind := c.Type
			if os.Getenv("THOROUGH") == "1" {
				kind += c.MongoDBVersion[:3]
			}
			if seen[kind] || !c.BackupEnabled || c.Provider == "FLEX" || c.Paused || c.State != "IDLE" {
				continue
			}
			seen[kind] = true
			o := u.job(p.Name, c.Name)
			opt := u.options()
			opt.Prover = delivery.BlockChecksums{Notes: t.TempDir()}
			r, err := delivery.Fetch(t.Context(), o, opt)
			if err != nil || !strings.Contains(r[0].Verdict.Words, " tables: every block that the snapshot reaches is as WiredTiger wrote it") {
				t.Errorf("%s/%s: %v %+v", p.Name, c.Name, err, r)
			}
		}
	}
}
