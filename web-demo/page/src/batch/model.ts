// SPDX-License-Identifier: Apache-2.0
// An officer's batch: made-up applications, each rendered by the agent and then signed with the others.
import { Batch, type AgentClient, type BatchItem, type CallOptions, type StoredDocument } from "imza-agent-client";
import { getAt, type Json } from "../form/pointer.js";
import { application } from "./people.js";

export const FORM = "first-application";
const AT_ONCE = 4;

export interface Application {
  name: string;
  unit: string;
  data: Json;
  rendered?: StoredDocument;
}

export class ApplicationBatch {
  readonly items: Application[];
  #batch: Batch | undefined;

  constructor(readonly client: AgentClient, example: Json, count: number, date: string) {
    this.items = Array.from({ length: count }, (_, index) => {
      const data = application(example, index, date);
      const text = (pointer: string) => String(getAt(data, pointer));
      return { data, name: `${text("/applicant/givenName")} ${text("/applicant/surname")}`, unit: text("/employment/unit") };
    });
  }

  get isReady(): boolean {
    return this.items.every(({ rendered }) => rendered !== undefined);
  }

  /** Has the agent render what is not rendered yet, a few at a time, as each has a process of its own. */
  async prepare(signal: AbortSignal, onDone: (done: number) => void): Promise<void> {
    const open = this.items.filter(({ rendered }) => !rendered);
    let done = this.items.length - open.length;
    const work = async () => {
      for (let item = open.shift(); item; item = open.shift()) {
        signal.throwIfAborted();
        item.rendered = await this.client.form.render({ form: FORM, data: item.data }, { signal });
        onDone(++done);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work)).finally(() => (open.length = 0)); // one that fails ends all
  }

  /** One consent and one PIN for all that are not signed yet. */
  async sign(certificate: string, options: CallOptions): Promise<void> {
    this.#batch ??= new Batch(this.client, this.items.map(({ rendered }) => rendered!.document));
    await this.#batch.sign({ certificate, format: "pades" }, options);
  }

  get signed(): number {
    return this.#batch?.signed ?? 0;
  }

  outcome(index: number): BatchItem | undefined {
    return this.#batch?.items[index];
  }

  /** Every signed application, one after the other; the agent keeps them, so this can be asked again. */
  async *downloads(): AsyncGenerator<{ name: string; pdf: Blob }> {
    for (const [index, item] of this.items.entries()) {
      const signed = this.outcome(index)?.signed;
      if (!signed) continue;
      const number = String(index + 1).padStart(4, "0");
      yield { name: `${number} ${item.name}.pdf`, pdf: await this.client.download(signed) };
    }
  }
}
