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

	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

func problem(err error) *fetch.Error {
	var e *fetch.Error
	if errors.As(err, &e) {
		return e
	}
	return &fetch.Error{Problem: fetch.Disk, Why: text.CleanError(err), Cause: err}
}

// askAccess are the usual causes where a delivery's host cannot be reached. They are said in
// this order because the first is the commoner.
func askAccess(a address) string {
	_, port, _ := net.SplitHostPort(a.dial())
	return "The usual causes: this machine's address is not on the project's IP access list (Atlas: Network Access), or the network here " +
		"lets nothing out to port " + port + "; proxies rarely let a CONNECT to it through. Add the address, or fetch from another network or over a private endpoint."
}

// unreachable is err, with which no connection to a came about. The link was not touched.
func unreachable(a address, err error) *fetch.Error {
	e := &fetch.Error{Problem: fetch.Unreachable, Host: a.host(), Advice: askAccess(a), Cause: ended(err)}
	var dns *net.DNSError
	var op *net.OpError
	var refused *refusedTunnel
	switch {
	case errors.As(err, &refused):
		e.Why = fmt.Sprintf("the proxy %s does not let a connection to %s through: it answered %d", refused.proxy, a.host(), refused.status)
	case errors.As(err, new(*strayed)):
		e.Problem, e.Why, e.Advice = fetch.Insecure, "here only the embedded Atlas may be reached, and not "+a.host(), ""
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Why = "DNS: the host " + a.host() + " does not exist"
		e.Advice = "A link's host exists for as long as the link. If it is not over, check this machine's name service. " + e.Advice
	case errors.As(err, &dns):
		e.Why = "DNS: the name service does not tell where " + a.host() + " is"
	case errors.As(err, &op) && op.Op == "dial":
		e.Why = "TCP: " + a.host() + " " + innermost(err)
		if down := "The server may be down, or listens on another port. "; errors.Is(err, syscall.ECONNREFUSED) && a.loopback() {
			e.Advice = down + "It is on this machine: no access list and no network stands between."
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			e.Advice = down + e.Advice
		}
	default:
		e.Why = "TLS: " + a.host() + " " + a.hide(plain(err))
	}
	return e
}

// broken is err, with which a connection to a ended that had come about. ctx is that of what
// was asked over it.
func broken(ctx context.Context, a address, err error) *fetch.Error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	switch known := (*fetch.Error)(nil); {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errStalled):
		return &fetch.Error{Problem: fetch.Stalled, Host: a.host(), Why: "nothing more came from " + a.host()}
	case errors.Is(err, os.ErrDeadlineExceeded), timeout(err):
		return &fetch.Error{Problem: fetch.Stalled, Host: a.host(), Why: a.host() + " did not answer in time"}
	}
	return &fetch.Error{Problem: fetch.Cut, Host: a.host(), Why: "the connection to " + a.host() + " " + a.hide(plain(err)), Cause: ended(err)}
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
func diskFault(doing, name string, err error) *fetch.Error {
	var known *fetch.Error
	if errors.As(err, &known) {
		return known
	}
	e := &fetch.Error{Problem: fetch.Disk, Why: fmt.Sprintf("%s %s: %s", doing, name, strings.TrimSpace(text.CleanError(err))), Cause: err}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		e.Problem, e.Why = fetch.Space, fmt.Sprintf("%s %s: the disk is full", doing, name)
		e.Advice = "Make room, and fetch again: it goes on where it ended."
	}
	return e
}
