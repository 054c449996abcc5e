package fetch

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// longestName leaves room for what is added while a file is fetched.
const longestName = 160

// reserved are names that mean a device on Windows, whatever their ending.
var reserved = []string{
	"con", "prn", "aux", "nul",
	"com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// FileName is the name of the archive of one replica set; replicaSet is empty where the cluster
// has one only, and taken, the snapshot's time, zero where it is not known. It is made of what
// this program knows, never of a link or of what a server calls the file.
func FileName(cluster, replicaSet string, taken time.Time) string {
	parts := []string{cluster}
	if replicaSet != "" && replicaSet != cluster {
		parts = append(parts, replicaSet)
	}
	if !taken.IsZero() {
		parts = append(parts, taken.UTC().Format("20060102T150405Z"))
	}
	return CleanName(strings.Join(parts, "_") + ".tar.gz")
}

// CleanName is name as a file in one directory, on every system: letters of ASCII, digits, and
// dots, dashes and underscores between them.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
	if len(name) > longestName { // what tells archives apart stands at the end
		name = name[len(name)-longestName:]
	}
	name = strings.TrimRight(strings.TrimLeft(name, ".-_"), ".")
	if name == "" {
		name = "archive.tar.gz"
	}
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if slices.Contains(reserved, stem) {
		name = "archive-" + name
	}
	return name
}

// CleanNames are the names of files that go into one directory. No two are the same, on a
// system that takes capital letters for small ones either.
func CleanNames(names []string) []string {
	taken := map[string]bool{ManifestName: true, SumsName: true, strings.ToLower(GuideName): true}
	out := make([]string, len(names))
	for i, name := range names {
		name = CleanName(name)
		stem, ending, _ := strings.Cut(name, ".")
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = stem + "-" + strconv.Itoa(n) + "." + ending
		}
		taken[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}
