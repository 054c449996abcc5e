//go:build !unix

package program

import "os/exec"

// Apart does nothing where there are no sessions.
func Apart(*exec.Cmd) {}
