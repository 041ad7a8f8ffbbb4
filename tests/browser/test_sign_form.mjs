// SPDX-License-Identifier: Apache-2.0
// A person finds the agent, allows the page, fills a form and signs it; and what happens when they think better of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes, verify, X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { audit, connect, consent, dialog, dialogs, dialogsGone, enterPin, fillForm, launch, openTab, PIN, port, press, work } from "./rig.mjs";

let browser;
let tab;

before(async () => { browser = await launch(); });
after(() => browser.close());
beforeEach(async () => {
  tab = await openTab(browser);
  await connect(tab);
});
afterEach(async () => {
  await tab.context().close();
  await dialogsGone(3);
  assert.deepEqual(tab.faults, []);
});

const reason = () => tab.textContent("[aria-labelledby=step-5] .reason");

/** Saves what the page offers for download; its path. */
async function download() {
  const [saved] = await Promise.all([tab.waitForEvent("download"), tab.click("#result a[download]")]);
  const path = `${work}/${saved.suggestedFilename()}`;
  await saved.saveAs(path);
  return path;
}

/** What another program says of the PDF's signature. */
function pdfsig(path) {
  const env = { ...process.env, LC_ALL: "C" };
  try {
    return execFileSync("pdfsig", ["-no-ocsp", path], { encoding: "utf8", env });
  } catch (error) {
    return error.stdout; // it ends with 1 where it does not trust the demo's authority
  }
}

/** Verifies a CAdES signature with OpenSSL down to the demo's root; gives back what was signed. */
function opensslVerify(path, ...more) {
  return execFileSync("openssl", ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path, "-CAfile", `${work}/token/chain.pem`,
    "-purpose", "any", ...more], { maxBuffer: 8 * 1024 * 1024, stdio: ["ignore", "pipe", "pipe"] });
}

async function signFile(name, content, mimeType, format) {
  await tab.click("label:has(#task-file)");
  await tab.setInputFiles("#file", { name, mimeType, buffer: content });
  await tab.check(`#format-${format}`);
  await tab.click("#sign");
  await consent();
  await enterPin(PIN);
  await tab.waitForSelector("#result");
  return download();
}

test("a form is filled, signed with a PIN that the page never sees, and saved", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await consent();
  await enterPin(PIN);
  await tab.waitForSelector("#result");
  const text = await tab.innerText("#result");
  const path = await download();
  assert.match(text, /Çağla Şule Öğüt/);
  assert.ok(text.includes(createHash("sha256").update(readFileSync(path)).digest("hex")));
  const report = pdfsig(path);
  assert.match(report, /Signature is Valid/);
  assert.match(report, /Total document signed/);
  assert.match(report, /ETSI\.CAdES\.detached/);
  assert.match(report, /Çağla Şule Öğüt/);
  assert.ok(!(await tab.content()).replaceAll("1234567890", "").includes(PIN)); // the institution's tax number
  await dialogsGone(2);
  await audit(tab, "signed");
  await tab.click("#verify-own");
  await tab.waitForSelector("#verification .verdict.good");
  assert.match(await tab.innerText("#verification"), /Çağla Şule Öğüt[^]*dosyanın tamamı/);
  await audit(tab, "verified");
  if (process.env.IMZA_SCREENSHOT) await picture(process.env.IMZA_SCREENSHOT);
});

test("a renewal is signed with the certificate that ends soon, and with no other", async () => {
  await fillForm(tab, "renewal");
  const ending = await tab.inputValue(".certificate input:checked");
  await tab.check(`.certificate input:not([value="${ending}"]) >> nth=0`);
  await tab.click("#sign");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
  assert.equal(await reason(), "form_invalid");
  assert.match(await tab.textContent("#field-certificateEnd-error"), /İmzalayan sertifikanın son günü/);
  await audit(tab, "a renewal refused");
  await tab.check(`.certificate input[value="${ending}"]`);
  await tab.click("#sign");
  await consent();
  await enterPin(PIN);
  await tab.waitForSelector("#result");
  assert.match(pdfsig(await download()), /Signature is Valid/);
});

test("a signed file that was changed, or bears no signature, is told so", async () => {
  const signed = await signFile("belge.txt", Buffer.from("İğneada"), "text/plain", "cades-attached");
  const bytes = readFileSync(signed);
  bytes[bytes.indexOf("neada")] ^= 1;
  await tab.setInputFiles("#signed-file", { name: "belge.p7m", mimeType: "application/pkcs7-mime", buffer: bytes });
  await tab.click("#verify");
  await tab.waitForSelector("#verification .verdict.bad");
  assert.match(await tab.innerText(".signature .failures"), /content_changed/);
  await tab.setViewportSize({ width: 320, height: 800 });
  await tab.click("#language-en");
  await audit(tab, "a signature that is not valid");
  await tab.setInputFiles("#signed-file", { name: "plain.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 nothing") });
  await tab.click("#verify");
  await tab.waitForSelector("[aria-labelledby=step-6] .reason");
  assert.equal(await tab.locator("#verification").count(), 0);
});

/** The picture for the README: the page as it stands after signing. */
async function picture(path) {
  await tab.setViewportSize({ width: 1200, height: 1290 });
  await tab.evaluate(() => {
    document.activeElement.blur();
    scrollTo({ top: 0, behavior: "instant" });
  });
  await tab.screenshot({ path });
}

test("the dialog says whose form it is and what stands in it", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  const { title } = await dialog("onay");
  assert.equal(title, "e-imza: imza onayı");
  press("Escape");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
});

test("a wrong PIN is said, and the right one after it signs", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await consent();
  await enterPin("654321");
  await enterPin(PIN);
  await tab.waitForSelector("#result");
});

test("giving up after a wrong PIN ends as pin_incorrect", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await consent();
  await enterPin("654321");
  await dialog("PIN");
  press("Escape");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
  assert.equal(await reason(), "pin_incorrect");
});

test("a PIN that can't be one is refused in the dialog, without a try", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await consent();
  await enterPin("12");
  const again = await dialog("PIN");
  assert.ok(again);
  await enterPin(PIN);
  await tab.waitForSelector("#result");
});

test("a refusal in the consent dialog signs nothing, and says so calmly", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await dialog("onay");
  press("Escape");
  await tab.waitForSelector("[aria-labelledby=step-5] .notice.info .reason");
  assert.equal(await reason(), "user_denied");
  assert.equal(await tab.locator("#result").count(), 0);
});

test("the page's cancel button takes the dialog away", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await dialog("onay");
  await tab.click("#cancel");
  assert.ok((await dialogsGone(2)) < 2000);
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
  assert.equal(await reason(), "user_cancelled");
});

for (const [where, reach] of [["consent", () => dialog("onay")], ["PIN", async () => { await consent(); await dialog("PIN"); }]]) {
  test(`closing the tab takes the ${where} dialog away within 2 s`, async () => {
    await fillForm(tab);
    await tab.click("#sign");
    await reach();
    assert.equal(dialogs().length, 1);
    await tab.close();
    assert.ok((await dialogsGone(2)) < 2000);
  });
}

test("a form that is wrong is not sent to be signed: a list of what is wrong has the keyboard, and leads to the fields", async () => {
  await fillForm(tab);
  await tab.fill("#field-applicant-identityNumber", "10000000147");
  await tab.fill("#field-applicant-email", "nobody");
  await tab.click("#sign");
  await tab.waitForSelector(".summary-box .notice:focus");
  assert.equal(await tab.locator(".summary-list a").count(), 2);
  assert.notEqual((await tab.textContent("#field-applicant-identityNumber-error")).trim(), "");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "field-applicant-identityNumber");
  await tab.fill("#field-applicant-identityNumber", "10000000146");
  await tab.waitForFunction(() => document.querySelectorAll(".summary-list a").length === 1); // and grows shorter while typing
  assert.deepEqual(dialogs(), []);
});

test("a family physician sees the account for the fee, and signs the form with the receipt in it", async () => {
  const receipt = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), randomBytes(100_000)]);
  const error = () => tab.innerText("#attachment-bank-receipt-error");
  await fillForm(tab);
  assert.ok(!(await tab.isVisible("#attachment-bank-receipt-place")));
  await tab.selectOption("#field-employment-kind", { index: 2 });
  assert.match(await tab.innerText(".facts:visible"), /TR33 0006 1005 1978 6457 8413 26/);
  assert.match(await tab.innerText("#attachment-bank-receipt-place"), /Banka dekontu \(önerilir\)[^]*PDF, JPEG, PNG; en çok 10 MiB/);
  assert.equal(await tab.getByLabel("Banka dekontu (önerilir)").getAttribute("id"), "attachment-bank-receipt");
  await tab.setInputFiles("#attachment-bank-receipt", { name: "dekont.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
  assert.match(await error(), /eklenemez/);
  for (const [name, value] of [["bank", "Örnek Bankası"], ["date", "2026-11-20"], ["amount", "413,50"], ["number", "2026/118-4"]]) {
    await tab.fill(`#field-receipt-${name}`, value);
  }
  // What it is in truth, the agent finds out.
  await tab.setInputFiles("#attachment-bank-receipt", { name: "dekont.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await tab.waitForSelector("[data-status=done] #step-4");
  await tab.click("#sign");
  await tab.waitForFunction(() => document.querySelector("#attachment-bank-receipt-error").textContent.includes("kabul edilen türde değil"));
  // With the keyboard alone: put away, and another chosen.
  await tab.focus("#attachment-bank-receipt-remove");
  await tab.keyboard.press("Enter");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "attachment-bank-receipt");
  assert.ok(!(await tab.isVisible("#attachment-bank-receipt-remove")));
  await tab.setInputFiles("#attachment-bank-receipt", { name: "dekont ğ.png", mimeType: "image/png", buffer: receipt });
  assert.equal(await error(), "");
  await tab.waitForSelector("[data-status=done] #step-4");
  await tab.click("#show-preview");
  await tab.waitForSelector(".preview");
  await tab.click("#sign");
  await consent();
  await enterPin(PIN);
  await tab.waitForSelector("#result");
  const path = await download();
  assert.match(pdfsig(path), /Signature is Valid/);
  mkdirSync(`${work}/detached`);
  execFileSync("pdfdetach", ["-saveall", "-o", `${work}/detached`, path]);
  assert.ok(readFileSync(`${work}/detached/dekont ğ.png`).equals(receipt));
  assert.equal(JSON.parse(readFileSync(`${work}/detached/form.json`)).receipt.scanAttached, true);
  await tab.click("#verify-own");
  await tab.waitForSelector("#verification");
  assert.match(await tab.innerText("#verification"), new RegExp(createHash("sha256").update(receipt).digest("hex")));
  await tab.click("#step-4-fold");
  await tab.selectOption("#field-employment-kind", { index: 1 }); // staff: what was paid leaves the form
  await tab.waitForSelector("[data-status=done] #step-4");
  assert.ok(!(await tab.isVisible("#attachment-bank-receipt-place")));
});

test("an officer signs a hundred applications with one consent and one PIN, and saves them as an archive", { timeout: 120_000 }, async () => {
  await tab.evaluate(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (globalThis.longest = Math.max(globalThis.longest, duration)))).observe({ type: "longtask" });
  });
  await tab.click("label:has(#task-batch)");
  await tab.click("#batch-make");
  await tab.waitForSelector("#batch-list", { timeout: 60_000 });
  assert.equal(await tab.locator("#batch-list tbody tr").count(), 100);
  await tab.click("#sign");
  await consent();
  await enterPin(PIN);
  await tab.waitForSelector("#batch-save", { timeout: 60_000 });
  await tab.click("#batch-save");
  await tab.waitForSelector("#batch-archive", { timeout: 30_000 });
  const [saved] = await Promise.all([tab.waitForEvent("download"), tab.click("#batch-archive")]);
  await saved.saveAs(`${work}/batch.zip`);
  execFileSync("python3", ["-m", "zipfile", "-e", `${work}/batch.zip`, `${work}/batch`]);
  const names = readdirSync(`${work}/batch`).sort();
  assert.equal(names.length, 100);
  assert.equal(names[1].normalize(), "0002 İbrahim İnce.pdf");
  assert.match(pdfsig(`${work}/batch/${names[99]}`), /Signature is Valid/);
  const longest = await tab.evaluate(() => globalThis.longest);
  await audit(tab, "a batch signed");
  console.log(`the page's longest task: ${Math.round(longest)} ms`); // no verdict: it depends on the machine's load
});

test("preparing a batch can be stopped, and leaves nothing half done", async () => {
  await tab.click("label:has(#task-batch)");
  await tab.fill("#batch-count", "1001");
  await tab.click("#batch-make");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "batch-count");
  await tab.fill("#batch-count", "1000");
  await tab.click("#batch-make");
  await tab.click("#stop");
  await tab.waitForSelector("#batch-make:not([disabled])");
  assert.equal(await tab.locator("#batch-list").count(), 0);
  assert.equal(await tab.locator("[data-status=locked] #step-5").count(), 1);
});

test("the user picks the certificate in the agent's window, and tries the PIN there", async () => {
  await tab.click("#choose");
  await dialog("sertifika");
  press("Escape");
  await tab.waitForSelector("[aria-labelledby=step-3] .notice.info .reason");
  await tab.click("#workstation");
  await tab.click("[id^=pin-verify]");
  await enterPin(PIN);
  await tab.waitForSelector(".events li");
  assert.match(await tab.innerText(".events li"), /PIN doğru/);
});

test("another person's form is refused before any dialog", async () => {
  await fillForm(tab);
  await tab.fill("#field-applicant-identityNumber", "12345678950");
  await tab.click("#sign");
  await tab.waitForSelector("[aria-labelledby=step-5] .reason");
  assert.equal(await reason(), "identity_mismatch");
  assert.deepEqual(dialogs(), []);
});

test("the preview is the form's page as PDF", async () => {
  await fillForm(tab);
  await tab.click("#show-preview");
  const link = await tab.waitForSelector(".preview a[download]");
  const bytes = await link.evaluate(async (one) => Array.from(new Uint8Array(await (await fetch(one.href)).arrayBuffer())).slice(0, 5)).catch(() => null);
  const [saved] = await Promise.all([tab.waitForEvent("download"), link.click()]);
  const path = `${work}/preview.pdf`;
  await saved.saveAs(path);
  assert.equal(readFileSync(path).subarray(0, 5).toString(), "%PDF-");
  assert.match(execFileSync("pdftotext", [path, "-"], { encoding: "utf8" }), /Çağla Şule/);
  tab.faults = tab.faults.filter((fault) => bytes !== null || !fault.includes("blob:")); // our own fetch, which the policy forbids
});

test("the data for the e-approved way is what the digest is of", async () => {
  await fillForm(tab);
  await tab.click("#canonical");
  await tab.waitForSelector(".canonical");
  const data = await tab.textContent(".canonical pre");
  assert.equal(JSON.parse(data).applicant.identityNumber, "10000000146");
  assert.equal(await tab.textContent(".canonical code"), createHash("sha256").update(data).digest("hex"));
});

test("a PDF gets its signature inside", async () => {
  await fillForm(tab);
  await tab.click("#show-preview");
  const [saved] = await Promise.all([tab.waitForEvent("download"), tab.click(".preview a[download]")]);
  const path = `${work}/plain.pdf`;
  await saved.saveAs(path);
  const signed = await signFile("dilekçe ğüşiöç.pdf", readFileSync(path), "application/pdf", "pades");
  assert.match(pdfsig(signed), /Signature is Valid/);
});

test("any file gets a signature around it", async () => {
  const content = Buffer.from("İğneada'dan Çağla Şule Öğüt\n".repeat(10_000));
  const signed = await signFile("belge.txt", content, "text/plain", "cades-attached");
  assert.ok(opensslVerify(signed).equals(content));
});

test("any file gets a signature beside it", async () => {
  const content = Buffer.alloc(1_500_000, "ş");
  writeFileSync(`${work}/content.bin`, content);
  const signed = await signFile("büyük.bin", content, "application/octet-stream", "cades-detached");
  assert.ok(readFileSync(signed).length < 20_000);
  opensslVerify(signed, "-content", `${work}/content.bin`);
});

test("an expert signs a hash, and the signature verifies", async () => {
  await tab.click("details.expert > summary");
  await tab.fill("#hash-text", "Iğdır'ın ılık yağmuru");
  await tab.click("#sign-hash");
  await consent();
  await enterPin(PIN);
  const value = await tab.textContent(".hash-result dd:last-of-type code");
  const name = await tab.textContent(".hash-result dt:last-of-type");
  const key = new X509Certificate(readFileSync(`${work}/token/${name.startsWith("ECDSA") ? "signer-ec" : "signer-rsa"}.pem`)).publicKey;
  assert.ok(verify("sha256", Buffer.from("Iğdır'ın ılık yağmuru"), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(value, "base64")));
});

test("an agent that ends leaves the page with a way back", async () => {
  await fillForm(tab);
  await tab.click("#sign");
  await dialog("onay");
  process.kill(Number(process.env.IMZA_AGENT), "SIGTERM");
  await tab.waitForSelector("[aria-labelledby=step-1] .reason");
  assert.equal(await tab.textContent("[aria-labelledby=step-1] .reason"), "connection_lost");
  await dialogsGone(2);
  await tab.evaluate((mine) => localStorage.setItem("imza-agent.port", mine), port);
  await tab.click("#find");
  await tab.waitForFunction(() => document.querySelector("[aria-labelledby=step-1] .reason")?.textContent === "not_running");
  tab.faults = tab.faults.filter((fault) => !fault.startsWith("WebSocket connection to")); // the browser's own words for each port
});
