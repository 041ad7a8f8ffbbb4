// SPDX-License-Identifier: Apache-2.0
// Every text of the page stands in both languages, with the same gaps, and none is left over.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, folder), "utf8");
const [tr, en] = ["tr", "en"].map((name) => JSON.parse(read(`messages/${name}.json`)));
const sources = readdirSync(new URL("src/", folder), { recursive: true }).filter((path) => path.endsWith(".ts"));
const source = sources.map((path) => read(`src/${path}`)).join("\n");
const gaps = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages have the same messages, none of them empty", () => {
  assert.deepEqual(Object.keys(tr), Object.keys(en));
  for (const key of Object.keys(tr)) assert.ok(tr[key].trim() && en[key].trim(), key);
});

test("a message has the same gaps in both languages", () => {
  for (const key of Object.keys(tr)) assert.deepEqual(gaps(tr[key]), gaps(en[key]), key);
});

test("every message is used", () => {
  const families = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1]);
  const unused = Object.keys(tr).filter((key) => !source.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)));
  assert.deepEqual(unused, []);
});

test("no text for people stands in the sources", () => {
  assert.deepEqual(source.match(/[çğıöşüÇĞİÖŞÜ]\w*/g) ?? [], []);
});
