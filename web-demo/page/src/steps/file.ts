// SPDX-License-Identifier: Apache-2.0
// The file half of step 4: a PDF gets its signature inside (PAdES), any file one around it or beside it (CAdES).
import { h, icon } from "../dom.js";
import { formatSize, t, type MessageKey } from "../i18n.js";
import { state, update, type Format } from "../state.js";

export function drawFile(): (Node | undefined | false)[] {
  return [drawPicker(), state.file && drawFormats(state.file)];
}

function isPdf(file: File): boolean {
  return file.type === "application/pdf" || /\.pdf$/i.test(file.name);
}

function drawPicker(): HTMLElement {
  const input = h("input", { type: "file", id: "file", class: "visually-hidden" });
  input.addEventListener("change", () => input.files?.[0] && take(input.files[0]));
  const { file } = state;
  const zone = h("label", { class: "drop", for: "file" }, input, icon("file"),
    file ? h("span", {}, h("strong", {}, file.name), ` · ${formatSize(file.size)}`) : h("span", {}, h("strong", {}, t("file.pick")), ` ${t("file.drop")}`));
  const hover = (on: boolean) => (event: Event) => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragover", hover(true));
  zone.addEventListener("dragleave", hover(false));
  zone.addEventListener("drop", (event) => {
    hover(false)(event);
    const dropped = event.dataTransfer?.files[0];
    if (dropped) take(dropped);
  });
  return zone;
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
