// SPDX-License-Identifier: Apache-2.0
// `imza-agent browser setup` and `remove` against real browsers: with the policy a public page connects unasked, without it the user is asked.
// The browsers see the policies in an /etc of their own: nothing of this machine is changed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Firefox } from "./marionette.mjs";
import { chromium, chromiumOptions, port, work } from "./rig.mjs";

const site = process.env.IMZA_PUBLIC;
const portal = `https://portal.example:${site}`;
const folder = mkdtempSync(join(work, "policy-"));
const skip = process.getuid() === 0 ? false : "takes root for a mount namespace";

/** A program that runs another one with the policies below folder laid over /etc. */
function wrapped(program) {
  const path = join(folder, program.split("/").pop());
  writeFileSync(path, `#!/bin/sh
exec unshare --mount sh -c 'mkdir -p "$0/etc" && mount -t overlay overlay -o "lowerdir=$0/etc:/etc" /etc && exec "$@"' '${folder}' ${program} "$@"
`);
  chmodSync(path, 0o755);
  return path;
}

const browser = (word) => {
  mkdirSync(join(folder, "etc/opt"), { recursive: true });
  const agent = join(process.env.IMZA_BUILD, "agent/imza-agent");
  return execFileSync(agent, ["--config", join(work, "agent.conf"), "browser", word, "--root", folder], { encoding: "utf8" });
};

const connect = `const [ports] = args;
  const { state } = await navigator.permissions.query({ name: "loopback-network" });
  try {
    const agent = await AgentClient.connect({ ports });
    const { grant } = await agent.agent.info();
    agent.close();
    return [state, grant];
  } catch (error) {
    return [state, error.reason];
  }`;

test("Chromium: the policy spares the user the question, and without it the question is back", { skip, timeout: 60_000 }, async () => {
  const flags = ["--ignore-certificate-errors", "--host-resolver-rules=MAP *.example 127.0.0.1", `--ip-address-space-overrides=127.0.0.1:${site}=public`];
  const outcome = async () => {
    const opened = await chromium.launch({ ...chromiumOptions(flags), executablePath: wrapped("/usr/bin/chromium") });
    try {
      const tab = await opened.newPage({ ignoreHTTPSErrors: true });
      await tab.goto(portal);
      await tab.waitForFunction(() => globalThis.AgentClient);
      return await tab.evaluate(`(async (...args) => { ${connect} })([${port}])`);
    } finally {
      await opened.close();
    }
  };
  assert.deepEqual(await outcome(), ["prompt", "permission_denied"]); // without a window nobody answers, which is a no
  browser("setup");
  assert.deepEqual(await outcome(), ["granted", "listed"]);
  browser("remove");
  assert.deepEqual(await outcome(), ["prompt", "permission_denied"]);
});

test("Firefox: the same, beside the institution's own policies", { skip, timeout: 90_000 }, async () => {
  const prefs = {
    "network.dns.localDomains": "portal.example", "network.trr.mode": 5, "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false, "network.lna.websocket.enabled": true,
    "network.lna.address_space.public.override": `127.0.0.1:${site}`,
  };
  const institution = '{"policies": {"DisableTelemetry": true}}';
  mkdirSync(join(folder, "etc/firefox/policies"), { recursive: true });
  writeFileSync(join(folder, "etc/firefox/policies/policies.json"), institution);
  const outcome = async () => {
    const firefox = await Firefox.start(folder, prefs, undefined, { program: wrapped("/usr/bin/firefox-esr"), acceptInsecureCerts: true });
    try {
      await firefox.goto(portal);
      const telemetry = await firefox.runChrome("return Services.policies.getActivePolicies()?.DisableTelemetry === true");
      // As long as the browser's prompt is open, connect() waits: that it came is enough.
      const asked = firefox.runPage(`${connect}`, [Number(port)]);
      const prompt = (async () => {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          if (await firefox.runChrome(`return Boolean(document.querySelector("#notification-popup popupnotification"))`)) return ["prompt"];
        }
      })();
      asked.catch(() => {});
      prompt.catch(() => {});
      return [telemetry, ...(await Promise.race([asked, prompt]))];
    } finally {
      await firefox.stop();
    }
  };
  assert.deepEqual(await outcome(), [true, "prompt"]);
  browser("setup");
  const [telemetry, , grant] = await outcome();
  assert.deepEqual([telemetry, grant], [true, "listed"]);
  browser("remove");
  assert.equal(readFileSync(join(folder, "etc/firefox/policies/policies.json"), "utf8"), institution);
  assert.deepEqual(await outcome(), [true, "prompt"]);
});
