// SPDX-License-Identifier: Apache-2.0
// A WebSocket whose fate is written beforehand: what browsers do and no real socket of Node's can be made to do.

/** script: port -> "open" | "open:PROTOCOL" | {opens: PROTOCOL, says: TEXT} | CLOSE CODE | "csp" | "silent" | {throws: NAME}; a list is used up one attempt at a time. */
export function scriptedSocket(script) {
  const attempts = [];
  class ScriptedSocket extends EventTarget {
    readyState = 0;
    protocol = "";
    bufferedAmount = 0;
    binaryType = "blob";
    sent = [];

    constructor(url, protocols) {
      super();
      attempts.push(url);
      const { port, protocol } = new URL(url);
      const entry = script[`${protocol}${port}`] ?? script[port] ?? 1006;
      const fate = Array.isArray(entry) ? entry.shift() : entry;
      if (fate.throws) throw Object.assign(new Error("blocked"), { name: fate.throws });
      this.wait = fate.after ?? 1;
      setTimeout(() => this.#act(fate.then ?? fate, protocols), this.wait);
    }

    #act(fate, protocols) {
      if (fate === "silent") return;
      if (fate.opens) {
        this.readyState = 1;
        this.protocol = fate.opens;
        this.dispatchEvent(new Event("open"));
        // In the same turn, as Node's sockets do with what came along with the handshake.
        this.dispatchEvent(fate.says === undefined ? new Event("close") : Object.assign(new Event("message"), { data: fate.says }));
        return;
      }
      if (String(fate).startsWith("open")) {
        this.readyState = 1;
        this.protocol = fate === "open" ? protocols[0] : fate.slice(5);
        this.dispatchEvent(new Event("open"));
        return;
      }
      this.readyState = 3;
      this.dispatchEvent(new Event("error"));
      if (fate !== "csp") this.dispatchEvent(Object.assign(new Event("close"), { code: fate }));
    }

    send(data) {
      this.sent.push(data);
    }

    close() {
      this.readyState = 3;
      this.closed = true;
    }
  }
  return { ScriptedSocket, attempts };
}
