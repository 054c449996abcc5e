package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// transfer is one answer with a file, or with a part of it.
type transfer struct {
	*Server

	fault   Fault
	archive *archive // it and source belong to the world
	source  *cluster
	ranges  bool // the rest alone can be asked for
	tarball func() []byte

	content []byte // of the whole file
	from    int    // the first byte of it that is sent
}

// short says whether the transfer ends at half of the file.
func (t *transfer) short() bool {
	return t.fault.File == FileTruncated || t.cut()
}

// cut says whether the connection ends before what was said to come.
func (t *transfer) cut() bool { return t.fault.Drop == AfterCommit || t.fault.File == FileCut }

// head writes the head of the answer. It says whether bytes of the file follow.
func (t *transfer) head(w http.ResponseWriter, r *http.Request) bool {
	header, status, whole := w.Header(), http.StatusOK, len(t.content)
	header.Set("Content-Type", "application/gzip")
	header.Set("Content-Disposition", `attachment; filename="`+t.archive.file()+`"`)
	header.Set("Connection", "close") // a client that has all of it leaves
	header.Set("Date", t.clock.now().Format(http.TimeFormat))
	beyond := false
	if t.ranges {
		header.Set("Accept-Ranges", "bytes")
		header.Set("ETag", t.archive.etag())
		t.from, beyond = t.archive.rest(r, whole)
		switch {
		case beyond:
			t.from, status = whole, http.StatusRequestedRangeNotSatisfiable
			header.Set("Content-Range", fmt.Sprintf("bytes */%d", whole))
		case r.Header.Get("Range") != "" && (t.from > 0 || !partly(r)):
			status = http.StatusPartialContent
			header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", t.from, whole-1, whole))
		}
	}
	said := whole - t.from
	if t.fault.File == FileTruncated {
		said /= 2
	}
	if t.fault.NoLength && !beyond && r.ProtoMajor == 1 {
		header.Set("Transfer-Encoding", "identity") // not even in parts: its end is that of the connection
	} else {
		header.Set("Content-Length", strconv.Itoa(said)) //nolint:gosec // the one or the other, never both
	}
	t.record(r, nil, reply{status: status, drop: t.cut()}, t.clock.now())
	w.WriteHeader(status)
	return !beyond
}

// send sends the bytes. It says how many of the file, from the first on, the client has been sent then,
// and whether it has read all that this answer has. The error ends the connection.
func (t *transfer) send(w http.ResponseWriter, r *http.Request) (sent int, read bool, err error) {
	rest, half := t.content[t.from:], (len(t.content)-t.from)/2
	if t.short() {
		rest = rest[:half]
	}
	end := t.from + len(rest)
	switch {
	case t.cut():
		_, _ = w.Write(rest)
		_ = http.NewResponseController(w).Flush() // the half must arrive
		return end, false, http.ErrAbortHandler
	case t.fault.File == FileStalled:
		healed := t.faults.healed()
		_, _ = w.Write(rest[:half])
		_ = http.NewResponseController(w).Flush()
		rest = rest[half:]
		select {
		case <-healed:
		case <-r.Context().Done():
			return end - len(rest), false, http.ErrAbortHandler
		}
	case t.fault.File == FileSlow:
		for begun, n := t.clock.now(), 1; len(rest) > slowRate; n++ {
			if _, err := w.Write(rest[:slowRate]); err != nil {
				return end - len(rest), false, err //nolint:wrapcheck // it only ends the connection
			}
			_ = http.NewResponseController(w).Flush()
			rest = rest[slowRate:]
			t.clock.until(r.Context(), begun.Add(time.Duration(n)*time.Second))
		}
	}
	if t.fault.NoLength && r.TLS != nil { // the client waits for the end, which comes with the handler's
		_, err = w.Write(rest)
		read = err == nil
	} else {
		read, err = readToTheEnd(w, r, rest)
	}
	if partly(r) && !t.ranges {
		return 0, false, err
	}
	return end, read, err
}

// over ends the transfer: so many bytes of the file, from the first on, were sent to the client, and it
// has read all of its answer or not. Of what was sent to it, it may ask for the rest from any byte on.
func (t *transfer) over(sent int, read bool, now time.Time) {
	a := t.archive
	a.taken = false
	if t.from > t.source.sent[a.snapshot] {
		return // nobody has what comes before
	}
	if t.source.sent == nil {
		t.source.sent = map[string]int{}
	}
	t.source.sent[a.snapshot] = max(t.source.sent[a.snapshot], sent)
	whole := read && sent == len(t.content)
	a.spent = a.spent || whole || read && t.fault.File == FileTruncated
	if whole && !t.fault.File.incomplete() && a.fetched.IsZero() {
		a.fetched = now
	}
	if a.spent && a.fetched.IsZero() && a.lost.IsZero() {
		a.lost = now
	}
}
