// SPDX-License-Identifier: Apache-2.0
// The page's two languages. Turkish comes first and is what a visitor sees who has not chosen.
import type { Language, Text } from "imza-agent-client";
import en from "../messages/en.json";
import tr from "../messages/tr.json";

export type MessageKey = keyof typeof tr;

const messages: Record<Language, Record<MessageKey, string>> = { tr, en };
const KEY = "imza-agent.language";
const listeners: (() => void)[] = [];
let current: Language = stored() ?? "tr";

export function language(): Language {
  return current;
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // storage is off: the choice holds until the page is closed
  }
  listeners.forEach((listener) => listener());
}

export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}

/** The message, with {name} replaced by the values. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return messages[current][key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The page's language out of a text that has both. */
export function pick(text: Text): string {
  return text[current];
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(current, { dateStyle: "long", timeStyle: "medium" }).format(new Date(iso));
}

export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(current, { dateStyle: "medium" }).format(new Date(iso));
}

export function formatClock(time: Date): string {
  return new Intl.DateTimeFormat(current, { timeStyle: "medium" }).format(time);
}

/** Turkish lira, with two decimals. */
export function formatMoney(amount: number): string {
  return `${new Intl.NumberFormat(current, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(amount)} TL`;
}

export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB"];
  const power = bytes < 1024 ? 0 : bytes < 1048576 ? 1 : 2;
  return `${new Intl.NumberFormat(current, { maximumFractionDigits: 1 }).format(bytes / 1024 ** power)} ${units[power]}`;
}

function stored(): Language | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "tr" || value === "en" ? value : undefined;
  } catch {
    return undefined;
  }
}
