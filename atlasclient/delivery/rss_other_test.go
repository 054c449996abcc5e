//go:build !linux

package delivery

import "os"

// maxRSS is not measured here.
func maxRSS(*os.ProcessState) float64 { return 0 }
