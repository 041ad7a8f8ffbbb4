// SPDX-License-Identifier: Apache-2.0
// Whether the chosen certificate counts: its chain to a trusted authority and its revocation, as the agent finds them.
import type { CertificateValidateResult } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { pick, t } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { announce } from "../step.js";
import { state, update } from "../state.js";

export function drawValidity(): HTMLElement {
  const { validity, validityBusy, validityError, chosen } = state;
  const told = validity?.certificate === chosen ? validity : undefined;
  return h("div", { class: "verification" },
    h("div", { class: "actions" }, h("button", { id: "validate", onclick: () => void validate(), "aria-busy": validityBusy ? "true" : undefined,
      "aria-disabled": validityBusy ? "true" : undefined }, validityBusy ? h("span", { class: "spinner" }) : icon("shield"), t("validity.check"))),
    drawProblem(validityError), told && drawTold(told));
}

async function validate(): Promise<void> {
  if (state.validityBusy) return;
  const client = state.client!;
  update({ validityBusy: true, validityError: undefined, validity: undefined });
  try {
    const validity = await client.certificate.validate({ certificate: state.chosen! });
    update({ validityBusy: false, validity });
    announce(t(`validity.${validity.status}`));
  } catch (validityError) {
    update({ validityBusy: false, ...(state.client === client && { validityError }) });
  }
}

function drawTold({ status, reasons, chain }: CertificateValidateResult): HTMLElement {
  const look = { valid: "good", invalid: "bad", indeterminate: "warn" }[status];
  return h("div", { id: "validity", class: `verdict ${look}` }, icon(status === "valid" ? "check" : status === "invalid" ? "cross" : "alert"),
    h("div", {}, h("strong", {}, t(`validity.${status}`)),
      reasons.length > 0 && h("ul", { class: "failures" }, reasons.map(({ text, remedy, code, depth }) =>
        h("li", {}, depth > 0 && `${chain[depth]?.subject.commonName ?? depth}: `, pick(text), " ", remedy && `${pick(remedy)} `, h("code", { class: "measured" }, code)))),
      h("p", { class: "chain" }, chain.map(({ subject }) => subject.commonName).join(" ← "))));
}
