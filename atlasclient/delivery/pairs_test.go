package delivery

import (
	"archive/tar"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"atlas-restore/state/wiredtiger"
)

// The test binary is the server and the one who fetches too, each in a process of its own, so that
// what it costs can be told from what they cost.
const (
	pairServes  = "DELIVERY_PAIR_SERVES" // a file
	pairFetches = "DELIVERY_PAIR_FETCHES"
	pairExtract = "DELIVERY_PAIR_EXTRACT"
)

// paired plays one of the two, and does not return then.
func paired() {
	if file := os.Getenv(pairServes); file != "" {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			os.Exit(1)
		}
		fmt.Println(l.Addr())
		err = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if link := os.Getenv(pairFetches); link != "" {
		r, err := Fetch(context.Background(), killedOrder(os.Getenv(victimDir), link), Options{Prover: BlockChecksums{}, Extract: os.Getenv(pairExtract) != ""})
		if err != nil {
			fmt.Fprintln(os.Stderr, err, r)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// noise writes a .tar.gz of so many bytes of tables: a small database that is sound, and one table more
// of blocks that hardly shrink. bits says how many of each byte are noise: of 8 nothing shrinks.
func noise(b *testing.B, path string, size int64, bits int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.HuffmanOnly) // matches are hardly there
	w := tar.NewWriter(z)
	var head []byte
	for _, f := range database() {
		if strings.HasSuffix(f.Name, "WiredTigerHS.wt") {
			head = f.Data[:wiredtiger.Unit]
		}
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(f.Data)), Mode: 0o600}), wrote(w.Write(f.Data))); err != nil {
			b.Fatal(err)
		}
	}
	const leaf = 28 << 10
	blocks := size / leaf
	err = w.WriteHeader(&tar.Header{Name: "restore-6561a0b1c2d3e4f5a6b7c8d9/collection-99-1.wt", Size: wiredtiger.Unit + blocks*leaf, Mode: 0o600, Format: tar.FormatGNU})
	err = errors.Join(err, wrote(w.Write(head)))
	block, table := make([]byte, leaf), crc32.MakeTable(crc32.Castagnoli)
	rng, mask := rand.New(rand.NewPCG(1, 2)), uint64(0x0101010101010101)*(1<<bits-1)
	for range blocks {
		for i := 0; i < leaf; i += 8 {
			binary.LittleEndian.PutUint64(block[i:], rng.Uint64()&mask)
		}
		clear(block[:40])
		binary.LittleEndian.PutUint32(block[16:], leaf-12)
		binary.LittleEndian.PutUint32(block[20:], 2)
		block[24] = byte(wiredtiger.PageRowLeaf)
		binary.LittleEndian.PutUint32(block[28:], leaf)
		block[36] = 1
		binary.LittleEndian.PutUint32(block[32:], crc32.Checksum(block, table))
		err = errors.Join(err, wrote(w.Write(block)))
	}
	if err = errors.Join(err, w.Close(), z.Close(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

func wrote(_ int, err error) error { return err }

// cost is what a command took.
type cost struct{ wall, cpu, mib float64 }

func run1(b *testing.B, env []string, words ...string) cost {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), words[0], words[1:]...)
	cmd.Env = append(os.Environ(), env...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", words, err, out)
	}
	s := cmd.ProcessState
	return cost{time.Since(began).Seconds(), (s.UserTime() + s.SystemTime()).Seconds(), maxRSS(s)}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkBesideTools fetches and proves a file of DELIVERY_MIB from a server on loopback, in turn with
// what people do by hand, so that what else the machine does hits both: DELIVERY_ROUNDS times. What it
// reports are medians of the quotients of one round:
//
//	DELIVERY_MIB=2000 DELIVERY_ROUNDS=5 go test ./atlasclient/delivery -run '^$' -bench BesideTools -benchtime 1x
func BenchmarkBesideTools(b *testing.B) {
	for _, tool := range []string{"sh", "curl", "gzip", "tar", "sha256sum", "tee"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(tool, " is absent")
		}
	}
	if runtime.GOOS != "linux" {
		b.Skip("it measures on Linux alone")
	}
	rounds, err := strconv.Atoi(os.Getenv("DELIVERY_ROUNDS"))
	if err != nil {
		rounds = 1
	}
	for _, bits := range []int{8, 7} {
		b.Run(fmt.Sprintf("%d bits of noise", bits), func(b *testing.B) {
			dir := b.TempDir()
			file := filepath.Join(dir, "served.tar.gz")
			noise(b, file, int64(benchSize())<<20, bits)
			server := exec.CommandContext(b.Context(), os.Args[0])
			server.Env = append(os.Environ(), pairServes+"="+file)
			says, err := server.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := server.Start(); err != nil {
				b.Fatal(err)
			}
			var at string
			if _, err := fmt.Fscanln(says, &at); err != nil {
				b.Fatal(err)
			}
			link, to := "http://"+at+"/"+token, filepath.Join(dir, "f")
			figures := map[string][]float64{}
			add := func(name string, v float64) { figures[name] = append(figures[name], v) }
			b.ResetTimer()
			for range rounds * b.N {
				out := filepath.Join(dir, "out")
				ours := run1(b, []string{pairFetches + "=" + link, victimDir + "=" + out}, os.Args[0])
				_ = os.RemoveAll(out)
				byHand := run1(b, nil, "sh", "-c", "curl -s -o "+to+" "+link+" && gzip -t "+to+" && tar -tzf "+to+" && sha256sum "+to)
				_ = os.Remove(to)
				inOne := run1(b, nil, "sh", "-c", "curl -s "+link+" | tee "+to+" | gzip -t")
				gzip := run1(b, nil, "gzip", "-t", to)
				_ = os.Remove(to)
				unpacks := run1(b, []string{pairFetches + "=" + link, victimDir + "=" + out, pairExtract + "=1"}, os.Args[0])
				_ = os.RemoveAll(out)
				add("of-by-hand", ours.wall/byHand.wall)
				add("of-in-one", ours.wall/inOne.wall)
				add("cpu-of-gzip", ours.cpu/gzip.cpu)
				add("peak-MiB", ours.mib)
				add("s", ours.wall)
				add("cpu-s", ours.cpu)
				add("by-hand-s", byHand.wall)
				add("in-one-s", inOne.wall)
				add("gzip-cpu-s", gzip.cpu)
				add("extract-s", unpacks.wall)
				add("extract-MiB", unpacks.mib)
			}
			for name, all := range figures {
				b.ReportMetric(median(all), name)
			}
		})
	}
}
