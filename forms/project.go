package forms

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// withOwn puts the plan's own project first among the candidates.
func withOwn(own state.Project, projects []state.Project) []state.Project {
	out := make([]state.Project, 0, len(projects)+1)
	if own.ID != "" {
		out = append(out, own)
	}
	for _, p := range projects {
		if p.ID != own.ID {
			out = append(out, p)
		}
	}
	return out
}

// newProject makes the field of the target project.
func (f *Form) newProject(value string) *pick {
	own := f.plan.Project
	if value == "" && own.ID != "" {
		value = own.ID
	}
	found, ok := f.findProject(value)
	if ok {
		value = f.reference(found) // as its row writes it
	}
	p := &pick{entry: newEntry(base{
		key: FieldProject, label: "Target project", styles: &f.styles,
		means: f.meansProject(),
	}, value)}
	p.self = p
	p.columns = []columns.Column{{Head: "PROJECT"}, {Head: "CLUSTERS", Rank: 2, Right: true}, {Head: "ID", Rank: 1, Role: columns.Dim}}
	p.check = f.checkProject
	p.remark = f.remarkProject
	p.tells = f.tellProject
	p.taking = func(row) { f.narrow = true }
	p.instead = f.anyProject
	p.asTyped = func(v string) (row, bool) {
		unknown := state.CheckID(v) == nil && !slices.ContainsFunc(f.projects, func(p state.Project) bool { return p.ID == v })
		return row{name: fmt.Sprintf("use %q as typed", v), value: v, typed: true}, unknown
	}
	p.taken, p.whole = ok, ok
	p.setRows(f.projectRows())
	return p
}

func (f *Form) projectRows() []row {
	rows := make([]row, 0, len(f.projects))
	for _, project := range f.projects {
		rows = append(rows, f.projectRow(project))
	}
	return rows
}

// SetProjects tells the projects that are known by now. The one that the field names stays the same
// one, under whatever name leads to it among these: only a name that is still being typed is read anew.
// The command is that of SetClusters.
func (f *Form) SetProjects(projects []state.Project) tea.Cmd {
	projects = withOwn(f.plan.Project, projects)
	if slices.Equal(projects, f.projects) {
		return nil
	}
	p, before := f.project, f.target
	f.know(projects)
	if before.ID != "" && (p.taken || !p.focused) {
		if found, ok := f.findProject(before.ID); ok {
			p.input.SetValue(f.reference(found))
			p.input.CursorEnd()
			p.taken, p.whole = true, true
		}
	}
	cmd := p.setRows(f.projectRows())
	f.target, _ = f.findProject(p.value())
	return tea.Batch(cmd, f.cluster.setRows(f.clusterRows()))
}

// know takes the candidates for the target project.
func (f *Form) know(projects []state.Project) {
	f.projects = projects
	f.bearers = make(map[string]int, len(projects))
	for _, p := range projects {
		f.bearers[strings.ToLower(p.Name)]++
	}
}

// bare says whether a project has no cluster that could be overwritten. The plan's own
// has the source; a flag may have named it without its count.
func (f *Form) bare(p state.Project) bool {
	return p.ClusterCount == 0 && !p.Uncounted && p.ID != f.plan.Project.ID
}

// meansProject says what the project is asked for.
func (f *Form) meansProject() string {
	if f.plan.Delivery == state.Collections {
		return "The project of the cluster that the collections come into; it may be another one than the source's."
	}
	return "The project of the cluster that will be overwritten; it may be another one than the source's."
}

// tellProject is what taking a row would mean that is not one like the others. Of an id
// that is used as typed nothing is known.
func (f *Form) tellProject(r row) string {
	if p, ok := f.findProject(r.value); ok && !r.typed && f.bare(p) {
		return p.Name + " has no clusters."
	}
	return ""
}

// unreadable is why a project cannot be named that could not be read.
func unreadable(p state.Project) string { return "cannot be read: " + p.Unreadable }

func (f *Form) projectRow(p state.Project) row {
	r := row{name: p.Name, value: f.reference(p), cells: []string{"", ""}}
	if p.Unreadable != "" {
		r.barred = unreadable(p)
	} else if p.ID == f.plan.Project.ID {
		r.note = "this project"
	} else if f.bare(p) {
		r.note = "no clusters"
	}
	if r.note != "" {
		r.words = append(r.words, r.note)
	}
	if p.ClusterCount > 0 {
		r.cells[0] = strconv.Itoa(p.ClusterCount)
		r.words = append(r.words, state.Count(p.ClusterCount, "cluster"))
	}
	if r.value != p.Name {
		r.cells[1] = p.ID
		r.words = append(r.words, p.ID)
	}
	return r
}

// reference is what stands for a project in the field: its name where that leads
// back to it, else its id: names are unique within an organisation only, one may
// look like the id of another project, or not survive being typed.
func (f *Form) reference(p state.Project) string {
	if f.bearers[strings.ToLower(p.Name)] > 1 || state.CheckID(p.Name) == nil || p.Name == "" ||
		pasted(p.Name) != p.Name || len(p.Name) > maxTyped {
		return p.ID
	}
	return p.Name
}

// findProject is the project that value names: by id, by exact name, or by a name
// that only differs in case. A name that several bear names none, and the project is
// zero.
func (f *Form) findProject(value string) (state.Project, bool) {
	if value = strings.TrimSpace(value); value == "" {
		return state.Project{}, false
	}
	for _, p := range f.projects {
		if p.ID == value {
			return p, true
		}
	}
	for _, same := range []func(string) bool{
		func(name string) bool { return name == value },
		func(name string) bool { return strings.EqualFold(name, value) },
	} {
		var found []state.Project
		for _, p := range f.projects {
			if same(p.Name) {
				found = append(found, p)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], true
		}
		return state.Project{}, false
	}
	if state.CheckID(value) != nil {
		return state.Project{}, false
	}
	// An id that is not in the list may still be one that the credential can use.
	return state.Project{ID: value, Name: value}, true
}

// TargetProject is the project that the field names now, so that its clusters can be
// loaded. Of one that is known by id only, the id stands for the name.
func (f *Form) TargetProject() (state.Project, bool) {
	return f.target, f.target.ID != ""
}

func (f *Form) checkProject(v string, _ bool) error {
	if p, ok := f.findProject(v); ok && p.Unreadable != "" {
		return errors.New(p.Name + " " + unreadable(p))
	} else if ok {
		return nil
	}
	bearers, matches := f.bearers[strings.ToLower(v)], 0
	for _, p := range f.projects {
		if strings.Contains(strings.ToLower(p.Name), strings.ToLower(v)) {
			matches++
		}
	}
	looksLikeID := v != "" && strings.Trim(strings.ToLower(v), "0123456789abcdef") == "" && len(v) >= 8
	switch {
	case v == "":
		return notTaken{errors.New("a target project is needed: its name, or its id")}
	case bearers > 1:
		return notTaken{fmt.Errorf("%d projects bear this name: take one of the rows, or type its id", bearers)}
	case matches > 0:
		return notTaken{fmt.Errorf("no project is called %q: take one of the rows", v)}
	case looksLikeID:
		return state.CheckID(v)
	}
	return NoProject{v, state.DidYouMean(v, func(yield func(string) bool) {
		for _, p := range f.projects {
			if p.Unreadable == "" && !yield(p.Name) {
				return
			}
		}
	})}
}

func (f *Form) remarkProject(v string, err error) (kind, string) {
	if err != nil {
		return muted, ""
	}
	p := f.target
	if !slices.ContainsFunc(f.projects, func(known state.Project) bool { return known.ID == p.ID }) {
		return muted, "not among your projects: the id is used as typed"
	}
	var words []string
	if !strings.EqualFold(p.Name, v) {
		words = append(words, p.Name) // an id was typed
	}
	if p.ID != f.plan.Project.ID {
		words = append(words, "not the project of the source, "+f.plan.Project.Name)
	}
	return muted, strings.Join(words, ", ")
}
