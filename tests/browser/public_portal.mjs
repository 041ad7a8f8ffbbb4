// SPDX-License-Identifier: Apache-2.0
// A portal over https under any name: node public_portal.mjs KEY CERT; prints its port.
// "/" has the client; "/frame?src=URL&allow=WORDS" frames another page, and with "&forbid" sends a Permissions-Policy against it.
import { createServer } from "node:https";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const html = (text) => text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);

async function body({ pathname, searchParams }) {
  const library = /^\/client\/((?:index|chunk-\w+)\.js)$/.exec(pathname)?.[1];
  if (library) return ["text/javascript", await readFile(new URL(`../../web-demo/client/dist/${library}`, import.meta.url))];
  if (pathname === "/") return ["text/html", `<!doctype html><title>portal</title><script type="module" src="portal.js"></script>`];
  if (pathname === "/portal.js") return ["text/javascript", `import { AgentClient } from "./client/index.js"; globalThis.AgentClient = AgentClient;`];
  if (pathname !== "/frame") throw new Error("no such page");
  const [src, allow] = ["src", "allow"].map((name) => html(searchParams.get(name) ?? ""));
  return ["text/html", `<!doctype html><title>frame</title><iframe src="${src}" allow="${allow}"></iframe>`];
}

const server = createServer({ key, cert }, async ({ url }, response) => {
  try {
    const address = new URL(url, "https://portal.example");
    const [type, content] = await body(address);
    if (address.searchParams.has("forbid")) response.setHeader("Permissions-Policy", "loopback-network=()");
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
