// SPDX-License-Identifier: Apache-2.0
// A form that is being filled: its description from the agent, its data, and what the agent finds wrong with it.
import type { AgentClient, FormDescribeResult, FormError } from "imza-agent-client";
import { language } from "../i18n.js";
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

export type Widget = "text" | "date" | "choice" | "multiline" | "checkbox" | "number";

interface Layout {
  sections: Section[];
  declaration?: string[];
  signature?: { label: string };
}

const TYPING_MS = 350;

export class FormModel {
  readonly layout: Layout;
  readonly schema: Json;
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
    const mine = ++this.#lastCheck;
    const result = await this.client.form.validate({ form: this.description.id, version: this.description.version, data: this.data });
    if (mine === this.#lastCheck) this.take(result.errors, result.valid, result.warnings);
    return result.valid;
  }

  take(errors: FormError[], valid = false, warnings: FormError[] = []): void {
    this.errors = errors;
    this.valid = valid;
    this.warnings = warnings;
    this.onChange();
  }

  /** The field that shows an error: at its place in the data, above it, or the first below it. */
  fieldOf({ pointer }: FormError): Field | undefined {
    return this.fields.find((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`)) ??
      this.fields.find((field) => pointer !== "" && field.pointer.startsWith(`${pointer}/`));
  }

  errorsOf(field: Field): FormError[] {
    if (!this.showAll && !this.touched.has(field.pointer)) return [];
    return this.errors.filter((error) => this.fieldOf(error) === field);
  }
}
