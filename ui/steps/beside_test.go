package steps

import (
	"encoding/json"
	"errors"
	"fmt"
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

// Of several jobs seen beside ours one alone is told to have come last, in the words and in the
// JSON; and none is where that cannot be told.
func TestOneAloneCameLast(t *testing.T) {
	at := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	job := func(after time.Duration, n int) state.Job {
		return state.Job{ID: fmt.Sprintf("%08x%016x", at.Add(after).Unix(), n), DeliveryType: state.Automated, FinishedAt: at.Add(after + 5*time.Minute)}
	}
	unread := job(3*time.Minute, 9)
	unread.Unreadable = "a wrong date"
	const last, ours, untold = "It came last", "This job came last", "which came last cannot be told"
	for name, tc := range map[string]struct {
		others []state.Job
		says   []string // of each
		came   string   // of each: + last, - not, ? not told
	}{
		"one after it":            {[]state.Job{job(time.Minute, 1)}, []string{last}, "+"},
		"two after it":            {[]state.Job{job(time.Minute, 1), job(2*time.Minute, 2)}, []string{"It came after this one, and restore job " + job(2*time.Minute, 2).ID + " after it.", last}, "-+"},
		"two in one second":       {[]state.Job{job(time.Minute, 1), job(time.Minute, 2)}, []string{"It came after this one, and " + untold, "It came after this one, and " + untold}, "??"},
		"one before it":           {[]state.Job{job(-time.Minute, 1)}, []string{ours}, "-"},
		"one before, one after":   {[]state.Job{job(-time.Minute, 1), job(time.Minute, 2)}, []string{"This job came after it, while it was not over, and restore job " + job(time.Minute, 2).ID + " after both.", last}, "-+"},
		"one with it":             {[]state.Job{job(0, 1)}, []string{"Both were asked in the same second, and " + untold}, "?"},
		"one with, one after":     {[]state.Job{job(0, 1), job(time.Minute, 2)}, []string{"Both were asked in the same second, and restore job " + job(time.Minute, 2).ID + " after them.", last}, "-+"},
		"a later one is not read": {[]state.Job{job(-time.Minute, 1), job(time.Minute, 2), unread}, []string{"and restore job " + job(time.Minute, 2).ID + " after both.", "It came after this one, and " + untold, "cannot be read"}, "-??"},
	} {
		s := Summary{
			Outcome: state.OutcomeUnknown, Job: job(0, 5), Now: at.Add(time.Hour),
			Plan: state.Plan{Delivery: state.Automated, Cluster: state.Cluster{Name: "a"}, Target: state.Target{ClusterName: "b"}},
		}
		for _, j := range tc.others {
			s.Others = append(s.Others, state.Other{Job: j})
		}
		words, r := OthersWords(s.Plan, s.Job, s.Others, nil, s.Now), s.Result()
		for i, says := range tc.says {
			came := "?"
			if c := r.Others[i].CameLast; c != nil {
				came = map[bool]string{true: "+", false: "-"}[*c]
			}
			if !strings.Contains(words[i], says) || came != tc.came[i:i+1] || !strings.Contains(s.Text(), words[i]) {
				t.Errorf("%s, %d: came last %s, %s", name, i, came, words[i])
			}
		}
		if all := strings.Join(words, " "); strings.Count(all, last)+strings.Count(all, ours) > 1 {
			t.Errorf("%s: several came last: %s", name, all)
		}
	}
}

// A program is told in plain words what kept an answer from coming, behind what was being done.
func TestFailureIsInPlainWords(t *testing.T) {
	raw := errors.New("net/http: Transport failed to read from server: EOF")
	err := fmt.Errorf("asking: %w", &state.Plain{Why: "the connection was closed before an answer came", Err: raw})
	if got := Failure(err).Detail; got != "asking: the connection was closed before an answer came" {
		t.Error(got)
	}
}
