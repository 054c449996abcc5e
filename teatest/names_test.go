package teatest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// The built program names the very file of this user, and no longer once it says what names mean.
func TestBinarySaysWhereNamesGetBadges(t *testing.T) {
	rare(t)
	t.Parallel()
	w := newWorld(t)
	for config, says := range map[string]bool{"quiet_terminal = true\n": true, "environment = [{name = \"STG\", names = [\"stg*\"]}]\n": false} {
		args, env := w.live(config)
		path := ""
		for _, e := range env {
			if home, ok := strings.CutPrefix(e, "XDG_CONFIG_HOME="); ok {
				path = filepath.Join(home, "atlas-restore", "config.toml")
			}
		}
		p := teatest.StartBinary(t, teatest.Binary(t), args, env, roomy)
		p.Wait("orders-prod")
		p.WaitFor("the word about badges", func(screen string) bool {
			return strings.Contains(flat(screen), `names = ["stg*"]}] into `+path) == says && strings.Contains(screen, "ledger-prd")
		})
		p.Press("ctrl+c")
		p.Wait("submitted")
	}
}
