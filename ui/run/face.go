package run

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/ui/command"
)

// face is how a run talks to a person.
type face int

const (
	noFace     face = iota // there is no terminal, and something would have to be asked
	fullScreen             // needs a terminal
	lineByLine
	unasked // all is answered by flags
)

// face chooses how to talk. A missing answer is an error of the command line, told
// before anything is asked of Atlas.
func (r runner) face(s command.Settings) (face, error) {
	name := os.Getenv("TERM")
	atTerminal := isTerminal(r.std.In) && (isTerminal(r.std.Out) || isTerminal(r.std.Errs))
	switch {
	case s.Given.Complete(), (s.DryRun || s.SavePlan != "") && slices.Equal(s.Given.Missing(), []string{state.FlagConfirm}):
		return unasked, nil
	case s.Line, wanted(os.Getenv("ACCESSIBLE")), name == "dumb":
		return lineByLine, nil
	case atTerminal && name == "" && runtime.GOOS != "windows":
		return lineByLine, nil // what this terminal can show cannot be known
	case atTerminal:
		return fullScreen, nil
	case !s.Given.IsZero():
		return noFace, fmt.Errorf("without a terminal nothing can be asked, and %s; --line asks line by line", state.Lacking(s.Given.Missing()))
	}
	return noFace, nil // said once it is known that nothing else is wrong
}

const noTerminal = `the wizard needs a terminal, for input and output; nothing was submitted

To go on without one, have it ask line by line on standard input with --line,
or give every answer as a flag:
  --projectId --clusterName --deliveryType --snapshotId (or --at)
  --targetProjectId --targetClusterName --confirm`

// wanted reads a variable that switches something on: any value does, but for those
// that say no.
func wanted(value string) bool {
	switch strings.ToLower(value) {
	case "", "0", "false", "no":
		return false
	}
	return true
}
