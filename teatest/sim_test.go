//go:build unix

package teatest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/teatest"
)

// served is the built program that serves the embedded Atlas to others.
type served struct {
	control.Hello

	t    *testing.T
	cmd  *exec.Cmd
	rest *bufio.Reader // of its standard output
	errs strings.Builder
}

func serve(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{t: t}
	s.cmd = exec.Command(teatest.Binary(t), append([]string{"sim"}, args...)...) //nolint:noctx // it is killed at the test's end
	s.cmd.Env = []string{"HOME=" + t.TempDir()}
	s.cmd.Stderr = &s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = s.cmd.Process.Kill() }) // it may have ended already
	s.rest = bufio.NewReader(out)
	hello, err := s.rest.ReadBytes('\n')
	if err != nil {
		_ = s.cmd.Wait()
		t.Fatalf("no hello: %v\n%s", err, &s.errs)
	}
	d := json.NewDecoder(strings.NewReader(string(hello)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.Hello); err != nil {
		t.Fatalf("%v in %s", err, hello)
	}
	return s
}

// end has a signal end it, and says with what.
func (s *served) end(sig os.Signal) (code int, more string) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	_, _ = s.rest.WriteTo(&b)
	_ = s.cmd.Wait() // its code says it
	return s.cmd.ProcessState.ExitCode(), b.String()
}

// sh runs a line of the shell, and gives its output.
func (s *served) sh(line string, env ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "/bin/sh", "-c", line)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func needsCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
}

// However it is ended, it ends well; its output is the one line that a program reads.
func TestBinaryServes(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			if s.Control != s.BaseURL+"/control" || len(s.PublicKey) != 8 || !strings.HasPrefix(s.ClientID, "mdb_sa_id_") {
				t.Errorf("%+v", s.Hello)
			}
			res, err := http.Get(s.BaseURL + "/api/atlas/v2/groups") //nolint:noctx // it answers at once
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if code, more := s.end(sig); code != 0 || more != "" || s.errs.String() != "" || res.StatusCode != 401 {
				t.Errorf("exit code %d\nstdout %s\nstderr %s", code, more, &s.errs)
			}
		})
	}
}

// Any client can work against it, by whichever of the two authentications.
func TestBinaryServesCurl(t *testing.T) {
	t.Parallel()
	needsCurl(t)
	s := serve(t, "--seed", "7")
	const list = `curl -sf "$BASE/api/atlas/v2/groups" -H 'Accept: application/vnd.atlas.2023-01-01+json' `
	base := "BASE=" + s.BaseURL
	digest := s.sh(list+`--digest -u "$KEY"`, base, "KEY="+s.PublicKey+":"+s.PrivateKey)
	token := s.sh(`curl -sf "$BASE/api/oauth/token" -u "$ID" -d grant_type=client_credentials`, base, "ID="+s.ClientID+":"+s.ClientSecret)
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(token), &given); err != nil {
		t.Fatal(err)
	}
	bearer := s.sh(list+`-H "Authorization: Bearer $TOKEN"`, base, "TOKEN="+given.AccessToken)
	if digest != bearer || !strings.Contains(digest, `"name":"Payments"`) {
		t.Errorf("by digest %s\nby token %s", digest, bearer)
	}
	if log := s.sh(`curl -sf "$BASE/control/requests"`, base); strings.Contains(log, given.AccessToken) || strings.Contains(log, s.PrivateKey) || strings.Count(log, "\n") != 4 {
		t.Errorf("the log is %s", log)
	}
}

// The program itself is such a client, for both its credentials.
func TestBinaryRestoresWhatIsServed(t *testing.T) {
	t.Parallel()
	s := serve(t, "--speed", "600")
	for name, env := range map[string][]string{
		"service account": {"MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret},
		"API key":         {"MONGODB_ATLAS_PUBLIC_API_KEY=" + s.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + s.PrivateKey},
	} {
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{
			"--base-url", s.BaseURL, "--state-dir", t.TempDir(), "--projectId", "Payments Staging", "--clusterName", "orders-stg",
			"--snapshotId", "latest", "--deliveryType", "download", "--dry-run", "-o", "json",
		}, env, "")
		if code != 0 || !strings.Contains(out, `"deliveryType": "download"`) {
			t.Errorf("with %s: %d\n%s%s", name, code, out, errs)
		}
	}
}

// The same seed gives the same world whenever it is started, and takes the tokens of before.
func TestBinaryServesTheSameAgain(t *testing.T) {
	t.Parallel()
	needsCurl(t)
	const list = `curl -sf "$BASE/api/atlas/v2/groups" -H 'Accept: application/vnd.atlas.2023-01-01+json' -H "Authorization: Bearer $TOKEN"`
	worlds, token := map[string]int{}, ""
	for range 2 {
		s := serve(t, "--seed", "7", "--speed", "0", "--rate-limit", "2")
		if token == "" {
			var given struct {
				AccessToken string `json:"access_token"`
			}
			raw := s.sh(`curl -sf "$BASE/api/oauth/token" -u "$ID" -d grant_type=client_credentials`, "BASE="+s.BaseURL, "ID="+s.ClientID+":"+s.ClientSecret)
			if err := json.Unmarshal([]byte(raw), &given); err != nil {
				t.Fatal(err)
			}
			token = given.AccessToken
		}
		env := []string{"BASE=" + s.BaseURL, "TOKEN=" + token}
		worlds[strings.ReplaceAll(s.sh(list, env...), s.BaseURL, "")]++
		if limits := s.sh(list+` -D- -o /dev/null`, env...); !strings.Contains(limits, "Ratelimit-Limit: 2\r\nRatelimit-Remaining: 0\r\n") {
			t.Errorf("the limits are %s", limits)
		}
		if clock := s.sh(`curl -sf "$C/clock"`, "C="+s.Control); !strings.Contains(clock, `"2026-11-23T14:31:00Z"`) {
			t.Errorf("it begins at %s", clock)
		}
		_, _ = s.end(os.Interrupt)
	}
	if len(worlds) != 1 {
		t.Errorf("two starts give %d worlds", len(worlds))
	}
	if s := serve(t, "--start", "2027-01-02T03:04:05+01:00", "--speed", "0"); !strings.Contains(s.sh(`curl -sf "$C/clock"`, "C="+s.Control), `"2027-01-02T02:04:05Z"`) {
		t.Error("it does not begin when it is told to")
	}
}

// A load test is not held up: with its rate limit lifted the simulator answers more requests than
// Atlas lets anybody make, at a clock that stands and so refills nothing.
func TestBinaryLiftsItsRateLimit(t *testing.T) {
	t.Parallel()
	const most = 300 // of Atlas's own limits the tightest, and that of all clusters
	s := serve(t, "--speed", "0", "--rate-limit", "off")
	ask := func(method, path, body string, headers ...string) (status int, said string) {
		r, err := http.NewRequestWithContext(t.Context(), method, s.BaseURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		if path == "/api/oauth/token" {
			r.SetBasicAuth(s.ClientID, s.ClientSecret)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(raw)
	}
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if _, raw := ask("POST", "/api/oauth/token", "grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded"); json.Unmarshal([]byte(raw), &given) != nil || given.AccessToken == "" {
		t.Fatalf("no token: %s", raw)
	}
	for i := range most + 20 {
		status, raw := ask("GET", "/api/atlas/v2/clusters?itemsPerPage=1", "", "Accept", "application/vnd.atlas.2023-01-01+json", "Authorization", "Bearer "+given.AccessToken)
		if status != http.StatusOK {
			t.Fatalf("request %d: %d\n%s", i, status, raw)
		}
	}
}

// Clients that refuse plain http are served too, by a certificate that they are given. The
// program itself knows by it that this is no real Atlas.
func TestBinaryServesByHTTPS(t *testing.T) {
	t.Parallel()
	needsCurl(t)
	s := serve(t, "--tls")
	trusted := filepath.Join(t.TempDir(), "sim.pem")
	if err := os.WriteFile(trusted, []byte(s.Certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := s.sh(`curl -sf --cacert "$PEM" "$C/clock"; curl -s "$C/clock" || echo refused`, "PEM="+trusted, "C="+s.Control); !strings.Contains(out, `"speed": 1`) || !strings.Contains(out, "refused") {
		t.Errorf("%s", out)
	}
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{
		"--base-url", s.BaseURL, "--ca-file", trusted, "--state-dir", t.TempDir(), "--projectId", "Payments Staging", "--clusterName", "orders-stg",
		"--snapshotId", "latest", "--deliveryType", "download", "--dry-run",
	}, []string{"MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret}, "")
	if code != 0 || !strings.Contains(errs, "TRAINING") || strings.Contains(errs, "LIVE") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

// What is served is in its man page.
func TestManPageListsWhatIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"man", dir}, nil, ""); code != 0 {
		t.Fatal(errs)
	}
	page, err := os.ReadFile(filepath.Join(dir, "atlas-restore-sim.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range simulator.Endpoints() {
		if !strings.Contains(string(page), e.Path+"\n") {
			t.Errorf("%s %s is not in it", e.Method, e.Path)
		}
	}
}

// The README's own lines, word for word but for the port.
func TestReadmeControlsWhatIsServed(t *testing.T) {
	t.Parallel()
	needsCurl(t)
	readme := teatest.Documents(t)
	const address = "127.0.0.1:8080"
	serves, asks := linesOf(readme, "go run . sim "), linesOf(readme, "curl -sf ")
	if len(serves) != 1 || len(asks) != 3 {
		t.Fatalf("the README has %d such commands, and %d lines of curl", len(serves), len(asks))
	}
	s := serve(t, strings.Fields(strings.Replace(strings.TrimPrefix(serves[0], "go run . sim "), address, "127.0.0.1:0", 1))...)
	here := func(line string) string { return strings.ReplaceAll(line, "http://"+address, s.BaseURL) }
	if out := s.sh(here(asks[0])); !strings.Contains(out, `"faults": 1`) {
		t.Errorf("after the fault %s", out)
	}
	before := s.sh(`curl -sf "$C/clock"`, "C="+s.Control)
	if after := s.sh(here(asks[1])); after == before || !strings.Contains(after, `"speed": 0`) {
		t.Errorf("the clock shows %s, and then %s", before, after)
	}
	_ = s.sh(`curl -s "$BASE/api/oauth/token" -u "$ID" -d grant_type=client_credentials || true`, "BASE="+s.BaseURL, "ID="+s.ClientID+":"+s.ClientSecret)
	if out := s.sh(here(asks[2])); !strings.Contains(out, `"path":"/api/oauth/token","status":200,"dropped":true}`) {
		t.Errorf("the requests are %s", out)
	}
}

// A clock that stands still is moved by /control/advance alone. The program that follows a
// job hears of each move, in both of its ways to a simulator, and sees the end.
func TestBinaryHearsOfAdvance(t *testing.T) {
	rare(t)
	t.Parallel()
	needsCurl(t)
	for name, join := range map[string]bool{"by its base URL": false, "as a trainee": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--speed", "0")
			args := []string{
				"--line", "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated",
				"--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "--confirm", "train/orders-prod-restore",
				"--accept", "all", "--state-dir", t.TempDir(),
			}
			env := []string{"MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret}
			if join {
				args, env = append([]string{"train", "--join", s.BaseURL}, args...), nil
			} else {
				args = append(args, "--base-url", s.BaseURL)
			}
			p := teatest.StartBinary(t, teatest.Binary(t), args, env, normal)
			p.Wait("RUNNING")
			s.sh(`curl -sf "$C/advance" -H 'Content-Type: application/json' -d '{"by":"30m"}'`, "C="+s.Control)
			p.Wait("completed")
			if code := p.ExitCode(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestBinaryServesNothingWrong(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens at once
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = taken.Close() })
	for name, tc := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a port in use": {[]string{"--listen", taken.Addr().String()}, 1, "--listen 127.0.0.1:0 takes a port that is free"},
		"a scenario":    {[]string{"--scenario", "nonsense"}, 2, "there is no scenario \"nonsense\""},
		"a file":        {[]string{"--scenario", "./nowhere.yaml"}, 2, "nowhere.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), append([]string{"sim"}, tc.args...), nil, "")
			if code != tc.code || out != "" || !strings.Contains(errs, tc.says) {
				t.Errorf("exit code %d\nstdout %s\nstderr %s", code, out, errs)
			}
		})
	}
}

func TestBinaryServesWhereItIsTold(t *testing.T) {
	t.Parallel()
	at := teatest.Vacant(t)
	if s := serve(t, "--listen", at, "--speed", "0"); s.BaseURL != "http://"+at {
		t.Errorf("it is at %s", s.BaseURL)
	}
}

// A scenario is played for whoever works against it, and its coach answers.
func TestBinaryServesAScenario(t *testing.T) {
	t.Parallel()
	s := serve(t, "--scenario", "first-download", "--speed", "0")
	res, err := http.Get(s.Control + "/coach") //nolint:noctx // it answers at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var v struct{ Name, Clock, Start string }
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil || v.Name != "first-download" || v.Clock != v.Start || v.Clock == "" {
		t.Errorf("%+v: %v", v, err)
	}
}

// At a terminal the instructor sees what is asked, and types what happens.
func TestBinaryInstructs(t *testing.T) {
	t.Parallel()
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"sim"}, nil, normal)
	p.Wait("help lists what can be made to happen")
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/control`).FindString(p.Output())
	p.Type("403\r")
	p.Wait("the next request gets this error")
	res, err := http.Get(strings.TrimSuffix(url, "/control") + "/api/atlas/v2/groups") //nolint:noctx // it answers at once
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	p.Wait("/groups  UNEXPECTED_ERROR")
	p.Type("quit\r")
	if code := p.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left := p.Residue(); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
}

// Without a terminal it is asked for, and the output stays what a program reads.
func TestBinaryInstructsByAPipe(t *testing.T) {
	t.Parallel()
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"sim", "--instructor"}, nil, "help\nquit\n")
	if code != 0 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, `{"baseUrl":`) || !strings.Contains(errs, "the simulator ends") {
		t.Errorf("exit code %d\nstdout %s\nstderr %s", code, out, errs)
	}
}

// A shell's job in the background goes on serving, though it cannot read the terminal.
func TestBinaryServesInTheBackground(t *testing.T) {
	t.Parallel()
	script := teatest.Binary(t) + ` sim & read url; curl -s "$url"; echo; kill %1; wait %1; echo "ended with $?"`
	needsCurl(t)
	p := teatest.StartBinary(t, "/bin/sh", []string{"-m", "-c", script}, nil, normal)
	p.Wait("help lists")
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/control`).FindString(p.Output())
	p.Type(url + "/clock\r")
	p.Wait(`"speed": 1`)
	p.Wait("ended with 0")
}
