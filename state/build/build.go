// Package build says what this program was built of, as far as the build tells.
package build

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Info is what a program was built of. What the build did not tell is empty.
type Info struct {
	Version  string `json:"version"`            // of the release, like 1.2.3; else Go's name for the commit, or dev
	Commit   string `json:"commit,omitempty"`   // in full
	Modified bool   `json:"modified,omitempty"` // it was built of more than the commit has
	Date     string `json:"date,omitempty"`     // of the commit, in RFC 3339: the same commit gives the same program
	Go       string `json:"go"`                 // version of Go, like go1.26.8
	Platform string `json:"platform"`           // operating system and processor, like linux/amd64
}

// Of is this program. The version is the one that a release has the linker set; without one it
// is what Go has written down: of a module, or of the commit.
func Of(version string) Info {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		b = nil
	}
	return From(version, b)
}

// From is what Go has written down of a program: nil where it has not.
func From(version string, b *debug.BuildInfo) Info {
	i := Info{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b != nil {
		for _, s := range b.Settings {
			switch s.Key {
			case "vcs.revision":
				i.Commit = s.Value
			case "vcs.time":
				i.Date = s.Value
			case "vcs.modified":
				i.Modified = s.Value == "true"
			}
		}
		if i.Version == "" && b.Main.Version != "(devel)" {
			i.Version = strings.TrimPrefix(b.Main.Version, "v")
		}
	}
	if i.Version == "" {
		i.Version = "dev"
	}
	return i
}

// Text is for people: a line for each thing that is known, the version first.
func (i Info) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "atlas-restore version %s\n", i.Version)
	commit := i.Commit
	if commit != "" && i.Modified {
		commit += ", and changes that were not committed"
	}
	for _, row := range [][2]string{{"commit", commit}, {"date", i.Date}, {"go", i.Go}, {"platform", i.Platform}} {
		if row[1] != "" {
			fmt.Fprintf(&b, "%-9s %s\n", row[0], row[1])
		}
	}
	return b.String()
}

// JSON is for programs: one object, and a newline.
func (i Info) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the version: %w", err)
	}
	return append(raw, '\n'), nil
}
