#!/usr/bin/env bash
# What: when a connection breaks after the server has read a POST, mongodb-atlas-api-client sends the POST again by itself, so that one call may start two restores.
# Version: npm mongodb-atlas-api-client 4.19.0 with urllib 4.9.2
# Date: 2026-11-28
#
# The client leaves all requests to urllib, and urllib makes a request once more after a socket
# error (its option socketErrorRetry is 1) whatever the method is. Neither the client's README
# nor its types say so. Atlas's restore jobs have no key by which a repeat could be known, and the
# second target is the first one: it is erased again. The caller sees one success, with the id of
# the second job; that there is a first one is told nowhere.
#
# The server below does what a balancer does that restarts: it takes the first job in and closes the
# connection without an answer.
#
# Seen:
#   POST 1: automated onto orders-stage: job 1 taken in, connection closed
#   POST 2: automated onto orders-stage: job 2 taken in, answered (x-urllib-retry-on-socket-error: 1/1)
#   the one call resolved with {"id":"2"}
#   with socketErrorRetry 0: 1 POST, and the call failed: other side closed
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts mongodb-atlas-api-client@4.19.0 urllib@4.9.2

cat >try.js <<'JS'
const http = require("node:http");
const atlas = require("mongodb-atlas-api-client");

// One world per try: digest authentication as Atlas has it, and the first job's answer is lost.
async function attempt(httpOptions) {
  const jobs = [];
  const server = http.createServer((req, res) => {
    if (!req.headers.authorization) {
      req.resume();
      res.writeHead(401, {"WWW-Authenticate": 'Digest realm="MMS Public API", nonce="abc", qop="auth", algorithm=MD5'});
      return res.end();
    }
    let body = "";
    req.on("data", d => { body += d; });
    req.on("end", () => {
      const job = JSON.parse(body);
      const id = String(jobs.push(job));
      const what = `${req.method} ${id}: ${job.deliveryType} onto ${job.targetClusterName}: job ${id} taken in`;
      if (id === "1") {
        console.log(`${what}, connection closed`);
        return req.socket.destroy();
      }
      console.log(`${what}, answered (x-urllib-retry-on-socket-error: ${req.headers["x-urllib-retry-on-socket-error"]})`);
      res.writeHead(200, {"Content-Type": "application/json"});
      res.end(JSON.stringify({id}));
    });
  });
  await new Promise(done => server.listen(0, "127.0.0.1", done));
  const {cloudBackup} = atlas({
    publicKey: "public", privateKey: "private", projectId: "p",
    baseUrl: `http://127.0.0.1:${server.address().port}`
  });
  const order = {deliveryType: "automated", snapshotId: "s", targetClusterName: "orders-stage", targetGroupId: "p"};
  let answer, failure;
  try {
    answer = await cloudBackup.createSnapshotRestoreJob("orders", order, httpOptions && {httpOptions});
  } catch (e) {
    failure = e.message;
  }
  server.close();
  server.closeAllConnections();
  return {posts: jobs.length, answer, failure};
}

(async () => {
  const plain = await attempt();
  console.log("the one call resolved with", JSON.stringify(plain.answer));
  // The options of a call replace those that it makes itself, so that all must be said.
  const once = await attempt({socketErrorRetry: 0});
  console.log(`with socketErrorRetry 0: ${once.posts} POST, and the call failed: ${once.failure}`);
  process.exit(plain.posts === 2 && plain.answer?.id === "2" && once.posts === 1 && once.failure ? 0 : 1);
})();
JS
node try.js || { echo "that has changed" && exit 1; }
