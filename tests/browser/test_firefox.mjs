// SPDX-License-Identifier: Apache-2.0
// The client's package in Firefox ESR with a real agent: it signs, and says why it can't connect. The user is a pinentry that follows a script.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createListener } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Firefox } from "./marionette.mjs";
import { ScriptedAgent } from "./scripted_agent.mjs";

const { IMZA_PAGE, IMZA_WORK } = process.env;
const folder = mkdtempSync(join(IMZA_WORK, "firefox-test-"));
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

let servers;
let firefox;
let agent;
let port;

/** What the page's server sends; a test may change it for itself. */
let policy;
let demoPolicy;

/** A page that loads the client's package, under the policy of the demo page unless a test has set another. */
async function servePage() {
  const server = createServer((request, response) => {
    const library = /^\/client\/((?:index|chunk-\w+)\.js)$/.exec(request.url)?.[1];
    const path = library ? `../../web-demo/client/dist/${library}` : { "/page.js": "firefox_page.js" }[request.url];
    const body = path ? readFileSync(file(path)) : '<!doctype html><title>Portal</title><script type="module" src="/page.js"></script>';
    response.writeHead(200, { "Content-Type": path ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8", "Content-Security-Policy": policy });
    response.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const origin = (server, host = "127.0.0.1") => `http://${host}:${server.address().port}`;

/** Ports that nobody listens on, below those that the system gives to outgoing connections. */
async function idlePorts(count) {
  const found = [];
  for (let candidate = 20070; found.length < count; candidate++) {
    const listener = createListener().listen(candidate, "127.0.0.1");
    const taken = await Promise.race([once(listener, "listening").then(() => false), once(listener, "error").then(() => true)]);
    if (taken) continue;
    found.push(candidate);
    listener.close();
    await once(listener, "close");
  }
  return found;
}

/** The user's answer in the browser's own prompt, button or secondaryButton, once the client has told that there is one (after half a second). */
async function answerPrompt(button) {
  const end = Date.now() + 10_000;
  const look = (click) => firefox.runChrome(`const [name, click] = arguments;
    const prompt = document.querySelector("#notification-popup popupnotification");
    if (click) prompt?.[name].click();
    return Boolean(prompt);`, button, click);
  for (; !(await look(false)); await sleep(50)) if (Date.now() > end) throw new Error("no prompt came");
  await sleep(1500);
  for (; await look(true); await sleep(100)) if (Date.now() > end) throw new Error("the prompt took no answer");
}

/** The demo page's policy with these sources for connect-src. */
const policyFor = (...sources) => demoPolicy.replace(/connect-src [^;]*/, ["connect-src", ...sources].join(" "));

before(async () => {
  demoPolicy = (await fetch(IMZA_PAGE)).headers.get("content-security-policy");
  servers = [await servePage(), await servePage()];
  agent = await ScriptedAgent.start(folder, [origin(servers[0]), origin(servers[1], "portal.example"), IMZA_PAGE]);
  port = agent.port;
  firefox = await Firefox.start(folder, {
    "network.dns.localDomains": "portal.example",
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
    "dom.securecontext.allowlist": "portal.example",
    "pdfjs.disabled": true, // else a form that was saved opens a tab of its own, before the page that the browser has a question for
  });
});

beforeEach(() => { policy = demoPolicy; });

after(async () => {
  await firefox?.stop();
  servers?.forEach((server) => {
    server.closeAllConnections();
    server.close();
  });
  await agent?.stop();
});

test("Firefox: a page connects, gets leave, has a document signed and receives it", { timeout: 30_000 }, async () => {
  await firefox.goto(origin(servers[0]));
  const text = "Çok önemli bir dilekçe: ğüşiöç\n".repeat(5000); // more than one frame each way
  const { grant, steps, size, content, open } = await firefox.callPage("signDocument", { ports: [port] }, text);
  assert.ok(["once", "always"].includes(grant), grant);
  assert.ok(steps.includes("consent") && steps.includes("signing"), `steps: ${steps}`);
  assert.equal(open, false);
  const signed = Buffer.from(content, "base64");
  assert.equal(signed.length, size);
  writeFileSync(join(folder, "signed.p7m"), signed);
  const verify = ["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", join(folder, "signed.p7m")];
  const inside = execFileSync("openssl", verify, { stdio: ["ignore", "pipe", "ignore"] });
  assert.equal(inside.toString(), text);
});

test("Firefox: without an agent the page knows within 2.5 s, however often it asks", { timeout: 30_000 }, async () => {
  const ports = await idlePorts(10);
  policy = policyFor("'self'", ...ports.map((one) => `ws://127.0.0.1:${one}`));
  await firefox.goto(origin(servers[0]));
  for (let i = 0; i < 5; i++) { // Firefox holds back a port that has just failed
    const { reason, ms } = await firefox.callPage("tryConnect", { ports });
    assert.equal(reason, "not_running");
    assert.ok(ms < 2500, `took ${ms} ms`);
  }
});

test("Firefox: a page whose policy forbids the agent is told so", { timeout: 30_000 }, async () => {
  policy = policyFor("'self'");
  await firefox.goto(origin(servers[0]));
  const { reason, name, ms } = await firefox.callPage("tryConnect", { ports: [port] });
  assert.deepEqual([reason, name], ["blocked_by_csp", "ConnectionError"]);
  assert.ok(ms < 2500, `took ${ms} ms`);
});

/** A page that the browser takes for one of the Internet, and what the user has settled for it. The client takes loopback addresses for ungated. */
async function publicPage() {
  const portal = origin(servers[1], "portal.example");
  await firefox.runChrome(`const [override] = arguments;
    Services.prefs.setBoolPref("network.lna.websocket.enabled", true);
    Services.prefs.setStringPref("network.lna.address_space.public.override", override);`, `127.0.0.1:${new URL(portal).port}`);
  const settle = (action) => firefox.runChrome(`const [origin, action] = arguments;
    const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin(origin);
    Services.perms.addFromPrincipal(principal, "loopback-network", Services.perms[action]);`, portal, action);
  return { portal, settle };
}

test("Firefox: a public page that the user keeps from this machine is told so, and connects once allowed", { timeout: 30_000 }, async () => {
  const { portal, settle } = await publicPage();
  await settle("DENY_ACTION");
  await firefox.goto(portal);
  assert.deepEqual(await firefox.callPage("openPlain", port), { state: "denied", end: 1006 });
  assert.equal((await firefox.callPage("tryConnect", { ports: [port] })).reason, "permission_denied");

  await settle("ALLOW_ACTION");
  await firefox.goto(portal);
  assert.deepEqual(await firefox.callPage("openPlain", port), { state: "granted", end: "open" });
  assert.equal((await firefox.callPage("tryConnect", { ports: [port] })).reason, "connected");
});

test("Firefox: the client waits for the browser's prompt, and goes by its answer", { timeout: 30_000 }, async () => {
  const { portal, settle } = await publicPage();
  for (const [button, expected] of [["secondaryButton", "permission_denied"], ["button", "connected"]]) {
    await settle("UNKNOWN_ACTION");
    await firefox.runChrome("SitePermissions.clearTemporaryBlockPermissions(gBrowser.selectedBrowser)"); // as when the user reloads the page
    await firefox.goto(portal);
    const connecting = firefox.callPage("tryConnect", { ports: [port] });
    await answerPrompt(button);
    const { reason, asked } = await connecting;
    assert.deepEqual([reason, asked], [expected, true]);
  }
});

test("Firefox: the demo page has a form filled in, signed and verified", { timeout: 60_000 }, async () => {
  await firefox.goto(IMZA_PAGE);
  const click = (selector) => firefox.runPage(`const [selector] = args, end = Date.now() + 14_000;
    for (;;) {
      const found = document.querySelector(selector);
      if (found && !found.disabled && found.checkVisibility()) return found.click();
      if (Date.now() > end) throw new Error(selector + ": " + document.querySelector("main").innerText.slice(-2000));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }`, selector);
  await firefox.runPage("localStorage.setItem('imza-agent.port', args[0])", String(port));
  await firefox.goto(IMZA_PAGE);
  for (const selector of ["#find", "#access", ".certificate"]) await click(selector);
  await firefox.runPage(`const end = Date.now() + 14_000;
    let select;
    while (!(select = document.querySelector("#form-choice option[value=replacement]")?.closest("select"))) {
      if (Date.now() > end) throw new Error("no choice of forms");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    select.value = "replacement";
    select.dispatchEvent(new Event("change"));`);
  for (const selector of ["#sample", "[data-status=done] #step-4", "#sign", "#result a[download]", "#verify-own", "#verification .verdict"]) await click(selector);
  assert.match(await firefox.runPage("return document.getElementById('verification').innerText"), /Çağla Şule Öğüt[^]*dosyanın tamamı/);
});
