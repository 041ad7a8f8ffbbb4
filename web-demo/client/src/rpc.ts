// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 over one socket: numbers the calls, matches the answers, turns errors into their classes, cancels.
import { AgentError, type WireError } from "./agent_error.js";
import { ConnectionError } from "./connection_error.js";
import { errorClasses, worthRetrying, type ErrorReason } from "./generated/errors.js";
import { OPEN, type SocketLike } from "./socket.js";

const CANCEL_ANSWER_MS = 5000; // an agent that does not answer a cancel in this time is not going to

/** One message that went over the wire; of binary frames only the document and the size. */
export type WireMessage = { direction: "sent" | "received"; time: Date } & (
  | { kind: "text"; json: unknown; size: number }
  | { kind: "binary"; document: number; size: number }
);

export interface RpcHandlers {
  onMessage?: (message: WireMessage) => void;
  onNotification: (method: string, params: unknown) => void;
  onBinary: (document: number, bytes: Uint8Array) => void;
  onClose: (error: ConnectionError) => void;
}

export interface RpcOptions {
  signal?: AbortSignal;
  /** Hears the request's id before the request is sent. */
  onId?: (id: number) => void;
}

interface Pending {
  method: string;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

export class Rpc {
  readonly #socket: SocketLike;
  readonly #handlers: RpcHandlers;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #lost: ConnectionError | undefined;

  /** socket: open already. */
  constructor(socket: SocketLike, handlers: RpcHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => this.#end(new ConnectionError("connection_lost", `close code ${event.code}`)));
  }

  get isOpen(): boolean {
    return this.#lost === undefined && this.#socket.readyState === OPEN;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** Resolves with the result; rejects with the reason's AgentError, or ConnectionError. */
  call(method: string, params: object, options: RpcOptions = {}): Promise<any> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!this.isOpen) return Promise.reject(this.#lost ?? new ConnectionError("connection_lost"));
    const id = ++this.#lastId;
    options.onId?.(id);
    const answer = new Promise((resolve, reject) => this.#pending.set(id, { method, resolve, reject }));
    this.#sendText({ jsonrpc: "2.0", id, method, params });
    return signal ? this.#cancellable(id, answer, signal) : answer;
  }

  sendBinary(document: number, frame: Uint8Array): void {
    if (!this.isOpen) throw this.#lost ?? new ConnectionError("connection_lost");
    this.#socket.send(frame);
    this.#tell({ direction: "sent", time: new Date(), kind: "binary", document, size: frame.length - 4 });
  }

  close(): void {
    this.#socket.close(1000);
    this.#end(new ConnectionError("connection_lost", "closed by the page"));
  }

  /** The agent ends a cancelled operation with an answer of its own; only its silence is replaced by the signal's reason. */
  async #cancellable(id: number, answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cancel = () => {
      this.call("operation.cancel", { operation: id }).catch(() => undefined);
      timer = setTimeout(() => this.#take(id)?.reject(signal.reason), CANCEL_ANSWER_MS);
    };
    signal.addEventListener("abort", cancel);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  #sendText(json: object): void {
    const text = JSON.stringify(json);
    this.#socket.send(text);
    this.#tell({ direction: "sent", time: new Date(), kind: "text", json, size: text.length });
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) this.#receiveBinary(new Uint8Array(data));
    else if (typeof data === "string") this.#receiveText(data);
  }

  #receiveBinary(frame: Uint8Array): void {
    if (frame.length < 4) return this.#fail("a binary frame without a document");
    const document = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    this.#tell({ direction: "received", time: new Date(), kind: "binary", document, size: frame.length - 4 });
    this.#handlers.onBinary(document, frame.subarray(4));
  }

  #receiveText(text: string): void {
    let json: any;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#fail("a text frame that is not JSON");
    }
    this.#tell({ direction: "received", time: new Date(), kind: "text", json, size: text.length });
    if (typeof json?.method === "string") return this.#handlers.onNotification(json.method, json.params ?? {});
    const call = this.#take(json?.id);
    if (!call) return; // the answer to a call that was given up
    if (json.error) call.reject(toAgentError(call.method, json.error));
    else if ("result" in json) call.resolve(json.result);
    else call.reject(new ConnectionError("protocol_error", "neither result nor error"));
  }

  #take(id: unknown): Pending | undefined {
    const call = this.#pending.get(id as number);
    this.#pending.delete(id as number);
    return call;
  }

  #tell(message: WireMessage): void {
    this.#handlers.onMessage?.(message);
  }

  #fail(detail: string): void {
    this.#socket.close(4002, "protocol error");
    this.#end(new ConnectionError("protocol_error", detail));
  }

  #end(error: ConnectionError): void {
    if (this.#lost) return;
    this.#lost = error;
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
    this.#handlers.onClose(error);
  }
}

/** The reason's class of an error as the wire has it: of an answer, or of one document of a batch (`failed[].error`). */
export function toAgentError(method: string, error: WireError): AgentError {
  const reason = error.data?.reason ?? "internal";
  const Class = errorClasses[reason as ErrorReason] ?? AgentError;
  return new Class(method, error, worthRetrying.has(reason));
}
