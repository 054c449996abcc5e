package delivery

import (
	"os"
	"syscall"
)

// maxRSS is the greatest resident memory of a process that has ended, in MiB.
func maxRSS(s *os.ProcessState) float64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(u.Maxrss) / 1024
	}
	return 0
}
