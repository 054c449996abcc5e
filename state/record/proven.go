package record

import (
	"encoding/json"
	"fmt"
	"time"
)

// Standing are the records that no later one replaces.
func Standing(all []Row) []Row {
	replaced := map[string]bool{}
	for _, r := range all {
		replaced[r.Replaces] = true
	}
	var out []Row
	for _, r := range all {
		if !replaced[r.SHA256] {
			out = append(out, r)
		}
	}
	return out
}

// Proven is when the data of a cluster were last restored and looked at, with the result PASS; ok is
// false for never.
func Proven(all []Row, atlas, projectID, cluster string) (at time.Time, ok bool) {
	for _, r := range Standing(all) {
		if r.Result == Pass && r.Atlas == atlas && r.Source.ProjectID == projectID && r.Source.Name == cluster && r.WrittenAt.After(at) {
			at, ok = r.WrittenAt, true
		}
	}
	return at, ok
}

// Source names what was restored: a cluster of a project of one Atlas.
type Source struct{ Atlas, ProjectID, Name string }

// Proof is the last time that the data of a source were restored and looked at, with the result PASS.
type Proof struct {
	Number     int       // of its record; 0 for none
	At         time.Time // when that was written
	Objectives Objectives
	Measured   Measured
	Failed     int // number of the newest record of that source behind it that is a FAIL; 0 for none
}

// Missed says which objectives the proof has not met, in a few words: "RTO 5 h, not 4 h". Those that are
// promised now count; where none is, those of then.
func (p Proof) Missed(now Objectives) string {
	if now == (Objectives{}) {
		now = p.Objectives
	}
	out := ""
	for _, o := range []struct {
		name string
		want int64
		got  *int64
	}{{"RTO", now.RTO, p.Measured.RTO}, {"RPO", now.RPO, p.Measured.RPO}} {
		if o.want > 0 && o.got != nil && *o.got > o.want {
			if out != "" {
				out += ", "
			}
			out += fmt.Sprintf("%s %s, not %s", o.name, seconds(*o.got), seconds(o.want))
		}
	}
	return out
}

// lined is a row with its line.
type lined struct {
	Row
	text []byte
}

// Proofs are the last proofs of all sources of the chain; what a training has written is a proof of
// training only. Of a chain that does not hold nothing is
// proven: its error is that of Read.
func (b *Book) Proofs(training bool) (map[Source]Proof, error) {
	all, err := all(b, func(text []byte, sum string) (lined, error) {
		r, err := rowOf(text, sum)
		return lined{r, text}, err
	})
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for _, r := range all {
		replaced[r.Replaces] = true
	}
	out, of := map[Source]Proof{}, map[Source]lined{}
	for _, r := range all {
		if replaced[r.SHA256] || r.Training != training {
			continue
		}
		at := Source{r.Atlas, r.Source.ProjectID, r.Source.Name}
		switch p := out[at]; r.Result {
		case Pass:
			out[at], of[at] = Proof{Number: r.Number, At: r.WrittenAt}, r
		case Fail:
			p.Failed = r.Number
			out[at] = p
		case Incomplete:
		}
	}
	for at, r := range of {
		var l line
		if err := json.Unmarshal(r.text, &l); err != nil {
			return nil, &Broken{[]Fault{{r.Number, "cannot be read"}}}
		}
		p := out[at]
		p.Objectives, p.Measured = l.Objectives, l.Measured
		out[at] = p
	}
	return out, nil
}
