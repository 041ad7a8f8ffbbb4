// SPDX-License-Identifier: Apache-2.0
// Made-up people for the officer's batch: the same ones each time, with identity numbers that pass the checksum.
import names from "../../people.json";
import type { Json } from "../form/pointer.js";

const at = (list: string[], index: number) => list[index % list.length]!;

/** The application of the index-th made-up person: the form's example with another person in it. */
export function application(example: Json, index: number, date: string): Json {
  const givenName = at(names.givenNames, index);
  const surname = at(names.surnames, index * 5 + Math.floor(index / names.givenNames.length));
  const serial = String(index + 1).padStart(4, "0");
  const applicant = {
    ...(example.applicant as Json),
    identityNumber: identityNumber(200_000_000 + index),
    givenName, surname,
    birthDate: `${1965 + (index % 35)}-${String(1 + (index % 12)).padStart(2, "0")}-${String(1 + (index % 28)).padStart(2, "0")}`,
    mobilePhone: `0532 000 ${serial.slice(0, 2)} ${serial.slice(2)}`,
    email: `${plain(givenName)}.${plain(surname)}@hastane.example`,
  };
  const employment = {
    ...(example.employment as Json),
    kind: "staff", unit: at(names.units, index), title: at(names.titles, index * 3), registryNumber: `2026-${serial}`,
  };
  const { receipt: _, ...rest } = example;
  return { ...rest, applicationDate: date, applicant, employment };
}

/** Nine digits and their two check digits. */
export function identityNumber(nine: number): string {
  const digits = [...String(nine)].map(Number);
  const sum = (from: number) => digits.filter((_, index) => index % 2 === from).reduce((total, digit) => total + digit, 0);
  const tenth = (((sum(0) * 7 - sum(1)) % 10) + 10) % 10;
  const eleventh = (digits.reduce((total, digit) => total + digit, 0) + tenth) % 10;
  return `${nine}${tenth}${eleventh}`;
}

/** Small ASCII letters, for an address. */
function plain(name: string): string {
  return name.toLocaleLowerCase("tr").replaceAll("\u0131", "i").normalize("NFD").replaceAll(/[^a-z]/g, "");
}
