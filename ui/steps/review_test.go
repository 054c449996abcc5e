package steps

import (
	"slices"
	"testing"
	"time"

	"atlas-restore/state"
)

// The review of a sharded download counts the file of dedicated config servers as what it is.
func TestFilesOfAShardedDownload(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"DEDICATED": "4 files: 3 shards and the config servers",
		"EMBEDDED":  "4 files, one for each shard",
		"":          "4 files, one for each replica set",
	} {
		s := &Session{errand: &errand{}, Cfg: Config{Now: time.Now}}
		s.Plan = state.Plan{Delivery: state.Download, Snapshot: state.Snapshot{ConfigServerType: kind, Members: make([]state.Member, 4)}}
		if _, to := s.Ends(); !slices.Contains(to.About, want) {
			t.Errorf("%s: %q, not %q", kind, to.About, want)
		}
	}
}
