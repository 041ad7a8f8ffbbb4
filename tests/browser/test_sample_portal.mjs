// SPDX-License-Identifier: Apache-2.0
// The sample portal in a browser: signs with the client's package, takes the signed form in, refuses it the second time, says so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { audit, consent, dialog, enterPin, launch, openTab, PIN, press } from "./rig.mjs";

const portal = process.env.IMZA_PORTAL;
let browser;

before(async () => { browser = await launch(); });
after(() => browser.close());

const says = (tab, words) => tab.waitForFunction((text) => document.querySelector("#status").textContent.includes(text), words, { timeout: 20_000 });

test("a form is signed, received and verified; the same file once more is refused; a changed one too", { timeout: 60_000 }, async () => {
  const tab = await openTab(browser, { viewport: { width: 320, height: 700 } });
  await tab.goto(portal);
  await tab.evaluate(() => {
    const send = globalThis.fetch;
    globalThis.fetch = (path, options) => {
      if (options?.body) globalThis.sent = options.body;
      return send(path, options);
    };
  });
  await tab.setInputFiles("#receipt", { name: "dekont.jpg", mimeType: "image/jpeg", buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1]) });
  await tab.click("#sign");
  await dialog("izni");
  press("Tab", "Tab", "space");
  await consent();
  await enterPin(PIN);
  await says(tab, "doğrulandı");
  const bytes = Buffer.from(await tab.evaluate(async () => Array.from(new Uint8Array(await globalThis.sent.arrayBuffer()))));
  const hand = () => tab.setInputFiles("#file", { name: "form.pdf", mimeType: "application/pdf", buffer: bytes });
  await hand();
  await says(tab, "daha önce alınmış");
  await tab.fill("#quantity", "2");
  await hand();
  await says(tab, "gönderdiğimiz verilerle aynı değil");
  bytes[200] ^= 1;
  await hand();
  await says(tab, "İmza geçerli değil");
  await tab.click("a[href='/applications']");
  assert.equal(await tab.locator("li.verified").count(), 1);
  assert.equal(await tab.locator("li.refused").count(), 2);
  await audit(tab, "the status page");
  assert.deepEqual(tab.faults.filter((fault) => !fault.includes("409")), []); // the browser's own words for a refusal
  if (process.env.IMZA_PORTAL_SCREENSHOT) await tab.screenshot({ path: process.env.IMZA_PORTAL_SCREENSHOT });
});

test("another site's page can't hand a form in", async () => {
  const answer = await fetch(`${portal}/applications`, { method: "POST", headers: { origin: "https://elsewhere.example" } });
  assert.equal(answer.status, 403);
  assert.equal((await fetch(`${portal}/applications/00000000-0000-0000-0000-000000000000`, { method: "POST", headers: { origin: portal } })).status, 404);
});
