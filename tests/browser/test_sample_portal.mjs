// SPDX-License-Identifier: Apache-2.0
// The sample portal, which has nothing but the client's package, signs a form.
import assert from "node:assert/strict";
import { test } from "node:test";
import { consent, dialog, enterPin, launch, openTab, PIN, press } from "./rig.mjs";

test("the sample portal signs a form with the package alone", async () => {
  const browser = await launch();
  try {
    const tab = await openTab(browser);
    await tab.goto(process.env.IMZA_PORTAL);
    await tab.click("#sign");
    await dialog("izni");
    press("Tab", "Tab", "space");
    await consent();
    await enterPin(PIN);
    await tab.waitForFunction(() => /^İmzalandı: \d{4,} bayt/.test(document.querySelector("#status").textContent));
    assert.deepEqual(tab.faults, []);
  } finally {
    await browser.close();
  }
});
