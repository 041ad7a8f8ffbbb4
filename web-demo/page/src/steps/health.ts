// SPDX-License-Identifier: Apache-2.0
// The check-up of the workstation: what the agent looked at, what it found, what helps.
import type { HealthCheck } from "imza-agent-client";
import { h, icon, type IconName } from "../dom.js";
import { pick, t } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { announce } from "../step.js";
import { state, update } from "../state.js";

const looks: Record<HealthCheck["status"], [IconName, string]> = {
  ok: ["check", "good"], warning: ["alert", "warn"], failed: ["cross", "bad"], skipped: ["info", "quiet"],
};

export function drawHealth(): HTMLElement {
  const { health, healthError, healthBusy } = state;
  const button = h("button", { id: "health", onclick: () => void check(), "aria-busy": healthBusy ? "true" : undefined, "aria-disabled": healthBusy ? "true" : undefined },
    healthBusy ? h("span", { class: "spinner" }) : icon("pulse"), t("health.check"));
  return h("div", { class: "health" }, h("div", { class: "actions" }, button, health && h("span", { class: "muted" }, t(`health.${health.status}`))),
    drawProblem(healthError), health && drawChecks(health.checks));
}

async function check(): Promise<void> {
  if (state.healthBusy) return;
  const client = state.client!;
  update({ healthBusy: true, healthError: undefined });
  try {
    const health = await client.reader.health({ deep: true });
    update({ health, healthBusy: false });
    announce(t(`health.${health.status}`));
  } catch (healthError) {
    update({ healthBusy: false, ...(state.client === client && { healthError }) });
  }
}

/** What needs a person comes first and stands open; what is well is one line each, put away. */
function drawChecks(checks: HealthCheck[]): HTMLElement {
  const bad = checks.filter(({ status }) => status === "failed" || status === "warning");
  const rest = checks.filter((one) => !bad.includes(one));
  return h("div", { class: "checks" },
    bad.length > 0 && h("ul", {}, bad.map(drawCheck)),
    rest.length > 0 && h("details", {}, h("summary", {}, t("health.rest", { count: rest.length })), h("ul", {}, rest.map(drawCheck))));
}

function drawCheck({ title, status, text, remedy, measured, link }: HealthCheck): HTMLElement {
  const [name, look] = looks[status];
  return h("li", { class: `health-check ${look}` }, icon(name),
    h("div", {}, h("p", { class: "check-title" }, title ? pick(title) : pick(text), h("span", { class: "visually-hidden" }, ` (${t(`health.one.${status}`)})`)),
      title && h("p", {}, pick(text)),
      remedy && h("p", {}, pick(remedy)),
      link && h("p", {}, h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link)),
      measured && h("code", { class: "measured" }, measured)));
}
