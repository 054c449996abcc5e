package ui

import tea "charm.land/bubbletea/v2"

// stopMsg says that somebody wants the program suspended from outside, as "kill -TSTP" does. The
// terminal is left to the shell first, as it is with ctrl+z.
type stopMsg struct{}

// filter has a program take a stop from outside for ctrl+z. It is a filter of its messages:
// while it is suspended the system's own stop has to reach it.
func (s *stops) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.SuspendMsg:
		s.let()
	case tea.ResumeMsg:
		s.take()
	}
	return msg
}
