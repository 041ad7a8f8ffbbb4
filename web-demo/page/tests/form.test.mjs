// SPDX-License-Identifier: Apache-2.0
// A form's data by JSON Pointer, and when its errors are shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { fixedValues, getAt, pathOf, schemaAt, setAt } = await load("form/pointer.ts");
const { FormModel } = await load("form/model.ts");

const schema = {
  type: "object",
  required: ["kind", "applicant"],
  properties: {
    kind: { const: "renewal" },
    applicant: { $ref: "#/$defs/person" },
    accepted: { type: "boolean", const: true },
    years: { type: "integer", default: 3 },
  },
  $defs: { person: { type: "object", required: ["name"], properties: { name: { type: "string", maxLength: 40 }, phone: { type: "string" }, born: { type: "string", format: "date" } } } },
};
const layout = { sections: [{ title: "a", fields: [{ pointer: "/applicant/name", label: "name" }, { pointer: "/applicant/born", label: "born" }, { pointer: "/accepted", label: "accepted" }] }] };
const texts = { tr: { name: "Ad" }, en: { name: "Name" } };
const error = (pointer) => ({ pointer, code: "required", message: { tr: "Gerekli", en: "Required" } });
const makeModel = (validate = async () => ({ valid: true, errors: [] })) =>
  new FormModel({ form: { validate } }, { id: "renewal", version: 1, title: { tr: "a", en: "a" }, schema, layout, texts });

test("a pointer's escapes are read as RFC 6901 says", () => {
  assert.deepEqual(pathOf("/a~1b/m~0n/~01"), ["a/b", "m~n", "~1"]);
});

test("values go in and come out at their pointer", () => {
  const data = {};
  setAt(data, "/applicant/name", "Çağla");
  assert.deepEqual(data, { applicant: { name: "Çağla" } });
  assert.equal(getAt(data, "/applicant/name"), "Çağla");
  assert.equal(getAt(data, "/applicant/name/first"), undefined);
});

test("an emptied field leaves no empty object behind", () => {
  const data = { applicant: { address: { city: "Iğdır" } }, kind: "renewal" };
  setAt(data, "/applicant/address/city", undefined);
  assert.deepEqual(data, { kind: "renewal" });
  setAt(data, "/nowhere/at/all", undefined);
  assert.deepEqual(data, { kind: "renewal" });
});

test("a field's schema is found through references, with whether it is required", () => {
  assert.deepEqual(schemaAt(schema, "/applicant/name"), { schema: { type: "string", maxLength: 40 }, required: true });
  assert.equal(schemaAt(schema, "/applicant/phone").required, false);
  assert.deepEqual(schemaAt(schema, "/not/there"), { schema: {}, required: false });
});

test("what the schema leaves no choice about is filled, but no declaration is accepted for the user", () => {
  assert.deepEqual(fixedValues(schema), { kind: "renewal", years: 3 });
});

test("a widget that the layout does not name follows from the schema", () => {
  const model = makeModel();
  assert.deepEqual(model.fields.map((field) => model.widget(field)), ["text", "date", "checkbox"]);
});

test("texts are in the page's language, else the key", () => {
  assert.equal(makeModel().text("name"), "Ad");
  assert.equal(makeModel().text("unknown"), "unknown");
});

test("errors show at fields that the user has left, and at all of them once asked", () => {
  const model = makeModel();
  const [name, born] = model.fields;
  model.take([error("/applicant/name"), error("/applicant/born"), error("/bank/iban")]);
  assert.deepEqual([model.errorsOf(name).length, model.errorsOf(born).length], [0, 0]);
  model.touched.add(name.pointer);
  assert.deepEqual([model.errorsOf(name).length, model.errorsOf(born).length], [1, 0]);
  model.showAll = true;
  assert.equal(model.errorsOf(born).length, 1);
  assert.deepEqual(model.strayErrors().map(({ pointer }) => pointer), ["/bank/iban"]);
});

test("an answer that a later check has overtaken changes nothing", async () => {
  const answers = [];
  const model = makeModel(() => new Promise((resolve) => answers.push(resolve)));
  const first = model.check();
  const second = model.check();
  answers[1]({ valid: true, errors: [] });
  await second;
  answers[0]({ valid: false, errors: [error("/applicant/name")] });
  await first;
  assert.deepEqual([model.valid, model.errors], [true, []]);
});

test("typing is checked once, after the last key", async () => {
  let checks = 0;
  const model = makeModel(async () => (checks++, { valid: true, errors: [] }));
  for (const value of ["Ç", "Ça", "Çağ"]) model.type(model.fields[0], value);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual([checks, model.data.applicant], [1, { name: "Çağ" }]);
});
