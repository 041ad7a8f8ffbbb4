// SPDX-License-Identifier: Apache-2.0
// Finds the agent's port. One port after the other, over WebSocket only: a fetch, or two attempts at once, would raise more prompts.
import { ConnectionError } from "./connection_error.js";
import type { SocketConstructor, SocketLike } from "./socket.js";
import { readVersions, sideToUpdate, SUBPROTOCOL, VERSIONS } from "./versions.js";

export const FIRST_PORT = 15070;
export const LAST_PORT = 15079;

const ANSWER_MS = 2000; // an agent on the same machine opens within a few milliseconds
const PROMPT_MS = 300_000; // as long as the agent holds a silent connection while the user reads the browser's prompt
const CLOSE_AFTER_ERROR_MS = 250; // Chromium sends no close event for what CSP blocked
const HUMAN_MS = 1000; // a prompt that was dismissed took longer than this; a refused port takes less
const PORT_KEY = "imza-agent.port";

/** granted, denied, prompt: the browser's; ungated: the browser asks nobody (Node, old browsers, a page on this machine). */
export type Permission = "granted" | "denied" | "prompt" | "ungated";

export type ConnectStatus =
  | { phase: "trying"; port: number }
  /** The browser is asking the user for leave; tell them to look at its prompt. */
  | { phase: "permission"; port: number };

export interface ConnectOptions {
  /** The WebSocket to use; default: the global one. */
  WebSocket?: SocketConstructor;
  /** Ports to try, in this order. */
  ports?: number[];
  /** auto: ws, and wss where the browser refuses ws. */
  scheme?: "auto" | "ws" | "wss";
  signal?: AbortSignal;
  onStatus?: (status: ConnectStatus) => void;
  /** Looks at whoever answered before the search ends with it; an error has the search go on at the next port. */
  accept?: (connected: Connected) => Promise<ConnectionError | undefined>;
  /** Asks the browser for the state of loopback-network; for tests. */
  queryPermission?: () => Promise<Permission>;
}

export interface Connected {
  socket: SocketLike;
  port: number;
}

type Outcome =
  /** offered: what the agent speaks, where it speaks nothing of ours. */
  | { kind: "open"; offered?: Promise<string[]> }
  | { kind: "refused"; code: number; ms: number }
  | { kind: "csp" }
  | { kind: "insecure" }
  | { kind: "silent" };

/** Opens a socket to the first agent that answers. Call it from a click: the browser may ask the user. Throws ConnectionError. */
export async function openSocket(options: ConnectOptions = {}): Promise<Connected> {
  const permission = options.queryPermission ?? queryPermission;
  const search = new Search(options, await permission());
  do {
    for (const port of portOrder(options.ports)) {
      const socket = await search.tryPort(port, permission);
      if (socket && (await search.accepts(socket, port))) return { socket, port };
    }
  } while (search.nextScheme());
  throw search.verdict();
}

class Search {
  #scheme: "ws" | "wss";
  #untrusted = false;
  #insecure = false;
  #retried = false;
  #objection: ConnectionError | undefined;

  constructor(readonly options: ConnectOptions, private permission: Permission) {
    if (permission === "denied") throw denial();
    this.#scheme = options.scheme === "wss" ? "wss" : "ws";
  }

  #url(port: number): string {
    return `${this.#scheme}://127.0.0.1:${port}/`;
  }

  /** The open socket, or undefined: try the next port. Throws where no other port can help. */
  async tryPort(port: number, permission: () => Promise<Permission>): Promise<SocketLike | undefined> {
    this.options.signal?.throwIfAborted();
    this.options.onStatus?.({ phase: "trying", port });
    const { socket, outcome } = await attempt(this.#url(port), port, this.permission, this.options);
    switch (outcome.kind) {
      case "open":
        if (!outcome.offered) return socket;
        this.#object(socket!, wrongVersion(await outcome.offered));
        return undefined;
      case "csp":
        throw new ConnectionError("blocked_by_csp", this.#url(port));
      case "insecure":
        if (this.#scheme === "wss" || this.options.scheme === "ws") throw new ConnectionError("insecure_blocked", this.#url(port));
        this.#scheme = "wss";
        this.#insecure = true;
        return this.tryPort(port, permission);
      case "refused":
        if (outcome.code === 1015) this.#untrusted = true;
        return this.#afterRefusal(port, outcome.ms, permission);
      case "silent":
        return undefined;
    }
  }

  /** Whether this is an agent for this page; if not, why is kept for the verdict. */
  async accepts(socket: SocketLike, port: number): Promise<boolean> {
    const objection = socket.protocol === SUBPROTOCOL
      ? await this.options.accept?.({ socket, port })
      : new ConnectionError("wrong_version", `subprotocol "${socket.protocol}"`, "agent");
    if (!objection) {
      rememberPort(port);
      return true;
    }
    this.#object(socket, objection);
    return false;
  }

  #object(socket: SocketLike, objection: ConnectionError): void {
    socket.close();
    this.#objection ??= objection;
  }

  async #afterRefusal(port: number, ms: number, permission: () => Promise<Permission>): Promise<SocketLike | undefined> {
    const before = this.permission;
    if (before === "ungated") return undefined;
    this.permission = await permission();
    if (this.permission === "denied") throw denial();
    if (this.permission === "prompt" && ms > HUMAN_MS) throw new ConnectionError("prompt_dismissed");
    // Leave came late: whoever listened has dropped the silent connection meanwhile, and answers the next one.
    if (this.permission === "granted" && before !== "granted" && !this.#retried) {
      this.#retried = true;
      return this.tryPort(port, permission);
    }
    return undefined;
  }

  /** Safari refuses ws to this machine without saying so: an https page there gets a second round, over wss. */
  nextScheme(): boolean {
    const again = this.#scheme === "ws" && this.permission === "ungated" && (this.options.scheme ?? "auto") === "auto" &&
      globalThis.location?.protocol === "https:";
    if (again) this.#scheme = "wss";
    return again;
  }

  verdict(): ConnectionError {
    if (this.#objection) return this.#objection;
    if (this.#untrusted) return new ConnectionError("certificate_not_trusted");
    return new ConnectionError(this.#insecure ? "insecure_blocked" : "not_running");
  }
}

/** Whether the user was never asked, since the page around this one's frame does not hand the permission on. */
function denial(): ConnectionError {
  const { self, top, document } = globalThis as { self?: unknown; top?: unknown; document?: { featurePolicy?: { allowsFeature(name: string): boolean } } };
  const framed = self !== top && document?.featurePolicy?.allowsFeature("loopback-network") === false;
  return new ConnectionError(framed ? "frame_not_allowed" : "permission_denied");
}

function wrongVersion(offered: string[]): ConnectionError {
  return new ConnectionError("wrong_version", `the agent speaks ${offered.join(", ") || "nothing known"}, this page ${SUBPROTOCOL}`, sideToUpdate(offered));
}

async function attempt(url: string, port: number, permission: Permission, options: ConnectOptions): Promise<{ socket?: SocketLike; outcome: Outcome }> {
  const Socket = options.WebSocket ?? (globalThis.WebSocket as unknown as SocketConstructor);
  const blocked = watchPolicy(url);
  let socket: SocketLike;
  try {
    socket = new Socket(url, [SUBPROTOCOL, VERSIONS]);
  } catch (error) {
    blocked.stop();
    // Firefox throws for CSP; every browser throws SecurityError for mixed content.
    return { outcome: { kind: (error as Error).name === "SecurityError" && !blocked.seen() ? "insecure" : "csp" } };
  }
  try {
    const outcome = await settle(socket, port, permission, options, blocked.seen);
    if (outcome.kind === "silent") socket.close();
    return { socket, outcome };
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    blocked.stop();
  }
}

/** Waits until the socket is open, has failed, or has been silent for too long. */
function settle(socket: SocketLike, port: number, permission: Permission, options: ConnectOptions, cspSeen: () => boolean): Promise<Outcome> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const timers: ReturnType<typeof setTimeout>[] = [];
    const end = (act: () => void) => {
      timers.forEach(clearTimeout);
      options.signal?.removeEventListener("abort", onAbort);
      for (const [type, listener] of listeners) socket.removeEventListener(type, listener);
      act();
    };
    const finish = (outcome: Outcome) => end(() => resolve(outcome));
    const onAbort = () => end(() => reject(options.signal!.reason));
    const listeners: ["open" | "error" | "close", (event: any) => void][] = [
      // The list may come right behind the handshake, so whoever reads it listens from this moment on.
      ["open", () => finish({ kind: "open", offered: socket.protocol === VERSIONS ? readVersions(socket, ANSWER_MS) : undefined })],
      ["close", (event) => finish(cspSeen() ? { kind: "csp" } : { kind: "refused", code: event.code, ms: Date.now() - started })],
      ["error", () => timers.push(setTimeout(() => finish({ kind: "csp" }), CLOSE_AFTER_ERROR_MS))],
    ];
    for (const [type, listener] of listeners) socket.addEventListener(type, listener);
    options.signal?.addEventListener("abort", onAbort);
    const asking = permission === "prompt";
    timers.push(setTimeout(() => finish({ kind: "silent" }), asking ? PROMPT_MS : ANSWER_MS));
    if (asking) timers.push(setTimeout(() => options.onStatus?.({ phase: "permission", port }), 500));
  });
}

/** Tells whether the page's policy blocked this very address; Chromium says so before the error event. */
function watchPolicy(url: string): { seen: () => boolean; stop: () => void } {
  const page = (globalThis as { document?: EventTarget }).document;
  let seen = false;
  const note = (event: Event) => {
    if ((event as SecurityPolicyViolationEvent).blockedURI.startsWith(url.slice(0, -1))) seen = true;
  };
  page?.addEventListener("securitypolicyviolation", note);
  return { seen: () => seen, stop: () => page?.removeEventListener("securitypolicyviolation", note) };
}

/** The state of the browser's permission to reach programs on this device. */
export async function queryPermission(): Promise<Permission> {
  const host = globalThis.location?.hostname ?? "";
  if (host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host)) return "ungated";
  try {
    return (await navigator.permissions.query({ name: "loopback-network" as PermissionName })).state;
  } catch {
    return "ungated";
  }
}

function portOrder(ports?: number[]): number[] {
  const all = ports ?? Array.from({ length: LAST_PORT - FIRST_PORT + 1 }, (_, index) => FIRST_PORT + index);
  const last = lastPort();
  return last !== undefined && all.includes(last) ? [last, ...all.filter((port) => port !== last)] : all;
}

function lastPort(): number | undefined {
  try {
    const text = globalThis.localStorage?.getItem(PORT_KEY);
    return text ? Number(text) : undefined;
  } catch {
    return undefined; // storage is off in this page
  }
}

function rememberPort(port: number): void {
  try {
    globalThis.localStorage?.setItem(PORT_KEY, String(port));
  } catch {
    // storage is off or full: the next search starts at the first port
  }
}
