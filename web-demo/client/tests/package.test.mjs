// SPDX-License-Identifier: Apache-2.0
// The packed package, in a project that has nothing else: it installs without a network, its types compile, its README's example for Node runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock_agent.mjs";

const client = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const ws = new URL("../../node_modules/ws/wrapper.mjs", import.meta.url);
const project = mkdtempSync(join(tmpdir(), "imza-agent-client-"));
const run = (program, words, cwd) => execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const compile = (name) => run(process.execPath, [tsc, "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", name], project);
let files;

before(() => {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--offline", "--pack-destination", project], client));
  files = packed.files.map(({ path }) => path);
  writeFileSync(join(project, "package.json"), '{"name": "portal", "private": true, "type": "module"}');
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`], project);
});
after(() => rmSync(project, { recursive: true, force: true }));

test("holds the module, its types and the README, no sources and no tests", () => {
  for (const path of ["package.json", "README.md", "dist/index.js", "dist/types/index.d.ts"]) assert.ok(files.includes(path), path);
  assert.deepEqual(files.filter((path) => !/^(dist\/|README\.md$|package\.json$|LICENSE$)/.test(path)), []);
});

test("needs no other package", () => {
  const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  assert.deepEqual(Object.keys(packages), ["", "node_modules/imza-agent-client"]);
});

test("its types compile in strict mode, and know a wrong parameter", () => {
  const use = (purpose) => `import { AgentClient, ConnectionError, PinLockedError, type Side } from "imza-agent-client";
    export async function first(): Promise<string> {
      const agent = await AgentClient.connect();
      const { certificates } = await agent.certificate.list({ filter: { purpose: "${purpose}" } });
      return certificates[0].id;
    }
    export const side = (error: unknown): Side | undefined => (error instanceof ConnectionError ? error.update : undefined);
    export const locked = (error: unknown) => error instanceof PinLockedError && error.retry;`;
  writeFileSync(join(project, "right.ts"), use("signature"));
  compile("right.ts");
  writeFileSync(join(project, "wrong.ts"), use("no such purpose"));
  assert.throws(() => compile("wrong.ts"), (error) => /no such purpose/.test(error.stdout));
});

test("the README's examples compile, one for each area of methods", () => {
  const readme = readFileSync(join(project, "node_modules/imza-agent-client/README.md"), "utf8");
  const examples = [...readme.matchAll(/```ts example\n([\s\S]*?)```/g)].map((match) => match[1]);
  const given = `import { AgentClient, AgentError, Batch, FormInvalidError, ManifestExpiredError, ManifestMismatchError, PinIncorrectError } from "imza-agent-client";
    declare const agent: AgentClient, data: Record<string, unknown>, file: File, files: File[], certificate: string;
    export { AgentError, Batch, FormInvalidError, ManifestExpiredError, ManifestMismatchError, PinIncorrectError };\n`;
  const functions = examples.map((body, index) => `export async function example${index}(): Promise<void> {\n${body}}\n`);
  writeFileSync(join(project, "examples.ts"), given + functions.join(""));
  assert.doesNotThrow(() => compile("examples.ts"), ({ stdout }) => assert.fail(stdout));
  const areas = new Set(readdirSync(new URL("../../../proto/methods", import.meta.url)).map((name) => name.split(".")[0]));
  for (const area of areas) assert.match(readme, new RegExp(`agent\\.${area}\\.`), area);
});

test("an error's data is typed by its reason", () => {
  const use = (member) => `import { FormInvalidError } from "imza-agent-client";
    export const places = (error: FormInvalidError): string[] => error.data.errors.map(({ ${member} }) => ${member});`;
  writeFileSync(join(project, "typed.ts"), use("pointer"));
  compile("typed.ts");
  writeFileSync(join(project, "mistyped.ts"), use("place"));
  assert.throws(() => compile("mistyped.ts"), (error) => /'place' does not exist/.test(error.stdout));
});

test("the README's example for Node runs as it stands", async () => {
  const readme = readFileSync(join(project, "node_modules/imza-agent-client/README.md"), "utf8");
  const [, example] = /```js node\n([\s\S]*?)```/.exec(readme);
  const mock = await startMock();
  try {
    // The only two things that this machine has elsewhere: the ws package, and the agent's port.
    writeFileSync(join(project, "example.mjs"), example.replace('"ws"', JSON.stringify(ws.href)).replace("15070", String(mock.port)));
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["example.mjs"], { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += bytes));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 0, output);
    assert.match(output, /agent 0\.1\.0 speaks imza\.v1/);
    assert.deepEqual(mock.faults, []);
  } finally {
    await mock.stop();
  }
});
