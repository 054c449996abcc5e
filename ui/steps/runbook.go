package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// Runbook is the page for a team's wall: what of a cluster can be restored, by which commands, by whom,
// onto what, and what comes after. It is made of what the review asks of Atlas, and of what this machine
// knows.
type Runbook struct {
	cfg  Config
	plan state.Plan // project and cluster

	schedule  state.Schedule
	snapshots []state.Snapshot
	siblings  []state.Cluster // of its project
	unread    []string        // what of that could not be read, in sentences
	unseen    [3]error        // why: the schedule, the snapshots, the clusters
}

// RunbookOf reads what the page of the cluster that flags name needs.
func RunbookOf(ctx context.Context, cfg Config, g state.Given) (Runbook, error) {
	plan, err := ClusterOf(ctx, cfg, g, "runbook")
	if err != nil {
		return Runbook{}, err
	}
	b := Runbook{cfg: cfg, plan: plan}
	c := plan.Cluster
	if c.Restorable() != nil {
		return b, nil // the page says so, and nothing else
	}
	var all sync.WaitGroup
	wrong := &b.unseen
	if c.Family == state.Dedicated && !c.Terminated {
		all.Go(func() { b.schedule, wrong[0] = cfg.Atlas.Schedule(ctx, c) })
	}
	all.Go(func() { b.snapshots, wrong[1] = cfg.Atlas.Snapshots(ctx, c) })
	all.Go(func() { b.siblings, wrong[2] = cfg.Atlas.Clusters(ctx, plan.Project.ID) })
	all.Wait()
	for i, what := range []string{"The backup schedule of " + c.Name, "The snapshots of " + c.Name, "The clusters of " + plan.Project.Name} {
		if wrong[i] != nil {
			b.unread = append(b.unread, fmt.Sprintf("%s could not be read: %s", what, state.Why(wrong[i])))
		}
	}
	if a, ok := cfg.proven(plan.Project, c.Name); ok && a.err != nil {
		b.unread = append(b.unread, fmt.Sprintf("When a restore of %s was last proven could not be read: %s", c.Name, state.Why(a.err)))
	}
	if cfg.HistoryErr != nil {
		b.unread = append(b.unread, fmt.Sprintf("How long restores took on this machine could not be read whole: %s", state.Why(cfg.HistoryErr)))
	}
	return b, nil
}

// ExitCode is that of the command: 6 where something could not be read, so that the page lacks it.
func (b Runbook) ExitCode() int {
	if len(b.unread) > 0 {
		return state.OutcomeUnknown.ExitCode()
	}
	return 0
}

// Unread is what could not be read, in sentences.
func (b Runbook) Unread() []string { return b.unread }

// commanded is one thing that is done with a command.
type commanded struct {
	What     string   `json:"what"`
	Says     string   `json:"says"`
	Commands []string `json:"commands"`
	Why      string   `json:"notOffered,omitempty"` // there is none
}

// target is the cluster that the commands name: one that the configuration names for drills, else one
// that it says is no production. What is only not known to be production is never named: a page on a
// wall is followed by whoever is tired. Empty where there is none: then it is asked for.
func (b Runbook) target() state.Cluster {
	var found state.Cluster
	for _, c := range b.siblings {
		names := b.cfg.Names
		to, drill := names.Called(b.plan.Project.Name, c.Name), names.IsDrillTarget(c.Name) != ""
		if c.Name == b.plan.Cluster.Name || b.plan.Accepts(c) != nil || to.IsProduction() || names.IsProtected(c.Name) || to.Name == "" && !drill {
			continue
		}
		if drill {
			return c
		}
		if found.Name == "" {
			found = c
		}
	}
	return found
}

// restores are the ways to restore, with their commands. Each asks for what it does not say, and sends
// nothing before somebody has confirmed it.
func (b Runbook) restores() []commanded {
	c, p := b.plan.Cluster, b.plan.Project
	base := state.Given{Project: p.ID, Cluster: c.Name}
	onto := base
	to := b.target()
	where := "The target, which is erased first, is asked for."
	if to.Name != "" {
		onto.TargetProject, onto.TargetCluster = p.ID, to.Name
		where = "It erases " + to.Name + " first; for another target leave out --" + state.FlagTargetProject + " and --" + state.FlagTargetCluster + "."
	}
	dir := "./" + c.Name + "-files"
	latest := func(g state.Given, d state.DeliveryType) state.Given {
		g.Snapshot, g.Delivery = state.Latest, string(d)
		return g
	}
	moment := onto
	moment.At, moment.Delivery = "15m", string(state.PointInTime)
	named := " --" + state.FlagProject + " " + state.ShellWord(p.ID) + " --" + state.FlagCluster + " " + state.ShellWord(c.Name) + b.cfg.Flags
	out := []commanded{
		{What: "The newest snapshot onto a cluster", Says: where + " For an older snapshot leave out --" + state.FlagSnapshot + ".", Commands: []string{b.cfg.Command(latest(onto, state.Automated))}, Why: refusedBy(c, state.Automated)},
		{What: "A moment onto a cluster", Says: "15m is a quarter of an hour ago; a time like 2026-11-29T02:10:00Z is taken too. " + where, Commands: []string{b.cfg.Command(moment)}, Why: refusedBy(c, state.PointInTime)},
		{What: "The files of the newest snapshot", Says: "No cluster is touched. The second command proves the files.", Commands: []string{b.cfg.Command(latest(base, state.Download)) + " --out " + dir, state.Command("", "verify", dir)}, Why: refusedBy(c, state.Download)},
		{What: "Single collections", Says: "Which ones, into which cluster and under which names is asked for.", Commands: []string{b.cfg.Command(latest(base, state.Collections))}, Why: refusedBy(c, state.Collections)},
	}
	if len(b.cfg.Names.Drills) > 0 { // else the command has no cluster to go onto
		onto := base
		if to.Name != "" && b.cfg.Names.IsDrillTarget(to.Name) != "" {
			onto.TargetProject, onto.TargetCluster = p.ID, to.Name
		}
		out = append(out, commanded{What: "A drill", Says: "It restores the newest snapshot onto a cluster for drills (drill_targets), looks at what came, and keeps a record of it.", Commands: []string{state.Command(onto.Flags()+b.cfg.Flags, "drill")}, Why: refusedBy(c, state.Automated)})
	}
	find := commanded{What: "When was it lost?", Says: "It looks in the logs and the snapshots, and names the command that takes what it finds.", Commands: []string{state.Command(named, "when")}}
	if c.Family != state.Dedicated || c.Terminated {
		find.Why = "its logs cannot be read"
	}
	return append([]commanded{find}, out...)
}

func refusedBy(c state.Cluster, d state.DeliveryType) string {
	if err := c.Offers(d); err != nil {
		return err.Error()
	}
	return ""
}

// afterwards are the commands of after a restore.
func (b Runbook) afterwards() []commanded {
	named := " --" + state.FlagProject + " " + state.ShellWord(b.plan.Project.ID) + " --" + state.FlagCluster + " " + state.ShellWord(b.plan.Cluster.Name)
	return []commanded{
		{What: "While a restore that was submitted here runs: follow it", Commands: []string{state.Command(b.cfg.Flags, "watch")}},
		{What: "See who restores this cluster, and how it stands", Commands: []string{state.Command(named+b.cfg.Flags, "jobs")}},
		{What: "See the record, with what is left to do", Commands: []string{state.Command(b.cfg.About.Among, "records", "show")}},
	}
}

// Markdown is the page.
func (b Runbook) Markdown() string {
	var out strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&out, format+"\n", a...) }
	row := func(name, value string) {
		if value != "" {
			say("- **%s**: %s", name, text.Markdown(value))
		}
	}
	c, p, now := b.plan.Cluster, b.plan.Project, b.cfg.Now()
	label := ""
	if to := b.cfg.Names.Called(p.Name, c.Name); to.Name != "" {
		label = " (" + to.Label() + ")"
	}
	say("# Restore runbook: %s", text.Markdown(p.Name+" / "+c.Name+label))
	say("")
	say("As of %s, of what Atlas and this machine told then. To make it again:", now.UTC().Format("2 Jan 2006 15:04 UTC"))
	say("")
	b.commands(say, state.Command(" --"+state.FlagProject+" "+state.ShellWord(p.ID)+" --"+state.FlagCluster+" "+state.ShellWord(c.Name)+b.cfg.Flags, "runbook"))
	if b.cfg.Mode == Training {
		say("")
		say("TRAINING: nothing of this is real.")
	}
	for _, u := range b.unread {
		say("")
		say("**NOT KNOWN**: %s This page lacks it.", text.Markdown(u))
	}
	say("")
	say("## What can be restored")
	say("")
	if err := c.Restorable(); err != nil {
		say("**NOTHING** can be restored: %s.", text.Markdown(err.Error()))
		return out.String()
	}
	row("Cluster", strings.Join(slices.DeleteFunc([]string{c.MongoDBVersion, c.InstanceSize, topology(c), strings.TrimSpace(c.Provider + " " + c.Region), diskSize(c)}, func(s string) bool { return s == "" }), ", "))
	row("Snapshots", b.snapshotsWords())
	row("Any moment", b.windowWords())
	if a, ok := b.cfg.proven(p, c.Name); ok {
		row("Proof", a.Words(now))
	}
	say("")
	say("## Restore")
	say("")
	say("Nothing is sent before somebody has read the review and confirmed it; --dry-run stops before that.")
	for _, one := range b.restores() {
		say("")
		say("### %s", one.What)
		say("")
		if one.Why != "" {
			say("Not offered: %s.", text.Markdown(one.Why))
			continue
		}
		say("%s", text.Markdown(one.Says))
		say("")
		b.commands(say, one.Commands...)
	}
	say("")
	say("## How long it takes")
	say("")
	for _, d := range state.DeliveryTypes() {
		if of := b.plan; c.Offers(d) == nil {
			of.Delivery = d
			row(upperFirst(d.Words()), normal(b.cfg, of))
		}
	}
	b.objectives(row)
	say("")
	say("## Who may")
	say("")
	row("Role", "Project Backup Manager or Project Owner, on the project of the source and on that of the target")
	row("Approval", b.approvalWords())
	if rules := b.cfg.Names.Approval; len(rules) > 0 {
		say("")
		say("The plan is saved, somebody else signs it, and it is run:")
		say("")
		file := c.Name + ".plan.json"
		b.commands(say, b.restores()[1].Commands[0]+" --save-plan "+file, state.Command("", "plan", "approve", file), state.Command(b.cfg.Flags, "--plan", file))
	}
	say("")
	say("## Targets")
	say("")
	b.targets(say)
	say("")
	say("## Afterwards")
	say("")
	to := b.plan
	to.Delivery = state.Automated
	to.Target = state.Target{Project: p, ClusterName: cmp.Or(b.target().Name, "the target")}
	for _, t := range afterwards(to, b.cfg.Names, state.Cluster{PITEnabled: true}, searchLags) {
		say("- %s", text.Markdown(t))
	}
	say("- %s", "Write down what was found: "+state.Command(b.cfg.About.Among, "records", "check")+text.Markdown(", with --expected and --found. Without a check of the data no restore is proven."))
	for _, one := range b.afterwards() {
		say("")
		say("%s:", one.What)
		say("")
		b.commands(say, one.Commands...)
	}
	return out.String()
}

// commands are commands as they run, in a block of their own.
func (b Runbook) commands(say func(string, ...any), all ...string) {
	say("```sh")
	for _, one := range all {
		say("%s", strings.Join(strings.Fields(text.CleanLong(one)), " "))
	}
	say("```")
}

func (b Runbook) snapshotsWords() string {
	now := b.cfg.Now()
	var newest, oldest state.Snapshot
	n := 0
	for _, s := range b.snapshots {
		if s.Usable(now) != nil {
			continue
		}
		if n++; newest.ID == "" || s.When().After(newest.When()) {
			newest = s
		}
		if oldest.ID == "" || s.When().Before(oldest.When()) {
			oldest = s
		}
	}
	if n == 0 {
		if b.unseen[1] != nil {
			return "not known"
		}
		return "NONE can be restored"
	}
	out := fmt.Sprintf("%s can be restored: the newest of %s, the oldest of %s", state.Count(n, "snapshot"), state.UTC(newest.When(), now), state.UTC(oldest.When(), now))
	if !b.schedule.NextSnapshot.IsZero() {
		out += ", the next is due " + state.UTC(b.schedule.NextSnapshot, now)
	}
	return out
}

func (b Runbook) windowWords() string {
	c, now := b.plan.Cluster, b.cfg.Now()
	if err := c.Offers(state.PointInTime); err != nil {
		return "no: " + err.Error()
	}
	w := state.RestoreWindow(c, b.schedule, b.snapshots, now)
	switch {
	case b.unseen[0] != nil || b.unseen[1] != nil || w.IsZero():
		return "not known"
	case !slices.ContainsFunc(b.snapshots, func(s state.Snapshot) bool { return s.Usable(now) == nil }):
		return "none: no snapshot can be restored, and a moment begins with one"
	}
	return fmt.Sprintf("of the last %s, from %s on; not between a restore onto it and its next snapshot", state.Count(b.schedule.RestoreWindowDays, "day"), state.UTC(w.From, now))
}

func (b Runbook) objectives(row func(name, value string)) {
	o := b.cfg.About.Objectives
	for _, one := range []struct {
		name, what string
		seconds    int64
	}{{"RTO", "a restore may take", o.RTO}, {"RPO", "the data that come back may be as old as", o.RPO}} {
		if one.seconds == 0 {
			row(one.name, "no objective is set")
			continue
		}
		row(one.name, one.what+" "+state.Exactly(time.Duration(one.seconds)*time.Second))
	}
}

func (b Runbook) approvalWords() string {
	if rules := b.cfg.Names.Approval; len(rules) > 0 {
		return "a second person's, for targets that these rules fit (require_approval): " + strings.Join(rules, ", ")
	}
	return "none is asked for (require_approval in config.toml)"
}

// targets are the clusters of its project that can take it, and what is to be known of each.
func (b Runbook) targets(say func(string, ...any)) {
	names, p := b.cfg.Names, b.plan.Project
	n := 0
	for _, c := range b.siblings {
		if err := b.plan.Accepts(c); err != nil && c.Name != b.plan.Cluster.Name {
			continue
		}
		n++
		to := names.Called(p.Name, c.Name)
		what := cmp.Or(to.Label(), state.NotKnown)
		if to.Name == "" {
			what = state.NotKnown
		}
		if c.Name == b.plan.Cluster.Name {
			what += ", the source itself: all that it holds is erased"
		}
		if names.IsProtected(c.Name) {
			what += ", PROTECTED: never overwritten from here"
		}
		if rule := names.NeedsApproval(state.Target{Project: p, ClusterName: c.Name}); rule != "" {
			what += ", needs an approval (" + rule + ")"
		}
		if rule := names.IsDrillTarget(c.Name); rule != "" {
			what += ", for drills (" + rule + ")"
		}
		say("- **%s**: %s", text.Markdown(c.Name), text.Markdown(what))
	}
	if b.unseen[2] != nil {
		say("Not known.")
	} else if n == 0 {
		say("No cluster of its project is known to take it.")
	}
	say("")
	say("%s", text.Markdown("The wizard lists those of other projects too. For drills (drill_targets): "+cmp.Or(strings.Join(names.Drills, ", "), "none is named")+". A drill never goes onto production, nor onto the source."))
}

// JSON is the page with its parts, for programs.
func (b Runbook) JSON() ([]byte, error) {
	unread := append([]string{}, b.unread...)
	var proven *provenResult
	if a, ok := b.cfg.proven(b.plan.Project, b.plan.Cluster.Name); ok {
		r := a.result()
		proven = &r
	}
	var commands []commanded
	if b.plan.Cluster.Restorable() == nil {
		commands = append(b.restores(), b.afterwards()...)
	}
	for i := range commands {
		if commands[i].Why != "" {
			commands[i].Commands = nil
		}
	}
	raw, err := json.MarshalIndent(map[string]any{
		"projectId": b.plan.Project.ID, "clusterName": b.plan.Cluster.Name, "commands": commands, "proven": proven, "unread": unread, "markdown": b.Markdown(),
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the runbook: %w", err)
	}
	return append(raw, '\n'), nil
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
