package command

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/state/record"
	"atlas-restore/ui/steps"
)

// Evidence is what a person says of a restore for its record.
type Evidence struct {
	Ticket   string // or incident
	Purpose  string
	Declared string // when the incident was declared, as state.ParseMoment reads it
	RTO, RPO string // spans that were promised, like 4h; empty for those of the configuration
}

// evidence are the flags for the record of a restore.
func evidence(flags *pflag.FlagSet, s *Settings) {
	e := &s.Evidence
	flags.Var(&word{&e.Ticket, "TEXT"}, "ticket", "the ticket or incident that it is for")
	flags.Var(&word{&e.Purpose, "TEXT"}, "purpose", "why it is done")
	flags.Var(&word{&e.Declared, "TIME"}, "declared", "when the incident was declared, like --at; RTO is measured from then")
	flags.Var(&word{&e.RTO, "SPAN"}, "rto", "how long it may take, like 4h (or rto in the configuration)")
	flags.Var(&word{&e.RPO, "SPAN"}, "rpo", "how old the data that come back may be, like 15m (or rpo in the configuration)")
	group(flags, groupRecord, "ticket", "purpose", "declared", "rto", "rpo")
}

func (e *Evidence) check() error {
	for _, f := range []struct{ name, of string }{{"ticket", e.Ticket}, {"purpose", e.Purpose}} {
		if _, err := words(f.name, f.of); err != nil {
			return err
		}
	}
	for _, f := range []struct{ name, of string }{{"rto", e.RTO}, {"rpo", e.RPO}} {
		if _, err := span(f.of); err != nil {
			return fmt.Errorf("--%s: %w", f.name, err)
		}
	}
	if e.Declared != "" {
		if _, err := state.ParseMoment(e.Declared, time.Now(), time.Local); err != nil {
			return fmt.Errorf("--declared: %w", err)
		}
	}
	return nil
}

// words is what a flag says in words for a record.
func words(flag, said string) (string, error) {
	said, err := record.Words(said)
	if err != nil {
		return "", fmt.Errorf("--%s takes %w", flag, err)
	}
	return said, nil
}

// span reads a span that was promised; 0 for none.
func span(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := record.Span(s)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller names the flag
	}
	return d, nil
}

// About is what flags and configuration say for the record. What is wrong with either was said before.
func (e Evidence) About(own config.Config, now time.Time, zone *time.Location) steps.About {
	rto, _ := span(cmp.Or(e.RTO, own.RTO))
	rpo, _ := span(cmp.Or(e.RPO, own.RPO))
	a := steps.About{Ticket: strings.TrimSpace(e.Ticket), Purpose: strings.TrimSpace(e.Purpose), Objectives: record.Objectives{RTO: int64(rto / time.Second), RPO: int64(rpo / time.Second)}}
	if e.Declared != "" {
		a.Declared, _ = state.ParseMoment(e.Declared, now, zone)
	}
	return a
}
