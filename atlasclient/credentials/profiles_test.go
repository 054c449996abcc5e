package credentials

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// places are a configuration of the Atlas CLI with this text, an environment and an
// empty keyring.
func places(t *testing.T, config string, pairs ...string) Places {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if config != "" {
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Places{
		Getenv: env(pairs...), Environ: func() []string { return nil }, Config: path,
		Keyring: func(string, string) (string, error) { return "", keyring.ErrNotFound },
	}
}

const (
	oneKey = `
version = 2
skip_update_check = true

[prod]
auth_type = "api_keys"
org_id = "5f0c1d2e3a4b5c6d7e8f9012"
project_id = "65f0c1d2e3a4b5c6d7e8f901"
public_api_key = "abcdefgh"
private_api_key = "11111111-verysecret"
output = "json"
`
	account = `
[Ops]
client_id = "mdb_sa_id_1"
client_secret = "mdb_sa_sk_verysecret"
`
	gov    = "\n[gov]\nservice = \"cloudgov\"\npublic_api_key = \"g\"\nprivate_api_key = \"verysecret\"\n"
	own    = "\n[own]\nops_manager_url = \"https://atlas.example.com/\"\npublic_api_key = \"o\"\nprivate_api_key = \"verysecret\"\n"
	half   = "\n[half]\npublic_api_key = \"h\"\n"
	empty  = "\n[empty]\nproject_id = \"65f0c1d2e3a4b5c6d7e8f901\"\n"
	byName = "\n[default]\npublic_api_key = \"d\"\nprivate_api_key = \"verysecret\"\n"
)

// token is a JWT that ends then.
func token(exp time.Time) string {
	claims := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"exp":%d}`, exp.Unix())))
	return "eyJhbGciOi." + claims + ".verysecret"
}

func TestFind(t *testing.T) {
	inEnv := []string{"MONGODB_ATLAS_PUBLIC_API_KEY", "e", "MONGODB_ATLAS_PRIVATE_API_KEY", "verysecret"}
	valid := "\n[login]\nauth_type = \"user_account\"\naccess_token = \"" + token(time.Now().Add(time.Hour)) + "\"\n"
	over := "\n[login]\naccess_token = \"" + token(time.Now().Add(-time.Hour)) + "\"\n"
	for name, tc := range map[string]struct {
		config  string
		env     []string
		profile string
		kind    Kind
		public  string
		source  string
		base    string
		says    string // of an error, or a hint
	}{
		"the environment before a profile":    {config: oneKey, env: inEnv, kind: APIKey, public: "e", source: "environment"},
		"--profile before the environment":    {config: oneKey, env: inEnv, profile: "prod", kind: APIKey, public: "abcdefgh", source: "profile prod"},
		"a byte order mark":                   {config: "\xef\xbb\xbf" + strings.TrimSpace(account), kind: ServiceAccount, public: "mdb_sa_id_1", source: "profile ops"},
		"the only profile":                    {config: oneKey, kind: APIKey, public: "abcdefgh", source: "profile prod"},
		"a service account, any case":         {config: oneKey + account, profile: "OPS", kind: ServiceAccount, public: "mdb_sa_id_1", source: "profile ops"},
		"default among several":               {config: oneKey + account + byName, kind: APIKey, public: "d", source: "profile default"},
		"MONGODB_ATLAS_PROFILE":               {config: oneKey + account + byName, env: []string{"MONGODB_ATLAS_PROFILE", "prod"}, kind: APIKey, public: "abcdefgh", source: "profile prod"},
		"cloudgov":                            {config: gov, kind: APIKey, public: "g", source: "profile gov", base: "https://cloud.mongodbgov.com"},
		"an address of its own":               {config: own, kind: APIKey, public: "o", source: "profile own", base: "https://atlas.example.com"},
		"an address above the profiles":       {config: "base_url = \"https://top.example.com\"\n" + own + gov, profile: "gov", kind: APIKey, public: "g", source: "profile gov", base: "https://top.example.com"},
		"a login":                             {config: valid, kind: UserToken, source: "profile login"},
		"a token in the environment":          {env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", "verysecret"}, kind: UserToken, source: "environment"},
		"an address in the environment":       {env: append([]string{"MONGODB_ATLAS_OPS_MANAGER_URL", "https://env.example.com"}, inEnv...), kind: APIKey, public: "e", source: "environment", base: "https://env.example.com"},
		"the profile where the env is half":   {config: oneKey, env: inEnv[:2], kind: APIKey, public: "abcdefgh", source: "profile prod", says: "MONGODB_ATLAS_PRIVATE_API_KEY is missing"},
		"a login that has ended":              {config: over, says: "its login has ended; renew it with: atlas auth login --profile login"},
		"an unknown profile":                  {config: oneKey + account, profile: "prd", says: `profile "prd": it does not exist; there are ops, prod`},
		"an unknown profile of the env":       {config: oneKey, env: []string{"MONGODB_ATLAS_PROFILE", "prd"}, says: "there are prod"},
		"a profile where there are none":      {profile: "prod", says: "there are none in "},
		"half a profile":                      {config: half, says: "it has a public_api_key, but no private_api_key"},
		"an empty profile, asked for":         {config: empty, profile: "empty", says: "it holds no credential"},
		"an empty profile, not asked for":     {config: empty, says: "no credentials found"},
		"nothing at all":                      {says: "no credentials found"},
		"several, none chosen":                {config: oneKey + account, says: "choose one of the Atlas CLI's profiles with --profile: ops, prod"},
		"half the environment, nothing more":  {env: inEnv[:2], says: "MONGODB_ATLAS_PRIVATE_API_KEY is missing"},
		"no TOML":                             {config: "\n\n[prod\npublic_api_key = \"verysecret\"\n", says: "line 3: it is no TOML"},
		"a value of another kind":             {config: "[prod]\npublic_api_key = 7\nprivate_api_key = \"verysecret\"\n", says: "it has a private_api_key, but no public_api_key"},
		"no TOML, but all in the environment": {config: "[prod", env: inEnv, kind: APIKey, public: "e", source: "environment"},
	} {
		t.Run(name, func(t *testing.T) {
			p := places(t, tc.config, tc.env...)
			p.Profile = tc.profile
			found, err := p.Find()
			if text := fmt.Sprintf("%v %+v %v", err, found, found.Hints); strings.Contains(text, "verysecret") {
				t.Errorf("a secret is printed: %s", text)
			}
			if tc.kind == 0 {
				if err == nil || !strings.Contains(err.Error(), tc.says) {
					t.Errorf("the error is %v, want %q", err, tc.says)
				}
				return
			}
			if err != nil || found.Kind != tc.kind || found.Public != tc.public || found.Source != tc.source || found.BaseURL != tc.base || found.Private.IsZero() {
				t.Errorf("found %+v, %v", found, err)
			}
			if hints := strings.Join(found.Hints, " "); !strings.Contains(hints, tc.says) || tc.says == "" && hints != "" {
				t.Errorf("the hints are %q, want %q", hints, tc.says)
			}
		})
	}
}

// Secrets are taken from the keyring where the Atlas CLI keeps them, before the file.
func TestKeyring(t *testing.T) {
	keyring.MockInit()
	for account, secret := range map[string]string{"public_api_key": "k", "private_api_key": "from the keyring"} {
		if err := keyring.Set("atlascli_prod", account, secret); err != nil {
			t.Fatal(err)
		}
	}
	p := places(t, oneKey)
	p.Keyring = nil // the system's, which is mocked
	found, err := p.Find()
	if err != nil || found.Public != "k" || found.Private.Reveal() != "from the keyring" {
		t.Errorf("found %s, %v", found.Public, err)
	}
	keyring.MockInitWithError(errors.New("no D-Bus"))
	if found, err = p.Find(); err != nil || found.Public != "abcdefgh" {
		t.Errorf("without a keyring: found %s, %v", found.Public, err)
	}
}

// A keyring that does not answer holds the start up once, and not for ever.
func TestKeyringThatHangs(t *testing.T) {
	p := places(t, oneKey)
	gate := make(chan struct{})
	defer close(gate)
	var asked atomic.Int32
	p.Keyring = func(string, string) (string, error) { asked.Add(1); <-gate; return "", nil }
	start := time.Now()
	found, err := p.Find()
	if err != nil || found.Public != "abcdefgh" || asked.Load() != 1 || time.Since(start) > 2*keyringPatience {
		t.Errorf("found %s after %v, asked %d times, %v", found.Public, time.Since(start), asked.Load(), err)
	}
}

func TestHints(t *testing.T) {
	p := places(t, oneKey)
	p.Environ = func() []string { return []string{"PATH=/bin", "MCLI_PUBLIC_API_KEY=x", "MCLI_ORG_ID=y"} }
	if err := os.Chmod(p.Config, 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := p.Find()
	hints := strings.Join(found.Hints, "\n")
	for _, want := range []string{"MCLI_ORG_ID, MCLI_PUBLIC_API_KEY is not heeded", "can be read by other users: chmod 600"} {
		if err != nil || !strings.Contains(hints, want) {
			t.Errorf("no %q in %q, %v", want, hints, err)
		}
	}
	if found.ProjectID != "65f0c1d2e3a4b5c6d7e8f901" {
		t.Errorf("the project is %q", found.ProjectID)
	}
}

// The Atlas CLI's file is never written, and one that is not there is not made.
func TestConfigIsOnlyRead(t *testing.T) {
	p := places(t, "")
	_, _ = p.Find() // an error: there is nothing
	if _, err := os.Stat(p.Config); !os.IsNotExist(err) {
		t.Error("a configuration was made")
	}
	p = places(t, oneKey)
	if err := os.Chmod(p.Config, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Find(); err != nil {
		t.Errorf("a read-only configuration: %v", err)
	}
	if raw, _ := os.ReadFile(p.Config); string(raw) != oneKey {
		t.Error("the configuration was changed")
	}
}

func TestProfiles(t *testing.T) {
	p := places(t, oneKey+account)
	if names, err := p.Profiles(); err != nil || strings.Join(names, " ") != "ops prod" {
		t.Errorf("%v, %v", names, err)
	}
}

// Whatever stands in the file, reading it neither panics nor tells of a secret.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{oneKey, account, gov, own, half, empty, "[a]\nb = 1979-05-27", "= verysecret", "\x00", "a = \"verysecret"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseConfig("config.toml", []byte(text))
		if err != nil && (strings.Contains(err.Error(), "verysecret") || !strings.Contains(err.Error(), "config.toml")) {
			t.Fatalf("the error is %v", err)
		}
		for _, name := range c.names() {
			cred, err := c.credential(name, func(string) string { return "" })
			if err == nil && (cred.Private.IsZero() || cred.Kind == 0) {
				t.Fatalf("profile %q: half a credential", name)
			}
			_ = c.baseURL(c.profiles[name])
		}
	})
}
