package control

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator/scenario"
)

// Scenario is the one that is meant: a built-in one by its name, or a file by its path,
// which has a dot or a slash in it.
func Scenario(nameOrFile string) (scenario.Scenario, error) {
	if strings.ContainsAny(nameOrFile, `./\`) {
		return scenario.Read(nameOrFile)
	}
	return scenario.Load(nameOrFile)
}

// Scenarios are the names of those that are built in, each with its title behind a tab.
func Scenarios() ([]string, error) {
	all, err := scenario.List()
	var out []string
	for _, s := range all {
		out = append(out, s.Name+"\t"+s.Title)
	}
	return out, err //nolint:wrapcheck // it says which one cannot be read
}

// The coach answers whoever shows the trainee how a scenario stands. It sees nothing of
// Atlas that its clients do not see.

const (
	coachWaits = 25 * time.Second // at most, for something newer than what the asker knows
	coachLooks = 200 * time.Millisecond
)

// view says how the run stands, once that is newer than the version that the asker
// knows, or after a while.
func view(c *control, w http.ResponseWriter, r *http.Request) error {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if r.URL.Query().Has("after") && err != nil {
		return invalid("after", "it is the version that is known, or left out")
	}
	if !r.URL.Query().Has("after") {
		after = -1
	}
	ctx, enough := context.WithTimeout(r.Context(), coachWaits)
	defer enough()
	look := time.NewTicker(coachLooks)
	defer look.Stop()
	v, err := c.newer(ctx, after, look.C)
	if err != nil {
		return err
	}
	return show(w, v)
}

// newer looks again and again, until how the run stands is another version than the one
// that is known, or the context ends.
func (c *control) newer(ctx context.Context, known int, look <-chan time.Time) (scenario.View, error) {
	for {
		run, err := c.playing()
		if err != nil {
			return scenario.View{}, err
		}
		if v := run.View(); v.Version != known || ctx.Err() != nil {
			return v, nil
		}
		select {
		case <-look:
		case <-ctx.Done():
		}
	}
}

// playing is the run of the scenario.
func (c *control) playing() (*scenario.Run, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return nil, refuse(http.StatusNotFound, "RESOURCE_NOT_FOUND", "no scenario is played here: start sim with --scenario first-download to play one")
	}
	return c.run, nil
}

func hint(c *control, w http.ResponseWriter, r *http.Request) error {
	run, err := c.playing()
	if err != nil {
		return err
	}
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	level, text := run.Hint()
	return show(w, struct {
		Level int    `json:"level"` // 1: a nudge; 2: where to look; 3: the answer
		Text  string `json:"text"`
	}{level, text})
}

// note takes down what the trainee did in the wizard.
func note(c *control, w http.ResponseWriter, r *http.Request) error {
	run, err := c.playing()
	if err != nil {
		return err
	}
	var e struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
	if err := read(w, r, &e); err != nil {
		return err
	}
	if err := run.Note(scenario.Event{Kind: e.Kind, Name: e.Name}); err != nil {
		return err //nolint:wrapcheck // it says what the kinds are
	}
	return show(w, run.View())
}

// debrief says what came of the run so far: as JSON, or as text for a person.
func debrief(c *control, w http.ResponseWriter, r *http.Request) error {
	run, err := c.playing()
	if err != nil {
		return err
	}
	switch r.URL.Query().Get("as") {
	case "", "json":
		return show(w, run.Debrief())
	case "both": // of one moment
		d := run.Debrief()
		return show(w, map[string]any{"debrief": d, "text": text(d, r)})
	case "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, text(run.Debrief(), r))
		return nil
	}
	return invalid("as", "it is json, text or both")
}

// text is a debrief for a person, as wide as they say.
func text(d scenario.Debrief, r *http.Request) string {
	if n, err := strconv.Atoi(r.URL.Query().Get("width")); err == nil && n >= 40 && n < 80 {
		return d.TextIn(n)
	}
	return d.Text()
}

// again makes the world anew, and has the scenario begin anew in it.
func (c *control) again(seed uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sim.BeforeRequests(nil) // what was to happen in the old world does not happen in the new one
	c.sim.Reset(seed)
	if c.run == nil {
		return nil
	}
	run, err := scenario.Start(c.sim, c.run.Scenario())
	if err != nil {
		return &problem{http.StatusConflict, "VALIDATION_ERROR", err.Error()}
	}
	c.run = run
	return nil
}
