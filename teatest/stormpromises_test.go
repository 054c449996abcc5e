package teatest_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// kept holds the promises about what is asked of Atlas: what was confirmed was written
// down, then asked for, once.
func (s *storm) kept() {
	asked, spoiled := s.book.read()
	// What was confirmed may have been refused before it was written down.
	agreed := s.agreed
	for _, body := range asked {
		i := slices.Index(agreed, cmp.Or(body.TargetClusterName, string(body.DeliveryType)))
		if i < 0 {
			s.fail("confirmed: %q; written down to be asked for: %+v", s.agreed, asked)
		}
		agreed = agreed[i+1:]
	}
	if n := len(s.gate.orders); n != len(asked)-spoiled {
		s.fail("%d requests, %d written down", n, len(asked)-spoiled)
	}
	if !s.gate.news() {
		return
	}
	posts := s.posts()[s.before:]
	if len(posts) > len(s.gate.orders) {
		s.fail("%d POSTs have reached Atlas for %d requests", len(posts), len(s.gate.orders))
	}
	s.taken = 0
	for _, r := range posts {
		if no := !r.Dropped && r.Status >= 400 && r.Status < 500 && r.Status != http.StatusRequestTimeout && r.ErrorCode != ""; !no {
			s.taken++
		}
	}
	for _, j := range s.sim.Jobs() {
		if j.CreatedAt.Before(monday) || s.gate.known[j.ID] {
			continue
		}
		s.gate.known[j.ID], s.made[j.ID] = true, j
		s.tally["made"]++
		if len(s.made) > len(s.agreed) {
			s.fail("%d jobs for %d confirmations", len(s.made), len(s.agreed))
		}
	}
}

// posts are the requests for restore jobs that Atlas has had from somebody whom it knows:
// the first half of a Digest handshake asks for nothing yet.
func (s *storm) posts() []simulator.Request {
	return slices.DeleteFunc(s.sim.Requests(), func(r simulator.Request) bool {
		return r.Method != http.MethodPost || !asksForJob(r.Path) || r.Status == http.StatusUnauthorized
	})
}

// agrees holds the end of a run against what Atlas knows.
func (s *storm) agrees(sum steps.Summary) {
	jobs := map[string]simulator.Job{}
	for _, j := range s.sim.Jobs() {
		jobs[j.ID] = j
	}
	doubts, told := slices.Clone(sum.Doubts), map[string]bool{}
	for _, one := range append([]steps.Summary{sum}, sum.Earlier...) {
		if one.Job.ID == "" {
			continue
		}
		if _, made := s.made[one.Job.ID]; !made || told[one.Job.ID] {
			s.fail("job %s was never made, or is told twice: %v", one.Job.ID, told[one.Job.ID])
		}
		told[one.Job.ID] = true
	}
	for id, made := range s.made {
		i := slices.IndexFunc(doubts, func(d steps.Doubted) bool { return about(d.Plan, made) })
		switch {
		case told[id]:
		case i < 0:
			s.fail("job %+v is neither told nor a doubt of the summary, %s:\n%s", made, sum.Outcome, sum.Text())
		default:
			doubts = slices.Delete(doubts, i, i+1)
		}
	}
	if known := len(sum.Doubts) + len(told); known < s.taken {
		s.fail("%d requests were not refused; of them the summary tells %d jobs, and has %d doubts", s.taken, len(told), len(sum.Doubts))
	}
	for _, one := range sum.Earlier {
		one.Snapshots, one.Doubts = nil, nil
		s.right(one, jobs, one.Job.ID == "")
	}
	s.right(sum, jobs, len(sum.Earlier) == 0)
}

// right holds what one restore has come to against what Atlas knows; alone says that the run has
// no other job.
func (s *storm) right(sum steps.Summary, jobs map[string]simulator.Job, alone bool) {
	nothing := "Nothing else was submitted"
	if alone {
		nothing = "Nothing was submitted"
	}
	job, now := jobs[sum.Job.ID], sum.Now // in the line face the clock may have gone on since
	if now.After(s.sim.Now()) {
		s.fail("the summary is of %v, it is %v", now, s.sim.Now())
	}
	ended, right := !now.Before(job.EndsAt), true
	switch sum.Outcome {
	case state.OutcomeAborted, state.OutcomeError:
		right = sum.Job.ID == "" && (strings.Contains(sum.Text(), nothing) || strings.Contains(sum.Text(), "No restore was submitted. The snapshot"))
	case state.OutcomeUnknown:
		right = (sum.Job.ID == "" || watch.Final(sum.Err) || len(sum.Doubts)+len(sum.Others) > 0) && len(s.agreed) > 0 && strings.Contains(sum.Text(), "OUTCOME UNKNOWN")
	case state.OutcomeCompleted:
		right = job.State == "completed"
	case state.OutcomeReady: // or it was, when it was seen
		right = ended && job.State != "failed" && delivery(job) == state.Download && now.Before(sum.Job.ExpiresAt)
	case state.OutcomeExpired:
		right = job.State == "expired" || !now.Before(sum.Job.ExpiresAt)
	case state.OutcomeFailed:
		right = job.State == "failed"
	case state.OutcomeCancelled:
		right = job.State == "cancelled"
	case state.OutcomeRunning:
		right = sum.Job.ID != ""
	case state.OutcomeDryRun, state.OutcomeDownloaded:
		right = false // no storm asks for one, or fetches a file
	}
	if !right {
		s.fail("the outcome is %s; confirmed: %q; the job: %+v\n%s", sum.Outcome, s.agreed, job, sum.Text())
	}
}

// about says whether a plan could have become this job.
func about(p state.Plan, j simulator.Job) bool {
	return p.Cluster.Name == j.Cluster && p.Delivery == delivery(j) && (!p.Delivery.Overwrites() || p.Target.ClusterName == j.TargetCluster)
}

// delivery is a job's delivery type, in the words of the dedicated ones.
func delivery(j simulator.Job) state.DeliveryType {
	switch j.DeliveryType {
	case "DOWNLOAD":
		return state.Download
	case "RESTORE":
		return state.Automated
	}
	return state.DeliveryType(j.DeliveryType)
}

// clean holds text against what a terminal, and anybody, may see.
func (s *storm) clean(what, text string) {
	i := strings.IndexFunc(text, func(r rune) bool {
		return r != '\n' && r < ' ' || r >= 0x7f && r < 0xa0 || s.cfg.ASCII && r > '~'
	})
	if i >= 0 {
		s.fail("%s holds %q", what, text[i:min(len(text), i+20)])
	}
	s.mum(what, text)
}

// mum holds that text tells no key.
func (s *storm) mum(what, text string) {
	for _, secret := range s.secret {
		if strings.Contains(text, secret) {
			s.fail("%s tells a key:\n%s", what, text)
		}
	}
}

// belongs holds that the answers fit together: a cluster is one of its project, a
// snapshot one of its cluster, and a target that was listed one of the project that
// Atlas listed it in.
func (s *storm) belongs(p state.Plan, listed bool) {
	if p.Cluster.Name != "" && p.Cluster.ProjectID != p.Project.ID {
		s.fail("cluster %+v is not one of project %+v", p.Cluster, p.Project)
	}
	for _, project := range s.sim.World().Projects {
		for _, c := range project.Clusters {
			if c.ID != p.Cluster.ID && slices.ContainsFunc(s.sim.Snapshots(project.Name, c.Name), func(x simulator.Snapshot) bool { return x.ID == p.Snapshot.ID }) {
				s.fail("snapshot %+v is one of %s, not of cluster %+v", p.Snapshot, c.Name, p.Cluster)
			}
		}
		if listed && project.ID == p.Target.Project.ID && !s.former[p.Target.ClusterName] &&
			!slices.ContainsFunc(project.Clusters, func(c simulator.Cluster) bool { return c.Name == p.Target.ClusterName }) {
			s.fail("target %+v is not one of project %+v", p.Target, project.Project)
		}
	}
}
