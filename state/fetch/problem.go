package fetch

import "time"

// Problem is the kind of what went wrong.
type Problem string

// The kinds. Only the first five are tried again: what is wrong there may pass.
const (
	Cut         Problem = "cut"         // the connection ended before the file did
	Stalled     Problem = "stalled"     // nothing came for a while
	Slow        Problem = "slow"        // next to nothing came for a while
	Trouble     Problem = "trouble"     // the server answered 408, 429 or 5xx
	Unreachable Problem = "unreachable" // no connection came about

	Stale       Problem = "stale"       // the server answered 403, 404 or 410, or the link's time is over: used, expired, or not for this address
	Refused     Problem = "refused"     // another status that is no delivery
	BadLink     Problem = "badLink"     // the link is none
	NoLink      Problem = "noLink"      // Atlas lists no link for it
	BadAnswer   Problem = "badAnswer"   // other bytes than those that were asked for, or in another form
	NoArchive   Problem = "noArchive"   // a page of text, or anything else than an archive
	Insecure    Problem = "insecure"    // it would not go through TLS
	Space       Problem = "space"       // the disk is full, or would be
	Disk        Problem = "disk"        // the disk failed otherwise
	Exists      Problem = "exists"      // a file of the name is there
	Foreign     Problem = "foreign"     // what was begun there is of another snapshot
	Locked      Problem = "locked"      // another run works in the directory
	Damaged     Problem = "damaged"     // it is whole, and its proof found damage
	Unproven    Problem = "unproven"    // it is whole, and some of it could not be checked
	Unpacking   Problem = "unpacking"   // it could not be unpacked: the file itself is as its state says
	ProofFailed Problem = "proofFailed" // nothing is known: the proof itself came to no end
	Left        Problem = "left"        // it was left by the caller
)

// Error is what kept an archive from being fetched. Nothing of a link is in it but its host.
type Error struct {
	Problem Problem
	Host    string // may be empty
	Why     string // a sentence without its full stop; cleaned
	Advice  string // what to do about it; may be empty
	Status  int    // of the server's answer; 0: none

	After time.Duration // when the server wants to be asked again
	Cause error         // only what holds nothing of a link
}

// Error implements error.
func (e *Error) Error() string { return e.Why }

// Unwrap gives the cause where it says nothing of a link: what the disk said, and how a context
// ended.
func (e *Error) Unwrap() error { return e.Cause }

// Passes says whether it may pass by itself.
func (e *Error) Passes() bool {
	switch e.Problem {
	case Cut, Stalled, Slow, Trouble, Unreachable:
		return true
	default:
		return false
	}
}

// Spent says whether the link gives nothing more: it was used, or its time is over. A 403 does not say
// that: the same link answers once this machine's address is on the project's access list.
func (e *Error) Spent() bool { return e.Problem == Stale && e.Status != 403 }
