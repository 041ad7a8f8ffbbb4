// SPDX-License-Identifier: Apache-2.0
// Calls, errors, events and cancelling.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import WebSocket from "ws";
import * as library from "../dist/index.js";
import { errors, methods, startMock, wireError } from "./mock_agent.mjs";

const { AgentClient, AgentError, ConnectionError, UserCancelledError } = library;
const form = { form: "first-application", data: { applicant: {} } };
let mock;
let client;
let messages;

before(async () => { mock = await startMock(); });
after(async () => {
  client.close();
  await mock.stop();
  assert.deepEqual(mock.faults, []);
});
beforeEach(async () => {
  messages = [];
  client?.close();
  client = await AgentClient.connect({ WebSocket, ports: [mock.port], onMessage: (message) => messages.push(message) });
  mock.requests.length = 0;
});

const tick = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
const connection = () => mock.connections.at(-1);
const fail = (reason, more) => () => { throw { error: wireError(reason, more) }; };

test("every method of proto/ is a function of the client", () => {
  for (const { name } of methods) {
    const [space, member] = name.split(".");
    assert.equal(typeof client[space]?.[member], "function", name);
  }
});

test("a call sends its params and gets its result", async () => {
  mock.handlers["reader.list"] = () => ({ readers: [], service: "running" });
  assert.deepEqual(await client.reader.list(), { readers: [], service: "running" });
  assert.deepEqual(mock.requests.map(({ method, params }) => [method, params]), [["reader.list", {}]]);
});

test("answers that come in another order find their calls", async () => {
  const waiting = [];
  mock.handlers["pin.status"] = (params, on, id) => { waiting.push([id, params.card]); };
  const calls = ["a", "b", "c"].map((card) => client.pin.status({ card }));
  await tick();
  for (const [id, card] of waiting.reverse()) {
    connection().answer(id, { result: { pin: { state: "ok", minLength: card.charCodeAt(0), maxLength: 8, keypad: false } } });
  }
  assert.deepEqual((await Promise.all(calls)).map(({ pin }) => pin.minLength), [97, 98, 99]);
});

for (const { reason, code, retry, message, remedy } of errors) {
  test(`the error ${reason} has a class, its texts and its data`, async () => {
    const name = `${reason.replace(/(^|_)([a-z])/g, (_, __, letter) => letter.toUpperCase())}Error`;
    mock.handlers["form.validate"] = fail(reason, { pin: { state: "low" } });
    await assert.rejects(client.form.validate(form), (error) => {
      assert.ok(error instanceof library[name] && error instanceof AgentError);
      assert.deepEqual([error.name, error.reason, error.code, error.retry], [name, reason, code, retry]);
      assert.deepEqual([error.text, error.remedy], [message, remedy]);
      assert.deepEqual(error.data, { pin: { state: "low" } });
      return error.method === "form.validate";
    });
  });
}

test("a reason that is newer than the client is still an AgentError", async () => {
  mock.handlers["form.catalog"] = () => {
    throw { error: { code: 1999, message: "new", data: { reason: "brand_new", message: { tr: "yeni", en: "new" }, remedy: { tr: "t", en: "e" } } } };
  };
  await assert.rejects(client.form.catalog(), (error) => error.constructor === AgentError && error.reason === "brand_new" && error.text.tr === "yeni");
});

test("an error without data has texts too", async () => {
  mock.handlers["form.catalog"] = () => { throw { error: { code: -32603, message: "broken" } }; };
  await assert.rejects(client.form.catalog(), (error) => error.reason === "internal" && error.text.tr === "broken");
});

test("an abort becomes operation.cancel, and the agent's own answer ends the call", async () => {
  let under;
  mock.handlers["form.sign"] = (params, on, id) => { under = id; };
  mock.handlers["operation.cancel"] = ({ operation }, on) => {
    on.answer(operation, { error: wireError("user_cancelled") });
    return { cancelled: true };
  };
  const controller = new AbortController();
  const call = client.form.sign({ ...form, certificate: "0".repeat(64) }, { signal: controller.signal });
  await tick();
  controller.abort();
  await assert.rejects(call, UserCancelledError);
  assert.deepEqual(mock.requests.at(-1).params, { operation: under });
});

test("an operation that was done before its cancel arrived keeps its result", async () => {
  mock.handlers["form.catalog"] = () => undefined;
  mock.handlers["operation.cancel"] = ({ operation }, on) => {
    on.answer(operation, { result: { forms: [] } });
    return { cancelled: false };
  };
  const controller = new AbortController();
  const call = client.form.catalog({}, { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await call, { forms: [] });
});

test("a cancel that nobody answers ends with the signal's reason", { timeout: 10_000 }, async () => {
  mock.handlers["form.catalog"] = () => undefined;
  mock.handlers["operation.cancel"] = () => ({ cancelled: true });
  const controller = new AbortController();
  const call = client.form.catalog({}, { signal: controller.signal });
  controller.abort(new Error("user pressed cancel"));
  await assert.rejects(call, /user pressed cancel/);
});

test("a signal that is aborted already sends nothing", async () => {
  await assert.rejects(client.form.catalog({}, { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.deepEqual(mock.requests, []);
});

test("an agent that dies in the middle ends every call, and says close once", async () => {
  mock.handlers["form.catalog"] = () => undefined;
  const closes = [];
  client.on("close", (error) => closes.push(error.reason));
  const calls = [client.form.catalog(), client.form.catalog()];
  await tick();
  connection().socket.terminate();
  for (const result of await Promise.allSettled(calls)) {
    assert.ok(result.reason instanceof ConnectionError);
    assert.equal(result.reason.reason, "connection_lost");
  }
  assert.deepEqual(closes, ["connection_lost"]);
  await assert.rejects(client.form.catalog(), { reason: "connection_lost" });
});

for (const [what, data] of [["text that is not JSON", "{"], ["a binary frame without a document", Buffer.alloc(3)]]) {
  test(`${what} ends the connection as protocol_error`, async () => {
    mock.handlers["form.catalog"] = () => undefined;
    const call = client.form.catalog();
    await tick();
    connection().socket.send(data);
    await assert.rejects(call, { reason: "protocol_error" });
    assert.equal(client.isOpen, false);
  });
}

test("an answer to nobody is passed over", async () => {
  connection().answer(999, { result: {} });
  mock.handlers["form.catalog"] = () => ({ forms: [] });
  assert.deepEqual(await client.form.catalog(), { forms: [] });
});

test("notifications are events, until the listener is taken off", async () => {
  const seen = [];
  const stop = client.on("card.inserted", (detail) => seen.push(detail));
  connection().notify("card.inserted", { reader: "r1", atr: "3B00" });
  await tick();
  stop();
  connection().notify("card.inserted", { reader: "r2", atr: "3B00" });
  await tick();
  assert.deepEqual(seen, [{ reader: "r1", atr: "3B00" }]);
});

test("progress reaches the call that it belongs to", async () => {
  mock.handlers["form.sign"] = (params, on, id) => {
    on.notify("operation.progress", { operation: id, step: "pin", done: 0, total: 1 });
    on.notify("operation.progress", { operation: 4711, step: "pin", done: 0, total: 1 });
    throw { error: wireError("timeout") };
  };
  const steps = [];
  await assert.rejects(client.form.sign({ ...form, certificate: "0".repeat(64) }, { onProgress: ({ step }) => steps.push(step) }));
  assert.deepEqual(steps, ["pin"]);
});

test("onMessage sees every message, both ways", async () => {
  mock.handlers["form.catalog"] = () => ({ forms: [] });
  await client.form.catalog();
  assert.deepEqual(messages.map(({ direction, json }) => [direction, json.method ?? Object.keys(json.result)[0]]),
    [["sent", "agent.info"], ["received", "version"], ["sent", "form.catalog"], ["received", "forms"]]);
});

test("a document of a batch that failed has the class of its reason", async () => {
  mock.handlers["sign.document"] = () => ({ documents: [], failed: [{ index: 0, error: wireError("card_removed") }] });
  const { documents, failed } = await client.sign.document({
    certificate: "0".repeat(64), documents: [{ document: 1 }], format: "pades", partial: true });
  assert.deepEqual(documents, []);
  const error = library.toAgentError("sign.document", failed[0].error);
  assert.ok(error instanceof library.CardRemovedError);
  assert.equal(error.retry, true);
  assert.ok(error.remedy.tr);
});
