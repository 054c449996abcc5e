package ui

import tea "charm.land/bubbletea/v2"

// stopMsg says that somebody wants the program suspended from outside, as "kill -TSTP" does. The
// terminal is left to the shell first, as it is with ctrl+z.
type stopMsg struct{}

// suspension suspends a program. Bubble Tea's own leaves the terminal as the program found it,
// which was without an echo: the shell has to have that back first.
type suspension struct {
	stops   *stops
	quiet   *quiet
	program *tea.Program
}

// filter has a program take a stop from outside for ctrl+z. It is a filter of its messages:
// while it is suspended the system's own stop has to reach it.
func (s *suspension) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.SuspendMsg:
		s.stops.let()
		if s.quiet.loud == nil {
			return msg // there is nothing to give back: Bubble Tea does it
		}
		if s.program.ReleaseTerminal() != nil {
			return nil
		}
		s.quiet.end()
		stopHere()
		s.quiet.hush()
		_ = s.program.RestoreTerminal() // as Bubble Tea does: if it fails the input has ended
		s.stops.take()
		return tea.ResumeMsg{}
	case tea.ResumeMsg:
		s.stops.take()
	}
	return msg
}
