package proof

import (
	"archive/tar"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"atlas-restore/state/wiredtiger"
)

// The figures of the proof. Sizes are in GB, and small unless PROOF_GB says otherwise:
//
//	PROOF_GB=2 go test ./state/proof -run '^$' -bench 'Directory|Archive' -benchtime 1x
//	PROOF_GB=200 go test ./state/proof -run '^$' -bench Memory -benchtime 1x

func benchSize(b *testing.B) int64 {
	b.Helper()
	gb, err := strconv.ParseFloat(os.Getenv("PROOF_GB"), 64)
	if err != nil {
		gb = 0.25
	}
	return int64(gb * 1e9)
}

// huge writes one table of about a size, with leaves of a kind that repeat, and the pages that
// lead to them; it returns the checkpoint's address. Nothing of it is held but a page a level.
type huge struct {
	to     io.Writer
	at     int64
	levels [][]byte // the cells of the page that is open on each level
	counts []int
	table  *crc32.Table
}

const (
	leafSize = 28 << 10
	children = 180
)

func (h *huge) write(t testing.TB, block []byte) wiredtiger.Address {
	t.Helper()
	sum := binary.LittleEndian.Uint32(block[32:])
	a := wiredtiger.Address{Offset: h.at, Size: uint32(len(block)), Sum: sum}
	if _, err := h.to.Write(block); err != nil {
		t.Fatal(err)
	}
	h.at += int64(len(block))
	return a
}

// block is one whose checksum fits.
func (h *huge) block(kind wiredtiger.PageType, entries int, body []byte, size int) []byte {
	b := make([]byte, size)
	copy(b[wiredtiger.HeaderSize:], body)
	binary.LittleEndian.PutUint32(b[16:], uint32(wiredtiger.HeaderSize+len(body)))
	binary.LittleEndian.PutUint32(b[20:], uint32(entries))
	b[24] = byte(kind)
	binary.LittleEndian.PutUint32(b[28:], uint32(size))
	b[36] = 1
	binary.LittleEndian.PutUint32(b[32:], crc32.Checksum(b, h.table))
	return b
}

// packedNumber is WiredTiger's, of what is not small.
func packedNumber(b []byte, v uint64) []byte {
	switch {
	case v < 64:
		return append(b, 0x80|byte(v))
	case v < 8256:
		return append(b, 0xc0|byte((v-64)>>8), byte(v-64))
	}
	var big [8]byte
	binary.BigEndian.PutUint64(big[:], v-8256)
	at := 0
	for at < 7 && big[at] == 0 {
		at++
	}
	return append(append(b, 0xe0|byte(8-at)), big[at:]...)
}

func (h *huge) child(t testing.TB, level int, a wiredtiger.Address) {
	t.Helper()
	for len(h.levels) <= level {
		h.levels, h.counts = append(h.levels, nil), append(h.counts, 0)
	}
	address := packedNumber(nil, uint64(a.Offset/wiredtiger.Unit-1))
	address = packedNumber(packedNumber(address, uint64(a.Size/wiredtiger.Unit)), uint64(a.Sum))
	kind := byte(3)
	if level > 0 {
		kind = 1
	}
	h.levels[level] = append(append(h.levels[level], 4<<2|1, 'k', 'e', 'y', '0', kind<<4, 0x80|byte(len(address))), address...)
	if h.counts[level]++; h.counts[level] == children {
		h.close(t, level)
	}
}

func (h *huge) close(t testing.TB, level int) wiredtiger.Address {
	t.Helper()
	body := h.levels[level]
	size := (wiredtiger.HeaderSize + len(body) + wiredtiger.Unit - 1) / wiredtiger.Unit * wiredtiger.Unit
	a := h.write(t, h.block(wiredtiger.PageRowInt, 2*h.counts[level], body, size))
	h.levels[level], h.counts[level] = body[:0], 0
	h.child(t, level+1, a)
	return a
}

// fill writes the whole table, and returns the checkpoint.
func (h *huge) fill(t testing.TB, size int64, noise bool) string {
	t.Helper()
	descriptor := small()
	for _, f := range descriptor {
		if strings.HasSuffix(f.Name, "WiredTigerHS.wt") {
			if _, err := h.to.Write(f.Data[:wiredtiger.Unit]); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.at = wiredtiger.Unit
	rng := rand.New(rand.NewPCG(1, 2))
	body := make([]byte, leafSize-wiredtiger.HeaderSize)
	var leaf []byte
	for h.at < size {
		if leaf == nil || noise {
			for i := 0; i+8 <= len(body); i += 8 {
				binary.LittleEndian.PutUint64(body[i:], rng.Uint64())
			}
			leaf = h.block(wiredtiger.PageRowLeaf, 0, body, leafSize)
		}
		h.child(t, 0, h.write(t, leaf))
	}
	var root wiredtiger.Address
	for level := 0; ; level++ {
		if level == len(h.levels)-1 && h.counts[level] == 1 {
			break
		}
		if h.counts[level] > 0 {
			root = h.close(t, level)
		}
	}
	return wiredtiger.Cookie{Root: root, Size: h.at}.Hex()
}

// metadataOf is the metadata of the one table.
func metadataOf(cookie string) []byte {
	config := "allocation_size=4KB,block_compressor=snappy,checksum=on,format=btree,id=%d,checkpoint=(WiredTigerCheckpoint.1=(addr=\"%s\",order=1)),checkpoint_lsn=(1,0)"
	return fmt.Appendf(nil, "file:_mdb_catalog.wt\n"+config+"\nfile:huge.wt\n"+config+"\n", 2, "", 7, cookie)
}

// around are the other files.
func around(cookie string) map[string][]byte {
	files := map[string][]byte{"WiredTiger.backup": metadataOf(cookie)}
	for _, f := range small() {
		switch name := filepath.Base(f.Name); name {
		case "WiredTiger", "storage.bson":
			files[name] = f.Data
		case "WiredTigerHS.wt":
			files["_mdb_catalog.wt"] = f.Data
		}
	}
	return files
}

func cpu(who int) time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(who, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the greatest resident memory since the last reset.
func peak() float64 {
	raw, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(raw), "VmHWM:")
	var kb float64
	_, _ = fmt.Sscan(after, &kb)
	return kb / 1024
}

func resetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// BenchmarkDirectory proves an unpacked directory that lies in the system's cache, on one core.
func BenchmarkDirectory(b *testing.B) {
	dir := b.TempDir()
	f, err := os.Create(filepath.Join(dir, "huge.wt"))
	if err != nil {
		b.Fatal(err)
	}
	h := huge{to: f, table: crc32.MakeTable(crc32.Castagnoli)}
	cookie := h.fill(b, benchSize(b), true)
	f.Close()
	for name, data := range around(cookie) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(h.at)
	resetPeak()
	before := cpu(syscall.RUSAGE_SELF)
	for b.Loop() {
		r, err := Directory(b.Context(), dir, Options{})
		if err != nil || r.Verdict != Sound {
			b.Fatal(err, told(r))
		}
	}
	took := cpu(syscall.RUSAGE_SELF) - before
	b.ReportMetric(float64(h.at)*float64(b.N)/1e9/took.Seconds(), "GB/cpu-s")
	b.ReportMetric(peak(), "peak-MiB")
}

// BenchmarkArchive proves a .tar.gz of hardly compressible data, beside gzip -t.
func BenchmarkArchive(b *testing.B) {
	path := filepath.Join(b.TempDir(), "huge.tar.gz")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	z, err := gzip.NewWriterLevel(out, 1)
	if err != nil {
		b.Fatal(err)
	}
	size := tarred(b, z, benchSize(b), true)
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	out.Close()
	b.SetBytes(size)
	var ours, theirs time.Duration
	most := 0.0
	for b.Loop() {
		resetPeak()
		in, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		before := cpu(syscall.RUSAGE_SELF)
		r, err := Archive(b.Context(), path, in, Options{})
		ours += cpu(syscall.RUSAGE_SELF) - before
		in.Close()
		if err != nil || r.Verdict != Sound {
			b.Fatal(err, told(r))
		}
		most = max(most, peak())
		before = cpu(syscall.RUSAGE_CHILDREN)
		if err := exec.CommandContext(b.Context(), "gzip", "-t", path).Run(); err != nil {
			b.Skip("no gzip here: ", err)
		}
		theirs += cpu(syscall.RUSAGE_CHILDREN) - before
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "cpu-s")
	b.ReportMetric(theirs.Seconds()/float64(b.N), "gzip-cpu-s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "of-gzip")
	b.ReportMetric(most, "peak-MiB")
}

// tarred writes a tar of one huge table and what belongs to it. The table is made twice, as its
// size must be known before it.
func tarred(b *testing.B, to io.Writer, size int64, noise bool) int64 {
	b.Helper()
	count := huge{to: io.Discard, table: crc32.MakeTable(crc32.Castagnoli)}
	count.fill(b, size, false) // the same sizes, other sums
	w := tar.NewWriter(to)
	if err := w.WriteHeader(&tar.Header{Name: "r/huge.wt", Mode: 0o600, Size: count.at, Format: tar.FormatGNU}); err != nil {
		b.Fatal(err)
	}
	h := huge{to: w, table: count.table}
	cookie := h.fill(b, size, noise)
	for name, data := range around(cookie) {
		if err := w.WriteHeader(&tar.Header{Name: "r/" + name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatGNU}); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return h.at
}

// BenchmarkMemory proves a tar of a table of which nothing is ever held, and says how much
// memory that took at most.
func BenchmarkMemory(b *testing.B) {
	size := benchSize(b)
	for b.Loop() {
		in, out := io.Pipe()
		go func() {
			tarred(b, out, size, false)
			_ = out.Close() // a pipe's never fails
		}()
		resetPeak()
		r, err := Archive(b.Context(), "huge.tar", in, Options{Notes: b.TempDir()})
		if err != nil || r.Verdict != Sound {
			b.Fatal(err, told(r))
		}
		b.ReportMetric(peak(), "peak-MiB")
	}
	b.SetBytes(size)
}
