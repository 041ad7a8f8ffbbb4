// SPDX-License-Identifier: Apache-2.0
// What a signed form carries and what its pages say, read with PDF.js.
import { getDocumentProxy } from "unpdf";
import { Refusal } from "./refusal.mjs";

const squeezed = (text) => text.normalize("NFC").replace(/\s/gu, "");

/** {json: the attached form.json, files: the other attachments as {name, bytes}, text: all pages' text without spaces}. */
export async function readForm(pdf) {
  try {
    const document = await getDocumentProxy(new Uint8Array(pdf), { isEvalSupported: false, verbosity: 0 });
    const attachments = Object.values((await document.getAttachments()) ?? {});
    const forms = attachments.filter(({ filename }) => filename === "form.json");
    if (forms.length !== 1) throw new Error(`${forms.length} attachments named form.json`);
    const pages = [];
    for (let number = 1; number <= document.numPages; number++) {
      const { items } = await (await document.getPage(number)).getTextContent();
      pages.push(items.map(({ str }) => str).join(""));
    }
    const files = attachments.filter((one) => one !== forms[0]).map(({ filename, content }) => ({ name: filename, bytes: Buffer.from(content) }));
    return { json: Buffer.from(forms[0].content).toString("utf8"), files, text: squeezed(pages.join("")) };
  } catch (error) {
    throw new Refusal("other_form", error.message);
  }
}

/** Whether the page names this file by its digest. */
export const isOnPage = (text, digest) => text.includes(`SHA-256:${digest}`);

/** The first text of the data that the page lacks, in the language that fits best; undefined: all of it is there. form: {layout, texts}. */
export function missingOnPage(text, data, form) {
  const lacks = ["tr", "en"].map((language) => [...shown(data, form, language)].find((value) => !text.includes(squeezed(value))));
  return lacks.includes(undefined) ? undefined : lacks[0];
}

/** The data as the page writes it: a choice by its ticked label, a day as people write it. */
function* shown(data, { layout, texts }, language) {
  const label = (key) => texts[language][key];
  for (const { pointer, widget, options, label: key } of layout.sections.flatMap(({ fields }) => fields)) {
    const value = pointer.slice(1).split("/").reduce((object, name) => object?.[name], data);
    if (value === undefined) continue;
    if (widget === "choice") yield `☒ ${label(options.find((option) => option.value === value).label)}`;
    else if (widget === "checkbox") yield `${value ? "☒" : "☐"} ${label(key)}`;
    else if (widget === "date") yield dayOf(value, language);
    else if (widget === "number" && !Number.isInteger(value)) yield value.toFixed(2).replace(".", language === "tr" ? "," : ".");
    else yield String(value);
  }
}

function dayOf(iso, language) {
  const [year, month, day] = iso.split("-");
  if (language === "tr") return `${day}.${month}.${year}`;
  return `${Number(day)} ${new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(new Date(iso))} ${year}`;
}
