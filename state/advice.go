package state

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Roles that a restore needs, by Atlas's names (Admin API, "roles" of each operation).
// Project Backup Manager includes the three operators, Project Owner all.
const (
	RoleReadOnly         = "Project Read Only"
	RoleBackupManager    = "Project Backup Manager"
	RoleBackupCreator    = "Project Backup Creator"
	RoleExportOperator   = "Project Backup Export Operator"
	RoleRecoveryOperator = "Project Backup Recovery Operator"
	RoleLogViewer        = "Project Cluster Log Viewer"
)

// advice says what to do about an answer of Atlas: by errorCode where a restore can
// meet it, else by the beginning of the code, else by status (Admin API, "error codes").
func advice(e *AtlasError) string {
	if a, ok := adviceByCode()[e.Code]; ok {
		if e.LacksRole() {
			a += e.needs()
		}
		if a == badAccount {
			a += " " + e.check()
		}
		return a
	}
	for _, f := range adviceByFamily {
		if strings.HasPrefix(e.Code, f.prefix) {
			return f.advice
		}
	}
	switch {
	case e.Status == 401 && e.Renew != "" && !e.LacksRole():
		return "The login has ended, or it is none of a member here. Take a fresh token, with version 1.59.3 or later of the Atlas CLI, and start again: " + e.Renew
	case e.LacksRole():
		return "The credential lacks a role" + e.on(" on project ") + "." + e.needs() + " Ask for it, then try again."
	case e.Status == 401:
		return "The key or token is wrong, expired, or not a member here. " + e.check() + e.needs()
	case e.Status == 402:
		return "Atlas refuses this because of the organisation's billing. Ask its owner."
	case e.Status == 404:
		return "It is gone, or the credential may not see it. Load the list again, or check the name."
	case e.Status == 405:
		return "Atlas does not allow this here."
	case e.Status == 406, e.Status == 410:
		return "This version of Atlas's API is not served any more. A newer atlas-restore is needed."
	case e.Status == 409:
		return "Something else is running there. Wait for it to end, then try again."
	case e.Status == 429 && e.RetryAfter > 0:
		return "Too many requests for now. " + e.wait() + " Then try again."
	case e.Status == 429:
		return "Too many requests for now. Wait a minute, then try again."
	case e.Status >= 500 && e.RetryAfter > 0:
		return "The fault is on Atlas's side. " + e.wait() + " Then try again; see status.mongodb.com if it stays."
	case e.Status >= 500:
		return "The fault is on Atlas's side. Wait a little, then try again; see status.mongodb.com if it stays."
	}
	return "Go back and change what Atlas refused."
}

// check names the credential, which not every face does beside an error, and says what to do about it. One is
// read at the start alone.
func (e *AtlasError) check() string {
	return "Check the " + cmp.Or(e.Credential, "credential of this run") + ". Once it is mended in Atlas, try again. With another key, token or secret, start again."
}

// wait says for how long Atlas asks to be left alone, and until when: how long it is grows old.
func (e *AtlasError) wait() string {
	if e.Until.IsZero() {
		return "Wait " + Exactly(e.RetryAfter) + "."
	}
	clock := "15:04:05"
	if e.RetryAfter >= 12*time.Hour { // a time alone would be the next one
		clock = "2 Jan " + clock
	}
	return fmt.Sprintf("Wait %s: Atlas takes requests again at %s UTC.", Exactly(e.RetryAfter), e.Until.UTC().Format(clock))
}

// on is the project that was refused, after these words; empty where none is known.
func (e *AtlasError) on(words string) string {
	if e.Project == "" {
		return ""
	}
	return words + e.Project
}

// needs names the role that the refused call needs, and that which the restore needs for
// which it was made: who has the first alone is refused again a step later.
func (e *AtlasError) needs() string {
	there := e.on(", on project ")
	switch e.Needs {
	case "":
		return " Lists need " + RoleReadOnly + ". Restore jobs need " + RoleBackupManager + " (or Owner), on both projects."
	case RoleBackupManager:
		if e.Reads != "" {
			return " Reading " + e.Reads + " needs " + RoleBackupManager + " (or Owner)" + there + "."
		}
		// Who may create a job may be refused to read it.
		return " Reading restore jobs needs " + RoleBackupManager + " (or Owner)" + there + ". A role that may create them may not read them."
	case RoleRecoveryOperator:
		return " This needs " + e.Needs + ", " + RoleBackupManager + " or Owner, on the source's project and on the target's."
	case RoleExportOperator, RoleBackupCreator:
		return " This needs " + e.Needs + ", " + RoleBackupManager + " or Owner" + there + "."
	case RoleReadOnly:
		return " To look you need " + RoleReadOnly + there + ". A restore needs " + RoleBackupManager + " (or Owner), on the source's project and on the target's."
	}
	return " This needs " + e.Needs + there + "."
}

// DownloadedAlready is Atlas's code for a download that it refuses since another one of the same
// snapshot is under way. It does not say which.
const DownloadedAlready = "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY"

const (
	gone       = "The snapshot is gone. Go back and choose another one."
	incomplete = "The snapshot is not complete. Go back and choose a completed one."
	notAllowed = "This machine's address is not on the API access list of the key or of the organisation. Add it in Atlas, then try again."
	malformed  = "Atlas did not accept the request. Go back and change what Atlas names."
	noBackups  = "This cluster has no Cloud Backups, or none that can be restored in this way. Choose another cluster."
	keys       = "Atlas cannot use the customer key of the encrypted data. Check the key, and the project's encryption at rest settings. Then try again."
	liveImport = "A live migration runs on that cluster. Wait for it to end, or choose another target."
	noPoint    = "Atlas cannot restore to that moment. Choose one inside the restore window, after a completed snapshot."
	flexTarget = "A flex snapshot needs a replica set of the same MongoDB version. It must be idle, and must not use customer keys. Choose another target."
	badAccount = "The service account's id or secret is wrong, or the secret has expired."
	setting    = "Atlas does not offer this for the cluster's size, plan or settings."
)

// adviceByCode says what a code means here, and what to do next. It is made at the first
// error: a run without one needs none.
func adviceByCode() map[string]string {
	advices.once.Do(func() { advices.byCode = allAdvice() })
	return advices.byCode
}

var advices struct {
	once   sync.Once
	byCode map[string]string
}

func allAdvice() map[string]string {
	return map[string]string{
		"CANNOT_RESTORE_TO_TARGET":      "The credential needs backup rights in the target's project as well as in the source's.",
		"TENANT_SNAPSHOT_ACCESS_DENIED": "The credential needs backup rights in the project of the snapshot.",

		"IP_ADDRESS_NOT_ON_ACCESS_LIST": notAllowed,
		"IP_ADDRESS_NOT_ON_WHITELIST":   notAllowed,
		"RESOURCE_REQUIRES_ACCESS_LIST": notAllowed,
		"RESOURCE_REQUIRES_WHITELIST":   notAllowed,
		"ORG_REQUIRES_ACCESS_LIST":      notAllowed,
		"ORG_REQUIRES_WHITELIST":        notAllowed,
		"GLOBAL_USER_OUTSIDE_SUBNET":    notAllowed,

		"ATLAS_CLUSTER_RESTORE_IN_PROGRESS":                          "A restore already runs on that cluster. Wait for it to end, or choose another target.",
		"CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE":                  "A restore runs on that cluster. Wait for it to end.",
		"CLUSTER_PAUSED_CANNOT_RESTORE":                              "Resume the target cluster in Atlas first, or choose another target.",
		"CANNOT_UPDATE_PAUSED_CLUSTER":                               "Resume the target cluster in Atlas first, or choose another target.",
		"CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT": liveImport,
		"CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT":             liveImport,
		"INVALID_SNAPSHOT_RESTORE_ENCRYPTION":                        "The target must use the same customer key provider as the snapshot. Choose another target.",
		"OUT_OF_CAPACITY":                                            "The cloud provider has no room for this just now. Wait, or choose a target in another region.",
		"RESTORE_INITIATION_FAILED":                                  "Atlas could not begin the restore. Wait a little, look at the target in Atlas, then try again.",
		"INVALID_RESTORE_PROCESS":                                    "Atlas could not begin the restore. Wait a little, look at the target in Atlas, then try again.",
		"WRITES_NOT_ALLOWED_DURING_APP_UPGRADES":                     "Atlas is being upgraded and takes no changes. Wait some minutes, then try again.",

		"CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT":         gone,
		"CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT": gone,
		"SNAPSHOT_NOT_FOUND":        gone,
		"TENANT_SNAPSHOT_NOT_FOUND": gone,
		"INVALID_SNAPSHOT_ID":       gone,
		"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT": incomplete,
		"CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT":                      incomplete,
		"AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED":                   "That is the snapshot of one shard. Choose one of the whole cluster.",
		"UNFINISHED_ON_DEMAND_SNAPSHOT":                            "Another on-demand snapshot is queued or in progress, and Atlas takes one at a time. Wait for it to end.",

		DownloadedAlready:                          "This snapshot is already being downloaded. Use that link, or wait until it has expired.",
		"TOO_MANY_SNAPSHOT_DOWNLOADS":              "The project has too many downloads at once. Wait until one has ended or cancel one.",
		"CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION": "Atlas does not hand out this encrypted snapshot. Restore it onto a cluster with the same customer key provider instead.",
		"CANNOT_DOWNLOAD_EXPIRED_JOB":              "The download has expired. Ask for a new one.",
		"CANNOT_DOWNLOAD_JOB_IN_PROGRESS":          "The download is not ready yet. Wait for it.",
		"UNSUPPORTED_DELIVERY_METHOD":              "Atlas does not offer this delivery type for the cluster. Go back and choose another one.",

		"INVALID_PIT_RESTORE_TIME":                            noPoint,
		"NO_CHECKPOINT_FOR_PIT_RESTORE":                       "There is no snapshot to start from for that moment. Choose a later one.",
		"UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME": "There is no snapshot before that moment. Choose a later one.",
		"PIT_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS":         "Atlas restores this cluster to snapshots only. Go back and choose one.",
		"OPLOG_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS":       "Atlas does not take an oplog entry for this cluster. Choose a moment, or a snapshot.",
		"INVALID_RESTORE_WINDOW":                              noPoint,

		"CANNOT_CANCEL_AUTOMATED_RESTORE":                   "Atlas cannot cancel a restore that overwrites a cluster. It goes on.",
		"ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED": "One shard's part of a restore cannot be cancelled. It goes on.",
		"RESTORE_JOB_NOT_FOUND":                             "Atlas does not know this restore job of the cluster, or the credential may not see it.",
		"RESTORE_JOB_NOT_FOUND_IN_GROUP":                    "Atlas does not know this restore job of the project, or the credential may not see it.",
		"TENANT_RESTORE_NOT_FOUND":                          "Atlas does not know this restore job of the cluster, or the credential may not see it.",
		"INVALID_JOB_ID":                                    "Atlas does not know this restore job of the cluster, or the credential may not see it.",

		"CLUSTER_NOT_FOUND":        "There is no cluster of that name in that project, or the credential may not see it. Check the name, or load the list again.",
		"CLUSTER_NAME_NOT_FOUND":   "There is no cluster of that name in that project, or the credential may not see it. Check the name, or load the list again.",
		"GROUP_NOT_FOUND":          "The project does not exist, or the credential may not see it.",
		"INVALID_GROUP_ID":         "The project does not exist, or the credential may not see it.",
		"NOT_IN_GROUP":             "The credential is not a member of that project. Ask its owner.",
		"USER_CANNOT_ACCESS_GROUP": "The credential is not a member of that project. Ask its owner.",
		"USER_CANNOT_ACCESS_ORG":   "The credential is not a member of that organisation. Ask its owner.",

		"invalid_client":      badAccount, // OAuth's codes (RFC 6749, 5.2)
		"invalid_grant":       badAccount,
		"unauthorized_client": badAccount,

		"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API":  "That is a flex cluster. It is restored in another way. Load the list of clusters again.",
		"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API": "That is not a flex cluster. It is restored in another way. Load the list of clusters again.",
		"BACKUP_JOB_NOT_FOUND":                    noBackups,
		"BACKUP_CONFIG_NOT_FOUND":                 noBackups,
		"INSUFFICIENT_INSTANCE_SIZE":              noBackups,
		"PROVIDER_BACKUP_NOT_SUPPORTED":           noBackups,
		"INCORRECT_BACKUP_API_ENDPOINT":           noBackups,
		"TENANT_RESTORE_DESTINATION_ENCRYPTION":   flexTarget,
		"TENANT_RESTORE_DESTINATION_UNAVAILABLE":  flexTarget,
		"TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY":    flexTarget,
		"TENANT_RESTORE_VERSION_MISMATCH":         flexTarget,
		"ENCRYPTION_AT_REST_NOT_ENABLED":          keys,
		"ENCRYPTION_AT_REST_SETTINGS_INVALID":     keys,
		"NO_PERMISSION_TO_ENCRYPT_DECRYPT":        keys,
		"NO_PAYMENT_INFORMATION_FOUND":            "The organisation has no payment method. Ask its owner.",
		"ACCOUNT_SUSPENDED":                       "The organisation is suspended. Ask its owner.",
		"FEATURE_UNSUPPORTED":                     setting,
		"UNSUPPORTED_FEATURE":                     setting,
		"UNSUPPORTED_FOR_CURRENT_PLAN":            setting,
		"UNSUPPORTED_FOR_CURRENT_CONFIG":          setting,
		"VERSION_GONE":                            "This version of Atlas's API is not served any more. A newer atlas-restore is needed.",

		"VALIDATION_ERROR":                                      malformed,
		"INVALID_ATTRIBUTE":                                     malformed,
		"MISSING_ATTRIBUTE":                                     malformed,
		"MISSING_ATTRIBUTES":                                    malformed,
		"MISSING_ONE_OF_ATTRIBUTES":                             malformed,
		"MISSING_ONE_OF_THREE_ATTRIBUTES":                       malformed,
		"INVALID_ENUM_VALUE":                                    malformed,
		"INVALID_JSON":                                          malformed,
		"INVALID_JSON_ATTRIBUTE":                                malformed,
		"MALFORMED_JSON":                                        malformed,
		"ATTRIBUTE_NEGATIVE_OR_ZERO":                            malformed,
		"INVALID_PATH_PARAMETER":                                malformed,
		"INVALID_QUERY_PARAMETER":                               malformed,
		"MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS":                   malformed,
		"BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID":               "Atlas does not take that retention. Choose a number of days from 1 on.",
		"SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY": "The project's backup compliance policy asks for a longer retention. Choose more days.",
	}
}

// adviceByFamily is for codes of which there are many of one kind.
var adviceByFamily = []struct{ prefix, advice string }{
	{"AWS_KMS_", keys},
	{"AZURE_KEY_VAULT_", keys},
	{"GOOGLE_CLOUD_KMS_KEY_VERSION_", keys},
}
