// Package control is what stands behind the embedded Atlas: an HTTP endpoint under
// /control on its own address, by which a test, an instructor or another terminal sees
// the requests that it gets, moves its clock, and lets something go wrong.
//
// Whoever can reach the address may use it, as it is loopback; no page of a browser may.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/scenario"
)

// Path is where the endpoint is on the simulator's address.
const Path = "/control"

// Hello says where a simulator is, and how its clients sign in.
type Hello struct {
	BaseURL      string `json:"baseUrl"`
	PublicKey    string `json:"publicKey"`
	PrivateKey   string `json:"privateKey"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Control      string `json:"control"`               // the URL of this endpoint
	Certificate  string `json:"certificate,omitempty"` // that vouches for it, in PEM; none: it is plain http
}

// HelloOf is the hello of a simulator.
func HelloOf(s *simulator.Server) Hello {
	k := s.Keys()
	return Hello{s.BaseURL(), k.PublicKey, k.PrivateKey, k.ClientID, k.ClientSecret, s.BaseURL() + Path, string(s.Certificate())}
}

// mount has a simulator answer under Path. The run is the scenario that is played on it; nil
// for none.
func mount(s *simulator.Server, run *scenario.Run) *control {
	c := &control{sim: s, run: run}
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		mux.HandleFunc(e.Method+" "+e.Path, c.guarded(e.answer))
	}
	mux.HandleFunc("/", c.guarded(nowhere))
	s.Handle(Path, mux)
	s.Handle(Path+"/", mux)
	return c
}

type control struct {
	sim *simulator.Server

	mu  sync.Mutex
	run *scenario.Run // nil: no scenario is played
}

// endpoint is one thing that can be asked for. Its JSON is a line of the index.
type endpoint struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Takes  string `json:"takes,omitempty"` // query or body, by example
	Does   string `json:"does"`
	answer answer
}

// answer answers a request, unless it gives an error.
type answer func(c *control, w http.ResponseWriter, r *http.Request) error

func endpoints() []endpoint {
	return []endpoint{
		{"GET", Path, "", "says what there is, and how clients sign in", index},
		{"GET", Path + "/endpoints", "", "what is served of the Admin API, and in which versions", served},
		{"GET", Path + "/requests", "?after=0&follow=false", "the requests with a greater number, one JSON object a line; follow goes on with each that comes", requests},
		{"GET", Path + "/clock", "?after=0", "the simulated time, how many simulated seconds a real one brings, and how many faults are set; with after once it was moved more often than that, or after 25 seconds", awaitClock},
		{"POST", Path + "/advance", `{"by":"10m"}`, "moves the clock forward", advance},
		{"POST", Path + "/inject", `{"fault":{"method":"POST","drop":"after"}}`, "lets something happen; atlas-restore help sim says what there is", inject},
		{"POST", Path + "/heal", `{}`, "ends all faults", heal},
		{"POST", Path + "/reset", `{"seed":1}`, "makes the world again, with its clock and its scenario; keys and tokens stay good", reset},
		{"GET", Path + "/coach", "?after=0", "how the scenario stands, once that is newer than this version, or after 25 seconds", view},
		{"POST", Path + "/coach/hint", `{}`, "takes the next hint", hint},
		{"POST", Path + "/coach/event", `{"kind":"review"}`, "notes what the trainee did: warning, blocked, accepted (each with a name), review, confirmed or left", note},
		{"GET", Path + "/coach/debrief", "?as=text", "what came of it so far; without as in JSON, with both in one answer", debrief},
	}
}

// index says what there is.
func index(c *control, w http.ResponseWriter, _ *http.Request) error {
	return show(w, struct {
		Hello
		Endpoints []endpoint `json:"endpoints"`
	}{HelloOf(c.sim), endpoints()})
}

// served says what the simulator serves its clients.
func served(_ *control, w http.ResponseWriter, _ *http.Request) error {
	type operation struct {
		Method   string   `json:"method"`
		Path     string   `json:"path"`
		Versions []string `json:"versions,omitempty"`
	}
	var out []operation
	for _, e := range simulator.Endpoints() {
		out = append(out, operation{e.Method, e.Path, e.Versions})
	}
	return show(w, map[string]any{"endpoints": out})
}

func nowhere(_ *control, _ http.ResponseWriter, r *http.Request) error {
	return refuse(http.StatusNotFound, "RESOURCE_NOT_FOUND", r.Method+" "+r.URL.Path+" is nothing here: GET "+Path+" says what there is")
}

// guarded keeps pages of a browser out: another site's page can send requests here, but
// cannot hide that it does.
func (c *control) guarded(f answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		err := admit(r)
		if err == nil {
			err = f(c, w, r)
		}
		if err == nil {
			return
		}
		var p *problem
		if !errors.As(err, &p) {
			p = &problem{http.StatusBadRequest, "VALIDATION_ERROR", err.Error()}
		}
		write(w, p.status, map[string]any{
			"error": p.status, "reason": http.StatusText(p.status), "errorCode": p.code, "detail": p.detail, "parameters": nil,
		})
	}
}

func admit(r *http.Request) error {
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case !loopback(r.Host):
		// A name could have been made to point here by somebody else's server.
		return refuse(http.StatusForbidden, "ACCESS_FORBIDDEN", "the control endpoint is asked by its address, like http://127.0.0.1:8080"+Path)
	case r.Header.Get("Origin") != "" || site != "" && site != "none":
		return refuse(http.StatusForbidden, "ACCESS_FORBIDDEN", "the control endpoint is not for pages of a browser")
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "say that the body is JSON: Content-Type: application/json")
	}
	return nil
}

// loopback says whether a Host header is a literal loopback address.
func loopback(host string) bool {
	if at, err := netip.ParseAddrPort(host); err == nil {
		return at.Addr().IsLoopback()
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.IsLoopback()
}

// clock is the simulated time as it is shown, with what goes wrong then.
type clock struct {
	Now    time.Time `json:"now"`
	Speed  float64   `json:"speed"`
	Moves  int       `json:"moves"`  // how often it was moved other than by running
	Faults int       `json:"faults"` // that have not struck as often as they are to
}

func showClock(c *control, w http.ResponseWriter, r *http.Request) error {
	moves := c.sim.AwaitMove(r.Context(), -1) // at once: it is never that few
	return show(w, clock{c.sim.Now().UTC(), c.sim.Speed(), moves, c.sim.Armed()})
}

// awaitClock shows the clock, for who asks for it once it was moved more often than is known:
// a clock that stands still moves by hand alone, and who lives by it must hear of that.
func awaitClock(c *control, w http.ResponseWriter, r *http.Request) error {
	if !r.URL.Query().Has("after") {
		return showClock(c, w, r)
	}
	known, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil || known < 0 {
		return invalid("after", "it is the number of moves that is known, or left out")
	}
	ctx, enough := context.WithTimeout(r.Context(), coachWaits)
	defer enough()
	c.sim.AwaitMove(ctx, known)
	return showClock(c, w, r)
}

func advance(c *control, w http.ResponseWriter, r *http.Request) error {
	var body struct {
		By string `json:"by"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	var by simulator.Duration
	if err := by.UnmarshalText([]byte(body.By)); err != nil || by == 0 {
		return invalid("by", `it is how far the clock moves forward, like "90s", "10m" or "48h", and ten years at most`)
	}
	c.sim.Advance(time.Duration(by))
	return showClock(c, w, r)
}

func heal(c *control, w http.ResponseWriter, r *http.Request) error {
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	c.sim.Heal()
	return showClock(c, w, r)
}

// inject lets something happen.
func inject(c *control, w http.ResponseWriter, r *http.Request) error {
	var what simulator.Inject
	if err := read(w, r, &what); err != nil {
		return err
	}
	if err := c.sim.Inject(what); err != nil {
		return err //nolint:wrapcheck // it says what is wrong with what was injected
	}
	return showClock(c, w, r)
}

func reset(c *control, w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Seed *uint64 `json:"seed"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	if body.Seed == nil {
		return invalid("seed", "it is the number of the world, from 0 on")
	}
	if err := c.again(*body.Seed); err != nil {
		return err
	}
	return showClock(c, w, r)
}

func show(w http.ResponseWriter, v any) error {
	write(w, http.StatusOK, v)
	return nil
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // who does not read it misses it
}
