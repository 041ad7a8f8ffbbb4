// SPDX-License-Identifier: Apache-2.0
// `imza-agent tls` and real browsers: wss to the agent after a set-up in their user's home, none after its removal, no other name of that authority.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Firefox } from "./marionette.mjs";
import { launchAtHome, work } from "./rig.mjs";

const { IMZA_BUILD } = process.env;
const folder = mkdtempSync(join(work, "tls-test-"));
const home = join(folder, "home");
const program = join(IMZA_BUILD, "agent/imza-agent");
const environment = { ...process.env, HOME: home, XDG_STATE_HOME: join(folder, "state"), XDG_RUNTIME_DIR: join(folder, "run"), LANG: "en_US.UTF-8" };
delete environment.XDG_CONFIG_HOME;
delete environment.XDG_DATA_HOME;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const script = { "/client/index.js": "../../web-demo/client/dist/index.js", "/page.js": "firefox_page.js" };

let server;
let agent;
let port;
let browser;
let policy = "connect-src *";

const tls = (verb) => execFileSync(program, ["tls", verb], { env: environment, encoding: "utf8" });
const page = () => `http://127.0.0.1:${server.address().port}`;

before(async () => {
  mkdirSync(join(folder, "run"), { mode: 0o700 });
  // The profile that Firefox.start() takes, as the profiles.ini of this home names it.
  mkdirSync(join(home, ".mozilla/firefox"), { recursive: true });
  mkdirSync(join(home, "profile"));
  writeFileSync(join(home, ".mozilla/firefox/profiles.ini"), `[Profile0]\nName=test\nIsRelative=0\nPath=${join(home, "profile")}\nDefault=1\n`);
  server = createServer((request, response) => {
    const library = /^\/client\/chunk-\w+\.js$/.test(request.url) ? `../../web-demo/client/dist/${request.url.slice(8)}` : script[request.url];
    const body = library ? readFileSync(file(library)) : '<!doctype html><title>Portal</title><script type="module" src="/page.js"></script>';
    response.writeHead(200, { "Content-Type": library ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8", "Content-Security-Policy": policy });
    response.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  writeFileSync(join(folder, "agent.conf"), `developer-origin = ${page()}\npinentry = /bin/false\nconsent-window = never\n`, { mode: 0o600 });
  agent = spawn(program, ["--config", join(folder, "agent.conf")], { env: environment, stdio: ["ignore", "pipe", openSync(join(folder, "agent.log"), "a")] });
  const [line] = await Promise.race([once(agent.stdout, "data"), once(agent, "exit")]);
  port = Number(/^ready on port (\d+)/.exec(line)?.[1]);
  assert.ok(port, readFileSync(join(folder, "agent.log"), "utf8"));
});

afterEach(async () => {
  await (browser instanceof Firefox ? browser.stop() : browser?.close());
  browser = undefined;
});

after(async () => {
  server.closeAllConnections();
  server.close();
  if (agent?.exitCode === null) {
    agent.kill("SIGTERM");
    await once(agent, "exit");
  }
});

/** Both browsers: how each is started in the home, and calls a function of the page by its name. */
const browsers = {
  Chromium: async () => {
    browser = await launchAtHome(home);
    const tab = await browser.newPage();
    return {
      goto: (url) => tab.goto(url).then((answer) => String(answer.status()), (error) => error.message),
      ready: () => tab.waitForFunction(() => globalThis.tryConnect),
      call: (name, ...args) => tab.evaluate(([name, args]) => globalThis[name](...args), [name, args]),
    };
  },
  Firefox: async () => {
    browser = await Firefox.start(folder, { "network.lna.enabled": false }, home);
    return {
      goto: (url) => browser.goto(url).then(() => "200", (error) => error.message),
      ready: () => undefined,
      call: (name, ...args) => browser.callPage(name, ...args),
    };
  },
};

/** A server with one of the certificates that the forge made. */
async function serve(name) {
  const pem = readFileSync(join(folder, name));
  const listener = createTlsServer({ cert: pem, key: pem }, (_, response) => response.end("here")).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return listener;
}

for (const [name, start] of Object.entries(browsers)) {
  test(`${name}: wss to the agent from set-up to removal; plain ws all the time`, { timeout: 60_000 }, async () => {
    const outcome = async (scheme) => {
      const tab = await start();
      await tab.goto(page());
      await tab.ready();
      const { reason } = await tab.call("tryConnect", { ports: [port], scheme });
      const plain = await tab.call("tryConnect", { ports: [port], scheme: "ws" });
      assert.equal(plain.reason, "connected");
      await (browser instanceof Firefox ? browser.stop() : browser.close());
      return reason;
    };
    assert.match(tls("setup"), /TLS is set up/);
    assert.equal(await outcome("wss"), "connected");
    assert.match(tls("remove"), /removed/);
    assert.notEqual(await outcome("wss"), "connected");
  });

  test(`${name}: a leaf for another name of an authority like ours is refused`, { timeout: 60_000 }, async () => {
    tls("setup"); // makes the stores
    execFileSync(join(IMZA_BUILD, "tests/fakes/forge"), [folder, "1"]);
    for (const store of [join(home, ".pki/nssdb"), join(home, "profile")]) {
      execFileSync("certutil", ["-A", "-d", `sql:${store}`, "-n", "forge", "-t", "C,,", "-i", join(folder, "authority.pem")]);
    }
    const [good, bad] = await Promise.all(["server.pem", "forged.pem"].map(serve));
    try {
      const tab = await start();
      assert.equal(await tab.goto(`https://127.0.0.1:${good.address().port}/`), "200");
      const refusal = await tab.goto(`https://127.0.0.1:${bad.address().port}/`);
      assert.match(refusal, /ERR_CERT_INVALID|nssFailure|insecure|certerror|about:neterror/i);
    } finally {
      for (const one of [good, bad]) {
        one.closeAllConnections();
        one.close();
      }
      for (const store of [join(home, ".pki/nssdb"), join(home, "profile")]) execFileSync("certutil", ["-D", "-d", `sql:${store}`, "-n", "forge"]);
      tls("remove");
    }
  });
}

test("Firefox: a portal that upgrades insecure requests reaches the agent, once TLS is set up", { timeout: 60_000 }, async () => {
  policy = "upgrade-insecure-requests";
  try {
    tls("setup");
    const tab = await browsers.Firefox();
    await tab.goto(page());
    assert.equal((await tab.call("tryConnect", { ports: [port] })).reason, "connected");
    tls("remove");
  } finally {
    policy = "connect-src *";
  }
});
