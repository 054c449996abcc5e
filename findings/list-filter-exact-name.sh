#!/usr/bin/env bash
# What: in a Bubbles list, a name that is typed in full need not be the row that enter takes: a longer name whose words begin with these letters comes first.
# Version: charm.land/bubbles/v2 v2.2.1, charm.land/bubbletea/v2 v2.1.1 (github.com/sahilm/fuzzy v0.1.3)
# Date: 2026-11-28
#
# The list's default filter leaves the order to sahilm/fuzzy. There a letter after a separator counts
# 20, the first letter of all 10, a neighbour 5 and the next one 15, and each letter of the name that
# was not typed costs 1. So a whole name of three letters has 30, and a match at the beginnings of
# three words may have more, though most of it was not typed. The cursor is on the first match:
# who types a cluster's name and presses enter has chosen another. Seen, after / and the name:
#   dev: rows data-eu-v2, dev; enter takes data-eu-v2
#   uat: rows users-audit-test, uat; enter takes users-audit-test
#   stg: rows sales-test-gb, stg; enter takes sales-test-gb
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export GOPATH=$tmp/go GOFLAGS=-modcacherw

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"charm.land/bubbles/v2/list"
	tea "charm.land/bubbletea/v2"
)

type cluster string

func (c cluster) FilterValue() string { return string(c) }
func (c cluster) Title() string       { return string(c) }
func (c cluster) Description() string { return "" }

// give hands the list a message, and all that comes of it, one after the other.
func give(l *list.Model, msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			if cmd != nil {
				give(l, cmd())
			}
		}
	case tea.KeyPressMsg, list.FilterMatchesMsg:
		next, cmd := l.Update(msg)
		*l = next
		if cmd != nil {
			give(l, cmd())
		}
	} // the rest is the cursor's blinking
}

func main() {
	same := true
	for _, names := range [][]string{{"dev", "data-eu-v2"}, {"uat", "users-audit-test"}, {"stg", "sales-test-gb"}} {
		typed := names[0]
		var items []list.Item
		for _, name := range names {
			items = append(items, cluster(name))
		}
		l := list.New(items, list.NewDefaultDelegate(), 60, 30)
		for _, r := range "/" + typed {
			give(&l, tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		give(&l, tea.KeyPressMsg{Code: tea.KeyEnter}) // ends the typing
		var rows []string
		for _, item := range l.VisibleItems() {
			rows = append(rows, item.FilterValue())
		}
		taken := l.SelectedItem().FilterValue()
		fmt.Printf("%s: rows %s; enter takes %s\n", typed, strings.Join(rows, ", "), taken)
		same = same && taken == names[1]
	}
	if !same {
		fmt.Println("that has changed")
		os.Exit(1)
	}
}
GO
go mod init try 2>/dev/null
go get charm.land/bubbles/v2/list@v2.2.1 charm.land/bubbletea/v2@v2.1.1 2>/dev/null
go run .
