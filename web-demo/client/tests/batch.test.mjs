// SPDX-License-Identifier: Apache-2.0
// Batch: one operation for all, what came of each, and another try that signs none twice.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { AgentClient, Batch, DocumentInvalidError, UserDeniedError } from "../dist/index.js";
import { info, startMock, wireError } from "./mock_agent.mjs";
import WebSocket from "ws";

const certificate = "a".repeat(64);
const params = { certificate, format: "pades" };
const signed = (document) => ({
  document: document + 100, name: "a.pdf", mediaType: "application/pdf", size: 1, sha256: "b".repeat(64),
  signer: { commonName: "Çağla Şule Öğüt" }, time: "2026-11-25T10:00:00Z",
});
let mock;
let agent;

async function start(handlers, limits, features = []) {
  mock = await startMock({ "agent.info": () => ({ ...info, features, limits: { ...info.limits, ...limits } }), ...handlers });
  agent = await AgentClient.connect({ WebSocket, ports: [mock.port] });
  return agent;
}
afterEach(async () => {
  agent.close();
  await mock.stop();
  assert.deepEqual(mock.faults, []);
});
const asked = () => mock.requests.filter(({ method }) => method === "sign.document").map(({ params: { documents } }) => documents.map(({ document }) => document));

test("all documents go in one operation, and each has its own result", async () => {
  const batch = new Batch(await start({ "sign.document": ({ documents }) => ({ documents: documents.map(({ document }) => signed(document)) }) }), [1, 2, 3]);
  await batch.sign(params);
  assert.deepEqual(asked(), [[1, 2, 3]]);
  assert.deepEqual(batch.items.map(({ state, signed: { document } }) => [state, document]), [["signed", 101], ["signed", 102], ["signed", 103]]);
  assert.ok(batch.isDone);
  await batch.sign(params); // nothing is left to sign
  assert.equal(asked().length, 1);
});

test("more than the agent takes at once go in several operations; a refusal leaves what is signed, and a retry signs the rest", async () => {
  let answers = 0;
  const handler = ({ documents }) => {
    if (++answers === 2) throw { error: wireError("user_denied") };
    return { documents: documents.map(({ document }) => signed(document)) };
  };
  const batch = new Batch(await start({ "sign.document": handler }, { documentsPerBatch: 2 }), [1, 2, 3]);
  await assert.rejects(batch.sign(params), UserDeniedError);
  assert.deepEqual(batch.items.map(({ state }) => state), ["signed", "signed", "failed"]);
  assert.ok(batch.items[2].error instanceof UserDeniedError);
  await batch.sign(params);
  assert.deepEqual(asked(), [[1, 2], [3], [3]]);
  assert.ok(batch.isDone && batch.items[2].error === undefined);
});

test("progress counts over all operations", async () => {
  const told = [];
  const handler = ({ documents }, connection, id) => {
    documents.forEach((_, index) => connection.notify("operation.progress", { operation: id, step: "signing", done: index + 1, total: documents.length }));
    return { documents: documents.map(({ document }) => signed(document)) };
  };
  const batch = new Batch(await start({ "sign.document": handler }, { documentsPerBatch: 2 }), [1, 2, 3]);
  await batch.sign(params, { onProgress: ({ done, total }) => told.push([done, total]) });
  assert.deepEqual(told, [[1, 3], [2, 3], [3, 3]]);
});

test("an agent that answers each document for itself is asked to, and only what failed is asked for again", async () => {
  let answers = 0;
  const handler = ({ documents, partial }) => {
    assert.equal(partial, true);
    const wrong = ++answers === 1 ? 1 : -1;
    return {
      documents: documents.flatMap(({ document }, index) => (index === wrong ? [] : [{ ...signed(document), index }])),
      ...(wrong >= 0 && { failed: [{ index: wrong, error: wireError("document_invalid") }] }),
    };
  };
  const batch = new Batch(await start({ "sign.document": handler }, {}, ["sign.partial"]), [1, 2, 3]);
  await batch.sign(params);
  assert.deepEqual(batch.items.map(({ state, signed: one }) => [state, one?.document]), [["signed", 101], ["failed", undefined], ["signed", 103]]);
  assert.ok(batch.items[1].error instanceof DocumentInvalidError);
  await batch.sign(params);
  assert.deepEqual(asked(), [[1, 2, 3], [2]]);
  assert.equal(batch.items[1].signed.document, 102);
  assert.ok(batch.isDone);
});
