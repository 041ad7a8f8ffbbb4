// SPDX-License-Identifier: Apache-2.0
// Step 6: has the agent check a signed file, this page's own or any other, and says what each signature is worth and why.
import type { SignatureVerifyResult, VerifiedSignature } from "imza-agent-client";
import { h, icon, type IconName } from "../dom.js";
import { drawPicker } from "../file_picker.js";
import { formatSize, formatTime, pick, t, type MessageKey } from "../i18n.js";
import { drawNotice, drawProblem } from "../problem.js";
import { announce, type Step } from "../step.js";
import { isAllowed, state, update } from "../state.js";

export interface Verification {
  name: string;
  result: SignatureVerifyResult;
}

export const verifyStep: Step = {
  number: 6,
  title: "verify.title",
  status: () => (!isAllowed() ? "locked" : state.verification ? "done" : "open"),
  summary: () => (state.verification ? t(`verify.${state.verification.result.status}`) : ""),
  depends: () => [state.verification, state.verifyBusy, state.verifyError, state.signedFile, state.signedContent, state.result],
  draw,
};

function draw(): (Node | undefined | false)[] {
  const { result, verifyBusy, verification, signedFile } = state;
  if (!state.client!.info.features.some((feature) => feature.startsWith("verify."))) return [drawNotice("info", t("verify.missing"))];
  const own = result !== undefined && result !== "batch" && result;
  const detached = signedFile !== undefined && /\.(p7s|p7m|p7)$/i.test(signedFile.name);
  return [
    h("p", { class: "muted" }, t("verify.text")),
    own && h("div", { class: "actions" }, h("button", { id: "verify-own", onclick: () => void verify(new File([own.blob], own.name, { type: own.mediaType }), own.detachedFrom) },
      icon("shield"), t("verify.own"))),
    drawPicker({ id: "signed-file", file: signedFile, text: t("verify.pick"), take: (file) => update({ signedFile: file, verification: undefined, verifyError: undefined }) }),
    detached && h("div", { class: "attachment" }, h("p", { class: "hint" }, t("verify.contentText")),
      drawPicker({ id: "signed-content", file: state.signedContent, text: t("verify.pickContent"), take: (signedContent) => update({ signedContent }) })),
    signedFile && h("div", { class: "actions" }, h("button", { id: "verify", class: "primary", "aria-busy": verifyBusy ? "true" : undefined,
      "aria-disabled": verifyBusy ? "true" : undefined, onclick: () => void verify(signedFile, detached ? state.signedContent : undefined) },
      verifyBusy ? h("span", { class: "spinner" }) : icon("shield"), t("verify.check"))),
    drawProblem(state.verifyError),
    verification && drawVerification(verification),
  ];
}

async function verify(file: File, content?: File): Promise<void> {
  if (state.verifyBusy) return;
  const client = state.client!;
  const open: number[] = [];
  const upload = async (one: File) => {
    open.push(await client.upload(one, { name: one.name }));
    return open.at(-1)!;
  };
  update({ verifyBusy: true, verifyError: undefined, verification: undefined });
  try {
    const handle = await upload(file);
    const result = await client.signature.verify({ document: handle, ...(content && { content: await upload(content) }) });
    update({ verifyBusy: false, verification: { name: file.name, result } });
    announce(t(`verify.${result.status}`));
    document.getElementById("verification")?.scrollIntoView({ block: "nearest" });
  } catch (verifyError) {
    update({ verifyBusy: false, ...(state.client === client && { verifyError }) });
  } finally {
    for (const document of open) client.document.close({ document }).catch(() => undefined);
  }
}

const looks: Record<VerifiedSignature["status"], [IconName, string]> = {
  valid: ["check", "good"], invalid: ["cross", "bad"], indeterminate: ["alert", "warn"],
};

function drawVerification({ name, result }: Verification): HTMLElement {
  const [, look] = looks[result.status];
  return h("div", { id: "verification", class: "verification" },
    h("p", { class: `verdict ${look}` }, icon(looks[result.status][0]), h("span", {}, h("strong", {}, t(`verify.${result.status}`)), ` · ${name}`)),
    result.signatures.map((signature, index) => drawSignature(signature, index, result.signatures.length)));
}

function drawSignature(signature: VerifiedSignature, index: number, count: number): HTMLElement {
  const { status, reasons, signer, time, level, coverage, changes, revision, form, qualified, missing, digestAlgorithm } = signature;
  const row = (term: MessageKey, value: Node | string | undefined | false) => (value ? [h("dt", {}, t(term)), h("dd", {}, value)] : []);
  return h("section", { class: "signature", "aria-label": t("verify.signature", { number: index + 1, count }) },
    h("h3", {}, t("verify.signature", { number: index + 1, count }), h("span", { class: `tag ${looks[status][1]}` }, t(`verify.${status}`)),
      qualified && h("span", { class: "tag good" }, t("certificate.qualified"))),
    reasons.length > 0 && h("ul", { class: "failures" }, reasons.map((reason) => h("li", {}, pick(reason.text), " ", h("code", { class: "measured" }, `${reason.code} · ${reason.cause}`)))),
    h("dl", {},
      row("result.signer", signer?.subject.commonName),
      row("verify.issuer", signer?.issuer.commonName),
      row("verify.time", time && t("verify.claimed", { time: formatTime(time) })),
      row("verify.coverage", coverage === "revision" ? t("verify.coverage.revision", { revision: revision ?? "?" }) : t(`verify.coverage.${coverage}`)),
      row("verify.changes", changes?.length ? changes.map((change) => t(`verify.change.${change}`)).join(", ") : undefined),
      row("verify.level", `${level === "none" ? t("verify.noLevel", { missing: missing.join(", ") }) : level}${digestAlgorithm ? ` · ${digestAlgorithm}` : ""}`),
      row("verify.revocation", t("verify.notChecked")),
      row("verify.form", form && `${form.id} · ${form.version}`),
      (form?.attachments ?? []).flatMap(({ name, size, sha256 }) => row("verify.attachment", h("span", {}, `${name}${size === undefined ? "" : ` · ${formatSize(size)}`} `, sha256 && h("code", { class: "hash" }, sha256))))),
    form?.data && h("details", {}, h("summary", {}, t("verify.data")), h("pre", { class: "data", tabindex: 0 }, JSON.stringify(form.data, null, 2))));
}
