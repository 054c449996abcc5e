package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"atlas-restore/state/text"
)

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

	after time.Duration // when the server wants to be asked again
	cause error         // only what holds nothing of a link
}

// Error implements error.
func (e *Error) Error() string { return e.Why }

// Unwrap gives the cause where it says nothing of a link: what the disk said, and how a context
// ended.
func (e *Error) Unwrap() error { return e.cause }

// Passes says whether it may pass by itself.
func (e *Error) Passes() bool {
	switch e.Problem {
	case Cut, Stalled, Slow, Trouble, Unreachable:
		return true
	default:
		return false
	}
}

func problem(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Problem: Disk, Why: text.CleanError(err), cause: err}
}

// askAccess are the usual causes where a delivery's host cannot be reached. They are said in
// this order because the first is the commoner.
func askAccess(a address) string {
	_, port, _ := net.SplitHostPort(a.dial())
	return "The usual causes: this machine's address is not on the project's IP access list (Atlas: Network Access), or the network here " +
		"lets nothing out to port " + port + "; proxies rarely let a CONNECT to it through. Add the address, or fetch from another network or over a private endpoint."
}

// unreachable is err, with which no connection to a came about. The link was not touched.
func unreachable(a address, err error) *Error {
	e := &Error{Problem: Unreachable, Host: a.host(), Advice: askAccess(a), cause: ended(err)}
	var dns *net.DNSError
	var op *net.OpError
	var refused *refusedTunnel
	switch {
	case errors.As(err, &refused):
		e.Why = fmt.Sprintf("the proxy %s does not let a connection to %s through: it answered %d", refused.proxy, a.host(), refused.status)
	case errors.As(err, new(*strayed)):
		e.Problem, e.Why, e.Advice = Insecure, "here only the embedded Atlas may be reached, and not "+a.host(), ""
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Why = "DNS: the host " + a.host() + " does not exist"
		e.Advice = "A link's host exists for as long as the link. If it is not over, check this machine's name service. " + e.Advice
	case errors.As(err, &dns):
		e.Why = "DNS: the name service does not tell where " + a.host() + " is"
	case errors.As(err, &op) && op.Op == "dial":
		e.Why = "TCP: " + a.host() + " " + innermost(err)
	default:
		e.Why = "TLS: " + a.host() + " " + a.hide(plain(err))
	}
	return e
}

// broken is err, with which a connection to a ended that had come about. ctx is that of what
// was asked over it.
func broken(ctx context.Context, a address, err error) *Error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	switch known := (*Error)(nil); {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errStalled):
		return &Error{Problem: Stalled, Host: a.host(), Why: "nothing more came from " + a.host()}
	case errors.Is(err, os.ErrDeadlineExceeded), timeout(err):
		return &Error{Problem: Stalled, Host: a.host(), Why: a.host() + " did not answer in time"}
	}
	return &Error{Problem: Cut, Host: a.host(), Why: "the connection to " + a.host() + " " + a.hide(plain(err)), cause: ended(err)}
}

// ended is how a context ended, and nothing else.
func ended(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}

func timeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func innermost(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses the connection"
	case timeout(err), errors.Is(err, context.DeadlineExceeded):
		return "does not answer"
	}
	return plain(err)
}

// plain says a fault of a connection in words.
func plain(err error) string {
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "ended early"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "was reset"
	case timeout(err), errors.Is(err, context.DeadlineExceeded):
		return "did not answer in time"
	case errors.As(err, &cert):
		return "shows a certificate that does not hold: " + text.CleanError(cert.Err)
	}
	return "failed: " + text.CleanError(err)
}

// diskFault is what a disk said while something was done with the file of a name.
func diskFault(doing, name string, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	e := &Error{Problem: Disk, Why: fmt.Sprintf("%s %s: %s", doing, name, strings.TrimSpace(text.CleanError(err))), cause: err}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		e.Problem, e.Why = Space, fmt.Sprintf("%s %s: the disk is full", doing, name)
		e.Advice = "Make room, and run the same again: it goes on where it ended."
	}
	return e
}
