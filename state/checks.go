package state

import (
	"cmp"
	"fmt"
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
	Looking // its answer is awaited
	Unknown
	Block
)

// String is the verdict's word on screens.
func (v Verdict) String() string {
	return [...]string{"OK", "WARN", "LOOKING", "UNKNOWN", "BLOCK"}[v]
}

// Check is one thing that is looked at before a restore is confirmed.
type Check struct {
	Name     string // one word, by which it is accepted: "snapshot"
	Verdict  Verdict
	Why      string // a sentence
	Lift     string // Block: what would lift it
	Ask      bool   // Warn: it has to be accepted all the same
	Harmless bool   // Unknown: Atlas would refuse, and nothing is lost by that: nobody has to accept it
	Say      bool   // OK: its reason is told too, as it is no matter of course
	Short    string // OK: what is said where its reason has no room; empty: its name
}

// RunningCheck is the check whether a restore onto the target runs already.
const RunningCheck = "running"

// TargetCheck is the check of the state of the target.
const TargetCheck = "target"

// NoRestoreSeen is what the running check says in short: that no restore runs is known as far as lists of jobs
// were seen, and no more than that is said.
const NoRestoreSeen = "no restore seen"

// InShort is what a check that is OK says where its reason has no room.
func (c Check) InShort() string { return cmp.Or(c.Short, c.Name) }

// CheckNames are what can be accepted: all, or one by its name.
func CheckNames() []string {
	return []string{
		"all", "snapshot", "size", "window", "hole", "base", "backups", "target", "fit", "disk", "speed",
		"running", "doubt", "role", "environment", "protected", "safety", "access", "writes", "lag",
		"names", "place", "room", "key", "pace", PlanCheck, ApprovalCheck,
	}
}

// Text is the check as a sentence or two.
func (c Check) Text() string { return strings.TrimSpace(c.Why + " " + c.Lift) }

// Asks says whether the check has to be accepted by name.
func (c Check) Asks() bool { return c.Verdict == Unknown && !c.Harmless || c.Ask }

// Look is something that is asked for the checks. Looks are made all at once.
type Look int

// The looks.
const (
	LookSnapshot Look = 1 << iota // as it is now
	LookTarget                    // the clusters of the target's project
	LookJobs                      // the restore jobs of the source
	LookOthers                    // those of the target, and of sources that this machine has restored onto it
	LookWindow                    // the schedule of the source
	LookBase                      // the snapshot that a moment begins with
	LookRoles                     // of the credential
	LookAccess                    // who may fetch a download
	LookTraffic                   // whether the target is written to
	LookLag                       // whether Atlas is behind with the source's oplog
	LookContents                  // whether the data have what was chosen
	LookLiving                    // the databases of the target
	LookSingles                   // the restores of single collections that may write into a cluster that is erased
	LookSafety                    // the snapshot that was asked for of the target
)

// Facts are what the checks look at. An error stands for what could not be seen.
type Facts struct {
	Plan    Plan
	Awaited Look      // looks whose answer has not come yet
	Doubt   time.Time // of an earlier request to the target whose outcome is not known; zero for none
	Lost    time.Time // the same, whose job was looked for in vain
	LookFor string    // what to do about a doubt; a sentence

	Fetches func(id string) string // the command that fetches the files of a download; nil, or an empty one: none can

	DoubtErr  error // why it cannot be known what was requested before
	Names     Names
	Now       time.Time
	Snapshot  Snapshot // as it is now
	SnapErr   error
	Snapshots []Snapshot // of the source, as far as they were listed
	Source    Cluster    // as it is now, where it is listed with the target; else as it was listed
	Target    Cluster    // as it is now
	TargetErr error
	Jobs      []Job // of the source; for a download as they were listed on the way, nil where they were not
	JobsErr   error
	Others    []JobList // of other clusters, in which a job onto the target may stand
	Singles   []JobList // of what erases the whole target: the collection restore jobs that may write into it
	Sent      []SentJob // onto the target, by this machine
	Refused   Refusal   // of the request before, since a restore runs there; zero for none
	RunningBy Asker     // who has asked for the restore that runs onto the target; zero where nobody is known
	Window    Window    // zero where it is not known
	WindowErr error
	Base      Snapshot // pointInTime: no id where there is none
	BaseErr   error
	Roles     Roles
	RolesErr  error
	Access    Access
	AccessErr error
	Safety    Safety

	Traffic    Traffic // of the target
	TrafficErr error
	Unwaited   bool      // the traffic is not waited for
	Behind     time.Time // since when Atlas is behind with the source's oplog; zero where it is not
	LagErr     error

	Agreed   *Agreed // of the plan file that this is run from; nil for none
	Endpoint string  // base URL of Atlas
	Approval Approval

	Contents    Contents // collections only
	ContentsErr error
	LivingErr   error
}

// Checks looks at all that can be known before the click. The rules are those of Atlas's
// "restore from a snapshot" and "restore from continuous cloud backup" (considerations and
// limitations), and what this program has seen go wrong.
func Checks(f Facts) []Check {
	all := f.checks()
	if f.Plan.Drill {
		all = append([]Check{checkDrill(f)}, all...)
	}
	if c := checkApproval(f); c != (Check{}) {
		c.Name = ApprovalCheck
		all = append(all, c)
	}
	if f.Agreed == nil {
		return all
	}
	held := Check{Verdict: Looking}
	if f.Awaited == 0 { // it looks at all of them
		held = checkPlan(f, all)
	}
	held.Name = PlanCheck
	return append(all, held)
}

// checks are those of the restore itself.
func (f Facts) checks() []Check {
	p := f.Plan
	var out []Check
	look := func(l Look, name string, check func(Facts) Check) {
		c := Check{Name: name, Verdict: Looking}
		if f.Awaited&l == 0 {
			c = check(f)
			if c == (Check{}) {
				return // it does not apply
			}
			c.Name = name
		}
		out = append(out, c)
	}
	if p.ByMoment() {
		look(LookWindow, "window", checkWindow)
		look(LookJobs|LookWindow, "hole", checkHole)
		look(LookBase, "base", checkBase)
		look(LookTarget, "backups", checkBackups)
		look(LookLag|LookWindow, "lag", checkLag) // a moment outside the window has none
	} else {
		look(LookSnapshot, "snapshot", checkUsable)
		look(0, "size", checkSize)
	}
	if p.Delivery == Download {
		look(LookAccess, "access", checkAccess)
		look(0, "running", checkDownloads)
		return out
	}
	look(0, "environment", checkEnvironment) // what is erased comes before how it goes
	look(LookTarget, TargetCheck, checkTargetState)
	look(f.looksForFit(), "fit", checkFit)
	if p.Delivery == Collections {
		look(LookContents, "names", checkNames)
		look(LookLiving, "place", checkPlace)
		look(0, "room", checkRoom)
		look(LookTarget, "key", checkKey)
	} else {
		look(LookTarget, "disk", checkDisk)
		look(LookTarget, "speed", checkSpeed)
	}
	if p.Erases() {
		look(LookTarget|LookTraffic, "writes", checkWrites)
	}
	look(f.looksForRunning(), RunningCheck, checkRunning)
	look(0, "doubt", checkDoubt)
	look(LookRoles, "role", checkRoles)
	look(0, "protected", checkProtected)
	if p.Erases() {
		look(LookSafety, "safety", checkSafety)
	}
	if p.Delivery == Collections {
		look(LookTarget, "pace", checkPace) // last of the warnings
	}
	return out
}

// looksForFit are those that the topology of the data depends on: that of a moment is known
// by its base.
func (f Facts) looksForFit() Look {
	if f.Plan.ByMoment() && f.Plan.Cluster.Type.IsSharded() {
		return LookTarget | LookBase
	}
	return LookTarget
}

// Blocked is the first check that stops the restore; nil if none does.
func Blocked(all []Check) *Check {
	return first(all, func(c Check) bool { return c.Verdict == Block })
}

// Awaited is the first check whose answer is awaited; nil if there is none.
func Awaited(all []Check) *Check {
	return first(all, func(c Check) bool { return c.Verdict == Looking })
}

// Unaccepted is the first check that has to be accepted and was not; nil if there is none.
func Unaccepted(all []Check, accepted []string) *Check {
	if slices.Contains(accepted, "all") {
		return nil
	}
	return first(all, func(c Check) bool { return c.Asks() && !slices.Contains(accepted, c.Name) })
}

func first(all []Check, is func(Check) bool) *Check {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return &all[i]
	}
	return nil
}

func fine(why string) Check { return Check{Why: why} }

func warn(format string, a ...any) Check {
	return Check{Verdict: Warn, Why: fmt.Sprintf(format, a...)}
}

func block(lift, format string, a ...any) Check {
	return Check{Verdict: Block, Why: fmt.Sprintf(format, a...), Lift: lift}
}

// harmless is an unknown that stops nothing.
func harmless(format string, a ...any) Check {
	return Check{Verdict: Unknown, Harmless: true, Why: fmt.Sprintf(format, a...)}
}

func unseen(what string, err error) Check {
	return Check{Verdict: Unknown, Why: fmt.Sprintf("%s could not be seen: %s.", what, plainly(err))}
}

// plainly is why something failed, without a full stop.
func plainly(err error) string { return strings.TrimRight(Why(err), ".") }
