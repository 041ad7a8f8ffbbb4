// SPDX-License-Identifier: Apache-2.0
// What a section shows of the institution's profile: the account for the fee, a price and its year, the call centre, links.
import { h, icon } from "../dom.js";
import { formatMoney, pick, t } from "../i18n.js";

type Words = string | { tr: string; en: string };

interface Profile {
  account?: { holder: string; taxOffice: string; taxNumber: string; bank: string; iban: string };
  prices?: { year: number; items: { id: string; name: Words; amount: number }[] };
  callCentre?: { phone: string; email?: string };
  links?: { name: Words; url: string }[];
}

const words = (text: Words) => (typeof text === "string" ? text : pick(text));
const row = (term: string, value: Node | string | undefined) => (value ? [h("dt", {}, term), h("dd", {}, value)] : []);

/** The facts that these names stand for; undefined where the profile has none of them. */
export function drawInstitution(institution: object | undefined, names: string[]): HTMLElement | undefined {
  const profile = (institution ?? {}) as Profile;
  const rows = names.flatMap((name) => rowsOf(profile, name));
  return rows.length ? h("div", { class: "facts" }, icon("info"), h("dl", {}, rows)) : undefined;
}

function rowsOf({ account, prices, callCentre, links }: Profile, name: string): Node[] {
  if (name === "account" && account) {
    return [row(t("institution.holder"), account.holder), row(t("institution.tax"), `${account.taxOffice} · ${account.taxNumber}`),
      row(t("institution.bank"), account.bank), row("IBAN", h("span", { class: "iban" }, account.iban))].flat();
  }
  if (name === "callCentre" && callCentre) {
    const phone = h("a", { href: `tel:${callCentre.phone.replaceAll(" ", "")}` }, callCentre.phone);
    const email = callCentre.email && h("a", { href: `mailto:${callCentre.email}` }, callCentre.email);
    return row(t("institution.callCentre"), h("span", { class: "pair" }, phone, email));
  }
  if (name === "links" && links?.length) {
    return row(t("institution.links"), h("span", { class: "pair" },
      links.map(({ name: title, url }) => h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words(title)))));
  }
  const price = prices?.items.find(({ id }) => name === `price/${id}`);
  return price ? row(words(price.name), t("institution.price", { amount: formatMoney(price.amount), year: prices!.year })) : [];
}
