package delivery

import (
	"strconv"
	"strings"
)

// contentRange is which bytes of a file an answer holds (RFC 9110, 14.4): first to last, both
// included, of total; total is -1 where the server does not know it. first is -1 for the range
// of a 416, which says the total alone.
type contentRange struct{ first, last, total int64 }

// parseContentRange reads the header of a 206 or a 416. It is not ok for anything that could be
// read in two ways.
func parseContentRange(header string) (contentRange, bool) {
	unit, rest, ok := strings.Cut(header, " ")
	span, total, cut := strings.Cut(rest, "/")
	if !ok || !cut || !strings.EqualFold(unit, "bytes") {
		return contentRange{}, false
	}
	r := contentRange{-1, -1, -1}
	if total != "*" {
		if r.total, ok = digits(total); !ok {
			return contentRange{}, false
		}
	}
	if span == "*" {
		return r, r.total >= 0
	}
	first, last, cut := strings.Cut(span, "-")
	var ok1, ok2 bool
	r.first, ok1 = digits(first)
	r.last, ok2 = digits(last)
	if !cut || !ok1 || !ok2 || r.last < r.first || r.total >= 0 && r.last >= r.total {
		return contentRange{}, false
	}
	return r, true
}

// digits reads a number that consists of digits alone, and can be added to.
func digits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1<<62
}
