package wiredtiger

import "strings"

// settings calls do for each name of a configuration of WiredTiger with its value, which is
// without the quotes or brackets around it, until do returns false. It does not look into
// values: what is in brackets is a configuration of its own.
func settings(text string, do func(name, value string) bool) error {
	for text != "" {
		text = strings.TrimLeft(text, " ,\n\t")
		if text == "" {
			return nil
		}
		end, err := wordEnd(text, "=,:")
		if err != nil {
			return err
		}
		name, value := strings.Trim(text[:end], `"`), ""
		text = text[end:]
		if text != "" && text[0] != ',' {
			text = text[1:]
			if end, err = wordEnd(text, ","); err != nil {
				return err
			}
			value, text = unwrapped(text[:end]), text[end:]
		}
		if !do(name, value) {
			return nil
		}
	}
	return nil
}

// wordEnd is where one of the stops is that is neither quoted nor in brackets.
func wordEnd(text, stops string) (int, error) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth < 0 {
				return 0, damaged("a bracket that nothing opened")
			}
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return i, nil
		}
	}
	if depth > 0 || quoted {
		return 0, damaged("a bracket or a quote that nothing closes")
	}
	return len(text), nil
}

// unwrapped is a value without what stands around it.
func unwrapped(v string) string {
	if len(v) >= 2 && strings.IndexByte(`"([{`, v[0]) >= 0 && strings.IndexByte(`")]}`, v[len(v)-1]) >= 0 {
		return v[1 : len(v)-1]
	}
	return v
}

// setting is the value of one name; the last counts. What is not there is empty.
func setting(text, name string) (string, error) {
	found := ""
	err := settings(text, func(n, v string) bool {
		if n == name {
			found = v
		}
		return true
	})
	return found, err
}
