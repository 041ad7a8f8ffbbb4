// SPDX-License-Identifier: Apache-2.0
// The panel that shows every message between the page and the agent.
import type { WireMessage } from "imza-agent-client";
import { h, icon } from "./dom.js";
import { formatSize, onLanguage, t } from "./i18n.js";
import { colourJson } from "./json_view.js";

const MOST = 500; // entries on the page; older ones leave

interface Entry {
  message: WireMessage;
  method: string;
}

const entries: Entry[] = [];
const waiting: Entry[] = []; // not on the page yet
const methods = new Map<unknown, string>();
const list = h("ol", { class: "log-list", tabindex: "0" });
const count = h("span", { class: "muted" });

export function logMessage(message: WireMessage): void {
  const entry = { message, method: methodOf(message) };
  entries.push(entry);
  if (entries.length > MOST) entries.shift();
  waiting.push(entry);
  if (waiting.length === 1) requestAnimationFrame(showWaiting);
}

/** Draws what came since the last frame: a batch sends hundreds of messages, and the page must stay awake. */
function showWaiting(): void {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(...waiting.splice(0).slice(-MOST).map(drawEntry));
  while (list.childElementCount > MOST) list.firstChild!.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
  showCount();
}

export function mountLog(place: HTMLElement): void {
  const title = h("h2", { id: "log-title" });
  const copy = h("button", { class: "quiet", id: "log-copy", onclick: () => void copyAll(copy) });
  const clear = h("button", { class: "quiet", id: "log-clear", onclick: clearAll });
  const empty = h("p", { class: "muted log-empty" });
  place.setAttribute("aria-labelledby", "log-title");
  place.append(h("div", { class: "log-head" }, title, count, h("div", { class: "log-tools" }, copy, clear)), empty, list);
  const draw = () => {
    title.textContent = t("log.title");
    list.setAttribute("aria-label", t("log.title"));
    empty.textContent = t("log.empty");
    copy.replaceChildren(icon("copy"), t("log.copy"));
    clear.replaceChildren(icon("trash"), t("log.clear"));
    waiting.length = 0;
    list.replaceChildren(...entries.map(drawEntry));
    showCount();
  };
  onLanguage(draw);
  draw();
}

function methodOf(message: WireMessage): string {
  if (message.kind === "binary") return "";
  const json = message.json as { id?: unknown; method?: string };
  if (json.method && json.id !== undefined) methods.set(json.id, json.method);
  return json.method ?? methods.get(json.id) ?? "";
}

function drawEntry({ message, method }: Entry): HTMLElement {
  const json = message.kind === "text" ? (message.json as Record<string, unknown>) : {};
  const kind = message.kind === "binary" ? "binary" : "error" in json ? "error" : "result" in json ? "result" : "id" in json ? "request" : "event";
  const title = message.kind === "binary" ? t("log.document", { document: message.document }) : method;
  const head = [
    h("span", { class: `arrow ${message.direction}`, title: t(`log.${message.direction}`) }, icon(message.direction === "sent" ? "up" : "down"),
      h("span", { class: "visually-hidden" }, t(`log.${message.direction}`))),
    h("span", { class: "log-method" }, title),
    h("span", { class: `log-kind ${kind}` }, t(`log.${kind}`)),
    h("span", { class: "log-size" }, formatSize(message.size)),
  ];
  if (message.kind === "binary") return h("li", { class: "log-row" }, head);
  const details = h("details", {}, h("summary", { class: "log-row" }, head));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(h("pre", { tabindex: "0" }, colourJson(json)));
  });
  return h("li", {}, details);
}

function showCount(): void {
  count.textContent = entries.length ? String(entries.length) : "";
  list.parentElement?.classList.toggle("is-empty", entries.length === 0);
}

function clearAll(): void {
  entries.length = waiting.length = 0;
  list.replaceChildren();
  showCount();
}

async function copyAll(button: HTMLElement): Promise<void> {
  const lines = entries.map(({ message }) => {
    const what = message.kind === "text" ? message.json : { binary: { document: message.document, size: message.size } };
    return JSON.stringify({ time: message.time.toISOString(), direction: message.direction, message: what }, null, 2);
  });
  const done = await navigator.clipboard.writeText(lines.join("\n")).then(() => true, () => false);
  button.replaceChildren(icon(done ? "check" : "alert"), t(done ? "log.copied" : "log.notCopied"));
  setTimeout(() => button.replaceChildren(icon("copy"), t("log.copy")), 1500);
}
