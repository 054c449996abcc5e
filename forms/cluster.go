package forms

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// clusterList is what SetClusters told last.
type clusterList struct {
	project string // id
	all     []state.Cluster
	err     error
}

// newCluster makes the field of the target cluster.
func (f *Form) newCluster(value string) *pick {
	p := &pick{entry: newEntry(base{
		key: FieldCluster, label: "Target cluster", styles: &f.styles,
		means: f.meansTarget(),
	}, value)}
	p.self, p.byHand = p, true
	p.columns = []columns.Column{
		{Head: "CLUSTER"},
		{Head: "ENV", Role: columns.Badge, Bare: state.Unmatched},
		{Head: "PROJECT", Rank: 1},
		{Head: "VERSION", Rank: 2},
		{Head: "TIER", Rank: 4},
		{Head: "DISK", Rank: 3, Right: true},
	}
	p.check = f.checkCluster
	p.remark = f.remarkCalled
	p.tells = f.tellCluster
	p.taking = f.takeProject
	p.meant = func(r row) bool { return r.of.ID == "" || r.of.ID == f.target.ID }
	p.asTyped = func(v string) (row, bool) {
		_, listed := f.listed(v)
		r := row{name: fmt.Sprintf("use %q as typed", v), value: v, typed: true}
		if f.everywhere() {
			r.name += " in " + f.target.Name
		}
		if listed = listed || f.everywhere() && slices.ContainsFunc(f.cluster.rows, func(r row) bool { return r.value == v }); listed {
			return r, false
		}
		return r, state.CheckClusterName(v) == nil && (f.target.ID != "" || f.found == nil) && !f.awaited()
	}
	// What was taken before the form was left stays taken. Any other text may be a
	// half-typed one: if the list then lacks it, it has to be taken.
	if value != "" && value == f.plan.Target.ClusterName {
		p.taken, p.whole = true, true
	}
	p.armed = true
	p.match()
	return p
}

// tellCluster is what taking a row would mean that is not one like the others.
func (f *Form) tellCluster(r row) string {
	to, itself := f.called(r), f.isSource(f.of(r).ID, r.value) // typed too, while there is no list that would mark it
	unlisted := ""
	if r.typed && f.loaded() {
		unlisted = r.value + " is not among the clusters of " + f.target.Name + " that Atlas listed; Atlas will refuse it if there is none."
	}
	if f.plan.Delivery == state.Collections {
		return strings.TrimSpace(f.tellCollections(r, to, itself) + " " + unlisted)
	}
	switch {
	case itself && to.IsProduction():
		return "The source itself, " + to.Label() + ": " + to.Because() + ". All that it holds now is erased, and replaced by the older data."
	case itself && to.Name == "":
		return "The source itself, " + f.names.Unruled() + ": all that it holds now is erased, and replaced by the older data."
	case itself:
		return "The source itself: all that it holds now is erased, and replaced by the older data."
	case to.IsProduction():
		return strings.TrimSpace(r.value + " is " + to.Label() + ": " + to.Because() + ". All that is on it now is erased. " + unlisted)
	case to.Name == "" && unlisted == "":
		return r.value + " is " + f.names.Unruled() + ". All that is on it now is erased, and the restored data take its place."
	}
	return unlisted
}

// tellCollections is tellCluster where single collections come in.
func (f *Form) tellCollections(r row, to state.Called, itself bool) string {
	what := r.value
	if itself {
		what = "The source itself"
	}
	switch {
	case to.IsProduction():
		what += " is " + to.Label() + ": " + to.Because()
	case to.Name == "":
		what += " is " + f.names.Unruled()
	case !itself:
		return f.loses()
	}
	return what + ". " + f.loses()
}

// loses says what a restore of single collections takes from the target.
func (f *Form) loses() string {
	if f.plan.Erases() {
		return "What it has under the chosen names is erased."
	}
	return "Nothing of it is erased."
}

// meansTarget says what it means to be the target.
func (f *Form) meansTarget() string {
	if f.plan.Delivery == state.Collections {
		return "The chosen collections come into the target cluster, which stays up. " + f.loses()
	}
	return "All that is on the target cluster now is erased, and the restored data take its place."
}

// of is the project of a row: its own, else the one that is named.
func (f *Form) of(r row) state.Project {
	if r.of.ID != "" {
		return r.of
	}
	return f.target
}

// called is the environment of the cluster of a row.
func (f *Form) called(r row) state.Called {
	return f.names.CalledTarget(state.Target{Project: f.of(r), ClusterName: r.value})
}

// Await says whether the clusters of all projects are on their way: until they have come, or cannot be
// listed, nobody knows in which of them a name that is typed stands. The command is that of SetClusters.
func (f *Form) Await(awaits bool) tea.Cmd {
	if f.awaits == awaits {
		return nil
	}
	f.awaits = awaits
	return f.cluster.setRows(f.clusterRows())
}

// awaited says whether a name that is typed has to wait for them: it is no cluster of the named project.
func (f *Form) awaited() bool { return f.awaits && !f.narrow }

// everywhere says whether the clusters of all projects are offered.
func (f *Form) everywhere() bool { return f.found != nil && !f.narrow }

// anyProject stands for the project while its cluster may be of any.
func (f *Form) anyProject() string {
	if f.everywhere() && !f.cluster.taken {
		return "any"
	}
	return ""
}

// Lacking is the name of a cluster that is typed and that nothing matches among those of all
// projects; empty while something does.
func (f *Form) Lacking() string {
	c := f.cluster
	if !c.focused || c.taken || !f.everywhere() || slices.ContainsFunc(c.shown, func(r row) bool { return !r.typed }) {
		return ""
	}
	return c.value()
}

// takeProject names the project of a cluster that is taken, if it is another one.
func (f *Form) takeProject(r row) {
	if r.of.ID == "" || r.of.ID == f.target.ID {
		return
	}
	f.project.input.SetValue(f.reference(r.of))
	f.project.input.CursorEnd()
	f.project.taken, f.project.whole, f.project.touched = true, true, true
	f.project.match()
	f.sync()
}

// SetFound tells the clusters of all projects, as far as one list tells them. Where a project is
// named by somebody only its own are offered. The command is that of SetClusters.
func (f *Form) SetFound(all []state.Found) tea.Cmd {
	f.found = slices.Clone(all)
	return f.cluster.setRows(f.clusterRows())
}

// Aim is the target that the form points at: that of the highlighted row while one looks at
// the clusters, else the one that the fields say; false for none, as while an Enter would take nothing.
func (f *Form) Aim() (state.Target, bool) {
	c, name, of := f.cluster, f.cluster.value(), f.target
	r, ok := c.current()
	switch {
	case c.focused && ok && r.barred != "":
		name = ""
	case c.focused && ok && c.armed:
		name, of = r.value, f.of(r)
	case c.focused && !c.taken && len(c.shown) > 0, c.waits(), c.problem() != nil:
		name = ""
	}
	return state.Target{Project: of, ClusterName: name}, name != "" && of.ID != ""
}

// SetClusters tells the clusters of a project, or why they could not be listed. It
// is ignored if that project is no longer the one named. The command, which may be
// nil, lets Enter take a row of the new list as soon as it was to be seen; without
// it any other key does.
func (f *Form) SetClusters(projectID string, clusters []state.Cluster, err error) tea.Cmd {
	if projectID == "" || f.target.ID != projectID {
		return nil
	}
	f.clusters = clusterList{project: projectID, all: slices.Clone(clusters), err: err}
	return f.cluster.setRows(f.clusterRows())
}

// ClustersFor is the id of the project whose clusters were told (or failed to be
// listed); empty for none.
func (f *Form) ClustersFor() string { return f.clusters.project }

// sync gives the cluster field the rows of the project that is named now.
func (f *Form) sync() {
	before := f.target
	f.target, _ = f.findProject(f.project.value())
	if f.target.ID != before.ID {
		f.cluster.setRows(f.clusterRows()) // no command: the field is not the focused one
	}
}

// loaded says whether the list belongs to the project that is named and is there.
func (f *Form) loaded() bool {
	return f.target.ID != "" && f.target.ID == f.clusters.project && f.clusters.err == nil
}

func (f *Form) isSource(project, name string) bool {
	return project != "" && project == f.plan.Project.ID && name == f.plan.Cluster.Name
}

// candidates are the clusters that are offered: those of the named project as it lists them
// itself, and unless somebody has named it those of all others.
func (f *Form) candidates() []state.Found {
	var out []state.Found
	if f.loaded() {
		for _, c := range f.clusters.all {
			out = append(out, state.Found{Project: f.target, Cluster: c, Whole: true})
		}
	}
	for _, c := range f.found {
		if f.everywhere() && (c.Project.ID != f.target.ID || !f.loaded()) {
			out = append(out, c)
		}
	}
	return out
}

// clusterRows are the candidates, those that share most of the source's name before others (a
// target is mostly called after its source), then production, then the source itself, and last
// what cannot take the restore. What is only busy stays in its place: no row moves because of
// what its cluster is doing now.
func (f *Form) clusterRows() []row {
	all := f.candidates()
	rows := make([]row, 0, len(all))
	for _, c := range all {
		rows = append(rows, f.clusterRow(c))
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(a.late-b.late, f.alike(b.name)-f.alike(a.name), f.foreign(a)-f.foreign(b), strings.Compare(a.of.Name, b.of.Name), strings.Compare(a.name, b.name))
	})
	return rows
}

func (f *Form) clusterRow(found state.Found) row {
	c, of := found.Cluster, found.Project
	if found.Unreadable != "" {
		return row{name: of.Name, value: of.ID, of: of, late: unfit, cells: make([]string, 5), barred: found.Unreadable + ": look by project"}
	}
	r := row{name: c.Name, value: c.Name, of: of, words: words(c)}
	to := f.called(r)
	r.env, r.prod = to.Environment, to.IsProduction()
	r.cells = []string{to.Mark(), "", c.MongoDBVersion, c.InstanceSize, disk(c)}
	if f.everywhere() {
		r.cells[1], r.ids = of.Name, of.ID+" "+c.ID
		r.words = append(r.words, of.Name)
	}
	if to.Name != "" {
		r.words = append([]string{to.Label()}, r.words...)
	}
	switch {
	case f.isSource(of.ID, c.Name):
		r.note, r.late, r.source = "the source itself", theSource, true
		r.odd = f.plan.Erases()
		if f.plan.Delivery == state.Collections { // mostly what was lost goes back to where it was
			r.late = sourceFirst
		}
		r.words = append([]string{r.note}, r.words...)
	case to.IsProduction():
		r.late = production
	}
	barsDrill := f.names.BarsDrill(f.plan, state.Target{Project: of, ClusterName: c.Name})
	if err := f.plan.AcceptsFound(found); err != nil {
		r.barred = err.Error()
	} else if barsDrill != nil {
		r.barred = barsDrill.Error()
	} else if found.Unavailable() && !r.source {
		r.note, r.odd = found.Availability+": its state is being looked at", true
	}
	found.Cluster.State = "" // what it is doing now
	if f.plan.AcceptsFound(found) != nil || barsDrill != nil {
		r.late = unfit
	}
	return r
}

// foreign is 1 for a cluster of another project than the source's.
func (f *Form) foreign(r row) int {
	if r.of.ID == f.plan.Project.ID {
		return 0
	}
	return 1
}

// alike is how many letters name and the source's name begin with alike.
func (f *Form) alike(name string) int {
	source := f.plan.Cluster.Name
	n := 0
	for n < min(len(name), len(source)) && name[n] == source[n] {
		n++
	}
	return n
}

// words are the version and the size of a cluster.
func words(c state.Cluster) []string {
	var out []string
	for _, w := range []string{c.MongoDBVersion, c.InstanceSize, disk(c)} {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

func disk(c state.Cluster) string {
	if c.DiskSizeGB <= 0 {
		return ""
	}
	return state.Size(state.GB(c.DiskSizeGB))
}

// listed is the cluster of that exact name in the named project's list.
func (f *Form) listed(name string) (state.Cluster, bool) {
	if !f.loaded() {
		return state.Cluster{}, false
	}
	for _, c := range f.clusters.all {
		if c.Name == name {
			return c, true
		}
	}
	return state.Cluster{}, false
}

func (f *Form) checkCluster(v string, taken bool) error {
	if err := f.names.BarsDrill(f.plan, state.Target{Project: f.target, ClusterName: v}); err != nil && v != "" && f.target.ID != "" {
		return errors.New(refusal(v, err.Error()))
	}
	if c, ok := f.listed(v); ok {
		if err := f.plan.Accepts(c); err != nil {
			return errors.New(refusal(c.Name, err.Error()))
		}
		return state.CheckClusterName(v)
	}
	err := state.CheckClusterName(v)
	switch {
	case v == "":
		return notTaken{err}
	case err != nil:
		return err
	case f.awaited() && !taken:
		return notTaken{errors.New("wait until the clusters of all projects are loaded, or look by project: tab")}
	case (f.loaded() || f.everywhere()) && !taken:
		return notTaken{fmt.Errorf("%s is not in the list: press enter on a row, or on the one that uses it as typed", v)}
	}
	return nil
}

// elsewhere says whether another row than v's is highlighted.
func (f *Form) elsewhere(v string) bool {
	r, ok := f.cluster.current()
	return ok && !r.typed && (r.value != v || f.of(r).ID != f.target.ID)
}

// remarkCalled is remarkCluster with what a cluster is for, if that has to be told.
func (f *Form) remarkCalled(v string, err error) (kind, string) {
	if f.cluster.waits() {
		return muted, onlyProduction
	}
	k, words := f.remarkCluster(v, err)
	if to := f.called(row{value: v}); err == nil && !f.elsewhere(v) && to.IsProduction() {
		return muted, to.Label() + ", " + words
	}
	return k, words
}

// itself says of a typed name that it is the source's.
func (f *Form) itself() string {
	switch {
	case f.plan.Delivery != state.Collections:
		return "the source itself: what it holds now is erased"
	case f.plan.Erases():
		return "the source itself: what it has under the chosen names is erased"
	}
	return "the source itself"
}

func (f *Form) remarkCluster(v string, err error) (kind, string) {
	c, ok := f.listed(v)
	switch {
	case ok && f.elsewhere(v) && !f.cluster.taken && !f.cluster.moved:
		return muted, "a whole name, and the beginning of another: ↓ for " + v + " itself, or type on"
	case ok && f.elsewhere(v):
		r, _ := f.cluster.current()
		return muted, "enter takes " + r.name + ", the highlighted row"
	case ok && err == nil && f.isSource(f.target.ID, v):
		return muted, f.itself()
	case ok && err == nil:
		return fine, strings.Join(append([]string{"exists"}, words(c)...), ", ")
	case f.awaited() && v != "" && err != nil:
		return muted, err.Error()
	case f.everywhere() && v == "":
		return muted, f.names.Legend()
	case f.everywhere() && err != nil:
		return muted, ""
	case f.target.ID == "":
		return muted, "name the target project first, then its clusters stand here"
	case f.clusters.project == f.target.ID && f.clusters.err != nil:
		return muted, "the clusters could not be listed, a full name can be typed: " + f.clusters.err.Error()
	case !f.loaded() && f.isSource(f.target.ID, v):
		return muted, f.itself()
	case !f.loaded():
		return muted, "the clusters of " + f.target.Name + " are not listed yet; a full name can be typed"
	case err == nil:
		return muted, "not among the clusters of " + f.target.Name + ": used as typed"
	case len(f.clusters.all) == 0:
		return muted, "there are no clusters in " + f.target.Name
	}
	return muted, ""
}
