// SPDX-License-Identifier: Apache-2.0
// All that is wrong with a form, in one box above it: each line leads to its field. It takes the focus when the form is submitted.
import type { FormError } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { pick, t } from "../i18n.js";
import { idOf, idOfAttachment } from "./ids.js";
import type { FormModel } from "./model.js";

export class Summary {
  readonly element = h("div", { class: "summary-box", hidden: true });
  #shown = "";

  /** Draws the list anew where it is another one. */
  show(model: FormModel): void {
    const lines = model.showAll ? model.errors.map((error) => lineOf(model, error)) : [];
    const now = JSON.stringify(lines);
    if (now === this.#shown) return;
    this.#shown = now;
    const held = this.element.contains(document.activeElement);
    this.element.hidden = lines.length === 0;
    this.element.replaceChildren(...(lines.length ? [drawBox(lines)] : []));
    if (held) this.focus();
  }

  focus(): void {
    this.element.querySelector<HTMLElement>(".notice")?.focus();
  }
}

interface Line {
  target?: string;
  label?: string;
  text: string;
}

function lineOf(model: FormModel, error: FormError): Line {
  const field = model.fieldOf(error);
  const attachment = model.attachmentOf(error);
  if (attachment) return { target: idOfAttachment(attachment), label: model.text(attachment.label), text: pick(error.message) };
  return { target: field && idOf(field), label: field && model.text(field.label), text: pick(error.message) };
}

function drawBox(lines: Line[]): HTMLElement {
  return h("div", { class: "notice bad", tabindex: -1, role: "group", "aria-labelledby": "form-summary" }, icon("alert"),
    h("div", {}, h("h3", { id: "form-summary", class: "notice-text" }, t("form.summary", { count: lines.length })),
      h("ul", { class: "summary-list" }, lines.map(drawLine))));
}

function drawLine({ target, label, text }: Line): HTMLElement {
  if (!target) return h("li", {}, text);
  const link = h("a", { href: `#${target}` }, label);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(target)?.focus();
  });
  return h("li", {}, link, `: ${text}`);
}
