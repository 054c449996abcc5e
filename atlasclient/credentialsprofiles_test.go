// Tests of atlasclient/credentials. They stand here: each package with tests is one more program to link.

package atlasclient_test

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

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// places are a configuration of the Atlas CLI with this text, an environment and an
// empty keyring.
func places(t *testing.T, config string, pairs ...string) credentials.Places {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if config != "" {
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return credentials.Places{
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
	govLogin := over + "auth_type = \"user_account\"\nservice = \"cloudgov\"\n"
	for name, tc := range map[string]struct {
		config  string
		env     []string
		profile string
		kind    credentials.Kind
		public  string
		source  string
		base    string
		says    string // of an error, or a hint
	}{
		"the environment before a profile":    {config: oneKey, env: inEnv, kind: credentials.APIKey, public: "e", source: "environment"},
		"--profile before the environment":    {config: oneKey, env: inEnv, profile: "prod", kind: credentials.APIKey, public: "abcdefgh", source: "profile prod"},
		"a byte order mark":                   {config: "\xef\xbb\xbf" + strings.TrimSpace(account), kind: credentials.ServiceAccount, public: "mdb_sa_id_1", source: "profile ops"},
		"the only profile":                    {config: oneKey, kind: credentials.APIKey, public: "abcdefgh", source: "profile prod"},
		"a service account, any case":         {config: oneKey + account, profile: "OPS", kind: credentials.ServiceAccount, public: "mdb_sa_id_1", source: "profile ops"},
		"default among several":               {config: oneKey + account + byName, kind: credentials.APIKey, public: "d", source: "profile default"},
		"MONGODB_ATLAS_PROFILE":               {config: oneKey + account + byName, env: []string{"MONGODB_ATLAS_PROFILE", "prod"}, kind: credentials.APIKey, public: "abcdefgh", source: "profile prod"},
		"cloudgov":                            {config: gov, kind: credentials.APIKey, public: "g", source: "profile gov", base: "https://cloud.mongodbgov.com"},
		"an address of its own":               {config: own, kind: credentials.APIKey, public: "o", source: "profile own", base: "https://atlas.example.com"},
		"an address above the profiles":       {config: "base_url = \"https://top.example.com\"\n" + own + gov, profile: "gov", kind: credentials.APIKey, public: "g", source: "profile gov", base: "https://top.example.com"},
		"a login":                             {config: valid, kind: credentials.UserToken, source: "profile login"},
		"a login that goes on":                {config: over, env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", token(time.Now().Add(time.Hour))}, profile: "login", kind: credentials.UserToken, source: "profile login, with the token of the environment"},
		"a fresh token beside its profile":    {config: govLogin, env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", "verysecret"}, kind: credentials.UserToken, source: "environment", base: "https://cloud.mongodbgov.com"},
		"a token beside another credential":   {config: gov, env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", "verysecret"}, kind: credentials.UserToken, source: "environment"},
		"a token that has ended":              {env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", token(time.Now().Add(-time.Hour))}, says: "the token in MONGODB_ATLAS_ACCESS_TOKEN has ended; take a fresh token, with version 1.59.3 or later of the Atlas CLI, and start again: export MONGODB_ATLAS_ACCESS_TOKEN=$(atlas auth token)"},
		"a token in the environment":          {env: []string{"MONGODB_ATLAS_ACCESS_TOKEN", "verysecret"}, kind: credentials.UserToken, source: "environment"},
		"an address in the environment":       {env: append([]string{"MONGODB_ATLAS_OPS_MANAGER_URL", "https://env.example.com"}, inEnv...), kind: credentials.APIKey, public: "e", source: "environment", base: "https://env.example.com"},
		"the profile where the env is half":   {config: oneKey, env: inEnv[:2], kind: credentials.APIKey, public: "abcdefgh", source: "profile prod", says: "MONGODB_ATLAS_PRIVATE_API_KEY is missing"},
		"a login that has ended":              {config: over, says: "its login has ended; take a fresh token, with version 1.59.3 or later of the Atlas CLI, and start again: export MONGODB_ATLAS_ACCESS_TOKEN=$(atlas auth token --profile login)"},
		"an unknown profile":                  {config: oneKey + account, profile: "prd", says: `profile "prd": it does not exist; there are ops, prod; did you mean prod?`},
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
		"no TOML, but all in the environment": {config: "[prod", env: inEnv, kind: credentials.APIKey, public: "e", source: "environment"},
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

// A keyring that is locked, silent or absent is named as that, within its time, and asked
// once: each question may open a prompt. Never is anybody told to log in because of it. What
// the file holds whole is used, and halves are not mixed.
func TestKeyringThatFails(t *testing.T) {
	const (
		secretless = "[prod]\nauth_type = \"service_account\"\nclient_id = \"mdb_sa_id_1\"\n"
		nothing    = "[prod]\nauth_type = \"api_keys\"\n"
		older      = "[prod]\norg_id = \"x\"\n"
		plain      = "[prod]\npublic_api_key = \"p\"\nprivate_api_key = \"verysecret\"\n"
		both       = "[prod]\nauth_type = \"service_account\"\npublic_api_key = \"p\"\nprivate_api_key = \"verysecret\"\n"
	)
	wait := make(chan struct{})
	defer close(wait)
	keyrings := map[string]func() (string, error){
		"locked": func() (string, error) {
			return "", errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
		},
		"locked on macOS": func() (string, error) { return "", errors.New("exit status 36") },
		"silent":          func() (string, error) { <-wait; return "", nil },
		"absent": func() (string, error) {
			return "", errors.New("exec: \"dbus-launch\": executable file not found \x1b[31min $PATH")
		},
		"unsupported": func() (string, error) { return "", keyring.ErrUnsupportedPlatform },
	}
	for _, tc := range []struct {
		keyring, config string
		says            string // of the error; with uses, of the hints
		uses            string // the public half that is found
		none            bool   // the error is state.ErrNoCredentials
	}{
		{"locked", secretless, "reading profile prod: it has a client_id, but no client_secret in the file, and the keyring is locked; unlock the keyring", "", false},
		{"locked", nothing, "it has no private_api_key in the file, and the keyring is locked; unlock the keyring", "", false},
		{"locked", older, "it holds no credential in the file, and the keyring is locked; unlock the keyring", "", false},
		{"locked", both, "the keyring is locked; unlock the keyring", "", false},
		{"locked", plain, "Profile prod is used as ", "p", false},
		{"locked on macOS", nothing, "the keyring is locked; unlock the keyring", "", false},
		{"silent", secretless, "the keyring does not answer (for 0 s; it may be locked, or its prompt open); unlock the keyring or answer its prompt", "", false},
		{"silent", oneKey, "has it, for the keyring does not answer", "abcdefgh", false},
		{"absent", nothing, "there is no keyring here that can be read (exec: \"dbus-launch\"", "", false},
		{"absent", secretless, "set the credential in the environment: MONGODB_ATLAS_CLIENT_ID", "", false},
		{"absent", older, "no credentials found", "", true},
		{"absent", plain, "", "p", false},
		{"unsupported", nothing, "there is no keyring here that can be read", "", false},
	} {
		t.Run(tc.keyring+" "+tc.config, func(t *testing.T) {
			for _, profile := range []string{"", "prod"} {
				if tc.none && profile != "" {
					continue // said in other words
				}
				var asked atomic.Int32
				p := places(t, tc.config)
				p.Profile, p.Patience = profile, time.Minute
				if tc.keyring == "silent" { // the others answer, however busy the machine is
					p.Patience = 20 * time.Millisecond
				}
				reached := make(chan struct{}, 1)
				p.Keyring = func(string, string) (string, error) {
					if asked.Add(1) == 1 {
						reached <- struct{}{}
					}
					return keyrings[tc.keyring]()
				}
				found, err := p.Find()
				<-reached // a busy machine may ask it after its patience
				text := fmt.Sprint(err)
				if tc.uses != "" && err == nil {
					text = strings.Join(found.Hints, " ")
				}
				if (err == nil) != (tc.uses != "") || found.Public != tc.uses || !strings.Contains(text, tc.says) || errors.Is(err, state.ErrNoCredentials) != tc.none {
					t.Errorf("found %q, %v, hints %q", found.Public, err, found.Hints)
				}
				if asked.Load() != 1 || strings.Contains(text, "auth login") || strings.ContainsAny(text, "\x1b") || strings.Contains(text, "verysecret") {
					t.Errorf("asked %d times: %s", asked.Load(), text)
				}
				if hints := strings.Join(found.Hints, " "); tc.none && !strings.Contains(hints, "there is no keyring here") {
					t.Errorf("the hints are %q", hints)
				}
			}
		})
	}
	if credentials.KeyringPatience != 2*time.Second {
		t.Errorf("a keyring has %s to answer", credentials.KeyringPatience)
	}
}

// Halves of two credentials are not put together: if the keyring fails between them, both are
// the file's.
func TestKeyringThatFailsBetween(t *testing.T) {
	p := places(t, oneKey)
	p.Keyring = func(_, account string) (string, error) {
		if account == "public_api_key" {
			return "of the keyring", nil
		}
		return "", errors.New("failed to unlock correct collection")
	}
	if found, err := p.Find(); err != nil || found.Public != "abcdefgh" || found.Private.Reveal() != "11111111-verysecret" {
		t.Errorf("found %s, %v", found.Public, err)
	}
}

// The auth_type of a profile decides which of two credentials is used.
func TestAuthTypeDecides(t *testing.T) {
	const (
		key     = "public_api_key = \"p\"\nprivate_api_key = \"verysecret\"\n"
		account = "client_id = \"mdb_sa_id_1\"\nclient_secret = \"verysecret\"\n"
		login   = "access_token = \"verysecret\"\n"
	)
	for name, tc := range map[string]struct {
		config string
		kind   credentials.Kind
		says   string
	}{
		"a service account":           {"auth_type = \"service_account\"\n" + key + account + login, credentials.ServiceAccount, ""},
		"an API key":                  {"auth_type = \"api_keys\"\n" + key + account + login, credentials.APIKey, ""},
		"a login":                     {"auth_type = \"user_account\"\n" + key + account + login, credentials.UserToken, ""},
		"none":                        {key + account + login, credentials.ServiceAccount, ""},
		"none, without the first":     {key + login, credentials.APIKey, ""},
		"an unknown one":              {"auth_type = \"user_delegation\"\n" + key, credentials.APIKey, ""},
		"one that is not there":       {"auth_type = \"service_account\"\n" + key, 0, "its auth_type is service_account, but it has no client_secret; it has a private_api_key: say with auth_type which is meant"},
		"one that is half there":      {"auth_type = \"service_account\"\nclient_id = \"x\"\n" + key, 0, "it has a client_id, but no client_secret"},
		"one, and nothing but this":   {"auth_type = \"api_keys\"\n", 0, "it holds no credential"},
		"a login that is not there":   {"auth_type = \"user_account\"\n" + account, 0, "it has no access_token; it has a client_secret"},
		"of two profiles by spelling": {"x = \"y\"\n[PROD]\n" + key, 0, "has both [PROD] and [prod], which mean the same: keep one"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 { // no chance decides
				p := places(t, "[prod]\n"+tc.config)
				p.Profile = "prod"
				found, err := p.Find()
				if found.Kind != tc.kind || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
					t.Fatalf("found a %s, %v", found.Kind, err)
				}
			}
		})
	}
	p := places(t, "[default]\n"+key+"[DEFAULT]\n"+account)
	if _, err := p.Find(); err == nil || !strings.Contains(err.Error(), "has both [DEFAULT] and [default]") {
		t.Errorf("default twice, not asked for: %v", err)
	}
	p = places(t, "[a]\n"+key+"[b]\n[B]\n")
	p.Profile = "a"
	if _, err := p.Find(); err != nil {
		t.Errorf("another profile's twin: %v", err)
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
	for _, want := range []string{"MCLI_ORG_ID, MCLI_PUBLIC_API_KEY is ignored here", "can be read by other users: chmod 600"} {
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
		p := places(t, text)
		names, err := p.Profiles()
		if err != nil && (strings.Contains(err.Error(), "verysecret") || !strings.Contains(err.Error(), "config.toml")) {
			t.Fatalf("the error is %v", err)
		}
		for _, name := range names {
			p.Profile, p.Patience = name, time.Minute
			found, err := p.Find()
			if err == nil && (found.Private.IsZero() || found.Kind == 0) {
				t.Fatalf("profile %q: half a credential", name)
			}
		}
	})
}
