// SPDX-License-Identifier: Apache-2.0
// The sample portal's receiving side: what it takes, and each thing that it refuses; with forms that a real agent signed.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const root = new URL("../../", import.meta.url);
const path = (name) => new URL(name, root).pathname;
const read = (name) => JSON.parse(readFileSync(path(name), "utf8"));
const { AgentClient } = await import(path("web-demo/client/dist/index.js"));
const { receive } = await import(path("web-demo/sample-portal/receive.mjs"));
const { canonical, sha256, Store } = await import(path("web-demo/sample-portal/store.mjs"));
const { makeManifest, manifestSetting } = await import(path("web-demo/sample-portal/manifest.mjs"));
const require = createRequire(path("web-demo/package.json"));
const WsSocket = require("ws");
const { decodeProtectedHeader, jwtVerify, SignJWT } = await import(require.resolve("jose"));

const FORM = "card-reader-request";
const PERSON = "10000000146";
const origin = "https://portal.example";
const confirmed = "https://confirmed.example"; // whose server has to confirm
const keys = generateKeyPairSync("ed25519");
const folder = `${process.env.IMZA_WORK}/receiving`;
const program = `${process.env.IMZA_BUILD}/agent/imza-agent`;
const token = `${process.env.IMZA_WORK}/token`;
const data = { ...read("web-demo/sample-portal/application.json"), applicationDate: "2026-11-25", quantity: 1 };
const options = {
  agent: [program, "--config", `${folder}/verify.conf`],
  authorities: readFileSync(`${token}/chain.pem`, "utf8"),
  forms: { [FORM]: { layout: read(`proto/forms/${FORM}/layout.json`), texts: read(`proto/forms/${FORM}/texts.json`) } },
};

let child;
let ports;
let agent;
let certificate;
let signed; // the form as it should be
let store;

const socketOf = (origin) => class extends WsSocket {
  constructor(url, protocols) {
    super(url, protocols, { origin });
  }
};

before(async () => {
  for (const name of ["", "/state", "/run", "/trust"]) mkdirSync(folder + name, { mode: 0o700 });
  writeFileSync(`${folder}/trust/chain.pem`, options.authorities, { mode: 0o600 });
  writeFileSync(`${folder}/verify.conf`, `trust-dir = ${folder}/trust\n`, { mode: 0o600 });
  const module = readFileSync(`${process.env.IMZA_WORK}/agent.conf`, "utf8").match(/^module = .*$/m)[0];
  writeFileSync(`${folder}/agent.conf`, `${module}\nallow-origin = ${origin}\nallow-origin = ${confirmed}\n${manifestSetting(keys.privateKey, confirmed)}\npinentry = ${path("installer/demo-pinentry")}\ndialog-arm-ms = 0\nconsent-window = never\nlanguage = tr\n`, { mode: 0o600 });
  child = spawn(program, ["--config", `${folder}/agent.conf`], {
    stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, SOFTHSM2_CONF: `${token}/softhsm2.conf`, XDG_STATE_HOME: `${folder}/state`, XDG_RUNTIME_DIR: `${folder}/run` },
  });
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  for (let i = 0; i < 400 && !/port \d+/.test(said); i++) await sleep(50);
  ports = [Number(/port (\d+)/.exec(said)[1])];
  agent = await AgentClient.connect({ WebSocket: socketOf(origin), ports, origin });
  const { certificates } = await agent.certificate.list({ filter: { purpose: "signature", valid: true } });
  certificate = certificates[0].id;
  signed = await signForm(data);
});
after(() => {
  agent?.close();
  child?.kill();
});

const bytesOf = async (document) => Buffer.from(await (await agent.download(document)).arrayBuffer());
const signForm = async (data, more = {}) => bytesOf(await agent.form.sign({ form: FORM, data, certificate, ...more }));
const render = async (data, more = {}) => bytesOf(await agent.form.render({ form: FORM, data, ...more }));
async function signPdf(pdf) {
  const document = await agent.upload(pdf, { name: "form.pdf", mediaType: "application/pdf" });
  return bytesOf((await agent.sign.document({ certificate, documents: [{ document }], format: "pades" })).documents[0]);
}

/** How the portal answers to this file: "verified", or the reason of the refusal. */
async function answer(pdf, { person = PERSON, sent = data, attachments = [], form = FORM, in: into = new Store(":memory:"), with: more = {} } = {}) {
  store = into;
  const application = store.open(person, form, sent, attachments);
  await receive(pdf, application, store, { ...options, ...more });
  const { state, reason, detail } = store.find(application.number, person);
  assert.equal(state === "verified", reason === "", detail);
  return state === "refused" ? reason : `${state}${reason && `: ${reason}`}`;
}

test("a form as it was sent, signed by the applicant, is taken and kept", async () => {
  assert.equal(await answer(signed), "verified");
  const [row] = store.database.all("SELECT * FROM signed_form");
  assert.ok(Buffer.from(row.pdf).equals(signed));
  assert.equal(row.signer, "Çağla Şule Öğüt");
});

test("a byte changed anywhere in what is signed is refused", async () => {
  for (const place of [20, Math.floor(signed.length / 3), signed.length - 30]) {
    const changed = Buffer.from(signed);
    changed[place] ^= 1;
    assert.match(await answer(changed), /^(signature_invalid|not_covered|not_signed)$/, `byte ${place}`);
  }
});

test("a byte changed in the signature itself is refused", async () => {
  const changed = Buffer.from(signed);
  const place = changed.indexOf("/Contents <") + 2000;
  changed[place] = changed[place] === 0x30 ? 0x31 : 0x30;
  assert.equal(await answer(changed), "signature_invalid");
});

test("a form without a signature is refused", async () => {
  assert.equal(await answer(await render(data)), "not_signed");
  assert.equal(await answer(Buffer.from("not even a PDF")), "not_signed");
});

test("bytes after what is signed are refused", async () => {
  assert.equal(await answer(Buffer.concat([signed, Buffer.from("\n% more\n")])), "not_covered");
});

test("a second signature over the first is refused, as the first does not cover it", async () => {
  assert.equal(await answer(await signPdf(signed)), "not_covered");
});

test("another person's signature is refused", async () => {
  assert.equal(await answer(signed, { person: "12345678950" }), "wrong_signer");
});

test("the same form with other data is refused", async () => {
  assert.equal(await answer(await signForm({ ...data, quantity: 2 })), "other_data");
  assert.equal(await answer(signed, { sent: { ...data, quantity: 2 } }), "other_data");
});

test("another form is refused", async () => {
  assert.equal(await answer(signed, { form: "renewal" }), "other_form");
});

test("a PDF that is no form is refused", async () => {
  execFileSync("qpdf", ["--remove-attachment=form.json", write("plain.pdf", await render(data)), `${folder}/none.pdf`]);
  assert.equal(await answer(await signPdf(readFileSync(`${folder}/none.pdf`))), "other_form");
});

test("a page that says something else than its data is refused", async () => {
  const other = { ...data, quantity: 2 };
  const json = write("form.json", await attachment(await render(data)));
  execFileSync("qpdf", ["--remove-attachment=form.json", write("other.pdf", await render(other)), `${folder}/bare.pdf`]);
  execFileSync("qpdf", ["--add-attachment", json, "--key=form.json", "--filename=form.json", "--", `${folder}/bare.pdf`, `${folder}/liar.pdf`]);
  assert.equal(await answer(await signPdf(readFileSync(`${folder}/liar.pdf`))), "page_differs");
});

test("a form with its receipt is taken, and one with another file, none, or one that its page does not name is refused", async () => {
  const content = Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(200_000)]);
  const paid = { ...data, payment: { way: "bank" }, receipt: { bank: "Örnek Bankası A.Ş.", date: "2026-11-20", amount: 150, number: "1", scanAttached: true } };
  const attached = async (bytes) => ({ attachments: [{ id: "bank-receipt", document: await agent.upload(bytes, { name: "dekont ğ.pdf", mediaType: "application/pdf" }) }] });
  const attachments = [{ id: "bank-receipt", sha256: sha256(content) }];
  const form = await signForm(paid, await attached(content));
  assert.equal(await answer(form, { sent: paid, attachments }), "verified");
  const [row] = store.database.all("SELECT * FROM attachment");
  assert.deepEqual([row.name, row.sha256, Buffer.from(row.bytes).equals(content)], ["dekont ğ.pdf", sha256(content), true]);
  assert.equal(await answer(form, { sent: paid }), "other_attachments");
  assert.equal(await answer(await signForm(paid, await attached(Buffer.from("%PDF-1.7 another"))), { sent: paid, attachments }), "other_attachments");
  assert.equal(await answer(form, { sent: paid, attachments: [{ ...attachments[0], id: "other" }] }), "other_attachments");
  assert.equal(await answer(signed, { attachments }), "other_attachments");
  // Put in behind the page's back, before the signature.
  execFileSync("qpdf", ["--add-attachment", write("more.pdf", content), "--key=more", "--", write("page.pdf", await render(data)), `${folder}/more-in.pdf`]);
  assert.equal(await answer(await signPdf(readFileSync(`${folder}/more-in.pdf`)), {}), "other_attachments");
});

test("the same file, and the same data signed once more, are taken once", async () => {
  const kept = new Store(":memory:");
  assert.equal(await answer(signed, { in: kept }), "verified");
  assert.throws(() => kept.open(PERSON, FORM, data), /replayed/); // nobody is asked to sign it again
  kept.database.run("UPDATE signed_form SET data_sha256 = 'another'");
  assert.equal(await answer(signed, { in: kept }), "replayed"); // the file
  kept.database.run("UPDATE signed_form SET file_sha256 = 'another'");
  const twice = kept.open(PERSON, FORM, data);
  kept.database.run("UPDATE signed_form SET data_sha256 = ?", [sha256(canonical(data))]);
  await receive(await signForm(data), twice, kept, options);
  assert.equal(kept.find(twice.number, PERSON).reason, "replayed"); // the data, signed once more
  assert.equal(await answer(await signForm({ ...data, quantity: 3 }), { in: kept, sent: { ...data, quantity: 3 } }), "verified");
});

test("a signature of an authority that the portal does not know is refused, by either verifier", async () => {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2", "-subj", "/CN=other",
    "-keyout", "/dev/null", "-out", `${folder}/other.pem`], { stdio: "ignore" });
  assert.equal(await answer(signed, { with: { authorities: readFileSync(`${folder}/other.pem`, "utf8") } }), "signature_invalid");
  mkdirSync(`${folder}/empty`, { mode: 0o700 });
  write("nobody.conf", `trust-dir = ${folder}/empty\n`);
  assert.equal(await answer(signed, { with: { agent: [program, "--config", `${folder}/nobody.conf`] } }), "signature_invalid");
});

test("a verifier that can't run refuses nobody and believes nobody", async () => {
  assert.equal(await answer(signed, { with: { agent: ["/nowhere/imza-agent"] } }), "received: not_verified");
});

test("what the portal's server confirmed is signed, and nothing else", async () => {
  const page = await AgentClient.connect({ WebSocket: socketOf(confirmed), ports, origin: confirmed });
  try {
    const form = { ...read(`proto/forms/${FORM}/form.json`), id: FORM };
    assert.equal(page.info.manifest, true);
    const manifest = makeManifest(keys.privateKey, confirmed, form, { data });
    await assert.rejects(page.form.sign({ form: FORM, data: { ...data, quantity: 7 }, certificate, manifest }), { reason: "manifest_mismatch" });
    const pdf = Buffer.from(await (await page.download(await page.form.sign({ form: FORM, data, certificate, manifest }))).arrayBuffer());
    assert.equal(await answer(pdf), "verified");
    await assert.rejects(page.form.sign({ form: FORM, data, certificate, manifest }), { reason: "manifest_replayed" });
    await assert.rejects(page.form.sign({ form: FORM, data, certificate }), { reason: "manifest_required" });
    // Another's library reads ours, and makes one that the agent takes, by the newer name of the algorithm (RFC 9864).
    const { payload } = await jwtVerify(manifest, keys.publicKey, { algorithms: ["EdDSA"], typ: "imza-manifest+jwt" });
    assert.deepEqual(decodeProtectedHeader(manifest), { alg: "EdDSA", typ: "imza-manifest+jwt" });
    assert.deepEqual(payload.form, { id: FORM, version: form.version, sha256: sha256(canonical(data)) });
    const theirs = (more = {}, key = keys.privateKey) => new SignJWT({ origin: confirmed, jti: `${Math.random()}`.slice(2).padEnd(22, "0"),
      purpose: form.title, documents: [sha256(signed)], ...more })
      .setProtectedHeader({ alg: "Ed25519", typ: "imza-manifest+jwt", kid: "2026" }).setIssuedAt().setExpirationTime("5m").sign(key);
    const document = await page.upload(signed, { name: "form.pdf", mediaType: "application/pdf" });
    const again = (manifest) => page.sign.document({ certificate, documents: [{ document }], format: "pades", manifest });
    await assert.rejects(theirs({}, generateKeyPairSync("ed25519").privateKey).then(again), { reason: "manifest_invalid" });
    await assert.rejects(theirs({ origin }).then(again), { reason: "manifest_mismatch" });
    assert.equal((await again(await theirs())).documents.length, 1);
  } finally {
    page.close();
  }
});

function write(name, bytes) {
  writeFileSync(`${folder}/${name}`, bytes, { mode: 0o600 });
  return `${folder}/${name}`;
}

async function attachment(pdf) {
  return execFileSync("qpdf", ["--show-attachment=form.json", write("attached.pdf", pdf)]);
}
