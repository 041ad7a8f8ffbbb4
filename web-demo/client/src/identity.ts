// SPDX-License-Identifier: Apache-2.0
// Knows this user's agent again by its key: another user's program that sits on the port first does not have it.
import type { AgentInfoResult } from "./generated/types.js";

const PREFIX = "imza-agent identity 1\0";
const CHALLENGE_BYTES = 32;
const KEY = "imza-agent.identity"; // storage is the origin's own, so is what is remembered

export interface Challenge {
  origin: string;
  bytes: Uint8Array;
  /** For agent.info, base64. */
  text: string;
}

/** A fresh challenge; undefined where the page has no origin or no Web Cryptography, and so nothing to check with. */
export function makeChallenge(origin = globalThis.location?.origin): Challenge | undefined {
  if (!origin || !globalThis.crypto?.subtle) return undefined;
  const bytes = crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES));
  return { origin, bytes, text: btoa(String.fromCharCode(...bytes)) };
}

/**
 * Whether this agent may be trusted with what the page has: it holds the key that it shows, and that key is the remembered one, if one
 * is.  An agent that shows no key passes only where none is remembered.
 */
export async function isFamiliar(challenge: Challenge, identity: AgentInfoResult["identity"]): Promise<boolean> {
  const known = remembered();
  if (!identity) return known === undefined;
  return (known === undefined || known === identity.publicKey) && (await isProven(challenge, identity));
}

/** From now on only the agent with this key will do. */
export function remember(publicKey: string): void {
  try {
    globalThis.localStorage?.setItem(KEY, publicKey);
  } catch {
    // storage is off or full: the next connection meets the agent as a stranger
  }
}

/** The user says that another agent is fine: the next one that is allowed will be remembered. */
export function forget(): void {
  try {
    globalThis.localStorage?.removeItem(KEY);
  } catch {
    // storage is off: nothing was remembered
  }
}

function remembered(): string | undefined {
  try {
    return globalThis.localStorage?.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

async function isProven({ origin, bytes }: Challenge, { publicKey, signature }: NonNullable<AgentInfoResult["identity"]>): Promise<boolean> {
  const head = new TextEncoder().encode(`${PREFIX}${origin}\0`);
  const message = new Uint8Array(head.length + bytes.length);
  message.set(head);
  message.set(bytes, head.length);
  try {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", fromBase64(publicKey), algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, fromBase64(signature), message);
  } catch {
    return false; // not a key, or not base64
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
