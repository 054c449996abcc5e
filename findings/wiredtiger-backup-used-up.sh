#!/usr/bin/env bash
# What: a WiredTiger backup copy cannot be opened read-only, and the first tool that only lists it uses up its WiredTiger.backup and writes new metadata into the copy.
# Version: wiredtiger 3.2.1-1 (Debian 12)
# Date: 2026-11-28
#
# A backup has no WiredTiger.wt. The file WiredTiger.backup stands for it, until whoever opens the copy
# first makes the metadata of it and deletes it. So a look with `wt list`, which writes nothing that
# one would think of, leaves a directory other than the one that was copied and whose sums were taken.
# Opened with readonly=true, as one does to be careful, the copy is called a new database. Seen:
#   wt -C readonly=true list: Creating a new database is incompatible with read-only configuration: Invalid argument
#   wt list: colgroup:orders file:orders.wt table:orders
#   gone since then: WiredTiger.backup
#   new since then: WiredTiger.lock WiredTiger.turtle WiredTiger.wt WiredTigerLAS.wt
#   wt -C readonly=true list: table:orders
# So the careful way is a copy of the copy.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# Debian's package is unpacked and not installed, together with what of its needs is not there.
mkdir -p lists/partial cache/archives/partial root
apt=(-qq -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache" -o APT::Sandbox::User=root)
((EUID == 0)) || apt+=(-o Debug::NoLocking=1)
apt-get "${apt[@]}" update
apt-get "${apt[@]}" --no-install-recommends --reinstall --download-only -y install wiredtiger=3.2.1-1
for deb in cache/archives/*.deb; do dpkg-deb -x "$deb" root; done
libs=$(dirname "$(find root -name 'libwiredtiger.so.*' | head -n 1)")
export LD_LIBRARY_PATH=$tmp/$libs
wt() { root/usr/bin/wt "$@"; }

mkdir data backup
wt -h data create -c key_format=S,value_format=S table:orders
wt -h data write table:orders 1 first 2 second
wt -h data backup "$tmp/backup"

ok=1
# It leaves an empty lock file even so, which is none of this matter.
refused=$(wt -C readonly=true -h backup list 2>&1) && ok=
refused=${refused#*wiredtiger_open: }
refused=${refused%%$'\n'*}
echo "wt -C readonly=true list: ${refused#*: }"
[[ $refused == *"Creating a new database is incompatible with read-only configuration"* ]] || ok=
rm -f backup/WiredTiger.lock

ls backup | sort >before
echo "wt list: $(wt -h backup list | tr '\n' ' ')"
ls backup | sort >after
gone=$(comm -23 before after | tr '\n' ' ')
new=$(comm -13 before after | tr '\n' ' ')
echo "gone since then: $gone"
echo "new since then: $new"
[[ $gone == "WiredTiger.backup " && $new == *"WiredTiger.turtle WiredTiger.wt "* ]] || ok=

listed=$(wt -C readonly=true -h backup list | grep '^table:') || ok=
echo "wt -C readonly=true list: $listed"

[[ $ok ]] || { echo "that has changed" && exit 1; }
