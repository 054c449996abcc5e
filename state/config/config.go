// Package config reads the program's own configuration: what a person has written down
// once, instead of saying it at each run.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/record"
)

// Config is the configuration. Its zero value is that of a file that is not there.
type Config struct {
	// OnDone is the command, with its arguments, to run when the end of a job was seen;
	// nil for none.
	OnDone []string `toml:"on_done"`
	// OnEvent is the same for each thing that happens to a job: see state.Happened.
	OnEvent []string `toml:"on_event"`
	// QuietTerminal has no bell rung, no progress shown beside the window's title, and nothing
	// move that only says that something is under way.
	QuietTerminal bool `toml:"quiet_terminal"`
	// Production are patterns of names beside the usual one; an empty list says that nothing
	// is called production. Protected are those of clusters that are never overwritten.
	Production []string `toml:"production"`
	Protected  []string `toml:"protected"`
	// RTO and RPO are what was promised of a restore: how long it may take, and how old the data
	// that come back may be. Empty for nothing.
	RTO string `toml:"rto"`
	RPO string `toml:"rpo"`
	// RequireApproval are patterns of the targets that need a second person's approval: of the names
	// of clusters, of their projects and of environments. AllowedSigners is the file, in the format
	// of OpenSSH, with the keys of those who may give it.
	RequireApproval []string `toml:"require_approval"`
	AllowedSigners  string   `toml:"allowed_signers"`
	// DrillTargets are patterns of whole names of clusters that a drill may erase. Verify is the command,
	// with its arguments, that looks at the data of a drill; VerifyLimit is how long it may take, like
	// 10m: empty for VerifyUsually.
	DrillTargets []string `toml:"drill_targets"`
	Verify       []string `toml:"verify"`
	VerifyLimit  string   `toml:"verify_limit"`
	// Environments are further ones, whose labels stand in the header.
	Environments []Environment `toml:"environment"`
}

// Environment is what clusters and projects of some names are for.
type Environment struct {
	Name   string   `toml:"name"`
	Names  []string `toml:"names"`  // patterns
	Colour string   `toml:"colour"` // of the label; one of state.EnvironmentColours
}

// VerifyUsually is for how long the command verify may run, where nothing else is said.
const VerifyUsually = 15 * time.Minute

// VerifyWithin is for how long the command verify may run.
func (c Config) VerifyWithin() time.Duration {
	if d, err := record.Span(c.VerifyLimit); err == nil {
		return d
	}
	return VerifyUsually
}

// Patterns are what the configuration says of names.
func (c Config) Patterns() state.Names {
	out := state.Names{Protected: c.Protected, Approval: c.RequireApproval, Drills: c.DrillTargets}
	if c.Production == nil && c.Environments == nil {
		return out
	}
	production := state.Environment{Name: state.Production, Colour: "orange"}
	if c.Production == nil || len(c.Production) > 0 {
		production.Patterns = append([]string{state.UsualProduction}, c.Production...)
	}
	for _, e := range c.Environments {
		if strings.EqualFold(strings.TrimSpace(e.Name), state.Production) {
			production.Patterns, production.Colour = slices.Concat(production.Patterns, e.Names), e.Colour
			continue
		}
		out.Environments = append(out.Environments, state.Environment{Name: e.Name, Patterns: e.Names, Colour: e.Colour})
	}
	out.Environments = append([]state.Environment{production}, out.Environments...)
	return out
}

// Signers is the path of the allowed signers; empty for none. Below ~ it is in home, and without a
// beginning of its own it is beside the configuration, which is in dir.
func (c Config) Signers(dir, home string) string {
	path := c.AllowedSigners
	switch rest, ok := strings.CutPrefix(path, "~/"); {
	case path == "" || filepath.IsAbs(path):
		return path
	case ok:
		return filepath.Join(home, rest)
	}
	return filepath.Join(dir, path)
}

// check says what is wrong with an environment.
func (e Environment) check() error {
	switch {
	case strings.TrimSpace(e.Name) == "" || len(e.Name) > 20 || strings.IndexFunc(e.Name, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
		return errors.New("an environment needs a name of at most 20 plain letters")
	case len(e.Names) == 0:
		return fmt.Errorf("environment %q needs names, like [\"stg*\"]", e.Name)
	case e.Colour != "" && !slices.Contains(state.EnvironmentColours(), e.Colour):
		return fmt.Errorf("environment %q: the colours are %s", e.Name, strings.Join(state.EnvironmentColours(), ", "))
	}
	return nil
}

// Read reads the configuration at path. A file that is not there says nothing.
func Read(path string) (Config, error) {
	raw, err := disk.ReadText(path)
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
		want := `a list of texts, like ["a", "b"]`
		switch key := strings.Join(bad.Key(), "."); key {
		case "allowed_signers":
			want = `a text, like "~/.ssh/allowed_signers"`
		case "quiet_terminal":
			want = "true or false"
		case "environment":
			want = "a table: write [[environment]], and below it name, names and colour"
		case "rto", "rpo", "verify_limit":
			want = `a span, like "4h" or "15m"`
		case "environment.name", "environment.colour":
			want = `a text, like "staging"`
		}
		return Config{}, wrong(line, "%s has to be %s", strings.Join(bad.Key(), "."), want)
	default:
		return Config{}, fmt.Errorf("reading the configuration: %s: it is no TOML", name)
	}
	for key, argv := range map[string][]string{"on_done": c.OnDone, "on_event": c.OnEvent, "verify": c.Verify} {
		if argv != nil && (len(argv) == 0 || argv[0] == "") {
			return Config{}, fmt.Errorf("reading the configuration: %s: %s names no program", name, key)
		}
	}
	for _, o := range []struct{ key, span string }{{"rto", c.RTO}, {"rpo", c.RPO}, {"verify_limit", c.VerifyLimit}} {
		if _, err := record.Span(o.span); o.span != "" && err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %s: %s: %w", name, o.key, err)
		}
	}
	if len(c.RequireApproval) > 0 && c.AllowedSigners == "" {
		return Config{}, fmt.Errorf("reading the configuration: %s: require_approval needs allowed_signers, the file with the keys that may approve", name)
	}
	patterns := slices.Concat(c.Production, c.Protected, c.RequireApproval, c.DrillTargets)
	for _, e := range c.Environments {
		if err := e.check(); err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %s: %w", name, err)
		}
		patterns = append(patterns, e.Names...)
	}
	for _, p := range patterns {
		if err := state.CheckPattern(p); err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %s: %w", name, err)
		}
	}
	return c, nil
}
