// SPDX-License-Identifier: Apache-2.0
// Puts the page together.
import { mountChrome } from "./chrome.js";
import { h } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { mountLog } from "./log.js";
import { isAllowed, onUpdate } from "./state.js";
import { mountStep } from "./step.js";
import { accessStep, begin } from "./steps/access.js";
import { certificateStep } from "./steps/certificates.js";
import { connectStep } from "./steps/connect.js";
import { documentStep } from "./steps/document.js";
import { mountHash } from "./steps/hash.js";
import { signStep } from "./steps/sign.js";
import { verifyStep } from "./steps/verify.js";

const place = (id: string) => document.getElementById(id)!;

mountChrome(place("top"), place("foot"));
mountLog(place("log"));

const heading = h("h1");
const lead = h("p", { class: "lead" });
const drawIntro = () => {
  heading.textContent = t("page.heading");
  lead.textContent = t("page.lead");
};
onLanguage(drawIntro);
drawIntro();
place("flow").append(h("div", { class: "intro" }, heading, lead), ...[connectStep, accessStep, certificateStep, documentStep, signStep, verifyStep].map(mountStep), mountHash());

let allowed = false;
onUpdate(() => {
  if (allowed === isAllowed()) return;
  allowed = isAllowed();
  if (allowed) void begin();
});
