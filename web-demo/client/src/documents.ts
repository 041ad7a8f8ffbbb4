// SPDX-License-Identifier: Apache-2.0
// Carries documents as binary frames: 4 bytes of handle, big-endian, then the bytes; never more in flight than the socket takes.
import { ConnectionError } from "./connection_error.js";
import type { DocumentHandle } from "./generated/types.js";
import type { Rpc } from "./rpc.js";

const CHUNK = 64 * 1024;
const HIGH_WATER = 4 * 1024 * 1024; // stop feeding the socket above this, go on below a quarter of it
const LOW_WATER = HIGH_WATER / 4;
const DRAIN_POLL_MS = 5; // WebSocket has no event for a drained buffer

export type Progress = (done: number, total: number) => void;

export interface TransferOptions {
  signal?: AbortSignal;
  onProgress?: Progress;
}

export interface UploadOptions extends TransferOptions {
  name: string;
  /** RFC 6838 type/subtype; default: the Blob's own, or application/octet-stream. */
  mediaType?: string;
}

interface Download {
  chunks: Uint8Array[];
  size: number;
  onProgress?: Progress;
  total: number;
}

export class Documents {
  readonly #rpc: Rpc;
  readonly #downloads = new Map<number, Download>();
  readonly #queues = new Map<number, Promise<unknown>>();

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** Gives the agent a document; resolves with its handle once every byte is handed to the socket. */
  async upload(source: Blob | ArrayBuffer | Uint8Array, options: UploadOptions): Promise<DocumentHandle> {
    const blob = source instanceof Blob ? source : new Blob([source as BlobPart]);
    const mediaType = options.mediaType || blob.type.split(";")[0]!.trim().toLowerCase() || "application/octet-stream";
    const { document } = await this.#rpc.call("document.open", { size: blob.size, mediaType, name: options.name }, { signal: options.signal });
    try {
      await this.#sendBytes(document, blob, options);
    } catch (error) {
      this.#rpc.call("document.close", { document }).catch(() => undefined);
      throw error;
    }
    return document;
  }

  /** The document's bytes from the agent, of the type that the caller names. */
  async download(document: DocumentHandle, mediaType: string, size: number, options: TransferOptions = {}): Promise<Blob> {
    const chunks = await this.#inTurn(document, () => this.#read(document, size, options));
    return new Blob(chunks as BlobPart[], { type: mediaType });
  }

  /** A binary frame arrived. */
  receive(document: DocumentHandle, bytes: Uint8Array): void {
    const download = this.#downloads.get(document);
    if (!download) return; // the answer to a read that was given up
    download.chunks.push(bytes);
    download.size += bytes.length;
    download.onProgress?.(download.size, download.total);
  }

  async #sendBytes(document: number, blob: Blob, { signal, onProgress }: TransferOptions): Promise<void> {
    for (let offset = 0; offset < blob.size; offset += CHUNK) {
      await this.#drained(signal);
      const bytes = new Uint8Array(await blob.slice(offset, offset + CHUNK).arrayBuffer());
      const frame = new Uint8Array(4 + bytes.length);
      new DataView(frame.buffer).setUint32(0, document);
      frame.set(bytes, 4);
      this.#rpc.sendBinary(document, frame);
      onProgress?.(Math.min(offset + CHUNK, blob.size), blob.size);
    }
  }

  async #drained(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#rpc.bufferedAmount <= HIGH_WATER) return;
    while (this.#rpc.isOpen && this.#rpc.bufferedAmount > LOW_WATER) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      signal?.throwIfAborted();
    }
  }

  async #read(document: number, total: number, options: TransferOptions): Promise<Uint8Array[]> {
    const download: Download = { chunks: [], size: 0, total, onProgress: options.onProgress };
    this.#downloads.set(document, download);
    try {
      const { length } = await this.#rpc.call("document.read", { document }, { signal: options.signal });
      if (length !== download.size) throw new ConnectionError("protocol_error", `${download.size} of ${length} bytes came`);
      return download.chunks;
    } finally {
      this.#downloads.delete(document);
    }
  }

  /** Frames name only the document, so one document is read by one call at a time. */
  async #inTurn<T>(document: number, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(document) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#queues.set(document, mine);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(document) === mine) this.#queues.delete(document);
    }
  }
}
