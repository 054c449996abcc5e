package state_test

import (
	"encoding/json"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// plans are one of each kind of request.
func plans() map[string]state.Plan {
	oplog := plan(state.PointInTime)
	oplog.Instant = state.Instant{OplogTs: 1795442579, OplogInc: 7}
	return map[string]state.Plan{
		"automated": plan(state.Automated), "download": plan(state.Download),
		"moment": plan(state.PointInTime), "oplog": oplog,
		"collections": orders(), "collections of a moment": plan(state.PointInTime).WithDelivery(state.Collections).WithOnly(strange()),
	}
}

const (
	usual   = "https://cloud.mongodb.com"
	another = "http://127.0.0.1:8080"
)

// peer is what a command of the Atlas CLI takes: testdata/peers.json.
type peer struct {
	Note     string
	Words    []string
	Argument []string
	Flags    []string
	Required map[string][]string
	Versions []string // of the API
	Stdin    bool
}

// The printed lines of the Atlas CLI are run by a shell, and every word that reaches the CLI
// is one that it takes.
func TestAtlasCLILines(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var peers []peer
	if err := json.Unmarshal(raw, &peers); err != nil {
		t.Fatal(err)
	}
	all := plans()
	for i, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		for j, base := range []string{usual, another} {
			if !few(i+j, 2) { // the suite has each plan with one address, and each address with half of the plans
				continue
			}
			for _, e := range state.InOtherWords(p, base) {
				if strings.HasPrefix(e.Name, "Atlas CLI") {
					t.Run(name+", "+base+", "+e.Name, func(t *testing.T) {
						t.Parallel()
						got := runAtlas(t, e.Text)
						got.wantTaken(t, peers, e)
						if got.stdin != "" {
							want, _ := p.Request()
							if raw, _ := json.Marshal(want.Body()); got.stdin != string(raw) {
								t.Errorf("the body is %s, want %s", got.stdin, raw)
							}
						}
						got.wantApart(t, base)
					})
				}
			}
		}
	}
}

// heard is what a program in the CLI's place was given.
type heard struct {
	words             []string
	stdin             string
	env               map[string]string
	home, left, lasts string // the user's own folder; what is written there; what of the CLI's folder is still there
}

// runAtlas runs a line in a shell, with a program in the CLI's place that does what the CLI
// does with the address: it writes it to its configuration.
func runAtlas(t *testing.T, line string) heard {
	t.Helper()
	dir := t.TempDir()
	h := heard{home: filepath.Join(dir, "home"), env: map[string]string{}}
	const stand = `#!/bin/sh
printf '%s\n' "$@" > "$HEARD/words"
env > "$HEARD/env"
[ -t 0 ] || cat > "$HEARD/stdin"
config="${XDG_CONFIG_HOME:-$HOME/.config}/atlascli"
mkdir -p "$config" && echo "ops_manager_url=$MONGODB_ATLAS_OPS_MANAGER_URL" > "$config/config.toml"
`
	for path, text := range map[string]string{"bin/atlas": stand, "home/.keep": ""} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
	cmd.Env = []string{"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + h.home, "HEARD=" + dir, "TMPDIR=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, line, out)
	}
	read := func(path string) string {
		raw, _ := os.ReadFile(path)
		return strings.TrimSuffix(string(raw), "\n")
	}
	h.words, h.stdin = strings.Split(read(dir+"/words"), "\n"), read(dir+"/stdin")
	for l := range strings.Lines(read(dir + "/env")) {
		key, value, _ := strings.Cut(strings.TrimSpace(l), "=")
		h.env[key] = value
	}
	h.left = read(h.home + "/.config/atlascli/config.toml")
	if own := h.env["HOME"]; own != h.home {
		if _, err := os.Stat(own); err == nil {
			h.lasts = own
		}
	}
	return h
}

// wantTaken asserts that the CLI takes every word, and misses none.
func (h heard) wantTaken(t *testing.T, peers []peer, e state.Elsewhere) {
	t.Helper()
	i := slices.IndexFunc(peers, func(p peer) bool {
		return len(h.words) > len(p.Words) && slices.Equal(h.words[:len(p.Words)], p.Words)
	})
	if i < 0 {
		t.Fatalf("the CLI has no such command: %q", h.words)
	}
	p, rest, kind := peers[i], h.words[len(peers[i].Words):], ""
	if !strings.HasPrefix(e.Note, p.Note) {
		t.Errorf("it is printed %q, and is %q", e.Note, p.Note)
	}
	if len(p.Argument) > 0 {
		if kind, rest = rest[0], rest[1:]; !slices.Contains(p.Argument, kind) {
			t.Errorf("it takes no %q: %q", kind, h.words)
		}
	}
	given := map[string]string{}
	for len(rest) > 0 {
		flag, ok := strings.CutPrefix(rest[0], "--")
		if !ok || len(rest) < 2 || !slices.Contains(p.Flags, flag) {
			t.Fatalf("it takes no %q: %q", rest[0], h.words)
		}
		given[flag], rest = rest[1], rest[2:]
	}
	for _, flag := range p.Required[kind] {
		if given[flag] == "" {
			t.Errorf("it needs --%s: %q", flag, h.words)
		}
	}
	if v := given["version"]; v != "" && !slices.Contains(p.Versions, v) {
		t.Errorf("it has no version %q of that operation", v)
	}
	if given["file"] != "" && h.stdin != "" {
		t.Errorf("it refuses --file beside standard input: %q", h.words)
	}
	if p.Stdin && given["file"] == "" && h.stdin == "" {
		t.Errorf("it is given no body: %q", h.words)
	}
}

// wantApart asserts that an address other than the CLI's own is not kept in the user's
// configuration, nor in the place of a profile of theirs, and that nothing remains.
func (h heard) wantApart(t *testing.T, base string) {
	t.Helper()
	url, profile := h.env["MONGODB_ATLAS_OPS_MANAGER_URL"], h.env["MONGODB_ATLAS_PROFILE"]
	if base == usual {
		if url != "" || profile != "" || h.env["HOME"] != h.home {
			t.Errorf("it would not use its own profile: %q", h.env)
		}
		return
	}
	if url != base+"/" || profile == "" || profile == "default" || strings.ContainsAny(profile, ".ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t.Errorf("it would go to %q, by the profile %q", url, profile)
	}
	if h.left != "" || h.env["HOME"] == h.home || h.env["XDG_CONFIG_HOME"] != h.env["HOME"] {
		t.Errorf("the user's own configuration now has %q", h.left)
	}
	if h.lasts != "" {
		t.Errorf("%s is left", h.lasts)
	}
}

// The printed program is as gofmt writes it, and compiles with the SDK that it names: with the
// names and shapes of testdata/atlas-sdk: the last before CloudBackupsAPI, those since, and those
// that restore collections.
func TestGoProgram(t *testing.T) {
	t.Parallel()
	sdk := newSDKs(t, "v20250312021", "v20250312022", "v20250312023")
	for name, p := range plans() {
		for _, e := range state.InOtherWords(p, another) {
			if e.Name != "Go SDK" {
				continue
			}
			if raw, err := format.Source([]byte(e.Text)); err != nil || string(raw) != e.Text {
				t.Errorf("%s: gofmt makes something else of it (%v):\n%s", name, err, e.Text)
			}
			before, since := "v20250312021", "v20250312022"
			if p.Delivery == state.Collections {
				before, since = "v20250312022", "v20250312023"
			}
			if !strings.HasPrefix(e.Note, "For Atlas Go SDK "+since+" to v20250312025") {
				t.Errorf("%s: it is printed %q", name, e.Note)
			}
			if err := sdk.compile(e.Text, since); err != nil {
				t.Errorf("%s: it does not compile: %v\n%s", name, err, e.Text)
			}
			if err := sdk.compile(e.Text, before); err == nil {
				t.Errorf("%s: it compiles with %s, which lacks what it calls", name, before)
			}
		}
	}
}

// sdks are the packages of the SDK by their version, beside the standard library.
type sdks struct {
	files    *token.FileSet
	standard types.Importer
	admin    map[string]*types.Package
}

func newSDKs(t *testing.T, versions ...string) sdks {
	t.Helper()
	s := sdks{files: token.NewFileSet(), admin: map[string]*types.Package{}}
	s.standard = importer.ForCompiler(s.files, "gc", compiled(t, "net/http", "encoding/json"))
	for _, v := range versions {
		raw, err := os.ReadFile("testdata/atlas-sdk/" + v + ".go.txt")
		if err != nil {
			t.Fatal(err)
		}
		if s.admin[v], err = s.check(string(raw), s.standard); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// compiled finds what go has compiled of these packages and of those that they import. Go is
// asked once: the importer itself would ask it for each.
func compiled(t *testing.T, packages ...string) importer.Lookup {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, packages...)...).Output()
	if err != nil {
		t.Fatalf("asking go for the standard library: %v", err)
	}
	at := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		at[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(at[path]) }
}

func (s sdks) check(text string, from types.Importer) (*types.Package, error) {
	f, err := parser.ParseFile(s.files, "main.go", text, parser.AllErrors)
	if err != nil {
		return nil, err
	}
	with := types.Config{Importer: from}
	return with.Check("main", s.files, []*ast.File{f}, nil)
}

// compile checks the types of a program against a version of the SDK.
func (s sdks) compile(program, version string) error {
	_, err := s.check(program, imports(func(path string) (*types.Package, error) {
		if strings.HasPrefix(path, "go.mongodb.org/atlas-sdk/v20250312") && strings.HasSuffix(path, "/admin") {
			return s.admin[version], nil
		}
		return s.standard.Import(path)
	}))
	return err
}

type imports func(string) (*types.Package, error)

func (i imports) Import(path string) (*types.Package, error) { return i(path) }

// strange are names that a shell, Go and Terraform each would take for something else.
func strange() collections.Choice {
	it := collections.Name{Database: "shop", Collection: `it's "%{here}"\n`}
	return collections.Choice{}.With(it).With(collections.Name{Database: "crm"}).Renamed(it, collections.Name{Database: "shop", Collection: "back"})
}

// Single collections have a resource of Terraform beside the other forms, in which no name is a
// template or ends its string.
func TestTerraform(t *testing.T) {
	for _, p := range []state.Plan{plan(state.Automated), plan(state.Download), plan(state.PointInTime)} {
		for _, e := range state.InOtherWords(p, usual) {
			if e.Name == "Terraform" {
				t.Errorf("%s has a resource", p.Delivery)
			}
		}
	}
	all := state.InOtherWords(plans()["collections of a moment"], usual)
	got := all[len(all)-1]
	const want = `resource "mongodbatlas_cloud_backup_collection_restore_job" "restore" {
  project_id                = "65f0c1d2e3a4b5c6d7e8f901"
  cluster_name              = "orders-prod"
  target_project_id         = "65f0c1d2e3a4b5c6d7e8f902"
  target_cluster_name       = "orders-stg"
  point_in_time_utc_seconds = 1795442579
  write_strategy            = "CREATE_NEW"
  index_strategy            = "ALL"

  databases = [
    { source_namespace = "crm", target_namespace = "crm" },
  ]

  collections = [
    { source_namespace = "shop.it's \"%%{here}\"\\n", target_namespace = "shop.back" },
  ]
}
`
	if got.Name != "Terraform" || got.Text != want {
		t.Errorf("%s:\n%s", got.Name, got.Text)
	}
	if len(all) != 5 {
		t.Errorf("%d ways, want the Atlas CLI, two of curl, Go and Terraform", len(all))
	}
}
