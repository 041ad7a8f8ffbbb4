// SPDX-License-Identifier: Apache-2.0
// Links to bytes that the page holds.
import { h, icon } from "./dom.js";

/** A link that saves the bytes under this name. */
export function downloadLink(blob: Blob, name: string, text: string, look = "button"): HTMLAnchorElement {
  return h("a", { class: look, href: URL.createObjectURL(blob), download: name }, icon("download"), text);
}
