package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is awaited is also the begin of what is said when it fails: "Loading the projects failed."
// With an apposition at its end that is no sentence.
func TestWhatIsAwaitedCanFail(t *testing.T) {
	t.Parallel()
	begins := regexp.MustCompile(`(?:\.start\([\w.]+, |Explain\(|load\(f, )"([^"]*)"`)
	var files []string
	for _, dir := range []string{".", "lines", "steps"} {
		in, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, in...)
	}
	found := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range begins.FindAllStringSubmatch(string(raw), -1) {
			if found++; strings.Contains(m[1], ",") {
				t.Errorf("%s: %q failed. is no sentence", file, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d found", found)
	}
}
