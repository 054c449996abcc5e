package control

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/scenario"
)

// FuzzControl sends anything to each endpoint, as a body or as what is asked for, and says it as an
// instructor. It is done or refused, in a time that somebody waits, and the world goes on.
func FuzzControl(f *testing.F) {
	s, err := scenario.Load("first-download")
	if err != nil {
		f.Fatal(err)
	}
	all := slices.DeleteFunc(endpoints(), func(e endpoint) bool {
		return e.Path == Path+"/requests" || e.Path == Path+"/coach" || e.Path == Path+"/clock"
	}) // they wait
	for i, e := range all {
		f.Add([]byte(e.Takes), uint8(i))
	}
	said := uint8(len(all))
	var lines []string
	for _, c := range commands() {
		lines = append(lines, c.says)
	}
	f.Add([]byte(strings.Join(lines, "\n")), said)
	f.Add([]byte(strings.Join([]string{
		"advance 87840h", "429 999999999999999999", "hide Payments/orders-prod -1", "file damaged Payments/orders-prod 9", "member Payments/orders-prod -1 refused",
		"member Payments/orders-prod 0 behind 87840h", "noise Payments/orders-prod", `inject {"cluster":null}`, `inject {"fault":{"status":-1,"times":-2}}`, `inject {"say":{}}`,
		"colleague Payments/orders-prod onto Payments/orders-prod", "drop Payments/orders-prod .", "rename Payments/orders-prod a onto .b",
	}, "\n")), said)
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: s.Start})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = sim.Close() })
	f.Fuzz(func(t *testing.T, what []byte, which uint8) {
		begun := time.Now()
		c := &control{sim: sim}
		if err := c.again(1); err != nil {
			t.Fatal(err)
		}
		if c.run, err = scenario.Start(sim, s); err != nil {
			t.Fatal(err)
		}
		if n := int(which) % (len(all) + 1); n < len(all) {
			e := all[n]
			r := httptest.NewRequestWithContext(t.Context(), e.Method, "http://127.0.0.1:1"+e.Path, bytes.NewReader(what))
			if r.Method == http.MethodGet {
				r.URL.RawQuery = string(what)
			}
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			c.guarded(e.answer)(w, r)
			if w.Code/100 != 2 && (w.Code/100 != 4 || !json.Valid(w.Body.Bytes())) {
				t.Fatalf("%d %q", w.Code, w.Body)
			}
		} else {
			(&instructor{sim: sim, coach: c, screen: io.Discard, names: map[string]string{}}).obey(bytes.NewReader(what))
		}
		sim.World()
		c.run.View()
		c.run.Debrief().Text()
		if took := time.Since(begun); took > time.Minute {
			t.Fatalf("it takes %v", took)
		}
	})
}
