// SPDX-License-Identifier: Apache-2.0
// How the client finds the agent, and what it says when it does not.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";
import { AgentClient, ConnectionError, RateLimitedError } from "../dist/index.js";
import { openSocket } from "../dist/internal.js";
import { info, startMock, wireError } from "./mock_agent.mjs";
import { scriptedSocket } from "./scripted_socket.mjs";

const ports = [15070, 15071, 15072];
const failsWith = (reason) => (error) => error instanceof ConnectionError && error.reason === reason && error.text.tr !== "" && error.remedy.en !== "";
const permissions = (...states) => async () => (states.length > 1 ? states.shift() : states[0]);
const open = (script, options = {}) => {
  const { ScriptedSocket, attempts } = scriptedSocket(script);
  const promise = openSocket({ WebSocket: ScriptedSocket, ports, queryPermission: permissions("ungated"), ...options });
  return { promise, attempts };
};

afterEach(() => {
  delete globalThis.localStorage;
  delete globalThis.location;
  delete globalThis.top;
  delete globalThis.document;
});

test("tries the ports one after the other, in order", async () => {
  const { promise, attempts } = open({ 15072: "open" });
  assert.equal((await promise).port, 15072);
  assert.deepEqual(attempts, ports.map((port) => `ws://127.0.0.1:${port}/`));
});

test("says not_running when every port refuses", async () => {
  await assert.rejects(open({}).promise, failsWith("not_running"));
});

test("passes a port that stays silent", async () => {
  const { promise, attempts } = open({ 15070: "silent", 15071: "open" });
  assert.equal((await promise).port, 15071);
  assert.equal(attempts.length, 2);
});

test("starts at the port that answered last time", async () => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
  await open({ 15071: "open" }).promise;
  const { promise, attempts } = open({ 15071: "open" });
  await promise;
  assert.deepEqual(attempts, ["ws://127.0.0.1:15071/"]);
});

test("goes on where storage is forbidden", async () => {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("SecurityError"); } });
  assert.equal((await open({ 15070: "open" }).promise).port, 15070);
});

test("tells a policy that blocks with an error and no close (Chromium)", async () => {
  const { promise, attempts } = open({ 15070: "csp" });
  await assert.rejects(promise, failsWith("blocked_by_csp"));
  assert.equal(attempts.length, 1);
});

test("tells a policy that makes the constructor throw (Firefox)", async () => {
  await assert.rejects(open({ 15070: { throws: "NS_ERROR_CONTENT_BLOCKED" } }).promise, failsWith("blocked_by_csp"));
});

test("goes over to wss where the browser calls ws mixed content", async () => {
  const { promise, attempts } = open({ "ws:15070": { throws: "SecurityError" }, "wss:15071": "open" });
  assert.equal((await promise).port, 15071);
  assert.deepEqual(attempts, ["ws://127.0.0.1:15070/", "wss://127.0.0.1:15070/", "wss://127.0.0.1:15071/"]);
});

test("says insecure_blocked when wss does not answer either, or is not wanted", async () => {
  await assert.rejects(open({ "ws:15070": { throws: "SecurityError" } }).promise, failsWith("insecure_blocked"));
  await assert.rejects(open({ 15070: { throws: "SecurityError" } }, { scheme: "ws" }).promise, failsWith("insecure_blocked"));
});

test("gives an https page a second round over wss where the browser has no permission to ask for (Safari)", async () => {
  globalThis.location = { protocol: "https:", hostname: "portal.example" };
  const { promise, attempts } = open({ "wss:15070": "open" });
  assert.equal((await promise).port, 15070);
  assert.equal(attempts.at(-1), "wss://127.0.0.1:15070/");
  assert.equal(attempts.length, 4);
});

test("tells a certificate that is not trusted (1015)", async () => {
  await assert.rejects(open({ 15071: 1015 }).promise, failsWith("certificate_not_trusted"));
});

test("an agent behind a port with a bad certificate is still found", async () => {
  assert.equal((await open({ 15070: 1015, 15071: "open" }).promise).port, 15071);
});

test("stops at once where the permission is denied", async () => {
  const { promise, attempts } = open({ 15070: "open" }, { queryPermission: permissions("denied") });
  await assert.rejects(promise, failsWith("permission_denied"));
  assert.equal(attempts.length, 0);
});

test("tells a frame that was not given the permission from a user who said no", async () => {
  const refusedIn = async (top, allowed) => {
    globalThis.top = top;
    globalThis.document = { featurePolicy: { allowsFeature: () => allowed }, addEventListener: () => {}, removeEventListener: () => {} };
    const reason = (permission) => open({}, { queryPermission: permission }).promise.catch((error) => error.reason);
    return [await reason(permissions("denied")), await reason(permissions("prompt", "denied"))];
  };
  globalThis.self ??= globalThis; // Node 18 has none
  assert.deepEqual(await refusedIn({}, false), ["frame_not_allowed", "frame_not_allowed"]);
  assert.deepEqual(await refusedIn({}, true), ["permission_denied", "permission_denied"]);
  assert.deepEqual(await refusedIn(globalThis.self, false), ["permission_denied", "permission_denied"]);
});

test("stops when the user denies the prompt", async () => {
  const { promise, attempts } = open({}, { queryPermission: permissions("prompt", "denied") });
  await assert.rejects(promise, failsWith("permission_denied"));
  assert.equal(attempts.length, 1);
});

test("stops when the user closes the prompt: another attempt would ask again", async () => {
  const { promise, attempts } = open({ 15070: { after: 1100, then: 1006 } }, { queryPermission: permissions("prompt") });
  await assert.rejects(promise, failsWith("prompt_dismissed"));
  assert.equal(attempts.length, 1);
});

test("a port that refuses at once before the prompt came is not a dismissal", async () => {
  const { promise } = open({ 15072: "open" }, { queryPermission: permissions("prompt") });
  assert.equal((await promise).port, 15072);
});

test("tries the same port once more when leave came after the socket was dropped", async () => {
  const { promise, attempts } = open({ 15070: [1006, "open"] }, { queryPermission: permissions("prompt", "granted") });
  assert.equal((await promise).port, 15070);
  assert.equal(attempts.length, 2);
});

test("that second try happens once", async () => {
  const { promise, attempts } = open({}, { queryPermission: permissions("prompt", "granted") });
  await assert.rejects(promise, failsWith("not_running"));
  assert.equal(attempts.length, ports.length + 1);
});

test("tells the page that the browser is asking, and waits longer than for an answer", async () => {
  const phases = [];
  const { promise } = open({ 15070: { after: 2500, then: "open" } },
    { queryPermission: permissions("prompt"), onStatus: ({ phase, port }) => phases.push(`${phase} ${port}`) });
  assert.equal((await promise).port, 15070);
  assert.deepEqual(phases, ["trying 15070", "permission 15070"]);
});

test("an abort ends the search", async () => {
  const controller = new AbortController();
  const { promise } = open({ 15070: "silent" }, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await assert.rejects(promise, /enough/);
});

test("refuses an agent that opens without the subprotocol (Firefox lets it)", async () => {
  await assert.rejects(open({ 15070: "open:" }).promise, failsWith("wrong_version"));
});

test("goes on where somebody answers who is no agent for the page, and says so if there is no other", async () => {
  const { promise } = open({ 15070: "open:", 15071: "open" });
  assert.equal((await promise).port, 15071);
  const refusal = new ConnectionError("agent_changed");
  const { promise: none, attempts } = open({ 15070: "open", 15072: "open" }, { accept: async () => refusal });
  await assert.rejects(none, failsWith("agent_changed"));
  assert.equal(attempts.length, 3);
});

test("connects to a real socket and learns who answers", async () => {
  const mock = await startMock();
  const client = await AgentClient.connect({ WebSocket, ports: [mock.port] });
  assert.deepEqual(client.info, info);
  assert.equal(client.port, mock.port);
  client.close();
  assert.equal(client.isOpen, false);
  await mock.stop();
  assert.deepEqual(mock.faults, []);
});

test("says not_running of a real port where nobody listens", async () => {
  const mock = await startMock();
  await mock.stop();
  await assert.rejects(AgentClient.connect({ WebSocket, ports: [mock.port] }), failsWith("not_running"));
});

test("refuses an agent that speaks other versions only", async () => {
  const mock = await startMock({ "agent.info": () => ({ ...info, protocols: ["imza.v2"] }) });
  await assert.rejects(AgentClient.connect({ WebSocket, ports: [mock.port] }), failsWith("wrong_version"));
  await mock.stop();
});

test("an agent that has no time for the page says so itself", async () => {
  const mock = await startMock({ "agent.info": () => { throw { error: wireError("rate_limited") }; } });
  await assert.rejects(AgentClient.connect({ WebSocket, ports: [mock.port] }), RateLimitedError);
  await mock.stop();
});

test("an answerless agent.info ends after its deadline", { timeout: 10_000 }, async () => {
  const mock = await startMock({ "agent.info": () => undefined });
  await assert.rejects(AgentClient.connect({ WebSocket, ports: [mock.port] }), failsWith("protocol_error"));
  await mock.stop();
});

const speaks = (...protocols) => ({ opens: "imza.versions", says: JSON.stringify({ protocols }) });
const behind = (side, words) => (error) => failsWith("wrong_version")(error) && error.update === side && words.test(error.text.en) && words.test(error.message);

test("says that the page is behind an agent of a newer version", async () => {
  const { promise, attempts } = open({ 15070: speaks("imza.v2", "imza.v3") });
  await assert.rejects(promise, behind("page", /page is too old/));
  assert.equal(attempts.length, 3); // another agent might listen on the ports behind it
});

test("compares versions as numbers", async () => {
  await assert.rejects(open({ 15070: speaks("imza.v10") }).promise, behind("page", /page is too old/));
});

test("says that the agent is behind where it names an older version, none, nonsense, or nothing", async () => {
  const answers = [speaks("imza.v0"), speaks(), speaks(2, null, "imza.v99x"), { opens: "imza.versions", says: "{" },
    { opens: "imza.versions", says: "null" }, { opens: "imza.versions", says: '{"protocols":7}' }, { opens: "imza.versions" }];
  for (const answer of answers) {
    await assert.rejects(open({ 15070: answer }).promise, behind("agent", /agent is too old/), JSON.stringify(answer));
  }
});

test("an agent of the right version behind one of the wrong version is found", async () => {
  assert.equal((await open({ 15070: speaks("imza.v2"), 15071: "open" }).promise).port, 15071);
});

test("only wrong_version names a side", async () => {
  await assert.rejects(open({}).promise, (error) => error.reason === "not_running" && error.update === undefined);
});

test("over a real socket, offers its version first and imza.versions last, and reads the list", async () => {
  let offers;
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: (offered) => (offers = [...offered]).at(-1) });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    socket.send('{"protocols":["imza.v2"]}');
    socket.close(1000);
  });
  try {
    await assert.rejects(AgentClient.connect({ WebSocket, ports: [server.address().port] }), behind("page", /page is too old/));
    assert.deepEqual(offers, ["imza.v1", "imza.versions"]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
