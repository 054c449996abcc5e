package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// occupied is an Atlas that refuses another download, and lists these jobs from so many looks on.
type occupied struct {
	renewing

	jobs  []state.Job
	err   error
	since int
	lists int
}

func (a *occupied) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	a.posts++
	return state.Job{}, &state.AtlasError{Status: 400, Code: state.DownloadedAlready, Detail: "Snapshot is already being prepared."}
}

func (a *occupied) Jobs(context.Context, state.Cluster) ([]state.Job, error) {
	if a.lists++; a.lists <= a.since {
		return nil, nil
	}
	return a.jobs, a.err
}

// Whoever asks for another download on the page of a fetch, and is refused since the snapshot is being
// downloaded already, hears by which job, when its links end, and the command that goes on in the same
// directory. What could not be read is never told as none.
func TestAnotherDownloadIsRefusedForOneThatIsUnderWay(t *testing.T) {
	t.Parallel()
	const plain = "This snapshot is already being downloaded. Use that link, or wait until it has expired."
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		of := func(n int, ready bool) state.Job {
			j := state.Job{ID: fmt.Sprintf("%08x%016x", now.Unix(), n), DeliveryType: state.Download, SnapshotID: snapshot}
			if ready {
				j.ExpiresAt, j.Deliveries = now.Add(40*time.Minute), []state.Delivery{{URL: state.NewSecret("https://files.example.net/secret")}}
			}
			return j
		}
		other, over := of(3, false), of(4, true)
		other.SnapshotID, over.Expired = "6925c1d2e3a4b5c6d7e8f999", true
		unread := state.Job{ID: of(5, false).ID, Unreadable: "it has no delivery type"}
		command := func(n int) string {
			return "atlas-restore download " + of(n, false).ID + " --projectId 5f0000000000000000000001 --clusterName orders-prod --out /mnt/restore --profile night"
		}
		for name, c := range map[string]struct {
			a    occupied
			want string
			jobs []string
		}{
			"one is prepared":     {occupied{jobs: []state.Job{other, over, of(1, false)}}, "This snapshot is already being downloaded: restore job " + of(1, false).ID + " (Atlas still prepares its links). To fetch its files: " + command(1), []string{of(1, false).ID}},
			"its links are there": {occupied{jobs: []state.Job{of(2, true), unread}}, "This snapshot is already being downloaded: restore job " + of(2, true).ID + " (its links are there, and end 1 Jan 00:40 UTC, in 40 min). To fetch its files: " + command(2), []string{of(2, true).ID}},
			"two": {occupied{jobs: []state.Job{of(2, true), of(1, false)}}, "This snapshot is already being downloaded: restore job " + of(1, false).ID + " (Atlas still prepares its links); restore job " + of(2, true).ID +
				" (its links are there, and end 1 Jan 00:40 UTC, in 40 min). To fetch the files of the first: " + command(1), []string{of(1, false).ID, of(2, true).ID}},
			"none is listed": {occupied{jobs: []state.Job{other, over}}, plain + " Atlas lists no restore job of orders-prod that does so.", nil},
			"not to be read": {occupied{jobs: []state.Job{other, unread}}, plain + " Which restore job of orders-prod that is could not be read: not readable: restore job " + unread.ID + ": it has no delivery type.", nil},
			"no role":        {occupied{err: &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}}, plain + " Which restore job of orders-prod that is could not be read: Atlas answered 403 USER_UNAUTHORIZED.", nil},
			"no answer":      {occupied{err: errors.New("the connection ended"), since: 1}, plain + " Which restore job of orders-prod that is could not be read: the connection ended.", nil},
		} {
			j := overOf(&c.a)
			cfg := Config{Atlas: &c.a, Journal: &journal.InMemory{}, Now: time.Now, Pace: 1, Endpoint: "https://cloud.mongodb.com", Fetcher: asks{1}, Flags: " --profile night"}
			out := AskAnother(cfg, j)(t.Context(), func([]string) {})
			if got := state.Explain("Asking", out.Err).Advice; got != c.want {
				t.Errorf("%s:\n%s\n%s", name, got, c.want)
			}
			if got := Failure(out.Err); c.a.posts != 1 || got.Advice != c.want || !slices.Equal(got.Jobs, c.jobs) || got.ErrorCode != state.DownloadedAlready {
				t.Errorf("%s: %d posts, %+v", name, c.a.posts, got)
			}
			cfg.Mode = Training
			out = AskAnother(cfg, overOf(&c.a))(t.Context(), func([]string) {})
			if got := state.Explain("Asking", out.Err).Advice; strings.Contains(got, "atlas-restore") || c.jobs != nil && !strings.HasSuffix(got, "Its links end with the training.") {
				t.Errorf("%s, in a training: %s", name, got)
			}
		}
	})
}

// A download of the same snapshot that has come with the refused request may be its own: what stands before Atlas may
// have sent it on twice. It is gone on with, and nothing is asked for again.
func TestAnotherDownloadThatHasComeWithTheRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		job := state.Job{ID: fmt.Sprintf("%08x%016x", time.Now().Unix(), 1), DeliveryType: state.Download, SnapshotID: snapshot}
		a := occupied{jobs: []state.Job{job}, since: 1}
		cfg := Config{Atlas: &a, Journal: &journal.InMemory{}, Now: time.Now, Pace: 1, Endpoint: "https://cloud.mongodb.com", Fetcher: asks{1}}
		out := AskAnother(cfg, overOf(&a))(t.Context(), func([]string) {})
		if out.Err != nil || out.Job.ID != job.ID || a.posts != 1 || !strings.Contains(strings.Join(out.Said, " "), "A restore job that fits the request was found: "+job.ID) {
			t.Errorf("%v, job %q after %d posts, %q", out.Err, out.Job.ID, a.posts, out.Said)
		}
	})
}

func overOf(a *occupied) Job { return over(&a.renewing) }
