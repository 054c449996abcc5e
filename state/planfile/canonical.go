package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxWhole is the largest whole number that every reader of JSON takes for itself (RFC 7493, 2.2).
const maxWhole = 1<<53 - 1

// canonical is the one form of what JSON says, as RFC 8785 has it: the members of an object in
// the order of their names, no blank between anything, no escape but the needed ones. Numbers
// are whole ones only, so that nothing is left to say about how a fraction is written.
func canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	tree, err := parseTree(raw)
	if err != nil {
		return nil, err
	}
	return appendTree(nil, tree)
}

// parseTree reads one JSON value and nothing else. Of a name that stands twice in an object it
// has the last: the text then has another form than the canonical one.
func parseTree(raw []byte) (any, error) {
	if !utf8.Valid(raw) { // else a text would become another one in silence
		return nil, errors.New("it is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the JSON")
	}
	return tree, nil
}

func appendTree(to []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil:
		return append(to, "null"...), nil
	case bool:
		return strconv.AppendBool(to, v), nil
	case string:
		return appendText(to, v), nil
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n > maxWhole || n < -maxWhole {
			return nil, fmt.Errorf("%s is no whole number that every reader takes for itself", v)
		}
		return strconv.AppendInt(to, n, 10), nil
	case []any:
		to = append(to, '[')
		for i, one := range v {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = appendTree(to, one); err != nil {
				return nil, err
			}
		}
		return append(to, ']'), nil
	case map[string]any:
		to = append(to, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) { // all names are ASCII: bytes sort as UTF-16 does
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendText(to, name), ':')
			if to, err = appendTree(to, v[name]); err != nil {
				return nil, err
			}
		}
		return append(to, '}'), nil
	}
	return nil, fmt.Errorf("%T is nothing that JSON says", v)
}

// appendText is a text with the escapes of RFC 8785, 3.2.2.2: those that JSON cannot do without.
func appendText(to []byte, s string) []byte {
	to = append(to, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			to = append(to, '\\', byte(r))
		case r < 0x20:
			if at := bytes.IndexRune([]byte("\b\t\n\f\r"), r); at >= 0 {
				to = append(to, '\\', "btnfr"[at])
			} else {
				to = fmt.Appendf(to, `\u%04x`, r)
			}
		default:
			to = utf8.AppendRune(to, r)
		}
	}
	return append(to, '"')
}
