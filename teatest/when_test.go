package teatest_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// drops drops a collection of the source so long ago, and returns the last second before.
func (a *alone) drops(namespace string, ago time.Duration) time.Time {
	a.t.Helper()
	at := a.sim.Now().Add(-ago)
	if err := a.sim.Inject(simulator.Inject{Drop: &simulator.InjectDrop{Cluster: "Payments/orders-prod", Namespace: namespace, Ago: simulator.Duration(ago)}}); err != nil {
		a.t.Fatal(err)
	}
	return at.Truncate(time.Millisecond).Truncate(time.Second).Add(-time.Second).UTC()
}

// when is what the command prints for programs, as its help says it.
type when struct {
	Outcome string
	Found   []struct {
		Time, What, Says, Namespace, By, Member string
		Proposal                                *struct{ Moment, SnapshotID, Why, Command string }
	}
	Proposal *struct{ Moment, SnapshotID, Why, Command string }
	Unread   []struct {
		What, Of, Why, Role string
		NotYet              bool
	}
	Stopped bool
}

func (a *alone) when(args ...string) (code int, w when, errs string) {
	a.t.Helper()
	code, out, errs := a.run(append([]string{"when", "--clusterName", "orders-prod", "-o", "json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &w); err != nil {
		a.t.Fatalf("exit code %d: %v\n%s\n%s", code, err, out, errs)
	}
	return code, w, errs
}

// The command says when something was lost and what to restore, for people and for programs, and
// changes nothing.
func TestBinaryWhen(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	if code, w, _ := a.when("--namespace", "shop.orders", "--from", "2h", "--to", "20m"); code != 0 || w.Outcome != "nothing" || len(w.Found)+len(w.Unread) > 0 || w.Proposal != nil {
		t.Errorf("before anything happened: exit code %d, %+v", code, w)
	}
	second := a.drops("shop.orders", 40*time.Minute)
	code, w, errs := a.when("--namespace", "shop.orders", "--from", "2h")
	if code != 0 || w.Outcome != "found" || len(w.Found) == 0 || w.Proposal == nil {
		t.Fatalf("exit code %d: %+v\n%s", code, w, errs)
	}
	f := w.Found[0]
	at, err := time.Parse("2006-01-02T15:04:05.000Z", f.Time)
	if err != nil || at.Sub(second) < time.Second || at.Sub(second) >= 2*time.Second || f.What != "drop" || f.Namespace != "shop.orders" || f.By == "" || f.Member == "" || f.Says != "shop.orders was dropped" {
		t.Errorf("%v: %+v", err, f)
	}
	moment := second.Format(time.RFC3339)
	if w.Proposal.Moment != moment || w.Proposal.SnapshotID == "" || !strings.HasPrefix(w.Proposal.Why, "the second before shop.orders was dropped at ") {
		t.Errorf("%+v, want %s", w.Proposal, moment)
	}
	if !strings.Contains(errs, "Reading ") {
		t.Errorf("nobody is told how it goes on:\n%s", errs)
	}
	code, out, _ := a.run("when", "--clusterName", "orders-prod", "--projectId", "Payments", "--from", "2h")
	if code != 0 || !strings.Contains(out, "shop.orders was dropped, by "+f.By) || !strings.Contains(f.By, " from ") || !strings.Contains(out, "the second before") || !strings.Contains(out, "Not there yet: ") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	for says, sends := range map[string]string{ // both ways are named by what they do, and run as printed
		"    Only shop.orders, into a cluster that stays up:\n":   `"sourceNamespace": "shop.orders"`,
		"    The whole cluster, onto one that is erased first:\n": `"deliveryType": "pointInTime"`,
	} {
		_, rest, ok := strings.Cut(out, says)
		if !ok {
			t.Fatalf("it lacks %q:\n%s", says, out)
		}
		words := strings.Fields(lineWith(t, rest, "    atlas-restore --projectId "))[1:]
		code, did, errs := teatest.RunBinary(t, teatest.Binary(t), append(words, "--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "--dry-run", "-o", "json"), a.env, "")
		if code != 0 || !strings.Contains(did, sends) {
			t.Errorf("%q: the command that it names ends with %d\n%s\n%s", says, code, did, errs)
		}
	}
	for _, r := range a.sim.Requests() {
		if r.Method != "GET" && !strings.Contains(r.Path, "oauth") {
			t.Errorf("it asks for %s %s", r.Method, r.Path)
		}
	}
	if left, err := os.ReadDir(a.dir); err == nil && len(left) > 0 {
		t.Errorf("it leaves %s", left[0].Name())
	}
}

// What was lost just now stands in no log yet: nothing found is then no answer.
func TestBinaryWhenJustNow(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.drops("shop.payments", time.Second)
	code, w, _ := a.when("--namespace", "shop.payments", "--from", "1h")
	if code != state.OutcomeUnknown.ExitCode() || w.Outcome != "unknown" || len(w.Found) > 0 || len(w.Unread) == 0 {
		t.Errorf("exit code %d: %+v", code, w)
	}
	for _, u := range w.Unread {
		if !u.NotYet {
			t.Errorf("more than the newest minutes is not read: %+v", u)
		}
	}
	code, out, _ := a.run("when", "--clusterName", "orders-prod", "--projectId", "Payments", "--namespace", "shop.payments", "--from", "1h")
	if code != state.OutcomeUnknown.ExitCode() || !strings.Contains(out, "in what could be read, which was not all. Look again in some minutes.") || !strings.Contains(out, "Not there yet: ") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// What could not be read is said with the role that it needs, and is not told as nothing.
func TestBinaryWhenCannotRead(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.sim.Fail(simulator.Fault{PathContains: "/logs/", Status: 403, ErrorCode: "USER_CANNOT_ACCESS_GROUP", Times: -1})
	code, w, _ := a.when("--namespace", "shop.orders", "--from", "2h")
	if code != state.OutcomeUnknown.ExitCode() || w.Outcome != "unknown" || len(w.Found) != 0 {
		t.Errorf("exit code %d: %+v", code, w)
	}
	roles := 0
	for _, u := range w.Unread {
		if u.What == "log" && u.Role == state.RoleLogViewer {
			roles++
		}
	}
	if roles != 3 {
		t.Errorf("%d members are said to need the role: %+v", roles, w.Unread)
	}
	for args, says := range map[string]string{
		"":                                    "--clusterName is needed",
		"--clusterName orders-prod --from 4x": "--from \"4x\"",
		"--clusterName orders-prod --from 1h --to 2h": "is not before --to",
	} {
		if code, _, errs := a.run(append([]string{"when"}, strings.Fields(args)...)...); code != state.ExitUsage || !strings.Contains(errs, says) {
			t.Errorf("%s: exit code %d\n%s", args, code, errs)
		}
	}
	if code, _, errs := a.run("when", "--clusterName", "nowhere"); code != 1 || !strings.Contains(errs, "nowhere") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}

// A run without questions takes the second before the one drop, and nothing where there are more
// than one, none, or something could not be read that may tell of another.
func TestBinaryBeforeDrop(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	day := 1
	if err := a.sim.Inject(simulator.Inject{Cluster: &simulator.InjectCluster{Cluster: "Payments/orders-prod", RestoreWindowDays: &day}}); err != nil {
		t.Fatal(err)
	}
	second := a.drops("shop.orders", 20*time.Minute)
	args := []string{"--clusterName", "orders-prod", "--projectId", "Payments", "--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "-o", "json"}
	before := func(namespace string) []string { return append([]string{"--at", "before-drop:" + namespace}, args...) }
	refused := func(namespace, says string) string {
		code, out, errs := a.run(append(before(namespace), "--confirm", "orders-prod-restore")...)
		if code != 1 || !strings.Contains(errs, says) || len(a.posts()) > 0 {
			t.Errorf("exit code %d, %d requests, want %q\n%s\n%s", code, len(a.posts()), says, out, errs)
		}
		return errs
	}
	hint := lineWith(t, refused("shop.carts", "nothing was found that befell it"), "This shows what there is: atlas-restore when ")
	if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append(strings.Fields(hint)[6:], "--from", "2h"), a.env, ""); code != 0 && code != 6 {
		t.Errorf("the command that it names ends with %d\n%s\n%s", code, out, errs)
	}
	a.sim.Fail(simulator.Fault{PathContains: "/logs/", Status: 403, ErrorCode: "USER_CANNOT_ACCESS_GROUP", Times: 1})
	refused("shop.orders", "needs the role "+state.RoleLogViewer)
	code, out, errs := a.run(append(before("shop.orders"), "--dry-run")...)
	var r struct {
		Request  struct{ PointInTimeUTCSeconds int64 }
		Evidence state.Evidence
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Request.PointInTimeUTCSeconds != second.Unix() {
		t.Errorf("%v: exit code %d, want second %d\n%s\n%s", err, code, second.Unix(), out, errs)
	}
	if e := r.Evidence; e.What != "drop" || e.Namespace != "shop.orders" || !strings.HasPrefix(e.Why, "the second before shop.orders was dropped at ") || !strings.Contains(e.Why, "are not there yet") {
		t.Errorf("%+v\n%s", r.Evidence, out)
	}
	a.drops("shop.orders", 40*time.Minute)
	refused("shop.orders", "more than one thing befell it")
}

// lineWith is the line of a text with a beginning.
func lineWith(t *testing.T, text, begin string) string {
	t.Helper()
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, begin) {
			return strings.TrimSpace(l)
		}
	}
	t.Fatalf("no line begins with %q:\n%s", begin, text)
	return ""
}
