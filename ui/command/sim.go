package command

import (
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"
)

// Simulator says how the embedded Atlas is served to other clients.
type Simulator struct {
	Listen     string // a literal loopback address and port
	Scenario   string // name or file; empty: none
	Seed       uint64
	Speed      float64 // 0: the clock stands still
	Instructor bool    // show the requests and take commands, wherever the output goes
}

func (s Simulator) check() error {
	at, err := netip.ParseAddrPort(s.Listen)
	if err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("--listen %q: it takes a loopback address and a port, like 127.0.0.1:8080", s.Listen)
	}
	if !(s.Speed >= 0 && s.Speed <= 100_000) { // no number at all is neither
		return fmt.Errorf("--speed %g: it is from 0 (the clock stands still) to 100000, like --speed 20", s.Speed)
	}
	return nil
}

// sim is the command that serves the embedded Atlas.
func sim(p Program) *cobra.Command {
	s := Simulator{Listen: "127.0.0.1:0", Seed: 1, Speed: 1}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Serve the embedded Atlas on loopback, for other clients",
		Long: "Serves the embedded Atlas on a loopback address, for any client of Atlas's Administration API: the first\n" +
			"line on standard output says as JSON where it is, and with which API key and which service account. It\n" +
			"serves until it is interrupted, and then ends with 0. Under /control on the same address its requests\n" +
			"can be read, its clock moved and its faults set; GET /control says how.\n" +
			"At a terminal the requests are shown as they come, and commands are taken: help lists them.",
		Example: "  atlas-restore sim --listen 127.0.0.1:8080\n" +
			"  atlas-restore sim --listen 127.0.0.1:8080 --speed 0     # the clock moves by POST /control/advance alone\n" +
			"  atlas-restore sim --scenario lost-answer",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(); err != nil {
				return err
			}
			return p.Sim(cmd.Context(), s)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&word{&s.Listen, "ADDRESS"}, "listen", "where: a loopback address and a port; port 0 is a free one")
	flags.Var(&word{&s.Scenario, "NAME|FILE"}, "scenario", "of training to be played in it, in a world of its own; a file has a dot or a slash in its name")
	flags.Var(&number[uint64]{&s.Seed, "NUMBER"}, "seed", "of the world: the same number gives the same one")
	flags.Var(&number[float64]{&s.Speed, "SECONDS"}, "speed", "simulated seconds per real second; 0: the clock stands still")
	flags.BoolVar(&s.Instructor, "instructor", false, "show the requests on standard error and take commands on standard input, even where they are no terminal")
	group(flags, groupWorld, "listen", "scenario", "seed", "speed", "instructor")
	for _, f := range []string{"listen", "seed", "speed"} {
		_ = cmd.RegisterFlagCompletionFunc(f, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("scenario", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		names, _ := p.Scenarios() // what cannot be read completes nothing
		return names, cobra.ShellCompDirectiveDefault
	})
	return cmd
}
