package state

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// DrillCheck is the name of the check that a drill goes onto a cluster that is named for drills.
const DrillCheck = "drill"

// IsDrillTarget is the pattern of drill_targets that fits the whole name of a cluster; empty for none.
// No part of a name is enough, as it is where a rule protects something.
func (n Names) IsDrillTarget(cluster string) (pattern string) {
	for _, p := range n.Drills {
		if ok, err := path.Match(strings.ToLower(p), strings.ToLower(cluster)); ok && err == nil {
			return p
		}
	}
	return ""
}

// ErrNoDrillTargets says that no cluster is named for drills.
var ErrNoDrillTargets = errors.New("no cluster is named for drills")

// ErrNotNamed says that drill_targets names other clusters.
var ErrNotNamed = errors.New("it is not named for drills")

// SetDrillTargets is how that is changed.
const SetDrillTargets = `Write into config.toml which clusters a drill may erase, like drill_targets = ["drill-*"].`

// BarsDrill says why a drill of the plan must not go onto a cluster: the source itself, production, or
// one that is not named for drills; nil where it may, and for what is no drill.
func (n Names) BarsDrill(p Plan, t Target) error {
	to := n.CalledTarget(t)
	switch {
	case !p.Drill:
		return nil
	case t.Project.ID == p.Project.ID && t.ClusterName == p.Cluster.Name:
		return errors.New("it is the source itself")
	case to.IsProduction():
		return fmt.Errorf("it is production: %s", to.Because())
	case len(n.Drills) == 0:
		return ErrNoDrillTargets
	case n.IsDrillTarget(t.ClusterName) == "":
		return ErrNotNamed
	}
	return nil
}

// checkDrill holds a drill to the clusters that are named for it. Nothing acknowledges it.
func checkDrill(f Facts) Check {
	p, target := f.Plan, f.Plan.Target.ClusterName
	c := fine(target + " is named for drills")
	if err := f.Names.BarsDrill(p, p.Target); err != nil {
		lift := "Choose another target: no entry of drill_targets lifts that."
		switch {
		case errors.Is(err, ErrNoDrillTargets):
			lift = SetDrillTargets
		case errors.Is(err, ErrNotNamed):
			lift = "Choose one that drill_targets in config.toml names: " + strings.Join(f.Names.Drills, ", ") + "."
		}
		c = block(lift, "A drill must not go onto %s: %s.", target, err)
	} else if !p.Delivery.Overwrites() {
		c = block("Choose a snapshot or a moment onto a cluster.", "A drill restores a whole cluster, and this does not.")
	}
	c.Name = DrillCheck
	return c
}
