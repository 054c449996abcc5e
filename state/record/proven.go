package record

import (
	"encoding/json"
	"fmt"
	"slices"
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

// Drilled is what stands of a drill whose checks were made: of a job of one Atlas, with the result PASS or FAIL. False for
// none. Its error is that of Read.
func (b *Book) Drilled(atlas, jobID string) (Record, bool, error) {
	rows, err := b.Read()
	if err != nil {
		return Record{}, false, err
	}
	for _, r := range slices.Backward(rows) { // the newest of a job stands
		if r.JobID == jobID && r.Atlas == atlas && r.Kind == Drill {
			return r.Record, r.Result != Incomplete && r.Times.Verified != nil, nil
		}
	}
	return Record{}, false, nil
}

// Source names what was restored: a cluster of a project of one Atlas.
type Source struct{ Atlas, ProjectID, Name string }

// Proof is the last time that the data of a source were restored and looked at, with the result PASS.
type Proof struct {
	Number     int       // of its record; 0 for none
	JobID      string    // of the restore
	At         time.Time // when the data were looked at: a record may be written later, by whoever looks at the job once more
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
	out := map[Source]Proof{}
	for _, r := range all {
		if replaced[r.SHA256] || r.Training != training {
			continue
		}
		at := Source{r.Atlas, r.Source.ProjectID, r.Source.Name}
		switch p := out[at]; r.Result {
		case Pass:
			var l line
			if err := json.Unmarshal(r.text, &l); err != nil {
				return nil, &Broken{[]Fault{{r.Number, "cannot be read"}}}
			}
			seen := r.WrittenAt
			if l.Times.Verified != nil {
				seen = *l.Times.Verified
			}
			if p.Number == 0 || training || !seen.Before(p.At) { // each training has a clock of its own
				out[at] = Proof{Number: r.Number, JobID: r.JobID, At: seen, Objectives: l.Objectives, Measured: l.Measured}
			}
		case Fail:
			p.Failed = r.Number
			out[at] = p
		case Incomplete:
		}
	}
	return out, nil
}
