#!/usr/bin/env bash
# What: WiredTiger refuses files that the user may read and write but does not own: it opens them with O_NOATIME, which Linux grants to the owner alone.
# Version: wiredtiger 3.2.1-1 (Debian 12)
# Date: 2026-11-28
#
# A data directory that one user has unpacked (a snapshot's archive, say) and opened up for another by
# mode, by group or by an access list cannot be opened by that other. The message is that of a missing
# permission, and names a file whose mode grants all. What helps is chown, or a copy, which belongs
# to who makes it; chmod never does. Seen, as the user nobody:
#   reads and writes every file of the directory (mode 0666): yes
#   wt dump table:orders: data/WiredTiger.wt: handle-open: open: Operation not permitted
#   dd reads that file: yes
#   dd iflag=noatime reads it: dd: failed to open 'data/WiredTiger.wt': Operation not permitted
#   wt dump of a copy that nobody has made: 2 orders
set -euo pipefail
((EUID == 0)) || { echo "two users are needed: run it as root" && exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
umask 022
chmod 755 .

# Debian's package is unpacked and not installed, together with what of its needs is not there.
mkdir -p lists/partial cache/archives/partial root
apt=(-qq -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update
apt-get "${apt[@]}" --no-install-recommends --reinstall --download-only -y install wiredtiger=3.2.1-1
for deb in cache/archives/*.deb; do dpkg-deb -x "$deb" root; done
libs=$(dirname "$(find root -name 'libwiredtiger.so.*' | head -n 1)")
export LD_LIBRARY_PATH=$tmp/$libs
wt() { root/usr/bin/wt "$@"; }
nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }

mkdir -m 777 data copy
wt -h data create -c key_format=S,value_format=S table:orders
wt -h data write table:orders 1 first 2 second
chmod 666 data/*

ok=1
file=data/WiredTiger.wt
may=yes
for f in data/*; do nobody bash -c 'cat "$1" >/dev/null && : >>"$1"' - "$f" || may=no; done
echo "reads and writes every file of the directory (mode 0666): $may"
[[ $may == yes ]] || ok=

refused=$(nobody root/usr/bin/wt -h data dump table:orders 2>&1 >/dev/null) && ok=
refused=$(grep -o 'data/.*' <<<"$refused")
echo "wt dump table:orders: $refused"
[[ $refused == "$file: handle-open: open: Operation not permitted" ]] || ok=

nobody dd if=$file of=/dev/null status=none && echo "dd reads that file: yes" || ok=
refused=$(LC_ALL=C nobody dd if=$file of=/dev/null iflag=noatime status=none 2>&1) && ok=
echo "dd iflag=noatime reads it: $refused"

nobody cp -r data/. copy/
orders=$(nobody root/usr/bin/wt -h copy dump table:orders | sed '1,/^Data$/d' | wc -l)
echo "wt dump of a copy that nobody has made: $((orders / 2)) orders"
((orders == 4)) || ok=

[[ $ok ]] || { echo "that has changed" && exit 1; }
