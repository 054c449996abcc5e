package scenario

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"atlas-restore/atlasclient/simulator"
)

//go:embed scenarios/*.yaml
var files embed.FS

// Example is a scenario with comments, to begin one's own with.
//
//go:embed example.yaml
var Example string

// folder is where the scenarios are that are built in, in files like 01-first-download.yaml.
const folder = "scenarios"

// List is all that are built in, in the order in which they are best played.
func List() ([]Scenario, error) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("listing the scenarios: %w", err)
	}
	var out []Scenario
	for _, e := range entries {
		s, err := builtIn(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func builtIn(file string) (Scenario, error) {
	raw, err := files.ReadFile(folder + "/" + file)
	if err != nil {
		return Scenario{}, fmt.Errorf("reading the scenario %s: %w", file, err)
	}
	return Parse(file, raw)
}

// UnknownError is a name that no scenario has.
type UnknownError struct {
	Name  string
	Names []string // that there are
}

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no scenario %q: one of %s, or a file", e.Name, strings.Join(e.Names, ", "))
}

// Load is the built-in scenario of a name. Its file bears that name: no other one is read.
func Load(name string) (Scenario, error) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return Scenario{}, fmt.Errorf("listing the scenarios: %w", err)
	}
	var names []string
	for _, e := range entries {
		_, its, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".yaml"), "-")
		if its == name {
			return builtIn(e.Name())
		}
		names = append(names, its)
	}
	return Scenario{}, &UnknownError{name, names}
}

// mostBytes is far more than any scenario: those that are built in have about 3 KB each.
const mostBytes = 1 << 20

// Read reads a scenario of one's own. What is no regular file, such as a pipe or a device, might
// never end, nor begin: it is refused without being opened.
func Read(file string) (Scenario, error) {
	raw, err := readWhole(filepath.Clean(file))
	if err != nil {
		return Scenario{}, fmt.Errorf("reading a scenario: %w", err)
	}
	return Parse(file, raw)
}

func readWhole(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file, and may never end: save it to a file first", file)
	}
	f, err := os.Open(file) //nolint:gosec // whoever runs the program says which
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	defer func() { _ = f.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(raw) > mostBytes {
		err = fmt.Errorf("%s is larger than %d KiB, which no scenario is", file, mostBytes>>10)
	}
	return raw, err //nolint:wrapcheck // it names the file
}

// Parse reads a scenario. Its error has a line for each mistake: where it is, and what
// is expected there. The world is not looked at: that a cluster does not exist is found
// by Start.
func Parse(file string, raw []byte) (Scenario, error) {
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&doc); err != nil {
		return Scenario{}, fmt.Errorf("%s: it is no YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := reader{file: file, lines: map[string]int{}}
	root := doc.Content[0]
	if r.shape(root, reflect.TypeFor[Scenario](), ""); len(r.mistakes) > 0 {
		return Scenario{}, r.error()
	}
	var s Scenario
	if err := root.Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("%s: %w", file, err) // the shape was right: it has nothing left to say
	}
	s.check(&r)
	if len(r.mistakes) > 0 {
		return Scenario{}, r.error()
	}
	return s, nil
}

// reader collects the mistakes in a file.
type reader struct {
	file     string
	lines    map[string]int // of each part, by its path: goals[1].when
	mistakes []mistake
}

type mistake struct {
	line int
	text string
}

func (r *reader) say(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, mistake{line, fmt.Sprintf(format, args...)})
}

// at is say for a part that was read. A part that is missing is told at what it is missing from.
func (r *reader) at(path, format string, args ...any) {
	for where := path; ; {
		if line, ok := r.lines[where]; ok {
			r.say(line, "%s: "+format, append([]any{path}, args...)...)
			return
		}
		where = where[:max(0, strings.LastIndexAny(where, ".["))]
	}
}

func (r *reader) error() error {
	slices.SortStableFunc(r.mistakes, func(a, b mistake) int { return a.line - b.line })
	var lines []string
	for _, m := range r.mistakes {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", r.file, m.line, m.text))
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// shape holds a part of the file against the type that it is read into.
func (r *reader) shape(n *yaml.Node, t reflect.Type, path string) {
	r.lines[path] = n.Line
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	expected := ""
	switch {
	case n.Kind == yaml.AliasNode:
		expected = "written out: a scenario has no anchors"
	case t == reflect.TypeFor[time.Time]():
		var v time.Time
		if n.Kind != yaml.ScalarNode || n.Decode(&v) != nil {
			expected = "a time like 2026-11-23T14:31:00Z"
		}
	case t == reflect.TypeFor[simulator.Duration]():
		var v simulator.Duration
		if n.Kind != yaml.ScalarNode || v.UnmarshalText([]byte(n.Value)) != nil {
			expected = "a time span like 90s or 1h30m"
		}
	case t.Kind() == reflect.Struct:
		r.fields(n, t, path)
	case t.Kind() == reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			expected = "a list"
			break
		}
		for i, item := range n.Content {
			r.shape(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	// The library would cut a fraction off.
	case n.Kind != yaml.ScalarNode || n.Decode(reflect.New(t).Interface()) != nil || (t.Kind() == reflect.Int || t.Kind() == reflect.Uint64) && n.ShortTag() != "!!int":
		expected = map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Float64: "a number"}[t.Kind()]
		if expected == "" {
			expected = "a whole number"
		}
	}
	if expected != "" {
		r.say(n.Line, "%s is not %s", name(path), expected)
	}
}

func name(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func (r *reader) fields(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		r.say(n.Line, "%s is not made of fields: %s", name(path), strings.Join(known(t), ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fieldOf(t, key.Value)
		switch {
		case !ok:
			r.say(key.Line, "%s has no field %q: one of %s", name(path), key.Value, strings.Join(known(t), ", "))
		case seen[key.Value]:
			r.say(key.Line, "%s has %s twice", name(path), key.Value)
		default:
			seen[key.Value] = true
			r.shape(value, field.Type, strings.TrimPrefix(path+"."+key.Value, "."))
		}
	}
}

func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag(t.Field(i)) == name {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

func known(t reflect.Type) (out []string) {
	for i := range t.NumField() {
		out = append(out, tag(t.Field(i)))
	}
	return out
}
