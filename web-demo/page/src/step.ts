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
  /** The body is put away, behind a button: its work is done, and what comes after it counts now. */
  folded?: () => boolean;
}

export function mountStep(step: Step): HTMLElement {
  const id = `step-${step.number}`;
  const badge = h("span", { class: "badge", "aria-hidden": "true" });
  const title = h("h2", { id, tabindex: -1 });
  const summary = h("p", { class: "summary" });
  const body = h("div", { class: "step-body", id: `${id}-body` });
  const fold = h("button", { class: "quiet fold", id: `${id}-fold`, "aria-controls": body.id, onclick: () => {
    opened = !opened;
    refresh();
  } });
  const section = h("section", { class: "step", "aria-labelledby": id }, h("header", { class: "step-head" }, badge, title, summary, fold), body);
  let before: unknown[] | undefined;
  let opened = false;

  const refresh = (force = false) => {
    const status = step.status();
    section.dataset.status = status;
    badge.replaceChildren(status === "done" ? icon("check") : String(step.number));
    title.textContent = t(step.title);
    summary.textContent = step.summary();
    const foldable = step.folded?.() ?? false;
    if (!foldable) opened = false;
    body.hidden = status === "locked" || (foldable && !opened);
    fold.hidden = !foldable;
    fold.setAttribute("aria-expanded", String(opened));
    fold.textContent = t(opened ? "action.hide" : "action.show");
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

const CONTROLS = "a[href], button:not([disabled]), input, select, textarea";

/** Replaces the body and keeps the keyboard near: on the control with the same id, else the step's first control, else the next step. */
function redraw(body: HTMLElement, nodes: (Node | undefined | false)[]): void {
  const active = document.activeElement;
  const held = body.contains(active) ? (active as HTMLElement) : undefined;
  body.replaceChildren(...nodes.filter((node): node is Node => Boolean(node)));
  if (!held) return;
  const near = (held.id && document.getElementById(held.id)) || body.querySelector<HTMLElement>(CONTROLS);
  if (near) near.focus({ preventScroll: true });
  else queueMicrotask(() => focusStep(body.closest(".step")!.nextElementSibling)); // which draws itself in this same update
}

function focusStep(step: Element | null): void {
  const control = step?.querySelector<HTMLElement>(`.step-body :is(${CONTROLS})`) ?? step?.querySelector<HTMLElement>("h2");
  control?.focus({ preventScroll: true });
}

let announcer: HTMLElement | undefined;

/** Says a line to screen readers. */
export function announce(text: string): void {
  announcer ??= document.getElementById("announcer")!;
  announcer.textContent = text;
}
