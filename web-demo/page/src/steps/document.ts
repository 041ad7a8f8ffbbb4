// SPDX-License-Identifier: Apache-2.0
// Step 4: what is to be signed: an application form, a file, or an officer's batch of applications.
import { h, icon, type IconName } from "../dom.js";
import { pick, t } from "../i18n.js";
import type { Step } from "../step.js";
import { isAllowed, state, update, type State } from "../state.js";
import { drawBatch } from "./batch.js";
import { drawFile } from "./file.js";
import { drawForms, formDrawn } from "./form.js";

export const documentStep: Step = {
  number: 4,
  title: "document.title",
  status: () => (!isAllowed() ? "locked" : isReady() ? "done" : "open"),
  summary: () => ({
    form: () => (state.form ? pick(state.form.description.title) : ""),
    file: () => state.file?.name ?? "",
    batch: () => (state.batch ? t("batch.summary", { count: state.batch.items.length }) : ""),
  })[state.task](),
  folded: () => state.result !== undefined,
  depends: () => [state.catalog, state.catalogError, state.form, state.task, state.file, state.format, state.batch, state.batch?.signed, formDrawn()],
  draw: () => [drawTasks(), ...{ form: drawForms, file: drawFile, batch: drawBatch }[state.task]()],
};

function isReady(): boolean {
  return { form: () => state.form?.valid === true, file: () => state.file !== undefined, batch: () => state.batch?.isReady === true }[state.task]();
}

function drawTasks(): HTMLElement {
  const option = (task: State["task"], text: string, name: IconName) => {
    const radio = h("input", { type: "radio", name: "task", id: `task-${task}`, checked: state.task === task });
    radio.addEventListener("change", () => update({ task, result: undefined, signError: undefined }));
    return h("label", {}, radio, h("span", {}, icon(name), text));
  };
  return h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, t("document.title")),
    option("form", t("document.form"), "pen"), option("file", t("document.file"), "file"), option("batch", t("document.batch"), "stack"));
}
