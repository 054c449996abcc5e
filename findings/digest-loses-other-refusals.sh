#!/usr/bin/env bash
# What: with icholy/digest a 401 that asks for something else than digest comes back with a body that is already closed, so that the server's explanation is lost and the caller reports a read error in its place.
# Version: github.com/icholy/digest v1.2.0
# Date: 2026-11-28
#
# The transport empties and closes the body of every first 401, and only then looks for a digest
# challenge. If there is none, it hands that same answer on: status and headers are those of the
# server, and err is nil. A gateway before the API which says in JSON why it refuses (and names Bearer
# in WWW-Authenticate) is told as "read on closed response body". Who decodes errors into a type sees
# an empty one. With the default transport the text is there. Seen:
#   default transport: 401, length 43, body "{\"detail\":\"this network takes tokens only\"}", error <nil>
#   digest transport:  401, length 43, body "", error http: read on closed response body
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export GOPATH=$tmp/go GOFLAGS=-modcacherw

cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/icholy/digest"
)

const why = `{"detail":"this network takes tokens only"}`

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="gateway"`)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, why)
	}))
	defer server.Close()
	ask := func(name string, t http.RoundTripper) (string, error) {
		res, err := (&http.Client{Transport: t}).Get(server.URL)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(res.Body)
		fmt.Printf("%s %d, length %d, body %q, error %v\n", name, res.StatusCode, res.ContentLength, body, err)
		return string(body), err
	}
	plain, plainErr := ask("default transport:", http.DefaultTransport)
	lost, lostErr := ask("digest transport: ", &digest.Transport{Username: "public", Password: "private"})
	if plain != why || plainErr != nil || lost != "" || lostErr == nil {
		fmt.Println("that has changed")
		os.Exit(1)
	}
}
GO
go mod init try 2>/dev/null
go get github.com/icholy/digest@v1.2.0 2>/dev/null
go run .
