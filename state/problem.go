package state

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
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
	Until      time.Time     // when that has passed, on Atlas's clock; zero where it is not known
	Login      bool          // it is the answer to the request for an access token: no other was sent
	Needs      string        // the role that the call needs; empty where it is not known
	Reads      string        // what the call reads, where that is no restore job: "the names in a snapshot"
	Project    string        // the project that it was about, by name or id; empty for none
	Credential string        // that was used, without its private half, and its source; empty where it is not known
	Renew      string        // the command that brings a fresh access token; empty where that would not help
}

// Error implements error.
func (e *AtlasError) Error() string {
	s := fmt.Sprintf("Atlas answered %d", e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Login {
		s += " to the request for an access token"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// UnreadableError is an answer that has come and is not what was asked for: no list, no job,
// or about another one. It says nothing, least of all that there is nothing.
type UnreadableError struct{ Why string }

// UnreadAdvice is what to do about an answer that has come and cannot be read: the network has brought it.
const UnreadAdvice = "Try again. If it stays so, look in Atlas itself: what was answered says nothing of what there is."

// Error implements error.
func (e *UnreadableError) Error() string { return "not readable: " + e.Why }

// DefiniteNo says whether Atlas has certainly not acted on a write: an answer of
// the 4xx kind with an errorCode of its own. 408 proves nothing; neither does an
// answer without a code, which a proxy may have made up.
func (e *AtlasError) DefiniteNo() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != 408 && e.Code != ""
}

// OfTheRequest says whether a refusal is Atlas's judgement of this one request: its code is documented, and neither
// a gateway's own limits nor a restore that a copy of the same request has begun can have brought it about.
func (e *AtlasError) OfTheRequest() bool {
	advice, documented := adviceByCode()[e.Code]
	switch {
	case e.Status == 429, advice == notAllowed, RestoreRuns(e):
		return false
	case e.Code == "TENANT_RESTORE_DESTINATION_UNAVAILABLE": // its target is busy
		return false
	}
	return documented || e.LacksRole() && e.Code != ""
}

// LacksRole says whether the credential is good and may not do what was asked. Atlas says so
// with 403, and of some roles with 401 (people report USER_UNAUTHORIZED). A 403 for this
// machine's address is something else: it says nothing about a role.
func (e *AtlasError) LacksRole() bool {
	if adviceByCode()[e.Code] == notAllowed {
		return false
	}
	switch e.Code {
	case "USER_UNAUTHORIZED", "NOT_IN_GROUP", "NOT_IN_ORG", "CANNOT_RESTORE_TO_TARGET", "TENANT_SNAPSHOT_ACCESS_DENIED":
		return e.Status == 401 || e.Status == 403
	}
	return e.Status == 403 || e.Status == 401 && strings.HasPrefix(e.Code, "USER_CANNOT_ACCESS_")
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

// Advised is an error of which more is known than its kind tells. Its advice stands in the place of the
// one that goes with the kind.
type Advised struct {
	Err    error
	Advice string
	Jobs   []string // the ids of the restore jobs that stand in the way
}

// Error implements error.
func (e *Advised) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *Advised) Unwrap() error { return e.Err }

// Plain is an error with what a person saw happen. Its own text is that of whoever met it, often a
// library's: it is for the log.
type Plain struct {
	Why string // cleaned
	Err error
}

// Error implements error.
func (e *Plain) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *Plain) Unwrap() error { return e.Err }

// Explain makes a Problem of err. what says what was being done and on which object.
func Explain(what string, err error) Problem {
	p := explain(what, err)
	var advised *Advised
	if errors.As(err, &advised) {
		p.Advice = advised.Advice
	}
	return p
}

func explain(what string, err error) Problem {
	p := Problem{What: what + " failed.", Why: begun(Why(err))}
	var atlas *AtlasError
	if errors.As(err, &atlas) {
		p.Advice = advice(atlas)
		return p
	}
	var unreached *Unreached
	if errors.As(err, &unreached) {
		p.Advice = unreached.Advice
		return p
	}
	if errors.As(err, new(*UnreadableError)) {
		p.Advice = UnreadAdvice
		return p
	}
	p.Advice = "Atlas could not be reached, or its answer not read. Check the network, then try again."
	return p
}

// Why says in a person's words why something failed, for behind a colon: with a full stop, and
// begun as a part of a sentence.
func Why(err error) string {
	var atlas *AtlasError
	var unreached *Unreached
	var plain *Plain
	switch {
	case errors.As(err, &atlas):
		return sentence(atlas.Error())
	case errors.As(err, &unreached):
		return sentence(unreached.Why)
	case errors.As(err, new(*UnreadableError)):
	case errors.As(err, &plain):
		return sentence(plain.Why)
	}
	return sentence(err.Error())
}

func sentence(s string) string { return Sentence(s) }

// Sentence is a text with one mark at its end: a full stop, where it does not end with a question.
func Sentence(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return strings.TrimRight(s, ".") + "."
}

// begun is a sentence that begins with a big letter. What begins with a name, or an address, stays
// as it is: those are not to be spelled otherwise.
func begun(s string) string {
	word, _, _ := strings.Cut(s, " ")
	for _, r := range strings.TrimRight(word, ",.:;") {
		if !unicode.IsLetter(r) {
			return s
		}
	}
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
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
