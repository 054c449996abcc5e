package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// StepSearch is the step after a request whose answer was lost: its job is looked for.
const StepSearch = StepSafety + 1

// seek begins to look for the job of the plan's request.
func (s *Session) seek(search submit.Search, p state.Problem) {
	s.doubts = append(s.doubts, doubt{search.Entry.ID, s.Plan, p, search.Entry.Named})
	s.search = &search
	s.path = append(s.path, StepSearch)
}

// Searching says whether a job is being looked for. Nothing else is submitted meanwhile.
func (s *Session) Searching() bool { return s.search != nil && !s.search.Over() }

// Search is how the looking stands; nil if nothing was looked for.
func (s *Session) Search() *submit.Search { return s.search }

// Look gives the one look that is due; nil if none is. Whoever calls what it gives has to
// hand the answer to Sought.
func (s *Session) Look() func(context.Context) submit.Search {
	cfg := s.Cfg
	if s.search == nil || !s.search.Due(cfg.Now()) {
		return nil
	}
	search := *s.search
	return func(ctx context.Context) submit.Search { return LookFor(ctx, cfg, search) }
}

// LookFor looks once for the job of a lost request.
func LookFor(ctx context.Context, cfg Config, search submit.Search) submit.Search {
	return search.Look(ctx, cfg.Atlas, cfg.Journal, cfg.Now)
}

// Sought takes what a look brought. If the job was found it is followed, and the sentence
// says so.
func (s *Session) Sought(r submit.Search) (say string) {
	if s.search == nil || s.search.Entry.ID != r.Entry.ID {
		return ""
	}
	s.search = &r
	at := slices.IndexFunc(s.doubts, func(d doubt) bool { return d.id == r.Entry.ID })
	switch {
	case len(r.Found) > 0:
		s.Plan = s.doubts[at].plan
		s.doubts = slices.Delete(s.doubts, at, at+1)
		s.err = nil
		f := watch.Resume(r.Found[0], s.Cfg.Now())
		f.Unseen = r.Found[0].State(s.Cfg.Now()).Ended() // else the list has told its state
		for _, o := range r.Found[1:] {
			f.Others = append(f.Others, state.Other{Job: o, Source: r.Source})
		}
		s.follow(f)
		return FoundWords(r.Found)
	case r.Over():
		s.doubts[at].problem = NotFound(s.doubts[at].plan, r, s.Cfg.Now())
	}
	return ""
}

// FoundWords say which job fits a lost request. Nothing tells that it is the request's own: somebody else may have asked
// for the same.
func FoundWords(found []state.Job) string {
	if len(found) == 1 {
		return "A restore job that fits the request was found: " + found[0].ID + "."
	}
	var ids []string
	for _, j := range found {
		ids = append(ids, j.ID)
	}
	return fmt.Sprintf("AMBIGUOUS: %d jobs fit the request: %s. The earliest is followed; another one may be somebody else's.", len(found), strings.Join(ids, ", "))
}

// SearchWords say how the looking stands.
func SearchWords(r submit.Search, cfg Config) string {
	now := cfg.Instant()
	line := fmt.Sprintf("Looking for its job among the restore jobs of %s", r.Source.Name)
	if r.Looks > 0 {
		line += fmt.Sprintf(": not there after %s", state.Count(r.Looks, "look"))
	}
	if d := r.NextAt.Sub(now); d > 0 {
		line += ", " + lookIn(d)
	}
	return line + "."
}

// NotFound says that a request's job was looked for in vain.
func NotFound(plan state.Plan, r submit.Search, now time.Time) state.Problem {
	return state.Problem{
		What: "OUTCOME UNKNOWN: a request was sent, no answer tells its outcome, and its job was not found.",
		Why:  strings.TrimSpace(fmt.Sprintf("Looked %s at the restore jobs of %s, the last time at %s. ", times(r.Looks), plan.Cluster.Name, state.UTCSecond(now, now)) + NamedWords(r.Entry.Named)),
		Advice: fmt.Sprintf("%s: whether it was taken is still not known. Look in Atlas (Backup, Restores & Downloads) before you confirm anything again.",
			JobTitle(plan)),
	}
}

// NamedWords say which jobs Atlas told of after a request whose outcome is unknown; empty for none.
func NamedWords(ids []string) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return "After it Atlas told of restore job " + ids[0] + ": that may be its job, or another."
	}
	return "After it Atlas told of restore jobs " + strings.Join(ids, ", ") + ": one of them may be its job."
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
