package command

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// Simulator says how the embedded Atlas is served to other clients.
type Simulator struct {
	Listen     string // a literal loopback address and port
	Scenario   string // name or file; empty: none
	Seed       uint64
	Start      time.Time // simulated now at the start; zero: the real one
	Speed      float64   // 0: the clock stands still
	RateLimit  int       // requests a minute of every set of endpoints; 0: Atlas's own limits, -1: none
	TLS        bool      // https, with a certificate of its own
	Instructor bool      // show the requests and take commands, wherever the output goes
}

func (s Simulator) check() error {
	at, err := netip.ParseAddrPort(s.Listen)
	if err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("--listen %q: it takes a loopback address and a port, like 127.0.0.1:8080", s.Listen)
	}
	if !(s.Speed >= 0 && s.Speed <= 100_000) { // no number at all is neither
		return fmt.Errorf("--speed %g: it is from 0 (the clock stands still) to 100000, like --speed 20", s.Speed)
	}
	if y := s.Start.Year(); !s.Start.IsZero() && (y < 2020 || y > 2100) {
		return fmt.Errorf("--start %s: it is from 2020 to 2100", s.Start.Format(time.RFC3339))
	}
	return nil
}

// simStart is when the clock of sim begins unless it is told otherwise: a fixed time, so that
// the same seed gives the same ids whenever it is started.
func simStart() time.Time { return time.Date(2026, time.November, 23, 14, 31, 0, 0, time.UTC) }

// sim is the command that serves the embedded Atlas.
func sim(p Program) part {
	s := Simulator{Listen: "127.0.0.1:0", Seed: 1, Start: simStart(), Speed: 1}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Serve the embedded Atlas on loopback, for other clients",
		Long: "Serves the embedded Atlas on a loopback address, for any client of Atlas's Administration API: the first\n" +
			"line on standard output says as JSON where it is, and with which API key and which service account. It\n" +
			"serves until it is interrupted, and then ends with 0. Under /control on the same address its requests\n" +
			"can be read, its clock moved and its faults set; GET /control says how, and GET /control/endpoints\n" +
			"what it serves of that interface.\n" +
			"Its clock begins at a fixed time, so that the same seed gives the same ids whenever it is started:\n" +
			"snapshots and jobs have dates of that clock, as has the Date of each answer. --start now has it begin\n" +
			"with the real one. Access tokens live an hour of real time, also across a restart with the same seed.\n" +
			"Against it a confirmation is typed as in the training: train/NAME, or \"overwrite train/NAME\".\n" +
			"At a terminal the requests are shown as they come, and commands are taken: help lists them.",
		Example: "  atlas-restore sim --listen 127.0.0.1:8080\n" +
			"  atlas-restore sim --listen 127.0.0.1:8080 --speed 0     # the clock moves by POST /control/advance alone\n" +
			"  atlas-restore sim --tls                                 # its first line has the certificate, for --ca-file\n" +
			"  atlas-restore sim --scenario lost-answer",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(); err != nil {
				return err
			}
			for _, own := range []string{"seed", "start"} {
				if s.Scenario != "" && cmd.Flags().Changed(own) {
					return fmt.Errorf("--%s: a scenario has a world and a time of its own; leave out one of --%s and --scenario", own, own)
				}
			}
			return p.Sim(cmd.Context(), s)
		},
	}
	return part{cmd, func() {
		flags := cmd.Flags()
		flags.SortFlags = false
		flags.Var(&word{&s.Listen, "ADDRESS"}, "listen", "where: a loopback address and a port; port 0 is a free one")
		flags.Var(&word{&s.Scenario, "NAME|FILE"}, "scenario", "of training to be played in it, in a world of its own; a file has a dot or a slash in its name")
		flags.Var(&number[uint64]{&s.Seed, "NUMBER"}, "seed", "of the world: the same number gives the same one")
		flags.Var(&number[float64]{&s.Speed, "SECONDS"}, "speed", "simulated seconds per real second; 0: the clock stands still")
		flags.Var(&moment{&s.Start}, "start", "simulated time at the start, like 2026-11-23T14:31:00Z, or now for the real one")
		flags.Var(&rateLimit{&s.RateLimit}, "rate-limit", "off for load tests, or so many requests a minute for each set of endpoints; without it Atlas's own limits")
		flags.BoolVar(&s.TLS, "tls", false, "serve https with a certificate of its own, which the first line has (certificate); for clients that refuse plain http")
		flags.BoolVar(&s.Instructor, "instructor", false, "show the requests on standard error and take commands on standard input, even where they are no terminal")
		group(flags, groupWorld, "listen", "scenario", "seed", "speed", "start", "rate-limit", "tls", "instructor")
		_ = cmd.RegisterFlagCompletionFunc("scenario", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names, _ := p.Scenarios() // what cannot be read completes nothing
			return names, cobra.ShellCompDirectiveDefault
		})
	}}
}

// moment is a flag that takes a time, or "now".
type moment struct{ to *time.Time }

// String implements pflag.Value.
func (m *moment) String() string {
	switch {
	case m.to == nil:
		return ""
	case m.to.IsZero():
		return "now"
	}
	return m.to.Format(time.RFC3339)
}

// Set implements pflag.Value.
func (m *moment) Set(s string) error {
	if s == "now" {
		*m.to = time.Time{}
		return nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("it takes a time like 2026-11-23T14:31:00Z, or now")
	}
	*m.to = at.UTC()
	return nil
}

// Type implements pflag.Value.
func (m *moment) Type() string { return "TIME" }

func (m *moment) choices() []string { return []string{"now"} }

// rateLimit is a flag that takes "off" or a number of requests.
type rateLimit struct{ to *int }

// String implements pflag.Value.
func (r *rateLimit) String() string {
	switch {
	case r.to == nil || *r.to == 0:
		return ""
	case *r.to < 0:
		return "off"
	}
	return strconv.Itoa(*r.to)
}

// Set implements pflag.Value.
func (r *rateLimit) Set(s string) error {
	if s == "off" {
		*r.to = -1
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000 {
		return errors.New("it takes off, or a number of requests a minute from 1 to 1000000")
	}
	*r.to = n
	return nil
}

// Type implements pflag.Value.
func (r *rateLimit) Type() string { return "off|NUMBER" }

func (r *rateLimit) choices() []string { return []string{"off"} }
