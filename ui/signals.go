package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// signals are what tells a person of the job who is looking elsewhere: the progress and
// the status that a terminal shows beside the window's title, and the bell.
type signals struct {
	understood bool      // this terminal takes them, or passes over what it does not know
	bar        bool      // … the progress bar too
	blurred    bool      // the terminal has said that another window has the focus
	asked      time.Time // when the terminal was asked for its focus; zero before
	away       bool      // suspended, or about to be
}

// know takes from the environment what the terminal understands. Where it is to be quiet it is
// told nothing.
func (s *signals) know(env tea.EnvMsg, quiet bool) {
	if quiet {
		return
	}
	name := env.Getenv("TERM")
	plain := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	// The consoles and terminals that know nothing of windows. A name is missing on Windows
	// only, where its variable stands for it.
	s.understood = !slices.ContainsFunc([]string{"linux", "vt", "dumb", "ansi", "cons", "sun", "wsvt"}, plain) &&
		(name != "" || env.Getenv("WT_SESSION") != "")
	// iTerm2 took the sequence for a notification's text, until it listed it as a feature.
	iterm := env.Getenv("TERM_PROGRAM") == "iTerm.app" || env.Getenv("LC_TERMINAL") == "iTerm2"
	s.bar = s.understood && (!iterm || feature(env.Getenv("TERM_FEATURES"), "P"))
}

// feature says whether a list like "T3CwLrMP" has the feature of that name: each begins
// with its only capital.
func feature(list, name string) bool {
	_, rest, found := strings.Cut(list, name)
	return found && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
}

// signal sets in the view what is shown outside of it.
func (r *Root) signal(v *tea.View) {
	if !r.signals.understood {
		return
	}
	v.ReportFocus = r.step() == steps.StepJob || len(r.run.Living()) > 0
	bar, status := r.stand()
	if bar != tea.ProgressBarNone && r.signals.bar {
		full := 100 // an error is a full bar
		if f, ok := r.worst(); ok && bar == tea.ProgressBarDefault {
			part, _ := f.Fetch.Sum().Part()
			full = int(part * 100)
		}
		v.ProgressBar = tea.NewProgressBar(bar, full)
	}
	if status != "" && !r.signals.away {
		v.ProgramStatus = &tea.ProgramStatus{State: status, App: "atlas-restore"}
	}
}

// stand is how the job stands, in a terminal's words.
func (r *Root) stand() (tea.ProgressBarState, tea.ProgramState) {
	f, ok := r.worst()
	switch {
	case r.step() == steps.StepSearch:
		return tea.ProgressBarError, tea.ProgramStateError
	case !ok:
		return tea.ProgressBarNone, ""
	case f.Fetch != nil && f.Fetch.Busy:
		if _, ok := f.Fetch.Sum().Part(); ok {
			return tea.ProgressBarDefault, tea.ProgramStateWorking
		}
		return tea.ProgressBarIndeterminate, tea.ProgramStateWorking
	case f.Fetch != nil && f.Fetch.Done != nil && !f.Fetch.Downloaded() && !f.Fetch.Stopped():
		return tea.ProgressBarError, tea.ProgramStateError
	case f.Fetch.Downloaded():
		return tea.ProgressBarNone, tea.ProgramStateDone
	}
	switch f.State(r.run.Cfg.Now()) {
	case state.InProgress:
		if f.Gone {
			return tea.ProgressBarNone, ""
		}
		return tea.ProgressBarIndeterminate, tea.ProgramStateWorking
	case state.Failed, state.Expired:
		return tea.ProgressBarError, tea.ProgramStateError
	default:
		if f.Outcome(r.run.Cfg.Now()) != state.OutcomeUnknown {
			return tea.ProgressBarNone, tea.ProgramStateDone
		}
		return tea.ProgressBarError, tea.ProgramStateError
	}
}

// working says whether the terminal was told that a job is followed.
func (r *Root) working() bool {
	_, status := r.stand()
	return r.signals.understood && status == tea.ProgramStateWorking
}

// askedLately says whether answers of the terminal may still be on their way. Some tell
// the focus as soon as they are to report its changes.
func (r *Root) askedLately() bool {
	return time.Since(r.start) < lateAnswer || r.signals.understood && time.Since(r.signals.asked) < lateAnswer
}

// bell rings the terminal's.
func bell() tea.Msg { return tea.RawMsg{Msg: "\a"} }
