// Package schema holds answers against the schema of the Admin API, for tests of what
// stands for Atlas.
package schema

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// file is Atlas's schema, beside the checkout; it is no part of the product and may be
// absent.
const file = "shared/atlas/openapi.json"

var load = sync.OnceValues(func() (*openapi3.T, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for { // up to the checkout
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return nil, fs.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(dir), file))
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err == nil { // a pattern that Go has no words for
		doc.Components.Schemas["NetworkPermissionEntry"].Value.Properties["ipAddress"].Value.Pattern = ""
		// A size like M40 is one of several providers: not one alone fits.
		size := doc.Components.Schemas["BaseCloudProviderInstanceSize"].Value
		size.AnyOf, size.OneOf, size.Type = size.OneOf, nil, nil // and it is called an object
		err = complete(doc)
	}
	return doc, err
})

// Present skips a test where the schema is absent, saying so.
func Present(t testing.TB) {
	t.Helper()
	if _, err := load(); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is absent: answers are not held against the schema", file)
	} else if err != nil {
		t.Fatal(err)
	}
}

// undocumented are members that real answers have and the schema lacks.
// The services of private endpoints have members of their own for each provider, which the
// stored schema has left out.
var undocumented = map[string]bool{"effectiveDatabaseEdition": true, "targetDeploymentItemName": true, "interfaceEndpoints": true, "endpointServiceName": true}

// Check holds an answer against the schema of its operation. Where the schema is absent
// it checks nothing.
func Check(t testing.TB, method, path string, status int, header http.Header, body []byte) {
	t.Helper()
	doc, err := load()
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(path, "?")
	if strings.Contains(query, "envelope=true") {
		return // the schema does not describe the envelope
	}
	operation := findOperation(doc, method, path)
	if operation == nil || status == 406 { // 406 is declared nowhere
		if status < 400 {
			t.Errorf("%s %s: not in the schema, but answered with %d", method, path, status)
		}
		return
	}
	response := operation.Responses.Value(strconv.Itoa(status))
	if response == nil {
		t.Errorf("%s %s: status %d is not in the schema", method, path, status)
		return
	}
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	content := response.Value.Content[media]
	if content == nil {
		t.Errorf("%s %s: %d with media type %q, which is not in the schema", method, path, status, media)
		return
	}
	if status == 204 {
		if len(body) != 0 {
			t.Errorf("%s %s: 204 with a body", method, path)
		}
		return
	}
	var answer any // one is a bare array
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Errorf("%s %s: %v in %s", method, path, err, body)
		return
	}
	var options []openapi3.SchemaValidationOption
	options = append(options, openapi3.VisitAsResponse(), openapi3.MultiErrors(), openapi3.EnableFormatValidation())
	if err := content.Schema.Value.VisitJSON(answer, options...); err != nil {
		t.Errorf("%s %s: %d against the schema: %v", method, path, status, err)
	}
	if method == "POST" && strings.HasSuffix(path, "/snapshots") {
		return // the schema has only what both families share, real answers have more
	}
	for _, name := range unknownMembers(content.Schema.Value, answer) {
		t.Errorf("%s: member %s is not in the schema", path, name)
	}
}

// unknownMembers are misspelt members, which a schema lets pass, each with the way to it.
func unknownMembers(s *openapi3.Schema, v any) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if s.Items != nil {
				out = append(out, unknownMembers(s.Items.Value, x)...)
			}
		}
	case map[string]any:
		for name, x := range v {
			if p := s.Properties[name]; p != nil {
				for _, below := range unknownMembers(p.Value, x) {
					out = append(out, name+"."+below)
				}
			} else if len(s.Properties) > 0 && len(s.AllOf)+len(s.OneOf) == 0 && !undocumented[name] {
				out = append(out, name)
			}
		}
	}
	return out
}

// findOperation finds the path with the most literal parts that fits.
func findOperation(doc *openapi3.T, method, path string) *openapi3.Operation {
	var best *openapi3.Operation
	most := -1
	parts := strings.Split(path, "/")
	for template, item := range doc.Paths.Map() {
		wanted := strings.Split(template, "/")
		literal := 0
		for i, w := range wanted {
			switch {
			case len(wanted) != len(parts):
				literal = -2
			case strings.HasPrefix(w, "{"):
			case w == parts[i]:
				literal++
			default:
				literal = -len(wanted)
			}
		}
		if operation := item.GetOperation(method); operation != nil && literal > most {
			best, most = operation, literal
		}
	}
	return best
}
