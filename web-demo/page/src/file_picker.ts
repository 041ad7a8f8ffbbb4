// SPDX-License-Identifier: Apache-2.0
// A place to choose a file or to drop one on.
import { h, icon } from "./dom.js";
import { formatSize, t } from "./i18n.js";

interface PickerOptions {
  id: string;
  file?: File;
  text: string;
  accept?: string;
  /** The id of the heading that says what the file is; its own words follow. */
  titledBy?: string;
  describedBy?: string;
  take: (file: File) => void;
}

export function drawPicker({ id, file, text, accept, titledBy, describedBy, take }: PickerOptions): HTMLElement {
  const input = h("input", { type: "file", id, accept, "aria-labelledby": titledBy && `${titledBy} ${id}-label`, "aria-describedby": describedBy, class: "visually-hidden" });
  input.addEventListener("change", () => input.files?.[0] && take(input.files[0]));
  const zone = h("label", { class: "drop", for: id, id: titledBy && `${id}-label` }, input, icon("file"),
    file ? h("span", {}, h("strong", {}, file.name), ` · ${formatSize(file.size)}`) : h("span", {}, h("strong", {}, text), ` ${t("file.drop")}`));
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

export function isPdf(file: File): boolean {
  return file.type === "application/pdf" || /\.pdf$/i.test(file.name);
}
