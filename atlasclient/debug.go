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
	"atlas-restore/state/text"
)

// debugLog writes every exchange with Atlas for whoever has to find out what went wrong:
// what was asked and answered, with every secret and every delivery URL masked. Headers
// are left out but for those that say something about the API, so that none can hold a
// credential.
type debugLog struct {
	mu sync.Mutex
	to io.Writer // nil: nothing is written

	secrets *secrets
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
		fmt.Fprintf(&b, "no answer: %s", maskLinks(text.CleanError(err)))
	default:
		fmt.Fprintf(&b, "%d", resp.StatusCode)
		for _, h := range logged {
			if v := resp.Header.Get(h); v != "" {
				fmt.Fprintf(&b, " %s: %s;", h, clean(maskLinks(cleanLong(v)))) // cut last: what is left of a link is not known as one
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
	_, _ = d.to.Write(d.secrets.hideIn([]byte(b.String()))) // a log that cannot be written stops nothing
}

const mask = "••••••"

// secretKey are the names whose values are secrets: tokens, keys, and the addresses of
// deliveries. The address in a link of the API is none.
var secretKey = pattern.New(`(?i)(url|urls|uri|uris|token|secret|password|privatekey)$`)

// harmlessKey are the names that say which of several secrets one is.
var harmlessKey = pattern.New(`^(endpointId|replicaSetName)$`)

var (
	// deliveryLink is the address of a delivery, with or without its scheme: whoever has it
	// has the data.
	deliveryLink = pattern.New(`(?i)\S*(/|\b)restore-[0-9a-f]{6,}\S*|\S*/restore-\S*|\S*\.mongodb\.net(:\d+)?/\S*`)
	// link is whatever may be one.
	link = pattern.New(`(?i)[^\s"'<>(]*://\S*`)
	// ownLink is an address of the API.
	ownLink = pattern.New(`^https?://[^/?#@\s]+/api(?:/[^\s?]*)?(\?[a-zA-Z0-9=&]*)?$`)
)

// maskDelivery masks the links of deliveries in a text, and leaves the rest.
func maskDelivery(text string) string { return deliveryLink.ReplaceAllLiteralString(text, mask) }

// maskLinks masks every link and every credential in a text: an error may tell any.
func maskLinks(text string) string {
	return maskCredentials(link.ReplaceAllLiteralString(maskDelivery(text), mask))
}

// masked is JSON with its secrets masked, on one line. What is no JSON is not shown at
// all: it cannot be known what is in it. Each text is cleaned first: what is taken away may stand
// within a secret or its name, which would not be known as one with it and could be read without.
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
	return string(out)
}

// maskValue masks what is secret in a value. Where the value is one itself, whatever its
// shape, all of it is masked but what says which of several it is.
func maskValue(v any, secret bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			k = cleanLong(k)
			known := maskLinks(k)
			if secret && !harmlessKey.MatchString(k) {
				e = maskValue(e, true)
			} else {
				e = maskValue(e, secretKey.MatchString(k))
			}
			if secret && !name.MatchString(k) {
				known = mask
			}
			out[known] = e
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = maskValue(e, secret)
		}
	case string:
		v = cleanLong(v)
		switch {
		case v == "":
		case secret:
			return mask
		case !ownLink.MatchString(v) || deliveryLink.MatchString(v):
			return maskLinks(v)
		}
		return v
	case nil:
	default: // a number, or yes and no
		if secret {
			return mask
		}
	}
	return v
}

// name is how a field of the API is called.
var name = pattern.New(`^[a-zA-Z][a-zA-Z_]{0,40}$`)
