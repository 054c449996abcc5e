package atlasclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"atlas-restore/state/pattern"
)

// debugLog writes every exchange with Atlas for whoever has to find out what went wrong:
// what was asked and answered, with every secret and every delivery URL masked. Headers
// are left out but for those that say something about the API, so that none can hold a
// credential.
type debugLog struct {
	mu sync.Mutex
	to io.Writer // nil: nothing is written
}

// logged are the headers of an answer that are written.
var logged = []string{"Content-Type", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "X-Error-Code", "Deprecation", "Sunset"}

func (d *debugLog) exchange(req *http.Request, body []byte, resp *http.Response, answer []byte, took time.Duration, err error) {
	if d.to == nil {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", time.Now().UTC().Format(time.RFC3339), req.Method, req.URL.RequestURI())
	if len(body) > 0 {
		fmt.Fprintf(&b, " %s", masked(body))
	}
	fmt.Fprintf(&b, "\n  %s ", took.Round(time.Millisecond))
	switch {
	case err != nil:
		fmt.Fprintf(&b, "no answer: %s", clean(err.Error()))
	default:
		fmt.Fprintf(&b, "%d", resp.StatusCode)
		for _, h := range logged {
			if v := resp.Header.Get(h); v != "" {
				fmt.Fprintf(&b, " %s: %s;", h, clean(v))
			}
		}
		if resp.Header.Get("Sunset") != "" {
			b.WriteString(" NOTE: this version of the API ends;")
		}
		if isJSON(resp) {
			fmt.Fprintf(&b, " %s", masked(answer))
		} else {
			fmt.Fprintf(&b, " %d bytes", len(answer))
		}
	}
	b.WriteString("\n")
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = io.WriteString(d.to, b.String()) // a log that cannot be written stops nothing
}

const mask = "••••••"

// secretKey are the names whose values are secrets: tokens, keys, and the addresses of
// deliveries. The address in a link of the API is none.
var secretKey = pattern.New(`(?i)(url|urls|token|secret|password|privatekey)$`)

// masked is JSON with its secrets masked, on one line. What is no JSON is not shown at
// all: it cannot be known what is in it.
func masked(raw []byte) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return fmt.Sprintf("(%d bytes that are no JSON)", len(raw))
	}
	out, err := json.Marshal(maskValue(v, false))
	if err != nil {
		return fmt.Sprintf("(%d bytes)", len(raw))
	}
	return cleanLong(string(out))
}

func maskValue(v any, secret bool) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = maskValue(e, secretKey.MatchString(k))
		}
	case []any:
		for i, e := range v {
			v[i] = maskValue(e, secret)
		}
	case string:
		// A link of a download may stand where nobody expects it.
		if secret && v != "" || strings.Contains(v, "/restore-") || strings.Contains(v, "://restore-") {
			return mask
		}
	}
	return v
}
