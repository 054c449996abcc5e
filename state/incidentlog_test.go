// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"atlas-restore/state/incident"
)

// packed is a text as Atlas sends it.
func packed(t testing.TB, text string) []byte {
	t.Helper()
	return zipped([]byte(text)).Bytes()
}

// sample is sampleLog as a text.
func sample(t testing.TB, size int64) (log string, drops int) {
	t.Helper()
	whole, err := fiveMiB()
	if err != nil || size > longest {
		t.Fatal(size, err)
	}
	end := size + int64(strings.IndexByte(whole[size:], '\n')) + 1
	log = whole[:end]
	return log, strings.Count(log, `"CMD: drop"`)
}

const longest = 5 << 20

// fiveMiB is the longest of the samples; the others are its beginnings.
var fiveMiB = sync.OnceValues(func() (string, error) {
	var b strings.Builder
	b.Grow(longest + 4<<10)
	_, err := sampleLog(&b, longest)
	return b.String(), err
})

func TestEachDropOfALogIsFound(t *testing.T) {
	t.Parallel()
	log, drops := sample(t, 5<<20)
	for name, stream := range map[string][]byte{
		"plain": []byte(log), "compressed": packed(t, log), "compressed in two": append(packed(t, log[:1<<20]), packed(t, log[1<<20:])...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []string
			tally, err := incident.NewLog("node-0", 0).Read(t.Context(), bytes.NewReader(stream), func(e incident.Event) {
				if e.Member != "node-0" || e.Who.Remote == "" {
					t.Errorf("%+v says too little", e)
				}
				found = append(found, e.Namespace.String())
			})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range drops {
				want = append(want, fmt.Sprintf("shop.orders_%d", i+1))
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if tally.Bytes != int64(len(log)) || tally.Lines != int64(strings.Count(log, "\n")) || tally.Skipped != 0 {
				t.Errorf("%+v of %d bytes", tally, len(log))
			}
			if got := tally.First.Format(time.RFC3339Nano); got[:20] != "2026-11-23T08:00:00." || !tally.Last.After(tally.First.Add(time.Minute/4)) {
				t.Errorf("from %s to %s", tally.First, tally.Last)
			}
		})
	}
}

// A log without a line in the range that was asked for comes as no byte at all.
func TestEmptyLog(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string][]byte{"no byte": nil, "nothing, compressed": packed(t, "")} {
		tally, err := incident.NewLog("node-0", 0).Read(t.Context(), bytes.NewReader(stream), func(e incident.Event) { t.Errorf("%s: %v", name, e) })
		if err != nil || tally != (incident.Tally{}) {
			t.Errorf("%s: %+v, %v", name, tally, err)
		}
	}
}

// A stream that breaks off keeps what came, and says so.
func TestLogThatBreaksOff(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	first := dropped("shop.orders") + "\n"
	noise, _ := sample(t, 1<<20)
	whole := packed(t, first+noise)
	for name, tt := range map[string]struct {
		in   io.Reader
		want error
	}{
		"compressed, cut":     {bytes.NewReader(whole[:len(whole)/2]), io.ErrUnexpectedEOF},
		"cut in its checksum": {bytes.NewReader(whole[:len(whole)-3]), io.ErrUnexpectedEOF},
		"the connection":      {io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), broken{lost}), lost},
		"plain":               {io.MultiReader(strings.NewReader(first), broken{lost}), lost},
		"stopped":             {io.MultiReader(strings.NewReader(first), broken{context.Canceled}), context.Canceled},
		"damaged":             {bytes.NewReader(append(whole[:len(whole)-8:len(whole)-8], 1, 2, 3, 4, 5, 6, 7, 8)), gzip.ErrChecksum},
	} {
		var found []string
		tally, err := incident.NewLog("node-0", 0).Read(t.Context(), tt.in, func(e incident.Event) { found = append(found, said(e)) })
		if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), "reading the log of node-0") {
			t.Errorf("%s: %v", name, err)
		}
		if len(found) == 0 || found[0] != "drop 14:02:59.812 shop.orders by conn7" || tally.Last.IsZero() {
			t.Errorf("%s: %v, %+v", name, found, tally)
		}
	}
	if _, err := incident.NewLog("node-0", 0).Read(t.Context(), bytes.NewReader(whole[:5]), func(incident.Event) {}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut in its head: %v", err)
	}
}

type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }

// Whoever stops gets what was found until then, and no more is read.
func TestReadingIsStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var reads, found int
	in := readerFunc(func(b []byte) (int, error) {
		if reads++; reads == 3 {
			stop()
		}
		return copy(b, dropped("shop.orders")+"\n"), nil
	})
	_, err := incident.NewLog("node-0", 0).Read(ctx, in, func(incident.Event) { found++ })
	if !errors.Is(err, context.Canceled) || found != reads || reads > 4 {
		t.Errorf("%d found in %d reads, %v", found, reads, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A line that is longer than any that a server writes is none, and hides none behind it.
func TestLineBeyondAllMeasure(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 1<<20)
	log := huge + "\n" + dropped("shop.a") + "\n" + dropped("shop."+huge) + "\n" + dropped("shop.b") + "\n" + huge + huge
	want := []string{"drop 14:02:59.812 shop.a by conn7", "unclear 14:02:59.812", "drop 14:02:59.812 shop.b by conn7"}
	if diff := cmp.Diff(want, incidentRead(t, log)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One log comes in several parts: who is behind a connection is remembered.
func TestPartsOfALog(t *testing.T) {
	t.Parallel()
	l := incident.NewLog("node-0", 0)
	var got []string
	for _, part := range []string{
		line("14:00:00.000", "NETWORK", 51800, "conn7", "client metadata", `{"remote":"10.0.0.7:1","doc":{"application":{"name":"deploy"}}}`),
		dropped("shop.orders"),
	} {
		if _, err := l.Read(t.Context(), strings.NewReader(part), func(e incident.Event) { got = append(got, said(e)) }); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"drop 14:02:59.812 shop.orders by deploy on conn7 from 10.0.0.7:1"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Neither the length of a log nor what it is full of makes memory grow.
func TestMemoryIsFlat(t *testing.T) {
	const most = 16 << 20
	many := func(n int, next func(i int) string) string {
		var b strings.Builder
		b.Grow(n * (len(next(n)) + 16))
		for i := range n {
			b.WriteString(next(i))
			b.WriteByte('\n')
		}
		return b.String()
	}
	log, _ := sample(t, 4<<20)
	for name, part := range map[string]func() string{
		"a log": func() string { return log },
		"connections": func() string {
			return many(40000, func(i int) string { // more than are remembered
				return line("14:00:00.000", "NETWORK", 51800, fmt.Sprintf("conn%d", i+1), "client metadata", fmt.Sprintf(`{"remote":"[2001:db8:1234:5678:9abc:def0:1234:5678]:%d","doc":{"application":{"name":"%0200d"},"driver":{"name":"%0200d"}}}`, i%60000, i, i))
			})
		},
		"drops": func() string { return many(4000, func(i int) string { return dropped(fmt.Sprintf("shop.%0200d", i)) }) },
		"databases": func() string {
			return many(20000, func(i int) string {
				return line("14:00:00.000", "COMMAND", 20338, fmt.Sprintf("conn%d", i%10), "dropDatabase - dropping collection", fmt.Sprintf(`{"db":"db%d","namespace":"db%d.%0200d"}`, i%10, i%10, i))
			})
		},
		"one line": func() string { return strings.Repeat("x", 16<<20) },
	} {
		if name != "a log" && name != "connections" && !thorough() {
			continue
		}
		part := part()
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var peak uint64
		times, rest := map[bool]int{true: 2, false: 1}[thorough()], strings.NewReader(part)
		in := readerFunc(func(b []byte) (int, error) {
			n, err := rest.Read(b)
			if err != nil && times > 0 {
				times--
				rest.Reset(part)
				n, err = rest.Read(b)
				runtime.GC() // what is left then is held
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
			return n, err //nolint:wrapcheck // the end
		})
		if _, err := incident.NewLog("node-0", 0).Read(t.Context(), in, func(incident.Event) {}); err != nil {
			t.Error(err)
		}
		if grown := int64(peak) - int64(before.HeapAlloc); grown > most {
			t.Errorf("%s: %d MiB are held", name, grown>>20)
		}
	}
}

// Lines that tell of nothing cost no allocation.
func TestLinesAllocateNothing(t *testing.T) {
	log, drops := sample(t, 4<<20)
	lines := strings.Count(log, "\n")
	got := testing.AllocsPerRun(3, func() {
		if _, err := incident.NewLog("node-0", 0).Read(context.Background(), strings.NewReader(log), func(incident.Event) {}); err != nil {
			t.Error(err)
		}
	})
	if most := float64(100*drops + lines/100); got > most {
		t.Errorf("%.0f allocations for %d lines with %d drops, %.0f at most", got, lines, drops, most)
	}
}

// A client that has stayed longer than thousands of others came and went is still known.
func TestLongConnection(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	meta := func(n int, app string) {
		b.WriteString(line("14:00:00.000", "NETWORK", 51800, fmt.Sprintf("conn%d", n), "client metadata", `{"remote":"10.0.0.7:1","doc":{"application":{"name":"`+app+`"}}}`) + "\n")
	}
	meta(7, "console")
	others := 20_000 // more than twice what is remembered
	if thorough() {
		others = 50_000
	}
	for n := range others {
		meta(8+n, "function")
	}
	b.WriteString(dropped("shop.orders"))
	if diff := cmp.Diff([]string{"drop 14:02:59.812 shop.orders by console on conn7 from 10.0.0.7:1"}, incidentRead(t, b.String())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
