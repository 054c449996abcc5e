package state

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BeforeDrop begins what --at says where the moment is to be found: the last second before the
// collection was dropped that is named behind it.
const BeforeDrop = "before-drop:"

// Latest stands for the id of a cluster's newest restorable snapshot, safety snapshots aside:
// such a one holds what a restore was to undo.
const Latest = "latest"

// Random stands for the id of a recent snapshot that a drill takes by chance.
const Random = "random"

// The names of the flags that answer a step. They are the Atlas CLI's where it has
// them (atlas backups restores start).
const (
	FlagProject       = "projectId"
	FlagCluster       = "clusterName"
	FlagSnapshot      = "snapshotId"
	FlagDelivery      = "deliveryType"
	FlagAt            = "at"
	FlagUTCSeconds    = "pointInTimeUTCSeconds"
	FlagOplogTs       = "oplogTs"
	FlagOplogInc      = "oplogInc"
	FlagTargetProject = "targetProjectId"
	FlagTargetCluster = "targetClusterName"
	FlagConfirm       = "confirm"
	FlagNamespace     = "namespace"
	FlagRename        = "rename"
	FlagSuffix        = "suffix"
	FlagIndexes       = "indexes"
	FlagOverwrite     = "overwrite-existing"
)

// Given are answers that were said beforehand, as text: what the flags of a run say.
// An empty one is open, and will be asked.
type Given struct {
	Project       string // id or exact name
	Cluster       string
	Snapshot      string // id, or Latest
	Delivery      string
	At            string // as ParseInstant reads it
	UTCSeconds    string
	OplogTs       string
	OplogInc      string
	TargetProject string // id or exact name
	TargetCluster string
	Confirm       string // the confirmation: see Plan.Phrase
	Namespace     string // what is missing: when it was lost is looked for before a snapshot is chosen
	// Only is which collections are restored; nil but for that delivery.
	Only *GivenOnly `json:",omitempty"`
	// Evidence is why the moment, or the snapshot, was proposed; zero where a person said it.
	Evidence Evidence `json:",omitzero"`
}

// IsZero says whether nothing was given.
func (g Given) IsZero() bool { return g == Given{} }

// WithType is g with the delivery type that it implies: only pointInTime takes a moment by
// itself. A name is what is missing, but where collections are to be restored.
func (g Given) WithType() Given {
	if o := g.Only; o != nil && g.Delivery != string(Collections) {
		how := *o
		switch how.Names = nil; {
		case !how.isZero() || len(o.Names) > 1: // an error, see checkOnly
		case len(o.Names) == 1:
			g.Namespace, g.Only = o.Names[0], nil
		default:
			g.Only = nil
		}
	}
	if g.Delivery == "" && g.HasMoment() {
		g.Delivery = string(PointInTime)
	}
	return g
}

// Looks says whether it is to be looked for when something was lost: what to restore was not said.
func (g Given) Looks() bool { return g.Lost() != "" && g.Snapshot == "" && !g.HasMoment() }

// Lost is what is missing, where that is looked for; empty for nothing. Of collections that are
// to be restored it is the first.
func (g Given) Lost() string {
	if g.Namespace == "" && g.Only != nil && len(g.Only.Names) > 0 {
		return g.Only.Names[0]
	}
	return g.Namespace
}

// HasMoment says whether a moment is given.
func (g Given) HasMoment() bool {
	return g.At != "" || g.UTCSeconds != "" || g.OplogTs != "" || g.OplogInc != ""
}

// Check holds each answer against the rules of its field, and all against each other,
// before anything is asked of Atlas. The error names the flag. A confirmation is taken
// only with all other answers: it must not confirm what was chosen after it was given.
func (g Given) Check() error {
	g = g.WithType()
	for _, f := range []struct {
		flag, value string
		check       func(string) error
	}{
		{FlagCluster, g.Cluster, CheckClusterName},
		{FlagSnapshot, g.Snapshot, checkSnapshot},
		{FlagDelivery, g.Delivery, checkDelivery},
		{FlagAt, g.At, checkAt},
		{FlagUTCSeconds, g.UTCSeconds, checkSeconds},
		{FlagOplogTs, g.OplogTs, func(s string) error { _, err := ParseOplogTs(s); return err }},
		{FlagOplogInc, g.OplogInc, func(s string) error { _, err := ParseOplogInc(s); return err }},
		{FlagTargetCluster, g.TargetCluster, CheckClusterName},
	} {
		if f.value == "" {
			continue
		}
		if err := f.check(f.value); err != nil {
			return fmt.Errorf("--%s %q: %w", f.flag, f.value, err)
		}
	}
	if err := g.checkTogether(); err != nil {
		return err
	}
	if err := g.checkOnly(); err != nil {
		return err
	}
	return g.checkConfirm(false)
}

// CheckPractice is Check for a training, whose confirmation has PracticePrefix before the name.
func (g Given) CheckPractice() error {
	confirm := g.Confirm
	g.Confirm = ""
	if err := g.Check(); err != nil {
		return err
	}
	g.Confirm = confirm
	return g.WithType().checkConfirm(true)
}

func checkSnapshot(s string) error {
	if s == Latest || s == Random {
		return nil
	}
	if err := CheckID(s); err != nil {
		return fmt.Errorf("%w; %s is the newest that can be restored, safety snapshots aside", err, Latest)
	}
	return nil
}

func checkDelivery(s string) error {
	var all []string
	for _, d := range DeliveryTypes() {
		all = append(all, string(d))
	}
	if slices.Contains(all, s) {
		return nil
	}
	return fmt.Errorf("the delivery types are %s", strings.Join(all, ", "))
}

// Dropped is the collection before whose drop the moment is; false where none is named.
func (g Given) Dropped() (namespace string, ok bool) { return strings.CutPrefix(g.At, BeforeDrop) }

// checkAt takes a moment, or what it is before.
func checkAt(s string) error {
	namespace, ok := strings.CutPrefix(s, BeforeDrop)
	if !ok {
		return checkMoment(s)
	}
	if db, collection, _ := strings.Cut(namespace, "."); db == "" || collection == "" {
		return fmt.Errorf("the name of a collection is needed, like %sshop.orders", BeforeDrop)
	}
	return nil
}

func checkMoment(s string) error {
	_, err := ParseInstant(s, time.Now(), time.Local) // only how it is written is looked at
	return err
}

func checkSeconds(s string) error {
	if strings.Trim(s, "0123456789") != "" {
		return errors.New("whole seconds since 1970 are needed, like 1795442579; --at takes a date and time")
	}
	return checkMoment(s)
}

// checkTogether finds answers that exclude each other, or that are half of one.
func (g Given) checkTogether() error {
	oplog := g.OplogTs != "" || g.OplogInc != ""
	ways := 0
	for _, given := range []bool{g.At != "", g.UTCSeconds != "", oplog} {
		if given {
			ways++
		}
	}
	target := g.TargetProject != "" || g.TargetCluster != ""
	_, dropped := g.Dropped()
	d := DeliveryType(g.Delivery)
	switch {
	case ways > 1:
		return fmt.Errorf("--%s, --%s and the pair --%s with --%s are three ways to say one moment: give one of them", FlagAt, FlagUTCSeconds, FlagOplogTs, FlagOplogInc)
	case g.Namespace != "" && (ways > 0 || g.Snapshot != ""):
		return fmt.Errorf("--%s asks when that was lost: it does not go with a moment or a snapshot that is given", FlagNamespace)
	case dropped && g.Cluster == "":
		return fmt.Errorf("--%s %s needs --%s: it is looked for before anything is asked", FlagAt, g.At, FlagCluster)
	case oplog && g.OplogInc == "":
		return fmt.Errorf("--%s needs --%s: an oplog entry is named by both", FlagOplogTs, FlagOplogInc)
	case oplog && g.OplogTs == "":
		return fmt.Errorf("--%s needs --%s: an oplog entry is named by both", FlagOplogInc, FlagOplogTs)
	case g.Snapshot != "" && ways > 0 && d == Collections:
		return fmt.Errorf("--%s does not go with a moment: collections are restored from one of them", FlagSnapshot)
	case ways > 0 && d != PointInTime && d != Collections:
		return fmt.Errorf("--%s %s takes no moment: only %s and %s do", FlagDelivery, d, PointInTime, Collections)
	case g.Snapshot != "" && d == PointInTime:
		return fmt.Errorf("--%s does not go with %s: Atlas finds the base snapshot itself", FlagSnapshot, PointInTime)
	case target && d == Download:
		return fmt.Errorf("--%s %s takes no target: it overwrites nothing", FlagDelivery, Download)
	}
	return nil
}

func (g Given) checkConfirm(practice bool) error {
	if g.Confirm == "" {
		return nil
	}
	if missing := g.Missing(); len(missing) > 0 {
		return fmt.Errorf("--%s needs all other answers to be given too: %s", FlagConfirm, Lacking(missing))
	}
	want := g.Delivery
	overwrites := DeliveryType(g.Delivery).Overwrites() || g.Only != nil && g.Only.Overwrite
	if overwrites {
		want = g.TargetCluster
	}
	names := []string{want, PracticePrefix + want} // whether it is a training may not be known yet
	plain, practised := want, names[1]
	if practice && overwrites {
		want = PracticePrefix + want
		names = names[1:]
	}
	// Whether the projects are one is known once Atlas has been asked; the plan then takes only one
	// of these.
	for _, name := range names {
		if overwrites && (g.Confirm == name || g.Cluster == g.TargetCluster && g.Confirm == Overwrite(name)) {
			return nil
		}
	}
	if overwrites && g.Cluster == g.TargetCluster {
		plain, want, practised = Overwrite(plain), Overwrite(want), Overwrite(practised)
	}
	if practice && overwrites && g.Confirm == plain {
		return fmt.Errorf("--%s %q: in a training the name has %s before it: %q", FlagConfirm, g.Confirm, PracticePrefix, want)
	}
	if g.Confirm != want && overwrites && !practice {
		// Whether it is a training is known once Atlas has been asked.
		return fmt.Errorf("--%s %q: this run is confirmed by %q only, and in a training by %q", FlagConfirm, g.Confirm, want, practised)
	}
	if g.Confirm != want {
		return fmt.Errorf("--%s %q: this run is confirmed by %q only", FlagConfirm, g.Confirm, want)
	}
	return nil
}

// Missing are the flags whose answers a run without questions still needs, the
// confirmation last.
func (g Given) Missing() []string {
	g = g.WithType()
	d := DeliveryType(g.Delivery)
	var out []string
	need := func(flag, value string) {
		if value == "" {
			out = append(out, flag)
		}
	}
	if g.Cluster == "" { // else its project is found by its name, if no other bears that
		need(FlagProject, g.Project)
	}
	need(FlagCluster, g.Cluster)
	need(FlagDelivery, g.Delivery)
	if d == PointInTime && !g.HasMoment() {
		out = append(out, FlagAt)
	}
	if d != PointInTime && (d != Collections || !g.HasMoment()) {
		need(FlagSnapshot, g.Snapshot)
	}
	if d == Collections && (g.Only == nil || len(g.Only.Names) == 0) {
		out = append(out, FlagNamespace)
	}
	if d.HasTarget() {
		need(FlagTargetProject, g.TargetProject)
		need(FlagTargetCluster, g.TargetCluster)
	}
	need(FlagConfirm, g.Confirm)
	return out
}

// Lacking says in words which flags are missing: "--clusterName and --confirm are missing".
func Lacking(flags []string) string {
	switch len(flags) {
	case 0:
		return "nothing is missing"
	case 1:
		return spelled(flags[0]) + " is missing"
	}
	var names []string
	for _, f := range flags {
		names = append(names, spelled(f))
	}
	last := len(flags) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " are missing"
}

// spelled is a flag with the others that say the same.
func spelled(flag string) string {
	if flag == FlagAt {
		return fmt.Sprintf("--%s (or --%s, or --%s with --%s)", FlagAt, FlagUTCSeconds, FlagOplogTs, FlagOplogInc)
	}
	return "--" + flag
}

// Complete says whether the run needs no question at all.
func (g Given) Complete() bool { return len(g.Missing()) == 0 }

// Answers are what a plan has answered, as flags would say it.
func Answers(p Plan) Given {
	g := Given{Project: p.Project.ID, Cluster: p.Cluster.Name, Delivery: string(p.Delivery)}
	if !p.ByMoment() {
		g.Snapshot = p.Snapshot.ID
	}
	if p.Delivery.HasTarget() && !p.Target.IsZero() {
		g.TargetProject, g.TargetCluster = p.Target.Project.ID, p.Target.ClusterName
	}
	if p.Delivery == Collections {
		g.Only = givenOnly(p.Only)
	}
	if i := p.Instant; p.ByMoment() && i.ByOplog() {
		g.OplogTs, g.OplogInc = strconv.FormatInt(i.OplogTs, 10), strconv.FormatInt(i.OplogInc, 10)
	} else if p.ByMoment() && !i.IsZero() {
		g.UTCSeconds = strconv.FormatInt(i.UTCSeconds, 10)
	}
	g.Evidence = p.Evidence
	return g
}

// Flags are the answers as flags, each with a blank before it.
func (g Given) Flags() string {
	var out string
	for _, f := range []struct{ flag, value string }{
		{FlagProject, g.Project},
		{FlagCluster, g.Cluster},
		{FlagSnapshot, g.Snapshot},
		{FlagDelivery, g.Delivery},
		{FlagAt, g.At},
		{FlagUTCSeconds, g.UTCSeconds},
		{FlagOplogTs, g.OplogTs},
		{FlagOplogInc, g.OplogInc},
		{FlagTargetProject, g.TargetProject},
		{FlagTargetCluster, g.TargetCluster},
		{FlagConfirm, g.Confirm},
		{FlagNamespace, g.Namespace},
	} {
		if f.value != "" {
			out += " --" + f.flag + " " + ShellWord(f.value)
		}
	}
	return out + g.Only.flags()
}

// Instant is the moment that is given; false where none is, or where it counts back from when
// it is read.
func (g Given) Instant(now time.Time, zone *time.Location) (Instant, bool) {
	if g.OplogTs != "" {
		ts, err := ParseOplogTs(g.OplogTs)
		inc, incErr := ParseOplogInc(g.OplogInc)
		return Instant{OplogTs: ts, OplogInc: inc}, err == nil && incErr == nil
	}
	if zone == nil {
		zone = time.UTC
	}
	said := cmp.Or(g.UTCSeconds, g.At)
	i, err := ParseInstant(said, now, zone)
	later, laterErr := ParseInstant(said, now.Add(time.Minute), zone)
	return i, said != "" && err == nil && laterErr == nil && i == later
}

// MomentAt is the moment that is given, as it is read now. The error names the flag.
func (g Given) MomentAt(now time.Time, zone *time.Location) (Instant, error) {
	if i, ok := g.Instant(now, zone); ok {
		return i, nil
	}
	if zone == nil {
		zone = time.UTC
	}
	i, err := ParseInstant(cmp.Or(g.UTCSeconds, g.At), now, zone)
	if err != nil {
		return Instant{}, fmt.Errorf("--%s %q: %w", FlagAt, g.At, err)
	}
	return i, nil
}

// Evident is a plan with the evidence that was given for its moment, or for its snapshot, if that
// is the one that was given.
func (g Given) Evident(p Plan, now time.Time, zone *time.Location) Plan {
	i, given := g.Instant(now, zone)
	if !p.ByMoment() {
		given = g.Snapshot != "" && g.Snapshot == p.Snapshot.ID
	} else {
		given = given && i == p.Instant
	}
	if given && !g.Evidence.IsZero() {
		p.Evidence = g.Evidence
	}
	return p
}

// Draft is what the fields of the delivery type begin with.
func (g Given) Draft() Draft {
	d := Draft{Moment: g.At, TargetProject: g.TargetProject, TargetCluster: g.TargetCluster}
	if g.UTCSeconds != "" {
		d.Moment = g.UTCSeconds
	}
	if g.OplogTs != "" {
		d.ByOplog, d.OplogTs, d.OplogInc = true, g.OplogTs, g.OplogInc
	}
	return d
}
