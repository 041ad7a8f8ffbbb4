// SPDX-License-Identifier: Apache-2.0
// The officer's half of step 5: one consent and one PIN for all, what came of each, another try for those that failed, all of them as a ZIP.
import type { ApplicationBatch } from "../batch/model.js";
import { zip } from "../batch/zip.js";
import { h, icon } from "../dom.js";
import { downloadLink } from "../download.js";
import { formatSize, t } from "../i18n.js";
import { drawProblem, problemOf } from "../problem.js";
import { announce } from "../step.js";
import { drawBar } from "./batch.js";

export function drawBatchResult(batch: ApplicationBatch): HTMLElement {
  const failed = batch.items.flatMap((item, index) => (batch.outcome(index)?.state === "failed" ? [{ item, index, error: batch.outcome(index)!.error }] : []));
  const place = h("div", { id: "archive" });
  const save = h("button", { id: "batch-save", class: "primary", onclick: () => void pack(batch, place, save) }, icon("download"), t("batch.save"));
  return h("div", { class: `result ${failed.length ? "partly" : ""}`, id: "result" },
    h("div", { class: "result-head" }, h("span", { class: "seal" }, icon(failed.length ? "alert" : "check")),
      h("div", {}, h("h3", {}, t("batch.done", { signed: batch.signed, count: batch.items.length })),
        h("p", { class: "muted" }, t(failed.length ? "batch.someFailed" : "batch.oneConsent")))),
    failed.length > 0 && h("ul", { class: "failures" }, failed.slice(0, 10).map(({ item, index, error }) =>
      h("li", {}, `${index + 1}. ${item.name}: ${problemOf(error).text}`)),
      failed.length > 10 && h("li", {}, t("batch.more", { count: failed.length - 10 }))),
    batch.signed > 0 && h("div", { class: "actions" }, save), place);
}

async function pack(batch: ApplicationBatch, place: HTMLElement, save: HTMLButtonElement): Promise<void> {
  save.disabled = true;
  const bar = drawBar(t("batch.packing"), batch.signed);
  place.replaceChildren(bar.element);
  try {
    const archive = await zip(batch.downloads(), bar.show);
    const link = downloadLink(archive, t("batch.fileName"), t("batch.archive", { size: formatSize(archive.size) }), "button primary");
    link.id = "batch-archive";
    save.hidden = true;
    place.replaceChildren(link);
    link.focus();
    announce(t("batch.packed"));
  } catch (error) {
    place.replaceChildren(drawProblem(error)!);
    save.disabled = false;
  }
}
