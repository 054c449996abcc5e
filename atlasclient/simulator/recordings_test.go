package simulator

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// recordings are answers of the real Atlas; they are no part of the product and may
// be absent.
const recordings = "../../../shared/atlas/recordings/"

// recorded is the body of a recording.
func recorded(t *testing.T, file string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(recordings + file + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is absent: nothing to compare with", recordings)
	}
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Body map[string]any `json:"body"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r.Body
}

var regexpDigits = regexp.MustCompile(`\d+`)

// recordedHeader are the headers of a recording.
func recordedHeader(t *testing.T, file string) map[string]string {
	t.Helper()
	recorded(t, file)
	raw, err := os.ReadFile(recordings + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r.Headers
}

// TestShapesAreThoseOfRecordings compares which members an answer has, and of
// which JSON type they are, with those of a real one in the same state.
func TestShapesAreThoseOfRecordings(t *testing.T) {
	u := newUser(t)
	orders := u.cluster("Payments", "orders-prod")
	automatic, created := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	taken := u.do("POST", orders+"/backup/snapshots", `{"description":"x","retentionInDays":1}`)
	path := orders + "/backup/snapshots/" + taken.json["id"].(string)
	u.s.Advance(10 * time.Second)
	begun := u.want(path)
	u.s.Advance(5 * time.Minute)
	_, loading := u.restore("Payments", "orders-prod", map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot("Payments", "orders-prod").ID})
	u.s.Advance(5 * time.Minute)
	loaded := u.want(u.jobs("Payments", "orders-prod") + "/" + loading.json["id"].(string))
	flexJob, flexCreated := u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog-restore"))
	u.s.Advance(5 * time.Second)
	flexRuns := u.want(flexJob)
	u.s.Advance(time.Minute)
	notFlex := u.group("Payments") + "/flexClusters/orders-prod"
	process := u.group("Payments") + "/processes/" + u.processes("Payments", "orders-prod")[0]["id"].(string)
	old := *u
	old.accept = "application/vnd.atlas.2024-05-30+json"
	for _, row := range []struct {
		recording string
		got       answer
	}{
		{"groups-get-1-d8394402", u.want(u.group("Payments"))},
		{"process-get-1-d5254714", u.want(process)},
		{"process-measurements-1-0d08a15e", u.want(process + "/measurements?granularity=PT30M&m=MAX_PROCESS_CPU_USER&period=P1DT12H")},
		{"process-measurements-all-1-5e67501c", u.want(process + "/measurements?granularity=PT30M&period=P1DT12H")},
		{"databases-list-1-d5cc68a6", u.want(process + "/databases")},
		{"database-measurements-1-f3f2eaf3", u.want(process + "/databases/config/measurements?granularity=PT30M&period=P1DT12H")},
		{"events-list-1-028e7a10", u.want(u.group("Payments") + "/events?includeCount=false&eventType=CLUSTER_READY")},
		{"processes-list-1-9babd2a3", u.want(u.group("Payments") + "/processes")},
		{"groups-list-1-075173a5", u.want("/groups?pageNum=1")},
		{"clusters-get-1-d9f5b946", old.want(orders)},
		{"clusters-get-1-86f80f80", old.want(u.cluster("Sandbox", "playground"))},
		{"clusters-get-3-637e454b", u.want(u.cluster("Sandbox", "playground"))},
		{"clusters-get-1-ca0bf472", u.want(orders)},
		{"clusters-get-1-bbfe9a5a", u.want(orders)},
		{"clusters-list-1-a6798a1b", u.want(u.group("Analytics") + "/clusters")},
		{"clusters-get-14-541bd00d", u.get(u.cluster("Payments", "nothing"))},
		{"schedule-get-1-2947b053", old.want(orders + "/backup/schedule")},
		{"snapshots-create-1-575931d0", taken},
		{"snapshots-get-1-340a2bae", begun},
		{"snapshots-get-4-ba389bd0", u.want(path)},
		{"restoreJobs-create-1-8d17fad5", created},
		{"restoreJobs-get-2-053cd7eb", u.want(automatic)},
		{"restoreJobs-create-1-2050dcc3", loading},
		{"restoreJobs-get-2-88955f72", loaded},
		{"clusters-get-1-8c693f31", u.send("GET", api, "", nil)},
		{"clusters-get-1-923cdf07", u.get(u.cluster("Sandbox", "blog"))},
		{"flex-clusters-get-1-589caf32", u.want(u.flex("blog"))},
		{"flex-clusters-get-2-3d7e687c", u.get(u.flex("nothing"))},
		{"flex-clusters-list-1-5896d6de", u.want(u.group("Sandbox") + "/flexClusters")},
		{"flex-snapshots-get-1-f3cedd9f", u.want(u.flex("blog") + "/backup/snapshots/" + u.s.NewestSnapshot("Sandbox", "blog").ID)},
		{"flex-snapshots-get-1-442c611a", u.get(notFlex + "/backup/snapshots/" + nowhere)},
		{"flex-snapshots-list-1-5a4d0a89", u.get(notFlex + "/backup/snapshots")},
		{"flex-restoreJobs-create-1-e5492aca", flexCreated},
		{"flex-restoreJobs-get-1-65feab3a", flexRuns},
		{"flex-restoreJobs-get-2-83180faf", u.want(flexJob)},
		{"flex-restoreJobs-get-1-914f13a4", u.get(notFlex + "/backup/restoreJobs/" + nowhere)},
		{"flex-restoreJobs-list-1-48ff3537", u.get(notFlex + "/backup/restoreJobs")},
	} {
		t.Run(row.recording, func(t *testing.T) { sameShape(t, "", recorded(t, row.recording), row.got.json) })
	}
}

// left are members of real answers that a restore has no use for.
var left = []string{"useAwsTimeBasedSnapshotCopyForFastInitialSync"}

func sameShape(t *testing.T, where string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %v is no object", where, got)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if _, has := got[name]; has {
				sameShape(t, where+"."+name, want[name], got[name])
			} else if !slices.Contains(left, name) {
				t.Errorf("%s.%s is missing", where, name)
			}
		}
		for name := range got {
			if _, has := want[name]; !has && !strings.HasSuffix(where, ".connectionStrings") {
				t.Errorf("%s.%s is too much", where, name)
			}
		}
	case []any:
		got, ok := got.([]any)
		if !ok {
			t.Errorf("%s: %v is no list", where, got)
			return
		}
		if strings.HasSuffix(where, ".links") {
			sameRelations(t, where, want, got)
		} else if len(want) > 0 && len(got) > 0 {
			sameShape(t, where+"[0]", want[0], got[0])
		}
	case string, float64, bool:
		if a, b := jsonType(want), jsonType(got); a != b {
			t.Errorf("%s is a %s, not a %s", where, b, a)
		}
	case nil:
		if got != nil {
			t.Errorf("%s is %v, not null", where, got)
		}
	}
}

func sameRelations(t *testing.T, where string, want, got []any) {
	t.Helper()
	relations := func(links []any) (out []string) {
		for _, l := range links {
			out = append(out, l.(map[string]any)["rel"].(string))
		}
		return out
	}
	if a, b := relations(want), relations(got); !slices.Equal(a, b) {
		t.Errorf("%s: %v, not %v", where, b, a)
	}
}

func jsonType(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}
	return "something else"
}
