package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/text"
)

var errStalled = errors.New("nothing came")

// How long nothing may come. Where the server cannot begin in the middle, a connection that is
// given up costs all there is: it is waited for longer.
const (
	stallTime     = 30 * time.Second
	stallTimeAnew = 2 * time.Minute
	slowSpeed     = 10 << 10 // bytes a second
	slowTime      = time.Minute
	tellEvery     = 100 * time.Millisecond
)

// attempt asks for what is missing, once. It is nil where bytes came as asked; then the part is
// whole, or the server sent less than all and says so.
func (t *transfer) attempt(ctx context.Context, links []state.Secret, private int) *fetch.Error {
	conn, a, err := t.connect(ctx, links, private)
	if err != nil {
		return err
	}
	from := t.at
	order, _ := t.current()
	if from > 0 && (!t.side.Ranges || t.side.Job != order.Job && t.side.ETag == "") {
		from = 0
	}
	asked, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	got, failed := t.wire.get(asked, conn, a, from, t.side.validator())
	if failed != nil {
		return t.turned(problem(failed))
	}
	defer got.close()
	if t.host != got.from.host() { // it was sent on
		t.host = got.from.host()
		t.tell(t.event(fetch.Host))
	}
	t.observe(got.Header)
	watch := time.AfterFunc(t.opt.stall(stallTime), func() { cancel(errStalled) })
	defer watch.Stop()
	want, err := t.accept(got, from)
	if err != nil || t.side.Whole {
		return t.turned(err)
	}
	return t.turned(t.copy(got, want, watch))
}

// turned has the next try use the next link where this one's address is in trouble: the private
// endpoint's may be, and the public one not.
func (t *transfer) turned(err *fetch.Error) *fetch.Error {
	if err != nil && (err.Problem == fetch.Unreachable || err.Problem == fetch.Trouble) {
		t.prefer++
	}
	return err
}

// connect opens a connection to the first link whose host can be reached, the private ones
// first. No link is touched by it.
func (t *transfer) connect(ctx context.Context, links []state.Secret, private int) (*http.ClientConn, address, *fetch.Error) {
	var first *fetch.Error
	for n := range links {
		k := (n + t.prefer) % len(links)
		a, err := parse(links[k])
		if err != nil {
			return nil, address{}, problem(err)
		}
		if t.wire.only != "" && a.dial() != t.wire.only {
			return nil, address{}, unreachable(a, &strayed{})
		}
		conn, err := t.wire.connect(ctx, a)
		if err == nil {
			t.reached, t.private, t.host = true, k < private, a.host()
			t.tell(t.event(fetch.Host))
			return conn, a, nil
		}
		e := problem(err)
		if first == nil || e.Problem == fetch.Insecure || k >= private { // the public one's causes are those that a person can mend
			first = e
		}
		if ctx.Err() != nil {
			break
		}
		if n+1 < len(links) {
			t.note(fmt.Sprintf("%s (a private endpoint): the next address is tried", e.Why))
		}
	}
	return nil, address{}, first
}

// accept holds the head of an answer against what was asked for, and makes ready what its bytes
// are written to. want is where they end, -1 where that is not said.
func (t *transfer) accept(got *delivered, from int64) (want int64, _ *fetch.Error) {
	host := got.from.host()
	bad := func(format string, args ...any) (int64, *fetch.Error) {
		return 0, &fetch.Error{Problem: fetch.BadAnswer, Host: host, Status: got.StatusCode, Why: host + " " + fmt.Sprintf(format, args...), Advice: "What is there is kept."}
	}
	switch got.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, t.beyond(got, from)
	default:
		return 0, refusal(got)
	}
	if coding := got.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return bad("labels the file as packed once more (Content-Encoding: %s), though it was asked not to", short(coding))
	}
	if strings.HasPrefix(strings.ToLower(got.Header.Get("Content-Type")), "multipart/") {
		return bad("sends several parts in one answer")
	}
	total := got.ContentLength
	want = total
	if got.StatusCode == http.StatusPartialContent {
		r, ok := parseContentRange(got.Header.Get("Content-Range"))
		switch {
		case !ok || r.first < 0:
			return bad("sends a part and does not say which (Content-Range: %s)", short(got.Header.Get("Content-Range")))
		case r.first != from:
			return bad("sends bytes from %d on, where it was asked for those from %d on", r.first, from)
		case got.ContentLength >= 0 && got.ContentLength != r.last-r.first+1:
			return bad("sends %d bytes and calls them %d", got.ContentLength, r.last-r.first+1)
		}
		total, want = r.total, r.last+1
		if from > 0 {
			why := ""
			switch which := t.side.differs(got.Header); {
			case t.fromAnother():
				why = t.side.sameFile(got.Header, total)
			case which != "":
				why = "the file has changed meanwhile (" + which + ")"
			case t.side.Total >= 0 && total >= 0 && total != t.side.Total && t.side.validator() != "" && got.Header.Get("ETag")+got.Header.Get("Last-Modified") != "":
				return bad("calls the same file %d bytes long, and called it %d before", total, t.side.Total)
			case t.side.Total >= 0 && total >= 0 && total != t.side.Total:
				why = fmt.Sprintf("the file has changed meanwhile (%d bytes, and %d before)", total, t.side.Total)
			}
			if why != "" { // it is asked for again, from the first byte on
				if err := t.empty(why); err != nil {
					return 0, problem(err)
				}
				return 0, &fetch.Error{Problem: fetch.Cut, Host: host, Why: why}
			}
			return want, t.begun(got, total)
		}
	}
	return want, t.fromTheFirst(got, total)
}

// fromTheFirst makes ready for a body that begins at the first byte. What is there is given up
// only when the body has shown that it is an archive.
func (t *transfer) fromTheFirst(got *delivered, total int64) *fetch.Error {
	if err := sniff(got); err != nil {
		return err
	}
	if total >= 0 {
		if err := t.fits(t.i, total, max(t.at, t.reserved)); err != nil {
			return err
		}
	}
	if t.at > 0 {
		why := "the server cannot begin in the middle"
		switch which := t.side.differs(got.Header); {
		case t.fromAnother() && t.side.Ranges:
			why = cmp.Or(t.side.sameFile(got.Header, total), why)
		case which != "":
			why = "the file has changed meanwhile (" + which + ")"
		case t.side.Ranges:
			why = "the server sends the whole although the rest was asked for: the file has changed, or it cannot begin in the middle any more"
		}
		if err := t.empty(why); err != nil {
			return problem(err)
		}
	}
	t.side.note(got.Header)
	t.side.Total = total
	t.side.Ranges = got.StatusCode == http.StatusPartialContent || strings.EqualFold(got.Header.Get("Accept-Ranges"), "bytes")
	return t.begun(got, total)
}

// begun keeps what the head of an answer has told.
func (t *transfer) begun(got *delivered, total int64) *fetch.Error {
	if t.side.Total < 0 {
		t.side.Total = total
	}
	if t.side.Total >= 0 && t.reserved < t.side.Total {
		if err := t.fits(t.i, t.side.Total-t.at, max(0, t.reserved-t.at)); err != nil {
			return err
		}
		if err := t.reserve(); err != nil {
			return err
		}
	}
	t.unsure = t.side.Total < 0 && len(got.TransferEncoding) == 0
	if err := t.keep.wait(); err != nil {
		return problem(err)
	}
	order, _ := t.current()
	t.side.Job, t.side.Offset = order.Job, t.at // what is there is of this job from now on: that was seen
	if err := t.secure(t.side); err != nil {
		return problem(err)
	}
	t.keep.last, t.answered = t.at, true
	t.meter.begin(time.Now())
	t.tell(t.event(fetch.Began))
	return nil
}

// fromAnother says whether what is there came from the link of another job.
func (t *transfer) fromAnother() bool {
	order, _ := t.current()
	return t.at > 0 && t.side.Job != order.Job
}

// beyond is the answer that there is nothing where the rest was asked for.
func (t *transfer) beyond(got *delivered, from int64) *fetch.Error {
	r, ok := parseContentRange(got.Header.Get("Content-Range"))
	host := got.from.host()
	switch {
	case from == 0 || !ok || r.first >= 0:
		return &fetch.Error{Problem: fetch.BadAnswer, Host: host, Status: got.StatusCode, Why: host + " has no byte of what was asked for (416)", Advice: "What is there is kept."}
	case r.total == t.at && t.side.Total < 0 && t.side.differs(got.Header) == "" && !t.fromAnother():
		t.side.Total, t.side.Whole, t.unsure = t.at, true, false
		return nil
	}
	why := fmt.Sprintf("the file has changed meanwhile (%d bytes)", r.total)
	if err := t.empty(why); err != nil {
		return problem(err)
	}
	return &fetch.Error{Problem: fetch.Cut, Host: host, Why: why}
}

// refusal is an answer that is no delivery.
func refusal(got *delivered) *fetch.Error {
	host, status := got.from.host(), got.StatusCode
	e := &fetch.Error{Problem: fetch.Refused, Host: host, Status: status, Why: fmt.Sprintf("%s answered %d %s", host, status, http.StatusText(status))}
	switch {
	case status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		e.Problem = fetch.Stale
		e.Why += ": the link is used up or over, or it does not know this machine's address"
		e.Advice = "A link works once, for an hour. " + askAnother
		if status == http.StatusForbidden {
			e.Advice = "If this machine's address is not on the project's IP access list (Atlas: Network Access), add it first. " + e.Advice
		}
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		e.Problem = fetch.Trouble
		if s, err := strconv.Atoi(got.Header.Get("Retry-After")); err == nil && s > 0 && s < 1<<20 {
			e.After = time.Duration(s) * time.Second
		}
	}
	return e
}

// sniff reads the first bytes of a body: a gzip stream begins with two that nothing else does
// (RFC 1952). The body still holds them.
func sniff(got *delivered) *fetch.Error {
	head := make([]byte, 2)
	n, err := io.ReadFull(got.Body, head)
	host := got.from.host()
	switch {
	case n == 2 && head[0] == 0x1f && head[1] == 0x8b:
		got.Body = &refilled{io.MultiReader(strings.NewReader(string(head)), got.Body), got.Body}
		return nil
	case n == 2:
		e := &fetch.Error{Problem: fetch.NoArchive, Host: host, Status: got.StatusCode, Why: host + " sends something that is no .tar.gz", Advice: "Nothing of it was kept. Open the link's host in a browser to see whether something between here and Atlas answers in its place."}
		if kind, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";"); strings.HasPrefix(strings.ToLower(kind), "text/") || head[0] == '<' || head[0] == '{' {
			e.Why = host + " sends a page of text in the place of the file"
		}
		return e
	case got.ContentLength == 0:
		return &fetch.Error{Problem: fetch.NoArchive, Host: host, Status: got.StatusCode, Why: host + " sends an empty file"}
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return got.broken(err)
}

type refilled struct {
	io.Reader
	io.Closer
}

func short(s string) string {
	if s = text.Clean(s); len(s) > 60 {
		s = s[:60]
	}
	return strings.ToValidUTF8(s, "")
}

// copy writes a body to the part. A body without a length ends when it ends. watch ends the
// request when nothing comes.
func (t *transfer) copy(got *delivered, want int64, watch *time.Timer) *fetch.Error {
	stall := stallTime
	if !t.side.Ranges {
		stall = stallTimeAnew
	}
	stall = t.opt.stall(stall)
	whole := buffer()
	defer give(whole)
	buf := whole[:]
	slowSince, slowAt := time.Now(), t.at
	ctx := got.Request.Context()
	var still quiet
	for {
		e := t.event(fetch.Moved)
		e.Speed, e.Left = 0, -1
		still.begin(t.tell, e)
		watch.Reset(stall)
		n, failed := got.Body.Read(buf[:t.opt.Limit.Most(len(buf))])
		watch.Stop()
		still.end()
		if want >= 0 && t.at+int64(n) > want {
			return &fetch.Error{Problem: fetch.BadAnswer, Host: t.host, Why: t.host + " sends more bytes than it said", Advice: "What is there is kept."}
		}
		if n > 0 {
			if err := t.write(buf[:n]); err != nil {
				return problem(err)
			}
			now := time.Now()
			t.meter.add(int64(n), now)
			t.moved(now)
			if wait := t.opt.Limit.Wait(n, now); wait > 0 && failed == nil {
				failed = t.opt.sleep(ctx, wait)
			}
			if now.Sub(slowSince) >= slowTime {
				if t.tooSlow(t.at-slowAt, now.Sub(slowSince)) {
					return &fetch.Error{Problem: fetch.Slow, Host: t.host, Why: fmt.Sprintf("%s sent %d bytes in %s", t.host, t.at-slowAt, state.Exactly(now.Sub(slowSince)))}
				}
				slowSince, slowAt = now, t.at
			}
		}
		switch {
		case failed == nil:
		case !errors.Is(failed, io.EOF) || want >= 0 && t.at < want:
			return got.broken(failed)
		case t.side.Total < 0 || t.at == t.side.Total:
			t.side.Total, t.side.Whole = t.at, true
			return nil
		case t.at < want || want < 0:
			return got.broken(io.ErrUnexpectedEOF)
		default: // the server sent less than all, as it said
			return nil
		}
	}
}

func (t *transfer) write(part []byte) error {
	for len(part) > 0 {
		n, err := t.out.Write(part)
		if saved := t.written(n); err == nil {
			err = saved
		}
		if err == nil && n == 0 {
			err = io.ErrShortWrite
		}
		if err != nil {
			return diskFault("writing", t.name+partEnding, err)
		}
		part = part[n:]
	}
	return nil
}

// tooSlow says whether a connection that brought so little is given up for another one. Where
// that would cost what is there, it is not.
func (t *transfer) tooSlow(bytes int64, over time.Duration) bool {
	rate := t.opt.Limit.Rate()
	if float64(bytes)/over.Seconds() >= slowSpeed || rate > 0 && rate <= 2*slowSpeed || !t.side.Ranges || t.slow == mostSlow {
		return false
	}
	t.slow++
	return true
}

// moved tells of bytes, now and then, and once that the link ends before they will all be here.
func (t *transfer) moved(now time.Time) {
	if now.Sub(t.told) < tellEvery {
		return
	}
	t.told = now
	e := t.event(fetch.Moved)
	t.tell(e)
	_, _, expires, _ := t.links(t.i)
	if left := expires.Sub(t.now()); !t.late && !expires.IsZero() && now.Sub(t.meter.begun) > window*time.Second && e.Left > left {
		t.late = true
		t.note(fmt.Sprintf("at this speed it takes %s more, and the link ends in %s: a connection that stands is not known to end with it, but no new one is taken after", state.Exactly(e.Left), state.Exactly(max(0, left))))
	}
}
