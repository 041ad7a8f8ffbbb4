// SPDX-License-Identifier: Apache-2.0
// The page itself, with a real agent behind it: accessible, narrow, by keyboard, in both languages, and honest about why it can't connect.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { audit, connect, dialog, dialogsGone, fillForm, launch, openTab, page, press } from "./rig.mjs";

let browser;
let tab;

before(async () => { browser = await launch(); });
after(() => browser.close());
afterEach(async () => {
  await tab.context().close();
  await dialogsGone(3);
  assert.deepEqual(tab.faults, []);
});

const stepReason = () => tab.textContent("[aria-labelledby=step-1] .reason");
const failure = () => tab.waitForSelector("[aria-labelledby=step-1] .reason");

/** Nothing is wider than the window. */
async function fits(what) {
  const [wide, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${what}: ${wide} > ${window}`);
}

for (const [language, colorScheme, width] of [["tr", "light", 1200], ["en", "dark", 320]]) {
  test(`every state passes axe and fits: ${language}, ${colorScheme}, ${width} px`, { timeout: 120_000 }, async () => {
    tab = await openTab(browser, { colorScheme, viewport: { width, height: 800 } });
    const check = (what) => audit(tab, what);
    await tab.click(`#language-${language}`);
    await check("start");
    await connect(tab);
    await tab.click("#workstation");
    await tab.click("#health");
    await tab.waitForSelector(".checks");
    await tab.click(".checks summary");
    await tab.click("#validate");
    await tab.waitForSelector("#validity");
    await check("certificates and the workstation");
    await tab.click("#workstation");
    await tab.selectOption("#form-choice", "renewal");
    await tab.waitForSelector(".form");
    await tab.selectOption("#field-employment-kind", { index: 2 });
    await tab.click("#sign");
    await tab.waitForSelector(".summary-box .notice:focus");
    await tab.setInputFiles("#attachment-bank-receipt", { name: "olmayan.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
    await check("a form with errors, an account and a file that is refused");
    await tab.setInputFiles("#attachment-bank-receipt", { name: "çok uzun bir adı olan ve bir yerden kırılmayan_banka_dekontu_dosyası.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-") });
    await check("a form with a receipt");
    await fillForm(tab);
    await check("a form filled");
    await tab.click("#show-preview");
    await tab.waitForSelector(".preview");
    await fits("preview");
    await tab.click("#print");
    await tab.waitForSelector("#preview .notice.info");
    await tab.waitForTimeout(1000);
    assert.equal(tab.printed, 1);
    await check("ready to print");
    await tab.click("#sign");
    await dialog("onay");
    await check("waiting for consent");
    press("Escape");
    await tab.waitForSelector("[aria-labelledby=step-5] .reason");
    await check("refused");
    await tab.click("label:has(#task-batch)");
    await tab.fill("#batch-count", "3");
    await tab.click("#batch-make");
    await tab.waitForSelector("#batch-list");
    await check("a batch");
    await tab.click("label:has(#task-file)");
    await tab.setInputFiles("#file", { name: "çok uzun bir dosya adı olan dilekçe metni.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-") });
    await check("a file");
    await tab.click("details.expert > summary");
    await tab.click(".log-list summary >> nth=1");
    await check("everything open");
  });
}

test("the way to the consent dialog by keyboard alone", { timeout: 60_000 }, async () => {
  tab = await openTab(browser);
  const key = (...keys) => keys.reduce((before, one) => before.then(() => tab.keyboard.press(one)), Promise.resolve());
  const active = () => tab.evaluate(() => document.activeElement.id);
  const tabTo = async (id) => {
    for (let i = 0; i < 60; i++) {
      if ((await active()) === id) return;
      await key("Tab");
    }
    assert.fail(`${id} is not reached by Tab; now on ${await active()}`);
  };
  await tabTo("find");
  await key("Enter");
  await tab.waitForFunction(() => document.activeElement.id === "access"); // the keyboard goes on by itself
  await key("Enter");
  await dialog("izni");
  press("Tab", "Tab", "space");
  await tab.waitForSelector(".certificate");
  await tabTo("form-choice");
  await key("ArrowDown");
  await tab.waitForSelector(".form");
  await tabTo("sample");
  await key("Enter");
  await tab.waitForSelector("[data-status=done] #step-4");
  assert.equal(await active(), "sample");
  await tabTo("sign");
  await key("Space");
  await dialog("onay");
  press("Escape");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
  assert.equal(await active(), "sign");
});

test("every form of the catalog is drawn whole, in both languages, and takes its sample", { timeout: 60_000 }, async () => {
  tab = await openTab(browser);
  await connect(tab);
  const forms = await tab.locator("#form-choice option").evaluateAll((options) => options.map(({ value }) => value).filter(Boolean));
  assert.ok(forms.length >= 2);
  for (const form of forms) {
    for (const language of ["tr", "en"]) {
      await tab.click(`#language-${language}`);
      await fillForm(tab, form);
      const unnamed = await tab.locator(".form :is(label, legend, option, .hint)").allTextContents();
      assert.deepEqual(unnamed.filter((text) => text.trim() === "" || /^[a-z]+(\.[a-zA-Z-]+)+$/.test(text.trim())), [], `${form} ${language}`);
      await fits(form);
    }
  }
});

test("the language changes every text and keeps what was typed", async () => {
  tab = await openTab(browser);
  await connect(tab);
  await fillForm(tab);
  const letters = /[çğışöüÇĞİŞÖÜ]/;
  assert.match(await tab.innerText("h1"), letters);
  await tab.fill("#field-applicant-email", "baska@hastane.example");
  await tab.click("#language-en");
  assert.equal(await tab.getAttribute("html", "lang"), "en");
  assert.equal(await tab.inputValue("#field-applicant-email"), "baska@hastane.example");
  const titles = await tab.locator("h1, h2, legend, label > :not(input), button").allInnerTexts();
  assert.deepEqual(titles.filter((text) => letters.test(text) && !/Çağla|KÖK/.test(text)), []);
  await tab.reload();
  assert.equal(await tab.getAttribute("html", "lang"), "en");
});

test("a connection that drops is taken up again, with what was typed", async () => {
  tab = await openTab(browser);
  let socket;
  await tab.routeWebSocket(/^ws:\/\/127\.0\.0\.1/, (opened) => {
    socket = opened;
    opened.connectToServer();
  });
  await tab.reload();
  await connect(tab);
  await fillForm(tab);
  await tab.fill("#field-applicant-email", "baska@hastane.example");
  await socket.close();
  await failure();
  assert.equal(await stepReason(), "connection_lost");
  await connect(tab); // leave was given for that connection only
  await tab.waitForSelector("#field-applicant-email");
  assert.equal(await tab.inputValue("#field-applicant-email"), "baska@hastane.example");
});

test("another agent than the one that the page knows gets nothing until the user trusts it", async () => {
  tab = await openTab(browser);
  await connect(tab);
  const known = await tab.evaluate(() => localStorage.getItem("imza-agent.identity"));
  assert.ok(known);
  await tab.reload();
  await tab.evaluate(() => localStorage.setItem("imza-agent.identity", "AAAA"));
  await tab.click("#find");
  await failure();
  assert.equal(await stepReason(), "agent_changed");
  await tab.click("#trust");
  await tab.waitForSelector("#access");
  tab.faults = tab.faults.filter((fault) => !fault.startsWith("WebSocket connection to")); // the ports behind it
});

test("the log shows every message, copies them, and is emptied", async () => {
  tab = await openTab(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await connect(tab);
  await tab.waitForTimeout(300);
  const methods = await tab.locator(".log-method").allTextContents();
  for (const method of ["agent.info", "agent.requestAccess", "certificate.list", "form.catalog"]) {
    assert.equal(methods.filter((one) => one === method).length, 2, method);
  }
  await tab.click(".log-list summary");
  assert.match(await tab.textContent(".log-list pre"), /"jsonrpc": "2.0"/);
  await tab.click("#log-copy");
  const copied = await tab.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.includes('"method": "certificate.list"') && copied.includes('"direction": "received"'));
  await tab.click("#log-clear");
  assert.equal(await tab.locator(".log-list li").count(), 0);
});

test("a portal whose policy forbids the agent is told so", async () => {
  tab = await openTab(browser);
  await tab.route(`${page}/`, async (route) => {
    const response = await route.fetch();
    const policy = response.headers()["content-security-policy"].replace(/connect-src [^;]*/, "connect-src 'self'");
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await tab.reload();
  await tab.click("#find");
  await failure();
  assert.equal(await stepReason(), "blocked_by_csp");
  assert.ok(tab.faults.length > 0 && tab.faults.every((fault) => fault.includes("Content Security Policy")));
  tab.faults = [];
});

test("a public page that the browser keeps from this machine is told so, and connects once the user allows it", async () => {
  const { port } = new URL(page);
  const portal = `http://portal.example:${port}`;
  const other = await launch("--host-resolver-rules=MAP portal.example 127.0.0.1", `--ip-address-space-overrides=127.0.0.1:${port}=public`,
    `--unsafely-treat-insecure-origin-as-secure=${portal}`);
  try {
    tab = await openTab(other);
    await tab.goto(portal);
    await tab.click("#find");
    await failure();
    assert.equal(await stepReason(), "permission_denied"); // without a window nobody answers the prompt, which is a no
    const control = await tab.context().newCDPSession(tab);
    const { targetInfo } = await control.send("Target.getTargetInfo");
    const allow = { permission: { name: "loopback-network" }, setting: "granted", origin: portal, browserContextId: targetInfo.browserContextId };
    await (await other.newBrowserCDPSession()).send("Browser.setPermission", allow);
    await tab.click("#find");
    await tab.waitForSelector("#access");
    tab.faults = tab.faults.filter((fault) => !fault.startsWith("WebSocket connection to")); // the browser's own words for what it blocked
    await tab.context().close();
  } finally {
    await other.close();
  }
});
