#!/usr/bin/env bash
# What: a secret that go-keyring has stored, Python's keyring has replaced and go-keyring has deleted is not gone: the first one, long replaced, is read again.
# Version: github.com/zalando/go-keyring v0.2.8, python3-keyring 23.9.3-2, gnome-keyring 42.1-1+b2 (Debian 12)
# Date: 2026-11-28
#
# Both find a secret by service and username, so that each reads what the other has stored. But Python's
# adds application="Python keyring library" when it stores, and the Secret Service replaces an item only
# if it bears all attributes of the new one. So Python's secret comes to lie beside go-keyring's, under
# the same label. Readers get the one that was changed last, and nothing seems wrong, until that one is
# deleted. Who rolls a key of a program that keeps it by go-keyring, as the Atlas CLI does, with
# `keyring set`, and later has the program delete it, finds the first key in its place. Seen:
#   go-keyring stores "first": go-keyring reads "first", Python's keyring reads "first"
#   Python's keyring stores "second": go-keyring reads "second", Python's keyring reads "second"
#   go-keyring deletes it, no error: go-keyring reads "first", Python's keyring reads "first"
set -euo pipefail
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
cd "$tmp"
export GOPATH=$tmp/go GOFLAGS=-modcacherw

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/zalando/go-keyring"
)

func main() {
	var secret string
	var err error
	switch os.Args[1] {
	case "set":
		err = keyring.Set("atlascli_prod", "private_api_key", os.Args[2])
	case "get":
		secret, err = keyring.Get("atlascli_prod", "private_api_key")
	case "delete":
		err = keyring.Delete("atlascli_prod", "private_api_key")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(secret)
}
GO
go mod init try 2>/dev/null
go get github.com/zalando/go-keyring@v0.2.8 2>/dev/null
CGO_ENABLED=0 go build -o ring .

cat >ring.py <<'PY'
import sys
from keyring.backends.SecretService import Keyring

what = ("atlascli_prod", "private_api_key")
if sys.argv[1] == "set":
    Keyring().set_password(*what, sys.argv[2])
else:
    print(Keyring().get_password(*what), end="")
PY

# Debian's packages are unpacked and not installed, together with what of their needs is not there.
mkdir -p lists/partial cache/archives/partial root
apt=(-qq -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache" -o APT::Sandbox::User=root)
((EUID == 0)) || apt+=(-o Debug::NoLocking=1)
apt-get "${apt[@]}" update
apt-get "${apt[@]}" --no-install-recommends --reinstall --download-only -y install \
  gnome-keyring=42.1-1+b2 python3-keyring=23.9.3-2 python3-minimal dbus-daemon dbus-bin
for deb in cache/archives/*.deb; do dpkg-deb -x "$deb" root; done
libs=$(dirname "$(find root -name 'libgck-1.so.*' | head -n 1)")

# A home, a session bus and a keyring of their own: nobody's secrets are touched.
mkdir -m 700 home run
cat >session.sh <<'SH'
set -euo pipefail
printf 'a password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
for ((i = 0; i < 100; i++)); do
  dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true' && break
  sleep 0.1
done
both() {
  local go python
  go=$(./ring get) python=$(python3 ring.py get)
  echo "$1: go-keyring reads \"$go\", Python's keyring reads \"$python\""
  [[ $go == "$2" && $python == "$2" ]] || ok=
}
ok=1
./ring set first
both 'go-keyring stores "first"' first
sleep 1.1 # the keyring keeps the times of changes in whole seconds
python3 ring.py set second
both "Python's keyring stores \"second\"" second
./ring delete
both 'go-keyring deletes it, no error' first
[[ $ok ]] || { echo "that has changed" && exit 1; }
SH
env -i PATH="$tmp/root/usr/bin:/usr/bin:/bin" HOME="$tmp/home" XDG_RUNTIME_DIR="$tmp/run" \
  LD_LIBRARY_PATH="$tmp/$libs" PYTHONPATH="$tmp/root/usr/lib/python3/dist-packages" \
  dbus-run-session -- bash session.sh 2>session.log || { tail -n 20 session.log && exit 1; }
