package steps

import (
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/record"
)

// Proven is what the records of this machine say of restores that were proven, read once for a run. Nil
// says nothing.
type Proven struct {
	all  map[record.Source]record.Proof
	err  error // why nothing is known
	any  bool  // of a training: its Atlas has another address each time
	goal record.Objectives
	// among are the flags of the command that shows these records.
	among string
}

// NewProven reads the chain of records: not within an Update. Training has a chain of its own, which
// training says to be meant. among are the flags of the command that shows its records.
func NewProven(book *record.Book, training bool, goal record.Objectives, among string) *Proven {
	p := &Proven{any: training, goal: goal, among: among}
	all, err := book.Proofs(training)
	if p.all, p.err = all, err; training {
		p.all = map[record.Source]record.Proof{}
		for at, one := range all {
			at.Atlas = ""
			if p.all[at].Number <= one.Number {
				p.all[at] = one
			}
		}
	}
	return p
}

// ProvenAs is what is known of one cluster.
type ProvenAs struct {
	record.Proof
	cluster string
	among   string
	err     error
	missed  string
}

// Of is what is known of a cluster as a source; false where nobody has looked.
func (p *Proven) Of(endpoint, projectID, cluster string) (ProvenAs, bool) {
	if p == nil {
		return ProvenAs{}, false
	}
	at := record.Source{Atlas: state.CanonicalEndpoint(endpoint), ProjectID: projectID, Name: cluster}
	if p.any {
		at.Atlas = ""
	}
	one := p.all[at]
	return ProvenAs{Proof: one, cluster: cluster, among: p.among, err: p.err, missed: one.Missed(p.goal)}, true
}

// Cell says it in the cell of a list: "12 d ago", "never", "not known".
func (a ProvenAs) Cell(now time.Time) string {
	switch {
	case a.err != nil:
		return "not known"
	case a.Number == 0:
		return provenNever
	case a.missed != "":
		return days(a.At, now) + ", too late"
	}
	return days(a.At, now)
}

// provenNever is the cell of a cluster that was never proven.
const provenNever = "never"

// Brief says it in a few words, behind the name of the cluster.
func (a ProvenAs) Brief(now time.Time) string {
	switch {
	case a.err != nil:
		return "whether ever proven is not known"
	case a.Number == 0:
		return "never proven here"
	case a.missed != "":
		return "proven " + days(a.At, now) + ", too late"
	}
	return "proven " + days(a.At, now)
}

// Words say it in a sentence.
func (a ProvenAs) Words(now time.Time) string {
	switch {
	case a.err != nil:
		return fmt.Sprintf("Last proven restore of %s: not known, the records could not be read. To see what is wrong: %s", a.cluster, state.Command(a.among, "records", "verify"))
	case a.Number == 0 && a.Failed > 0:
		return fmt.Sprintf("A restore of %s was never proven here; record %d is a FAIL.", a.cluster, a.Failed)
	case a.Number == 0:
		return fmt.Sprintf("A restore of %s was never proven here.", a.cluster)
	}
	text := fmt.Sprintf("Last proven restore of %s: %s (record %d)", a.cluster, days(a.At, now), a.Number)
	if a.missed != "" {
		text += "; the objective was missed: " + a.missed
	}
	if a.Failed > 0 {
		text += fmt.Sprintf("; record %d behind it is a FAIL", a.Failed)
	}
	return text + "."
}

// days is how long ago that was, in whole hours or days. No clock runs backwards here: what a training
// with a faster one has written is of now, and what lies further ahead has its time.
func days(at, now time.Time) string {
	switch d := now.Sub(at); {
	case d < -time.Hour:
		return state.Ago(at, now)
	case d < time.Hour:
		return "just now"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	default:
		return fmt.Sprintf("%s ago", state.Count(int(d/(24*time.Hour)), "day"))
	}
}

// proven is what is known of a cluster as a source of this run; false where nobody has looked.
func (c Config) proven(project state.Project, cluster string) (ProvenAs, bool) {
	return c.Proven.Of(c.Endpoint, project.ID, cluster)
}

// ProvenBehind is a sentence with what is known of a cluster behind it.
func (c Config) ProvenBehind(text string, project state.Project, cluster string) string {
	if a, ok := c.proven(project, cluster); ok {
		return strings.TrimSuffix(text, ".") + "; " + a.Brief(c.Instant()) + "."
	}
	return text
}

// ProvenBrief says in a few words when the plan's source was last proven; empty where nobody has looked.
func (s *Session) ProvenBrief() string {
	if a, ok := s.Cfg.proven(s.Plan.Project, s.Plan.Cluster.Name); ok {
		return a.Brief(s.Cfg.Instant())
	}
	return ""
}

// ProvenWords say the same in a sentence.
func (s *Session) ProvenWords() string {
	if a, ok := s.Cfg.proven(s.Plan.Project, s.Plan.Cluster.Name); ok {
		return a.Words(s.Cfg.Instant())
	}
	return ""
}

// provenClause says it by ear.
func (s *Session) provenClause() Clause { return Clause{Text: s.ProvenWords()} }

// provenResult is what is known of a cluster, for programs.
type provenResult struct {
	ClusterName string     `json:"clusterName"`
	Proven      *bool      `json:"proven"` // null: the records could not be read
	At          *time.Time `json:"at,omitempty"`
	Record      int        `json:"record,omitempty"`
	Missed      string     `json:"missed,omitempty"`       // objectives, in words
	FailedSince int        `json:"failedRecord,omitempty"` // the newest FAIL behind it
	Error       string     `json:"error,omitempty"`
}

func (a ProvenAs) result() provenResult {
	out := provenResult{ClusterName: a.cluster, Record: a.Number, Missed: a.missed, FailedSince: a.Failed}
	if a.err != nil {
		out.Error = a.err.Error()
		return out
	}
	is := a.Number > 0
	if out.Proven = &is; is {
		out.At = &a.At
	}
	return out
}

// ProvenOfMine is what is known of the sources of the jobs of this machine, each once, in their order.
// That one of an embedded Atlas was never proven is not said: its trainings have records of their own.
func ProvenOfMine(p *Proven, lines []JobLine) []ProvenAs {
	var out []ProvenAs
	done := map[record.Source]bool{}
	for _, l := range lines {
		of := record.Source{Atlas: l.endpoint, ProjectID: l.SourceProjectID, Name: l.SourceClusterName}
		a, ok := p.Of(of.Atlas, of.ProjectID, of.Name)
		if !ok || done[of] || strings.HasPrefix(of.Atlas, "http://") && a.Number == 0 {
			continue
		}
		done[of], out = true, append(out, a)
	}
	return out
}
