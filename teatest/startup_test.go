package teatest_test

import (
	"fmt"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// What packages do as they are loaded is paid for by every start, also by a tab key. Ours do
// nothing: a variable is one that the compiler lays out, or is made when it is first used. A
// library may bring more than what is used of it is worth.
func TestLoadingDoesNothing(t *testing.T) {
	t.Parallel()
	// Of all libraries and Go's own; 9 of it are a table of the reader of zstd, which proves what a
	// download delivers, and 17 are those of Go's ssh, by which a plan is approved. It is 220 KiB; the
	// clipboard's looks along PATH, and what runs beside is counted too, make it some more.
	const most = 224 << 10
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
		seen++
		if name == "main" || strings.HasPrefix(name, "atlas-restore/") {
			t.Errorf("%s is made as it is loaded, %d bytes: make it when it is first used (state/pattern for regular expressions and replacers), or of constants", name, size)
		}
	}
	if seen == 0 {
		t.Fatalf("no package is told:\n%s", trace)
	}
	if all > most {
		t.Errorf("loading all packages allocates %d bytes, more than %d:\n%s", all, most, trace)
	}
}
