package steps

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
)

// The flags of the command that finds out when something was lost.
const (
	FlagFrom = "from"
	FlagTo   = "to"
)

// WhenAsk is what somebody asks who wants to know when something was lost, without the wizard: each
// as it was said, and empty where it was not.
type WhenAsk struct {
	Namespace string // shop.orders, shop, or a part of a name; empty for whatever was lost
	From, To  string // as ParseMoment reads them

	window bool // where From is not said, no further back than a moment can be restored
}

// Check holds what was said against its rules, before anything is asked of Atlas. The error
// names the flag.
func (l WhenAsk) Check(now time.Time, zone *time.Location) error {
	_, _, err := l.span(now, zone)
	return err
}

// span is from when until when is looked; zero for what was not said.
func (l WhenAsk) span(now time.Time, zone *time.Location) (from, until time.Time, err error) {
	for _, m := range []struct {
		flag, said string
		to         *time.Time
	}{{FlagFrom, l.From, &from}, {FlagTo, l.To, &until}} {
		if m.said == "" {
			continue
		}
		if *m.to, err = state.ParseMoment(m.said, now, zone); err != nil {
			return from, until, fmt.Errorf("--%s %q: %w", m.flag, m.said, err)
		}
	}
	switch {
	case from.After(now):
		err = fmt.Errorf("--%s %q: that is in the future; it is now %s by Atlas's clock", FlagFrom, l.From, state.UTCSecond(now, now))
	case !until.IsZero() && !from.Before(until):
		err = fmt.Errorf("--%s %q is not before --%s %q", FlagFrom, l.From, FlagTo, l.To)
	}
	return from, until, err
}

// WasLost is what was found out.
type WasLost struct {
	Plan   state.Plan // the source
	Search incident.Search
	Hunt   Hunt

	cfg    Config
	losses []Loss
}

// WhenLost finds out when something of the cluster was lost that flags name. It only reads. tell
// is told how it goes on, and may be nil. What was found stands when ctx ends.
func WhenLost(ctx context.Context, cfg Config, g state.Given, l WhenAsk, tell func(Hunt)) (WasLost, error) {
	plan, err := ClusterOf(ctx, cfg, g, "when")
	if err != nil {
		return WasLost{}, err
	}
	c := plan.Cluster
	past, err := LoadPast(ctx, cfg.Atlas, c, nil)
	var unread []incident.Unread
	if err != nil {
		u := incident.Unread{What: partWindow, Why: state.Why(err)}
		var refused *state.AtlasError
		if errors.As(err, &refused) && refused.LacksRole() {
			u.Role = refused.Needs
		}
		unread = append(unread, u)
	}
	now := cfg.Now().Truncate(time.Second).UTC()
	zone := cfg.Zone
	if zone == nil {
		zone = time.UTC
	}
	s := incident.Search{Cluster: c, Snapshots: past.Snapshots, Now: now, Reach: past.Reach(c, past.Snapshots, now)}
	if s.From, s.Until, err = l.span(now, zone); err != nil {
		return WasLost{}, err
	}
	if s.Until.IsZero() || s.Until.After(now) {
		s.Until = now
	}
	if s.From.IsZero() && l.window {
		s.From = s.Reach.From
	}
	if oldest := Oldest(s.Reach, past.Snapshots, now); s.From.IsZero() {
		if s.From = oldest; oldest.IsZero() || !oldest.Before(s.Until) {
			s.From = s.Until.Add(-kept)
		}
	}
	s.From = s.From.Truncate(time.Second).UTC()
	s.Missing = inventory(ctx, cfg.Atlas, s).Means(l.Namespace)
	h := Hunt{Of: sourceName(c), Text: l.Namespace, Missing: s.Missing, From: s.From}
	told := func(f incident.Findings) Hunt {
		f.Unread = append(slices.Clip(unread), f.Unread...)
		return h.Told(f)
	}
	f := s.Run(ctx, cfg.Atlas, func(f incident.Findings) {
		if tell != nil {
			tell(told(f))
		}
	})
	w := WasLost{Plan: plan, Search: s, Hunt: told(f), cfg: cfg}
	w.losses = w.Hunt.Losses(c, s.Reach, s.Snapshots, now)
	slices.Reverse(w.losses) // in the order of time
	return w, nil
}

// Looking says how a search goes on: what is being read, and how much was found. It is empty while
// nothing is read.
func (h Hunt) Looking(now time.Time) string {
	reading := h.Reading(now)
	if reading == "" {
		return ""
	}
	return fmt.Sprintf("%s%s; %d found so far", strings.ToUpper(reading[:1]), reading[1:], len(h.found.Found)+len(h.found.Jumps))
}

// BeforeDrop is g with the moment that it leaves to be found: the last second before a collection
// was dropped. It is not found where that was not the only thing that took the collection away, or
// where something could not be read that may tell of another. tell may be nil.
func BeforeDrop(ctx context.Context, cfg Config, g state.Given, tell func(Hunt)) (state.Given, error) {
	namespace, ok := g.Dropped()
	if !ok {
		return g, nil
	}
	if cfg.Atlas == nil {
		return g, failed("--%s %s: nobody is signed in, and it is looked for before anything is asked", state.FlagAt, g.At)
	}
	w, err := WhenLost(ctx, cfg, g, WhenAsk{Namespace: namespace, window: true}, tell)
	if err != nil {
		return g, err
	}
	s, f := w.Search, w.Hunt.Findings()
	h, p, err := s.BeforeDrop(f)
	if i := slices.IndexFunc(f.Unread, func(u incident.Unread) bool { return u.What == partWindow }); i >= 0 && (err == nil || errors.Is(err, incident.ErrNoMoment)) {
		err = fmt.Errorf("%w: %s", incident.ErrUnread, f.Unread[i].Sentence(s))
	}
	if err != nil {
		return g, &RunError{
			Err:    fmt.Errorf("--%s %s: %w", state.FlagAt, g.At, err),
			Advice: "This shows what there is: " + w.again() + "\nThen say the moment with --" + state.FlagAt + " TIME.",
		}
	}
	g.At, g.Evidence = p.Moment.Format(time.RFC3339), p.Proven(h.Told(), false)
	if untold := f.Untold(); untold != "" {
		g.Evidence.Why += "; " + untold
	}
	return g, nil
}

// partWindow is what an Unread is of that is no part of a search.
const partWindow incident.Part = "the restore window"

// again is the command that looks for the same, as it runs in another terminal.
func (w WasLost) again() string {
	return state.Command(w.cfg.Flags, "when", "--"+state.FlagProject, w.Plan.Project.ID, "--"+state.FlagCluster, w.Plan.Cluster.Name, "--"+state.FlagNamespace, w.Hunt.Text)
}

// inventory are the databases of the newest and the oldest snapshot, by which a name without a
// dot is known for a database. What cannot be read says nothing.
func inventory(ctx context.Context, atlas Atlas, s incident.Search) (v Inventory) {
	all := slices.DeleteFunc(slices.Clone(s.Snapshots), func(x state.Snapshot) bool { return x.Usable(s.Now) != nil })
	slices.SortFunc(all, func(a, b state.Snapshot) int { return a.When().Compare(b.When()) })
	for i, x := range all {
		if i == 0 || i == len(all)-1 {
			names, _ := atlas.SnapshotDatabases(ctx, s.Cluster, x.ID)
			v.Databases = append(v.Databases, names...)
		}
	}
	return v
}

// The outcomes, one word each.
const (
	lostFound   = "found"
	lostNothing = "nothing" // all was read, and nothing found
	lostUnknown = "unknown" // nothing was found, and not all was read
)

func (w WasLost) outcome() string {
	f := w.Hunt.Findings()
	switch {
	case slices.ContainsFunc(w.losses, func(l Loss) bool { return l.cannot == "" }):
		return lostFound
	case len(f.Unclear) > 0 || !w.Hunt.Whole():
		return lostUnknown
	}
	return lostNothing
}

// ExitCode is what the command ends with: that nothing was found is an end, that it is not
// known is none.
func (w WasLost) ExitCode() int {
	switch {
	case w.Hunt.Findings().Stopped:
		return state.OutcomeAborted.ExitCode()
	case w.outcome() == lostUnknown:
		return state.OutcomeUnknown.ExitCode()
	}
	return 0
}

// proposal is the one that needs no choice, with what it is of by its name; what else is found has one each.
func (w WasLost) proposal() (p incident.Proposal, of string, err error) {
	f, s := w.Hunt.Findings(), w.Search
	switch {
	case len(f.Found) == 1:
		return incident.Before(f.Found[0], s.Reach, s.Snapshots, s.Now), f.Found[0].Told().Namespace, nil
	case len(f.Found) > 1:
		return p, "", incident.ErrSeveral
	case len(f.Jumps) > 0:
		first := slices.MinFunc(f.Jumps, func(a, b incident.Jump) int { return a.After.Compare(b.After) })
		if slices.ContainsFunc(f.Jumps, func(j incident.Jump) bool { return j.After.After(first.Until) }) {
			return p, "", incident.ErrSeveral
		}
		return incident.BeforeJump(first, s.Reach, s.Snapshots, s.Now), "", nil
	}
	return incident.BySnapshots(f.Has, s.Missing, s.Now), "", nil
}

// remedy are the commands that take a proposal, both empty where there is nothing to take.
type remedy struct {
	name  string // what was lost, where that is one collection or one database: "database shop"
	only  string // that alone, or what is asked for then; empty where the cluster cannot give back single collections
	whole string // all of it
	by    string // the snapshot, where it is one: how that is delivered is asked for
}

// text has both ways, each with what it does. One collection is no reason to erase a cluster: it comes first.
func (t remedy) text() string {
	out := ""
	if t.only != "" {
		out += fmt.Sprintf("    %s, into a cluster that stays up:\n    %s\n", cmp.Or(prefixed("Only ", t.name), "Single collections that you choose"), t.only)
	}
	if t.whole != "" {
		does := "The whole cluster, onto one that is erased first"
		if t.by != "" {
			does = "The whole snapshot, delivered as you choose"
		}
		out += fmt.Sprintf("    %s:\n    %s\n", does, t.whole)
	}
	return out
}

// restore are the ways to take a proposal, of what is called so; empty where no name is known. What was looked for by
// its own name comes before what was found.
func (w WasLost) restore(p incident.Proposal, of string) remedy {
	g := state.Given{Project: w.Plan.Project.ID, Cluster: w.Plan.Cluster.Name}
	switch {
	case !p.Moment.IsZero():
		g.At = p.Moment.Format(time.RFC3339)
	case p.Snapshot.ID != "":
		g.Snapshot = p.Snapshot.ID
	default:
		return remedy{}
	}
	out := remedy{whole: w.cfg.Command(g), by: g.Snapshot}
	if w.Plan.Cluster.Offers(state.Collections) != nil {
		return out
	}
	name := collections.Split(of)
	if m := w.Search.Missing; m.Exact() && (m.Collection != "" || name.Check() != nil) {
		name = collections.Name{Database: m.Database, Collection: m.Collection}
	}
	g.Delivery = string(state.Collections)
	if name.Check() == nil {
		out.name = NameWords(name)
		g.Only = &state.GivenOnly{Names: []string{name.String()}}
	}
	out.only = w.cfg.Command(g)
	return out
}

// Text says it for people.
func (w WasLost) Text() string {
	now := w.Search.Now
	var b strings.Builder
	f := w.Hunt.Findings()
	fmt.Fprintf(&b, "%s of %s, %s to %s\n", MissingName(w.Search.Missing), w.Plan.Cluster.Name, state.UTCSecond(w.Search.From, now), state.UTCSecond(w.Search.Until, now))
	for _, l := range w.losses {
		by := ""
		if who := cmp.Or(l.told.By, l.by); who != "" { // with the address of the client
			by = ", by " + who
		}
		if l.told.Member != "" {
			by += ", in the log of " + l.told.Member
		}
		fmt.Fprintf(&b, "\n%s  %s%s\n", l.when(now), l.what, by)
		what, here, why := l.Restores(w.cfg)
		if here != "" {
			what += " (" + here + ")"
		}
		fmt.Fprintf(&b, "    %s\n", strings.TrimPrefix(what+": "+why, ": "))
		if l.same != "" {
			fmt.Fprintf(&b, "    %s.\n", l.same)
		}
		if what != "" {
			b.WriteString(w.restore(l.Proposal, l.told.Namespace).text())
		}
	}
	nothing := w.Hunt.Nothing(now)
	if nothing != "" {
		fmt.Fprintf(&b, "\n%s\n", nothing)
	}
	if has := w.Hunt.HasWords(now); has != "" {
		fmt.Fprintf(&b, "\n%s\n", has)
		if p, of, err := w.proposal(); err == nil && nothing != "" {
			b.WriteString(w.restore(p, of).text())
		}
	}
	if f.Stopped {
		b.WriteString("\nStopped before its end: there may be more.\n")
	}
	if unread := w.Hunt.UnreadWords(now); len(unread) > 0 {
		b.WriteString("\n" + strings.Join(unread, "\n") + "\n")
	}
	return b.String()
}

// lostResult is what programs get: see the command's help.
type lostResult struct {
	Outcome     string          `json:"outcome"` // found, nothing, unknown
	ProjectID   string          `json:"projectId"`
	ClusterName string          `json:"clusterName"`
	Namespace   string          `json:"namespace,omitempty"` // what was looked for, as it was said
	From        time.Time       `json:"from"`
	To          time.Time       `json:"to"`
	Found       []foundResult   `json:"found"`
	Proposal    *proposalResult `json:"proposal"` // null where there is none, or more than one thing was found
	LastSeenIn  *snapshotResult `json:"lastSeenIn,omitempty"`
	MissingFrom *snapshotResult `json:"missingFrom,omitempty"`
	Unread      []unreadResult  `json:"unread"`
	Stopped     bool            `json:"stopped,omitempty"`
}

type foundResult struct {
	Time      *string         `json:"time"` // with milliseconds; null where the line does not tell
	What      string          `json:"what"` // drop, dropDatabase, rename, overwrite, delete, jump, unclear
	Says      string          `json:"says"`
	Namespace string          `json:"namespace,omitempty"`
	By        string          `json:"by,omitempty"`
	Member    string          `json:"member,omitempty"`
	Proposal  *proposalResult `json:"proposal"`
}

type proposalResult struct {
	Moment     *string    `json:"moment"` // whole seconds, for --at
	SnapshotID string     `json:"snapshotId,omitempty"`
	SnapshotAt *time.Time `json:"snapshotAt,omitempty"`
	Why        string     `json:"why"`
	Command    string     `json:"command,omitempty"`      // what was lost alone, where that can be had; else the whole cluster
	Whole      string     `json:"wholeCommand,omitempty"` // the whole cluster, where command is the other
}

type snapshotResult struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

type unreadResult struct {
	What   string     `json:"what"` // members, log, counters, snapshots, the restore window
	Of     string     `json:"of,omitempty"`
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
	Why    string     `json:"why"`
	Role   string     `json:"role,omitempty"`
	NotYet bool       `json:"notYet,omitempty"` // Atlas will have it in some minutes
}

// JSON says it for programs.
func (w WasLost) JSON() ([]byte, error) {
	f, s := w.Hunt.Findings(), w.Search
	r := lostResult{
		Outcome: w.outcome(), ProjectID: w.Plan.Project.ID, ClusterName: w.Plan.Cluster.Name, Namespace: w.Hunt.Text,
		From: s.From, To: s.Until, Found: []foundResult{}, Unread: []unreadResult{}, Stopped: f.Stopped,
	}
	for _, l := range w.losses {
		one := foundResult{What: cmp.Or(l.told.What, string(incident.Unclear)), Says: l.what, Namespace: l.told.Namespace, By: l.told.By, Member: l.told.Member, Proposal: w.proposed(l.Proposal, l.told.Namespace)}
		if !l.at.IsZero() {
			at := l.at.UTC().Format("2006-01-02T15:04:05.000Z07:00")
			one.Time = &at
		}
		if l.cannot != "" {
			one.Proposal = nil
		}
		r.Found = append(r.Found, one)
	}
	if p, of, err := w.proposal(); err == nil {
		r.Proposal = w.proposed(p, of)
	}
	for _, x := range []struct {
		of state.Snapshot
		to **snapshotResult
	}{{f.Has.Newest, &r.LastSeenIn}, {f.Has.Lacks, &r.MissingFrom}} {
		if x.of.ID != "" {
			*x.to = &snapshotResult{x.of.ID, x.of.When().UTC()}
		}
	}
	for _, u := range f.Unread {
		r.Unread = append(r.Unread, unreadResult{What: string(u.What), Of: u.Of, From: known(u.From), To: known(u.Until), Why: u.Why, Role: u.Role, NotYet: u.Yet})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // its command is read by people too
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("encoding what was found: %w", err)
	}
	return b.Bytes(), nil
}

// proposed is a proposal for programs; nil where there is nothing to take.
func (w WasLost) proposed(p incident.Proposal, of string) *proposalResult {
	ways := w.restore(p, of)
	out := &proposalResult{Why: p.Why, Command: cmp.Or(ways.only, ways.whole)}
	if out.Command == "" {
		return nil
	}
	if ways.only != "" {
		out.Whole = ways.whole
	}
	if !p.Moment.IsZero() {
		at := p.Moment.UTC().Format(time.RFC3339)
		out.Moment, out.Why = &at, p.Clause()
	}
	if p.Snapshot.ID != "" {
		out.SnapshotID, out.SnapshotAt = p.Snapshot.ID, known(p.Snapshot.When().UTC())
	}
	return out
}
