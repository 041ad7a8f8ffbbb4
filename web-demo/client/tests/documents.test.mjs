// SPDX-License-Identifier: Apache-2.0
// Documents both ways, as binary frames.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import WebSocket from "ws";
import { AgentClient } from "../dist/index.js";
import { startMock } from "./mock_agent.mjs";

let mock;
let client;
let messages;

before(async () => {
  mock = await startMock({
    "document.open": (params, on) => on.openDocument(params),
    "document.close": () => ({ size: 0, sha256: "0".repeat(64) }),
  });
});
after(async () => {
  client.close();
  await mock.stop();
  assert.deepEqual(mock.faults, []);
});
beforeEach(async () => {
  messages = [];
  client?.close();
  client = await AgentClient.connect({ WebSocket, ports: [mock.port], onMessage: (message) => messages.push(message) });
});

const connection = () => mock.connections.at(-1);
const received = (document) => Buffer.concat(connection().documents.get(document).chunks);
const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const arrived = (document) => until(() => connection().documents.get(document).received === connection().documents.get(document).size);

for (const size of [0, 1, 65535, 65536, 65537, 3_000_000]) {
  test(`uploads ${size} bytes as they are, in frames of at most 64 KiB`, async () => {
    const bytes = randomBytes(size);
    const document = await client.upload(bytes, { name: "belge.bin" });
    await arrived(document);
    assert.ok(received(document).equals(bytes));
    const frames = messages.filter(({ kind }) => kind === "binary");
    assert.equal(frames.length, Math.ceil(size / 65536));
    assert.ok(frames.every((frame) => frame.size <= 65536 && frame.document === document && frame.direction === "sent"));
  });
}

test("names and types what it uploads", async () => {
  await client.upload(new Blob(["a"], { type: "Text/Plain;charset=utf-8" }), { name: "not.txt" });
  assert.deepEqual(mock.requests.at(-1).params, { size: 1, mediaType: "text/plain", name: "not.txt" });
});

test("tells how far an upload is", async () => {
  const steps = [];
  await client.upload(randomBytes(150_000), { name: "a", onProgress: (done, total) => steps.push([done, total]) });
  assert.deepEqual(steps, [[65536, 150_000], [131072, 150_000], [150_000, 150_000]]);
});

test("feeds the socket no more than it takes", { timeout: 30_000 }, async () => {
  let peak = 0;
  class Watched extends WebSocket {
    send(...data) {
      super.send(...data);
      peak = Math.max(peak, this.bufferedAmount);
    }
  }
  const slow = await AgentClient.connect({ WebSocket: Watched, ports: [mock.port] });
  const { socket } = connection();
  const open = mock.handlers["document.open"];
  mock.handlers["document.open"] = (params, on) => {
    socket.pause();
    return open(params, on);
  };
  const bytes = randomBytes(48 * 1024 * 1024);
  const upload = slow.upload(bytes, { name: "büyük.bin" });
  await until(() => peak > 4 * 1024 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.resume();
  const document = await upload;
  await arrived(document);
  assert.ok(received(document).equals(bytes));
  assert.ok(peak < 4.2 * 1024 * 1024, `peak ${peak}`);
  slow.close();
  mock.handlers["document.open"] = open;
});

test("an abort ends an upload and closes the document", async () => {
  const controller = new AbortController();
  const upload = client.upload(randomBytes(500_000), { name: "a", signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(upload, { name: "AbortError" });
  await until(() => mock.requests.at(-1).method === "document.close");
});

test("an agent that goes away in the middle ends an upload", async () => {
  const upload = client.upload(randomBytes(500_000), { name: "a", onProgress: () => client.close() });
  await assert.rejects(upload, { reason: "connection_lost" });
});

test("downloads the bytes, with other documents' frames in between", async () => {
  const bytes = { 7: randomBytes(200_000), 8: randomBytes(100_001) };
  const waiting = [];
  mock.handlers["document.read"] = ({ document }, on, id) => { waiting.push([document, id]); };
  const progress = [];
  const first = client.download({ document: 7, mediaType: "application/pdf", size: 200_000 }, { onProgress: (done) => progress.push(done) });
  const second = client.download({ document: 8, mediaType: "text/plain", size: 100_001 });
  await until(() => waiting.length === 2);
  for (let offset = 0; offset < 200_000; offset += 50_000) {
    for (const document of [7, 8]) {
      const part = bytes[document].subarray(offset, offset + 50_000);
      if (part.length) connection().sendFrame(document, part);
    }
  }
  for (const [document, id] of waiting) connection().answer(id, { result: { offset: 0, length: bytes[document].length } });
  const blobs = await Promise.all([first, second]);
  assert.ok(Buffer.from(await blobs[0].arrayBuffer()).equals(bytes[7]));
  assert.ok(Buffer.from(await blobs[1].arrayBuffer()).equals(bytes[8]));
  assert.deepEqual([blobs[0].type, progress], ["application/pdf", [50_000, 100_000, 150_000, 200_000]]);
});

test("reads one document twice, one read after the other", async () => {
  const bytes = randomBytes(1000);
  mock.handlers["document.read"] = ({ document }, on) => {
    on.sendFrame(document, bytes);
    return { offset: 0, length: 1000 };
  };
  const one = { document: 3, mediaType: "text/plain", size: 1000 };
  const blobs = await Promise.all([client.download(one), client.download(one)]);
  for (const blob of blobs) assert.ok(Buffer.from(await blob.arrayBuffer()).equals(bytes));
});

test("a document that came short is an error, not a shorter document", async () => {
  mock.handlers["document.read"] = ({ document }, on) => {
    on.sendFrame(document, randomBytes(10));
    return { offset: 0, length: 11 };
  };
  await assert.rejects(client.download({ document: 3, mediaType: "text/plain", size: 11 }), { reason: "protocol_error" });
});

test("frames of a document that nobody reads are passed over", async () => {
  connection().sendFrame(99, randomBytes(10));
  mock.handlers["form.catalog"] = () => ({ forms: [] });
  await client.form.catalog();
});

test("what came inline with the answer needs no handle", async () => {
  const blob = await client.download({ content: "xJ9uZWFkYQ==", mediaType: "text/plain", size: 7 });
  assert.equal(blob.type, "text/plain");
  assert.equal(Buffer.from(await blob.arrayBuffer()).toString("base64"), "xJ9uZWFkYQ==");
  await assert.rejects(client.download({ mediaType: "text/plain", size: 7 }), TypeError);
});
