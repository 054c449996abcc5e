package teatest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Documents are the README and the texts of the manual, one behind the other: what they promise
// is held by tests.
func Documents(t testing.TB) string {
	t.Helper()
	root := moduleRoot(t)
	files, err := filepath.Glob(filepath.Join(root, "ui", "manual", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the manual: %d texts, %v", len(files), err)
	}
	var out strings.Builder
	for _, f := range slices.Concat([]string{filepath.Join(root, "README.md")}, files) {
		raw, err := os.ReadFile(f) //nolint:gosec // of the source tree
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
		out.WriteString("\n")
	}
	return out.String()
}
