// SPDX-License-Identifier: Apache-2.0
// A form that is being filled: its description from the agent, its data, and what the agent finds wrong with it.
import type { AgentClient, FormAttachments, FormDescribeResult, FormError } from "imza-agent-client";
import { language, pick } from "../i18n.js";
import { conditionsOf, covers } from "./conditions.js";
import { fixedValues, getAt, schemaAt, setAt, type Json } from "./pointer.js";

export interface Field {
  pointer: string;
  label: string;
  hint?: string;
  width?: "half" | "full";
  widget?: Widget;
  options?: { value: unknown; label: string }[];
}

export interface Section {
  title: string;
  fields: Field[];
  /** What to show here of the institution's profile: account, callCentre, links, price/ID. */
  institution?: string[];
}

/** A file that goes along with the form. */
export interface Attachment {
  id: string;
  label: string;
  hint?: string;
  need?: "required" | "recommended" | "optional";
  /** Only with something filled in there. */
  with?: string;
  /** The checkbox that says whether it is attached: this page ticks it by itself. */
  statedBy?: string;
  mediaTypes: string[];
  sizeMax: number;
}

export type Widget = "text" | "date" | "choice" | "multiline" | "checkbox" | "number";

interface Layout {
  sections: Section[];
  attachments?: Attachment[];
  declaration?: string[];
  signature?: { label: string };
}

const TYPING_MS = 350;

export class FormModel {
  readonly layout: Layout;
  readonly schema: Json;
  /** What was chosen, by the attachment's id. */
  readonly files = new Map<string, File>();
  /** What is wrong with it, in the page's language, until another is chosen. */
  readonly problems = new Map<string, () => string>();
  data: Json;
  errors: FormError[] = [];
  /** What is not wrong but worth a look, as prices of a past year. */
  warnings: FormError[] = [];
  valid = false;
  /** Fields that the user has left or that were filled for them: only these show their errors, until showAll. */
  readonly touched = new Set<string>();
  showAll = false;
  /** Errors, or which fields have a place, may have changed. */
  onChange: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastCheck = 0;

  constructor(readonly client: AgentClient, readonly description: FormDescribeResult) {
    const layout = description.layout as unknown as Layout;
    const stated = layout.attachments?.map(({ statedBy }) => statedBy);
    this.layout = { ...layout, sections: layout.sections.map((section) => ({ ...section, fields: section.fields.filter(({ pointer }) => !stated?.includes(pointer)) })) };
    this.schema = description.schema;
    this.data = fixedValues(this.schema);
  }

  get fields(): Field[] {
    return this.layout.sections.flatMap(({ fields }) => fields);
  }

  get attachments(): Attachment[] {
    return this.layout.attachments ?? [];
  }

  /** Those that have a place with the data as it is. */
  attachable(): Attachment[] {
    const { shown } = this.standing();
    return this.attachments.filter((attachment) => !attachment.with || [...shown].some(({ pointer }) => pointer === attachment.with || pointer.startsWith(`${attachment.with}/`)));
  }

  /** Takes a file, or puts it away. */
  attach({ id }: Attachment, file: File | undefined): void {
    if (file) this.files.set(id, file);
    else this.files.delete(id);
    this.problems.delete(id);
    void this.check().catch(() => undefined);
  }

  /** Gives the agent the files that have a place, for one request, and lets it forget them after that. An older agent knows of none. */
  async withFiles<T>(request: (files: { attachments?: FormAttachments }) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const sent: FormAttachments = [];
    try {
      for (const { id } of this.attachable()) {
        const file = this.files.get(id);
        if (file) sent.push({ id, document: await this.client.upload(file, { name: file.name, signal }) });
      }
      return await request(sent.length ? { attachments: sent } : {});
    } finally {
      for (const { document } of sent) this.client.document.close({ document }).catch(() => undefined);
    }
  }

  /** The data says what is attached. */
  #state(): void {
    const here = this.attachable();
    for (const attachment of this.attachments) {
      if (attachment.statedBy) setAt(this.data, attachment.statedBy, here.includes(attachment) && this.files.has(attachment.id) ? true : undefined);
    }
  }

  /** A text of the form in the page's language. */
  text(key: string): string {
    const texts = this.description.texts as Record<string, Record<string, string>>;
    return texts[language()]?.[key] ?? texts.tr?.[key] ?? key;
  }

  widget(field: Field): Widget {
    if (field.widget) return field.widget;
    const { schema } = schemaAt(this.schema, field.pointer);
    if (Array.isArray(schema.enum)) return "choice";
    if (schema.type === "boolean") return "checkbox";
    if (schema.type === "integer" || schema.type === "number") return "number";
    return schema.format === "date" ? "date" : "text";
  }

  value(field: Field): unknown {
    return getAt(this.data, field.pointer);
  }

  /** The fields that have a place in the form as it is filled now, and those of them that must be filled. */
  standing(): { shown: Set<Field>; required: Set<Field> } {
    const { required, barred, conditional } = conditionsOf(this.schema, this.data);
    const shown = this.fields.filter((field) => {
      if (this.value(field) !== undefined) return true;
      return !covers(barred, field.pointer) && (!covers(conditional, field.pointer) || covers(required, field.pointer));
    });
    const must = this.fields.filter(({ pointer }) => schemaAt(this.schema, pointer).required || required.has(pointer));
    return { shown: new Set(shown), required: new Set(must) };
  }

  /** Takes what the user typed; checks the form a moment after the last key. */
  type(field: Field, value: unknown): void {
    setAt(this.data, field.pointer, value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check().catch(() => undefined), TYPING_MS);
  }

  /** Takes a choice; what it rules out leaves the data. */
  choose(field: Field, value: unknown): void {
    this.touched.add(field.pointer);
    this.type(field, value);
    const { barred } = conditionsOf(this.schema, this.data);
    for (const pointer of barred) setAt(this.data, pointer, undefined);
    this.onChange();
  }

  fill(data: Json): void {
    this.data = structuredClone(data);
    for (const { pointer } of this.fields) this.touched.add(pointer);
  }

  /** Has the agent check the data. An answer that a later check has overtaken changes nothing. */
  async check(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#state();
    const mine = ++this.#lastCheck;
    const result = await this.client.form.validate({ form: this.description.id, version: this.description.version, data: this.data });
    if (mine === this.#lastCheck) this.take(result.errors, result.valid, result.warnings);
    return result.valid;
  }

  take(errors: FormError[], valid = false, warnings: FormError[] = []): void {
    this.errors = errors;
    for (const error of errors) {
      const attachment = this.attachmentOf(error);
      if (attachment) this.problems.set(attachment.id, () => pick(error.message));
    }
    this.valid = valid;
    this.warnings = warnings;
    this.onChange();
  }

  /** The field that shows an error: at its place in the data, above it, or the first below it. */
  fieldOf({ pointer }: FormError): Field | undefined {
    return this.fields.find((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`)) ??
      this.fields.find((field) => pointer !== "" && field.pointer.startsWith(`${pointer}/`));
  }

  /** The attachment that an error is about. */
  attachmentOf({ pointer }: FormError): Attachment | undefined {
    return this.attachments.find(({ id }) => pointer === `/attachments/${id}`);
  }

  errorsOf(field: Field): FormError[] {
    if (!this.showAll && !this.touched.has(field.pointer)) return [];
    return this.errors.filter((error) => this.fieldOf(error) === field);
  }
}
