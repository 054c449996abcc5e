package simulator

import (
	"fmt"
	"testing"
	"time"
)

// familyRefusals ask for a cluster of one family in the API of the other, and for
// what is not there.
func familyRefusals(u *user) []refusalRow {
	dedicated, blog := u.cluster("Sandbox", "blog"), u.flex("blog")
	scratch, m0 := u.flex("scratch"), u.flex("playground")
	id := u.s.NewestSnapshot("Sandbox", "blog").ID
	const noFlex, onlyFlex = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	rows := []refusalRow{
		{"flex in an unknown project", "GET", "/groups/" + nowhere + "/flexClusters", "", 404, "GROUP_NOT_FOUND"},
		{"unknown flex cluster", "GET", u.flex("blogs"), "", 404, "CLUSTER_NOT_FOUND"},
		{"snapshots of an unknown flex cluster", "GET", u.flex("blogs") + "/backup/snapshots", "", 404, "CLUSTER_NOT_FOUND"},
		{"flex cluster of another project", "GET", u.group("Payments") + "/flexClusters/blog", "", 404, "CLUSTER_NOT_FOUND"},
		{"flex name that is none", "GET", u.flex("my_blog"), "", 400, "INVALID_PATH_PARAMETER"},
		{"flex cluster as dedicated", "GET", dedicated, "", 400, noFlex},
		{"status of a flex cluster", "GET", dedicated + "/status", "", 400, noFlex},
		{"M0 as flex", "GET", m0, "", 400, onlyFlex},
		{"flex snapshot that is no id", "GET", blog + "/backup/snapshots/latest", "", 404, "INVALID_SNAPSHOT_ID"},
		{"unknown flex snapshot", "GET", blog + "/backup/snapshots/" + nowhere, "", 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex snapshot of another cluster", "GET", u.flex("blog-restore") + "/backup/snapshots/" + id, "", 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex job that is no id", "GET", blog + "/backup/restoreJobs/1", "", 404, "INVALID_JOB_ID"},
		{"unknown flex job", "GET", blog + "/backup/restoreJobs/" + nowhere, "", 404, "TENANT_RESTORE_NOT_FOUND"},
		{"flex job of another cluster", "GET", u.flex("blog-restore") + "/backup/restoreJobs/" + flexJobID(u), "", 404, "TENANT_RESTORE_NOT_FOUND"},
		{"page 0 of flex clusters", "GET", u.group("Sandbox") + "/flexClusters?pageNum=0", "", 400, "INVALID_QUERY_PARAMETER"},
		{"501 flex snapshots", "GET", blog + "/backup/snapshots?itemsPerPage=501", "", 400, "INVALID_QUERY_PARAMETER"},
		{"cancel of a flex job", "DELETE", blog + "/backup/restoreJobs/" + flexJobID(u), "", 404, "RESOURCE_NOT_FOUND"},
		{"flex snapshot on demand", "POST", blog + "/backup/snapshots", "{}", 404, "RESOURCE_NOT_FOUND"},
		{"schedule by the flex API", "GET", blog + "/backup/schedule", "", 404, "RESOURCE_NOT_FOUND"},
	}
	for _, x := range [][2]string{
		{"GET", "schedule"},
		{"GET", "snapshots"},
		{"POST", "snapshots"},
		{"GET", "snapshots/" + id},
		{"DELETE", "snapshots/" + id},
		{"GET", "snapshots/shardedClusters"},
		{"GET", "snapshots/shardedCluster/" + id}, // whose DELETE declares no 400
		{"GET", "restoreJobs"},
		{"POST", "restoreJobs"},
		{"GET", "restoreJobs/" + nowhere},
		{"DELETE", "restoreJobs/" + nowhere},
	} {
		rows = append(rows, refusalRow{"flex: " + x[0] + " " + x[1], x[0], dedicated + "/backup/" + x[1], "", 400, noFlex})
	}
	for _, x := range [][2]string{
		{"GET", "snapshots"},
		{"GET", "snapshots/" + nowhere},
		{"POST", "download"},
		{"GET", "restoreJobs"},
		{"POST", "restoreJobs"},
		{"GET", "restoreJobs/" + nowhere},
	} {
		rows = append(rows, refusalRow{"not flex: " + x[0] + " " + x[1], x[0], scratch + "/backup/" + x[1], "", 400, onlyFlex})
	}
	return rows
}

func flexJobID(u *user) string {
	for _, j := range u.s.Jobs() {
		if j.Cluster == "blog" {
			return j.ID
		}
	}
	u.t.Fatal("no job of a flex cluster")
	return ""
}

func flexBodyRefusals(u *user) []refusalRow {
	restore, download := u.flex("blog")+"/backup/restoreJobs", u.flex("blog")+"/backup/download"
	newest := u.s.NewestSnapshot("Sandbox", "blog").ID
	id, target := fmt.Sprintf(`"snapshotId":%q`, newest), `"targetDeploymentItemName":"blog-restore"`
	all := u.s.Snapshots("Sandbox", "blog")
	failed := all[5].ID
	if !all[5].Failed {
		u.t.Fatal("no flex snapshot has failed")
	}
	of := func(id string) string { return fmt.Sprintf(`{"snapshotId":%q}`, id) }
	onto := func(id string) string { return fmt.Sprintf(`{"snapshotId":%q,%s}`, id, target) }
	others := u.s.Snapshots("Sandbox", "blog-restore")
	u.s.SetSnapshot("Sandbox", "blog-restore", others[0].ID, func(x *Snapshot) { x.Done = u.s.Now().Add(time.Minute) })
	u.s.SetSnapshot("Sandbox", "blog-restore", others[1].ID, func(x *Snapshot) { x.ExpiresAt = u.s.Now() })
	u.s.SetCluster("Sandbox", "guestbook", func(c *Cluster) { c.BackupEnabled = false })
	other, off := u.flex("blog-restore")+"/backup/", u.flex("guestbook")+"/backup/"
	return []refusalRow{
		{"flex restore without a body", "POST", restore, "", 400, "MALFORMED_JSON"},
		{"flex restore of a list", "POST", restore, "[]", 400, "INVALID_JSON"},
		{"flex restore of nothing", "POST", restore, "{}", 400, "MISSING_ATTRIBUTES"},
		{"flex restore without a snapshot", "POST", restore, "{" + target + "}", 400, "MISSING_ATTRIBUTE"},
		{"flex restore without a target", "POST", restore, "{" + id + "}", 400, "MISSING_ATTRIBUTE"},
		{"flex restore with a null target", "POST", restore, "{" + id + `,"targetDeploymentItemName":null}`, 400, "MISSING_ATTRIBUTE"},
		{"flex restore to a number", "POST", restore, "{" + id + `,"targetDeploymentItemName":1}`, 400, "INVALID_JSON_ATTRIBUTE"},
		{"flex restore with a delivery type", "POST", restore, "{" + id + "," + target + `,"deliveryType":"automated"}`, 400, "INVALID_ATTRIBUTE"},
		{"flex restore with a dedicated one's target", "POST", restore, "{" + id + `,"targetClusterName":"blog-restore"}`, 400, "INVALID_ATTRIBUTE"},
		{"flex snapshot that is no id in a body", "POST", restore, `{"snapshotId":"latest",` + target + "}", 400, "INVALID_ATTRIBUTE"},
		{"flex target project that is no id", "POST", restore, "{" + id + "," + target + `,"targetProjectId":"Sandbox"}`, 400, "INVALID_ATTRIBUTE"},
		{"flex target without a name", "POST", restore, "{" + id + `,"targetDeploymentItemName":""}`, 400, "INVALID_ATTRIBUTE"},
		{"flex restore of an unknown snapshot", "POST", restore, onto(nowhere), 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex restore of a dedicated snapshot", "POST", restore, onto(u.s.NewestSnapshot("Payments", "orders-prod").ID), 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex restore of a failed snapshot", "POST", restore, onto(failed), 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"},
		{"flex restore of an unfinished snapshot", "POST", other + "restoreJobs", onto(others[0].ID), 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"},
		{"flex restore of an expired snapshot", "POST", other + "restoreJobs", onto(others[1].ID), 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex restore with backup off", "POST", off + "restoreJobs", onto(nowhere), 400, "BACKUP_JOB_NOT_FOUND"},
		{"flex download of nothing", "POST", download, "{}", 400, "MISSING_ATTRIBUTE"},
		{"flex download with a target", "POST", download, "{" + id + "," + target + "}", 400, "INVALID_ATTRIBUTE"},
		{"flex download of no id", "POST", download, of("latest"), 400, "INVALID_ATTRIBUTE"},
		{"flex download of an unknown snapshot", "POST", download, of(nowhere), 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex download of a failed snapshot", "POST", download, of(failed), 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"},
		{"flex download of an unfinished snapshot", "POST", other + "download", of(others[0].ID), 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"},
		{"flex download of an expired snapshot", "POST", other + "download", of(others[1].ID), 404, "TENANT_SNAPSHOT_NOT_FOUND"},
		{"flex download with backup off", "POST", off + "download", of(nowhere), 400, "BACKUP_JOB_NOT_FOUND"},
		{"dedicated restore of a flex snapshot", "POST", u.jobs("Payments", "orders-prod"), body(map[string]any{"deliveryType": "download", "snapshotId": newest}), 404, "SNAPSHOT_NOT_FOUND"},
	}
}

func flexTargetRefusals(u *user) []refusalRow {
	u.s.SetCluster("Platform Shared", "settings", func(c *Cluster) { c.Paused = true })
	u.s.SetCluster("Payments", "fraud-scores-restore", func(c *Cluster) { c.MongoDBVersion = "8.0.29" })
	u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog-restore"))
	u.restoreFlex("blog", u.onto("blog", "Payments Staging", "orders-stg"))
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "ledger-prd"))
	row := func(name, project, target string, status int, code string) refusalRow {
		return refusalRow{name, "POST", u.flex("blog") + "/backup/restoreJobs", body(u.onto("blog", project, target)), status, code}
	}
	dedicated := func(name, project, target string, status int, code string) refusalRow {
		return refusalRow{name, "POST", u.jobs("Sandbox", "scratch"), body(u.automated("Sandbox", "scratch", project, target)), status, code}
	}
	lost := u.onto("blog", "Sandbox", "blog")
	lost["targetProjectId"] = nowhere
	const unavailable = "TENANT_RESTORE_DESTINATION_UNAVAILABLE"
	return []refusalRow{
		{"flex target in an unknown project", "POST", u.flex("blog") + "/backup/restoreJobs", body(lost), 404, "GROUP_NOT_FOUND"},
		row("flex to a cluster that does not exist", "Sandbox", "blogs", 404, "CLUSTER_NOT_FOUND"),
		row("flex to a name that no cluster can have", "Sandbox", "my blog, restored", 404, "CLUSTER_NOT_FOUND"),
		row("flex to M0", "Sandbox", "playground", 400, "INSUFFICIENT_INSTANCE_SIZE"),
		row("flex to sharded", "Analytics", "events", 400, "TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY"),
		row("flex to global", "Storefront", "catalog-global", 400, "TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY"),
		row("flex to encrypted", "Payments", "fraud-scores-restore", 400, "TENANT_RESTORE_DESTINATION_ENCRYPTION"),
		row("flex to an older major", "Storefront", "search-legacy", 400, "TENANT_RESTORE_VERSION_MISMATCH"),
		row("flex to a paused cluster", "Platform Shared", "settings", 400, unavailable),
		row("flex to an updating cluster", "Payments Staging", "ledger-stg", 400, unavailable),
		row("flex to a flex cluster that is created", "Sandbox", "guestbook", 400, unavailable),
		row("flex to a busy flex cluster", "Sandbox", "blog-restore", 400, unavailable),
		row("flex to one that a flex restore overwrites", "Payments Staging", "orders-stg", 400, unavailable),
		row("flex to one that a dedicated restore overwrites", "Payments", "ledger-prd", 400, unavailable),
		dedicated("dedicated to one that a flex restore overwrites", "Payments Staging", "orders-stg", 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"),
		dedicated("dedicated to flex", "Sandbox", "blog", 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
	}
}

// TestFlexToNewerMajor holds that "the same major" refuses in both directions.
func TestFlexToNewerMajor(t *testing.T) {
	u := newUser(t)
	u.s.SetSnapshot("Sandbox", "blog", u.s.NewestSnapshot("Sandbox", "blog").ID, func(x *Snapshot) { x.Version = "7.0.28" })
	a := u.do("POST", u.flex("blog")+"/backup/restoreJobs", body(u.onto("blog", "Sandbox", "blog-restore")))
	if a.status != 400 || a.code() != "TENANT_RESTORE_VERSION_MISMATCH" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
