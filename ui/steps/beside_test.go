package steps

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// A link that is not https is told as such wherever it is shown; that of the embedded Atlas
// never leaves the machine.
func TestLinkNotHTTPS(t *testing.T) {
	for link, told := range map[string]bool{
		"https://x.mongodb.net/a.tar.gz": false, "http://127.0.0.1:8080/a.tar.gz": false,
		"http://x.mongodb.net/a.tar.gz": true, "ftp://x.mongodb.net/a": true, "x": true, "javascript:alert(1)": true, "http://localhost/a": true,
	} {
		j := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Download, Deliveries: []state.Delivery{{
			URL: state.NewSecret(link), Private: []state.PrivateURL{{EndpointID: "vpce-1", URL: state.NewSecret(link)}},
		}}}
		s := Summary{Outcome: state.OutcomeReady, Job: j, Now: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)}
		raw, err := json.Marshal(s.Result())
		if err != nil {
			t.Fatal(err)
		}
		for where, text := range map[string]string{"summary": s.Text(), "JSON": string(raw)} {
			if n := strings.Count(text, "NOT https"); told && n != 2 || !told && n != 0 || !strings.Contains(text, link) {
				t.Errorf("%s, %s: told %d times\n%s", link, where, n, text)
			}
		}
	}
}

// FAILED names a next step; an expired job that restored a cluster asks for no download.
func TestWhatToDoNext(t *testing.T) {
	onto := state.Plan{Delivery: state.Automated, Cluster: state.Cluster{Name: "a"}, Target: state.Target{ClusterName: "b"}}
	down := state.Plan{Delivery: state.Download, Cluster: state.Cluster{Name: "a"}}
	for name, tc := range map[string]struct {
		plan state.Plan
		st   state.JobState
		says string
		not  string
	}{
		"failed restore":   {onto, state.Failed, "then restore again onto b, or onto another cluster", "download"},
		"failed download":  {down, state.Failed, "then ask for a new download", "restore again"},
		"expired restore":  {onto, state.Expired, "Look at it", "download"},
		"expired download": {down, state.Expired, "ask for a new download", "Look at"},
	} {
		if got := JobMeaning(Config{}, tc.plan, tc.st); !strings.Contains(got, tc.says) || strings.Contains(got, tc.not) {
			t.Errorf("%s: %s", name, got)
		}
		job := state.Job{ID: "6b0000000000000000000001", DeliveryType: tc.plan.Delivery, Failed: tc.st == state.Failed, Expired: tc.st == state.Expired}
		s := Summary{Outcome: tc.st.Outcome(), Plan: tc.plan, Job: job, Now: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)}
		if got := s.Text(); !strings.Contains(got, tc.says) {
			t.Errorf("%s: the summary says %s", name, got)
		}
	}
}

// That it could not be seen whether there are others is told, and is no other job.
func TestUnlistedIsTold(t *testing.T) {
	onto := state.Plan{Delivery: state.Automated, Cluster: state.Cluster{Name: "a"}, Target: state.Target{ClusterName: "b"}}
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	s := Summary{Outcome: state.OutcomeCompleted, Plan: onto, Unlisted: errors.New("reset"), Now: now, Job: state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated, FinishedAt: now}}
	const says = "Whether another restore onto b was made meanwhile could not be seen"
	if r := s.Result(); s.ExitCode() != 0 || r.Error == nil || !strings.Contains(r.Error.Detail, says) || !strings.Contains(s.Text(), says) {
		t.Errorf("%d, %+v\n%s", s.ExitCode(), r.Error, s.Text())
	}
}
