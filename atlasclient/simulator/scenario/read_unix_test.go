//go:build unix

package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What may never end, or never begin, is refused at once, whatever it is called.
func TestReadIsBounded(t *testing.T) {
	dir := t.TempDir()
	fifo, large, link := filepath.Join(dir, "fifo.yaml"), filepath.Join(dir, "large.yaml"), filepath.Join(dir, "link.yaml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, []byte("# "+strings.Repeat("x", mostBytes)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(fifo, link); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		fifo: "no regular file", link: "no regular file", "/dev/zero": "no regular file", dir: "no regular file", large: "larger than 1024 KiB",
		filepath.Join(dir, "none.yaml"): "no such file",
	} {
		refused := make(chan error, 1)
		go func() {
			_, err := Read(file)
			refused <- err
		}()
		select {
		case err := <-refused:
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) || len(err.Error()) > 300 {
				t.Errorf("%s: %v, want %q", file, err, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s is waited for", file)
		}
	}
}
