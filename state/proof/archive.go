package proof

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Archive proves a .tar.gz, or a .tar, in one pass over its bytes. It reads r to its end,
// whatever is found on the way, so that what else reads along gets all of it. An error is one
// of r, of the context, or that there is no room for notes: then nothing is judged.
func Archive(ctx context.Context, name string, r io.Reader, o Options) (Report, error) {
	report := newReport(name)
	raw := &counted{ctx: ctx, r: r, tell: o.Read}
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(raw, sum), 256<<10)
	p := newPass(o)
	defer p.close()

	end, err := p.archive(&report, in)
	if err != nil {
		return report, err
	}
	if _, err := io.Copy(io.Discard, struct{ io.Reader }{in}); err != nil && raw.err == nil {
		return report, fmt.Errorf("reading %s: %w", name, err)
	}
	if raw.err != nil {
		return report, fmt.Errorf("reading %s: %w", name, raw.err)
	}
	report.Bytes, report.SHA256 = raw.at, hex.EncodeToString(sum.Sum(nil))
	if end != "" {
		report.found(theFile, Damaged, "%s", end)
	}
	if err := p.databases(ctx, &report, end == ""); err != nil {
		return report, err
	}
	report.judge()
	return report, nil
}

// archive reads what is in it. The text says why it did not come to its end, if so.
func (p *pass) archive(report *Report, in *bufio.Reader) (end string, err error) {
	head, err := in.Peek(512)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return "", nil // the caller finds the reader's error
		}
		report.found(theFile, NoBackup, "%s", foreign(head))
		return "", nil
	}
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		if isTar(head) {
			return p.entries(report, in)
		}
		if is := foreign(head); is != "" {
			report.found(theFile, NoBackup, "%s", is)
			return "", nil
		}
		return "it is neither a .tar.gz nor a .tar", nil
	}
	unzip, err := newGunzip(in)
	if err != nil {
		report.Cut = ends(err)
		return "its gzip cannot be read: " + gzipSays(err), nil
	}
	inside := bufio.NewReaderSize(unzip, 4<<10)
	if head, _ := inside.Peek(tarBlock); len(head) > 0 && !isTar(head) && foreign(head) != "" { // an error is in failed
		report.found(theFile, NoBackup, "what is packed in it is no tar: %s", foreign(head))
		if unzip.failed == nil {
			_ = drain(unzip)
		}
		report.Cut = unzip.failed != nil && ends(unzip.failed)
		return "", nil
	}
	end, err = p.entries(report, inside)
	if err != nil {
		return end, err
	}
	// Whatever follows in the stream is read too: its checksum stands at its end.
	if unzip.failed == nil {
		_ = drain(unzip) // the error is in failed
	}
	if unzip.failed != nil {
		report.Cut = ends(unzip.failed)
		end = fmt.Sprintf("after %d unpacked bytes of its gzip: %s", unzip.at, gzipSays(unzip.failed))
	}
	return end, nil
}

// isTar says whether the first block is the header of a tar.
func isTar(head []byte) bool {
	return len(head) >= tarBlock && bytes.HasPrefix(head[257:], []byte("ustar"))
}

// entries reads a tar. The text says why it did not come to its end, if so.
func (p *pass) entries(report *Report, stream io.Reader) (string, error) {
	in := &position{r: stream}
	tarred := tar.NewReader(in)
	seen := map[string]bool{}
	for {
		before := in.at
		h, err := tarred.Next()
		if errors.Is(err, io.EOF) {
			// What stands between the last entry and here are the zeros that fill its block, and two
			// blocks of zeros. Without these the archive may have had more entries.
			if zeros := in.at - roundUp(before); zeros < 2*tarBlock {
				return fmt.Sprintf("its tar ends behind %d entries, without the two blocks of zeros at the end of each tar: what followed is missing", len(seen)), nil
			}
			return p.behind(in)
		}
		if err != nil {
			return tarSays(in.at, err), nil
		}
		name := path.Clean(h.Name)
		switch {
		case leadsOut(h.Name):
			report.found(quoted(h.Name), Damaged, "to unpack it would write outside the directory into which it is unpacked")
			continue
		case h.Typeflag == tar.TypeXGlobalHeader:
			continue
		case h.Typeflag == tar.TypeDir:
			if p.unpack != nil {
				p.unpack.Directory(name)
			}
			continue
		case h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeGNUSparse:
			if seen[name] {
				report.found(quoted(name), Damaged, "the .tar.gz holds it more than once: the last one counts")
			}
			seen[name] = true
			if err := p.takeEntry(name, h.Size, tarred); err != nil {
				if in.err == nil && !cutEntry(err) {
					return "", fmt.Errorf("reading %s in %s: %w", name, report.Name, err)
				}
				return tarSays(in.at, err), nil
			}
		default:
			report.found(quoted(name), Unchecked, "the .tar.gz holds a link or a device of that name, which holds no data")
		}
	}
}

// leadsOut says whether a name may lead out of a directory, here or on a system of another kind, where
// a backslash parts names too and a letter with a colon is a disk.
func leadsOut(name string) bool {
	return strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':' ||
		slices.Contains(strings.Split(name, "/"), "..")
}

// takeEntry reads a file of an archive, and has it unpacked beside, if so.
func (p *pass) takeEntry(name string, size int64, r io.Reader) error {
	if p.unpack == nil {
		return p.take(name, size, r)
	}
	out := p.unpack.File(name, size)
	defer func() { _ = out.Close() }() // it keeps its errors
	r = io.TeeReader(r, out)
	if err := p.take(name, size, r); err != nil {
		return err
	}
	return drain(r)
}

const tarBlock = 512

func roundUp(n int64) int64 { return (n + tarBlock - 1) / tarBlock * tarBlock }

// cutEntry says whether an entry ended before its size.
func cutEntry(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, tar.ErrHeader)
}

func tarSays(at int64, err error) string {
	if errors.Is(err, tar.ErrHeader) {
		return fmt.Sprintf("the header before byte %d of its tar is damaged; what follows was not read", at)
	}
	return fmt.Sprintf("it ends, or cannot be unpacked, at byte %d of its tar: %v", at, err)
}

// behind reads what follows the end of a tar: zeros to the border of a record.
func (p *pass) behind(in *position) (string, error) {
	for {
		n, err := in.Read(p.buffer)
		for _, c := range p.buffer[:n] {
			if c != 0 {
				return "there is something behind the end of its tar", nil
			}
		}
		if err != nil {
			return "", nil // an error of gzip's is told by it
		}
	}
}

// position counts what is read of a tar, and keeps the error that is no end.
type position struct {
	r   io.Reader
	at  int64
	err error
}

// Read implements io.Reader.
func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		p.err = err
	}
	return n, err //nolint:wrapcheck // it is told where the archive is judged
}

// gunzip unpacks all members of a file, to the checksum of the last. Zeros behind it are
// padding, as gzip has it; anything else is not.
type gunzip struct {
	in     *bufio.Reader
	member *gzip.Reader
	at     int64
	failed error
}

var errTrailing = errors.New("something follows the end that is no zero and no gzip")

func newGunzip(in *bufio.Reader) (*gunzip, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err //nolint:wrapcheck // gzipSays puts it into words
	}
	z.Multistream(false)
	return &gunzip{in: in, member: z}, nil
}

// Read implements io.Reader.
func (g *gunzip) Read(b []byte) (int, error) {
	for g.failed == nil {
		n, err := g.member.Read(b)
		g.at += int64(n)
		if err == nil || n > 0 && errors.Is(err, io.EOF) {
			return n, nil
		}
		if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			g.failed = err
			return n, err //nolint:wrapcheck // gzipSays puts it into words
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	return 0, g.failed
}

// next goes on with the member that follows, or ends with io.EOF.
func (g *gunzip) next() error {
	head, err := g.in.Peek(2)
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		if err := g.member.Reset(g.in); err != nil {
			g.failed = err
			return err //nolint:wrapcheck // gzipSays puts it into words
		}
		g.member.Multistream(false)
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err //nolint:wrapcheck // the caller finds the reader's error
	}
	for {
		c, err := g.in.ReadByte()
		if err != nil {
			return err //nolint:wrapcheck // it is the end
		}
		if c != 0 {
			g.failed = errTrailing
			return errTrailing
		}
	}
}

func ends(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func gzipSays(err error) string {
	switch {
	case errors.Is(err, gzip.ErrChecksum):
		return "the checksum at its end does not fit what was unpacked"
	case errors.Is(err, gzip.ErrHeader):
		return "its header is damaged"
	case ends(err):
		return "it ends in its middle: the rest is missing"
	case errors.Is(err, errTrailing):
		return errTrailing.Error()
	}
	return "it is damaged (" + strings.TrimPrefix(err.Error(), "flate: ") + ")"
}
