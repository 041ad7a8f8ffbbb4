// SPDX-License-Identifier: Apache-2.0
// Links to bytes that the page holds.
import { h, icon } from "./dom.js";

const urls = new WeakMap<Blob, string>();

/** The address of these bytes in this page; one a Blob, however often it is drawn. */
export function urlOf(blob: Blob): string {
  const url = urls.get(blob) ?? URL.createObjectURL(blob);
  urls.set(blob, url);
  return url;
}

/** A link that saves the bytes under this name. */
export function downloadLink(blob: Blob, name: string, text: string, look = "button"): HTMLAnchorElement {
  return h("a", { class: look, href: urlOf(blob), download: name }, icon("download"), text);
}
