// Tests of state/disk. They stand here: each package with tests is one more program to link.

package state_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"atlas-restore/state/disk"
)

// Whoever has the old file open reads all of it, and the new one is nobody else's to read.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "kept.json")
	if err := disk.Replace(path, []byte("the old one")); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" { // there an open file is not replaced
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		old, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			raw, err := io.ReadAll(old)
			if string(raw) != "the old one" {
				t.Errorf("who reads the old one gets %q, %v", raw, err)
			}
			_ = old.Close()
		}()
	}
	if err := disk.Replace(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if string(raw) != "new" {
		t.Errorf("it is %q, %v", raw, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	alone(t, path)
}

// What cannot be replaced stays as it was, and nothing is left beside it.
func TestReplaceFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.json")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Replace(path, []byte("new")); err == nil {
		t.Error("a directory was replaced")
	}
	alone(t, path)
}

func alone(t *testing.T, path string) {
	t.Helper()
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("beside it: %v, %v", files, err)
	}
}
