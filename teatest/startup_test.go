package teatest_test

import (
	"fmt"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// What packages do as they are loaded is paid for by every start, also by a tab key. A
// regular expression that is compiled there takes kilobytes, and a large one megabytes; a
// library may bring more than what is used of it is worth.
func TestLoadingAllocatesLittle(t *testing.T) {
	t.Parallel()
	const (
		ours = 1 << 10 // of one of our packages
		// Of all, with the libraries and Go's own; 9 of it are a table of the reader of zstd, which proves
		// what a download delivers, and 17 are those of Go's ssh, by which a plan is approved.
		// It is 225 KiB; the clipboard's looks along PATH, and what runs beside is counted too, make it some more.
		most = 230 << 10
	)
	// The runtime tells what each package allocates: init NAME @0.1 ms, 0.2 ms clock, 64 bytes, 3 allocs.
	_, _, trace := teatest.RunBinary(t, teatest.Binary(t), []string{"--version"}, []string{"GODEBUG=inittrace=1"}, "")
	var all, seen int
	for line := range strings.Lines(trace) {
		var name string
		var at, clock float64
		var size int
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes", &name, &at, &clock, &size); n != 4 {
			continue
		}
		all += size
		if !strings.HasPrefix(name, "atlas-restore/") {
			continue
		}
		if seen++; size > ours {
			t.Errorf("loading %s allocates %d bytes, more than %d: make it when it is first used (state/pattern for regular expressions)", name, size, ours)
		}
	}
	if seen == 0 {
		t.Fatalf("no package of ours is told:\n%s", trace)
	}
	if all > most {
		t.Errorf("loading all packages allocates %d bytes, more than %d:\n%s", all, most, trace)
	}
}
