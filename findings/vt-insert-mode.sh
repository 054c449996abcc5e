#!/usr/bin/env bash
# What: the terminal emulator charmbracelet/x/vt shows a wrong screen of a Bubble Tea program if TERM is no name that Bubble Tea's renderer knows: the renderer inserts with CSI 4 h, which the emulator of the same makers ignores.
# Version: github.com/charmbracelet/x/vt v0.1.0, charm.land/bubbletea/v2 v2.1.1 (ultraviolet v0.0.0-20261008173134-6b8d4baf91b4)
# Date: 2026-11-28
#
# The renderer takes from TERM which sequences a terminal knows. For names that are not on its list
# (rxvt-unicode, vt100, konsole, but screen.xterm-256color too, which GNU screen sets inside xterm) it
# makes room in a line with insert mode, which every terminal since the VT102 has. The emulator takes
# the mode without a word and overwrites. A test that reads its screen from this emulator sees text
# that no such terminal shows, and on xterm's names sees nothing of it.
#
# A frame of one line, and then the same line with a word more in its middle. Seen:
#   TERM=xterm-256color        no CSI 4 h  "job of orders-prod waits for its target cluster"
#   TERM=screen.xterm-256color CSI 4 h    "job of orders-prod s target cluster"
# where both had to be as the first.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export GOPATH=$tmp/go GOFLAGS=-modcacherw

cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"
)

// frames are shown one after the other, and with nothing left to show the program ends.
type frames []string

func (f frames) Init() tea.Cmd { return next() }

// next leaves the renderer time to draw, which it does sixty times a second.
func next() tea.Cmd { return tea.Tick(time.Second, func(t time.Time) tea.Msg { return t }) }

func (f frames) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg.(type) {
	case time.Time:
		if len(f) == 1 {
			return f, tea.Quit
		}
		return f[1:], next()
	}
	return f, nil
}

// View ends with a line of its own: the last one is cleared at the end.
func (f frames) View() tea.View { return tea.NewView(f[0] + "\n") }

const before, after = "job of waits for its target cluster", "job of orders-prod waits for its target cluster"

// look gives the first line of the screen, and whether insert mode was used for it.
func look(term string) (string, bool) {
	var out bytes.Buffer
	p := tea.NewProgram(frames{before, after}, tea.WithInput(nil), tea.WithOutput(&out),
		tea.WithWindowSize(60, 3), tea.WithEnvironment([]string{"TERM=" + term}))
	if _, err := p.Run(); err != nil {
		panic(err)
	}
	emu := vt.NewEmulator(60, 3)
	go func() { // what it answers to queries, else it waits
		for buf := make([]byte, 1024); ; {
			if _, err := emu.Read(buf); err != nil {
				return
			}
		}
	}()
	if _, err := emu.Write(out.Bytes()); err != nil {
		panic(err)
	}
	line, _, _ := strings.Cut(emu.String(), "\n")
	return strings.TrimRight(line, " "), strings.Contains(out.String(), "\x1b[4h")
}

func main() {
	known, knownMode := look("xterm-256color")
	other, otherMode := look("screen.xterm-256color")
	says := map[bool]string{true: "CSI 4 h   ", false: "no CSI 4 h"}
	fmt.Printf("TERM=xterm-256color        %s %q\n", says[knownMode], known)
	fmt.Printf("TERM=screen.xterm-256color %s %q\n", says[otherMode], other)
	if known != after || knownMode || other == after || !otherMode {
		fmt.Println("that has changed")
		os.Exit(1)
	}
}
GO
go mod init try 2>/dev/null
go get charm.land/bubbletea/v2@v2.1.1 github.com/charmbracelet/x/vt@v0.1.0 2>/dev/null
go run .
