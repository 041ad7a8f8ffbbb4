// SPDX-License-Identifier: Apache-2.0
// A signed form comes in: every check that a portal owes itself before it believes one. Throws Refusal.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOnPage, missingOnPage, readForm } from "./page_text.mjs";
import { Refusal } from "./refusal.mjs";
import { verifyWithAgent, verifyWithPkijs } from "./signature.mjs";
import { canonical, sha256 } from "./store.mjs";

/**
 * pdf: what was uploaded; application: what the portal sent, and to whom; options: {agent: the verifier's command, authorities: PEM,
 * forms: id -> {layout, texts}}. Gives back {signer, json, files}.
 */
export async function checkForm(pdf, application, { agent, authorities, forms }) {
  // 1. The signature: whole file, unchanged, by a certificate of an authority that we trust. Two verifiers that share no code agree.
  const signer = await verifyWithPkijs(pdf, authorities);
  const verdict = await inFile(pdf, (path) => verifyWithAgent(path, agent));
  if (verdict.signer?.id !== sha256(signer.certificate)) throw new Refusal("signature_invalid", "the two verifiers name different signers");

  // 2. The signer: the person who is logged in.
  if (signer.identityNumber !== application.person) throw new Refusal("wrong_signer", signer.name);

  // 3. The data: this form, and exactly what we sent for this application.
  if (verdict.form && verdict.form.id !== application.form) throw new Refusal("other_form", verdict.form.id);
  const { json, files, text } = await readForm(pdf);
  if (json !== canonical(application.data)) throw new Refusal("other_data");

  // 4. The page says what the data says: each value, and the digest of it all that the page bears.
  const missing = text.includes(sha256(json)) ? missingOnPage(text, application.data, forms[application.form]) : "SHA-256";
  if (missing) throw new Refusal("page_differs", missing);

  // 5. The attachments: the files that the application named, in their order, by two readers; nothing else came along. The page names them, too.
  const said = (verdict.form?.attachments ?? []).map(({ id, sha256 }) => `${id} ${sha256}`);
  const found = files.map(({ bytes }) => sha256(bytes));
  if (said.join() !== application.attachments.map(({ id, sha256 }) => `${id} ${sha256}`).join() ||
    [...found].sort().join() !== application.attachments.map(({ sha256 }) => sha256).sort().join()) throw new Refusal("other_attachments", said.join(", "));
  const unnamed = found.find((digest) => !isOnPage(text, digest));
  if (unnamed) throw new Refusal("page_differs", unnamed);
  return { signer: signer.name, json, files };
}

async function inFile(bytes, use) {
  const folder = await mkdtemp(join(tmpdir(), "portal-"));
  try {
    await writeFile(join(folder, "form.pdf"), bytes, { mode: 0o600 });
    return await use(join(folder, "form.pdf"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Checks a form that came in for an application, and keeps it; the application then says how that ended. */
export async function receive(pdf, application, store, options) {
  store.setState(application.number, "received");
  try {
    const { signer, json, files } = await checkForm(pdf, application, options);
    store.accept(application.number, pdf, json, signer, files);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    store.setState(application.number, error.reason === "not_verified" ? "received" : "refused", error);
  }
}
