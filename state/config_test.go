// Tests of state/config. They stand here: each package with tests is one more program to link.

package state_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/config"
)

func TestParse(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		want  []string
		wrong string
	}{
		"nothing":            {"", nil, ""},
		"comments only":      {"# on_done = [\"x\"]\n\n", nil, ""},
		"a program":          {`on_done = ["notify-send"]`, []string{"notify-send"}, ""},
		"with arguments":     {"# mine\non_done = [\n  'say',\n  \"the job's end\", # that is all\n  \"\",\n]\n", []string{"say", "the job's end", ""}, ""},
		"an unknown key":     {"\non_dome = [\"sword-fish\"]\n", nil, `config.toml, line 2: there is no key "on_dome"`},
		"an unknown table":   {"on_done = [\"x\"]\n[atlas]\nkey = \"sword-fish\"\n", nil, `config.toml, line 2: there is no key "atlas"`},
		"a table's key":      {"on_done = [\"x\"]\natlas.key = \"sword-fish\"\n", nil, `config.toml, line 2: there is no key "atlas.key"`},
		"no TOML":            {"# mine\non_done = [\"x\", sword-fish]\n", nil, "config.toml, line 2: it is no TOML"},
		"an open list":       {"on_done = [\"sword-fish\"", nil, "config.toml, line 1: it is no TOML"},
		"said twice":         {"on_done = [\"x\"]\non_done = [\"y\"]\n", nil, "config.toml, line 2: it is no TOML"},
		"no UTF-8":           {"on_done = [\"\xff\"]", nil, "config.toml, line 1: it is no TOML"},
		"a text":             {"\n\non_done = \"sword-fish x\"\n", nil, "config.toml, line 3: on_done has to be a list of texts"},
		"a number":           {"on_done = 3", nil, "config.toml, line 1: on_done has to be a list of texts"},
		"numbers":            {"on_done = [\"sleep\", 3]", nil, "config.toml, line 1: on_done has to be a list of texts"},
		"an empty list":      {"on_done = []", nil, "config.toml: on_done names no program"},
		"an empty program":   {`on_done = ["", "sword-fish"]`, nil, "config.toml: on_done names no program"},
		"patterns":           {"production = [\"live*\"]\nprotected = [\"orders-prod\"]\n", nil, ""},
		"a bad pattern":      {"protected = [\"[\"]\n", nil, "config.toml: \"[\" is no pattern"},
		"a text for a list":  {"protected = \"sword-fish\"\n", nil, "config.toml, line 1: protected has to be a list of texts"},
		"an approval":        {"require_approval = [\"prod*\"]\nallowed_signers = \"signers\"\n", nil, ""},
		"without signers":    {"require_approval = [\"prod*\"]\n", nil, "config.toml: require_approval needs allowed_signers"},
		"its bad rule":       {"require_approval = [\"[\"]\nallowed_signers = \"x\"\n", nil, "is no pattern"},
		"a list of signers":  {"allowed_signers = [\"sword-fish\"]\n", nil, "line 1: allowed_signers has to be a text"},
		"an environment":     {"[[environment]]\nname = \"staging\"\nnames = [\"stg*\"]\ncolour = \"blue\"\n", nil, ""},
		"one without names":  {"[[environment]]\nname = \"staging\"\n", nil, "environment \"staging\" needs names"},
		"one without a name": {"[[environment]]\nnames = [\"a\"]\n", nil, "an environment needs a name"},
		"a name for escapes": {"[[environment]]\nname = \"\\u001b[31m\"\nnames = [\"a\"]\n", nil, "an environment needs a name"},
		"another colour":     {"[[environment]]\nname = \"a\"\nnames = [\"a\"]\ncolour = \"puce\"\n", nil, "the colours are orange, blue, green, magenta, grey"},
		"its bad pattern":    {"[[environment]]\nname = \"a\"\nnames = [\"[\"]\n", nil, "is no pattern"},
		"a list as a text":   {"environment = [\"sword-fish\"]\n", nil, "line 1: environment has to be a table"},
		"a number as a name": {"[[environment]]\nname = 3\n", nil, "line 2: environment.name has to be a text"},
		"another list of it": {"[[on_done]]\nx = 1", nil, "config.toml, line "},
	} {
		got, err := config.Parse("config.toml", []byte(tc.text))
		switch {
		case tc.wrong == "" && (err != nil || !slices.Equal(got.OnDone, tc.want)):
			t.Errorf("%s: %q, %v; want %q", name, got.OnDone, err, tc.want)
		case tc.wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), "reading the configuration: ") || !strings.Contains(err.Error(), tc.wrong)):
			t.Errorf("%s: %v, want %q", name, err, tc.wrong)
		case err != nil && (strings.Contains(err.Error(), "sword-fish") || strings.Contains(err.Error(), "\n") || got.OnDone != nil):
			t.Errorf("%s: %q with %q", name, err, got.OnDone)
		}
	}
}

// Production is prod* and what it is called beside, and comes first whatever else is named.
// Only an empty list says that nothing is production.
func TestPatterns(t *testing.T) {
	staging := "[[environment]]\nname = \"staging\"\nnames = [\"*\"]\n"
	for name, tc := range map[string]struct{ text, cluster, want string }{
		"nothing said":             {"", "prod", "production"},
		"nothing said, another":    {"", "dev", ""},
		"a name of its own":        {"production = [\"live\"]\n", "live", "production"},
		"the usual one too":        {"production = [\"live\"]\n", "prod", "production"},
		"and nothing else":         {"production = [\"live\"]\n", "dev", ""},
		"production first":         {staging, "prod", "production"},
		"then the others":          {staging, "dev", "staging"},
		"production as a table":    {"[[environment]]\nname = \"production\"\nnames = [\"live\"]\ncolour = \"magenta\"\n" + staging, "live", "production"},
		"beside the usual one":     {"[[environment]]\nname = \"production\"\nnames = [\"live\"]\n", "prod", "production"},
		"whatever its case":        {"[[environment]]\nname = \"Production\"\nnames = [\"live\"]\n" + staging, "live", "production"},
		"in two tables":            {"[[environment]]\nname = \"production\"\nnames = [\"live\"]\n[[environment]]\nname = \"production\"\nnames = [\"main\"]\n", "live", "production"},
		"the other one of them":    {"[[environment]]\nname = \"production\"\nnames = [\"live\"]\n[[environment]]\nname = \"production\"\nnames = [\"main\"]\n", "main", "production"},
		"as a list and a table":    {"production = [\"live\"]\n[[environment]]\nname = \"production\"\nnames = [\"main\"]\n", "live", "production"},
		"no production, but names": {"production = []\n", "prod", ""},
	} {
		c, err := config.Parse("config.toml", []byte(tc.text))
		if got := c.Patterns().Called("Shop", tc.cluster).Name; err != nil || got != tc.want {
			t.Errorf("%s: %s is %q, %v, want %q", name, tc.cluster, got, err, tc.want)
		}
	}
}

// The allowed signers lie where they are said to: beside the configuration, or below home.
func TestWhereTheSignersAre(t *testing.T) {
	for said, want := range map[string]string{"": "", "signers": "/conf/signers", "~/.ssh/signers": "/home/maria/.ssh/signers", "/etc/signers": "/etc/signers"} {
		if got := (config.Config{AllowedSigners: said}).Signers("/conf", "/home/maria"); filepath.ToSlash(got) != want {
			t.Errorf("%q is at %q", said, got)
		}
	}
}

// What is protected is so whatever else is said of names, and so is what needs an approval.
func TestProtected(t *testing.T) {
	for _, text := range []string{"", "production = [\"live\"]\n", "production = []\n"} {
		c, err := config.Parse("config.toml", []byte("protected = [\"ledger*\"]\nrequire_approval = [\"live\"]\nallowed_signers = \"x\"\n"+text))
		if names := c.Patterns(); err != nil || !names.IsProtected("ledger-eu") || names.IsProtected("orders") || names.NeedsApproval(state.Target{ClusterName: "live-1"}) != "live" {
			t.Errorf("with %q: %+v, %v", text, names, err)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "atlas-restore", "config.toml")
	if c, err := config.Read(path); err != nil || c.OnDone != nil {
		t.Errorf("a file that is not there: %v, %v", c, err)
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), filepath.Dir(path)) {
		t.Errorf("a directory: %v", err)
	}
	if err := os.WriteFile(path, []byte("on_done = [\"say\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Read(path); err != nil || !slices.Equal(c.OnDone, []string{"say"}) {
		t.Errorf("a file: %v, %v", c, err)
	}
	if err := os.WriteFile(path, []byte("\xef\xbb\xbf[[environment]]\r\nname = \"staging\"\r\nnames = [\"stg*\"]\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Read(path); err != nil || len(c.Environments) != 1 {
		t.Errorf("with a byte order mark: %+v, %v", c, err)
	}
	if err := os.WriteFile(path, []byte("on_done = x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(path); err == nil || !strings.Contains(err.Error(), path+", line 1") {
		t.Errorf("no TOML: %v", err)
	}
}

// Whatever stands in the file, it is understood or refused, and a command has a program.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", `on_done = ["a", "b"]`, "on_done = []", "[on_done]\na = 1", "x.y = 1\n", "on_done = [[\"a\"]]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("config.toml", []byte(text))
		if err != nil && (c.OnDone != nil || !strings.Contains(err.Error(), "config.toml")) {
			t.Errorf("%q: %v with %q", text, err, c.OnDone)
		}
		if c.OnDone != nil && (len(c.OnDone) == 0 || c.OnDone[0] == "") {
			t.Errorf("%q: no program in %q", text, c.OnDone)
		}
	})
}

// quiet_terminal is said by true, and nothing else switches the signals off: what is misspelt or no
// truth is told with its line.
func TestQuietTerminal(t *testing.T) {
	for text, want := range map[string]any{
		"":                       false,
		"quiet_terminal = false": false,
		"quiet_terminal = true":  true,
		"production = [\"a*\"]\nquiet_terminal=true": true,
		"quiet_terminal = \"true\"":                  "line 1: quiet_terminal has to be true or false",
		"\nquiet_terminal = 1":                       "line 2: quiet_terminal has to be true or false",
		"quiet-terminal = true":                      "line 1: there is no key \"quiet-terminal\"",
		"Quiet_terminal = yes":                       "line 1: it is no TOML",
	} {
		got, err := config.Parse("config.toml", []byte(text))
		if says, bad := want.(string); bad {
			if err == nil || !strings.Contains(err.Error(), says) || got.QuietTerminal {
				t.Errorf("%q: %v, %v; want %q", text, got.QuietTerminal, err, says)
			}
			continue
		}
		if err != nil || got.QuietTerminal != want {
			t.Errorf("%q: %v, %v; want %v", text, got.QuietTerminal, err, want)
		}
	}
}

// What a drill needs is read, and what cannot be meant is refused.
func TestDrill(t *testing.T) {
	c, err := config.Parse("config.toml", []byte("drill_targets = [\"drill-*\"]\nverify = [\"look\", \"x\"]\nverify_limit = \"2m\"\n"))
	if err != nil || !slices.Equal(c.Patterns().Drills, []string{"drill-*"}) || c.VerifyWithin() != 2*time.Minute || !slices.Equal(c.Verify, []string{"look", "x"}) {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := config.Parse("config.toml", nil); err != nil || c.VerifyWithin() != config.VerifyUsually {
		t.Errorf("%+v %v", c, err)
	}
	for _, text := range []string{"verify = []", "verify = [\"\"]", "verify = \"look\"", "drill_targets = [\"[\"]", "drill_targets = \"drill\"", "verify_limit = \"soon\"", "verify_limit = 5"} {
		if _, err := config.Parse("config.toml", []byte(text)); err == nil || !strings.Contains(err.Error(), strings.SplitN(text, " ", 2)[0]) && !strings.Contains(err.Error(), "pattern") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
