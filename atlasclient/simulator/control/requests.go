package control

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// request is a line of the log. What would open something is masked.
type request struct {
	Number    int       `json:"number"`
	At        time.Time `json:"at"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Query     string    `json:"query,omitempty"`
	Body      string    `json:"body,omitempty"`
	Status    int       `json:"status"` // 0: the connection was cut before anything was done
	ErrorCode string    `json:"errorCode,omitempty"`
	Dropped   bool      `json:"dropped,omitempty"` // the answer never left
}

func line(r simulator.Request) request {
	r = r.Masked()
	return request{r.Number, r.At.UTC(), r.Method, r.Path, r.Query, r.Body, r.Status, r.ErrorCode, r.Dropped}
}

// requests writes the log, one object a line, and if that is asked for goes on with what
// comes until the client leaves.
func requests(c *control, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	after, err := strconv.Atoi(q.Get("after"))
	if q.Has("after") && (err != nil || after < 0) {
		return invalid("after", "it is the number of a request, or 0")
	}
	follow, err := strconv.ParseBool(q.Get("follow"))
	if q.Has("follow") && err != nil {
		return invalid("follow", "it is true or false")
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for {
		later, next := c.sim.RequestsAfter(after)
		for _, x := range later {
			if err := e.Encode(line(x)); err != nil {
				return nil // the client has left
			}
			after = x.Number
		}
		if !follow {
			return nil
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return nil // the same
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return nil
		}
	}
}
