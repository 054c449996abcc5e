package command

import (
	"fmt"
	"strings"

	"atlas-restore/state"
)

// jobOf is the job that arguments name, where the flags that name its source can be meant.
func jobOf(s Settings, args []string) (id string, err error) {
	if id, err = jobID(args); err != nil {
		if state.CheckRequest(args[0]) == nil {
			return "", fmt.Errorf("%q is the id of a request, not of a job: this looks for its job: %s", args[0], state.Command(s.Again(), "watch", args[0]))
		}
		if name := args[0]; state.CheckClusterName(name) == nil && strings.Trim(strings.ToLower(name), "0123456789abcdef") != "" {
			err = fmt.Errorf("%w; if it is a cluster, this lists its jobs: %s", err, state.Command(s.Again(), "jobs", "--"+state.FlagCluster, name))
		}
		return "", err
	}
	return id, s.Given.Check() //nolint:wrapcheck // it names the flag
}

// watchedOf is the job that arguments name, or the request whose job is to be looked for.
func watchedOf(s Settings, args []string) (id string, err error) {
	if len(args) > 0 && state.CheckRequest(args[0]) == nil {
		return args[0], s.Given.Check() //nolint:wrapcheck // it names the flag
	}
	return jobOf(s, args)
}

// jobID is the job that a command line names; empty for none.
func jobID(args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	if err := state.CheckID(args[0]); err != nil {
		return "", fmt.Errorf("job %q: %w", args[0], err)
	}
	return args[0], nil
}
