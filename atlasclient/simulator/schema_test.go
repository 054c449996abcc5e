package simulator

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// schemaFile is Atlas's schema; it is no part of the product and may be absent.
const schemaFile = "../../../shared/atlas/openapi.json"

var schema = sync.OnceValues(func() (*openapi3.T, error) {
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err == nil { // a pattern that Go has no words for
		doc.Components.Schemas["NetworkPermissionEntry"].Value.Properties["ipAddress"].Value.Pattern = ""
	}
	return doc, err
})

// TestSchemaIsThere says so where the answers are not checked.
func TestSchemaIsThere(t *testing.T) {
	if _, err := schema(); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is absent: answers are not held against the schema", schemaFile)
	} else if err != nil {
		t.Fatal(err)
	}
}

// undocumented are members that real answers have and the schema lacks.
// The services of private endpoints have members of their own for each provider, which the
// stored schema has left out.
var undocumented = map[string]bool{"effectiveDatabaseEdition": true, "targetDeploymentItemName": true, "interfaceEndpoints": true, "endpointServiceName": true}

// checkSchema holds an answer against the schema of its operation.
func checkSchema(t *testing.T, method, path string, a answer) {
	t.Helper()
	doc, err := schema()
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
	if operation == nil || a.status == 406 { // 406 is declared nowhere
		if a.status < 400 {
			t.Errorf("%s %s: not in the schema, but answered with %d", method, path, a.status)
		}
		return
	}
	response := operation.Responses.Value(strconv.Itoa(a.status))
	if response == nil {
		t.Errorf("%s %s: status %d is not in the schema", method, path, a.status)
		return
	}
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	content := response.Value.Content[media]
	if content == nil {
		t.Errorf("%s %s: %d with media type %q, which is not in the schema", method, path, a.status, media)
		return
	}
	if a.status == 204 {
		if len(a.body) != 0 {
			t.Errorf("%s %s: 204 with a body", method, path)
		}
		return
	}
	var options []openapi3.SchemaValidationOption
	options = append(options, openapi3.VisitAsResponse(), openapi3.MultiErrors(), openapi3.EnableFormatValidation())
	var value any // one answer is a bare array
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Errorf("%s %s: %v in %s", method, path, err, a.body)
	}
	if err := content.Schema.Value.VisitJSON(value, options...); err != nil {
		t.Errorf("%s %s: %d against the schema: %v", method, path, a.status, err)
	}
	if method == "POST" && strings.HasSuffix(path, "/snapshots") {
		return // the schema has only what both families share, real answers have more
	}
	unknownMembers(t, path, content.Schema.Value, value)
}

// unknownMembers finds misspelt members, which a schema lets pass.
func unknownMembers(t *testing.T, where string, s *openapi3.Schema, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if s.Items != nil {
				unknownMembers(t, where, s.Items.Value, x)
			}
		}
	case map[string]any:
		for name, x := range v {
			if p := s.Properties[name]; p != nil {
				unknownMembers(t, where+"."+name, p.Value, x)
			} else if len(s.Properties) > 0 && len(s.AllOf)+len(s.OneOf) == 0 && !undocumented[name] {
				t.Errorf("%s: member %s is not in the schema", where, name)
			}
		}
	}
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
