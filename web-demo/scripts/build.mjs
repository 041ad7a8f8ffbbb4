// SPDX-License-Identifier: Apache-2.0
// Builds client/dist (the library) and dist (the demo page). npm run build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const here = (...parts) => join(root, ...parts);
const node = (script, ...args) => execFileSync(process.execPath, [script, ...args], { stdio: "inherit", cwd: root });
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const common = { bundle: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning" };

node(here("client/scripts/generate-types.mjs"));

rmSync(here("client/dist"), { recursive: true, force: true });
await build({ ...common, entryPoints: [here("client/src/index.ts"), here("client/src/internal.ts")], splitting: true, outdir: here("client/dist") });
node(tsc, "-p", "client");

rmSync(here("dist"), { recursive: true, force: true });
mkdirSync(here("dist"));
await build({
  ...common,
  entryPoints: { app: here("page/src/main.ts"), style: here("page/style/main.css") },
  alias: { "imza-agent-client": here("client/src/index.ts") },
  minify: true,
  outdir: here("dist"),
});
for (const file of ["index.html", "icon.svg"]) cpSync(here("page", file), here("dist", file));
writeFileSync(here("dist/samples.json"), JSON.stringify(readSamples(here("../proto/examples/forms"))));

/** Form id -> data of a made-up person, for the page's button. */
function readSamples(folder) {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(names.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, name), "utf8"))]));
}
