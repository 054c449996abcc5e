package simulator

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// refusalRow is a request and the code with which it is refused.
type refusalRow struct {
	name, method, path, body string
	status                   int
	code                     string
}

// nowhere is an ID of nothing.
const nowhere = "0123456789abcdef01234567"

func TestRefusals(t *testing.T) {
	u := newUser(t)
	rows := append(pathRefusals(u), bodyRefusals(u)...)
	rows = append(rows, snapshotRefusals(u)...)
	rows = append(rows, targetRefusals(u)...)
	rows = append(rows, instantRefusals(u)...)
	rows = append(rows, familyRefusals(u)...)
	rows = append(rows, flexBodyRefusals(u)...)
	rows = append(rows, flexTargetRefusals(u)...)
	if len(rows) < 190 {
		t.Errorf("only %d rows", len(rows))
	}
	jobs := len(u.s.Jobs())
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			v := *u
			v.t = t
			a := v.do(row.method, row.path, row.body)
			if a.status != row.status || a.code() != row.code {
				t.Fatalf("%s %s %s: %d %s, want %d %s", row.method, row.path, row.body, a.status, a.body, row.status, row.code)
			}
			if a.header.Get("X-Error-Code") != row.code || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", a.header)
			}
			checkShape(t, row, a)
		})
	}
	if n := len(u.s.Jobs()); n != jobs {
		t.Errorf("%d jobs were created by requests that were refused", n-jobs)
	}
}

// checkShape holds the body of a refusal against those that are recorded: five members,
// of which the parameters are what the detail names.
func checkShape(t *testing.T, row refusalRow, a answer) {
	t.Helper()
	detail, _ := a.json["detail"].(string)
	if len(a.json) != 5 || a.json["error"] != float64(row.status) || a.json["reason"] != http.StatusText(row.status) || !strings.HasSuffix(detail, ".") {
		t.Errorf("body %s", a.body)
	}
	parameters, isList := a.json["parameters"].([]any)
	if raw, has := a.json["parameters"]; !has || raw != nil && !isList {
		t.Errorf("parameters %v", raw)
	}
	for _, p := range parameters {
		if s, isText := p.(string); isText && !strings.Contains(detail+row.path, s) {
			t.Errorf("%q is a parameter, and not in %q", s, detail)
		}
	}
	if row.method != "GET" {
		return // what is not found may be what the body names
	}
	part := strings.FieldsFunc(row.path, func(r rune) bool { return r == '/' || r == '?' })
	var want []any
	switch row.code {
	case "GROUP_NOT_FOUND", "INVALID_GROUP_ID":
		want = []any{part[1]}
	case "CLUSTER_NOT_FOUND":
		want = []any{part[3], part[1]}
	case "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API":
		want = []any{part[3]}
	default:
		return
	}
	if !reflect.DeepEqual(parameters, want) {
		t.Errorf("parameters %v, recorded are such as %v", parameters, want)
	}
}

func pathRefusals(u *user) []refusalRow {
	orders := u.cluster("Payments", "orders-prod")
	events := u.cluster("Analytics", "events")
	shard := u.s.NewestSnapshot("Analytics", "events").Members[1].ID
	m0 := u.cluster("Sandbox", "playground")
	return []refusalRow{
		{"project that is no id", "GET", "/groups/xyz", "", 404, "INVALID_GROUP_ID"},
		{"unknown project", "GET", "/groups/" + nowhere, "", 404, "GROUP_NOT_FOUND"},
		{"clusters of an unknown project", "GET", "/groups/" + nowhere + "/clusters", "", 404, "GROUP_NOT_FOUND"},
		{"unknown cluster", "GET", u.cluster("Payments", "orders"), "", 404, "CLUSTER_NOT_FOUND"},
		{"cluster of another project", "GET", u.cluster("Analytics", "orders-prod"), "", 404, "CLUSTER_NOT_FOUND"},
		{"cluster name that is none", "GET", u.cluster("Payments", "orders_prod"), "", 400, "INVALID_PATH_PARAMETER"},
		{"dedicated cluster as flex", "GET", u.group("Payments") + "/flexClusters/orders-prod", "", 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		{"snapshot that is no id", "GET", orders + "/backup/snapshots/latest", "", 404, "INVALID_SNAPSHOT_ID"},
		{"unknown snapshot", "GET", orders + "/backup/snapshots/" + nowhere, "", 404, "SNAPSHOT_NOT_FOUND"},
		{"job that is no id", "GET", orders + "/backup/restoreJobs/1", "", 404, "INVALID_JOB_ID"},
		{"unknown job", "GET", orders + "/backup/restoreJobs/" + nowhere, "", 404, "RESTORE_JOB_NOT_FOUND"},
		{"cancel of an unknown job", "DELETE", orders + "/backup/restoreJobs/" + nowhere, "", 404, "RESTORE_JOB_NOT_FOUND"},
		{"sharded list of a replica set", "GET", orders + "/backup/snapshots/shardedClusters", "", 400, "INCORRECT_BACKUP_API_ENDPOINT"},
		{"unknown sharded snapshot of a replica set", "GET", orders + "/backup/snapshots/shardedCluster/" + nowhere, "", 404, "SNAPSHOT_NOT_FOUND"},
		{"delete of one shard's snapshot", "DELETE", events + "/backup/snapshots/shardedCluster/" + shard, "", 403, "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT"},
		{"one shard's snapshot", "GET", events + "/backup/snapshots/shardedCluster/" + shard, "", 404, "SNAPSHOT_NOT_FOUND"},
		{"cluster that was terminated", "GET", u.cluster("Storefront", "wishlists"), "", 404, "CLUSTER_NOT_FOUND"},
		{"status of a cluster that was terminated", "GET", u.cluster("Storefront", "wishlists") + "/status", "", 404, "CLUSTER_NOT_FOUND"},
		{"unknown snapshot of a cluster that was terminated", "GET", u.cluster("Storefront", "wishlists") + "/backup/snapshots/" + nowhere, "", 404, "SNAPSHOT_NOT_FOUND"},
		{"M0 has no snapshots", "GET", m0 + "/backup/snapshots", "", 400, "INSUFFICIENT_INSTANCE_SIZE"},
		{"M0 has no jobs", "GET", m0 + "/backup/restoreJobs", "", 400, "INSUFFICIENT_INSTANCE_SIZE"},
		{"schedule with backup off", "GET", u.cluster("Platform Shared", "mail-queue") + "/backup/schedule", "", 404, "BACKUP_CONFIG_NOT_FOUND"},
		{"page 0", "GET", "/groups?pageNum=0", "", 400, "INVALID_QUERY_PARAMETER"},
		{"501 items", "GET", "/groups?itemsPerPage=501", "", 400, "INVALID_QUERY_PARAMETER"},
		{"no items", "GET", "/groups?itemsPerPage=0", "", 400, "INVALID_QUERY_PARAMETER"},
		{"count that is no boolean", "GET", "/groups?includeCount=maybe", "", 400, "INVALID_QUERY_PARAMETER"},
		{"envelope that is no boolean", "GET", "/groups?envelope=2", "", 400, "INVALID_QUERY_PARAMETER"},
		{"both filters", "GET", orders + "/backup/snapshots?pointInTimeUtcSeconds=1795000000&oplogTs=1795000000&oplogInc=1", "", 400, "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS"},
		{"half a filter", "GET", orders + "/backup/snapshots?oplogTs=1795000000", "", 400, "INVALID_QUERY_PARAMETER"},
		{"filter that is no number", "GET", orders + "/backup/snapshots?pointInTimeUtcSeconds=noon", "", 400, "INVALID_QUERY_PARAMETER"},
		{"unknown resource", "GET", "/groupies", "", 404, "RESOURCE_NOT_FOUND"},
		{"legacy backup", "GET", orders + "/restoreJobs", "", 404, "RESOURCE_NOT_FOUND"},
		{"unknown method", "PUT", orders + "/backup/restoreJobs", "{}", 404, "RESOURCE_NOT_FOUND"},
		{"delete of a queued snapshot", "DELETE", u.cluster("Sandbox", "scratch") + "/backup/snapshots/" + u.s.Snapshots("Sandbox", "scratch")[0].ID, "", 400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"},
		{"second on-demand snapshot", "POST", u.cluster("Sandbox", "scratch") + "/backup/snapshots", `{"retentionInDays":1}`, 400, "UNFINISHED_ON_DEMAND_SNAPSHOT"},
		{"snapshot kept for no time", "POST", orders + "/backup/snapshots", `{"retentionInDays":0}`, 400, "BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID"},
		{"snapshot with backup off", "POST", u.cluster("Platform Shared", "mail-queue") + "/backup/snapshots", `{"retentionInDays":1}`, 400, "BACKUP_JOB_NOT_FOUND"},
		{"snapshot of a paused cluster", "POST", u.cluster("Analytics", "reports") + "/backup/snapshots", `{"retentionInDays":1}`, 400, "VALIDATION_ERROR"},
		{"cancel of an automated restore", "DELETE", orders + "/backup/restoreJobs/" + jobID(u, automated), "", 400, "CANNOT_CANCEL_AUTOMATED_RESTORE"},
		{"cancel of a point in time", "DELETE", orders + "/backup/restoreJobs/" + jobID(u, pointInTime), "", 400, "CANNOT_CANCEL_AUTOMATED_RESTORE"},
	}
}

func jobID(u *user, delivery string) string {
	for _, j := range u.s.Jobs() {
		if j.Cluster == "orders-prod" && j.DeliveryType == delivery {
			return j.ID
		}
	}
	u.t.Fatalf("no %s job", delivery)
	return ""
}

func bodyRefusals(u *user) []refusalRow {
	p := u.jobs("Payments", "orders-prod")
	snapshot, group := u.s.NewestSnapshot("Payments", "orders-prod").ID, u.s.ProjectID("Payments")
	target := fmt.Sprintf(`"targetGroupId":%q,"targetClusterName":"orders-prod-restore"`, group)
	id := fmt.Sprintf(`"snapshotId":%q`, snapshot)
	now := u.s.Now().Unix() - 60
	at := fmt.Sprintf(`"pointInTimeUTCSeconds":%d`, now)
	oplog := fmt.Sprintf(`"oplogTs":%d`, now)
	post := func(name, body, code string) refusalRow { return refusalRow{name, "POST", p, body, 400, code} }
	return []refusalRow{
		post("no body", ``, "MALFORMED_JSON"),
		post("half a body", `{"deliveryType":`, "MALFORMED_JSON"),
		post("a body and a half", `{"deliveryType":"download"} {}`, "MALFORMED_JSON"),
		post("a list", `[]`, "INVALID_JSON"),
		post("null", `null`, "INVALID_JSON"),
		post("no delivery type", `{}`, "MISSING_ATTRIBUTE"),
		post("unknown delivery type", `{"deliveryType":"carrierPigeon"}`, "INVALID_ENUM_VALUE"),
		post("delivery type in capitals", `{"deliveryType":"DOWNLOAD",`+id+`}`, "INVALID_ENUM_VALUE"),
		post("delivery type that is a number", `{"deliveryType":1}`, "INVALID_JSON_ATTRIBUTE"),
		post("unknown attribute", `{"deliveryType":"download",`+id+`,"hurry":true}`, "INVALID_ATTRIBUTE"),
		post("the other spelling of UTC", `{"deliveryType":"pointInTime",`+target+`,"pointInTimeUtcSeconds":1795000000}`, "INVALID_ATTRIBUTE"),
		post("download of nothing", `{"deliveryType":"download"}`, "MISSING_ATTRIBUTE"),
		post("download with a target", `{"deliveryType":"download",`+id+`,`+target+`}`, "INVALID_ATTRIBUTE"),
		post("download of an instant", `{"deliveryType":"download",`+id+`,`+at+`}`, "INVALID_ATTRIBUTE"),
		post("automated without anything", `{"deliveryType":"automated"}`, "MISSING_ATTRIBUTES"),
		post("automated without a snapshot", `{"deliveryType":"automated",`+target+`}`, "MISSING_ATTRIBUTE"),
		post("automated without a target project", `{"deliveryType":"automated",`+id+`,"targetClusterName":"orders-prod-restore"}`, "MISSING_ATTRIBUTE"),
		post("automated without a target", `{"deliveryType":"automated",`+id+`,"targetGroupId":"`+group+`"}`, "MISSING_ATTRIBUTE"),
		post("automated with a null target", `{"deliveryType":"automated",`+id+`,"targetClusterName":null,"targetGroupId":"`+group+`"}`, "MISSING_ATTRIBUTE"),
		post("automated to an instant", `{"deliveryType":"automated",`+id+`,`+target+`,`+at+`}`, "INVALID_ATTRIBUTE"),
		post("point in time with a snapshot", `{"deliveryType":"pointInTime",`+id+`,`+target+`,`+at+`}`, "INVALID_ATTRIBUTE"),
		post("point in time without an instant", `{"deliveryType":"pointInTime",`+target+`}`, "MISSING_ONE_OF_ATTRIBUTES"),
		post("point in time without a target", `{"deliveryType":"pointInTime",`+at+`}`, "MISSING_ATTRIBUTES"),
		post("two instants", `{"deliveryType":"pointInTime",`+target+`,`+at+`,`+oplog+`,"oplogInc":1}`, "INVALID_ATTRIBUTE"),
		post("oplog without increment", `{"deliveryType":"pointInTime",`+target+`,`+oplog+`}`, "MISSING_ATTRIBUTE"),
		post("increment without oplog", `{"deliveryType":"pointInTime",`+target+`,"oplogInc":1}`, "MISSING_ATTRIBUTE"),
		post("increment of 0", `{"deliveryType":"pointInTime",`+target+`,`+oplog+`,"oplogInc":0}`, "ATTRIBUTE_NEGATIVE_OR_ZERO"),
		post("instant before zero", `{"deliveryType":"pointInTime",`+target+`,"pointInTimeUTCSeconds":-5}`, "ATTRIBUTE_NEGATIVE_OR_ZERO"),
		post("instant beyond 32 bits", `{"deliveryType":"pointInTime",`+target+`,"pointInTimeUTCSeconds":1795000000000}`, "INVALID_JSON_ATTRIBUTE"),
		post("instant with a fraction", `{"deliveryType":"pointInTime",`+target+`,"pointInTimeUTCSeconds":1795000000.5}`, "INVALID_JSON_ATTRIBUTE"),
		post("instant in the seventies", `{"deliveryType":"pointInTime",`+target+`,"pointInTimeUTCSeconds":100000000}`, "INVALID_PIT_RESTORE_TIME"),
		post("snapshot that is no id", `{"deliveryType":"download","snapshotId":"latest"}`, "INVALID_ATTRIBUTE"),
		post("target project that is no id", `{"deliveryType":"automated",`+id+`,"targetGroupId":"Payments","targetClusterName":"x"}`, "INVALID_ATTRIBUTE"),
		post("target that is no name", `{"deliveryType":"automated",`+id+`,"targetGroupId":"`+group+`","targetClusterName":"a b"}`, "INVALID_ATTRIBUTE"),
	}
}

func snapshotRefusals(u *user) []refusalRow {
	orders, ledger := u.jobs("Payments", "orders-prod"), u.jobs("Payments", "ledger-prod")
	var failed, expired string
	u.s.withWorld(func(w *world, now time.Time) {
		for _, x := range w.mustCluster("Payments", "orders-prod").snapshots {
			if x.Failed {
				failed = x.ID
			}
			if !x.listed(now) {
				expired = x.ID
			}
		}
	})
	unfinished := u.s.Snapshots("Payments", "ledger-prod")[0].ID
	events := u.s.Snapshots("Analytics", "events")
	u.s.SetSnapshot("Analytics", "events", events[3].ID, func(x *Snapshot) { x.Deleted = true })
	u.s.SetSnapshot("Analytics", "events", events[4].ID, func(x *Snapshot) { x.Failed = true })
	automatedTo := func(id, project, name string) string {
		return fmt.Sprintf(`{"deliveryType":"automated","snapshotId":%q,"targetGroupId":%q,"targetClusterName":%q}`, id, u.s.ProjectID(project), name)
	}
	download := func(id string) string { return fmt.Sprintf(`{"deliveryType":"download","snapshotId":%q}`, id) }
	u.restore("Storefront", "catalog", map[string]any{"deliveryType": "download", "snapshotId": u.s.NewestSnapshot("Storefront", "catalog").ID})
	return []refusalRow{
		{"snapshot that does not exist", "POST", orders, download(nowhere), 404, "SNAPSHOT_NOT_FOUND"},
		{"snapshot of another cluster", "POST", orders, download(u.s.NewestSnapshot("Payments", "ledger-prod").ID), 404, "SNAPSHOT_NOT_FOUND"},
		{"download of a failed snapshot", "POST", orders, download(failed), 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"},
		{"restore of a failed snapshot", "POST", orders, automatedTo(failed, "Payments", "orders-prod-restore"), 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"},
		{"download of an unfinished snapshot", "POST", ledger, download(unfinished), 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"},
		{"restore of an expired snapshot", "POST", orders, automatedTo(expired, "Payments", "orders-prod-restore"), 409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT"},
		{"download of an expired snapshot", "POST", orders, download(expired), 409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT"},
		{"restore of a deleted sharded snapshot", "POST", u.jobs("Analytics", "events"), automatedTo(events[3].ID, "Analytics", "events-restore"), 409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT"},
		{"restore of a failed sharded snapshot", "POST", u.jobs("Analytics", "events"), automatedTo(events[4].ID, "Analytics", "events-restore"), 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"},
		{"restore of one shard", "POST", u.jobs("Analytics", "events"), automatedTo(events[0].Members[0].ID, "Analytics", "events-restore"), 400, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED"},
		{"an expired snapshot is not there", "GET", u.cluster("Payments", "orders-prod") + "/backup/snapshots/" + expired, "", 404, "SNAPSHOT_NOT_FOUND"},
		{"second download of a snapshot", "POST", u.jobs("Storefront", "catalog"), download(u.s.NewestSnapshot("Storefront", "catalog").ID), 400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY"},
		{"backup off", "POST", u.jobs("Platform Shared", "mail-queue"), download(nowhere), 400, "BACKUP_JOB_NOT_FOUND"},
		{"restore from an M0", "POST", u.jobs("Sandbox", "playground"), download(nowhere), 400, "INSUFFICIENT_INSTANCE_SIZE"},
	}
}

func targetRefusals(u *user) []refusalRow {
	u.restore("Storefront", "carts", u.automated("Storefront", "carts", "Storefront", "carts"))
	row := func(name, from, to string, status int, code string) refusalRow {
		project, source, _ := strings.Cut(from, "/")
		targetProject, target, _ := strings.Cut(to, "/")
		return refusalRow{name, "POST", u.jobs(project, source), body(u.automated(project, source, targetProject, target)), status, code}
	}
	const orders = "Payments/orders-prod"
	u.s.SetCluster("Sandbox", "scratch", func(c *Cluster) { c.LiveImport = true })
	u.s.SetCluster("Storefront", "catalog", func(c *Cluster) { c.State = "REPAIRING" })
	u.s.SetCluster("Storefront", "carts", func(c *Cluster) { c.PinnedFCV = "7.0" })
	u.s.SetCluster("Storefront", "catalog-global", func(c *Cluster) { c.Shards++ })
	lost := u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore")
	lost["targetGroupId"] = nowhere
	return []refusalRow{
		{"target in an unknown project", "POST", u.jobs("Payments", "orders-prod"), body(lost), 404, "GROUP_NOT_FOUND"},
		row("target that does not exist", orders, "Payments/orders-prod-restored", 404, "CLUSTER_NOT_FOUND"),
		{"snapshot of a busy cluster", "POST", u.cluster("Storefront", "carts") + "/backup/snapshots", `{}`, 400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"},
		row("target in another project", orders, "Sandbox/orders-prod-restore", 404, "CLUSTER_NOT_FOUND"),
		row("target M0", orders, "Sandbox/playground", 400, "INSUFFICIENT_INSTANCE_SIZE"),
		row("paused target", orders, "Analytics/reports", 400, "CLUSTER_PAUSED_CANNOT_RESTORE"),
		row("target that was terminated", orders, "Storefront/wishlists", 404, "CLUSTER_NOT_FOUND"),
		row("target that data is imported into", orders, "Sandbox/scratch", 400, "CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT"),
		row("a shard more since", "Storefront/catalog-global", "Storefront/catalog-global", 409, "INVALID_RESTORE_PROCESS"),
		row("repairing target", orders, "Storefront/catalog", 409, "RESTORE_INITIATION_FAILED"),
		row("updating target", orders, "Payments Staging/ledger-stg", 409, "RESTORE_INITIATION_FAILED"),
		row("creating target", orders, "Sandbox/loadtest", 409, "RESTORE_INITIATION_FAILED"),
		row("busy target", "Storefront/search-legacy", "Storefront/carts", 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"),
		row("sharded to a replica set", "Analytics/events", orders, 409, "INVALID_RESTORE_PROCESS"),
		row("replica set to sharded", orders, "Analytics/events", 409, "INVALID_RESTORE_PROCESS"),
		row("three shards to two", "Analytics/events", "Analytics/sessions", 409, "INVALID_RESTORE_PROCESS"),
		row("embedded to dedicated config servers", "Analytics/events", "Platform Shared/audit-log", 409, "INVALID_RESTORE_PROCESS"),
		row("dedicated to embedded config servers", "Analytics/clicks-archive", "Analytics/sessions", 409, "INVALID_RESTORE_PROCESS"),
		row("older target", orders, "Storefront/search-legacy", 409, "INVALID_RESTORE_PROCESS"),
		row("encrypted to unencrypted", "Payments/fraud-scores", orders, 400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION"),
		row("a target two majors on", "Storefront/search-legacy", "Payments/orders-prod-restore", 409, "INVALID_RESTORE_PROCESS"),
		row("another major than the pinned one", "Storefront/carts", "Payments/orders-prod-restore", 409, "INVALID_RESTORE_PROCESS"),
		row("unencrypted to encrypted", "Storefront/search-legacy", "Payments/fraud-scores", 400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION"),
	}
}

func instantRefusals(u *user) []refusalRow {
	row := func(name, project, source string, ago time.Duration, status int, code string) refusalRow {
		return refusalRow{name, "POST", u.jobs(project, source), body(map[string]any{
			"deliveryType": pointInTime, "targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore",
			"pointInTimeUTCSeconds": u.s.Now().Add(-ago).Unix(),
		}), status, code}
	}
	hole := row("oplog in the hole", "Payments", "orders-prod", 45*time.Hour, 409, "NO_CHECKPOINT_FOR_PIT_RESTORE")
	hole.body = strings.Replace(hole.body, `"pointInTimeUTCSeconds"`, `"oplogInc":1,"oplogTs"`, 1)
	return []refusalRow{
		row("instant in the future", "Payments", "orders-prod", -time.Second, 400, "INVALID_PIT_RESTORE_TIME"),
		row("instant before the window", "Payments", "orders-prod", 7*day+time.Second, 400, "INVALID_PIT_RESTORE_TIME"),
		row("instant before a short window", "Storefront", "carts", 2*day+time.Second, 400, "INVALID_PIT_RESTORE_TIME"),
		row("instant before the first snapshot", "Payments", "orders-prod", 300*day, 404, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"),
		row("instant in the hole after a restore", "Payments", "orders-prod", 45*time.Hour, 409, "NO_CHECKPOINT_FOR_PIT_RESTORE"),
		hole,
		row("point in time is off", "Storefront", "catalog", time.Hour, 409, "UNSUPPORTED_FEATURE"),
	}
}
