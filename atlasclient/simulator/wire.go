package simulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// object is a JSON object. Which members an object of Atlas has depends on its
// state, and Atlas writes them in alphabetical order: a map does both.
type object = map[string]any

// reply is an answer before it leaves.
type reply struct {
	status       int
	header       http.Header
	file         *logFile // instead of a body
	body         []byte
	code         string // Atlas's error code, for the log
	unauthorized bool   // answer as Atlas's edge does
	stale        bool   // … because of an old nonce
	drop         bool   // cut the connection instead
	reset        bool   // … so that the other side is told of it
}

// refused is the reply to a request that was refused.
func refused(r *refusal, pretty bool) reply {
	rep := reply{status: r.status, header: http.Header{}, body: encode(r.wire(), pretty), code: r.code}
	rep.header.Set("Content-Type", "application/json")
	rep.header.Set("X-Error-Code", r.code)
	if r.retryAfter > 0 {
		rep.header.Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
	return rep
}

func plainJSON(status int, v any) reply {
	rep := reply{status: status, header: http.Header{}, body: encode(v, false)}
	rep.header.Set("Content-Type", "application/json")
	return rep
}

// encode writes JSON as Atlas does: without escapes for HTML.
func encode(v any, pretty bool) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if pretty {
		e.SetIndent("", "  ")
	}
	must(e.Encode(v)) // only our own objects come here
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func link(href, rel string) object { return object{"href": href, "rel": rel} }

// cloudRel is the relation of a link that is not one of the web's own.
func cloudRel(what string) string { return "https://cloud.mongodb.com/" + what }

// flag reads a boolean of the query.
func flag(q url.Values, name string, otherwise bool) (bool, *refusal) {
	if !q.Has(name) {
		return otherwise, nil
	}
	v, err := strconv.ParseBool(q.Get(name))
	if err != nil {
		return false, invalidQuery(name, q.Get(name))
	}
	return v, nil
}

// number reads a positive integer of the query.
func number(q url.Values, name string, otherwise, high int) (int, *refusal) {
	if !q.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 || n > high {
		return 0, invalidQuery(name, q.Get(name))
	}
	return n, nil
}

const maxInt = int(^uint(0) >> 1)

// list is a page of n things in the shape that all of Atlas's lists have.
func (c *call) list(n int, at func(i int) object) (object, error) {
	q := c.r.URL.Query()
	page, err := number(q, "pageNum", 1, maxInt)
	if err != nil {
		return nil, err
	}
	size, err := number(q, "itemsPerPage", 100, 500)
	if err != nil {
		return nil, err
	}
	count, err := flag(q, "includeCount", true)
	if err != nil {
		return nil, err
	}
	from, to := n, n
	if page-1 <= n/size { // a page far beyond the end must not overflow
		from = min(n, (page-1)*size)
		to = min(n, from+size)
	}
	results := make([]object, 0, to-from)
	for i := from; i < to; i++ {
		results = append(results, at(i))
	}
	links := []object{link(c.self(), "self")}
	if to < n {
		links = append(links, link(c.page(page+1, size), "next"))
	}
	if page > 1 {
		links = append(links, link(c.page(page-1, size), "previous"))
	}
	out := object{"links": links, "results": results}
	if count {
		out["totalCount"] = n
	}
	return out, nil
}

// self is the URL of this request.
func (c *call) self() string {
	u := c.base + c.r.URL.EscapedPath()
	if c.r.URL.RawQuery != "" {
		u += "?" + c.r.URL.RawQuery
	}
	return u
}

// page is the URL of another page of this list.
func (c *call) page(n, size int) string {
	q := maps.Clone(c.r.URL.Query())
	q.Set("pageNum", strconv.Itoa(n))
	q.Set("itemsPerPage", strconv.Itoa(size))
	return c.base + c.r.URL.EscapedPath() + "?" + q.Encode()
}
