// SPDX-License-Identifier: Apache-2.0
// The smallest portal that signs a form: node server.mjs [PORT]. It serves this folder's page and the client's package, nothing else.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";

const agents = Array.from({ length: 10 }, (_, index) => `ws://127.0.0.1:${15070 + index}`).join(" ");
const policy = `default-src 'none'; script-src 'self'; connect-src 'self' ${agents}; img-src data:; base-uri 'none'; frame-ancestors 'none'`;

const server = createServer(async ({ url }, response) => {
  const library = /^\/client\/((?:index|chunk-\w+)\.js)$/.exec(url)?.[1];
  const file = library ? `../client/dist/${library}` : { "/": "index.html", "/portal.js": "portal.js" }[url];
  const body = file && (await readFile(new URL(file, import.meta.url)).catch(() => undefined));
  const type = file?.endsWith(".html") ? "text/html; charset=utf-8" : "text/javascript; charset=utf-8";
  response.writeHead(body ? 200 : 404, { "Content-Type": body ? type : "text/plain", "Content-Security-Policy": policy });
  response.end(body ?? "not found\n");
});
server.listen(Number(process.argv[2] ?? 8766), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
