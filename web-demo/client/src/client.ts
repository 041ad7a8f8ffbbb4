// SPDX-License-Identifier: Apache-2.0
// The client that a portal uses: connects, calls every method as a typed function, hears the agent's events.
import { ConnectionError } from "./connection_error.js";
import { openSocket, type Connected, type ConnectOptions } from "./connection.js";
import { Documents, type TransferOptions, type UploadOptions } from "./documents.js";
import type { CallOptions } from "./call_options.js";
import { Api } from "./generated/api.js";
import type { AgentInfoResult, DocumentHandle, Grant, MethodName, Methods, Notifications, SignedDocument } from "./generated/types.js";
import { forget, isFamiliar, makeChallenge, remember } from "./identity.js";
import { Rpc, type WireMessage } from "./rpc.js";
import { sideToUpdate, SUBPROTOCOL } from "./versions.js";

const HELLO_MS = 5000; // agent.info asks nobody, so it answers at once

export interface AgentOptions extends Omit<ConnectOptions, "accept"> {
  /** The page's origin, as the WebSocket sends it; default: that of the page. Without one the agent's key is not checked. */
  origin?: string;
  /** Sees every message, sent and received; of binary frames only the size. */
  onMessage?: (message: WireMessage) => void;
}

/** What the agent tells by itself, and close: the connection ended. */
export interface AgentEvents extends Notifications {
  close: ConnectionError;
}

export class AgentEvent<T> extends Event {
  constructor(type: string, readonly detail: T) {
    super(type);
  }
}

export class AgentClient extends Api {
  /** What agent.info said when the connection opened. */
  info!: AgentInfoResult;
  readonly #rpc: Rpc;
  readonly #documents: Documents;

  private constructor(rpc: (client: AgentClient) => Rpc, readonly port: number) {
    super();
    this.#rpc = rpc(this);
    this.#documents = new Documents(this.#rpc);
  }

  /** Finds the agent and asks it who it is. Call it from a click. Throws ConnectionError with the exact reason, or the agent's own AgentError. */
  static async connect(options: AgentOptions = {}): Promise<AgentClient> {
    let found: AgentClient | undefined;
    const accept = async ({ socket, port }: Connected) => {
      const client = new AgentClient((self) => new Rpc(socket, {
        onMessage: options.onMessage,
        onNotification: (method, params) => self.dispatchEvent(new AgentEvent(method, params)),
        onBinary: (document, bytes) => self.#documents.receive(document, bytes),
        onClose: (error) => self.dispatchEvent(new AgentEvent("close", error)),
      }), port);
      const objection = await client.#greet(options.origin);
      if (!objection) found = client;
      return objection;
    };
    await openSocket({ ...options, accept });
    return found!;
  }

  /** Forgets the agent that this origin knows, so that connect() takes another one: after the user has said that it is theirs. */
  static forgetAgent(): void {
    forget();
  }

  /** Learns who answered; an error where that is no agent for this page. */
  async #greet(origin?: string): Promise<ConnectionError | undefined> {
    const challenge = makeChallenge(origin);
    try {
      this.info = await withDeadline(this.agent.info(challenge && { challenge: challenge.text }), HELLO_MS);
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      this.close();
      throw error; // it is an agent, and has said why not
    }
    const { protocols = [] } = this.info;
    if (!protocols.includes(SUBPROTOCOL)) return new ConnectionError("wrong_version", `protocols ${protocols}`, sideToUpdate(protocols));
    if (challenge && !(await isFamiliar(challenge, this.info.identity))) return new ConnectionError("agent_changed");
    this.#rememberOnceAllowed(this.info.grant);
    return undefined;
  }

  /** The agent is remembered from the first grant on: then the user has seen its window. */
  #rememberOnceAllowed(grant: Grant): void {
    if (this.info.identity && ["once", "always", "listed"].includes(grant)) remember(this.info.identity.publicKey);
  }

  get isOpen(): boolean {
    return this.#rpc.isOpen;
  }

  /** Any method by its name; the typed functions (client.sign.document, ...) end here. */
  override async call<M extends MethodName>(method: M, params: Methods[M]["params"], options: CallOptions = {}): Promise<Methods[M]["result"]> {
    const { signal, onProgress } = options;
    let id: number | undefined;
    const stop = onProgress && this.on("operation.progress", (progress) => {
      if (progress.operation === id) onProgress(progress);
    });
    try {
      const result = await this.#rpc.call(method, params, { signal, onId: (mine) => (id = mine) });
      if (method === "agent.requestAccess") this.#rememberOnceAllowed(result.grant);
      return result;
    } finally {
      stop?.();
    }
  }

  /** Hears one kind of event; the function that it gives back ends that. */
  on<E extends keyof AgentEvents>(type: E, listener: (detail: AgentEvents[E]) => void): () => void {
    const wrapped = (event: Event) => listener((event as AgentEvent<AgentEvents[E]>).detail);
    this.addEventListener(type, wrapped);
    return () => this.removeEventListener(type, wrapped);
  }

  /** Gives the agent a document, for sign.document. */
  upload(source: Blob | ArrayBuffer | Uint8Array, options: UploadOptions): Promise<DocumentHandle> {
    return this.#documents.upload(source, options);
  }

  /** The bytes of a document that the agent holds, or that came with the answer. */
  async download(document: Pick<SignedDocument, "document" | "content" | "mediaType" | "size">, options?: TransferOptions): Promise<Blob> {
    const { document: handle, content, mediaType, size } = document;
    if (content !== undefined) return new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type: mediaType });
    if (handle === undefined) throw new TypeError("download: neither a handle nor content");
    return this.#documents.download(handle, mediaType, size, options);
  }

  /** Ends the connection; the agent ends its operations and forgets its documents. */
  close(): void {
    this.#rpc.close();
  }
}

async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionError("protocol_error", "no answer to agent.info")), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
