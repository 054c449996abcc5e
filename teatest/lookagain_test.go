//go:build unix

package teatest_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/teatest"
)

var looksForIt = regexp.MustCompile(`(atlas-restore watch .*) looks for it`)

// The command that is printed beside an outcome that is not known looks for that request, whatever else
// is open, by the clock of its Atlas and however often. It ends with 6 where there is no job, and follows
// the one that came late.
func TestBinaryLooksForTheRequestThatItIsAbout(t *testing.T) {
	t.Parallel()
	s := serve(t, "--speed", "200") // by whose clock it is days before
	dir, env := t.TempDir(), []string{"MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret}
	at := []string{"--base-url", s.BaseURL, "--state-dir", dir}
	s.set(t, `{"fault":{"method":"POST","pathContains":"restoreJobs","drop":"before"}}`)
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append([]string{
		"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated",
		"--targetProjectId", "Sandbox", "--targetClusterName", "scratch", "--confirm", "train/scratch", "-o", "json",
	}, at...), env, "")
	hint := looksForIt.FindStringSubmatch(errs)
	if code != 6 || hint == nil {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	all := submissions(t, dir)
	if len(all) != 1 || !strings.Contains(hint[1], " "+all[0].ID+" ") {
		t.Errorf("%q does not name the request %+v", hint[1], all)
	}
	// Another one that would be followed, newer.
	code, out, errs = teatest.RunBinary(t, teatest.Binary(t), append([]string{"jobs", "--clusterName", "orders-prod", "--projectId", "Payments", "-o", "json"}, at...), env, "")
	var list struct{ Jobs []struct{ ID string } }
	if err := json.Unmarshal([]byte(out), &list); code != 0 || err != nil || len(list.Jobs) == 0 {
		t.Fatalf("exit code %d, %v\n%s\n%s", code, err, out, errs)
	}
	other := all[0].Entry
	other.ID, other.Event, other.JobID, other.Time = "OTHER", journal.Created, list.Jobs[0].ID, other.Time.Add(time.Minute)
	other.Body.DeliveryType, other.Body.TargetProjectID, other.Body.TargetClusterName = state.Download, "", ""
	if err := journal.At(dir).Append(other); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{hint[1], hint[1], "atlas-restore " + strings.Join(append([]string{"watch"}, at...), " ")} {
		if code, out, errs := pasted(t, command, env); code != 6 || !strings.Contains(errs+out, "OUTCOME UNKNOWN") || !strings.Contains(errs+out, "scratch") {
			t.Errorf("%s: exit code %d\n%s\n%s", command, code, out, errs)
		}
	}
	if n := len(submissions(t, dir)); n != 2 {
		t.Errorf("%d requests in the journal", n)
	}
}

// set has the served Atlas take a fault.
func (s *served) set(t *testing.T, fault string) {
	t.Helper()
	res, err := http.Post(s.Control+"/inject", "application/json", strings.NewReader(fault)) //nolint:noctx // it answers at once
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("%s: %s", fault, res.Status)
	}
}

func submissions(t *testing.T, dir string) []journal.Submission {
	t.Helper()
	entries, err := journal.At(dir).Read()
	if err != nil {
		t.Fatal(err)
	}
	return journal.Submissions(entries)
}

// What was looked for and not found is looked for by its id, after days too: a job that came late is followed.
func TestBinaryLooksForARequestAfterDays(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"never taken": false, "taken": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlone(t)
			p := a.restoring()
			letGo(p)
			_ = p.ExitCode()
			one := submissions(t, a.dir)[0]
			if !late {
				one.Body.TargetClusterName = "orders-stg"
			}
			dir := t.TempDir()
			a.args = []string{"--base-url", a.sim.BaseURL(), "--state-dir", dir}
			of := journal.At(dir)
			for _, e := range []journal.Event{journal.Intent, journal.Unknown, journal.NotFound} {
				entry := one.Entry
				entry.Event, entry.JobID = e, ""
				if err := of.Append(entry); err != nil {
					t.Fatal(err)
				}
			}
			a.sim.Advance(4 * 24 * time.Hour)
			want, last := 6, journal.NotFound
			if late {
				want, last = 0, journal.Found
			}
			code, out, errs := a.run("watch", one.ID)
			if got := submissions(t, dir); code != want || len(got) != 1 || got[0].Last != last {
				t.Errorf("exit code %d, %+v\n%s\n%s", code, got, out, errs)
			}
			if n := len(a.posts()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// The id of a request of which no job has come is not looked for, nor one that is not in the journal.
func TestBinaryLooksForNoRequestThatHasNone(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	e := journal.Entry{
		Time: time.Now(), ID: strings.Repeat("A", 26), Endpoint: a.sim.BaseURL(), ProjectID: "p", ClusterName: "orders-prod",
		Body: state.Request{DeliveryType: state.Download, SnapshotID: "s"},
	}
	for _, e.Event = range []journal.Event{journal.Intent, journal.Refused} {
		if e.Error = "409"; journal.At(a.dir).Append(e) != nil {
			t.Fatal("the journal cannot be written")
		}
	}
	for id, says := range map[string]string{e.ID: "nothing was submitted: 409", strings.Repeat("B", 26): "does not know it"} {
		if code, _, errs := a.run("watch", id); code != 1 || !strings.Contains(errs, says) {
			t.Errorf("exit code %d: %s", code, errs)
		}
	}
}
