// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: the browser, the user's hands on the agent's dialogs, the steps of the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const require = createRequire(new URL("../../web-demo/package.json", import.meta.url));
export const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const page = process.env.IMZA_PAGE;
export const port = process.env.IMZA_PORT;
export const work = process.env.IMZA_WORK;
export const PIN = "123456";

export function chromiumOptions(flags) {
  const safe = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const root = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return { executablePath: "/usr/bin/chromium", headless: true, args: [...safe, ...root, ...flags] };
}

/** A browser without a window: what is tested in windows is the agent's. */
export const launch = (...flags) => chromium.launch(chromiumOptions(flags));

/** A browser on the screen, for what the browser itself asks the user. */
export const launchWindow = (...flags) => chromium.launch({ ...chromiumOptions(flags), headless: false });

/** A browser without a window, on a profile in this folder. */
export const launchProfile = (folder, ...flags) => chromium.launchPersistentContext(folder, chromiumOptions(flags));

/** A browser without a window, of a user with this home: the authorities that it trusts are in there. */
export const launchAtHome = (home, ...flags) => chromium.launch({ ...chromiumOptions(flags), env: { ...process.env, HOME: home } });

/** A tab on the demo page, in a profile of its own; whatever goes wrong in its scripts is in tab.faults. */
export async function openTab(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, acceptDownloads: true, reducedMotion: "reduce", ...options });
  // Another agent may hold the first port of this machine; the page asks the remembered one first.
  await context.addInitScript(`if (top === self && !localStorage.getItem("imza-agent.port")) localStorage.setItem("imza-agent.port", "${port}")`);
  // Without a window Chromium falls over its print dialog; that it was asked for is in tab.printed.
  await context.addInitScript("window.print = () => console.info('print')");
  const tab = await context.newPage();
  tab.faults = [];
  tab.printed = 0;
  tab.on("console", (message) => message.text() === "print" && tab.printed++);
  tab.on("pageerror", (error) => tab.faults.push(error.message));
  tab.on("console", (message) => message.type() === "error" && tab.faults.push(message.text()));
  tab.setDefaultTimeout(10_000);
  await tab.goto(page);
  return tab;
}

export function xdotool(...words) {
  try {
    return execFileSync("xdotool", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 }).trim();
  } catch (error) {
    if (error.status === 1) return ""; // nothing found
    throw error;
  }
}

/** The dialogs that are on the screen, by their titles. */
export function dialogs() {
  return xdotool("search", "--onlyvisible", "--class", "pinentry").split("\n").filter(Boolean).map((id) => ({ id, title: xdotool("getwindowname", id) }));
}

/** Waits for the dialog whose title has this word, gives it the keyboard, and waits until its answers count. */
export async function dialog(word, seconds = 10) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
    const found = dialogs().find(({ title }) => title.includes(word));
    if (!found) continue;
    await sleep(900); // what is answered in the first 700 ms was not read, and is not taken
    if (!dialogs().some(({ id }) => id === found.id)) continue; // it was on its way out
    xdotool("windowfocus", "--sync", found.id); // there is no window manager
    await sleep(100);
    return found;
  }
  throw new Error(`no dialog with "${word}" came; on the screen: ${dialogs().map(({ title }) => title)}`);
}

export const press = (...keys) => xdotool("key", "--delay", "60", ...keys);
export const type = (text) => xdotool("type", "--delay", "30", text);

/** No dialog is on the screen any more; how long that took, in ms. */
export async function dialogsGone(seconds) {
  const start = Date.now();
  while (dialogs().length > 0) {
    if (Date.now() - start > seconds * 1000) throw new Error(`after ${seconds} s still there: ${dialogs().map(({ title }) => title)}`);
    await sleep(25);
  }
  return Date.now() - start;
}

/** Axe finds nothing in the tab as it stands, and nothing is wider than the window. Its script goes past the page's policy, which stays as it is. */
export async function audit(tab, what) {
  await tab.evaluate(axeSource);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`), [], what);
  const [wide, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${what}: ${wide} > ${window}`);
}

/** Steps 1 and 2: the agent is found; the user allows the page for this connection only. */
export async function connect(tab) {
  await tab.click("#find");
  await tab.click("#access");
  await dialog("izni");
  press("Tab", "Tab", "space"); // the keyboard starts on "refuse"; then comes "always", then "once"
  await tab.waitForSelector(".certificate");
}

/** Step 4 with a sample person. */
export async function fillForm(tab, form = "first-application") {
  await tab.selectOption("#form-choice", form);
  await tab.click("#sample:visible");
  await tab.waitForSelector("[data-status=done] #step-4");
}

/** Agrees in the consent dialog, on each of its pages. */
export async function consent() {
  let { id } = await dialog("onay");
  for (;;) {
    press("Tab", "space"); // the keyboard starts on "refuse"
    const before = id;
    const end = Date.now() + 10_000;
    do {
      await sleep(50);
      if (Date.now() > end) throw new Error("the consent dialog did not take the answer");
      const now = dialogs();
      if (now.some(({ title }) => title.includes("PIN"))) return;
      id = now.find(({ title }) => title.includes("onay"))?.id ?? before;
    } while (id === before);
    await dialog("onay");
  }
}

export async function enterPin(pin) {
  await dialog("PIN");
  type(pin);
  press("Return");
}
