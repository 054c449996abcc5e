package teatest_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/teatest"
	"atlas-restore/ui"
	"atlas-restore/ui/steps"
)

func TestMain(m *testing.M) {
	if os.Getenv(panics) != "" {
		wizardThatPanics()
		return
	}
	os.Exit(teatest.Main(m))
}

// panics in the environment of the tests' own program makes it the wizard with a bug in one of its
// pages: whoever signs in meets it.
const panics = "TEATEST_PANICS"

func wizardThatPanics() {
	sum, err := ui.Run(context.Background(), steps.Config{
		Now:    time.Now,
		SignIn: func(int, string, state.Secret) (steps.Connection, error) { panic("a bug") },
	}, ui.Screen{In: os.Stdin, Out: os.Stdout})
	fmt.Print(sum.Text())
	if err != nil {
		fmt.Println("it ended with:", err)
		os.Exit(1)
	}
}
