#!/usr/bin/env bash
# What: a cursor key whose bytes come in two pieces becomes typed letters in a Bubble Tea program, also where the first piece can be nothing but the beginning of a sequence: the field for a name holds a letter that nobody typed.
# Version: charm.land/bubbletea/v2 v2.1.1 with charm.land/bubbles/v2 v2.2.1
# Date: 2026-11-29
#
# Bubble Tea gives up a sequence whose rest does not come within 50 ms. That a lone escape is told
# from a sequence by time is old, and cannot be helped. But it is the same after ESC and [, which no
# key sends alone: they become alt+[, and what follows is text. A slow line, a relay that
# forwards each byte, or a machine that stands still for a moment is enough. Bubble Tea has no option
# for how long it waits, though the reader that it uses has; a program can hold the input back itself.
#
# Seen: the left key behind "name", in a text input.
#   in one piece          field "name"   keys left
#   ESC, then [D          field "name[D" keys esc [ D
#   ESC [, then D         field "nameD"  keys alt+[ D
set -euo pipefail
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
cd "$tmp"

cat >go.mod <<'MOD'
module try

go 1.26.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

type model struct {
	field textinput.Model
	begun chan struct{}
	heard *[]string
}

func (m model) Init() tea.Cmd { return func() tea.Msg { close(m.begun); return nil } }

func (m model) View() tea.View { return tea.NewView(m.field.View()) }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if k.String() == "enter" {
			return m, tea.Quit
		}
		*m.heard = append(*m.heard, k.String())
	}
	var cmd tea.Cmd
	m.field, cmd = m.field.Update(msg)
	return m, cmd
}

// press gives a field that holds a name the pieces of a key, one after the other.
func press(what string, pieces ...string) {
	in, line, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	m := model{textinput.New(), make(chan struct{}), new([]string)}
	m.field.SetValue("name")
	m.field.Focus()
	go func() {
		<-m.begun
		for _, p := range append(pieces, "\r") {
			io.WriteString(line, p)
			time.Sleep(500 * time.Millisecond)
		}
	}()
	end, err := tea.NewProgram(m, tea.WithInput(in), tea.WithOutput(io.Discard)).Run()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%-20s  field %-8q keys %s\n", what, end.(model).field.Value(), strings.Join(*m.heard, " "))
}

func main() {
	press("in one piece", "\x1b[D")
	press("ESC, then [D", "\x1b", "[D")
	press("ESC [, then D", "\x1b[", "D")
}
GO
go get charm.land/bubbles/v2/textinput@v2.2.1 charm.land/bubbletea/v2@v2.1.1 >get.log 2>&1 || { cat get.log >&2; exit 2; }
go build -o try . || exit 2

./try | tee seen
diff - seen <<'SEEN'
in one piece          field "name"   keys left
ESC, then [D          field "name[D" keys esc [ D
ESC [, then D         field "nameD"  keys alt+[ D
SEEN
