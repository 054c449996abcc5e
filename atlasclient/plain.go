package atlasclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"syscall"
	"time"

	"atlas-restore/state"
)

// errToken is what went wrong while an access token was asked for, which is no answer of Atlas.
var errToken = errors.New("getting an access token")

// plain is err with what a person saw happen, where that is known. err kept an answer from coming.
func (c *Client) plain(err error, method string) error {
	why := c.happened(err, method)
	if why == "" {
		return err
	}
	if errors.Is(err, errToken) {
		why = "no access token came: " + why
	}
	return &state.Plain{Why: why, Err: err}
}

// happened says what kept an answer from coming; empty where it is none of what is known here.
func (c *Client) happened(err error, method string) string {
	host, patience := c.base, readHeaderTimeout
	if isWrite(method) && !errors.Is(err, errToken) {
		patience = writeHeaderTimeout
	}
	var dns *net.DNSError
	var op *net.OpError
	opened := errors.As(err, &op) && op.Op != "dial" && op.Op != "proxyconnect"
	if op != nil && op.Op == "proxyconnect" {
		host = "proxy " + c.proxy
	}
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("the name service did not say where %s is", tellable(dns.Name))
	case op != nil && !opened && timedOut(err):
		return fmt.Sprintf("no connection to %s within %s", host, state.Exactly(connectTimeout))
	case op != nil && !opened && errors.Is(err, syscall.ECONNREFUSED):
		return host + " refused the connection: nothing listens there"
	case op != nil && !opened && (errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH)):
		return "this machine's network has no way to " + host
	case timedOut(err) && strings.Contains(err.Error(), "TLS handshake"):
		return fmt.Sprintf("%s did not answer the beginning of TLS within %s", host, state.Exactly(connectTimeout))
	case timedOut(err) && strings.Contains(err.Error(), "awaiting response headers"):
		return "no answer within " + inWords(patience)
	case closed(err):
		return "the connection was closed before an answer came"
	}
	return ""
}

// brokenOff says what kept the rest of an answer from coming.
func brokenOff(err error) string {
	if closed(err) {
		return "the connection was closed in the middle of the answer"
	}
	return "the answer broke off in its middle"
}

// closed says whether the other side, or something in between, has closed a connection.
func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "server closed idle connection")
}

func timedOut(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// inWords is a bound of this program's. A minute is said in seconds, as it is counted.
func inWords(d time.Duration) string { return fmt.Sprintf("%.3g s", d.Seconds()) }

// undocumented is JSON in which something is of another kind than Atlas documents.
type undocumented struct {
	why string // cleaned
	err *json.UnmarshalTypeError
}

// Error implements error.
func (u *undocumented) Error() string { return u.why }

// Unwrap gives the decoder's own error, which is for the log.
func (u *undocumented) Unwrap() error { return u.err }

// asDocumented is err in words, where it is about what JSON holds. Else it is err itself.
func asDocumented(err error) error {
	var u *json.UnmarshalTypeError
	if errors.As(err, new(*undocumented)) || !errors.As(err, &u) {
		return err
	}
	what := "it"
	if u.Field != "" {
		what = fmt.Sprintf("%q", tellable(u.Field))
	}
	return &undocumented{fmt.Sprintf("%s is %s, where Atlas documents %s", what, found(u.Value), due(u.Type)), u}
}

// found is the kind of a value of JSON, as encoding/json names it.
func found(value string) string {
	switch kind, digits, _ := strings.Cut(value, " "); {
	case digits != "":
		return "the number " + tellable(digits)
	case kind == "string":
		return "a text"
	case kind == "array":
		return "a list"
	case kind == "object":
		return "an object"
	case kind == "bool":
		return "true or false"
	default:
		return "a " + tellable(kind)
	}
}

// due is the kind of a value that goes into t.
func due(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}
