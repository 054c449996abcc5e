//go:build unix

package onevent

import (
	"os/exec"
	"syscall"
)

// apart keeps a command away from the terminal: it neither ends with a ctrl+c or a hang-up
// that was meant for the wizard, nor writes over its screen. Stopped, it takes along what it
// has started.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
