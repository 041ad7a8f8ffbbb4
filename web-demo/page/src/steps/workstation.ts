// SPDX-License-Identifier: Apache-2.0
// The workstation half of step 3: readers and cards as they come and go, the PIN of each card and what can be done about it, and a check-up.
import type { CallOptions, CardListResult, PinState, ReaderListResult } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { formatClock, t, type MessageKey } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { announce } from "../step.js";
import { state, update } from "../state.js";
import { drawHealth } from "./health.js";

type Reader = ReaderListResult["readers"][number];
type Card = CardListResult["cards"][number];
type PinMethod = "verify" | "change" | "unblock";

const MOST_EVENTS = 6;

let open = false; // as the user left it

export function drawWorkstation(): HTMLElement {
  const details = h("details", { class: "workstation", open },
    h("summary", { id: "workstation" }, h("span", { class: "workstation-title" }, t("workstation.title")),
      h("span", { class: "muted" }, t("workstation.count", { readers: state.readers.length, cards: state.cards.length })),
      state.cards.map(({ pin }) => h("span", { class: `tag ${lookOf(pin)}` }, t(`pin.state.${pin.state}`))),
      state.events.length > 0 && h("span", { class: "muted" }, state.events[0]!.text)),
    h("div", { class: "workstation-body" },
      h("ul", { class: "readers" }, state.readers.map(drawReader)),
      drawProblem(state.pinError),
      drawHealth(),
      drawEvents()));
  details.addEventListener("toggle", () => (open = details.open));
  return details;
}

function drawReader(reader: Reader): HTMLElement {
  const cards = state.cards.filter((card) => card.reader === reader.id);
  return h("li", { class: "reader" },
    h("div", { class: "reader-head" }, icon("card"), h("span", {}, reader.name),
      h("span", { class: `tag ${reader.state === "present" ? "good" : reader.state === "empty" ? "" : "warn"}` }, t(`reader.${reader.state}` as MessageKey))),
    cards.map(drawCard));
}

function drawCard(card: Card): HTMLElement {
  const { label, pin, problem, kind } = card;
  return h("div", { class: "card" },
    h("span", { class: "card-name" }, label, kind && h("span", { class: "muted" }, ` · ${kind}`)),
    h("span", { class: `tag ${lookOf(pin)}` }, t(`pin.state.${pin.state}`)),
    !problem && h("div", { class: "card-tools" },
      state.pinOperation === undefined
        ? [pinButton(card, "verify"), pinButton(card, "change"), pin.state === "locked" && pinButton(card, "unblock")]
        : h("button", { id: "pin-cancel", class: "quiet", onclick: () => state.pinOperation?.abort() }, icon("cross"), t("action.cancel"))));
}

function lookOf({ state: pin }: PinState): string {
  return pin === "ok" ? "good" : pin === "unknown" ? "" : pin === "locked" ? "bad" : "warn";
}

function pinButton(card: Card, method: PinMethod): HTMLElement {
  return h("button", { id: `pin-${method}-${card.id.replaceAll(/\W/g, "_")}`, class: "quiet", onclick: () => void runPin(card, method) },
    icon("key"), t(`pin.${method}`));
}

/** The agent asks for the PIN in its own window; the page hears what has become of it. */
async function runPin(card: Card, method: PinMethod): Promise<void> {
  const client = state.client!;
  const pinOperation = new AbortController();
  const options: CallOptions = { signal: pinOperation.signal };
  update({ pinOperation, pinError: undefined });
  try {
    const { pin } = await client.pin[method]({ card: card.id }, options);
    showPin(card, pin);
    announce(t(`pin.${method}.done`));
    addEvent(t(`pin.${method}.done`));
  } catch (pinError) {
    if (state.client === client) update({ pinError });
  } finally {
    update({ pinOperation: undefined });
  }
  if (state.client !== client) return;
  const told = await client.pin.status({ card: card.id }).catch(() => undefined); // a wrong PIN changes it
  if (told) showPin(card, told.pin);
}

function showPin(card: Card, pin: PinState): void {
  update({ cards: state.cards.map((one) => (one.id === card.id ? { ...one, pin } : one)) });
}

/** Something happened at the workstation: the newest stands first. */
export function addEvent(text: string): void {
  update({ events: [{ time: new Date(), text }, ...state.events].slice(0, MOST_EVENTS) });
}

function drawEvents(): HTMLElement {
  return h("div", { class: "events" }, h("h3", {}, t("events.title")),
    state.events.length === 0
      ? h("p", { class: "muted" }, t("events.none"))
      : h("ol", { role: "log", "aria-label": t("events.title") }, state.events.map(({ time, text }) =>
        h("li", {}, h("time", { datetime: time.toISOString() }, formatClock(time)), text))));
}
