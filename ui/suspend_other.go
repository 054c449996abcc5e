//go:build !linux

package ui

import tea "charm.land/bubbletea/v2"

// stops are the signals by which a program is suspended from outside. Here none is caught: once
// Go has caught one, the system cannot be had to stop the program any more.
type stops struct{}

func newStops() *stops { return &stops{} }

func (s *stops) listen(func(tea.Msg)) {}
func (s *stops) take()                {}
func (s *stops) let()                 {}
func (s *stops) end()                 {}
