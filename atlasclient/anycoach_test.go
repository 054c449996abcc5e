package atlasclient

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/state/text"
)

// FuzzCoach has whatever listens at the address of a training answer anything. It is read or told as an
// error; no text of it commands a terminal, and what is written as JSON is JSON.
func FuzzCoach(f *testing.F) {
	s, err := control.Scenario("first-download")
	if err != nil {
		f.Fatal(err)
	}
	sim, _, err := control.Open(simulator.Options{}, &s)
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{"", "/clock", "/coach", "/coach/debrief?as=both&width=80", "/nothing"} {
		resp, err := http.Get(sim.BaseURL() + control.Path + path) //nolint:noctx // loopback
		if err != nil {
			f.Fatal(err)
		}
		raw, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, resp.StatusCode == http.StatusOK)
	}
	if err := sim.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"debrief":{"scenario":"a\u001b]0;x\u0007\u202e","jobs":[{"id":"\u001b","state":"ready"}]},"text":"a\u001b[2J"}`), true)
	f.Add([]byte("{\"debrief\":\t{\"scenario\":\"\u200b\"},\r\"par\":\"-1h\",\"hintsLeft\":-1,\"speed\":1e308,\"now\":\"9999-01-01T00:00:00Z\"}"), true)
	var body atomic.Value
	var status atomic.Int64
	body.Store([]byte{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write(body.Load().([]byte))
	}))
	f.Cleanup(server.Close)
	c := coach.New(strings.TrimPrefix(server.URL, "http://")) // one, whose connection is used again
	f.Fuzz(func(t *testing.T, raw []byte, ok bool) {
		body.Store(raw)
		status.Store(http.StatusConflict)
		if ok {
			status.Store(http.StatusOK)
		}
		hello, err1 := c.Hello(t.Context())
		stands, err2 := c.Coaching(t.Context(), -1)
		came, err3 := c.Debrief(t.Context(), 80)
		_, _ = c.Now(), c.Pace()
		if err3 == nil && len(came.JSON) > 0 && !json.Valid(came.JSON) {
			t.Fatalf("no JSON: %q", came.JSON)
		}
		said := fmt.Sprintf("%+v\n%+v\n%s\n%+v\n%+v\n%s\n%v\n%v\n%v", hello, stands, came.Text, came.Result, came.Jobs, came.JSON, err1, err2, err3)
		for line := range strings.Lines(said) {
			if line = strings.TrimSuffix(line, "\n"); text.CleanLong(line) != line {
				t.Fatalf("%q", line)
			}
		}
	})
}
