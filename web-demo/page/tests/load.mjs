// SPDX-License-Identifier: Apache-2.0
// Imports one of the page's TypeScript files into Node.
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export async function load(path) {
  const entry = fileURLToPath(new URL(`../src/${path}`, import.meta.url));
  const alias = { "imza-agent-client": fileURLToPath(new URL("../../client/src/index.ts", import.meta.url)) };
  const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, format: "esm", write: false, alias });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
