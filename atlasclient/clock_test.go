package atlasclient_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/state"
)

// A clock that is behind Atlas's is carried along by its answers, and never back: else a job
// that was just made would be of the future, and taken for none of ours.
func TestNeverBefore(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	at := start.Add(40 * time.Second)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", at.Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"results":[],"totalCount":0}`))
	}))
	defer srv.Close()
	local := start
	c, err := atlasclient.New(atlasclient.Options{
		BaseURL: srv.URL, Now: func() time.Time { return local }, Credential: credentials.Credential{Kind: credentials.UserToken, Private: state.NewSecret("x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	now := c.NeverBefore(func() time.Time { return local })
	if got := now(); !got.Equal(start) {
		t.Errorf("before any answer it is %v", got)
	}
	read := func() {
		if _, err := c.Projects(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if got := now(); !got.Equal(at) {
		t.Errorf("after an answer of %v it is %v", at, got)
	}
	at = start
	read()
	if got := now(); !got.Equal(start.Add(40 * time.Second)) {
		t.Errorf("an answer from before has it go back to %v", got)
	}
	if local = start.Add(time.Minute); !now().Equal(local) {
		t.Errorf("where it is ahead it is %v", now())
	}
}
