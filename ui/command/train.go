package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"atlas-restore/state"
)

// train is the command that practises.
func train(p Program) part {
	var s Settings
	var list, reset, example bool
	var file string
	cmd := &cobra.Command{
		Use:   "train [SCENARIO]",
		Short: "Practise on an embedded Atlas: no network, no login, nothing real",
		Long: "The same wizard on an embedded Atlas that lives and dies with it. It reads no credential, and can\n" +
			"reach nothing else: restore what you like. With the name of a scenario an incident is played, with a\n" +
			"briefing, hints on f4, and a debrief at the end; such a run ends with 0 if it was passed, else with 1.\n" +
			"--join practises on an embedded Atlas that sim serves in another terminal, in the hands of an instructor.",
		Example: "  atlas-restore train\n" +
			"  atlas-restore train --list\n" +
			"  atlas-restore train first-download\n" +
			"  atlas-restore train --line --speed 600",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				s.Scenario = args[0]
			}
			switch {
			case example:
				return p.Example()
			case list && s.Scenario != "":
				return errors.New("--list lists all scenarios: no name goes with it")
			case list || reset:
				return p.Lessons(s, reset)
			}
			if file != "" && s.Scenario != "" {
				return errors.New("a scenario is given twice: by its name, and with --scenario")
			}
			if file != "" {
				s.Scenario = file
			}
			if s.Join != "" && (s.Scenario != "" || cmd.Flags().Changed("seed") || cmd.Flags().Changed("speed")) {
				return errors.New("--join plays what is served there: the scenario, --seed and --speed are given to sim")
			}
			if s.Scenario != "" && cmd.Flags().Changed("seed") {
				return errors.New("a scenario has a world of its own: --seed does not go with it")
			}
			if cmd.Flags().Changed("speed") && !(s.Speed > 0 && s.Speed <= 100_000) { // no number at all is neither
				return fmt.Errorf("--speed %g: the simulated time must go forward, and no faster than 100000 times, like --speed 20", s.Speed)
			}
			if err := s.replay(p.Replay); err != nil {
				return err
			}
			if err := s.checkWith(state.Given.CheckPractice); err != nil {
				return err
			}
			return p.Train(cmd.Context(), s)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			names, _ := p.Scenarios() // what cannot be read completes nothing
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	return part{cmd, func() {
		flags := cmd.Flags()
		answers(flags, &s)
		manner(flags, &s)
		s.Seed = 1
		flags.BoolVar(&list, "list", false, "list the scenarios, and what came of them so far")
		flags.BoolVar(&reset, "reset", false, "forget what came of them, or of the one that is named")
		flags.Var(&word{&file, "FILE"}, "scenario", "of your own, in YAML, as --example has it")
		flags.BoolVar(&example, "example", false, "print a scenario with comments, to begin one of your own with")
		flags.Var(&word{&s.Join, "ADDRESS"}, "join", "of an embedded Atlas that sim serves, like http://127.0.0.1:8080")
		flags.Var(&number[uint64]{&s.Seed, "NUMBER"}, "seed", "of the world: the same number gives the same one")
		flags.Var(&number[float64]{&s.Speed, "SECONDS"}, "speed", "simulated seconds per real second (default 20, in a scenario 1)")
		flags.Var(&word{&s.StateDir, "DIR"}, "state-dir", "of what came of the scenarios (default $XDG_STATE_HOME/atlas-restore)")
		group(flags, groupWorld, "list", "reset", "scenario", "example", "join", "seed", "speed", "state-dir")
		_ = cmd.RegisterFlagCompletionFunc(state.FlagSnapshot, cobra.FixedCompletions([]string{latestWord}, cobra.ShellCompDirectiveNoFileComp))
	}}
}
