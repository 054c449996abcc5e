// Command panics is the wizard with a bug in one of its pages: whoever signs in meets it.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"atlas-restore/state"
	"atlas-restore/ui"
	"atlas-restore/ui/steps"
)

func main() {
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
