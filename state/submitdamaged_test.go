// Tests of state/submit. They stand here: each package with tests is one more program to link.

package state_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// An earlier request to the target is not sent again because of how the journal looks where
// it stands: nothing goes out while it is in doubt, or while something cannot be read.
func TestOnceWithADamagedJournal(t *testing.T) {
	t.Parallel()
	o := order()
	intent := journal.Entry{Time: submitNoon, Event: journal.Intent, ID: "earlier", Endpoint: o.Endpoint, ProjectID: submitProject, ClusterName: "orders-prod", Body: o.Body}
	elsewhere := intent
	elsewhere.Body.TargetClusterName = "orders-dev"
	line := func(e journal.Entry) string {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	with := func(old, now string) string { return strings.Replace(line(intent), old, now, 1) }
	event := func(name string) string { return with(`"intent"`, `"`+name+`"`) }
	for name, tc := range map[string]struct {
		content string
		sent    bool
	}{
		"nothing":                       {"", true},
		"of another target":             {line(elsewhere) + "\n", true},
		"refused":                       {line(intent) + "\n" + event("refused") + "\n", true},
		"refused, and glued":            {line(intent) + event("refused"), true},
		"cut off":                       {line(intent)[:50], true}, // it was never sent
		"whole":                         {line(intent) + "\n", false},
		"behind NUL bytes":              {"\x00\x00" + line(intent) + "\n", false},
		"behind a byte order mark":      {"\uFEFF" + line(intent) + "\n", false},
		"glued":                         {line(elsewhere) + line(intent) + "\n", false},
		"of a bad time":                 {with("2026-11-23", "2026-11-99") + "\n", false},
		"then an event nobody knows":    {line(intent) + "\n" + event("withdrawn") + "\n", false},
		"NUL bytes in its place":        {strings.Repeat("\x00", 400) + "\n", false},
		"with the endpoint in capitals": {with("https://atlas.test", "HTTPS://Atlas.Test:443/") + "\n", false},
		"half of it lost":               {line(intent)[:60] + line(elsewhere) + "\n", false},
		"its outcome alone":             {event("unknown") + "\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			a := &fakeAtlas{job: jobOf(o, 0, 9)}
			r := submit.Once(t.Context(), a, journal.At(dir), o)
			if sent := a.posts == 1; sent != tc.sent || sent != (r.Verdict == submit.Created) {
				t.Errorf("%d posts, verdict %v, %v", a.posts, r.Verdict, r.Err)
			}
			d := o // a download has no target that something could run onto
			d.Body = state.Request{DeliveryType: state.Download, SnapshotID: submitSnapshot}
			a = &fakeAtlas{job: jobOf(d, 0, 10)}
			if r := submit.Once(t.Context(), a, journal.At(dir), d); a.posts != 1 {
				t.Errorf("a download: %v", r.Err)
			}
		})
	}
}
