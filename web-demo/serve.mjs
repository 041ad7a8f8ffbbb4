// SPDX-License-Identifier: Apache-2.0
// Serves the built demo page on loopback: node serve.mjs [PORT [FOLDER]], default 8765; FOLDER has the demo authority's revocation lists. Needs Node alone; ends on SIGTERM and SIGINT.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const files = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/app.js", ["app.js", "text/javascript; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/icon.svg", ["icon.svg", "image/svg+xml"]],
  ["/samples.json", ["samples.json", "application/json"]],
]);

// What a portal has to allow: the agent's ten ports, each by itself (a port of * would reach every program on the machine).
const agents = Array.from({ length: 10 }, (_, index) => `ws://127.0.0.1:${15070 + index}`).join(" ");
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", `connect-src 'self' ${agents}`,
  "frame-src blob:", "object-src blob:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
].join("; ");
const headers = {
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-cache",
};

const dist = fileURLToPath(new URL("dist/", import.meta.url));
const port = Number(process.argv[2] ?? 8765);
const lists = process.argv[3];
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error("usage: node serve.mjs [PORT [FOLDER]]");
  process.exit(2);
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = files.get(pathname);
  const reply = (status, type, body) => {
    response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return reply(405, "text/plain", "GET only\n");
  if (lists && /^\/(issuing|root)\.crl$/.test(pathname)) {
    try {
      return reply(200, "application/pkix-crl", await readFile(join(lists, pathname)));
    } catch {
      return reply(404, "text/plain", "not found\n");
    }
  }
  if (!file) return reply(404, "text/plain", "not found\n");
  try {
    reply(200, file[1], await readFile(dist + file[0]));
  } catch {
    reply(500, "text/plain", "the page is not built: npm ci && npm run build\n");
  }
});
server.on("error", (error) => {
  console.error(error.code === "EADDRINUSE" ? `port ${port} is taken: node serve.mjs ANOTHER-PORT` : error.message);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
}
