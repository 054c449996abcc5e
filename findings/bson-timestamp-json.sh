#!/usr/bin/env bash
# What: JSON.stringify of an oplog timestamp from js-bson looks like Extended JSON and is none: js-bson's own EJSON.parse refuses it, since both halves are one number in it.
# Version: npm bson 7.3.4
# Date: 2026-11-28
#
# A Decimal128 that went through JSON.stringify comes back as what it was, and most other types lose
# their $ names, so that one sees what happened. A Timestamp keeps the name, $timestamp, with a string
# under it where the format has t and i. Nothing is lost, but no reader of the format takes it: the
# number's upper 32 bits are the second, the lower ones the increment. A script that keeps a point in
# time to restore to must write it with EJSON.stringify. Seen for second 1795442579, increment 1:
#   EJSON.stringify: {"ts":{"$timestamp":{"t":1795442579,"i":1}}}
#   JSON.stringify:  {"ts":{"$timestamp":"7711367158650896385"}}
#   EJSON.parse of the latter: Timestamp constructed from { t, i } must provide t as a number
#   its halves: 1795442579:1
#   JSON.stringify of a Decimal128: {"d":{"$numberDecimal":"1.5"}}, read back as Decimal128
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bson@7.3.4

cat >try.mjs <<'JS'
import {Decimal128, EJSON, Timestamp} from "bson";

const ts = new Timestamp({t: 1795442579, i: 1});
console.log("EJSON.stringify:", EJSON.stringify({ts}));
const text = JSON.stringify({ts});
console.log("JSON.stringify: ", text);
let refused = "";
try {
  EJSON.parse(text);
} catch (e) {
  refused = e.message;
}
console.log("EJSON.parse of the latter:", refused || "no error");
const n = BigInt(JSON.parse(text).ts.$timestamp);
const halves = `${n >> 32n}:${n & 0xffffffffn}`;
console.log("its halves:", halves);
const decimal = JSON.stringify({d: Decimal128.fromString("1.5")});
const back = EJSON.parse(decimal).d._bsontype;
console.log(`JSON.stringify of a Decimal128: ${decimal}, read back as ${back}`);
process.exit(refused && halves === "1795442579:1" && back === "Decimal128" && EJSON.parse(EJSON.stringify({ts})).ts.equals(ts) ? 0 : 1);
JS
node try.mjs || { echo "that has changed" && exit 1; }
