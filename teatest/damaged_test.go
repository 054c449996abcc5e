package teatest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// What cannot be read of the journal is told in every command, with its place, and nothing is
// overwritten meanwhile; a download, and the lists, go on.
func TestBinaryTellsADamagedJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	args, env := w.live("")
	dir := args[len(args)-1] // of the state
	path := filepath.Join(dir, "journal.jsonl")
	if err := os.WriteFile(path, []byte("\n\x00\x00\x00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.passes()
	posts := func() (n int) {
		for _, r := range w.sim.Requests() {
			if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/restoreJobs") {
				n++
			}
		}
		return n
	}
	told := "line 2 of " + path
	source := []string{"--projectId", "Payments", "--clusterName", "orders-prod"}
	overwrite := append([]string{"--snapshotId", "latest", "--deliveryType", "automated", "--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "--confirm", "orders-prod-restore", "--accept", "all"}, source...)
	download := append([]string{"--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download"}, source...)
	for _, tc := range []struct {
		name  string
		args  []string
		code  int
		posts int
	}{
		{"overwrite", append(overwrite, args...), 1, 0},
		{"jobs", append(append([]string{"jobs"}, source...), args...), 0, 0},
		{"jobs of this machine", append([]string{"jobs", "--mine", "-o", "json"}, args...), 0, 0},
		{"watch", append([]string{"watch"}, args...), 1, 0},
		{"download", append(download, args...), 0, 1},
	} {
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), tc.args, env, "")
		if code != tc.code || posts() != tc.posts || !strings.Contains(errs, told) || !strings.Contains(errs, "then mend the file") {
			t.Errorf("%s: exit code %d, want %d; %d requests, want %d\nstdout %s\nstderr %s", tc.name, code, tc.code, posts(), tc.posts, out, errs)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(raw), "\n\x00\x00\x00\n{") {
		t.Errorf("the journal is %q, %v", raw, err)
	}
}
