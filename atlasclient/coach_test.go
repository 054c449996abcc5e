// Tests of atlasclient/coach. They stand here: each package with tests is one more program to link.

package atlasclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	return sim, coach.New(sim.Address()).Patient(time.Minute)
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
	if len(d.Jobs) != 0 {
		t.Errorf("nothing was asked for: %v", d.Jobs)
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
		if h, err := coach.New(address).Patient(time.Minute).Hello(t.Context()); err == nil {
			t.Errorf("%s: %+v", name, h)
		}
		s.Close()
	}
	if _, err := coach.New("127.0.0.1:1").Patient(time.Minute).Hello(t.Context()); err == nil || errors.Is(err, coach.ErrNoSimulator) {
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

// endpoint is a control endpoint that answers as a test wants it to.
func endpoint(t *testing.T, answer http.HandlerFunc) *coach.Coach {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	address, err := coach.Address(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return coach.New(address).Patient(time.Minute)
}

// No redirect is followed, not even to the same address: what answers so is no simulator.
func TestNoRedirect(t *testing.T) {
	var followed atomic.Int32
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/elsewhere") {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		followed.Add(1)
		_, _ = io.WriteString(w, `{"baseUrl":"http://127.0.0.1","clientId":"a","clientSecret":"b"}`)
	})
	if _, err := c.Hello(t.Context()); !errors.Is(err, coach.ErrNoSimulator) || followed.Load() != 0 {
		t.Errorf("%v, %d followed", err, followed.Load())
	}
}

// Notes arrive once each and in their order, and all of them before the debrief is asked for.
func TestNotesInOrder(t *testing.T) {
	for name, then := range map[string]func(*coach.Coach) error{
		"the debrief": func(c *coach.Coach) error { _, err := c.Debrief(t.Context(), 80); return err },
		"a leap":      func(c *coach.Coach) error { return c.Forward(t.Context(), time.Minute) },
	} {
		var mu sync.Mutex
		var got, want []string
		before := -1
		c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/control/coach/event" {
				raw, _ := io.ReadAll(r.Body)
				got = append(got, string(raw))
			} else if before < 0 {
				before = len(got)
			}
			_, _ = io.WriteString(w, `{"debrief":{},"text":""}`)
		})
		for i := range 50 {
			name := strconv.Itoa(i)
			want = append(want, `{"kind":"warning","name":"`+name+`"}`)
			c.Note(state.NoteWarning, name)
		}
		if err := then(c); err != nil {
			t.Fatal(err)
		}
		if before != len(want) || !slices.Equal(got, want) {
			t.Errorf("%d before %s:\n%v", before, name, got)
		}
	}
}

// A simulator that has gone silent keeps nobody: neither who does something, however much,
// nor who leaves.
func TestSilentSimulator(t *testing.T) {
	end := make(chan struct{})
	c := endpoint(t, func(http.ResponseWriter, *http.Request) { <-end })
	t.Cleanup(func() { close(end) })
	left := make(chan error, 1)
	go func() {
		for range 300 {
			c.Note(state.NoteReview, "")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := c.Debrief(ctx, 80)
		left <- err
	}()
	select {
	case err := <-left:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a debrief out of nothing: %v", err)
		}
	case <-time.After(time.Minute): // to wait a second for each would take five
		t.Error("it waits for the simulator")
	}
}

// Whatever the endpoint says, in whichever member: nothing of it can command a terminal.
func TestAllThatIsSaidIsText(t *testing.T) {
	const evil = "so\x1b]52;c;eA==\a\x1b[2J\u009b\u202e\u200b\x7f\U000e0041me"
	said, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	answer := strings.ReplaceAll(`{"version":1,"name":E,"title":E,"difficulty":E,"briefing":{"from":E,"text":E,"known":E},"hints":[E],
		"messages":[{"who":E,"text":E}],"goals":[{"text":E}],"forbidden":[{"text":E,"met":true},{"text":"was not done"}]}`, "E", string(said))
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/control/coach/hint":
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"detail":`+string(said)+`}`)
		case "/control/coach/debrief":
			twice, _ := json.Marshal(evil + "\n" + evil)
			_, _ = io.WriteString(w, `{"debrief":{"scenario":`+string(said)+`},"text":`+string(twice)+`}`)
		default:
			_, _ = io.WriteString(w, answer)
		}
	})
	v, err := c.Coaching(t.Context(), -1)
	if err != nil || v.Title != "some" || len(v.Broken) != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	d, err := c.Debrief(t.Context(), 80)
	if err != nil || d.Text != "some\nsome" {
		t.Fatalf("%q, %v", d.Text, err)
	}
	if d.Result.Scenario != "some" { // it is kept, and shown
		t.Errorf("the result is of %q", d.Result.Scenario)
	}
	var again state.TrainingResult
	if err := json.Unmarshal(d.JSON, &again); err != nil || again.Scenario != evil {
		t.Errorf("%s means something else: %v", d.JSON, err)
	}
	for what, text := range map[string]string{
		"how it stands": fmt.Sprintf("%+v", v), "the debrief": d.Text + string(d.JSON), "a refusal": fmt.Sprint(c.Hint(t.Context())),
	} {
		if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }); at >= 0 {
			t.Errorf("%s has %q", what, text[at:])
		}
	}
}

// What a training is made of is linked with nothing that reads a credential.
func TestReadsNoCredential(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "atlas-restore/atlasclient/coach", "atlas-restore/atlasclient/simulator/...").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	for _, want := range []string{"atlas-restore/atlasclient/coach", "atlas-restore/atlasclient/simulator", "atlas-restore/atlasclient/simulator/control", "atlas-restore/atlasclient/simulator/scenario"} {
		if !slices.Contains(deps, want) {
			t.Errorf("%s was not looked at", want)
		}
	}
	for _, dep := range deps {
		if dep == "atlas-restore/atlasclient/credentials" || strings.Contains(dep, "keyring") {
			t.Errorf("it depends on %s", dep)
		}
	}
}

// TestFollow holds that whatever moves the simulator's clock is heard of, though that stands
// still otherwise.
func TestFollow(t *testing.T) {
	sim, c := play(t, "first-download")
	if _, err := c.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	ended := make(chan struct{})
	go func() { defer close(ended); c.Follow(ctx) }()
	for _, move := range []func(){
		func() { sim.Advance(10 * time.Minute) },
		func() { _ = sim.Inject(simulator.Inject{Advance: simulator.Duration(time.Hour)}) },
		func() { sim.Reset(2) },
	} {
		move()
		for !c.Now().Equal(sim.Now()) {
			if ctx.Err() != nil {
				t.Fatalf("it is %v here, and %v there", c.Now(), sim.Now())
			}
			runtime.Gosched()
		}
	}
	stop()
	<-ended
}
