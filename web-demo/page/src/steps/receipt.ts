// SPDX-License-Identifier: Apache-2.0
// The bank receipt of whoever pays the fee: a file beside the form. It is signed after the form, so that the two go to the institution together.
import { h } from "../dom.js";
import { drawPicker } from "../file_picker.js";
import { t } from "../i18n.js";
import { state, update } from "../state.js";

const MOST = 10 * 1024 * 1024;
const TYPES = ["application/pdf", "image/jpeg", "image/png"];

export function drawReceipt(): HTMLElement {
  return h("div", { class: "receipt" },
    h("h3", {}, t("receipt.title")), h("p", { class: "hint", id: "receipt-hint" }, t("receipt.text")),
    drawPicker({ id: "receipt", file: state.receipt, text: t("receipt.pick"), accept: TYPES.join(), take }),
    state.receiptRefused && h("p", { class: "error-text", role: "alert" }, t("receipt.refused")));
}

function take(file: File): void {
  const receiptRefused = !TYPES.includes(file.type) || file.size === 0 || file.size > MOST;
  update({ receipt: receiptRefused ? undefined : file, receiptRefused, receiptResult: undefined });
}
