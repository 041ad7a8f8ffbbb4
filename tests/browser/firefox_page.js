// SPDX-License-Identifier: Apache-2.0
// What test_firefox.mjs has its page do: the client's package, as a portal loads it.
import { AgentClient, SUBPROTOCOL } from "/client/index.js";

/** Connects; what came of it, how long it took, and whether the browser asked meanwhile. */
globalThis.tryConnect = async (options) => {
  const start = performance.now();
  let asked = false;
  const onStatus = ({ phase }) => (asked ||= phase === "permission");
  const ms = () => performance.now() - start;
  try {
    const agent = await AgentClient.connect({ ...options, onStatus });
    const { grant } = agent.info;
    agent.close();
    return { reason: "connected", grant, asked, ms: ms() };
  } catch (error) {
    return { reason: error.reason ?? String(error), name: error.name, asked, ms: ms() };
  }
};

/** A portal's whole way to a signature; the signed bytes in base64. */
globalThis.signDocument = async (options, text) => {
  const agent = await AgentClient.connect(options);
  const { grant } = await agent.agent.requestAccess({ reason: "Belgenizi imzalamak için" });
  const { certificates } = await agent.certificate.list({ filter: { purpose: "signature", valid: true } });
  const document = await agent.upload(new Blob([text], { type: "text/plain" }), { name: "dilekçe.txt" });
  await agent.agent.subscribe({ topics: ["operations"] });
  const steps = new Set();
  const signing = { certificate: certificates[0].id, documents: [{ document }], format: "cades" };
  const { documents: [signed] } = await agent.sign.document(signing, { onProgress: ({ step }) => steps.add(step) });
  const blob = await agent.download(signed);
  agent.close();
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return { grant, steps: [...steps], size: signed.size, content: btoa(String.fromCharCode(...bytes)), open: agent.isOpen };
};

/** What the browser says of the permission, and how a plain socket ends. */
globalThis.openPlain = async (port) => {
  const { state } = await navigator.permissions.query({ name: "loopback-network" });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, [SUBPROTOCOL]);
  const end = await new Promise((resolve) => {
    socket.onopen = () => resolve("open");
    socket.onclose = ({ code }) => resolve(code);
  });
  socket.close();
  return { state, end };
};
