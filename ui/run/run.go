// Package run is a run of the program from its arguments to its exit code: what each command
// does, and in which way it talks to a person. Atlas, real or embedded, is behind the interfaces
// of Parts, so that the room knows no client; main joins them.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// Streams are the process's own. Results go to Out, all else to Errs.
type Streams struct{ In, Out, Errs *os.File }

// Main is the whole program but for the process's end: it returns the exit code.
func Main(args []string, std Streams, p Parts) int {
	args, plugin := asPlugin(args)
	code := 0
	out := &checked{to: std.Out}
	// The one cleaner stands before both; only the full screen writes past it.
	r := runner{Parts: p, std: std, out: steps.PrintableTo(out), errs: steps.PrintableTo(std.Errs), exit: &code}
	r.text, r.said = fold.To(r.out, func() int { return width(std.Out) }), fold.To(r.errs, func() int { return width(std.Errs) })
	if command.JustVersion(args) { // before all that a run needs
		_, _ = io.WriteString(r.out, p.Build().Text())
		r.unwritten(out)
		return code
	}
	// A hang-up (ssh drops), SIGTERM and SIGQUIT (ctrl+\) end the wizard in order, so that the
	// terminal is left as it was found and the summary can be written.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	listen := hear(cancel, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	cmd := command.New(command.Program{
		Width: func() int { return width(std.Out) }, Build: p.Build, Live: r.live, Train: r.train, Lessons: r.lessons, Example: r.example, Watch: r.watch, Jobs: r.jobs, Download: r.download, Drill: r.drill, When: r.when, Runbook: r.runbook, Verify: r.verify, StateDir: StateDir, Replay: replay, PlanShow: r.planShow, PlanApprove: r.planApprove, Sim: r.sim, Served: p.Embedded.Operations, Scenarios: p.Embedded.Scenarios, Atlas: r.atlas,
		Profiles: p.Atlas.Profiles,
	}, args)
	cmd.PersistentPreRun = func(*cobra.Command, []string) { <-listen } // before anything is done that has an order
	cmd.SetArgs(args)
	cmd.SetOut(r.out)
	cmd.SetErr(r.errs)
	asked, err := cmd.ExecuteContextC(ctx)
	if plugin {
		defer func() { r.flattened(asked, code) }()
	}
	if r.unwritten(out); err == nil || out.err != nil {
		return code
	}
	code = state.ExitUsage
	var failed *steps.RunError
	if errors.As(err, &failed) {
		code = state.OutcomeError.ExitCode()
		fmt.Fprintln(r.said, strings.TrimRight("Error: "+err.Error()+"\n\n"+failed.Advice, "\n"))
	} else {
		fmt.Fprintf(r.said, "Error: %v\nRun %s --help for the commands and flags.\n", err, asked.CommandPath())
	}
	if command.WantsJSON(args) && !errors.As(err, new(*steps.Printed)) {
		result := steps.Failure(err)
		if failed != nil {
			result.Advice = failed.Advice
		}
		r.printJSON(steps.Result{Outcome: state.OutcomeError, Training: asked.Name() == "train", Error: result})
	}
	return code
}

// asPlugin are the arguments without the word by which the Atlas CLI starts this program. It
// passes on what was typed as it is, flags that stood before the word too; whoever types the word
// by hand gets the same.
func asPlugin(args []string) (rest []string, plugin bool) {
	if len(args) == 0 || args[0] != command.PluginCommand {
		return args, false
	}
	state.AsPlugin()
	return args[1:], true
}

// flattened says an exit code in words: the Atlas CLI makes 1 of each that is not 0.
func (r runner) flattened(cmd *cobra.Command, code int) {
	if code > state.OutcomeError.ExitCode() {
		fmt.Fprintf(r.said, "Exit code %d: %s. The Atlas CLI ends with 1 all the same.\n", code, command.ExitSays(cmd, code))
	}
}

// checked is standard output, which may be full: whoever reads the result must not take
// half of it, or none, for the whole.
type checked struct {
	to  io.Writer
	err error // the first one
}

// Write implements io.Writer.
func (c *checked) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err //nolint:wrapcheck // a writer's own
}

// hear calls end at the first of these signals. The channel is closed once they are listened for: Go
// asks another thread for each of them, and what is to be done meanwhile need not wait.
func hear(end func(), signals ...os.Signal) <-chan struct{} {
	heard, listening := make(chan os.Signal, 1), make(chan struct{})
	go func() {
		signal.Notify(heard, signals...)
		close(listening)
		<-heard
		end()
	}()
	return listening
}

// unwritten tells that standard output could not be written.
func (r runner) unwritten(out *checked) {
	if out.err == nil {
		return
	}
	fmt.Fprintf(r.said, "Error: writing the result to standard output: %v\n", out.err)
	if *r.exit == 0 { // else it says more than this
		*r.exit = state.OutcomeError.ExitCode()
	}
}

func fail(format string, a ...any) error { return &steps.RunError{Err: fmt.Errorf(format, a...)} }

// runner joins the parts for one run.
type runner struct {
	Parts
	std  Streams   // to ask what they are, to read, and for the full screen
	out  io.Writer // standard output
	errs io.Writer // standard error
	text io.Writer // the same, for texts: they are folded where it is a terminal, see fold.Lines
	said io.Writer // the same of standard error
	exit *int
}

// note says on standard error what has to be known beside the result.
func (r runner) note(text string) {
	if text != "" {
		fmt.Fprintln(r.said, "NOTE: "+text)
	}
}

func (r runner) printJSON(result steps.Result) {
	raw, err := result.JSON()
	if err != nil {
		fmt.Fprintln(r.said, "Error: "+err.Error())
		return
	}
	_, _ = r.out.Write(raw) // checked at the end
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// width is how many cells a line of f has; 0 where it is no terminal, or does not tell.
func width(f *os.File) int {
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}
