package state

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
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

// UsualProduction is the pattern of what is called production, whatever else is called so.
const UsualProduction = "prod*"

// Label is the word that marks a cluster of the environment: "PRODUCTION"; empty for none.
func (e Environment) Label() string { return strings.ToUpper(e.Name) }

// Badge is the short Label, as it stands beside a cluster's name: PROD, STG, or at most eight
// letters.
func (e Environment) Badge() string {
	switch strings.ToLower(e.Name) {
	case Production:
		return "PROD"
	case "staging":
		return "STG"
	}
	b := []rune(e.Label())
	return string(b[:min(len(b), 8)])
}

// Unmatched stands where the badge would, if no rule fits the names of a cluster: that says
// nothing of what it is for.
const Unmatched = "unknown"

// NotKnown says what an unmatched cluster is: it may be production all the same.
const NotKnown = "not known to be production"

// Mark is the Badge, or that there is none because no rule fits.
func (e Environment) Mark() string {
	if e.Name == "" {
		return Unmatched
	}
	return e.Badge()
}

// Words are the name of the environment as it is spoken in a row.
func (e Environment) Words() string {
	if e.Name == "" {
		return "environment " + Unmatched
	}
	return e.Name
}

// Names say what clusters and projects are by what they are called. A pattern, as a shell
// has it, is held against the whole name and against each word of it; case does not count.
type Names struct {
	Environments []Environment // the first that fits counts; nil: production is prod*
	Protected    []string      // clusters that are never overwritten from here
	Drills       []string      // clusters that drills may go onto, by their whole names
	Approval     []string      // targets that are written to only with a second person's approval
}

// Called is the environment of a cluster, with the rule that says so.
type Called struct {
	Environment
	Pattern string // that fits
	Project string // whose name fits; empty where the cluster's own does
}

// Because names the rule: "it is called prod*".
func (c Called) Because() string {
	who := "it"
	if c.Project != "" {
		who = "its project, " + c.Project + ","
	}
	rule := who + " is called " + c.Pattern
	if c.Pattern != UsualProduction {
		rule += " (config.toml)"
	}
	return rule
}

// IsProduction says whether it is the environment that is guarded most.
func (c Called) IsProduction() bool { return c.Name == Production }

func (n Names) environments() []Environment {
	if n.Environments != nil {
		return n.Environments
	}
	return []Environment{{Name: Production, Patterns: []string{UsualProduction}, Colour: "orange"}}
}

// Legend says what Unmatched means in a list, with the rule for production.
func (n Names) Legend() string {
	rule := "no rule"
	if p := n.production(); p != "" {
		rule = "rule: " + p
	}
	return Unmatched + ": " + NotKnown + " (" + rule + ")"
}

// Unruled says what a cluster is whose name fits no rule, with the rule for production.
func (n Names) Unruled() string { return n.said("") }

// production are the patterns of production; empty where no rule says what that is called.
func (n Names) production() string {
	for _, e := range n.environments() {
		if e.Name == Production {
			return strings.Join(e.Patterns, ", ")
		}
	}
	return ""
}

// Called is the environment of a cluster; its name is empty where nothing says so. What the
// cluster is called counts before what its project is called.
func (n Names) Called(project, cluster string) Called {
	all := n.environments()
	for _, e := range all {
		if p, ok := match(e.Patterns, cluster); ok {
			return Called{Environment: e, Pattern: p}
		}
	}
	for _, e := range all {
		if p, ok := match(e.Patterns, project); ok {
			return Called{Environment: e, Pattern: p, Project: project}
		}
	}
	return Called{}
}

// CalledTarget is Called of the cluster that is overwritten.
func (n Names) CalledTarget(t Target) Called { return n.Called(t.Project.Name, t.ClusterName) }

// IsProtected says whether a cluster of that name must not be overwritten from here.
func (n Names) IsProtected(cluster string) bool { return matches(n.Protected, cluster) }

func matches(patterns []string, name string) bool {
	_, ok := match(patterns, name)
	return ok
}

// match is the first pattern that fits the whole name or a word of it.
func match(patterns []string, name string) (pattern string, ok bool) {
	all := append(words(name), strings.ToLower(name))
	for _, p := range patterns {
		if slices.ContainsFunc(all, func(w string) bool {
			ok, err := path.Match(strings.ToLower(p), w)
			return ok && err == nil // the config has refused what is no pattern
		}) {
			return p, true
		}
	}
	return "", false
}

// words are those of a name in lower case, as people set them apart: by blanks and other
// signs, "Orders (Prod)", or by a capital letter, "ordersProd".
func words(name string) []string {
	out := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("- _.", r) })
	out = append(out, strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	var apart strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		begins := i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			apart.WriteByte(' ')
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			apart.WriteRune(r)
		}
	}
	return append(out, strings.Fields(strings.ToLower(apart.String()))...)
}

// CheckPattern says what keeps p from being a pattern; nil if nothing does.
func CheckPattern(p string) error {
	if _, err := path.Match(p, ""); err != nil || p == "" {
		return fmt.Errorf("%q is no pattern, like prod* or orders-prod", p)
	}
	return nil
}

// checkEnvironment says what is erased by what it is called, and compares where the data come
// from with where they go. What erases production is told whatever the source is; data that
// are not of production have to be accepted for it by themselves.
func checkEnvironment(f Facts) Check {
	p := f.Plan
	target, own := p.Target.ClusterName, p.Target.Project.ID == p.Project.ID
	from, to := f.Names.Called(p.Project.Name, p.Cluster.Name), f.Names.CalledTarget(p.Target)
	other, unknown := "", ""
	if !own {
		other = fmt.Sprintf(" It is in another project than the source: %s, not %s.", p.Target.Project.Name, p.Project.Name)
	}
	if to.Name == "" {
		unknown = fmt.Sprintf(" %s is %s.", target, f.Names.said(""))
	}
	switch {
	case to.IsProduction() && !p.Erases():
		return warn("%s is production: %s. Nothing of it is erased.%s", target, to.Because(), other)
	case to.IsProduction() && p.OntoItself():
		return warn("%s is production: %s. It is the source itself.", target, to.Because())
	case to.IsProduction() && !from.IsProduction():
		c := warn("%s is production: %s. It is overwritten with data of %s, which is %s.%s", target, to.Because(), p.Cluster.Name, f.Names.said(from.Name), other)
		c.Ask = true
		return c
	case to.IsProduction():
		return warn("%s is production: %s. It is not the source, %s, and %s.%s", target, to.Because(), p.Cluster.Name, p.loses(), other)
	case from.IsProduction():
		return warn("This copies production data to %s in %s, which is %s.", target, p.Target.Project.Name, f.Names.said(to.Name))
	case !own:
		return warn("%s is in another project than the source: %s, not %s.%s", target, p.Target.Project.Name, p.Project.Name, unknown)
	case p.OntoItself():
		return warn("The target is the source itself.%s", unknown)
	case from.Name != to.Name:
		return warn("%s is %s, the source %s.", target, f.Names.said(to.Name), f.Names.said(from.Name))
	case unknown != "":
		return harmless("%s", strings.TrimSpace(unknown))
	}
	return fine("source and target are in one project")
}

// said is the name of an environment, or that there is none, with the rule that says so.
func (n Names) said(environment string) string {
	if environment != "" {
		return environment
	}
	if p := n.production(); p != "" {
		return NotKnown + " (" + p + ")"
	}
	return NotKnown
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
