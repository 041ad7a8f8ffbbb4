// SPDX-License-Identifier: Apache-2.0
// What the agent answers when an operation fails: a stable reason, and what to tell the user.

export type Language = "tr" | "en";
export type Text = Record<Language, string>;

/** The error member of a JSON-RPC response, as the agent sends it. */
export interface WireError {
  code: number;
  message: string;
  data?: { reason?: string; message?: Text; remedy?: Text; [member: string]: unknown };
}

/**
 * One failed call. Each reason of proto/errors.json has a class of its own (PinIncorrectError, ...), so that a page can write
 * `catch (error) { if (error instanceof PinLockedError) ... }`, or look at `reason`.
 */
export class AgentError extends Error {
  readonly reason: string;
  readonly code: number;
  /** What happened, for the user. */
  readonly text: Text;
  /** What the user can do about it. */
  readonly remedy: Text;
  /** Trying again may help. */
  readonly retry: boolean;
  /** Everything that the agent told beside the texts; the reason's own class types it: FormInvalidError has errors, PinIncorrectError has pin, ... */
  readonly data: Readonly<Record<string, unknown> & { detail?: string }>;
  /** The method that failed. */
  readonly method: string;

  constructor(method: string, error: WireError, retry: boolean) {
    const { reason = "internal", message, remedy, ...data } = error.data ?? {};
    super(`${method}: ${reason}: ${message?.en ?? error.message}`);
    this.name = new.target.name;
    this.method = method;
    this.reason = reason;
    this.code = error.code;
    this.text = message ?? { tr: error.message, en: error.message };
    this.remedy = remedy ?? { tr: "", en: "" };
    this.retry = retry;
    this.data = data;
  }
}
