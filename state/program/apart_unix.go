//go:build unix

package program

import (
	"os/exec"
	"syscall"
)

// Apart keeps a command away from the terminal: it neither ends with a ctrl+c or a hang-up
// that was meant for the wizard, nor writes over its screen. Stopped, it takes along what it
// has started.
func Apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
