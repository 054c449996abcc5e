package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"atlas-restore/state"
)

// Projects lists the projects that the credential may see, by name.
func (c *Client) Projects(ctx context.Context) ([]state.Project, error) {
	projects, err := list(ctx, c, listing[wireProject, state.Project]{
		path: []string{"groups"},
		id:   func(w wireProject) string { return w.ID }, unread: unreadProject,
		own: wireProject.project, order: func(a, b state.Project) int { return byName(a.Name, a.ID, b.Name, b.ID) },
	})
	if err != nil {
		return nil, fmt.Errorf("listing the projects: %w", err)
	}
	c.names.learn(projects...)
	return projects, nil
}

// Project reads one project.
func (c *Client) Project(ctx context.Context, id string) (state.Project, error) {
	var w wireProject
	if err := c.do(ctx, call{method: http.MethodGet, path: []string{"groups", id}, out: &w, needs: state.RoleReadOnly}); err != nil {
		return state.Project{}, fmt.Errorf("reading project %s: %w", id, err)
	}
	p := w.project()
	c.names.learn(p)
	return p, nil
}

// byName orders by name, whatever its case, and equal names by id.
func byName(nameA, idA, nameB, idB string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(nameA), strings.ToLower(nameB)), cmp.Compare(idA, idB))
}

// names are those of the projects that were seen, by id: a refusal names what people know.
type names struct{ byID sync.Map }

func (n *names) learn(projects ...state.Project) {
	for _, p := range projects {
		n.byID.Store(p.ID, p.Name)
	}
}

// project is the one that a call is about: its name, else its id; empty for none.
func (n *names) project(k call) string {
	if len(k.path) < 2 || k.path[0] != "groups" {
		return ""
	}
	if name, ok := n.byID.Load(k.path[1]); ok && name != "" {
		return name.(string) //nolint:errcheck // only learn stores, and it stores strings
	}
	return k.path[1]
}
