//go:build unix

package teatest_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// overTLS puts a server with a certificate of its own before the embedded Atlas, as a
// real one has, and gives its address and the file of that certificate.
func (w *world) overTLS() (base, ca string) {
	w.t.Helper()
	to, err := url.Parse(w.sim.BaseURL())
	if err != nil {
		w.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	teatest.AtEnd(w.t, s.Close)
	ca = filepath.Join(w.t.TempDir(), "ca.pem")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, raw, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return s.URL, ca
}

// token is an access token of the embedded Atlas.
func (w *world) token() string {
	w.t.Helper()
	k := w.sim.Keys()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.sim.BaseURL()+"/api/oauth/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		w.t.Fatal(err)
	}
	r.SetBasicAuth(k.ClientID, k.ClientSecret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.AccessToken == "" {
		w.t.Fatalf("no token: %v", err)
	}
	return got.AccessToken
}

// home is a home directory with this configuration of the Atlas CLI.
func home(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "atlascli")
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return "XDG_CONFIG_HOME=" + dir
}

// Every form of credential signs the built program in, over TLS, and its source stands in
// the header; nobody who does not vouch for the server is believed.
func TestBinarySignsInFromEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base, ca := w.overTLS()
	k := w.sim.Keys()
	profile := "[prod]\npublic_api_key = \"" + k.PublicKey + "\"\nprivate_api_key = \"" + k.PrivateKey + "\"\n\n" +
		"[sa]\nclient_id = \"" + k.ClientID + "\"\nclient_secret = \"" + k.ClientSecret + "\"\n"
	for name, tc := range map[string]struct {
		args, env []string
		source    string
	}{
		"service account":     {nil, []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}, "environment"},
		"API key":             {nil, []string{"MONGODB_ATLAS_PUBLIC_API_KEY=" + k.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + k.PrivateKey}, "environment"},
		"Terraform's":         {nil, []string{"MONGODB_ATLAS_PUBLIC_KEY=" + k.PublicKey, "MONGODB_ATLAS_PRIVATE_KEY=" + k.PrivateKey}, "environment"},
		"access token":        {nil, []string{"MONGODB_ATLAS_ACCESS_TOKEN=" + w.token()}, "access token · environment"},
		"--profile":           {[]string{"--profile", "prod"}, []string{home(t, profile)}, "profile prod"},
		"-P, service account": {[]string{"-P", "SA"}, []string{home(t, profile)}, "profile sa"},
		"profile of the env":  {nil, []string{home(t, profile), "MONGODB_ATLAS_PROFILE=sa"}, "profile sa"},
		"the only profile":    {nil, []string{home(t, profile[:strings.Index(profile, "[sa]")])}, "profile prod"},
	} {
		if !thorough() && !slices.Contains([]string{"API key", "-P, service account"}, name) {
			continue // in the suite each form of credential, and each kind of source, is met
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--base-url", base, "--ca-file", ca, "--state-dir", t.TempDir()}, tc.args...)
			p := teatest.StartBinary(t, teatest.Binary(t), args, tc.env, teatest.Size{W: 110, H: 24})
			p.Wait("Payments Staging")
			p.Wait("LIVE")
			p.Wait(tc.source)
			p.Press("ctrl+c")
			if code := p.ExitCode(); code != 130 {
				t.Errorf("the exit code is %d", code)
			}
			if strings.Contains(p.Output(), k.PrivateKey) || strings.Contains(p.Output(), k.ClientSecret) {
				t.Error("a secret is shown")
			}
		})
	}
	t.Run("nobody vouches for it", func(t *testing.T) {
		t.Parallel()
		env := []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
		p := teatest.StartBinary(t, teatest.Binary(t), []string{"--base-url", base, "--state-dir", t.TempDir()}, env, normal)
		p.Wait("Loading the projects failed")
		p.Wait("certificate")
		p.Press("ctrl+c")
	})
}

// What is wrong with credentials is said with its source and what to do, and never what
// they are.
func TestBinaryWrongCredentials(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args, env []string
		says      string
	}{
		"an unknown profile":  {[]string{"-P", "prd"}, []string{home(t, "[prod]\npublic_api_key = \"p\"\n")}, "it does not exist; there are prod"},
		"half a profile":      {[]string{"-P", "prod"}, []string{home(t, "[prod]\nprivate_api_key = \"sword-fish\"\n")}, "has a private_api_key, but no public_api_key"},
		"no TOML":             {nil, []string{home(t, "[prod]\nprivate_api_key = sword-fish\n")}, "config.toml, line 2: it is no TOML"},
		"a file that is none": {[]string{"--ca-file", "/nonexistent"}, []string{"MONGODB_ATLAS_ACCESS_TOKEN=sword-fish"}, "reading the certificates"},
		"no date":             {[]string{"--api-version", "newest"}, []string{"MONGODB_ATLAS_ACCESS_TOKEN=sword-fish"}, "API version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append(tc.args, "--line"), tc.env, "")
			if code != 1 || !strings.Contains(errs, tc.says) || strings.Contains(out+errs, "sword-fish") {
				t.Errorf("exit code %d\n%s\n%s", code, out, errs)
			}
		})
	}
	t.Run("a profile is completed", func(t *testing.T) {
		t.Parallel()
		env := []string{home(t, "[prod]\nx = \"y\"\n[ops]\n")}
		if _, out, _ := teatest.RunBinary(t, teatest.Binary(t), []string{"__complete", "--profile", ""}, env, ""); !strings.Contains(out, "ops\nprod\n") {
			t.Errorf("completed %s", out)
		}
	})
}

// The older shapes of Atlas's answers can be asked for, and the wizard works on them.
func TestBinaryWithAnOlderVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.sim.Keys()
	dir := t.TempDir()
	env := []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"--base-url", w.sim.BaseURL(), "--state-dir", dir, "--api-version", "2024-05-30", "--debug", filepath.Join(dir, "debug.log")}, env, normal)
	toProjects(p)
	p.Type("Analytics\r")
	p.WaitFor("the clusters", highlighted)
	p.Wait("3 shards")
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 130 {
		t.Errorf("the exit code is %d", code)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "debug.log"))
	text := string(raw)
	if err != nil || !strings.Contains(text, "2023-02-01") || !strings.Contains(text, "this version of the API ends") || strings.Contains(text, k.ClientSecret) || strings.Contains(text, "Bearer") {
		t.Errorf("the debug log, %v:\n%.2000s", err, text)
	}
	if info, err := os.Stat(filepath.Join(dir, "debug.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the debug log can be read by others: %v, %v", info, err)
	}
}
