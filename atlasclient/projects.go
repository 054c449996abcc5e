package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"atlas-restore/state"
)

// Projects lists the projects that the credential may see, by name.
func (c *Client) Projects(ctx context.Context) ([]state.Project, error) {
	projects, err := list(ctx, c, listing[wireProject, state.Project]{
		path: []string{"groups"},
		id:   func(w wireProject) string { return w.ID },
		make: func(wires []wireProject) []state.Project {
			return sorted(wires, wireProject.project, func(a, b state.Project) int { return byName(a.Name, a.ID, b.Name, b.ID) })
		},
	})
	if err != nil {
		return nil, fmt.Errorf("listing the projects: %w", err)
	}
	return projects, nil
}

// Project reads one project.
func (c *Client) Project(ctx context.Context, id string) (state.Project, error) {
	var w wireProject
	if err := c.do(ctx, call{method: http.MethodGet, path: []string{"groups", id}, out: &w, needs: state.RoleReadOnly}); err != nil {
		return state.Project{}, fmt.Errorf("reading project %s: %w", id, err)
	}
	return w.project(), nil
}

// byName orders by name, whatever its case, and equal names by id.
func byName(nameA, idA, nameB, idB string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(nameA), strings.ToLower(nameB)), cmp.Compare(idA, idB))
}
