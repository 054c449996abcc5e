package atlasclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
)

// decode reads an answer into out. A nil out means that 204 is due and nothing else
// counts as done: a 200 could be a captive portal's. A 204 has a versioned Content-Type
// but no body, and is never decoded.
func (c *Client) decode(resp *http.Response, body []byte, out any) error {
	if isJSON(resp) { // a proxy's page does not know Atlas's time
		c.clock.observe(resp.Header)
	}
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return refusal(resp, body)
	case out == nil && resp.StatusCode == http.StatusNoContent:
		return nil
	case out == nil:
		return fmt.Errorf("the answer is %s where 204 is due", describe(resp))
	case resp.StatusCode == http.StatusNoContent:
		return errors.New("the answer is 204, without what was asked for")
	case !isJSON(resp):
		return notJSON(resp)
	}
	if err := c.unmarshal(body, out); err != nil {
		err = fmt.Errorf("reading the answer (%s): %w", describe(resp), asDocumented(err))
		if errors.As(err, new(*json.SyntaxError)) {
			return &state.Plain{Why: fmt.Sprintf("the answer (%d) is damaged: it is no whole JSON", resp.StatusCode), Err: err}
		}
		if odd := new(undocumented); errors.As(err, &odd) {
			err = &state.Plain{Why: fmt.Sprintf("the answer (%d) cannot be read: %s", resp.StatusCode, odd.why), Err: err}
		}
		return &state.Advised{Err: err, Advice: state.UnreadAdvice}
	}
	return nil
}

// decoder is an answer that reads itself.
type decoder interface{ decode(body []byte) error }

// unmarshal reads a body into out, one at a time: several pages of a long list come at once,
// and a processor is to be left for the key that is pressed meanwhile.
func (c *Client) unmarshal(body []byte, out any) error {
	c.decoding.Lock()
	defer c.decoding.Unlock()
	if d, ok := out.(decoder); ok {
		return d.decode(body)
	}
	return json.Unmarshal(body, out) //nolint:wrapcheck // decode says of what answer
}

// foreignAnswer is an answer that Atlas cannot have made: the page of a proxy, mostly.
type foreignAnswer struct {
	status int
	what   string
}

// Error implements error.
func (f *foreignAnswer) Error() string {
	return "the answer is " + f.what + ", no JSON: something between here and Atlas may have made it"
}

func notJSON(resp *http.Response) error { return &foreignAnswer{resp.StatusCode, describe(resp)} }

// readBody reads at most limit bytes; more is an error, as the rest would be lost.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	return readInto(new(bytes.Buffer), resp, limit)
}

// readInto is readBody into memory that is used again.
func readInto(buf *bytes.Buffer, resp *http.Response, limit int64) ([]byte, error) {
	buf.Reset()
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	body := buf.Bytes()
	if err != nil {
		return nil, &state.Plain{Why: brokenOff(err), Err: &brokenWire{fmt.Errorf("reading the answer (%s): it broke off: %w", describe(resp), err)}}
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("reading the answer (%s): it is larger than %d MiB", describe(resp), limit>>20)
	}
	return body, nil
}

// apiError is Atlas's error body. parameters may be null, and hold strings and
// numbers.
type apiError struct {
	ErrorCode        string            `json:"errorCode"`
	Detail           string            `json:"detail"`
	Reason           string            `json:"reason"`
	Parameters       []json.RawMessage `json:"parameters"`
	BadRequestDetail struct {
		Fields []struct {
			Field       string `json:"field"`
			Description string `json:"description"`
		} `json:"fields"`
	} `json:"badRequestDetail"`
}

// refusal makes an error of an answer that is no success: a *state.AtlasError, unless
// the answer cannot be Atlas's own.
func refusal(resp *http.Response, body []byte) error {
	e := &state.AtlasError{
		Status:     resp.StatusCode,
		Reason:     http.StatusText(resp.StatusCode),
		RetryAfter: retryAfter(resp.Header),
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		return fmt.Errorf("the answer is %s, a redirect%s, which is not followed", describe(resp), whereTo(resp))
	case len(body) == 0:
		return e
	case !isJSON(resp) && toTLS(resp, body):
		return needsTLS("http://" + clean(resp.Request.URL.Host))
	case !isJSON(resp):
		return notJSON(resp)
	}
	var w apiError
	if err := json.Unmarshal(body, &w); err != nil {
		return fmt.Errorf("reading the error (%s): %w", describe(resp), err)
	}
	e.Code = tellable(w.ErrorCode)
	if w.Reason != "" {
		e.Reason = tellable(w.Reason)
	}
	for _, p := range w.Parameters {
		e.Parameters = append(e.Parameters, tellable(parameter(p)))
	}
	detail := w.Detail
	for _, f := range w.BadRequestDetail.Fields {
		detail += " " + f.Field + ": " + f.Description
	}
	e.Detail = tellable(strings.TrimSpace(detail))
	return e
}

// parameter is a string's text, and anything else as it is written in JSON.
func parameter(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// retryAfter reads the wait that Atlas asks for, in seconds; 0 if it names none, or a
// senseless one.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || n < 0 || n > 24*60*60 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// whereTo names the host of a redirect; the rest of its address may hold a secret.
func whereTo(resp *http.Response) string {
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " to " + tellable(u.Scheme+"://"+u.Host)
}

// describe is an answer's status and content type: "502 text/html".
func describe(resp *http.Response) string {
	s := strconv.Itoa(resp.StatusCode)
	if ct := resp.Header.Get("Content-Type"); ct != "" {
		s += " " + tellable(ct)
	}
	return s
}

// isJSON covers application/json, which errors have, and the versioned
// application/vnd.atlas.…+json.
func isJSON(resp *http.Response) bool {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}
