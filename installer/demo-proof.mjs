// SPDX-License-Identifier: Apache-2.0
// Signs one sample form through a running agent with the client library that portals use: demo-proof.mjs PORT ORIGIN FORM.json OUT.pdf
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { AgentClient } from "../web-demo/client/dist/index.js";

const Socket = createRequire(new URL("../web-demo/package.json", import.meta.url))("ws");
const [port, origin, formPath, outPath] = process.argv.slice(2);
const data = JSON.parse(await readFile(formPath, "utf8"));
const form = basename(formPath, ".json"); // an example is named after its form
data.applicationDate = new Date(Date.now() + 3 * 3600_000).toISOString().slice(0, 10); // today in Turkey

/** A browser sends the page's origin by itself; here there is no page. */
class PageSocket extends Socket {
  constructor(url, protocols) {
    super(url, protocols, { origin });
  }
}

const client = await AgentClient.connect({ WebSocket: PageSocket, ports: [Number(port)], scheme: "ws" });
try {
  await client.agent.requestAccess({ reason: "installer/demo" });
  const { certificates } = await client.certificate.list({ filter: { purpose: "signature", qualified: true, valid: true } });
  const certificate = certificates.find((one) => one.recommended) ?? certificates[0];
  if (!certificate) throw new Error("the token has no certificate to sign with");
  const signed = await client.form.sign({ form, data, certificate: certificate.id, format: "pades" });
  const content = await client.download(signed);
  await writeFile(outPath, Buffer.from(await content.arrayBuffer()));
  console.log(`  ${signed.name}: ${signed.size} bytes, signed by ${signed.signer.commonName} (${certificate.key.type} ${certificate.key.bits})`);
} catch (error) {
  console.error(`It failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}
