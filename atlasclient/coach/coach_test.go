package coach_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/state"
)

func TestAddress(t *testing.T) {
	for from, want := range map[string]string{
		"http://127.0.0.1:8080":                   "127.0.0.1:8080",
		"http://127.0.0.1:8080/control":           "127.0.0.1:8080",
		" http://127.0.0.1:8080/ ":                "127.0.0.1:8080",
		"http://[::1]:8080":                       "[::1]:8080",
		"https://127.0.0.1:8080":                  "",
		"http://localhost:8080":                   "",
		"http://127.0.0.1":                        "",
		"http://10.0.0.1:8080":                    "",
		"http://127.0.0.1:8080@cloud.mongodb.com": "",
		"https://cloud.mongodb.com":               "",
		"127.0.0.1:8080":                          "",
		"":                                        "",
	} {
		got, err := coach.Address(from)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", from, got, err, want)
		}
	}
}

// play starts a scenario on a clock that stands still.
func play(t *testing.T, name string) (*simulator.Server, *coach.Coach) {
	t.Helper()
	s, err := control.Scenario(name)
	if err != nil {
		t.Fatal(err)
	}
	sim, _, err := control.Open(simulator.Options{}, &s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim, coach.New(sim.Address())
}

func TestCoach(t *testing.T) {
	sim, c := play(t, "first-download")
	ctx := t.Context()
	hello, err := c.Hello(ctx)
	if err != nil || hello.BaseURL != sim.BaseURL() || hello.ClientSecret.Reveal() != sim.Keys().ClientSecret {
		t.Fatalf("hello %+v, %v", hello, err)
	}
	if !c.Now().Equal(sim.Now()) || c.Pace() != 0 {
		t.Errorf("it is %v at %g, want %v", c.Now(), c.Pace(), sim.Now())
	}
	v, err := c.Coaching(ctx, -1)
	if err != nil || v.Name != "first-download" || v.Briefing.Text == "" || v.HintsLeft != 3 || v.Over || v.Par != 12*time.Minute {
		t.Fatalf("%+v, %v", v, err)
	}
	newer := make(chan state.Coaching, 1)
	go func() {
		n, _ := c.Coaching(ctx, v.Version)
		newer <- n
	}()
	if err := c.Hint(ctx); err != nil {
		t.Fatal(err)
	}
	if n := <-newer; len(n.Hints) != 1 || n.HintsLeft != 2 || n.Version <= v.Version {
		t.Errorf("after a hint: %+v", n)
	}
	if err := c.Forward(ctx, time.Minute); err != nil || !c.Now().Equal(v.Clock.Add(time.Minute)) {
		t.Errorf("a minute later it is %v, %v", c.Now(), err)
	}
	c.Note(state.NoteReview, "")
	c.Note(state.NoteWarning, "size")
	c.Note(state.NoteConfirmed, "")
	c.Note(state.NoteLeft, "")
	d, err := c.Debrief(ctx, 80)
	if err != nil || d.Result.Passed || d.Result.Hints != 1 || !strings.Contains(d.Text, "Warnings that the confirmed review had: size.") || !strings.Contains(string(d.JSON), `"minutesLost"`) == strings.Contains(string(d.JSON), "minutesLost") {
		t.Errorf("%v: %+v\n%s", err, d.Result, d.Text)
	}
	if v, _ = c.Coaching(ctx, -1); !v.Over || v.Passed {
		t.Errorf("who has left is not done: %+v", v)
	}
}

// What is no simulator is called that, whatever it answers.
func TestNoSimulator(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"nothing": http.NotFound,
		"a page":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"other":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"baseUrl":"x"}`)) },
		"a moving": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://cloud.mongodb.com/", http.StatusFound)
		},
	} {
		s := httptest.NewServer(answer)
		address, err := coach.Address(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := coach.New(address).Hello(t.Context()); err == nil {
			t.Errorf("%s: %+v", name, h)
		}
		s.Close()
	}
	s := httptest.NewServer(http.NotFoundHandler())
	address, _ := coach.Address(s.URL)
	s.Close()
	if _, err := coach.New(address).Hello(t.Context()); err == nil || errors.Is(err, coach.ErrNoSimulator) {
		t.Errorf("nobody there: %v", err)
	}
}

// Nothing is sent through a proxy, whatever the environment says.
func TestNoProxy(t *testing.T) {
	var through atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { through.Add(1) }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	_, c := play(t, "first-download")
	if _, err := c.Hello(t.Context()); err != nil || through.Load() != 0 {
		t.Errorf("%v, %d through the proxy", err, through.Load())
	}
}

// What an instructor has said can neither command a terminal nor break a line.
func TestWhatIsSaidIsText(t *testing.T) {
	sim, c := play(t, "first-download")
	if err := sim.Inject(simulator.Inject{Say: &simulator.InjectMessage{Who: "boss\x1b]0;x\a", Text: "when\r\n\x1b[2Jis it\u202e done?"}}); err != nil {
		t.Fatal(err)
	}
	v, err := c.Coaching(context.Background(), -1)
	if err != nil || len(v.Messages) == 0 {
		t.Fatalf("%+v, %v", v.Messages, err)
	}
	last := v.Messages[len(v.Messages)-1]
	if last.Who != "boss" || last.Text != "when is it done?" {
		t.Errorf("%q says %q", last.Who, last.Text)
	}
}
