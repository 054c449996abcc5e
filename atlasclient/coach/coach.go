// Package coach speaks to the control endpoint of an embedded Atlas: it tells a trainee how
// a scenario stands, and the coach what the trainee does. Like the client of a training it
// reaches that one loopback address and nothing else, whatever the environment says.
package coach

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// Coach is a connection to the control endpoint of a simulator.
type Coach struct {
	base     string
	http     *http.Client
	patience time.Duration // for the first answer: what listens there may be anything

	begin  sync.Once // of the sending of notes
	notes  chan func(context.Context)
	noting sync.WaitGroup // that were not sent yet
	mu     sync.Mutex
	now    time.Time // the simulated time, as it was told last
	real   time.Time // and when that was
	speed  float64   // simulated seconds per real second
}

// Hello says where the simulator is, and how its clients sign in.
type Hello struct {
	BaseURL      string       `json:"baseUrl"`
	ClientID     string       `json:"clientId"`
	ClientSecret state.Secret `json:"-"`
}

// Address is the loopback address with its port that is meant by a URL: of the simulator, or
// of its control endpoint.
func Address(from string) (string, error) {
	address, secure, err := At(from)
	if err == nil && secure {
		return "", fmt.Errorf("%q is https, which a training does not speak: serve it without --tls", from)
	}
	return address, err
}

// At is Address for a URL that may be https.
func At(from string) (address string, secure bool, err error) {
	u, err := url.Parse(strings.TrimSpace(from))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false, fmt.Errorf("%q is no address of an embedded Atlas, like http://127.0.0.1:8080", from)
	}
	at, err := netip.ParseAddrPort(u.Host)
	if err != nil || !at.Addr().IsLoopback() {
		return "", false, fmt.Errorf("%q is not on a loopback address, like http://127.0.0.1:8080", from)
	}
	return at.String(), u.Scheme == "https", nil
}

// New makes a connection to the simulator at a loopback address. It asks nothing yet.
func New(address string) *Coach {
	return connect("http", address, nil)
}

// NewSecure is New for a simulator that is served by https; roots vouch for it.
func NewSecure(address string, roots *x509.CertPool) *Coach {
	return connect("https", address, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
}

// Served is the embedded Atlas that is served at a base URL, if there is one; roots are what
// vouches for it where that is https. Only a loopback address is asked: the real Atlas could
// be behind one too, so that the address alone says nothing.
func Served(ctx context.Context, base string, roots func() (*x509.CertPool, error)) (*Coach, bool) {
	address, secure, err := At(base)
	if err != nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c := New(address)
	if secure {
		pool, err := roots()
		if err != nil {
			return nil, false // the client has said so
		}
		c = NewSecure(address, pool)
	}
	if _, err := c.Hello(ctx); err != nil {
		return nil, false
	}
	return c, true
}

func connect(scheme, address string, secure *tls.Config) *Coach {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &Coach{
		base:     scheme + "://" + address + "/control",
		patience: Patience,
		http: &http.Client{
			Transport: &http.Transport{
				Proxy:           nil, // never the environment's
				TLSClientConfig: secure,
				DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
					if to != address {
						return nil, fmt.Errorf("dialling %s: a training reaches %s alone", to, address)
					}
					return dialer.DialContext(ctx, network, address)
				},
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		notes: make(chan func(context.Context), 256),
	}
}

// send sends the notes, one after the other.
func (c *Coach) send() {
	for note := range c.notes {
		ctx, cancel := context.WithTimeout(context.Background(), c.patience)
		note(ctx)
		cancel()
		c.noting.Done()
	}
}

// ErrNoSimulator says that there is no embedded Atlas at an address.
var ErrNoSimulator = errors.New("there is no embedded Atlas")

// Patience is how long a simulator may take to say who it is, and to take a note.
const Patience = 5 * time.Second

// Patient gives it another time than Patience.
func (c *Coach) Patient(patience time.Duration) *Coach {
	c.patience = patience
	return c
}

// Hello asks the simulator who it is, and sets the clock by it. What is silent for Patience
// is none.
func (c *Coach) Hello(parent context.Context) (Hello, error) {
	ctx, cancel := context.WithTimeout(parent, c.patience)
	defer cancel()
	h, err := c.hello(ctx)
	if err != nil && ctx.Err() != nil && parent.Err() == nil {
		return Hello{}, fmt.Errorf("asking %s, which said nothing for %s: %w", c.base, state.Exactly(c.patience), ErrNoSimulator)
	}
	return h, err
}

func (c *Coach) hello(ctx context.Context) (Hello, error) {
	var h struct {
		Hello
		Secret string `json:"clientSecret"`
	}
	if err := c.do(ctx, http.MethodGet, "", nil, &h); err != nil {
		return Hello{}, err
	}
	if h.BaseURL == "" || h.ClientID == "" || h.Secret == "" {
		return Hello{}, fmt.Errorf("asking %s: %w", c.base, ErrNoSimulator)
	}
	h.ClientSecret = state.NewSecret(h.Secret)
	return h.Hello, c.sync(ctx)
}

func (c *Coach) sync(ctx context.Context) error {
	_, err := c.read(ctx, "")
	return err
}

// read sets the clock by the simulator's, and says how often that was moved by hand.
func (c *Coach) read(ctx context.Context, query string) (moves int, err error) {
	var clock struct {
		Now   time.Time `json:"now"`
		Speed float64   `json:"speed"`
		Moves int       `json:"moves"`
	}
	if err := c.do(ctx, http.MethodGet, "/clock"+query, nil, &clock); err != nil {
		return 0, err
	}
	c.set(clock.Now, clock.Speed)
	return clock.Moves, nil
}

// Follow keeps the clock right, until the context ends: whatever moves the simulator's is
// heard of at once. Without it a wizard would wait for ever on a clock that stands still.
func (c *Coach) Follow(ctx context.Context) {
	for known := -1; ctx.Err() == nil; {
		query := ""
		if known >= 0 {
			query = "?after=" + strconv.Itoa(known)
		}
		moves, err := c.read(ctx, query)
		if err == nil && moves != known {
			known = moves
			continue
		}
		select { // nothing has moved, or there is no simulator any more
		case <-time.After(followAgain):
		case <-ctx.Done():
		}
	}
}

// followAgain is the pause after an answer without news.
const followAgain = time.Second

// set sets the clock; a negative speed leaves that as it is.
func (c *Coach) set(now time.Time, speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.real = now, time.Now()
	if speed >= 0 {
		c.speed = speed
	}
}

// Now is the simulated time, as far as it is known.
func (c *Coach) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Add(time.Duration(float64(time.Since(c.real)) * c.speed)).UTC()
}

// Pace is how many simulated seconds pass in a real one.
func (c *Coach) Pace() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// view is how the scenario stands, on the wire.
type view struct {
	Version    int    `json:"version"`
	Name       string `json:"name"`
	Title      string `json:"title"`
	Difficulty string `json:"difficulty"`
	Briefing   struct {
		From  string    `json:"from"`
		At    time.Time `json:"at"`
		Text  string    `json:"text"`
		Known string    `json:"known"`
	} `json:"briefing"`
	Start    time.Time `json:"start"`
	Clock    time.Time `json:"clock"`
	Approval []string  `json:"approval"`
	Drills   []string  `json:"drills"`
	Par      string    `json:"par"`
	Messages []struct {
		At   time.Time `json:"at"`
		Who  string    `json:"who"`
		Text string    `json:"text"`
	} `json:"messages"`
	Hints     []string `json:"hints"`
	HintsLeft int      `json:"hintsLeft"`
	Goals     []goal   `json:"goals"`
	Forbidden []goal   `json:"forbidden"`
	Over      bool     `json:"over"`
	Passed    bool     `json:"passed"`
}

type goal struct {
	Text     string `json:"text"`
	Optional bool   `json:"optional"`
	Met      bool   `json:"met"`
}

// Coaching says how the scenario stands, once that is newer than a version, or after some
// while; any version is newer than -1.
func (c *Coach) Coaching(ctx context.Context, after int) (state.Coaching, error) {
	var v view
	path := "/coach"
	if after >= 0 {
		path += "?after=" + strconv.Itoa(after)
	}
	if err := c.do(ctx, http.MethodGet, path, nil, &v); err != nil {
		return state.Coaching{}, err
	}
	c.set(v.Clock, -1)
	par, _ := time.ParseDuration(v.Par) // of our own making
	out := state.Coaching{
		Version: v.Version, Name: clean(v.Name), Title: clean(v.Title), Difficulty: clean(v.Difficulty),
		Briefing: state.Briefing{From: clean(v.Briefing.From), At: v.Briefing.At, Text: paragraphs(v.Briefing.Text), Known: paragraphs(v.Briefing.Known)},
		Start:    v.Start, Clock: v.Clock, Par: par, HintsLeft: v.HintsLeft, Over: v.Over, Passed: v.Passed,
	}
	for _, rule := range v.Approval {
		out.Approval = append(out.Approval, clean(rule))
	}
	for _, rule := range v.Drills {
		out.Drills = append(out.Drills, clean(rule))
	}
	for _, m := range v.Messages {
		out.Messages = append(out.Messages, state.Message{At: m.At, Who: clean(m.Who), Text: clean(m.Text)})
	}
	for _, h := range v.Hints {
		out.Hints = append(out.Hints, paragraphs(h))
	}
	for _, g := range v.Goals {
		out.Goals = append(out.Goals, state.Goal{Text: clean(g.Text), Optional: g.Optional, Met: g.Met})
	}
	for _, g := range v.Forbidden {
		if g.Met {
			out.Broken = append(out.Broken, state.Goal{Text: clean(g.Text), Met: true})
		}
	}
	return out, nil
}

// Hint takes the next hint; what it says is among the hints from then on.
func (c *Coach) Hint(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/coach/hint", struct{}{}, nil)
}

// Forward lets simulated time pass at once, after all that was noted before.
func (c *Coach) Forward(ctx context.Context, by time.Duration) error {
	if err := c.noted(ctx); err != nil {
		return err
	}
	if err := c.do(ctx, http.MethodPost, "/advance", map[string]string{"by": by.String()}, nil); err != nil {
		return err
	}
	return c.sync(ctx)
}

// Note has the coach take down what the trainee did. It returns at once; what was noted is
// sent in its order.
func (c *Coach) Note(kind, name string) {
	c.begin.Do(func() { go c.send() })
	c.noting.Add(1)
	note := func(ctx context.Context) {
		// A note that cannot be sent is missing in the debrief, and in nothing else.
		_ = c.do(ctx, http.MethodPost, "/coach/event", map[string]string{"kind": kind, "name": name}, nil)
	}
	select {
	case c.notes <- note:
	default: // hundreds wait: the simulator is gone, and so is the training
		c.noting.Done()
	}
}

// noted waits until all that was noted has arrived, and got the time that it was then.
func (c *Coach) noted(ctx context.Context) error {
	arrived := make(chan struct{})
	go func() { c.noting.Wait(); close(arrived) }()
	select {
	case <-arrived:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("telling the coach what was done: %w", ctx.Err())
	}
}

// Debrief says what came of the scenario, when all that was noted has arrived; its text is
// made for so many columns. It waits no longer than it is told to: a simulator that has gone
// silent must not keep who leaves.
func (c *Coach) Debrief(ctx context.Context, width int) (state.Debriefing, error) {
	if err := c.noted(ctx); err != nil {
		return state.Debriefing{}, err
	}
	var both struct {
		Debrief json.RawMessage `json:"debrief"`
		Text    string          `json:"text"`
	}
	if err := c.do(ctx, http.MethodGet, "/coach/debrief?as=both&width="+strconv.Itoa(width), nil, &both); err != nil {
		return state.Debriefing{}, err
	}
	out := state.Debriefing{Text: paragraphs(both.Text), JSON: escaped(both.Debrief), Jobs: map[string]state.JobState{}}
	var stood struct {
		Jobs []struct{ ID, State string } `json:"jobs"`
	}
	if err := errors.Join(json.Unmarshal(both.Debrief, &out.Result), json.Unmarshal(both.Debrief, &stood)); err != nil {
		return out, fmt.Errorf("reading the debrief: %w", err)
	}
	text.CleanAll(&out.Result)
	text.CleanAll(&stood)
	for _, j := range stood.Jobs {
		if st, ok := jobStates()[j.State]; ok {
			out.Jobs[j.ID] = st
		}
	}
	out.Result.When = time.Now().UTC().Truncate(time.Second)
	return out, nil
}

// jobStates are the states of a job by what the simulator calls them.
func jobStates() map[string]state.JobState {
	return map[string]state.JobState{
		"inProgress": state.InProgress, "completed": state.Completed, "ready": state.Ready,
		"failed": state.Failed, "cancelled": state.Cancelled, "expired": state.Expired,
	}
}

// most is far more than any answer of the endpoint.
const most = 4 << 20

// do asks the endpoint. What it says is decoded to out, or copied where that is a buffer.
func (c *Coach) do(ctx context.Context, method, path string, body, out any) error {
	var send io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding for the coach: %w", err)
		}
		send = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, send)
	if err != nil {
		return fmt.Errorf("asking the coach: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("asking the coach: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // nothing is lost by it
	raw, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return fmt.Errorf("hearing the coach: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		var refusal struct {
			Detail string `json:"detail"`
		}
		if json.Unmarshal(raw, &refusal) != nil || refusal.Detail == "" {
			return fmt.Errorf("asking %s: %w", c.base, ErrNoSimulator)
		}
		return fmt.Errorf("asking the coach: %s", clean(refusal.Detail))
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *bytes.Buffer:
		out.Write(raw)
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("hearing the coach: %w", err)
	}
	return nil
}

// clean is a text as one line, without commands to a terminal: an instructor may have said
// anything.
func clean(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// paragraphs is a text of several lines, each without commands to a terminal.
func paragraphs(s string) string {
	lines := strings.Split(ansi.Strip(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(printable(l), " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// escaped is JSON in which what could command a terminal is spelled out; it stands in strings
// alone.
func escaped(raw []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(raw) {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.Bytes()
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case !strconv.IsPrint(r):
			return -1
		}
		return r
	}, ansi.Strip(s))
}
