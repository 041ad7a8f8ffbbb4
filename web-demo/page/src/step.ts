// SPDX-License-Identifier: Apache-2.0
// The frame that each step stands in: number, title, a line that sums it up, and a body that waits until its turn has come.
import { h, icon } from "./dom.js";
import { onLanguage, t, type MessageKey } from "./i18n.js";
import { onUpdate } from "./state.js";

export interface Step {
  number: number;
  title: MessageKey;
  /** locked: its turn has not come; open: the user is here; done. */
  status: () => "locked" | "open" | "done";
  summary: () => string;
  /** What the body shows. Called again only when depends() has changed, or the language. */
  draw: () => (Node | undefined | false)[];
  depends: () => unknown[];
}

export function mountStep(step: Step): HTMLElement {
  const id = `step-${step.number}`;
  const badge = h("span", { class: "badge", "aria-hidden": "true" });
  const title = h("h2", { id });
  const summary = h("p", { class: "summary" });
  const body = h("div", { class: "step-body" });
  const section = h("section", { class: "step", "aria-labelledby": id }, h("header", { class: "step-head" }, badge, title, summary), body);
  let before: unknown[] | undefined;

  const refresh = (force = false) => {
    const status = step.status();
    section.dataset.status = status;
    badge.replaceChildren(status === "done" ? icon("check") : String(step.number));
    title.textContent = t(step.title);
    summary.textContent = step.summary();
    body.hidden = status === "locked";
    const now = [status, ...step.depends()];
    if (!force && before && now.every((value, index) => value === before![index])) return;
    before = now;
    redraw(body, status === "locked" ? [] : step.draw());
  };
  onUpdate(() => refresh());
  onLanguage(() => refresh(true));
  refresh();
  return section;
}

/** Replaces the body and keeps the keyboard where it was: on the control with the same id, else on the step's first control. */
function redraw(body: HTMLElement, nodes: (Node | undefined | false)[]): void {
  const active = document.activeElement;
  const held = body.contains(active) ? (active as HTMLElement) : undefined;
  body.replaceChildren(...nodes.filter((node): node is Node => Boolean(node)));
  if (!held) return;
  const next = (held.id && document.getElementById(held.id)) || body.querySelector<HTMLElement>("button:not([disabled]), input, select, [tabindex='0']");
  next?.focus({ preventScroll: true });
}

let announcer: HTMLElement | undefined;

/** Says a line to screen readers. */
export function announce(text: string): void {
  announcer ??= document.getElementById("announcer")!;
  announcer.textContent = text;
}
