// Package config reads the program's own configuration: what a person has written down
// once, instead of saying it at each run.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"atlas-restore/state"
)

// Config is the configuration. Its zero value is that of a file that is not there.
type Config struct {
	// OnDone is the command, with its arguments, to run when the end of a job was seen;
	// nil for none.
	OnDone []string `toml:"on_done"`
	// Production are patterns of names; nil for the usual ones. Protected are those of
	// clusters that are never overwritten.
	Production []string `toml:"production"`
	Protected  []string `toml:"protected"`
}

// Read reads the configuration at path. A file that is not there says nothing.
func Read(path string) (Config, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the user's own file
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, raw)
}

// Parse takes the configuration out of the text of a file; name is the file's, for
// errors. What is not understood is an error: a misspelt key would else be missed only
// when it was needed. No error repeats what the file says, but for the names of keys: an
// argument may be a secret.
func Parse(name string, raw []byte) (Config, error) {
	wrong := func(line int, format string, a ...any) error {
		return fmt.Errorf("reading the configuration: %s, line %d: %s", name, line, fmt.Sprintf(format, a...))
	}
	var c Config
	err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&c)
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case err == nil:
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		first := unknown.Errors[0]
		line, _ := first.Position()
		return Config{}, wrong(line, "there is no key %q", strings.Join(first.Key(), "."))
	case errors.As(err, &bad):
		line, _ := bad.Position()
		var anything map[string]any
		if toml.Unmarshal(raw, &anything) != nil {
			return Config{}, wrong(line, "it is no TOML")
		}
		return Config{}, wrong(line, `%s has to be a list of texts, like ["a", "b"]`, strings.Join(bad.Key(), "."))
	default:
		return Config{}, fmt.Errorf("reading the configuration: %s: it is no TOML", name)
	}
	if c.OnDone != nil && (len(c.OnDone) == 0 || c.OnDone[0] == "") {
		return Config{}, fmt.Errorf("reading the configuration: %s: on_done names no program", name)
	}
	for _, p := range slices.Concat(c.Production, c.Protected) {
		if err := state.CheckPattern(p); err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %s: %w", name, err)
		}
	}
	return c, nil
}
