package teatest

import (
	"context"
	"regexp"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Option changes the terminal that Start makes.
type Option func(*settings)

type settings struct {
	profile  colorprofile.Profile
	light    bool
	env      []string
	patience time.Duration
	ctx      context.Context //nolint:containedctx // handed on to the program at once
	cancel   context.CancelFunc
	program  []tea.ProgramOption
	mask     func(string) string
}

// Monochrome is a terminal without colours: NO_COLOR, or an old one.
func Monochrome() Option {
	return func(s *settings) {
		s.profile = colorprofile.ASCII
		s.env = append(s.env, "NO_COLOR=1")
	}
}

// Colours sets what the terminal can show.
func Colours(p colorprofile.Profile) Option { return func(s *settings) { s.profile = p } }

// Light is a terminal with a white background; it says so when it is asked.
func Light() Option { return func(s *settings) { s.light = true } }

// Env adds to the environment that the program sees; nothing of the host's is in it.
func Env(vars ...string) Option { return func(s *settings) { s.env = append(s.env, vars...) } }

// Under runs the program under ctx. HangUp calls cancel, so that the model's own
// requests, which hang on ctx too, end as they do under main.
func Under(ctx context.Context, cancel context.CancelFunc) Option {
	return func(s *settings) { s.ctx, s.cancel = ctx, cancel }
}

// Patience is how long to wait for what must come, if not a minute.
func Patience(d time.Duration) Option { return func(s *settings) { s.patience = d } }

// Masked has goldens written and compared with every match of pattern replaced: for what
// no two runs share, like the port of a server. Choose a mask of the same width.
func Masked(pattern *regexp.Regexp, with string) Option {
	return func(s *settings) {
		s.mask = func(screen string) string { return pattern.ReplaceAllString(screen, with) }
	}
}

// Program adds options to the tea.Program, like its frame rate.
func Program(opts ...tea.ProgramOption) Option {
	return func(s *settings) { s.program = append(s.program, opts...) }
}
