// SPDX-License-Identifier: Apache-2.0
// Pretty JSON with its parts in colours; long strings are cut, with their length told.
import { h } from "./dom.js";

const LONGEST = 160;
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;

export function colourJson(value: unknown): Node {
  const text = JSON.stringify(value, (_, member) => (typeof member === "string" && member.length > LONGEST ? cut(member) : member), 2);
  const out = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    out.append(text.slice(end, match.index));
    const [whole, string, colon] = match;
    out.append(h("span", { class: string ? (colon ? "j-name" : "j-string") : match[3] ? "j-number" : "j-word" }, string ?? whole), colon ?? "");
    end = match.index + whole.length;
  }
  out.append(text.slice(end));
  return out;
}

function cut(text: string): string {
  return `${text.slice(0, LONGEST)}… (${text.length})`;
}
