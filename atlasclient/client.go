// Package atlasclient speaks to Atlas over HTTP: the part of its Admin API v2 that
// a restore of a dedicated cluster needs. It returns the types of package state,
// with every text cleaned (see clean) and every delivery URL a secret.
package atlasclient

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
	"atlas-restore/state/pattern"
	"atlas-restore/state/submit"
)

const (
	defaultBaseURL = "https://cloud.mongodb.com"
	// defaultMediaDate is the newest version of the Admin API that the decoding here
	// was held against. Atlas serves the newest version of each resource that is not
	// after it.
	defaultMediaDate = "2025-03-12"
)

// Options say how to reach Atlas and as whom.
type Options struct {
	BaseURL    string // scheme and host; empty for https://cloud.mongodb.com
	Credential credentials.Credential
	MediaDate  string // date of the versioned media type; empty for 2025-03-12
	Version    string // of this program, for the User-Agent

	// OnlyAddress, if set, is a literal loopback address with its port: the one that
	// this client can reach. Every other is refused when it is dialled, and no proxy
	// is used. Training sets it, so that it cannot touch production.
	OnlyAddress string

	Now func() time.Time // the local clock; nil for time.Now

	// Roots, if set, are the certificates that vouch for Atlas instead of the system's:
	// for a network whose proxy opens TLS.
	Roots *x509.CertPool

	// TokenDir, if set, is where a service account's access token is kept until it ends, for
	// this user's eyes alone, so that short processes share it.
	TokenDir string

	// TakesToken has TokenDir read only: a token that another process keeps there serves, and
	// none is left there.
	TakesToken bool

	// Debug, if set, gets every exchange with Atlas, its secrets masked.
	Debug io.Writer

	// Pace is how many seconds of Atlas's pass in a real one: 1 (as is 0) but for a
	// simulated Atlas. Waits before a read is made again are as much shorter.
	Pace float64
}

// Client is one signed-in connection to Atlas. It is safe for concurrent use.
type Client struct {
	base    string // scheme://host, no trailing slash
	accept  string
	timeout time.Duration // of a whole call
	proxy   string
	clock   *clock
	debug   *debugLog
	limits  *limits
	names   *names
	pace    float64
	signs   string // the credential as it is named to people: see Credential.Words
	renew   string // the command that brings a fresh token; empty where this client gets it
	sleep   func(context.Context, time.Duration) error
	wire    http.RoundTripper // signs requests and sends them

	secrets  *secrets    // that nothing which was said may tell
	decoding *sync.Mutex // one answer at a time: see unmarshal

	// What can be got ready before it is needed: nil where there is nothing.
	login     func(context.Context)
	signWrite func(context.Context)
	wires     *wires
}

var _ submit.Atlas = (*Client)(nil)

// NewTraining makes a client that reaches the embedded Atlas at this loopback address with
// its port, and nothing else, whatever its other options say.
func NewTraining(address string, o Options) (*Client, error) {
	if address == "" {
		return nil, errors.New("training needs the address that it is tied to")
	}
	o.OnlyAddress = address
	return New(o)
}

// New checks the options and makes a client. It neither dials nor signs in: the
// first call does.
func New(o Options) (*Client, error) {
	base, err := baseURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.MediaDate == "" {
		o.MediaDate = defaultMediaDate
	}
	if !mediaDate.MatchString(o.MediaDate) {
		return nil, fmt.Errorf("reading the API version %q: it is a date like %s", o.MediaDate, defaultMediaDate)
	}
	if err := checkOnlyAddress(o.OnlyAddress); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pace <= 0 {
		o.Pace = 1
	}
	known := &secrets{}
	c := &Client{
		base:     base,
		accept:   "application/vnd.atlas." + o.MediaDate + "+json",
		timeout:  callTimeout,
		proxy:    proxyFor(base, o.OnlyAddress),
		clock:    &clock{local: o.Now},
		debug:    &debugLog{to: o.Debug, secrets: known},
		limits:   &limits{left: map[string]float64{}},
		names:    &names{},
		secrets:  known,
		decoding: &sync.Mutex{},
		pace:     o.Pace,
		signs:    clean(o.Credential.Words()),
		renew:    o.Credential.Renew,
		sleep:    sleep,
	}
	to, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("reading the base URL: %w", err) // it was read before
	}
	c.wires = newWires(to, o.OnlyAddress, c.proxy, userAgent(o.Version), o.Roots)
	c.wires.secrets = c.secrets
	c.secrets.learnCredential(o.Credential, proxyURL(base, o.OnlyAddress))
	switch o.Credential.Kind {
	case credentials.ServiceAccount:
		b := newBearer(c.wires, o.Credential, base)
		b.kept = newTokenFile(o.TokenDir, base, o.Credential.Public, o.TakesToken)
		c.wire, c.login = b, b.login
	case credentials.APIKey:
		d := &digestAuth{wire: c.wires, secrets: c.secrets, public: o.Credential.Public, private: o.Credential.Private, first: make(chan struct{}, 1)}
		c.login = func(ctx context.Context) { d.login(ctx, c.root()) }
		c.signWrite = func(ctx context.Context) { d.expectWrite(ctx, c.root()) }
		c.wire = d
	case credentials.UserToken:
		c.wire = userToken{wire: c.wires, token: o.Credential.Private}
	default:
		return nil, errors.New("making the Atlas client: a credential is needed")
	}
	return c, nil
}

// BaseURL is where this client finds Atlas: scheme and host, no trailing slash.
func (c *Client) BaseURL() string { return c.base }

// Proxy is the host of the proxy that requests go through, by the environment's
// HTTPS_PROXY and NO_PROXY; empty for none.
func (c *Client) Proxy() string { return c.proxy }

// Now is the current instant: the local clock, set right by Atlas's own where the
// two are apart. Expiries and point-in-time bounds are Atlas's, so a laptop with a
// wrong clock must not judge them.
func (c *Client) Now() time.Time { return c.clock.now() }

// Format implements fmt.Formatter, so that no verb can print the credential.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "atlasclient(%s)", c.base) }

var mediaDate = pattern.New(`^\d{4}-\d{2}-\d{2}$`)

// baseURL checks raw and reduces it to scheme and host, in the one form in which endpoints
// are compared. Its errors never repeat a password that somebody wrote into the URL.
func baseURL(raw string) (string, error) {
	if raw == "" {
		return defaultBaseURL, nil
	}
	if !strings.Contains(raw, "://") {
		return "", fmt.Errorf("reading the base URL: it lacks its scheme: write %s", withScheme(raw))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("reading the base URL: it is no URL; write it like " + defaultBaseURL)
	}
	if err := state.CheckBaseURL(u.Scheme, u.Hostname()); err != nil {
		return "", fmt.Errorf("reading the base URL: %w", err)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" || u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("reading the base URL: write only scheme and host, like %s://%s", u.Scheme, u.Host)
	}
	return state.CanonicalEndpoint(raw), nil
}

// withScheme is the address that is meant by one without a scheme, for an error: what stands
// before an @ may be a password, what comes after the host is not needed.
func withScheme(raw string) string {
	host := raw[strings.LastIndex(raw, "@")+1:]
	host, _, _ = strings.Cut(strings.TrimLeft(host, "/"), "/")
	u, err := url.Parse("https://" + host)
	if err != nil || u.Hostname() == "" {
		return defaultBaseURL
	}
	if state.IsLoopback(u.Hostname()) {
		return "http://" + clean(host)
	}
	return "https://" + clean(host)
}

func checkOnlyAddress(address string) error {
	if address == "" {
		return nil
	}
	a, err := netip.ParseAddrPort(address)
	if err != nil || !a.Addr().IsLoopback() {
		return fmt.Errorf("reading the only address %q: it is a literal loopback address with a port, like 127.0.0.1:8080", address)
	}
	return nil
}
