// SPDX-License-Identifier: Apache-2.0
// The page's server: what it gives, what it does not, and under which policy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../serve.mjs", import.meta.url));
let server;
let port;

const start = (argument) => {
  const child = spawn(process.execPath, [script, argument]);
  return { child, line: new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data).trim()))) };
};
const get = (path, method = "GET") => new Promise((resolve, reject) => {
  const call = request({ host: "127.0.0.1", port, path, method }, (response) => {
    let body = "";
    response.on("data", (data) => (body += data)).on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
  });
  call.on("error", reject).end();
});

before(async () => {
  server = start("0");
  port = new URL(await server.line).port;
});
after(() => server.child.kill());

test("gives the page's files with their types", async () => {
  for (const [path, type] of [["/", "text/html"], ["/app.js", "text/javascript"], ["/style.css", "text/css"], ["/icon.svg", "image/svg+xml"], ["/samples.json", "application/json"]]) {
    const { status, headers } = await get(path);
    assert.equal(status, 200, path);
    assert.ok(headers["content-type"].startsWith(type), path);
    assert.equal(headers["x-content-type-options"], "nosniff");
  }
});

test("the policy names the agent's ten ports and nothing wider", async () => {
  const { headers } = await get("/");
  const policy = new Map(headers["content-security-policy"].split("; ").map((part) => [part.split(" ")[0], part.split(" ").slice(1)]));
  assert.deepEqual(policy.get("default-src"), ["'none'"]);
  assert.deepEqual(policy.get("script-src"), ["'self'"]);
  assert.deepEqual(policy.get("connect-src"), ["'self'", ...Array.from({ length: 10 }, (_, index) => `ws://127.0.0.1:${15070 + index}`)]);
  assert.ok(!headers["content-security-policy"].includes("unsafe"));
});

test("the page has no inline script or style", async () => {
  const { body } = await get("/");
  assert.doesNotMatch(body, /<style|style=|<script(?![^>]*src=)|\son\w+=/);
});

for (const path of ["/package.json", "/../package.json", "/..%2fserve.mjs", "/app.js/", "//etc/passwd", "/index.html"]) {
  test(`does not give ${path}`, async () => assert.equal((await get(path)).status, 404));
}

test("takes no other method", async () => {
  assert.equal((await get("/", "POST")).status, 405);
});

test("HEAD has the length and no body", async () => {
  const { headers, body } = await get("/", "HEAD");
  assert.ok(Number(headers["content-length"]) > 100);
  assert.equal(body, "");
});

test("says that a port is taken", async () => {
  const second = spawn(process.execPath, [script, String(port)]);
  assert.equal(await new Promise((resolve) => second.once("exit", resolve)), 1);
});

test("ends on SIGTERM", async () => {
  const other = start("0");
  await other.line;
  other.child.kill("SIGTERM");
  assert.equal(await new Promise((resolve) => other.child.once("exit", resolve)), 0);
});
