// SPDX-License-Identifier: Apache-2.0
// A form that is being filled: its description from the agent, its data, and what the agent finds wrong with it.
import type { AgentClient, FormDescribeResult, FormValidateResult } from "imza-agent-client";
import { language } from "../i18n.js";
import { fixedValues, getAt, schemaAt, setAt, type Json } from "./pointer.js";

export interface Field {
  pointer: string;
  label: string;
  hint?: string;
  width?: "half" | "full";
  widget?: Widget;
  options?: { value: unknown; label: string }[];
}

export type Widget = "text" | "date" | "choice" | "multiline" | "checkbox" | "number";
export type FormError = FormValidateResult["errors"][number];

interface Layout {
  sections: { title: string; fields: Field[] }[];
  declaration?: string[];
  signature?: { label: string };
}

const TYPING_MS = 350;

export class FormModel {
  readonly layout: Layout;
  readonly schema: Json;
  data: Json;
  errors: FormError[] = [];
  valid = false;
  /** Fields that the user has left or that were filled for them: only these show their errors, until showAll. */
  readonly touched = new Set<string>();
  showAll = false;
  onErrors: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastCheck = 0;

  constructor(readonly client: AgentClient, readonly description: FormDescribeResult) {
    this.layout = description.layout as unknown as Layout;
    this.schema = description.schema;
    this.data = fixedValues(this.schema);
  }

  get fields(): Field[] {
    return this.layout.sections.flatMap(({ fields }) => fields);
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

  /** Takes what the user typed; checks the form a moment after the last key. */
  type(field: Field, value: unknown): void {
    setAt(this.data, field.pointer, value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check().catch(() => undefined), TYPING_MS);
  }

  fill(data: Json): void {
    this.data = structuredClone(data);
    for (const { pointer } of this.fields) this.touched.add(pointer);
  }

  /** Has the agent check the data. An answer that a later check has overtaken changes nothing. */
  async check(): Promise<boolean> {
    clearTimeout(this.#timer);
    const mine = ++this.#lastCheck;
    const result = await this.client.form.validate({ form: this.description.id, data: this.data });
    if (mine === this.#lastCheck) this.take(result.errors, result.valid);
    return result.valid;
  }

  take(errors: FormError[], valid = false): void {
    this.errors = errors;
    this.valid = valid;
    this.onErrors();
  }

  /** The errors that belong under this field: at its place in the data, or below. */
  errorsOf(field: Field): FormError[] {
    if (!this.showAll && !this.touched.has(field.pointer)) return [];
    return this.errors.filter(({ pointer }) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`));
  }

  /** The errors that no field shows. */
  strayErrors(): FormError[] {
    const places = this.fields.map(({ pointer }) => pointer);
    return this.errors.filter(({ pointer }) => !places.some((place) => pointer === place || pointer.startsWith(`${place}/`)));
  }
}
