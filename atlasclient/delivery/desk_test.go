package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// shards is a download of four shards of which one has no link, onto a real disk.
func shards(t *testing.T) (*wanted, *server) {
	t.Helper()
	s := serve(t, archive(t, 100, 1))
	w := want(t, filepath.Join(t.TempDir(), "out"), s.link(), s.link(), "", s.link())
	w.opt.disk = nil
	w.order.Source = fetch.Source{Project: "Payments", Cluster: "orders", MongoDBVersion: "8.0.12", SnapshotAt: time.Unix(1790000000, 0)}
	return w, s
}

func (w *wanted) manifest() fetch.Manifest {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.order.Dir, fetch.ManifestName))
	if err != nil {
		w.t.Fatal(err)
	}
	if bytes.Contains(raw, []byte(token)) || bytes.Contains(raw, []byte("http")) {
		w.t.Errorf("a link is in the manifest:\n%s", raw)
	}
	m, err := fetch.ParseManifest(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// Beside the files lies what they are. A shard that is missing is told as missing, until another run
// has fetched it; sha256sum takes the list of what is proven.
func TestHandOver(t *testing.T) {
	t.Parallel()
	w, _ := shards(t)
	if _, err := Fetch(t.Context(), w.order, w.opt); err == nil {
		t.Fatal("complete without its third shard")
	}
	m := w.manifest()
	if m.Complete || m.Job != "job1" || m.Snapshot != "snapshot1" || m.Cluster != "orders" || m.Project != "Payments" || m.MongoDBVersion != "8.0.12" || m.SnapshotAt.Unix() != 1790000000 || len(m.Files) != 4 {
		t.Errorf("%+v", m)
	}
	for i, f := range m.Files {
		want := fetch.FileProven
		if i == 2 {
			want = fetch.FileMissing
		}
		if f.State != want || (f.SHA256 != "") != (i != 2) || f.ReplicaSet != w.order.Files[i].ReplicaSet || (f.Error != "") != (i == 2) {
			t.Errorf("%+v", f)
		}
	}
	dir := w.order.Dir
	for _, name := range []string{fetch.ManifestName, fetch.SumsName, fetch.GuideName} {
		is, err := os.Stat(filepath.Join(dir, name))
		if err != nil || runtime.GOOS != "windows" && is.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, is, err)
		}
	}
	guide, _ := os.ReadFile(filepath.Join(dir, fetch.GuideName))
	if !bytes.Contains(guide, []byte("not complete")) {
		t.Errorf("the guide says nothing of the shard that is missing:\n%s", guide)
	}
	w.order.Files[2].Link = w.order.Files[1].Link
	if _, err := Fetch(t.Context(), w.order, w.opt); err != nil {
		t.Fatal(err)
	}
	if m = w.manifest(); !m.Complete || m.Files[2].State != fetch.FileProven {
		t.Errorf("the second run leaves %+v", m)
	}
	tool, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("sha256sum is absent: the list was not given to it")
	}
	check := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), tool, "--strict", "-c", fetch.SumsName)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := check(); err != nil || strings.Count(out, ": OK") != 4 {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	one := filepath.Join(dir, w.order.Files[0].Name)
	if err := os.WriteFile(one, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := check(); err == nil {
		t.Errorf("sha256sum sees nothing:\n%s", out)
	}
	// What is not proven any more leaves the list.
	if _, err := Fetch(t.Context(), w.order, w.opt); err == nil {
		t.Error("a file that was changed is proven")
	}
	sums, _ := os.ReadFile(filepath.Join(dir, fetch.SumsName))
	if m = w.manifest(); m.Complete || m.Files[0].SHA256 != "" || bytes.Contains(sums, []byte(w.order.Files[0].Name)) {
		t.Errorf("%+v\n%s", m, sums)
	}
}

// What another has laid under the usual names stays as it is.
func TestHandOverBesideAnother(t *testing.T) {
	t.Parallel()
	other, err := json.Marshal(fetch.Manifest{Format: 1, Program: "atlas-restore", Snapshot: "another"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{fetch.ManifestName, `{"name":"a web page"}`}, {fetch.ManifestName, string(other)}, {fetch.SumsName, "mine"}, {fetch.GuideName, "# mine"}} {
		name, theirs := c[0], c[1]
		w, _ := shards(t)
		if err := os.MkdirAll(w.order.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(w.order.Dir, name)
		if err := os.WriteFile(at, []byte(theirs), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, _ = Fetch(t.Context(), w.order, w.opt)
			if got, _ := os.ReadFile(at); string(got) != theirs {
				t.Errorf("%s was overwritten:\n%s", name, got)
			}
			raw, err := os.ReadFile(filepath.Join(w.order.Dir, "snapshot1."+fetch.ManifestName))
			if m, parsed := fetch.ParseManifest(raw); err != nil || parsed != nil || m.Snapshot != "snapshot1" {
				t.Errorf("beside %s: %v %v", name, err, parsed)
			}
		}
	}
}

// Other names are told once they are borne, and with the name that was taken.
func TestOtherNamesAreToldOnceTheyAreBorne(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	w := want(t, t.TempDir(), s.link())
	w.disk.files[fetch.GuideName] = &kept{now: []byte("# mine")}
	w.disk.files[name] = &kept{now: []byte("something else")}
	_, _ = w.fetch()
	if told := w.story(); strings.Contains(told, fetch.ManifestName) {
		t.Errorf("nothing was written:\n%s", told)
	}
	delete(w.disk.files, name)
	if _, err := Fetch(t.Context(), w.order, w.opt); err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, e := range w.heard(fetch.Note) {
		notes = append(notes, e.Text)
	}
	const want = fetch.GuideName + " was there, and it is not known to be of this snapshot: what tells of these files is called snapshot1." + fetch.ManifestName
	if !slices.Contains(notes, want) {
		t.Errorf("told is %q", notes)
	}
}

// A manifest that cannot be written is told, and costs no file.
func TestHandOverFails(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	w := want(t, t.TempDir(), s.link())
	w.disk.trip = func(_ int, op, name string) error {
		if op == "create" && strings.HasPrefix(name, fetch.ManifestName) {
			return errors.New("no")
		}
		return nil
	}
	if r, err := w.fetch(); err != nil || r[0].State != fetch.Proven {
		t.Errorf("%v %+v", err, r)
	}
	if said := w.story(); !strings.Contains(said, "writing "+fetch.ManifestName) || len(w.heard(fetch.Told)) != 0 {
		t.Error(said)
	}
}

// Renewed links come from an order that knows nothing of the source; what it is told of stays.
func TestRenewedKeepsTheSource(t *testing.T) {
	t.Parallel()
	w, _ := shards(t)
	w.opt.Renew = func(_ context.Context, o fetch.Order) (fetch.Order, error) {
		o.Source = fetch.Source{}
		o.Files = append([]fetch.File(nil), o.Files...)
		o.Files[2].Link = state.NewSecret(o.Files[1].Link.Reveal())
		return o, nil
	}
	if _, err := Fetch(t.Context(), w.order, w.opt); err != nil {
		t.Fatal(err)
	}
	if m := w.manifest(); !m.Complete || m.Cluster != "orders" {
		t.Errorf("%+v", m)
	}
}
