// SPDX-License-Identifier: Apache-2.0
// The form half of step 4: chosen from the catalog, filled, looked at, and the two ways that need no e-imza: on paper, and e-approved.
import type { Certificate, StoredDocument } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { downloadLink, urlOf } from "../download.js";
import { FormModel } from "../form/model.js";
import { drawForm, showErrors } from "../form/view.js";
import { pick, t } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { announce } from "../step.js";
import { state, update } from "../state.js";

const MONTH_MS = 30 * 24 * 3600 * 1000;

let drawn = 0; // grows where the same form must be drawn again, with other data
let samples: Record<string, Record<string, unknown>> | undefined; // form id -> data of a made-up person

export const formDrawn = () => drawn;

export async function loadCatalog(): Promise<void> {
  const client = state.client!;
  try {
    samples ??= await fetch("samples.json").then((response) => response.json()).catch(() => ({}));
    const { forms } = await client.form.catalog();
    update({ catalog: forms, catalogError: undefined });
    const before = state.form;
    if (before) await choose(before.description.id, before);
  } catch (error) {
    if (state.client === client) update({ catalogError: error });
  }
}

/** The made-up person of a form's example. */
export const sampleOf = (form: string) => samples?.[form];

export function drawForms(): (Node | undefined | false)[] {
  const { catalog, form } = state;
  return [
    drawProblem(state.catalogError),
    catalog && h("div", { class: "choice" },
      h("div", { class: "field" }, h("label", { for: "form-choice" }, t("form.which")), drawChoice(catalog)),
      form && drawSample(form)),
    form && drawForm(form),
    form && drawActions(form),
    form && h("div", { id: "preview" }),
  ];
}

function drawChoice(catalog: NonNullable<typeof state.catalog>): HTMLElement {
  const chosen = state.form?.description.id;
  const select = h("select", { id: "form-choice" }, !chosen && h("option", { value: "" }, t("form.choose")),
    catalog.map(({ id, title }) => h("option", { value: id, selected: id === chosen }, pick(title))));
  select.addEventListener("change", () => select.value && void choose(select.value));
  return select;
}

async function choose(id: string, before?: FormModel): Promise<void> {
  const client = state.client!;
  try {
    const model = new FormModel(client, await client.form.describe({ form: id }));
    if (before) {
      model.fill(before.data);
      before.files.forEach((file, attachment) => model.files.set(attachment, file));
    }
    update({ form: model, catalogError: undefined, result: undefined, signError: undefined });
    await model.check();
    update({});
  } catch (error) {
    if (state.client === client) update({ catalogError: error });
  }
}

function drawSample(form: FormModel): HTMLElement {
  const sample = h("button", { id: "sample", onclick: () => void fillSample(form, sampleOf(form.description.id)!) }, icon("spark"), t("form.sample"));
  sample.hidden = !sampleOf(form.description.id);
  return sample;
}

async function fillSample(form: FormModel, sample: Record<string, unknown>): Promise<void> {
  const renewed = "certificateEnd" in sample ? state.certificates?.find(mayBeRenewed) : undefined;
  form.fill({
    ...sample,
    ...("applicationDate" in sample && { applicationDate: today() }),
    ...("certificateEnd" in sample && { certificateEnd: dayInTurkey(renewed ? new Date(renewed.notAfter) : new Date(Date.now() + MONTH_MS)) }),
  });
  drawn++;
  update(renewed ? { chosen: renewed.id } : {});
  await form.check().catch(() => undefined);
  update({});
  announce(t(renewed ? "form.filledRenewal" : "form.filled"));
}

/** The certificate that a renewal is signed with: one whose end is near. */
function mayBeRenewed({ status, purposes }: Certificate): boolean {
  return status === "expiring" && purposes.includes("signature");
}

/** The day in Turkey, ISO 8601: what the agent calls today, and a certificate's last day. */
const dayInTurkey = (date: Date) => new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Istanbul" }).format(date);

export const today = () => dayInTurkey(new Date());

function drawActions(form: FormModel): HTMLElement {
  return h("div", { class: "actions" },
    h("button", { id: "show-preview", onclick: () => void output(form, preview) }, icon("eye"), t("form.preview")),
    h("button", { id: "print", onclick: () => void output(form, print) }, icon("print"), t("form.print")),
    form.client.info.features.includes("form.canonical") &&
      h("button", { id: "canonical", onclick: () => void output(form, canonical) }, icon("stack"), t("form.canonical")));
}

/** For the e-approved way: the data in the one form that its digest is of (RFC 8785), which the state portal approves. */
async function canonical(form: FormModel, place: HTMLElement): Promise<void> {
  const { id, version } = form.description;
  const { canonical } = await form.client.form.validate({ form: id, version, data: form.data, canonical: true });
  if (!canonical) return showErrors(form);
  const blob = new Blob([canonical.data], { type: "application/json" });
  place.replaceChildren(h("div", { class: "canonical" }, h("p", { class: "muted" }, t("form.canonicalText")),
    h("dl", {}, h("dt", {}, "SHA-256"), h("dd", {}, h("code", { class: "hash" }, canonical.sha256))),
    h("pre", { class: "data", tabindex: 0, "aria-label": t("form.canonical") }, canonical.data),
    h("div", { class: "actions" }, downloadLink(blob, `${id}.json`, t("form.canonicalSave")))));
  announce(t("form.canonical"));
}

/** One of the ways out of a form that is right. */
async function output(form: FormModel, way: (form: FormModel, place: HTMLElement) => Promise<void>): Promise<void> {
  const place = document.getElementById("preview")!;
  try {
    if (!(await form.check())) return showErrors(form);
    await way(form, place);
    place.scrollIntoView({ block: "nearest" });
  } catch (error) {
    place.replaceChildren(drawProblem(error)!);
  }
}

/** The page as the agent makes it. */
async function render(form: FormModel): Promise<StoredDocument & { pdf: Blob }> {
  const { id, version } = form.description;
  const rendered = await form.withFiles((files) => form.client.form.render({ form: id, version, data: form.data, ...files }));
  const pdf = await form.client.download(rendered);
  await form.client.document.close({ document: rendered.document });
  return { ...rendered, pdf };
}

/** The page as the agent prints it, shown in this one. */
async function preview(form: FormModel, place: HTMLElement): Promise<void> {
  const { pdf, name } = await render(form);
  const url = `${urlOf(pdf)}#toolbar=0&navpanes=0&view=FitH`;
  place.replaceChildren(h("figure", { class: "preview" },
    navigator.pdfViewerEnabled && h("iframe", { src: url, title: t("form.previewTitle") }),
    h("figcaption", {}, t("form.previewText"), downloadLink(pdf, name, t("form.downloadPdf")))));
  announce(t("form.previewTitle"));
}

let printed: HTMLIFrameElement | undefined;

/** For the wet signature: the browser's print dialog with the page, which bears the digest of its data; and the file, where a browser can't. */
async function print(form: FormModel, place: HTMLElement): Promise<void> {
  const { pdf, name } = await render(form);
  place.replaceChildren(h("div", { class: "notice info" }, icon("print"),
    h("div", {}, h("p", { class: "notice-text" }, t("form.printTitle")), h("p", {}, t("form.printText")),
      h("div", { class: "actions" }, downloadLink(pdf, name, t("form.downloadPdf"))))));
  announce(t("form.printTitle"));
  if (!navigator.pdfViewerEnabled) return;
  // Beside the steps, which may be drawn again while the browser still prints.
  const frame = h("iframe", { src: urlOf(pdf), title: t("form.previewTitle"), class: "visually-hidden", tabindex: -1, "aria-hidden": "true" });
  frame.addEventListener("load", () => frame.contentWindow?.print());
  printed?.remove();
  printed = frame;
  document.body.append(frame);
}
