package teatest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/ui/steps"
)

// The command beside a link is run as it is printed: it asks for the link, and fetches it under its name.
// No list of processes and no history of a shell has the link, since the command does not hold it.
func TestTheCommandBesideALinkFetchesIt(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is absent")
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.RawQuery != "a=b&c=%20" {
			w.WriteHeader(http.StatusGone)
			return
		}
		_, _ = io.WriteString(w, "the file")
	}))
	defer server.Close()
	dir := t.TempDir()
	fetch := func(link string) error {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", steps.Curl)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(link+"\n")
		return cmd.Run()
	}
	if err := fetch(server.URL + "/token/orders.tar.gz?a=b&c=%20"); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "orders.tar.gz")); err != nil || string(raw) != "the file" {
		t.Errorf("%q, %v", raw, err)
	}
	if err := fetch(server.URL + "/token/other.tar.gz"); err == nil {
		t.Error("a link that is used up is a success")
	}
}
