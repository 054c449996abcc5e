package state

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Verdict is what a check has found.
type Verdict int

// The verdicts. Unknown is never OK: what could not be seen has to be accepted by name.
const (
	OK Verdict = iota
	Warn
	Unknown
	Block
)

// String is the verdict's word on screens.
func (v Verdict) String() string { return [...]string{"OK", "WARN", "UNKNOWN", "BLOCK"}[v] }

// Check is one thing that is looked at before a restore is confirmed.
type Check struct {
	Name    string // one word, by which it is accepted: "snapshot"
	Verdict Verdict
	Why     string // a sentence
	Lift    string // Block: what would lift it
}

// CheckNames are what can be accepted: all, or one by its name.
func CheckNames() []string {
	return []string{"all", "snapshot", "size", "window", "hole", "target", "fit", "disk", "running", "doubt", "environment", "protected"}
}

// Text is the check as a sentence or two.
func (c Check) Text() string { return strings.TrimSpace(c.Why + " " + c.Lift) }

// Facts are what the checks look at. An error stands for what could not be seen.
type Facts struct {
	Plan      Plan
	Doubt     time.Time // of an earlier request to the target whose outcome is not known; zero for none
	Lost      time.Time // the same, whose job was looked for in vain
	Names     Names
	Now       time.Time
	Snapshot  Snapshot // as it is now
	SnapErr   error
	Snapshots []Snapshot // of the source, as far as they were listed
	Target    Cluster    // as it is now
	TargetErr error
	Jobs      []Job // of the source
	JobsErr   error
	Window    Window // zero where it is not known
	WindowErr error
}

// Checks looks at all that can be known before the click. The rules are those of Atlas's
// "restore from a snapshot" and "restore from continuous cloud backup" (considerations and
// limitations), and what this program has seen go wrong.
func Checks(f Facts) []Check {
	p := f.Plan
	var out []Check
	if p.Delivery == PointInTime {
		out = append(out, checkWindow(f), checkHole(f))
	} else {
		out = append(out, checkUsable(f), checkSize(f))
	}
	if p.Delivery.Overwrites() {
		out = append(out, checkTargetState(f), checkFit(f), checkDisk(f), checkRunning(f), checkDoubt(f), checkEnvironment(f), checkProtected(f))
	}
	return slices.DeleteFunc(out, func(c Check) bool { return c.Name == "" })
}

// Blocked is the first check that stops the restore; nil if none does.
func Blocked(all []Check) *Check { return first(all, Block) }

// Unaccepted is the first check that is unknown and was not accepted; nil if there is none.
func Unaccepted(all []Check, accepted []string) *Check {
	if slices.Contains(accepted, "all") {
		return nil
	}
	return first(slices.DeleteFunc(slices.Clone(all), func(c Check) bool { return slices.Contains(accepted, c.Name) }), Unknown)
}

func first(all []Check, v Verdict) *Check {
	if i := slices.IndexFunc(all, func(c Check) bool { return c.Verdict == v }); i >= 0 {
		return &all[i]
	}
	return nil
}

func unseen(name, what string, err error) Check {
	why := fmt.Sprintf("%s could not be seen: %s", what, strings.TrimRight(err.Error(), "."))
	var atlas *AtlasError
	if errors.As(err, &atlas) {
		why = fmt.Sprintf("%s could not be seen: %s", what, strings.TrimRight(atlas.Error(), "."))
	}
	return Check{Name: name, Verdict: Unknown, Why: why + "."}
}

// realistic is how long a restore may take before a snapshot that expires meanwhile is a
// danger to it.
const realistic = 24 * time.Hour

func checkUsable(f Facts) Check {
	const name = "snapshot"
	if f.SnapErr != nil {
		return unseen(name, "The snapshot", f.SnapErr)
	}
	s := f.Snapshot
	switch err := s.Usable(f.Now); {
	case err != nil:
		return Check{name, Block, fmt.Sprintf("The snapshot is %s.", err), "Choose another one."}
	case s.Fallback():
		return Check{Name: name, Verdict: Warn, Why: "The snapshot is a fallback, a last resort: its data may be inconsistent."}
	case !s.ExpiresAt.IsZero() && s.ExpiresAt.Sub(f.Now) < realistic:
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("The snapshot expires %s: a restore that takes long may not end.", Ago(s.ExpiresAt, f.Now))}
	}
	return Check{Name: name, Why: "the snapshot is completed and does not expire soon"}
}

// checkSize compares with the snapshots around: what has become small suddenly was
// deleted, or is damaged.
func checkSize(f Facts) Check {
	const name = "size"
	var sizes []int64
	for _, s := range f.Snapshots {
		if s.ID != f.Plan.Snapshot.ID && s.StorageSizeBytes > 0 && s.Usable(f.Now) == nil {
			sizes = append(sizes, s.StorageSizeBytes)
		}
	}
	mine := f.Plan.Snapshot.StorageSizeBytes
	if len(sizes) < 3 || mine <= 0 {
		return Check{}
	}
	slices.Sort(sizes)
	if usual := sizes[len(sizes)/2]; mine < usual/2 {
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("The snapshot holds %d%% of what the others of %s hold: data may have been lost before it was taken.", mine*100/usual, f.Plan.Cluster.Name)}
	}
	return Check{Name: name, Why: "its size is like that of the others"}
}

func checkWindow(f Facts) Check {
	const name = "window"
	if f.WindowErr != nil {
		return unseen(name, "The restore window", f.WindowErr)
	}
	if err := f.Window.Check(f.Plan.Instant.Time(), f.Now); err != nil {
		return Check{name, Block, fmt.Sprintf("The moment cannot be had: %s.", err), "Choose another one."}
	}
	if f.Window.IsZero() {
		return Check{Name: name, Verdict: Unknown, Why: "How far back moments can be had is not known."}
	}
	return Check{Name: name, Why: "the moment lies within the restore window"}
}

// checkHole looks whether the moment lies in the hole that a restore onto the source has
// left: from its start to the first snapshot completed after it (Atlas: "restore from
// continuous cloud backup", considerations). Restores from elsewhere onto the source are
// listed under their own source, and are not seen here.
func checkHole(f Facts) Check {
	const name = "hole"
	if f.JobsErr != nil {
		return unseen(name, "Earlier restores onto the source", f.JobsErr)
	}
	at := f.Plan.Instant.Time()
	for _, h := range Holes(f.Plan.Cluster, f.Jobs, f.Snapshots) {
		if at.Before(h.From) || !h.Until.IsZero() && !at.Before(h.Until) {
			continue
		}
		lift := fmt.Sprintf("The last good moment before is %s", UTCSecond(h.From.Add(-time.Second), f.Now))
		if !h.Until.IsZero() {
			lift += fmt.Sprintf(", the first after it %s", UTCSecond(h.Until, f.Now))
		}
		return Check{name, Block, "No moment can be had from the restore of " + UTCSecond(h.From, f.Now) + " to the next snapshot.", lift + "."}
	}
	return Check{Name: name, Why: "no restore has left a hole there"}
}

// Holes are the spans in which no moment of a cluster can be restored: each from the start
// of a restore onto it to its next completed snapshot. The end is zero where none has come.
func Holes(c Cluster, jobs []Job, snapshots []Snapshot) []Window {
	var out []Window
	for _, j := range jobs {
		if j.TargetProjectID != c.ProjectID || j.TargetClusterName != c.Name || !j.DeliveryType.Overwrites() {
			continue
		}
		h := Window{From: CreatedAt(j.ID)}
		for _, s := range snapshots {
			at := s.When()
			if strings.EqualFold(s.Status, "completed") && at.After(h.From) && (h.Until.IsZero() || at.Before(h.Until)) {
				h.Until = at
			}
		}
		out = append(out, h)
	}
	return out
}

func checkTargetState(f Facts) Check {
	const name = "target"
	var atlas *AtlasError
	target := f.Plan.Target.ClusterName
	switch {
	case errors.As(f.TargetErr, &atlas) && atlas.Code == "CLUSTER_NOT_FOUND": // not: a project that may not be seen
		return Check{name, Block, fmt.Sprintf("There is no cluster %s in %s.", target, f.Plan.Target.Project.Name), "Check the name."}
	case f.TargetErr != nil:
		return unseen(name, "The state of "+target, f.TargetErr)
	case f.Target.Paused:
		return Check{name, Block, target + " is paused.", "Resume it first."}
	case f.Target.State != "IDLE":
		return Check{name, Block, fmt.Sprintf("%s is %s.", target, strings.ToLower(f.Target.State)), "Wait until it is idle."}
	}
	return Check{Name: name, Why: target + " is idle"}
}

func checkFit(f Facts) Check {
	const name = "fit"
	if f.TargetErr != nil {
		return Check{} // said once
	}
	target := f.Target
	target.State, target.Paused = "IDLE", false // that is another check's
	if err := f.Plan.Accepts(target); err != nil {
		return Check{name, Block, fmt.Sprintf("%s cannot take it: %s.", target.Name, err), "Choose another target."}
	}
	if newer(target.MongoDBVersion, f.Plan.version()) {
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("%s runs %s, the data come from %s.", target.Name, majorOf(target.MongoDBVersion), majorOf(f.Plan.version()))}
	}
	return Check{Name: name, Why: "version, topology and encryption fit"}
}

func checkDisk(f Facts) Check {
	const name = "disk"
	n, disk := f.Plan.Snapshot.StorageSizeBytes, f.Target.DiskSizeGB
	if f.Plan.Delivery != Automated || f.TargetErr != nil || n <= 0 || disk <= 0 {
		return Check{}
	}
	if gb := float64(n) / (1 << 30); gb > disk {
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("The snapshot is larger than the disk of %s: %.0f GB onto %g GB.", f.Target.Name, gb, disk)}
	}
	return Check{Name: name, Why: "its disk is large enough"}
}

func checkRunning(f Facts) Check {
	const name = "running"
	if f.JobsErr != nil {
		return unseen(name, "Whether a restore runs already", f.JobsErr)
	}
	t := f.Plan.Target
	for _, j := range f.Jobs {
		lately := f.Now.Sub(CreatedAt(j.ID)) < 24*time.Hour
		if j.TargetProjectID == t.Project.ID && j.TargetClusterName == t.ClusterName && lately && !j.State(f.Now).Ended() {
			return Check{name, Block, fmt.Sprintf("Restore job %s runs already onto %s.", j.ID, t.ClusterName), "Wait for its end, or choose another target."}
		}
	}
	return Check{Name: name, Why: "no other restore is seen to run onto it"}
}

// checkDoubt looks at what this machine has sent before to the same target.
func checkDoubt(f Facts) Check {
	const name = "doubt"
	target := f.Plan.Target.ClusterName
	switch {
	case !f.Doubt.IsZero():
		return Check{name, Block, fmt.Sprintf("The outcome of an earlier request to %s, %s, is not known.", target, UTCSecond(f.Doubt, f.Now)), "Look for it first: atlas-restore watch."}
	case !f.Lost.IsZero():
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("An earlier request to %s, %s, was never answered and its job not found: this may be a second one.", target, UTCSecond(f.Lost, f.Now))}
	}
	return Check{}
}

// checkEnvironment compares where the data come from with where they go.
func checkEnvironment(f Facts) Check {
	const name = "environment"
	p := f.Plan
	from, to := f.Names.IsProduction(p.Project.Name, p.Cluster.Name), f.Names.IsProduction(p.Target.Project.Name, p.Target.ClusterName)
	switch {
	case p.Target.Project.ID != p.Project.ID && from && !to:
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("Production data go to %s in %s, which is not called production.", p.Target.ClusterName, p.Target.Project.Name)}
	case p.Target.Project.ID != p.Project.ID:
		return Check{Name: name, Verdict: Warn, Why: fmt.Sprintf("%s is in another project than the source: %s, not %s.", p.Target.ClusterName, p.Target.Project.Name, p.Project.Name)}
	case p.OntoItself():
		return Check{Name: name, Verdict: Warn, Why: "The target is the source itself."}
	case to && !from:
		return Check{Name: name, Verdict: Warn, Why: p.Target.ClusterName + " is called production, the source is not."}
	}
	return Check{Name: name, Why: "source and target are in one project"}
}

// Names say what clusters and projects are by what they are called. A pattern, as a shell
// has it, is held against the whole name and against each word of it; case does not count.
type Names struct {
	Production []string // nil: prod*
	Protected  []string // clusters that are never overwritten from here
}

// IsProduction says whether one of the names is that of production.
func (n Names) IsProduction(names ...string) bool {
	patterns := n.Production
	if patterns == nil {
		patterns = []string{"prod*"}
	}
	return slices.ContainsFunc(names, func(name string) bool { return matches(patterns, name) })
}

// IsProtected says whether a cluster of that name must not be overwritten from here.
func (n Names) IsProtected(cluster string) bool { return matches(n.Protected, cluster) }

func matches(patterns []string, name string) bool {
	name = strings.ToLower(name)
	words := append(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("- _.", r) }), name)
	return slices.ContainsFunc(patterns, func(p string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			ok, err := path.Match(strings.ToLower(p), w)
			return ok && err == nil // the config has refused what is no pattern
		})
	})
}

// CheckPattern says what keeps p from being a pattern; nil if nothing does.
func CheckPattern(p string) error {
	if _, err := path.Match(p, ""); err != nil || p == "" {
		return fmt.Errorf("%q is no pattern, like prod* or orders-prod", p)
	}
	return nil
}

func checkProtected(f Facts) Check {
	const name = "protected"
	target := f.Plan.Target.ClusterName
	switch {
	case f.Names.IsProtected(target):
		return Check{name, Block, target + " is protected by the configuration.", "Take it out of protected in config.toml."}
	case len(f.Names.Protected) == 0:
		return Check{}
	}
	return Check{Name: name, Why: target + " is not protected"}
}
