#!/usr/bin/env bash
# What: a whole .gz that is padded with zeros, as a tape or a block device leaves it, is called cut by klauspost/compress and klauspost/pgzip where there is one zero, and damaged where there are more; gzip takes both.
# Version: github.com/klauspost/compress v1.20.4, github.com/klauspost/pgzip v1.2.6
# Date: 2026-11-28
#
# By its manual gzip takes zeros behind a file for padding. The two readers hand all the data out and have
# held them against the checksum by then; the error comes after that, so that io.Copy and io.ReadAll
# call a good backup a bad one. For one zero it is io.ErrUnexpectedEOF, the very error of a download that
# broke off. Multistream(false) ends at the trailer and leaves the rest to the caller.
#
# Seen:
#   gzip -t: whole ok, one zero ok, a block of zeros ok
#   klauspost/compress: whole "orders" <nil>
#   klauspost/compress: one zero "orders" unexpected EOF
#   klauspost/compress: a block of zeros "orders" gzip: invalid header
#   klauspost/compress, one member at a time: a block of zeros "orders" <nil>
#   klauspost/pgzip: whole "orders" <nil>
#   klauspost/pgzip: one zero "orders" unexpected EOF
#   klauspost/pgzip: a block of zeros "orders" gzip: invalid header
set -euo pipefail
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
cd "$tmp"
export GOFLAGS=-mod=mod GOPATH=$tmp/go

printf orders | gzip -n >whole
cp whole "one zero" && truncate -s +1 "one zero"
cp whole "a block of zeros" && truncate -s 4096 "a block of zeros"

cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/pgzip"
)

func main() {
	say := func(who string, open func(io.Reader) (io.Reader, error), names ...string) {
		for _, name := range names {
			file, err := os.ReadFile(name)
			if err != nil {
				panic(err)
			}
			r, err := open(bytes.NewReader(file))
			if err != nil {
				panic(err)
			}
			data, err := io.ReadAll(r)
			fmt.Printf("%s: %s %q %v\n", who, name, data, err)
		}
	}
	all := []string{"whole", "one zero", "a block of zeros"}
	say("klauspost/compress", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }, all...)
	say("klauspost/compress, one member at a time", func(r io.Reader) (io.Reader, error) {
		z, err := gzip.NewReader(r)
		if err == nil {
			z.Multistream(false)
		}
		return z, err
	}, all[2])
	say("klauspost/pgzip", func(r io.Reader) (io.Reader, error) { return pgzip.NewReader(r) }, all...)
}
GO
go mod init padded 2>/dev/null
go get github.com/klauspost/compress@v1.20.4 github.com/klauspost/pgzip@v1.2.6 2>/dev/null

{
  line="gzip -t:"
  for f in whole "one zero" "a block of zeros"; do
    gzip -t <"$f" && line+=" $f ok,"
  done
  echo "${line%,}"
  go run .
} | tee seen

diff seen - <<'WANT'
gzip -t: whole ok, one zero ok, a block of zeros ok
klauspost/compress: whole "orders" <nil>
klauspost/compress: one zero "orders" unexpected EOF
klauspost/compress: a block of zeros "orders" gzip: invalid header
klauspost/compress, one member at a time: a block of zeros "orders" <nil>
klauspost/pgzip: whole "orders" <nil>
klauspost/pgzip: one zero "orders" unexpected EOF
klauspost/pgzip: a block of zeros "orders" gzip: invalid header
WANT
