#!/usr/bin/env bash
# What: a Go program that merely imports Bubbles' textinput searches the whole PATH for clipboard programs before main begins, at every start, though it never pastes and prints only its version.
# Version: charm.land/bubbles/v2 v2.2.1 with github.com/atotto/clipboard v0.1.4, on Linux
# Date: 2026-11-29
#
# textinput pastes by way of the clipboard package, whose init looks up xclip, xsel, termux and
# clip.exe one after the other. The init runs in every process that links the package: for --version,
# for a completion behind TAB, and over a serial line. It costs a stat for each directory of PATH
# and each program, and grows with PATH; on a machine with a clipboard program it ends earlier.
# A program cannot put it off, as Go runs it before main.
#
# What init does is read here from the runtime's own trace of inits, in allocations, which no load
# of the machine changes. PATH holds empty directories.
#
# Seen:
#   PATH of   1 directories:    26 allocations in the init of github.com/atotto/clipboard
#   PATH of 400 directories:  6410
set -euo pipefail
[[ $(uname -s) == Linux ]] || { echo "this is of Linux: other systems have one clipboard" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
cd "$tmp"

cat >go.mod <<'MOD'
module try

go 1.25.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
)

var _ = textinput.New

func main() { fmt.Println("version 1") }
GO
go get charm.land/bubbles/v2/textinput@v2.2.1 github.com/atotto/clipboard@v0.1.4 >get.log 2>&1 || { cat get.log >&2; exit 2; }
CGO_ENABLED=0 go build -o try .

# allocations DIRECTORIES prints how much the init allocates with a PATH of so many.
allocations() {
  local path= i
  for ((i = 0; i < $1; i++)); do
    mkdir -p "dirs/$i"
    path+=${path:+:}$tmp/dirs/$i
  done
  env -i PATH="$path" GODEBUG=inittrace=1 ./try 2>&1 | awk '$2 == "github.com/atotto/clipboard" { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^allocs/) print $i }'
}

few=$(allocations 1)
many=$(allocations 400)
printf 'PATH of   1 directories: %5d allocations in the init of github.com/atotto/clipboard\n' "$few"
printf 'PATH of 400 directories: %5d\n' "$many"
((many > few + 400))
