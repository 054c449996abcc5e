package atlasclient

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"atlas-restore/state"
)

// unreached is err, which kept a call from Atlas or its answer from here, as a person needs
// it: with its remedy where there is one, and else as a fault of the network.
func (c *Client) unreached(err error, method string) error {
	var known *state.Unreached
	if errors.As(err, &known) {
		return err
	}
	if known = c.cause(err); known != nil {
		known.Err = err
		return known
	}
	return c.plain(&brokenWire{fmt.Errorf("speaking to %s: %w", c.base, err)}, method)
}

const (
	askNetwork = "Your network may open TLS: then give its certificate with --ca-file FILE (PEM). If it does not, somebody may be listening: sign in from another network."
	askAddress = "Check the address of Atlas: --base-url, MONGODB_ATLAS_OPS_MANAGER_URL, or the address in the profile."
	askClock   = "Check this machine's clock first. If it is right, the owner of that server has to renew its certificate."
	askProxy   = "Check HTTPS_PROXY and NO_PROXY in the environment, or ask the owner of the proxy."
)

// cause knows the faults that stay however often a call is made: those of certificates,
// names and addresses. It is nil for every other.
func (c *Client) cause(err error) *state.Unreached {
	host := c.base
	var unverified *tls.CertificateVerificationError
	var dns *net.DNSError
	var alert tls.AlertError
	switch {
	case errors.As(err, &unverified):
		return badCertificate(host, unverified)
	case errors.As(err, new(tls.RecordHeaderError)), errors.Is(err, http.ErrSchemeMismatch):
		return &state.Unreached{Why: host + " does not speak TLS: that port may speak plain HTTP", Advice: askAddress}
	case strings.HasPrefix(c.base, "http://") && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`):
		return needsTLS(host)
	case errors.As(err, &alert) && alert != internalFault:
		return &state.Unreached{Why: host + " refused the TLS connection: " + tellable(alert.Error()), Advice: askAddress}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &state.Unreached{Why: fmt.Sprintf("the host %s does not exist", tellable(dns.Name)), Advice: askAddress + " If the name is right, check this machine's name service."}
	case strings.HasPrefix(innermost(err), "tls: "), strings.HasPrefix(innermost(err), "x509: "):
		return &state.Unreached{Why: "TLS with " + host + " failed: " + tellable(c.secrets.hide(innermost(err))), Advice: askNetwork}
	}
	return nil
}

// internalFault is the alert of a server that is in trouble itself (RFC 8446, 6.2).
const internalFault tls.AlertError = 80

func innermost(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// badCertificate says what is wrong with a certificate. Whoever made it has chosen its names.
func badCertificate(host string, err *tls.CertificateVerificationError) *state.Unreached {
	var wrongName x509.HostnameError
	var invalid x509.CertificateInvalidError
	u := &state.Unreached{Advice: askNetwork}
	switch {
	case errors.As(err.Err, new(x509.UnknownAuthorityError)):
		issuer := "nobody"
		if n := len(err.UnverifiedCertificates); n > 0 {
			issuer = cmp.Or(tellable(err.UnverifiedCertificates[n-1].Issuer.String()), "nobody that it names")
		}
		u.Why = fmt.Sprintf("the certificate of %s was issued by %s. This machine does not trust that issuer (unknown authority)", host, issuer)
	case errors.As(err.Err, &wrongName):
		names := "no name"
		if c := wrongName.Certificate; c != nil {
			if all := c.DNSNames; len(all) > 0 {
				names = tellable(strings.Join(all[:min(3, len(all))], ", "))
			}
			for i := range min(3, len(c.IPAddresses)) {
				names += ", " + c.IPAddresses[i].String()
			}
		}
		u.Why, u.Advice = fmt.Sprintf("the certificate of %s is for another host: %s", host, strings.TrimPrefix(names, "no name, ")), askAddress
	case errors.As(err.Err, &invalid) && invalid.Reason == x509.Expired:
		u.Why, u.Advice = fmt.Sprintf("the certificate of %s has expired or is not valid yet: %s", host, tellable(invalid.Detail)), askClock
	default:
		u.Why = fmt.Sprintf("the certificate of %s is not valid: %s", host, tellable(err.Err.Error()))
	}
	return u
}

// needsTLS is plain HTTP that was sent to a port which speaks TLS.
func needsTLS(host string) *state.Unreached {
	return &state.Unreached{Why: host + " speaks TLS, but the address says plain HTTP", Advice: "Write the address of Atlas with https:// (--base-url, MONGODB_ATLAS_OPS_MANAGER_URL, or in the profile)."}
}

// toTLS says whether an answer is that of a TLS port to plain HTTP: a 400 of a server's own
// making that says so (Go's and nginx's do).
func toTLS(resp *http.Response, body []byte) bool {
	return resp.Request != nil && resp.Request.URL.Scheme == "http" && resp.StatusCode == http.StatusBadRequest && strings.Contains(string(body), "HTTPS")
}

// refusedTunnel is a proxy's answer to CONNECT that is no way to Atlas.
func refusedTunnel(proxy *url.URL, status int) error {
	u := &state.Unreached{
		Why:    fmt.Sprintf("proxy %s does not let requests through to Atlas: it answered %d %s", tellable(proxy.Host), status, http.StatusText(status)),
		Advice: askProxy, Passes: passingStatus(status),
	}
	if status == http.StatusProxyAuthRequired {
		u.Advice = "The proxy wants a name and a password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT. " + askProxy
	}
	return u
}
