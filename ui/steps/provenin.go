package steps

import (
	"fmt"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
)

// fetch is what this run has come to in its directory, as the journal has it; nil where it has fetched nothing.
func (f *Fetching) fetch() *journal.Fetch {
	if f == nil || f.Done == nil {
		return nil
	}
	out := &journal.Fetch{At: f.Done.Now, Dir: f.Dir, Outcome: f.Done.Outcome}
	for _, file := range f.Done.Files {
		out.Files = append(out.Files, fetchedFile(file))
	}
	return out
}

// provenIn are the fetches of the snapshot that have proven files, as far as this run and the journal tell:
// each directory once, as it was seen last.
func (f *Fetching) provenIn() []journal.Fetch {
	if f == nil {
		return nil
	}
	all := slices.Clone(f.Proved)
	if f.Before != nil {
		all = slices.Insert(all, 0, *f.Before)
	}
	if now := f.fetch(); now != nil {
		all = append(all, *now)
	}
	var out []journal.Fetch
	for _, one := range all {
		if one.Dir == "" || len(one.Files) == 0 && !one.Proven() { // it has come to no file
			continue
		}
		out = slices.DeleteFunc(out, func(o journal.Fetch) bool { return o.Dir == one.Dir })
		if one.Proven() || provenFiles(one) > 0 {
			out = append(out, one)
		}
	}
	return out
}

// provenFiles counts those that were proven.
func provenFiles(f journal.Fetch) (n int) {
	for _, file := range f.Files {
		if file.State == fetch.Proven {
			n++
		}
	}
	return n
}

// provenBefore says what was proven already, and in which directories; empty where nothing was.
func (f *Fetching) provenBefore() string {
	var in []string
	for _, one := range f.provenIn() {
		what := "all files"
		if n := provenFiles(one); !one.Proven() && n < len(one.Files) {
			what = fmt.Sprintf("%d of %s", n, state.Count(len(one.Files), "file"))
		}
		in = append(in, what+" in "+one.Dir)
	}
	if len(in) == 0 {
		return ""
	}
	return "Proven already: " + strings.Join(in, "; ") + ". "
}
