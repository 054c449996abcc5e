package teatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/state/planfile"
	"atlas-restore/teatest"
)

// keyring is a directory with SSH keys, and an agent that holds them.
type keyring struct {
	t           *testing.T
	dir, socket string
}

func (k keyring) run(stdin, name string, args ...string) {
	k.t.Helper()
	cmd := exec.CommandContext(k.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+k.socket)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		k.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func (k keyring) file(name string) string { return filepath.Join(k.dir, name) }

func (k keyring) public(name string) string {
	k.t.Helper()
	raw, err := os.ReadFile(k.file(name) + ".pub")
	if err != nil {
		k.t.Fatal(err)
	}
	return string(raw)
}

// newKeyring starts a real ssh-agent with keys that a real ssh-keygen has made.
func newKeyring(t *testing.T, names ...string) keyring {
	t.Helper()
	for _, tool := range []string{"ssh-agent", "ssh-keygen", "ssh-add"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s is here", tool)
		}
	}
	within := os.TempDir()
	if len(within) > 60 { // the path of a socket is short: an agent that cannot have it is waited for without end
		within = "/tmp"
	}
	dir, err := os.MkdirTemp(within, "k")
	if err != nil {
		t.Fatal(err)
	}
	k := keyring{t, dir, filepath.Join(dir, "agent")}
	ctx, cancel := context.WithCancel(context.Background())
	agent := exec.CommandContext(ctx, "ssh-agent", "-D", "-a", k.socket)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() {
		cancel()
		_ = agent.Wait()
		_ = os.RemoveAll(dir)
	})
	for _, name := range names {
		k.run("", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", k.file(name))
		k.run("", "sh", "-c", `until ssh-add -q "$0" 2>/dev/null; do [ -S "$SSH_AUTH_SOCK" ] || sleep 0.01; done`, k.file(name))
	}
	return k
}

// A plan that is made on one machine is approved on a second with a real ssh-agent, which a real
// ssh-keygen confirms, and run on the first. Whatever else is beside it is refused by name, and
// nothing is submitted.
func TestBinaryRunsAPlanThatASecondPersonApproved(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, "alice", "bob")
	k.run("", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "maria", "-f", k.file("maria")) // at home, in no agent
	a := newAlone(t)
	home, conf := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(home, ".ssh", "id_ed25519.pub"):       k.public("maria"),
		filepath.Join(conf, "atlas-restore", "config.toml"): "require_approval = [\"prod*\"]\nallowed_signers = \"signers\"\n",
		filepath.Join(conf, "atlas-restore", "signers"):     `alice@example.com namespaces="atlas-restore" ` + k.public("alice") + "maria@example.com " + k.public("maria"),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a.env = append(a.env, "XDG_CONFIG_HOME="+conf, "HOME="+home)
	second := []string{"XDG_CONFIG_HOME=" + conf, "SSH_AUTH_SOCK=" + k.socket}
	file := filepath.Join(t.TempDir(), "a.plan.json")
	if code, out, errs := a.run(append([]string{"--save-plan", file, "-o", "json"}, overwriting...)...); code != 0 {
		t.Fatalf("saving the plan: %d\n%s%s", code, out, errs)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, want string) {
		t.Helper()
		code, out, errs := a.run("--plan", file, "--confirm", "orders-prod-restore", "--accept", "all")
		if code != 1 || !strings.Contains(strings.Join(strings.Fields(out+errs), " "), want) {
			t.Errorf("%s: exit code %d, want one that says %q\n%s%s", name, code, want, out, errs)
		}
		if n := len(a.posts()); n != 0 {
			t.Fatalf("%s: %d restores were asked for", name, n)
		}
	}
	approve := func(args ...string) (int, string, string) {
		t.Helper()
		return teatest.RunBinary(t, teatest.Binary(t), append([]string{"plan", "approve", file, "-o", "json"}, args...), second, "approve orders-prod\napprove orders-prod-restore\n")
	}
	write := func(raw []byte) {
		t.Helper()
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	foreign := func(namespace, by string) { // with ssh-keygen alone
		t.Helper()
		_ = os.Remove(file + ".sig")
		k.run("", "ssh-keygen", "-Y", "sign", "-q", "-f", k.file(by), "-n", namespace, file)
	}

	write(bytes.Replace(raw, []byte("orders-prod-restore"), []byte("orders-prod-restorf"), 1))
	refused("a changed byte", "was changed after it was made")
	write(raw)
	if code, out, errs := approve("--key", k.file("bob")+".pub"); code != 1 || !strings.Contains(errs, "it does not count") || !strings.Contains(out, `"outcome": "signed"`) || !strings.Contains(errs, "NOT APPROVED by what is known here") {
		t.Errorf("bob, whom nobody allows, is not told so: %d\n%s%s", code, out, errs)
	}
	refused("approved by an unknown key", "the key is not among the allowed signers")
	if code, _, errs := approve("--key", k.file("maria")); code != 1 || !strings.Contains(errs, "made by the same person") {
		t.Errorf("the maker approves: %d\n%s", code, errs)
	}
	foreign("atlas-restore", "maria")
	refused("approved by its maker", "made by the same person")

	other, err := planfile.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	other.Target.ID = other.Source.ID
	if _, err := other.Write(file); err != nil {
		t.Fatal(err)
	}
	foreign("atlas-restore", "alice")
	refused("for another cluster of the same name", "is another cluster of the same name")
	write(raw)

	code, out, errs := approve() // the one key of the agent that may
	var done struct{ Outcome, SHA256, Signature, Key, By string }
	if err := json.Unmarshal([]byte(out), &done); err != nil || code != 0 || done.Outcome != "approved" || done.By != "alice@example.com" {
		t.Fatalf("approving: %d %v\n%s%s", code, err, out, errs)
	}
	for _, want := range []string{`"approve orders-prod" is not approve orders-prod-restore. Nothing was approved.`, "WARNING: Onto orders-prod-restore (Payments), PRODUCTION, which is erased first.", "SHA-256 " + done.SHA256} {
		if !strings.Contains(errs, want) {
			t.Errorf("whoever approves does not read %q:\n%s", want, errs)
		}
	}
	k.run(string(raw), "ssh-keygen", "-Y", "verify", "-f", filepath.Join(conf, "atlas-restore", "signers"), "-I", "alice@example.com", "-n", "atlas-restore", "-s", done.Signature)

	p := a.open("--plan", file, "--line", "--confirm", "orders-prod-restore", "--accept", "plan", "--accept", "writes")
	p.WaitFor("who has approved it", func(string) bool { return teatest.Reads(p.Output(), "approved by alice@example.com") }) // it may have gone by
	p.Wait("RUNNING")
	a.sim.Advance(10 * time.Minute)
	if code := p.ExitCode(); code != 0 || len(a.posts()) != 1 {
		t.Errorf("the plan that was approved ends with %d, %d restores were asked for", code, len(a.posts()))
	}
	kept, err := os.ReadFile(filepath.Join(a.dir, "journal.jsonl"))
	if want := fmt.Sprintf(`"approvedBy":"alice@example.com","approvedKey":%q`, done.Key); err != nil || !strings.Contains(string(kept), `"tool":"`) || !strings.Contains(string(kept), done.SHA256) || !strings.Contains(string(kept), want) {
		t.Errorf("the journal does not have the plan and who approved it: %v\n%s", err, kept)
	}
	a.sim.Advance(25 * time.Hour)
	if code, out, errs := a.run("--plan", file, "--confirm", "orders-prod-restore", "--accept", "all"); code != 1 || !strings.Contains(out+errs, "The plan was good until") || len(a.posts()) != 1 {
		t.Errorf("a plan that is over ends with %d, %d restores were asked for\n%s%s", code, len(a.posts()), out, errs)
	}
}
