// SPDX-License-Identifier: Apache-2.0
// A small portal: sends a form to be signed, takes it back, checks it, keeps it.  node server.mjs [PORT [DATABASE]]
// IMZA_PROGRAM, IMZA_CONFIG: the verifier, imza-agent, and its settings; IMZA_AUTHORITIES: a PEM file of the authorities that count.
// IMZA_MANIFEST_KEY: a PEM file with an Ed25519 private key (openssl genpkey -algorithm ed25519); with it the portal confirms what its page has signed.
import { createPrivateKey } from "node:crypto";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { makeManifest, manifestSetting } from "./manifest.mjs";
import { reasons, Refusal } from "./refusal.mjs";
import { receive } from "./receive.mjs";
import { statusPage } from "./status_page.mjs";
import { Store } from "./store.mjs";

const FORM = "card-reader-request";
const RECEIPT = { bank: "Örnek Bankası A.Ş.", amount: 150, number: "2026/118-4", scanAttached: true }; // yours: what the person fills in
const MOST = 20 << 20; // bytes of a signed form
const person = "10000000146"; // who is logged in: yours comes from the session
const { IMZA_PROGRAM = "imza-agent", IMZA_CONFIG, IMZA_AUTHORITIES, IMZA_MANIFEST_KEY } = process.env;
const agents = Array.from({ length: 10 }, (_, index) => `ws://127.0.0.1:${15070 + index}`).join(" ");
const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${agents}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const read = (path) => readFile(new URL(path, import.meta.url));
const json = async (path) => JSON.parse(await read(path));
const manifestKey = IMZA_MANIFEST_KEY && createPrivateKey(await readFile(IMZA_MANIFEST_KEY));
const form = await json(`../../proto/forms/${FORM}/form.json`);
const store = new Store(process.argv[3] ?? ":memory:");
const options = {
  agent: [IMZA_PROGRAM, ...(IMZA_CONFIG ? ["--config", IMZA_CONFIG] : [])],
  authorities: IMZA_AUTHORITIES ? await readFile(IMZA_AUTHORITIES, "utf8") : "",
  forms: { [FORM]: { layout: await json(`../../proto/forms/${FORM}/layout.json`), texts: await json(`../../proto/forms/${FORM}/texts.json`) } },
};

const server = createServer(async (request, response) => {
  const send = (status, type, body) => response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" }).end(body);
  const tell = (status, value) => send(status, "application/json", JSON.stringify(value));
  try {
    const { pathname } = new URL(request.url, "http://portal");
    const number = /^\/applications\/([0-9a-f-]{36})$/.exec(pathname)?.[1];
    if (request.method === "POST") {
      if (request.headers.origin !== `http://${request.headers.host}`) return tell(403, { error: "another site's page" });
      if (pathname === "/applications") {
        const { quantity, receipt } = JSON.parse(await bodyOf(request));
        if (receipt !== undefined && !/^[0-9a-f]{64}$/.test(receipt)) return tell(400, { error: "no SHA-256" });
        const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Istanbul" }).format(new Date());
        const paid = receipt && { payment: { way: "bank" }, receipt: { ...RECEIPT, date: today } };
        const application = store.open(person, FORM, { ...(await json("application.json")), applicationDate: today, quantity, ...paid },
          receipt ? [{ id: "bank-receipt", sha256: receipt }] : []);
        return tell(201, { ...application, manifest: manifestKey && makeManifest(manifestKey, ownOrigin(), { ...form, id: FORM }, application) });
      }
      const application = number && store.find(number, person);
      if (!application) return tell(404, { error: "no such application" });
      if (application.state === "verified") return tell(409, { error: "received before" });
      await receive(await bodyOf(request), application, store, options);
      const { state, reason, detail } = store.find(number, person);
      return tell(200, { state, reason, detail, text: reasons[reason] });
    }
    if (pathname === "/applications") return send(200, "text/html; charset=utf-8", statusPage(store.list(person)));
    const library = /^\/client\/((?:index|chunk-\w+)\.js)$/.exec(pathname)?.[1];
    const file = library ? `../client/dist/${library}` : { "/": "index.html", "/portal.js": "portal.js", "/portal.css": "portal.css" }[pathname];
    if (!file) return send(404, "text/plain", "not found\n");
    const type = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript" }[file.split(".").pop()];
    send(200, type, await read(file));
  } catch (error) {
    if (error instanceof Refusal) return tell(409, { error: error.reason, text: reasons[error.reason] });
    console.error(error);
    tell(error.status ?? 500, { error: error.status ? error.message : "internal" });
  }
});

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    if ((size += chunk.length) > MOST) throw Object.assign(new Error("too large"), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Never what a request says it is. */
const ownOrigin = () => `http://127.0.0.1:${server.address().port}`;

server.listen(Number(process.argv[2] ?? 8766), "127.0.0.1", () => {
  console.log(ownOrigin());
  if (manifestKey) console.log(manifestSetting(manifestKey, ownOrigin()));
});
