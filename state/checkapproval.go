package state

import (
	"fmt"
	"strings"
	"time"
)

// Approval is what is known of a second person's yes to the plan that is run.
type Approval struct {
	By      string    // who has approved it, as the allowed signers call them; empty for nobody
	Key     string    // the fingerprint of their key
	At      time.Time // when, as far as the signature's file tells; zero where that is not known
	Refused string    // why what lies beside the plan does not count; empty where nothing does
	Command string    // by which the plan is approved; empty where it is run from none
	Glass   string    // the reason for which somebody goes on without
}

// Said says who has approved the plan, and when; empty for nobody.
func (a Approval) Said(now time.Time) string {
	switch {
	case a.By == "":
		return ""
	case a.At.IsZero():
		return fmt.Sprintf("approved by %s (when it was signed is not known)", a.By)
	}
	return fmt.Sprintf("approved by %s, %s", a.By, Ago(a.At, now))
}

// savePlan is how a review that is run from no plan comes to an approval.
const savePlan = "Save the plan, have somebody approve it, and run it with --plan FILE."

// WantsPlan says whether the review has to be saved as a plan first, for somebody else to approve.
func (c Check) WantsPlan() bool {
	return c.Name == ApprovalCheck && c.Verdict == Block && c.Lift == savePlan
}

// NeedsApproval is the rule that wants a second person's yes before a target is written to: a
// pattern of require_approval that fits the name of the cluster, of its project, or of what it is
// for; empty for none.
func (n Names) NeedsApproval(t Target) string {
	for _, name := range []string{t.ClusterName, t.Project.Name, n.CalledTarget(t).Name} {
		if p, ok := match(n.Approval, name); ok && name != "" {
			return p
		}
	}
	return ""
}

// BreaksGlass says whether this is gone on with although a rule wants a second person's yes.
func (f Facts) BreaksGlass() bool {
	return f.Approval.Glass != "" && f.Approval.By == "" && f.needsApproval() != ""
}

func (f Facts) needsApproval() string {
	if !f.Plan.Delivery.HasTarget() {
		return ""
	}
	return f.Names.NeedsApproval(f.Plan.Target)
}

// checkApproval says whether a second person has approved the plan, where the configuration wants
// that. It binds this program, and not Atlas.
func checkApproval(f Facts) Check {
	a, rule, target := f.Approval, f.needsApproval(), f.Plan.Target.ClusterName
	refused := ""
	if a.Refused != "" {
		refused = " What lies beside the plan does not count: " + strings.TrimRight(a.Refused, ".") + "."
	}
	switch {
	case a.By != "":
		return Check{Why: a.Said(f.Now), Say: true}
	case rule == "" && refused == "":
		return Check{}
	case rule == "":
		c := warn("Nobody has approved the plan, and nobody has to.%s", refused)
		c.Ask = true
		return c
	case a.Glass != "":
		return warn("No second person has approved this, which %s needs (require_approval %s). Break glass: %q. The journal keeps that.%s", target, rule, a.Glass, refused)
	case a.Command != "":
		return block("A second person approves it with: "+a.Command, "%s needs a second person's approval (require_approval %s), and this plan has none.%s", target, rule, refused)
	}
	lift := savePlan
	if f.Plan.Drill {
		lift = "A drill has no plan file: take a target that require_approval does not name, or go on with --break-glass REASON."
	}
	return block(lift, "%s needs a second person's approval (require_approval %s).", target, rule)
}
