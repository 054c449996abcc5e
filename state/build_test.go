// Tests of state/build. They stand here: each package with tests is one more program to link.

package state_test

import (
	"encoding/json"
	"runtime"
	"runtime/debug"
	"testing"

	"atlas-restore/state/build"
)

// A release says its version, a module its own, a checkout its commit; what is not known is not
// made up.
func TestWhatIsKnownOfABuildIsTold(t *testing.T) {
	t.Parallel()
	vcs := []debug.BuildSetting{
		{Key: "-trimpath", Value: "true"},
		{Key: "vcs.revision", Value: "af5c7910c0ffee"},
		{Key: "vcs.time", Value: "2026-11-29T01:38:01Z"},
		{Key: "vcs.modified", Value: "true"},
	}
	here := "go        " + runtime.Version() + "\nplatform  " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	for name, tc := range map[string]struct {
		version string
		info    *debug.BuildInfo
		want    string
	}{
		"a release": {
			"1.2.3", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}, Settings: vcs[:3]},
			"atlas-restore version 1.2.3\ncommit    af5c7910c0ffee\ndate      2026-11-29T01:38:01Z\n" + here,
		},
		"a checkout with changes": {
			"", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261129013801-af5c7910c0ff+dirty"}, Settings: vcs},
			"atlas-restore version 0.0.0-20261129013801-af5c7910c0ff+dirty\n" +
				"commit    af5c7910c0ffee, and changes that were not committed\ndate      2026-11-29T01:38:01Z\n" + here,
		},
		"go install":     {"", &debug.BuildInfo{Main: debug.Module{Version: "v1.4.0"}}, "atlas-restore version 1.4.0\n" + here},
		"without git":    {"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "atlas-restore version dev\n" + here},
		"nothing at all": {"", nil, "atlas-restore version dev\n" + here},
	} {
		if got := build.From(tc.version, tc.info).Text(); got != tc.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, tc.want)
		}
	}
}

// Programs read the same.
func TestJSONHasWhatTheTextHas(t *testing.T) {
	t.Parallel()
	want := build.Info{Version: "1.2.3", Commit: "af5c79", Modified: true, Date: "2026-11-29T01:38:01Z", Go: "go1.26.8", Platform: "linux/arm64"}
	raw, err := want.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got build.Info
	if err := json.Unmarshal(raw, &got); err != nil || got != want {
		t.Errorf("%+v, %v of %s", got, err, raw)
	}
}
