package teatest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// builds are the binaries of this test process: each is built once.
var builds struct {
	mu   sync.Mutex
	dir  string
	made map[string]func() error
}

// Main runs the tests of a package and then removes what Binary and Build have built:
//
//	func TestMain(m *testing.M) { os.Exit(teatest.Main(m)) }
//
// Such tests wait for terminals, timers and processes: more of them run beside each other than
// there are processors, unless -parallel says how many. Eight for each keep two processors busy;
// more of them cost more of their time in all, for changing between them.
func Main(m *testing.M) int {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(8 * runtime.GOMAXPROCS(0)))
	}
	defer func() { _ = os.RemoveAll(builds.dir) }()
	return m.Run()
}

// hurried has the linker make the program's clock run this much faster, which nothing else
// can: what it looks at every few seconds, or waits for, a test would have to wait for too.
const hurried = "-ldflags=-s -w -X main.hurry=20"

// Binary builds the product, once for all tests of the process, and gives its path. The
// build has no cgo, like a release; its clock is hurried.
func Binary(t testing.TB) string {
	t.Helper()
	root := moduleRoot(t)
	if _, err := os.Stat(filepath.Join(root, "main.go")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no main.go yet, hence no binary to run")
	}
	return Build(t, ".", "atlas-restore", hurried)
}

// Build builds a package of the module, named by its path from the module's root like
// "./teatest/testdata/bare", into a binary of that name. Flags are those of go build.
func Build(t testing.TB, pkg, name string, flags ...string) string {
	t.Helper()
	root := moduleRoot(t)
	builds.mu.Lock()
	if builds.made == nil {
		dir, err := os.MkdirTemp("", "teatest-")
		if err != nil {
			builds.mu.Unlock()
			t.Fatalf("making a directory for binaries: %v", err)
		}
		builds.dir, builds.made = dir, map[string]func() error{}
	}
	path := filepath.Join(builds.dir, name)
	build, ok := builds.made[path]
	if !ok {
		build = sync.OnceValue(func() error { return compile(root, pkg, path, flags) })
		builds.made[path] = build
	}
	builds.mu.Unlock()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return path
}

// compile has go run copy what it would run: of that, unlike of what go build makes, go keeps
// the linked binary, and links it anew only once the program has changed.
func compile(root, pkg, path string, flags []string) error {
	args := append([]string{"run", "-exec=cp"}, flags...)
	cmd := exec.CommandContext(context.Background(), "go", append(args, pkg, path)...) //nolint:gosec // the test says what
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// moduleRoot is the directory of go.mod: go test runs a test in its package's.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("finding the working directory: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("there is no go.mod above the test")
		}
		dir = up
	}
}
