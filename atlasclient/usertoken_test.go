package atlasclient

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// A login that Atlas refuses names the command that renews it, and no other: a role that is
// missing is not got by a fresh token. The token itself is told nowhere.
func TestALoginThatHasEndedSaysWhatRenewsIt(t *testing.T) {
	t.Parallel()
	const renew = "export MONGODB_ATLAS_ACCESS_TOKEN=$(atlas auth token --profile login)"
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   credentials.Kind
		says   bool
	}{
		"ended":            {401, `{"error":401,"errorCode":"UNAUTHORIZED","detail":"no"}`, credentials.UserToken, true},
		"ended, no reason": {401, ``, credentials.UserToken, true},
		"a role":           {401, `{"error":401,"errorCode":"USER_CANNOT_ACCESS_GROUP","detail":"no"}`, credentials.UserToken, false},
		"refused":          {403, `{"error":403,"errorCode":"FORBIDDEN","detail":"no"}`, credentials.UserToken, false},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(tc.status)
			_, _ = w.Write([]byte(tc.body))
		}))
		c, err := New(Options{BaseURL: srv.URL, Credential: credentials.Credential{Kind: tc.kind, Private: state.NewSecret("verysecret"), Renew: renew}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Projects(t.Context())
		srv.Close()
		told := state.Explain("Listing the projects", err).Text()
		if says := strings.HasSuffix(strings.TrimSpace(told), renew); says != tc.says || strings.Contains(told, "verysecret") {
			t.Errorf("%s: it says %q", name, told)
		}
	}
}
