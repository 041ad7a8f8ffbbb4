// SPDX-License-Identifier: Apache-2.0
// The choosers of files that go along with a form; each keeps itself up to date without drawing the form again.
import { h, icon } from "../dom.js";
import { drawPicker } from "../file_picker.js";
import { formatSize, t } from "../i18n.js";
import { announce } from "../step.js";
import { idOfAttachment } from "./ids.js";
import type { Attachment, FormModel } from "./model.js";

const typesOf = ({ mediaTypes }: Attachment) => mediaTypes.map((type) => type.split("/")[1]!.toUpperCase()).join(", ");

export function drawAttachment(model: FormModel, attachment: Attachment): HTMLElement {
  const id = idOfAttachment(attachment);
  const limits = { types: typesOf(attachment), size: formatSize(attachment.sizeMax) };
  const place = h("div", { class: "attachment", id: `${id}-place` });
  const take = (file: File) => {
    const fits = attachment.mediaTypes.includes(file.type) && file.size > 0 && file.size <= attachment.sizeMax;
    change(fits ? file : undefined);
    if (fits) return announce(t("attachment.added", { name: file.name }));
    model.problems.set(attachment.id, () => t("attachment.refused", { types: typesOf(attachment), size: formatSize(attachment.sizeMax) }));
    model.onChange();
  };
  const change = (file: File | undefined) => {
    const held = place.contains(document.activeElement);
    model.attach(attachment, file);
    draw();
    if (held) place.querySelector("input")!.focus({ preventScroll: true });
  };
  const draw = () => {
    const file = model.files.get(attachment.id);
    place.replaceChildren(
      h("h3", { id: `${id}-title` }, model.text(attachment.label), attachment.need !== "required" && h("span", { class: "optional" }, ` ${t(attachment.need === "recommended" ? "attachment.recommended" : "form.optional")}`)),
      h("p", { class: "hint", id: `${id}-hint` }, attachment.hint ? `${model.text(attachment.hint)} ` : "", t("attachment.limits", limits)),
      drawPicker({ id, file, text: t("file.pick"), accept: attachment.mediaTypes.join(), titledBy: `${id}-title`, describedBy: `${id}-hint ${id}-error`, take }),
      ...(file ? [h("button", { class: "quiet", id: `${id}-remove`, type: "button", onclick: () => change(undefined) }, icon("trash"), t("attachment.remove"))] : []),
      h("p", { class: "error-text", id: `${id}-error`, role: "alert" }));
  };
  draw();
  return place;
}

/** Shows which have a place now, and what is wrong with them. */
export function refreshAttachments(model: FormModel, form: HTMLElement): void {
  const here = model.attachable();
  for (const attachment of model.attachments) {
    const id = idOfAttachment(attachment);
    form.querySelector<HTMLElement>(`#${id}-place`)!.hidden = !here.includes(attachment);
    const error = form.querySelector(`#${id}-error`)!;
    const text = model.problems.get(attachment.id)?.() ?? "";
    if (error.textContent !== text) error.textContent = text;
  }
}
