// SPDX-License-Identifier: Apache-2.0
// Says what went wrong and what to do about it, in a box or in one line.
import { AgentError, ConnectionError } from "imza-agent-client";
import { h, icon } from "./dom.js";
import { pick, t } from "./i18n.js";

interface Problem {
  reason: string;
  text: string;
  remedy: string;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof AgentError || error instanceof ConnectionError) {
    return { reason: error.reason, text: pick(error.text), remedy: pick(error.remedy) };
  }
  return { reason: "page", text: t("error.page"), remedy: error instanceof Error ? error.message : String(error) };
}

/** Ended by the user, so nothing that anybody has to be warned of. */
export function isUserChoice(error: unknown): boolean {
  return (error instanceof AgentError && ["user_cancelled", "user_denied"].includes(error.reason)) || (error as Error)?.name === "AbortError";
}

export function drawProblem(error: unknown): HTMLElement | undefined {
  if (error === undefined) return undefined;
  const { reason, text, remedy } = problemOf(error);
  const calm = isUserChoice(error);
  return h("div", { class: `notice ${calm ? "info" : "bad"}`, role: calm ? "status" : "alert" },
    icon(calm ? "info" : "alert"),
    h("div", {}, h("p", { class: "notice-text" }, text), remedy && h("p", {}, remedy), h("code", { class: "reason" }, reason)));
}

export function drawNotice(kind: "info" | "warn" | "good", text: string, ...more: (Node | false | undefined)[]): HTMLElement {
  return h("div", { class: `notice ${kind}` }, icon(kind === "good" ? "check" : kind === "warn" ? "alert" : "info"),
    h("div", {}, h("p", { class: "notice-text" }, text), more));
}
