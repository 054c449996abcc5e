package teatest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// asPlugin starts the binary as the Atlas CLI starts a plugin: from its own directory, with the
// name of the root command before what was typed, flags and all, and the environment as it is.
func asPlugin(t *testing.T, env []string, typed ...string) (code int, out, errs string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins", "owner@atlas-restore")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "atlas-restore")
	if err := os.Symlink(teatest.Binary(t), binary); err != nil {
		t.Fatal(err)
	}
	return teatest.RunBinary(t, binary, append([]string{"restore"}, typed...), env, "")
}

// As a plugin it is the same program, whose commands are printed as they run there. What the
// Atlas CLI does not pass on, the exit code, it says in words.
func TestBinaryAsAPluginOfTheAtlasCLI(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "atlascli"), 0o700); err != nil {
		t.Fatal(err)
	}
	profiles := "[default]\npublic_api_key = 'abcdefgh'\nprivate_api_key = 'sword-fish'\n" +
		"[staging]\npublic_api_key = 'ijklmnop'\nprivate_api_key = 'sword-fish'\nproject_id = '65f0c1d2e3a4b5c6d7e8f901'\nops_manager_url = 'http://atlas.example.com/'\n"
	if err := os.WriteFile(filepath.Join(home, "atlascli", "config.toml"), []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	cli := []string{"XDG_CONFIG_HOME=" + home}
	for name, tc := range map[string]struct {
		typed     []string
		code      int
		out, errs []string
	}{
		"help":             {[]string{"--help"}, 0, []string{"\n  atlas restore [flags]\n", "\n  atlas restore train  ", "\n  atlas restore --projectId Payments"}, nil},
		"help of a part":   {[]string{"help", "watch"}, 0, []string{"\n  atlas restore watch [JOB-ID|REQUEST-ID]", "\n  atlas restore watch\n"}, nil},
		"version":          {[]string{"--version"}, 0, []string{"atlas-restore version "}, nil},
		"a list":           {[]string{"train", "--list"}, 0, []string{"atlas restore train"}, nil},
		"misspelt":         {[]string{"wach"}, 2, nil, []string{"Run atlas restore --help", "Exit code 2: the command line cannot be obeyed. The Atlas CLI ends with 1 all the same."}},
		"misspelt as JSON": {[]string{"--yes", "-o", "json"}, 2, []string{`"outcome": "error"`}, []string{"Exit code 2: "}},
		"no terminal":      {nil, 2, nil, []string{"needs a terminal", "Exit code 2: "}},
		"unknown profile":  {[]string{"-P", "prod", "jobs", "--clusterName", "orders"}, 1, nil, []string{`profile "prod": it does not exist; there are default, staging`}},
		"its profile":      {[]string{"--profile", "staging", "jobs", "--clusterName", "orders"}, 1, nil, []string{"http://atlas.example.com", "https only"}},
	} {
		if !plain(name, "help", "misspelt", "its profile") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := asPlugin(t, cli, tc.typed...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			for _, want := range tc.out {
				if !strings.Contains(out, want) {
					t.Errorf("standard output has no %q", want)
				}
			}
			for _, want := range tc.errs {
				if !strings.Contains(errs, want) {
					t.Errorf("standard error has no %q", want)
				}
			}
			if strings.Contains(out+errs, "atlas-restore --") || strings.Contains(out+errs, "sword-fish") || code <= 1 && strings.Contains(errs, "Exit code") {
				t.Errorf("it says more than it should")
			}
			if t.Failed() {
				t.Logf("stdout %s\nstderr %s", out, errs)
			}
		})
	}
}
