// SPDX-License-Identifier: Apache-2.0
// For experts: signs a digest whose content the agent can't show.
import { h, icon } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { drawProblem } from "../problem.js";
import { onUpdate, isAllowed, state } from "../state.js";

export function mountHash(): HTMLElement {
  const box = h("details", { class: "expert" });
  const draw = () => box.replaceChildren(...drawBody());
  onLanguage(draw);
  let before: unknown;
  onUpdate(() => {
    if (before === state.chosen) return;
    before = state.chosen;
    draw();
  });
  draw();
  return box;
}

function drawBody(): Node[] {
  const text = h("textarea", { id: "hash-text", rows: 3, value: t("hash.sample") });
  const outcome = h("div", { role: "status" });
  const ready = isAllowed() && state.chosen !== undefined;
  const button = h("button", { id: "sign-hash", disabled: !ready, onclick: () => void run(text.value, outcome, button) }, icon("pen"), t("hash.sign"));
  return [
    h("summary", {}, t("hash.title")),
    h("p", { class: "muted" }, t("hash.text")),
    h("div", { class: "field wide" }, h("label", { for: "hash-text" }, t("hash.content")), text),
    h("div", { class: "actions" }, button, !ready && h("span", { class: "muted" }, t("hash.notReady"))),
    outcome,
  ];
}

async function run(text: string, outcome: HTMLElement, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  outcome.replaceChildren();
  try {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const value = btoa(String.fromCharCode(...new Uint8Array(digest)));
    const hashes = [{ algorithm: "sha256" as const, value, label: t("hash.label") }];
    const { signatures } = await state.client!.sign.hash({ certificate: state.chosen!, hashes });
    outcome.replaceChildren(h("dl", { class: "hash-result" }, h("dt", {}, "SHA-256 (base64)"), h("dd", {}, h("code", { class: "hash" }, value)),
      ...signatures.flatMap((one) => [h("dt", {}, `${one.name}, ${one.hash}`), h("dd", {}, h("code", { class: "hash" }, one.value))])));
  } catch (error) {
    outcome.replaceChildren(drawProblem(error)!);
  } finally {
    button.disabled = false;
  }
}
