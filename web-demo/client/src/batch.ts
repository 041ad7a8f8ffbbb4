// SPDX-License-Identifier: Apache-2.0
// Many documents, one consent, one PIN: keeps what came of each, so that a batch can be stopped, looked at and taken up again.
import type { CallOptions } from "./call_options.js";
import type { AgentClient } from "./client.js";
import { toAgentError } from "./rpc.js";
import type { DocumentHandle, OperationProgressEvent, SignDocumentParams, SignedDocument } from "./generated/types.js";

export interface BatchItem {
  /** Of upload() or form.render(). */
  readonly document: DocumentHandle;
  readonly state: "waiting" | "signed" | "failed";
  readonly signed?: SignedDocument;
  /** Why it is not signed: an AgentError, or ConnectionError. */
  readonly error?: unknown;
}

export type BatchParams = Omit<SignDocumentParams, "documents">;

export class Batch {
  #items: BatchItem[];

  constructor(readonly client: AgentClient, documents: readonly DocumentHandle[]) {
    this.#items = documents.map((document) => ({ document, state: "waiting" }));
  }

  /** In the order of the documents. */
  get items(): readonly BatchItem[] {
    return this.#items;
  }

  get signed(): number {
    return this.#items.filter(({ state }) => state === "signed").length;
  }

  get isDone(): boolean {
    return this.signed === this.#items.length;
  }

  /**
   * Signs every document that is not signed yet, in one operation (more only where the agent's documentsPerBatch is smaller). Call it
   * again to retry: none is signed twice. Where one document goes wrong that stands at its item (before sign.partial: all or none).
   * Throws what ended the operation as a whole (user_denied, pin_incorrect, connection_lost, ...).
   */
  async sign(params: BatchParams, options: CallOptions = {}): Promise<void> {
    const open = this.#items.flatMap(({ state }, index) => (state === "signed" ? [] : [index]));
    const most = this.client.info.limits.documentsPerBatch;
    for (let start = 0; start < open.length; start += most) {
      const indexes = open.slice(start, start + most);
      await this.#signThese(params, indexes, { before: start, total: open.length }, options);
      if (options.signal?.aborted) return;
    }
  }

  async #signThese(params: BatchParams, indexes: number[], { before, total }: { before: number; total: number }, options: CallOptions): Promise<void> {
    const { signal, onProgress } = options;
    const documents = indexes.map((index) => ({ document: this.#items[index]!.document }));
    const partial = this.client.info.features.includes("sign.partial");
    const told = onProgress && ((progress: OperationProgressEvent) =>
      onProgress(progress.step === "signing" ? { ...progress, done: before + progress.done, total } : progress));
    try {
      const result = await this.client.sign.document({ ...params, documents, ...(partial && { partial }) }, { signal, onProgress: told });
      for (const [at, signed] of result.documents.entries()) this.#set(indexes[signed.index ?? at]!, { state: "signed", signed, error: undefined });
      for (const { index, error } of result.failed ?? []) this.#set(indexes[index]!, { state: "failed", error: toAgentError("sign.document", error) });
    } catch (error) {
      for (const index of indexes) this.#set(index, { state: "failed", error });
      throw error;
    }
  }

  #set(index: number, change: Partial<BatchItem>): void {
    this.#items[index] = { ...this.#items[index]!, ...change };
  }
}
