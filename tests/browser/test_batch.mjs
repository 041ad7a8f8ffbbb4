// SPDX-License-Identifier: Apache-2.0
// An officer's batch whose card goes in the middle: the page says what is signed and what is not, and another try signs the rest only.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { audit, launch, openTab, page, work } from "./rig.mjs";
import { ScriptedAgent } from "./scripted_agent.mjs";

const COUNT = 12;
const GOOD = 5;
const folder = mkdtempSync(join(work, "batch-test-"));

let browser;
let agent;
let tab;

before(async () => {
  browser = await launch();
  agent = await ScriptedAgent.start(folder, [page], { name: "card_pulled", MOD_COUNT: GOOD + 1 });
});
after(async () => {
  await browser.close();
  await agent.stop();
});
afterEach(async () => {
  await tab.context().close();
  assert.deepEqual(tab.faults, []);
});

test("a card that is pulled in the middle of a batch: what is signed is kept, and another try signs the rest with the same certificate", { timeout: 60_000 }, async () => {
  tab = await openTab(browser);
  await tab.evaluate((port) => localStorage.setItem("imza-agent.port", port), String(agent.port));
  await tab.reload();
  await tab.click("#find");
  await tab.click("#access");
  await tab.waitForSelector(".certificate");
  await tab.click("label:has(#task-batch)");
  await tab.fill("#batch-count", String(COUNT));
  await tab.click("#batch-make");
  await tab.waitForSelector("#batch-list", { timeout: 30_000 });
  await tab.click("#sign");
  await tab.waitForSelector("#result.partly", { timeout: 30_000 });
  assert.match(await tab.innerText("#result h3"), new RegExp(`\\b${GOOD}\\b[^]*\\b${COUNT}\\b|\\b${COUNT}\\b[^]*\\b${GOOD}\\b`));
  assert.equal(await tab.locator("#result .failures li").count(), COUNT - GOOD);
  assert.match(await tab.innerText("#result .failures li >> nth=0"), new RegExp(`^${GOOD + 1}\\. .*Kart`));
  await audit(tab, "a batch that stopped");

  // The card is not back at once: the agent says so, and what is signed stays.
  await tab.click("#retry");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason", { timeout: 30_000 });
  assert.equal(await tab.textContent("[aria-labelledby=step-5] .reason"), "no_card");
  await tab.waitForSelector("#retry");
  assert.match(await tab.innerText("#retry"), new RegExp(`\\b${COUNT - GOOD}\\b`));
  await tab.click("#retry");
  await tab.waitForSelector("#result:not(.partly)", { timeout: 30_000 });
  assert.equal(await tab.locator("#retry").count(), 0);
  assert.equal(await tab.locator("#batch-list .tag.good").count(), COUNT);

  await tab.click("#batch-save");
  await tab.waitForSelector("#batch-archive", { timeout: 30_000 });
  const [saved] = await Promise.all([tab.waitForEvent("download"), tab.click("#batch-archive")]);
  await saved.saveAs(join(folder, "batch.zip"));
  execFileSync("python3", ["-m", "zipfile", "-e", join(folder, "batch.zip"), join(folder, "batch")]);
  const files = readdirSync(join(folder, "batch"));
  assert.equal(files.length, COUNT);
  for (const name of files) { // each signed, and once
    const fields = execFileSync("grep", ["-ac", "/Type /Sig", join(folder, "batch", name)], { encoding: "utf8" });
    assert.equal(Number(fields), 1, name);
  }
});
