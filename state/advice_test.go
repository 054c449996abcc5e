package state_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// codes are the errorCodes that a restore can meet, by the status that they come with
// (Admin API, "error codes").
var codes = map[int]string{
	400: `VALIDATION_ERROR INVALID_ATTRIBUTE MISSING_ATTRIBUTE MISSING_ATTRIBUTES MISSING_ONE_OF_ATTRIBUTES MISSING_ONE_OF_THREE_ATTRIBUTES
		INVALID_ENUM_VALUE INVALID_JSON INVALID_JSON_ATTRIBUTE MALFORMED_JSON ATTRIBUTE_NEGATIVE_OR_ZERO INVALID_PATH_PARAMETER
		INVALID_QUERY_PARAMETER MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API
		CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API INVALID_PIT_RESTORE_TIME PIT_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS
		OPLOG_RESTORE_ONLY_SUPPORTED_FOR_REPLICA_SETS CLUSTER_PAUSED_CANNOT_RESTORE CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE
		CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT INVALID_SNAPSHOT_RESTORE_ENCRYPTION AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED
		UNSUPPORTED_DELIVERY_METHOD CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY TOO_MANY_SNAPSHOT_DOWNLOADS CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION
		CANNOT_DOWNLOAD_EXPIRED_JOB CANNOT_DOWNLOAD_JOB_IN_PROGRESS CANNOT_CANCEL_AUTOMATED_RESTORE UNFINISHED_ON_DEMAND_SNAPSHOT
		BACKUP_JOB_NOT_FOUND INSUFFICIENT_INSTANCE_SIZE PROVIDER_BACKUP_NOT_SUPPORTED INCORRECT_BACKUP_API_ENDPOINT INVALID_RESTORE_WINDOW
		TENANT_RESTORE_DESTINATION_ENCRYPTION TENANT_RESTORE_DESTINATION_UNAVAILABLE TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY
		TENANT_RESTORE_VERSION_MISMATCH AWS_KMS_KEY_UNREACHABLE AZURE_KEY_VAULT_ANYTHING GOOGLE_CLOUD_KMS_KEY_VERSION_DISABLED
		ENCRYPTION_AT_REST_NOT_ENABLED ENCRYPTION_AT_REST_SETTINGS_INVALID NO_PERMISSION_TO_ENCRYPT_DECRYPT
		BACKUP_SNAPSHOT_RETENTION_VALUE_INVALID SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY`,
	401: `UNEXPECTED_ERROR NO_CURRENT_USER USER_UNAUTHORIZED NOT_IN_GROUP USER_CANNOT_ACCESS_GROUP USER_CANNOT_ACCESS_ORG TENANT_SNAPSHOT_ACCESS_DENIED`,
	402: `NO_PAYMENT_INFORMATION_FOUND ACCOUNT_SUSPENDED`,
	403: `CANNOT_RESTORE_TO_TARGET IP_ADDRESS_NOT_ON_WHITELIST RESOURCE_REQUIRES_WHITELIST ORG_REQUIRES_WHITELIST IP_ADDRESS_NOT_ON_ACCESS_LIST
		RESOURCE_REQUIRES_ACCESS_LIST ORG_REQUIRES_ACCESS_LIST GLOBAL_USER_OUTSIDE_SUBNET ACCESS_FORBIDDEN FEATURE_UNSUPPORTED
		UNSUPPORTED_FOR_CURRENT_PLAN UNSUPPORTED_FOR_CURRENT_CONFIG`,
	404: `GROUP_NOT_FOUND CLUSTER_NOT_FOUND CLUSTER_NAME_NOT_FOUND SNAPSHOT_NOT_FOUND RESTORE_JOB_NOT_FOUND RESTORE_JOB_NOT_FOUND_IN_GROUP
		INVALID_GROUP_ID INVALID_SNAPSHOT_ID INVALID_JOB_ID BACKUP_CONFIG_NOT_FOUND RESOURCE_NOT_FOUND TENANT_SNAPSHOT_NOT_FOUND
		TENANT_RESTORE_NOT_FOUND UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME`,
	405: `ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED WRITES_NOT_ALLOWED_DURING_APP_UPGRADES`,
	410: `VERSION_GONE`,
	409: `ATLAS_CLUSTER_RESTORE_IN_PROGRESS CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT
		CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT NO_CHECKPOINT_FOR_PIT_RESTORE
		RESTORE_INITIATION_FAILED INVALID_RESTORE_PROCESS CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT CANNOT_UPDATE_PAUSED_CLUSTER
		UNSUPPORTED_FEATURE OUT_OF_CAPACITY`,
	429: `RATE_LIMITED_TOKEN_BUCKET RATE_LIMITED`,
	500: `UNEXPECTED_ERROR`,
	503: `SERVICE_UNAVAILABLE`,
}

// Every code has an advice of its own: none falls through to the words for what Atlas was
// never known to say.
func TestEveryCodeHasAdvice(t *testing.T) {
	unknown := map[int]string{}
	for _, status := range []int{400, 402} {
		unknown[status] = state.Explain("x", &state.AtlasError{Status: status, Code: "NEVER_HEARD_OF"}).Advice
	}
	for status, list := range codes {
		for _, code := range strings.Fields(list) {
			p := state.Explain("Restoring", fmt.Errorf("creating: %w", &state.AtlasError{Status: status, Code: code, Detail: "the detail"}))
			if p.Advice == "" || p.Advice == unknown[status] {
				t.Errorf("%d %s has the advice %q", status, code, p.Advice)
			}
			if want := fmt.Sprintf("Atlas answered %d %s: the detail.", status, code); p.Why != want {
				t.Errorf("the reason is %q, want %q", p.Why, want)
			}
			if strings.ContainsAny(p.Advice, "!") || !strings.HasSuffix(p.Advice, ".") {
				t.Errorf("%s: the advice is no sentence: %q", code, p.Advice)
			}
		}
	}
}

// A code that nobody has heard of is told as it is.
func TestUnknownCode(t *testing.T) {
	p := state.Explain("Listing", &state.AtlasError{Status: 418, Code: "I_AM_A_TEAPOT", Detail: "short and stout"})
	if p.Why != "Atlas answered 418 I_AM_A_TEAPOT: short and stout." || p.Advice == "" {
		t.Errorf("%+v", p)
	}
}

// A refusal names the role that this very call needs, the one that the restore needs, and the
// project: whoever asks for the first alone is refused again a step later.
func TestRolesAreNamed(t *testing.T) {
	for needs, want := range map[string][]string{
		state.RoleReadOnly:         {"To look you need Project Read Only, on project Payments. A restore needs Project Backup Manager (or Owner)"},
		state.RoleBackupManager:    {"Project Backup Manager (or Owner), on project Payments", "A role that may create them may not read them"},
		state.RoleRecoveryOperator: {"Project Backup Recovery Operator, Project Backup Manager or Owner, on the source's project and on the target's"},
		state.RoleExportOperator:   {"Project Backup Export Operator, Project Backup Manager or Owner, on project Payments"},
		state.RoleBackupCreator:    {"Project Backup Creator, Project Backup Manager or Owner, on project Payments"},
		"":                         {"on both projects"},
	} {
		for _, e := range []state.AtlasError{{Status: 403, Code: "ACCESS_FORBIDDEN"}, {Status: 401, Code: "USER_UNAUTHORIZED"}, {Status: 401, Code: "NOT_IN_GROUP"}, {Status: 401, Code: "USER_CANNOT_ACCESS_GROUP"}, {Status: 403}} {
			e.Needs, e.Project = needs, "Payments"
			p := state.Explain("x", &e)
			for _, want := range want {
				if !strings.Contains(p.Advice, want) {
					t.Errorf("%d %s, %s: %q", e.Status, e.Code, needs, p.Advice)
				}
			}
			if !e.LacksRole() || strings.Contains(p.Advice, "wrong, expired") {
				t.Errorf("%d %s: a good credential is called wrong: %q", e.Status, e.Code, p.Advice)
			}
		}
	}
}

// What was read is named where it is no restore job.
func TestWhatWasReadIsNamed(t *testing.T) {
	e := state.AtlasError{Status: 403, Code: "ACCESS_FORBIDDEN", Needs: state.RoleBackupManager, Reads: "the names in a snapshot", Project: "Payments"}
	p := state.Explain("x", &e)
	if want := "Reading the names in a snapshot needs Project Backup Manager (or Owner), on project Payments."; !strings.Contains(p.Advice, want) || strings.Contains(p.Advice, "restore jobs") {
		t.Errorf("%q", p.Advice)
	}
}

// A refused address, and a credential that is wrong, are no missing role.
func TestNoRoleIsMissing(t *testing.T) {
	for _, e := range []state.AtlasError{
		{Status: 403, Code: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
		{Status: 403, Code: "ORG_REQUIRES_ACCESS_LIST"},
		{Status: 401, Code: "UNEXPECTED_ERROR"},
		{Status: 401},
		{Status: 404, Code: "NOT_IN_GROUP"},
		{Status: 500},
	} {
		if e.LacksRole() || strings.Contains(state.Explain("x", &e).Advice, "lacks a role") {
			t.Errorf("%d %s is called a missing role", e.Status, e.Code)
		}
	}
}

func TestExplainsWhatIsNotAtlas(t *testing.T) {
	if p := state.Explain("Listing", errors.New("dial tcp: connection refused")); !strings.Contains(p.Advice, "Check the network") {
		t.Errorf("%+v", p)
	}
}

// Why something failed is a sentence of its own, and a part of one behind a colon; a name or an
// address is spelled as it is.
func TestWhyIsASentence(t *testing.T) {
	for err, want := range map[error][2]string{
		&state.Plain{Why: "the connection was closed", Err: errors.New("EOF")}: {"The connection was closed.", "the connection was closed."},
		&state.Unreached{Why: "the host x does not exist"}:                     {"The host x does not exist.", "the host x does not exist."},
		&state.Unreached{Why: "cloud.mongodb.com refused it"}:                  {"cloud.mongodb.com refused it.", "cloud.mongodb.com refused it."},
		errors.New("listing: refused"):                                         {"Listing: refused.", "listing: refused."},
		errors.New("orders-prod is gone"):                                      {"orders-prod is gone.", "orders-prod is gone."},
	} {
		if got := [2]string{state.Explain("Listing", err).Why, state.Why(err)}; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// How long to wait is said with until when: of two tries that Atlas refuses alike, each has its own time.
func TestUntilWhenIsSaid(t *testing.T) {
	begin := time.Date(2026, 11, 23, 14, 31, 20, 0, time.UTC)
	for i, want := range []string{"14:41:20 UTC", "14:43:20 UTC"} {
		for _, status := range []int{429, 503} {
			e := &state.AtlasError{Status: status, RetryAfter: 10 * time.Minute, Until: begin.Add(time.Duration(10+2*i) * time.Minute).In(time.FixedZone("CET", 3600))}
			if advice := state.Explain("x", e).Advice; !strings.Contains(advice, "Wait 10 min: Atlas takes requests again at "+want+". Then try again") {
				t.Errorf("%d: %q", status, advice)
			}
		}
	}
	e := &state.AtlasError{Status: 429, RetryAfter: 24 * time.Hour, Until: begin.Add(24 * time.Hour)}
	if advice := state.Explain("x", e).Advice; !strings.Contains(advice, "Wait 24 h: Atlas takes requests again at 24 Nov 14:31:20 UTC.") {
		t.Errorf("tomorrow: %q", advice)
	}
}

// A credential that is refused may be mended in Atlas, and then works again at once; another one is
// read at the next start.
func TestWhatMendsACredential(t *testing.T) {
	for _, e := range []*state.AtlasError{
		{Status: 401, Code: "INVALID_CLIENT", Detail: "client disabled", Login: true},
		{Status: 401, Code: "invalid_client", Detail: "the service account was refused", Login: true},
	} {
		p := state.Explain("Loading the projects", e)
		if !strings.Contains(p.Why, e.Code+" to the request for an access token: "+e.Detail+".") || !strings.Contains(p.Advice, "Once it is mended in Atlas, try again. With another key, token or secret, start again.") {
			t.Errorf("it says %q", p.Text())
		}
	}
}
