//go:build unix

// Tests of state/program. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/state/program"
)

func shell(script string, limit time.Duration) program.Command {
	return program.Command{Argv: []string{"/bin/sh", "-c", script}, Environ: []string{"PATH=" + os.Getenv("PATH"), "MONGODB_ATLAS_PRIVATE_API_KEY=sword-fish"}, Limit: limit}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		code   int
		last   []string
	}{
		"good":            {`echo 12 orders; exit 0`, 0, []string{"12 orders"}},
		"bad":             {`echo lost >&2; exit 3`, 3, []string{"lost"}},
		"silent":          {`:`, 0, nil},
		"much":            {`i=0; while [ $i -lt 20 ]; do echo line $i; i=$((i+1)); done`, 0, []string{"line 15", "line 16", "line 17", "line 18", "line 19"}},
		"hostile":         {`printf '\033]0;title\007\033[2Jfine\r\033[31mred\033[0m\n\n\342\200\256evil'`, 0, []string{"fine red", "evil"}},
		"no secret":       {`echo "key: $MONGODB_ATLAS_PRIVATE_API_KEY, host: $ATLAS_RESTORE_HOST"`, 0, []string{"key: , host: drill-1.example.net"}},
		"without an end":  {`printf 'half'`, 0, []string{"half"}},
		"leaves a child":  {`sleep 600 & echo done`, 0, []string{"done"}},
		"no input at all": {`cat; echo end`, 0, []string{"end"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shell(tc.script, time.Minute).Run(t.Context(), "ATLAS_RESTORE_HOST=drill-1.example.net")
			if got.Err != nil || got.Code != tc.code || !slices.Equal(got.Last, tc.last) {
				t.Errorf("%+v, want %d %q", got, tc.code, tc.last)
			}
		})
	}
}

// A line without an end is not kept whole.
func TestLongLine(t *testing.T) {
	t.Parallel()
	if got := shell(`head -c 5000000 /dev/zero | tr '\0' x`, time.Minute).Run(t.Context()); len(got.Last) != 1 || len(got.Last[0]) > 300 {
		t.Errorf("%d lines, %d bytes", len(got.Last), len(strings.Join(got.Last, "")))
	}
}

// What hangs is stopped with all that it has started, and its code says nothing.
func TestRunIsBounded(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"the limit": false, "whoever leaves": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := filepath.Join(t.TempDir(), "held")
			if err := syscall.Mkfifo(held, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			begun, dead := make(chan struct{}), make(chan error, 1)
			go func() { // it opens when somebody holds it, and ends when nobody does any more
				f, err := os.Open(held)
				close(begun)
				if leaves {
					cancel()
				}
				if err == nil {
					_, err = io.Copy(io.Discard, f)
				}
				dead <- err
			}()
			limit := 300 * time.Millisecond
			if leaves {
				limit = time.Hour
			}
			run := func() program.End {
				return shell(`trap '' TERM INT HUP; echo begun; sleep 600 >`+held+` & sleep 600`, limit).Run(ctx)
			}
			got := run()
			for ; limit < time.Minute && !closed(begun); got = run() { // it had no time to begin
				limit *= 3
			}
			if got.Err == nil || got.TooLong == leaves || !strings.Contains(got.Err.Error(), "stopped") || !slices.Equal(got.Last, []string{"begun"}) {
				t.Errorf("%+v", got)
			}
			select {
			case err := <-dead:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute): // only where it lives on
				t.Error("what it has started lives on")
			}
		})
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestNotThere(t *testing.T) {
	t.Parallel()
	if got := (program.Command{Argv: []string{"/nonexistent/look", "sword-fish"}, Limit: time.Minute}).Run(t.Context()); got.Err == nil || strings.Contains(got.Err.Error(), "sword-fish") {
		t.Errorf("%+v", got)
	}
}
