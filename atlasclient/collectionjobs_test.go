package atlasclient

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/submit"
)

// collectionRequests are one of each kind: of a snapshot, a second and an oplog entry.
var collectionRequests = func() []state.Request {
	asked := collections.Asked{
		Write: collections.CreateNew, Indexes: collections.AllButTTL,
		Databases:   []collections.Namespace{{Source: "crm", Target: "people"}},
		Collections: []collections.Namespace{{Source: "sales.orders", Target: "sales.orders"}, {Source: `sales.it's "new"`, Target: "sales.new"}},
	}
	one := state.Request{DeliveryType: state.Collections, TargetProjectID: id1, TargetClusterName: "demo2", Asked: &asked}
	snapshot, second, entry := one, one, one
	snapshot.SnapshotID = id2
	second.PointInTimeUTCSeconds = 1786332505
	entry.OplogTs, entry.OplogInc = 1786332505, 1
	return []state.Request{snapshot, second, entry}
}()

const (
	collectionJobID = "444444444444444444444444"
	// exampleCollectionJob is the example of Atlas's specification.
	exampleCollectionJob = `{"collectionSuffix":"","collections":[{"sourceNamespace":"sales.orders","targetNamespace":"sales.orders"}],"createdAt":"2026-07-07T12:00:00Z","databaseSuffix":"","databases":[],"id":"444444444444444444444444",
 "indexStatus":{"failedCollectionCount":0,"state":"IN_PROGRESS"},"indexStrategy":"ALL","restoredDocuments":15500,"snapshotId":"111111111111111111111111","state":"IN_PROGRESS","targetClusterName":"demo2","targetGroupId":"aaaaaaaaaaaaaaaaaaaaaaaa","totalDocuments":20000,"writeStrategy":"CREATE_NEW"}`
)

// part is a collection of a job as Atlas tells it.
func part(name, as, is string) string {
	index := `{"state":"FAILED","errorMessage":"E11000","failedIndexes":[{"name":"sku_1"}]}`
	if is == "SUCCESSFUL" {
		index = `{"state":"SUCCESSFUL","failedIndexes":[]}`
	}
	return fmt.Sprintf(`{"sourceNamespace":%q,"targetNamespace":%q,"effectiveTargetNamespace":%q,"state":%q,"restoredDocuments":7,"totalDocuments":8,"indexStatus":%s}`, name, name, as, is, index)
}

// Indexes that could not be built are told by name or by key, whatever the objects are, and no end
// is good with one.
func TestFailedIndexes(t *testing.T) {
	for told, want := range map[string][]string{
		`[{"name":"sku_1"},{"name":"by_day","key":{"day":1}}]`: {"sku_1", "by_day"},
		`[{"key":{"number":1},"unique":true}]`:                 {`{"number":1}`},
		`[{"v":2}]`:                                            {`{"v":2}`},
		`[{"name":7,"key":{"a":1}}, "sku_1"]`:                  {`{"a":1}`, `"sku_1"`},
		`"all"`:                                                {`"all"`},
		`null`:                                                 nil,
		`[]`:                                                   nil,
	} {
		one := strings.Replace(part("sales.orders", "sales.orders", "SUCCESSFUL"), `[]`, told, 1)
		s := newServer(t, collectionJob(inState("SUCCESSFUL"), always(200, `{"results":[`+one+`]}`)))
		got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
		if err != nil || len(got.Collections.Parts) != 1 {
			t.Fatalf("%s: %+v, %v", told, got, err)
		}
		end := state.Completed
		if len(want) > 0 {
			end = state.Failed
		}
		if lost := got.Collections.Parts[0].Indexes.Lost; !slices.Equal(lost, want) || got.State(time.Now()) != end {
			t.Errorf("%s is read as %q, and the end is %v", told, lost, got.State(time.Now()))
		}
	}
}

// collectionJob answers with a job, and with what its collections are.
func collectionJob(job string, parts http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/collections") {
			parts(w, r)
			return
		}
		answer(w, 200, job)
	}
}

func inState(s string) string {
	return strings.Replace(exampleCollectionJob, `"state":"IN_PROGRESS","target`, `"state":"`+s+`","finishedAt":"2026-07-07T12:27:00Z","errorMessage":"collection was not found","target`, 1)
}

func TestDecodeCollectionJob(t *testing.T) {
	s := newServer(t, collectionJob(exampleCollectionJob, always(200, `{"results":[`+part("sales.orders", "sales.orders_1", "INDEX_BUILD_FAILED")+`]}`)))
	got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
	if err != nil {
		t.Fatal(err)
	}
	orders := collections.Name{Database: "sales", Collection: "orders"}
	want := state.Job{
		ID: collectionJobID, DeliveryType: state.Collections, SnapshotID: "111111111111111111111111",
		TargetProjectID: "aaaaaaaaaaaaaaaaaaaaaaaa", TargetClusterName: "demo2",
		Collections: &collections.Job{
			Asked: collections.Asked{Write: collections.CreateNew, Indexes: collections.AllIndexes, Collections: []collections.Namespace{{Source: "sales.orders", Target: "sales.orders"}}},
			State: collections.InProgress, CreatedAt: time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC),
			Documents: collections.Progress{Restored: 15500, Total: 20000}, Indexes: collections.IndexBuild{State: collections.InProgress},
			Parts: []collections.Part{{
				Source: orders, Asked: orders, Real: collections.Name{Database: "sales", Collection: "orders_1"}, State: collections.IndexBuildFailed,
				Documents: collections.Progress{Restored: 7, Total: 8}, Indexes: collections.IndexBuild{State: collections.Failed, Why: "E11000", Lost: []string{"sku_1"}},
			}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	path := "GET /api/atlas/v2/groups/" + rs.ProjectID + "/clusters/demo/collectionRestoreJobs/" + collectionJobID
	if got := s.requests(); !slices.Equal(got, []string{path, path + "/collections"}) {
		t.Errorf("asked %v", got)
	}
}

// While a job is initialised Atlas tells no collections, so that none are asked for.
func TestCollectionJobInitializing(t *testing.T) {
	s := newServer(t, always(200, inState("INITIALIZING")))
	got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
	if err != nil || got.Collections.Parts != nil || got.State(time.Now()) != state.InProgress || len(s.requests()) != 1 {
		t.Errorf("%+v, %v, %v", got, err, s.requests())
	}
}

// Counts are estimates: how one is written spoils neither a job nor what stands beside it.
func TestCollectionJobEstimates(t *testing.T) {
	for _, n := range []string{`5.0`, `"7"`, `1e400`, `-3`, `null`, `true`, `{}`} {
		job := strings.NewReplacer(":15500", ":"+n, ":20000", ":"+n, ":0,", ":"+n+",").Replace(inState("SUCCESSFUL"))
		parts := strings.NewReplacer(":7,", ":"+n+",", ":8,", ":"+n+",").Replace(part("sales.orders", "sales.orders", "SUCCESSFUL"))
		s := newServer(t, collectionJob(job, always(200, `{"results":[`+parts+`]}`)))
		got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
		if err != nil || got.State(time.Now()) != state.Completed || got.Collections.Documents.Restored < 0 || got.Collections.Indexes.Failed < 0 {
			t.Errorf("%s: %+v, %v", n, got, err)
		}
	}
}

// Of a job whose collections cannot be read nobody says that all came, whatever the job says; one
// that failed has failed without them. Nothing is asked twice.
func TestCollectionJobWithoutItsCollections(t *testing.T) {
	empty := `{"results":[]}`
	for _, tc := range []struct {
		is, name string
		parts    http.HandlerFunc
		end      state.JobState // of what is read without an error
		ok       bool
	}{
		{"SUCCESSFUL", "403", always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN"}`), 0, false},
		{"SUCCESSFUL", "404", always(404, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`), 0, false},
		{"SUCCESSFUL", "500", always(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), 0, false},
		{"SUCCESSFUL", "no list", always(200, `{}`), 0, false},
		{"SUCCESSFUL", "an unreadable element", always(200, `{"results":[`+part("sales.orders", "sales.orders", "SUCCESSFUL")+`,{"sourceNamespace":7}]}`), 0, false},
		{"SUCCESSFUL", "none", always(200, empty), state.Over, true},
		{"SUCCESSFUL", "one without a state", always(200, `{"results":[`+part("sales.orders", "sales.orders", "")+`]}`), state.Failed, true},
		{"SUCCESSFUL", "one without a state, its indexes untold", always(200, `{"results":[{"sourceNamespace":"sales.orders","state":null}]}`), state.Over, true},
		{"SUCCESSFUL", "one of a state that is not known", always(200, `{"results":[{"sourceNamespace":"sales.orders","state":"SKIPPED"}]}`), state.Over, true},
		{"SUCCESSFUL", "one without anything", always(200, `{"results":[{}]}`), state.Over, true},
		{"SUCCESSFUL", "all", always(200, `{"results":[`+part("sales.orders", "sales.orders", "SUCCESSFUL")+`]}`), state.Completed, true},
		{"FAILED", "403", always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN"}`), state.Failed, true},
		{"CANCELED", "404", always(404, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`), state.Cancelled, true},
		{"PARTIAL_SUCCESS", "all", always(200, `{"results":[`+part("sales.orders", "sales.orders", "SUCCESSFUL")+`]}`), state.Doubtful, true},
		{"successful", "all", always(200, `{"results":[`+part("sales.orders", "sales.orders", "SUCCESSFUL")+`]}`), state.Doubtful, true},
		{"FAILED", "500", always(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), 0, false},
		{"IN_PROGRESS", "403", always(403, `{"error":403,"errorCode":"ACCESS_FORBIDDEN"}`), 0, false},
	} {
		t.Run(tc.is+" "+tc.name, func(t *testing.T) {
			s := newServer(t, collectionJob(inState(tc.is), tc.parts))
			got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
			switch {
			case (err == nil) != tc.ok:
				t.Errorf("%+v, %v", got, err)
			case err == nil && got.State(time.Now()) != tc.end:
				t.Errorf("it is %v, want %v", got.State(time.Now()), tc.end)
			case err != nil && got.ID != "":
				t.Errorf("a job stands beside the error: %+v", got)
			}
			if n := len(s.requests()); n != 2 {
				t.Errorf("%d requests: %v", n, s.requests())
			}
		})
	}
}

// One collection may come as two names: that one of them came says nothing of the other.
func TestOneCollectionAsTwoNames(t *testing.T) {
	two := `{"results":[` + part("sales.orders", "sales.orders", "SUCCESSFUL") + `,` + strings.Replace(part("sales.orders", "sales.orders", "NOT_FOUND"), `"targetNamespace":"sales.orders"`, `"targetNamespace":"sales.then"`, 1) + `]}`
	s := newServer(t, collectionJob(inState("SUCCESSFUL"), always(200, two)))
	got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
	if err != nil || len(got.Collections.Parts) != 2 || got.State(time.Now()) != state.Failed {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestCollectionsOfManyPages reads all of a job's collections, and nothing where a page is missing.
func TestCollectionsOfManyPages(t *testing.T) {
	const n = 1203
	for _, missing := range []int{0, 2, 3} {
		s := newServer(t, collectionJob(inState("SUCCESSFUL"), func(w http.ResponseWriter, r *http.Request) {
			page, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
			size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
			if page == missing {
				answer(w, 500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`)
				return
			}
			var all []string
			for i := (page - 1) * size; i < min(n, page*size); i++ {
				all = append(all, part(fmt.Sprintf("sales.orders%04d", i), fmt.Sprintf("sales.orders%04d", i), "SUCCESSFUL"))
			}
			next := ""
			if page*size < n {
				next = `{"rel":"next","href":"https://elsewhere.example/"}`
			}
			answer(w, 200, `{"results":[`+strings.Join(all, ",")+`],"links":[`+next+`]}`)
		}))
		got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
		if missing == 0 && (err != nil || len(got.Collections.Parts) != n) || missing > 0 && (err == nil || got.ID != "") {
			t.Errorf("page %d missing: %v", missing, err)
		}
	}
}

// One job that cannot be read hides none of the others; the newest is first.
func TestCollectionJobs(t *testing.T) {
	one := func(id, at string) string {
		return strings.NewReplacer(collectionJobID, id, "2026-07-07T12:00:00Z", at).Replace(exampleCollectionJob)
	}
	const odd = "65f0c1d2e3a4b5c6d7e8f9ff"
	for name, tc := range map[string]struct{ element, id string }{
		"a wrong type": {`{"id":"` + odd + `","state":7}`, odd},
		"a wrong date": {`{"id":"` + odd + `","state":"IN_PROGRESS","createdAt":"soon"}`, odd},
		"a wrong name": {`{"id":"` + odd + `","state":"IN_PROGRESS","collections":[7]}`, odd},
		"no state":     {`{"id":"` + odd + `"}`, odd},
		"no id":        {`{"state":"IN_PROGRESS"}`, ""},
		"null":         {`null`, ""},
		"a text":       {`"job"`, ""},
	} {
		s := newServer(t, always(200, `{"results":[`+one(id1, "2026-07-07T12:00:00Z")+`,`+tc.element+`,`+one(id2, "2026-07-07T13:00:00Z")+`]}`))
		jobs, err := s.client(Options{}).CollectionJobs(t.Context(), rs)
		if err != nil || len(jobs) != 3 {
			t.Fatalf("%s: %+v, %v", name, jobs, err)
		}
		read := slices.DeleteFunc(slices.Clone(jobs), func(j state.Job) bool { return j.Unreadable != "" })
		unread := slices.DeleteFunc(slices.Clone(jobs), func(j state.Job) bool { return j.Unreadable == "" })
		if len(read) != 2 || read[0].ID != id2 || len(unread) != 1 || unread[0].ID != tc.id || unread[0].State(time.Now()) != state.InProgress {
			t.Errorf("%s: %+v", name, jobs)
		}
	}
	for _, body := range []string{`{}`, `null`, `{"results":null}`} {
		if jobs, err := answering(t, body).CollectionJobs(t.Context(), rs); !errors.As(err, new(*state.UnreadableError)) || len(jobs) > 0 {
			t.Errorf("%s: %v, %v", body, jobs, err)
		}
	}
}

// An answer is about the job that was asked for.
func TestAnswerAboutAnotherCollectionJob(t *testing.T) {
	for _, body := range []string{`{}`, `null`, exampleCollectionJob, `{"id":"` + id1 + `"}`} {
		if j, err := answering(t, body).CollectionJob(t.Context(), rs, id1); !errors.As(err, new(*state.UnreadableError)) || j.ID != "" {
			t.Errorf("%s: %+v, %v", body, j, err)
		}
	}
}

// What Atlas tells of names and reasons is shown: nothing of it commands a terminal.
func TestCollectionJobIsClean(t *testing.T) {
	dirty := func(s string) string {
		return strings.NewReplacer("sales.", `sales.\u001b[31m\u202e`, "IN_PROGRESS", `IN_PROGRESS\u0007`, "ALL", `ALL\u001b[2J`, "demo2", `demo2\u200b`, "not found", `not\nfound`, "E11000", `E\u009b1m`).Replace(s)
	}
	s := serve(t, collectionJob(dirty(inState("IN_PROGRESS")), always(200, dirty(`{"results":[`+part("sales.orders", "sales.orders_1", "IN_PROGRESS")+`]}`))))
	got, err := s.client(Options{}).CollectionJob(t.Context(), rs, collectionJobID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range fmt.Sprintf("%+v %+v %q", got, *got.Collections, got.Collections.Why) {
		if r < 0x20 || r > 0x7e {
			t.Errorf("%q is in %+v %+v", r, got, *got.Collections)
		}
	}
	if got.Collections.Parts[0].Source.String() != "sales.orders" || got.Collections.Why != "collection was not found" {
		t.Errorf("%+v", *got.Collections)
	}
}

// TestCreateCollectionJob holds that a job is asked for once, whatever comes back, and which
// answers leave a doubt whether it runs.
func TestCreateCollectionJob(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answer  http.HandlerFunc
		ok      bool
		refused bool // Atlas said that none was made, or at least its error
		status  int
	}{
		{"201", always(201, exampleCollectionJob), true, false, 0},
		{"500", always(500, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), false, true, 500},
		{"409", always(409, `{"error":409,"errorCode":"ATLAS_CLUSTER_RESTORE_IN_PROGRESS"}`), false, true, 409},
		{"503 of a proxy", raw(503, "text/html", "<html>"), false, false, 0},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, false, 0},
		{"no job", always(201, `{}`), false, false, 0},
		{"no state", always(201, `{"id":"`+id1+`"}`), false, false, 0},
	} {
		s := newServer(t, tc.answer)
		job, err := s.client(Options{}).CreateJob(t.Context(), rs, collectionRequests[0])
		var refused *state.AtlasError
		if (err == nil) != tc.ok || errors.As(err, &refused) != tc.refused || tc.refused && refused.Status != tc.status || errors.Is(err, submit.ErrNotSent) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if tc.ok && (job.ID != collectionJobID || job.DeliveryType != state.Collections) || !tc.ok && job.ID != "" {
			t.Errorf("%s: %+v", tc.name, job)
		}
		if tc.refused && refused.DefiniteNo() != (tc.status == 409) {
			t.Errorf("%s: a definite no: %v", tc.name, refused.DefiniteNo())
		}
		if got := s.requests(); !slices.Equal(got, []string{"POST /api/atlas/v2/groups/" + rs.ProjectID + "/clusters/demo/collectionRestoreJobs"}) {
			t.Errorf("%s: asked %v", tc.name, got)
		}
	}
}
