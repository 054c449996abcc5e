// Tests of ui/command. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// typed runs a command line that may obey nothing: what it says on standard output, and its
// error.
func typed(t *testing.T, args ...string) (string, error) {
	t.Helper()
	obeys := func(what string) error {
		t.Errorf("%q: it obeys: %s", args, what)
		return nil
	}
	cmd := command.New(command.Program{
		Build:    release.Build,
		Live:     func(context.Context, command.Settings) error { return obeys("the wizard") },
		Train:    func(context.Context, command.Settings) error { return obeys("train") },
		Lessons:  func(command.Settings, bool) error { return obeys("train --list") },
		Example:  func() error { return obeys("train --example") },
		Watch:    func(context.Context, command.Settings, string) error { return obeys("watch") },
		Jobs:     func(context.Context, command.Settings, string, bool) error { return obeys("jobs") },
		Download: func(context.Context, command.Settings, command.Fetching, string) error { return obeys("download") },
		When:     func(context.Context, command.Settings, steps.WhenAsk) error { return obeys("when") },
		Runbook:  func(context.Context, command.Settings) error { return obeys("runbook") },
		Verify:   func(context.Context, command.Settings, []string, bool) error { return obeys("verify") },
		PlanShow: func(context.Context, command.Settings, string) error { return obeys("plan show") },
		Sim:      func(context.Context, command.Simulator) error { return obeys("sim") },
		Served:   func() []string { return nil },
		Scenarios: func() ([]string, error) {
			return []string{"first-download\tThe first download", "lost-answer\tThe answer is lost"}, nil
		},
		Profiles: func() ([]string, error) { return nil, nil },
		Atlas:    func(command.Settings) (steps.Atlas, error) { return nil, errors.New("no credentials") },
	}, args)
	var out bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.Execute()
	return out.String(), err //nolint:wrapcheck // it is looked at as it is
}

// What cannot be obeyed says what may be meant, in words, before anything is done. main makes an
// exit code of 2 of every error that is not the run's.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args string
		says []string
	}{
		{"--yes", []string{"unknown flag: --yes"}},
		{"--yes -o json", []string{"unknown flag: --yes"}},
		{"bogus", []string{`no command "bogus"`}},
		{"trian", []string{`no command "trian"`, "did you mean train?"}},
		{"plan shw", []string{`atlas-restore plan has no command "shw"; did you mean show?`}},
		{"records lst", []string{`atlas-restore records has no command "lst"; did you mean list?`}},
		{"help nothing", []string{`no command "nothing"`, "\nThe topics are: ", ", promises, "}},
		{"help wach", []string{`no command "wach"; did you mean watch?`}},
		{"help plan shw", []string{`atlas-restore plan has no command "shw"; did you mean show?`}},
		{"help promise", []string{`no command "promise"; did you mean promises?`}},
		{"jobs --projectid x", []string{"unknown flag: --projectid; did you mean --projectId?"}},
		{"jobs orders-prod --profile eu", []string{`job "orders-prod": an id has only 0-9 and a-f`, "this lists its jobs: atlas-restore jobs --clusterName orders-prod --profile eu"}},
		{"jobs M5SSSK2VM5SSSK2VM5SSSK2VAB --state-dir /s", []string{"is the id of a request, not of a job", "atlas-restore watch M5SSSK2VM5SSSK2VM5SSSK2VAB --state-dir /s"}},
		{"download M5SSSK2VM5SSSK2VM5SSSK2VAB", []string{"is the id of a request, not of a job", "atlas-restore watch M5SSSK2VM5SSSK2VM5SSSK2VAB"}},
		{"jobs 65f0c1d2e3a4b5c6d7e8f901 --mine", []string{"leave out --mine"}},
		{"completion nothing", []string{`no command "nothing"`}},
		{"-o yaml", []string{"text or json"}},
		{"--confirm orders-prod", []string{"--confirm needs all other answers"}},
		{"--oplogTs 1795442579", []string{"--oplogTs needs --oplogInc"}},
		{"train --snapshotId x", []string{`--snapshotId "x"`}},
		{"train --speed fast", []string{"--speed", "it takes a number"}},
		{"train --seed -1", []string{"--seed", "it takes a number"}},
		{"train --accept nothing", []string{`--accept "nothing": what can be accepted is all, snapshot, size`}},
		{"train --deliveryType tape", []string{`--deliveryType "tape": the delivery types are download, collections, automated, pointInTime`}},
		{"train --dry-run --confirm download", []string{"there is nothing to --confirm"}},
		{"train --out=", []string{"--out", "it names no directory"}},
		{"download --out=", []string{"--out", "it names no directory"}},
		{"verify", []string{"verify needs a FILE or a DIR"}},
		{"sim --speed -1", []string{"--speed -1"}},
		{"sim --speed NaN", []string{"--speed NaN"}},
		{"sim --seed x", []string{"it takes a number"}},
		{"sim --start noon", []string{"like 2026-11-23T14:31:00Z, or now"}},
		{"sim --start 1999-01-01T00:00:00Z", []string{"from 2020 to 2100"}},
		{"sim --start now --scenario first-download", []string{"leave out one of --start and --scenario"}},
		{"sim --rate-limit 0", []string{"it takes off, or a number"}},
		{"sim --listen 0.0.0.0:8080", []string{"a loopback address"}},
		{"sim --listen localhost:8080", []string{"a loopback address"}},
		{"sim --listen 127.0.0.1", []string{"like 127.0.0.1:8080"}},
		{"sim here", []string{`no command "here"`}},
		{"download --out=files\u00a0", []string{"--out", "it begins or ends with a blank"}},
	} {
		out, err := typed(t, strings.Split(tc.args, " ")...)
		var run *steps.RunError
		if err == nil || errors.As(err, &run) || out != "" || strings.Contains(err.Error(), "strconv") {
			t.Errorf("%s: the error is %v, standard output %s", tc.args, err, out)
			continue
		}
		for _, says := range tc.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %q is not in: %v", tc.args, says, err)
			}
		}
	}
}

// What only tells is told whole, without a credential.
func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--help":                          "atlas-restore train",
		"--version":                       "atlas-restore version 1.2.3\ngo        go1.26.8",
		"-v -o json":                      `"version": "1.2.3",`,
		"help sim":                        "--scenario NAME|FILE",
		"man":                             ".TH",
		"sim --help":                      "train/NAME",
		"drill --help":                    "train/NAME",
		"help promises":                   "**Nothing is restored by accident.**",
		"help when":                       "At night you mostly do not know the second. `atlas-restore when`",
		"help --help":                     "  promises       What you can rely on",
		"__complete help pro":             "promises\tWhat you can rely on",
		"__complete sim --scenario lost":  "lost-answer\t",
		"__complete --projectId":          ":",
		"__complete --deliveryType point": "pointInTime",
	} {
		if out, err := typed(t, strings.Fields(args)...); err != nil || !strings.Contains(out, says) {
			t.Errorf("%s: %v, without %q in\n%s", args, err, says, out)
		}
	}
}
