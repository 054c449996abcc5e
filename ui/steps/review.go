package steps

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// Clause is one line of the review: a lead word and what it says.
type Clause struct {
	Lead, Text string
	Warn       bool
}

// ofCheck says that the clause is what the checks have found.
func (c Clause) ofCheck() bool {
	return slices.Contains([]string{"BLOCK", "UNKNOWN", "Warning", "Checked"}, c.Lead)
}

// Line is the clause as a sentence of its own.
func (c Clause) Line() string {
	between := " "
	switch c.Lead {
	case "Chosen", "Names", "Indexes", "Lost", "Missing", "Down", "Then", "Checked", "Safer", "Base", "Plan", "BLOCK", "UNKNOWN", "Warning":
		between = ": "
	case "":
		between = ""
	}
	return c.Lead + between + strings.TrimRight(c.Text, ".") + "."
}

// Ways are what a face calls the safer ways that the review offers first.
type Ways struct{ Another, Safety, Unsafe string }

// Review says in words what will happen to what, what is lost by it, and what the checks
// have found, as far as they are made.
func (s *Session) Review(ways Ways) []Clause {
	p, now := s.Plan, s.Cfg.Instant()
	told, fine := checkClauses(s.Cfg, s.told())
	from := fmt.Sprintf("%s (%s)", p.Cluster.Name, p.Project.Name)
	at := p.Snapshot.When()
	point := fmt.Sprintf("the snapshot of %s%s, %s", SnapshotName(p.Snapshot, now), s.here(at, "15:04"), state.Ago(at, now))
	if p.ByMoment() {
		at = p.Instant.Time()
		point = AsItWas(p.Instant, now) + s.here(at, "15:04:05") + ", " + state.Ago(at, now)
	}
	size := ""
	if p.Delivery == state.Download || p.Delivery == state.Automated {
		size = sized(p.Snapshot.StorageSizeBytes)
	}
	checked := Clause{"Checked", fine, false}
	if p.Delivery == state.Collections {
		into := fmt.Sprintf("%s (%s)%s, which stays up", p.Target.ClusterName, p.Target.Project.Name, s.labelled(p))
		return spoken(slices.Concat([]Clause{{"Restore", ChosenNames(p.Only, 3) + " of " + from + ", " + point, false}, {"Into", into, false}}, told, s.Follows(ways), []Clause{s.provenClause(), checked}))
	}
	if !p.Delivery.Overwrites() {
		return spoken(slices.Concat([]Clause{{"Download", from + ", " + point + size, false}}, told, s.Follows(ways), []Clause{s.provenClause(), checked}))
	}
	target := p.Target.ClusterName
	onto := fmt.Sprintf("%s (%s)%s, which is erased first.", target, p.Target.Project.Name, s.labelled(p))
	if p.OntoItself() {
		onto = fmt.Sprintf("%s itself (%s)%s, which is erased first.", target, p.Project.Name, s.labelled(p))
	}
	return spoken(slices.Concat([]Clause{{"Restore", from + ", " + point + size, false}, {"Onto", onto, true}}, told, s.Follows(ways), []Clause{s.provenClause(), checked}))
}

// Chosen says why it is that moment, or that snapshot; without a text where a person chose it.
func Chosen(p state.Plan) Clause { return Clause{Lead: "Chosen", Text: p.Evidence.Why} }

// Follows says what follows from the plan: what is lost, what is not in the data, what is
// down and for how long.
func (s *Session) Follows(ways Ways) []Clause {
	return spoken(append(s.follows(ways), s.planClause()))
}

func (s *Session) follows(ways Ways) []Clause {
	p, now := s.Plan, s.Cfg.Instant()
	if p.Delivery == state.Collections {
		return s.collectionsFollow(ways)
	}
	if !p.Delivery.Overwrites() {
		return spoken([]Clause{
			{"Lost", "nothing: no cluster is touched.", false},
			Chosen(p),
			{"Then", "Atlas prepares the files: " + usually(s.Cfg, p) + ". " + linkLife(p.Cluster.Family), false},
		})
	}
	at := p.Snapshot.When()
	base := ""
	if p.Delivery == state.PointInTime {
		at, base = p.Instant.Time(), state.FromBase(s.base, p.Instant, now)
	}
	target := p.Target.ClusterName
	lost := fmt.Sprintf("all that %s holds now; it is erased first.", target)
	missing := fmt.Sprintf("what was written to %s since, the last %s.", p.Cluster.Name, state.Age(now.Sub(at)))
	if p.OntoItself() {
		lost = fmt.Sprintf("every write to %s since %s, the last %s: all of %s is erased first.", target, state.UTC(at, now), state.Age(now.Sub(at)), target)
		missing = ""
	}
	return spoken([]Clause{
		{"Lost", lost, true},
		{"Missing", missing, false},
		{"Down", target + ", until Atlas has finished: " + usually(s.Cfg, p) + ". This cannot be cancelled.", true},
		Chosen(p),
		{"Safer", s.safer(ways), false},
		{"Base", base, false},
	})
}

// WhyTrain says why a name is confirmed with other words in a training.
const WhyTrain = "No real cluster has train/ in its name."

// End is one of the two ends of a plan: where the data come from, and where they go.
type End struct {
	Project, Cluster string   // no cluster: files
	About            []string // below the name
	Erased           bool     // it is erased first
	Overwritten      string   // what of it is erased, where that is not all
}

// Ends are both ends of the plan.
func (s *Session) Ends() (from, to End) {
	p, now := s.Plan, s.Cfg.Instant()
	from = End{Project: p.Project.Name, Cluster: p.Cluster.Name, About: []string{p.Project.Name}}
	at := p.Snapshot.When()
	point := state.UTC(at, now)
	if p.ByMoment() {
		at = p.Instant.Time()
		point = state.UTCSecond(at, now)
		if p.Instant.ByOplog() {
			point += fmt.Sprintf(", entry %d", p.Instant.OplogInc)
		}
	} else if p.Snapshot.StorageSizeBytes > 0 && p.Delivery != state.Collections {
		point += " · " + state.Size(p.Snapshot.StorageSizeBytes)
	}
	from.About = append(from.About, point)
	if d := p.Snapshot.Description; d != "" && !p.ByMoment() {
		from.About = append(from.About, ansi.Truncate(d, 36, "…"))
	}
	if p.Delivery == state.Collections {
		from.About = append(from.About, ChosenNames(p.Only, 1))
		to = End{Project: p.Target.Project.Name, Cluster: p.Target.ClusterName, About: []string{p.Target.Project.Name, "stays up"}}
		if p.Target.Project.ID == p.Project.ID && p.Target.ClusterName == p.Cluster.Name {
			to.About[0] = "the source itself"
		}
		if p.Erases() {
			to.Overwritten = ChosenTargets(p.Only, 1) + " OVERWRITTEN"
		} else {
			to.About = append(to.About, "nothing is erased")
		}
		return from, to
	}
	if !p.Delivery.Overwrites() {
		files := "1 file"
		if n := len(p.Snapshot.Members); n > 1 {
			files = filesOfMembers(n, p.Snapshot.ConfigServerType)
		}
		return from, End{About: []string{files, "no cluster is touched"}}
	}
	to = End{Project: p.Target.Project.Name, Cluster: p.Target.ClusterName, About: []string{p.Target.Project.Name}, Erased: true}
	if p.OntoItself() {
		to.About = []string{"the source itself"}
	}
	return from, to
}

// filesOfMembers says what the files of a sharded download are: dedicated config servers have one too,
// embedded ones are a shard.
func filesOfMembers(n int, configServers string) string {
	switch configServers {
	case "DEDICATED":
		return fmt.Sprintf("%d files: %s and the config servers", n, state.Count(n-1, "shard"))
	case "EMBEDDED":
		return fmt.Sprintf("%d files, one for each shard", n)
	}
	return fmt.Sprintf("%d files, one for each replica set", n)
}

// Found are the checks in the order in which they matter: what stands in the way first.
// Those that are OK stand last: their names in a row, and behind them those that are no matter of course, each with its
// reason. In short they all are told by their names, and what is OK as far as was seen says that.
func (s *Session) Found(short bool) (told []state.Check, fine []string, looking []string) {
	all := s.told()
	for _, v := range []state.Verdict{state.Block, state.Unknown, state.Warn} {
		for _, c := range all {
			if c.Verdict == v && !c.Harmless {
				told = append(told, c)
			}
		}
	}
	for _, c := range all {
		if c.Harmless {
			told = append(told, c)
		}
	}
	var names, said []string
	for _, c := range all {
		switch {
		case c.Verdict == state.Looking:
			looking = append(looking, c.Name)
		case c.Verdict == state.OK && c.Say && !short:
			said = append(said, c.Name+": "+c.Why)
		case c.Verdict == state.OK:
			names = append(names, c.InShort())
		}
	}
	if len(names) > 0 {
		fine = append(fine, strings.Join(names, ", "))
	}
	return told, append(fine, said...), looking
}

// here is a time on the user's own clock, in brackets; empty where that is UTC.
func (s *Session) here(at time.Time, clock string) string {
	if local(at, s.Cfg.Zone) == "" {
		return ""
	}
	return " (" + state.Local(at, s.Cfg.Zone, clock) + ")"
}

// labelled is the label of the target behind a comma, if it has one.
func (s *Session) labelled(p state.Plan) string {
	if to := s.Cfg.Names.CalledTarget(p.Target); to.Name != "" {
		return ", " + to.Label()
	}
	return ""
}

// safer are the ways that lose less: another target, and a snapshot of this one before.
func (s *Session) safer(ways Ways) string {
	var out []string
	if s.Plan.OntoItself() && ways.Another != "" {
		out = append(out, "another target ("+ways.Another+")")
	}
	_, can := s.CanBeSafe()
	switch {
	case s.IsSafe():
		out = append(out, fmt.Sprintf("%s has the snapshot of %s to go back to", s.Plan.Target.ClusterName, state.UTC(s.safety.Snapshot.When(), s.Cfg.Instant())))
	case s.SafetyIsDue() && ways.Safety != "":
		out = append(out, fmt.Sprintf("a snapshot of %s first, which is chosen already (%s takes it, %s goes on without)", s.Plan.Target.ClusterName, ways.Safety, ways.Unsafe))
	case can && ways.Safety != "" && s.safety.Snapshot.ID != "" && s.safety.Open():
		out = append(out, fmt.Sprintf("the snapshot of %s that Atlas takes now (%s waits for it)", s.Plan.Target.ClusterName, ways.Safety))
	case can && ways.Safety != "":
		out = append(out, fmt.Sprintf("a snapshot of %s first (%s)", s.Plan.Target.ClusterName, ways.Safety))
	}
	return strings.Join(out, ", or ")
}

// spoken are the clauses that say something.
func spoken(all []Clause) []Clause {
	return slices.DeleteFunc(all, func(c Clause) bool { return c.Text == "" })
}

// AsItWas says in words at what instant the data are taken.
func AsItWas(i state.Instant, now time.Time) string {
	text := "as it was at " + state.UTCSecond(i.Time(), now)
	if i.ByOplog() {
		text += fmt.Sprintf(", oplog entry %d of that second", i.OplogInc)
	}
	return text
}

// sized is a size behind a comma, if Atlas tells it.
func sized(n int64) string {
	if n <= 0 {
		return ""
	}
	return ", " + state.Size(n)
}

// linkLife says how a download's links may be used.
func linkLife(f state.Family) string {
	if f == state.Flex {
		return "The link works for four hours."
	}
	return "Each link works once, for an hour, from addresses on the project's access list."
}

// Unknown says of a request that it may or may not have been taken.
func Unknown(plan state.Plan, err error) state.Problem {
	why := ""
	if err != nil {
		why = state.Explain("", err).Why
	}
	return state.Problem{
		What:   "OUTCOME UNKNOWN: a request was sent, and no answer tells its outcome.",
		Why:    why,
		Advice: fmt.Sprintf("%s: a job may run. It is looked for; the request is not sent again unless you confirm again.", JobTitle(plan)),
	}
}

// SoFar says what was submitted before the review that is on the screen: mostly nothing.
func (s *Session) SoFar() string {
	switch {
	case s.Doubt() != nil:
		return "A request was sent before, and its outcome is unknown."
	case s.submittedBefore():
		return "Nothing else has been submitted yet."
	}
	return "Nothing has been submitted yet."
}

// Nothing says that what was just typed has submitted nothing.
func (s *Session) Nothing() string {
	if s.Doubt() != nil || s.submittedBefore() {
		return "Nothing else was submitted"
	}
	return "Nothing was submitted"
}

// Refused says of the newest request that no job has come of it.
func (s *Session) Refused(err error) state.Problem {
	p := refused(s.Cfg, err)
	p.What = strings.Replace(p.What, "Nothing was submitted", s.Nothing(), 1)
	return p
}

// refused says of a request that no job has come of it.
func refused(cfg Config, err error) state.Problem {
	p := state.Explain("The request", err)
	p.What = "Nothing was submitted: the request was refused."
	var atlas *state.AtlasError
	if !errors.As(err, &atlas) || errors.Is(err, submit.ErrNotSent) { // it never left: the journal, or the way to Atlas
		p.What = "Nothing was submitted: no request was sent."
		p.Advice = "Mend that first, then confirm again."
		var running submit.RunningError
		var damaged *journal.Damaged
		var doubt *submit.DoubtError
		switch {
		case errors.As(err, &damaged):
			p.Advice = state.MendJournal
		case errors.As(err, &running):
			p.Advice = cfg.waitsFor(running)
		case errors.As(err, &doubt):
			p.Advice = cfg.lookFor(doubt.ID)
		case errors.Is(err, journal.ErrBusy):
			p.Advice = "Wait for the other one to end, then confirm again."
		}
	}
	return p
}
