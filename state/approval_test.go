// Tests of state/approval. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"atlas-restore/state"
	"atlas-restore/state/approval"
	"atlas-restore/state/planfile"
)

var approvalNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// person is somebody with a key in files, as ssh-keygen leaves them.
type person struct {
	file   string
	public ssh.PublicKey
}

func (p person) line(principals, options string) string {
	return principals + " " + options + " " + string(ssh.MarshalAuthorizedKey(p.public))
}

func (p person) print() string { return ssh.FingerprintSHA256(p.public) }

// meet makes somebody with a key of that kind; with a passphrase where one is given.
func meet(t testing.TB, kind, passphrase string) person {
	t.Helper()
	var secret crypto.Signer
	var err error
	switch kind {
	case "rsa":
		secret, err = rsa.GenerateKey(rand.Reader, 2048)
	case "short":
		t.Setenv("GODEBUG", "rsa1024min=0")
		secret, err = rsa.GenerateKey(rand.Reader, 1024)
	case "ecdsa":
		secret, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		_, secret, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(secret, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(secret, "", []byte(passphrase))
	}
	public, pubErr := ssh.NewPublicKey(secret.Public())
	if err := errors.Join(err, pubErr); err != nil {
		t.Fatal(err)
	}
	p := person{filepath.Join(t.TempDir(), "id"), public}
	if err := errors.Join(os.WriteFile(p.file, pem.EncodeToMemory(block), 0o600), os.WriteFile(p.file+".pub", ssh.MarshalAuthorizedKey(public), 0o600)); err != nil {
		t.Fatal(err)
	}
	return p
}

// saved is a plan file, made by somebody with these keys.
func saved(t testing.TB, target string, keys ...string) (file string, raw []byte, p planfile.Plan) {
	t.Helper()
	const project = "65f0c1d2e3a4b5c6d7e8f901"
	plan, err := planfile.New(state.Plan{
		Project: state.Project{ID: project, Name: "Payments"}, Cluster: state.Cluster{ID: project, ProjectID: project, Name: "orders-prod"}, Delivery: state.Automated,
		Snapshot: state.Snapshot{ID: project, CreatedAt: approvalNoon.Add(-time.Hour)}, Target: state.Target{Project: state.Project{ID: project, Name: "Payments"}, ClusterName: target},
	}, state.Names{}, state.Cluster{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "plan.json")
	if _, err = plan.By(planfile.Maker{User: "maria", Host: "ops-1", Keys: keys}, "dev", "https://cloud.mongodb.com", approvalNoon).Write(file); err != nil {
		t.Fatal(err)
	}
	if p, raw, err = planfile.Read(file); err != nil {
		t.Fatal(err)
	}
	return file, raw, p
}

func sign(t testing.TB, by person, file string, raw []byte) []byte {
	t.Helper()
	key, err := approval.KeyFile(by.file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := approval.Sign(file, raw, key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func signers(t testing.TB, lines ...string) approval.Signers {
	t.Helper()
	all, err := approval.ParseSigners([]byte(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What counts is a signature of this plan, for this purpose, by a key that is allowed now, of
// somebody else than its maker. Whatever is not is refused by its name.
func TestWhoApproves(t *testing.T) {
	alice, bob := meet(t, "ed25519", ""), meet(t, "ecdsa", "")
	file, raw, p := saved(t, "orders-restore")
	_, otherRaw, _ := saved(t, "orders-prod")
	text := sign(t, alice, file, raw)
	own := func(keys ...string) ([]byte, []byte, planfile.Plan) {
		file, raw, p := saved(t, "orders-restore", keys...)
		return sign(t, alice, file, raw), raw, p
	}
	aliceLine := alice.line("alice@example.com", "")
	for name, tc := range map[string]struct {
		text    []byte
		raw     []byte
		signers approval.Signers
		now     time.Time
		want    error
	}{
		"alice":                  {text, raw, signers(t, bob.line("bob@example.com", ""), aliceLine), approvalNoon, nil},
		"for this":               {text, raw, signers(t, alice.line("alice@example.com", `namespaces="git,atlas-*"`)), approvalNoon, nil},
		"in time":                {text, raw, signers(t, alice.line("alice@example.com", `valid-after="20261123Z",valid-before="202611231201Z"`)), approvalNoon, nil},
		"by another line":        {text, raw, signers(t, alice.line("alice@example.com", `valid-before="20200101Z"`), aliceLine), approvalNoon, nil},
		"unknown":                {text, raw, signers(t, bob.line("bob@example.com", "")), approvalNoon, approval.ErrUnknown},
		"nobody is allowed":      {text, raw, nil, approvalNoon, approval.ErrUnknown},
		"for something else":     {text, raw, signers(t, alice.line("alice@example.com", `namespaces="git"`)), approvalNoon, approval.ErrNotFor},
		"for all but this":       {text, raw, signers(t, alice.line("alice@example.com", `namespaces="!atlas-restore"`)), approvalNoon, approval.ErrNotFor},
		"a pattern of stars":     {text, raw, signers(t, alice.line("alice@example.com", `namespaces="**at*?-*re*"`)), approvalNoon, nil},
		"a pattern without end":  {text, raw, signers(t, alice.line("alice@example.com", `namespaces="`+strings.Repeat("*", 60)+`x"`)), approvalNoon, approval.ErrNotFor},
		"too late":               {text, raw, signers(t, alice.line("alice@example.com", `valid-before="202611231159Z"`)), approvalNoon, approval.ErrOver},
		"too early":              {text, raw, signers(t, alice.line("alice@example.com", `valid-after="20261124Z"`)), approvalNoon, approval.ErrNotYet},
		"a pattern names nobody": {text, raw, signers(t, alice.line("*@example.com", "")), approvalNoon, approval.ErrNobody},
		"another plan":           {text, otherRaw, signers(t, aliceLine), approvalNoon, approval.ErrOther},
		"a changed plan":         {text, append(bytes.Clone(raw), '\n'), signers(t, aliceLine), approvalNoon, approval.ErrOther},
		"no signature":           {[]byte("yes, do it"), raw, signers(t, aliceLine), approvalNoon, approval.ErrNoSignature},
		"half of one":            {text[:len(text)/2], raw, signers(t, aliceLine), approvalNoon, approval.ErrNoSignature},
		"more than one":          {append(bytes.Clone(text), text...), raw, signers(t, aliceLine), approvalNoon, approval.ErrNoSignature},
		"the name of the maker":  {text, raw, signers(t, alice.line("Maria@example.com", "")), approvalNoon, approval.ErrSame},
		"one of the maker's":     {text, raw, signers(t, alice.line("alice@example.com,maria", "")), approvalNoon, approval.ErrSame},
	} {
		a, err := approval.Judge(tc.text, tc.raw, p, tc.signers, tc.now)
		if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
		if tc.want == nil && (a.By != "alice@example.com" || a.Key != alice.print()) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	same := func(err error, why string) {
		t.Helper()
		if !errors.Is(err, approval.ErrSame) || !strings.Contains(fmt.Sprint(err), why) {
			t.Errorf("%v, want one that says %q", err, why)
		}
	}
	_, err := approval.Judge(text, raw, p, signers(t, alice.line("Maria@example.com", "")), approvalNoon)
	same(err, "the allowed signers call the holder of the key Maria@example.com, and the maker works as maria on ops-1")
	text, raw, p = own(alice.print())
	_, err = approval.Judge(text, raw, p, signers(t, aliceLine), approvalNoon)
	same(err, "the key "+alice.print()+" is one of the maker's own (maria on ops-1), from ~/.ssh or the ssh-agent there")
	key, err := approval.KeyFile(alice.file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = approval.Signers{}.Known(key, p, approvalNoon) // before it is signed, and whoever is allowed
	same(err, "is one of the maker's own (maria on ops-1)")
	text, raw, p = own(bob.print()) // a second key of the same person
	_, err = approval.Judge(text, raw, p, signers(t, aliceLine, bob.line("ALICE@example.com", "")), approvalNoon)
	same(err, "give alice@example.com also the key "+bob.print())
	if _, err := approval.Judge(text, raw, p, signers(t, aliceLine, bob.line("bob@example.com", "")), approvalNoon); err != nil {
		t.Errorf("by somebody else than the maker: %v", err)
	}
}

// Each byte of a signature counts.
func TestAChangedSignatureIsNone(t *testing.T) {
	alice := meet(t, "ed25519", "")
	file, raw, p := saved(t, "orders-restore")
	text := sign(t, alice, file, raw)
	all := signers(t, alice.line("alice@example.com", ""))
	begin, end := bytes.IndexByte(text, '\n'), bytes.LastIndex(text, []byte("-----END"))
	for i := begin; i < end; i++ {
		for _, b := range []byte("Az+") {
			changed := bytes.Clone(text)
			if changed[i] == b || changed[i] == '\n' || changed[i] == '=' {
				continue
			}
			changed[i] = b
			if _, err := approval.Judge(changed, raw, p, all, approvalNoon); err == nil {
				t.Fatalf("byte %d can be %q", i, b)
			}
		}
	}
}

// The signature lies beside the plan, is told with its time, and takes the place of nothing else.
func TestTheSignatureLiesBesideThePlan(t *testing.T) {
	alice := meet(t, "rsa", "")
	file, raw, p := saved(t, "orders-restore")
	all := signers(t, alice.line("alice@example.com", ""))
	if _, err := approval.Read(file, raw, p, all, approvalNoon); !errors.Is(err, approval.ErrNone) {
		t.Errorf("without one: %v", err)
	}
	sign(t, alice, file, raw)
	training := p
	training.Training = true
	for _, tc := range []struct {
		of           planfile.Plan
		written, now time.Duration
		known        bool
	}{
		{p, time.Minute, 5 * time.Minute, true},
		{p, time.Minute, 7 * time.Hour, true},
		{p, -time.Hour, 5 * time.Minute, false},     // before the plan was there
		{p, 99 * time.Hour, 5 * time.Minute, false}, // it has not come
		{p, 99 * time.Hour, 100 * time.Hour, false}, // after the plan was over
		{training, time.Minute, 5 * time.Minute, false},
	} {
		if err := os.Chtimes(approval.SignatureOf(file), approvalNoon, approvalNoon.Add(tc.written)); err != nil {
			t.Fatal(err)
		}
		want := time.Time{}
		if tc.known {
			want = approvalNoon.Add(tc.written)
		}
		a, err := approval.Read(file, raw, tc.of, all, approvalNoon.Add(tc.now))
		if err != nil || a.By != "alice@example.com" || !a.At.Equal(want) {
			t.Errorf("written %v after the plan, looked at %v after it: %+v, %v", tc.written, tc.now, a, err)
		}
	}
	for name, tc := range map[string]struct {
		raw     []byte
		signers approval.Signers
		want    error
	}{
		"it counts":                {raw, all, approval.ErrSigned},
		"nobody is allowed here":   {raw, nil, approval.ErrSigned},
		"another one is allowed":   {raw, signers(t, meet(t, "ed25519", "").line("bob@example.com", "")), nil},
		"it is of another content": {append(bytes.Clone(raw), '\n'), all, nil},
	} {
		if err := approval.Free(file, tc.raw, p, tc.signers, approvalNoon); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("signed already, and %s: %v", name, err)
		}
	}
	sign(t, alice, file, raw) // again
	if err := os.WriteFile(approval.SignatureOf(file), []byte("milk"), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := approval.KeyFile(alice.file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := approval.Sign(file, raw, key); !errors.Is(err, approval.ErrNotOurs) {
		t.Errorf("over something else: %v", err)
	}
	if got, err := os.ReadFile(approval.SignatureOf(file)); err != nil || string(got) != "milk" {
		t.Errorf("%q %v", got, err)
	}
}

// A key is opened with its passphrase when it signs and not before, tells nothing of itself in any
// print, and is refused by name where it is none.
func TestKeys(t *testing.T) {
	alice := meet(t, "ed25519", "open sesame ")
	file, raw, p := saved(t, "orders-restore")
	asked := 0
	key, err := approval.KeyFile(alice.file, nil, func() (state.Secret, error) { asked++; return state.NewSecret("open sesame "), nil })
	if err != nil || asked != 0 || key.Fingerprint() != alice.print() {
		t.Fatalf("%v, asked %d times", err, asked)
	}
	if _, err := approval.Sign(file, raw, key); err != nil || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	if _, err := approval.Read(file, raw, p, signers(t, alice.line("alice", "")), approvalNoon); err != nil {
		t.Error(err)
	}
	secret, err := os.ReadFile(alice.file)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, key); strings.Contains(text, "sesame") || strings.Contains(text, string(secret[40:80])) {
			t.Errorf("%s tells the key: %s", verb, text)
		}
	}
	wrong, err := approval.KeyFile(alice.file, nil, func() (state.Secret, error) { return state.NewSecret("open barley"), nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := approval.Sign(file, raw, wrong); !errors.Is(err, approval.ErrPassphrase) || strings.Contains(err.Error(), "barley") {
		t.Errorf("with another passphrase: %v", err)
	}
	if _, err := approval.KeyFile(alice.file, nil, nil); !errors.Is(err, approval.ErrPassphrase) {
		t.Errorf("where nobody can be asked: %v", err)
	}
	if _, err := approval.KeyFile(alice.file+".pub", nil, nil); !errors.Is(err, approval.ErrNoKey) {
		t.Errorf("of a public one: %v", err)
	}
	if _, err := approval.KeyFile(meet(t, "short", "").file, nil, nil); !errors.Is(err, approval.ErrKind) {
		t.Errorf("of 1024 bits: %v", err)
	}
	if _, err := approval.KeyFile(file, nil, nil); err == nil || strings.Contains(err.Error(), "sha256") {
		t.Errorf("of no key: %v", err)
	}
	if _, err := approval.Agent(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, approval.ErrNoAgent) {
		t.Errorf("of no agent: %v", err)
	}
	if got := approval.Own(t.Context(), "", filepath.Dir(alice.file)); len(got) != 1 || got[0] != alice.print() {
		t.Errorf("the own keys are %v", got)
	}
}

// What an allowed_signers file says is understood, or the file is refused with the line.
func TestSigners(t *testing.T) {
	alice := meet(t, "ed25519", "")
	key := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(alice.public)))
	for line, want := range map[string]string{
		"# nobody\n\n  \n": "", "alice " + key: "", "alice,bob " + key + " a comment": "", `"alice b" ` + key: "", "alice\t" + key: "",
		`alice namespaces="a b,c",valid-after="20260101" ` + key: "", `alice Valid-Before="20260101000000Z" ` + key: "",
		"alice":                                   "line 1: it takes principals and a key",
		"\n" + key:                                "line 2: there is no key",
		"alice ssh-ed25519 AAAA":                  "there is no key",
		"alice cert-authority " + key:             "cert-authority is not honoured",
		"alice no-touch-required " + key:          `there is no option "no-touch-required"`,
		`alice valid-after="yesterday" ` + key:    `"yesterday" is no time`,
		`alice valid-before="2026" ` + key:        `"2026" is no time`,
		"al\x1b[2Jice " + key:                     "cannot be shown",
		"alice ssh-dss AAAAB3NzaC1kc3MAAAAAAAAA=": "there is no key",
	} {
		_, err := approval.ParseSigners([]byte(line))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	if _, err := approval.ReadSigners(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A real ssh-keygen says the same as this program: of what is signed here, and of what it signs.
func TestOpenSSHAgrees(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen is here")
	}
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		if kind == "rsa" && !thorough() { // such a key is dear to make; what is signed here with one is looked at elsewhere
			continue
		}
		alice := meet(t, kind, "")
		file, raw, p := saved(t, "orders-restore")
		line := alice.line("alice@example.com", `namespaces="atlas-restore"`)
		allowed := filepath.Join(t.TempDir(), "allowed_signers")
		if err := os.WriteFile(allowed, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		verify := func() error {
			cmd := exec.CommandContext(t.Context(), keygen, "-Y", "verify", "-f", allowed, "-I", "alice@example.com", "-n", approval.Namespace, "-s", file+".sig")
			cmd.Stdin = bytes.NewReader(raw)
			out, err := cmd.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
		sign(t, alice, file, raw)
		if err := verify(); err != nil {
			t.Errorf("%s: what is signed here: %v", kind, err)
		}
		for namespace, want := range map[string]error{approval.Namespace: nil, "git": approval.ErrNamespace} {
			if err := os.Remove(file + ".sig"); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), keygen, "-Y", "sign", "-f", alice.file, "-n", namespace, file).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if _, err := approval.Read(file, raw, p, signers(t, line), approvalNoon); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s: what ssh-keygen signs for %s: %v, want %v", kind, namespace, err, want)
			}
		}
	}
}

// FuzzJudge: no bytes but those of a signature of the plan approve it.
func FuzzJudge(f *testing.F) {
	alice := meet(f, "ed25519", "")
	file, raw, p := saved(f, "orders-restore")
	text := sign(f, alice, file, raw)
	all := signers(f, alice.line("alice@example.com", ""))
	other, otherRaw, _ := saved(f, "orders-prod")
	f.Add(sign(f, alice, other, otherRaw))
	f.Add(text[:40])
	f.Add([]byte("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"))
	plain := bytes.Join(bytes.Fields(text), nil)
	f.Fuzz(func(t *testing.T, sig []byte) {
		if _, err := approval.Judge(sig, raw, p, all, approvalNoon); err == nil && !bytes.Equal(bytes.Join(bytes.Fields(sig), nil), plain) {
			t.Errorf("approves: %q", sig)
		}
	})
}

// FuzzSigners: what is read as signers names a key and who holds it.
func FuzzSigners(f *testing.F) {
	f.Add([]byte(meet(f, "ed25519", "").line("alice@example.com,bob", `namespaces="a",valid-before="20260101Z"`)))
	f.Add([]byte("# nobody\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := approval.ParseSigners(raw)
		for _, s := range all {
			if err != nil || len(s.Principals) == 0 {
				t.Errorf("%q: %+v, %v", raw, s, err)
			}
		}
	})
}
