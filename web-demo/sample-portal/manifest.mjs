// SPDX-License-Identifier: Apache-2.0
// A manifest: this server, and no page, says which data of which form is to be signed (proto/docs/types.md). Made with Node's own cryptography.
import { createPublicKey, randomBytes, sign } from "node:crypto";
import { canonical, sha256 } from "./store.mjs";

const SECONDS = 300; // the agent takes at most 600
const base64url = (value) => Buffer.from(value).toString("base64url");

/** key: an Ed25519 private key (KeyObject); origin: the portal's own, from its settings; form: {id, version, title: {tr, en}}; attachments: [{id, sha256}]. A compact JWS. */
export function makeManifest(key, origin, { id, version, title }, { data, attachments = [] }) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    origin, jti: randomBytes(16).toString("base64url"), iat, exp: iat + SECONDS, purpose: title,
    form: { id, version, sha256: sha256(canonical(data)), ...(attachments.length && { attachments }) },
  };
  const text = [{ alg: "EdDSA", typ: "imza-manifest+jwt" }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${text}.${base64url(sign(null, Buffer.from(text), key))}`;
}

/** The line for the agents' administrators. */
export const manifestSetting = (key, origin) => `manifest-key = ${origin} ${createPublicKey(key).export({ format: "jwk" }).x}`;
