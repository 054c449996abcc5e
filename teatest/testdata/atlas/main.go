//go:build unix

// Command atlas serves an embedded Atlas with so many more snapshots of catalog, in a process
// of its own, behind all others: the real one takes no processor time of this machine.
//
//	atlas SNAPSHOTS
//
// Its first line has the base URL, the client id and the secret. It ends with its input.
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"atlas-restore/atlasclient/simulator"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return fmt.Errorf("reading the number of snapshots: %w", err)
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10) // else it is a little more in the way
	sim, err := simulator.Start(simulator.Options{Seed: 1, RateLimit: simulator.Unlimited})
	if err != nil {
		return fmt.Errorf("starting the embedded Atlas: %w", err)
	}
	sim.AddSnapshots("Storefront", "catalog", n)
	k := sim.Keys()
	fmt.Println(sim.BaseURL(), k.ClientID, k.ClientSecret)
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is closed
	return sim.Close()                   //nolint:wrapcheck // it says what
}
