// SPDX-License-Identifier: Apache-2.0
// The file half of step 4: a PDF gets its signature inside (PAdES), any file one around it or beside it (CAdES).
import { h } from "../dom.js";
import { drawPicker, isPdf } from "../file_picker.js";
import { t, type MessageKey } from "../i18n.js";
import { state, update, type Format } from "../state.js";

export function drawFile(): (Node | undefined | false)[] {
  return [drawPicker({ id: "file", file: state.file, text: t("file.pick"), take }), state.file && drawFormats(state.file)];
}

function take(file: File): void {
  update({ file, format: isPdf(file) ? "pades" : "cades-attached", result: undefined, signError: undefined });
}

function drawFormats(file: File): HTMLElement {
  const formats: Format[] = isPdf(file) ? ["pades", "cades-attached", "cades-detached"] : ["cades-attached", "cades-detached"];
  return h("fieldset", { class: "formats" }, h("legend", {}, t("file.format")), formats.map((format) => {
    const radio = h("input", { type: "radio", name: "format", id: `format-${format}`, checked: state.format === format });
    radio.addEventListener("change", () => update({ format, result: undefined }));
    return h("label", {}, radio, h("span", {}, h("strong", {}, t(`format.${format}` as MessageKey)), h("span", { class: "muted" }, t(`format.${format}.text` as MessageKey))));
  }));
}
