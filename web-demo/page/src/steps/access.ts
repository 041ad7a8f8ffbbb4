// SPDX-License-Identifier: Apache-2.0
// Step 2: asks the user, in the agent's own window, whether this site may use the agent.
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { drawNotice, drawProblem } from "../problem.js";
import { announce, type Step } from "../step.js";
import { isAllowed, state, update } from "../state.js";
import { loadCards } from "./certificates.js";
import { loadCatalog } from "./form.js";
import { addEvent } from "./workstation.js";

export const accessStep: Step = {
  number: 2,
  title: "access.title",
  status: () => (!state.client ? "locked" : isAllowed() ? "done" : "open"),
  summary: () => (isAllowed() ? t(`access.${state.grant as "once" | "always" | "listed"}`) : ""),
  depends: () => [state.grant, state.askingAccess, state.accessError],
  draw,
};

function draw(): (Node | undefined | false)[] {
  if (isAllowed()) return [];
  const asking = state.askingAccess;
  return [
    h("p", {}, t("access.text", { origin: location.origin })),
    state.grant === "denied" && !state.accessError && drawNotice("warn", t("access.denied")),
    drawProblem(state.accessError),
    asking && drawNotice("info", t("access.waiting")),
    h("div", { class: "actions" },
      asking
        ? h("button", { id: "access", onclick: () => asking.abort() }, t("action.cancel"))
        : h("button", { id: "access", class: "primary", onclick: ask }, icon("lock"), t("access.ask"))),
  ];
}

async function ask(): Promise<void> {
  const { client } = state;
  const askingAccess = new AbortController();
  update({ askingAccess, accessError: undefined });
  announce(t("access.waiting"));
  try {
    const { grant } = await client!.agent.requestAccess({ reason: t("access.reason") }, { signal: askingAccess.signal });
    update({ grant, askingAccess: undefined });
  } catch (error) {
    if (state.client === client) update({ askingAccess: undefined, accessError: error });
  }
}

/** Once the site is allowed: the cards, the forms, and word of what changes. */
export async function begin(): Promise<void> {
  const client = state.client!;
  const nameOf = (id: string) => state.readers.find((reader) => reader.id === id)?.name ?? id;
  client.on("reader.added", ({ reader }) => happened(t("events.readerAdded", { reader: reader.name })));
  client.on("reader.removed", ({ reader }) => happened(t("events.readerRemoved", { reader: nameOf(reader) })));
  client.on("card.inserted", ({ reader }) => happened(t("events.cardInserted", { reader: nameOf(reader) })));
  client.on("card.removed", ({ reader }) => happened(t("events.cardRemoved", { reader: nameOf(reader) })));
  await client.agent.subscribe({ topics: ["readers", "cards", "operations"] }).catch(() => undefined);
  await Promise.all([loadCards(), loadCatalog()]);
}

function happened(text: string): void {
  addEvent(text);
  announce(text);
  void loadCards();
}
