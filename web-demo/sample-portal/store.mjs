// SPDX-License-Identifier: Apache-2.0
// The portal's memory: SQLite as WebAssembly, so that nothing has to be compiled. A file's digest and its data's count once.
import { createHash, randomUUID } from "node:crypto";
import sqlite from "node-sqlite3-wasm";
import { Refusal } from "./refusal.mjs";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** JSON in the one form of RFC 8785, as a signed form carries its data: no spaces, members in the order of their names. */
export function canonical(data) {
  return JSON.stringify(data, (_, value) => (value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));
}

export class Store {
  constructor(path) {
    this.database = new sqlite.Database(path);
    this.database.exec(`
      CREATE TABLE IF NOT EXISTS application (number TEXT PRIMARY KEY, person TEXT NOT NULL, form TEXT NOT NULL, data TEXT NOT NULL,
        attachments TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', changed TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS signed_form (number TEXT PRIMARY KEY REFERENCES application, file_sha256 TEXT NOT NULL UNIQUE,
        data_sha256 TEXT NOT NULL UNIQUE, signer TEXT NOT NULL, pdf BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS attachment (number TEXT NOT NULL REFERENCES signed_form, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL);`);
  }

  /** A new application of this person, with the attachments that are to come ({id, sha256}); its number is the one-time number that the signed form comes back under. Refused where such a form was taken. */
  open(person, form, data, attachments = []) {
    if (this.database.get("SELECT 1 FROM signed_form WHERE data_sha256 = ?", [sha256(canonical(data))])) throw new Refusal("replayed");
    const number = randomUUID();
    this.database.run("INSERT INTO application (number, person, form, data, attachments, changed) VALUES (?, ?, ?, ?, ?, ?)",
      [number, person, form, JSON.stringify(data), JSON.stringify(attachments), new Date().toISOString()]);
    return this.find(number, person);
  }

  /** Only the person's own. */
  find(number, person) {
    const found = this.database.get("SELECT * FROM application WHERE number = ? AND person = ?", [number, person]);
    return found && { ...found, data: JSON.parse(found.data), attachments: JSON.parse(found.attachments) };
  }

  list(person) {
    return this.database.all(`SELECT number, form, state, reason, detail, changed, file_sha256 FROM application LEFT JOIN signed_form USING (number)
      WHERE person = ? ORDER BY changed DESC`, [person]);
  }

  setState(number, state, { reason = "", detail = "" } = {}) {
    this.database.run("UPDATE application SET state = ?, reason = ?, detail = ?, changed = ? WHERE number = ?",
      [state, reason, detail, new Date().toISOString(), number]);
  }

  /** Keeps the signed form; the same file, and the same data signed once more, are refused by the database itself. */
  accept(number, pdf, json, signer, files) {
    try {
      this.database.run("INSERT INTO signed_form VALUES (?, ?, ?, ?, ?)", [number, sha256(pdf), sha256(json), signer, pdf]);
    } catch (error) {
      throw /UNIQUE/.test(error.message) ? new Refusal("replayed", error.message) : error;
    }
    for (const { name, bytes } of files) this.database.run("INSERT INTO attachment VALUES (?, ?, ?, ?)", [number, name, sha256(bytes), bytes]);
    this.setState(number, "verified");
  }

  close() {
    this.database.close();
  }
}
