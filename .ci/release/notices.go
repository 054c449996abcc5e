package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// legal is what files are called that say under which terms a module is.
var legal = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|copyright)([-._].*)?$`)

// notices are the licences of all that is linked into the binary for a platform: of Go, and of
// each module those at its top and beside each package that is used, up to the top. A module
// without one is an error: nobody may give it away.
func notices(ctx context.Context, goos, goarch string) ([]byte, error) {
	listed, err := output(ctx, target(goos, goarch), "go", "list", "-deps", "-json=Dir,Standard,Module", ".")
	if err != nil {
		return nil, err
	}
	root, err := output(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	type module struct{ name, top string }
	dirs := map[module][]string{{"Go and its standard library", root}: {root}}
	for d := json.NewDecoder(strings.NewReader(listed)); ; {
		var p struct {
			Dir      string
			Standard bool
			Module   *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Standard || p.Module == nil || p.Module.Main {
			continue
		}
		m := module{p.Module.Path + " " + p.Module.Version, p.Module.Dir}
		for dir := p.Dir; ; dir = filepath.Dir(dir) {
			if !slices.Contains(dirs[m], dir) {
				dirs[m] = append(dirs[m], dir)
			}
			if dir == m.top || len(dir) <= len(m.top) {
				break
			}
		}
	}
	var modules []module
	for m := range dirs {
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.name, b.name) })
	var out bytes.Buffer
	out.WriteString("What atlas-restore is built of, and under which terms.\n")
	for _, m := range modules {
		found := 0
		slices.Sort(dirs[m])
		for _, dir := range dirs[m] {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				if e.IsDir() || !legal.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
					continue
				}
				raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
				if err != nil {
					return nil, err
				}
				at, err := filepath.Rel(m.top, filepath.Join(dir, e.Name()))
				if err != nil {
					return nil, err
				}
				found++
				fmt.Fprintf(&out, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("=", 78), m.name, filepath.ToSlash(at), bytes.TrimRight(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), "\n"))
			}
		}
		if found == 0 {
			return nil, fmt.Errorf("%s has no licence in %s", m.name, m.top)
		}
	}
	return out.Bytes(), nil
}
