package delivery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// What a file is called while it is not proven, and what stands beside it.
const (
	partEnding    = ".part"
	sidecarEnding = ".part.json"
	newEnding     = ".part.json.new" // of a sidecar that is being written
	damagedEnding = ".damaged"
	unseenEnding  = ".unproven"
	reportEnding  = ".txt" // behind one of the two
)

const mostSidecar = 64 << 10

// sidecar is what is needed to go on with a file that is not whole yet. It holds nothing of the
// link: whoever has a link has the data.
type sidecar struct {
	Job          string    `json:"jobId"`
	Snapshot     string    `json:"snapshotId"`
	ReplicaSet   string    `json:"replicaSetName,omitempty"`
	ETag         string    `json:"etag,omitempty"`         // a strong one
	LastModified string    `json:"lastModified,omitempty"` // one that is strong enough
	Total        int64     `json:"total"`                  // bytes; -1 while it is not known
	Offset       int64     `json:"offset"`                 // bytes that are on disk for sure
	Ranges       bool      `json:"ranges"`                 // the server can begin in the middle
	Whole        bool      `json:"whole,omitempty"`        // its end has come: nothing is left to be fetched
	Begun        time.Time `json:"begun"`
}

// bytes is the sidecar as it is written.
func (s sidecar) bytes() ([]byte, error) {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the sidecar: %w", err)
	}
	return append(raw, '\n'), nil
}

// parseSidecar reads one. Anybody may have written it: what it says is held against what can be.
func parseSidecar(raw []byte) (sidecar, error) {
	var s sidecar
	if len(raw) > mostSidecar {
		return sidecar{}, errors.New("it is too large")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return sidecar{}, errors.New("it is no JSON of this program's")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return sidecar{}, errors.New("something follows it")
	}
	switch {
	case s.Offset < 0, s.Total < -1, s.Total >= 0 && s.Offset > s.Total, s.Total > 1<<62, s.Offset > 1<<62:
		return sidecar{}, errors.New("its numbers cannot be")
	case s.ETag != "" && !strongETag(s.ETag):
		return sidecar{}, errors.New("its etag is none")
	case s.LastModified != "" && !isDate(s.LastModified):
		return sidecar{}, errors.New("its date is none")
	}
	return s, nil
}

// strongETag says whether a tag is well-formed and strong (RFC 9110, 8.8.3): a weak one does
// not say that each byte is the same.
func strongETag(tag string) bool {
	inner, ok := strings.CutPrefix(tag, `"`)
	if inner, ok2 := strings.CutSuffix(inner, `"`); ok && ok2 && len(tag) <= 1024 {
		return strings.IndexFunc(inner, func(r rune) bool { return r <= ' ' || r == '"' || r >= 0x7f }) < 0
	}
	return false
}

func isDate(s string) bool {
	_, err := http.ParseTime(s)
	return err == nil && len(s) <= 64
}

// validator is what If-Range takes: with it a server sends the rest only of the very file that
// was begun. Empty: the server gave none.
func (s sidecar) validator() string {
	if s.ETag != "" {
		return s.ETag
	}
	return s.LastModified
}

// note keeps the validators of an answer that begins at the first byte. A date counts only where
// it is a minute older than the answer: a file that changes within its second would keep it.
func (s *sidecar) note(h http.Header) {
	s.ETag, s.LastModified = "", ""
	if tag := h.Get("ETag"); strongETag(tag) {
		s.ETag = tag
	}
	changed, err1 := http.ParseTime(h.Get("Last-Modified"))
	date, err2 := http.ParseTime(h.Get("Date"))
	if err1 == nil && err2 == nil && date.Sub(changed) >= time.Minute && isDate(h.Get("Last-Modified")) {
		s.LastModified = h.Get("Last-Modified")
	}
}

// sameFile says why it cannot be told that an answer of another job's link is of the file that was
// begun; empty where it is: a strong tag and the length are the same.
func (s sidecar) sameFile(h http.Header, total int64) string {
	switch tag := h.Get("ETag"); {
	case s.ETag == "" || tag == "":
		return "the server does not tell by a tag that the file of the other download is the same"
	case tag != s.ETag:
		return "the file of the other download is not the same (ETag)"
	case s.Total < 0 || total < 0:
		return "the server does not tell by a length that the file of the other download is the same"
	case total != s.Total:
		return fmt.Sprintf("the file of the other download is not the same (%d bytes, and %d before)", total, s.Total)
	}
	return ""
}

// differs says which validator of an answer shows that it is of another file; empty for none.
func (s sidecar) differs(h http.Header) string {
	tag, changed := h.Get("ETag"), h.Get("Last-Modified")
	switch {
	case s.ETag != "" && tag != "" && tag != s.ETag:
		return "ETag"
	case s.LastModified != "" && changed != "" && changed != s.LastModified:
		return "Last-Modified"
	}
	return ""
}
