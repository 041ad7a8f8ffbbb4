// SPDX-License-Identifier: Apache-2.0
// What a signed form carries and what its pages say, read with PDF.js.
import { getDocumentProxy } from "unpdf";
import { Refusal } from "./refusal.mjs";

const squeezed = (text) => text.normalize("NFC").replace(/\s/gu, "");

/** {data: the attached form.json, text: all pages' text without spaces}. */
export async function readForm(pdf) {
  try {
    const document = await getDocumentProxy(new Uint8Array(pdf), { isEvalSupported: false, verbosity: 0 });
    const attachments = Object.values((await document.getAttachments()) ?? {}).filter(({ filename }) => filename === "form.json");
    if (attachments.length !== 1) throw new Error(`${attachments.length} attachments named form.json`);
    const pages = [];
    for (let number = 1; number <= document.numPages; number++) {
      const { items } = await (await document.getPage(number)).getTextContent();
      pages.push(items.map(({ str }) => str).join(""));
    }
    return { json: Buffer.from(attachments[0].content).toString("utf8"), text: squeezed(pages.join("")) };
  } catch (error) {
    throw new Refusal("other_form", error.message);
  }
}

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
