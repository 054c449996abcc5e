package teatest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

func readAll(t *testing.T, dir string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(raw)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.noPosts()
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.Wait("Atlas is preparing the files")
	snapshot := s.sim.NewestSnapshot("Payments", "orders-prod")
	s.onePost(map[string]any{"deliveryType": "download", "snapshotId": snapshot.ID})
	s.sim.Advance(10 * time.Minute)
	s.Wait("READY")
	s.Wait("The link works once")
	s.Press("enter")
	s.Wait("curl -fLO")
	url := linkOnScreen(s.Screen())
	s.Press("c")
	s.Wait("sent to the clipboard")
	s.WaitFor("the link on the clipboard", func(string) bool { return s.Clipboard() == url })
	fetch(t, url, http.StatusOK)
	sum := s.leave(state.OutcomeReady, "q")
	if !strings.Contains(sum.Text(), "\n"+url+"\n") {
		t.Errorf("the summary does not have the link on a line of its own:\n%s", sum.Text())
	}
	// Nothing was asked for whose answer was not used, and nothing twice.
	want := []string{
		"GET clusters", "GET groups", // both at once
		"GET clusters", "GET flexClusters",
		"GET restoreJobs", "GET schedule", "GET snapshots", // all at once, two of them for the timeline
		"GET accessList", "GET endpointService", "GET restoreJobs", "POST restoreJobs",
	}
	got := s.requests()
	slices.Sort(got[:2])
	slices.Sort(got[4:7])
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("requests %v, want first %v", got, want)
	}
	for _, r := range got[len(want):] {
		if !strings.HasPrefix(r, "GET 6") {
			t.Errorf("after the job was created came %s, want looks at the job only", r)
		}
	}
}

// A download takes ten requests beside the token, from the first page on: what the list of all
// clusters tells of one is not asked of its project again. Which list its snapshots stand in is
// known too, where it is sharded.
func TestDownloadTakesTenRequests(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ project, cluster, snapshots string }{
		{"Payments", "orders-prod", "GET snapshots"},
		{"Analytics", "events", "GET shardedClusters"},
	} {
		t.Run(tc.cluster, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			want := []string{
				"GET clusters", "GET groups", // of all projects
				"GET clusters", tc.snapshots, "GET restoreJobs", "GET schedule",
				"GET accessList", "GET endpointService", "GET restoreJobs", "POST restoreJobs",
			}
			answered := func(n int) { // no key overtakes what a page asks for
				s.WaitFor(fmt.Sprintf("%v", want[:n]), func(string) bool { return len(s.requests()) >= n })
			}
			find(s)
			answered(2)
			s.Type(tc.project + " " + tc.cluster)
			s.WaitFor("the row of "+tc.cluster, func(screen string) bool { return strings.Contains(row(screen), " "+tc.cluster+" ") })
			s.Press("enter")
			s.Wait("which state of the data")
			s.WaitFor("the snapshots", highlighted)
			answered(6)
			s.Press("enter")
			s.toDelivery(state.Download)
			answered(8) // it is looked once more at what runs when it is confirmed
			s.Press("tab", "enter")
			s.Wait("is preparing the files")
			got := s.requests()[:len(want)]
			for _, together := range [][]string{got[:2], got[2:6], got[6:9], want[:2], want[2:6], want[6:9]} {
				slices.Sort(together) // which comes first is chance
			}
			if !slices.Equal(got, want) {
				t.Errorf("requests %v, want %v", got, want)
			}
		})
	}
}

// linkOnScreen joins the folded lines of the first delivery URL.
func linkOnScreen(screen string) string {
	lines := strings.Split(screen, "\n")
	for i, l := range lines {
		if at := strings.Index(l, "http"); at >= 0 {
			url := strings.TrimSpace(l)
			for _, next := range lines[i+1:] {
				part := strings.TrimSpace(next)
				if part == "" || strings.Contains(part, " ") {
					break
				}
				url += part
				if strings.HasSuffix(url, ".gz") {
					break
				}
			}
			return url
		}
	}
	return ""
}

func fetch(t *testing.T, url string, want int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Errorf("fetching the link: %s, want %d", resp.Status, want)
	}
}

func TestAutomated(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Wait("This cannot be")
	s.noPosts()
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.onePost(map[string]any{
		"deliveryType": "automated", "snapshotId": s.sim.NewestSnapshot("Payments", "orders-prod").ID,
		"targetClusterName": "orders-prod-restore", "targetGroupId": s.sim.ProjectID("Payments"),
	})
	s.Press("x") // Atlas cannot cancel it, so neither can we
	if s.Shows("Cancel this") {
		t.Error("a restore that overwrites a cluster can be cancelled")
	}
	if got := s.events(); !slices.Equal(got, []string{"intent", "created"}) {
		t.Errorf("the journal has %v", got)
	}
	s.sim.Advance(10 * time.Minute)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

func TestOntoItself(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	s.AssertTarget("orders-prod")
	s.Wait("the source itself")
	s.Wait("every write to orders-prod since")
	s.Type("overwrite train/orders-prod\r") // not even its confirmation goes past the snapshot that is chosen
	s.Wait("a snapshot of orders-prod first is chosen")
	s.noPosts()
	s.unsafe()
	s.Wait("is lost for good")
	s.Confirm("orders-prod")
	s.Wait("RUNNING")
}

func TestPointInTime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fill func(*stage)
		want map[string]any
	}{
		"date and time": {func(s *stage) {
			s.Type("2026-11-23 14:02:59")
			s.Wait("15:02:59 CET")
			s.Wait("28 min ago")
		}, map[string]any{"pointInTimeUTCSeconds": 1795442579}},
		"epoch": {func(s *stage) {
			s.Type("1795442579")
			s.Wait("14:02:59 UTC")
		}, map[string]any{"pointInTimeUTCSeconds": 1795442579}},
		"oplog": {func(s *stage) {
			s.Press("shift+tab", "right", "tab")
			s.Type("1795442579\r")
			s.Type("7")
		}, map[string]any{"oplogTs": 1795442579, "oplogInc": 7}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toSnapshots("Payments", "orders-prod")
			s.Press("tab")
			s.Wait("› Moment")
			tc.fill(s)
			s.Press("enter")
			s.toTarget("Payments", "orders-prod-restore")
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("RUNNING")
			tc.want["deliveryType"] = "pointInTime"
			tc.want["targetClusterName"] = "orders-prod-restore"
			tc.want["targetGroupId"] = s.sim.ProjectID("Payments")
			s.onePost(tc.want)
			s.sim.Advance(10 * time.Minute)
			s.Wait("COMPLETED")
		})
	}
}

func TestShardedAutomated(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Analytics", "events", "events-restore")
	s.AssertTarget("events-restore")
	s.Confirm("events-restore")
	s.Wait("RUNNING")
	s.sim.Advance(10 * time.Minute)
	s.Wait("COMPLETED")
}

// The files of a sharded download stand on the screen in a row each, with their private endpoint
// beside them. Each of their links is shown whole, one at a time: in one piece from edge to edge,
// so that it is copied as one, and with the command that fetches it.
func TestShardedDownload(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Download, "Analytics", "events", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.sim.Advance(15 * time.Minute)
	s.Wait("READY")
	for shard := range 3 {
		s.Wait(fmt.Sprintf("shard-%d  unused as far as known    in 48 min  private too", shard))
	}
	if strings.Contains(s.Output(), "http") {
		t.Errorf("a link that nobody has asked for:\n%s", s.Screen())
	}
	var links []string
	for shard := range 3 {
		s.Press("enter")
		for n, where := range []string{"over the internet", "over private endpoint vpce-"} {
			s.Wait(fmt.Sprintf("link %d of 2, %s", n+1, where))
			s.Wait("curl -fLO")
			links = append(links, linkOnScreen(s.Screen()))
			s.Press("down")
		}
		s.Press("esc")
		s.Wait(fmt.Sprintf("shard-%d  shown to you              in 48 min", shard))
		s.Press("down")
	}
	s.Press("space")
	s.Wait("shard-2  ✓ fetched")
	sum := s.leave(state.OutcomeReady, "q")
	if got := strings.Count(sum.Text(), "http"); got != len(links) {
		t.Errorf("the summary has %d links, the screen %d", got, len(links))
	}
	for _, l := range links {
		if !strings.Contains(sum.Text(), "\n"+l+"\n") {
			t.Errorf("%s is not in the summary on a line of its own", l)
		}
	}
}

func TestWithAPIKeys(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.withAPIKeys()
	s.start(normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	if n := len(s.posts()); n != 1 {
		t.Errorf("the request left %d times, want once", n)
	}
}

func TestCancelDownload(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.Press("x")
	s.Wait("Cancel this download?")
	s.Press("n")
	s.WaitGone("Cancel this download?")
	s.Press("x", "y")
	s.Wait("CANCELLED")
	s.leave(state.OutcomeCancelled, "q")
}

func TestJobEnds(t *testing.T) {
	t.Parallel()
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
		s.sim.FailNextJob()
		s.AssertTarget("orders-prod-restore")
		s.Confirm("orders-prod-restore")
		s.Wait("RUNNING")
		s.sim.Advance(10 * time.Minute)
		s.Wait("FAILED")
		s.Wait("may be empty or incomplete")
		s.leave(state.OutcomeFailed, "q")
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toReview(state.Download, "Payments", "orders-prod", "")
		s.Press("tab", "enter")
		s.Wait("RUNNING")
		s.sim.Advance(10 * time.Minute)
		s.Wait("READY")
		s.sim.Advance(time.Hour)
		s.Wait("EXPIRED")
		if s.Shows("http") {
			t.Error("a dead link is still shown")
		}
		s.Press("c")
		s.Settled()
		if s.Clipboard() != "" {
			t.Error("a dead link can be copied")
		}
		s.leave(state.OutcomeExpired, "q")
	})
	t.Run("left while running", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toReview(state.Download, "Payments", "orders-prod", "")
		s.Press("tab", "enter")
		s.Wait("RUNNING")
		sum := s.leave(state.OutcomeRunning, "q")
		if !strings.Contains(sum.Text(), sum.Job.ID) || sum.Job.ID == "" {
			t.Errorf("the summary does not name the job:\n%s", sum.Text())
		}
	})
}

// A look that fails does not end the following; one that cannot succeed any more does,
// and is not called a success.
func TestFollowingSurvives(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs/", Times: 1, Status: 503, ErrorCode: "SERVICE_UNAVAILABLE"})
	s.sim.Advance(30 * time.Second)
	s.Wait("503 SERVICE_UNAVAILABLE")
	s.sim.Advance(10 * time.Minute)
	s.Wait("COMPLETED")
	if s.Shows("503") {
		t.Error("an error that has passed is still shown")
	}
}

// The keys from the start, beside the letters that one filters with, for a cluster whose name
// is known and whose project is not: 3 to the review of its newest snapshot as a download and
// 6 to that of an overwrite (at most 5 and 7 are promised).
func TestFewKeys(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		most int
		rest func(*counted)
	}{
		{"download", 4, func(c *counted) {}},
		{"overwrite", 7, func(c *counted) {
			c.Press("down", "down", "enter")
			c.Wait("› Target cluster")
			takeTarget(c, "orders-prod-restore")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			c := &counted{stage: s}
			find(c)
			c.Type("orders-prod")
			c.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
			c.Press("enter")
			c.Wait("which state of the data")
			c.WaitFor("the snapshots", highlighted)
			c.Press("enter")
			c.Wait("how is it delivered")
			c.Wait(moveFirst)
			if tc.name == "download" {
				c.Press("up", "enter")
			}
			tc.rest(c)
			c.Wait("submitted yet")
			if c.keys > tc.most {
				t.Errorf("%d keys lead to the review, want at most %d", c.keys, tc.most)
			}
			if s.noPosts(); tc.name == "download" {
				s.Press("tab", "enter")
			} else {
				s.AssertTarget("orders-prod-restore")
				s.Confirm("orders-prod-restore")
			}
			s.Wait("RUNNING")
		})
	}
}

// counted counts the keys that are pressed beside the letters that are typed.
type counted struct {
	*stage
	keys int
}

// Press implements hands.
func (c *counted) Press(keys ...string) {
	c.keys += len(keys)
	c.stage.Press(keys...)
}

// A name that Atlas has not listed can be typed, and is said to be one.
func TestUnlistedTarget(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-nope")
	s.Wait("There is no cluster orders-prod-nope in")
	s.AssertTarget("orders-prod-nope")
	s.Confirm("orders-prod-nope")
	s.Wait("Nothing is submitted while that stands in the way.")
	s.noPosts()
}

// What cannot be seen is not OK: Enter and the name alone get nowhere, until it is accepted
// by its own name.
func TestUnknownIsNotOK(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	pointAt(s, "orders-prod-restore")
	s.sim.Fail(everyGet("/restoreJobs", 403))
	s.Press("enter")
	s.Wait("Whether a restore runs already could not be seen")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("Nothing was submitted: running is UNKNOWN.")
	s.noPosts()
	s.Type("accept running\r")
	s.Wait("Accepted: running stays unknown.")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
}

// A job that may not be read any more is asked for again for a while, not for ever, and
// leaving then is no success: it goes on, as far as anyone knows.
func TestFollowingEnds(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs/", Times: -1, Status: 403, ErrorCode: "ACCESS_FORBIDDEN"})
	s.sim.Advance(30 * time.Second)
	s.Wait("403 ACCESS_FORBIDDEN")
	s.Wait("It is asked again until")
	s.sim.Advance(10 * time.Minute)
	s.Wait("has stopped looking at it")
	s.AtRest()
	if n := s.looks(); n != 2 {
		t.Errorf("%d looks at a job that may not be read", n)
	}
	if sum := s.leave(state.OutcomeUnknown, "q"); !strings.Contains(sum.Text(), "cannot be looked at any more") {
		t.Errorf("the summary is\n%s", sum.Text())
	}
}

// From a cold start to the job it takes few requests, refused logins among them: 7 that
// lead there with a service account and 8 with an API key, one for the clusters of all
// projects, two for the timeline and two that say who may fetch the files. The Atlas CLI makes 9 and 18, polls aside, and shows
// neither.
func TestRequestsOfADownload(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		apiKeys bool
		most    int
	}{{"service account", false, 12}, {"API key", true, 13}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			if tc.apiKeys {
				s.withAPIKeys()
			}
			s.start(normal)
			find(s)
			s.pick("orders-prod")
			s.Wait("which state of the data")
			s.WaitFor("a highlighted row", highlighted)
			s.Press("enter")
			s.toDelivery(state.Download)
			s.Press("tab", "enter")
			s.Wait("RUNNING")
			var all []string
			for _, r := range s.sim.Requests() {
				all = append(all, fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status))
			}
			if n := len(all) - s.looks(); n > tc.most {
				t.Errorf("%d requests, want at most %d:\n%s", n, tc.most, strings.Join(all, "\n"))
			}
		})
	}
}
