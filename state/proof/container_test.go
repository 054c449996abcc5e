package proof

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"atlas-restore/atlasclient/simulator/archive"
)

// small is a database whose archive is soon read.
func small() []archive.File {
	return archive.Database{Collections: []archive.Collection{{Namespace: "shop.orders", Documents: 30}}}.Files()
}

func zip(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&out)
		if _, err := z.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// What stands around the files is sound only as gzip and tar end it.
func TestTheEndsOfGzipAndTarAreDemanded(t *testing.T) {
	files := small()
	plain := packed(t, files)
	noEnd := plain
	for len(noEnd) > 512 && !bytes.ContainsFunc(noEnd[len(noEnd)-512:], func(r rune) bool { return r != 0 }) {
		noEnd = noEnd[:len(noEnd)-512]
	}
	noEnd = append(slices.Clone(noEnd), make([]byte, roundUp(int64(len(noEnd)))-int64(len(noEnd)))...)
	whole := zip(t, plain)
	for _, c := range []struct {
		name string
		raw  []byte
		want Verdict
		says string
	}{
		{"as it is", whole, Sound, ""},
		{"a tar alone", plain, Sound, ""},
		{"in two members", zip(t, plain[:9000], plain[9000:]), Sound, ""},
		{"an empty member behind", append(slices.Clone(whole), zip(t, nil)...), Sound, ""},
		{"zeros behind gzip", append(slices.Clone(whole), make([]byte, 700)...), Sound, ""},
		{"zeros behind tar", zip(t, append(slices.Clone(plain), make([]byte, 20480)...)), Sound, ""},
		{"something behind gzip", append(slices.Clone(whole), "more"...), Damaged, "something follows"},
		{"something behind zeros", append(append(slices.Clone(whole), 0, 0), "x"...), Damaged, "something follows"},
		{"something behind tar", zip(t, append(slices.Clone(plain), "more"...)), Damaged, "behind the end of its tar"},
		{"no blocks of zeros", zip(t, noEnd), Damaged, "two blocks of zeros"},
		{"one block of zeros", zip(t, append(slices.Clone(noEnd), make([]byte, 512)...)), Damaged, "two blocks of zeros"},
		{"an entry less", zip(t, packed(t, files[:len(files)-1])[:entriesEnd(t, files[:len(files)-1])]), Damaged, "two blocks of zeros"},
		{"no trailer", whole[:len(whole)-8], Damaged, "ends in its middle"},
		{"half a trailer", whole[:len(whole)-3], Damaged, "ends in its middle"},
		{"another checksum", flipped(whole, len(whole)-7, 2), Damaged, "checksum"},
		{"another length", flipped(whole, len(whole)-2, 2), Damaged, "checksum"},
		{"nothing", nil, NoBackup, "empty"},
		{"a page of a server", []byte("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"), NoBackup, "a link has expired"},
		{"an answer in JSON", []byte(`{"error": 403}`), NoBackup, "a link has expired"},
		{"text", bytes.Repeat([]byte("Grüße "), 500), NoBackup, "it is text"},
		{"a program", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 900)...), NoBackup, "a program"},
		{"a page that is packed", zip(t, []byte("<!DOCTYPE html><html></html>")), NoBackup, "no tar: it is a page of a web server"},
		{"a page that is packed, cut", zip(t, []byte("<!DOCTYPE html><html></html>"))[:40], NoBackup, "no tar: it is a page of a web server"},
		{"noise", bytes.Repeat([]byte("noise\x00"), 500), Damaged, "neither"},
		{"noise that is packed", zip(t, bytes.Repeat([]byte("noise\x00"), 500)), Damaged, "its tar"},
		{"the first block is zeros", append(make([]byte, 512), whole[512:]...), Damaged, "neither"},
		{"one byte", whole[:1], Damaged, "neither"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judged(t, c.raw)
			if got := told(r); r.Verdict != c.want || !strings.Contains(got, c.says) {
				t.Errorf("to be %s and to say %q, and was judged:\n%s", c.want, c.says, got)
			}
			sum := sha256.Sum256(c.raw)
			if r.SHA256 != hex.EncodeToString(sum[:]) || r.Bytes != int64(len(c.raw)) {
				t.Errorf("%d bytes with the sum %s: it was not read to its end", r.Bytes, r.SHA256)
			}
		})
	}
}

// entriesEnd is where the entries of a tar end.
func entriesEnd(t testing.TB, files []archive.File) int {
	t.Helper()
	n := int64(0)
	for _, f := range files {
		n += tarBlock + roundUp(int64(len(f.Data)))
	}
	return int(n)
}

// Not one byte of an archive can be another, and it can be cut nowhere.
func TestNoByteOfAnArchiveCanChange(t *testing.T) {
	raw := zip(t, packed(t, small()))
	rng := rand.New(rand.NewPCG(4, 4))
	tries := 40
	if os.Getenv("THOROUGH") == "1" {
		tries = 1000
	}
	for range tries {
		at := 10 + rng.IntN(len(raw)-10) // the header has a time and a system's name, which mean nothing
		if r := judged(t, flipped(raw, at, byte(rng.IntN(8)))); r.Verdict != Damaged {
			t.Fatalf("another byte %d of %d: %s", at, len(raw), told(r))
		}
		if r := judged(t, raw[:at]); r.Verdict != Damaged {
			t.Fatalf("cut at %d of %d: %s", at, len(raw), told(r))
		}
	}
}

// A tar's headers have checksums; an entry whose header is damaged is lost, and what follows.
func TestNoHeaderOfATarCanChange(t *testing.T) {
	files := small()
	raw := packed(t, files)
	rng := rand.New(rand.NewPCG(4, 5))
	at := 0
	for _, f := range files {
		for range 3 {
			// The name, the size, the checksum, the kind: the rest of the header is filled with zeros.
			where := at + []int{rng.IntN(20), 124 + rng.IntN(11), 148 + rng.IntN(6), 156}[rng.IntN(4)]
			if r := judged(t, flipped(raw, where, byte(rng.IntN(3)))); r.Verdict != Damaged {
				t.Fatalf("another byte %d of the header of %s: %s", where-at, f.Name, told(r))
			}
		}
		at += tarBlock + int(roundUp(int64(len(f.Data))))
	}
}

func TestWhatAnArchiveMustNotHold(t *testing.T) {
	files := small()
	for _, c := range []struct {
		name   string
		header tar.Header
		want   Verdict
	}{
		{"a name that climbs out", tar.Header{Name: "restore/../../evil.wt", Typeflag: tar.TypeReg}, Damaged},
		{"a name from the root", tar.Header{Name: "/etc/evil.wt", Typeflag: tar.TypeReg}, Damaged},
		{"a file twice", tar.Header{Name: files[0].Name, Typeflag: tar.TypeReg}, Damaged},
		{"a link", tar.Header{Name: "restore/link", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, Unchecked},
		{"a device", tar.Header{Name: "restore/device", Typeflag: tar.TypeChar}, Unchecked},
		{"a directory", tar.Header{Name: "restore/dir/", Typeflag: tar.TypeDir}, Sound},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			w := tar.NewWriter(&out)
			write := func(h tar.Header, data []byte) {
				h.Size, h.Mode = int64(len(data)), 0o600
				if err := w.WriteHeader(&h); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(data); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range files {
				write(tar.Header{Name: f.Name, Typeflag: tar.TypeReg}, f.Data)
			}
			if c.header.Name == files[0].Name {
				write(c.header, files[0].Data)
			} else {
				write(c.header, nil)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if r := judged(t, out.Bytes()); r.Verdict != c.want {
				t.Error(told(r))
			}
		})
	}
}

// An archive that could not be read is not judged at all.
func TestAReaderThatFailsIsAnError(t *testing.T) {
	raw := zip(t, packed(t, small()))
	broken := errors.New("the network is gone")
	for _, n := range []int{0, 5, 100, len(raw) / 2, len(raw) - 4, len(raw)} {
		in := io.MultiReader(bytes.NewReader(raw[:n]), iotest.ErrReader(broken))
		if r, err := Archive(t.Context(), "made", in, Options{}); !errors.Is(err, broken) || r.Verdict != "" {
			t.Errorf("after %d bytes: %v, %q", n, err, r.Verdict)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	read := int64(0)
	r, err := Archive(ctx, "made", iotest.OneByteReader(bytes.NewReader(raw)), Options{Read: func(n int64) {
		if read = n; n == 1000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || r.Verdict != "" || read > 2000 {
		t.Errorf("stopped: %v, %q after %d bytes", err, r.Verdict, read)
	}
}

// Where notes cannot be kept, nothing is judged either.
func TestNoRoomForNotesIsAnError(t *testing.T) {
	n := notes{dir: t.TempDir() + "/is/not/there", limit: 100}
	if err := n.append(make([]byte, 90)); err != nil {
		t.Fatal(err)
	}
	if err := n.append(make([]byte, 90)); err == nil {
		t.Error("more was taken than may lie in memory, and no file could be made")
	}
}

func TestNotesComeBack(t *testing.T) {
	n := notes{dir: t.TempDir(), limit: 1000}
	defer n.close()
	rng := rand.New(rand.NewPCG(1, 1))
	var want []byte
	for len(want) < 3<<20 {
		part := make([]byte, rng.IntN(5000))
		for i := range part {
			part[i] = byte(rng.Uint32())
		}
		want = append(want, part...)
		if err := n.append(part); err != nil {
			t.Fatal(err)
		}
	}
	if n.file == nil || n.size() != int64(len(want)) {
		t.Fatalf("%d bytes, in a file: %v", n.size(), n.file != nil)
	}
	for range 500 {
		at, size := rng.IntN(len(want)), rng.IntN(100_000)
		got := make([]byte, min(size, len(want)-at))
		if _, err := n.ReadAt(got, int64(at)); err != nil || !bytes.Equal(got, want[at:at+len(got)]) {
			t.Fatalf("%d bytes at %d are not what was written: %v", len(got), at, err)
		}
	}
	if _, err := n.ReadAt(make([]byte, 10), int64(len(want)-5)); !errors.Is(err, io.EOF) {
		t.Errorf("beyond the end: %v", err)
	}
}
