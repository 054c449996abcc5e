// Tests of state/fetch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state/fetch"
)

// given is a manifest of so many files that are all proven.
func given(files ...fetch.Fetched) fetch.Manifest {
	o := fetch.Order{Job: "j", Snapshot: "s", Source: fetch.Source{Cluster: "orders", Project: "Payments", MongoDBVersion: "8.0.12", SnapshotAt: time.Unix(1790000000, 0)}}
	return fetch.NewManifest(o, files, time.Unix(1790000100, 0))
}

func proven(name string) fetch.Fetched {
	return fetch.Fetched{Name: name, State: fetch.Proven, Verdict: fetch.Verdict{
		Proven: true, SHA256: strings.Repeat("a", 64), FCV: "8.0", Opens: []string{"8.0"}, DataDir: "restore-1",
	}}
}

// The guide has what a person needs to open what was proven, for this version and these files, and
// promises nothing.
func TestGuide(t *testing.T) {
	t.Parallel()
	one := given(proven("orders.tar.gz"))
	shards := given(proven("a.tar.gz"), fetch.Fetched{Name: "b.tar.gz", State: fetch.Untouched}, proven("config.tar.gz"))
	unpacked := given(proven("orders.tar.gz"))
	unpacked.Files[0].Directory = "orders"
	locked := given(proven("orders.tar.gz"))
	locked.Encryption = "AWS"
	hostile := given(proven("orders.tar.gz"))
	hostile.Files[0].DataDir = "a b;rm -rf $HOME\x1b[2J'"
	for what, c := range map[string]struct {
		m     fetch.Manifest
		says  []string
		never []string
	}{
		"one file": {one, []string{
			"mongod 8.0, 8.0.12 or later: MongoDB 8.0.12 wrote the files (featureCompatibilityVersion 8.0)", "sha256sum -c sha256sums.txt",
			"mkdir -m 700 orders && tar -xzf orders.tar.gz -C orders", "bsdtar", "mongod --dbpath orders/restore-1 --bind_ip 127.0.0.1 --port 27117",
			"chown", "Operation not permitted", "db.shutdownServer()", "rm -r orders orders.tar.gz", "does not say that a mongod starts",
			"snapshot s of the cluster orders in the project Payments, from 2026-09-21 14:13:20 UTC",
		}, []string{"--replSet ", "sharded", "customer", "not complete", "TRAINING"}},
		"shards": {shards, []string{
			"**The download is not complete:** 2 of 3", "mongod --dbpath a/restore-1 --bind_ip 127.0.0.1 --port 27117",
			"mongod --dbpath config/restore-1 --bind_ip 127.0.0.1 --port 27118", "config.chunks",
		}, []string{"b.tar.gz"}},
		"unpacked":     {unpacked, []string{"unpacked already"}, []string{"tar -x", "mkdir"}},
		"its own key":  {locked, []string{"(AWS)", "KMIP", "was not checked"}, nil},
		"hostile name": {hostile, nil, []string{"\x1b", "dbpath orders/a b", "dbpath a"}},
	} {
		text := string(c.m.Guide(fetch.SumsName))
		for _, says := range c.says {
			if !strings.Contains(text, says) {
				t.Errorf("%s: it lacks %q:\n%s", what, says, text)
			}
		}
		for _, never := range c.never {
			if strings.Contains(text, never) {
				t.Errorf("%s: it has %q:\n%s", what, never, text)
			}
		}
		for line := range strings.Lines(strings.Join(c.m.InShort("/mnt/x"), "\n")) {
			if strings.Contains(line, "mongod --dbpath") && !strings.Contains(text, strings.TrimSpace(line)) {
				t.Errorf("%s: the guide has not %q", what, line)
			}
		}
	}
	none := given(fetch.Fetched{Name: "orders.tar.gz", State: fetch.Kept})
	if none.Guide(fetch.SumsName) != nil || none.InShort("/x") != nil || len(none.Sums()) != 0 {
		t.Error("a guide to what is not there")
	}
}

// A mongod stays in the foreground: no two of them stand in one block, and in short it is said.
func TestEachMongodHasATerminalOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := given(proven("a.tar.gz")), given(proven("a.tar.gz"), proven("b.tar.gz"))
	for i, block := range strings.Split(string(two.Guide(fetch.SumsName)), "```") {
		if i%2 == 1 && strings.Count(block, "mongod --dbpath") > 1 {
			t.Errorf("whoever pastes this starts the first alone:\n%s", block)
		}
	}
	const says = "in a terminal of its own"
	for what, text := range map[string]string{"the guide": string(two.Guide(fetch.SumsName)), "in short": strings.Join(two.InShort("/x"), "\n")} {
		if !strings.Contains(text, says) {
			t.Errorf("%s does not say %q:\n%s", what, says, text)
		}
	}
	if text := string(one.Guide(fetch.SumsName)) + strings.Join(one.InShort("/x"), ""); strings.Contains(text, says) {
		t.Errorf("there is one alone:\n%s", text)
	}
}

// Which mongod: the one that wrote the files, where Atlas tells it and the files agree; never an older one.
func TestSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, fcv string
		opens        []string
		want         string
	}{
		{"8.0.12", "8.0", []string{"8.0"}, "mongod 8.0, 8.0.12 or later: MongoDB 8.0.12 wrote the files (featureCompatibilityVersion 8.0)"},
		{"8.0.12", "7.0", []string{"7.0", "8.0"}, "mongod 8.0, 8.0.12 or later: MongoDB 8.0.12 wrote the files (featureCompatibilityVersion 7.0)"},
		{"8.0.12", "", nil, "mongod 8.0, 8.0.12 or later: MongoDB 8.0.12 wrote the files"},
		{"", "7.0", []string{"7.0", "8.0"}, "mongod 7.0 or 8.0 (featureCompatibilityVersion 7.0), not older than the one that wrote them"},
		{"6.0.1", "8.0", []string{"8.0"}, "mongod 8.0 (featureCompatibilityVersion 8.0), not older than the one that wrote them"},
		{"", "", nil, "the mongod of the cluster at that time: neither Atlas nor the files tell its version"},
	} {
		f := proven("x.tar.gz")
		f.Verdict.FCV, f.Verdict.Opens = c.fcv, c.opens
		m := given(f)
		m.MongoDBVersion = c.version
		if got := m.Series(); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// What a manifest says is what is: a checksum and a final name for what is proven alone.
func TestManifestStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f    fetch.Fetched
		want fetch.FileState
		name string
	}{
		{proven("x.tar.gz"), fetch.FileProven, "x.tar.gz"},
		{fetch.Fetched{Name: "x.tar.gz"}, fetch.FileUnfinished, "x.tar.gz"},
		{fetch.Fetched{Name: "x.tar.gz", State: fetch.Kept, Verdict: proven("").Verdict}, fetch.FileUnfinished, "x.tar.gz"},
		{fetch.Fetched{Name: "x.tar.gz", State: fetch.Untouched}, fetch.FileMissing, "x.tar.gz"},
		{fetch.Fetched{Name: "x.tar.gz", State: fetch.Aside, Path: "/a/x.tar.gz.damaged", Verdict: fetch.Verdict{SHA256: "1"}}, fetch.FileDamaged, "x.tar.gz.damaged"},
		{fetch.Fetched{Name: "x.tar.gz", State: fetch.Aside, Path: "/a/x.tar.gz.unproven", Verdict: fetch.Verdict{SHA256: "1", Unseen: true}}, fetch.FileUnchecked, "x.tar.gz.unproven"},
		{fetch.Fetched{Name: "x.tar.gz", State: fetch.Aside, Path: "/a/x.tar.gz.unproven", Verdict: fetch.Verdict{SHA256: "1", Foreign: true}}, fetch.FileForeign, "x.tar.gz.unproven"},
	} {
		m := given(c.f)
		got := m.Files[0]
		if is := c.want == fetch.FileProven; got.State != c.want || got.Name != c.name || (got.SHA256 != "") != is || m.Complete != is || (len(m.Sums()) > 0) != is {
			t.Errorf("%+v becomes %+v", c.f, got)
		}
		raw, err := m.JSON()
		if again, parsed := fetch.ParseManifest(raw); err != nil || parsed != nil || again.Files[0].State != c.want {
			t.Errorf("%v %v %+v", err, parsed, again)
		}
	}
}

// What others can write is read without harm.
func FuzzLists(f *testing.F) {
	m := given(proven("x.tar.gz"))
	raw, _ := m.JSON()
	f.Add(raw)
	f.Add(m.Sums())
	f.Add([]byte("\\" + strings.Repeat("a", 64) + "  a\\nb\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := fetch.ParseManifest(raw); err == nil {
			_ = m.InShort("/x")
			if text := string(m.Guide("sums")); strings.ContainsAny(text, "\x1b\x07\x00") {
				t.Errorf("%q", text)
			}
		}
		for _, s := range first(fetch.ParseSums(raw)) {
			if len(s.SHA256) != 64 || s.Name == "" || strings.ContainsAny(s.Name, "\n") {
				t.Errorf("%+v", s)
			}
		}
	})
}

func first[A, B any](a A, _ B) A { return a }
