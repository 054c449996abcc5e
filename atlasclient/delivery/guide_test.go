package delivery_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"atlas-restore/atlasclient/delivery"
	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// The guide beside the files is followed to the letter, but for what takes a mongod: its checksums fit, what
// it unpacks only this user reads, each mongod that it names gets a directory with the data of its file, on a
// port of its own and is stopped before its data go, and at the end nothing of it is left.
func TestTheGuideIsFollowed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the tar of other systems is another one: the guide is followed on Linux")
	}
	for _, tool := range []string{"bash", "tar", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is absent: the guide cannot be followed without it")
		}
	}
	type of struct {
		project, cluster string
		extract          bool
	}
	var sharded of
	u := newTrainee(t)
	for _, p := range u.s.World().Projects {
		for _, c := range p.Clusters {
			if c.Shards > 1 && c.BackupEnabled {
				sharded = of{p.Name, c.Name, false}
			}
		}
	}
	for _, c := range []of{{"Payments", "orders-prod", false}, sharded, {sharded.project, sharded.cluster, true}} {
		if c == sharded && os.Getenv("THOROUGH") != "1" { // the suite has one of each: files and directories, one and several
			continue
		}
		o := u.job(c.project, c.cluster)
		opt := u.options()
		opt.Prover, opt.Extract = delivery.BlockChecksums{}, c.extract
		if r, err := delivery.Fetch(t.Context(), o, opt); err != nil {
			t.Fatalf("%s: %v %+v", c.cluster, err, r)
		}
		guide, err := os.ReadFile(filepath.Join(o.Dir, fetch.GuideName))
		if err != nil {
			t.Fatal(err)
		}
		ports, stopped := map[string]bool{}, map[string]bool{}
		for i, block := range strings.Split(string(guide), "```") {
			if i%2 == 0 {
				continue
			}
			for line := range strings.Lines(strings.TrimSpace(block)) {
				line = strings.TrimSpace(line)
				words := strings.Fields(line)
				port := words[min(len(words)-1, 1+max(0, indexOf(words, "--port")))]
				switch {
				case words[0] == "mongod":
					at := filepath.Join(o.Dir, words[1+indexOf(words, "--dbpath")])
					if report, err := proof.Directory(context.Background(), at, proof.Options{}); err != nil || report.Verdict != proof.Sound {
						t.Errorf("%s: %s opens no data: %v %s", c.cluster, line, err, report.Brief())
					}
					if _, err := os.Stat(filepath.Join(at, "WiredTiger")); err != nil { // mongod does not look below
						t.Errorf("%s: %s opens an empty database: %v", c.cluster, line, err)
					}
					if is, err := os.Stat(filepath.Join(o.Dir, strings.Split(words[1+indexOf(words, "--dbpath")], "/")[0])); err != nil || is.Mode().Perm() != 0o700 {
						t.Errorf("%s: others can read %s: %v %v", c.cluster, at, is, err)
					}
					if ports[port] || !strings.Contains(line, "--bind_ip 127.0.0.1") {
						t.Errorf("%s: two on one port, or on more than this machine: %s", c.cluster, line)
					}
					ports[port] = true
				case strings.Contains(line, "db.shutdownServer()"):
					if !ports[port] || stopped[port] {
						t.Errorf("%s: nobody listens to %s", c.cluster, line)
					}
					stopped[port] = true
				case strings.HasPrefix(words[0], "mongo"):
					if !ports[port] {
						t.Errorf("%s: nobody listens to %s", c.cluster, line)
					}
				default:
					if words[0] == "rm" && len(stopped) != len(ports) {
						t.Errorf("%s: %d mongods are started and %d stopped, and then: %s", c.cluster, len(ports), len(stopped), line)
					}
					cmd := exec.CommandContext(t.Context(), "bash", "-ec", line)
					cmd.Dir = o.Dir
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%s: %s: %v\n%s", c.cluster, line, err, out)
					}
				}
			}
		}
		if len(ports) != len(o.Files) || (len(ports) > 1) != (c.cluster == sharded.cluster) {
			t.Errorf("%s: %d mongods for %d files", c.cluster, len(ports), len(o.Files))
		}
		for _, f := range o.Files {
			if left, _ := filepath.Glob(filepath.Join(o.Dir, fetch.Stem(f.Name)+"*")); len(left) > 0 {
				t.Errorf("%s: %v is left", c.cluster, left)
			}
		}
	}
}

func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}
