// SPDX-License-Identifier: Apache-2.0
// The officer's half of step 4: a hundred made-up applications, rendered by the agent and listed.
import { FORM, ApplicationBatch } from "../batch/model.js";
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { drawProblem, isUserChoice } from "../problem.js";
import { announce } from "../step.js";
import { state, update } from "../state.js";
import { sampleOf, today } from "./form.js";

const MOST = 1000;
let count = 100;

export function drawBatch(): (Node | undefined | false)[] {
  const { batch } = state;
  return [h("p", { class: "muted" }, t("batch.text")), drawStart(), batch && drawList(batch)];
}

function drawStart(): HTMLElement {
  const number = h("input", { id: "batch-count", type: "number", min: 1, max: MOST, step: 1, value: count });
  const error = h("p", { class: "error-text", id: "batch-count-error", role: "alert" });
  number.setAttribute("aria-describedby", error.id);
  const progress = h("div", { class: "bar" });
  const make = h("button", { id: "batch-make", onclick: () => {
    count = Number(number.value);
    const wrong = !Number.isInteger(count) || count < 1 || count > MOST;
    error.textContent = wrong ? t("batch.wrongCount", { most: MOST }) : "";
    if (wrong) return number.focus();
    void prepare(progress, make);
  } }, icon("stack"), t("batch.make"));
  return h("div", { class: "batch-start" },
    h("div", { class: "choice" }, h("div", { class: "field short" }, h("label", { for: number.id }, t("batch.count")), number), make), error, progress);
}

/** Drawn by hand while it runs: a hundred small steps must not draw the whole step a hundred times. */
async function prepare(place: HTMLElement, make: HTMLButtonElement): Promise<void> {
  const client = state.client!;
  const batch = new ApplicationBatch(client, sampleOf(FORM)!, count, today());
  const controller = new AbortController();
  const bar = drawBar(t("batch.preparing"), batch.items.length, controller);
  place.replaceChildren(bar.element);
  make.disabled = true;
  update({ batch: undefined, result: undefined, signError: undefined });
  try {
    await batch.prepare(controller.signal, bar.show);
    update({ batch });
    announce(t("batch.ready", { count: batch.items.length }));
  } catch (error) {
    if (state.client !== client) return;
    place.replaceChildren(...(isUserChoice(error) ? [] : [drawProblem(error)!]));
    make.disabled = false;
    make.focus();
  }
}

interface Bar {
  element: HTMLElement;
  show: (done: number) => void;
}

/** A progress bar with its numbers and a way to stop. */
export function drawBar(label: string, total: number, controller?: AbortController): Bar {
  const progress = h("progress", { max: total, value: 0, "aria-label": label });
  const text = h("span", { class: "bar-text" });
  const show = (done: number) => {
    progress.value = done;
    text.textContent = `${label} ${done}/${total}`;
  };
  show(0);
  const stop = controller && h("button", { id: "stop", class: "quiet", onclick: () => controller.abort() }, icon("cross"), t("action.cancel"));
  return { element: h("div", { class: "bar" }, progress, text, stop), show };
}

function drawList(batch: ApplicationBatch): HTMLElement {
  return h("div", { class: "table", id: "batch-list", tabindex: 0, role: "region", "aria-label": t("batch.list") },
    h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("batch.number")), h("th", { scope: "col" }, t("batch.applicant")),
        h("th", { scope: "col", class: "wide-only" }, t("batch.unit")), h("th", { scope: "col" }, t("batch.state")))),
      h("tbody", {}, batch.items.map(({ name, unit }, index) => h("tr", {}, h("td", {}, index + 1), h("td", {}, name), h("td", { class: "wide-only" }, unit),
        h("td", {}, drawState(batch, index)))))));
}

function drawState(batch: ApplicationBatch, index: number): HTMLElement {
  const outcome = batch.outcome(index)?.state ?? "waiting";
  const look = { waiting: "", signed: "good", failed: "bad" }[outcome];
  return h("span", { class: `tag ${look}` }, t(`batch.${outcome}`));
}
