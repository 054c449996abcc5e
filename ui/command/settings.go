package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// replay takes all answers from the plan file that is named, if one is.
func (s *Settings) replay(read func(string) (*steps.Replay, error)) error {
	if s.Plan == "" {
		return nil
	}
	confirm := s.Given.Confirm
	s.Given.Confirm = ""
	if g := s.Given.WithType(); !g.IsZero() {
		return errors.New("--plan answers all that the review is about: no other answer goes with it but --accept and --confirm")
	}
	if s.SavePlan != "" {
		return errors.New("--plan runs a plan, and --save-plan makes one: give one of them")
	}
	var err error
	if s.Replay, err = read(s.Plan); err != nil {
		return err
	}
	s.Given = s.Replay.Given
	s.Given.Confirm = confirm
	return nil
}

// check holds the answers against their rules.
func (s *Settings) check() error { return s.checkWith(state.Given.Check) }

// checkWith is check with how the answers are held against each other.
func (s *Settings) checkWith(given func(state.Given) error) error {
	s.Given = s.Given.WithType()
	if s.DryRun && s.Given.Confirm != "" {
		return fmt.Errorf("--dry-run sends nothing: there is nothing to --%s", state.FlagConfirm)
	}
	if s.SavePlan != "" && s.Given.Confirm != "" {
		return fmt.Errorf("--save-plan sends nothing: there is nothing to --%s", state.FlagConfirm)
	}
	if d := s.Given.Delivery; s.Out != "" && d != "" && d != string(state.Download) {
		return fmt.Errorf("--out is the directory for the files of a download: the delivery type %s has none", d)
	}
	for _, name := range s.Accept {
		if !slices.Contains(state.CheckNames(), name) {
			return fmt.Errorf("--accept %q: what can be accepted is %s", name, strings.Join(state.CheckNames(), ", "))
		}
	}
	if err := s.Evidence.check(); err != nil {
		return err
	}
	return given(s.Given)
}
