package atlasclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// itemsPerPage is the most that Atlas gives at once.
const itemsPerPage = 500

// page is Atlas's list shape. totalCount is an estimate, and not used.
type page[T any] struct {
	Results []T `json:"results"`
	Links   []struct {
		Rel string `json:"rel"`
	} `json:"links"`
}

func (p page[T]) hasNext() bool {
	for _, l := range p.Links {
		if l.Rel == "next" {
			return true
		}
	}
	return false
}

// list fetches every page of a list, in Atlas's order, each element once. Pages are
// asked for by number: the address in a next link may bear another host, so only its
// presence counts. A page without news ends the list too, whatever its links say.
func list[T any](ctx context.Context, c *Client, id func(T) string, path ...string) ([]T, error) {
	var all []T
	seen := map[string]bool{} // what was made meanwhile shifts the pages, so that some come twice
	for n := 1; ; n++ {
		var p page[T]
		query := url.Values{"itemsPerPage": {strconv.Itoa(itemsPerPage)}, "pageNum": {strconv.Itoa(n)}}
		if err := c.do(ctx, call{method: http.MethodGet, path: path, query: query, out: &p}); err != nil {
			return nil, err
		}
		before := len(all)
		for _, e := range p.Results {
			if !seen[id(e)] {
				seen[id(e)] = true
				all = append(all, e)
			}
		}
		if !p.hasNext() || len(all) == before {
			return all, nil
		}
	}
}
