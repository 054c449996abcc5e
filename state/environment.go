package state

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Environment is what clusters of some names are for: production, staging.
type Environment struct {
	Name     string
	Patterns []string // of projects and clusters
	Colour   string   // of its label; one of EnvironmentColours, or empty
}

// Production is the name of the environment that is guarded most.
const Production = "production"

// EnvironmentColours are those that a label can have.
func EnvironmentColours() []string { return []string{"orange", "blue", "green", "magenta", "grey"} }

// Names say what clusters and projects are by what they are called. A pattern, as a shell
// has it, is held against the whole name and against each word of it; case does not count.
type Names struct {
	Environments []Environment // the first that fits counts; nil: production is prod*
	Protected    []string      // clusters that are never overwritten from here
}

// Environment is that of a cluster; its name is empty where nothing says so. What the
// cluster is called counts before what its project is called.
func (n Names) Environment(project, cluster string) Environment {
	all := n.Environments
	if all == nil {
		all = []Environment{{Name: Production, Patterns: []string{"prod*"}, Colour: "orange"}}
	}
	for _, name := range []string{cluster, project} {
		for _, e := range all {
			if matches(e.Patterns, name) {
				return e
			}
		}
	}
	return Environment{}
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

// checkEnvironment compares where the data come from with where they go. What overwrites
// production with something else has to be accepted by itself.
func checkEnvironment(f Facts) Check {
	p := f.Plan
	target := p.Target.ClusterName
	from, to := f.Names.Environment(p.Project.Name, p.Cluster.Name).Name, f.Names.Environment(p.Target.Project.Name, target).Name
	switch {
	case to == Production && from != Production:
		c := warn("%s is production, and is overwritten with data of %s, which is %s.", target, p.Cluster.Name, said(from))
		c.Ask = true
		return c
	case from == Production && to != Production:
		return warn("Production data leave for %s in %s, which is %s.", target, p.Target.Project.Name, said(to))
	case p.Target.Project.ID != p.Project.ID:
		return warn("%s is in another project than the source: %s, not %s.", target, p.Target.Project.Name, p.Project.Name)
	case p.OntoItself():
		return warn("The target is the source itself.")
	case from != to:
		return warn("%s is %s, the source %s.", target, said(to), said(from))
	}
	return fine("source and target are in one project")
}

// said is the name of an environment, or that there is none.
func said(environment string) string {
	if environment == "" {
		return "not called production"
	}
	return environment
}

func checkProtected(f Facts) Check {
	target := f.Plan.Target.ClusterName
	switch {
	case f.Names.IsProtected(target):
		return block("Take it out of protected in config.toml.", "%s is protected by the configuration.", target)
	case len(f.Names.Protected) == 0:
		return Check{}
	}
	return fine(target + " is not protected")
}
