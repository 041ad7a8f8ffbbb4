// SPDX-License-Identifier: Apache-2.0
// A page knows its user's agent again, and gives nothing to another one.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import WebSocket from "ws";
import { AgentClient } from "../dist/index.js";
import { info, startMock } from "./mock_agent.mjs";

globalThis.crypto ??= webcrypto; // Node 18
const origin = "https://portal.example";
let stored;
let mocks;

beforeEach(() => {
  mocks = [];
  stored = new Map();
  globalThis.localStorage = {
    getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value), removeItem: (key) => stored.delete(key),
  };
});
afterEach(async () => {
  delete globalThis.localStorage;
  for (const mock of mocks) {
    await mock.stop();
    assert.deepEqual(mock.faults, []);
  }
});

const makeKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

/** The proof that the agent gives, by a key of ours. */
function prove({ privateKey, publicKey }, challenge, forOrigin = origin) {
  const message = Buffer.concat([Buffer.from(`imza-agent identity 1\0${forOrigin}\0`), Buffer.from(challenge, "base64")]);
  return {
    publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    signature: sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64"),
  };
}

async function agent(identity, grant = "none") {
  const mock = await startMock({
    "agent.info": ({ challenge }) => ({ ...info, grant, ...(identity && { identity: identity(challenge) }) }),
    "agent.requestAccess": () => ({ grant: "once" }),
  });
  mocks.push(mock);
  return mock;
}

const connect = (...found) => AgentClient.connect({ WebSocket, origin, ports: found.map(({ port }) => port) });

test("an agent is remembered when the user allows the page, and then known again", async () => {
  const mock = await agent((challenge) => prove(key, challenge));
  const key = makeKey();
  const first = await connect(mock);
  assert.equal(stored.has("imza-agent.identity"), false);
  await first.agent.requestAccess();
  assert.equal(stored.get("imza-agent.identity"), key.publicKey.export({ type: "spki", format: "der" }).toString("base64"));
  assert.ok((await connect(mock)).isOpen);
});

test("an agent that allowed the page before is remembered at once", async () => {
  const key = makeKey();
  await connect(await agent((challenge) => prove(key, challenge), "always"));
  assert.ok(stored.has("imza-agent.identity"));
});

test("another agent gets nothing but the question who it is", async () => {
  const [mine, others] = [makeKey(), makeKey()];
  await connect(await agent((challenge) => prove(mine, challenge), "always"));
  const squatter = await agent((challenge) => prove(others, challenge), "always");
  await assert.rejects(connect(squatter), { reason: "agent_changed" });
  assert.deepEqual(squatter.requests.map(({ method }) => method), ["agent.info"]);
});

test("the search goes on behind another agent to the one that is known", async () => {
  const [mine, others] = [makeKey(), makeKey()];
  const mock = await agent((challenge) => prove(mine, challenge), "always");
  await connect(mock);
  stored.delete("imza-agent.port");
  const client = await connect(await agent((challenge) => prove(others, challenge)), mock);
  assert.equal(client.port, mock.port);
});

for (const [what, identity] of [
  ["a proof for another origin", (challenge) => prove(makeKey(), challenge, "https://other.example")],
  ["a proof of another challenge", () => prove(makeKey(), Buffer.alloc(32).toString("base64"))],
  ["a key that is none", () => ({ publicKey: "AAAA", signature: "AAAA" })],
]) {
  test(`${what} is refused, even from a stranger`, async () => {
    await assert.rejects(connect(await agent(identity)), { reason: "agent_changed" });
  });
}

test("an agent without a key passes only as a stranger", async () => {
  const mock = await agent();
  assert.ok((await connect(mock)).isOpen);
  stored.set("imza-agent.identity", "AAAA");
  await assert.rejects(connect(mock), { reason: "agent_changed" });
});

test("the user can take another agent", async () => {
  stored.set("imza-agent.identity", "AAAA");
  const key = makeKey();
  const mock = await agent((challenge) => prove(key, challenge), "always");
  await assert.rejects(connect(mock), { reason: "agent_changed" });
  AgentClient.forgetAgent();
  assert.ok((await connect(mock)).isOpen);
});

test("where storage is forbidden the proof is checked all the same", async () => {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("SecurityError"); } });
  const key = makeKey();
  assert.ok((await connect(await agent((challenge) => prove(key, challenge), "always"))).isOpen);
  await assert.rejects(connect(await agent((challenge) => prove(key, challenge, "https://other.example"))), { reason: "agent_changed" });
});
