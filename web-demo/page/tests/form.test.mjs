// SPDX-License-Identifier: Apache-2.0
// A form's data by JSON Pointer, and when its errors are shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./load.mjs";

const { fixedValues, getAt, pathOf, schemaAt, setAt } = await load("form/pointer.ts");
const { conditionsOf } = await load("form/conditions.ts");
const { application, identityNumber } = await load("batch/people.ts");
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
  assert.equal(model.fieldOf(error("/bank/iban")), undefined);
  assert.equal(model.fieldOf(error("/applicant")), name); // the first field below what is missing
  assert.equal(model.fieldOf(error("")), undefined);
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

const physician = {
  type: "object",
  properties: { kind: { enum: ["staff", "physician"] }, receipt: { type: "object", properties: { bank: { type: "string" } }, required: ["bank"] } },
  required: ["kind"],
  allOf: [
    { if: { properties: { kind: { const: "physician" } }, required: ["kind"] }, then: { required: ["receipt"] } },
    { if: { properties: { kind: { const: "staff" } }, required: ["kind"] }, then: { properties: { receipt: false } } },
  ],
};
const receiptModel = () => new FormModel({ form: { validate: async () => ({ valid: true, errors: [] }) } }, {
  id: "a", version: 1, title: { tr: "a", en: "a" }, schema: physician, texts: {},
  layout: { sections: [{ title: "a", fields: [{ pointer: "/kind", label: "k" }, { pointer: "/receipt/bank", label: "b" }] }] },
});
const shownIn = (model) => [...model.standing().shown].map(({ pointer }) => pointer);

test("fields that a rule rules out have no place, and come when it asks for them", () => {
  const model = receiptModel();
  assert.deepEqual(shownIn(model), ["/kind"]);
  model.data = { kind: "physician" };
  assert.deepEqual(shownIn(model), ["/kind", "/receipt/bank"]);
  assert.deepEqual([...model.standing().required].map(({ pointer }) => pointer), ["/kind", "/receipt/bank"]);
  model.data = { kind: "staff", receipt: { bank: "A" } };
  assert.deepEqual(shownIn(model), ["/kind", "/receipt/bank"]); // a value is never hidden
});

test("a choice takes what it rules out from the data", () => {
  const model = receiptModel();
  model.data = { kind: "physician", receipt: { bank: "A" } };
  model.choose(model.fields[0], "staff");
  assert.deepEqual(model.data, { kind: "staff" });
});

test("a rule that says more than the page reads hides nothing", () => {
  const schema = structuredClone(physician);
  schema.allOf[0].if.minProperties = 1;
  assert.deepEqual([...conditionsOf(schema, { kind: "physician" }).required], []);
  assert.deepEqual([...conditionsOf(schema, { kind: "staff" }).barred], ["/receipt"]);
});

const attaching = (client = {}) => new FormModel({ form: { validate: async () => ({ valid: true, errors: [] }) }, ...client }, {
  id: "a", version: 1, title: { tr: "a", en: "a" }, texts: {},
  schema: { ...physician, properties: { ...physician.properties, receipt: { ...physician.properties.receipt, properties: { bank: { type: "string" }, scan: { type: "boolean" } } } } },
  layout: {
    sections: [{ title: "a", fields: [{ pointer: "/kind", label: "k" }, { pointer: "/receipt/bank", label: "b" }, { pointer: "/receipt/scan", label: "s" }] }],
    attachments: [{ id: "paper", label: "p", with: "/receipt", statedBy: "/receipt/scan", mediaTypes: ["image/png"], sizeMax: 10 }],
  },
});

test("what is attached is stated in the data, and only where it has a place", async () => {
  const model = attaching();
  assert.deepEqual(model.fields.map(({ pointer }) => pointer), ["/kind", "/receipt/bank"]); // the page ticks the box by itself
  assert.deepEqual(model.attachable(), []);
  model.data = { kind: "physician", receipt: { bank: "A" } };
  assert.deepEqual(model.attachable(), model.attachments);
  model.attach(model.attachments[0], new File(["x"], "a.png", { type: "image/png" }));
  assert.deepEqual(model.data.receipt, { bank: "A", scan: true });
  model.attach(model.attachments[0], undefined);
  assert.deepEqual(model.data.receipt, { bank: "A" });
  model.attach(model.attachments[0], new File(["x"], "a.png"));
  model.choose(model.fields[0], "staff");
  await model.check();
  assert.deepEqual(model.data, { kind: "staff" });
  model.fill({ kind: "physician", receipt: { bank: "B" } });
  await model.check();
  assert.deepEqual(model.data.receipt, { bank: "B", scan: true });
  assert.equal(model.attachmentOf({ pointer: "/attachments/paper" }), model.attachments[0]);
  assert.equal(model.attachmentOf({ pointer: "/receipt/bank" }), undefined);
});

test("files are sent for one request and closed whatever comes of it; none is sent without a place", async () => {
  const done = [];
  const model = attaching({ upload: async (file, { name }) => done.push(`open ${name}`), document: { close: async ({ document }) => done.push(`close ${document}`) } });
  model.data = { kind: "physician", receipt: { bank: "A" } };
  assert.deepEqual(await model.withFiles(async (files) => files), {});
  model.attach(model.attachments[0], new File(["x"], "a.png"));
  assert.deepEqual(await model.withFiles(async (files) => files), { attachments: [{ id: "paper", document: 1 }] });
  await assert.rejects(model.withFiles(async () => Promise.reject(new Error("no"))));
  assert.deepEqual(done, ["open a.png", "close 1", "open a.png", "close 3"]);
  model.data = { kind: "staff" };
  assert.deepEqual(await model.withFiles(async (files) => files), {});
});

test("made-up people have identity numbers that pass the checksum, and are the same each time", () => {
  assert.equal(identityNumber(100_000_001), "10000000146");
  const example = JSON.parse(readFileSync(new URL("../../../proto/examples/forms/first-application.json", import.meta.url), "utf8"));
  const people = Array.from({ length: 1000 }, (_, index) => application(example, index, "2026-11-25"));
  assert.equal(new Set(people.map(({ applicant }) => applicant.identityNumber)).size, 1000);
  assert.deepEqual(application(example, 7, "2026-11-25"), people[7]);
  for (const { applicant } of people) {
    const digits = [...applicant.identityNumber].map(Number);
    assert.equal(digits.slice(0, 10).reduce((a, b) => a + b) % 10, digits[10]);
    assert.match(applicant.email, /^[a-z]+\.[a-z]+@hastane\.example$/);
  }
});
