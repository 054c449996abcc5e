package atlasclient

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// call is one request to the Admin API.
type call struct {
	method string
	path   []string   // elements below /api/atlas/v2, unescaped
	query  url.Values // may be nil
	body   any        // sent as JSON; nil for none
	out    any        // where the answer is decoded to; nil where 204 is due
	needs  string     // the role that Atlas asks for; empty where everybody may
	reads  string     // what it reads, where its role alone would tell another thing
	oneTry bool       // a read that is not made again here: whoever makes it does so anyway
	most   int64      // bytes of the answer, decompressed, that are read; 0 is as many as one object may have

	accept string         // the media type; empty for JSON
	stream *io.ReadCloser // where the answer is left to be read as it comes, instead of out; nil for an answer that is read whole
}

// An answer is read to a bound that fits its kind: a page of a list holds 500 objects, and
// each of them is a few KiB.
const (
	mostOfList   = 32 << 20
	mostOfObject = 1 << 20
)

// do makes one call and decodes its answer. Every request to the Admin API goes
// through here. A read is made again where that may help; a write never is. The error
// wraps a *state.AtlasError where Atlas refused, and submit.ErrNotSent where a write
// certainly never left.
func (c *Client) do(ctx context.Context, k call) error {
	if err := c.limits.wait(ctx, c, k); err != nil {
		return err
	}
	return c.tries(ctx, k)
}

// bodies are the memory that answers are read into: of a long list each page is a quarter of a
// megabyte.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// try sends a call once.
func (c *Client) try(parent context.Context, k call) error {
	ctx, cancel := context.WithTimeout(parent, c.timeout)
	stop, left := context.CancelCauseFunc(func(error) { cancel() }), false
	if k.stream != nil { // how long it comes for is not known
		cancel()
		ctx, stop = context.WithCancelCause(parent)
	}
	defer func() {
		if !left {
			stop(nil)
		}
	}()
	req, err := c.request(ctx, k)
	if err != nil {
		if isWrite(k.method) {
			err = notSent(err)
		}
		return err
	}
	start := time.Now()
	resp, err := c.wire.RoundTrip(req)
	var answer []byte
	if err == nil && k.stream != nil {
		if *k.stream, left = c.opened(resp, stop); left {
			c.debug.exchange(req, nil, resp, nil, time.Since(start), nil)
			c.limits.observe(k, resp.Header)
			return nil
		}
	}
	if err == nil {
		defer func() { _ = resp.Body.Close() }() // what ended well has nothing to lose
		buf := bodies.Get().(*bytes.Buffer)      //nolint:errcheck // it makes these
		defer bodies.Put(buf)                    // what is decoded, told or logged of it is a copy
		answer, err = readInto(buf, resp, cmp.Or(k.most, mostOfObject))
		answer = c.secrets.hideIn(answer)
		if err == nil && k.stream != nil && resp.StatusCode <= 299 {
			err = notJSON(resp)
		}
	}
	c.debug.exchange(req, sent(k), resp, answer, time.Since(start), err)
	var refused *state.AtlasError
	switch {
	case err == nil:
		c.limits.observe(k, resp.Header)
		err = c.decode(resp, answer, k.out)
	case resp == nil && !errors.As(err, &refused):
		err = c.unreached(err, k.method)
	}
	if errors.As(err, &refused) && !errors.As(err, new(*noToken)) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden) {
		refused.Needs, refused.Reads, refused.Project, refused.Credential, refused.Renew = k.needs, k.reads, c.names.project(k), c.signs, c.renew
	}
	if refused != nil && refused.RetryAfter > 0 && !errors.As(err, new(*noToken)) {
		refused.Until = c.clock.now().Add(refused.RetryAfter)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) && parent.Err() == nil {
		return &state.Plain{Why: "no whole answer within " + inWords(c.timeout), Err: &brokenWire{fmt.Errorf("no whole answer within %s: %w", c.timeout, err)}}
	}
	return err
}

// sent is the JSON of a call's body: of plain strings and numbers, which can always be
// encoded.
func sent(k call) []byte {
	if k.body == nil {
		return nil
	}
	raw, _ := json.Marshal(k.body)
	return raw
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	u, err := c.url(k.path, k.query)
	if err != nil {
		return nil, err
	}
	body := sent(k)
	req, err := http.NewRequestWithContext(ctx, k.method, u, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	req.Header.Set("Accept", cmp.Or(k.accept, c.accept))
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// url joins the elements of a path. Each is escaped, and one that would name another
// resource than it stands for ("", ".", "..") is refused.
func (c *Client) url(path []string, query url.Values) (string, error) {
	var b strings.Builder
	b.WriteString(c.base + "/api/atlas/v2")
	for _, e := range path {
		if e == "" || e == "." || e == ".." {
			return "", fmt.Errorf("making the address of /%s: %q is no name or id", strings.Join(path, "/"), e)
		}
		b.WriteString("/" + url.PathEscape(e))
	}
	if len(query) > 0 {
		b.WriteString("?" + query.Encode())
	}
	return b.String(), nil
}

// brokenWire is an error of the way to Atlas and back: what was asked may work the next
// time.
type brokenWire struct{ error }

// Error implements error. Libraries repeat what others have chosen, like the names in a
// certificate or a proxy's status line.
func (b *brokenWire) Error() string { return maskCredentials(text.CleanError(b.error)) }

// Unwrap gives the cause.
func (b *brokenWire) Unwrap() error { return b.error }
