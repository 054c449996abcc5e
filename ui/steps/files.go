package steps

import (
	"cmp"
	"fmt"
	"time"

	"atlas-restore/state"
)

// Use is what is known here of a file's links. Atlas does not tell whether one was used: no use
// seen is no promise that there was none.
type Use int

// The uses, from none on.
const (
	Unused  Use = iota
	Shown       // a link was shown whole, or copied: somebody has it
	Used        // bytes have come over it here
	Fetched     // the file is proven here, or somebody here has said so
)

// String is the use in words.
func (u Use) String() string {
	return [...]string{"unused as far as known", "shown to you", "used here", "fetched"}[u]
}

// File is one file of a download: the archive of a replica set or of a shard, with all links
// that lead to it. They are the same file: fetched by one of them, all are used up.
type File struct {
	Name  string
	Links []Link // the public one first; empty where none has come yet
	Loose bool   // Atlas does not tell which file the links lead to
}

// Private says whether the file has a link over a private endpoint beside its public one.
func (f File) Private() bool { return len(f.Links) > 1 }

// FilesOf are the files of a download, in Atlas's order.
func FilesOf(p state.Plan, j state.Job) []File {
	out := make([]File, len(j.Deliveries))
	for i, d := range j.Deliveries {
		out[i].Name = cmp.Or(d.ReplicaSet, p.Cluster.Name)
		if d.ReplicaSet == "" && len(out) > 1 {
			out[i].Name = fmt.Sprintf("file %d", i+1)
		}
	}
	var loose []Link
	for _, l := range Links(j) {
		if at := l.File - 1; at >= 0 {
			out[at].Links = append(out[at].Links, l)
		} else if len(out) == 1 {
			out[0].Links = append(out[0].Links, l)
		} else {
			loose = append(loose, l)
		}
	}
	if len(loose) > 0 {
		out = append(out, File{Name: "one of these files", Links: loose, Loose: true})
	}
	return out
}

// Standing is how a file of a job stands: what was seen of its use, and until when its links are
// good, each in a few words. Atlas does not tell of any use: what was not seen may have been.
func (f File) Standing(j state.Job, use Use, now time.Time) (word, expires string) {
	word = use.String()
	switch {
	case len(f.Links) == 0:
		word = "no link yet"
	case j.State(now) == state.Expired:
		word = state.Expired.String()
	}
	if !j.ExpiresAt.IsZero() && use != Fetched {
		expires = state.FromNow(j.ExpiresAt, now)
	}
	return word, expires
}

// Line is that in one line.
func (f File) Line(j state.Job, use Use, now time.Time) string {
	word, expires := f.Standing(j, use, now)
	switch {
	case expires == "":
		return word
	case word == state.Expired.String():
		return word + " " + expires
	}
	return word + ", expires " + expires
}

// Curl is the command that fetches a link, as it can be pasted into bash or zsh: it asks for the link, so
// that no history and no list of processes has it.
const Curl = `read -rs L; printf 'url="%s"' "$L" | curl -fLO -K -`

// Where says over which way a link leads, in a few words.
func (l Link) Where() string {
	if l.Endpoint == "" {
		return "over the internet" + l.Open
	}
	return "over private endpoint " + l.Endpoint + l.Open
}
