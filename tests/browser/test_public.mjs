// SPDX-License-Identifier: Apache-2.0
// The client on a page that Chromium takes for a public one: the browser's leave to reach this machine, asked, given, refused, in frames.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { launch, launchProfile, launchWindow, port, press, work, xdotool } from "./rig.mjs";

const site = process.env.IMZA_PUBLIC;
const portal = `https://portal.example:${site}`;
const other = `https://frame.example:${site}`;
const flags = ["--ignore-certificate-errors", "--host-resolver-rules=MAP *.example 127.0.0.1", `--ip-address-space-overrides=127.0.0.1:${site}=public`];
const OPEN_MS = 30_000; // as long as a person may think; libwebsockets alone would have closed the silent connection long before

let browser;
afterEach(() => browser.close());

/** A page or frame in which the client is loaded. */
async function ready(frame) {
  await frame.waitForFunction(() => globalThis.AgentClient);
  return frame;
}

async function openPortal(viewport) {
  const tab = await (await browser.newContext({ ignoreHTTPSErrors: true, viewport })).newPage();
  await tab.goto(portal);
  return ready(tab);
}

/** The frame within the portal's page. */
async function openFrame(tab, origin, allow, forbid = "") {
  await tab.goto(`${portal}/frame?src=${origin}/&allow=${allow}${forbid}`);
  return ready(tab.frames()[1]);
}

/** What connect() came to: the grant that agent.info tells, or the reason; each port that was tried; how long it took. */
const connect = (frame) => frame.evaluate(async (ports) => {
  const tried = [];
  const start = performance.now();
  const onStatus = ({ phase, port }) => phase === "trying" && tried.push(port);
  const end = (outcome) => ({ ...outcome, tried, ms: performance.now() - start });
  try {
    const agent = await AgentClient.connect({ ports, onStatus });
    const { grant, version } = await agent.agent.info();
    agent.close();
    return end({ grant, version });
  } catch (error) {
    return end({ reason: error.reason, texts: [error.text, error.remedy] });
  }
}, [Number(port), 15079]);

const permission = (frame) => frame.evaluate(async () => (await navigator.permissions.query({ name: "loopback-network" })).state);

/** Leave as an administrator's policy or a test tool gives it. */
async function grant(tab) {
  const { targetInfo } = await (await tab.context().newCDPSession(tab)).send("Target.getTargetInfo");
  const what = { permission: { name: "loopback-network" }, setting: "granted", origin: portal, browserContextId: targetInfo.browserContextId };
  await (await browser.newBrowserCDPSession()).send("Browser.setPermission", what);
}

test("a browser that says no is not an agent that is missing; with leave the same page connects", async () => {
  browser = await launch(...flags);
  const tab = await openPortal();
  const refused = await connect(tab); // without a window nobody answers the prompt, which is a no
  assert.equal(refused.reason, "permission_denied");
  assert.ok(refused.ms < 2000, `${refused.ms} ms`);
  assert.deepEqual(refused.tried, [Number(port)]);
  await grant(tab);
  const { grant: given, version } = await connect(tab);
  assert.equal(given, "listed");
  assert.match(version, /^\d+\./);
});

test("a frame that the portal gave no leave is told apart, and connects with allow=\"loopback-network\"", async () => {
  const profile = join(work, "profile");
  mkdirSync(join(profile, "Default"), { recursive: true });
  // The user's earlier answer: what a test tool grants would pass over the frame's own rules.
  const exceptions = { loopback_network: { [`${portal},*`]: { setting: 1 } } };
  writeFileSync(join(profile, "Default/Preferences"), JSON.stringify({ profile: { content_settings: { exceptions } } }));
  browser = await launchProfile(profile, ...flags);
  const tab = await browser.newPage();
  const outcome = async (...frame) => {
    const { grant: given, reason } = await connect(await openFrame(tab, ...frame));
    return given ?? reason;
  };
  const without = await connect(await openFrame(tab, other, ""));
  assert.equal(without.reason, "frame_not_allowed");
  assert.deepEqual(without.tried, []);
  assert.ok(without.texts[1].tr.includes('allow="loopback-network"') && without.texts[1].en.includes('allow="loopback-network"'));
  assert.equal(await outcome(other, "local-network"), "frame_not_allowed"); // the neighbour's permission, not this one
  assert.equal(await outcome(other, "loopback-network", "&forbid"), "frame_not_allowed");
  assert.equal(await outcome(other, "loopback-network"), "listed");
  assert.equal(await outcome(portal, ""), "listed"); // of the same origin: no word is needed
});

test("a frame with leave from the portal, but none from the user, blames the user's answer", async () => {
  browser = await launch(...flags);
  const frame = await openFrame(await openPortal(), other, "loopback-network");
  assert.equal((await connect(frame)).reason, "permission_denied");
});

const WINDOW = ["--window-position=10,10", "--window-size=1100,700", "--lang=en-US"];

/** The screen below the toolbar of that window: a white page, and what the browser draws over it. */
const pageArea = () => execFileSync("import", ["-window", "root", "-crop", "1100x590+10+115", "-depth", "8", "rgb:-"], { maxBuffer: 2 ** 24 });

/** Calls connect() and waits until the browser's prompt, which is drawn within its own window, stands still on the screen. */
async function promptFor(tab) {
  xdotool("windowfocus", "--sync", xdotool("search", "--onlyvisible", "--name", "^portal - ").split("\n")[0]);
  await sleep(500);
  const before = pageArea();
  const state = { done: false, before };
  state.outcome = connect(tab).finally(() => (state.done = true));
  const end = Date.now() + 10_000;
  for (let last = before, now; ; last = now) {
    await sleep(200);
    now = pageArea();
    if (!now.equals(before) && now.equals(last)) break;
    assert.ok(Date.now() < end && !state.done, "no prompt came");
  }
  await sleep(1000); // the browser does not take an answer that nobody can have read
  return state;
}

test("a prompt that is left open and then allowed: the same connect() resolves", async () => {
  browser = await launchWindow(...WINDOW, ...flags);
  const tab = await openPortal(null);
  const start = Date.now();
  const state = await promptFor(tab);
  await sleep(OPEN_MS - (Date.now() - start));
  assert.equal(state.done, false);
  press("F6", "Tab", "Return"); // to the prompt, from "Block" to "Allow"
  const { grant: given, tried, ms } = await state.outcome;
  assert.equal(given, "listed");
  assert.deepEqual(tried, [Number(port)]); // once: the agent has held the silent connection
  assert.ok(ms > OPEN_MS - 2000, `${ms} ms`);
  assert.equal(await permission(tab), "granted");
});

test("a prompt that is closed says so and does not come again by itself; one that is blocked is a no", async () => {
  browser = await launchWindow(...WINDOW, ...flags);
  const tab = await openPortal(null);
  const dismissed = await promptFor(tab);
  press("Escape");
  const { reason, tried } = await dismissed.outcome;
  assert.equal(reason, "prompt_dismissed");
  assert.deepEqual(tried, [Number(port)]);
  await sleep(1500);
  assert.ok(pageArea().equals(dismissed.before), "the prompt is there again");
  assert.equal(await permission(tab), "prompt");
  const blocked = await promptFor(tab); // the user's own second try asks again
  press("F6", "Return");
  assert.equal((await blocked.outcome).reason, "permission_denied");
  assert.equal(await permission(tab), "denied");
});
