package atlasclient

import (
	"context"
	"encoding/json"
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

// page is Atlas's list shape, of which only results is always there: an answer without it
// is no list, and never an empty one. totalCount is an estimate: it says how many pages to
// ask for at once, and that one more is worth a look.
type page[T any] struct {
	Results    []T      `json:"results"`
	TotalCount estimate `json:"totalCount"`
	Links      []struct {
		Rel string `json:"rel"`
	} `json:"links"`

	unread map[int]unread // the results that cannot be read, by their place
}

// unread is an element of a list that cannot be read: that says nothing of the others.
type unread struct {
	named

	err error
}

// named is what one calls an element that cannot be read, as far as it has that.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// decode implements decoder. Mostly everything can be read, and one pass over the body does: a
// list of a hundred thousand is 50 MB of it. Only where something cannot be read is each element
// looked at by itself.
func (p *page[T]) decode(body []byte) error {
	type plain page[T]
	var all plain
	if json.Unmarshal(body, &all) == nil {
		*p = page[T](all)
		return nil
	}
	var each struct {
		Results    []element[T] `json:"results"`
		TotalCount estimate     `json:"totalCount"`
		Links      []struct {
			Rel string `json:"rel"`
		} `json:"links"`
	}
	if err := json.Unmarshal(body, &each); err != nil {
		return err //nolint:wrapcheck // the caller says of what answer
	}
	*p = page[T]{TotalCount: each.TotalCount, Links: each.Links, unread: map[int]unread{}}
	if each.Results != nil {
		p.Results = make([]T, len(each.Results))
	}
	for i, e := range each.Results {
		if p.Results[i] = e.value; e.err != nil {
			p.unread[i] = unread{e.named, e.err}
		}
	}
	return nil
}

// element is one of a list, read by itself.
type element[T any] struct {
	named // where it cannot be read

	value T
	err   error
}

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (e *element[T]) UnmarshalJSON(raw []byte) error {
	*e = element[T]{}
	if e.err = json.Unmarshal(raw, &e.value); e.err == nil {
		return nil
	}
	_ = json.Unmarshal(raw, &e.named) // else it has none
	return nil
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
	path   []string
	query  url.Values // beside the paging; may be nil
	needs  string     // the role that Atlas asks for
	oneTry bool       // as in call
	id     func(W) string
	own    func(W) T        // makes ours of Atlas's
	order  func(a, b T) int // ours: Atlas documents none; nil: as it sends them
	// unread stands for an element that cannot be read, so that the others are not hidden
	// by it; nil where the whole list counts as unreadable then.
	unread func(of named, why error) W
}

// list fetches every page of a list, each element once, in our order. The part that comes
// first is reported as soon as it has come, if there are more.
func list[W, T any](ctx context.Context, c *Client, l listing[W, T]) ([]T, error) {
	m := &merge[W, T]{id: l.id, own: l.own, unread: l.unread, seen: map[string]bool{}, all: []T{}}
	if err := pages(ctx, c, m, func(first []T) { state.ReportPart(ctx, l.sorted(slices.Clone(first))) }, call{method: http.MethodGet, path: l.path, query: l.query, needs: l.needs, oneTry: l.oneTry}); err != nil {
		return nil, err
	}
	return l.sorted(m.all), nil
}

// sorted has a list in our order.
func (l listing[W, T]) sorted(all []T) []T {
	if l.order != nil {
		slices.SortFunc(all, l.order)
	}
	return all
}

// pages fetches every page into m. Pages are asked for by number: the address
// in a next link may bear another host, so only its presence counts. A list goes on where
// either says so, the link or a count of more than has come: a server, or a proxy before it,
// may send no links. The rest behind the first page is asked for several at a time. An end
// that comes early, because something was deleted meanwhile, ends the list, and so does a
// page without news.
func pages[W, T any](ctx context.Context, c *Client, m *merge[W, T], first func([]T), k call) error {
	p, err := numbered[W](ctx, c, 1, k)
	if err != nil {
		return err
	}
	news, err := m.add(p)
	if err != nil || !m.goesOn(p, news) {
		return err
	}
	if p.hasNext() || len(p.Results) >= itemsPerPage {
		first(m.all)
	}
	m.all = slices.Grow(m.all, min(int(p.TotalCount), itemsPerPage*mostPages)) // memory that is not written to is none
	// The estimate may be too low or missing: what follows it is asked for one by one.
	for n, last := 2, (int(p.TotalCount)+itemsPerPage-1)/itemsPerPage; ; {
		end := min(max(n, last), n+pagesAtOnce-1)
		pages, err := several[W](ctx, c, n, end, k)
		if err != nil {
			return err
		}
		for _, p := range pages {
			if news, err := m.add(p); err != nil || !m.goesOn(p, news) {
				return err
			}
		}
		if n = end + 1; n > mostPages {
			return fmt.Errorf("the list does not end after %d pages", mostPages)
		}
	}
}

// goesOn says whether there may be a page behind p, which was added.
func (m *merge[W, T]) goesOn(p page[W], news bool) bool {
	return news && (p.hasNext() || int(p.TotalCount) > len(m.all))
}

// merge puts pages together. What was made meanwhile shifts them, so that some elements
// come twice. What Atlas sends is made ours page by page, so that a long list is never held
// in both shapes.
type merge[W, T any] struct {
	id     func(W) string
	own    func(W) T
	unread func(of named, why error) W // as in listing
	seen   map[string]bool
	all    []T
}

// add appends what is new, and says whether anything was.
func (m *merge[W, T]) add(p page[W]) (news bool, err error) {
	before := len(m.all)
	for i, w := range p.Results {
		if odd, ok := p.unread[i]; ok {
			if m.unread == nil {
				return false, &state.UnreadableError{Why: "an element of the list cannot be read: " + clean(odd.err.Error())}
			}
			w = m.unread(odd.named, odd.err)
		}
		id := m.id(w)
		if id == "" || !m.seen[id] { // two without an id may be two
			m.seen[id] = true
			m.all = append(m.all, m.own(w))
		}
	}
	return len(m.all) > before, nil
}

// one asks for one page, or for a list that has none.
func one[T any](ctx context.Context, c *Client, k call) (page[T], error) {
	var p page[T]
	k.out, k.most = &p, mostOfList
	err := c.do(ctx, k)
	if err == nil && p.Results == nil {
		err = &state.UnreadableError{Why: "the answer is no list: it has no results"}
	}
	return p, err
}

// numbered asks for page n.
func numbered[T any](ctx context.Context, c *Client, n int, k call) (page[T], error) {
	query := url.Values{"itemsPerPage": {strconv.Itoa(itemsPerPage)}, "pageNum": {strconv.Itoa(n)}}
	maps.Copy(query, k.query) // pages are asked for beside each other: each has its own
	k.query = query
	return one[T](ctx, c, k)
}

// several asks for pages from to to at once. The first error ends all of them: one page that
// is not there (404) is not an empty one, as what stands behind it would be lost with it.
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
			p, err := numbered[T](ctx, c, from+i, k)
			if pages[i] = p; err != nil {
				once.Do(func() { first = err; cancel() })
			}
		})
	}
	all.Wait()
	return pages, first
}
