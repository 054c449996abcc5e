package teatest_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"atlas-restore/teatest"
)

// raw is what somebody writes where this program repeats it: it sets the terminal's title,
// its colour, and turns the rest of the line around.
const raw = "pwned\x1b]0;pwned\x07\x1b[31m\u202e"

// wantPrintable says where text could command a terminal.
func wantPrintable(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) {
			t.Errorf("%s: %q stands in %q", what, r, text[max(0, i-80):min(len(text), i+80)])
			return
		}
	}
}

// oddlyNamed is the address of a server for names that no host has, and the file that vouches
// for it.
func oddlyNamed(t *testing.T) (address, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Map(func(r rune) rune { // a certificate's names are ASCII
		if r < 0x80 {
			return r
		}
		return -1
	}, raw)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: raw, Organization: []string{raw}}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	teatest.AtEnd(t, s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.Listener.Addr().String(), ca
}

// oddProxy is a proxy that leads all to one address; without one it lets nobody through, and
// says so in its own way.
func oddProxy(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed with the test
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				if to == "" {
					fmt.Fprintf(c, "HTTP/1.1 403 %s\r\nContent-Length: 0\r\n\r\n", raw)
					return
				}
				server, err := net.Dial("tcp", to) //nolint:noctx // loopback
				if err != nil {
					return
				}
				defer func() { _ = server.Close() }()
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n")
				go func() { _, _ = io.Copy(server, c) }()
				_, _ = io.Copy(c, server)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// Whoever puts commands to a terminal where the program repeats them, in a certificate, a
// proxy's status line, a profile's name, an argument: nothing of it reaches the terminal as
// it is, whatever command is run.
func TestBinaryPrintsNothingRaw(t *testing.T) {
	t.Parallel()
	cluster := []string{"--projectId", "Payments", "--clusterName", "orders-prod"}
	flags := append([]string{"--snapshotId", "latest", "--deliveryType", "download"}, cluster...)
	commands := map[string][]string{
		"":                  append([]string{"--confirm", "download"}, flags...),
		"with JSON":         append([]string{"--confirm", "download", "-o", "json"}, flags...),
		"dry run":           append([]string{"--dry-run"}, flags...),
		"line by line":      {"--line"},
		"jobs":              append([]string{"jobs"}, cluster...),
		"jobs with JSON":    append([]string{"jobs", "-o", "json"}, cluster...),
		"when":              append([]string{"when", "--namespace", "shop.orders"}, cluster...),
		"runbook":           append([]string{"runbook"}, cluster...),
		"runbook with JSON": append([]string{"runbook", "-o", "json"}, cluster...),
		"when with JSON":    append([]string{"when", "-o", "json"}, cluster...),
		"watch":             append([]string{"watch", "65f0c1d2e3a4b5c6d7e8f901"}, cluster...),
		"watch with JSON":   append([]string{"watch", "65f0c1d2e3a4b5c6d7e8f901", "-o", "json"}, cluster...),
	}
	// These ask nothing of Atlas; only what is typed can be repeated by them.
	offline := map[string][]string{
		"train": {"train", raw}, "train --join": {"train", "--join", raw}, "train --scenario": {"train", "--scenario", raw + ".yaml"},
		"sim": {"sim", "--scenario", raw + ".yaml"}, "sim --listen": {"sim", "--listen", raw}, "man": {"man", raw, raw}, "help": {"help", raw},
		"completion": {"completion", raw}, "a flag": {"--" + raw}, "a base URL": {"--line", "--base-url", "https://" + raw}, "an accepted check": {"--accept", raw},
		"a job": {"watch", raw}, "of jobs": {"jobs", "--projectId", raw, "--clusterName", raw}, "a profile": {"--line", "-P", raw},
		"verify": {"verify", raw}, "drill": {"drill", "--targetClusterName", raw}, "download": {"download", raw}, "a rate": {"download", "--limit-rate", raw},
		"plan": {"plan", "show", raw}, "a plan to approve": {"plan", "approve", raw}, "records": {"records", "show", raw},
	}
	t.Run("every command", func(t *testing.T) {
		t.Parallel()
		_, help, _ := teatest.RunBinary(t, teatest.Binary(t), []string{"--help"}, nil, "")
		_, list, _ := strings.Cut(help, "\nCommands:\n")
		list, _, _ = strings.Cut(list, "\n\n")
		driven := slices.Concat(slices.Collect(maps.Keys(commands)), slices.Collect(maps.Keys(offline)))
		for line := range strings.Lines(list) {
			if name := strings.Fields(line)[0]; !slices.Contains(driven, name) {
				t.Errorf("%s is not driven here", name)
			}
		}
	})
	address, ca := oddlyNamed(t)
	met := map[string]struct{ args, env []string }{
		"a certificate": {[]string{"--base-url", "https://atlas.test", "--ca-file", ca}, []string{"HTTPS_PROXY=" + oddProxy(t, address), "MONGODB_ATLAS_ACCESS_TOKEN=x"}},
		"a proxy":       {[]string{"--base-url", "https://atlas.test"}, []string{"HTTPS_PROXY=" + oddProxy(t, ""), "MONGODB_ATLAS_ACCESS_TOKEN=x"}},
		"a profile":     {[]string{"-P", "prd"}, []string{home(t, fmt.Sprintf("[%s]\npublic_api_key = \"p\"\n", tomlQuoted(raw)))}},
	}
	sources := slices.Sorted(maps.Keys(met))
	for source, tc := range met {
		for i, name := range slices.Sorted(maps.Keys(commands)) {
			if !few(i+slices.Index(sources, source), 2*len(sources)) {
				continue // in the suite every second command meets one source
			}
			args := commands[name]
			t.Run(source+"/"+name, func(t *testing.T) {
				t.Parallel()
				args := slices.Concat(args, tc.args, []string{"--state-dir", t.TempDir()})
				code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, tc.env, "")
				// The text is met, or what it says is told in our words.
				if code == 0 || !strings.Contains(errs, "pwned") && !strings.Contains(errs, "proxy") {
					t.Errorf("exit code %d: the text is not met\n%s\n%s", code, out, errs)
				}
				wantPrintable(t, "standard output", out)
				wantPrintable(t, "standard error", errs)
			})
		}
		t.Run(source+"/full screen", func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), append(slices.Clone(tc.args), "--state-dir", t.TempDir()), tc.env, normal)
			if source != "a profile" { // that ends the run before it is drawn
				p.Wait("Loading the projects failed")
				p.Press("ctrl+c")
			}
			_ = p.ExitCode()
			for _, bad := range []string{"\x1b]0;pwned", "pwned\x07", "\u202e"} {
				if strings.Contains(p.Output(), bad) {
					t.Errorf("%q reaches the terminal", bad)
				}
			}
		})
	}
	for name, args := range offline {
		if !fewOf(name, 6) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, []string{"MONGODB_ATLAS_ACCESS_TOKEN=x"}, "")
			wantPrintable(t, "standard output", out)
			wantPrintable(t, "standard error", errs)
		})
	}
}

// tomlQuoted is a key or value of TOML with whatever in it.
func tomlQuoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x20 {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
