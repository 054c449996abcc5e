package command

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
)

// misnamed is the error of a name that none of cmd's commands bears, and none of what else there is.
func misnamed(cmd *cobra.Command, given string, others ...string) error {
	names := slices.Clone(others)
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("%s has no command %q%s", cmd.CommandPath(), given, state.DidYouMean(given, slices.Values(names)))
}

// noFlag refuses a flag that a command does not have, and says what may be meant.
func noFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	return fmt.Errorf("%w%s", err, state.DidYouMean("--"+unknown.GetSpecifiedName(), func(yield func(string) bool) {
		more := true
		cmd.Flags().VisitAll(func(f *pflag.Flag) { more = more && (f.Hidden || yield("--"+f.Name)) })
	}))
}
