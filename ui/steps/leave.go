package steps

import (
	"fmt"

	"atlas-restore/state"
)

// GoesOn says what becomes of a job that is left while it runs.
func GoesOn(cfg Config) string {
	if cfg.EndsWithUs() {
		return "the training ends"
	}
	return "the job goes on"
}

// Leaving says in few words, behind a semicolon, what leaving does now; empty where nothing
// lives.
func (s *Session) Leaving() string {
	running := 0
	for _, j := range s.Living() {
		if !j.Over(s.Cfg.Now()) {
			running++
		}
	}
	switch {
	case s.Cfg.EndsWithUs():
		return "; " + GoesOn(s.Cfg)
	case running > 1:
		return fmt.Sprintf("; %d jobs go on", running)
	case running == 1:
		return "; " + GoesOn(s.Cfg)
	}
	return ""
}

// Left says what becomes of each job and each link that lives when the program is left, and how
// one comes back; nothing where nothing lives.
func (s *Session) Left() []string {
	var out []string
	for _, j := range s.Living() {
		out = append(out, s.left(j))
	}
	return out
}

func (s *Session) left(j Job) string {
	what, now := JobTitle(j.Plan), s.Cfg.Now()
	links := j.State(now) == state.Ready
	back, printed := s.Cfg.Comeback(j), "They are printed, and "
	if s.Cfg.OnlyFiles() {
		printed = ""
	}
	if f := j.Fetch; f != nil && f.Asks {
		return what + ": " + s.leftAsking(j)
	}
	if f := j.Fetch; f != nil && (f.Busy || f.Stopped()) {
		return what + ": " + s.leftFetching(j)
	}
	if j.Drill != nil && (j.Drill.Busy || j.Drills(now)) {
		return what + ": " + s.leftDrilling(j)
	}
	switch {
	case links && s.Cfg.EndsWithUs():
		return what + ": " + j.goodLinks() + " end with the training. Fetch them first."
	case s.Cfg.EndsWithUs():
		return what + ": the job ends with the training."
	case links && j.Job.ExpiresAt.IsZero():
		return what + ": " + j.goodLinks() + " stay good for a while only. " + printed + s.Cfg.Fetches(j) + " fetches the files and proves them."
	case links:
		return fmt.Sprintf("%s: %s are good until %s only. %s%s fetches the files and proves them.", what, j.goodLinks(), state.UTC(j.Job.ExpiresAt, now), printed, s.Cfg.Fetches(j))
	}
	return what + ": the job goes on in Atlas. " + back + " comes back to it."
}

// leftFetching says what becomes of a fetch that is left.
func (s *Session) leftFetching(j Job) string {
	stops, until := "its files are being fetched. Leaving stops that, and keeps what is there in "+j.Fetch.Where()+".", ""
	switch {
	case j.Fetch.Stops:
		stops = "fetching its files stops now. What is there is kept in " + j.Fetch.Where() + "."
	case !j.Fetch.Busy:
		stops = "what was fetched is kept in " + j.Fetch.Where() + "."
	}
	goesOn := "goes on with it"
	if j.Fetch.NoRanges() {
		goesOn = "fetches it from the first byte on"
		stops = "its files are being fetched. Leaving stops that. " + noMiddle + "."
		if !j.Fetch.Busy || j.Fetch.Stops {
			stops = "fetching its files was stopped. " + noMiddle + "."
		}
	}
	again := s.Cfg.FetchesInto(j, j.Fetch.Where())
	if again == "" {
		return stops + " The links end with the training."
	}
	if at := j.Job.ExpiresAt; !at.IsZero() {
		until = ", until " + state.UTC(at, s.Cfg.Now())
	}
	return stops + " This " + goesOn + until + ": " + again
}

// Aside says what becomes of a job whose page is left for another restore.
func (s *Session) Aside(j Job, key string) string {
	now := s.Cfg.Now()
	switch st := j.State(now); {
	case j.Fetch != nil && j.Fetch.Busy:
		return "The files go on being fetched, as the line at the bottom tells; " + key + " brings them back."
	case !s.Lives(j) && j.Undone > 0:
		return "What remains to be done after this job stays in the line at the bottom; " + key + " brings it back."
	case j.LinksGone():
		return "Its links give nothing more. " + key + " brings its page back; a asks there for another download of the same snapshot."
	case !s.Lives(j):
		return "This job is over. " + key + " brings its page back."
	case st != state.Ready:
		return "The job goes on, and is followed in the line at the bottom; " + key + " brings it back."
	}
	good := j.goodLinks() + " stay good"
	if !j.Job.ExpiresAt.IsZero() {
		good = j.goodLinks() + " are good until " + state.UTC(j.Job.ExpiresAt, now) + " only"
	}
	return JobTitle(j.Plan) + ": " + good + "; " + key + " brings them back."
}
