// SPDX-License-Identifier: Apache-2.0
// Step 5: has the agent sign, shows where it stands, and what came out.
import { FormInvalidError, type OperationProgressEvent, type SignedDocument } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { downloadLink } from "../download.js";
import { focusFirstError } from "../form/view.js";
import type { FormError } from "../form/model.js";
import { formatSize, formatTime, t } from "../i18n.js";
import { drawProblem, isUserChoice } from "../problem.js";
import { announce, type Step } from "../step.js";
import { chosenCertificate, isAllowed, state, update, type SignedResult } from "../state.js";
import { loadCards } from "./certificates.js";

const STEPS = ["preparing", "consent", "pin", "signing", "finishing"] as const;

export const signStep: Step = {
  number: 5,
  title: "sign.title",
  status: () => (state.result ? "done" : isAllowed() && chosenCertificate() && (state.task === "form" ? state.form : state.file) ? "open" : "locked"),
  summary: () => (state.result ? t("sign.done") : ""),
  depends: () => [state.operation, state.signError, state.result, state.chosen, state.task, state.form, state.file],
  draw,
};

function draw(): (Node | undefined | false)[] {
  const { operation, result, signError } = state;
  return [
    result && drawResult(result),
    drawProblem(signError),
    operation ? drawProgress(operation.progress, operation.controller) : h("div", {},
      !result && h("p", {}, t("sign.text")),
      h("div", { class: "actions" },
        result
          ? h("button", { id: "next", onclick: () => update({ result: undefined, signError: undefined }) }, icon("refresh"), t("sign.next"))
          : h("button", { id: "sign", class: "primary", onclick: () => void sign() }, icon("pen"), t("sign.sign")))),
  ];
}

function drawProgress(progress: OperationProgressEvent | undefined, controller: AbortController): HTMLElement {
  const now = STEPS.indexOf(progress?.step ?? "preparing");
  return h("div", { class: "progress" },
    h("ol", {}, STEPS.map((step, index) =>
      h("li", { class: index < now ? "past" : index === now ? "now" : "", "aria-current": index === now ? "step" : undefined }, t(`step.${step}`)))),
    (now === 1 || now === 2) && h("p", { class: "notice info" }, icon("info"), t(now === 1 ? "sign.consent" : "sign.pin")),
    h("div", { class: "actions" }, h("button", { id: "cancel", onclick: () => controller.abort() }, t("action.cancel"))));
}

async function sign(): Promise<void> {
  const { client, form } = state;
  if (state.task === "form") {
    form!.showAll = true;
    if (!(await form!.check().catch(() => true))) {
      announce(t("form.mend"));
      return focusFirstError(form!);
    }
  }
  const controller = new AbortController();
  update({ operation: { controller }, signError: undefined, result: undefined });
  const options = { signal: controller.signal, onProgress: (progress: OperationProgressEvent) => showProgress(progress, controller) };
  try {
    const result = state.task === "form" ? await signForm(options) : await signFile(options);
    update({ operation: undefined, result });
    announce(t("sign.done"));
    document.getElementById("result")?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (error instanceof FormInvalidError) form?.take((error.data.errors ?? []) as FormError[]);
    if (state.client !== client) return update({ operation: undefined });
    update({ operation: undefined, signError: error });
    if (!isUserChoice(error)) void loadCards(); // what the card tells about its PIN may be another thing now
  }
}

function showProgress(progress: OperationProgressEvent, controller: AbortController): void {
  if (state.operation?.progress?.step !== progress.step) announce(t(`step.${progress.step}`));
  update({ operation: { controller, progress } });
}

interface SignOptions {
  signal: AbortSignal;
  onProgress: (progress: OperationProgressEvent) => void;
}

async function signForm(options: SignOptions): Promise<SignedResult> {
  const { description, data } = state.form!;
  return fetchResult(await state.client!.form.sign({ form: description.id, data, certificate: state.chosen!, format: "pades" }, options));
}

async function signFile(options: SignOptions): Promise<SignedResult> {
  const client = state.client!;
  const file = state.file!;
  const document = await client.upload(file, { name: file.name, signal: options.signal });
  try {
    const [format, packaging] = state.format.split("-") as ["pades" | "cades", ("attached" | "detached")?];
    const { documents } = await client.sign.document({ certificate: state.chosen!, documents: [{ document }], format, ...(packaging && { packaging }) }, options);
    return { ...(await fetchResult(documents[0]!)), detachedFrom: packaging === "detached" ? file.name : undefined };
  } finally {
    client.document.close({ document }).catch(() => undefined);
  }
}

/** Brings the signed bytes over and lets the agent forget them. */
async function fetchResult(signed: SignedDocument): Promise<SignedResult> {
  const client = state.client!;
  const { name, mediaType, sha256, size, signer, time } = signed;
  const blob = await client.download({ document: signed.document!, mediaType, size });
  await client.document.close({ document: signed.document! });
  return { name, mediaType, blob, sha256, signer: signer.commonName, time };
}

function drawResult(result: SignedResult): HTMLElement {
  const row = (term: string, ...value: (Node | string)[]) => [h("dt", {}, term), h("dd", {}, ...value)];
  return h("div", { class: "result", id: "result" },
    h("div", { class: "result-head" }, h("span", { class: "seal" }, icon("check")),
      h("div", {}, h("h3", {}, t("result.title")), h("p", { class: "muted" }, `${result.name} · ${formatSize(result.blob.size)}`))),
    h("dl", {},
      row(t("result.signer"), result.signer),
      row(t("result.time"), formatTime(result.time)),
      row("SHA-256", h("code", { class: "hash" }, result.sha256)),
      result.detachedFrom ? row(t("result.detached"), result.detachedFrom) : []),
    h("div", { class: "actions" }, downloadLink(result.blob, result.name, t("result.download"), "button primary")));
}
