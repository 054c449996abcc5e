package atlasclient

import (
	"context"
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

// logMedia is the kind of a log. No date of the API changes it.
const logMedia = "application/vnd.atlas.2023-02-01+gzip"

// Log opens the log of a server from one second to another (Admin API, "Download Logs for One
// Cluster Host in One Project"), compressed with gzip: see incident.Log, which reads it. A range
// without a line is an empty stream. Opening is tried again like any read; a stream that breaks
// off says so to its reader, and so does one from which nothing comes for a minute. Whoever has
// it closes it. The end of ctx ends it.
//
// host is the process's, without its port. The newest five minutes may be missing yet.
func (c *Client) Log(ctx context.Context, projectID, host string, from, until time.Time) (io.ReadCloser, error) {
	var out io.ReadCloser
	err := c.do(ctx, call{
		method: http.MethodGet, path: []string{"groups", projectID, "clusters", host, "logs", "mongodb.gz"},
		query:  url.Values{"startDate": {strconv.FormatInt(from.Unix(), 10)}, "endDate": {strconv.FormatInt(until.Unix(), 10)}}, // seconds
		accept: logMedia, stream: &out, needs: state.RoleLogViewer,
	})
	return out, about("opening the log of "+host, err)
}

// opened takes the answer to a call whose stream is wanted; what is no such stream is read and
// decoded as any other answer.
func (c *Client) opened(resp *http.Response, stop context.CancelCauseFunc) (io.ReadCloser, bool) {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || err != nil || !strings.HasSuffix(kind, "gzip") {
		return nil, false
	}
	late := fmt.Errorf("nothing came for %s", c.timeout)
	s := &stream{body: resp.Body, stop: stop, wait: c.timeout, late: late}
	s.timer = time.AfterFunc(c.timeout, func() { stop(late) })
	return s, true
}

// stream is an answer that is read as it comes. A read that waits too long ends it.
type stream struct {
	body  io.ReadCloser
	stop  context.CancelCauseFunc
	wait  time.Duration
	late  error
	timer *time.Timer
}

// Read implements io.Reader.
func (s *stream) Read(b []byte) (int, error) {
	s.timer.Reset(s.wait)
	n, err := s.body.Read(b)
	if inTime := s.timer.Stop(); !inTime && err != nil {
		err = s.late
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &brokenWire{err}
	}
	return n, err
}

// Close implements io.Closer. What was not read is not waited for.
func (s *stream) Close() error {
	s.timer.Stop()
	s.stop(nil)
	return s.body.Close() //nolint:wrapcheck // nothing is left to be lost
}
