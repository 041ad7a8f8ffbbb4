// SPDX-License-Identifier: Apache-2.0
// Writes client/src/generated/ from proto/: types.ts (the wire's types), errors.ts (one class a reason), api.ts (one function a method).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const proto = process.argv[2] ?? join(here, "../../../proto");
const out = process.argv[3] ?? join(here, "../src/generated");
const head = "// SPDX-License-Identifier: Apache-2.0\n// Made from proto/ by scripts/generate-types.mjs; not edited by hand.\n";

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const readFolder = (name) =>
  readdirSync(join(proto, name)).filter((file) => file.endsWith(".json")).sort().map((file) => readJson(join(proto, name, file)));

const pascal = (text) => text.replace(/(^|[._-])([a-z0-9])/g, (_, __, letter) => letter.toUpperCase());
const indent = (text) => text.replace(/^(?=.)/gm, "  ");
const doc = (text) => (text ? `/** ${text.replaceAll("*/", "* /")} */\n` : "");

/** Keywords that change a value's shape and that typeOf() does not read. */
const unread = ["patternProperties", "prefixItems"];

/** The TypeScript type of a schema. A keyword that would be lost ends the build: a type must not promise less than the wire. */
function typeOf(schema, where) {
  const lost = unread.find((keyword) => keyword in schema);
  if (lost) throw new Error(`${where}: generate-types.mjs does not read the keyword ${lost}`);
  if (schema.$ref) {
    const name = /^(?:types\.json)?#\/\$defs\/(\w+)$/.exec(schema.$ref)?.[1];
    if (!name) throw new Error(`${where}: a reference to ${schema.$ref}`);
    return pascal(name);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.oneOf) {
    return schema.oneOf.map((branch) => (schema.properties ? objectOf(schema, where, branch.required) : typeOf(branch, where))).join(" | ");
  }
  if (schema.allOf) return schema.allOf.map((member) => `(${typeOf(member, where)})`).join(" & ");
  if (schema.anyOf) return schema.anyOf.map((member) => typeOf(member, where)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, where)).join(" | ");
  switch (schema.type) {
    case "object": return objectOf(schema, where, []);
    case "array": return `Array<${typeOf(schema.items, where)}>`;
    case "integer":
    case "number": return "number";
    case "string":
    case "boolean":
    case "null": return schema.type;
    default: throw new Error(`${where}: a schema of type ${schema.type}`);
  }
}

function objectOf(schema, where, alsoRequired) {
  if (!schema.properties) return "Record<string, unknown>";
  const required = new Set([...(schema.required ?? []), ...alsoRequired]);
  const members = Object.entries(schema.properties).map(([name, member]) =>
    `${doc(member.description)}${name}${required.has(name) ? "" : "?"}: ${typeOf(member, `${where}.${name}`)};`);
  return members.length ? `{\n${indent(members.join("\n"))}\n}` : "Record<string, never>";
}

function typesFile(defs, methods, notifications) {
  const text = [head];
  const declare = (name, schema, where) => text.push(`${doc(schema.description)}export type ${name} = ${typeOf(schema, where)};\n`);
  for (const [name, schema] of Object.entries(defs)) declare(pascal(name), schema, `types.json ${name}`);
  for (const method of methods) {
    declare(`${pascal(method.name)}Params`, method.params, method.name);
    declare(`${pascal(method.name)}Result`, method.result, method.name);
  }
  for (const one of notifications) declare(`${pascal(one.name)}Event`, one.params, one.name);
  const rows = methods.map(({ name }) => `"${name}": { params: ${pascal(name)}Params; result: ${pascal(name)}Result };`);
  text.push(`export interface Methods {\n${indent(rows.join("\n"))}\n}\n\nexport type MethodName = keyof Methods;\n`);
  const events = notifications.map(({ name, summary }) => `${doc(summary)}"${name}": ${pascal(name)}Event;`);
  text.push(`export interface Notifications {\n${indent(events.join("\n"))}\n}\n\nexport type NotificationName = keyof Notifications;\n`);
  text.push(`export const notificationNames: readonly NotificationName[] = ${JSON.stringify(notifications.map(({ name }) => name))};\n`);
  return text.join("\n");
}

/** One class a reason; where the schema says what its data holds, typed so. */
function errorsFile({ errors, detail }, defs) {
  const text = [];
  for (const { reason, message, data } of errors) {
    const name = pascal(reason);
    if (!data) {
      text.push(`${doc(message.en)}export class ${name}Error extends AgentError {}\n`);
      continue;
    }
    text.push(`export type ${name}Data = ${objectOf({ ...data, properties: { ...data.properties, detail } }, reason, [])};\n`);
    text.push(`${doc(message.en)}export class ${name}Error extends AgentError {\n  declare readonly data: Readonly<${name}Data>;\n}\n`);
  }
  text.push(`export type ErrorReason =\n${indent(errors.map(({ reason }) => `| "${reason}"`).join("\n"))};\n`);
  const classes = errors.map(({ reason }) => `${reason}: ${pascal(reason)}Error,`);
  text.push(`export const errorClasses: Record<ErrorReason, typeof AgentError> = {\n${indent(classes.join("\n"))}\n};\n`);
  const retry = errors.filter((one) => one.retry).map(({ reason }) => reason);
  text.push(`export const worthRetrying: ReadonlySet<string> = new Set(${JSON.stringify(retry)});\n`);
  const body = text.join("\n");
  const used = Object.keys(defs).map(pascal).filter((name) => new RegExp(`[:<] ?${name}\\b`).test(body));
  return [head, 'import { AgentError } from "../agent_error.js";', `import type { ${used.join(", ")} } from "./types.js";\n`, body].join("\n");
}

function apiFile(methods) {
  const spaces = groupBySpace(methods);
  const names = methods.flatMap(({ name }) => [`${pascal(name)}Params`, `${pascal(name)}Result`]);
  const text = [head, `import type {\n${indent(["MethodName", "Methods", ...names].join(",\n"))},\n} from "./types.js";\n`];
  text.push('import type { CallOptions } from "../call_options.js";\n');
  text.push("export type Call = <M extends MethodName>(method: M, params: Methods[M][\"params\"], options?: CallOptions) => Promise<Methods[M][\"result\"]>;\n");
  for (const [space, members] of spaces) {
    const functions = members.map(({ name, summary, params }) => {
      const optional = (params.required ?? []).length === 0 ? " = {}" : "";
      const type = pascal(name);
      return `${doc(summary)}${name.split(".")[1]}(params: ${type}Params${optional}, options?: CallOptions): Promise<${type}Result> {\n` +
        `  return this.#call("${name}", params, options);\n}`;
    });
    text.push(`export class ${pascal(space)}Methods {\n  readonly #call: Call;\n\n  constructor(call: Call) {\n    this.#call = call;\n  }\n\n` +
      `${indent(functions.join("\n\n"))}\n}\n`);
  }
  const spaceNames = [...spaces.keys()];
  const fields = spaceNames.map((space) => `readonly ${space}: ${pascal(space)}Methods;`);
  const made = spaceNames.map((space) => `this.${space} = new ${pascal(space)}Methods(call);`);
  text.push("/** Every method as client.space.method(params, options). */\nexport abstract class Api extends EventTarget {\n" +
    `${indent(fields.join("\n"))}\n\n  constructor() {\n    super();\n` +
    `    const call: Call = (method, params, options) => this.call(method, params, options);\n${indent(indent(made.join("\n")))}\n  }\n\n` +
    "  abstract call<M extends MethodName>(method: M, params: Methods[M][\"params\"], options?: CallOptions): Promise<Methods[M][\"result\"]>;\n}\n");
  return text.join("\n");
}

function groupBySpace(methods) {
  const spaces = new Map();
  for (const method of methods) {
    const space = method.name.split(".")[0];
    spaces.set(space, [...(spaces.get(space) ?? []), method]);
  }
  return spaces;
}

const { $defs } = readJson(join(proto, "types.json"));
const errors = readJson(join(proto, "errors.json"));
const methods = readFolder("methods");
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "types.ts"), typesFile($defs, methods, readFolder("notifications")));
writeFileSync(join(out, "errors.ts"), errorsFile(errors, $defs));
writeFileSync(join(out, "api.ts"), apiFile(methods));
