package state

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// AtlasError is a refusal or fault that Atlas answered with (its ApiError). All
// texts are cleaned.
type AtlasError struct {
	Status     int    // HTTP status
	Code       string // errorCode, a stable constant; empty if the answer bore none
	Detail     string // for people
	Reason     string // the HTTP reason phrase
	Parameters []string
	RetryAfter time.Duration // 429 and 503, where Atlas says so
}

// Error implements error.
func (e *AtlasError) Error() string {
	s := fmt.Sprintf("Atlas answered %d", e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// DefiniteNo says whether Atlas has certainly not acted on a write: an answer of
// the 4xx kind with an errorCode of its own. 408 proves nothing; neither does an
// answer without a code, which a proxy may have made up.
func (e *AtlasError) DefiniteNo() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != 408 && e.Code != ""
}

// Problem is an error as a person needs it: what failed, on what, why, and what to
// do next.
type Problem struct {
	What   string // "Listing the snapshots of orders-prod failed"
	Why    string // "Atlas answered 403 ACCESS_FORBIDDEN: …"
	Advice string // "Ask for the role Project Backup Manager …"
}

// Text is the whole of it in one paragraph.
func (p Problem) Text() string {
	return strings.TrimSpace(strings.TrimSpace(p.What+" "+p.Why) + " " + p.Advice)
}

// Explain makes a Problem of err. what says what was being done and on which object.
func Explain(what string, err error) Problem {
	p := Problem{What: what + " failed.", Why: sentence(err.Error())}
	var atlas *AtlasError
	if errors.As(err, &atlas) {
		p.Why = sentence(atlas.Error())
		p.Advice = advice(atlas)
		return p
	}
	p.Advice = "Atlas could not be reached, or its answer not read. Check the network, then try again."
	return p
}

func sentence(s string) string {
	s = strings.TrimRight(s, ".")
	return s + "."
}

// advice says what to do about an answer of Atlas: by errorCode where a restore
// can meet it, else by status (Admin API, "error codes").
func advice(e *AtlasError) string {
	if a, ok := adviceByCode[e.Code]; ok {
		return a
	}
	switch {
	case e.Status == 401:
		return "The key or token is wrong, expired, or not a member here. Check the credential named above, then start again."
	case e.Status == 403:
		return "The credential lacks a role: listing needs Project Read Only, restore jobs need Project Backup Manager (or Owner), on both projects. Ask for it, then try again."
	case e.Status == 404:
		return "It is gone, or the credential may not see it. Load the list anew, or check the name."
	case e.Status == 409:
		return "Something else is at work there. Wait for it to end, then try again."
	case e.Status == 429 && e.RetryAfter > 0:
		return fmt.Sprintf("Too many requests for now. Wait %s, then try again.", Exactly(e.RetryAfter))
	case e.Status == 429:
		return "Too many requests for now. Wait a minute, then try again."
	case e.Status >= 500:
		return "The fault is on Atlas's side. Wait a little, then try again; see status.mongodb.com if it stays."
	}
	return "Go back with esc and change what Atlas refused."
}

var adviceByCode = map[string]string{
	"CANNOT_RESTORE_TO_TARGET":                                 "The credential needs backup rights in the target's project as well as in the source's.",
	"IP_ADDRESS_NOT_ON_ACCESS_LIST":                            "Add this machine's address to the API access list of the key, then try again.",
	"IP_ADDRESS_NOT_ON_WHITELIST":                              "Add this machine's address to the API access list of the key, then try again.",
	"ATLAS_CLUSTER_RESTORE_IN_PROGRESS":                        "A restore already runs on that cluster. Wait for it to end, or choose another target.",
	"CLUSTER_PAUSED_CANNOT_RESTORE":                            "Resume the target cluster in Atlas first, or choose another target.",
	"INVALID_SNAPSHOT_RESTORE_ENCRYPTION":                      "The target must use the same customer key provider as the snapshot. Choose another target.",
	"CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT":            "The snapshot is gone. Go back and choose another one.",
	"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT": "The snapshot is not complete. Go back and choose a completed one.",
	"CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT":                      "The snapshot is not complete. Go back and choose a completed one.",
	"CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY":                    "This snapshot is already being downloaded. Use that link, or wait until it has expired.",
	"TOO_MANY_SNAPSHOT_DOWNLOADS":                              "The project has too many downloads at once. Wait until one has ended or cancel one.",
	"INVALID_PIT_RESTORE_TIME":                                 "Atlas cannot restore to that moment. Choose one inside the restore window.",
	"NO_CHECKPOINT_FOR_PIT_RESTORE":                            "There is no snapshot to start from for that moment. Choose a later one.",
	"UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME":      "There is no snapshot before that moment. Choose a later one.",
	"CANNOT_CANCEL_AUTOMATED_RESTORE":                          "Atlas cannot cancel a restore that overwrites a cluster. It goes on.",
	"CLUSTER_NOT_FOUND":                                        "There is no cluster of that name in that project, or the credential may not see it. Check the name, or load the list anew.",
	"GROUP_NOT_FOUND":                                          "There is no such project, or the credential may not see it.",
	"SNAPSHOT_NOT_FOUND":                                       "The snapshot is gone. Go back and choose another one.",
}

// CheckBaseURL says what keeps raw host and scheme from being used: Atlas is
// spoken to over https only; plain http reaches a literal loopback address only,
// so that no name service can lead a key astray.
func CheckBaseURL(scheme, host string) error {
	if scheme == "https" && host != "" {
		return nil
	}
	if scheme == "http" && IsLoopback(host) {
		return nil
	}
	return fmt.Errorf("%s://%s: Atlas is reached over https only (http just for a literal loopback address like 127.0.0.1)", scheme, host)
}

// IsLoopback says whether host (without a port) is a literal loopback address. A
// name is not, not even "localhost": it resolves to whatever a resolver says.
func IsLoopback(host string) bool {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}
