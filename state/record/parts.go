package record

import (
	"runtime"
	"sync"
)

// inParts does something for each of n, on all processors.
func inParts(n int, do func(i int)) {
	parts := min(runtime.GOMAXPROCS(0), max(1, n/64))
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() {
			for i := n * p / parts; i < n*(p+1)/parts; i++ {
				do(i)
			}
		})
	}
	wait.Wait()
}
