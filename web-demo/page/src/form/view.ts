// SPDX-License-Identifier: Apache-2.0
// Draws a form from its layout; keeps errors, and which fields have a place, up to date without drawing the fields again.
import { h } from "../dom.js";
import { pick, t } from "../i18n.js";
import { drawNotice } from "../problem.js";
import { update } from "../state.js";
import { drawAttachment, refreshAttachments } from "./attachments.js";
import { idOf } from "./ids.js";
import { drawInstitution } from "./institution.js";
import type { Attachment, Field, FormModel, Section } from "./model.js";
import { schemaAt } from "./pointer.js";
import { Summary } from "./summary.js";

let summary = new Summary();

export function drawForm(model: FormModel): HTMLElement {
  summary = new Summary();
  const warnings = h("div", { class: "warnings" });
  const sections = model.layout.sections.map((section) => drawSection(model, section));
  const others = model.attachments.filter((attachment) => !model.layout.sections.some((section) => belongs(attachment, section)));
  const form = h("div", { class: "form" }, summary.element, warnings, sections,
    others.length > 0 && h("fieldset", {}, h("legend", {}, t("attachment.title")), others.map((attachment) => drawAttachment(model, attachment))),
    drawDeclaration(model));
  model.onChange = () => {
    refresh(model, form, warnings);
    update({});
  };
  refresh(model, form, warnings);
  return form;
}

/** Shows all that is wrong and puts the keyboard on the list of it. */
export function showErrors(model: FormModel): void {
  model.showAll = true;
  model.onChange();
  summary.focus();
}

/** Whether the attachment stands below the section's fields. */
function belongs(attachment: Attachment, { fields }: Section): boolean {
  return attachment.with !== undefined && fields.some(({ pointer }) => pointer === attachment.with || pointer.startsWith(`${attachment.with}/`));
}

function drawSection(model: FormModel, section: Section): HTMLElement {
  return h("fieldset", { class: "form-section" },
    h("legend", {}, model.text(section.title)),
    drawInstitution(model.description.institution, section.institution ?? []),
    h("div", { class: "fields" }, section.fields.map((field) => drawField(model, field))),
    model.attachments.filter((attachment) => belongs(attachment, section)).map((attachment) => drawAttachment(model, attachment)));
}

function drawField(model: FormModel, field: Field): HTMLElement {
  const id = idOf(field);
  const { schema } = schemaAt(model.schema, field.pointer);
  const label = h("label", { for: id }, model.text(field.label), h("span", { class: "optional", id: `${id}-optional` }, ` ${t("form.optional")}`));
  const hint = field.hint && h("p", { class: "hint", id: `${id}-hint` }, model.text(field.hint));
  const error = h("p", { class: "error-text", id: `${id}-error`, hidden: true });
  const control = drawControl(model, field, {
    id, "aria-describedby": `${field.hint ? `${id}-hint ` : ""}${id}-error`, autocomplete: "off",
    maxlength: schema.maxLength, inputmode: isDigits(schema.pattern) ? "numeric" : undefined,
  });
  control.addEventListener("blur", () => {
    model.touched.add(field.pointer);
    model.onChange();
  });
  const isCheck = model.widget(field) === "checkbox";
  const wide = field.width !== "half" || model.widget(field) === "multiline";
  return h("div", { class: `field ${wide ? "wide" : ""} ${isCheck ? "check" : ""}`, id: `${id}-place` },
    isCheck ? [control, label] : [label, control], hint, error);
}

function drawControl(model: FormModel, field: Field, props: Record<string, unknown>): HTMLElement {
  const value = model.value(field);
  const text = value === undefined ? "" : String(value);
  switch (model.widget(field)) {
    case "checkbox": {
      const { required, schema } = schemaAt(model.schema, field.pointer);
      const unchecked = required && schema.const !== true ? false : undefined;
      if (value === undefined && unchecked === false) model.type(field, false);
      const box = h("input", { ...props, maxlength: undefined, type: "checkbox", checked: value === true });
      box.addEventListener("change", () => model.choose(field, box.checked ? true : unchecked));
      return box;
    }
    case "choice": {
      const options = field.options ?? (schemaAt(model.schema, field.pointer).schema.enum as unknown[] ?? []).map((one) => ({ value: one, label: String(one) }));
      const select = h("select", { ...props, maxlength: undefined, inputmode: undefined },
        h("option", { value: "" }, t("form.choose")),
        options.map((option, index) => h("option", { value: index, selected: option.value === value }, model.text(option.label))));
      select.addEventListener("change", () => model.choose(field, select.value === "" ? undefined : options[Number(select.value)]!.value));
      return select;
    }
    case "multiline": {
      const area = h("textarea", { ...props, rows: 3, value: text });
      area.addEventListener("input", () => model.type(field, area.value.trim() === "" ? undefined : area.value));
      return area;
    }
    default: {
      const kind = model.widget(field);
      const input = h("input", { ...props, type: kind === "date" ? "date" : "text", inputmode: kind === "number" ? "decimal" : props.inputmode, value: text });
      input.addEventListener("input", () => model.type(field, kind === "number" ? toNumber(input.value) : input.value.trim() === "" ? undefined : input.value));
      return input;
    }
  }
}

function drawDeclaration(model: FormModel): HTMLElement | undefined {
  const { declaration } = model.layout;
  if (!declaration?.length) return undefined;
  return h("section", { class: "declaration" }, h("h3", {}, t("form.declaration")), declaration.map((key) => h("p", {}, model.text(key))));
}

function refresh(model: FormModel, form: HTMLElement, warnings: HTMLElement): void {
  const { shown, required } = model.standing();
  for (const field of model.fields) {
    const part = (name: string) => form.querySelector<HTMLElement>(`#${idOf(field)}${name}`)!;
    const control = part("");
    part("-place").hidden = !shown.has(field);
    if (!shown.has(field)) empty(control);
    part("-optional").hidden = required.has(field);
    setState(control, "aria-required", required.has(field));
    const text = [...new Set(model.errorsOf(field).map(({ message }) => pick(message)))].join(" ");
    const box = part("-error");
    if (box.textContent !== text) box.textContent = text;
    box.hidden = text === "";
    setState(control, "aria-invalid", text !== "");
  }
  form.querySelectorAll<HTMLElement>(".form-section").forEach((section, index) => {
    section.hidden = !model.layout.sections[index]!.fields.some((field) => shown.has(field));
  });
  refreshAttachments(model, form);
  summary.show(model);
  const lines = model.warnings.map(({ message }) => pick(message)).join(" ");
  if (warnings.textContent !== lines) warnings.replaceChildren(...(lines ? [drawNotice("warn", lines)] : []));
}

/** What a hidden field held is no part of the data any more, so its control must not keep it. */
function empty(control: HTMLElement): void {
  if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = false;
  else (control as HTMLInputElement).value = "";
}

function setState(control: HTMLElement, name: string, on: boolean): void {
  if (on) control.setAttribute(name, "true");
  else control.removeAttribute(name);
}

/** A number where it is one; else what was typed, so that the agent says what is wrong with it. */
function toNumber(text: string): unknown {
  if (text.trim() === "") return undefined;
  const value = Number(text.replace(",", "."));
  return Number.isNaN(value) ? text : value;
}

function isDigits(pattern: unknown): boolean {
  return typeof pattern === "string" && /^\^(\[0-9\]|\[1-9\]|\\d|\{\d+(,\d*)?\})+\$$/.test(pattern);
}
