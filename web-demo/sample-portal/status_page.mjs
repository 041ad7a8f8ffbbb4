// SPDX-License-Identifier: Apache-2.0
// The applications of the person who is logged in, and how each one stands.
import { reasons } from "./refusal.mjs";

const states = {
  waiting: ["imza bekliyor", "waiting for the signature"], received: ["alındı", "received"],
  verified: ["doğrulandı", "verified"], refused: ["reddedildi", "refused"],
};
const escape = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
const both = ([tr, en]) => `${tr} · <span lang="en">${en}</span>`;

export function statusPage(applications) {
  const rows = applications.map(({ number, form, state, reason, detail, changed, file_sha256: digest }) => `
    <li class="${state}"><h2>${escape(form)} <small>${both(states[state])}</small></h2>
      ${reason && `<p>${both(reasons[reason])}${detail && ` <code>${escape(detail)}</code>`}</p>`}
      <p><code>${number}</code> · <time>${changed}</time>${digest ? ` · SHA-256 <code>${digest}</code>` : ""}</p></li>`);
  return `<!doctype html><html lang="tr"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Başvurularım · My applications</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/portal.css">
    <main><h1>Başvurularım · <span lang="en">My applications</span></h1><p><a href="/">Yeni başvuru · <span lang="en">New application</span></a></p>
    <ul>${rows.join("") || "<li>–</li>"}</ul></main></html>`;
}
