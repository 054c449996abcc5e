package simulator

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FileFault is what is wrong with a file of a download, or with the way on which it comes.
type FileFault string

// The faults of files. Those of a link stay with that link; a new download has others.
const (
	FileTruncated FileFault = "truncated" // half of it comes, as if that were all; the link is used up
	FileDamaged   FileFault = "damaged"   // all of it comes, and one block of a collection is not as it was written; the link is used up
	FileCut       FileFault = "cut"       // the connection ends at half; who asks for the rest gets it, as the server offers ranges here
	FileStalled   FileFault = "stalled"   // half of it comes, and nothing more until all faults end
	FileSlow      FileFault = "slow"      // it comes at slowRate
	FilePage      FileFault = "page"      // 200 and a page in its place, as of a proxy; the link stays good
	LinkExpired   FileFault = "expired"   // 403 and a page: the link's time is over
	LinkUsed      FileFault = "used"      // 410 and a page: somebody has used the link up
	LinkNotFound  FileFault = "notFound"  // 404: nothing is there
)

// FileFaults are their names, as an inject takes them.
func FileFaults() []string {
	return []string{
		string(FileTruncated), string(FileDamaged), string(FileCut), string(FileStalled), string(FileSlow), string(FilePage),
		string(LinkExpired), string(LinkUsed), string(LinkNotFound),
	}
}

// slowRate is in bytes a second of the simulated clock.
const slowRate = 4 << 10

// ofLink says whether the fault stays with the link that it strikes.
func (f FileFault) ofLink() bool { return f == LinkExpired || f == LinkUsed || f == LinkNotFound }

// incomplete says whether what comes is not the file, though its end is read.
func (f FileFault) incomplete() bool { return f == FileTruncated || f == FileDamaged }

// lengthCanBeLeftOut says whether a length goes with what comes.
func (f FileFault) lengthCanBeLeftOut() bool {
	return slices.Contains([]FileFault{FileTruncated, FileDamaged, FileStalled, FileSlow}, f)
}

// file is which file of a download a request asks for.
type file struct {
	cluster string // PROJECT/CLUSTER; empty: none
	nth     int    // of its replica sets, from 1 on
}

// aims says whether the fault strikes only files.
func (f Fault) aims() bool { return f.File != "" || f.Cluster != "" || f.Nth != 0 }

// hits says whether the fault strikes a request for a file.
func (f Fault) hits(r *http.Request, of file) bool {
	return !f.aims() || of.cluster != "" && r.Method == http.MethodGet && (f.Cluster == "" || f.Cluster == of.cluster) && (f.Nth == 0 || f.Nth == of.nth)
}

// page is an answer in the place of a file; not ok where the file itself comes, or a part of it.
func (f FileFault) page() (rep reply, ok bool) {
	kind, text := "text/html; charset=utf-8", ""
	switch f {
	case FilePage:
		rep.status = http.StatusOK
		text = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to go on to this page</h1></body></html>\n"
	case LinkExpired:
		rep.status, kind = http.StatusForbidden, "application/xml"
		text = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>\n"
	case LinkUsed:
		rep.status = http.StatusGone
		text = "<!DOCTYPE html>\n<html><head><title>Gone</title></head><body><h1>This link was used</h1></body></html>\n"
	case LinkNotFound:
		rep.status, kind, text = http.StatusNotFound, "text/plain; charset=utf-8", http.StatusText(http.StatusNotFound)+"\n"
	default:
		return rep, false
	}
	rep.header, rep.body = http.Header{"Content-Type": {kind}}, []byte(text)
	return rep, true
}

// fileOf is the file that a request asks for.
func (s *Server) fileOf(r *http.Request) (of file) {
	s.withWorld(func(w *world, _ time.Time) {
		if j, i := w.delivered(r); i >= 0 {
			of = file{j.source.project.Name + "/" + j.source.Name, i + 1}
		}
	})
	return of
}

// checkFile looks at the parts of a fault that are of files.
func (f InjectFault) checkFile() error {
	switch {
	case f.File != "" && (f.Status != 0 || f.HTML || f.Drop != "" || f.Acts):
		return fmt.Errorf("file: %s is a fault by itself: leave out status, html, drop and acts", f.File)
	case f.Nth < 0:
		return fmt.Errorf("nth is %d: the replica sets are counted from 1 on", f.Nth)
	case f.NoLength && !FileFault(f.File).lengthCanBeLeftOut():
		return fmt.Errorf("noLength goes with file: truncated, damaged, stalled or slow")
	}
	return oneOf("file", f.File, append([]string{""}, FileFaults()...)...)
}

// aimed looks for the file at which a fault aims.
func (w *world) aimed(f InjectFault, now time.Time) error {
	if f.Cluster == "" {
		return nil
	}
	c, err := w.place(f.Cluster)
	if err != nil {
		return err
	}
	if s := c.newest(now, now); s != nil && f.Nth > max(1, len(s.Members)) {
		return fmt.Errorf("a download of cluster %q has %d files: there is no number %d", c.Name, max(1, len(s.Members)), f.Nth)
	}
	return nil
}

// until waits until the clock has come to a time, or the context ends.
func (c *clock) until(ctx context.Context, at time.Time) {
	for ctx.Err() == nil {
		known := c.known()
		left := at.Sub(c.now())
		if left <= 0 {
			return
		}
		waits, cancel := ctx, context.CancelFunc(func() {})
		if c.speed > 0 {
			waits, cancel = context.WithTimeout(ctx, time.Duration(float64(left)/c.speed)+time.Millisecond)
		}
		c.await(waits, known)
		cancel()
	}
}

// known is how often the clock was moved so far.
func (c *clock) known() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moves
}

// etag names the bytes of a file: they are the same for the same snapshot, whichever job delivers
// them.
func (a *archive) etag() string { return `"` + a.snapshot + `"` }

// rest is from which byte on a request asks for a file; 0 where it asks for the whole, or for the
// rest of another one. beyond says that there is no such byte.
func (a *archive) rest(r *http.Request, length int) (from int, beyond bool) {
	span, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	first, last, _ := strings.Cut(span, "-")
	at, err := strconv.Atoi(first)
	if only := r.Header.Get("If-Range"); !ok || err != nil || last != "" || only != "" && only != a.etag() {
		return 0, false
	}
	return at, at >= length
}
