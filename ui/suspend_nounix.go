//go:build !unix

package ui

// stopHere is for systems with signals.
func stopHere() {}
