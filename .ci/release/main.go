// Command release builds what is given away of one version: an archive for each platform, which
// is a plugin of the Atlas CLI too, packages for Linux, a list of what is in each binary, and
// checksums. It publishes nothing. From the root of a checkout:
//
//	go run ./.ci/release                                  # all platforms, into dist
//	go run ./.ci/release -platforms linux/amd64 -out DIR
//
// The version is the tag of the commit, like v1.2.3; without one it is Go's name for the commit.
// The same commit and the same Go give the same bytes, wherever it is built: all times are the
// commit's.
//
// What the owner still has to say stands here: repository, and a LICENSE at the top level, which
// goes into every archive and package once it is there. Signing comes after this program, and
// before anything is uploaded; publish, beside this file, has the places for both.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// repository is where releases are published. The Atlas CLI looks there for a newer plugin, and
// does not start one that names none: until the owner has set it, there is no update.
const repository = "OWNER/atlas-restore"

// platforms are those that are released.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// release is what is built of one version.
type release struct {
	version string
	date    time.Time // of the commit: that of every file
	state   string    // of the checkout: its commit, and what differs from that
	out     string    // directory of what is given away
	tmp     string    // directory of what it is made of
	nfpm    string    // path of the program that makes packages; empty: there are none
	made    []string  // names in out
}

func main() {
	r := release{}
	only := flag.String("platforms", strings.Join(platforms, ","), "that are built, like linux/amd64; here is the one of this machine")
	flag.StringVar(&r.version, "version", "", "like 1.2.3; empty: the tag of the commit, or Go's name for it")
	flag.StringVar(&r.out, "out", "dist", "the directory that it is built into; what an earlier build has left there is taken away")
	flag.StringVar(&r.nfpm, "nfpm", "nfpm", "the program that makes deb and rpm; empty: they are not made")
	flag.Parse()
	if err := r.build(context.Background(), strings.Split(strings.ReplaceAll(*only, "here", runtime.GOOS+"/"+runtime.GOARCH), ",")); err != nil {
		fmt.Fprintln(os.Stderr, "Error: "+err.Error())
		os.Exit(1)
	}
}

func (r *release) build(ctx context.Context, only []string) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	var err error
	if r.tmp, err = os.MkdirTemp("", "release-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.tmp)
	docs, err := r.docs(ctx)
	if err != nil {
		return fmt.Errorf("writing man pages and completions: %w", err)
	}
	for _, p := range only {
		goos, goarch, ok := strings.Cut(p, "/")
		if !ok || !slices.Contains(platforms, p) {
			return fmt.Errorf("platform %q: there are %s", p, strings.Join(platforms, ", "))
		}
		if err := r.platform(ctx, goos, goarch, docs); err != nil {
			return fmt.Errorf("building for %s: %w", p, err)
		}
	}
	if now, err := checkout(ctx); err != nil || now != r.state {
		return errors.Join(errors.New("the checkout has changed meanwhile: build it again"), err)
	}
	return r.checksums()
}

// checkout is the commit, and what differs from it.
func checkout(ctx context.Context) (string, error) {
	commit, err := output(ctx, nil, "git", "rev-parse", "HEAD")
	if err != nil {
		return "", err
	}
	changed, err := output(ctx, nil, "git", "status", "--porcelain")
	return strings.TrimSpace(commit + "\n" + changed), err
}

// look finds out of which commit it is built.
func (r *release) look(ctx context.Context) error {
	seconds, err := output(ctx, nil, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return fmt.Errorf("reading the date of the commit: %w", err)
	}
	r.date = time.Unix(n, 0).UTC()
	if r.state, err = checkout(ctx); err != nil {
		return err
	}
	commit, changed, _ := strings.Cut(r.state, "\n")
	if changed != "" {
		fmt.Fprintln(os.Stderr, "NOTE: there are changes that were not committed: this is no release.")
	}
	if r.version == "" {
		tag, err := output(ctx, nil, "git", "describe", "--tags", "--exact-match", "--match", "v*")
		r.version = strings.TrimPrefix(tag, "v")
		if err != nil || changed != "" {
			r.version = fmt.Sprintf("0.0.0-%s-%.12s", r.date.Format("20060102150405"), commit)
		}
	}
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(r.version) {
		return fmt.Errorf("version %q: it is like 1.2.3", r.version)
	}
	if _, err := os.Stat("LICENSE"); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "NOTE: there is no LICENSE: the owner has to choose one before anybody else may use what is built here.")
	}
	return nil
}

// compile builds the program for a platform, once, and gives its path.
func (r *release) compile(ctx context.Context, goos, goarch string) (string, error) {
	to := filepath.Join(r.tmp, goos+"_"+goarch, "atlas-restore")
	if goos == "windows" {
		to += ".exe"
	}
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	_, err := output(ctx, target(goos, goarch), "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -X main.version="+r.version, "-o", to, ".")
	return to, err
}

// target is what the environment says of a platform. What else of it would change the result is
// taken back.
func target(goos, goarch string) []string {
	return []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT="}
}

// docs are what is the same for every platform: README, man pages, completions, and a LICENSE.
func (r *release) docs(ctx context.Context) (files, error) {
	here, err := r.compile(ctx, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	var out files
	for _, name := range []string{"README.md", "LICENSE"} {
		raw, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == "LICENSE":
			continue
		case err != nil:
			return nil, err
		}
		out = append(out, file{name: name, raw: raw})
	}
	man := filepath.Join(r.tmp, "man")
	if _, err := output(ctx, nil, here, "man", man); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(man)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		raw, err := os.ReadFile(filepath.Join(man, p.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, file{name: "man/man1/" + p.Name(), raw: raw})
	}
	for shell, name := range map[string]string{"bash": "atlas-restore.bash", "zsh": "_atlas-restore", "fish": "atlas-restore.fish", "powershell": "atlas-restore.ps1"} {
		script, err := output(ctx, nil, here, "completion", shell)
		if err != nil {
			return nil, err
		}
		out = append(out, file{name: "completions/" + name, raw: []byte(script + "\n")})
	}
	return out.sorted(), nil
}

// platform builds what there is for one.
func (r *release) platform(ctx context.Context, goos, goarch string, docs files) error {
	at, err := r.compile(ctx, goos, goarch)
	if err != nil {
		return err
	}
	binary := filepath.Base(at)
	raw, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	bom, err := r.materials(at)
	if err != nil {
		return fmt.Errorf("listing what is in the binary: %w", err)
	}
	notices, err := notices(ctx, goos, goarch)
	if err != nil {
		return fmt.Errorf("collecting the licences: %w", err)
	}
	all := append(slices.Clone(docs),
		file{name: binary, raw: raw, runs: true},
		file{name: "manifest.yml", raw: []byte(manifest(binary, r.version))},
		file{name: "NOTICES.txt", raw: notices},
		file{name: "sbom.cdx.json", raw: bom},
	).sorted()
	name := fmt.Sprintf("atlas-restore_%s_%s_%s", r.version, goos, goarch)
	if err := r.write(name+".cdx.json", bom); err != nil {
		return err
	}
	if goos == "windows" {
		zipped, err := zipped(name, all, r.date)
		if err != nil {
			return err
		}
		return r.write(name+".zip", zipped)
	}
	packed, err := tarred(name, all, r.date)
	if err != nil {
		return err
	}
	if err := r.write(name+".tar.gz", packed); err != nil || goos != "linux" || r.nfpm == "" {
		return err
	}
	return r.packages(ctx, name, goarch, all)
}

func (r *release) write(name string, raw []byte) error {
	r.made = append(r.made, name)
	return os.WriteFile(filepath.Join(r.out, name), raw, 0o644)
}

// checksums are for sha256sum -c.
func (r *release) checksums() error {
	slices.Sort(r.made)
	var out strings.Builder
	for _, name := range r.made {
		raw, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(raw), name)
	}
	fmt.Print(out.String())
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(out.String()), 0o644)
}

// output runs a program, and gives what it says on standard output without the blanks around it.
func output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("running %s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
