package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"atlas-restore/state"
)

// Projects lists the projects that the credential may see, by name.
func (c *Client) Projects(ctx context.Context) ([]state.Project, error) {
	wires, err := list(ctx, c, func(w wireProject) string { return w.ID }, "groups")
	if err != nil {
		return nil, fmt.Errorf("listing the projects: %w", err)
	}
	projects := make([]state.Project, len(wires))
	for i, w := range wires {
		projects[i] = w.project()
	}
	slices.SortFunc(projects, func(a, b state.Project) int { return byName(a.Name, a.ID, b.Name, b.ID) })
	return projects, nil
}

// Project reads one project.
func (c *Client) Project(ctx context.Context, id string) (state.Project, error) {
	var w wireProject
	if err := c.do(ctx, call{method: http.MethodGet, path: []string{"groups", id}, out: &w}); err != nil {
		return state.Project{}, fmt.Errorf("reading project %s: %w", id, err)
	}
	return w.project(), nil
}

// byName orders by name, whatever its case, and equal names by id.
func byName(nameA, idA, nameB, idB string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(nameA), strings.ToLower(nameB)), cmp.Compare(idA, idB))
}
