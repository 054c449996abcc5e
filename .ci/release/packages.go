package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// manifest makes an archive a plugin of the Atlas CLI, whose root command is restore.
func manifest(binary, version string) string {
	owner, name, _ := strings.Cut(repository, "/")
	return fmt.Sprintf(`name: atlas-restore
description: Restore a cluster from its Cloud Backups, step by step, with a confirmation
version: %s
github:
  owner: %s
  name: %s
binary: %s
commands:
  restore:
    description: Restore a cluster from its Cloud Backups, step by step; restore --help says more
`, version, owner, name, binary)
}

// The places of a package's files. Debian's zsh looks in another directory than the others'.
var places = map[string][]struct{ packager, to string }{
	"atlas-restore":                  {{"", "/usr/bin/atlas-restore"}},
	"README.md":                      {{"", "/usr/share/doc/atlas-restore/README.md"}},
	"LICENSE":                        {{"", "/usr/share/doc/atlas-restore/LICENSE"}},
	"NOTICES.txt":                    {{"", "/usr/share/doc/atlas-restore/NOTICES.txt"}},
	"sbom.cdx.json":                  {{"", "/usr/share/doc/atlas-restore/sbom.cdx.json"}},
	"completions/atlas-restore.bash": {{"", "/usr/share/bash-completion/completions/atlas-restore"}},
	"completions/atlas-restore.fish": {{"", "/usr/share/fish/vendor_completions.d/atlas-restore.fish"}},
	"completions/_atlas-restore":     {{"deb", "/usr/share/zsh/vendor-completions/_atlas-restore"}, {"rpm", "/usr/share/zsh/site-functions/_atlas-restore"}},
}

// packages makes the packages of Linux, with nfpm.
func (r *release) packages(ctx context.Context, name, goarch string, all files) error {
	type info struct {
		Mode  int       `json:"mode"`
		MTime time.Time `json:"mtime"`
	}
	type content struct {
		Src      string `json:"src,omitempty"`
		Dst      string `json:"dst"`
		Packager string `json:"packager,omitempty"`
		Type     string `json:"type,omitempty"`
		Info     info   `json:"file_info"`
	}
	dir := filepath.Join(r.tmp, "package_"+goarch)
	contents := []content{{Dst: "/usr/share/doc/atlas-restore", Type: "dir", Info: info{0o755, r.date}}}
	for _, f := range all {
		at := places[f.name]
		if page, ok := strings.CutPrefix(f.name, "man/"); ok {
			var err error
			if f.raw, err = gzipped(f.raw); err != nil {
				return err
			}
			at = append(at, struct{ packager, to string }{"", "/usr/share/man/" + page + ".gz"})
		}
		src := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(src), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(src, f.raw, 0o644); err != nil {
			return err
		}
		for _, p := range at {
			contents = append(contents, content{Src: src, Dst: p.to, Packager: p.packager, Info: info{int(f.mode()), r.date}})
		}
	}
	config, err := json.Marshal(map[string]any{ // JSON is YAML too
		"name": "atlas-restore", "arch": goarch, "platform": "linux", "version": r.version, "version_schema": "semver", "mtime": r.date,
		"section": "database", "priority": "optional", "maintainer": "the owner of " + repository + " <" + strings.ToLower(strings.Split(repository, "/")[0]) + "@example.invalid>",
		"description": "Restore MongoDB Atlas clusters from their Cloud Backups\n A terminal wizard that restores, watches, downloads and proves.",
		"recommends":  []string{"ca-certificates"},
		"contents":    contents,
		"rpm":         map[string]any{"buildhost": "localhost", "summary": "Restore MongoDB Atlas clusters from their Cloud Backups"},
	})
	if err != nil {
		return err
	}
	at := filepath.Join(dir, "nfpm.yaml")
	if err := os.WriteFile(at, config, 0o644); err != nil {
		return err
	}
	for _, kind := range []string{"deb", "rpm"} {
		env := []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.date.Unix())}
		if _, err := output(ctx, env, r.nfpm, "package", "--config", at, "--packager", kind, "--target", filepath.Join(r.out, name+"."+kind)); err != nil {
			return err
		}
		r.made = append(r.made, name+"."+kind)
	}
	return nil
}
