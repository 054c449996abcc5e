package state

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// CanonicalEndpoint is the one form in which base URLs are compared: scheme and host in
// lower case, no port that the scheme means anyway, no dot and no slash at the end, an
// address as its own family writes it (RFC 3986, 6.2.2 and 6.2.3; RFC 5952). Two spellings
// of one Atlas have the same form. What is no URL with a host stays as it is.
func CanonicalEndpoint(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return raw
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		host = a.Unmap().String()
	}
	scheme, port := strings.ToLower(u.Scheme), strings.TrimLeft(u.Port(), "0")
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
