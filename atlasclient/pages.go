package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"atlas-restore/state"
)

// itemsPerPage is the most that Atlas gives at once; pagesAtOnce how many pages are
// asked for beside each other once the first has come.
const (
	itemsPerPage = 500
	pagesAtOnce  = 8
	// mostPages bounds what a list may hold: far more than anything that a person
	// could choose from, and an end to a server that always promises another page.
	mostPages = 1000
)

// page is Atlas's list shape. totalCount is an estimate: it says how many pages to ask
// for at once, and nothing else.
type page[T any] struct {
	Results    []T `json:"results"`
	TotalCount int `json:"totalCount"`
	Links      []struct {
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

// listing is a list of Atlas and what is made of it.
type listing[W, T any] struct {
	path  []string
	query url.Values // beside the paging; may be nil
	needs string     // the role that Atlas asks for
	id    func(W) string
	make  func([]W) []T // in the order that is ours
}

// list fetches every page of a list, each element once. The part that comes first is
// reported as soon as it has come, if there are more.
func list[W, T any](ctx context.Context, c *Client, l listing[W, T]) ([]T, error) {
	all, err := pages(ctx, c, l.id, func(first []W) { state.ReportPart(ctx, l.make(first)) }, call{method: http.MethodGet, path: l.path, query: l.query, needs: l.needs})
	if err != nil {
		return nil, err
	}
	return l.make(all), nil
}

// pages fetches every page, in Atlas's order. Pages are asked for by number: the address
// in a next link may bear another host, so only its presence counts. The rest behind the
// first is asked for several at a time. An end that comes early, because something was
// deleted meanwhile, ends the list, and so does a page without news.
func pages[T any](ctx context.Context, c *Client, id func(T) string, first func([]T), k call) ([]T, error) {
	m := merge[T]{id: id, seen: map[string]bool{}}
	p, err := one[T](ctx, c, 1, k)
	if err != nil {
		return nil, err
	}
	if m.add(p); !p.hasNext() {
		return m.all, nil
	}
	first(m.all)
	// The estimate may be too low or missing: what follows it is asked for one by one.
	for n, last := 2, (p.TotalCount+itemsPerPage-1)/itemsPerPage; ; {
		end := min(max(n, last), n+pagesAtOnce-1)
		pages, err := several[T](ctx, c, n, end, k)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if news := m.add(p); !p.hasNext() || !news {
				return m.all, nil
			}
		}
		if n = end + 1; n > mostPages {
			return nil, fmt.Errorf("the list does not end after %d pages", mostPages)
		}
	}
}

// merge puts pages together. What was made meanwhile shifts them, so that some elements
// come twice.
type merge[T any] struct {
	id   func(T) string
	seen map[string]bool
	all  []T
}

// add appends what is new, and says whether anything was.
func (m *merge[T]) add(p page[T]) bool {
	before := len(m.all)
	for _, e := range p.Results {
		if !m.seen[m.id(e)] {
			m.seen[m.id(e)] = true
			m.all = append(m.all, e)
		}
	}
	return len(m.all) > before
}

func one[T any](ctx context.Context, c *Client, n int, k call) (page[T], error) {
	var p page[T]
	query := url.Values{"itemsPerPage": {strconv.Itoa(itemsPerPage)}, "pageNum": {strconv.Itoa(n)}}
	maps.Copy(query, k.query) // pages are asked for beside each other: each has its own
	k.query = query
	k.out = &p
	err := c.do(ctx, k)
	return p, err
}

// several asks for pages from to to at once. A page that has vanished meanwhile (404)
// is an empty one; the first other error ends all of them.
func several[T any](ctx context.Context, c *Client, from, to int, k call) ([]page[T], error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make([]page[T], to-from+1)
	var (
		all   sync.WaitGroup
		once  sync.Once
		first error // not the context's cause: every call would give it as its own
	)
	for i := range pages {
		all.Go(func() {
			p, err := one[T](ctx, c, from+i, k)
			if gone := (*state.AtlasError)(nil); errors.As(err, &gone) && gone.Status == http.StatusNotFound {
				p, err = page[T]{}, nil
			}
			if pages[i] = p; err != nil {
				once.Do(func() { first = err; cancel() })
			}
		})
	}
	all.Wait()
	return pages, first
}

// sorted makes our own of what Atlas sends, in our own order: it documents none.
func sorted[W, T any](wires []W, own func(W) T, order func(a, b T) int) []T {
	out := make([]T, len(wires))
	for i, w := range wires {
		out[i] = own(w)
	}
	slices.SortFunc(out, order)
	return out
}
