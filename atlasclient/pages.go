package atlasclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime"
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
// list of a hundred thousand is 60 MB of it. Only where something cannot be read is each element
// looked at by itself.
func (p *page[T]) decode(body []byte) error {
	if all, ok := inPieces[T](body); ok {
		*p = all
		return nil
	}
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
	if e.err = asDocumented(json.Unmarshal(raw, &e.value)); e.err == nil {
		return nil
	}
	_ = json.Unmarshal(raw, &e.named) // else it has none
	return nil
}

// aPiece is how many elements are read, or made ours, in one go: less than a millisecond. Then
// whatever else waits for a processor has its turn, a key above all.
const aPiece = 32

// inPieces reads a page as Atlas sends it, one element after the other. It says false of anything
// else, of which encoding/json has to make what it can.
func inPieces[T any](body []byte) (p page[T], ok bool) {
	in := json.NewDecoder(bytes.NewReader(body))
	if begins, err := in.Token(); err != nil || begins != json.Delim('{') {
		return p, false
	}
	for in.More() {
		key, err := in.Token()
		if err == nil {
			switch key {
			case "results":
				if p.Results != nil {
					return p, false
				}
				p.Results, err = elements[T](in, len(body))
			case "links":
				err = in.Decode(&p.Links)
			case "totalCount":
				err = in.Decode(&p.TotalCount)
			default: // which may be one of them in capital letters
				return p, false
			}
		}
		if err != nil {
			return p, false
		}
	}
	if _, err := in.Token(); err != nil { // its end
		return p, false
	}
	_, err := in.Token()
	return p, errors.Is(err, io.EOF)
}

// elements reads an array of a body that is so long.
func elements[T any](in *json.Decoder, size int) ([]T, error) {
	if begins, err := in.Token(); err != nil || begins != json.Delim('[') {
		return nil, fmt.Errorf("reading an array: it is none: %w", err)
	}
	all, start, one := []T{}, in.InputOffset(), new(T)
	for in.More() {
		*one = *new(T)
		if err := in.Decode(one); err != nil {
			return nil, err //nolint:wrapcheck // whoever asks wants to know whether there is one
		}
		if all = append(all, *one); len(all) == 1 {
			all = slices.Grow(all, min(itemsPerPage, size/int(max(1, in.InputOffset()-start))))
		}
		if len(all)%aPiece == 0 {
			runtime.Gosched()
		}
	}
	_, err := in.Token()
	return all, err //nolint:wrapcheck // as above
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
	reads  string     // as in call
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
	m := &merge[W, T]{id: l.id, own: l.own, unread: l.unread, seen: map[string]bool{}}
	if err := pages(ctx, c, m, func(first []T) { state.ReportPart(ctx, l.sorted(slices.Clone(first))) }, call{method: http.MethodGet, path: l.path, query: l.query, needs: l.needs, reads: l.reads, oneTry: l.oneTry}); err != nil {
		return nil, err
	}
	return l.sorted(m.all()), nil
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
		first(m.pages[0])
	}
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
	return news && (p.hasNext() || int(p.TotalCount) > m.n)
}

// merge puts pages together. What was made meanwhile shifts them, so that some elements
// come twice. What Atlas sends is made ours page by page, so that a long list is never held
// in both shapes.
type merge[W, T any] struct {
	id     func(W) string
	own    func(W) T
	unread func(of named, why error) W // as in listing
	seen   map[string]bool
	pages  [][]T // what was new
	n      int   // in all of them
	joined bool  // they are one, with those that come
}

// add appends what is new, and says whether anything was.
func (m *merge[W, T]) add(p page[W]) (news bool, err error) {
	ours, before := m.room(len(p.Results), min(int(p.TotalCount), itemsPerPage*mostPages)), m.n
	for i, w := range p.Results {
		if odd, ok := p.unread[i]; ok {
			if m.unread == nil {
				return false, &state.UnreadableError{Why: "an element of the list cannot be read: " + clean(odd.err.Error())}
			}
			w = m.unread(odd.named, odd.err)
		}
		if i%aPiece == 0 {
			runtime.Gosched()
		}
		id := m.id(w)
		if id == "" || !m.seen[id] { // two without an id may be two
			m.seen[id] = true
			*ours = append(*ours, m.own(w))
			m.n++
		}
	}
	return m.n > before, nil
}

// room is where the next n elements go, of a list that is said to have so many. Until most of them
// have come each page stands by itself: a collection of garbage goes through all that memory, and
// through room that nothing was written to yet it takes a tenth of a second, in which no key finds a
// processor. Then all are put together, so that a list is never held twice.
func (m *merge[W, T]) room(n, of int) *[]T {
	if !m.joined && m.n > 0 && of > m.n && 3*m.n >= 2*of {
		m.join(of)
	}
	if last := len(m.pages) - 1; last < 0 || cap(m.pages[last])-len(m.pages[last]) < n {
		m.pages = append(m.pages, make([]T, 0, n))
	}
	return &m.pages[len(m.pages)-1]
}

// join puts what has come into one page, which has room for so many.
func (m *merge[W, T]) join(room int) {
	all := make([]T, 0, max(room, m.n))
	for i, page := range m.pages {
		all = append(all, page...)
		m.pages[i] = nil
		runtime.Gosched()
	}
	m.pages, m.joined = [][]T{all}, true
}

// all is what was added.
func (m *merge[W, T]) all() []T {
	if len(m.pages) != 1 {
		m.join(0)
	}
	return m.pages[0]
}

// one asks for one page, or for a list that has none.
func one[T any](ctx context.Context, c *Client, k call) (page[T], error) {
	var p page[T]
	k.out, k.most = &p, mostOfList
	err := c.do(ctx, k)
	if err == nil && p.Results == nil {
		err = &state.UnreadableError{Why: "the answer is no list: it has no results"}
	}
	if n := k.query.Get("pageNum"); err == nil && len(p.Results) == 0 && p.TotalCount > 0 && (n == "" || n == "1") { // an estimate, but not of nothing
		err = &state.UnreadableError{Why: fmt.Sprintf("the answer counts %d, and has none of them", p.TotalCount)}
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
