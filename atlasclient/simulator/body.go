package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
)

// attributes are the members of a request body, by their exact names: encoding/json
// would take pointInTimeUtcSeconds for pointInTimeUTCSeconds, Atlas does not.
type attributes map[string]json.RawMessage

// attributes reads the body and refuses what the operation does not know.
func (c *call) attributes(known ...string) (attributes, error) {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return nil, refuse(400, "MALFORMED_JSON", "The request body is not valid JSON.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse(400, "MALFORMED_JSON", "The request body goes on after its end.")
	}
	var a attributes
	if err := json.Unmarshal(raw, &a); err != nil || a == nil {
		return nil, refuse(400, "INVALID_JSON", "The request body is not a JSON object.")
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if !slices.Contains(known, name) {
			return nil, invalidAttribute(name, "there is no such attribute")
		}
		if string(a[name]) == "null" { // as good as absent
			delete(a, name)
		}
	}
	return a, nil
}

func (a attributes) has(name string) bool { _, ok := a[name]; return ok }

// text is a string attribute; empty if absent.
func (a attributes) text(name string) (string, error) {
	raw, ok := a[name]
	if !ok {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", badAttribute(name, "a string")
	}
	return s, nil
}

// number is an int32 attribute; 0 if absent.
func (a attributes) number(name string) (int64, error) {
	raw, ok := a[name]
	if !ok {
		return 0, nil
	}
	var n int64
	if err := json.Unmarshal(raw, &n); err != nil || n > math.MaxInt32 || n < math.MinInt32 {
		return 0, badAttribute(name, "a 32-bit integer")
	}
	if n <= 0 {
		return 0, refuse(400, "ATTRIBUTE_NEGATIVE_OR_ZERO", "The attribute "+name+" must be positive.", name)
	}
	return n, nil
}

func badAttribute(name, want string) *refusal {
	return refuse(400, "INVALID_JSON_ATTRIBUTE", "The attribute "+name+" must be "+want+".", name)
}
