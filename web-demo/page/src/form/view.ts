// SPDX-License-Identifier: Apache-2.0
// Draws a form from its layout; keeps the errors under the fields without drawing the fields again.
import { h } from "../dom.js";
import { pick, t } from "../i18n.js";
import type { Field, FormModel } from "./model.js";
import { update } from "../state.js";
import { schemaAt } from "./pointer.js";

const idOf = (field: Field) => `field${field.pointer.replaceAll("/", "-").replaceAll(/[^\w-]/g, "_")}`;

export function drawForm(model: FormModel): HTMLElement {
  const strays = h("div", { class: "stray-errors" });
  const sections = model.layout.sections.map((section, index) =>
    h("fieldset", { class: "form-section" },
      h("legend", {}, model.text(section.title)),
      h("div", { class: "fields", id: `section-${index}` }, section.fields.map((field) => drawField(model, field)))));
  const form = h("div", { class: "form" }, strays, sections, drawDeclaration(model));
  model.onErrors = () => {
    showErrors(model, form, strays);
    update({});
  };
  showErrors(model, form, strays);
  return form;
}

/** Puts the cursor into the first field that is wrong. */
export function focusFirstError(model: FormModel): void {
  const wrong = model.fields.find((field) => model.errorsOf(field).length > 0);
  if (wrong) document.getElementById(idOf(wrong))?.focus();
}

function drawField(model: FormModel, field: Field): HTMLElement {
  const id = idOf(field);
  const { required, schema } = schemaAt(model.schema, field.pointer);
  const label = h("label", { for: id }, model.text(field.label), !required && h("span", { class: "optional" }, ` ${t("form.optional")}`));
  const hint = field.hint && h("p", { class: "hint", id: `${id}-hint` }, model.text(field.hint));
  const error = h("p", { class: "error-text", id: `${id}-error`, hidden: true });
  const control = drawControl(model, field, {
    id, "aria-describedby": `${field.hint ? `${id}-hint ` : ""}${id}-error`, "aria-required": required || undefined, autocomplete: "off",
    maxlength: schema.maxLength, inputmode: isDigits(schema.pattern) ? "numeric" : undefined,
  });
  control.addEventListener("blur", () => {
    model.touched.add(field.pointer);
    model.onErrors();
  });
  const isCheck = model.widget(field) === "checkbox";
  const wide = field.width !== "half" || model.widget(field) === "multiline";
  return h("div", { class: `field ${wide ? "wide" : ""} ${isCheck ? "check" : ""}`, "data-pointer": field.pointer },
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
      box.addEventListener("change", () => model.type(field, box.checked ? true : unchecked));
      return box;
    }
    case "choice": {
      const options = field.options ?? (schemaAt(model.schema, field.pointer).schema.enum as unknown[] ?? []).map((one) => ({ value: one, label: String(one) }));
      const select = h("select", { ...props, maxlength: undefined, inputmode: undefined },
        h("option", { value: "" }, t("form.choose")),
        options.map((option, index) => h("option", { value: index, selected: option.value === value }, model.text(option.label))));
      select.addEventListener("change", () => {
        model.touched.add(field.pointer);
        model.type(field, select.value === "" ? undefined : options[Number(select.value)]!.value);
      });
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

function showErrors(model: FormModel, form: HTMLElement, strays: HTMLElement): void {
  for (const field of model.fields) {
    const box = form.querySelector<HTMLElement>(`#${idOf(field)}-error`)!;
    const control = form.querySelector<HTMLElement>(`#${idOf(field)}`)!;
    const texts = [...new Set(model.errorsOf(field).map(({ message }) => pick(message)))];
    if (box.textContent !== texts.join(" ")) box.textContent = texts.join(" ");
    box.hidden = texts.length === 0;
    if (texts.length) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const stray = model.showAll ? model.strayErrors().map(({ message }) => h("p", { class: "error-text" }, pick(message))) : [];
  strays.replaceChildren(...stray);
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
