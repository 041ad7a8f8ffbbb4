// SPDX-License-Identifier: Apache-2.0
// A stand-in for the agent, for the client's own tests: checks every request and every answer of its own against proto/.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import { WebSocketServer } from "ws";

const proto = fileURLToPath(new URL("../../../proto/", import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(proto + path, "utf8"));
const readFolder = (name) => readdirSync(proto + name).filter((file) => file.endsWith(".json")).map((file) => readJson(`${name}/${file}`));

export const methods = readFolder("methods");
export const notifications = readFolder("notifications");
export const errors = readJson("errors.json").errors;

const ajv = new Ajv({ strict: false, allErrors: true, formats: { uri: true, "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ } });
ajv.addSchema(readJson("types.json"));
const compile = (schema) => ajv.compile(schema);
const checks = new Map(methods.map(({ name, params, result }) => [name, { params: compile(params), result: compile(result) }]));
const noteChecks = new Map(notifications.map(({ name, params }) => [name, compile(params)]));

export const info = {
  version: "0.1.0", protocols: ["imza.v1"], features: [], locale: "tr", grant: "none",
  limits: { requestBytes: 1048576, documentBytes: 536870912, documentsPerBatch: 1000, jsonDepth: 32, deadlineSeconds: 300 },
};

/** The error object that the agent sends for a reason. */
export function wireError(reason, more = {}) {
  const { code, message, remedy } = errors.find((one) => one.reason === reason);
  return { code, message: message.en, data: { reason, message, remedy, ...more } };
}

/**
 * Listens on a free port. handlers: method -> (params, connection, id) => result, or throws {error}, or returns undefined: no answer.
 * Wrong requests and wrong answers of the handlers end up in faults, which every test expects to be empty.
 */
export async function startMock(handlers = {}) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: (offered) => (offered.has("imza.v1") ? "imza.v1" : false) });
  await new Promise((resolve) => server.once("listening", resolve));
  const mock = { server, port: server.address().port, faults: [], requests: [], connections: [], handlers: { "agent.info": () => info, ...handlers } };
  mock.stop = () => {
    for (const client of server.clients) client.terminate();
    return new Promise((resolve) => server.close(resolve));
  };
  server.on("connection", (socket) => mock.connections.push(new Connection(socket, mock)));
  return mock;
}

class Connection {
  documents = new Map();
  #lastDocument = 0;

  constructor(socket, mock) {
    this.socket = socket;
    this.mock = mock;
    socket.on("message", (data, isBinary) => (isBinary ? this.#binary(data) : this.#text(data)));
  }

  notify(method, params) {
    const check = noteChecks.get(method);
    if (!check?.(params)) this.mock.faults.push([method, check?.errors]);
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  sendFrame(document, bytes) {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(document);
    this.socket.send(Buffer.concat([head, bytes]));
  }

  answer(id, body) {
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
  }

  openDocument({ size }) {
    this.documents.set(++this.#lastDocument, { size, chunks: [], received: 0 });
    return { document: this.#lastDocument };
  }

  #binary(data) {
    const document = this.documents.get(data.readUInt32BE(0));
    if (!document || document.received + data.length - 4 > document.size) this.mock.faults.push(["binary frame", data.length]);
    document?.chunks.push(data.subarray(4));
    if (document) document.received += data.length - 4;
  }

  async #text(data) {
    const { jsonrpc, id, method, params } = JSON.parse(data);
    const check = checks.get(method);
    this.mock.requests.push({ id, method, params });
    if (jsonrpc !== "2.0" || !check?.params(params)) this.mock.faults.push([method, params, check?.params.errors]);
    try {
      const result = await this.mock.handlers[method](params, this, id);
      if (result === undefined) return;
      if (!check.result(result)) this.mock.faults.push([`${method}: answer`, check.result.errors]);
      this.answer(id, { result });
    } catch (thrown) {
      if (!thrown.error) throw thrown;
      this.answer(id, { error: thrown.error });
    }
  }
}
