#!/usr/bin/env bash
# What: in the accessible mode of huh the first field reads all that is piped in; each later one meets the end, which is no error: the form ends well with an empty answer that the field's own validation refuses.
# Version: charm.land/huh/v2 v2.0.3
# Date: 2026-11-28
#
# Every field has a reader with a buffer of its own, and what that has read beyond its line is gone with
# it. At a terminal, which gives one line at a time, nothing is seen of it. At the end of the input a
# field gives its value as it stands and validates nothing. So answers in a pipe reach the first
# question alone, and nothing tells that the others had none: the form's State, too, is the same as
# after a form in which all was answered. Seen for two inputs, both of which refuse the empty answer,
# and "orders-prod\norders-stage\n":
#   in one piece:           source "orders-prod", target "", error <nil>
#   one byte at each read:  source "orders-prod", target "orders-stage", error <nil>
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export GOPATH=$tmp/go GOFLAGS=-modcacherw

cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing/iotest"

	"charm.land/huh/v2"
)

func ask(how string, in io.Reader) (target string, good bool, state huh.FormState) {
	var source string
	filled := func(s string) error {
		if s == "" {
			return errors.New("it must not be empty")
		}
		return nil
	}
	form := huh.NewForm(huh.NewGroup(
		huh.NewInput().Title("source").Value(&source).Validate(filled),
		huh.NewInput().Title("target").Value(&target).Validate(filled),
	)).WithAccessible(true).WithInput(in).WithOutput(io.Discard)
	err := form.Run()
	state = form.State
	fmt.Printf("%-23s source %q, target %q, error %v\n", how, source, target, err)
	return target, err == nil, state
}

func main() {
	const answers = "orders-prod\norders-stage\n"
	lost, lostGood, lostState := ask("in one piece:", strings.NewReader(answers))
	had, hadGood, hadState := ask("one byte at each read:", iotest.OneByteReader(strings.NewReader(answers)))
	if lost != "" || !lostGood || had != "orders-stage" || !hadGood || lostState != hadState {
		fmt.Println("that has changed")
		os.Exit(1)
	}
}
GO
go mod init try 2>/dev/null
go get charm.land/huh/v2@v2.0.3 2>/dev/null
go run .
