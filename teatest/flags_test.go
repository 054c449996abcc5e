package teatest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/record"
	"atlas-restore/teatest"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// brisk is a speed at which nobody waits long for a download, and at which its link lives long
// enough to be read on a busy machine: at 600 an hour is six seconds.
const brisk = "150"

// flagsOf are the flags of a flow.
func flagsOf(g state.Given) []string {
	var out []string
	for _, f := range []struct{ name, value string }{
		{state.FlagProject, g.Project},
		{state.FlagCluster, g.Cluster},
		{state.FlagSnapshot, g.Snapshot},
		{state.FlagDelivery, g.Delivery},
		{state.FlagAt, g.At},
		{state.FlagUTCSeconds, g.UTCSeconds},
		{state.FlagOplogTs, g.OplogTs},
		{state.FlagOplogInc, g.OplogInc},
		{state.FlagTargetProject, g.TargetProject},
		{state.FlagTargetCluster, g.TargetCluster},
		{state.FlagConfirm, g.Confirm},
	} {
		if f.value != "" {
			out = append(out, "--"+f.name, f.value)
		}
	}
	return out
}

// result is the one object on standard output.
func result(t *testing.T, out string) steps.Result {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	var r steps.Result
	if err := d.Decode(&r); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, out)
	}
	if d.More() {
		t.Errorf("more than one object:\n%s", out)
	}
	return r
}

// The built program, with every answer as a flag, no terminal and no input: it restores,
// follows to the end, and its standard output is the result alone.
func TestBinaryWithAllFlags(t *testing.T) {
	t.Parallel()
	for _, f := range flows {
		if f.apiKeys || !f.inSuite() {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			g := f.practised()
			hourAgo := time.Now().Add(-time.Hour) // the world of the binary lives now
			if g.At != "" {
				g.At = hourAgo.UTC().Format(time.RFC3339)
			}
			if g.OplogTs != "" {
				g.OplogTs = strconv.FormatInt(hourAgo.Unix(), 10)
			}
			speed := "600"
			if f.delivery == state.Download {
				speed = brisk
			}
			args := append([]string{"train", "--speed", speed, "-o", "json"}, flagsOf(g)...)
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, nil, "")
			if code != 0 {
				t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
			}
			r := result(t, out)
			if !r.Training || strings.Contains(errs, ".tar.gz") {
				t.Errorf("the result does not say that it is training, or a link stands in a log:\n%s\n%s", out, errs)
			}
			if r.Job == nil || r.Job.ID == "" || !asked(r, f.delivery) || r.Job.SourceClusterName != f.cluster || r.Error != nil {
				t.Fatalf("the result is %s", out)
			}
			if f.delivery != state.Download {
				if r.Outcome != state.OutcomeCompleted || r.Job.TargetClusterName != f.target || r.Job.FinishedAt == nil || len(r.Deliveries) != 0 {
					t.Errorf("the result is %s", out)
				}
				return
			}
			if r.Outcome != state.OutcomeReady || r.Job.ExpiresAt == nil || len(r.Deliveries) == 0 {
				t.Fatalf("the result is %s", out)
			}
			for _, d := range r.Deliveries {
				if !strings.HasPrefix(d.URL, "http://127.0.0.1:") || !strings.HasSuffix(d.URL, ".tar.gz") && !strings.HasSuffix(d.URL, ".tgz") || f.cluster == "events" && d.ReplicaSetName == "" {
					t.Errorf("a delivery is %+v", d)
				}
			}
		})
	}
}

// The README's own command, word for word.
func TestReadmeRunsWithoutAQuestion(t *testing.T) {
	t.Parallel()
	readme := teatest.Documents(t)
	const begins = "go run . "
	commands := linesOf(readme, begins+"train --speed")
	if len(commands) != 1 {
		t.Fatalf("the README has %d such commands", len(commands))
	}
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), strings.Fields(strings.TrimPrefix(commands[0], begins)), nil, "")
	if r := result(t, out); code != 0 || r.Outcome != state.OutcomeReady {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// A confirmation by flag is for the whole plan as flags say it: with any answer missing or
// changed nothing is asked of Atlas, let alone submitted.
func TestBinaryConfirmsOnlyWhatIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.sim.Keys()
	env := []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
	whole := flagsOf(flows[2].given())
	run := func(flags []string) (int, string) {
		args := append([]string{"--base-url", w.sim.BaseURL(), "--state-dir", t.TempDir()}, flags...)
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, env, "orders-prod-restore\norders-prod-restore\n")
		return code, out + errs
	}
	for i := 0; i < len(whole); i += 2 {
		missing := slices.Concat(whole[:i], whole[i+2:])
		if whole[i] == "--"+state.FlagProject {
			continue // the cluster's name finds it, see TestNameAlone
		}
		if !few(i/2+1, 3) {
			continue
		}
		if code, said := run(missing); code != 2 || !strings.Contains(said, whole[i]) {
			t.Errorf("without %s: exit code %d\n%s", whole[i], code, said)
		}
	}
	for i, wrong := range []string{"orders-prod", "Orders-prod-restore", "yes", "download", "orders-prod-restore "} {
		if !few(i, 3) {
			continue
		}
		flags := append(slices.Clone(whole[:len(whole)-1]), wrong)
		if code, said := run(flags); code != 2 || !strings.Contains(said, "--confirm") {
			t.Errorf("confirmed with %q: exit code %d\n%s", wrong, code, said)
		}
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests were made of command lines that cannot be obeyed", n)
	}
}

// A live run without a question, against the embedded Atlas as any other: the job is
// created once, written down, and told as JSON.
func TestBinaryLiveWithoutAQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.sim.Keys()
	env := []string{"MONGODB_ATLAS_PUBLIC_API_KEY=" + k.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + k.PrivateKey}
	w.passes() // the job has ended at the first look
	args := append([]string{"--base-url", w.sim.BaseURL(), "--state-dir", w.dir, "-o", "json"}, flagsOf(flows[2].given())...)
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, env, "")
	r := result(t, out)
	if code != 0 || r.Outcome != state.OutcomeCompleted || r.Job == nil || r.Error != nil || len(r.Others) != 0 {
		t.Errorf("exit code %d, result %s\n%s", code, out, errs)
	}
	if n := len(w.posts()); n != 1 {
		t.Errorf("%d requests for one confirmation", n)
	}
	if got := w.events(); !slices.Equal(got, []string{"intent", "created", "ended"}) {
		t.Errorf("the journal has %v", got)
	}
	all, err := record.At(w.dir).Read()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	kept := all[0]
	if kept.Result != record.Incomplete || kept.JobID != r.Job.ID || kept.Training || kept.Times.Submitted == nil || kept.Times.Finished == nil || kept.Tool.SHA256 == "" || len(kept.Before) == 0 {
		t.Errorf("the record is %s", kept.Line)
	}
	if len(r.Records) != 1 || r.Records[0].SHA256 != kept.SHA256 || !strings.Contains(errs, "To see it: atlas-restore records show 1 --state-dir") {
		t.Errorf("the record is not told: %+v\n%s", r.Records, errs)
	}
	for _, secret := range []string{k.PrivateKey, k.ClientSecret} {
		if strings.Contains(out+errs+string(kept.Line), secret) {
			t.Error("a secret is printed")
		}
	}
}

// Completion asks Atlas, within its deadline, for what the credential can see. All tab keys
// share one token, of which Atlas gives ten a minute; it is for this user's eyes alone.
func TestBinaryCompletesFromAtlas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.sim.Keys()
	env := []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
	late := 0
	for i, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--projectId", ""}, w.sim.ProjectID("Payments") + "\tPayments"},
		{[]string{"--projectId", "Paym"}, "Payments Staging\t"},
		{[]string{"--projectId", "Payments", "--clusterName", ""}, "orders-prod\tM30, 8.0.29"},
		{[]string{"--targetProjectId", w.sim.ProjectID("Payments Staging"), "--targetClusterName", ""}, "orders-stg\t"},
		{[]string{"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", ""}, w.sim.NewestSnapshot("Payments", "orders-prod").ID + "\t"},
		{[]string{"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", ""}, "latest\t"},
	} {
		if !few(i, 2) {
			continue
		}
		args := append([]string{"__complete", "--base-url", w.sim.BaseURL(), "--state-dir", w.dir}, tc.args...)
		for {
			began := time.Now()
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, env, "")
			if code == 0 && strings.Contains(out, tc.want) {
				break
			}
			if late++; code != 0 || time.Since(began) < command.Patience || late > 20 { // a machine with much to do makes it late: then it says nothing
				t.Fatalf("%v: exit code %d, no %q in\n%s%s", tc.args, code, tc.want, out, errs)
			}
		}
	}
	tokens := -late // one that came too late may have taken one
	for _, r := range w.sim.Requests() {
		if r.Path == "/api/oauth/token" {
			tokens++
		}
	}
	kept, err := filepath.Glob(filepath.Join(w.dir, "token-*"))
	if err != nil || tokens > 1 || late == 0 && tokens != 1 || len(kept) != 1 {
		t.Fatalf("%d tokens, kept in %v, %v", tokens, kept, err)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file is %v, %v", info.Mode(), err)
	}
	w.sim.Fail(everyGet("/groups", http.StatusForbidden))
	_, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"__complete", "--base-url", w.sim.BaseURL(), "--projectId", ""}, env, "")
	if strings.TrimSpace(out) != ":4" || strings.Contains(errs, "Error") {
		t.Errorf("what cannot be completed says\n%s\n%s", out, errs)
	}
}

// Help, completion scripts and man pages come from one description, and are whole.
func TestBinaryHelp(t *testing.T) {
	t.Parallel()
	run := func(args ...string) string {
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, nil, "")
		if code != 0 || errs != "" {
			t.Fatalf("%v: exit code %d\n%s", args, code, errs)
		}
		return out
	}
	help, page := run("--help"), run("man")
	for _, flag := range flagsOf(state.Given{
		Project: "x", Cluster: "x", Snapshot: "x", Delivery: "x", At: "x", UTCSeconds: "x", OplogTs: "x", OplogInc: "x", TargetProject: "x", TargetCluster: "x", Confirm: "x",
	}) {
		if flag == "x" {
			continue
		}
		if !strings.Contains(help, flag+" ") || !strings.Contains(page, strings.ReplaceAll(flag, "-", `\-`)) && !strings.Contains(page, flag) {
			t.Errorf("%s is not in the help and the man page", flag)
		}
	}
	for _, part := range []string{"Examples:", "Answers (what is given is not asked):", "How it runs:", "Exit codes:", "130"} {
		if !strings.Contains(help, part) {
			t.Errorf("the help has no %q:\n%s", part, help)
		}
	}
	dir := filepath.Join(t.TempDir(), "man1")
	run("man", dir)
	for _, name := range []string{"atlas-restore.1", "atlas-restore-train.1"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if !plain(shell, "bash") {
			continue
		}
		script := run("completion", shell)
		if !strings.Contains(script, "__complete") {
			t.Errorf("the completion of %s asks nothing:\n%.200s", shell, script)
		}
		path, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue // the script is made all the same; no such shell is here to read it
		}
		cmd := exec.CommandContext(t.Context(), path, "-n")
		cmd.Stdin = bytes.NewReader([]byte(script))
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s cannot read its completion: %v\n%s", shell, err, said)
		}
	}
}

// asked says whether the request in a result is of this type.
func asked(r steps.Result, d state.DeliveryType) bool {
	body, ok := r.Request.(map[string]any)
	if body["deliveryType"] == nil { // a flex cluster has an endpoint for each
		return ok && body["snapshotId"] != nil && (body["targetDeploymentItemName"] != nil) == d.Overwrites()
	}
	return ok && body["deliveryType"] == string(d)
}

// A result that cannot be written is no success, and help is a result too.
func TestBinaryFullDisk(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no device that is always full: " + err.Error())
	}
	defer full.Close()
	download := []string{"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download"}
	for _, args := range [][]string{
		append([]string{"train", "--speed", brisk, "-o", "json"}, download...),
		{"--help"},
	} {
		cmd := exec.CommandContext(t.Context(), teatest.Binary(t), args...)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &errs
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%q: exit code %d\n%s", args, code, errs.String())
		}
	}
}
