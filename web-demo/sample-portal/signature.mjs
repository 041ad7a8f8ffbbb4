// SPDX-License-Identifier: Apache-2.0
// Checks the PDF's signature twice: with the product's own verifier, and with PKI.js, which shares no code with it.
import { execFile } from "node:child_process";
import { webcrypto, X509Certificate } from "node:crypto";
import { fromBER } from "asn1js";
import * as pkijs from "pkijs";
import { Refusal } from "./refusal.mjs";

pkijs.setEngine("node", new pkijs.CryptoEngine({ name: "node", crypto: webcrypto }));

/** imza-agent verify --json: exit code 0: valid, 1: not valid, 2: it can't be told. words: the program and its options. */
export async function verifyWithAgent(path, [program, ...words]) {
  const { error, stdout, stderr } = await new Promise((done) =>
    execFile(program, [...words, "verify", "--json", path], { timeout: 30_000, maxBuffer: 16 << 20 }, (error, stdout, stderr) => done({ error, stdout, stderr })));
  if (!stdout) throw new Refusal("not_verified", stderr || error?.message);
  const { status, signatures } = JSON.parse(stdout);
  if (status !== "valid") throw new Refusal("signature_invalid", signatures.flatMap(({ reasons }) => reasons.map(({ code, cause }) => `${code} (${cause})`)).join(", "));
  if (signatures.length !== 1) throw new Refusal("signature_invalid", `${signatures.length} signatures`);
  if (signatures[0].coverage !== "whole_document") throw new Refusal("not_covered", signatures[0].coverage);
  return signatures[0];
}

/**
 * The same by itself: the byte range, the digest, the signature, the chain up to one of these authorities (PEM). Gives back the signer:
 * {certificate: DER, identityNumber: the subject's serialNumber, name}.
 */
export async function verifyWithPkijs(pdf, authorities) {
  const [a, aLength, b, bLength] = byteRange(pdf);
  const hole = pdf.subarray(a + aLength, b).toString("latin1");
  if (a !== 0 || b + bLength !== pdf.length || !/^<[0-9A-Fa-f]*>$/.test(hole)) throw new Refusal("not_covered", `${[a, aLength, b, bLength]} of ${pdf.length}`);
  const signed = Buffer.concat([pdf.subarray(a, a + aLength), pdf.subarray(b, b + bLength)]);
  try {
    const cms = new pkijs.SignedData({ schema: new pkijs.ContentInfo({ schema: fromBER(Buffer.from(hole.slice(1, -1), "hex")).result }).content });
    const known = (authorities.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));
    const parsed = known.map((one) => pkijs.Certificate.fromBER(one.raw));
    cms.certificates.push(...parsed);
    const trustedCerts = parsed.filter((_, index) => known[index].issuer === known[index].subject);
    const result = await cms.verify({ signer: 0, data: signed, checkChain: true, trustedCerts, extendedMode: true });
    if (cms.signerInfos.length !== 1 || !result.signatureVerified) throw new Error("the signature does not verify");
    const subject = (oid) => result.signerCertificate.subject.typesAndValues.filter(({ type }) => type === oid).map(({ value }) => value.valueBlock.value).join();
    return { certificate: Buffer.from(result.signerCertificate.toSchema().toBER()), identityNumber: subject("2.5.4.5"), name: subject("2.5.4.3") };
  } catch (error) {
    throw new Refusal("signature_invalid", `pkijs: ${error.message}`);
  }
}

/** [offset, length, offset, length] of the one signature. */
function byteRange(pdf) {
  const ranges = [...pdf.toString("latin1").matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)];
  if (ranges.length === 0) throw new Refusal("not_signed");
  if (ranges.length > 1) throw new Refusal("not_covered", `${ranges.length} signatures`);
  return ranges[0].slice(1).map(Number);
}
