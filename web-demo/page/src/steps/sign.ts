// SPDX-License-Identifier: Apache-2.0
// Step 5: has the agent sign, shows where it stands, and what came out.
import { FormInvalidError, type OperationProgressEvent, type SignedDocument } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { downloadLink } from "../download.js";
import { showErrors } from "../form/view.js";
import { formatSize, formatTime, t } from "../i18n.js";
import { drawNotice, drawProblem, isUserChoice } from "../problem.js";
import { announce, type Step } from "../step.js";
import { chosenCertificate, isAllowed, state, update, type Format, type SignedResult } from "../state.js";
import { drawBatchResult } from "./batch_sign.js";
import { loadCards } from "./certificates.js";

const STEPS = ["preparing", "consent", "pin", "signing", "finishing"] as const;

export const signStep: Step = {
  number: 5,
  title: "sign.title",
  status: () => (state.result ? "done" : isAllowed() && chosenCertificate() && hasDocument() ? "open" : "locked"),
  summary: () => (state.result ? t("sign.done") : ""),
  depends: () => [state.operation, state.signError, state.result, state.chosen, state.task, state.form, state.form?.data.way, state.file, state.batch],
  draw,
};

function hasDocument(): boolean {
  return { form: () => state.form !== undefined, file: () => state.file !== undefined, batch: () => state.batch?.isReady === true }[state.task]();
}

function draw(): (Node | undefined | false)[] {
  const { operation, result, signError } = state;
  return [
    result && (result === "batch" ? drawBatchResult(state.batch!) : drawResult(result)),
    drawProblem(signError),
    operation ? drawProgress(operation.progress, operation.controller) : h("div", {},
      !result && state.task === "form" && drawWay(),
      !result && h("p", {}, t(state.task === "batch" ? "batch.sign.text" : "sign.text")),
      h("div", { class: "actions" }, drawActions())),
  ];
}

function drawActions(): (Node | undefined | false)[] {
  const { result, batch } = state;
  if (!result) return [h("button", { id: "sign", class: "primary", onclick: () => void run(work()) }, icon("pen"), t(state.task === "batch" ? "batch.sign" : "sign.sign"))];
  const failed = result === "batch" && batch!.signed < batch!.items.length;
  return [
    failed && h("button", { id: "retry", class: "primary", onclick: () => void run(signBatch) }, icon("refresh"), t("batch.retry", { count: batch!.items.length - batch!.signed })),
    h("button", { id: "next", onclick: () => update({ result: undefined, signError: undefined }) }, icon("refresh"), t("sign.next")),
  ];
}

/** An application that goes another way than this step's. */
function drawWay(): HTMLElement | undefined {
  const way = state.form?.data.way;
  return way === "wet-signed" ? drawNotice("info", t("sign.wetSigned")) : way === "e-approved" ? drawNotice("info", t("sign.eApproved")) : undefined;
}

function drawProgress(progress: OperationProgressEvent | undefined, controller: AbortController): HTMLElement {
  const step = progress?.step ?? "preparing";
  const waiting = step === "waiting";
  const now = STEPS.indexOf(step === "waiting" ? "consent" : step);
  const { done = 0, total = 1 } = progress ?? {};
  return h("div", { class: "progress" },
    h("ol", {}, STEPS.map((step, index) =>
      h("li", { class: index < now ? "past" : index === now ? "now" : "", "aria-current": index === now ? "step" : undefined }, t(`step.${step}`)))),
    (now === 1 || now === 2) && h("p", { class: "notice info" }, icon("info"), t(waiting ? "sign.waiting" : now === 1 ? "sign.consent" : "sign.pin")),
    total > 1 && h("div", { class: "bar" }, h("progress", { max: total, value: done, "aria-label": t(`step.${STEPS[now]!}`) }),
      h("span", { class: "bar-text" }, `${done}/${total}`)),
    h("div", { class: "actions" }, h("button", { id: "cancel", onclick: () => controller.abort() }, t("action.cancel"))));
}

interface SignOptions {
  signal: AbortSignal;
  onProgress: (progress: OperationProgressEvent) => void;
}

type Work = (options: SignOptions) => Promise<Partial<typeof state>>;

function work(): Work {
  return {
    form: async (options: SignOptions) => ({ result: await signForm(options) }),
    file: async (options: SignOptions) => ({ result: await signFile(state.file!, state.format, options) }),
    batch: signBatch,
  }[state.task];
}

/** Has the agent do it; whatever comes of it is shown in this step. */
async function run(sign: Work): Promise<void> {
  const { client, form } = state;
  if (state.task === "form" && !state.result && !(await form!.check().catch(() => true))) {
    announce(t("form.mend"));
    return showErrors(form!);
  }
  const controller = new AbortController();
  update({ operation: { controller }, signError: undefined });
  try {
    update({ ...(await sign({ signal: controller.signal, onProgress: (progress) => showProgress(progress, controller) })), operation: undefined });
    announce(t("sign.done"));
    document.getElementById("result")?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (error instanceof FormInvalidError) form?.take(error.data.errors);
    if (state.client !== client) return update({ operation: undefined });
    update({ operation: undefined, signError: error });
    if (!isUserChoice(error)) void loadCards(); // what the card tells about its PIN may be another thing now
  }
}

let painting = 0;

/** Drawn once a frame at most: a batch tells of each document. */
function showProgress(progress: OperationProgressEvent, controller: AbortController): void {
  if (state.operation?.controller !== controller) return;
  if (state.operation.progress?.step !== progress.step) announce(t(`step.${progress.step}`));
  state.operation = { controller, progress };
  cancelAnimationFrame(painting);
  painting = requestAnimationFrame(() => update({}));
}

async function signForm(options: SignOptions): Promise<SignedResult> {
  const model = state.form!;
  const { id: form, version } = model.description;
  return fetchResult(await model.withFiles((files) =>
    state.client!.form.sign({ form, version, data: model.data, ...files, certificate: state.chosen!, format: "pades" }, options), options.signal));
}

async function signBatch(options: SignOptions): Promise<Partial<typeof state>> {
  await state.batch!.sign(state.chosen!, options);
  return { result: "batch" };
}

async function signFile(file: File, as: Format, options: SignOptions): Promise<SignedResult> {
  const client = state.client!;
  const document = await client.upload(file, { name: file.name, signal: options.signal });
  try {
    const [format, packaging] = as.split("-") as ["pades" | "cades", ("attached" | "detached")?];
    const { documents } = await client.sign.document({ certificate: state.chosen!, documents: [{ document }], format, ...(packaging && { packaging }) }, options);
    return { ...(await fetchResult(documents[0]!)), detachedFrom: packaging === "detached" ? file : undefined };
  } finally {
    client.document.close({ document }).catch(() => undefined);
  }
}

/** Brings the signed bytes over and lets the agent forget them. */
async function fetchResult(signed: SignedDocument): Promise<SignedResult> {
  const client = state.client!;
  const { name, mediaType, sha256, signer, time } = signed;
  const blob = await client.download(signed);
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
      result.detachedFrom ? row(t("result.detached"), result.detachedFrom.name) : []),
    h("div", { class: "actions" }, downloadLink(result.blob, result.name, t("result.download"), "button primary")));
}
