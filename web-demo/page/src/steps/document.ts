// SPDX-License-Identifier: Apache-2.0
// Step 4: what is to be signed: an application form, or a file.
import { h, icon } from "../dom.js";
import { downloadLink } from "../download.js";
import { FormModel } from "../form/model.js";
import { drawForm, focusFirstError } from "../form/view.js";
import { pick, t } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { announce, type Step } from "../step.js";
import { isAllowed, state, update, type State } from "../state.js";
import { drawFile } from "./file.js";

export const documentStep: Step = {
  number: 4,
  title: "document.title",
  status: () => (!isAllowed() ? "locked" : isReady() ? "done" : "open"),
  summary: () => (state.task === "form" ? (state.form ? pick(state.form.description.title) : "") : (state.file?.name ?? "")),
  folded: () => state.result !== undefined,
  depends: () => [state.catalog, state.catalogError, state.form, state.task, state.file, state.format, drawn],
  draw: () => [drawTasks(), ...(state.task === "form" ? drawForms() : drawFile())],
};

let drawn = 0; // grows where the same form must be drawn again, with other data
type Samples = Record<string, Record<string, unknown>>;
let samples: Samples | undefined; // form id -> data of a made-up person

function isReady(): boolean {
  return state.task === "form" ? state.form?.valid === true : state.file !== undefined;
}

export async function loadCatalog(): Promise<void> {
  const client = state.client!;
  try {
    samples ??= await loadSamples();
    const { forms } = await client.form.catalog();
    update({ catalog: forms, catalogError: undefined });
    const before = state.form;
    if (before) await choose(before.description.id, before);
  } catch (error) {
    if (state.client === client) update({ catalogError: error });
  }
}

function drawTasks(): HTMLElement {
  const option = (task: State["task"], text: string, name: "pen" | "file") => {
    const radio = h("input", { type: "radio", name: "task", id: `task-${task}`, checked: state.task === task });
    radio.addEventListener("change", () => update({ task, result: undefined, signError: undefined }));
    return h("label", {}, radio, h("span", {}, icon(name), text));
  };
  return h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, t("document.title")),
    option("form", t("document.form"), "pen"), option("file", t("document.file"), "file"));
}

function drawForms(): (Node | undefined | false)[] {
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

function drawChoice(catalog: NonNullable<State["catalog"]>): HTMLElement {
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
    if (before) model.fill(before.data);
    update({ form: model, catalogError: undefined, result: undefined, signError: undefined });
    await model.check();
    update({});
  } catch (error) {
    if (state.client === client) update({ catalogError: error });
  }
}

function drawSample(form: FormModel): HTMLElement {
  const { id } = form.description;
  const sample = h("button", { id: "sample", onclick: () => void fillSample(form, samples![id]!) }, icon("spark"), t("form.sample"));
  sample.hidden = !samples?.[id];
  return sample;
}

function drawActions(form: FormModel): HTMLElement {
  return h("div", { class: "actions" }, h("button", { id: "show-preview", onclick: () => void preview(form) }, icon("eye"), t("form.preview")));
}

function loadSamples(): Promise<Samples> {
  return fetch("samples.json").then((response) => response.json()).catch(() => ({}));
}

async function fillSample(form: FormModel, sample: Record<string, unknown>): Promise<void> {
  form.fill(sample);
  drawn++;
  update({});
  await form.check().catch(() => undefined);
  update({});
  announce(t("form.filled"));
}

/** The page as the agent would print it: to look at, or to sign by hand. */
async function preview(form: FormModel): Promise<void> {
  const place = document.getElementById("preview")!;
  form.showAll = true;
  try {
    if (!(await form.check())) return focusFirstError(form);
    const rendered = await form.client.form.render({ form: form.description.id, data: form.data });
    const pdf = await form.client.download(rendered);
    await form.client.document.close({ document: rendered.document });
    const link = downloadLink(pdf, rendered.name, t("form.downloadPdf"));
    place.replaceChildren(h("figure", { class: "preview" },
      navigator.pdfViewerEnabled && h("iframe", { src: `${link.href}#toolbar=0&navpanes=0&view=FitH`, title: t("form.previewTitle") }),
      h("figcaption", {}, t("form.previewText"), link)));
    place.scrollIntoView({ block: "nearest" });
    announce(t("form.previewTitle"));
  } catch (error) {
    place.replaceChildren(drawProblem(error)!);
  }
}
