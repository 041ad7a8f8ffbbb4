// SPDX-License-Identifier: Apache-2.0
// Step 3: the readers, the cards and their certificates; the recommended one is chosen beforehand.
import type { CardListResult, Certificate } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { formatDate, t } from "../i18n.js";
import { drawNotice, drawProblem } from "../problem.js";
import { announce, type Step } from "../step.js";
import { chosenCertificate, isAllowed, state, update } from "../state.js";
import { drawValidity } from "./validity.js";
import { drawWorkstation } from "./workstation.js";

type Card = CardListResult["cards"][number];

export const certificateStep: Step = {
  number: 3,
  title: "cards.title",
  status: () => (!isAllowed() ? "locked" : chosenCertificate() ? "done" : "open"),
  summary: () => {
    const chosen = chosenCertificate();
    return chosen ? `${chosen.subject.commonName} · ${keyName(chosen)}` : "";
  },
  folded: () => state.result !== undefined,
  depends: () => [state.certificates, state.cards, state.readers, state.cardsLoading, state.cardsError, state.chosen, state.choosing, state.chooseError,
    state.validity, state.validityBusy, state.validityError, state.pinOperation, state.pinError, state.health, state.healthBusy, state.healthError, state.events],
  draw,
};

let again = false;

/** Asks the agent for everything that this step shows. Events that come meanwhile lead to one more round, not to several. */
export async function loadCards(): Promise<void> {
  if (state.cardsLoading) {
    again = true;
    return;
  }
  const client = state.client!;
  update({ cardsLoading: true });
  try {
    const { readers, service } = await client.reader.list();
    const [{ cards }, { certificates }] = await Promise.all([client.card.list(), client.certificate.list()]);
    const kept = certificates.find(({ id }) => id === state.chosen);
    const first = certificates.find(({ recommended }) => recommended);
    update({ readers, service, cards, certificates, chosen: (kept ?? first)?.id ?? state.chosen, cardsLoading: false, cardsError: undefined });
    announce(t("cards.count", { count: certificates.length }));
  } catch (error) {
    if (state.client === client) update({ cardsLoading: false, cardsError: error, certificates: [], cards: [] });
    else update({ cardsLoading: false });
  }
  if (again && state.client) {
    again = false;
    await loadCards();
  }
}

function draw(): (Node | undefined | false)[] {
  const { certificates, cards, readers, cardsLoading } = state;
  return [
    drawProblem(state.cardsError),
    !certificates && h("p", { class: "muted" }, h("span", { class: "spinner" }), t("cards.loading")),
    certificates && readers.length === 0 && !state.cardsError && drawNotice("warn", t(state.service === "unavailable" ? "cards.noService" : "cards.noReader")),
    certificates && readers.length > 0 && certificates.length === 0 && !state.cardsError && drawNotice("warn", t("cards.noCard")),
    ...cards.map(drawPinWarning),
    certificates && certificates.length > 0 && drawCertificates(certificates),
    drawProblem(state.chooseError),
    certificates && h("div", { class: "actions" },
      certificates.length > 0 && drawChooser(),
      h("button", { id: "refresh", class: "quiet", onclick: () => void loadCards(), "aria-busy": cardsLoading ? "true" : undefined },
        icon("refresh"), t("cards.refresh"))),
    chosenCertificate() && drawValidity(),
    certificates && drawWorkstation(),
  ];
}

/** certificate.select: the user picks in the agent's window, which a page can't draw over. */
function drawChooser(): HTMLElement {
  const { choosing } = state;
  return choosing
    ? h("button", { id: "choose", onclick: () => choosing.abort() }, icon("cross"), t("action.cancel"))
    : h("button", { id: "choose", onclick: () => void choose() }, icon("lock"), t("cards.choose"));
}

async function choose(): Promise<void> {
  const client = state.client!;
  const choosing = new AbortController();
  update({ choosing, chooseError: undefined });
  announce(t("cards.choosing"));
  try {
    const { certificate } = await client.certificate.select({ filter: { purpose: "signature", valid: true } }, { signal: choosing.signal });
    update({ choosing: undefined, chosen: certificate.id, result: undefined, signError: undefined });
  } catch (chooseError) {
    update({ choosing: undefined, ...(state.client === client && { chooseError }) });
  }
}

function drawCertificates(certificates: Certificate[]): HTMLElement {
  return h("fieldset", { class: "certificates" },
    h("legend", { class: "visually-hidden" }, t("cards.certificates")),
    certificates.map((certificate) => drawCertificate(certificate)));
}

function drawCertificate(certificate: Certificate): HTMLElement {
  const { id, subject, issuer, status, recommended, qualified, purposes } = certificate;
  const card = state.cards.find((one) => one.id === certificate.card);
  const radio = h("input", { type: "radio", name: "certificate", id: `certificate-${id}`, value: id, checked: id === state.chosen });
  radio.addEventListener("change", () => update({ chosen: id, result: undefined, signError: undefined }));
  return h("label", { class: "certificate" }, radio,
    h("span", { class: "certificate-main" },
      h("span", { class: "certificate-name" }, subject.commonName,
        recommended && h("span", { class: "tag accent" }, t("certificate.recommended")),
        qualified && h("span", { class: "tag good" }, t("certificate.qualified")),
        !purposes.includes("signature") && h("span", { class: "tag warn" }, t("certificate.notForSigning"))),
      h("span", { class: "muted" }, [issuer.commonName, keyName(certificate), card?.label].filter(Boolean).join(" · "))),
    h("span", { class: `days ${status}` }, daysText(certificate), h("span", { class: "muted" }, formatDate(certificate.notAfter))));
}

function daysText({ status, daysLeft }: Certificate): string {
  if (status === "expired") return t("certificate.expired");
  if (status === "not_yet_valid") return t("certificate.notYetValid");
  return t("certificate.daysLeft", { days: daysLeft });
}

function keyName({ key }: Certificate): string {
  return key.type === "rsa" ? `RSA ${key.bits}` : key.type === "ec" ? `EC P-${key.bits}` : key.type;
}

function drawPinWarning({ label, pin }: Card): HTMLElement | undefined {
  if (pin.state === "ok" || pin.state === "unknown") return undefined;
  return drawNotice("warn", t(`pin.${pin.state}`, { card: label }));
}
