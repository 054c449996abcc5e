package delivery

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// thorough says whether what is rare is tried for long, as the gate does.
func thorough() bool { return os.Getenv("THOROUGH") == "1" }

// token is the secret of every link of these tests.
const token = "s3cr3tT0kenOfALink"

// archive is a gzip stream of so many bytes that hardly shrink.
func archive(t testing.TB, n int, seed byte) []byte {
	t.Helper()
	raw := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(raw)
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpacked proves that an archive is one gzip stream with nothing behind it, and keeps what it
// was shown.
type unpacked struct {
	mu   sync.Mutex
	seen [][]byte // by proof
	open int
}

func (u *unpacked) Prove(_ context.Context, _ string, r io.Reader, _ Unpacker) (fetch.Verdict, error) {
	u.mu.Lock()
	u.open++
	u.mu.Unlock()
	got, err := io.ReadAll(r)
	u.mu.Lock()
	u.open--
	u.seen = append(u.seen, got)
	u.mu.Unlock()
	if err != nil {
		return fetch.Verdict{}, err
	}
	sum := sha256.Sum256(got)
	v := fetch.Verdict{SHA256: hex.EncodeToString(sum[:])}
	rest := bytes.NewReader(got)
	z, err := gzip.NewReader(rest)
	if err == nil {
		z.Multistream(false)
		_, err = io.Copy(io.Discard, z)
	}
	switch {
	case err == nil && rest.Len() > 0:
		v.Words = fmt.Sprintf("%d bytes follow the archive", rest.Len())
	case err == nil:
		v.Proven, v.Words = true, "unpacked to its last byte"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		v.Short, v.Words = true, "it ends early"
	default:
		v.Words = "it does not unpack"
	}
	return v, nil
}

// asked is a request that came.
type asked struct{ Range, IfRange string }

// server plays Atlas's delivery: the whole of body, or the rest of it, unless play answers in its
// place.
type server struct {
	t      testing.TB
	l      net.Listener
	body   []byte
	etag   string
	always bool                                             // the whole, whatever is asked for
	play   func(n int, r *http.Request, c *connection) bool // n counts from 1; false: the usual answer

	mu    sync.Mutex
	got   []asked
	heads []http.Header
	conns int
}

// connection is one that a request came over.
type connection struct {
	net.Conn
}

// reset ends it with a reset where the network knows any.
func (c *connection) reset() {
	if l, ok := c.Conn.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
	_ = c.Close()
}

func (c *connection) send(format string, args ...any) { _, _ = fmt.Fprintf(c, format, args...) }

// headed sends a head with these lines and a body.
func (c *connection) headed(body []byte, status string, lines ...string) {
	c.send("HTTP/1.1 %s\r\nConnection: close\r\n%s\r\n\r\n", status, strings.Join(append(lines, "X: y"), "\r\n"))
	_, _ = c.Write(body)
}

func serve(t testing.TB, body []byte) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, body)
}

func serveOn(t testing.TB, l net.Listener, body []byte) *server {
	s := &server{t: t, l: l, body: body, etag: `"one"`}
	var going sync.WaitGroup
	going.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
			going.Go(func() {
				defer func() { _ = c.Close() }()
				s.handle(&connection{c})
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		going.Wait()
	})
	return s
}

func (s *server) handle(c *connection) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	s.mu.Lock()
	s.got = append(s.got, asked{r.Header.Get("Range"), r.Header.Get("If-Range")})
	s.heads = append(s.heads, r.Header)
	n, play := len(s.got), s.play
	s.mu.Unlock()
	if !strings.Contains(r.URL.Path, token) {
		c.headed(nil, "404 Not Found", "Content-Length: 0")
		return
	}
	if play == nil || !play(n, r, c) {
		s.answer(r, c, s.body)
	}
}

// answer is the usual one, which ends after the first bytes of what it announces: after all of
// them where first is the body.
func (s *server) answer(r *http.Request, c *connection, first []byte) {
	at, tag := 0, r.Header.Get("If-Range")
	_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &at)
	if s.always || tag != "" && tag != s.etag {
		c.headed(first, "200 OK", fmt.Sprintf("Content-Length: %d", len(s.body)), "ETag: "+s.etag)
		return
	}
	if at >= len(s.body) {
		c.headed(nil, "416 Range Not Satisfiable", "Content-Length: 0", fmt.Sprintf("Content-Range: bytes */%d", len(s.body)))
		return
	}
	c.headed(first[min(at, len(first)):], "206 Partial Content", fmt.Sprintf("Content-Length: %d", len(s.body)-at),
		fmt.Sprintf("Content-Range: bytes %d-%d/%d", at, len(s.body)-1, len(s.body)), "ETag: "+s.etag)
}

func (s *server) requests() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]asked(nil), s.got...)
}

func (s *server) link() string {
	return "http://" + s.l.Addr().String() + "/" + token + "/restore-1.tar.gz"
}

// wanted is a download that is fetched, and what was told of it.
type wanted struct {
	t     testing.TB
	order fetch.Order
	opt   Options
	proof *unpacked
	disk  *memory

	mu     sync.Mutex
	events []fetch.Event
}

const name = "orders.tar.gz"

// whole is what lies in the directory of a download of one file that is at its end.
var whole = []string{fetch.GuideName, fetch.ManifestName, name, fetch.SumsName}

// want is an order of one file from a server, onto a disk in memory: nothing waits.
func want(t testing.TB, dir string, links ...string) *wanted {
	t.Helper()
	w := &wanted{t: t, proof: &unpacked{}, disk: newMemory()}
	w.order = fetch.Order{Dir: dir, Job: "job1", Snapshot: "snapshot1"}
	for i, link := range links {
		f := fetch.File{Name: name, Link: state.NewSecret(link)}
		if len(links) > 1 {
			f.Name, f.ReplicaSet = fmt.Sprintf("orders_shard-%d.tar.gz", i), fmt.Sprintf("shard-%d", i)
		}
		w.order.Files = append(w.order.Files, f)
	}
	w.opt = Options{
		Prover: w.proof,
		Tell: func(e fetch.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
		sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		disk:  func(disk) disk { return w.disk },
	}
	return w
}

func (w *wanted) fetch() (fetch.Result, error) {
	w.t.Helper()
	return w.fetchUnder(w.t.Context())
}

// fetchUnder fetches, and holds what must be after every fetch whatsoever.
func (w *wanted) fetchUnder(ctx context.Context) (fetch.Result, error) {
	w.t.Helper()
	r, err := Fetch(ctx, w.order, w.opt)
	if (err == nil) != (len(r) > 0 && r.Proven() == len(r)) {
		w.t.Errorf("%d of %d proven, and the error is %v", r.Proven(), len(r), err)
	}
	if w.proof.open != 0 {
		w.t.Errorf("%d proofs were not closed", w.proof.open)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	told := fmt.Sprintf("%v|%+v|%#v|%v|%+v", err, w.events, r, r, w.order)
	for _, e := range w.events {
		if e.Err != nil {
			told += fmt.Sprintf("|%+v|%s|%s|%v", e.Err, e.Err.Why, e.Err.Advice, errors.Unwrap(e.Err))
		}
	}
	for n, f := range w.disk.files {
		if !strings.HasSuffix(n, ".gz") && !strings.HasSuffix(n, partEnding) && !strings.HasSuffix(n, damagedEnding) {
			told += n + string(f.now)
		}
	}
	for secret := range strings.SplitSeq(token+"|T0kenOf|restore-1.tar", "|") {
		if strings.Contains(told, secret) {
			w.t.Errorf("a link is told: %s", told)
		}
	}
	w.toldTruly(r)
	return r, err
}

// toldTruly holds what lies beside the files against these: whatever has happened, no list names
// what was not proven, and where the disk does what it is asked for, the manifest tells each.
func (w *wanted) toldTruly(r fetch.Result) {
	w.t.Helper()
	sums := w.disk.files[fetch.SumsName]
	if sums != nil {
		all, unread := fetch.ParseSums(sums.now)
		for _, s := range all {
			f := w.disk.files[s.Name]
			if f == nil {
				w.t.Errorf("%s is named with a sum, and is not there", s.Name)
			} else if is := sha256.Sum256(f.now); hex.EncodeToString(is[:]) != s.SHA256 {
				w.t.Errorf("%s has another sum than the list says", s.Name)
			}
		}
		if unread > 0 || len(all) == 0 {
			w.t.Errorf("the list of sums:\n%s", sums.now)
		}
	}
	if w.opt.disk == nil || w.disk.trip != nil || w.disk.room >= 0 || r == nil {
		return
	}
	there := w.disk.files[fetch.ManifestName]
	if there == nil {
		if r.Proven() > 0 {
			w.t.Errorf("%d are proven, and there is no manifest", r.Proven())
		}
		return
	}
	m, err := fetch.ParseManifest(there.now)
	if err != nil || m.Complete != (r.Proven() == len(r)) || len(m.Files) != len(r) || (sums != nil) != (r.Proven() > 0) || (w.disk.files[fetch.GuideName] != nil) != (r.Proven() > 0) {
		w.t.Errorf("of %+v tells the manifest %v\n%s", r, err, there.now)
	}
}

// fetchedFrom has what the server has in the end under its name, whole, and nothing beside it.
func (w *wanted) fetchedFrom(s *server) {
	w.t.Helper()
	if _, err := w.fetch(); err != nil {
		w.t.Fatalf("not fetched: %v\n%s", err, w.story())
	}
	w.has(s.body)
	if got := w.disk.names(); !slices.Equal(got, whole) {
		w.t.Errorf("there is: %v", got)
	}
}

// has says that the final name holds these bytes; nil: that it is absent.
func (w *wanted) has(body []byte) {
	w.t.Helper()
	f := w.disk.files[name]
	if body == nil && f != nil {
		w.t.Errorf("the final name is there, with %d bytes", len(f.now))
	}
	if body != nil && (f == nil || !bytes.Equal(f.now, body)) {
		w.t.Errorf("the final name does not hold the archive: %v\n%s", w.disk.names(), w.story())
	}
}

// ends has the fetch end with a problem, the final name absent.
func (w *wanted) ends(p fetch.Problem) {
	w.t.Helper()
	_ = w.end(p)
}

// end is what ends tells.
func (w *wanted) end(p fetch.Problem) *fetch.Error {
	w.t.Helper()
	r, err := w.fetch()
	w.has(nil)
	var e *fetch.Error
	if !errors.As(err, &e) || e.Problem != p {
		w.t.Fatalf("it ends with %v, want %s\n%v\n%s", err, p, r, w.story())
	}
	return e
}

// story is what was told, for a test that fails.
func (w *wanted) story() string {
	var b strings.Builder
	for _, e := range w.events {
		fmt.Fprintf(&b, "%s at %d of %d %s", e.Kind, e.Done, e.Total, e.Text)
		if e.Err != nil {
			fmt.Fprintf(&b, " %s: %s", e.Err.Problem, e.Err.Why)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (w *wanted) heard(k fetch.Kind) (all []fetch.Event) {
	for _, e := range w.events {
		if e.Kind == k {
			all = append(all, e)
		}
	}
	return all
}
