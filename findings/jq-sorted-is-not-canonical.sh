#!/usr/bin/env bash
# What: jq -cS looks like canonical JSON (RFC 8785) and is not: it escapes the letter DEL, and it sorts the names of members by code points where the RFC sorts by UTF-16 units, so that a hash over one is not the hash over the other.
# Version: jq 1.8.1 (jq-wasm 1.1.0-jq-1.8.1), canonicalize 5.1.0
# Date: 2026-11-29
#
# For names and texts of ASCII letters and whole numbers the two agree byte for byte, which is why a hash that
# people check by jq | sha256sum seems to work. A description with a stray DEL in it, or two members of which one is named by an
# emoji, breaks it. Whoever lets others check a canonical hash by jq has to keep both out.
#
# Seen:
#   plain: {"a":"é","b":1} | {"a":"é","b":1}
#   DEL: {"a":"x\u007fy"} | {"a":"x<7f>y"}
#   order: {"<ff61>":2,"<1f600>":1} | {"<1f600>":1,"<ff61>":2}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jq-wasm@1.1.0-jq-1.8.1 canonicalize@5.1.0 >/dev/null 2>&1

cat >both.mjs <<'JS'
import { createRequire } from 'node:module';
import * as rfc8785 from 'canonicalize';
const jq = createRequire(import.meta.url)('jq-wasm');
const canonicalize = rfc8785.canonicalize ?? rfc8785.default;
const shown = (text) => text.trim().replace(/[\x7f\uff61]|[\u{10000}-\u{10ffff}]/gu, (c) => `<${c.codePointAt(0).toString(16)}>`);
const documents = {
  plain: { b: 1, a: 'é' },
  DEL: { a: 'x\u007fy' },
  order: { '\u{1f600}': 1, '\uff61': 2 },
};
for (const [name, document] of Object.entries(documents)) {
  const { stdout } = await jq.raw(document, '.', ['-cS']);
  console.log(`${name}: ${shown(stdout)} | ${shown(canonicalize(document))}`);
}
JS

node both.mjs | tee seen

diff seen - <<'WANT'
plain: {"a":"é","b":1} | {"a":"é","b":1}
DEL: {"a":"x\u007fy"} | {"a":"x<7f>y"}
order: {"<ff61>":2,"<1f600>":1} | {"<1f600>":1,"<ff61>":2}
WANT
