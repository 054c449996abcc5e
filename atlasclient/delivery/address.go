package delivery

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

const mask = "••••••"

// address is a link that may be asked for. Its path is the password to a whole database, so
// that it prints as its host alone.
type address struct{ u *url.URL }

// parse takes a link apart. It refuses what is not https, but for a literal loopback address,
// and what carries a name and a password. The error holds nothing of the link but its host.
func parse(link state.Secret) (address, error) {
	u, err := url.Parse(link.Reveal())
	if err != nil { // it would tell the link
		return address{}, &fetch.Error{Problem: fetch.BadLink, Why: "the link of the delivery cannot be read as an address"}
	}
	return checked(u)
}

func checked(u *url.URL) (address, error) {
	host := text.Clean(u.Host)
	switch {
	case u.Hostname() == "" || u.Opaque != "":
		return address{}, &fetch.Error{Problem: fetch.BadLink, Why: "the link of the delivery names no host"}
	case u.User != nil:
		return address{}, &fetch.Error{Problem: fetch.BadLink, Host: host, Why: "the link of the delivery carries a name and a password, which no link of Atlas does"}
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		bare := *u
		bare.Fragment, bare.RawFragment = "", ""
		return address{&bare}, nil
	}
	return address{}, &fetch.Error{Problem: fetch.Insecure, Host: host, Why: fmt.Sprintf("%s is to be asked without TLS: whoever listens would read the whole database", host)}
}

// loopback says whether host is a literal address of this machine. The name localhost is none:
// it can be made to lead elsewhere.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// next is where a redirect leads. It never leaves https for http.
func (a address) next(location string) (address, error) {
	u, err := a.u.Parse(location)
	if err != nil || location == "" {
		return address{}, &fetch.Error{Problem: fetch.BadAnswer, Host: a.host(), Why: a.host() + " sends elsewhere and does not say where"}
	}
	if a.u.Scheme == "https" && u.Scheme != "https" {
		return address{}, &fetch.Error{Problem: fetch.Insecure, Host: text.Clean(u.Host), Why: fmt.Sprintf("%s sends on to %s without TLS: whoever listens would read the whole database", a.host(), text.Clean(u.Host))}
	}
	to, err := checked(u)
	if err != nil {
		return address{}, err
	}
	return to, nil
}

// host is for showing.
func (a address) host() string { return text.Clean(a.u.Host) }

// dial is the host with its port.
func (a address) dial() string {
	port := a.u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[a.u.Scheme]
	}
	return net.JoinHostPort(a.u.Hostname(), port)
}

// loopback says whether it is this machine.
func (a address) loopback() bool {
	ip := net.ParseIP(a.u.Hostname())
	return a.u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// hide masks whatever of the link stands in a text: the whole, its path, each part that is long
// enough to be a key, its query.
func (a address) hide(s string) string {
	parts := []string{a.u.String(), a.u.RequestURI(), a.u.EscapedPath(), a.u.Path, a.u.RawQuery}
	parts = append(parts, strings.FieldsFunc(a.u.EscapedPath(), slash)...)
	parts = append(parts, strings.FieldsFunc(a.u.Path, slash)...)
	for _, values := range a.u.Query() {
		parts = append(parts, values...)
	}
	for _, p := range parts {
		if len(p) > 3 {
			s = strings.ReplaceAll(s, p, mask)
		}
	}
	return s
}

func slash(r rune) bool { return r == '/' }

// String implements fmt.Stringer with the host alone.
func (a address) String() string {
	if a.u == nil {
		return ""
	}
	return a.u.Scheme + "://" + a.host() + "/" + mask
}

// Format implements fmt.Formatter with the host alone, for every verb.
func (a address) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, a.String()) }
